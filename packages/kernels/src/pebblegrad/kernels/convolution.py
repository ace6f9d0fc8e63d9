"""The three ops of convolution: see `pebblegrad.nn.functional._convolve`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import functools
import struct

import numpy as np

from . import _native
from ._arrays import are_alike, pixels

FEW = 4  # channels of one group
LIMIT = 2**20  # of any size


def convolve(reference):
    """Return the forward of `convolve`."""

    def forward(xp, x, weight, bias=None, /, windows=None, groups=1):
        operands = (x, weight) if bias is None else (x, weight, bias)
        outputs, channels = weight.shape[:2]
        sizes = len(x), groups, channels, outputs // groups, windows
        if not are_alike(*operands) or not pays("convolve", *sizes):
            return reference(xp, x, weight, bias, windows=windows, groups=groups)
        out = np.empty((len(x), *windows.positions, outputs), x.dtype)
        _native.convolve(
            described(*sizes),
            pixels(x),
            np.ascontiguousarray(weight),
            None if bias is None else np.ascontiguousarray(bias),
            out,
        )
        return out.transpose(0, 3, 1, 2)

    return forward


def input_gradient(reference):
    """Return the forward of `input_gradient`: a convolution with the window turned."""

    def forward(xp, y, weight, /, windows, groups):
        outputs, channels = weight.shape[:2]
        sizes = len(y), groups, channels, outputs // groups, windows
        if not are_alike(y, weight) or not pays("input_gradient", *sizes):
            return reference(xp, y, weight, windows=windows, groups=groups)
        out = np.empty((len(y), *windows.sizes, channels * groups), y.dtype)
        _native.convolve(
            described(*sizes, True),
            pixels(y),
            np.ascontiguousarray(weight),
            None,
            out,
        )
        return out.transpose(0, 3, 1, 2)

    return forward


def weight_gradient(reference):
    """Return the forward of `weight_gradient`."""

    def forward(xp, y, x, /, windows, groups):
        outputs, channels = y.shape[1], x.shape[1] // groups
        sizes = len(x), groups, channels, outputs // groups, windows
        if not are_alike(y, x) or not pays("weight_gradient", *sizes):
            return reference(xp, y, x, windows=windows, groups=groups)
        out = np.empty((outputs, channels, *windows.kernel), y.dtype)
        _native.weight_gradient(described(*sizes), pixels(y), pixels(x), out)
        return out

    return forward


@functools.lru_cache(1024)
def pays(name, batch, groups, channels, outputs, windows):
    """Return whether a kernel can do it, and is not slower than products of windows.

    With few channels of output most of a vector would be idle; and the gradient of the
    images of a stride is made with zeros between the pixels, which take as long as
    others.
    """
    if name == "input_gradient":
        few = channels < FEW or max(windows.stride) > 1
    else:
        few = outputs < FEW
    return not few and can(batch, groups, channels, outputs, windows)


def can(batch, groups, channels, outputs, windows):
    """Return whether a kernel can do it: no size is 0, none is out of range."""
    sizes, kernel, stride, before, dilation, positions = windows
    full = (batch, groups, channels, outputs, *sizes, *kernel, *positions)
    return min(full) > 0 and max(*full, *stride, *map(abs, before), *dilation) < LIMIT


@functools.lru_cache(1024)
def described(batch, groups, channels, outputs, windows, turned=False):
    """Return the bytes of the struct Convolution; channels and outputs of one group."""
    sizes, kernel, stride, before, dilation, positions = windows
    spread = (1, 1)
    if turned:
        reach = [(k - 1) * gap for k, gap in zip(kernel, dilation, strict=True)]
        before = [r - b for r, b in zip(reach, before, strict=True)]
        spread, stride = stride, spread
        sizes, positions = positions, sizes
        channels, outputs = outputs, channels
    return struct.pack(
        "19q",
        *(batch, groups, *sizes, channels, *positions, outputs),
        *(*kernel, *stride, *before, *dilation, *spread, turned),
    )
