"""Putting arrays together, and taking them apart.

Taking apart is slicing: an op has one result, so `split`, `chunk` and `unstack` are as
many `getitem` as there are pieces.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

from pebblegrad.autograd._op import op

from ._axes import one_axis
from ._operands import shape_of, whole
from .indexing import getitem


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


def split(x, /, sections_or_indices, axis=0) -> Any:
    """Cut into pieces along an axis: NumPy's split.

    PyTorch's ``split(x, 2)`` gives pieces of size 2; here it gives 2 pieces. For pieces
    that need not be equal there is `chunk`.

    Args:
        x: any shape with at least one axis.
        sections_or_indices: how many pieces there shall be, all of one size, or a list
            of the places to cut at: ``[2, 5]`` gives ``x[:2]``, ``x[2:5]``, ``x[5:]``.
        axis: the axis to cut.

    Returns:
        The pieces as a tuple; they have the axes that ``x`` has.

    Raises:
        ValueError: if the number of pieces does not divide the size of the axis, or
            there is no such axis.
        TypeError: if what should be an int is none.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> first, second = ops.split(Tensor([1.0, 2.0, 3.0, 4.0]), 2)
        >>> first, second
        (Tensor([1., 2.], dtype=float32), Tensor([3., 4.], dtype=float32))
    """
    shape, axis = shape_of("split", x), one_axis("split", x, axis)
    size = shape[axis]
    if hasattr(sections_or_indices, "__iter__"):
        places = [whole("split", x, "a place", i) for i in sections_or_indices]
    else:
        count = whole("split", x, "sections_or_indices", sections_or_indices)
        if count < 1 or size % count:
            raise ValueError(
                f"split: x has shape {shape}, sections_or_indices={count}, "
                f"axis={axis}; size {size} cannot be cut into {count} equal pieces: "
                "give a list of places, or use chunk"
            )
        places = [size // count * i for i in range(1, count)]
    return _cut(x, axis, [0, *places], [*places, None])


def chunk(x, /, chunks, axis=0) -> Any:
    """Cut into at most `chunks` pieces along an axis, of equal size but for the last.

    As in PyTorch: the size is that of the axis divided by `chunks`, rounded up, so that
    there may be fewer pieces: 5 elements in 4 chunks are 2, 2 and 1.

    Args:
        x: any shape with at least one axis.
        chunks: how many pieces there shall be at most, 1 or more.
        axis: the axis to cut.

    Returns:
        The pieces as a tuple; they have the axes that ``x`` has. Of an axis of size 0
        there are `chunks` pieces of size 0.

    Raises:
        ValueError: if `chunks` is less than 1, or there is no such axis.
        TypeError: if what should be an int is none.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> [piece.shape for piece in ops.chunk(Tensor([1.0, 2.0, 3.0]), 2)]
        [(2,), (1,)]
    """
    shape, axis = shape_of("chunk", x), one_axis("chunk", x, axis)
    count = whole("chunk", x, "chunks", chunks)
    if count < 1:
        raise ValueError(
            f"chunk: x has shape {shape}, chunks={count}; one or more is needed"
        )
    size = shape[axis]
    if not size:
        return _cut(x, axis, [0] * count, [0] * count)
    step = -(-size // count)
    starts = range(0, size, step)
    return _cut(x, axis, starts, [start + step for start in starts])


def unstack(x, /, axis=0) -> Any:
    """Take apart along an axis, which the pieces do not have: the inverse of `stack`.

    Args:
        x: any shape with at least one axis.
        axis: the axis to go along.

    Returns:
        As many pieces as the axis is long, as a tuple.

    Raises:
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.unstack(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
        (Tensor([1., 3.], dtype=float32), Tensor([2., 4.], dtype=float32))
    """
    shape, axis = shape_of("unstack", x), one_axis("unstack", x, axis)
    before = (slice(None),) * axis
    return tuple(getitem(x, (*before, i, ...)) for i in range(shape[axis]))


def _cut(x, axis, starts, stops):
    size, before = x.shape[axis], (slice(None),) * axis
    pieces = [slice(*places) for places in zip(starts, stops, strict=True)]
    # The standard knows no places outside: `indices` brings them in.
    inside = [slice(*piece.indices(size)) for piece in pieces]
    return tuple(getitem(x, (*before, piece, ...)) for piece in inside)
