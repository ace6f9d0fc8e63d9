"""Where a window stands that moves over an image: what convolution and pooling share.

Along one axis position ``p`` and place ``k`` of the window meet element
``p * stride + k * dilation - before``, where `before` is the padding in front. `places`
leaves out what lies outside of the image, so that pooling never writes padding into
memory. A signal (N, C, L) is treated as an image (N, C, 1, L).
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import itertools
from typing import NamedTuple

import numpy as np

from pebblegrad.autograd import ops
from pebblegrad.nn._arguments import integers, shape_of


class Windows(NamedTuple):
    """All positions of a window over images; each a pair, for the rows and columns.

    Attributes:
        sizes: H and W of the image.
        kernel: of the window.
        stride: how far a position is from the next.
        before: the padding above and to the left.
        dilation: how far a place of the window is from the next.
        positions: how many positions there are, below each other and side by side.
    """

    sizes: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    before: tuple[int, ...]
    dilation: tuple[int, ...]
    positions: tuple[int, ...]

    @property
    def are_apart(self):
        """Whether no element is in two of them."""
        along = zip(self.kernel, self.stride, self.dilation, strict=True)
        return all((size - 1) * gap < step for size, step, gap in along)

    @property
    def fill_the_image(self):
        """Whether windows that are apart leave no element out."""
        axes = zip(self.positions, self.stride, self.sizes, strict=True)
        return (
            self.kernel == self.stride
            and max(self.before) == 0
            and all(count * step >= size for count, step, size in axes)
        )


def places(windows):
    """Yield for each place of the window where it meets the image.

    Returns:
        The place (row, column), an index of the positions at which it is inside of the
        image, and an index of the elements that it meets there.
    """
    along = [list(_along(*axis)) for axis in zip(*windows, strict=True)]
    for row, column in itertools.product(*along):
        (i, above, y), (j, beside, x) = row, column
        yield (i, j), (..., above, beside), (..., y, x)


def room_like(xp, x, shape, dtype=None):
    """Return room for images that lie in memory as those of `x` do.

    A convolution gives images with the batch last. To read numbers in one order and
    write them in another takes several times as long as in one order.
    """
    if xp is np:
        return np.empty_like(x, dtype, shape=shape)
    return xp.empty(shape, dtype=x.dtype if dtype is None else dtype)


def _along(size, kernel, stride, before, dilation, positions):
    """Yield place, positions and elements along one axis."""
    for k in range(kernel):
        offset = k * dilation - before
        first = max(0, -(offset // stride))
        last = min(positions - 1, (size - 1 - offset) // stride)
        if first <= last:
            start = first * stride + offset
            elements = slice(start, last * stride + offset + 1, stride)
            yield k, slice(first, last + 1), elements


def walk(who, shape, kernel, stride, padding, dilation, *, ceil_mode=False):
    """Return the windows over images of a shape.

    Args:
        who: begins the message of an error.
        shape: of the images; the last axes are those that the window moves along.
        kernel: as many ints as there are such axes, and so the next three.
        stride: likewise.
        padding: a pair (before, after) for each axis.
        dilation: likewise.
        ceil_mode: whether a last window may reach over the edge.

    Raises:
        ValueError: if the window is larger than the image.
    """
    sizes = tuple(shape[len(shape) - len(kernel) :])
    positions = []
    for size, window, step, (before, after), gap in zip(
        sizes, kernel, stride, padding, dilation, strict=True
    ):
        span = (window - 1) * gap + 1
        room = size + before + after - span
        count = (-(-room // step) if ceil_mode else room // step) + 1
        if ceil_mode and (count - 1) * step >= size + before:
            count -= 1  # the last window must begin in the image or the padding before
        if count < 1:
            gaps = f" with dilation {dilation}" if max(dilation) > 1 else ""
            padded = tuple(n + sum(p) for n, p in zip(sizes, padding, strict=True))
            with_it = "" if padded == sizes else f", with its padding {padded}"
            raise ValueError(
                f"{who}: x has shape {tuple(shape)}; a window of {kernel}{gaps} does "
                f"not fit into {sizes}{with_it}; pad it, or take a smaller kernel_size"
            )
        positions.append(count)
    before = tuple(pair[0] for pair in padding)
    return windows_of(sizes, kernel, stride, before, dilation, tuple(positions))


def windows_of(*arguments):
    """Return `Windows` of one axis or two: with one there is a row of height 1."""
    rows = (1, 1, 1, 0, 1, 1)  # sizes, kernel, stride, before, dilation, positions
    if len(arguments[0]) == 1:
        arguments = tuple((row, *it) for row, it in zip(rows, arguments, strict=True))
    return Windows(*arguments)


def motion(who, axes, kernel_size, stride, padding, dilation):
    """Return the four arguments as a tuple for each axis, the padding as pairs."""
    kernel = integers(who, "kernel_size", kernel_size, axes)
    stride = kernel if stride is None else integers(who, "stride", stride, axes)
    widths = integers(who, "padding", padding, axes, 0)
    dilation = integers(who, "dilation", dilation, axes)
    return kernel, stride, tuple((width, width) for width in widths), dilation


def as_images(who, axes, x):
    """Return `x` as (N, C, H, W), and its shape.

    Args:
        who: begins the message of an error.
        axes: how many a window moves along: 2, or 1 for signals.
        x: (N, C, H, W) or (C, H, W), signals (N, C, L) or (C, L).
    """
    shape = shape_of(who, "x", x)
    if len(shape) not in (axes + 1, axes + 2):
        needed = "(N, C, H, W), or (C, H, W) for one image"
        if axes == 1:
            needed = "(N, C, L), or (C, L) for one signal"
        hint = ""
        if len(shape) == axes:
            hint = f"; x.reshape({', '.join(map(str, (1, 1, *shape)))}) adds the axes"
        raise ValueError(f"{who}: x has shape {shape}; {needed}, is needed{hint}")
    batch = shape[0] if len(shape) == axes + 2 else 1
    rows = (1,) * (2 - axes)
    full = (batch, shape[len(shape) - axes - 1], *rows, *shape[len(shape) - axes :])
    return (x if full == shape else ops.reshape(x, full)), shape


def as_given(out, shape, axes):
    """Return images (N, C, H, W) with the axes of an input of that `shape`."""
    full = tuple(out.shape)
    first = 0 if len(shape) == axes + 2 else 1
    wanted = (*full[first:2], *full[4 - axes :])
    return out if wanted == full else ops.reshape(out, wanted)
