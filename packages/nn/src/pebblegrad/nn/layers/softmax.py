"""Layers that work along one axis: softmax, its logarithm, and the gate GLU."""

import operator

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._module import Module


class _AlongAxis(Module):
    """What the three share: the axis, checked and shown.

    Args:
        dim: the axis.
    """

    def __init__(self, dim: int = -1) -> None:
        try:
            self.dim = operator.index(dim)
        except TypeError:
            raise ValueError(
                f"{type(self).__name__}: dim is {dim!r}; an integer is needed"
            ) from None

    def extra_repr(self) -> str:
        """Return the axis, unless it is the default."""
        return "" if self.dim == -1 else f"dim={self.dim}"


class Softmax(_AlongAxis):
    """Exponentials that sum to one: ``exp(x) / sum(exp(x))`` along `dim`.

    Not for the end of a network that is trained with `CrossEntropyLoss`, which has it
    inside.

    Args:
        dim: the axis of the classes.

    Shape:
        Any with at least one axis -> the same; non-negative, with sum 1 along `dim`.

    Raises:
        ValueError: if `dim` is not an integer, or, when called, if there is no such
            axis.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Softmax()(Tensor([0.0, 0.0, 1e4]))
        Tensor([0., 0., 1.], dtype=float32)

    Reference:
        Bridle 1990, "Probabilistic interpretation of feedforward classification network
        outputs", section 3.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities."""
        return functional.softmax(x, self.dim)


class LogSoftmax(_AlongAxis):
    """Logarithm of `Softmax`: ``x - log(sum(exp(x)))`` along `dim`, without overflow.

    Args:
        dim: the axis of the classes.

    Shape:
        Any with at least one axis -> the same.

    Raises:
        ValueError: if `dim` is not an integer, or, when called, if there is no such
            axis.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> LogSoftmax()(Tensor([0.0, 1e4]))
        Tensor([-10000.,      0.], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return logarithms of probabilities."""
        return functional.log_softmax(x, self.dim)


class GLU(_AlongAxis):
    """First half of ``x`` along `dim`, times the sigmoid of its second half.

    Args:
        dim: the axis to halve.

    Shape:
        (..., 2 D, ...) -> (..., D, ...).

    Raises:
        ValueError: if `dim` is not an integer, or, when called, if there is no such
            axis or its size is odd.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> GLU()(Tensor([1.0, 2.0, 0.0, 1e4]))
        Tensor([0.5, 2. ], dtype=float32)

    Reference:
        Dauphin et al. 2017, "Language modeling with gated convolutional networks",
        section 2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the first half times its gate."""
        return functional.glu(x, self.dim)
