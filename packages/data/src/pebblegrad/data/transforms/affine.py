"""Images rotated, shifted and zoomed, each by draws of its own.

For each pixel of the result, the map is followed backwards to the place in the image
that it comes from, and the pixels around that place are averaged, the nearer the more
(bilinear interpolation). Of some tens of images at a time, the places are computed at
once, and each of the four neighbors is gathered by one call: few enough that what is
computed stays in the processor's cache, many enough that calls cost nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data.transforms._transform import (
    Transform,
    check_images,
    checked_fill,
    checked_number,
    checked_pair,
    limits,
)

_MODES = ("bilinear", "nearest")
_BLOCK = 32  # images at a time


class RandomAffine(Transform):
    """Rotates, shifts and zooms each image, around its center.

    For digits, ``RandomAffine(10, translate=(0.1, 0.1), scale=(0.9, 1.1))`` is a good
    start.

    Args:
        degrees: the range of the angles, (least, greatest), in degrees, clockwise; or
            one number d >= 0 for (-d, d). 0 for no rotation.
        translate: (a, b), each in [0, 1]: images move by up to a times their width to
            either side and b times their height up or down, in whole pixels. None for
            no shift.
        scale: the range of the zoom, (least, greatest), above 0; 2 makes what is seen
            twice as large. None for no zoom.
        interpolation: "bilinear" (**in torchvision the default is "nearest"**, which
            frays thin strokes) or "nearest", which only moves values.
        fill: the value where there was no image.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: an argument is out of its range; or, in a call, X is not
            (N, C, H, W) or (N, H, W).

    Shape:
        X keeps its shape and dtype. Averages of integers are rounded; those of integers
        beyond 2**53 are as near as a float64 can be.

    Example:
        >>> shift = RandomAffine(0, translate=(0.5, 0))
        >>> image = np.array([[[1, 2, 3, 4], [5, 6, 7, 8]]])
        >>> shift(image, rng=2)
        array([[[2, 3, 4, 0],
                [6, 7, 8, 0]]])
    """

    def __init__(
        self,
        degrees: float | tuple[float, float],
        translate: tuple[float, float] | None = None,
        scale: tuple[float, float] | None = None,
        *,
        interpolation: str = "bilinear",
        fill: float = 0,
    ) -> None:
        who = "RandomAffine"
        self.degrees = _checked_degrees(who, degrees)
        self.translate = (
            None
            if translate is None
            else checked_pair(who, "translate", translate, low=0, high=1)
        )
        self.scale = None if scale is None else _checked_range(who, "scale", scale, 0)
        if self.scale is not None and self.scale[0] == 0:
            raise ValueError(f"{who}: scale is {scale}; needed are numbers above 0")
        self.interpolation = _checked_mode(who, interpolation)
        self.fill = checked_number(who, "fill", fill)

    def change(self, X: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Rotate, shift and zoom each image."""
        check_images("RandomAffine", X)
        N, (H, W) = len(X), X.shape[-2:]
        angles = np.deg2rad(rng.uniform(*self.degrees, N))
        shift = np.zeros((N, 2))
        if self.translate is not None:
            most = np.array(self.translate) * (W, H)
            shift = np.rint(rng.uniform(-most, most, (N, 2)))
        zoom = np.ones(N) if self.scale is None else rng.uniform(*self.scale, N)
        return _moved(
            "RandomAffine", X, angles, shift, zoom, self.interpolation, self.fill
        )


