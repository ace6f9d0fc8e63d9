"""Rows of `layers/transformer.py` and `layers/transformer_stacks.py`."""

import math

import numpy as np

from ._case import Case
from .attention import attention, causal
from .linear import affine

_erf = np.vectorize(math.erf, otypes=[float])


def relu(x):
    """The positive part."""
    return np.maximum(x, 0)


def gelu(x):
    """The exact one, with the error function."""
    return x * (1 + _erf(x / np.sqrt(2))) / 2


def normalized(x, weight, bias=0.0, eps=1e-5):
    """The formula of `LayerNorm`."""
    centered = x - x.mean(axis=-1, keepdims=True)
    variance = (centered**2).mean(axis=-1, keepdims=True)
    return centered / np.sqrt(variance + eps) * weight + bias


def block(
    x,
    *state,
    memory=None,
    activation=relu,
    bias=True,
    norm_first=False,
    batch_first=False,
    eps=1e-5,
    added=0.0,
):
    """The formula of the layers; the state in its order, with memory a decoder's."""
    state = list(state)

    def take(count):
        return [state.pop(0) for _ in range(count if bias else count // 2)]

    attentions = [take(4)] if memory is None else [take(4), take(4)]
    first, second = take(2), take(2)
    norms = [take(2) for _ in range(len(attentions) + 1)]

    def attend(x, other, parameters, added):
        options = {"bias": bias, "batch_first": batch_first, "added": added}
        return attention(x, other, other, *parameters, **options)[0]

    parts = [lambda x: attend(x, x, attentions[0], added)]
    if memory is not None:
        parts.append(lambda x: attend(x, memory, attentions[1], 0.0))
    parts.append(lambda x: affine(activation(affine(x, *first)), *second))
    for part, norm in zip(parts, norms, strict=True):
        if norm_first:
            x = x + part(normalized(x, *norm, eps=eps))
        else:
            x = normalized(x + part(x), *norm, eps=eps)
    return x


def state_of(size, inner, attentions=("self_attn",), prefix="", bias=True):
    """Names and shapes of the state of a layer."""
    shapes = {}
    for name in attentions:
        shapes[f"{name}.in_proj_weight"] = (3 * size, size)
        shapes[f"{name}.in_proj_bias"] = (3 * size,)
        shapes[f"{name}.out_proj.weight"] = (size, size)
        shapes[f"{name}.out_proj.bias"] = (size,)
    shapes["linear1.weight"], shapes["linear1.bias"] = (inner, size), (inner,)
    shapes["linear2.weight"], shapes["linear2.bias"] = (size, inner), (size,)
    for i in range(len(attentions) + 1):
        shapes[f"norm{i + 1}.weight"] = shapes[f"norm{i + 1}.bias"] = (size,)
    return {
        prefix + name: shape
        for name, shape in shapes.items()
        if bias or not name.endswith("bias")
    }


def stacked(shapes, count):
    """Names and shapes of the state of several layers."""
    return {
        f"layers.{i}.{name}": shape
        for i in range(count)
        for name, shape in shapes.items()
    }


BOTH = ("self_attn", "multihead_attn")
ENCODER = state_of(4, 6)
DECODER = state_of(4, 6, BOTH)


def in_turn(x, *state, count=2, norm=False, each=12, **options):
    """The formula of the stacks."""
    for i in range(count):
        x = block(x, *state[i * each : (i + 1) * each], **options)
    return normalized(x, *state[count * each :]) if norm else x


def text_of(stack, layer, count, norm=False):
    """The text of a stack's `repr`."""
    lines = [f"  (layers.{i}): {layer}" for i in range(count)]
    lines += ["  (norm): LayerNorm(4)"] * norm
    return "\n".join([f"{stack}(", *lines, ")"])


CASES = [
    Case(
        "TransformerEncoderLayer(4, 2, dim_feedforward=6, dropout=0.0)",
        [(3, 2, 4), (3, 4), (3, 0, 4)],
        block,
        ENCODER,
    ),
    Case(
        "TransformerEncoderLayer(4, 2, dim_feedforward=6, activation='gelu', "
        "batch_first=True, norm_first=True)",
        [(2, 3, 4)],
        lambda *a: block(
            *a, activation=gelu, norm_first=True, batch_first=True, added=causal(3, 3)
        ),
        ENCODER,
        training=False,
        call=lambda layer, x: layer(x, is_causal=True),
    ),
    Case(
        "TransformerEncoderLayer(4, 2, dim_feedforward=6, layer_norm_eps=0.001, "
        "bias=False)",
        [(3, 2, 4)],
        lambda *a: block(*a, eps=1e-3, bias=False),
        state_of(4, 6, bias=False),
        training=False,
    ),
    Case(
        "TransformerDecoderLayer(4, 2, dim_feedforward=6, dropout=0.0)",
        [[(3, 2, 4), (2, 2, 4)], [(3, 4), (2, 4)]],
        lambda x, memory, *state: block(x, *state, memory=memory),
        DECODER,
    ),
    Case(
        "TransformerDecoderLayer(4, 2, dim_feedforward=6, activation='gelu', "
        "batch_first=True, norm_first=True)",
        [[(2, 3, 4), (2, 2, 4)]],
        lambda x, memory, *state: block(
            x,
            *state,
            memory=memory,
            activation=gelu,
            norm_first=True,
            batch_first=True,
            added=causal(3, 3),
        ),
        DECODER,
        training=False,
        call=lambda layer, *xs: layer(*xs, tgt_is_causal=True),
    ),
    Case(
        "TransformerDecoderLayer(4, 2, dim_feedforward=6, bias=False)",
        [[(3, 2, 4), (2, 2, 4)]],
        lambda x, memory, *state: block(x, *state, memory=memory, bias=False),
        state_of(4, 6, BOTH, bias=False),
        training=False,
    ),
    Case(
        "CausalDecoderLayer(4, 2, dropout=0.0)",
        [(3, 2, 4), (3, 4)],
        lambda *a: block(*a, activation=gelu, norm_first=True, added=causal(3, 3)),
        state_of(4, 16),
    ),
    Case(
        "CausalDecoderLayer(4, 2, dim_feedforward=6, activation='relu', "
        "batch_first=True)",
        [(2, 3, 4)],
        lambda *a: block(*a, norm_first=True, batch_first=True, added=causal(3, 3)),
        ENCODER,
        training=False,
    ),
    Case(
        "CausalDecoderLayer(4, 2, dim_feedforward=6, bias=False)",
        [(3, 2, 4)],
        lambda *a: block(
            *a, activation=gelu, norm_first=True, bias=False, added=causal(3, 3)
        ),
        state_of(4, 6, bias=False),
        training=False,
    ),
    # Of the stacks only first gradients are checked: their layers are above, and each
    # of the many parameters takes a check of its own.
    Case(
        text_of(
            "TransformerEncoder",
            "TransformerEncoderLayer(4, 2, dim_feedforward=6)",
            2,
        ),
        [(3, 2, 4), (3, 4)],
        in_turn,
        stacked(ENCODER, 2),
        training=False,
        order=1,
        made_by="TransformerEncoder(TransformerEncoderLayer(4, 2, 6), 2)",
    ),
    Case(
        text_of(
            "TransformerEncoder",
            "TransformerEncoderLayer(4, 2, dim_feedforward=6)",
            1,
            norm=True,
        ),
        [(3, 2, 4)],
        lambda *a: in_turn(*a, count=1, norm=True),
        {**stacked(ENCODER, 1), "norm.weight": (4,), "norm.bias": (4,)},
        training=False,
        order=1,
        made_by="TransformerEncoder(TransformerEncoderLayer(4, 2, 6), 1, LayerNorm(4))",
    ),
    Case(
        text_of(
            "TransformerEncoder",
            "TransformerEncoderLayer(4, 2, dim_feedforward=6, batch_first=True)",
            2,
        ),
        [(2, 3, 4)],
        lambda *a: in_turn(*a, batch_first=True, added=causal(3, 3)),
        stacked(ENCODER, 2),
        training=False,
        order=1,
        made_by="TransformerEncoder([TransformerEncoderLayer(4, 2, 6, "
        "batch_first=True, rng=i) for i in range(2)])",
        call=lambda layer, x: layer(x, is_causal=True),
    ),
    Case(
        text_of(
            "TransformerDecoder",
            "TransformerDecoderLayer(4, 2, dim_feedforward=6)",
            2,
        ),
        [[(3, 2, 4), (2, 2, 4)]],
        lambda x, memory, *state: in_turn(x, *state, memory=memory, each=18),
        stacked(DECODER, 2),
        training=False,
        order=1,
        made_by="TransformerDecoder(TransformerDecoderLayer(4, 2, 6), 2)",
    ),
    Case(
        text_of(
            "TransformerDecoder",
            "TransformerDecoderLayer(4, 2, dim_feedforward=6)",
            1,
            norm=True,
        ),
        [[(3, 2, 4), (2, 2, 4)]],
        lambda x, memory, *state: in_turn(
            x, *state, memory=memory, count=1, norm=True, each=18
        ),
        {**stacked(DECODER, 1), "norm.weight": (4,), "norm.bias": (4,)},
        training=False,
        order=1,
        made_by="TransformerDecoder(TransformerDecoderLayer(4, 2, 6), 1, LayerNorm(4))",
    ),
    Case(
        text_of(
            "TransformerDecoder",
            "TransformerDecoderLayer(4, 2, dim_feedforward=6, batch_first=True)",
            2,
        ),
        [[(2, 3, 4), (2, 2, 4)]],
        lambda x, memory, *state: in_turn(
            x, *state, memory=memory, each=18, batch_first=True, added=causal(3, 3)
        ),
        stacked(DECODER, 2),
        training=False,
        order=1,
        made_by="TransformerDecoder([TransformerDecoderLayer(4, 2, 6, "
        "batch_first=True, rng=i) for i in range(2)])",
        call=lambda layer, *xs: layer(*xs, tgt_is_causal=True),
    ),
]
