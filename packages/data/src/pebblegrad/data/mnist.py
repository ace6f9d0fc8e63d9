"""MNIST: 70,000 handwritten digits, 28 by 28 pixels.

This file is a table: where the four files are, and what they must contain. Finding,
downloading and checking them is `_cache`'s work, and `_mnist_like` makes arrays of
them. Who has TensorFlow, and MNIST in its cache already, can take it from there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._cache import Collection, checked_contents
from pebblegrad.data._download import RemoteFile
from pebblegrad.data._images import checked_float_dtype, inputs, targets
from pebblegrad.data._mnist_like import check_labels, four_arrays

_MNIST = Collection(
    who="load_mnist",
    folder="mnist",
    # All serve the same bytes. The original site comes last: it often refuses.
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ),
    files=(
        RemoteFile(
            name="train-images-idx3-ubyte.gz",
            size=9912422,
            sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            contents_size=47040016,
            contents_sha256="ba891046e6505d7aadcbbe25680a0738"
            "ad16aec93bde7f9b65e87a2fc25776db",
        ),
        RemoteFile(
            name="train-labels-idx1-ubyte.gz",
            size=28881,
            sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            contents_size=60008,
            contents_sha256="65a50cbbf4e906d70832878ad85ccda5"
            "333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        RemoteFile(
            name="t10k-images-idx3-ubyte.gz",
            size=1648877,
            sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            contents_size=7840016,
            contents_sha256="0fa7898d509279e482958e8ce81c8e77"
            "db3f2f8254e26661ceb7762c4d494ce7",
        ),
        RemoteFile(
            name="t10k-labels-idx1-ubyte.gz",
            size=4542,
            sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            contents_size=10008,
            contents_sha256="ff7bcfd416de33731a308c3f266cc351"
            "222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    otherwise="use load_digits(), which needs no network",
)
_CLASSES = 10


def load_mnist(
    *,
    one_hot: bool = True,
    flat: bool = True,
    dtype: DTypeLike = np.float32,
    download: bool = True,
    progress: bool = True,
    source: str = "files",
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The MNIST digits, from the cache folder or else from the network.

    The four files are looked for in the folder ``mnist`` of the cache folder, which is
    the environment variable ``PEBBLEGRAD_DATA`` if that is set, and otherwise the
    platform's (``~/.cache/pebblegrad`` on Linux). They may have been put there by hand,
    gzipped or not, also into the cache folder itself. What is missing is downloaded
    from one of several mirrors. A file is believed only when the SHA-256 of its
    contents is right; a wrong one is renamed to ``<name>.damaged`` and never used.

    Args:
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images of one channel.
        dtype: a float dtype, of X and of one-hot y.
        download: whether missing files may be downloaded (11.6 MB in all).
        progress: whether to show a progress bar, on stderr, during a download.
        source: ``"files"``, as told above; or ``"tensorflow"`` for the same arrays by
            ``tf.keras.datasets.mnist.load_data()``, which keeps a file of its own in
            ``~/.keras/datasets``, checks it by its own hash, and shows progress in its
            own way. That needs ``pip install pebblegrad-data[tensorflow]``.

    Returns:
        ``X_train, y_train, X_test, y_test`` of 60,000 and 10,000 samples. X is (N, 784)
        or (N, 1, 28, 28), in [0, 1]. y is (N, 10) of `dtype`, or (N,) int64.

    Raises:
        TypeError: `dtype` is None.
        ValueError: `dtype` is not a float dtype, or there is no such `source`.
        ImportError: `source` is ``"tensorflow"``, which is not installed.
        FileNotFoundError: files are missing and `download` is False.
        ConnectionError: files are missing and no mirror delivered them.
        OSError: the cache folder cannot be read or written, or the disk is full.

    Warns:
        UserWarning: a wrong file was moved aside.

    Example:
        >>> X_train, y_train, X_test, y_test = load_mnist()  # doctest: +SKIP
        >>> X_train.shape, y_train.shape, X_train.dtype  # doctest: +SKIP
        ((60000, 784), (60000, 10), dtype('float32'))

    Reference:
        Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits",
        http://yann.lecun.com/exdb/mnist/
    """
    dtype = checked_float_dtype("load_mnist", dtype)
    if source == "tensorflow":
        return _from_tensorflow(
            one_hot=one_hot, flat=flat, dtype=dtype, download=download
        )
    if source != "files":
        raise ValueError(
            f"load_mnist: source is {source!r}; needed is 'files' or 'tensorflow'"
        )
    return four_arrays(
        "load_mnist",
        [file.name for file in _MNIST.files],
        checked_contents(_MNIST, download=download, progress=progress),
        classes=_CLASSES,
        one_hot=one_hot,
        flat=flat,
        dtype=dtype,
    )


def _from_tensorflow(
    *, one_hot: bool, flat: bool, dtype: np.dtype[Any], download: bool
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The arrays of `load_mnist` from ``tf.keras.datasets.mnist``."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    file = home / "datasets" / "mnist.npz"
    if not download and not file.exists():  # Keras itself would download it
        raise FileNotFoundError(
            f"load_mnist: {file} is not there; needed is the file of "
            "tf.keras.datasets.mnist; allow download=True, or put it there by hand"
        )
    try:
        import tensorflow
    except ImportError as error:
        raise ImportError(
            f"load_mnist: source is 'tensorflow', which cannot be imported ({error}); "
            "needed is TensorFlow: pip install pebblegrad-data[tensorflow]; or leave "
            "source out, which needs none"
        ) from error
    train, test = tensorflow.keras.datasets.mnist.load_data()
    arrays = []
    for part, (images, labels) in (("train", train), ("test", test)):
        images, labels = np.asarray(images), np.asarray(labels)
        if images.shape != (len(labels), 28, 28) or images.dtype != np.uint8:
            raise ValueError(
                f"load_mnist: TensorFlow gave images of shape {images.shape} and dtype "
                f"{images.dtype} for {len(labels)} labels ({part}); needed are (N, 28, "
                f"28) of uint8 for N labels; remove {file}"
            )
        check_labels(f"load_mnist: TensorFlow's {file.name}", labels, 0, _CLASSES)
        arrays += [
            inputs(images, brightest=255, flat=flat, dtype=dtype),
            targets(labels, classes=_CLASSES, one_hot=one_hot, dtype=dtype),
        ]
    X_train, y_train, X_test, y_test = arrays
    return X_train, y_train, X_test, y_test
