"""L-BFGS: a quasi-Newton method for losses that are computed on all data at once.

Newton's method divides the gradient by the curvature, a matrix far too large to keep.
How the gradient changed over the last few steps tells enough of it: L-BFGS keeps those
changes, and multiplies the gradient by the inverse curvature that they imply without
ever making the matrix. Read `two_loop_recursion` first, then `LBFGS.step`;
`_line_search.py` says how far to go, `_lbfgs_memory.py` what is kept between the steps.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pebblegrad.autograd import enable_grad

from ._checks import check_integer, check_number
from ._lbfgs_memory import empty_memory, loaded_memory, saved_memory
from ._line_search import Point, strong_wolfe
from ._optimizer import Optimizer
from ._state import check_state

LINE_SEARCHES = (None, "strong_wolfe")


class LBFGS(Optimizer):
    """BFGS with a limited memory, for small problems without noise.

    A call of `step` makes up to `max_iter` iterations ``x = x + t * d``, in which d is
    minus the gradient times an approximation of the inverse Hessian, and calls the
    closure for the loss and its gradient in each. It forgets nothing between the calls.

    Args:
        params: what to train; see `Optimizer`. In a single group.
        lr: the step length t, at least 0; with a line search the first one that is
            tried. The first step of all is at most as long as `lr` (in the sum of its
            absolute values), because nothing is known of the curvature then.
        max_iter: how many iterations a call of `step` makes at most.
        max_eval: how often it calls the closure at most, if None ``max_iter * 5 // 4``.
            A line search that has begun may call once more.
        tolerance_grad: where the largest absolute value of the gradient is at most
            this, `step` is done.
        tolerance_change: where no parameter changed by more, or the loss changed by
            less, or its slope along d is less steep, `step` is done.
        history_size: how many of the last changes are kept; each takes twice the memory
            of the parameters.
        line_search_fn: "strong_wolfe" to look for a good t each time, which needs more
            calls of the closure, and nearly always pays off; None to take `lr`.

    Parameters without a gradient have a gradient of zero here. The same batch must be
    behind every call of the closure: noise in the gradients would be taken for
    curvature.

    The arguments, defaults and stopping rules are PyTorch's. The line search is the
    book's, which differs from PyTorch's in the order of trials in rare cases. Losses
    that are not finite are treated differently: PyTorch goes on with NaN.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> x = Tensor([-1.2, 1.0], requires_grad=True, dtype="float64")
        >>> optimizer = LBFGS([x], max_iter=50, line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        ...     loss.backward()
        ...     return loss
        >>> optimizer.step(closure).item()
        24.199999999999996
        >>> x.data.round(4)
        array([1., 1.])

    Reference:
        Nocedal and Wright 2006, "Numerical optimization", second edition, algorithms
        7.4 and 7.5; https://doi.org/10.1007/978-0-387-40065-5. Liu and Nocedal 1989,
        "On the limited memory BFGS method for large scale optimization";
        https://doi.org/10.1007/BF01589116
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )

    def check(
        self,
        *,
        lr: float,
        max_iter: int,
        max_eval: int | None,
        tolerance_grad: float,
        tolerance_change: float,
        history_size: int,
        line_search_fn: str | None,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("LBFGS", "lr", lr)
        check_integer("LBFGS", "max_iter", max_iter)
        if max_eval is not None:
            check_integer("LBFGS", "max_eval", max_eval)
        check_number("LBFGS", "tolerance_grad", tolerance_grad)
        check_number("LBFGS", "tolerance_change", tolerance_change)
        check_integer("LBFGS", "history_size", history_size)
        if line_search_fn not in LINE_SEARCHES:
            raise ValueError(
                f"LBFGS: line_search_fn is {line_search_fn!r}; None or "
                '"strong_wolfe" is needed'
            )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Go downhill, up to `max_iter` times.

        Args:
            closure: clears the gradients, computes the loss, calls its `backward()`,
                and returns it. It is called with other values in the parameters each
                time. Required.

        Returns:
            What the closure returned first, the loss before the step.

        Raises:
            TypeError: if there is no closure, or it returns no number.
            ValueError: if the loss has several elements; if it or its gradient is not
                finite at the start, or after a step that no line search looked at.

        After an error, in the closure too, the parameters and the state are what they
        were before; the gradients are those of the last call.
        """
        if not callable(closure):
            raise TypeError(
                f"LBFGS.step: closure is {closure!r}; a function is needed that clears "
                "the gradients, computes the loss, calls backward() and returns the "
                "loss: step(closure)"
            )
        (options,) = self._current_options()
        begin = self._flat_parameters()
        with enable_grad():
            loss = closure()
        if all(param.grad is None for param in self._parameters()):
            raise ValueError(
                "LBFGS.step: the closure left no gradient; call loss.backward() in it"
            )
        self._spent.look(self._name, self._parameters())
        try:
            self._minimize(closure, _number(loss), options)
        except BaseException:
            self._set_parameters(begin)
            raise
        self._spent.watch()
        return loss

    def _minimize(
        self, closure: Callable[[], Any], loss: float, options: dict[str, Any]
    ) -> None:
        """Make the iterations of a step; the closure was called once, with this loss.

        What is remembered is replaced as a whole at the end, if nothing failed.
        """
        lr, max_iter = options["lr"], options["max_iter"]
        max_eval = options["max_eval"] or max_iter * 5 // 4
        tolerance_grad = options["tolerance_grad"]
        tolerance_change = options["tolerance_change"]
        memory = {**(self._state.get(0) or empty_memory())}
        s, y, rho = list(memory["s"]), list(memory["y"]), list(memory["rho"])
        d, t, gamma = memory["d"], memory["t"], memory["gamma"]
        previous_g = memory["g"]
        k, g = memory["iterations"], self._flat_gradient()
        evaluations = 1
        _require_finite(loss, g, "at the start; look for what makes the loss so")

        x = self._flat_parameters()
        for iteration in range(1, max_iter + 1):
            if iteration == 1 and _largest(g) <= tolerance_grad:
                break
            k += 1
            if k == 1:
                d = -g
            else:
                change = t * d  # of x, in the iteration before
                curvature = float(np.dot(g - previous_g, change))
                if curvature > 1e-10:  # else the Hessian would not be positive
                    s, y = [*s, change], [*y, g - previous_g]
                    rho = [*rho, 1 / curvature]
                    keep = slice(-options["history_size"], None)
                    s, y, rho = s[keep], y[keep], rho[keep]
                    gamma = curvature / float(np.dot(y[-1], y[-1]))
                d = -two_loop_recursion(g, s, y, rho, gamma)
            previous_g, previous_loss = g, loss
            slope = float(np.dot(g, d))
            t = lr if k > 1 else min(1.0, 1 / float(np.sum(np.abs(g)))) * lr
            if t == 0 or not slope < -tolerance_change:
                t = 0.0
                break

            if options["line_search_fn"] is None:
                self._set_parameters(x + t * d)
                if iteration < max_iter:  # the next call of step begins with one
                    loss, g = self._evaluate(closure)
                    evaluations += 1
                    _require_finite(
                        loss,
                        g,
                        f"after a step of length {t:g}; lower lr, or use "
                        'line_search_fn="strong_wolfe" (the parameters were put back)',
                    )
            else:
                point, calls = strong_wolfe(
                    self._along(closure, x, d),
                    Point(0.0, loss, slope, g),
                    t,
                    smallest=tolerance_change / _largest(d),
                    most=max_eval - evaluations,
                )
                loss, g, t = point.value, point.gradient, point.t
                evaluations += calls
                self._set_parameters(x + t * d)
            x = self._flat_parameters()

            if (
                evaluations >= max_eval
                or _largest(g) <= tolerance_grad
                or _largest(t * d) <= tolerance_change
                or abs(loss - previous_loss) < tolerance_change
            ):
                break

        memory.update(d=d, t=t, g=previous_g, gamma=gamma, s=s, y=y, rho=rho)
        memory["iterations"] = k
        memory["evaluations"] += evaluations
        self._state[0] = memory

    def _along(
        self, closure: Callable[[], Any], x: Any, d: Any
    ) -> Callable[[float], Point]:
        """Return the loss along d as a function of the step length."""

        def phi(t: float) -> Point:
            self._set_parameters(x + t * d)
            loss, g = self._evaluate(closure)
            return Point(t, loss, float(np.dot(g, d)), g)

        return phi

    def _evaluate(self, closure: Callable[[], Any]) -> tuple[float, Any]:
        """Return the loss and its gradient at the parameters as they are."""
        with enable_grad():
            loss = closure()
        return _number(loss), self._flat_gradient()

    # All parameters as one vector, in their widest dtype, at least single precision.

    def _flat_parameters(self) -> Any:
        return self._flat([param.data for param in self._parameters()])

    def _flat_gradient(self) -> Any:
        return self._flat(
            [
                np.zeros_like(param.data) if param.grad is None else param.grad.data
                for param in self._parameters()
            ]
        )

    def _flat(self, arrays: Sequence[Any]) -> Any:
        dtype = np.result_type(np.float32, *(array.dtype for array in arrays))
        return np.concatenate([array.ravel() for array in arrays], dtype=dtype)

    def _set_parameters(self, flat: Any) -> None:
        start = 0
        for param in self._parameters():
            param.data[...] = flat[start : start + param.size].reshape(param.shape)
            start += param.size

    # The contract of every optimizer

    def _add(self, group: Mapping[str, Any]) -> None:
        if self.param_groups:
            raise ValueError(
                "LBFGS: there is a group of parameters already; one group is needed, "
                "for a step has one length for all: give all parameters in one list"
            )
        super()._add(group)

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of all that the next step depends on, besides the parameters.

        Returns:
            As `Optimizer.state_dict` does. What is remembered is that of all parameters
            as one vector of n elements, under the place 0: "s" and "y", the changes of
            the parameters and of the gradient, (m, n), oldest first; "rho", (m,); "d",
            "t" and "g", (n,), (), (n,): the last direction, step length and gradient;
            "gamma", the scale; "iterations" and "evaluations", how many there were.
        """
        state = super().state_dict()
        for place, memory in self._state.items():
            state["state"][place] = saved_memory(memory)
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, for the same parameters in order.

        Args:
            state: as returned by `state_dict` of an `LBFGS`.

        Raises:
            TypeError: if an option or an entry is not what it must be; nothing is
                changed then.
            ValueError: if names or shapes are not those of this optimizer, or an option
                is out of its range; nothing is changed then.
        """
        check_state("LBFGS", state, self.param_groups)
        (theirs,) = state["param_groups"]
        options = {k: v for k, v in theirs.items() if k not in ("params", "initial_lr")}
        self.check(**options)
        if others := state["state"].keys() - {0}:
            raise ValueError(
                f"LBFGS: the state is of the parameters {sorted(others)}; it needs to "
                "be that of all together, under 0"
            )
        flat = self._flat_parameters()
        if 0 in state["state"]:
            memory = loaded_memory(state["state"][0], flat.size, flat.dtype)
            self._state = {0: memory}
        else:
            self._state = {}
        self.param_groups[0].update(
            {key: value for key, value in theirs.items() if key != "params"}
        )


def two_loop_recursion(
    g: Any, s: Sequence[Any], y: Sequence[Any], rho: Sequence[float], gamma: float
) -> Any:
    """Multiply a vector by the inverse Hessian that changes seen so far imply.

    It begins with gamma times the identity, and has been updated by BFGS with each pair
    of s and y. The matrix is never made.

    Args:
        g: (n,), the gradient.
        s: the changes of the parameters, each (n,), oldest first.
        y: the changes of the gradient that went with them.
        rho: 1 / (y @ s) of each pair.
        gamma: the scale of the matrix at the beginning.

    Returns:
        (n,), a new array.

    Example:
        >>> import numpy as np
        >>> s, y = np.array([1.0, 0.0]), np.array([4.0, 0.0])  # a curvature of 4
        >>> two_loop_recursion(np.array([8.0, 3.0]), [s], [y], [1 / 4], gamma=1.0)
        array([2., 3.])

    Reference:
        Nocedal and Wright 2006, algorithm 7.4.
    """
    q = g.copy()
    alphas = []
    for s_i, y_i, rho_i in zip(reversed(s), reversed(y), reversed(rho), strict=True):
        alpha = rho_i * float(np.dot(s_i, q))
        q -= alpha * y_i
        alphas.append(alpha)
    r = gamma * q
    for s_i, y_i, rho_i, alpha in zip(s, y, rho, reversed(alphas), strict=True):
        beta = rho_i * float(np.dot(y_i, r))
        r += (alpha - beta) * s_i
    return r


def _number(loss: Any) -> float:
    """Return the loss as a Python number, or raise."""
    if getattr(loss, "size", 1) != 1:
        raise ValueError(
            f"LBFGS.step: the closure returned a loss of shape {loss.shape}; a single "
            "element is needed: reduce it, by mean() or sum()"
        )
    value = loss.item() if hasattr(loss, "item") else loss
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(
            f"LBFGS.step: the closure returned {loss!r}; the loss is needed, a Tensor "
            "of one element or a number"
        )
    return float(value)


def _largest(vector: Any) -> float:
    """Return the largest absolute value, of nothing 0."""
    return float(np.max(np.abs(vector), initial=0.0))


def _require_finite(loss: float, g: Any, where: str) -> None:
    """Raise unless the loss and its gradient are finite."""
    if not math.isfinite(loss):
        raise ValueError(f"LBFGS.step: the loss is {loss} {where}")
    if not math.isfinite(largest := _largest(g)):
        raise ValueError(f"LBFGS.step: the gradient has {largest} in it {where}")
