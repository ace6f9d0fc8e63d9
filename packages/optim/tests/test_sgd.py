"""SGD, against numbers worked by hand."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, default_dtype
from pebblegrad.optim import SGD

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_one_step_of_a_tenth_takes_a_tenth_of_the_gradient():
    def step():
        p = Tensor([1.0], requires_grad=True)
        p.grad = Tensor([1.0])
        SGD([p], lr=0.1).step()
        return p

    single = step()
    with default_dtype("float64"):
        double = step()

    assert double.data[0] == double.item() == 0.9
    # NumPy compares a float32 with 0.9 in single precision, Python in double.
    assert single.data[0] == 0.9
    assert single.item() == np.float32(0.9).item() != 0.9


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0, 10.0])
    optimizer = SGD([p], lr=0.5)
    steps = [
        # gradient    p = p - 0.5 g
        ([1.0, -2.0], [0.5, 11.0]),
        ([3.0, 0.0], [-1.0, 11.0]),
        ([-1.0, 8.0], [-0.5, 7.0]),
    ]

    for gradient, expected in steps:
        p.grad = gradient
        optimizer.step()

        np.testing.assert_array_equal(p.data, expected)


def test_three_steps_with_momentum_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = SGD([p], lr=0.25, momentum=0.5)
    steps = [
        # g    v = 0.5 v + g     p = p - 0.25 v
        (2.0, 2.0, 0.5),
        (1.0, 2.0, 0.0),
        (-4.0, -3.0, 0.75),
    ]

    for gradient, velocity, expected in steps:
        p.grad = [gradient]
        optimizer.step()

        assert optimizer.state_dict()["state"][0]["v"].item() == velocity
        assert p.item() == expected


def test_with_the_rate_inside_the_velocity_the_numbers_are_the_same(parameter, rng):
    p = parameter(rng.standard_normal(4))
    expected, v = p.data.copy(), np.zeros(4)
    optimizer = SGD([p], lr=0.03, momentum=0.9)

    for _ in range(50):
        p.grad = rng.standard_normal(4)
        optimizer.step()
        v = 0.9 * v - 0.03 * p.grad.data
        expected += v

        np.testing.assert_allclose(p.data, expected, rtol=1e-12)


def test_under_a_schedule_the_rate_scales_the_whole_velocity(parameter):
    p = parameter([0.0], [1.0])
    optimizer = SGD([p], lr=1.0, momentum=0.5)

    optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.0
    optimizer.step()

    assert p.item() == -1.0  # where the older form would go on to -1.5


def test_without_momentum_nothing_is_remembered(parameter):
    optimizer = SGD([parameter([1.0], [1.0])], lr=0.1)

    optimizer.step()

    assert optimizer.state_dict()["state"] == {0: {}}


def test_momentum_may_be_switched_on_between_steps(parameter):
    p = parameter([0.0], [1.0])
    optimizer = SGD([p], lr=1.0)

    optimizer.step()
    optimizer.param_groups[0]["momentum"] = 0.5
    optimizer.step()
    optimizer.step()

    assert p.item() == -1.0 - 1.0 - 1.5


def test_the_rate_must_be_given(parameter):
    with pytest.raises(TypeError, match="lr"):
        SGD([parameter([1.0])])


def test_momentum_is_zero_by_default(parameter):
    optimizer = SGD([parameter([1.0])], 0.1)

    assert repr(optimizer) == "SGD(<1 parameter>, lr=0.1)"


@pytest.mark.parametrize("momentum", [-0.1, 1.0, 2, float("nan")])
def test_momentum_must_be_between_zero_and_below_one(momentum, parameter):
    message = f"^SGD: momentum is {momentum}; it must be at least 0 and below 1$"

    with pytest.raises(ValueError, match=message):
        SGD([parameter([1.0])], lr=0.1, momentum=momentum)
