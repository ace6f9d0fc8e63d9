"""Putting arrays together, and taking them apart."""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math

from pebblegrad.autograd._op import op


@op
def concat(xp, /, *arrays, axis=0):
    """Joined one after the other along an axis that they have.

    Args:
        arrays: a list of one or more; their shapes may differ along `axis` only.
        axis: the axis to join along; None flattens all of them first.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.concat([Tensor([1.0, 2.0]), Tensor([3.0])])
        Tensor([1., 2., 3.], dtype=float32)
    """
    return xp.concat(arrays, axis=axis)


@concat.backward("arrays")
def _(xp, g, in_shape, axis):
    pieces, start = [], 0
    for shape in in_shape:
        size = math.prod(shape) if axis is None else shape[axis]
        piece = slice(start, start + size)
        before = () if axis is None else (slice(None),) * (axis % len(shape))
        pieces.append(xp.reshape(g[(*before, piece, ...)], shape))
        start += size
    return pieces


@op
def stack(xp, /, *arrays, axis=0):
    """Joined along a new axis.

    Args:
        arrays: a list of one or more, all of the same shape.
        axis: where the new axis shall be.
    """
    return xp.stack(arrays, axis=axis)


@stack.backward("arrays")
def _(g, in_shape, axis):
    before = (slice(None),) * (axis % (len(in_shape[0]) + 1))
    return [g[(*before, i, ...)] for i in range(len(in_shape))]


@concat.explain
@stack.explain
def _(*arrays, axis=0):
    if len({len(shape) for shape in arrays}) > 1:
        return "the numbers of axes must be equal"
    if axis is not None and not arrays[0]:
        return "a single number has no axis to join along; stack makes one"
    if len(set(arrays)) > 1:
        return "the shapes must be equal, for concat but along the axis of joining"
    return None
