"""`check_gradients` passes what is right and catches what is wrong, at each order."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.autograd.testing import check_gradients


def with_rule(rule):
    """Return a cube whose backward rule is `rule`."""

    @op
    def cube(xp, x, /):
        return x * x * x

    cube.backward("x", rule)
    return cube


def test_right_gradients_pass_at_every_order():
    check_gradients(with_rule(lambda g, x: 3 * g * x * x), [0.5, -2.0], order=3)


def test_a_wrong_gradient_is_caught_at_order_1():
    with pytest.raises(
        AssertionError, match=r"input 0, order 1: slope .* by differences"
    ):
        check_gradients(with_rule(lambda g, x: 2 * g * x * x), [0.5, -2.0], order=1)


def test_a_gradient_that_cannot_be_differentiated_is_caught_at_order_2():
    def rule(g, x):
        frozen = x.detach() if isinstance(x, Tensor) else x
        return 3 * g * frozen * frozen

    check_gradients(with_rule(rule), [0.5, -2.0], order=1)
    with pytest.raises(AssertionError, match="input 0, order 2"):
        check_gradients(with_rule(rule), [0.5, -2.0], order=2)


def test_the_wrong_input_is_named():
    with pytest.raises(AssertionError, match="input 1, order 1"):
        check_gradients(lambda x, y: x * y.detach(), [1.0], [2.0])


def test_a_forgotten_gradient_is_caught_and_a_true_zero_passes():
    with pytest.raises(AssertionError, match="slope 0 by gradient"):
        check_gradients(lambda x: Tensor(x.data * 2), [1.0])
    check_gradients(lambda x: Tensor([1.0], dtype="float64"), [1.0])
    check_gradients(ops.sign, [1.0, -2.0])


def test_float32_inputs_are_refused():
    with pytest.raises(TypeError, match="input 1 is float32; float64 is needed"):
        check_gradients(ops.add, [1.0], np.ones(1, np.float32))


def test_at_least_the_first_order_is_checked():
    with pytest.raises(ValueError, match="order is 0; it must be at least 1"):
        check_gradients(ops.exp, [1.0], order=0)


def test_a_function_must_return_a_tensor():
    with pytest.raises(TypeError, match="the function returned ndarray"):
        check_gradients(lambda x: x.data, [1.0])
