"""Adam: a step for each weight, by what its gradient was like so far."""

from typing import Any

from pebblegrad.autograd import ops

from ._optimizer import Optimizer, check_number


class Adam(Optimizer):
    """Adaptive moment estimation.

    Averages the gradient (``m``) and its square (``v``) over the past steps, corrects
    both for having started at zero, and steps by ``lr * m_hat / (sqrt(v_hat) + eps)``.

    Args:
        params: what to train; see `Optimizer`.
        lr: the learning rate, at least 0; about the size of each step of each weight.
        betas: what part of ``m`` and of ``v`` stays at each step, each from 0 to below
            1.
        eps: added to the denominator, at least 0.

    The defaults are the paper's.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([1.0, 1.0], requires_grad=True)
        >>> p.grad = [100.0, 0.01]
        >>> Adam([p], lr=0.1).step()
        >>> p.data.round(4)
        array([0.9, 0.9], dtype=float32)

    Reference:
        Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1;
        https://arxiv.org/abs/1412.6980
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps)

    def check(self, *, lr: float, betas: Any, eps: float) -> None:
        """Raise unless the options are in range."""
        check_number("Adam", "lr", lr)
        check_number("Adam", "eps", eps)
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise TypeError(f"Adam: betas is {betas!r}; a pair of numbers is needed")
        check_number("Adam", "betas[0]", betas[0], high=1.0)
        check_number("Adam", "betas[1]", betas[1], high=1.0)

    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        betas: tuple[float, float],
        eps: float,
    ) -> None:
        """Change one parameter in place."""
        if not state:
            state.update(t=0, m=ops.zeros_like(param), v=ops.zeros_like(param))
        beta1, beta2 = betas
        state["t"] += 1
        t, m, v = state["t"], state["m"], state["v"]

        m *= beta1
        m += (1 - beta1) * grad
        v *= beta2
        v += (1 - beta2) * grad * grad
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        param -= lr * m_hat / (v_hat**0.5 + eps)
