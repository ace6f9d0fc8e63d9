"""A mistake that every beginner makes once: a step with gradients of the step before.

Between the first step of an optimizer and the second, one parameter is watched. Either
its gradient is still the very one of the first step, or `backward()` found that one
there and added to it. After the second step nothing is watched, and nothing is paid.
"""

import warnings
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from pebblegrad.autograd import Tensor


class SpentGradients:
    """Watches whether gradients are used in two steps.

    Attributes:
        watching: whether `look` and `watch` still have something to do.
    """

    def __init__(self) -> None:
        self.watching = True
        self._steps = 0
        self._param: Tensor | None = None
        self._first: Callable[[], Any] = _nothing  # the gradient of the first step
        self._added: list[bool] = [False]  # whether something was added to it
        self._stop_watching: Callable[[], Any] = _nothing

    def __del__(self) -> None:
        self._stop_watching()

    def __getstate__(self) -> dict[str, Any]:
        """A copy of an optimizer watches for itself, from its next step on."""
        return vars(SpentGradients())

    def look(self, who: str, params: Iterable[Tensor]) -> None:
        """Called before each step; warns in the second one if there is a reason."""
        self._steps += 1
        if self._steps > 2:
            return
        self.watching = self._steps == 1
        if self._steps == 1:
            self._param = next((p for p in params if p.grad is not None), None)
            return
        param, self._param = self._param, None
        self._stop_watching()
        if param is None or param.grad is None:
            return
        if param.grad is self._first():
            happened = "the gradients are still those of the step before"
        elif self._added[0]:
            happened = "backward() added to the gradients of the step before"
        else:
            return
        warnings.warn(
            f"{who}.step: {happened}, so they count in two steps; call zero_grad() "
            "before each backward(), and backward() before each step() (if you mean "
            "it, warnings.filterwarnings('ignore', message='.*count in two steps') "
            "silences this)",
            stacklevel=3,
        )

    def watch(self) -> None:
        """Called after each step; begins to watch after the first one."""
        if self._steps != 1 or self._param is None or self._param.grad is None:
            return
        first = self._first = weakref.ref(self._param.grad)
        param, added = weakref.ref(self._param), self._added

        def note(g: Any) -> None:
            """Note whether the gradient that `g` is added to was used already."""
            watched = param()
            if watched is None or watched.grad is None:
                added[0] = False
            elif watched.grad is first():
                added[0] = True

        self._stop_watching = self._param.register_hook(note)


def _nothing() -> None:
    return None
