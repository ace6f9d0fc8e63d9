"""ClipGradients: steps that cannot be too long."""

from pebblegrad.optim import clip_grad_norm_, clip_grad_value_
from pebblegrad.train._run import Run

from ._callback import Callback


class ClipGradients(Callback):
    """Make gradients smaller before each step, if they are too large.

    Args:
        max_norm: the longest that all gradients together may be, as one vector.
        max_value: the largest that each element may be.

    Raises:
        ValueError: unless exactly one of the two is given, and is positive.

    Reference:
        Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural
        networks", section 3.2; https://arxiv.org/abs/1211.5063
    """

    def __init__(
        self, max_norm: float | None = None, *, max_value: float | None = None
    ) -> None:
        if (max_norm is None) == (max_value is None):
            raise ValueError(
                f"ClipGradients: max_norm is {max_norm} and max_value {max_value}; "
                "exactly one of the two is needed"
            )
        limit = max_norm if max_norm is not None else max_value
        if not isinstance(limit, int | float) or not 0 < limit < float("inf"):
            raise ValueError(
                f"ClipGradients: the limit is {limit!r}; a positive number is needed"
            )
        self.max_norm = max_norm
        self.max_value = max_value

    def on_gradients(self, run: Run) -> None:
        """Clip the gradients of what the optimizer trains."""
        params = [p for group in run.optimizer.param_groups for p in group["params"]]
        if self.max_norm is not None:
            clip_grad_norm_(params, self.max_norm)
        elif self.max_value is not None:
            clip_grad_value_(params, self.max_value)
