"""Positions: functions and layers, what they are good for, and what they refuse."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, default_dtype
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import (
    LearnedPositionalEncoding,
    RotaryEmbedding,
    SinusoidalPositionalEncoding,
)
from pebblegrad.nn.functional import (
    rotary_embedding,
    rotate_pairs,
    sinusoidal_positions,
)


def test_sinusoids_follow_the_formula():
    positions, dim = 7, 6

    found = sinusoidal_positions(positions, dim, dtype="float64")

    p, i = np.arange(7)[:, None], np.arange(3)
    angles = p / 10000 ** (2 * i / 6)
    np.testing.assert_allclose(found[:, ::2], np.sin(angles), rtol=1e-12)
    np.testing.assert_allclose(found[:, 1::2], np.cos(angles), rtol=1e-12)


def test_sinusoids_have_the_default_dtype_and_take_positions_of_any_shape():
    positions = np.array([[3, 1], [0, 2]])
    with default_dtype("float16"):
        assert sinusoidal_positions(2, 4).dtype == np.float16

    found = sinusoidal_positions(positions, 5, dtype="float64")

    assert found.shape == (2, 2, 5)
    np.testing.assert_array_equal(
        found, sinusoidal_positions(4, 5, dtype="float64")[positions]
    )


def test_sinusoids_of_far_positions_are_exact_in_float32():
    far = sinusoidal_positions([100_000], 4, dtype="float32")
    exact = sinusoidal_positions([100_000], 4, dtype="float64")

    np.testing.assert_allclose(far, exact, rtol=1e-7)


def test_the_longest_sequence_is_kept_and_is_no_state(rng):
    layer = SinusoidalPositionalEncoding(4)
    long, short = rng.standard_normal((2, 9, 4))[0], rng.standard_normal((5, 4))

    first = layer(Tensor(short)).data
    layer(Tensor(long))

    np.testing.assert_array_equal(layer(Tensor(short)).data, first)
    assert layer.state_dict() == {}
    assert layer(Tensor(short, dtype="float32")).dtype == np.float32
    np.testing.assert_array_equal(layer(Tensor(short)).data, first)


def test_initial_positions_are_normal_with_a_small_deviation():
    weight = LearnedPositionalEncoding(200, 300, rng=0).weight.data

    assert abs(weight.mean()) < 3e-4
    assert abs(weight.std() - 0.02) < 3e-4
    assert 3.5 < np.abs(weight).max() / 0.02 < 6


def test_a_seed_gives_the_same_positions():
    one, other = (LearnedPositionalEncoding(3, 2, rng=4).weight.data for _ in range(2))

    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("interleaved", [True, False])
def test_products_of_turned_vectors_depend_on_their_distance_only(interleaved, rng):
    query, key = rng.standard_normal((2, 1, 8))

    def product(at, other):
        one = rotary_embedding(query, [at], interleaved=interleaved)
        return one @ rotary_embedding(key, [other], interleaved=interleaved).mT

    np.testing.assert_allclose(product(5, 2), product(1003, 1000), rtol=1e-9)
    assert abs(product(5, 2) - product(5, 3)) > 1e-3


def test_turning_keeps_lengths_and_the_first_position(rng):
    x = rng.standard_normal((2, 5, 6))

    out = rotary_embedding(x)

    np.testing.assert_allclose(
        np.linalg.norm(out, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-12
    )
    np.testing.assert_array_equal(out[:, 0], x[:, 0])


def test_the_two_ways_to_pair_are_one_up_to_the_order_of_features(rng):
    x = rng.standard_normal((5, 6))
    order = [0, 3, 1, 4, 2, 5]

    np.testing.assert_allclose(
        rotary_embedding(x[:, order])[:, np.argsort(order)],
        rotary_embedding(x, interleaved=False),
        rtol=1e-12,
    )


@pytest.mark.parametrize("interleaved", [True, False])
@pytest.mark.parametrize("positions", [None, [4, 0, 2], [[1, 2, 3], [7, 8, 9]]])
def test_gradients_of_turning_are_right(positions, interleaved, rng):
    check_gradients(
        lambda x: rotary_embedding(x, positions, interleaved=interleaved).square(),
        rng.standard_normal((2, 3, 4)),
    )


def test_positions_of_each_sequence_may_differ(rng):
    x = rng.standard_normal((2, 3, 4))

    out = rotary_embedding(x, [[0, 1, 2], [5, 6, 7]])

    np.testing.assert_allclose(out[0], rotary_embedding(x[0]))
    np.testing.assert_allclose(out[1], rotary_embedding(x[1], [5, 6, 7]))


def test_turning_leaves_its_input_and_takes_any_strides(rng):
    x = rng.standard_normal((4, 3))[:, ::-1].T
    before = x.copy()

    out = rotary_embedding(x)

    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(out, rotary_embedding(before))


def test_nan_stays_in_its_pair():
    out = rotary_embedding(np.array([[0.0, 1.0, 2.0, 3.0], [np.nan, 1.0, 2.0, 3.0]]))

    assert np.isnan(out).tolist() == [[False] * 4, [True, True, False, False]]


def test_rotate_pairs_is_undone_by_the_opposite_angle(rng):
    x, angles = rng.standard_normal((3, 4)), rng.standard_normal((3, 2))
    cos, sin = np.cos(angles), np.sin(angles)

    back = rotate_pairs(rotate_pairs(x, cos, sin), cos, -sin)

    np.testing.assert_allclose(back, x, rtol=1e-12)


def of_layer(layer, shape, dtype="float64"):
    return lambda: layer(Tensor(np.zeros(shape, dtype)))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: SinusoidalPositionalEncoding(0),
            ValueError,
            "^SinusoidalPositionalEncoding: d_model is 0; a positive integer",
        ),
        (
            lambda: SinusoidalPositionalEncoding(4, base=0.5),
            ValueError,
            "base is 0.5; a number from 1 on",
        ),
        (
            of_layer(SinusoidalPositionalEncoding(4), (5, 2, 3)),
            ValueError,
            r"x has shape \(5, 2, 3\); \(L, N, 4\) or \(L, 4\) is needed, as d_model",
        ),
        (
            of_layer(SinusoidalPositionalEncoding(4, batch_first=True), (4,)),
            ValueError,
            r"x has shape \(4,\); \(N, L, 4\) or \(L, 4\) is needed",
        ),
        (
            of_layer(SinusoidalPositionalEncoding(4), (5, 4), "int64"),
            TypeError,
            "x holds int64; floats are needed",
        ),
        (
            lambda: LearnedPositionalEncoding(-1, 4),
            ValueError,
            "max_len is -1; a positive integer",
        ),
        (
            lambda: LearnedPositionalEncoding(4, "4"),
            ValueError,
            "d_model is '4'; a positive integer",
        ),
        (
            of_layer(LearnedPositionalEncoding(3, 4), (5, 2, 4)),
            ValueError,
            r"x has shape \(5, 2, 4\), a sequence of 5; the longest is max_len=3 "
            r"\(the sequence is axis 0",
        ),
        (
            of_layer(LearnedPositionalEncoding(3, 4, batch_first=True), (2, 5, 4)),
            ValueError,
            r"the longest is max_len=3 \(the sequence is axis 1",
        ),
        (
            lambda: RotaryEmbedding(3),
            ValueError,
            "^RotaryEmbedding: dim is 3; an even number is needed",
        ),
        (
            of_layer(RotaryEmbedding(4), (5, 6)),
            ValueError,
            r"x has shape \(5, 6\); \(..., L, 4\) is needed, as dim is 4",
        ),
        (
            lambda: rotary_embedding(np.zeros((2, 3))),
            ValueError,
            r"^rotary_embedding: x has shape \(2, 3\); .* an even D is needed",
        ),
        (
            lambda: rotary_embedding(np.zeros((2, 4)), [0, 1, 2]),
            ValueError,
            r"positions has shape \(3,\); what broadcasts to \(2,\) is needed",
        ),
        (
            lambda: rotary_embedding(np.zeros((2, 4), int)),
            TypeError,
            "^rotary_embedding: x holds int64; floats are needed",
        ),
        (
            lambda: sinusoidal_positions(-1, 4),
            ValueError,
            "positions is -1; an integer from 0 on",
        ),
        (
            lambda: sinusoidal_positions(2, 0),
            ValueError,
            "^sinusoidal_positions: dim is 0; a positive integer",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
