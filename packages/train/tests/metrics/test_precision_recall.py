"""Precision, recall and F1 against numbers worked by hand."""

import math

import numpy as np
import pytest

from pebblegrad.train.metrics import (
    F1,
    Precision,
    Recall,
    accuracy,
    f1,
    precision,
    recall,
)

# Of three classes: true, said to be.
TARGET = [0, 1, 2, 0, 1, 2]
OUTPUT = [0, 2, 1, 0, 0, 1]
# class 0: right 2, said 3 (samples 0, 3, 4), true 2
# class 1: right 0, said 2 (samples 2, 5),    true 2
# class 2: right 0, said 1 (sample 1),        true 2
NAN = float("nan")


def test_each_class_has_its_own_numbers():
    np.testing.assert_array_equal(
        precision(OUTPUT, TARGET, average=None), [2 / 3, 0, 0]
    )
    np.testing.assert_array_equal(recall(OUTPUT, TARGET, average=None), [1, 0, 0])
    np.testing.assert_array_equal(f1(OUTPUT, TARGET, average=None), [4 / 5, 0, 0])


def test_macro_is_the_mean_over_the_classes():
    assert precision(OUTPUT, TARGET, average="macro") == pytest.approx(2 / 9, rel=1e-15)
    assert recall(OUTPUT, TARGET, average="macro") == pytest.approx(1 / 3, rel=1e-15)
    assert f1(OUTPUT, TARGET, average="macro") == pytest.approx(4 / 15, rel=1e-15)


def test_the_macro_f1_is_no_f1_of_the_macro_averages():
    output, target = [0, 0, 0, 1], [0, 0, 1, 1]

    # precision 2/3 and 1, recall 1 and 1/2: the harmonic mean of 5/6 and 3/4 is 15/19
    assert f1(output, target) == pytest.approx((4 / 5 + 2 / 3) / 2, rel=1e-15)


def test_micro_is_the_accuracy_where_all_samples_have_a_prediction():
    for function in (precision, recall, f1):
        assert function(OUTPUT, TARGET, average="micro") == 2 / 6
    assert accuracy(OUTPUT, TARGET) == 2 / 6


def test_weighted_counts_classes_by_their_true_samples():
    output, target = [0, 0, 0, 1], [0, 0, 1, 1]
    # precision 2/3 and 1, recall 1 and 1/2, F1 4/5 and 2/3; two samples each
    assert precision(output, target, average="weighted") == (2 / 3 + 1) / 2
    # With three samples of class 0 and one of class 1:
    output, target = [0, 0, 1, 1], [0, 0, 0, 1]
    # precision 1 and 1/2, recall 2/3 and 1, F1 4/5 and 2/3
    assert precision(output, target, average="weighted") == (3 * 1 + 1 / 2) / 4
    assert recall(output, target, average="weighted") == (3 * (2 / 3) + 1) / 4
    assert f1(output, target, average="weighted") == pytest.approx(
        (3 * 4 / 5 + 2 / 3) / 4, rel=1e-15
    )


def test_binary_is_about_class_one():
    output, target = [0, 1, 1, 1], [0, 1, 1, 0]  # right 2, said 3, true 2

    assert precision(output, target, average="binary") == 2 / 3
    assert recall(output, target, average="binary") == 1.0
    assert f1(output, target, average="binary") == 4 / 5


def test_auto_is_binary_for_one_score_and_macro_for_more():
    target = [0, 1, 1, 0]
    scores = np.array([-1.0, 1.0, 1.0, 1.0])
    both = np.stack([-scores, scores], axis=1)

    assert precision(scores, target) == 2 / 3
    assert precision(scores[:, None], target) == 2 / 3
    assert precision(both, target) == (1 + 2 / 3) / 2
    assert precision([0, 1, 1, 1], target) == (1 + 2 / 3) / 2


def test_the_order_of_arguments_matters():
    assert precision(OUTPUT, TARGET, average=None)[0] == 2 / 3
    assert precision(TARGET, OUTPUT, average=None)[0] == 1.0  # that is the recall


def test_f1_is_counted_over_all_samples_and_not_averaged_over_batches():
    metric = F1(average="binary")

    metric.update([1, 1], [1, 0])  # alone 2/3
    metric.update([0, 1], [1, 1])  # alone 2/3
    metric.update([1], [0])  # alone 0

    assert metric.compute() == 2 * 2 / (4 + 3)


