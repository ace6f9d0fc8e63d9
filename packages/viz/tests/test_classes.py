import numpy as np
import pytest

from pebblegrad.viz._classes import judge, read_labels

LABELS = np.array([0, 1])


def test_softmax_and_the_logistic_function_do_not_overflow():
    many = judge(np.array([[1000.0, -1000.0], [-1e308, 1e308]]), LABELS, "auto")
    one = judge(np.array([-1000.5, 1e308, np.inf, -np.inf]), LABELS, "auto")

    assert many.shares.tolist() == [[1, 0], [0, 1]]
    assert one.shares[1:3].tolist() == [[0, 1], [0, 1]]
    assert one.said.tolist()[:2] == [0, 1]


def test_what_is_not_a_number_has_no_class():
    verdict = judge(np.array([[0.5, np.nan], [2.0, 1.0]]), LABELS, "auto")

    assert np.isnan(verdict.shares[0]).all()
    assert verdict.said.tolist() == [-1, 0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_probabilities_are_recognised_at_every_precision(rng, dtype):
    scores = rng.random((50, 7)).astype(dtype)
    shares = (scores / scores.sum(axis=1, keepdims=True)).astype(dtype)
    verdict = judge(shares, LABELS, "auto")

    np.testing.assert_array_equal(verdict.shares, shares)


def test_labels_of_the_model_and_of_the_points_are_classes():
    assert judge(np.array([5, 5]), np.array([2, 7]), "auto").classes == [2, 5, 7]


def test_thousands_of_labels_are_scores():
    with pytest.raises(ValueError, match=r"2,000 different whole numbers; .*'logits'"):
        judge(np.arange(2000), np.array([0, 1]), "auto")


def test_true_classes_are_whole_numbers():
    assert read_labels([[2.0], [0.0]], 2).tolist() == [2, 0]
