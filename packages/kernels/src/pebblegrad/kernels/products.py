"""Products of matrices: see `pebblegrad.autograd.ops.products`, and `nn`'s linear map.

They are as fast as those of BLAS, and no faster. But the threads of BLAS go on looking
for work for a while after each product, on the cores where the threads of the kernels
should run; with products of our own there is one pool of threads for all.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

import functools
import math
import struct

import numpy as np

from . import _native
from ._arrays import are_alike, in_memory

# In multiplications. Of fewer BLAS makes a product on one thread, and as fast; for more
# it has time enough to copy both matrices in parts that fit its caches.
FEW, MANY = 2**18, 2**28
NARROW = 8  # rows, columns or terms; what has fewer is not bound by multiplications
TINY = 64  # numbers on the left; looked at first, so that small networks lose no time


def matmul(reference):
    """Return the forward of `matmul`."""

    def forward(xp, x, y, /):
        if _are_small(x, y) or not are_alike(x, y) or not pays(x, y):
            return reference(xp, x, y)
        if y.ndim < x.ndim:  # the rows of all matrices times one
            rows = x.reshape(-1, x.shape[-1])
            return multiplied(rows, y).reshape(*x.shape[:-1], y.shape[-1])
        return multiplied(x, y)

    return forward


def product(reference):
    """Return what takes the place of `product`, of two matrices."""

    def of_two(x, y):
        if (
            x.size <= TINY
            or len(x) < NARROW
            or x.size * y.shape[-1] < FEW
            or not are_alike(x, y)
            or not pays(x, y)
        ):
            return reference(x, y)
        return multiplied(x, y)

    return of_two


def linear(reference):
    """Return the forward of `linear`."""
    return _linear(reference, relu=False)


def linear_relu(reference):
    """Return the forward of `linear_relu`."""
    return _linear(reference, relu=True)


def _linear(reference, relu):
    def forward(xp, x, weight, bias=None, /):
        if x.size <= TINY or (x.ndim == 2 and len(x) < NARROW):
            return reference(xp, x, weight, bias)
        operands = (x, weight) if bias is None else (x, weight, bias)
        if (
            weight.ndim != 2
            or x.ndim < 2
            or x.size * len(weight) < FEW
            or not are_alike(*operands)
            or not pays(x, weight.T)
            or (bias is not None and bias.shape != weight.shape[:1])
        ):
            return reference(xp, x, weight, bias)
        rows = x.reshape(-1, x.shape[-1])
        out = multiplied(rows, weight.T, bias, relu)
        return out.reshape(*x.shape[:-1], len(weight))

    return forward


def _are_small(x, y):
    """Return whether there is little to do; looked at first, as it is in most calls."""
    return (
        type(x) is type(y) is np.ndarray and y.ndim > 1 and x.size * y.shape[-1] < FEW
    )


def pays(x, y):
    """Return whether a kernel can multiply two arrays, and is not slower than BLAS."""
    is_one = y.ndim == 2
    if not 2 <= x.ndim <= 4 or not (is_one or x.shape[:-2] == y.shape[:-2] != ()):
        return False
    terms, columns = y.shape[-2:]
    rows = math.prod(x.shape[:-1]) if is_one else x.shape[-2]
    return (
        x.shape[-1] == terms
        and min(rows, terms, columns) >= NARROW
        and FEW <= x.size * columns <= MANY
    )


def multiplied(x, y, bias=None, relu=False):
    """Return ``x @ y + bias`` for arrays of two to four axes, with equal first ones.

    If `relu`, with that behind it.
    """
    found = _described(x.shape, x.strides, y.shape, y.strides, x.itemsize, relu)
    if found is None:
        return multiplied(_without_gaps(x), _without_gaps(y), bias, relu)
    description, x_order, y_order = found
    out = np.empty((*x.shape[:-1], y.shape[-1]), x.dtype)
    _native.product(
        description,
        x.transpose(x_order),
        y.transpose(y_order),
        None if bias is None else np.ascontiguousarray(bias),
        out,
    )
    return out


@functools.lru_cache(1024)
def _described(x_shape, x_strides, y_shape, y_strides, itemsize, relu):
    """Return the bytes of the struct Product, and each one's axes as memory has them.

    None if an array has gaps.
    """
    both = (x_shape, x_strides), (y_shape, y_strides)
    orders = [in_memory(*one, itemsize) for one in both]
    if None in orders:
        return None
    sizes = [1] * (4 - len(x_shape)) + [*x_shape, y_shape[-1]]
    for shape, strides in both:
        pairs = zip(shape, strides, strict=True)
        # Where there is but one, its step may be anything.
        steps = [step // itemsize if size > 1 else 0 for size, step in pairs]
        sizes += [0] * (4 - len(shape)) + steps + [math.prod(shape)]
    return struct.pack("16q", *sizes, relu), *orders


def _without_gaps(x):
    return x if in_memory(x.shape, x.strides, x.itemsize) else x.copy("C")
