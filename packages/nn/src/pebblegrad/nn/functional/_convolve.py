"""Convolution as three ops that are each other's rules, so it is right to any order.

It is linear in the images and in the weights. So each of its gradients is linear in the
incoming one and in the other operand, and the three close among themselves:

    convolve(x, weight)    input_gradient(y, weight)    weight_gradient(y, x)

``y`` has the shape of the output. Whichever of the three is differentiated for one of
its operands, the rule is one of the other two.

Each takes some rows of the positions of some images at a time, a block, writes what a
window sees there as a matrix, and multiplies matrices. In memory the batch is last,
(C, H, W, N), whatever the shapes say: so a row of many images is one run of numbers,
copied at once, where a row of one image is 28 numbers or 7, and a block is one large
product. The results lie so too, and pooling and what works on single elements keep the
order, so that only the first convolution of a network has to turn its images.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import itertools
import math

from pebblegrad.autograd import fuse, op, ops

# Numbers in a block: 1 MB in float32, which a second-level cache has, or half of it. It
# may be four times as large before images are taken apart that lie together.
_BLOCK, _LARGEST, _IMAGES = 2**18, 2**20, 64


@op
def convolve(xp, x, weight, bias=None, /, windows=None, groups=1):
    """The op of `conv2d`: (N, C, H, W) and (D, C / groups, kh, kw) to (N, D, OH, OW).

    Args:
        x: images.
        weight: a window of weights for each channel of the output.
        bias: a number for each channel of the output, shape (D,), or None.
        windows: where the window stands, as `walk` says it.
        groups: in how many parts to take the channels.
    """
    operands = (x, weight) if bias is None else (x, weight, bias)
    dtype = xp.result_type(*operands)
    filters = _filters(xp, weight, groups)
    out = xp.empty((weight.shape[0], *windows.positions, x.shape[0]), dtype=dtype)
    for rows, images, seen in _seen(xp, x, dtype, windows, groups):
        block = filters @ seen
        if bias is not None:
            block += xp.reshape(bias, (groups, -1, 1))
        into = out[:, rows, :, images]
        out[:, rows, :, images] = xp.reshape(block, into.shape)
    return _batch_first(xp, out)


@op
def input_gradient(xp, y, weight, /, windows, groups):
    """Each number of ``y`` given to all that its window saw, times the weights.

    The rule of `convolve` for its images, a transposed convolution: (N, D, OH, OW) to
    (N, C, H, W).
    """
    dtype = xp.result_type(y, weight)
    filters = _filters(xp, weight, groups)
    channels = weight.shape[1] * groups
    padded = xp.zeros((channels, *_padded_sizes(windows), y.shape[0]), dtype=dtype)
    for rows, images in _blocks(y.shape[0], channels, windows):
        block = _rows(xp, y, rows, images, groups)
        # With one output in a group it is an outer product, at which BLAS is slow.
        seen = filters.mT * block if block.shape[1] == 1 else filters.mT @ block
        places = (channels, *windows.kernel, rows.stop - rows.start)
        seen = xp.reshape(seen, (*places, windows.positions[1], -1))
        for i, j, below, beside in _places(windows, rows):
            padded[:, below, beside, images] += seen[:, i, j, ...]
    return _batch_first(xp, padded[:, *_inside(windows), :])


@op
def weight_gradient(xp, y, x, /, windows, groups):
    """Each number of ``y`` times what its window saw, summed over all positions.

    The rule of `convolve` for its weight: to the shape (D, C / groups, kh, kw).
    """
    dtype = xp.result_type(y, x)
    shape = (y.shape[1], x.shape[1] // groups, *windows.kernel)
    out = xp.zeros((groups, math.prod(shape[1:]), shape[0] // groups), dtype=dtype)
    for rows, images, seen in _seen(xp, x, dtype, windows, groups):
        out += seen @ _rows(xp, y, rows, images, groups).mT  # so is faster than turned
    return xp.reshape(out.mT, shape)


@convolve.backward("x")
def _(g, weight, windows, groups):
    return input_gradient(g, weight, windows, groups)


@convolve.backward("weight")
def _(g, x, windows, groups):
    return weight_gradient(g, x, windows, groups)


@convolve.backward("bias")
def _(g):
    return ops.sum(g, axis=(0, 2, 3))


# With the activation behind it as one op: see `fuse`.
convolve_relu = fuse(convolve, ops.relu)
convolve_sigmoid = fuse(convolve, ops.sigmoid)
convolve_tanh = fuse(convolve, ops.tanh)


@input_gradient.backward("y")
def _(g, weight, windows, groups):
    return convolve(g, weight, windows=windows, groups=groups)


@input_gradient.backward("weight")
def _(g, y, windows, groups):
    return weight_gradient(y, g, windows, groups)


@weight_gradient.backward("y")
def _(g, x, windows, groups):
    return convolve(x, g, windows=windows, groups=groups)


@weight_gradient.backward("x")
def _(g, y, windows, groups):
    return input_gradient(y, g, windows, groups)


def _seen(xp, x, dtype, windows, groups):
    """Yield rows and images of each block, and the matrix of what a window sees there.

    Its shape is (groups, C / groups * kh * kw, positions * images). The next block is
    written into the same memory.
    """
    channels, seen, at_hand = x.shape[1], None, None
    for rows, images in _blocks(x.shape[0], channels, windows):
        if images != at_hand:
            padded, at_hand = _padded(xp, x[images, ...], dtype, windows), images
        places = (channels, *windows.kernel, rows.stop - rows.start)
        shape = (*places, windows.positions[1], padded.shape[-1])
        if seen is None or seen.shape != shape:
            seen = xp.empty(shape, dtype=dtype)
        for i, j, below, beside in _places(windows, rows):
            seen[:, i, j, ...] = padded[:, below, beside, :]
        yield rows, images, xp.reshape(seen, (groups, -1, math.prod(shape[3:])))


def _rows(xp, y, rows, images, groups):
    """Return rows of images as a matrix, (groups, D / groups, positions * images)."""
    block = xp.permute_dims(y[images, :, rows, :], (1, 2, 3, 0))
    columns = math.prod(block.shape[1:])
    return xp.reshape(block, (groups, block.shape[0] // groups, columns))


def _padded(xp, x, dtype, windows):
    """Return images with the batch last, and zeros wherever the window reaches."""
    out = xp.zeros((x.shape[1], *_padded_sizes(windows), x.shape[0]), dtype=dtype)
    turned = xp.permute_dims(x, (1, 2, 3, 0))
    out[:, *_inside(windows), :] = ops.astype(turned, dtype)
    return out


def _padded_sizes(windows):
    """Return how many rows and columns images have that no window reaches over."""
    return [
        max(before + size, (positions - 1) * stride + (kernel - 1) * gap + 1)
        for size, kernel, stride, before, gap, positions in zip(*windows, strict=True)
    ]


def _inside(windows):
    """Return where the image is in the padded one."""
    pairs = zip(windows.before, windows.sizes, strict=True)
    return [slice(before, before + size) for before, size in pairs]


def _places(windows, rows):
    """Yield each place of the window, and what it meets from rows of positions."""
    (stride, step), (gap, space) = windows.stride, windows.dilation
    down, across = rows.stop - rows.start - 1, windows.positions[1] - 1
    for i, j in itertools.product(*map(range, windows.kernel)):
        first, start = rows.start * stride + i * gap, j * space
        yield (
            i,
            j,
            slice(first, first + down * stride + 1, stride),
            slice(start, start + across * step + 1, step),
        )


def _filters(xp, weight, groups):
    """Return the weights as matrices, (groups, D / groups, C / groups * kh * kw)."""
    outputs, *window = weight.shape
    return xp.reshape(weight, (groups, outputs // groups, math.prod(window)))


def _batch_first(xp, a):
    """Return (C, H, W, N) as (N, C, H, W), without a copy."""
    return xp.permute_dims(a, (3, 0, 1, 2))


def _blocks(batch, channels, windows):
    """Yield the rows and images of each block.

    Blocks, and at most 64 images with their padding, are the memory that a convolution
    takes besides its result: the graph keeps nothing of what the windows saw, the rules
    look again. Forwards and backwards on one core, float32, from 16 to 32 channels of
    14 x 14, windows of 3 x 3 and 64 images take 6.9 ms (PyTorch 4.1), where a block was
    some images of their own, each with a product of its own, 9.0 ms.
    """
    below, beside = windows.positions
    row = max(1, channels * math.prod(windows.kernel) * beside)
    count = max(1, min(batch, _IMAGES, _LARGEST // row))
    count = -(-batch // -(-batch // count)) if batch else 1  # as many in each block
    height = max(1, min(below, _BLOCK // (row * count)))
    for start in range(0, batch, count):
        images = slice(start, min(start + count, batch))
        for top in range(0, below, height):
            yield slice(top, min(top + height, below)), images