class RandomRotation(Transform):
    """Rotates each image around its center.

    Args:
        degrees: the range of the angles, (least, greatest), in degrees,
            counterclockwise (as in torchvision, where `RandomAffine` turns clockwise);
            or one number d >= 0 for (-d, d).
        interpolation: "bilinear" (**in torchvision the default is "nearest"**, which
            frays thin strokes) or "nearest", which only moves values.
        fill: the value where there was no image.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: `degrees` or `interpolation` is out of its range; or, in a call, X
            is not (N, C, H, W) or (N, H, W).

    Shape:
        X keeps its shape and dtype. Averages of integers are rounded; those of integers
        beyond 2**53 are as near as a float64 can be.

    Example:
        >>> quarter_turn = RandomRotation((90, 90))
        >>> quarter_turn(np.array([[[1, 2], [3, 4]]]))
        array([[[2, 4],
                [1, 3]]])
    """

    def __init__(
        self,
        degrees: float | tuple[float, float],
        interpolation: str = "bilinear",
        *,
        fill: float = 0,
    ) -> None:
        self.degrees = _checked_degrees("RandomRotation", degrees)
        self.interpolation = _checked_mode("RandomRotation", interpolation)
        self.fill = checked_number("RandomRotation", "fill", fill)

    def change(self, X: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Rotate each image."""
        check_images("RandomRotation", X)
        angles = -np.deg2rad(rng.uniform(*self.degrees, len(X)))
        still, as_large = np.zeros((len(X), 2)), np.ones(len(X))
        return _moved(
            "RandomRotation", X, angles, still, as_large, self.interpolation, self.fill
        )


def _moved(
    who: str,
    X: NDArray[Any],
    angles: NDArray[np.float64],  # (N,), clockwise, since rows count downwards
    shift: NDArray[np.float64],  # (N, 2), to the right and down
    zoom: NDArray[np.float64],  # (N,)
    interpolation: str,
    fill: float,
) -> NDArray[Any]:
    """Every image moved: turned and zoomed around its center, then shifted."""
    value = checked_fill(who, fill, X.dtype)
    out = np.empty(X.shape, X.dtype)  # C order
    if X.size == 0:
        return out
    N, (H, W) = len(X), X.shape[-2:]
    images, moved = (array.reshape(N, -1, H, W) for array in (X, out))
    for start in range(0, N, _BLOCK):
        block = slice(start, start + _BLOCK)
        _move_into(
            moved[block],
            images[block],
            angles[block],
            shift[block],
            zoom[block],
            interpolation,
            value,
        )
    return out


def _move_into(
    out: NDArray[Any],  # (N, C, H, W)
    X: NDArray[Any],  # (N, C, H, W)
    angles: NDArray[np.float64],
    shift: NDArray[np.float64],
    zoom: NDArray[np.float64],
    interpolation: str,
    fill: Any,
) -> None:
    """Write X into `out`, each image moved."""
    N, C, H, W = X.shape
    dtype = _dtype_of_averages(X.dtype)
    # A border of one pixel stands for all that is outside. What is only moved keeps the
    # dtype that it has: not every integer is a float.
    kept = X.dtype if interpolation == "nearest" else dtype
    edged = np.full((N, C, H + 2, W + 2), fill, kept)
    edged[..., 1:-1, 1:-1] = X

    # Backwards: the shift undone, the turn and the zoom undone; (N, H, W) each.
    exact = np.result_type(dtype, np.float32)
    cosine, sine = (
        (f(angles) / zoom).astype(exact)[:, None, None] for f in (np.cos, np.sin)
    )
    right = np.arange(W) - (W - 1) / 2 - shift[:, :1]
    down = np.arange(H) - (H - 1) / 2 - shift[:, 1:]
    right = right.astype(exact)[:, None, :]  # (N, 1, W)
    down = down.astype(exact)[:, :, None]  # (N, H, 1)
    x = (cosine * right + (W + 1) / 2) + sine * down
    y = (cosine * down + (H + 1) / 2) - sine * right
    np.clip(x, 0, W + 1, out=x)
    np.clip(y, 0, H + 1, out=y)

    first = np.arange(edged.size, step=(H + 2) * (W + 2)).reshape(N, -1, 1, 1)
    pixels = edged.reshape(-1)
    if interpolation == "nearest":
        place = np.rint(y).astype(np.intp) * (W + 2) + np.rint(x).astype(np.intp)
        out[:] = pixels.take(first + place[:, None])  # (N, C, H, W)
    else:
        left = np.minimum(x.astype(np.intp), W)
        top = np.minimum(y.astype(np.intp), H)
        place = first + (top * (W + 2) + left)[:, None]
        to_right = (x - left).astype(dtype)[:, None]
        to_bottom = (y - top).astype(dtype)[:, None]
        upper, lower = (
            pixels[below:].take(place) * (1 - to_right)
            + pixels[below + 1 :].take(place) * to_right
            for below in (0, W + 2)
        )
        upper *= 1 - to_bottom
        lower *= to_bottom
        upper += lower
        out[:] = upper if X.dtype.kind == "f" else _rounded(upper, X.dtype)


def _dtype_of_averages(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """What pixels are averaged in: a float that holds the integers there are."""
    if dtype.kind == "f":
        return dtype.newbyteorder("=")
    return np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)


def _rounded(averages: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The averages as integers, none outside of what the dtype can hold."""
    out: NDArray[Any] = np.rint(averages)
    if dtype.kind in "iu":
        low, high = limits(dtype)
        most = np.array(high, averages.dtype)
        if int(most) > high:  # the nearest float to 2**63 - 1 is 2**63
            most = np.nextafter(most, 0, dtype=most.dtype)
        np.clip(out, low, most, out=out)
    return out.astype(dtype)


def _checked_degrees(who: str, given: Any) -> tuple[float, float]:
    if isinstance(given, tuple | list | np.ndarray):
        return _checked_range(who, "degrees", given)
    most = checked_number(who, "degrees", given, 0)
    return -most, most


def _checked_range(
    who: str, name: str, given: Any, low: float = -np.inf
) -> tuple[float, float]:
    least, greatest = checked_pair(who, name, given, low=low)
    if least > greatest:
        raise ValueError(
            f"{who}: {name} is {given}; needed is (least, greatest), in this order"
        )
    return least, greatest


def _checked_mode(who: str, given: Any) -> str:
    if given not in _MODES:
        raise ValueError(
            f"{who}: interpolation is {given!r}; needed is one of "
            f"{', '.join(map(repr, _MODES))}"
        )
    mode: str = given
    return mode
