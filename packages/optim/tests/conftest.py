"""What all test files share: parameters, and a model that is none of nn's."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor


@pytest.fixture
def rng():
    """A generator that starts at the same place in every test."""
    return np.random.default_rng(0)


@pytest.fixture
def parameter():
    """Make a Tensor to train, with a gradient if one is given."""

    def make(values, gradient=None, dtype="float64"):
        tensor = Tensor(np.array(values, dtype), requires_grad=True)
        if gradient is not None:
            tensor.grad = np.array(gradient, dtype)
        return tensor

    return make


class Model:
    """As much of a Module as an optimizer looks at; iterable, as `Sequential` is."""

    def __init__(self, *tensors):
        self.tensors = list(tensors)

    def parameters(self):
        return self.tensors

    def __iter__(self):
        yield from (len, self.tensors)  # nothing that could be trained as it is


@pytest.fixture
def model():
    """The class `Model`."""
    return Model
