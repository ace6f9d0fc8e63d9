"""From pixels and labels to what a network takes.

Every image set in this package is, on disk, images (N, H, W) or, in color, (N, C, H, W)
of small integers, and labels (N,). A loader's keywords say in which form they are
wanted; that is done here, once for all sets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data.labels import one_hot as one_hot_rows


def checked_float_dtype(who: str, dtype: DTypeLike) -> np.dtype[Any]:
    """`dtype` in native byte order, if pixels between 0 and 1 survive in it."""
    if dtype is None:  # NumPy takes it for float64, which nobody meant
        raise TypeError(
            f"{who}: dtype is None; needed is a float dtype, such as float32, the "
            "default"
        )
    try:
        checked = np.dtype(dtype)
    except TypeError as error:
        raise TypeError(
            f"{who}: dtype is {dtype!r}; needed is a float dtype"
        ) from error
    if not np.issubdtype(checked, np.floating):
        raise ValueError(
            f"{who}: dtype is {checked}; needed is a float dtype, as pixels are scaled "
            "to [0, 1]"
        )
    return checked.newbyteorder("=")


def inputs(
    images: NDArray[Any], *, brightest: int, flat: bool, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """``images / brightest``; (N, H, W) or (N, C, H, W) -> rows if `flat`.

    Otherwise (N, C, H, W), with a C of 1 where there was none.
    """
    count, *rest = images.shape
    height, width = rest[-2:]
    channels = rest[0] if len(rest) == 3 else 1
    # The shape is written out: -1 cannot be inferred when there are no images.
    shape: tuple[int, ...] = (count, channels, height, width)
    if flat:
        shape = (count, channels * height * width)
    # One pass, without an unscaled float copy of everything first.
    scaled: NDArray[Any] = np.divide(images, brightest, dtype=dtype, order="C")
    return scaled.reshape(shape)


def targets(
    labels: NDArray[Any], *, classes: int, one_hot: bool, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """(N,) -> rows (N, K) of `dtype` if `one_hot`, else class numbers (N,), int64."""
    if one_hot:
        return one_hot_rows(labels, classes, dtype=dtype)
    return labels.astype(np.int64)
