"""The affine map, the part of a network that is learned."""

# mypy: allow-untyped-defs
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd import op


@op
def linear(xp, x, weight, bias=None, /):
    """Affine map ``out = x @ weight.T + bias``.

    Args:
        x: shape (..., D_in).
        weight: shape (D_out, D_in).
        bias: shape (D_out,), or None.

    Returns:
        Shape (..., D_out).

    Raises:
        ValueError: if the sizes do not match.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> linear(
        ...     Tensor([[1.0, 2.0]]),
        ...     Tensor([[1.0, 0.0], [1.0, 1.0]]),
        ...     Tensor([0.5, 0.0]),
        ... )
        Tensor([[1.5, 3. ]], dtype=float32)
    """
    # One op in place of three (transpose, matmul, add): a training step of a 2-16-16-1
    # net takes two thirds of the time.
    out = x @ weight.mT
    return out if bias is None else out + bias


linear.backward("x", lambda g, weight: g @ weight)
linear.backward("bias", lambda g: g)


@linear.backward("weight")
def _(xp, g, x):
    if x.ndim != 2:
        g, x = (
            xp.reshape(a, (-1, a.shape[-1])) for a in (g, x)
        )  # (N, D_out), (N, D_in)
    return g.mT @ x


@linear.explain
def _(x, weight, bias=None, /):
    if not x:
        return "x is a single number; its last axis must be the features"
    if len(weight) != 2:
        return "weight must have shape (D_out, D_in)"
    if x[-1] != weight[-1]:
        return (
            f"x's last axis ({x[-1]}) must equal weight's ({weight[-1]}), "
            "the number of input features"
        )
    return f"bias must have shape ({weight[0]},)"
