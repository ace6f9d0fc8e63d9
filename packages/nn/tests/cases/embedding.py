"""Rows of `layers/embedding.py`: the inputs are indices, which get no gradient."""

import numpy as np

from ._case import Case


def places(rng, shape):
    """Indices of a table with five rows; the first one is there."""
    indices = rng.integers(0, 5, shape)
    indices.reshape(-1)[:1] = 0
    return indices


def rows(indices, weight):
    """The formula: ones among zeros, times the table."""
    return (indices[..., None] == np.arange(len(weight))).astype(float) @ weight


INDICES = [(4,), (), (2, 3), (0,), (2, 0, 3)]

# The second gradient of what is linear in the table is 0.
CASES = [
    Case("Embedding(5, 3)", INDICES, rows, {"weight": (5, 3)}, domain=places),
    Case("Embedding(5, 1)", [(4,)], rows, {"weight": (5, 1)}, domain=places),
    Case("Embedding(7, 2)", [(2, 3)], rows, {"weight": (7, 2)}, domain=places),
    # The padding is not drawn: it gets no gradient, though it changes the output, which
    # `test_embedding.py` is about.
    Case(
        "Embedding(6, 3, padding_idx=5)",
        INDICES,
        rows,
        {"weight": (6, 3)},
        domain=places,
    ),
]
