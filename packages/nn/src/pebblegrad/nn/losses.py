"""Losses as modules; the functions, and what they take, are in `functional/losses/`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from pebblegrad.autograd import Tensor

from . import functional
from ._arguments import one_of
from ._module import Module


class _Loss(Module):
    """A function and its options. Arrays among them are buffers, and saved as such."""

    def __new__(cls, *args: Any, **options: Any) -> Self:
        """Refuse a reduction that is given by position.

        In PyTorch two arguments that nobody uses any more come first.
        """
        for value in args:
            if isinstance(value, str):
                raise TypeError(
                    f"{cls.__name__}: {value!r} is given by position; options have "
                    f'names: write {cls.__name__}(reduction="sum")'
                )
        return super().__new__(cls)

    def __init__(
        self,
        function: Callable[..., Tensor],
        reductions: tuple[str, ...] = ("mean", "sum", "none"),
        **options: Any,
    ) -> None:
        one_of(type(self).__name__, "reduction", options["reduction"], reductions)
        self._function = function
        self._names = tuple(options)
        for name, value in options.items():
            if isinstance(value, Tensor):
                value = value.detach()  # a weight is not trained
            elif isinstance(value, list | tuple | np.ndarray):
                value = Tensor(value)
            elif isinstance(value, np.generic):
                value = value.item()
            setattr(self, name, value)

    def forward(self, *inputs: Any) -> Tensor:
        """Compare a prediction with a target, as the function does."""
        options = {name: getattr(self, name) for name in self._names}
        return self._function(*inputs, **options)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        parameters = inspect.signature(self._function).parameters
        parts = []
        for name in self._names:
            value = getattr(self, name)
            if isinstance(value, Tensor):
                parts.append(f"{name}={value.data.tolist()}")
            elif value != parameters[name].default:
                parts.append(f"{name}={value!r}")
        return ", ".join(parts)


class MSELoss(_Loss):
    """Squared error.

    See `functional.mse_loss`.

    Args:
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.mse_loss,
            reduction=reduction,
        )


class L1Loss(_Loss):
    """Absolute error.

    See `functional.l1_loss`.

    Args:
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.l1_loss,
            reduction=reduction,
        )


class SmoothL1Loss(_Loss):
    """Absolute error, with a parabola near 0.

    See `functional.smooth_l1_loss`.

    Args:
        reduction: "mean", "sum" or "none".
        beta: where the parabola ends.
    """

    def __init__(
        self,
        *,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(
            functional.smooth_l1_loss,
            reduction=reduction,
            beta=beta,
        )


class HuberLoss(_Loss):
    """Half the squared error, and from `delta` on a line.

    See `functional.huber_loss`.

    Args:
        reduction: "mean", "sum" or "none".
        delta: where the line begins.
    """

    def __init__(
        self,
        *,
        reduction: str = "mean",
        delta: float = 1.0,
    ) -> None:
        super().__init__(
            functional.huber_loss,
            reduction=reduction,
            delta=delta,
        )


class GaussianNLLLoss(_Loss):
    """How improbable the target is under normal distributions.

    See `functional.gaussian_nll_loss`.

    Args:
        full: whether to add the terms that are constant.
        eps: what keeps it finite; see the function.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        *,
        full: bool = False,
        eps: float = 1e-6,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.gaussian_nll_loss,
            full=full,
            eps=eps,
            reduction=reduction,
        )


class PoissonNLLLoss(_Loss):
    """How improbable counts are under rates.

    See `functional.poisson_nll_loss`.

    Args:
        log_input: whether the prediction is a logarithm.
        full: whether to add the terms that are constant.
        eps: what keeps it finite; see the function.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        *,
        log_input: bool = True,
        full: bool = False,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.poisson_nll_loss,
            log_input=log_input,
            full=full,
            eps=eps,
            reduction=reduction,
        )


class BCELoss(_Loss):
    """Binary cross-entropy of probabilities.

    See `functional.binary_cross_entropy`.

    Args:
        weight: how much each counts, or None for all alike.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        weight: Any = None,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.binary_cross_entropy,
            weight=weight,
            reduction=reduction,
        )


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of logits.

    See `functional.binary_cross_entropy_with_logits`.

    Args:
        weight: how much each counts, or None for all alike.
        pos_weight: how much more what is counts than what is not.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        weight: Any = None,
        *,
        pos_weight: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.binary_cross_entropy_with_logits,
            weight=weight,
            pos_weight=pos_weight,
            reduction=reduction,
        )


