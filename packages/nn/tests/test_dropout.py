"""Dropout: what is drawn, what is kept, and what is refused."""

import copy

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, manual_seed
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional

EACH = [
    (functional.dropout, (40, 50)),
    (functional.dropout1d, (40, 50, 3)),
    (functional.dropout2d, (40, 50, 2, 2)),
]
each_function = pytest.mark.parametrize(("function", "shape"), EACH)
each_layer = pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Dropout, (40, 50)),
        (nn.Dropout1d, (40, 50, 3)),
        (nn.Dropout2d, (40, 50, 2, 2)),
    ],
)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@each_function
def test_a_share_of_p_is_zero_and_the_rest_is_scaled(function, shape, p):
    out = function(np.ones(shape), p, rng=0)

    dropped = out == 0
    np.testing.assert_allclose(out[~dropped], 1 / (1 - p))
    # Of 2000 lots the share is within 4 standard deviations.
    assert abs(dropped.mean() - p) < 4 * np.sqrt(p * (1 - p) / 2000)


@each_function
def test_the_mean_is_kept(function, shape):
    random = np.random.default_rng(0)

    means = [function(np.ones(shape), 0.3, rng=random).mean() for _ in range(20)]

    assert abs(np.mean(means) - 1) < 0.02


@pytest.mark.parametrize("function", [functional.dropout1d, functional.dropout2d])
def test_channels_are_dropped_whole(function):
    axes = 1 if function is functional.dropout1d else 2
    shape = (20, 30, 4, 5)[: 2 + axes]

    out = function(np.ones(shape), 0.5, rng=0)
    one = function(np.ones(shape[1:]), 0.5, rng=0)

    for result in (out, one):
        channels = result.reshape(*result.shape[:-axes], -1)
        assert np.all(channels == channels[..., :1])
        assert set(np.unique(channels)) == {0.0, 2.0}


@each_function
def test_nothing_is_drawn_with_p_zero_or_out_of_training(function, shape):
    x = np.ones(shape)
    random = np.random.default_rng(0)
    before = copy.deepcopy(random.bit_generator.state)

    assert function(x, 0, rng=random) is x
    assert function(x, 0.5, False, rng=random) is x
    assert random.bit_generator.state == before


@each_function
def test_with_p_one_nothing_is_left_not_even_nan(function, shape):
    x = Tensor(np.full(shape, np.nan), requires_grad=True)

    out = function(x, 1)
    out.sum().backward()

    assert not out.data.any()
    assert not x.grad.data.any()


def test_what_is_dropped_is_zero_even_if_it_was_nan_or_infinite(rng):
    values = rng.choice([np.nan, np.inf, 1.0], 300)
    x = Tensor(values, requires_grad=True)

    out = functional.dropout(x, 0.5, rng=0)
    out.sum().backward()
    stays = functional.dropout(np.ones(300), 0.5, rng=0) > 0

    np.testing.assert_array_equal(out.data, np.where(stays, values * 2, 0))
    np.testing.assert_array_equal(x.grad.data, np.where(stays, 2, 0))


@each_function
def test_the_gradient_passes_where_the_value_does(function, shape, rng):
    small = tuple(size // 10 or size for size in shape)

    check_gradients(lambda x: function(x, 0.4, rng=3), rng.standard_normal(small))


def test_a_seed_means_the_same_elements_in_every_dtype():
    kept = [
        functional.dropout(np.ones(100, dtype), 0.5, rng=7) > 0
        for dtype in ("float16", "float32", "float64")
    ]

    np.testing.assert_array_equal(kept[0], kept[1])
    np.testing.assert_array_equal(kept[0], kept[2])


@each_layer
def test_calls_differ_and_runs_repeat(layer, shape):
    def run(rng):
        made = layer(0.5, rng=rng)
        return [made(np.ones(shape, np.float32)) for _ in range(2)]

    first, second = run(0), run(0)

    assert not np.array_equal(first[0], first[1])
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, run(np.random.default_rng(0)))


def test_a_layer_without_its_own_source_follows_manual_seed():
    layer = nn.Dropout(0.5)

    manual_seed(3)
    first = layer(np.ones(50))
    manual_seed(3)
    second = layer(np.ones(50))

    np.testing.assert_array_equal(first, second)


def test_a_layer_does_nothing_in_evaluation():
    layer = nn.Dropout(0.9, rng=0).eval()
    x = Tensor([1.0, np.nan])

    assert layer(x) is x
    assert (layer.parameters(), layer.state_dict()) == ([], {})


@pytest.mark.parametrize("p", [0.05, 0.3, 0.7])
def test_alpha_dropout_keeps_mean_zero_and_variance_one(p, rng):
    x = rng.standard_normal(100_000)

    out = functional.alpha_dropout(x, p, True, rng=0)

    assert abs(out.mean()) < 0.03
    assert abs(out.std() - 1) < 0.03
    check_gradients(lambda x: functional.alpha_dropout(x, p, True, rng=3), x[:20])


def test_rows_that_are_not_contiguous_are_taken(rng):
    x = rng.standard_normal((6, 8))[::2, ::-1]

    out = functional.dropout(x, 0.5, rng=0)

    np.testing.assert_array_equal(out, functional.dropout(x.copy(), 0.5, rng=0))


X = np.ones((2, 3))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: functional.dropout(X, 2), ValueError, "dropout: p is 2; a number fro"),
        (lambda: functional.dropout(X, -0.1), ValueError, "p is -0.1; a number from 0"),
        (lambda: functional.dropout(X, "a"), ValueError, "p is 'a'; a number from 0 t"),
        (lambda: functional.dropout(X, np.nan), ValueError, "p is nan; a number from"),
        (lambda: functional.dropout([1.0]), TypeError, "x is list; a Tensor or an arr"),
        (
            lambda: functional.dropout(X.astype(int)),
            TypeError,
            "dropout: x holds int64; floats are needed",
        ),
        (
            lambda: functional.dropout2d(X),
            ValueError,
            r"dropout2d: x has shape \(2, 3\); \(N, C, H, W\) or \(C, H, W\) is needed",
        ),
        (
            lambda: functional.dropout1d(X[0]),
            ValueError,
            r"dropout1d: x has shape \(3,\); \(N, C, L\) or \(C, L\) is needed",
        ),
        (
            lambda: functional.dropout2d([[1.0]]),
            TypeError,
            "dropout2d: x is list; a Te",
        ),
        (
            lambda: functional.alpha_dropout(X.astype(int), training=True),
            TypeError,
            "alpha_dropout: x holds int64; floats are needed",
        ),
        (
            lambda: functional.alpha_dropout([1.0]),
            TypeError,
            "alpha_dropout: x is list",
        ),
        (lambda: functional.dropout(X, rng="a"), TypeError, "rng: 'a' is a str; a num"),
        (
            lambda: nn.Dropout(1.5),
            ValueError,
            "Dropout: p is 1.5; a number from 0 to 1",
        ),
        (lambda: nn.Dropout2d(None), ValueError, "Dropout2d: p is None; a number from"),
        (lambda: nn.Dropout(rng=-1), ValueError, "rng: the seed is -1; it must not be"),
        (
            lambda: nn.Dropout()(X > 0),
            TypeError,
            "Dropout: dropout: x holds bool; floats are needed",
        ),
        (
            lambda: nn.Dropout2d()(X),
            ValueError,
            r"Dropout2d: dropout2d: x has shape \(2, 3\)",
        ),
    ],
)
def test_a_wrong_call_is_told_what_to_change(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
