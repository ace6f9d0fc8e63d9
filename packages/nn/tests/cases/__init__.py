"""The table of layers: every way of making every layer that the tests go through."""

from . import (
    activations,
    attention,
    containers,
    convolution,
    distances,
    dropout,
    embedding,
    flatten,
    interpolation,
    linear,
    mlp,
    normalization,
    pooling,
    positional,
    rectifiers,
    recurrent,
    softmax,
    transformer,
)
from ._case import Case, put

FAMILIES = (
    linear,
    rectifiers,
    activations,
    softmax,
    flatten,
    containers,
    mlp,
    positional,
    attention,
    transformer,
    convolution,
    pooling,
    interpolation,
    recurrent,
    normalization,
    dropout,
    embedding,
    distances,
)
CASES = [case for family in FAMILIES for case in family.CASES]

__all__ = ["CASES", "Case", "put"]
