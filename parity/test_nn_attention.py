"""Attention: the function, its masks, and the layer with several heads."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

SHAPES = {
    "no batch": [(3, 4), (5, 4), (5, 2)],
    "batch": [(2, 3, 4), (2, 5, 4), (2, 5, 4)],
    "heads": [(2, 3, 4, 6), (2, 3, 5, 6), (2, 3, 5, 2)],
    "one query": [(2, 1, 4), (2, 5, 4), (2, 5, 3)],
    "one key": [(2, 3, 4), (2, 1, 4), (2, 1, 3)],
    "one feature": [(2, 3, 1), (2, 5, 1), (2, 5, 1)],
}
each_shape = pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def tolerance(dtype):
    return (1e-4, 1e-5) if dtype == "float32" else (1e-10, 1e-11)


def arrays_of(shapes, rng, dtype="float64"):
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


@each_dtype
@pytest.mark.parametrize(
    "options", [{}, {"is_causal": True}, {"scale": 0.3}, {"scale": -2.0}], ids=str
)
@each_shape
def test_scaled_dot_product_attention(shapes, options, dtype, both, rng):
    both(
        lambda *xs: functional.scaled_dot_product_attention(*xs, **options),
        lambda *xs: torch_functional.scaled_dot_product_attention(*xs, **options),
        arrays_of(shapes, rng, dtype),
        *tolerance(dtype),
    )


@each_dtype
@each_shape
def test_attention_with_a_boolean_mask(shapes, dtype, both, rng):
    mask = rng.random((shapes[0][-2], shapes[1][-2])) < 0.6
    mask[:, 0] = True

    both(
        lambda *xs: functional.scaled_dot_product_attention(*xs, mask),
        lambda *xs: torch_functional.scaled_dot_product_attention(
            *xs, torch.tensor(mask)
        ),
        arrays_of(shapes, rng, dtype),
        *tolerance(dtype),
    )


@each_dtype
@each_shape
def test_attention_with_a_mask_of_numbers_that_is_learned_too(shapes, dtype, both, rng):
    mask = (shapes[0][-2], shapes[1][-2])

    both(
        functional.scaled_dot_product_attention,
        torch_functional.scaled_dot_product_attention,
        arrays_of([*shapes, mask], rng, dtype),
        *tolerance(dtype),
    )


@pytest.mark.parametrize("kind", ["boolean", "float"])
def test_a_query_that_may_attend_to_nothing_gets_zeros(kind, both, rng):
    mask = np.array([[True, False, True], [False, False, False]])
    if kind == "float":
        mask = np.where(mask, 0.0, -np.inf)

    both(
        lambda *xs: functional.scaled_dot_product_attention(*xs, mask),
        lambda *xs: torch_functional.scaled_dot_product_attention(
            *xs, torch.tensor(mask)
        ),
        arrays_of([(2, 4), (3, 4), (3, 2)], rng),
        order=1,
    )


def test_attention_to_no_keys_and_by_no_queries(agree):
    for shapes in ([(2, 3, 4), (2, 0, 4), (2, 0, 2)], [(2, 0, 4), (2, 3, 4)] * 2):
        arrays = [np.ones(shape) for shape in shapes[:3]]
        if len(shapes) == 4:
            arrays = [arrays[0], arrays[1], arrays[1]]

        agree(
            functional.scaled_dot_product_attention(*map(Tensor, arrays)),
            torch_functional.scaled_dot_product_attention(*map(torch.tensor, arrays)),
        )


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e4])
def test_attention_on_the_edges(value, agree, rng):
    query, key, others = arrays_of([(3, 4), (5, 4), (5, 2)], rng)
    query[1, 2] = value
    ours, theirs = (query, key, others), map(torch.tensor, (query, key, others))

    with np.errstate(invalid="ignore"):
        found = functional.scaled_dot_product_attention(*map(Tensor, ours))

    agree(found, torch_functional.scaled_dot_product_attention(*theirs))


def test_a_mask_and_causality_go_together_here_and_are_refused_there(rng):
    query = arrays_of([(3, 4)], rng)[0]
    mask = np.ones((3, 3), bool)

    functional.scaled_dot_product_attention(query, query, query, mask, is_causal=True)

    with pytest.raises(RuntimeError, match="is_causal"):
        torch_functional.scaled_dot_product_attention(
            *[torch.tensor(query)] * 3, torch.tensor(mask), is_causal=True
        )


# The layer

LAYERS = {
    "default": ((4, 2), {}),
    "one head": ((4, 1), {"bias": False}),
    "batch first": ((6, 3), {"batch_first": True}),
    "own sizes": ((4, 2), {"kdim": 3, "vdim": 5}),
    "own values": ((4, 4), {"vdim": 2, "bias": False, "batch_first": True}),
    "dropout": ((4, 2), {"dropout": 0.0, "kdim": 4}),
}
each_layer = pytest.mark.parametrize(
    ("arguments", "options"), LAYERS.values(), ids=LAYERS
)


def pair(arguments, options, dtype="float64"):
    """The layer in both libraries; the parameters that start at 0 drawn too."""
    ours = nn.MultiheadAttention(*arguments, rng=0, **options).to(dtype)
    random = np.random.default_rng(1)
    for parameter in ours.parameters():
        parameter.data[...] = random.standard_normal(parameter.shape) / 2
    return ours, torch.nn.MultiheadAttention(*arguments, **options)


def inputs_of(arguments, options, rng, dtype="float64", batch=2):
    size = arguments[0]
    sizes = size, options.get("kdim", size), options.get("vdim", size)
    arrays = []
    for length, features in zip((3, 5, 5), sizes, strict=True):
        shape = (batch, length) if options.get("batch_first") else (length, batch)
        shape = shape if batch else (length,)
        arrays.append(rng.standard_normal((*shape, features)).astype(dtype))
    return arrays


@each_dtype
@each_layer
def test_the_layer_trains_alike(arguments, options, dtype, same_training, rng):
    tight = dtype == "float64"

    same_training(
        *pair(arguments, options, dtype),
        inputs_of(arguments, options, rng, dtype),
        rtol=1e-9 if tight else 1e-4,
        atol=1e-10 if tight else 1e-5,
    )


@each_layer
def test_the_layer_without_a_batch(arguments, options, same_training, rng):
    same_training(
        *pair(arguments, options), inputs_of(arguments, options, rng, batch=0)
    )


def masks_of(rng, heads):
    some = rng.random((3, 5)) < 0.4
    each = rng.random((2 * heads, 3, 5)) < 0.4
    padding = np.array([[False] * 5, [False] * 3 + [True] * 2])
    some[:, 0] = each[:, :, 0] = False
    numbers = rng.standard_normal((3, 5))
    return [
        {"attn_mask": some},
        {"attn_mask": each},
        {"attn_mask": numbers},
        {"key_padding_mask": padding},
        {"key_padding_mask": np.where(padding, -np.inf, 0.5)},
        {"key_padding_mask": padding, "attn_mask": some},
        {"attn_mask": each, "need_weights": False},
        {"attn_mask": some, "average_attn_weights": False},
    ]


@each_layer
@pytest.mark.parametrize("which", range(8))
def test_masks_and_weights(arguments, options, which, same_training, rng):
    masks = masks_of(rng, arguments[1])[which]

    def call(layer, *xs):
        given = dict(masks)
        if isinstance(layer, torch.nn.Module):
            given = {
                name: torch.tensor(mask) if isinstance(mask, np.ndarray) else mask
                for name, mask in masks.items()
            }
        out, weights = layer(*xs, **given)
        return out if weights is None else (out, weights)

    same_training(
        *pair(arguments, options), inputs_of(arguments, options, rng), call=call
    )


@each_layer
def test_second_gradients_of_the_layer(arguments, options, both, rng):
    ours, theirs = pair(arguments, options)
    theirs.to(torch.float64)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})

    both(
        lambda *xs: ours(*xs)[0],
        lambda *xs: theirs(*xs)[0],
        inputs_of(arguments, options, rng),
    )


def test_causality_needs_a_mask_there_and_none_here(agree, rng):
    ours, theirs = pair((4, 2), {})
    theirs.to(torch.float64)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = rng.standard_normal((3, 2, 4))
    xt = torch.tensor(x)
    later = torch.ones(3, 3, dtype=bool).triu(1)

    found, weights = ours(*[Tensor(x)] * 3, is_causal=True)

    expected, expected_weights = theirs(xt, xt, xt, attn_mask=later, is_causal=True)
    agree(found, expected)
    agree(weights, expected_weights)
    with pytest.raises(RuntimeError, match="attn_mask"):
        theirs(xt, xt, xt, is_causal=True)


def test_a_query_that_may_attend_to_nothing_gets_zeros_not_nan(differ, agree, rng):
    ours, theirs = pair((4, 2), {"bias": False, "batch_first": True})
    theirs.to(torch.float64)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = rng.standard_normal((1, 2, 4))
    xt, mask = torch.tensor(x), np.array([[True, False], [True, True]])

    found, weights = ours(*[Tensor(x)] * 3, attn_mask=mask)

    # torch gives zeros without `need_weights`, as its function does, and NaN with it.
    expected, expected_weights = theirs(xt, xt, xt, attn_mask=torch.tensor(mask))
    nan = np.full(4, np.nan)
    differ(found.data[0, 1], expected[0, 1], np.zeros(4), nan)
    differ(weights.data[0, 1], expected_weights[0, 1], np.zeros(2), nan[:2])
    agree(found.data[0, 0], expected[0, 0])
    alone, _ = theirs(xt, xt, xt, attn_mask=torch.tensor(mask), need_weights=False)
    agree(found, alone)


@each_layer
def test_initial_values_have_the_distribution_of_torch(arguments, options):
    scaled = {k: 40 * v if k in ("kdim", "vdim") else v for k, v in options.items()}
    arguments = (40 * arguments[0], arguments[1])
    ours = nn.MultiheadAttention(*arguments, rng=0, **scaled).state_dict()
    theirs = torch.nn.MultiheadAttention(*arguments, **scaled).state_dict()

    assert list(ours) == list(theirs)
    for name, array in ours.items():
        other = theirs[name].numpy()
        np.testing.assert_allclose(array.std(), other.std(), rtol=0.03)
        np.testing.assert_allclose(np.abs(array).max(), np.abs(other).max(), rtol=0.01)
