"""Fixtures that all test files share."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.nn import Linear, Module, ReLU, Sequential


@pytest.fixture
def rng():
    """A generator that starts at the same place in every test."""
    return np.random.default_rng(0)


@pytest.fixture
def net():
    """Make a network of two layers; the same seed gives the same one."""

    def make(seed=0):
        rng = np.random.default_rng(seed)
        return Sequential(Linear(2, 3, rng=rng), ReLU(), Linear(3, 1, rng=rng))

    return make


class Scale(Module):
    """A parameter without axes, a buffer of integers, and no `super().__init__()`."""

    def __init__(self, factor=2.0):
        self.factor = Tensor(factor, requires_grad=True)
        self.count = Tensor(np.array([0, 7]))

    def forward(self, x):
        return x * self.factor


@pytest.fixture
def scale():
    """The class `Scale`."""
    return Scale
