"""An engine on single numbers that lacks an op, and the order of its backward pass.

`Value` below can add and multiply. Write `tanh`, in the manner of the two, and then
`backward`, which calls each value's `_backward` when its gradient is complete.
"""

# ruff: noqa: F401  the imports are for what you will write

import math


class Value:
    """A number that knows from which others it was made."""

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self._backward = lambda: None

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def _backward():
            self.grad += out.grad * other.data
            other.grad += out.grad * self.data

        out._backward = _backward
        return out

    def tanh(self):
        """Return the hyperbolic tangent; `math.tanh` computes the number."""
        raise NotImplementedError("Value.tanh returns a Value")

    def backward(self):
        """Leave in every value under this one how fast this one changes with it.

        Put the values in an order in which each comes after all that are made from it;
        set `self.grad` to 1; call the `_backward` of each. Do it without recursion:
        a chain may be longer than Python's stack.
        """
        raise NotImplementedError("Value.backward fills in the gradients")
