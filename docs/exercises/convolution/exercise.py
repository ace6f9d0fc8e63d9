"""Convolution as one matrix product: im2col.

Every window of the image becomes a row of a matrix, every kernel a column of another,
and their product is the convolution. Write it with ops, and its gradients are there.
"""

# ruff: noqa: F401  the imports are for what you will write

from pebblegrad.autograd import ops


def conv2d(x, weight, stride=1, padding=0):
    """Return the convolution of images with kernels.

    Args:
        x: images, shape (N, C, H, W).
        weight: kernels, shape (C_out, C, KH, KW).
        stride: how far a window is from the next.
        padding: how many zeros to put around each image.

    Returns:
        Shape (N, C_out, H_out, W_out), with ``H_out = (H + 2 padding - KH) // stride +
        1`` and the same for W.

    Useful: ``x.pad(...)`` as in NumPy; ``ops.sliding_windows(x, (KH, KW), stride)``,
    of shape (N, C, H_out, W_out, KH, KW); ``permute``, ``reshape`` and ``@``. Use
    neither a loop nor `nn`.
    """
    raise NotImplementedError("conv2d(x, weight, stride, padding) returns a Tensor")
