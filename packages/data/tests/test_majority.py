"""`majority_bits`: seed 004's task."""

import numpy as np
import pytest

from pebblegrad.data import majority_bits, target_generator


def test_a_single_sample_is_five_bits_and_their_majority():
    x, y = majority_bits()

    assert (x.shape, y.shape) == ((5,), (1,))
    assert x.dtype == y.dtype == np.float32
    assert set(x.tolist()) <= {0.0, 1.0}
    assert y[0] == (x.sum() >= 3)


def test_target_generator_is_its_other_name():
    assert target_generator is majority_bits


@pytest.mark.parametrize("n_bits", [1, 3, 7, 31])
def test_of_many_samples_each_target_is_the_majority_of_its_row(n_bits):
    x, y = majority_bits(200, n_bits, dtype="f8", rng=0)

    assert (x.shape, y.shape, x.dtype) == ((200, n_bits), (200, 1), np.float64)
    np.testing.assert_array_equal(y[:, 0], np.median(x, axis=1))
    assert set(y[:, 0]) == {0.0, 1.0}


@pytest.mark.parametrize("count", [0, 1])
def test_no_samples_and_one_keep_the_axis_of_samples(count):
    x, y = majority_bits(count)

    assert (x.shape, y.shape) == ((count, 5), (count, 1))


def test_every_input_occurs_and_a_seed_repeats_them():
    x, _ = majority_bits(1000, rng=0)
    again, _ = majority_bits(1000, rng=0)

    assert len(np.unique(x, axis=0)) == 32
    np.testing.assert_array_equal(x, again)


def test_a_weighted_sum_and_a_threshold_solve_it():
    x, y = majority_bits(500, rng=0)

    np.testing.assert_array_equal(y[:, 0], x @ np.ones(5) - 2.5 > 0)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"n_bits": 4}, ValueError, "n_bits is 4; needed is an odd number, as half of"),
        ({"n_bits": -1}, ValueError, "n_bits is -1; needed is at least 1"),
        ({"n_bits": 5.0}, TypeError, "n_bits is 5.0; needed is an integer"),
        ({"n_samples": -1}, ValueError, "n_samples is -1; needed is at least 0"),
        ({"dtype": bool}, ValueError, "majority_bits: dtype is bool; needed is a floa"),
        ({"rng": 1.5}, TypeError, "majority_bits: rng is 1.5; needed is an integer"),
    ],
)
def test_wrong_arguments_are_named_with_what_was_needed(options, error, said):
    with pytest.raises(error, match=said):
        majority_bits(**options)
