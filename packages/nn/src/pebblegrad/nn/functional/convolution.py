"""Convolution, and the transposed convolution, of images and of signals.

`_convolve.py` has the three ops that this comes down to; here are the functions with
PyTorch's arguments, and what is said when these do not go together. The transposed
convolution is the gradient of `conv2d` for its images, used forwards.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from typing import Any

from pebblegrad.autograd import ops
from pebblegrad.nn._arguments import integer, integers, shape_of

from ._convolve import convolve, input_gradient
from ._windows import as_given, as_images, motion, walk, windows_of


def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a window of weights over images and sum what it sees at each position.

    ``out[n, d, p, q] = bias[d] + sum over c, i, j of weight[d, c, i, j] * x[n, c,
    p * stride + i * dilation - padding, q * stride + j * dilation - padding]``, with
    zeros outside of the image. (In mathematics that is the cross-correlation.)

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        weight: shape (D, C / groups, kh, kw).
        bias: shape (D,), or None.
        stride: how far a position of the window is from the next, an int or one for
            the rows and one for the columns.
        padding: how many zeros to put on each side, likewise; "valid" is 0, and "same"
            as many as keep the image's size (an odd one goes behind).
        dilation: how far a weight is from the next, in elements of the image.
        groups: in how many parts to take the channels: the first D / groups outputs see
            the first C / groups channels, and so on.

    Returns:
        Shape (N, D, OH, OW), OH = (H + 2 padding - dilation (kh - 1) - 1) // stride + 1
        and OW alike; without N if x had none.

    Raises:
        ValueError: if shapes do not go together, or an argument is out of range.
        TypeError: if an operand is no array.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> image = Tensor([[[0.0, 0.0, 5.0], [0.0, 5.0, 5.0]]])  # (C, H, W)
        >>> edge = Tensor([[[[-1.0, 1.0]]]])  # (D, C, kh, kw)
        >>> conv2d(image, edge)
        Tensor([[[0., 5.],
                 [5., 0.]]], dtype=float32)

    Reference:
        LeCun et al. 1998, "Gradient-based learning applied to document recognition",
        section II.A.
    """
    given = (x, weight, bias, stride, padding, dilation, groups)
    return convolution(2, *given)


def conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a window of weights along signals; `conv2d` with one axis less.

    Args:
        x: shape (N, C, L), or (C, L) for one signal.
        weight: shape (D, C / groups, K).
        bias: shape (D,), or None.
        stride: as in `conv2d`, an int, and so the others.
        padding: zeros on each side, or "valid", or "same".
        dilation: how far a weight is from the next.
        groups: in how many parts to take the channels.

    Returns:
        Shape (N, D, OL), OL = (L + 2 padding - dilation (K - 1) - 1) // stride + 1.

    Raises:
        ValueError: as in `conv2d`.
        TypeError: as in `conv2d`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> signal = Tensor([[1.0, 2.0, 4.0, 8.0]])  # (C, L)
        >>> conv1d(signal, Tensor([[[-1.0, 1.0]]]))
        Tensor([[1., 2., 4.]], dtype=float32)
    """
    given = (x, weight, bias, stride, padding, dilation, groups)
    return convolution(1, *given)


def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Write a window of weights, times each element, into a larger image, and sum.

    The gradient of `conv2d` for its images, used forwards: it gives an image from which
    a convolution with these arguments makes one of the size of ``x``.

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        weight: shape (C, D / groups, kh, kw).
        bias: shape (D,), or None.
        stride: how far the window moves in the output for a step in ``x``.
        padding: how much to cut from each side of the output.
        output_padding: how much to add below and to the right; several sizes of images
            have convolutions of one size, and this says which is meant. Less than
            `stride` or than `dilation`.
        groups: in how many parts to take the channels.
        dilation: how far a weight is from the next.

    Returns:
        Shape (N, D, OH, OW), OH = (H - 1) stride - 2 padding + dilation (kh - 1) + 1 +
        output_padding and OW alike; without N if x had none.

    Raises:
        ValueError: if shapes do not go together, or an argument is out of range.
        TypeError: if an operand is no array.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> image = Tensor([[[1.0, 2.0]]])  # (C, H, W)
        >>> brush = Tensor([[[[1.0, 10.0, 100.0]]]])  # (C, D, kh, kw)
        >>> conv_transpose2d(image, brush, stride=2)
        Tensor([[[  1.,  10., 102.,  20., 200.]]], dtype=float32)

    Reference:
        Zeiler et al. 2010, "Deconvolutional networks".
    """
    given = (x, weight, bias, stride, padding, output_padding, groups, dilation)
    return _transposed("conv_transpose2d", 2, *given)


