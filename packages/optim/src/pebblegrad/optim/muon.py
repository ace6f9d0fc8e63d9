"""Muon: steps for matrices, in which no direction is favored over another.

The gradient of a layer's matrix is often nearly of low rank: a few directions get all
of the step. Muon replaces it by the nearest matrix with orthonormal rows or columns,
which is its singular value decomposition with every singular value set to one. A
polynomial that is applied a few times comes close to it, with matrix products alone.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pebblegrad.autograd import ops

from ._blocks import blocks
from ._checks import check_flags, check_integer, check_number
from ._optimizer import Optimizer
from ._parameters import tensors

ADJUSTMENTS = (None, "original", "match_rms_adamw")


class Muon(Optimizer):
    """Momentum, orthogonalized by Newton and Schulz's iteration; for matrices.

    Averages the gradient, ``b = momentum * b + (1 - momentum) * g``, orthogonalizes the
    average, ``o = orthogonalized(b)``, and steps by ``lr * r * o``, where r depends on
    the shape of the matrix (see `adjust_lr_fn`).

    Args:
        params: what to train; see `Optimizer`. Matrices only, which are to be the
            weights between hidden layers; train biases, normalizations, embeddings and
            the last layer with `AdamW`.
        lr: the learning rate, at least 0; about the size of each singular value of a
            step.
        weight_decay: times `lr` it is the part that each parameter loses at each step,
            at least 0.
        momentum: what part of the average stays at each step, from 0 to below 1.
        nesterov: whether ``momentum * b + (1 - momentum) * g`` is orthogonalized, which
            looks one step ahead, in place of ``b``.
        ns_coefficients: a, b and c of the polynomial ``a x + b x**3 + c x**5`` that the
            singular values go through at each iteration.
        eps: the least length that the matrix is divided by before the first iteration,
            at least 0.
        ns_steps: the number of iterations, from 1 to 99.
        adjust_lr_fn: times what a step on a matrix of A rows and B columns is:
            "original" or None, ``sqrt(max(1, A / B))``, as in the post;
            "match_rms_adamw", ``0.2 * sqrt(max(A, B))``, which makes steps as large as
            Adam's usually are, so that its rates fit (Liu et al.).
        maximize: whether to climb instead of to descend; PyTorch's Muon lacks it.

    The defaults are PyTorch's; **the post has lr = 0.02 and no weight decay**. It adds
    up the gradients without ``1 - momentum``, which makes no difference, since the
    matrix is divided by its length. The iterations are in the parameter's own
    precision, where **PyTorch and the post have bfloat16**, to be fast on GPUs. Unlike
    the other optimizers, they need memory: seven times that of a square parameter.
    As for parameters with more axes, kernels of convolutions say: train a matrix, and
    reshape it in the model.

    Raises:
        ValueError: if a parameter is no matrix.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([[0.0, 0.0], [0.0, 0.0]], requires_grad=True)
        >>> p.grad = [[100.0, 0.0], [0.0, 1.0]]
        >>> Muon([p], lr=0.1).step()
        >>> p.data.round(2) + 0.0  # both directions, though one gradient is small
        array([[-0.07,  0.  ],
               [ 0.  , -0.07]], dtype=float32)

    Reference:
        Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks";
        https://kellerjordan.github.io/posts/muon/. Liu et al. 2025, "Muon is scalable
        for LLM training", for "match_rms_adamw" and the weight decay;
        https://arxiv.org/abs/2502.16982
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
            maximize=maximize,
        )

    def check(
        self,
        *,
        lr: float,
        weight_decay: float,
        momentum: float,
        nesterov: bool,
        ns_coefficients: Any,
        eps: float,
        ns_steps: int,
        adjust_lr_fn: str | None,
        maximize: bool,
    ) -> None:
        """Raise unless the options are in range."""
        check_number("Muon", "lr", lr)
        check_number("Muon", "weight_decay", weight_decay)
        check_number("Muon", "momentum", momentum, high=1.0)
        check_flags("Muon", nesterov=nesterov, maximize=maximize)
        if not isinstance(ns_coefficients, tuple | list) or len(ns_coefficients) != 3:
            raise TypeError(
                f"Muon: ns_coefficients is {ns_coefficients!r}; "
                "three numbers are needed"
            )
        for i, coefficient in enumerate(ns_coefficients):
            check_number("Muon", f"ns_coefficients[{i}]", coefficient, low=-math.inf)
        check_number("Muon", "eps", eps)
        if check_integer("Muon", "ns_steps", ns_steps) >= 100:
            raise ValueError(
                f"Muon: ns_steps is {ns_steps}; it must be below 100; 5 are enough "
                "with the default coefficients"
            )
        if adjust_lr_fn not in ADJUSTMENTS:
            raise ValueError(
                f"Muon: adjust_lr_fn is {adjust_lr_fn!r}; "
                "'original', 'match_rms_adamw' or None is needed"
            )

    def start(self, param: Any, **options: Any) -> dict[str, Any]:
        """Return the average of the gradients."""
        return {"b": ops.zeros_like(param)}

    def update(
        self,
        param: Any,
        grad: Any,
        state: dict[str, Any],
        *,
        lr: float,
        weight_decay: float,
        momentum: float,
        nesterov: bool,
        ns_coefficients: tuple[float, float, float],
        eps: float,
        ns_steps: int,
        adjust_lr_fn: str | None,
        maximize: bool,
    ) -> None:
        """Change one parameter in place."""
        o = np.empty_like(param)
        for g, b, ahead in blocks(grad, state["b"], o):
            if maximize:
                g = -g
            b += (1 - momentum) * (g - b)  # momentum * b + (1 - momentum) * g
            ahead[...] = momentum * b + (1 - momentum) * g if nesterov else b
        o = orthogonalized(o, ns_coefficients, eps, ns_steps)
        rows, columns = param.shape
        if adjust_lr_fn == "match_rms_adamw":
            ratio = 0.2 * math.sqrt(max(rows, columns))
        else:
            ratio = math.sqrt(max(1.0, rows / max(columns, 1)))
        for p, step in blocks(param, o):
            p *= 1 - lr * weight_decay
            p -= lr * ratio * step

    def _add(self, group: Mapping[str, Any]) -> None:
        """Append a group of matrices, or leave everything as it is and raise."""
        found = tensors("Muon", group["params"])
        for i, param in enumerate(found):
            if param.ndim != 2:
                raise ValueError(
                    f"Muon: parameter {i} has shape {param.shape}; a matrix is needed: "
                    "give Muon the parameters with ndim == 2, and train the others "
                    "with another optimizer, AdamW say"
                )
        super()._add({**group, "params": found})


def orthogonalized(
    x: Any, coefficients: tuple[float, float, float], eps: float, steps: int
) -> Any:
    """Return about the nearest matrix with orthonormal rows or columns.

    With ``x = U S V.T``, that is ``U V.T``. Each iteration puts the singular values
    through ``a s + b s**3 + c s**5`` and leaves U and V as they are. With Muon's
    coefficients, which are chosen to lift small values fast, they end up near 1 but not
    at it.

    Args:
        x: a matrix.
        coefficients: a, b and c.
        eps: the least length that `x` is divided by.
        steps: the number of iterations.

    Returns:
        A new array of the shape and dtype of `x`.
    """
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x  # so that the square matrices below are the smaller ones
    # The largest singular value is at most the root of the sum of all squares.
    x = x / max(float(np.linalg.norm(x)), eps)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * (square @ square)) @ x
    return x.T if tall else x
