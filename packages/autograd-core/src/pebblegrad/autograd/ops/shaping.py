"""Ops that move elements without computing anything.

The rule of each is the move back: a reshape for a reshape, the inverse permutation for
a permutation. `broadcast_to` and `sum_to` are each other's rule. `reshape` and
`permute_dims` carry the others, which are spellings of the two.

On NumPy's arrays most results are views, as NumPy's own are: they share the memory of
``x``.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._broadcasting import sum_to as _sum_to
from pebblegrad.autograd._op import op

from ._axes import all_axes, one_axis
from ._operands import shape_of


@op
def reshape(xp, x, /, shape):
    """The same elements, in the same order, in another shape.

    Args:
        x: any shape.
        shape: the new shape, an int or a tuple; one size may be -1 and is worked out.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.reshape(Tensor([1.0, 2.0, 3.0, 4.0]), (2, -1))
        Tensor([[1., 2.],
                [3., 4.]], dtype=float32)
    """
    sizes = _sizes(shape)
    if sizes and min(sizes) < -1:  # which NumPy takes for -1
        raise ValueError("a size is negative; only -1 may be, which is worked out")
    return xp.reshape(x, sizes)


reshape.backward("x", lambda xp, g, in_shape: xp.reshape(g, in_shape))


@reshape.explain
def _(x, /, shape):
    sizes, count = _sizes(shape), math.prod(x)
    if not all(hasattr(size, "__index__") for size in sizes):
        return None
    if any(size < -1 for size in sizes):
        return None
    known = math.prod(size for size in sizes if size != -1)
    if sizes.count(-1) > 1:
        return "only one size may be -1"
    if -1 in sizes:
        return f"{count} elements do not fill rows of {known} places"
    return f"{count} elements do not fill {known} places"


def _sizes(shape):
    """Return `shape` as a tuple, where an int stands for one size."""
    if isinstance(shape, tuple):
        return shape
    return tuple(shape) if hasattr(shape, "__iter__") else (shape,)


def flatten(x, /, start_axis=0, end_axis=-1) -> Any:
    """The same elements, with the axes from one to another made into one.

    Args:
        x: any shape; a single number gives one axis of size 1.
        start_axis: the first of these axes (PyTorch's `start_dim`).
        end_axis: the last of them, which is included (PyTorch's `end_dim`).

    Returns:
        Shape (..., M, ...), where M is the product of the sizes of these axes.

    Raises:
        ValueError: if there is no such axis, or the last is in front of the first.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.flatten(Tensor([[[1.0, 2.0]], [[3.0, 4.0]]]), start_axis=1)
        Tensor([[1., 2.],
                [3., 4.]], dtype=float32)
    """
    if not shape_of("flatten", x):
        x = reshape(x, (1,))
    start, end = one_axis("flatten", x, start_axis), one_axis("flatten", x, end_axis)
    shape = tuple(x.shape)
    if end < start:
        raise ValueError(
            f"flatten: x has shape {shape}, start_axis={start_axis}, "
            f"end_axis={end_axis}; the last axis is in front of the first"
        )
    size = math.prod(shape[start : end + 1])
    return reshape(x, (*shape[:start], size, *shape[end + 1 :]))


def ravel(x, /) -> Any:
    """The same elements, in the same order, along one axis.

    Args:
        x: any shape.

    Returns:
        Shape (M,), where M is the number of elements.
    """
    return reshape(x, (math.prod(shape_of("ravel", x)),))


@op
def permute_dims(xp, x, /, axes):
    """The axes in another order: axis ``i`` of the result is axis ``axes[i]`` of ``x``.

    Args:
        x: any shape.
        axes: each axis of ``x`` once.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> images = Tensor([[[1.0, 2.0, 3.0]]])  # (H, W, C)
        >>> ops.permute_dims(images, (2, 0, 1)).shape  # (C, H, W)
        (3, 1, 1)
    """
    return xp.permute_dims(x, tuple(axes))


@permute_dims.backward("x")
def _(xp, g, axes):
    back = sorted(range(len(axes)), key=lambda i: axes[i] % len(axes))
    return xp.permute_dims(g, tuple(back))


@permute_dims.explain
def _(x, /, axes):
    return f"each of the {len(x)} axes of x is needed once"


def transpose(x, /, axes=None) -> Any:
    """The axes in reversed order, or in the order `axes`: NumPy's transpose.

    PyTorch's ``transpose(x, 0, 1)`` swaps two axes: that is `swapaxes` here.

    Args:
        x: any shape.
        axes: each axis of ``x`` once; None reverses them.

    Returns:
        The axes of ``x``, of the sizes that they have there.

    Raises:
        ValueError: if `axes` is not each axis once.
        TypeError: if an axis is no int, or `axes` is a single one.
    """
    shape = shape_of("transpose", x)
    if axes is None:
        return permute_dims(x, tuple(reversed(range(len(shape)))))
    if not isinstance(axes, tuple | list):
        raise TypeError(
            f"transpose: x has shape {shape}, axes={axes}; a tuple of all axes is "
            "needed (swapaxes swaps two)"
        )
    order = all_axes("transpose", x, axes)
    if len(order) < len(shape):
        raise ValueError(
            f"transpose: x has shape {shape}, axes={axes}; each of the {len(shape)} "
            "axes of x is needed once (swapaxes swaps two)"
        )
    return permute_dims(x, order)


@op
def matrix_transpose(xp, x, /):
    """The last two axes swapped.

    Args:
        x: shape (..., M, N).

    Returns:
        Shape (..., N, M).
    """
    return xp.matrix_transpose(x)


matrix_transpose.backward("x", lambda xp, g: xp.matrix_transpose(g))


@matrix_transpose.explain
def _(x, /):
    return "a matrix is needed: two axes or more"


def swapaxes(x, /, axis1, axis2) -> Any:
    """The axes `axis1` and `axis2` in each other's place (PyTorch's `transpose`).

    Args:
        x: any shape that has the two axes.
        axis1: an axis.
        axis2: another one, or the same: then nothing moves.

    Raises:
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.swapaxes(Tensor([[1.0, 2.0], [3.0, 4.0]]), 0, 1)
        Tensor([[1., 3.],
                [2., 4.]], dtype=float32)
    """
    order = list(range(len(shape_of("swapaxes", x))))
    first, second = one_axis("swapaxes", x, axis1), one_axis("swapaxes", x, axis2)
    order[first], order[second] = second, first
    return permute_dims(x, tuple(order))


def moveaxis(x, /, source, destination) -> Any:
    """One axis or several moved; the others keep their order.

    Args:
        x: any shape that has these axes.
        source: an axis, or a tuple of them.
        destination: the place of each among the axes of the result.

    Raises:
        ValueError: if there is no such axis, one is named twice, or there are more axes
            than places or fewer.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> images = Tensor([[[1.0, 2.0, 3.0]]])  # (H, W, C)
        >>> ops.moveaxis(images, -1, 0).shape  # (C, H, W)
        (3, 1, 1)
    """
    shape = shape_of("moveaxis", x)
    sources = all_axes("moveaxis", x, _sizes(source))
    places = all_axes("moveaxis", x, _sizes(destination))
    if len(sources) != len(places):
        raise ValueError(
            f"moveaxis: x has shape {shape}, source={source}, "
            f"destination={destination}; there must be as many places as axes"
        )
    order = [axis for axis in range(len(shape)) if axis not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return permute_dims(x, tuple(order))


@op
def expand_dims(xp, x, /, axis=0):
    """With new axes of size 1 (PyTorch's `unsqueeze`).

    Args:
        x: any shape.
        axis: the place of the new axis among those of the result, or a tuple of
            places for several.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.expand_dims(Tensor([1.0, 2.0]), (0, -1)).shape
        (1, 2, 1)
    """
    if isinstance(axis, int):
        return xp.expand_dims(x, axis=axis)
    return xp.reshape(x, _expanded(getattr(x, "shape", ()), _sizes(axis)))


def _expanded(shape, new):
    """Return `shape` with axes of size 1 at the places `new`."""
    ndim = len(shape) + len(new)
    if not all(hasattr(axis, "__index__") for axis in new):
        raise TypeError("an axis is no integer")
    if not all(-ndim <= axis < ndim for axis in new):
        raise ValueError(f"the result has {ndim} axes, and no such axis among them")
    places = {axis % ndim for axis in new}
    if len(places) < len(new):
        raise ValueError("an axis is named twice")
    old = iter(shape)
    return tuple(1 if axis in places else next(old) for axis in range(ndim))


expand_dims.backward("x", lambda xp, g, in_shape: xp.reshape(g, in_shape))


@expand_dims.explain
def _(x, /, axis=0):
    if isinstance(axis, int):
        return f"the result has {len(x) + 1} axes, and axis {axis} is none of them"
    return None


@op
def squeeze(xp, x, /, axis=None):
    """Without axes of size 1.

    PyTorch keeps an axis of another size and says nothing; here it is an error.

    Args:
        x: any shape.
        axis: an axis of size 1, a tuple of such, or None for all that there are.

    Raises:
        ValueError: if an axis has another size, or there is no such axis.
    """
    if axis is None:
        axis = tuple(i for i, size in enumerate(getattr(x, "shape", ())) if size == 1)
    return xp.squeeze(x, axis=axis)


squeeze.backward("x", lambda xp, g, in_shape: xp.reshape(g, in_shape))


@squeeze.explain
def _(x, /, axis=None):
    for a in axis if isinstance(axis, tuple) else (axis,):
        if isinstance(a, int) and not -len(x) <= a < len(x):
            return f"there is no axis {a} among {len(x)}"
        if isinstance(a, int) and x[a] != 1:
            return f"axis {a} has size {x[a]}; only an axis of size 1 can be left out"
    return None


@op
def broadcast_to(xp, x, /, shape):
    """Repeated along new axes and axes of size 1 until it has `shape`.

    The new axes are in front. On NumPy's arrays the result is a view that cannot be
    written into, for several of its elements are one in memory.

    Args:
        x: a shape that broadcasts to `shape`.
        shape: an int or a tuple.

    Raises:
        ValueError: if the shape of ``x`` does not broadcast to it.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.broadcast_to(Tensor([1.0, 2.0]), (2, 2))
        Tensor([[1., 2.],
                [1., 2.]], dtype=float32)
    """
    return xp.broadcast_to(x, _sizes(shape))


@broadcast_to.explain
def _(x, /, shape):
    sizes = _sizes(shape)
    if not all(hasattr(size, "__index__") for size in sizes):
        return None
    if any(size < 0 for size in sizes):
        return "a size is negative; write the size that the axis has"
    if len(sizes) < len(x):
        return f"x has {len(x)} axes, and the shape must have as many or more"
    for axis in range(-1, -len(x) - 1, -1):
        if x[axis] not in (1, sizes[axis]):
            return f"axis {axis} of x has size {x[axis]}; 1 or {sizes[axis]} is needed"
    return None


@op
def sum_to(xp, x, /, shape):
    """Summed over the axes that broadcasting from `shape` would have repeated.

    Args:
        x: any shape that `shape` broadcasts to.
        shape: of the result, an int or a tuple.

    Raises:
        ValueError: if `shape` does not broadcast to that of ``x``.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.sum_to(Tensor([[1.0, 2.0], [3.0, 4.0]]), (1, 2))
        Tensor([[4., 6.]], dtype=float32)
    """
    return _sum_to(xp, x, _sizes(shape))


broadcast_to.backward("x", lambda g, in_shape: sum_to(g, in_shape))
sum_to.backward("x", lambda xp, g, in_shape: xp.broadcast_to(g, in_shape))


def broadcast_arrays(*arrays) -> Any:
    """All arrays in the one shape that they broadcast to, as a tuple.

    Args:
        arrays: Tensors or arrays, whose sizes along each axis, from the last backwards,
            are equal or 1.

    Returns:
        A Tensor for each Tensor and an array for each array, each of the common shape.

    Raises:
        ValueError: if there is no common shape.
        TypeError: if one is a number or a list, which have no shape.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x, y = ops.broadcast_arrays(Tensor([[1.0], [2.0]]), Tensor([3.0, 4.0]))
        >>> x.shape, y.shape
        ((2, 2), (2, 2))
    """
    shapes = [shape_of("broadcast_arrays", array) for array in arrays]
    reason = explain_broadcasting(*shapes)
    if reason is not None:
        listed = " and ".join(str(shape) for shape in shapes)
        raise ValueError(f"broadcast_arrays: the shapes are {listed}; {reason}")
    ndim = max((len(shape) for shape in shapes), default=0)
    full = [(1,) * (ndim - len(shape)) + shape for shape in shapes]
    common = tuple(
        next((size for size in sizes if size != 1), 1)
        for sizes in zip(*full, strict=True)
    )
    return tuple(broadcast_to(array, common) for array in arrays)
