"""Is it the library's convolution, with the library's gradients?"""

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional

rng = np.random.default_rng(0)
X, WEIGHT = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 3, 2))


def compare(exercise, **options):
    """Compare with `functional.conv2d`."""
    found = exercise.conv2d(Tensor(X), Tensor(WEIGHT), **options)
    wanted = functional.conv2d(Tensor(X), Tensor(WEIGHT), **options)

    assert found is not None, "conv2d returned None; is there a `return`?"
    assert found.shape == wanted.shape, (
        f"with {options or 'the defaults'} the shape is {found.shape}; {wanted.shape} "
        "was needed"
    )
    assert np.allclose(found.data, wanted.data), (
        f"with {options or 'the defaults'} the shape is right, and the first row is "
        f"{found.data[0, 0, 0]}; {wanted.data[0, 0, 0]} was needed: which axes went "
        "together in `reshape`?"
    )


def check_plain(exercise):
    """Without options it is functional.conv2d."""
    compare(exercise)


def check_stride(exercise):
    """Windows two apart."""
    compare(exercise, stride=2)


def check_padding(exercise):
    """Zeros around the images."""
    compare(exercise, stride=2, padding=1)


def check_the_gradients(exercise):
    """The gradients of both inputs are right, to second order."""

    def padded(x, weight):
        return exercise.conv2d(x, weight, 2, 1).tanh()

    check_gradients(padded, X[:1], WEIGHT[:2], order=2)
