"""`make_regression`: what was put in can be found again."""

import numpy as np
import pytest

from pebblegrad.data import make_regression


def test_the_defaults_are_those_of_scikit_learn():
    X, y = make_regression()

    assert (X.shape, X.dtype) == ((100, 100), np.float32)
    assert (y.shape, y.dtype) == ((100,), np.float32)


def test_the_weights_can_be_found_again_by_least_squares():
    X, y, weights = make_regression(
        200, 20, n_informative=5, n_targets=3, bias=7, coef=True, dtype="f8", rng=0
    )

    found = np.linalg.lstsq(np.column_stack([X, np.ones(200)]), y, rcond=None)[0]
    assert (y.shape, weights.shape) == ((200, 3), (20, 3))
    np.testing.assert_allclose(found[:-1], weights, atol=1e-9)
    np.testing.assert_allclose(found[-1], 7)
    assert (weights != 0).any(axis=1).sum() == 5
    assert weights.min() >= 0
    assert weights.max() <= 100


def test_targets_are_right_for_the_rounded_inputs_too():
    X, y, weights = make_regression(50, 10, coef=True, rng=0)

    exact = X.astype(np.float64) @ weights.astype(np.float64)
    np.testing.assert_allclose(y, exact, rtol=1e-6, atol=1e-4)


def test_noise_has_its_deviation():
    quiet = make_regression(20_000, 2, shuffle=False, dtype="f8", rng=0)[1]
    loud = make_regression(20_000, 2, shuffle=False, noise=3, dtype="f8", rng=0)[1]

    # 20,000 draws: the deviation is known to 0.5 %, and 3 % is six times that.
    np.testing.assert_allclose((loud - quiet).std(), 3, rtol=0.03)


def test_without_shuffling_the_first_features_have_the_weight():
    weights = make_regression(9, 8, n_informative=3, coef=True, shuffle=False)[2]

    assert (weights != 0).tolist() == [True] * 3 + [False] * 5


@pytest.mark.parametrize("shape", [(30, 12), (12, 30)])
def test_the_singular_values_fall_as_was_asked_for(shape):
    X, _ = make_regression(*shape, effective_rank=3, tail_strength=0.2, dtype="f8")

    i = np.arange(12) / 3
    expected = 0.8 * np.exp(-(i**2)) + 0.2 * np.exp(-0.1 * i)
    np.testing.assert_allclose(np.linalg.svd(X, compute_uv=False), expected)


@pytest.mark.parametrize("count", [0, 1])
def test_few_samples_and_more_informative_features_than_there_are(count):
    X, y, weights = make_regression(count, 2, n_informative=99, coef=True)

    assert (X.shape, y.shape) == ((count, 2), (count,))
    assert (weights != 0).all()
    assert make_regression(count, 2, effective_rank=1)[0].shape == (count, 2)


def test_a_seed_gives_the_same_problem_each_time():
    for first, again in zip(
        make_regression(rng=4), make_regression(rng=4), strict=True
    ):
        np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"n_samples": -1}, ValueError, "n_samples is -1; needed is at least 0"),
        ({"n_features": 0}, ValueError, "n_features is 0; needed is at least 1"),
        ({"n_targets": 0}, ValueError, "n_targets is 0; needed is at least 1"),
        ({"n_informative": 1.5}, TypeError, "n_informative is 1.5; needed is an integ"),
        ({"bias": np.nan}, ValueError, "bias is nan; needed is a finite number"),
        ({"bias": "1"}, TypeError, "bias is '1'; needed is a number"),
        ({"noise": -1}, ValueError, "noise is -1; needed is a finite number of at lea"),
        ({"effective_rank": 0}, ValueError, "effective_rank is 0; needed is at least "),
        ({"tail_strength": 1.1}, ValueError, r"tail_strength is 1\.1; needed is at mo"),
        ({"dtype": int}, ValueError, "make_regression: dtype is int64; needed is a fl"),
    ],
)
def test_wrong_arguments_are_named_with_what_was_needed(options, error, said):
    with pytest.raises(error, match=said):
        make_regression(**options)
