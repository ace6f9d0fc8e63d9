"""Attention: the function, its masks, and the layer with several heads."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, default_dtype
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import MultiheadAttention
from pebblegrad.nn.functional import attention_weights, scaled_dot_product_attention

from .cases.attention import causal, softmax

SHAPES = [(3, 4), (5, 4), (5, 2)]
STACKED = [(2, 3, 3, 4), (2, 3, 5, 4), (2, 3, 5, 2)]


def by_hand(query, key, value, added=0.0, scale=None):
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    scores = np.einsum("...ld,...sd->...ls", query, key) * scale + added
    return softmax(scores) @ value


# The function


@pytest.mark.parametrize("scale", [None, 0.3, 2])
@pytest.mark.parametrize("shapes", [SHAPES, STACKED, [(3, 4), *STACKED[1:]]], ids=str)
def test_attention_follows_the_formula(shapes, scale, rng):
    arrays = [rng.standard_normal(shape) for shape in shapes]

    out = scaled_dot_product_attention(*map(Tensor, arrays), scale=scale)

    np.testing.assert_allclose(out.data, by_hand(*arrays, scale=scale), rtol=1e-12)


def test_plain_arrays_give_a_plain_array(rng):
    arrays = [rng.standard_normal(shape) for shape in SHAPES]

    out = scaled_dot_product_attention(*arrays)

    assert type(out) is np.ndarray
    np.testing.assert_allclose(out, by_hand(*arrays), rtol=1e-12)


@pytest.mark.parametrize("shapes", [SHAPES, STACKED, [(3, 4), *STACKED[1:]]], ids=str)
def test_gradients_of_attention_are_right(shapes, rng):
    check_gradients(
        scaled_dot_product_attention, *[rng.standard_normal(s) for s in shapes]
    )


@pytest.mark.parametrize(
    "shape", [(3, 5), (5,), (1, 5), (3, 1), (), (2, 1, 3, 5), (3, 3, 5)], ids=str
)
def test_gradients_of_what_is_added_are_right(shape, rng):
    arrays = [rng.standard_normal(s) for s in [*STACKED, shape]]

    out = scaled_dot_product_attention(*map(Tensor, arrays))

    np.testing.assert_allclose(out.data, by_hand(*arrays), rtol=1e-12)
    check_gradients(scaled_dot_product_attention, *arrays)


def test_gradients_of_the_weights_themselves_are_right(rng):
    check_gradients(
        lambda query, key: attention_weights(query, key, None, 0.7),
        rng.standard_normal((2, 3, 4)),
        rng.standard_normal((5, 4)),
    )


def test_true_in_the_mask_of_the_function_means_may_attend(rng):
    arrays = [rng.standard_normal(shape) for shape in SHAPES]
    mask = np.array([[True, False, True, True, False]] * 3)

    for given in (mask, mask.tolist(), Tensor(mask)):
        out = scaled_dot_product_attention(*arrays, given)

        np.testing.assert_allclose(
            out, by_hand(*arrays, np.where(mask, 0, -np.inf)), rtol=1e-12
        )
    check_gradients(lambda *a: scaled_dot_product_attention(*a, mask), *arrays)


@pytest.mark.parametrize("shapes", [SHAPES, [(5, 4), (3, 4), (3, 2)]], ids=str)
def test_causal_attention_sees_nothing_that_comes_later(shapes, rng):
    query, key, value = (rng.standard_normal(shape) for shape in shapes)

    out = scaled_dot_product_attention(query, key, value, is_causal=True)

    added = causal(len(query), len(key))
    np.testing.assert_allclose(out, by_hand(query, key, value, added), rtol=1e-12)
    check_gradients(
        lambda *a: scaled_dot_product_attention(*a, is_causal=True), query, key, value
    )


def test_a_mask_and_causality_must_both_allow_it(rng):
    arrays = [rng.standard_normal(s) for s in [(3, 4), (3, 4), (3, 2)]]
    mask = np.array([[True, True, True], [False, True, True], [True, False, True]])

    out = scaled_dot_product_attention(*arrays, mask, is_causal=True)

    added = causal(3, 3) + np.where(mask, 0, -np.inf)
    np.testing.assert_allclose(out, by_hand(*arrays, added), rtol=1e-12)


@pytest.mark.parametrize("kind", ["boolean", "float"])
def test_a_query_that_may_attend_to_nothing_gets_zeros_and_finite_gradients(kind, rng):
    arrays = [rng.standard_normal(s) for s in [(2, 4), (3, 4), (3, 2)]]
    mask = np.array([[True, False, True], [False, False, False]])
    if kind == "float":
        mask = np.where(mask, 0, -np.inf)

    out = scaled_dot_product_attention(*arrays, mask)

    assert out[1].tolist() == [0, 0]
    assert np.all(out[0] != 0)
    check_gradients(lambda *a: scaled_dot_product_attention(*a, mask), *arrays)


def test_large_products_overflow_nothing():
    query, key = Tensor([[1e3, 0.0]]), Tensor([[1e3, 0.0], [-1e3, 0.0], [1e3, 0.0]])
    query.requires_grad = True

    out = scaled_dot_product_attention(query, key, Tensor([[1.0], [2.0], [3.0]]))
    out.backward()

    assert out.item() == 2
    assert np.isfinite(query.grad.data).all()


def test_nan_in_a_query_stays_in_its_row(rng):
    query, key, value = (rng.standard_normal(shape) for shape in SHAPES)
    query[1, 0] = np.nan

    out = scaled_dot_product_attention(query, key, value)

    assert np.isnan(out).any(axis=-1).tolist() == [False, True, False]


@pytest.mark.parametrize(
    "shapes",
    [
        [(0, 3, 4), (0, 5, 4), (0, 5, 2)],
        [(2, 0, 4), (2, 5, 4), (2, 5, 2)],
        [(2, 3, 4), (2, 0, 4), (2, 0, 2)],
        [(2, 3, 0), (2, 5, 0), (2, 5, 2)],
    ],
    ids=str,
)
def test_nothing_at_all_is_attended_to(shapes):
    xs = [Tensor(np.ones(shape), requires_grad=True) for shape in shapes]

    out = scaled_dot_product_attention(*xs)
    out.sum().backward()

    assert out.shape == (*shapes[0][:-1], 2)
    assert [x.grad.shape for x in xs] == shapes
    if shapes[1][1] == 0:
        assert not out.data.any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_is_kept_whatever_the_mask_holds(dtype, rng):
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in SHAPES]
    mask = rng.standard_normal((3, 5))

    for given in (None, mask, mask > -1, mask.astype("float32")):
        for is_causal in (False, True):
            out = scaled_dot_product_attention(*arrays, given, is_causal=is_causal)
            assert out.dtype == dtype


def test_inputs_are_left_as_they_are_and_may_have_any_strides(rng):
    arrays = [rng.standard_normal(shape[::-1]).T[::-1] for shape in SHAPES]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False

    out = scaled_dot_product_attention(*arrays, np.zeros((3, 5)))

    np.testing.assert_allclose(out, by_hand(*before), rtol=1e-12)


def test_dropped_weights_are_zeros_and_the_others_larger():
    eye = np.eye(400)
    query = np.zeros((400, 1))

    out = scaled_dot_product_attention(query, query, eye, dropout_p=0.25, rng=0)

    kept = out != 0
    assert abs(kept.mean() - 0.75) < 0.005
    np.testing.assert_allclose(out[kept], 1 / 400 / 0.75, rtol=1e-12)
    again = scaled_dot_product_attention(query, query, eye, dropout_p=0.25, rng=0)
    np.testing.assert_array_equal(out, again)


ZEROS = [np.zeros(shape) for shape in SHAPES]


@pytest.mark.parametrize(
    ("arguments", "options", "kind", "message"),
    [
        (
            [np.zeros(4), *ZEROS[1:]],
            {},
            ValueError,
            r"query has shape \(4,\), .*; \(..., L, D\), \(..., S, D\) and",
        ),
        (
            [np.zeros((3, 3)), *ZEROS[1:]],
            {},
            ValueError,
            r"query has shape \(3, 3\), key \(5, 4\) and value \(5, 2\); the last axes "
            r"of query \(3\) and key \(4\) must be equal",
        ),
        (
            [*ZEROS[:2], np.zeros((4, 2))],
            {},
            ValueError,
            "key and value must be equally many, here 5 and 4",
        ),
        (
            [np.zeros((3, 4), int), *ZEROS[1:]],
            {},
            TypeError,
            "query holds int64, key float64 and value float64; floats are needed",
        ),
        (
            [*ZEROS, np.zeros((5, 3), bool)],
            {},
            ValueError,
            r"attn_mask has shape \(5, 3\); what broadcasts to \(3, 5\) is needed",
        ),
        (
            [*ZEROS, np.zeros((2, 3, 5))],
            {},
            ValueError,
            r"attn_mask has shape \(2, 3, 5\); what broadcasts to \(3, 5\)",
        ),
        (
            [*ZEROS, np.ones((3, 5), int)],
            {},
            TypeError,
            "attn_mask holds int64; booleans or floats are needed; write mask != 0",
        ),
        (
            ZEROS,
            {"dropout_p": 1.5},
            ValueError,
            "dropout_p is 1.5; a number from 0 to 1 is needed",
        ),
        (
            [np.zeros((2, 3, 4)), np.zeros((3, 5, 4)), np.zeros((3, 5, 2))],
            {},
            ValueError,
            r"query has shape \(2, 3, 4\), .*; the axes in front must broadcast",
        ),
        (
            [np.zeros((2, 3, 4)), np.zeros((2, 5, 4)), np.zeros((3, 5, 2))],
            {},
            ValueError,
            r"value \(3, 5, 2\); the axes in front must broadcast",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arguments, options, kind, message):
    with pytest.raises(kind, match=f"^scaled_dot_product_attention: .*{message}"):
        scaled_dot_product_attention(*arguments, **options)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(4,), (5, 4)], r"query must have shape \(..., L, D\) and key"),
        ([(3, 2), (5, 4)], r"query's last axis \(2\) must equal key's \(4\)"),
        ([(3, 4), (5, 4), (4, 5)], r"bias must broadcast to \(..., 3, 5\)"),
    ],
)
def test_the_weights_explain_what_does_not_fit(shapes, message):
    with pytest.raises(ValueError, match=f"^attention_weights: .*{message}"):
        attention_weights(*[np.zeros(shape) for shape in shapes])


# The layer


@pytest.fixture
def layer():
    with default_dtype("float64"):
        return MultiheadAttention(4, 2, batch_first=True, rng=0)


def test_initial_values_are_those_of_glorot_and_offsets_are_zero():
    layer = MultiheadAttention(64, 4, rng=0)

    weight, bound = layer.in_proj_weight.data, np.sqrt(6 / (4 * 64))
    assert bound * 0.999 < np.abs(weight).max() <= bound
    assert abs(weight.var() - bound**2 / 3) < 1e-4
    weight = layer.out_proj.weight.data
    assert 0.124 < np.abs(weight).max() <= 0.125
    assert not layer.in_proj_bias.data.any()
    assert not layer.out_proj.bias.data.any()


def test_maps_of_keys_and_values_of_their_own_size_have_their_own_bounds():
    layer = MultiheadAttention(64, 4, kdim=320, vdim=32, rng=0)

    for name, size in [("q", 64), ("k", 320), ("v", 32)]:
        weight = getattr(layer, f"{name}_proj_weight").data
        bound = np.sqrt(6 / (64 + size))
        assert bound * 0.99 < np.abs(weight).max() <= bound
        assert abs(weight.mean()) < bound / 40


def test_a_seed_gives_the_same_layer():
    one, other = (MultiheadAttention(4, 2, rng=3).state_dict() for _ in range(2))

    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])


def test_true_in_a_mask_of_the_layer_means_may_not_attend(layer, rng):
    x = Tensor(rng.standard_normal((2, 3, 4)))
    forbidden = np.array([[False, True, True], [True, False, False], [False] * 3])

    out, weights = layer(x, x, x, attn_mask=forbidden)

    assert np.array_equal(weights.data == 0, [forbidden] * 2)
    np.testing.assert_allclose(weights.data.sum(-1), 1)
    added, _ = layer(x, x, x, attn_mask=np.where(forbidden, -np.inf, 0.0))
    np.testing.assert_array_equal(out.data, added.data)


def test_padding_is_not_attended_to_and_changes_nothing(layer, rng):
    x = rng.standard_normal((2, 5, 4))
    padding = np.array([[False] * 3 + [True] * 2, [False] * 4 + [True]])
    other = np.where(padding[..., None], 100.0, x)

    out, weights = layer(Tensor(x), x, x, key_padding_mask=padding)
    changed, _ = layer(Tensor(x), other, other, key_padding_mask=padding)

    np.testing.assert_array_equal(out.data, changed.data)
    assert np.array_equal(weights.data == 0, np.repeat(padding[:, None], 5, axis=1))


def test_masks_of_every_head_and_of_padding_go_together(layer, rng):
    x = Tensor(rng.standard_normal((2, 3, 4)))
    heads = rng.random((4, 3, 3)) < 0.3
    padding = np.array([[False, False, True], [False, False, False]])

    _, weights = layer(
        x, x, x, padding, attn_mask=heads, average_attn_weights=False, is_causal=True
    )

    forbidden = heads.reshape(2, 2, 3, 3) | padding[:, None, None]
    forbidden |= causal(3, 3) < 0
    assert np.array_equal(weights.data == 0, forbidden)


def test_causality_needs_no_mask(layer, rng):
    x = Tensor(rng.standard_normal((2, 3, 4)))

    by_flag, _ = layer(x, x, x, is_causal=True)
    by_mask, _ = layer(x, x, x, attn_mask=np.triu(np.ones((3, 3), bool), 1))

    np.testing.assert_array_equal(by_flag.data, by_mask.data)


def test_weights_are_the_mean_over_heads_or_each_heads(layer, rng):
    x = Tensor(rng.standard_normal((2, 3, 4)))

    out, mean = layer(x, x, x)
    same, each = layer(x, x, x, average_attn_weights=False)
    alone, none = layer(x, x, x, need_weights=False)

    assert each.shape == (2, 2, 3, 3)
    np.testing.assert_allclose(each.data.mean(axis=1), mean.data, rtol=1e-12)
    np.testing.assert_array_equal(out.data, same.data)
    np.testing.assert_array_equal(out.data, alone.data)
    assert none is None


def test_a_query_that_may_attend_to_nothing_finds_only_the_offset(layer, rng):
    layer.out_proj.bias.data[...] = 5.0
    x = Tensor(rng.standard_normal((1, 2, 4)), requires_grad=True)

    out, weights = layer(x, x, x, attn_mask=[[True, True], [False, False]])
    out.sum().backward()

    assert out.data[0, 0].tolist() == [5.0] * 4
    assert weights.data[0, 0].tolist() == [0.0, 0.0]
    assert np.isfinite(x.grad.data).all()


def test_weights_are_dropped_in_training_only(rng):
    layer = MultiheadAttention(4, 2, 0.5, batch_first=True, rng=0)
    x = Tensor(rng.standard_normal((2, 8, 4)), dtype="float32")

    first, weights = layer(x, x, x, average_attn_weights=False)
    second, _ = layer(x, x, x)
    layer.eval()
    third, whole = layer(x, x, x, average_attn_weights=False)
    fourth, _ = layer(x, x, x)

    assert not np.allclose(first.data, second.data)
    np.testing.assert_array_equal(third.data, fourth.data)
    kept = weights.data != 0
    assert 0.3 < kept.mean() < 0.7
    np.testing.assert_allclose(weights.data[kept], 2 * whole.data[kept], rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 1), {}, "embed_dim is 0; a positive integer"),
        ((4, 0), {}, "num_heads is 0; a positive integer"),
        ((4, 2.0), {}, "num_heads is 2.0; a positive integer"),
        ((6, 4), {}, "embed_dim is 6 and num_heads 4; each head gets .* must divide"),
        ((4, 2, 2), {}, "dropout is 2; a number from 0 to 1"),
        ((4, 2), {"kdim": -1}, "kdim is -1; a positive integer"),
        ((4, 2), {"vdim": "4"}, "vdim is '4'; a positive integer"),
    ],
)
def test_wrong_arguments_of_the_layer_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=f"^MultiheadAttention: {message}"):
        MultiheadAttention(*arguments, **options)


@pytest.mark.parametrize(
    ("shapes", "options", "kind", "message"),
    [
        (
            [(3, 4), (2, 3, 4), (2, 3, 4)],
            {},
            ValueError,
            r"query has shape \(3, 4\), key has shape \(2, 3, 4\), .*; three axes are "
            "needed in each, or two without a batch",
        ),
        ([(4,)] * 3, {}, ValueError, "three axes are needed in each"),
        ([(2, 3, 5)] * 3, {}, ValueError, "the last axes must be 4, 4 and 4"),
        (
            [(2, 3, 4), (2, 3, 4), (2, 2, 4)],
            {},
            ValueError,
            "key and value must be equal in all axes but the last",
        ),
        (
            [(2, 3, 4), (1, 3, 4), (1, 3, 4)],
            {},
            ValueError,
            r"batches must be equally large \(batch_first=True: the axes are \(N, L",
        ),
        (
            [(2, 3, 4)] * 3,
            {"attn_mask": np.zeros((3, 2), bool)},
            ValueError,
            r"attn_mask has shape \(3, 2\); \(L, S\), here \(3, 3\), or .*, here "
            r"\(4, 3, 3\), is needed",
        ),
        (
            [(2, 3, 4)] * 3,
            {"attn_mask": np.zeros((3, 3), int)},
            TypeError,
            "MultiheadAttention: attn_mask holds int64; booleans or floats are needed",
        ),
        (
            [(2, 3, 4)] * 3,
            {"key_padding_mask": np.zeros((3, 2), bool)},
            ValueError,
            r"key_padding_mask has shape \(3, 2\); \(N, S\), here \(2, 3\), is needed",
        ),
        (
            [(2, 3, 4)] * 3,
            {"key_padding_mask": np.zeros((2, 3), "int8")},
            TypeError,
            "key_padding_mask holds int8; booleans or floats are needed",
        ),
    ],
)
def test_what_does_not_fit_the_layer_is_refused(shapes, options, kind, message, layer):
    with pytest.raises(kind, match=message):
        layer(*[Tensor(np.zeros(shape)) for shape in shapes], **options)
