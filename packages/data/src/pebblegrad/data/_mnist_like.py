"""What MNIST and the sets made in its image share: four idx files.

Fashion-MNIST and Kuzushiji-MNIST were published to stand in for MNIST: the same names,
the same formats, the same numbers of images, so that a program need only be pointed at
other files. So here too: one function makes the four arrays of a loader from the
contents of the four files, after checking that they fit together.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._images import inputs, targets
from pebblegrad.data.idx import parse_idx

_BRIGHTEST = 255
_LARGEST = 1 << 32  # bytes; the largest part of EMNIST has 0.5 GB


def four_arrays(
    who: str,
    names: Sequence[str],
    contents: Sequence[bytes | bytearray],
    *,
    classes: int,
    first_label: int = 0,
    transposed: bool = False,
    one_hot: bool,
    flat: bool,
    dtype: np.dtype[Any],
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """X_train, y_train, X_test, y_test from the contents of four idx files.

    Args:
        who: the loader, to begin each error with.
        names: of the files: images and labels to train on, then those to test on.
        contents: of the files, inflated.
        classes: K.
        first_label: the number that the files give to class 0.
        transposed: whether the files hold each image with its axes exchanged.
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images of one channel.
        dtype: of X and of one-hot y.

    Raises:
        ValueError: a file is not what it should be, or two do not fit together.
    """
    arrays = [
        parse_idx(io.BytesIO(content), f"{who}: {name}", max_bytes=_LARGEST)
        for name, content in zip(names, contents, strict=True)
    ]
    for array, name, needed in zip(arrays, names, (3, 1, 3, 1), strict=True):
        if array.ndim != needed or array.dtype != np.uint8:
            raise ValueError(
                f"{who}: {name} holds shape {array.shape} of {array.dtype}; needed is "
                f"uint8 with {needed} axes"
            )
    for images, labels, name in zip(
        arrays[0::2], arrays[1::2], names[1::2], strict=True
    ):
        if len(images) != len(labels):
            raise ValueError(
                f"{who}: {name} holds {len(labels)} labels, and there are "
                f"{len(images)} images; needed is a label for each"
            )
        check_labels(f"{who}: {name}", labels, first_label, classes)
    if transposed:
        arrays[0::2] = [images.transpose(0, 2, 1) for images in arrays[0::2]]
    X_train, X_test = (
        inputs(images, brightest=_BRIGHTEST, flat=flat, dtype=dtype)
        for images in arrays[0::2]
    )
    y_train, y_test = (
        targets(labels - first_label, classes=classes, one_hot=one_hot, dtype=dtype)
        for labels in arrays[1::2]
    )
    return X_train, y_train, X_test, y_test


def check_labels(who: str, labels: NDArray[Any], first: int, classes: int) -> None:
    """Refuse a label outside of ``first, ..., first + classes - 1``."""
    wrong = (labels < first) | (labels >= first + classes)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(
            f"{who} holds the label {labels[place]} at {place}; needed are "
            f"{first} to {first + classes - 1}"
        )
