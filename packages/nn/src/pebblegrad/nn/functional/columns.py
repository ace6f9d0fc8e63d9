"""What a window sees at each position, written side by side, and put back.

`im2col` makes a convolution a product of matrices. Its rule is `col2im`, which adds
what it is given back to where it came from, and the other way round.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

from pebblegrad.autograd import op, ops
from pebblegrad.nn._arguments import integers, shape_of

from ._windows import as_images, motion, places, walk


def im2col(
    x: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Any:
    """What a window sees at each position, as the columns of a matrix.

    ``conv2d(x, weight)`` is ``weight.reshape(D, -1) @ im2col(x, kernel_size)``.

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        kernel_size: kh and kw, or an int for both.
        stride: as in `conv2d`.
        padding: as in `conv2d`, ints.
        dilation: as in `conv2d`.

    Returns:
        Shape (N, C * kh * kw, L), a column for each of the L = OH * OW positions, as
        PyTorch's `unfold` orders them; without N if x had none.

    Raises:
        ValueError: if x is not an image, or the window is larger.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> im2col(Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]), 2)
        Tensor([[1., 2.],
                [2., 3.],
                [4., 5.],
                [5., 6.]], dtype=float32)
    """
    return _seen("im2col", x, kernel_size, stride, padding, dilation)


def unfold(
    x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """`im2col` with PyTorch's order of the arguments.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> unfold(Tensor([[[1.0, 2.0, 3.0]]]), (1, 2))
        Tensor([[1., 2.],
                [2., 3.]], dtype=float32)
    """
    return _seen("unfold", x, kernel_size, stride, padding, dilation)


def im2patches(
    x: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Any:
    """What a window sees at each position, as small images.

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        kernel_size: as in `im2col`, and so the others.
        stride: as in `conv2d`.
        padding: as in `conv2d`, ints.
        dilation: as in `conv2d`.

    Returns:
        Shape (N, OH, OW, C, kh, kw): the patch at row p and column q is ``[n, p, q]``;
        without N if x had none.

    Raises:
        ValueError: as in `im2col`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> im2patches(Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]), 2)[0, 1]
        Tensor([[[2., 3.],
                 [5., 6.]]], dtype=float32)
    """
    image, shape = as_images("im2patches", 2, x)
    moves = motion("im2patches", 2, kernel_size, stride, padding, dilation)
    seen = columns(image, walk("im2patches", shape, *moves))
    patches = ops.permute_dims(seen, (0, 4, 5, 1, 2, 3))
    return patches if len(shape) == 4 else patches[0]


def col2im(
    x: Any,
    output_size: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
) -> Any:
    """Columns added back to where `im2col` takes them from.

    Elements that several windows see are sums: ``col2im(im2col(x))`` is ``x`` times how
    often each element is seen.

    Args:
        x: shape (N, C * kh * kw, L), or without N.
        output_size: H and W of the images, or an int for both.
        kernel_size: as in `im2col`, and so the others.
        stride: as in `conv2d`.
        padding: as in `conv2d`, ints.
        dilation: as in `conv2d`.

    Returns:
        Shape (N, C, H, W), or without N.

    Raises:
        ValueError: if there are not as many columns as positions of the window.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> image = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
        >>> col2im(im2col(image, 2), (2, 3), 2)
        Tensor([[[ 1.,  4.,  3.],
                 [ 4., 10.,  6.]]], dtype=float32)
    """
    return _back("col2im", x, output_size, kernel_size, stride, padding, dilation)


def fold(
    x: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    """`col2im` with PyTorch's order of the arguments.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> fold(Tensor([[1.0, 2.0], [2.0, 3.0]]), (1, 3), (1, 2))
        Tensor([[[1., 4., 3.]]], dtype=float32)
    """
    return _back("fold", x, output_size, kernel_size, stride, padding, dilation)


@op
def columns(xp, x, /, windows):
    """What each place of the window sees: (N, C, H, W) to (N, C, kh, kw, OH, OW)."""
    shape = (*x.shape[:2], *windows.kernel, *windows.positions)
    out = xp.zeros(shape, dtype=x.dtype)
    for (i, j), positions, elements in places(windows):
        out[..., i, j, *positions[1:]] = x[elements]
    return out


@op
def add_columns(xp, y, /, windows):
    """Columns added back to where `columns` takes them from: (N, C, H, W)."""
    out = xp.zeros((*y.shape[:2], *windows.sizes), dtype=y.dtype)
    for (i, j), positions, elements in places(windows):
        out[elements] += y[..., i, j, *positions[1:]]
    return out


columns.backward("x", lambda g, windows: add_columns(g, windows))
add_columns.backward("y", lambda g, windows: columns(g, windows))


def _seen(who, x, kernel_size, stride, padding, dilation):
    image, shape = as_images(who, 2, x)
    moves = motion(who, 2, kernel_size, stride, padding, dilation)
    windows = walk(who, shape, *moves)
    seen = columns(image, windows)
    rows = shape[-3] * math.prod(windows.kernel)
    matrix = (*shape[:-3], rows, math.prod(windows.positions))
    return ops.reshape(seen, matrix)


def _back(who, x, output_size, kernel_size, stride, padding, dilation):
    shape = shape_of(who, "x", x)
    sizes = integers(who, "output_size", output_size, 2)
    moves = motion(who, 2, kernel_size, stride, padding, dilation)
    windows = walk(who, sizes, *moves)
    places, count = math.prod(windows.kernel), math.prod(windows.positions)
    if len(shape) not in (2, 3) or shape[-2] % places or shape[-1] != count:
        raise ValueError(
            f"{who}: x has shape {shape}; (N, C * {places}, {count}) is needed, or "
            f"without N: a window of {windows.kernel} has {count} positions in {sizes}"
        )
    batch, channels = shape[0] if len(shape) == 3 else 1, shape[-2] // places
    split = (batch, channels, *windows.kernel, *windows.positions)
    images = add_columns(ops.reshape(x, split), windows)
    return images if len(shape) == 3 else images[0]
