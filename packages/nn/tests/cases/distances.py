"""Rows of `layers/distances.py`."""

import numpy as np

from ._case import Case


def cosine(axis=1, eps=1e-8):
    """The formula of `CosineSimilarity`."""

    def reference(x1, x2):
        x1, x2 = np.broadcast_arrays(x1, x2)
        lengths = [np.sqrt(np.sum(x * x, axis)) for x in (x1, x2)]
        longest = [np.maximum(length, eps) for length in lengths]
        return np.sum(x1 * x2, axis) / (longest[0] * longest[1])

    return reference


def distance(p=2.0, eps=1e-6, keepdim=False):
    """The formula of `PairwiseDistance`."""

    def reference(x1, x2):
        sizes = np.abs(x1 - x2 + eps)
        return np.sum(sizes**p, axis=-1, keepdims=keepdim) ** (1 / p)

    return reference


PAIRS = [[(4, 3), (4, 3)], [(4, 3), (1, 3)], [(0, 3), (0, 3)]]
VECTORS = [[(3,), (3,)], [(2, 4, 3), (3,)]]
DEEP = [[(2, 4, 3), (2, 4, 3)], [(2, 4, 3), (4, 3)]]

CASES = [
    Case("CosineSimilarity()", PAIRS, cosine()),
    Case("CosineSimilarity(dim=0)", [*DEEP, VECTORS[0]], cosine(0)),
    Case("CosineSimilarity(dim=-1, eps=0.01)", [*PAIRS, *VECTORS], cosine(-1, 0.01)),
    # The lengths are below 5: nothing but a product of the two is left.
    Case("CosineSimilarity(eps=5)", PAIRS, lambda a, b: np.sum(a * b, 1) / 25),
    Case("PairwiseDistance()", [*PAIRS, *VECTORS, *DEEP], distance()),
    Case("PairwiseDistance(p=1)", PAIRS, distance(1)),
    Case("PairwiseDistance(p=3, eps=0.01)", PAIRS, distance(3, 0.01)),
    Case("PairwiseDistance(keepdim=True)", [*PAIRS, *VECTORS], distance(keepdim=True)),
]
