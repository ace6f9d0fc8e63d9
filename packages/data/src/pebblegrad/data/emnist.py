"""EMNIST: handwritten letters and digits, 28 by 28 pixels, in six selections.

All come from the forms that MNIST was made of (NIST Special Database 19), in MNIST's
format, in one archive of 562 MB. Two things are not as in MNIST, and are put right
here: the files hold each image with rows and columns exchanged, and the letters count
from 1.
"""

from __future__ import annotations

import io
import string
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._cache import Collection, checked_stream
from pebblegrad.data._download import RemoteFile
from pebblegrad.data._images import checked_float_dtype
from pebblegrad.data._inflate import DamagedGzipError, as_plain, read_at_most
from pebblegrad.data._mnist_like import four_arrays

# The size and the SHA-256 as published in tensorflow/datasets, url_checksums,
# emnist.txt; both addresses are NIST's.
_EMNIST = Collection(
    who="load_emnist",
    folder="emnist",
    mirrors=(
        "https://biometrics.nist.gov/cs_links/EMNIST/",
        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
    ),
    files=(
        RemoteFile(
            name="gzip.zip",
            size=561753746,
            sha256="fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
            contents_size=561753746,
            contents_sha256=None,
        ),
    ),
    otherwise="use load_digits(), which needs no network",
)
_LARGEST = 1 << 30  # bytes of one selection, inflated; byclass has 0.64 GB


class _Split(NamedTuple):
    """The names of the classes, and the number that the files give to the first."""

    classes: tuple[str, ...]
    first_label: int = 0


_DIGITS = tuple(string.digits)
# Capitals and small letters that look alike are one class, named by the capital.
_MERGED = (*_DIGITS, *string.ascii_uppercase, *"abdefghnqrt")
_SPLITS = {
    "byclass": _Split((*_DIGITS, *string.ascii_uppercase, *string.ascii_lowercase)),
    "bymerge": _Split(_MERGED),
    "balanced": _Split(_MERGED),
    "letters": _Split(tuple(string.ascii_lowercase), first_label=1),
    "digits": _Split(_DIGITS),
    "mnist": _Split(_DIGITS),
}

EMNIST_CLASSES = {name: split.classes for name, split in _SPLITS.items()}
"""For each selection, the names of its classes 0, 1, 2, ..."""


def load_emnist(
    split: str = "letters",
    *,
    one_hot: bool = True,
    flat: bool = True,
    dtype: DTypeLike = np.float32,
    download: bool = True,
    progress: bool = True,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """One selection of EMNIST, from the cache folder or else from the network.

    The keywords and the result are those of `load_mnist`. The archive ``gzip.zip`` lies
    in the folder ``emnist`` of the cache folder; only what is asked for is unpacked, in
    memory, at each call.

    Args:
        split: the selection: ``"letters"`` (26 classes, capitals and small letters
            together), ``"digits"`` or ``"mnist"`` (10), ``"balanced"`` or ``"bymerge"``
            (47), ``"byclass"`` (62).
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images of one channel.
        dtype: a float dtype, of X and of one-hot y. Mind the memory: in float32,
            ``"byclass"`` has 2.6 GB.
        download: whether the missing archive may be downloaded (562 MB).
        progress: whether to show a progress bar, on stderr, during a download.

    Returns:
        ``X_train, y_train, X_test, y_test``; of the letters, 124,800 and 20,800
        samples. X is (N, 784) or (N, 1, 28, 28), in [0, 1], upright. y is (N, K) of
        `dtype`, or (N,) int64 from 0 to K - 1; what the numbers mean says
        ``pebblegrad.data.emnist.EMNIST_CLASSES[split]``. **torchvision leaves the
        images lying, and the letters counted from 1.**

    Raises:
        TypeError: `dtype` is None.
        ValueError: there is no such `split`, or `dtype` is not a float dtype.
        FileNotFoundError: the archive is missing and `download` is False.
        ConnectionError: the archive is missing and no mirror delivered it.
        OSError: the cache folder cannot be read or written, or the disk is full.

    Warns:
        UserWarning: a wrong archive was moved aside.

    Example:
        >>> X_train, y_train, X_test, y_test = load_emnist()  # doctest: +SKIP
        >>> X_train.shape, y_train.shape  # doctest: +SKIP
        ((124800, 784), (124800, 26))
        >>> EMNIST_CLASSES["letters"][:3]
        ('a', 'b', 'c')

    Reference:
        G. Cohen, S. Afshar, J. Tapson, A. van Schaik, "EMNIST: an extension of MNIST to
        handwritten letters", 2017, https://arxiv.org/abs/1702.05373
    """
    if split not in list(_SPLITS):  # a list: what is not hashable is only not in it
        raise ValueError(
            f"load_emnist: split is {split!r}; needed is one of {', '.join(_SPLITS)}"
        )
    dtype = checked_float_dtype("load_emnist", dtype)
    names = [
        f"gzip/emnist-{split}-{part}-{kind}-ubyte.gz"
        for part in ("train", "test")
        for kind in ("images-idx3", "labels-idx1")
    ]
    from pebblegrad.data._members import read_members  # zipfile and tarfile: 10 ms

    with checked_stream(_EMNIST, download=download, progress=progress) as stream:
        packed = read_members(
            stream, "load_emnist: gzip.zip", names, max_bytes=_LARGEST
        )
    return four_arrays(
        "load_emnist",
        names,
        [_inflated(name, member) for name, member in zip(names, packed, strict=True)],
        classes=len(_SPLITS[split].classes),
        first_label=_SPLITS[split].first_label,
        transposed=True,
        one_hot=one_hot,
        flat=flat,
        dtype=dtype,
    )


def _inflated(name: str, packed: bytes) -> bytearray:
    try:
        contents = read_at_most(as_plain(io.BytesIO(packed)), _LARGEST + 1)
    except DamagedGzipError as error:
        raise ValueError(f"load_emnist: {name} is damaged: {error}") from None
    if len(contents) > _LARGEST:
        raise ValueError(f"load_emnist: {name} inflates to more than {_LARGEST} bytes")
    return contents
