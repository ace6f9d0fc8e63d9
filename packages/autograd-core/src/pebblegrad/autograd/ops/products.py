"""Products of matrices."""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._op import op


@op
def matmul(xp, x, y, /):
    """Matrix product ``x @ y`` over the last two axes; the axes before are broadcast.

    A vector ``x`` counts as a row, a vector ``y`` as a column; the axis that this adds
    is dropped from the result.

    Args:
        x: shape (..., M, K) or (K,).
        y: shape (..., K, N) or (K,).

    Returns:
        Shape (..., M, N), without M or N where a vector was given.

    Raises:
        ValueError: if the two sizes K differ, or an operand is a single number.
    """
    return xp.matmul(x, y)


@matmul.backward("x")
def _(xp, g, in_shape, y):
    if y.ndim == 1:
        g = xp.expand_dims(g, axis=-1)  # (..., M, 1)
        y = xp.expand_dims(y, axis=-1)  # (K, 1)
    if len(in_shape) == 1:
        g = xp.expand_dims(g, axis=-2)  # (..., 1, N)
    return g @ y.mT


@matmul.backward("y")
def _(xp, g, x, in_shape):
    if len(in_shape) == 1:
        g = xp.expand_dims(g, axis=-1)  # (..., M, 1)
    if x.ndim == 1:
        g = xp.expand_dims(g, axis=-2)  # (..., 1, N)
        x = xp.expand_dims(x, axis=0)  # (1, K)
    gradient = x.mT @ g
    return xp.squeeze(gradient, axis=-1) if len(in_shape) == 1 else gradient


@matmul.explain
def _(x, y, /):
    for name, shape in (("x", x), ("y", y)):
        if not shape:
            return f"{name} is a single number; use multiply, or give it an axis"
    which = "last axis" if len(y) == 1 else "second-to-last"
    k, other = x[-1], y[-1 if len(y) == 1 else -2]
    if k != other:
        return f"x's last axis ({k}) must equal y's {which} ({other})"
    return explain_broadcasting(x[:-2], y[:-2])
