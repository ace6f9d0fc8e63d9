"""Adadelta, against numbers worked by hand and against the paper's algorithm."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import Adadelta

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = Adadelta([p], rho=0.5, eps=1.0)
    steps = [
        # g    v = v/2 + g*g/2    d = sqrt(u + 1) / sqrt(v + 1) * g    u = u/2 + d*d/2
        (4.0, 8.0, 4 / 3, 8 / 9),
        (0.0, 4.0, 0.0, 4 / 9),
        (-3.0, 6.5, -3 * math.sqrt(13 / 9 / 7.5), 2 / 9 + 4.5 * 13 / 9 / 7.5),
    ]
    expected = 1.0

    for gradient, v, d, u in steps:
        p.grad = [gradient]
        optimizer.step()
        expected -= d

        state = optimizer.state_dict()["state"][0]
        assert state["v"].item() == v
        np.testing.assert_allclose(state["u"].item(), u, rtol=1e-14)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-14)
    # By hand: 1 - 1.33333 = -0.33333; + 3 * sqrt(0.192593) = 0.98323.
    np.testing.assert_allclose(p.item(), 0.98323, atol=1e-5)


def test_many_steps_follow_the_papers_algorithm(parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = Adadelta([p], rho=0.95, eps=1e-4)
    x, g_squares, x_squares = p.data.copy(), np.zeros(5), np.zeros(5)

    def rms(squares):
        return np.sqrt(squares + 1e-4)

    for _ in range(50):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        g_squares = 0.95 * g_squares + (1 - 0.95) * g**2
        step = -rms(x_squares) / rms(g_squares) * g
        x_squares = 0.95 * x_squares + (1 - 0.95) * step**2
        x += step

        np.testing.assert_allclose(p.data, x, rtol=1e-12)


def test_the_rate_multiplies_the_steps_and_not_what_is_remembered(parameter, rng):
    one, half = parameter([0.0, 0.0]), parameter([0.0, 0.0])
    whole, slow = Adadelta([one]), Adadelta([half], lr=0.5)

    for _ in range(10):
        one.grad = half.grad = rng.standard_normal(2)
        whole.step()
        slow.step()

    np.testing.assert_allclose(half.data, one.data / 2, rtol=1e-12)
    a, b = (optimizer.state_dict()["state"][0]["u"] for optimizer in (whole, slow))
    np.testing.assert_array_equal(a, b)


def test_scaling_the_gradients_hardly_changes_the_steps(parameter, rng):
    small, large = parameter([0.0, 0.0]), parameter([0.0, 0.0])
    first, second = Adadelta([small]), Adadelta([large])

    for _ in range(10):
        g = rng.standard_normal(2)
        small.grad, large.grad = g, 1000 * g
        first.step()
        second.step()

    np.testing.assert_allclose(small.data, large.data, rtol=1e-3)


def test_the_weight_decay_is_added_to_the_gradient(parameter):
    decayed, plain = parameter([2.0], [1.0]), parameter([2.0], [1.0 + 0.3 * 2.0])

    Adadelta([decayed], eps=1.0, weight_decay=0.3).step()
    Adadelta([plain], eps=1.0).step()

    np.testing.assert_allclose(decayed.item(), plain.item(), rtol=1e-15)


def test_maximize_climbs(parameter):
    up, down = parameter([1.0], [3.0]), parameter([1.0], [-3.0])

    Adadelta([up], maximize=True).step()
    Adadelta([down]).step()

    assert up.item() == down.item() > 1.0


def test_the_defaults_are_pytorchs(parameter):
    defaults = {
        name: option.default
        for name, option in inspect.signature(Adadelta).parameters.items()
    }

    assert repr(Adadelta([parameter([1.0])])) == "Adadelta(<1 parameter>, lr=1.0)"
    assert list(defaults.items()) == [
        ("params", inspect.Parameter.empty),
        ("lr", 1.0),
        ("rho", 0.9),
        ("eps", 1e-6),
        ("weight_decay", 0.0),
        ("maximize", False),
    ]


def test_the_papers_experiments_have_no_rate(parameter):
    p = parameter([0.0], [2.0])

    Adadelta([p], rho=0.95, eps=1e-6).step()

    expected = -math.sqrt(1e-6) / math.sqrt(0.05 * 4 + 1e-6) * 2
    np.testing.assert_allclose(p.item(), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_small_gradients_count_at_every_precision(dtype, parameter):
    p = parameter([0.0, 0.0], [1e-3, 0.0], dtype)

    Adadelta([p], rho=0.0, eps=1e-6).step()

    # sqrt(1e-6) / sqrt(1e-6 + 1e-6) * 1e-3
    np.testing.assert_allclose(p.data, [-1e-3 / math.sqrt(2), 0.0], rtol=2e-3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lr": -1}, ValueError, r"lr is -1; it must be at least 0, finite"),
        ({"lr": None}, TypeError, r"lr is None; a number is needed"),
        ({"rho": 1.0}, ValueError, r"rho is 1\.0; it must be at least 0 and below 1"),
        ({"rho": -0.1}, ValueError, r"rho is -0\.1; it must be at least 0 and below"),
        ({"rho": math.nan}, ValueError, r"rho is nan; it must be at least 0 and"),
        ({"rho": (0.9, 0.9)}, TypeError, r"rho is \(0\.9, 0\.9\); a number is needed"),
        ({"eps": -1e-6}, ValueError, r"eps is -1e-06; it must be at least 0, finite"),
        ({"eps": "small"}, TypeError, r"eps is 'small'; a number is needed"),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; it must be at least"),
        ({"maximize": "no"}, TypeError, r"maximize is 'no'; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^Adadelta: {message}"):
        Adadelta([parameter([1.0])], **options)
