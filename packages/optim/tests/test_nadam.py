"""NAdam, against numbers worked by hand and against its formulas."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import NAdam

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = NAdam([p], lr=0.5, betas=(0.5, 0.75), eps=0.0, momentum_decay=0.0)
    steps = [  # mu is 0.25 throughout, half of the first beta
        # g    m = m/2 + g/2    n = 3n/4 + g*g/4    0.25**t    1 - 0.75**t
        (2.0, 1.0, 1.0, 0.25, 0.25),
        (4.0, 2.5, 4.75, 0.0625, 0.4375),
        (-1.0, 0.75, 3.8125, 0.015625, 0.578125),
    ]
    expected = 1.0

    for t, (gradient, m, n, product, correction) in enumerate(steps, start=1):
        p.grad = [gradient]
        optimizer.step()
        m_hat = 0.25 * m / (1 - 0.25 * product) + 0.75 * gradient / (1 - product)
        expected -= 0.5 * m_hat / math.sqrt(n / correction)

        state = optimizer.state_dict()["state"][0]
        assert (state["t"], state["m"].item(), state["n"].item()) == (t, m, n)
        assert state["mu_product"] == product
        np.testing.assert_allclose(p.item(), expected, rtol=1e-13)
    # By hand: 1 - 0.5 * 2.2667 / 2 = 0.43333; then - 0.5 * 3.8349 / 3.2950 gives
    # -0.14859; then + 0.5 * 0.57367 / 2.5680.
    np.testing.assert_allclose(p.item(), -0.03690, atol=1e-5)


@pytest.mark.parametrize("decoupled", [False, True])
def test_many_steps_follow_the_formulas(decoupled, parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = NAdam(
        [p],
        lr=0.01,
        betas=(0.8, 0.95),
        eps=1e-3,
        weight_decay=0.3,
        momentum_decay=0.2,
        decoupled_weight_decay=decoupled,
    )
    theta, m, n = p.data.copy(), np.zeros(5), np.zeros(5)
    mu = [0.8 * (1 - 0.5 * 0.96 ** (t * 0.2)) for t in range(53)]

    for t in range(1, 51):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        if decoupled:
            theta = theta - 0.01 * 0.3 * theta
        else:
            g = g + 0.3 * theta
        m = 0.8 * m + (1 - 0.8) * g
        n = 0.95 * n + (1 - 0.95) * g**2
        m_hat = mu[t + 1] * m / (1 - np.prod(mu[1 : t + 2]))
        m_hat = m_hat + (1 - mu[t]) * g / (1 - np.prod(mu[1 : t + 1]))
        theta = theta - 0.01 * m_hat / (np.sqrt(n / (1 - 0.95**t)) + 1e-3)

        np.testing.assert_allclose(p.data, theta, rtol=1e-11)


def test_the_momentum_grows_from_half_of_beta1_to_all_of_it(parameter):
    p = parameter([1.0], [1.0])
    optimizer = NAdam([p], betas=(0.8, 0.9), momentum_decay=10.0)

    products = [1.0]
    for _ in range(40):
        optimizer.step()
        products.append(optimizer.state_dict()["state"][0]["mu_product"])

    momenta = np.divide(products[1:], products[:-1])
    np.testing.assert_allclose(momenta[0], 0.8 * (1 - 0.5 * 0.96**10), rtol=1e-12)
    assert np.all(np.diff(momenta) > 0)
    np.testing.assert_allclose(momenta[-1], 0.8, rtol=1e-6)


def test_a_change_of_the_gradient_counts_sooner_than_in_the_average(parameter):
    p = parameter([0.0])
    optimizer = NAdam([p], lr=0.1)
    for _ in range(3):
        p.grad = [1.0]
        optimizer.step()
    before = p.item()

    p.grad = [-1.0]
    optimizer.step()

    assert optimizer.state_dict()["state"][0]["m"].item() > 0
    assert p.item() > before  # it turned at once


def test_maximize_climbs(parameter):
    down, up = parameter([0.0], [3.0]), parameter([0.0], [3.0])

    NAdam([down], lr=0.1).step()
    NAdam([up], lr=0.1, maximize=True).step()

    assert up.item() == -down.item() > 0


def test_a_decoupled_decay_is_no_part_of_the_averages(parameter):
    p = parameter([1.0], [0.0])
    optimizer = NAdam([p], lr=0.1, weight_decay=0.5, decoupled_weight_decay=True)

    optimizer.step()

    assert p.item() == 1 - 0.1 * 0.5
    state = optimizer.state_dict()["state"][0]
    assert (state["m"].item(), state["n"].item()) == (0.0, 0.0)


def test_the_momenta_belong_to_each_parameter(parameter):
    early, late = parameter([0.0], [1.0]), parameter([0.0])
    optimizer = NAdam([early, late], lr=0.1)

    optimizer.step()
    first = early.item()
    late.grad = [1.0]
    optimizer.step()

    assert late.item() == first
    state = optimizer.state_dict()["state"]
    assert state[0]["mu_product"] < state[1]["mu_product"] < 1


def test_the_defaults_are_those_of_pytorch(parameter):
    usual = inspect.signature(NAdam).parameters

    assert {name: usual[name].default for name in list(usual)[1:]} == {
        "lr": 2e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0.0,
        "momentum_decay": 4e-3,
        "decoupled_weight_decay": False,
        "maximize": False,
    }
    assert usual["maximize"].kind is inspect.Parameter.KEYWORD_ONLY
    assert repr(NAdam([parameter([1.0])])) == "NAdam(<1 parameter>, lr=0.002)"


def test_betas_may_be_zero(parameter):
    p = parameter([1.0], [4.0])

    NAdam([p], lr=0.5, betas=(0, 0)).step()

    np.testing.assert_allclose(p.item(), 0.5, rtol=1e-8)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_of_zero_make_no_nan(dtype, parameter):
    p = parameter([1.0, 1.0], [0.0, 1e-4], dtype)
    optimizer = NAdam([p], lr=0.01)

    for _ in range(10):
        optimizer.step()

    assert p.data[0] == 1.0
    assert np.isfinite(p.data[1])
    assert p.data[1] < 1.0


def test_large_parameters_in_any_layout_get_the_same_steps(parameter, rng):
    values, gradients = rng.standard_normal((2, 120, 300))
    large = parameter(values.T)  # of several blocks, and not contiguous
    first, last = parameter(values[:, 0]), parameter(values[:, -1])
    optimizer = NAdam([large, first, last], lr=0.1, weight_decay=0.1)

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
        ({"momentum_decay": -1.0}, ValueError, r"momentum_decay is -1\.0; .* least 0"),
        ({"momentum_decay": "slow"}, TypeError, r"momentum_decay is 'slow'; a number"),
        (
            {"decoupled_weight_decay": 0.1},
            TypeError,
            r"decoupled_weight_decay is 0\.1; True or False is needed",
        ),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; .* at least 0"),
        ({"weight_decay": None}, TypeError, r"weight_decay is None; a number is"),
        ({"maximize": 1}, TypeError, r"maximize is 1; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^NAdam: {message}"):
        NAdam([parameter([1.0])], **options)


def test_an_option_that_became_wrong_changes_nothing(parameter):
    p = parameter([1.0], [1.0])
    optimizer = NAdam([p])
    optimizer.step()
    before, state = p.item(), optimizer.state_dict()["state"]

    optimizer.param_groups[0]["betas"] = (0.9, 1.0)

    with pytest.raises(ValueError, match=r"^NAdam: betas\[1\] is 1\.0"):
        optimizer.step()
    assert p.item() == before
    assert optimizer.state_dict()["state"] == state
