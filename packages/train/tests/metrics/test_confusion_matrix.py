"""The matrix of true against predicted classes."""

import numpy as np
import pytest

from pebblegrad.train.metrics import ConfusionMatrix, accuracy, confusion_matrix, recall

TARGET = [2, 0, 2, 2, 0, 1]
OUTPUT = [0, 0, 2, 2, 0, 2]
MATRIX = [
    [2, 0, 0],  # of two zeros both were found
    [0, 0, 1],  # the one was taken for a two
    [1, 0, 2],  # of three twos one was taken for a zero
]


def test_rows_are_true_classes_and_columns_predicted_ones():
    found = confusion_matrix(OUTPUT, TARGET)

    np.testing.assert_array_equal(found, MATRIX)
    assert found.dtype == np.int64


def test_arguments_the_other_way_round_give_the_other_matrix():
    np.testing.assert_array_equal(
        confusion_matrix(TARGET, OUTPUT), np.transpose(MATRIX)
    )


def test_fractions_are_of_rows_columns_or_all():
    rows = confusion_matrix(OUTPUT, TARGET, normalize="true")
    columns = confusion_matrix(OUTPUT, TARGET, normalize="pred")
    both = confusion_matrix(OUTPUT, TARGET, normalize="all")

    np.testing.assert_array_equal(rows, [[1, 0, 0], [0, 0, 1], [1 / 3, 0, 2 / 3]])
    np.testing.assert_array_equal(
        columns, [[2 / 3, 0, 0], [0, 0, 1 / 3], [1 / 3, 0, 2 / 3]]
    )
    np.testing.assert_array_equal(both, np.array(MATRIX) / 6)


def test_there_are_as_many_classes_as_scores_or_as_asked_for():
    assert confusion_matrix(np.eye(5)[[0, 1]], [0, 1]).shape == (5, 5)
    assert confusion_matrix([1.0, -1.0], [0, 0]).shape == (2, 2)
    assert confusion_matrix([0, 3], [0, 1]).shape == (4, 4)
    assert confusion_matrix([0, 0], [0, 0]).shape == (1, 1)
    assert confusion_matrix([0, 3], [0, 1], 6).shape == (6, 6)


def test_scores_may_be_fewer_than_the_classes():
    np.testing.assert_array_equal(
        confusion_matrix([-1.0, 1.0], [0, 1], 3), np.diag([1, 1, 0])
    )


def test_the_diagonal_is_what_the_other_metrics_count(rng):
    scores, target = rng.standard_normal((300, 7)), rng.integers(0, 7, 300)
    matrix = confusion_matrix(scores, target)

    assert matrix.sum() == 300
    assert matrix.trace() / 300 == accuracy(scores, target)
    np.testing.assert_array_equal(
        matrix.diagonal() / matrix.sum(axis=1), recall(scores, target, average=None)
    )


def test_what_is_returned_is_no_part_of_the_metric():
    metric = ConfusionMatrix(3)
    metric.update(OUTPUT, TARGET)
    first = metric.compute()

    first[:] = 0
    metric.update(OUTPUT, TARGET)

    np.testing.assert_array_equal(metric.compute(), 2 * np.array(MATRIX))


def test_options_of_the_classes_are_passed_on():
    found = confusion_matrix(
        [0.2, 0.7, 0.9], [0, -1, 1], threshold=0.5, ignore_index=-1
    )

    np.testing.assert_array_equal(found, [[1, 0], [0, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ConfusionMatrix(0),
            "ConfusionMatrix: num_classes is 0; an integer fr",
        ),
        (lambda: ConfusionMatrix(2.5), r"ConfusionMatrix: num_classes is 2\.5"),
        (
            lambda: ConfusionMatrix(2, normalize="rows"),
            'normalize is \'rows\'; give "true", "pred"',
        ),
        (
            lambda: confusion_matrix(OUTPUT, TARGET, 2),
            "there is the class 2; num_classes is 2, so classes are 0 to 1",
        ),
        (
            lambda: confusion_matrix([[np.nan, 1.0], [0.0, 1.0]], [0, 0]),
            "the scores of 1 of 2 samples have NaN, so that no class can be told",
        ),
    ],
)
def test_what_has_no_place_in_the_matrix_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_refused_batch_is_not_half_counted():
    metric = ConfusionMatrix(3)
    metric.update(OUTPUT, TARGET)

    with pytest.raises(ValueError, match="there is the class 5"):
        metric.update([0, 5], [0, 0])

    np.testing.assert_array_equal(metric.compute(), MATRIX)
