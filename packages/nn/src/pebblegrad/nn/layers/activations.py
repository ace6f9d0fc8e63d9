"""Smooth activations and softmax as layers, and activations by name.

Those with a kink at zero are in `rectifiers`; the functions are in `functional`.
"""

from collections.abc import Callable, Mapping

from pebblegrad.autograd import Op, Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import number, one_of, positive
from pebblegrad.nn._module import Module

from ._plain import Plain

_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "sigmoid": functional.sigmoid,
    "tanh": functional.tanh,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "selu": functional.selu,
    "celu": functional.celu,
    "mish": functional.mish,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "logsigmoid": functional.logsigmoid,
    "relu6": functional.relu6,
    "hardtanh": functional.hardtanh,
    "hardsigmoid": functional.hardsigmoid,
    "hardswish": functional.hardswish,
}


def function_of(name: str | None) -> Callable[[Tensor], Tensor] | None:
    """Return the activation that a layer's `activation` keyword names.

    Raises:
        ValueError: if there is none of that name.
    """
    if name is None:
        return None
    if name not in list(_FUNCTIONS):  # a dict would ask a wrong kind for its hash
        known = ", ".join(f'"{known}"' for known in _FUNCTIONS)
        raise ValueError(f"activation: {name!r} is not known; give {known} or None")
    return _FUNCTIONS[name]


def fused_with(
    name: str | None, plain: Op, fused: Mapping[str, Op]
) -> tuple[Op, Callable[[Tensor], Tensor] | None]:
    """Return what a layer computes by, and the activation that remains, if any.

    Args:
        name: of the activation, as `function_of` takes it.
        plain: the op without one.
        fused: the ops with one, by name, as far as there are.

    Raises:
        ValueError: if there is no activation of that name.
    """
    activation = function_of(name)
    if name is None or name not in fused:
        return plain, activation
    return fused[name], None


class Sigmoid(Module):
    """Elementwise ``1 / (1 + exp(-x))``.

    Shape:
        Any -> the same; numbers between 0 and 1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Sigmoid()(Tensor([-1e4, 0.0, 1e4]))
        Tensor([0. , 0.5, 1. ], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers between 0 and 1."""
        return functional.sigmoid(x)


class LogSigmoid(Module):
    """Elementwise logarithm of the sigmoid, without overflow.

    Shape:
        Any -> the same; negative numbers.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> LogSigmoid()(Tensor([-1e4, 1e4]))
        Tensor([-10000.,      0.], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return negative numbers."""
        return functional.logsigmoid(x)


class Tanh(Module):
    """Elementwise hyperbolic tangent.

    Shape:
        Any -> the same; numbers between -1 and 1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Tanh()(Tensor([-1e4, 0.0, 1e4]))
        Tensor([-1.,  0.,  1.], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers between -1 and 1."""
        return functional.tanh(x)


class Softplus(Module):
    """Elementwise ``log(1 + exp(beta * x)) / beta``: `ReLU` without the corner.

    Args:
        beta: a positive number; the larger, the closer to `ReLU`.
        threshold: where ``beta * x`` is above it, ``x`` itself is taken.

    Shape:
        Any -> the same; positive numbers.

    Raises:
        ValueError: if `beta` is not positive, or `threshold` is not a number.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Softplus()(Tensor([-1e4, 0.0, 30.0])).data.round(4)
        array([ 0.    ,  0.6931, 30.    ], dtype=float32)

    Reference:
        Dugas et al. 2001, "Incorporating second-order functional knowledge for better
        option pricing".
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = positive("Softplus", "beta", beta)
        self.threshold = number("Softplus", "threshold", threshold)

    def forward(self, x: Tensor) -> Tensor:
        """Return positive numbers."""
        return functional.softplus(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        beta = "" if self.beta == 1 else f"beta={self.beta}"
        threshold = "" if self.threshold == 20 else f"threshold={self.threshold}"
        return ", ".join(text for text in (beta, threshold) if text)


class Softsign(Module):
    """Elementwise ``x / (1 + |x|)``: levels off as `Tanh` does, but more slowly.

    Shape:
        Any -> the same; numbers between -1 and 1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Softsign()(Tensor([-1.0, 0.0, 3.0]))
        Tensor([-0.5 ,  0.  ,  0.75], dtype=float32)

    Reference:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep
        feedforward neural networks", section 2.3.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers between -1 and 1."""
        return functional.softsign(x)


class GELU(Module):
    """Elementwise ``x`` times the share of a normal distribution that is below ``x``.

    Args:
        approximate: "none" for the error function; "tanh" for a formula that is within
            0.0005 of it and takes less time.

    Shape:
        Any -> the same.

    Raises:
        ValueError: if `approximate` is neither.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> GELU()(Tensor([-1.0, 0.0, 1.0])).data.round(4)
        array([-0.1587,  0.    ,  0.8413], dtype=float32)

    Reference:
        Hendrycks and Gimpel 2016, "Gaussian error linear units (GELUs)", section 2.
    """

    def __init__(self, approximate: str = "none") -> None:
        known = ("none", "tanh")
        self.approximate: str = one_of("GELU", "approximate", approximate, known)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` times its gate."""
        return functional.gelu(x, self.approximate)

    def extra_repr(self) -> str:
        """Return the approximation, if there is one."""
        if self.approximate == "none":
            return ""
        return f"approximate={self.approximate!r}"


class SiLU(Plain):
    """Elementwise ``x * sigmoid(x)``, also called swish.

    Shape:
        Any -> the same.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> SiLU()(Tensor([0.0, 1.0])).data.round(4)
        array([0.    , 0.7311], dtype=float32)

    Reference:
        Elfwing, Uchibe and Doya 2018, "Sigmoid-weighted linear units for neural network
        function approximation in reinforcement learning", section 2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` times its gate."""
        return functional.silu(x)


class Mish(Plain):
    """Elementwise ``x * tanh(softplus(x))``.

    Shape:
        Any -> the same.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Mish()(Tensor([0.0, 1.0])).data.round(4)
        array([0.    , 0.8651], dtype=float32)

    Reference:
        Misra 2020, "Mish: a self regularized non-monotonic activation function",
        section 2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` times its gate."""
        return functional.mish(x)


class Hardsigmoid(Plain):
    """Elementwise ``min(max(x + 3, 0), 6) / 6``; at -3 and at 3 the gradient is 0.

    Shape:
        Any -> the same; numbers from 0 to 1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Hardsigmoid()(Tensor([-3.0, 0.0, 1.5]))
        Tensor([0.  , 0.5 , 0.75], dtype=float32)

    Reference:
        Howard et al. 2019, "Searching for MobileNetV3", section 5.2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers from 0 to 1."""
        return functional.hardsigmoid(x)


class Hardswish(Plain):
    """Elementwise ``x * hardsigmoid(x)``; at -3 the gradient is 0, at 3 it is 1.

    Shape:
        Any -> the same.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Hardswish()(Tensor([1.5, 4.0]))
        Tensor([1.125, 4.   ], dtype=float32)

    Reference:
        Howard et al. 2019, "Searching for MobileNetV3", section 5.2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` times its gate."""
        return functional.hardswish(x)
