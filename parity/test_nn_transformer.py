"""Layers of transformers, and stacks of them.

Dropout is 0 or the layers are in evaluation: what is dropped is another draw in each
library. In training torch takes the slow path, as it must for gradients.
"""

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from pebblegrad import nn
from pebblegrad.autograd import Tensor

OPTIONS = {
    "default": {},
    "batch first": {"batch_first": True},
    "norm first": {"norm_first": True},
    "gelu": {"activation": "gelu", "batch_first": True, "norm_first": True},
    "no bias": {"bias": False},
    "eps": {"layer_norm_eps": 0.1},
}
each_option = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def drawn(layer, dtype="float64"):
    """The layer with the parameters that start at 0 or 1 drawn too."""
    random = np.random.default_rng(1)
    layer = layer.to(dtype)
    for parameter in layer.parameters():
        parameter.data[...] = random.standard_normal(parameter.shape) / 2
    return layer


def inputs_of(options, rng, dtype="float64", lengths=(3, 5)):
    shapes = [
        (2, length, 4) if options.get("batch_first") else (length, 2, 4)
        for length in lengths
    ]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def given(layer, masks):
    """The masks as the library of the layer wants them."""
    if not isinstance(layer, torch.nn.Module):
        return masks
    return {
        name: torch.tensor(mask) if isinstance(mask, np.ndarray) else mask
        for name, mask in masks.items()
    }


def tight_or_not(dtype):
    tight = dtype == "float64"
    return {"rtol": 1e-9 if tight else 1e-3, "atol": 1e-10 if tight else 1e-4}


@each_dtype
@each_option
def test_an_encoders_layer_trains_alike(options, dtype, same_training, rng):
    ours = drawn(nn.TransformerEncoderLayer(4, 2, 6, 0.0, rng=0, **options), dtype)

    same_training(
        ours,
        torch.nn.TransformerEncoderLayer(4, 2, 6, 0.0, **options),
        inputs_of(options, rng, dtype)[:1],
        **tight_or_not(dtype),
    )


LATER = np.triu(np.ones((3, 3), bool), 1)
PADDING = np.array([[False, False, True], [False] * 3])
MASKS = {
    "mask": {"src_mask": LATER},
    "numbers": {"src_mask": np.arange(9.0).reshape(3, 3) / 9},
    "heads": {"src_mask": np.tile(LATER.T, (4, 1, 1))},
    "padding": {"src_key_padding_mask": PADDING},
    "both": {"src_mask": LATER, "src_key_padding_mask": PADDING},
    "causal": {"src_mask": LATER, "is_causal": True},
}


@pytest.mark.parametrize("masks", MASKS.values(), ids=MASKS)
@each_option
def test_masks_of_an_encoders_layer(options, masks, same_training, rng):
    same_training(
        drawn(nn.TransformerEncoderLayer(4, 2, 6, 0.0, rng=0, **options)),
        torch.nn.TransformerEncoderLayer(4, 2, 6, 0.0, **options),
        inputs_of(options, rng)[:1],
        call=lambda layer, x: layer(x, **given(layer, masks)),
    )


@each_option
def test_an_encoders_layer_in_evaluation(options, same_training, rng):
    same_training(
        drawn(nn.TransformerEncoderLayer(4, 2, 6, 0.5, rng=0, **options)).eval(),
        torch.nn.TransformerEncoderLayer(4, 2, 6, 0.5, **options).eval(),
        inputs_of(options, rng)[:1],
    )


@each_option
def test_second_gradients_of_an_encoders_layer(options, both, rng):
    ours = drawn(nn.TransformerEncoderLayer(4, 2, 6, 0.0, rng=0, **options))
    theirs = torch.nn.TransformerEncoderLayer(4, 2, 6, 0.0, **options).double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})

    # Only this way of torch to compute attention has second gradients.
    with sdpa_kernel(SDPBackend.MATH):
        both(ours, theirs, inputs_of(options, rng)[:1], rtol=1e-8, atol=1e-9)


@each_dtype
@each_option
def test_a_decoders_layer_trains_alike(options, dtype, same_training, rng):
    same_training(
        drawn(nn.TransformerDecoderLayer(4, 2, 6, 0.0, rng=0, **options), dtype),
        torch.nn.TransformerDecoderLayer(4, 2, 6, 0.0, **options),
        inputs_of(options, rng, dtype),
        **tight_or_not(dtype),
    )


MEMORY = np.array([[False] * 3 + [True] * 2, [False] * 5])
DECODER_MASKS = {
    "mask": {"tgt_mask": LATER},
    "memory": {"memory_mask": np.eye(3, 5, dtype=bool)},
    "padding": {"tgt_key_padding_mask": PADDING},
    "padded memory": {"memory_key_padding_mask": MEMORY},
    "causal": {"tgt_mask": LATER, "tgt_is_causal": True},
    "all": {
        "tgt_mask": LATER,
        "memory_mask": np.eye(3, 5, dtype=bool),
        "tgt_key_padding_mask": PADDING,
        "memory_key_padding_mask": MEMORY,
    },
}


