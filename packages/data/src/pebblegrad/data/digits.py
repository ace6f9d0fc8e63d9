"""1,797 real handwritten digits, 8 by 8 pixels, that need no network.

They travel inside this package (56 kB, see `bundled/README.md`), so an example, a test
or a lesson can train on something real anywhere. The whole set is small enough that a
two-layer network learns it in seconds.
"""

from __future__ import annotations

import hashlib
import io
import math
import numbers
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._images import checked_float_dtype, inputs, targets
from pebblegrad.data._inflate import DamagedGzipError, as_plain, read_at_most
from pebblegrad.data._rng import as_generator
from pebblegrad.data.idx import parse_idx

# File in `bundled`: length and SHA-256 of its inflated contents.
_FILES = {
    "digits-images-idx3-ubyte.gz": (
        115024,
        "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96",
    ),
    "digits-labels-idx1-ubyte.gz": (
        1805,
        "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad",
    ),
}
_BRIGHTEST = 16  # on-pixels counted in blocks of 4 by 4
_CLASSES = 10


def load_digits(
    *,
    one_hot: bool = True,
    flat: bool = True,
    dtype: DTypeLike = np.float32,
    test_fraction: float = 0.2,
    rng: int | np.random.Generator | None = None,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The optical recognition digits of UCI, split for training and testing.

    The keywords and the result are those of `load_mnist`, so one can stand in for the
    other. The split is stratified: of each class, the same fraction is held out, evenly
    spaced unless `rng` draws them; within each part the samples keep their order in the
    set. The set has no writer numbers, so digits of one hand are in both parts, and the
    held-out accuracy is that on known writers.

    Args:
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images of one channel.
        dtype: a float dtype, of X and of one-hot y.
        test_fraction: in [0, 1), the fraction of each class to hold out. By default
            359 of the 1,797 samples.
        rng: a seed or a Generator, to draw the samples to hold out. By default they are
            evenly spaced: the same split everywhere, whatever NumPy's version.

    Returns:
        ``X_train, y_train, X_test, y_test``. X is (N, 64) or (N, 1, 8, 8), in [0, 1]
        (the 17 grey levels divided by 16). y is (N, 10) of `dtype`, or (N,) int64.

    Raises:
        TypeError: `rng` or `test_fraction` is of a wrong kind.
        ValueError: `dtype` is not a float dtype, or `test_fraction` is not in [0, 1).
        OSError: the files inside the installed package are missing or damaged.

    Example:
        >>> X_train, y_train, X_test, y_test = load_digits()
        >>> X_train.shape, y_train.shape, X_test.shape, y_test.shape
        ((1438, 64), (1438, 10), (359, 64), (359, 10))
        >>> images, classes, _, _ = load_digits(flat=False, one_hot=False)
        >>> images.shape, classes[:5]
        ((1438, 1, 8, 8), array([0, 1, 2, 3, 4]))

    Reference:
        E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI
        Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49, CC BY 4.0.
    """
    dtype = checked_float_dtype("load_digits", dtype)
    fraction = _checked_fraction(test_fraction)
    generator = None if rng is None else as_generator("load_digits", rng)

    images, labels = (_bundled(name) for name in _FILES)
    X = inputs(images, brightest=_BRIGHTEST, flat=flat, dtype=dtype)
    y = targets(labels, classes=_CLASSES, one_hot=one_hot, dtype=dtype)
    test = _held_out(labels, fraction, generator)
    return X[~test], y[~test], X[test], y[test]


def _checked_fraction(given: Any) -> float:
    # A number of NumPy is one too: its classes are registered as `numbers.Real`.
    is_number = isinstance(given, numbers.Real) and not isinstance(given, bool)
    if not is_number:
        raise TypeError(
            f"load_digits: test_fraction is {given!r}; needed is a number in [0, 1)"
        )
    if not 0 <= given < 1:
        raise ValueError(
            f"load_digits: test_fraction is {given}; needed is a number in [0, 1)"
        )
    return float(given)


def _held_out(
    labels: NDArray[Any], fraction: float, rng: np.random.Generator | None
) -> NDArray[np.bool]:
    """True for the samples to test on: of each class, `fraction`, rounded half up."""
    test = np.zeros(len(labels), dtype=bool)
    for digit in range(_CLASSES):
        members = np.flatnonzero(labels == digit)
        count = math.floor(fraction * len(members) + 0.5)
        if rng is None:
            held_out = [len(members) * (2 * i + 1) // (2 * count) for i in range(count)]
        else:
            held_out = rng.permutation(len(members))[:count].tolist()
        test[members[held_out]] = True
    return test


def _bundled(name: str) -> NDArray[Any]:
    """The array in a file of this package, also when the package is in a zip file."""
    import importlib.resources  # costs 10 ms, which `import pebblegrad.data` need not

    size, sha256 = _FILES[name]
    resource = importlib.resources.files("pebblegrad.data") / "bundled" / name
    try:
        contents = read_at_most(as_plain(io.BytesIO(resource.read_bytes())), size + 1)
        found = f"contents with SHA-256 {hashlib.sha256(contents).hexdigest()}"
    except (FileNotFoundError, DamagedGzipError) as error:
        contents, found = bytearray(), str(error)
    if hashlib.sha256(contents).hexdigest() != sha256:
        raise OSError(
            f"load_digits: the file bundled/{name} of the installed package is not as "
            f"it was published; needed are contents with SHA-256 {sha256}; found: "
            f"{found}; install pebblegrad-data again"
        )
    return parse_idx(io.BytesIO(contents), f"load_digits: {name}", max_bytes=size)
