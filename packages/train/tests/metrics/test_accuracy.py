"""Accuracy and top-k, and the forms that output and target may have."""

import math

import numpy as np
import pytest

from pebblegrad.train.metrics import Accuracy, TopK, accuracy, top_k

SCORES = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 1.0, 2.0], [5.0, 0.0, 0.0]])
NAN = float("nan")


def test_the_largest_score_is_the_class():
    assert accuracy(SCORES, [0, 1, 2, 1]) == 3 / 4


def test_probabilities_and_logits_give_the_same():
    e = np.exp(SCORES)

    assert accuracy(e / e.sum(axis=1, keepdims=True), [0, 1, 2, 1]) == 3 / 4


def test_the_first_of_equal_scores_wins():
    assert accuracy([[1.0, 1.0]], [0]) == 1.0
    assert accuracy([[1.0, 1.0]], [1]) == 0.0


def test_a_target_may_be_one_hot_rows_or_probabilities():
    one_hot = np.eye(3)[[0, 1, 2, 1]]

    assert accuracy(SCORES, one_hot) == 3 / 4
    assert accuracy(SCORES, one_hot.astype(np.uint8)) == 3 / 4
    assert accuracy(SCORES, one_hot * 0.9 + 0.1 / 3) == 3 / 4


def test_every_pixel_is_a_sample():
    scores = np.zeros((2, 3, 2, 2))
    scores[:, 1] = 1.0  # class 1 everywhere
    target = np.array([[[1, 1], [1, 0]], [[1, 2], [1, 1]]])

    assert accuracy(scores, target) == 6 / 8


def test_binary_scores_above_zero_are_class_one():
    scores = [-2.0, 0.0, 0.1, 5.0]

    assert accuracy(scores, [0, 0, 1, 1]) == 1.0  # 0 itself is not above


def test_binary_probabilities_need_their_threshold():
    scores = [0.2, 0.4, 0.6, 0.8]

    assert accuracy(scores, [0, 0, 1, 1], threshold=0.5) == 1.0
    assert accuracy(scores, [0, 0, 1, 1]) == 0.5


@pytest.mark.parametrize("output", [[1.0, -1.0], [[1.0], [-1.0]]])
@pytest.mark.parametrize("target", [[1, 1], [[1], [1]], [1.0, 1.0], [[True], [True]]])
def test_binary_scores_and_targets_may_be_columns(output, target):
    assert accuracy(output, target) == 0.5


def test_a_binary_target_may_be_a_probability():
    assert accuracy([1.0, -1.0, -1.0], [0.95, 0.05, 0.5]) == 1.0  # above 0.5 is 1


def test_binary_masks_have_one_channel():
    scores = np.array([[[[1.0, -1.0]]], [[[1.0, -1.0]]]])  # (2, 1, 1, 2)
    target = np.array([[[1, 0]], [[0, 0]]])  # (2, 1, 2)

    assert accuracy(scores, target) == 3 / 4
    assert accuracy(scores, target[:, None]) == 3 / 4


def test_integers_are_classes_already():
    assert accuracy([0, 1, 7], [0, 2, 7]) == 2 / 3
    assert accuracy(np.array([True, False]), np.array([1, 1])) == 0.5


def test_a_nan_among_the_scores_is_wrong_whatever_the_target():
    for target in (0, 1, 2):
        assert accuracy([[NAN, 1.0, 2.0]], [target]) == 0.0
        assert accuracy([[5.0, NAN, 2.0]], [target]) == 0.0
    for target in (0, 1):
        assert accuracy([NAN], [target]) == 0.0


def test_infinite_scores_are_in_order():
    assert accuracy([[math.inf, 1.0], [-math.inf, 1.0]], [0, 1]) == 1.0
    assert accuracy([math.inf, -math.inf], [1, 0]) == 1.0


def test_samples_with_one_target_can_be_left_out():
    target = [0, -100, 2, 1]

    assert accuracy(SCORES, target, ignore_index=-100) == 2 / 3
    assert accuracy([1.0, 1.0], [1.0, -1.0], ignore_index=-1) == 1.0
    assert accuracy([1, 1], [1, 9], ignore_index=9) == 1.0
    assert top_k(SCORES, target, k=2, ignore_index=-100) == 1.0
    with pytest.raises(RuntimeError, match="there are no samples yet"):
        accuracy(SCORES, [-1] * 4, ignore_index=-1)


