"""Where a token stands, for attention, which by itself does not see any order.

`sinusoidal_positions` makes vectors to add to the tokens, `rotary_embedding` turns
queries and keys by angles that grow with the position. Both rest on the same angles,
`position_angles`: the position times a frequency, one for each pair of features.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, get_default_dtype, op
from pebblegrad.nn._arguments import integer


def position_angles(positions: Any, dim: int, base: float = 10000.0) -> Any:
    """Angles ``position * base ** (-2 * i / dim)`` for the pairs i of `dim` features.

    Args:
        positions: any shape.
        dim: D, the number of features.
        base: the wavelengths go from 2π to nearly 2π times this.

    Returns:
        Shape (..., ceil(D / 2)), float64.

    Example:
        >>> position_angles([0, 1, 2], 4, base=100.0)
        array([[0. , 0. ],
               [1. , 0.1],
               [2. , 0.2]])
    """
    frequencies = base ** (-np.arange(0, dim, 2) / dim)
    return np.asarray(positions, np.float64)[..., None] * frequencies


def sinusoidal_positions(
    positions: Any, dim: int, base: float = 10000.0, dtype: Any = None
) -> Any:
    """Vectors that say where a token stands: sines and cosines of `position_angles`.

    Feature 2i is ``sin(angle[i])``, feature 2i + 1 is ``cos(angle[i])``.

    Args:
        positions: any shape, or an int L for 0 to L - 1.
        dim: D, the number of features.
        base: the wavelengths go from 2π to nearly 2π times this.
        dtype: of the result; the default dtype if None.

    Returns:
        Shape (..., D), an array.

    Raises:
        ValueError: if `dim` is not positive.

    Example:
        >>> sinusoidal_positions(2, 4, base=100.0, dtype="float64").round(3)
        array([[0.   , 1.   , 0.   , 1.   ],
               [0.841, 0.54 , 0.1  , 0.995]])

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.5,
        https://arxiv.org/abs/1706.03762
    """
    integer("sinusoidal_positions", "dim", dim)
    if np.ndim(positions) == 0:
        positions = range(integer("sinusoidal_positions", "positions", positions, 0))
    angles = position_angles(positions, dim, base)
    pairs = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    vectors = pairs.reshape(*angles.shape[:-1], -1)[..., :dim]  # one less if D is odd
    return vectors.astype(get_default_dtype() if dtype is None else dtype)


@op
def rotate_pairs(xp, x, /, cos, sin, interleaved=True):
    """Turn each pair of features by an angle: what `rotary_embedding` is made of.

    Args:
        x: shape (..., D).
        cos: the angles' cosines, a plain array of shape (..., D / 2).
        sin: their sines.
        interleaved: whether pairs are features 2i and 2i + 1, or i and i + D / 2.

    Returns:
        Same shape.
    """
    half = x.shape[-1] // 2
    even, odd = np.s_[..., ::2], np.s_[..., 1::2]
    first, second = (x[even], x[odd]) if interleaved else (x[..., :half], x[..., half:])
    turned = [first * cos - second * sin, first * sin + second * cos]
    if not interleaved:
        return xp.concat(turned, axis=-1)
    return xp.reshape(xp.stack(turned, axis=-1), x.shape)


# A rotation is undone by the opposite one, which is its transpose.
rotate_pairs.backward(
    "x", lambda g, cos, sin, interleaved: rotate_pairs(g, cos, -sin, interleaved)
)


def rotary_embedding(
    x: Any,
    positions: Any = None,
    *,
    base: float = 10000.0,
    interleaved: bool = True,
) -> Any:
    """Turn each pair of features by an angle that grows with the position.

    The product of a query and a key that were both turned depends on how far apart they
    stand, not on where.

    Args:
        x: shape (..., L, D), D even: queries or keys, of all heads alike.
        positions: shape (L,), or what broadcasts to (..., L); 0 to L - 1 if None.
        base: the wavelengths go from 2π to nearly 2π times this.
        interleaved: whether a pair is made of features 2i and 2i + 1, as in the paper,
            or of i and i + D / 2, as in GPT-NeoX and LLaMA. Weights that were trained
            with the one do not work with the other.

    Returns:
        Same shape.

    Raises:
        ValueError: if D is odd, or the positions do not fit.

    Example:
        >>> import math
        >>> from pebblegrad.autograd import Tensor
        >>> x = Tensor([[1.0, 0.0], [1.0, 0.0]])
        >>> rotary_embedding(x, [0.0, math.pi / 2]).data.round(3) + 0.0
        array([[1., 0.],
               [0., 1.]], dtype=float32)

    Reference:
        Su et al. 2021, "RoFormer: Enhanced Transformer with Rotary Position Embedding",
        section 3.2.2, https://arxiv.org/abs/2104.09864
    """
    x = x if isinstance(x, Tensor) else np.asarray(x)
    if x.ndim < 2 or x.shape[-1] % 2:
        raise ValueError(
            f"rotary_embedding: x has shape {x.shape}; (..., L, D) with an even D is "
            "needed"
        )
    if x.dtype.kind != "f":
        raise TypeError(f"rotary_embedding: x holds {x.dtype}; floats are needed")
    positions = np.arange(x.shape[-2]) if positions is None else np.asarray(positions)
    try:
        fits = np.broadcast_shapes(positions.shape, x.shape[:-1]) == x.shape[:-1]
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"rotary_embedding: positions has shape {positions.shape}; what broadcasts "
            f"to {x.shape[:-1]} is needed, one for each vector of x"
        )
    angles = position_angles(positions, x.shape[-1], base)
    cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    return rotate_pairs(x, cos, sin, interleaved)
