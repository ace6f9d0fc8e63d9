"""LAMB, against numbers worked by hand and against the paper's algorithm."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import LAMB, Adam
from pebblegrad.optim._blocks import BLOCK

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([2.0, 2.0, 2.0, 2.0])
    optimizer = LAMB([p], lr=0.25, betas=(0.5, 0.75), eps=0.0, weight_decay=0.0)
    g = np.array([1.0, 2.0, 4.0, -8.0])
    # As long as each weight's gradient keeps its sign, Adam's directions are equally
    # long, and divided by their length 2 they are half the signs.
    steps = [
        # gradient    |p|    p = p - |p| / 4 * sign / 2
        (g, 4.0, [1.5, 1.5, 1.5, 2.5]),
        (g, math.sqrt(13), [1.049306, 1.049306, 1.049306, 2.950694]),
        (0 * g, 3.465505, [0.616118, 0.616118, 0.616118, 3.383882]),
    ]

    for t, (gradient, length, expected) in enumerate(steps, start=1):
        np.testing.assert_allclose(np.linalg.norm(p.data), length, rtol=1e-6)
        p.grad = gradient
        optimizer.step()

        assert optimizer.state_dict()["state"][0]["t"] == t
        np.testing.assert_allclose(p.data, expected, atol=1e-6)
    # m = g/2, 3g/4, 3g/8; v = g*g/4, 7g*g/16, 21g*g/64
    state = optimizer.state_dict()["state"][0]
    np.testing.assert_allclose(state["m"], 3 / 8 * g, rtol=1e-15)
    np.testing.assert_allclose(state["v"], 21 / 64 * g * g, rtol=1e-15)


def test_a_step_with_decay_worked_by_hand(parameter):
    p = parameter([3.0, 4.0], [0.01, 100.0])

    LAMB([p], lr=0.1, eps=0.0, weight_decay=0.5).step()

    d = np.array([1 + 0.5 * 3, 1 + 0.5 * 4])  # of length sqrt(15.25)
    expected = np.array([3.0, 4.0]) - 0.1 * 5 / math.sqrt(15.25) * d
    np.testing.assert_allclose(p.data, expected, rtol=1e-12)


def lamb_of_the_paper(x, gradients, lr, beta1, beta2, eps, weight_decay, phi):
    """Yield the parameter after each step of algorithm 2."""
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        r = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        d = r + weight_decay * x
        x = x - lr * phi(np.linalg.norm(x)) / np.linalg.norm(d) * d
        yield x


@pytest.mark.parametrize(
    ("options", "phi"),
    [
        ({}, lambda z: z),
        ({"bounds": (0.5, 1.0)}, lambda z: min(max(z, 0.5), 1.0)),
        ({"bounds": [10.0, math.inf]}, lambda z: max(z, 10.0)),
    ],
)
def test_many_steps_follow_the_papers_algorithm(options, phi, parameter, rng):
    p = parameter(rng.standard_normal((2, 3)))
    optimizer = LAMB(
        [p], lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2, **options
    )
    gradients = rng.standard_normal((50, 2, 3))
    steps = lamb_of_the_paper(p.data, gradients, 0.05, 0.8, 0.95, 1e-3, 0.2, phi)

    for g, expected in zip(gradients, steps, strict=True):
        p.grad = g
        optimizer.step()

        np.testing.assert_allclose(p.data, expected, rtol=1e-11)


def test_a_large_parameter_is_one_layer_though_it_is_cut_into_blocks(parameter, rng):
    start = rng.standard_normal((5, BLOCK // 2 + 1))
    p = parameter(start)
    optimizer = LAMB([p], lr=0.05, weight_decay=0.2)
    gradients = rng.standard_normal((3, *start.shape))
    steps = lamb_of_the_paper(
        start, gradients, 0.05, 0.9, 0.999, 1e-6, 0.2, lambda z: z
    )

    for g, expected in zip(gradients, steps, strict=True):
        p.grad = g
        optimizer.step()

        np.testing.assert_allclose(p.data, expected, rtol=1e-9)


def test_each_parameter_changes_by_the_same_part(parameter, rng):
    small = parameter(0.01 * rng.standard_normal(5), rng.standard_normal(5))
    large = parameter(100 * rng.standard_normal(3), 1e-3 * rng.standard_normal(3))
    before = [small.data.copy(), large.data.copy()]

    LAMB([small, large], lr=0.1, weight_decay=0.0).step()

    for p, old in zip((small, large), before, strict=True):
        part = np.linalg.norm(p.data - old) / np.linalg.norm(old)
        np.testing.assert_allclose(part, 0.1, rtol=1e-6)


def test_a_parameter_of_zeros_makes_adams_step(parameter):
    zeros, adams = (parameter([0.0, 0.0], [3.0, -0.5]) for _ in range(2))

    LAMB([zeros], lr=0.1, eps=1e-8).step()
    Adam([adams], lr=0.1).step()

    np.testing.assert_allclose(zeros.data, adams.data, rtol=1e-12)
    np.testing.assert_allclose(zeros.data, [-0.1, 0.1], rtol=1e-6)


def test_a_lower_bound_lets_zeros_move_slowly(parameter):
    p = parameter([0.0], [3.0])

    LAMB([p], lr=0.1, bounds=(0.01, 10.0)).step()

    np.testing.assert_allclose(p.item(), -0.1 * 0.01, rtol=1e-6)


def test_maximize_climbs_but_still_decays(parameter):
    up, down = parameter([1.0, 2.0], [3.0, 1.0]), parameter([1.0, 2.0], [-3.0, -1.0])

    LAMB([up], lr=0.1, weight_decay=0.3, maximize=True).step()
    LAMB([down], lr=0.1, weight_decay=0.3).step()

    np.testing.assert_array_equal(up.data, down.data)
    assert np.all(up.data > [1.0, 2.0])


def test_the_defaults_are_the_papers_but_for_the_rate(parameter):
    defaults = {
        name: option.default
        for name, option in inspect.signature(LAMB).parameters.items()
    }

    assert repr(LAMB([parameter([1.0])])) == "LAMB(<1 parameter>, lr=0.001)"
    assert list(defaults.items()) == [
        ("params", inspect.Parameter.empty),
        ("lr", 0.001),
        ("betas", (0.9, 0.999)),
        ("eps", 1e-6),
        ("weight_decay", 0.01),
        ("bounds", (0.0, math.inf)),
        ("maximize", False),
    ]


def test_lengths_beyond_single_precision_are_worked_out(parameter):
    p = parameter([3e30, 4e30], [1.0, 1.0], "float32")  # the squares are infinite there

    LAMB([p], lr=0.1, weight_decay=0.0).step()

    step = 0.1 * 5e30 / math.sqrt(2)
    np.testing.assert_allclose(p.data, [3e30 - step, 4e30 - step], rtol=1e-5)


def test_a_gradient_of_nan_is_seen(parameter):
    p = parameter([1.0, 2.0], [np.nan, 1.0])

    LAMB([p], lr=0.1).step()

    assert np.isnan(p.data).any()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lr": -0.1}, ValueError, r"lr is -0\.1; it must be at least 0, finite"),
        ({"betas": (1.0, 0.9)}, ValueError, r"betas\[0\] is 1\.0; .* and below 1"),
        ({"betas": 0.9}, TypeError, r"betas is 0\.9; a pair of numbers is needed"),
        ({"eps": -1e-8}, ValueError, r"eps is -1e-08; it must be at least 0, finite"),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; it must be at least"),
        ({"bounds": 10.0}, TypeError, r"bounds is 10\.0; a pair of numbers is needed"),
        ({"bounds": (0.0, "10")}, TypeError, r"bounds\[1\] is '10'; a number is"),
        ({"bounds": (-1.0, 1.0)}, ValueError, r"bounds\[0\] is -1\.0; it must be at"),
        ({"bounds": (math.inf, math.inf)}, ValueError, r"bounds\[0\] is inf"),
        ({"bounds": (0.0, math.nan)}, ValueError, r"bounds\[1\] is nan"),
        (
            {"bounds": (2.0, 1.0)},
            ValueError,
            r"bounds is \(2\.0, 1\.0\); the second must be above 0, and not below the",
        ),
        ({"bounds": (0, 0)}, ValueError, r"bounds is \(0, 0\); the second must be abo"),
        ({"maximize": 1}, TypeError, r"maximize is 1; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^LAMB: {message}"):
        LAMB([parameter([1.0])], **options)
