"""RMSprop, against numbers worked by hand and against its formulas."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import RMSprop

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = RMSprop([p], lr=0.5, alpha=0.75, eps=0.5)
    steps = [
        # g    v = 3v/4 + g*g/4    sqrt(v) + 1/2    p = p - g/2 / (sqrt(v) + 1/2)
        (2.0, 1.0, 1.5, 1 / 3),
        (-1.0, 1.0, 1.5, 2 / 3),
        (5.0, 7.0, math.sqrt(7) + 0.5, -0.128056),
    ]

    for gradient, v, denominator, expected in steps:
        p.grad = [gradient]
        before = p.item()
        optimizer.step()

        assert optimizer.state_dict()["state"][0]["v"].item() == v
        np.testing.assert_allclose(p.item(), before - 0.5 * gradient / denominator)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-5)


def test_three_steps_with_momentum_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = RMSprop([p], lr=0.5, alpha=0.75, eps=0.0, momentum=0.5)
    steps = [
        # g    v = 3v/4 + g*g/4    b = b/2 + g / sqrt(v)    p = p - b/2
        (2.0, 1.0, 2.0, 0.0),
        (1.0, 1.0, 2.0, -1.0),
        (-1.0, 1.0, 0.0, -1.0),
    ]

    for gradient, v, b, expected in steps:
        p.grad = [gradient]
        optimizer.step()

        state = optimizer.state_dict()["state"][0]
        assert (state["v"].item(), state["b"].item()) == (v, b)
        assert p.item() == expected


def test_three_centered_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = RMSprop([p], lr=0.5, alpha=0.5, eps=0.0, centered=True)
    steps = [
        # g    v = v/2 + g*g/2    m = m/2 + g/2    v - m*m
        (2.0, 2.0, 1.0, 1.0),
        (-3.0, 5.5, -1.0, 4.5),
        (4.0, 10.75, 1.5, 8.5),
    ]
    expected = 1.0

    for gradient, v, m, variance in steps:
        p.grad = [gradient]
        optimizer.step()
        expected -= 0.5 * gradient / math.sqrt(variance)

        state = optimizer.state_dict()["state"][0]
        assert (state["v"].item(), state["m"].item()) == (v, m)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-14)
    # By hand: 1 - 0.5 * 2 = 0; + 1.5 / 2.1213 = 0.70711; - 2 / 2.9155 = 0.02111.
    np.testing.assert_allclose(p.item(), 0.02111, atol=1e-5)


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.7])
def test_many_steps_follow_the_formulas(centered, momentum, parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = RMSprop(
        [p], lr=0.01, alpha=0.9, eps=1e-3, momentum=momentum, centered=centered
    )
    theta, v, m, b = p.data.copy(), np.zeros(5), np.zeros(5), np.zeros(5)

    for _ in range(50):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        v = 0.9 * v + (1 - 0.9) * g**2
        m = 0.9 * m + (1 - 0.9) * g
        b = momentum * b + g / (np.sqrt(v - m**2 if centered else v) + 1e-3)
        theta -= 0.01 * b

        np.testing.assert_allclose(p.data, theta, rtol=1e-11)


def test_the_weight_decay_is_added_to_the_gradient(parameter):
    decayed, plain = parameter([2.0], [1.0]), parameter([2.0], [1.0 + 0.3 * 2.0])

    RMSprop([decayed], lr=0.1, weight_decay=0.3).step()
    RMSprop([plain], lr=0.1).step()

    np.testing.assert_allclose(decayed.item(), plain.item(), rtol=1e-15)


def test_maximize_climbs(parameter):
    up, down = parameter([1.0], [3.0]), parameter([1.0], [-3.0])

    for p, maximize in ((up, True), (down, False)):
        optimizer = RMSprop([p], centered=True, momentum=0.5, maximize=maximize)
        optimizer.step()
        optimizer.step()

    assert up.item() == down.item() > 1.0


def test_the_defaults_are_pytorchs(parameter):
    defaults = {
        name: option.default
        for name, option in inspect.signature(RMSprop).parameters.items()
    }

    assert repr(RMSprop([parameter([1.0])])) == "RMSprop(<1 parameter>, lr=0.01)"
    assert list(defaults.items()) == [
        ("params", inspect.Parameter.empty),
        ("lr", 0.01),
        ("alpha", 0.99),
        ("eps", 1e-8),
        ("weight_decay", 0.0),
        ("momentum", 0.0),
        ("centered", False),
        ("maximize", False),
    ]


def test_a_first_step_is_ten_times_the_rate(parameter):
    p = parameter([1.0, 1.0], [0.1, -1e3])

    RMSprop([p], lr=0.01).step()

    np.testing.assert_allclose(p.data, [0.9, 1.1], rtol=1e-5)


def test_only_what_is_used_is_remembered(parameter):
    def state(**options):
        optimizer = RMSprop([parameter([1.0], [1.0])], **options)
        optimizer.step()
        return set(optimizer.state_dict()["state"][0])

    assert state() == {"v"}
    assert state(centered=True) == {"v", "m"}
    assert state(momentum=0.5) == {"v", "b"}
    assert state(momentum=0.5, centered=True) == {"v", "m", "b"}


def test_momentum_may_be_switched_on_later(parameter):
    p = parameter([1.0], [1.0])
    optimizer = RMSprop([p], lr=0.1)
    optimizer.step()
    v = optimizer.state_dict()["state"][0]["v"].item()

    optimizer.param_groups[0].update(momentum=0.5, centered=True)
    optimizer.step()

    state = optimizer.state_dict()["state"][0]
    assert set(state) == {"v", "m", "b"}
    np.testing.assert_allclose(state["v"].item(), 0.99 * v + 0.01, rtol=1e-14)
    assert math.isfinite(p.item())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_constant_gradient_has_no_variance_and_makes_no_nan(dtype, parameter):
    p = parameter([1.0], [0.1], dtype)
    optimizer = RMSprop([p], lr=1e-8, alpha=0.5, centered=True, eps=0.01)

    for _ in range(200):  # v - m * m is 0, or by rounding a little less
        optimizer.step()

    assert math.isfinite(p.item())


def test_nan_and_infinite_gradients_are_seen(parameter):
    p = parameter([1.0, 1.0, 1.0], [np.nan, np.inf, 1.0])

    with np.errstate(invalid="ignore"):  # inf / inf
        RMSprop([p], lr=0.01, centered=True).step()

    assert np.isnan(p.data).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lr": -0.1}, ValueError, r"lr is -0\.1; it must be at least 0, finite"),
        ({"lr": "fast"}, TypeError, r"lr is 'fast'; a number is needed"),
        ({"alpha": 1.0}, ValueError, r"alpha is 1\.0; it must be .* and below 1"),
        ({"alpha": -0.1}, ValueError, r"alpha is -0\.1; it must be at least 0"),
        ({"alpha": (0.9, 0.99)}, TypeError, r"alpha is \(0\.9, 0\.99\); a number"),
        ({"eps": math.nan}, ValueError, r"eps is nan; it must be at least 0, finite"),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; it must be at least"),
        ({"momentum": 1}, ValueError, r"momentum is 1; it must be .* and below 1"),
        ({"momentum": True}, TypeError, r"momentum is True; a number is needed"),
        ({"centered": 1}, TypeError, r"centered is 1; True or False is needed"),
        ({"maximize": None}, TypeError, r"maximize is None; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^RMSprop: {message}"):
        RMSprop([parameter([1.0])], **options)
