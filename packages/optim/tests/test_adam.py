"""Adam, against numbers worked by hand and against the paper's algorithm."""

import math

import numpy as np
import pytest

from pebblegrad.optim import Adam

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = Adam([p], lr=0.5, betas=(0.5, 0.75), eps=0.0)
    steps = [
        # g    m = m/2 + g/2    v = 3v/4 + g*g/4    1 - 0.5**t    1 - 0.75**t
        (2.0, 1.0, 1.0, 0.5, 0.25),
        (4.0, 2.5, 4.75, 0.75, 0.4375),
        (-1.0, 0.75, 3.8125, 0.875, 0.578125),
    ]
    expected = 1.0

    for t, (gradient, m, v, correction1, correction2) in enumerate(steps, start=1):
        p.grad = [gradient]
        optimizer.step()
        expected -= 0.5 * (m / correction1) / math.sqrt(v / correction2)

        state = optimizer.state_dict()["state"][0]
        assert (state["t"], state["m"].item(), state["v"].item()) == (t, m, v)
        # The parameter comes near to 0: 2e-16 is the rounding of the steps, of about 1.
        np.testing.assert_allclose(p.item(), expected, rtol=0, atol=2e-16)
    # The first step by hand to the end: 1 - 0.5 * 2 / sqrt(4) = 0.5; then
    # 0.5 - 0.5 * 3.3333 / sqrt(10.857) = -0.0058; then - 0.5 * 0.85714 / sqrt(6.5946).
    np.testing.assert_allclose(p.item(), -0.17270, atol=1e-5)


def test_the_first_step_is_as_long_as_the_rate_whatever_the_gradient(parameter):
    p = parameter([1.0, 1.0, 1.0], [100.0, 1e-3, -7.0])

    Adam([p], lr=0.1).step()

    np.testing.assert_allclose(p.data, [0.9, 0.9, 1.1], rtol=1e-5)


def test_eps_is_added_to_the_root_of_the_average(parameter):
    p = parameter([0.0], [1.0])

    Adam([p], lr=1.0, eps=1.0).step()

    np.testing.assert_allclose(p.item(), -1 / (1 + 1), rtol=1e-12)


def test_the_defaults_are_the_papers(parameter):
    assert repr(Adam([parameter([1.0])])) == ("Adam(<1 parameter>, lr=0.001)")


def test_the_count_of_steps_belongs_to_each_parameter(parameter):
    early, late = parameter([0.0], [1.0]), parameter([0.0])
    optimizer = Adam([early, late], lr=0.1)

    optimizer.step()
    late.grad = [1.0]
    optimizer.step()

    state = optimizer.state_dict()["state"]
    assert (state[0]["t"], state[1]["t"]) == (2, 1)
    np.testing.assert_allclose(late.item(), -0.1, rtol=1e-6)


def test_small_gradients_count_in_half_precision_too(parameter):
    p = parameter([1.0, 1.0], [1e-3, 0.0], "float16")
    optimizer = Adam([p], lr=0.1)

    optimizer.step()

    np.testing.assert_allclose(p.data, [0.9, 1.0], rtol=1e-3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"betas": (1.0, 0.9)}, ValueError, r"betas\[0\] is 1\.0; .* at least 0 and"),
        ({"betas": (0.9, 1.5)}, ValueError, r"betas\[1\] is 1\.5; .* and below 1"),
        ({"betas": (-0.1, 0.9)}, ValueError, r"betas\[0\] is -0\.1; it must be at"),
        ({"betas": (0.9, math.nan)}, ValueError, r"betas\[1\] is nan"),
        ({"betas": (0.9, True)}, TypeError, r"betas\[1\] is True; a number is needed"),
        ({"betas": (0.9,)}, TypeError, r"betas is \(0\.9,\); a pair of numbers"),
        ({"betas": 0.9}, TypeError, r"betas is 0\.9; a pair of numbers is needed"),
        ({"betas": "09"}, TypeError, r"betas is '09'; a pair of numbers is needed"),
        ({"eps": -1e-8}, ValueError, r"eps is -1e-08; it must be at least 0, finite"),
        ({"eps": math.inf}, ValueError, r"eps is inf; it must be at least 0, finite"),
        ({"eps": None}, TypeError, r"eps is None; a number is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^Adam: {message}"):
        Adam([parameter([1.0])], **options)


def test_betas_may_be_a_list_and_zero(parameter):
    p = parameter([1.0], [4.0])

    Adam([p], lr=0.5, betas=[0, 0]).step()

    np.testing.assert_allclose(p.item(), 0.5)


@pytest.mark.parametrize("amsgrad", [False, True])
@pytest.mark.parametrize("maximize", [False, True])
def test_many_steps_follow_the_papers_algorithm(amsgrad, maximize, parameter, rng):
    p = parameter(rng.standard_normal(5))
    options = {"betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.3}
    optimizer = Adam([p], lr=0.01, **options, amsgrad=amsgrad, maximize=maximize)
    theta, m, v, v_max = p.data.copy(), np.zeros(5), np.zeros(5), np.zeros(5)

    for t in range(1, 51):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        g = (-g if maximize else g) + 0.3 * theta
        m = 0.8 * m + (1 - 0.8) * g
        v = 0.9 * v + (1 - 0.9) * g**2
        v_max = np.maximum(v_max, v) if amsgrad else v
        m_hat, v_hat = m / (1 - 0.8**t), v_max / (1 - 0.9**t)
        theta = theta - 0.01 * m_hat / (np.sqrt(v_hat) + 1e-3)

        np.testing.assert_allclose(p.data, theta, rtol=1e-12)
