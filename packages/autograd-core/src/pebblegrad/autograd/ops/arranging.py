"""Ops that repeat elements, turn them round, and put more of them around an array.

`flip` and `roll` are permutations, and the rule of each is the way back. `tile` and
`repeat` copy elements; the gradient of an element is the sum over its copies. `pad` is
composed: zeros around are a `scatter` into a larger array, the other borders are
slices of ``x`` itself, joined to it.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import functools
import math
import numbers
import operator
from typing import Any

from pebblegrad.autograd._op import op

from ._operands import shape_of
from .indexing import getitem, scatter
from .joining import concat


@op
def tile(xp, x, /, repetitions):
    """The whole array, laid out again and again like tiles.

    Args:
        x: any shape.
        repetitions: how often along each axis, a tuple, or an int for the last one.
            With fewer counts than axes the first axes are not repeated; with more,
            ``x`` gets new axes in front.

    Returns:
        The size of each axis times its count.

    Raises:
        ValueError: if a count is negative.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.tile(Tensor([[1.0, 2.0]]), (2, 2))
        Tensor([[1., 2., 1., 2.],
                [1., 2., 1., 2.]], dtype=float32)
    """
    return xp.tile(x, as_tuple(repetitions))


@tile.backward("x")
def _(xp, g, in_shape, repetitions):
    counts = as_tuple(repetitions)
    ndim = max(len(counts), len(in_shape))
    counts = (1,) * (ndim - len(counts)) + counts
    sizes = (1,) * (ndim - len(in_shape)) + in_shape
    pairs = tuple(n for pair in zip(counts, sizes, strict=True) for n in pair)
    g = xp.reshape(g, pairs)
    for axis in reversed(range(ndim)):
        g = sum_of_copies(xp, g, 2 * axis)
    return xp.reshape(g, in_shape)


@tile.explain
def _(x, /, repetitions):
    return "an int, or a tuple of them, is needed, and none may be negative"


@op
def repeat(xp, x, /, repeats, axis=None):
    """Each element several times in a row.

    `tile` repeats the whole: ``1 2 1 2`` where this gives ``1 1 2 2``.

    Args:
        x: any shape.
        repeats: how often, an int, or a list with a count for each place along `axis`
            (PyTorch's `repeat_interleave`).
        axis: the axis to repeat along; None flattens first.

    Returns:
        The shape of ``x``, but for the size of `axis`: the sum of the counts.

    Raises:
        ValueError: if a count is negative, or there is not one for each place.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.repeat(Tensor([1.0, 2.0]), 2)
        Tensor([1., 1., 2., 2.], dtype=float32)
        >>> ops.repeat(Tensor([1.0, 2.0]), [1, 3])
        Tensor([1., 2., 2., 2.], dtype=float32)
    """
    counts = counts_of(repeats)
    if not isinstance(counts, int):
        counts = xp.asarray(counts, dtype=xp.int64)
    return xp.repeat(x, counts, axis=axis)


@repeat.backward("x")
def _(xp, g, in_shape, repeats, axis):
    shape = (math.prod(in_shape),) if axis is None else in_shape
    axis = 0 if axis is None else axis % len(shape)
    counts = counts_of(repeats)
    if isinstance(counts, int):
        g = xp.reshape(g, (*shape[: axis + 1], counts, *shape[axis + 1 :]))
        return xp.reshape(sum_of_copies(xp, g, axis + 1), in_shape)
    places = [place for place, count in enumerate(counts) for _ in range(count)]
    index = (*(slice(None),) * axis, places or slice(0))
    return xp.reshape(scatter(g, shape, index), in_shape)


def sum_of_copies(xp, g, axis):
    """The copies along one axis added up, since each of them is the same element."""
    count = g.shape[axis]
    if not 0 < count <= 16:
        return xp.sum(g, axis=axis)
    # NumPy's sum over so short an axis takes up to ten times as long.
    before = (slice(None),) * axis
    copies = [g[(*before, i, ...)] for i in range(count)]
    return functools.reduce(operator.add, copies)


def counts_of(repeats):
    """How often each element is repeated: an int for all of them, or a list."""
    if not hasattr(repeats, "__iter__"):
        return operator.index(repeats)
    counts = [operator.index(count) for count in repeats]
    return counts[0] if len(counts) == 1 else counts


@repeat.explain
def _(x, /, repeats, axis=None):
    if axis is not None and not _has_axis(x, axis):
        return f"there is no axis {axis} among {len(x)}"
    size = math.prod(x) if axis is None else x[axis]
    return (
        f"an int, or one for each of the {size} places, is needed, and none may be "
        "negative"
    )


@op
def flip(xp, x, /, axis=None):
    """In reversed order along one axis or several; on NumPy's arrays a view.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.

    Raises:
        ValueError: if there is no such axis, or one is named twice.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.flip(Tensor([1.0, 2.0, 3.0]))
        Tensor([3., 2., 1.], dtype=float32)
    """
    return xp.flip(x, axis=axis)


flip.backward("x", lambda xp, g, axis: xp.flip(g, axis=axis))


@flip.explain
def _(x, /, axis=None):
    axes = as_tuple(axis)
    for a in axes:
        if isinstance(a, int) and not _has_axis(x, a):
            return f"there is no axis {a} among {len(x)}"
    return None


@op
def roll(xp, x, /, shift, axis=None):
    """Shifted along an axis; what falls off at the end comes in again at the front.

    Args:
        x: any shape.
        shift: by how many places, an int, or a tuple with one for each of the axes.
            Negative ones shift to the front.
        axis: an axis, or a tuple of them; None shifts the elements in their order and
            keeps the shape.

    Raises:
        ValueError: if there is no such axis, or there are more shifts than axes.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.roll(Tensor([1.0, 2.0, 3.0]), 1)
        Tensor([3., 1., 2.], dtype=float32)
    """
    return xp.roll(x, shift, axis=axis)


@roll.backward("x")
def _(xp, g, shift, axis):
    several = hasattr(shift, "__iter__")
    back = tuple(-places for places in shift) if several else -shift
    return xp.roll(g, back, axis=axis)


@roll.explain
def _(x, /, shift, axis=None):
    axes = () if axis is None else as_tuple(axis)
    for a in axes:
        if isinstance(a, int) and not _has_axis(x, a):
            return f"there is no axis {a} among {len(x)}"
    if len({1, len(as_tuple(shift)), len(axes)}) > 2:
        return "one shift for all axes, or one for each, is needed"
    return None


def pad(x, /, pad_width, mode="constant", value=0) -> Any:
    """With a border around it.

    The parameters are NumPy's: a pair for each axis, from the first to the last.
    PyTorch's `pad` takes one flat list, from the last axis to the first.

    Args:
        x: any shape.
        pad_width: how many places to add along each axis: an int for all sides, a pair
            ``(before, after)`` for all axes, or a pair for each axis.
        mode: what to fill them with. "constant": `value`. "edge": the outermost
            elements (PyTorch's replicate). "reflect": the elements inside, as if a
            mirror stood on the outermost, ``3 2 [1 2 3] 2 1``. "wrap": the elements
            from the other end (PyTorch's circular).
        value: the number for "constant"; it is cast to the dtype of ``x``.

    Returns:
        Each axis longer by its two widths.

    Raises:
        ValueError: if a width is negative; if an axis has too few elements to fill the
            border with (NumPy goes on with what it has added; PyTorch refuses too); if
            there is no such mode.
        TypeError: if a width is no int, or `value` no number.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.pad(Tensor([[1.0, 2.0]]), ((0, 1), (1, 2)))
        Tensor([[0., 1., 2., 0., 0.],
                [0., 0., 0., 0., 0.]], dtype=float32)
        >>> ops.pad(Tensor([1.0, 2.0, 3.0]), 2, mode="reflect")
        Tensor([3., 2., 1., 2., 3., 2., 1.], dtype=float32)
    """
    shape = shape_of("pad", x)
    who = f"pad: x has shape {shape}, pad_width={pad_width}, mode={mode!r}"
    widths = _widths(who, shape, pad_width)
    if mode not in ("constant", "edge", "reflect", "wrap"):
        raise ValueError(
            f"{who}; the mode must be 'constant', 'edge', 'reflect' or 'wrap'"
        )
    if mode == "constant" or not any(map(any, widths)):
        return _in_constant(who, x, shape, widths, value)
    for axis, (before, after) in enumerate(widths):
        size = shape[axis]
        most = {"edge": math.inf if size else 0, "reflect": size - 1, "wrap": size}
        if before or after:
            if max(before, after) > most[mode]:
                raise ValueError(
                    f"{who}; axis {axis} has size {size}, too few elements to fill "
                    f"{before} places before it and {after} after it"
                )
            x = _continued(x, axis, before, after, mode)
    return x


def _in_constant(who, x, shape, widths, value):
    """Return `x` in a larger array that is `value` elsewhere."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{who}; value is a {type(value).__name__}, and no number")
    sizes = zip(shape, widths, strict=True)
    larger = tuple(before + size + after for size, (before, after) in sizes)
    sizes = zip(shape, widths, strict=True)
    index = tuple(slice(before, before + size) for size, (before, _) in sizes)
    if value == 0:
        return scatter(x, larger, index)
    return pad_with(x, larger, index, value)


@op
def pad_with(xp, x, /, shape, index, value):
    """``x`` at `index` in an array of `shape` that is `value` elsewhere."""
    out = xp.full(shape, value, dtype=x.dtype)
    out[index] = x
    return out


pad_with.__name__ = "pad"
pad_with.backward("x", lambda g, index: g[index])


def _continued(x, axis, before, after, mode):
    """Return `x` with what its own elements make of a border along one axis."""
    size = x.shape[axis]

    def part(start, stop):
        return getitem(x, (*(slice(None),) * axis, slice(start, stop), ...))

    if mode == "edge":
        front = repeat(part(0, 1), before, axis)
        back = repeat(part(size - 1, size), after, axis)
    elif mode == "reflect":
        front = flip(part(1, 1 + before), axis)
        back = flip(part(size - 1 - after, size - 1), axis)
    else:
        front, back = part(size - before, size), part(0, after)
    pieces = ((front, before), (x, size), (back, after))
    return concat([piece for piece, width in pieces if width], axis=axis)


def _widths(who, shape, pad_width):
    """Return a pair of widths for each axis, from any of the forms that `pad` takes."""
    given = pad_width.tolist() if hasattr(pad_width, "tolist") else pad_width
    if not isinstance(given, tuple | list):
        given = (given, given)
    if not any(isinstance(pair, tuple | list) for pair in given):
        given = (given,)  # one pair for all axes
    pairs = given * len(shape) if len(given) == 1 else given
    if len(pairs) != len(shape) or not all(
        isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs
    ):
        raise ValueError(
            f"{who}; an int, a pair (before, after), or such a pair for each of the "
            f"{len(shape)} axes is needed"
        )
    if not all(hasattr(width, "__index__") for pair in pairs for width in pair):
        raise TypeError(f"{who}; the widths must be ints")
    if any(width < 0 for pair in pairs for width in pair):
        raise ValueError(f"{who}; a width is negative: take a slice to make x smaller")
    return [tuple(map(operator.index, pair)) for pair in pairs]


def as_tuple(value):
    """A number, or several of them, as a tuple."""
    return tuple(value) if hasattr(value, "__iter__") else (value,)


def _has_axis(shape, axis):
    return -len(shape) <= axis < len(shape)