class HingeLoss(_Loss):
    """How far scores are short of 1 on the right side.

    See `functional.hinge_loss`.

    Args:
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.hinge_loss,
            reduction=reduction,
        )


class CrossEntropyLoss(_Loss):
    """Cross-entropy of logits.

    See `functional.cross_entropy`.

    Args:
        weight: how much each counts, or None for all alike.
        ignore_index: the class index that stands for "does not count".
        reduction: "mean", "sum" or "none".
        label_smoothing: share of the target that goes to all classes.
    """

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(
            functional.cross_entropy,
            weight=weight,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
        )


class NLLLoss(_Loss):
    """Minus the logarithm of the probability of the right class.

    See `functional.nll_loss`.

    Args:
        weight: how much each counts, or None for all alike.
        ignore_index: the class index that stands for "does not count".
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.nll_loss,
            weight=weight,
            ignore_index=ignore_index,
            reduction=reduction,
        )


class KLDivLoss(_Loss):
    """Kullback-Leibler divergence from logarithms of probabilities.

    See `functional.kl_div`.

    Args:
        reduction: "batchmean", "mean", "sum" or "none".
        log_target: whether the target holds logarithms.
    """

    def __init__(
        self,
        *,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(
            functional.kl_div,
            ("mean", "sum", "none", "batchmean"),
            reduction=reduction,
            log_target=log_target,
        )


class MultiMarginLoss(_Loss):
    """How far other classes come within a margin.

    See `functional.multi_margin_loss`.

    Args:
        p: the order; see the function.
        margin: by how much; see the function.
        weight: how much each counts, or None for all alike.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Any = None,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.multi_margin_loss,
            p=p,
            margin=margin,
            weight=weight,
            reduction=reduction,
        )


class CosineEmbeddingLoss(_Loss):
    """How far angles are from what they should be.

    See `functional.cosine_embedding_loss`.

    Args:
        margin: by how much; see the function.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        margin: float = 0.0,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.cosine_embedding_loss,
            margin=margin,
            reduction=reduction,
        )


class HingeEmbeddingLoss(_Loss):
    """Distances as they are, or what they lack of a margin.

    See `functional.hinge_embedding_loss`.

    Args:
        margin: by how much; see the function.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        margin: float = 1.0,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.hinge_embedding_loss,
            margin=margin,
            reduction=reduction,
        )


class MarginRankingLoss(_Loss):
    """How far pairs are short of being in order.

    See `functional.margin_ranking_loss`.

    Args:
        margin: by how much; see the function.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        margin: float = 0.0,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.margin_ranking_loss,
            margin=margin,
            reduction=reduction,
        )


class TripletMarginLoss(_Loss):
    """How much farther strangers should be.

    See `functional.triplet_margin_loss`.

    Args:
        margin: by how much; see the function.
        p: the order; see the function.
        eps: what keeps it finite; see the function.
        swap: whether to take the nearer of two distances.
        reduction: "mean", "sum" or "none".
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            functional.triplet_margin_loss,
            margin=margin,
            p=p,
            eps=eps,
            swap=swap,
            reduction=reduction,
        )


class CTCLoss(_Loss):
    """Sequences of labels, without their places.

    See `functional.ctc_loss`.

    Args:
        blank: the class that stands for no label.
        reduction: "mean", "sum" or "none".
        zero_infinity: whether what is impossible counts 0.
    """

    def __init__(
        self,
        blank: int = 0,
        *,
        reduction: str = "mean",
        zero_infinity: bool = False,
    ) -> None:
        super().__init__(
            functional.ctc_loss,
            blank=blank,
            reduction=reduction,
            zero_infinity=zero_infinity,
        )
