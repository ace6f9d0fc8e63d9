"""Kuzushiji-MNIST: 70,000 characters of old Japanese writing, 28 by 28 pixels.

Ten hiragana as they were written in books before 1900, one for each row of the
syllabary; each has several quite different forms, so a class is no single shape. Made
to be put in MNIST's place. This file is a table: where the four files are, and what
they must be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._cache import Collection, checked_contents
from pebblegrad.data._download import RemoteFile
from pebblegrad.data._images import checked_float_dtype
from pebblegrad.data._mnist_like import four_arrays

KMNIST_CLASSES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
"""The names of the classes 0 to 9, in Latin letters."""

# Sizes and SHA-256 as published in tensorflow/datasets, url_checksums/kmnist.txt.
_KMNIST = Collection(
    who="load_kmnist",
    folder="kmnist",
    # One publisher, by two protocols: nobody else is known to serve these files.
    mirrors=(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ),
    files=(
        RemoteFile(
            name="train-images-idx3-ubyte.gz",
            size=18165135,
            sha256="51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            contents_size=47040016,
            contents_sha256=None,
        ),
        RemoteFile(
            name="train-labels-idx1-ubyte.gz",
            size=29497,
            sha256="e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            contents_size=60008,
            contents_sha256=None,
        ),
        RemoteFile(
            name="t10k-images-idx3-ubyte.gz",
            size=3041136,
            sha256="edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            contents_size=7840016,
            contents_sha256=None,
        ),
        RemoteFile(
            name="t10k-labels-idx1-ubyte.gz",
            size=5120,
            sha256="20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            contents_size=10008,
            contents_sha256=None,
        ),
    ),
    otherwise="use load_digits(), which needs no network",
)


def load_kmnist(
    *,
    one_hot: bool = True,
    flat: bool = True,
    dtype: DTypeLike = np.float32,
    download: bool = True,
    progress: bool = True,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The Kuzushiji-MNIST characters, from the cache folder or else from the network.

    The keywords and the result are those of `load_mnist`; the folder in the cache
    folder is ``kmnist``. A file is believed only as it was published, by its SHA-256,
    so one that is put there by hand must not be compressed anew.

    Args:
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images of one channel.
        dtype: a float dtype, of X and of one-hot y.
        download: whether missing files may be downloaded (21.2 MB in all).
        progress: whether to show a progress bar, on stderr, during a download.

    Returns:
        ``X_train, y_train, X_test, y_test`` of 60,000 and 10,000 samples. X is (N, 784)
        or (N, 1, 28, 28), in [0, 1]. y is (N, 10) of `dtype`, or (N,) int64; what the
        numbers mean says ``pebblegrad.data.kmnist.KMNIST_CLASSES``.

    Raises:
        TypeError: `dtype` is None.
        ValueError: `dtype` is not a float dtype.
        FileNotFoundError: files are missing and `download` is False.
        ConnectionError: files are missing and no mirror delivered them.
        OSError: the cache folder cannot be read or written, or the disk is full.

    Warns:
        UserWarning: a wrong file was moved aside.

    Example:
        >>> X_train, y_train, X_test, y_test = load_kmnist()  # doctest: +SKIP
        >>> X_train.shape, y_train.shape, X_train.dtype  # doctest: +SKIP
        ((60000, 784), (60000, 10), dtype('float32'))

    Reference:
        T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha, "Deep
        Learning for Classical Japanese Literature", 2018,
        https://arxiv.org/abs/1812.01718. The set is licensed under CC BY-SA 4.0:
        "KMNIST Dataset" (created by CODH), adapted from "Kuzushiji Dataset" (created by
        NIJL and others), https://doi.org/10.20676/00000341
    """
    dtype = checked_float_dtype("load_kmnist", dtype)
    return four_arrays(
        "load_kmnist",
        [file.name for file in _KMNIST.files],
        checked_contents(_KMNIST, download=download, progress=progress),
        classes=len(KMNIST_CLASSES),
        one_hot=one_hot,
        flat=flat,
        dtype=dtype,
    )
