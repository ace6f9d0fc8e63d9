"""Gradients of several batches in one step, for batches that do not fit into memory.

`backward()` adds to what is in `.grad` already. So to step after four batches of 8 is
to step after one of 32, if the sum is divided by four: the mean over 32 is the mean of
the four means.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._checks import check_integer
from ._optimizer import Optimizer
from .lbfgs import LBFGS


class GradientAccumulator:
    """Steps an optimizer after every few batches, with the mean of their gradients.

    Call `step` after each `backward()`, in place of the optimizer's, and no
    `zero_grad()` in between, which would lose the batches so far. Batches that are to
    count alike must have one size.

    Args:
        optimizer: makes the steps, and clears the gradients after each; any but
            `LBFGS`, which computes its gradients itself.
        steps: after how many batches, at least 1.
        before_step: called with the mean gradients in place, before the optimizer's
            step: the place to clip them.

    Attributes:
        optimizer: as given.
        steps: as given.
        count: how many batches have been added since the last step of the optimizer.

    Raises:
        TypeError: if `optimizer` is none that can be used, `steps` no integer, or
            `before_step` no function.
        ValueError: if `steps` is below 1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> from pebblegrad.optim import SGD
        >>> w = Tensor([0.0], requires_grad=True)
        >>> accumulator = GradientAccumulator(SGD([w], lr=0.1), steps=2)
        >>> for x in (1.0, 3.0, 8.0):
        ...     (w * x).sum().backward()
        ...     print(accumulator.step(), w.data)
        False [0.]
        True [-0.2]
        False [-0.2]
        >>> accumulator.flush(), w.data
        (True, array([-1.], dtype=float32))
    """

    def __init__(
        self,
        optimizer: Optimizer,
        steps: int,
        *,
        before_step: Callable[[], Any] | None = None,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"GradientAccumulator: optimizer is a {type(optimizer).__name__}; an "
                "Optimizer is needed"
            )
        if isinstance(optimizer, LBFGS):
            raise TypeError(
                "GradientAccumulator: optimizer is an LBFGS, which computes its "
                "gradients itself; add up the batches inside its closure"
            )
        if before_step is not None and not callable(before_step):
            raise TypeError(
                f"GradientAccumulator: before_step is {before_step!r}; a function "
                "without arguments is needed"
            )
        self.optimizer = optimizer
        self.steps = check_integer("GradientAccumulator", "steps", steps)
        self.count = 0
        self._before_step = before_step

    def step(self) -> bool:
        """Count a batch whose gradients have been added, and step if it was the last.

        Returns:
            Whether the optimizer made a step; a schedule is to be stepped then, too.

        Raises:
            RuntimeError: if there is no gradient at all.
        """
        if all(param.grad is None for param in self._parameters()):
            raise RuntimeError(
                "GradientAccumulator.step: no parameter has a gradient; call "
                "backward() before it, and zero_grad() never"
            )
        self.count += 1
        if self.count < self.steps:
            return False
        try:
            return self.flush()
        except BaseException:
            self.count -= 1
            raise

    def flush(self) -> bool:
        """Step with the batches that there are, at the end of an epoch say.

        Returns:
            Whether there were any, and the optimizer made a step.

        After an error the gradients are the sums that they were.
        """
        if self.count == 0:
            return False
        sums = [(p, p.grad) for p in self._parameters() if p.grad is not None]
        try:
            for param, total in sums:
                param.grad = total.data / self.count
            if self._before_step is not None:
                self._before_step()
            self.optimizer.step()
        except BaseException:
            for param, total in sums:
                param.grad = total
            raise
        self.optimizer.zero_grad()
        self.count = 0
        return True

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of what has been added up, without the optimizer's own state.

        Returns:
            "count", the number of batches; "gradients", the sums by the parameter's
            place, of those that have any. The options are not in it.
        """
        places = enumerate(self._parameters())
        return {
            "count": self.count,
            "gradients": {
                i: p.grad.data.copy() for i, p in places if p.grad is not None
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, for the same parameters in order.

        Args:
            state: as returned by `state_dict`. Gradients that are there are replaced.

        Raises:
            TypeError: if it is no dict, or an entry not what it must be.
            ValueError: if an entry is missing, or a gradient does not fit. Nothing is
                changed after an error.
        """
        who = "GradientAccumulator"
        if not isinstance(state, Mapping):
            raise TypeError(
                f"{who}: the state is a {type(state).__name__}; a dict is needed: give "
                "what state_dict() returned"
            )
        if state.keys() != {"count", "gradients"}:
            raise ValueError(
                f"{who}: the state has {', '.join(map(str, state)) or 'nothing'}; "
                "needed are count, gradients: give what state_dict() returned"
            )
        count = check_integer(who, "count", state["count"], low=0)
        if count >= self.steps:
            raise ValueError(
                f"{who}: count is {count}; it must be below steps, which is "
                f"{self.steps}"
            )
        params = list(self._parameters())
        gradients = {}
        if not isinstance(state["gradients"], Mapping):
            raise TypeError(
                f"{who}: gradients is a {type(state['gradients']).__name__}; a dict is "
                "needed: give what state_dict() returned"
            )
        for place, gradient in state["gradients"].items():
            if isinstance(place, bool) or place not in range(len(params)):
                raise ValueError(
                    f"{who}: the state has a gradient of a parameter {place!r}; here "
                    f"the parameters are numbered from 0 to {len(params) - 1}"
                )
            array = np.asarray(gradient)
            if array.dtype.kind not in "fiu":
                raise TypeError(
                    f"{who}: gradient {place} is {array.dtype}; numbers are needed"
                )
            if array.shape != (needed := params[place].shape):
                raise ValueError(
                    f"{who}: gradient {place} has shape {array.shape}; needed is "
                    f"{needed}"
                )
            gradients[place] = array.astype(params[place].dtype)  # a copy
        for place, param in enumerate(params):
            param.grad = gradients.get(place)
        self.count = count

    def __repr__(self) -> str:
        return f"GradientAccumulator({self.optimizer!r}, steps={self.steps})"

    def _parameters(self) -> Any:
        return (p for group in self.optimizer.param_groups for p in group["params"])