def test_classes_that_appear_late_are_counted_from_then_on():
    metric = Recall(average=None)

    metric.update([0], [0])
    metric.update([3, 0], [3, 3])
    metric.update([1], [0])

    np.testing.assert_array_equal(metric.compute(), [1 / 2, 0, 0, 1 / 2])


def test_a_class_that_nobody_saw_is_not_averaged_but_is_in_the_array():
    scores = np.eye(4)[[0, 1, 1]]  # of four classes two occur

    assert recall(scores, [0, 1, 1]) == 1.0
    np.testing.assert_array_equal(recall(scores, [0, 1, 1], average=None), [1, 1, 0, 0])


@pytest.mark.parametrize("zero_division", [0.0, 0.5, 1, NAN])
def test_zero_over_zero_is_what_is_asked_for(zero_division):
    output, target = [0, 0], [0, 1]  # class 1 is never predicted, class 0 is half right

    each = precision(output, target, average=None, zero_division=zero_division)

    np.testing.assert_array_equal(each, [0.5, zero_division])


def test_zero_over_zero_as_nan_is_left_out_of_the_average():
    output, target = [0, 0], [0, 1]

    assert precision(output, target, average="macro") == 0.25
    assert precision(output, target, average="macro", zero_division=1.0) == 0.75
    assert precision(output, target, average="macro", zero_division=NAN) == 0.5
    assert precision(output, target, average="weighted", zero_division=NAN) == 0.5


def test_f1_is_zero_and_not_undefined_where_there_is_something_to_find():
    np.testing.assert_array_equal(
        f1([0, 0], [0, 1], average=None, zero_division=1.0), [2 / 3, 0.0]
    )


def test_an_average_of_nothing_but_nan_is_nan():
    # All scores are NaN, so that no class was ever predicted.
    assert math.isnan(precision([[NAN, NAN]], [0], zero_division=NAN))
    assert math.isnan(precision([[NAN, NAN]], [0], average="micro", zero_division=NAN))
    assert precision([[NAN, NAN]], [0]) == 0.0


def test_weights_that_are_all_zero_are_left_out():
    # The one class of the target, 0, is undefined; class 1 has precision 0, weight 0.
    assert precision([1, 1], [0, 0], average="weighted", zero_division=NAN) == 0.0


def test_binary_without_a_one_in_sight_is_zero_over_zero():
    assert precision([-1.0, -2.0], [0, 0]) == 0.0
    assert recall([-1.0, -2.0], [0, 0], zero_division=1.0) == 1.0
    assert f1([0, 0], [0, 0], average="binary", zero_division=0.5) == 0.5


def test_a_nan_is_a_sample_that_was_not_found():
    scores = [[1.0, 0.0], [NAN, 0.0], [0.0, 1.0]]
    target = [0, 0, 1]

    np.testing.assert_array_equal(recall(scores, target, average=None), [0.5, 1.0])
    np.testing.assert_array_equal(precision(scores, target, average=None), [1.0, 1.0])
    assert recall(scores, target, average="micro") == 2 / 3
    assert precision(scores, target, average="micro") == 1.0


def test_the_harmonic_mean_holds_for_random_classes(rng):
    output, target = rng.integers(0, 6, 500), rng.integers(0, 6, 500)
    p, r = (g(output, target, average=None) for g in (precision, recall))

    np.testing.assert_allclose(
        f1(output, target, average=None), 2 * p * r / (p + r), rtol=1e-14
    )


def test_the_array_that_is_returned_is_no_part_of_the_metric():
    metric = Precision(average=None)
    metric.update(OUTPUT, TARGET)

    metric.compute()[:] = 7

    np.testing.assert_array_equal(metric.compute(), [2 / 3, 0, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F1("mean"), r'F1: average is \'mean\'; give "auto", "macro", "micro"'),
        (lambda: F1(1), "F1: average is 1; give"),
        (
            lambda: Recall(zero_division=2),
            "Recall: zero_division is 2; a number from 0",
        ),
        (lambda: Recall(zero_division="warn"), "zero_division is 'warn'; .*, or NaN,"),
        (lambda: Precision(threshold=[1]), r"Precision: threshold is \[1\]; a number"),
        (
            lambda: precision(OUTPUT, TARGET, average="binary"),
            'precision: there are 3 classes; average="binary" is for 2',
        ),
        (
            lambda: recall(np.ones((2, 3)), [0, 0], average="binary"),
            "recall: there are 3 classes",
        ),
        (lambda: f1(np.ones((2, 3)), [0, 3]), "f1: target has the class 3"),
    ],
)
def test_wrong_options_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
