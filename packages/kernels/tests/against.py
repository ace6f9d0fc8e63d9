"""Kernels beside the functions that they take the place of."""

import numpy as np

from pebblegrad.kernels.table import kernels


def never(*args, **options):
    """What a kernel must not fall back on where it is to be tested."""
    raise AssertionError("the kernel left its work to NumPy")


def kernel(op, fallback=never):
    """Return the kernel of an op's forward."""
    forward = op.forward
    return kernels()[f"{forward.__module__}:{forward.__qualname__}"](fallback)


def layouts(images):
    """Yield images in rows, pixel by pixel, batch last, apart, and misaligned."""
    yield images
    for order in ((0, 2, 3, 1), (1, 2, 3, 0)):
        back = np.argsort(order)
        yield np.ascontiguousarray(images.transpose(order)).transpose(back)
    yield np.repeat(images, 2, axis=3)[..., ::2]
    room = np.zeros(images.nbytes + 1, np.uint8)
    odd = room[1:].view(images.dtype).reshape(images.shape)
    odd[...] = images
    yield odd


def close(found, wanted, scale=1.0):
    """Assert that results are the same but for rounding, for sums of `scale` numbers.

    The tolerance is that of the sum of their sizes, which is where rounding happens.
    """
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    eps = np.finfo(found.dtype).eps
    np.testing.assert_allclose(found, wanted, rtol=8 * eps, atol=4 * eps * scale)
