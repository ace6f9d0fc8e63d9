"""Layers of relu's family: the identity above zero, or between two bounds."""

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, number, positive
from pebblegrad.nn._module import Module

from ._parameters import filled
from ._plain import Plain


class ReLU(Plain):
    """Elementwise ``max(x, 0)``; at 0 the gradient is 0.

    Args:
        inplace: taken so that code written for PyTorch runs; nothing is computed in
            place here.

    Shape:
        Any -> the same.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> ReLU()(Tensor([-1.0, 2.0]))
        Tensor([0., 2.], dtype=float32)

    Reference:
        Nair and Hinton 2010, "Rectified linear units improve restricted Boltzmann
        machines", section 2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` where it is positive, else 0."""
        return functional.relu(x)


class ReLU6(Plain):
    """Elementwise ``min(max(x, 0), 6)``; at 0 and at 6 the gradient is 0.

    Shape:
        Any -> the same.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> ReLU6()(Tensor([-1.0, 2.0, 10.0]))
        Tensor([0., 2., 6.], dtype=float32)

    Reference:
        Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10".
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers from 0 to 6."""
        return functional.relu6(x)


class LeakyReLU(Module):
    """Elementwise ``x`` above zero, and ``negative_slope * x`` from zero down.

    Args:
        negative_slope: what passes below zero.
        inplace: without effect, see `ReLU`.

    Shape:
        Any -> the same.

    Raises:
        ValueError: if `negative_slope` is not a number.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> LeakyReLU(0.5)(Tensor([-1.0, 2.0]))
        Tensor([-0.5,  2. ], dtype=float32)

    Reference:
        Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network
        acoustic models", section 2.
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope = number("LeakyReLU", "negative_slope", negative_slope)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, flatter below zero."""
        return functional.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """Return the slope, unless it is the default."""
        return _unless(0.01, negative_slope=self.negative_slope)


class PReLU(Module):
    """Elementwise ``x`` above zero, ``weight * x`` below: the slope is learned.

    Args:
        num_parameters: C, the number of channels, each with a slope of its own; or 1,
            one slope for all.
        init: the slopes at the start.

    Shape:
        (N, C, ...) -> the same; with one slope any shape.

    Initial values: `init` everywhere.

    Raises:
        ValueError: if `num_parameters` is not a positive integer, or `init` no number.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> PReLU()(Tensor([-1.0, 2.0])).data
        array([-0.25,  2.  ], dtype=float32)

    Reference:
        He et al. 2015, "Delving deep into rectifiers", section 2.1.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        self.num_parameters = integer("PReLU", "num_parameters", num_parameters)
        self.init = number("PReLU", "init", init)
        self.weight = filled((self.num_parameters,), self.init)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, flatter below zero."""
        return functional.prelu(x, self.weight)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        count = _unless(1, num_parameters=self.num_parameters)
        slope = _unless(0.25, init=self.init)
        return ", ".join(text for text in (count, slope) if text)


class ELU(Module):
    """Elementwise ``x`` above zero, and ``alpha * (exp(x) - 1)`` from zero down.

    Args:
        alpha: it levels off at ``-alpha``.
        inplace: without effect, see `ReLU`.

    Shape:
        Any -> the same.

    Raises:
        ValueError: if `alpha` is not a number.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> ELU()(Tensor([-1e4, 2.0]))
        Tensor([-1.,  2.], dtype=float32)

    Reference:
        Clevert, Unterthiner and Hochreiter 2016, "Fast and accurate deep network
        learning by exponential linear units", section 3.
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha = number("ELU", "alpha", alpha)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, levelling off below zero."""
        return functional.elu(x, self.alpha)

    def extra_repr(self) -> str:
        """Return alpha, unless it is the default."""
        return _unless(1.0, alpha=self.alpha)


class CELU(Module):
    """Elementwise ``x`` above zero, ``alpha * (exp(x / alpha) - 1)`` from zero down.

    Args:
        alpha: a positive number; it levels off at ``-alpha``. The slope at zero is 1
            whatever it is.
        inplace: without effect, see `ReLU`.

    Shape:
        Any -> the same.

    Raises:
        ValueError: if `alpha` is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> CELU(0.5)(Tensor([-1e4, 2.0]))
        Tensor([-0.5,  2. ], dtype=float32)

    Reference:
        Barron 2017, "Continuously differentiable exponential linear units".
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha = positive("CELU", "alpha", alpha)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, levelling off below zero."""
        return functional.celu(x, self.alpha)

    def extra_repr(self) -> str:
        """Return alpha, unless it is the default."""
        return _unless(1.0, alpha=self.alpha)


class SELU(Plain):
    """Elementwise ``scale * elu(x, alpha)``, which keeps mean 0 and variance 1.

    It does so in a chain of Linear layers whose weights are drawn by
    `init.lecun_normal_`.

    Shape:
        Any -> the same.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> SELU()(Tensor([-1e4, 2.0]))
        Tensor([-1.7580993,  2.101402 ], dtype=float32)

    Reference:
        Klambauer et al. 2017, "Self-normalizing neural networks", equation 2; the
        constants are derived below equation 14.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`, scaled, levelling off below zero."""
        return functional.selu(x)


class Hardtanh(Module):
    """Elementwise ``x``, but not below `min_val` and not above `max_val`.

    The gradient is 0 outside and at the bounds themselves.

    Args:
        min_val: the lower bound.
        max_val: the upper bound.
        inplace: without effect, see `ReLU`.

    Shape:
        Any -> the same.

    Raises:
        ValueError: if `max_val` is not above `min_val`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Hardtanh(0.0, 2.0)(Tensor([-1.0, 1.0, 3.0]))
        Tensor([0., 1., 2.], dtype=float32)

    Reference:
        Collobert 2004, "Large scale machine learning", chapter 5.
    """

    def __init__(
        self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
    ) -> None:
        self.min_val = number("Hardtanh", "min_val", min_val)
        self.max_val = number("Hardtanh", "max_val", max_val)
        if self.max_val <= self.min_val:
            raise ValueError(
                f"Hardtanh: min_val is {min_val!r} and max_val is {max_val!r}; max_val "
                "must be the larger"
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers between the bounds."""
        return functional.hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """Return the bounds that are not the defaults."""
        low = _unless(-1.0, min_val=self.min_val)
        high = _unless(1.0, max_val=self.max_val)
        return ", ".join(text for text in (low, high) if text)


def _unless(default: float, **argument: float) -> str:
    """Return an argument as it stands in a call, or nothing if it is the default."""
    ((name, value),) = argument.items()
    return "" if value == default else f"{name}={value}"
