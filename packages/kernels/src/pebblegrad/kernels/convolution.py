"""The three ops of convolution: see `pebblegrad.nn.functional._convolve`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import functools
import itertools
import math
import struct

import numpy as np

from . import _native
from ._arrays import are_alike, pixels

FEW = 4  # channels of one group that are computed
MANY = 16  # steps of a stride, down times across
SEEN = 256  # positions; for fewer, most of the time goes into taking weights apart
THIN = 64  # weights of an output; with fewer, into taking images apart
LIMIT = 2**20  # of any size


def convolve(reference):
    """Return the forward of `convolve`."""
    return _convolve(reference, relu=False)


def convolve_relu(reference):
    """Return the forward of `convolve_relu`."""
    return _convolve(reference, relu=True)


def _convolve(reference, relu):
    def forward(xp, x, weight, bias=None, /, windows=None, groups=1):
        operands = (x, weight) if bias is None else (x, weight, bias)
        outputs, channels = weight.shape[:2]
        sizes = len(x), groups, channels, outputs // groups, windows
        if not are_alike(*operands) or not pays("convolve", *sizes):
            return reference(xp, x, weight, bias, windows=windows, groups=groups)
        out = np.empty((len(x), *windows.positions, outputs), x.dtype)
        _native.convolve(
            described(*sizes, relu),
            pixels(x),
            np.ascontiguousarray(weight),
            None if bias is None else np.ascontiguousarray(bias),
            out,
        )
        return out.transpose(0, 3, 1, 2)

    return forward


def input_gradient(reference):
    """Return the forward of `input_gradient`: convolutions with the window turned.

    The pixels that lie a stride apart all meet the same places of the window, and no
    other pixels do. So each such lattice of pixels is a convolution by itself.
    """

    def forward(xp, y, weight, /, windows, groups):
        outputs, channels = weight.shape[:2]
        sizes = len(y), groups, channels, outputs // groups, windows
        if not are_alike(y, weight) or not pays("input_gradient", *sizes):
            return reference(xp, y, weight, windows=windows, groups=groups)
        lattices, is_all = _lattices(windows)
        room = np.empty if is_all else np.zeros
        out = room((len(y), *windows.sizes, channels * groups), y.dtype)
        y, turned = pixels(y), _turned(weight, groups)
        for lattice, places, seen in lattices:
            part = out[:, *lattice]
            result = part if part.flags.c_contiguous else np.empty(part.shape, y.dtype)
            _native.convolve(
                described(len(y), groups, outputs // groups, channels, seen),
                y,
                np.ascontiguousarray(turned[..., *places]),
                None,
                result,
            )
            if result is not part:
                part[...] = result
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

    With few channels most of a vector would be idle. A stride of many pixels makes many
    small convolutions of the gradient of the images, each with weights of its own.
    """
    steps = math.prod(windows.stride)
    if name != "input_gradient":
        slow = outputs < FEW
    elif steps == 1:
        slow = channels < FEW
    else:
        seen = batch * math.prod(windows.positions)
        weights = channels * math.prod(windows.kernel)
        slow = channels < 2 * FEW or steps > MANY or seen < SEEN or weights < THIN
    return not slow and can(batch, groups, channels, outputs, windows)


def can(batch, groups, channels, outputs, windows):
    """Return whether a kernel can do it: no size is 0, none is out of range."""
    sizes, kernel, stride, before, dilation, positions = windows
    full = (batch, groups, channels, outputs, *sizes, *kernel, *positions)
    return min(full) > 0 and max(*full, *stride, *map(abs, before), *dilation) < LIMIT


@functools.lru_cache(1024)
def described(batch, groups, channels, outputs, windows, relu=False):
    """Return the bytes of the struct Convolution; channels and outputs of one group."""
    sizes, kernel, stride, before, dilation, positions = windows
    return struct.pack(
        "17q",
        *(batch, groups, *sizes, channels, *positions, outputs),
        *(*kernel, *stride, *before, *dilation, relu),
    )


def _turned(weight, groups):
    """Return (G * D, C, kh, kw) as (G, C, D, kh, kw), each window by half a circle."""
    apart = weight.reshape(groups, -1, *weight.shape[1:])
    return apart.swapaxes(1, 2)[..., ::-1, ::-1]


@functools.lru_cache(1024)
def _lattices(windows):
    """Return of each lattice of pixels where it is, and how it comes about.

    Returns:
        Triples: slices of the images; slices of the turned window, of the places that
        the lattice meets; and the `Windows` with which these go over what comes in.
        Then whether these are all: a lattice that no place meets is left out, for
        nothing comes in there.
    """
    rows, columns = (list(_along(*axis)) for axis in zip(*windows, strict=True))
    found = []
    for row, column in itertools.product(rows, columns):
        lattice, places, seen = zip(row, column, strict=True)
        found.append((lattice, places, type(windows)(*zip(*seen, strict=True))))
    return found, len(found) == math.prod(map(min, windows.stride, windows.sizes))


def _along(size, kernel, stride, before, gap, positions):
    """Yield the same of the lattices of one axis that a place meets."""
    step = stride // math.gcd(stride, gap)  # between places that meet the same lattice
    for start in range(min(stride, size)):
        count = len(range(start, size, stride))
        met = [k for k in range(kernel) if (start + before - k * gap) % stride == 0]
        if not met:
            continue
        places = slice(kernel - 1 - met[-1], kernel - met[0], step)
        beyond = (met[-1] * gap - start - before) // stride
        windows = positions, len(met), 1, beyond, step * gap // stride, count
        yield slice(start, size, stride), places, windows
