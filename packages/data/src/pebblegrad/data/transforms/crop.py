"""A window of each image, at a place of its own."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._checks import is_integer
from pebblegrad.data.transforms._transform import (
    Transform,
    check_images,
    checked_fill,
    checked_number,
)

_MODES = ("constant", "edge", "reflect", "symmetric")


class RandomCrop(Transform):
    """Cuts a window out of each image, every place being equally likely.

    With ``RandomCrop(28, padding=2)``, an image of 28 by 28 is shifted by up to two
    pixels in each direction.

    Args:
        size: of the window, (height, width), or one integer for both.
        padding: pixels to add around before, at least 0: one integer for all sides,
            (left and right, top and bottom), or (left, top, right, bottom).
        pad_if_needed: whether an image that is smaller than the window is padded, on
            both sides by what is missing, instead of refused.
        fill: the value of padded pixels in the mode "constant".
        padding_mode: "constant", "edge" (the last pixel again), "reflect" (mirrored,
            the last pixel not twice) or "symmetric" (mirrored, the last pixel twice).

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: `size` is less than 1, `padding` is negative, or `padding_mode` is
            unknown; or, in a call, X is not (N, C, H, W) or (N, H, W), or smaller than
            the window.

    Shape:
        (N, C, H, W) -> (N, C, height, width), and the same without C.

    Example:
        >>> image = np.arange(9).reshape(1, 3, 3)
        >>> RandomCrop(2)(image, rng=1)
        array([[[1, 2],
                [4, 5]]])
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        padding: int | tuple[int, ...] | None = None,
        *,
        pad_if_needed: bool = False,
        fill: float = 0,
        padding_mode: str = "constant",
    ) -> None:
        self.size = _integers("size", size, (1, 2), at_least=1)
        if len(self.size) == 1:
            self.size *= 2
        self.padding = _integers(
            "padding", 0 if padding is None else padding, (1, 2, 4), at_least=0
        )
        if len(self.padding) < 4:  # one for both directions, or one for each
            self.padding = (self.padding[0], self.padding[-1]) * 2
        self.pad_if_needed = pad_if_needed
        self.fill = checked_number("RandomCrop", "fill", fill)
        if padding_mode not in _MODES:
            raise ValueError(
                f"RandomCrop: padding_mode is {padding_mode!r}; needed is one of "
                f"{', '.join(map(repr, _MODES))}"
            )
        self.padding_mode = padding_mode

    def change(self, X: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Cut a window out of each image."""
        check_images("RandomCrop", X)
        height, width = self.size
        X = self._padded(X)
        H, W = X.shape[-2:]
        if H < height or W < width:
            raise ValueError(
                f"RandomCrop: the images are {H} by {W}, padding included, and size is "
                f"{self.size}; needed is an image at least as large; "
                "pad_if_needed=True pads it"
            )
        tops = rng.integers(0, H - height + 1, len(X))
        lefts = rng.integers(0, W - width + 1, len(X))
        # All windows of all images, as a view; then one of each image is copied.
        windows = np.lib.stride_tricks.sliding_window_view(
            X, (height, width), axis=(-2, -1)
        )  # (N, C, H - height + 1, W - width + 1, height, width)
        out: NDArray[Any] = windows[np.arange(len(X)), ..., tops, lefts, :, :]
        return out

    def _padded(self, X: NDArray[Any]) -> NDArray[Any]:
        left, top, right, bottom = self.padding
        if self.pad_if_needed:
            H, W = X.shape[-2] + top + bottom, X.shape[-1] + left + right
            missing_height = max(self.size[0] - H, 0)
            missing_width = max(self.size[1] - W, 0)
            top, bottom = top + missing_height, bottom + missing_height
            left, right = left + missing_width, right + missing_width
        if not (left or top or right or bottom):
            return X
        widths = [(0, 0)] * (X.ndim - 2) + [(top, bottom), (left, right)]
        if self.padding_mode == "constant":
            return np.pad(
                X,
                widths,
                constant_values=checked_fill("RandomCrop", self.fill, X.dtype),
            )
        return np.pad(X, widths, mode=self.padding_mode)  # type: ignore[call-overload, no-any-return]


def _integers(
    name: str, given: Any, counts: tuple[int, ...], *, at_least: int
) -> tuple[int, ...]:
    """One integer or several, as a tuple."""
    several = tuple(given) if isinstance(given, tuple | list | np.ndarray) else (given,)
    if len(several) not in counts or not all(map(is_integer, several)):
        raise TypeError(
            f"RandomCrop: {name} is {given!r}; needed is an integer, or "
            f"{' or '.join(str(count) for count in counts[1:])} of them"
        )
    integers = tuple(operator.index(number) for number in several)
    if min(integers) < at_least:
        raise ValueError(
            f"RandomCrop: {name} is {given!r}; needed is at least {at_least}"
        )
    return integers
