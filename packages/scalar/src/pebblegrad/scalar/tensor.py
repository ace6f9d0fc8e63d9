"""Tensor: a number that knows what it was computed from. The whole engine is here.

Every operation makes a new Tensor and notes three things in it: the value, what it was
computed from (`_children`), and how fast it changes with each of these
(`_derivatives`). So a graph grows while you calculate. `backward` walks it from the
result to the beginnings and applies the chain rule: what reaches a value is passed to
each of its children, times the derivative; where several ways meet, the sum is taken.

    out = x * y        out._children = (x, y)       out._derivatives = (y, x)

The derivatives are plain numbers, fixed when the operation runs. Hence they belong to
the values of that moment, even if a parameter is changed before `backward` is called;
and a graph refers only to what is older, never back, so Python frees it at once.

What a Tensor does as a number (its text, `float`, comparisons) is in `_number_like.py`;
there also is `grad`, which users read and write: it is `_grad`, and None counts as 0.
"""

from __future__ import annotations

import math

from ._derivatives import check_derivatives
from ._number_like import NumberLike
from ._numbers import as_number, defined, divide, exp, log, power, sigmoid


class Tensor(NumberLike):
    """A single number whose gradient can be asked for.

    Args:
        data: an int or a float.
        _children: what it was computed from, as the operations below fill it in.
        _op: the name of the operation; "" for a Tensor that you make.
        label: a name, for pictures.
        _derivatives: of this Tensor for each of its children; see the README for an
            operation of your own.

    Attributes:
        data: the number. It may be assigned: ``p.data -= lr * p.grad``.
        grad: dL/d(this), with L what `backward` was called on; 0 before. What you made
            adds up the gradients of all calls, until you set ``p.grad = 0``, or None as
            in PyTorch; what an operation made has that of the last one.

    Raises:
        TypeError: if `data` is not a single real number, or `_children` no tuple.
        ValueError: if `data` is an integer larger than any float.

    Example:
        >>> from pebblegrad.scalar import Tensor
        >>> x, y = Tensor(2.0), Tensor(3.0)
        >>> z = x * y + y
        >>> z.backward()
        >>> z.data, x.grad, y.grad
        (9.0, 3.0, 3.0)
    """

    __slots__ = ("data", "label", "_children", "_op", "_derivatives")

    def __init__(
        self,
        data: float,
        _children: tuple[Tensor, ...] = (),
        _op: str = "",
        label: str = "",
        _derivatives: tuple[float, ...] = (),
    ) -> None:
        if type(data) is not float:
            data = as_number(data)
        if type(_children) is not tuple:
            raise TypeError(
                f"Tensor: _children is {_children!r}; a tuple of Tensors was needed; "
                "for a name write label=..."
            )
        self.data = data
        self._grad: float = 0
        self.label = label
        self._children = _children
        self._op = _op
        self._derivatives = _derivatives

    # Operations: the result, what it is made from, and the derivative for each of that.

    def __add__(self, other: Tensor | float) -> Tensor:
        other = other if isinstance(other, Tensor) else _constant(other)
        x, y = self.data, other.data
        return Tensor(x + y, (self, other), "+", _derivatives=(1, 1))

    def __sub__(self, other: Tensor | float) -> Tensor:
        other = other if isinstance(other, Tensor) else _constant(other)
        x, y = self.data, other.data
        return Tensor(x - y, (self, other), "-", _derivatives=(1, -1))

    def __mul__(self, other: Tensor | float) -> Tensor:
        other = other if isinstance(other, Tensor) else _constant(other)
        x, y = self.data, other.data
        return Tensor(x * y, (self, other), "*", _derivatives=(y, x))

    def __truediv__(self, other: Tensor | float) -> Tensor:
        other = other if isinstance(other, Tensor) else _constant(other)
        x, y = self.data, other.data
        out = divide(x, y)
        return Tensor(out, (self, other), "/", _derivatives=(1 / y, -out / y))

    def __pow__(self, other: Tensor | float) -> Tensor:
        other = other if isinstance(other, Tensor) else _constant(other)
        x, y = self.data, other.data
        out = defined("**", power(x, y), x, y)
        return Tensor(
            out,
            (self, other),
            "**",
            _derivatives=(
                y * power(x, y - 1) if y else 0,
                out * log(x) if x else 0,
            ),
        )

    def __neg__(self) -> Tensor:
        x = self.data
        return Tensor(-x, (self,), "neg", _derivatives=(-1,))

    def __radd__(self, other: float) -> Tensor:
        return _constant(other) + self

    def __rsub__(self, other: float) -> Tensor:
        return _constant(other) - self

    def __rmul__(self, other: float) -> Tensor:
        return _constant(other) * self

    def __rtruediv__(self, other: float) -> Tensor:
        return _constant(other) / self

    def __rpow__(self, other: float) -> Tensor:
        return _constant(other) ** self

    def exp(self) -> Tensor:
        """Return e to the power of this."""
        x = self.data
        out = defined("exp", exp(x), x)
        return Tensor(out, (self,), "exp", _derivatives=(out,))

    def log(self) -> Tensor:
        """Return the natural logarithm."""
        x = self.data
        out = defined("log", log(x), x)
        return Tensor(out, (self,), "log", _derivatives=(1 / x,))

    def relu(self) -> Tensor:
        """Return this if it is positive, else 0; the derivative at 0 is taken as 0."""
        x = self.data
        return Tensor(
            0 if x <= 0 else x, (self,), "relu", _derivatives=(0 if x <= 0 else 1,)
        )

    def tanh(self) -> Tensor:
        """Return the hyperbolic tangent, between -1 and 1."""
        out = math.tanh(self.data)
        return Tensor(out, (self,), "tanh", _derivatives=(1 - out * out,))

    def sigmoid(self) -> Tensor:
        """Return ``1 / (1 + exp(-x))``, between 0 and 1."""
        out = sigmoid(self.data)
        return Tensor(out, (self,), "sigmoid", _derivatives=(out * (1 - out),))

    # The chain rule.

    def backward(self, gradient: float = 1) -> None:
        """Compute how fast this changes with each value it was computed from.

        Args:
            gradient: what to begin with, if this is not the last of your formulas.

        Raises:
            TypeError: if `gradient` is not a number.
            RuntimeError: if an operation of your own left out its derivatives.
        """
        gradient = as_number(gradient, "backward", "gradient")
        order = self._in_order()
        check_derivatives(order)
        for node in order:
            node._grad = 0  # what is left from another call would be passed on again
        self._grad += gradient
        for node in reversed(order):
            g = node._grad
            # The lengths are checked; `strict` would cost a tenth here.
            for child, derivative in zip(node._children, node._derivatives):  # noqa: B905
                child._grad += g * derivative

    def _in_order(self) -> list[Tensor]:
        """Return the results behind this one, each after all that it is made from.

        The order in which a walk in depth is done with the values; with a stack instead
        of recursion, which would end at a thousand.
        """
        order: list[Tensor] = []
        seen: set[Tensor] = set()
        stack = [(self, False)] if self._children else []
        while stack:
            node, children_are_done = stack.pop()
            if children_are_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                for child in reversed(node._children):  # the first shall be on top
                    if child._children:
                        stack.append((child, False))
        return order


def _constant(number: float) -> Tensor:
    """Return a plain number that takes part in a formula, as a Tensor."""
    return Tensor(number, _op="constant")
