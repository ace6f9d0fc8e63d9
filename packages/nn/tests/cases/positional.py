"""Rows of `layers/positional.py`."""

import numpy as np

from ._case import Case


def sinusoids(length, dim, base=10000.0):
    """The vectors of `SinusoidalPositionalEncoding`, one number after the other."""
    vectors = np.zeros((length, dim))
    for position in range(length):
        for i in range(dim):
            angle = position / base ** (2 * (i // 2) / dim)
            vectors[position, i] = np.cos(angle) if i % 2 else np.sin(angle)
    return vectors


def turned(x, pairs, base=10000.0):
    """The formula of `RotaryEmbedding`: each pair as a complex number."""
    out = np.array(x)
    dim = x.shape[-1]
    for i, (first, second) in enumerate(pairs):
        angle = np.arange(x.shape[-2]) / base ** (2 * i / dim)
        z = (x[..., first] + 1j * x[..., second]) * np.exp(1j * angle)
        out[..., first], out[..., second] = z.real, z.imag
    return out


CASES = [
    Case(
        "SinusoidalPositionalEncoding(4)",
        [(5, 2, 4), (3, 4), (0, 2, 4), (3, 0, 4)],
        lambda x: x + sinusoids(len(x), 4).reshape(len(x), *[1] * (x.ndim - 2), 4),
    ),
    Case(
        "SinusoidalPositionalEncoding(3, batch_first=True)",
        [(2, 5, 3), (5, 3)],
        lambda x: x + sinusoids(5, 3),
    ),
    Case(
        "SinusoidalPositionalEncoding(4, base=100.0)",
        [(5, 4)],
        lambda x: x + sinusoids(5, 4, 100.0),
    ),
    Case(
        "LearnedPositionalEncoding(5, 3)",
        [(4, 2, 3), (5, 3), (0, 2, 3)],
        lambda x, weight: x + weight[: len(x)].reshape(len(x), *[1] * (x.ndim - 2), 3),
        {"weight": (5, 3)},
    ),
    Case(
        "LearnedPositionalEncoding(5, 3, batch_first=True)",
        [(2, 4, 3), (4, 3)],
        lambda x, weight: x + weight[:4],
        {"weight": (5, 3)},
    ),
    Case(
        "LearnedPositionalEncoding(1, 1)",
        [(1, 2, 1)],
        lambda x, weight: x + weight,
        {"weight": (1, 1)},
    ),
    Case(
        "RotaryEmbedding(4)",
        [(2, 3, 4), (3, 4), (2, 2, 3, 4), (0, 3, 4)],
        lambda x: turned(x, [(0, 1), (2, 3)]),
    ),
    Case(
        "RotaryEmbedding(6, interleaved=False)",
        [(3, 6)],
        lambda x: turned(x, [(0, 3), (1, 4), (2, 5)]),
    ),
    Case(
        "RotaryEmbedding(2, base=10.0)",
        [(5, 2)],
        lambda x: turned(x, [(0, 1)], 10.0),
    ),
]
