"""Stochastic gradient descent, the step that all others refine."""

from typing import Any

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_flags, check_number
from ._optimizer import Optimizer
from ._packing import elementwise


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if wanted.

    Without momentum ``p = p - lr * g``. With it a velocity gathers the gradients and
    fades: ``v = momentum * v + (1 - dampening) * g``, ``p = p - lr * v``, where the
    first velocity is the first gradient. Nesterov's momentum looks one step ahead:
    ``p = p - lr * (g + momentum * v)``.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0. **It must be given; in PyTorch it is 1e-3 by
            default.**
        momentum: what part of the velocity stays at each step, from 0 to below 1.
        dampening: what part of each gradient but the first is kept out of the velocity,
            from 0 to below 1.
        weight_decay: times the parameter is added to its gradient, at least 0.
        nesterov: whether to look ahead; needs a momentum and no dampening.
        maximize: whether to climb instead of to descend.

    The velocity is PyTorch's. Sutskever et al. fold the rate in,
    ``v = momentum * v - lr * g``; both give the same numbers while the rate stays.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0], requires_grad=True)
        >>> p.grad = [1.0]
        >>> SGD([p], lr=0.1).step()
        >>> p.data
        array([0.9], dtype=float32)

    Reference:
        Sutskever, Martens, Dahl, Hinton 2013, "On the importance of initialization and
        momentum in deep learning", section 2, and equations 3 and 4 for Nesterov's;
        https://proceedings.mlr.press/v28/sutskever13.html
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        momentum: float,
        dampening: float,
        weight_decay: float,
        nesterov: bool,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("SGD", "lr", lr)
        check_number("SGD", "momentum", momentum, high=1.0)
        check_number("SGD", "dampening", dampening, high=1.0)
        check_number("SGD", "weight_decay", weight_decay)
        check_flags("SGD", nesterov=nesterov, maximize=maximize)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"SGD: nesterov is True with momentum {momentum} and dampening "
                f"{dampening}; a momentum above 0 and no dampening are needed"
            )

    def start(self, param: Any, *, momentum: float, **options: Any) -> dict[str, Any]:
        """Return the velocity, if there is one."""
        return {"t": 0, "v": ops.zeros_like(param)} if momentum else {}

    @elementwise
    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        momentum: float,
        dampening: float,
        weight_decay: float,
        nesterov: bool,
        maximize: bool,
    ) -> None:
        """Change parameters in place, each element by itself."""
        if not momentum:
            for p, g in blocks(param, grad):
                if maximize:
                    g = -g
                if weight_decay:
                    g = g + weight_decay * p
                p -= lr * g
            return
        state["t"] += 1
        if state["t"] == 1:
            dampening = 0.0
        for p, g, v in blocks(param, grad, state["v"]):
            if maximize:
                g = -g
            if weight_decay:
                g = g + weight_decay * p
            v *= momentum
            v += g if dampening == 0 else (1 - dampening) * g
            p -= lr * (g + momentum * v if nesterov else v)


def sgd_step(params: Any, lr: float) -> None:
    """Make a step of plain gradient descent, and clear the gradients.

    Args:
        params: Tensors that require a gradient, a Module or several.
        lr: the learning rate, at least 0.

    Parameters without a gradient are left alone.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> w = Tensor([3.0], requires_grad=True)
        >>> for step in range(20):
        ...     ((w - 1) ** 2).sum().backward()
        ...     sgd_step([w], lr=0.25)
        >>> w.data, w.grad
        (array([1.0000019], dtype=float32), None)
    """
    optimizer = SGD(params, lr)
    optimizer.step()
    optimizer.zero_grad()
