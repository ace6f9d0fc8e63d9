"""RAdam, against numbers worked by hand and the paper's algorithm."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import RAdam

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = RAdam([p], lr=0.5, betas=(0.5, 0.75))
    steps = [
        # g    m = m/2 + g/2    v = 3v/4 + g*g/4    1 - 0.5**t
        (2.0, 1.0, 1.0, 0.5),
        (4.0, 2.5, 4.75, 0.75),
        (-1.0, 0.75, 3.8125, 0.875),
    ]
    expected = 1.0

    for t, (gradient, m, v, correction) in enumerate(steps, start=1):
        p.grad = [gradient]
        optimizer.step()
        expected -= 0.5 * m / correction  # v is of too few gradients to be used

        state = optimizer.state_dict()["state"][0]
        assert (state["t"], state["m"].item(), state["v"].item()) == (t, m, v)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-14, atol=1e-16)
    # By hand: 1 - 0.5 * 2 = 0; then - 0.5 * 3.3333; then - 0.5 * 0.85714.
    np.testing.assert_allclose(p.item(), -2.09524, atol=1e-5)


def test_the_sixth_step_is_the_first_rectified_one(parameter):
    p = parameter([1.0], [2.0])
    optimizer = RAdam([p], lr=0.5, betas=(0.5, 0.9), eps=0.0)

    for t in range(1, 6):
        optimizer.step()
        np.testing.assert_allclose(p.item(), 1 - t, rtol=1e-14, atol=1e-14)
    optimizer.step()

    # rho_inf = 2 / 0.1 - 1 = 19; 0.9**6 = 0.531441;
    # rho = 19 - 12 * 0.531441 / 0.468559 = 5.3895646;
    # r**2 = 1.3895646 * 3.3895646 * 19 / (15 * 17 * 5.3895646) = 0.0651152.
    # All gradients were 2, so that m_hat is 2, and the root of v_hat.
    np.testing.assert_allclose(p.item(), -4 - 0.5 * math.sqrt(0.0651152), rtol=1e-7)


@pytest.mark.parametrize("decoupled", [False, True])
def test_many_steps_follow_the_papers_algorithm(decoupled, parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = RAdam(
        [p],
        lr=0.01,
        betas=(0.8, 0.95),
        eps=0.0,
        weight_decay=0.3,
        decoupled_weight_decay=decoupled,
    )
    theta, m, v = p.data.copy(), np.zeros(5), np.zeros(5)
    rho_inf = 2 / (1 - 0.95) - 1
    rectified = 0

    for t in range(1, 51):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        if decoupled:
            theta = theta - 0.01 * 0.3 * theta
        else:
            g = g + 0.3 * theta
        m = 0.8 * m + (1 - 0.8) * g
        v = 0.95 * v + (1 - 0.95) * g**2
        m_hat = m / (1 - 0.8**t)
        rho = rho_inf - 2 * t * 0.95**t / (1 - 0.95**t)
        if rho > 5:  # as in PyTorch; 4 in the paper
            length = np.sqrt((1 - 0.95**t) / v)
            above = (rho - 4) * (rho - 2) * rho_inf
            below = (rho_inf - 4) * (rho_inf - 2) * rho
            theta = theta - 0.01 * np.sqrt(above / below) * m_hat * length
            rectified += 1
        else:
            theta = theta - 0.01 * m_hat

        np.testing.assert_allclose(p.data, theta, rtol=1e-11)
    assert rectified == 45


def test_in_the_long_run_it_is_adam(parameter):
    p = parameter([0.0], [3.0])
    optimizer = RAdam([p], lr=0.1, betas=(0.9, 0.9))

    for _ in range(300):
        before = p.item()
        optimizer.step()

    np.testing.assert_allclose(before - p.item(), 0.1, rtol=1e-6)


def test_a_short_average_of_squares_is_never_used(parameter):
    p = parameter([0.0], [3.0])
    optimizer = RAdam([p], lr=0.1, betas=(0.9, 2 / 3))

    for _ in range(100):
        optimizer.step()

    np.testing.assert_allclose(p.item(), -100 * 0.1 * 3, rtol=1e-12)


def test_eps_is_added_to_the_root_before_it_is_corrected(parameter):
    p = parameter([0.0], [1.0])
    optimizer = RAdam([p], lr=1.0, betas=(0.0, 0.9), eps=0.5)
    for _ in range(5):
        optimizer.step()
    before = p.item()

    optimizer.step()

    correction = math.sqrt(1 - 0.9**6)  # v is its square
    step = math.sqrt(0.0651152) * correction / (correction + 0.5)
    np.testing.assert_allclose(before - p.item(), step, rtol=1e-6)


def test_maximize_climbs(parameter):
    down, up = parameter([0.0], [3.0]), parameter([0.0], [3.0])
    one, other = RAdam([down], lr=0.1), RAdam([up], lr=0.1, maximize=True)

    for _ in range(8):
        one.step()
        other.step()

    assert up.item() == -down.item() > 0


def test_a_decoupled_decay_is_no_part_of_the_averages(parameter):
    p = parameter([1.0], [0.0])
    optimizer = RAdam([p], lr=0.1, weight_decay=0.5, decoupled_weight_decay=True)

    optimizer.step()

    assert p.item() == 1 - 0.1 * 0.5
    state = optimizer.state_dict()["state"][0]
    assert (state["m"].item(), state["v"].item()) == (0.0, 0.0)


def test_the_defaults_are_those_of_pytorch(parameter):
    usual = inspect.signature(RAdam).parameters

    assert {name: usual[name].default for name in list(usual)[1:]} == {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0.0,
        "decoupled_weight_decay": False,
        "maximize": False,
    }
    assert usual["maximize"].kind is inspect.Parameter.KEYWORD_ONLY
    assert repr(RAdam([parameter([1.0])])) == "RAdam(<1 parameter>, lr=0.001)"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_of_zero_make_no_nan(dtype, parameter):
    p = parameter([1.0, 1.0], [0.0, 1e-4], dtype)
    optimizer = RAdam([p], lr=0.1)

    for _ in range(10):
        optimizer.step()

    assert p.data[0] == 1.0
    assert np.isfinite(p.data[1])
    assert p.data[1] < 1.0


def test_large_parameters_in_any_layout_get_the_same_steps(parameter, rng):
    values, gradients = rng.standard_normal((2, 120, 300))
    large = parameter(values.T)  # of several blocks, and not contiguous
    first, last = parameter(values[:, 0]), parameter(values[:, -1])
    optimizer = RAdam([large, first, last], lr=0.1, weight_decay=0.1)

    for step in range(7):
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
    with pytest.raises(error, match=f"^RAdam: {message}"):
        RAdam([parameter([1.0])], **options)


def test_an_option_that_became_wrong_changes_nothing(parameter):
    p = parameter([1.0], [1.0])
    optimizer = RAdam([p])
    optimizer.step()
    before, state = p.item(), optimizer.state_dict()["state"]

    optimizer.param_groups[0]["betas"] = (0.9, 1.0)

    with pytest.raises(ValueError, match=r"^RAdam: betas\[1\] is 1\.0"):
        optimizer.step()
    assert p.item() == before
    assert optimizer.state_dict()["state"] == state
