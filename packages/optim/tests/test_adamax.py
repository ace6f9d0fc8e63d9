"""Adamax, against numbers worked by hand and the paper's algorithm."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import Adamax

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = Adamax([p], lr=0.5, betas=(0.5, 0.75), eps=0.0)
    steps = [
        # g    m = m/2 + g/2    u = max(3u/4, |g|)    p = p - 0.5 * m / (1 - 0.5**t) / u
        (2.0, 1.0, 2.0, 1 / 2),
        (4.0, 2.5, 4.0, 1 / 2 - 5 / 12),
        (-1.0, 0.75, 3.0, 1 / 12 - 1 / 7),
    ]

    for t, (gradient, m, u, expected) in enumerate(steps, start=1):
        p.grad = [gradient]
        optimizer.step()

        state = optimizer.state_dict()["state"][0]
        assert (state["t"], state["m"].item(), state["u"].item()) == (t, m, u)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-13)


def test_many_steps_follow_the_papers_algorithm(parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = Adamax([p], lr=0.01, betas=(0.8, 0.7), eps=0.0)
    theta, m, u = p.data.copy(), np.zeros(5), np.zeros(5)

    for t in range(1, 51):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        m = 0.8 * m + (1 - 0.8) * g
        u = np.maximum(0.7 * u, abs(g))
        theta = theta - (0.01 / (1 - 0.8**t)) * m / u

        np.testing.assert_allclose(p.data, theta, rtol=1e-12)


def test_the_decay_is_added_to_the_gradient(parameter):
    decayed, plain = parameter([2.0], [0.5]), parameter([2.0], [0.5 + 0.25 * 2.0])
    one, other = Adamax([decayed], weight_decay=0.25), Adamax([plain])

    one.step()
    other.step()

    assert decayed.item() == plain.item()
    assert one.state_dict()["state"][0]["u"].item() == 1.0 + 1e-8


def test_eps_is_added_to_the_gradients_size(parameter):
    p = parameter([0.0], [-1.0])

    Adamax([p], lr=1.0, eps=1.0).step()

    np.testing.assert_allclose(p.item(), 1 / (1 + 1), rtol=1e-12)


def test_the_first_step_is_as_long_as_the_rate_whatever_the_gradient(parameter):
    p = parameter([1.0, 1.0, 1.0], [100.0, 1e-3, -7.0])

    Adamax([p], lr=0.1).step()

    np.testing.assert_allclose(p.data, [0.9, 0.9, 1.1], rtol=1e-5)


def test_a_single_large_gradient_is_forgotten(parameter):
    p = parameter([0.0], [1000.0])
    optimizer = Adamax([p], betas=(0.9, 0.9))
    optimizer.step()

    sizes = []
    for _ in range(100):
        p.grad = [1.0]
        optimizer.step()
        sizes.append(optimizer.state_dict()["state"][0]["u"].item())

    np.testing.assert_allclose(sizes[:2], [900, 810], rtol=1e-9)
    np.testing.assert_allclose(sizes[-1], 1, rtol=1e-7)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("eps", [0.0, 1e-50])  # the latter is 0 in single precision
def test_weights_without_gradient_stay_where_they_are_without_eps(
    eps, dtype, parameter
):
    p = parameter([1.0, 1.0], [0.0, 1.0], dtype)
    number = parameter(1.0, 0.0, dtype)

    Adamax([p, number], lr=0.5, eps=eps).step()

    np.testing.assert_array_equal(p.data, [1.0, 0.5])
    assert number.item() == 1.0


def test_nan_is_not_hidden(parameter):
    p = parameter([1.0, 1.0], [math.nan, 1.0])

    Adamax([p], lr=0.5, eps=0.0).step()

    np.testing.assert_array_equal(p.data, [math.nan, 0.5])


def test_maximize_climbs(parameter):
    down, up = parameter([0.0], [3.0]), parameter([0.0], [3.0])

    Adamax([down], lr=0.1).step()
    Adamax([up], lr=0.1, maximize=True).step()

    assert up.item() == -down.item() > 0


def test_the_defaults_are_the_papers(parameter):
    usual = inspect.signature(Adamax).parameters

    assert {name: usual[name].default for name in list(usual)[1:]} == {
        "lr": 2e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0.0,
        "maximize": False,
    }
    assert usual["maximize"].kind is inspect.Parameter.KEYWORD_ONLY
    assert repr(Adamax([parameter([1.0])])) == "Adamax(<1 parameter>, lr=0.002)"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_of_zero_make_no_nan(dtype, parameter):
    p = parameter([1.0, 1.0], [0.0, 1e-4], dtype)
    optimizer = Adamax([p], lr=0.01)

    for _ in range(10):
        optimizer.step()

    assert p.data[0] == 1.0
    assert np.isfinite(p.data[1])
    assert p.data[1] < 1.0


def test_large_parameters_in_any_layout_get_the_same_steps(parameter, rng):
    values, gradients = rng.standard_normal((2, 120, 300))
    large = parameter(values.T)  # of several blocks, and not contiguous
    first, last = parameter(values[:, 0]), parameter(values[:, -1])
    optimizer = Adamax([large, first, last], lr=0.1, weight_decay=0.1)

    for step in range(3):
        large.grad = (step + 1) * gradients.T
        first.grad = (step + 1) * gradients[:, 0]
        last.grad = (step + 1) * gradients[:, -1]
        optimizer.step()

    np.testing.assert_array_equal(large.data[0], first.data)
    np.testing.assert_array_equal(large.data[-1], last.data)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lr": -0.1}, ValueError, r"lr is -0\.1; it must be at least 0, finite"),
        ({"lr": math.nan}, ValueError, r"lr is nan; it must be at least 0, finite"),
        ({"lr": "fast"}, TypeError, r"lr is 'fast'; a number is needed"),
        ({"betas": (1.0, 0.9)}, ValueError, r"betas\[0\] is 1\.0; .* and below 1"),
        ({"betas": (0.9, -0.1)}, ValueError, r"betas\[1\] is -0\.1; it must be at"),
        ({"betas": 0.9}, TypeError, r"betas is 0\.9; a pair of numbers is needed"),
        ({"eps": -1e-8}, ValueError, r"eps is -1e-08; it must be at least 0, finite"),
        ({"eps": None}, TypeError, r"eps is None; a number is needed"),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; .* at least 0"),
        ({"weight_decay": None}, TypeError, r"weight_decay is None; a number is"),
        ({"maximize": 1}, TypeError, r"maximize is 1; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^Adamax: {message}"):
        Adamax([parameter([1.0])], **options)


def test_an_option_that_became_wrong_changes_nothing(parameter):
    p = parameter([1.0], [1.0])
    optimizer = Adamax([p])
    optimizer.step()
    before, state = p.item(), optimizer.state_dict()["state"]

    optimizer.param_groups[0]["betas"] = (0.9, 1.0)

    with pytest.raises(ValueError, match=r"^Adamax: betas\[1\] is 1\.0"):
        optimizer.step()
    assert p.item() == before
    assert optimizer.state_dict()["state"] == state
