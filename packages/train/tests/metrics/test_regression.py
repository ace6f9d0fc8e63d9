"""MAE, MSE, RMSE and R2 against numbers worked by hand."""

import math
from fractions import Fraction

import numpy as np
import pytest

from pebblegrad.train.metrics import R2, RMSE, mae, mse, r2, rmse

OUTPUT = [2.5, 0.0, 2.0, 8.0]
TARGET = [3.0, -0.5, 2.0, 7.0]  # wrong by -0.5, 0.5, 0 and 1


def test_the_mean_absolute_error():
    assert mae(OUTPUT, TARGET) == (0.5 + 0.5 + 0 + 1) / 4


def test_the_mean_squared_error_and_its_root():
    assert mse(OUTPUT, TARGET) == (0.25 + 0.25 + 0 + 1) / 4
    assert rmse(OUTPUT, TARGET) == math.sqrt(0.375)


def test_the_coefficient_of_determination():
    # mean 2.875; squares about it 0.125^2 + 3.375^2 + 0.875^2 + 4.125^2 = 29.1875
    assert r2(OUTPUT, TARGET) == 1 - 1.5 / 29.1875


def test_r2_has_no_lower_bound_and_is_zero_for_the_mean():
    assert r2([2.0, 2.0, 2.0], [1.0, 2.0, 3.0]) == 0.0
    assert r2([3.0, 2.0, 1.0], [1.0, 2.0, 3.0]) == 1 - 8 / 2


def test_r2_is_not_symmetrical():
    assert r2([1.0, 2.0, 5.0], [1.0, 3.0, 5.0]) == 1 - 1 / 8
    assert r2([1.0, 3.0, 5.0], [1.0, 2.0, 5.0]) != 1 - 1 / 8


def test_columns_are_averaged_by_r2():
    output = [[1.0, 10.0], [2.0, 20.0], [3.0, 40.0]]
    target = [[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]]

    # 1 for the first; 1 - (0 + 100 + 400) / (100 + 100 + 0) = -1.5 for the second
    assert r2(output, target) == (1.0 - 1.5) / 2


def test_all_elements_count_alike_in_the_other_three():
    output = [[0.0, 3.0], [0.0, 0.0]]
    target = [[0.0, 0.0], [4.0, 0.0]]

    assert mae(output, target) == 7 / 4
    assert mse(output, target) == 25 / 4
    assert rmse(output, target) == 2.5  # and not (sqrt(8) + sqrt(4.5)) / 2


def test_a_root_is_taken_at_the_end_and_not_for_each_batch():
    metric = RMSE()

    metric.update([0.0], [4.0])
    metric.update([0.0, 0.0, 0.0], [0.0, 0.0, 0.0])

    assert metric.compute() == 2.0  # sqrt(16 / 4); a mean of roots would be 1


@pytest.mark.parametrize("target", [[0.1] * 3, [5.0] * 3, [0.0] * 3, [1e9 + 0.1] * 30])
def test_targets_that_are_all_equal_give_one_if_met_and_zero_if_not(target):
    target = np.array(target)

    assert r2(target, target) == 1.0
    assert r2(target + 1.0, target) == 0.0
    metric = R2()
    for one in target:
        metric.update([one + 1.0], [one])
    assert metric.compute() == 0.0


def test_a_large_mean_costs_no_digits():
    metric = R2()
    target = 1e9 + np.arange(1000.0)
    output = target + np.tile([0.5, -0.5], 500)

    for start in range(0, 1000, 7):
        metric.update(output[start : start + 7], target[start : start + 7])

    # squares about the mean of 0 ... n-1: n (n^2 - 1) / 12
    exact = 1 - Fraction(1000, 4) / Fraction(1000 * (1000**2 - 1), 12)
    # Sums of squares of about 1e9 would have lost all but none of these digits.
    assert abs(metric.compute() - float(exact)) < 1e-14


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_sums_are_in_float64(dtype):
    output = np.full(4096, 300, dtype)  # squares of float16 would be infinite
    target = np.zeros(4096, dtype)

    assert mse(output, target) == 90000.0
    assert mae(output, target) == 300.0


def test_unsigned_integers_do_not_wrap_around():
    assert mae(np.array([1], np.uint8), np.array([3], np.uint8)) == 2.0
    assert mae([True, False], [False, False]) == 0.5


def test_a_column_and_a_row_of_numbers_count_as_the_same():
    assert mae([[1.0], [2.0]], [1.0, 4.0]) == 1.0
    assert r2([1.0, 2.0, 5.0], [[1.0], [3.0], [5.0]]) == 0.875


@pytest.mark.parametrize("function", [mae, mse, rmse, r2])
def test_a_nan_makes_the_result_nan_without_a_warning(function):
    assert math.isnan(function([1.0, float("nan"), 2.0], [1.0, 2.0, 3.0]))
    assert math.isnan(function([float("inf")] * 2, [float("inf")] * 2))


def test_an_infinite_error_is_infinite():
    assert mae([float("inf"), 0.0], [0.0, 0.0]) == math.inf
    assert mse([1e200], [0.0]) == math.inf
    assert r2([float("inf"), 0.0], [0.0, 1.0]) == -math.inf


def test_a_nan_in_one_constant_column_is_seen():
    assert math.isnan(r2([[float("nan")], [1.0]], [[1.0], [1.0]]))


def test_one_sample_is_enough_for_all_but_r2():
    assert mae([1.0], [3.0]) == 2.0
    with pytest.raises(ValueError, match=r"r2: there is 1 sample; at least 2 are nee"):
        r2([1.0], [3.0])


def test_columns_that_change_between_batches_are_refused():
    metric = R2()
    metric.update([[1.0, 2.0], [3.0, 5.0]], [[1.0, 2.0], [3.0, 4.0]])
    before = metric.compute()

    with pytest.raises(ValueError, match=r"r2: target has 3 numbers for a sample; the"):
        metric.update(np.ones((2, 3)), np.ones((2, 3)))

    assert metric.compute() == before


@pytest.mark.parametrize(
    ("output", "target"),
    [
        (np.ones((2, 2)), np.ones(2)),
        (np.ones((2, 3)), np.ones((2, 1))),
        (np.ones((2, 1, 1)), np.ones((2, 1))),
    ],
)
def test_other_shapes_are_refused_instead_of_broadcast(output, target):
    with pytest.raises(ValueError, match=r"output has shape .* the two must be equal"):
        mae(output, target)
