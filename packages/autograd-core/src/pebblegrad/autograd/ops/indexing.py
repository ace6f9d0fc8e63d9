"""Picking elements out of an array, and putting them into one.

`getitem` and `scatter` are each other's rule: what is picked twice gets two gradients,
so `scatter` adds. The others pick along one axis, or give an array with some elements
changed, which in a graph takes the place of assigning to them. An index is a constant:
no gradient goes through it.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

from pebblegrad.autograd._namespace import cast, kind, namespace
from pebblegrad.autograd._op import op

from ._axes import one_axis
from ._operands import array_of, shape_of
from .arithmetic import add
from .shaping import reshape

_FEW = 1000  # fewer elements are added sooner than their flat places are worked out


@op
def getitem(xp, x, /, index):
    """``x[index]``, with NumPy's basic and advanced indexing.

    Args:
        x: any shape.
        index: ints, slices, ``...``, None, and integer or boolean arrays or lists, or a
            tuple of them.

    Returns:
        The elements, in the shape that NumPy gives; where the index has no arrays, a
        view of ``x``.

    Raises:
        IndexError: if there is no such element, a mask does not fit, there are more
            indices than axes, or an index is no integer.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> x[[0, 0, 2]].sum().backward()
        >>> x.grad
        Tensor([2., 0., 1.], dtype=float32)
    """
    return x[index]


@op
def scatter(xp, x, /, shape, index):
    """Zeros of `shape` with ``x`` added at `index`; elements named twice get both.

    Args:
        x: the shape that ``zeros(shape)[index]`` has, or one that broadcasts to it.
        shape: of the result.
        index: as in `getitem`.

    Raises:
        ValueError: if ``x`` does not have that shape.
        IndexError: as in `getitem`.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.scatter(Tensor([1.0, 10.0, 100.0]), (4,), [1, 1, 3])
        Tensor([  0.,  11.,   0., 100.], dtype=float32)
    """
    integers = integer_arrays(xp, index)
    if not hasattr(xp.add, "at"):  # the standard cannot even assign at integers
        by_places = bool(integers)
    else:
        by_places = may_repeat(integers) and x.size >= _FEW
    if by_places:
        shape = tuple(shape) if hasattr(shape, "__iter__") else (shape,)
        places = _places(xp, shape, index)
        return scatter_flat(xp.broadcast_to(x, places.shape), shape, places)
    out = xp.zeros(shape, dtype=x.dtype)
    if may_repeat(integers):
        xp.add.at(out, index, x)
    else:
        out[index] = x
    return out


@op
def scatter_flat(xp, x, /, shape, places):
    """Zeros of `shape` with ``x`` added at `places`, as elements are counted in order.

    NumPy's ``add.at`` is several times faster along one axis than on others.
    """
    x, places = xp.reshape(x, (-1,)), xp.reshape(places, (-1,))
    if hasattr(xp.add, "at"):
        out = xp.zeros(shape, dtype=x.dtype)
        xp.add.at(xp.reshape(out, (-1,)), places, x)  # the flat array is a view
        return out
    out = xp.zeros(math.prod(shape), dtype=x.dtype)
    for i in range(x.shape[0]):  # the standard has nothing of the kind
        out[int(places[i])] += x[i]
    return xp.reshape(out, shape)


getitem.backward("x", lambda g, in_shape, index: scatter(g, in_shape, index))
scatter.backward("x", lambda g, index: g[index])
scatter_flat.__name__ = "scatter"
scatter_flat.backward("x", lambda xp, g, places: xp.reshape(g, (-1,))[places])


@getitem.explain
def _(x, /, index):
    for part in _parts(index):
        if hasattr(part, "dtype") and kind(part) not in "iub":
            return (
                f"an index has dtype {part.dtype}; integers or booleans are needed: "
                'give dtype="int64", or astype it (a Tensor of a list holds floats)'
            )
    return None  # the library's own words say which axis, and its size


@scatter.explain
def _(x, /, shape, index):
    numpy = namespace([])
    try:
        picked = numpy.broadcast_to(0, shape)[index].shape
    except (IndexError, TypeError, ValueError):
        return getitem.explanation(shape, index=index)
    if x == picked:
        return None
    return f"the index picks shape {picked}, and x must have that shape"


def _parts(index):
    return index if isinstance(index, tuple) else (index,)


def integer_arrays(xp, index):
    """Return the arrays of integers in an index; a list is one too."""
    kinds = slice | int | None
    others = [p for p in _parts(index) if p is not ... and not isinstance(p, kinds)]
    return [array for array in map(xp.asarray, others) if kind(array) != "b"]


def may_repeat(integers):
    """Whether these may name an element twice: one of them must hold two integers."""
    return any(math.prod(array.shape) > 1 for array in integers)


def _places(xp, shape, index):
    """Return where the elements that `index` picks are in the flat array.

    That is the sum over the axes of an element's position times the step of the axis.
    Picking with `index` from the steps of one axis, broadcast along all others, gives
    the part of that axis, whatever kind of index it is. Behind the axes that `index`
    speaks of, whole rows are picked, and their elements follow each other.
    """
    covered = _axes_covered(xp, index, len(shape))
    row = shape[covered:]
    parts, step = [], math.prod(row)
    for axis in reversed(range(covered)):
        steps = xp.reshape(xp.arange(shape[axis]) * step, _along(axis, covered))
        parts.append(xp.broadcast_to(steps, shape[:covered])[index])
        step *= shape[axis]
    rows = sum(parts)
    places = xp.reshape(rows, (-1, 1)) + xp.arange(math.prod(row))
    return xp.reshape(places, (*rows.shape, *row))


def _along(axis, ndim):
    """Return the shape that puts the elements of one axis along `axis`."""
    return (1,) * axis + (-1,) + (1,) * (ndim - axis - 1)


def _axes_covered(xp, index, ndim):
    """Return how many axes, from the first, an index speaks of."""
    count = 0
    for part in _parts(index):
        if part is ...:
            return ndim
        if part is not None:
            is_mask = not isinstance(part, slice) and kind(xp.asarray(part)) == "b"
            count += len(xp.asarray(part).shape) if is_mask else 1
    return count


def take(x, /, indices, axis=None) -> Any:
    """The elements, or rows, at `indices` along an axis.

    Args:
        x: any shape.
        indices: integers of any shape: a list, an array or a Tensor; negative ones
            count from the end.
        axis: the axis; None flattens first.

    Returns:
        The shape of ``x`` with that of `indices` in the place of the axis.

    Raises:
        IndexError: if an index is outside of the axis.
        TypeError: if the indices are no integers.
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> table = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> ops.take(table, [1, 1, 0], axis=0)
        Tensor([[3., 4.],
                [3., 4.],
                [1., 2.]], dtype=float32)
    """
    shape, indices = shape_of("take", x), _integers("take", x, indices)
    if axis is None:
        x, axis = reshape(x, (math.prod(shape),)), 0
    return _take(x, indices, one_axis("take", x, axis))


@op
def _take(xp, x, /, indices, axis):
    rows = xp.take(x, xp.reshape(indices, (-1,)), axis=axis)
    return xp.reshape(rows, x.shape[:axis] + indices.shape + x.shape[axis + 1 :])


_take.__name__ = "take"


@op
def scatter_rows(xp, x, /, shape, indices, axis):
    """Zeros of `shape` with the rows of ``x`` added to those that `take` takes."""
    return scatter_flat.forward(xp, x, shape, places_of_rows(shape, indices, axis))


@_take.backward("x")
def _(g, in_shape, indices, axis):
    return scatter_rows(g, in_shape, indices, axis)


scatter_rows.__name__ = "scatter"
scatter_rows.backward("x", lambda g, indices, axis: take(g, indices, axis))


@_take.explain
def _(x, /, indices, axis):
    return _explain_range(x, indices, axis)


def take_along_axis(x, /, indices, axis=-1) -> Any:
    """For each place, the element at the index that `indices` has there, along an axis.

    ``out[i, j, k] = x[i, indices[i, j, k], k]`` for ``axis=1`` (PyTorch's `gather`). It
    takes what `argmax` with `keepdims`, or `argsort`, found.

    Args:
        x: any shape with at least one axis.
        indices: integers, with as many axes as ``x``: a list, an array or a Tensor;
            negative ones count from the end. Along the other axes the two are
            broadcast.
        axis: the axis that the indices are places of.

    Returns:
        The shape of `indices`, but for broadcasting.

    Raises:
        IndexError: if an index is outside of the axis, or the sizes of another axis do
            not go together.
        TypeError: if the indices are no integers.
        ValueError: if there is no such axis, or `indices` has more or fewer axes.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> scores = Tensor([[1.0, 5.0], [7.0, 3.0]])
        >>> ops.take_along_axis(scores, [[1], [1]])
        Tensor([[5.],
                [3.]], dtype=float32)
    """
    indices = _integers("take_along_axis", x, indices)
    return _take_along_axis(x, indices, one_axis("take_along_axis", x, axis))


@op
def _take_along_axis(xp, x, /, indices, axis):
    return xp.take_along_axis(x, indices, axis=axis)


_take_along_axis.__name__ = "take_along_axis"


@_take_along_axis.backward("x")
def _(g, in_shape, indices, axis):
    return scatter_flat(g, in_shape, places_along(in_shape, indices, axis))


@_take_along_axis.explain
def _(x, /, indices, axis):
    shape = tuple(indices.shape)
    if len(shape) != len(x):
        return (
            f"indices has shape {shape}; it must have as many axes as x: "
            "expand_dims gives it another"
        )
    for other, sizes in enumerate(zip(x, shape, strict=True)):
        if other != axis and len(set(sizes) - {1}) > 1:
            return (
                f"indices has shape {shape}; axis {other} has sizes {sizes[0]} and "
                f"{sizes[1]}, which must be equal or 1"
            )
    return _explain_range(x, indices, axis)


# As the user calls them, in errors and in pictures of the graph.


def _integers(who, x, indices):
    """Return `indices` as an array of integers of the library of `x`."""
    shape, xp = shape_of(who, x), namespace([array_of(x)])
    try:
        array = xp.asarray(array_of(indices))
    except (TypeError, ValueError):
        array = None
    if array is None or (kind(array) not in "iu" and math.prod(array.shape)):
        given = type(indices).__name__ if array is None else array.dtype
        raise TypeError(
            f"{who}: x has shape {shape}, the indices are {given}; integers are "
            'needed: a list of ints, an array, or a Tensor with dtype="int64"'
        )
    return cast(xp, array, xp.int64)


def _explain_range(shape, indices, axis):
    """Return which index is outside of an axis."""
    xp, size = namespace([indices]), shape[axis]
    flat = xp.reshape(indices, (-1,))
    outside = flat[(flat < -size) | (flat >= size)]
    if not outside.shape[0]:
        return None
    return f"axis {axis} has size {size}, and {int(outside[0])} is no place in it" + (
        f"; -{size} to {size - 1} are needed" if size else ""
    )


def _from_the_start(indices, size):
    """Return indices that count from 0."""
    xp = namespace([indices])
    return xp.where(indices < 0, indices + size, indices)


def places_of_rows(shape, indices, axis):
    """Return where in the flat array the elements are that `take` takes."""
    xp, size, row = namespace([indices]), shape[axis], math.prod(shape[axis + 1 :])
    starts = xp.reshape(xp.arange(math.prod(shape[:axis])) * size, (-1, 1))
    rows = starts + xp.reshape(_from_the_start(indices, size), (1, -1))
    places = xp.reshape(rows, (-1, 1)) * row + xp.arange(row)
    return xp.reshape(places, shape[:axis] + indices.shape + shape[axis + 1 :])


def places_along(shape, indices, axis):
    """Return where in the flat array `take_along_axis` takes its elements from."""
    xp, places, step = namespace([indices]), 0, 1
    for other in reversed(range(len(shape))):
        if other == axis:
            positions = _from_the_start(indices, shape[axis])
        else:
            positions = xp.reshape(xp.arange(shape[other]), _along(other, len(shape)))
        places = places + positions * step
        step *= shape[other]
    return places


def index_add(x, /, index, source, axis=0) -> Any:
    """``x`` with the rows of ``source`` added to its rows at `index`.

    A new array; a row that is named twice gets both.

    Args:
        x: any shape with at least one axis.
        index: shape (K,): integers, a list, an array or a Tensor; negative ones count
            from the end.
        source: the shape of ``x``, but with K along the axis.
        axis: the axis along which the rows are counted.

    Returns:
        The shape of ``x``.

    Raises:
        IndexError: if an index is outside of the axis.
        TypeError: if the indices are no integers.
        ValueError: if there is no such axis, or the shapes do not go together.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.index_add(Tensor([1.0, 1.0, 1.0]), [0, 2, 2], Tensor([1.0, 2.0, 3.0]))
        Tensor([2., 1., 6.], dtype=float32)
    """
    index = _integers("index_add", x, index)
    shape, axis = shape_of("index_add", x), one_axis("index_add", x, axis)
    given = shape_of("index_add", source)
    who = f"index_add: x has shape {shape} and source has shape {given}, axis={axis}"
    if len(index.shape) != 1:
        raise ValueError(
            f"{who}; the index has shape {tuple(index.shape)}, and one axis is needed"
        )
    needed = (*shape[:axis], index.shape[0], *shape[axis + 1 :])
    if given != needed:
        raise ValueError(f"{who}; with {needed[axis]} indices, source must be {needed}")
    reason = _explain_range(shape, index, axis)
    if reason is not None:
        raise IndexError(f"{who}; {reason}")
    return add(x, scatter_rows(source, shape, index, axis))


def index_put(x, /, index, value) -> Any:
    """``x`` with ``value`` in the place of its elements at `index`.

    A new array: what ``x[index] = value`` would do, where a graph has to know of it.
    Elements that are overwritten get the gradient 0. Where `index` names an element
    twice, the last value stays, and only that one gets its gradient.

    Args:
        x: any shape.
        index: as in `getitem`; Tensors of integers or booleans are arrays here.
        value: a number, or the shape that ``x[index]`` has, or one that broadcasts to
            it; it is cast to the dtype of ``x``.

    Returns:
        The shape of ``x``.

    Raises:
        IndexError: as in `getitem`.
        ValueError: if ``value`` does not broadcast to the shape of ``x[index]``.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> y = ops.index_put(x, slice(1, None), 0.0)
        >>> y.data
        array([1., 0., 0.], dtype=float32)
        >>> (y * y).sum().backward()
        >>> x.grad
        Tensor([2., 0., 0.], dtype=float32)
    """
    parts = tuple(array_of(part) for part in _parts(index))
    return put_at(x, value, parts if isinstance(index, tuple) else parts[0])


@op
def put_at(xp, x, value, /, index):
    """A copy of ``x`` with `value` at `index`."""
    out = xp.asarray(x, copy=True)
    picked, given = out[index].shape, getattr(value, "shape", ())
    if len(given) > len(picked):  # assigning would leave out axes of size 1 in front
        raise ValueError(f"value must have shape {tuple(picked)}, or broadcast to it")
    out[index] = value
    return out


put_at.__name__ = "index_put"
put_at.backward("x", lambda g, index: put_at(g, 0.0, index))


@put_at.backward("value")
def _(xp, g, index):
    picked = g[index]
    library = namespace([array_of(g)])
    if not may_repeat(integer_arrays(library, index)):
        return picked
    stays = that_stay(library, g.shape, picked.shape, index)
    return xp.where(stays, picked, xp.zeros_like(picked))


def that_stay(xp, shape, picked, index):
    """Return which of the values at `index` no later one overwrites."""
    numbers = xp.reshape(xp.arange(math.prod(picked)), picked)
    last = xp.zeros(shape, dtype=numbers.dtype)
    last[index] = numbers
    return last[index] == numbers


@put_at.explain
def _(x, value, /, index):
    return getitem.explanation(x, index=index)
