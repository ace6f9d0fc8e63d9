"""Fashion-MNIST: 70,000 photographs of clothes in ten classes, 28 by 28 pixels.

Made to be put in MNIST's place, with the same numbers of images in the same format, and
harder: a model that is nearly perfect on digits is right for about nine in ten here.
This file is a table: where the four files are, and what they must be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._cache import Collection, checked_contents
from pebblegrad.data._download import RemoteFile
from pebblegrad.data._images import checked_float_dtype
from pebblegrad.data._mnist_like import four_arrays

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The names of the classes 0 to 9."""

# Sizes and SHA-256 as published in tensorflow/datasets, url_checksums,
# fashion_mnist.txt.
_FASHION_MNIST = Collection(
    who="load_fashion_mnist",
    folder="fashion_mnist",
    mirrors=(
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    files=(
        RemoteFile(
            name="train-images-idx3-ubyte.gz",
            size=26421880,
            sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            contents_size=47040016,
            contents_sha256=None,
        ),
        RemoteFile(
            name="train-labels-idx1-ubyte.gz",
            size=29515,
            sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            contents_size=60008,
            contents_sha256=None,
        ),
        RemoteFile(
            name="t10k-images-idx3-ubyte.gz",
            size=4422102,
            sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            contents_size=7840016,
            contents_sha256=None,
        ),
        RemoteFile(
            name="t10k-labels-idx1-ubyte.gz",
            size=5148,
            sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            contents_size=10008,
            contents_sha256=None,
        ),
    ),
    otherwise="use load_digits(), which needs no network",
)


def load_fashion_mnist(
    *,
    one_hot: bool = True,
    flat: bool = True,
    dtype: DTypeLike = np.float32,
    download: bool = True,
    progress: bool = True,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The Fashion-MNIST images, from the cache folder or else from the network.

    The keywords and the result are those of `load_mnist`; the folder in the cache
    folder is ``fashion_mnist``. A file is believed only as it was published, by its
    SHA-256, so one that is put there by hand must not be compressed anew.

    Args:
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images of one channel.
        dtype: a float dtype, of X and of one-hot y.
        download: whether missing files may be downloaded (30.9 MB in all).
        progress: whether to show a progress bar, on stderr, during a download.

    Returns:
        ``X_train, y_train, X_test, y_test`` of 60,000 and 10,000 samples. X is (N, 784)
        or (N, 1, 28, 28), in [0, 1]. y is (N, 10) of `dtype`, or (N,) int64; what the
        numbers mean says ``pebblegrad.data.fashion_mnist.FASHION_MNIST_CLASSES``.

    Raises:
        TypeError: `dtype` is None.
        ValueError: `dtype` is not a float dtype.
        FileNotFoundError: files are missing and `download` is False.
        ConnectionError: files are missing and no mirror delivered them.
        OSError: the cache folder cannot be read or written, or the disk is full.

    Warns:
        UserWarning: a wrong file was moved aside.

    Example:
        >>> X_train, y_train, X_test, y_test = load_fashion_mnist()  # doctest: +SKIP
        >>> X_train.shape, y_train.shape, X_train.dtype  # doctest: +SKIP
        ((60000, 784), (60000, 10), dtype('float32'))

    Reference:
        H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
        Benchmarking Machine Learning Algorithms", 2017,
        https://arxiv.org/abs/1708.07747
    """
    dtype = checked_float_dtype("load_fashion_mnist", dtype)
    return four_arrays(
        "load_fashion_mnist",
        [file.name for file in _FASHION_MNIST.files],
        checked_contents(_FASHION_MNIST, download=download, progress=progress),
        classes=len(FASHION_MNIST_CLASSES),
        one_hot=one_hot,
        flat=flat,
        dtype=dtype,
    )