def test_the_second_largest_is_enough_for_top_two():
    scores = [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]

    assert top_k(scores, [1, 2, 2], k=1) == 1 / 3
    assert top_k(scores, [1, 2, 2], k=2) == 2 / 3
    assert top_k(scores, [1, 2, 2], k=3) == 1.0
    assert top_k(scores, np.eye(3)[[1, 2, 2]], k=2) == 2 / 3


def test_top_one_is_accuracy_also_for_equal_scores(rng):
    scores = rng.integers(0, 3, (200, 5)).astype(float)
    scores[::9, 2] = NAN
    target = rng.integers(0, 5, 200)

    assert top_k(scores, target, k=1) == accuracy(scores, target)


def test_a_network_that_gives_the_same_to_all_classes_is_right_for_k_of_them():
    assert top_k(np.zeros((10, 10)), np.arange(10), k=3) == 3 / 10


def test_top_k_agrees_with_sorting(rng):
    scores, target = rng.standard_normal((100, 8)), rng.integers(0, 8, 100)
    largest = np.argsort(-scores, axis=1)[:, :3]

    found = top_k(scores, target, k=3)

    assert found == (largest == target[:, None]).any(axis=1).mean()


def test_a_nan_among_the_scores_is_wrong_for_all_k():
    assert top_k([[NAN, 1.0, 2.0], [3.0, 1.0, NAN]], [2, 0], k=3) == 0.0


def test_top_k_of_pixels():
    scores = np.zeros((1, 3, 2, 1))
    scores[0, :, 0, 0] = [3.0, 2.0, 1.0]
    scores[0, :, 1, 0] = [1.0, 2.0, 3.0]

    assert top_k(scores, [[[1], [0]]], k=2) == 0.5


@pytest.mark.parametrize(
    ("output", "target", "error", "message"),
    [
        (
            SCORES,
            [0, 1, 3, 1],
            ValueError,
            r"class 3; .*\(4, 3\) has the classes 0 to 2",
        ),
        (SCORES, [0, -1, 2, 1], ValueError, r"the class -1; .* \(ignore_index leaves"),
        (SCORES, [0.0, 1.0, 2.0, 1.0], TypeError, r"dtype float64; .*astype\(int\)"),
        (
            SCORES,
            [[0], [1], [2], [1]],
            ValueError,
            r"needed are classes \(4,\), or a r",
        ),
        (SCORES, np.eye(2)[[0, 1, 0, 1]], ValueError, r"target has shape \(4, 2\)"),
        (SCORES, np.full((4, 3), NAN), ValueError, "target has NaN; probabilities"),
        (np.ones((2, 0)), [0, 0], ValueError, r"shape \(2, 0\), which is 0 classes"),
        (
            [1.0, 2.0],
            [0, 2],
            ValueError,
            r"the class 2; .*\(2,\) has the classes 0 to 1",
        ),
        ([1.0, 2.0], [0.0, 2.0], ValueError, "value 2; with one score for a sample"),
        ([1.0, 2.0], [0.0, NAN], ValueError, "target has the value nan"),
        ([1.0, 2.0], np.ones((2, 2)), ValueError, "needs equal shapes"),
        ([1, 2], [[1], [2]], ValueError, "needs equal shapes"),
        ([1, -2], [1, 2], ValueError, "output has the class -2; classes are counted"),
        ([1, 2], [1, -2], ValueError, "target has the class -2; classes are counted f"),
        ([1, 2], [1.0, 2.0], TypeError, "target has dtype float64; classes are integ"),
    ],
)
def test_what_does_not_fit_is_refused(output, target, error, message):
    with pytest.raises(error, match=f"accuracy: .*{message}"):
        accuracy(output, target)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: TopK(0), ValueError, "TopK: k is 0; an integer from 1 on"),
        (lambda: TopK(True), ValueError, "TopK: k is True"),
        (lambda: TopK(1.5), ValueError, r"TopK: k is 1\.5"),
        (
            lambda: top_k(SCORES, [0] * 4),
            ValueError,
            "top5: there are 3 classes; among",
        ),
        (lambda: top_k([1, 2], [1, 2]), TypeError, "top5: .* not the class that won"),
        (
            lambda: top_k([1.0], [1]),
            ValueError,
            r"top5: output has shape \(1,\); scores",
        ),
        (
            lambda: Accuracy(threshold="0"),
            ValueError,
            "Accuracy: threshold is '0'; a nu",
        ),
        (lambda: Accuracy(threshold=NAN), ValueError, "Accuracy: threshold is nan"),
        (lambda: Accuracy(threshold=None), ValueError, "0 for logits and 0.5 for prob"),
    ],
)
def test_options_out_of_range_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
