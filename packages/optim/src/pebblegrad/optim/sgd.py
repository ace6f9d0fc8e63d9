"""Stochastic gradient descent, the step that all others refine."""

from typing import Any

from pebblegrad.autograd import ops

from ._optimizer import Optimizer, check_number


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if wanted.

    Without momentum ``p = p - lr * g``. With it a velocity gathers the gradients and
    fades: ``v = momentum * v + g``, ``p = p - lr * v``.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0.
        momentum: what part of the velocity stays at each step, from 0 to below 1.

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
        momentum in deep learning", section 2;
        https://proceedings.mlr.press/v28/sutskever13.html
    """

    def __init__(self, params: Any, lr: float, momentum: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum)

    def check(self, *, lr: float, momentum: float) -> None:
        """Raise unless the options are in range."""
        check_number("SGD", "lr", lr)
        check_number("SGD", "momentum", momentum, high=1.0)

    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        momentum: float,
    ) -> None:
        """Change one parameter in place."""
        if momentum == 0:
            param -= lr * grad
            return
        if "velocity" not in state:
            state["velocity"] = ops.zeros_like(param)
        v = state["velocity"]
        v *= momentum
        v += grad
        param -= lr * v