@pytest.mark.parametrize("masks", DECODER_MASKS.values(), ids=DECODER_MASKS)
@each_option
def test_masks_of_a_decoders_layer(options, masks, same_training, rng):
    same_training(
        drawn(nn.TransformerDecoderLayer(4, 2, 6, 0.0, rng=0, **options)),
        torch.nn.TransformerDecoderLayer(4, 2, 6, 0.0, **options),
        inputs_of(options, rng),
        call=lambda layer, *xs: layer(*xs, **given(layer, masks)),
    )


@each_dtype
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_first": True},
        {"activation": "relu"},
        {"bias": False},
        {"dim_feedforward": 5},
        {"layer_norm_eps": 0.1},
    ],
    ids=str,
)
def test_a_causal_block_is_torchs_encoder_layer(options, dtype, same_training, rng):
    there = {"dim_feedforward": 16, "activation": "gelu", "norm_first": True, **options}

    def call(layer, x):
        if not isinstance(layer, torch.nn.Module):
            return layer(x)
        return layer(x, torch.tensor(LATER), is_causal=True)

    same_training(
        drawn(nn.CausalDecoderLayer(4, 2, dropout=0.0, rng=0, **options), dtype),
        torch.nn.TransformerEncoderLayer(4, 2, dropout=0.0, **there),
        inputs_of(options, rng, dtype)[:1],
        call=call,
        **tight_or_not(dtype),
    )


STACKS = [(1, False), (2, False), (2, True), (3, True), (4, False)]


@each_dtype
@pytest.mark.parametrize(("count", "norm"), STACKS)
def test_a_stack_of_encoders_trains_alike(count, norm, dtype, same_training, rng):
    ours = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(4, 2, 6, 0.0, rng=0),
        count,
        nn.LayerNorm(4) if norm else None,
    )
    theirs = torch.nn.TransformerEncoder(
        torch.nn.TransformerEncoderLayer(4, 2, 6, 0.0),
        count,
        torch.nn.LayerNorm(4) if norm else None,
        enable_nested_tensor=False,
    )
    masks = {"mask": LATER, "src_key_padding_mask": PADDING}

    same_training(
        drawn(ours, dtype),
        theirs,
        inputs_of({}, rng, dtype)[:1],
        call=lambda layer, x: layer(x, **given(layer, masks)),
        **tight_or_not(dtype),
    )


@each_dtype
@pytest.mark.parametrize(("count", "norm"), STACKS)
def test_a_stack_of_decoders_trains_alike(count, norm, dtype, same_training, rng):
    ours = nn.TransformerDecoder(
        nn.TransformerDecoderLayer(4, 2, 6, 0.0, rng=0),
        count,
        nn.LayerNorm(4) if norm else None,
    )
    theirs = torch.nn.TransformerDecoder(
        torch.nn.TransformerDecoderLayer(4, 2, 6, 0.0),
        count,
        torch.nn.LayerNorm(4) if norm else None,
    )
    masks = DECODER_MASKS["all"]

    same_training(
        drawn(ours, dtype),
        theirs,
        inputs_of({}, rng, dtype),
        call=lambda layer, *xs: layer(*xs, **given(layer, masks)),
        **tight_or_not(dtype),
    )


def test_causality_needs_a_mask_there_and_none_here(agree, rng):
    ours = drawn(nn.TransformerEncoderLayer(4, 2, 6, 0.0, rng=0))
    theirs = torch.nn.TransformerEncoderLayer(4, 2, 6, 0.0).double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = rng.standard_normal((3, 2, 4))

    found = ours(Tensor(x), is_causal=True)

    agree(found, theirs(torch.tensor(x), torch.tensor(LATER), is_causal=True))
    with pytest.raises(RuntimeError, match="attn_mask"):
        theirs(torch.tensor(x), is_causal=True)


@pytest.mark.parametrize("kind", ["TransformerEncoderLayer", "TransformerDecoderLayer"])
@each_option
def test_initial_values_have_the_distribution_of_torch(kind, options):
    ours = getattr(nn, kind)(160, 4, 240, rng=0, **options).state_dict()
    theirs = getattr(torch.nn, kind)(160, 4, 240, **options).state_dict()

    assert list(ours) == list(theirs)
    for name, array in ours.items():
        other = theirs[name].numpy()
        np.testing.assert_allclose(array.std(), other.std(), rtol=0.2, atol=1e-9)
        np.testing.assert_allclose(np.abs(array).max(), np.abs(other).max(), rtol=0.05)
