"""An engine on single numbers, whole."""

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
        """Return the hyperbolic tangent."""
        out = Value(math.tanh(self.data), (self,))

        def _backward():
            self.grad += out.grad * (1 - out.data**2)

        out._backward = _backward
        return out

    def backward(self):
        """Leave in every value under this one how fast this one changes with it."""
        waits_for = {id(self): 0}  # how many values made from it are not done yet
        stack = [self]
        while stack:
            for parent in stack.pop().parents:
                if id(parent) not in waits_for:
                    stack.append(parent)
                waits_for[id(parent)] = waits_for.get(id(parent), 0) + 1
        self.grad = 1.0
        ready = [self]
        while ready:
            value = ready.pop()
            value._backward()
            for parent in value.parents:
                waits_for[id(parent)] -= 1
                if not waits_for[id(parent)]:
                    ready.append(parent)
