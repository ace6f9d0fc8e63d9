"""All windows of an array, and putting windows back where they came from.

Convolution and pooling look at an array through a window that moves along it. The two
ops here are that motion and nothing else: `sliding_windows` picks, `fold` adds back,
and each is the rule of the other. Along one axis, with a window of K places, position
``p`` and place ``k`` of the window are element ``p * stride + k * dilation``, and the
number of positions is ``(size - (K - 1) * dilation - 1) // stride + 1``.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import itertools
import operator

from pebblegrad.autograd._namespace import namespace
from pebblegrad.autograd._op import op


@op
def sliding_windows(xp, x, /, window_shape, stride=1, dilation=1, axes=None):
    """All windows along the last axes, or along `axes`.

    On NumPy's arrays the result is a view that cannot be written into, for an element
    is in several windows.

    Args:
        x: any shape that has the axes.
        window_shape: the places of a window along each axis, an int or a tuple.
        stride: how far a window is from the next, an int or one for each axis.
        dilation: how far a place of a window is from the next, an int or one for each.
        axes: the axes to go along, an int or a tuple; None are the last, as many as the
            window has.

    Returns:
        The shape of ``x`` with the number of positions along each of the axes, and
        behind it `window_shape`.

    Raises:
        ValueError: if a window is larger than ``x``, an argument has not one number for
            each axis, a number is not positive, or there is no such axis.
        TypeError: if a number is no int.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([1.0, 2.0, 3.0, 4.0, 5.0])
        >>> ops.sliding_windows(x, 3, stride=2)
        Tensor([[1., 2., 3.],
                [3., 4., 5.]], dtype=float32)
        >>> images = Tensor([[[0.0] * 28] * 28])  # (N, H, W)
        >>> ops.sliding_windows(images, (3, 3)).shape
        (1, 26, 26, 3, 3)
    """
    window, walk = _walk(x.shape, window_shape, stride, dilation, axes)
    pieces = [x[elements] for elements, _ in _steps(len(x.shape), window, walk)]
    windows = xp.stack(pieces, axis=-1)
    return xp.reshape(windows, (*windows.shape[:-1], *window))


def _view(xp, x, /, window_shape, stride, dilation, axes):
    """The same windows without a copy: as strides through the memory of `x`."""
    window, walk = _walk(x.shape, window_shape, stride, dilation, axes)
    shape, strides, behind = list(x.shape), list(x.strides), []
    for axis, positions, step, gap in walk:
        behind.append(strides[axis] * gap)
        shape[axis] = positions
        strides[axis] *= step
    return xp.lib.stride_tricks.as_strided(
        x, (*shape, *window), (*strides, *behind), writeable=False
    )


sliding_windows.implement(namespace([]), _view)


@op
def fold(xp, x, /, shape, stride=1, dilation=1, axes=None):
    """Windows added back to where `sliding_windows` takes them from.

    An element that is in several windows gets the sum over them, one that is in none
    is 0.

    Args:
        x: windows: the shape that `sliding_windows` gives.
        shape: the sizes of the result along the axes of the windows, an int or a tuple.
        stride: as in `sliding_windows`.
        dilation: as in `sliding_windows`.
        axes: as in `sliding_windows`: the axes of the result, and of the positions in
            ``x``.

    Returns:
        The shape of ``x`` without the axes of the window, and with the sizes `shape` in
        the place of the positions.

    Raises:
        ValueError: if ``x`` has not the positions that windows of such an array have,
            or as in `sliding_windows`.
        TypeError: if a number is no int.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> windows = Tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
        >>> ops.fold(windows, 5, stride=2)
        Tensor([ 1.,  2., 13., 20., 30.], dtype=float32)
    """
    sizes = positive_ints("shape", shape, None)
    window = x.shape[len(x.shape) - len(sizes) :]
    full = list(x.shape[: len(x.shape) - len(sizes)])
    for axis, size in zip(axes_along(len(full), len(sizes), axes), sizes, strict=True):
        full[axis] = size
    window, walk = _walk(tuple(full), window, stride, dilation, axes)
    for axis, positions, *_ in walk:
        if x.shape[axis] != positions:
            raise ValueError(
                f"size {full[axis]} has {positions} positions for a window of "
                f"{tuple(window)}, and x has {x.shape[axis]} along axis {axis}"
            )
    out = xp.zeros(tuple(full), dtype=x.dtype)
    for elements, place in _steps(len(full), window, walk):
        out[elements] += x[(..., *place)]
    return out


@sliding_windows.backward("x")
def _(g, in_shape, window_shape, stride, dilation, axes):
    count = len(positive_ints("window_shape", window_shape, None))
    sizes = [in_shape[axis] for axis in axes_along(len(in_shape), count, axes)]
    return fold(g, tuple(sizes), stride, dilation, axes)


@fold.backward("x")
def _(g, in_shape, shape, stride, dilation, axes):
    window = in_shape[len(g.shape) :]
    return sliding_windows(g, window, stride, dilation, axes)


def _walk(shape, window_shape, stride, dilation, axes):
    """Return the window, and the axis, positions, stride and dilation of each axis."""
    window = positive_ints("window_shape", window_shape, None)
    count = len(window)
    strides = positive_ints("stride", stride, count)
    dilations = positive_ints("dilation", dilation, count)
    walk = []
    for axis, size, step, gap in zip(
        axes_along(len(shape), count, axes), window, strides, dilations, strict=True
    ):
        span = (size - 1) * gap + 1
        if span > shape[axis]:
            raise ValueError(
                f"axis {axis} has size {shape[axis]}, and a window of {size} with "
                f"dilation {gap} takes {span}; pad x, or take a smaller window"
            )
        walk.append((axis, (shape[axis] - span) // step + 1, step, gap))
    return window, walk


def _steps(ndim, window, walk):
    """Yield for each place of a window which elements it meets, as an index."""
    for place in itertools.product(*map(range, window)):
        elements = [slice(None)] * ndim
        for k, (axis, positions, step, gap) in zip(place, walk, strict=True):
            first = k * gap
            elements[axis] = slice(first, first + (positions - 1) * step + 1, step)
        yield tuple(elements), place


def positive_ints(name, value, count):
    """Return one positive int for each axis, from an int for all or a tuple."""
    copies = 1 if count is None else count
    given = tuple(value) if hasattr(value, "__iter__") else (value,) * copies
    numbers = tuple(map(operator.index, given))
    if count is not None and len(numbers) != count:
        raise ValueError(
            f"{name} has {len(numbers)} numbers and the window {count}; one for each "
            "is needed, or a single int"
        )
    if not all(number > 0 for number in numbers):
        raise ValueError(f"{name} is {value}; positive ints are needed")
    return numbers


def axes_along(ndim, count, axes):
    """Return the axes to go along, as positions from 0."""
    if axes is None:
        if count > ndim:
            raise ValueError(f"there are {ndim} axes, and the window has {count}")
        return tuple(range(ndim - count, ndim))
    given = tuple(axes) if hasattr(axes, "__iter__") else (axes,)
    if len(given) != count:
        raise ValueError(f"axes names {len(given)}, and the window has {count}")
    for axis in given:
        if not -ndim <= operator.index(axis) < ndim:
            raise ValueError(f"there is no axis {axis} among {ndim}")
    found = tuple(axis % ndim for axis in given)
    if len(set(found)) < count:
        raise ValueError("an axis is named twice")
    return found
