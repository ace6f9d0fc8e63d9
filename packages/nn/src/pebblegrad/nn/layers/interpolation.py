"""Upsample: images and signals made larger."""

from __future__ import annotations

from typing import Any

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import one_of
from pebblegrad.nn._module import Module
from pebblegrad.nn.functional.interpolation import MODES


class Upsample(Module):
    """Change the size of images, or of signals; see `functional.interpolate`.

    Args:
        size: OH and OW, or an int for all axes.
        scale_factor: instead of `size`: how many times larger, a number for all axes or
            one for each.
        mode: "nearest", "nearest-exact", "linear" (for signals) or "bilinear".
        align_corners: whether the outermost elements stay where they are; only for
            "linear" and "bilinear".

    Shape:
        (N, C, H, W) -> (N, C, OH, OW), (N, C, L) -> (N, C, OL).

    Raises:
        ValueError: if not one of `size` and `scale_factor` is given, or there is no
            such mode.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = Upsample(scale_factor=2, mode="bilinear")
        >>> layer
        Upsample(scale_factor=2, mode='bilinear')
        >>> layer(Tensor([[[[1.0, 2.0]]]])).shape
        (1, 1, 2, 4)
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        if (size is None) == (scale_factor is None):
            raise ValueError(
                f"Upsample: size={size} and scale_factor={scale_factor}; give one of "
                "them"
            )
        self.size = size
        self.scale_factor = scale_factor
        self.mode = one_of("Upsample", "mode", mode, MODES)
        self.align_corners = align_corners

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` in the other size."""
        out: Tensor = functional.interpolate(
            x, self.size, self.scale_factor, self.mode, self.align_corners
        )
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        shown = [f"{self.size}"] if self.size is not None else []
        if self.scale_factor is not None:
            shown.append(f"scale_factor={self.scale_factor}")
        if self.mode != "nearest":
            shown.append(f"mode={self.mode!r}")
        if self.align_corners is not None:
            shown.append(f"align_corners={self.align_corners}")
        return ", ".join(shown)
