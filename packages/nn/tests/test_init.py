"""Initial values."""

import numpy as np

from pebblegrad.autograd import Tensor, manual_seed
from pebblegrad.nn import init


def test_uniform_fills_the_tensor_that_is_given():
    tensor = Tensor(np.zeros((100, 100), np.float32), requires_grad=True)
    array = tensor.data

    result = init.uniform_(tensor, -2.0, 6.0, rng=0)

    assert result is tensor
    assert tensor.data is array
    assert array.dtype == np.float32
    assert -2 <= array.min() < -1.99
    assert 5.99 < array.max() <= 6
    np.testing.assert_allclose(array.mean(), 2, atol=0.1)


def test_uniform_is_between_zero_and_one_by_default():
    values = init.uniform_(Tensor(np.zeros(1000)), rng=0).data

    assert 0 <= values.min() < 0.01
    assert 0.99 < values.max() < 1


def test_without_a_generator_the_default_one_is_used():
    def drawn():
        manual_seed(5)
        return init.uniform_(Tensor(np.zeros(3))).data

    np.testing.assert_array_equal(drawn(), drawn())
    np.testing.assert_array_equal(drawn(), np.random.default_rng(5).uniform(size=3))
