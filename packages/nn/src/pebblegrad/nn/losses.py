"""Losses as modules; the functions, and what they take, are in `functional.losses`."""

from typing import Any

from pebblegrad.autograd import Tensor

from . import functional
from ._module import Module

__all__ = ["BCELoss", "CrossEntropyLoss", "MSELoss"]


class _Loss(Module):
    def __init__(self, *, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(
                f"{type(self).__name__}: reduction is {reduction!r}; "
                'give "mean", "sum" or "none"'
            )
        self.reduction = reduction

    def extra_repr(self) -> str:
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"


class MSELoss(_Loss):
    """Mean squared error; see `functional.mse_loss`.

    Args:
        reduction: "mean", "sum" or "none".
    """

    def forward(self, prediction: Tensor, target: Any) -> Tensor:
        """Compare two of the same shape."""
        return functional.mse_loss(prediction, target, reduction=self.reduction)


class BCELoss(_Loss):
    """Binary cross-entropy of probabilities; see `functional.binary_cross_entropy`.

    Args:
        reduction: "mean", "sum" or "none".
    """

    def forward(self, p: Tensor, target: Any) -> Tensor:
        """Compare two of the same shape."""
        return functional.binary_cross_entropy(p, target, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    """Cross-entropy of logits; see `functional.cross_entropy`.

    Args:
        reduction: "mean", "sum" or "none".
    """

    def forward(self, logits: Tensor, targets: Any) -> Tensor:
        """Compare logits (N, K) with class indices (N,) or probabilities (N, K)."""
        return functional.cross_entropy(logits, targets, reduction=self.reduction)
