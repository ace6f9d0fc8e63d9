"""PyTorch's words for `ops/windows.py`.

Its `unfold` method goes along one axis and has no dilation: those places are picked
from the whole span. Its `fold` takes two axes, and images with one axis of channels.
"""

import torch


def each(value, count):
    return tuple(value) if isinstance(value, tuple) else (value,) * count


def sliding_windows(x, window_shape, stride=1, dilation=1, axes=None):
    window = each(window_shape, 1)
    count, ndim = len(window), x.ndim
    axes = tuple(range(-count, 0)) if axes is None else each(axes, 1)
    steps, gaps = each(stride, count), each(dilation, count)
    for axis, size, step, gap in zip(axes, window, steps, gaps, strict=True):
        span = (size - 1) * gap + 1
        x = x.unfold(axis % ndim, span, step)[..., ::gap]
    return x


def fold(x, shape, stride=1, dilation=1, axes=None):
    shape = each(shape, 1)
    count = len(shape)
    ndim = x.ndim - count
    axes = tuple(range(-count, 0)) if axes is None else each(axes, 1)
    axes = [axis % ndim for axis in axes]
    x = x.movedim(axes, list(range(ndim - count, ndim)))
    rest, positions, window = (
        x.shape[: ndim - count],
        x.shape[-2 * count : -count],
        x.shape[-count:],
    )
    steps, gaps = each(stride, count), each(dilation, count)
    one = (1,) * (2 - count)  # an axis more, if there is only one
    places, spots = torch.Size(window).numel(), torch.Size(positions).numel()
    columns = x.reshape(torch.Size(rest).numel(), spots, places).movedim(1, 2)
    if not columns.numel():  # which fold refuses
        return columns.sum() + torch.zeros(*rest, *shape, dtype=x.dtype)
    out = torch.nn.functional.fold(
        columns,
        one + shape,
        one + window,
        dilation=one + gaps,
        stride=one + steps,
    )
    return out.reshape(*rest, *shape).movedim(list(range(ndim - count, ndim)), axes)


THEIRS = {"sliding_windows": sliding_windows, "fold": fold}