def conv_transpose1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Write a window of weights into longer signals; `conv_transpose2d` on one axis.

    Args:
        x: shape (N, C, L), or (C, L) for one signal.
        weight: shape (C, D / groups, K).
        bias: shape (D,), or None.
        stride: as in `conv_transpose2d`, and so the others.
        padding: how much to cut from each end.
        output_padding: how much to add behind.
        groups: in how many parts to take the channels.
        dilation: how far a weight is from the next.

    Returns:
        Shape (N, D, OL).

    Raises:
        ValueError: as in `conv_transpose2d`.
        TypeError: as in `conv_transpose2d`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> conv_transpose1d(Tensor([[1.0, 2.0]]), Tensor([[[1.0, 1.0]]]), stride=2)
        Tensor([[1., 1., 2., 2.]], dtype=float32)
    """
    given = (x, weight, bias, stride, padding, output_padding, groups, dilation)
    return _transposed("conv_transpose1d", 1, *given)


def convolution(axes, x, weight, bias, stride, padding, dilation, groups, op=convolve):
    """Check the arguments, add the axes that are not there, and convolve by `op`.

    That may be `convolve` with an activation behind it.
    """
    who = f"conv{axes}d"
    image, shape = as_images(who, axes, x)
    kernel, count, groups = _weight(who, axes, image, shape, weight, groups, 1)
    _check_bias(who, bias, count)
    if isinstance(padding, str):
        pairs = _named_padding(who, padding, kernel, stride, dilation)
        padding = 0
    else:
        pairs = None
    kernel, stride, widths, dilation = motion(
        who, axes, kernel, stride, padding, dilation
    )
    windows = walk(who, shape, kernel, stride, pairs or widths, dilation)
    out = op(image, _as_window(weight, axes), bias, windows, groups)
    return as_given(out, shape, axes)


def _transposed(
    who, axes, x, weight, bias, stride, padding, output_padding, groups, dilation
):
    """Check the arguments, add the axes that are not there, and convolve backwards."""
    image, shape = as_images(who, axes, x)
    kernel, count, groups = _weight(who, axes, image, shape, weight, groups, 0)
    _check_bias(who, bias, count)
    if isinstance(padding, str):
        raise ValueError(f"{who}: padding is {padding!r}; give ints")
    kernel, stride, widths, dilation = motion(
        who, axes, kernel, stride, padding, dilation
    )
    extra = integers(who, "output_padding", output_padding, axes, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError(
            f"{who}: output_padding is {extra} with stride {stride} and dilation "
            f"{dilation}; it must be smaller than one of the two, on each axis"
        )
    sizes = tuple(
        (size - 1) * step - 2 * width + gap * (k - 1) + 1 + more
        for size, step, (width, _), gap, k, more in zip(
            shape[-axes:], stride, widths, dilation, kernel, extra, strict=True
        )
    )
    if min(sizes) < 1:
        raise ValueError(
            f"{who}: x has shape {shape}, padding={padding}; the output would have "
            f"size {sizes}; take less padding"
        )
    # As many positions as x has: with output_padding, there is room for more.
    before = tuple(width for width, _ in widths)
    windows = windows_of(sizes, kernel, stride, before, dilation, shape[-axes:])
    out = input_gradient(image, _as_window(weight, axes), windows, groups)
    if bias is not None:
        out = out + ops.reshape(bias, (-1, 1, 1))
    return as_given(out, shape, axes)


def _weight(who, axes, image, shape, weight, groups, channels_axis):
    """Return kernel, channels of the output and groups, or say what does not fit.

    Args:
        who: begins the message of an error.
        axes: how many the window moves along.
        image: (N, C, H, W).
        shape: of what was given for it.
        weight: as given.
        groups: as given.
        channels_axis: which axis of the weight is for the channels of the input.
    """
    groups = integer(who, "groups", groups)
    form = shape_of(who, "weight", weight)
    names = ("C", "D / groups") if channels_axis == 0 else ("D", "C / groups")
    needed = f"({', '.join((*names, *('kh', 'kw')[2 - axes :]))})"
    if len(form) != axes + 2 or min(form) < 1:
        raise ValueError(f"{who}: weight has shape {form}; {needed} is needed")
    channels = image.shape[1]
    parts = f", groups={groups}" if groups > 1 else ""
    if form[0] % groups:
        what = "outputs" if channels_axis else "channels"
        raise ValueError(
            f"{who}: weight has shape {form}{parts}; its first axis ({form[0]} {what}) "
            f"must be a multiple of groups"
        )
    takes = form[1] * groups if channels_axis else form[0]
    if channels != takes:
        where = len(shape) - axes - 1
        hint = ""
        if shape[-1] == takes and len(shape) == axes + 2:
            hint = "; if the channels are last, ops.moveaxis(x, -1, 1) puts them there"
        elif takes == 1 and len(shape) == axes + 1:
            hint = (
                "; for a batch without the axis of the channels, "
                f"x.reshape({', '.join(map(str, (shape[0], 1, *shape[1:])))}) adds it"
            )
        raise ValueError(
            f"{who}: x has shape {shape} and weight has {form}{parts}; x's axis "
            f"{where}, the channels ({channels}), must be {takes}{hint}"
        )
    count = form[0] if channels_axis else form[1] * groups
    return form[2:], count, groups


def _check_bias(who, bias, count):
    """Raise unless there is a number for each channel of the output."""
    if bias is not None and shape_of(who, "bias", bias) != (count,):
        raise ValueError(
            f"{who}: bias has shape {tuple(bias.shape)}; ({count},) is needed, a "
            "number for each channel of the output"
        )


def _named_padding(who, padding, kernel, stride, dilation):
    """Return the pairs that "same" or "valid" stand for."""
    if padding not in ("same", "valid"):
        raise ValueError(f'{who}: padding is {padding!r}; give ints, "same" or "valid"')
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    strides = integers(who, "stride", stride, len(kernel))
    if max(strides) > 1:
        raise ValueError(
            f'{who}: padding="same" and stride={stride}; with a stride the output is '
            "smaller than x: give the padding in ints"
        )
    dilations = integers(who, "dilation", dilation, len(kernel))
    whole = [(k - 1) * gap for k, gap in zip(kernel, dilations, strict=True)]
    return tuple((width // 2, width - width // 2) for width in whole)


def _as_window(weight, axes):
    """Return the weight with a row, if its window has only columns."""
    if axes == 2:
        return weight
    return ops.reshape(weight, (*weight.shape[:2], 1, weight.shape[2]))
