"""AdamW, against numbers worked by hand and the paper's algorithm."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import Adam, AdamW

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = AdamW([p], lr=0.5, betas=(0.5, 0.75), eps=0.0, weight_decay=0.5)
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
        expected *= 1 - 0.5 * 0.5
        expected -= 0.5 * (m / correction1) / math.sqrt(v / correction2)

        state = optimizer.state_dict()["state"][0]
        assert (state["t"], state["m"].item(), state["v"].item()) == (t, m, v)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-14)
    # By hand: 0.75 - 0.5 * 2 / 2 = 0.25; then 0.1875 - 0.5 * 3.3333 / 3.2950 =
    # -0.31832; then -0.23874 - 0.5 * 0.85714 / 2.5680.
    np.testing.assert_allclose(p.item(), -0.40563, atol=1e-5)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_many_steps_follow_the_papers_algorithm(amsgrad, parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = AdamW(
        [p], lr=0.01, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.3, amsgrad=amsgrad
    )
    theta, m, v, v_max = p.data.copy(), np.zeros(5), np.zeros(5), np.zeros(5)

    for t in range(1, 51):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        m = 0.8 * m + (1 - 0.8) * g
        v = 0.9 * v + (1 - 0.9) * g**2
        v_max = np.maximum(v_max, v) if amsgrad else v
        step = (m / (1 - 0.8**t)) / (np.sqrt(v_max / (1 - 0.9**t)) + 1e-3)
        theta = theta - 0.01 * (step + 0.3 * theta)

        np.testing.assert_allclose(p.data, theta, rtol=1e-12)


def test_all_weights_decay_alike_whatever_their_gradients(parameter):
    p = parameter([1.0, 1.0, 1.0], [0.0, 1e-3, 1e3])

    AdamW([p], lr=0.1, eps=0.1, weight_decay=0.5, betas=(0.0, 0.0)).step()

    step = 0.1 * np.array([0.0, 1e-3 / (1e-3 + 0.1), 1e3 / (1e3 + 0.1)])
    np.testing.assert_allclose(p.data, 1 - 0.05 - step, rtol=1e-12)


def test_the_decay_is_no_part_of_the_averages(parameter):
    p = parameter([7.0], [2.0])
    optimizer = AdamW([p], betas=(0.5, 0.5), weight_decay=100.0)

    optimizer.step()

    state = optimizer.state_dict()["state"][0]
    assert (state["m"].item(), state["v"].item()) == (1.0, 2.0)


def test_without_a_decay_it_is_adam(parameter, rng):
    ours, adams = parameter([1.0, -2.0]), parameter([1.0, -2.0])
    one = AdamW([ours], weight_decay=0.0, amsgrad=True)
    other = Adam([adams], amsgrad=True)

    for _ in range(5):
        ours.grad = adams.grad = rng.standard_normal(2)
        one.step()
        other.step()

    np.testing.assert_array_equal(ours.data, adams.data)


def test_maximize_climbs_and_decays_all_the_same(parameter):
    p = parameter([1.0], [3.0])

    AdamW([p], lr=0.1, weight_decay=0.5, eps=0.0, maximize=True).step()

    np.testing.assert_allclose(p.item(), 1.0 * 0.95 + 0.1, rtol=1e-12)


def test_a_frozen_rate_freezes_the_decay_too(parameter):
    p = parameter([1.0], [3.0])

    AdamW([p], lr=0.0, weight_decay=0.5).step()

    assert p.item() == 1.0


def test_the_defaults_are_those_of_pytorch(parameter):
    usual = inspect.signature(AdamW).parameters

    assert {name: usual[name].default for name in list(usual)[1:]} == {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 1e-2,
        "amsgrad": False,
        "maximize": False,
    }
    assert usual["maximize"].kind is inspect.Parameter.KEYWORD_ONLY
    assert repr(AdamW([parameter([1.0])])) == "AdamW(<1 parameter>, lr=0.001)"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_of_zero_make_no_nan(dtype, parameter):
    p = parameter([1.0, 1.0], [0.0, 1e-4], dtype)
    optimizer = AdamW([p], lr=0.01, weight_decay=0.0, amsgrad=True)

    for _ in range(10):
        optimizer.step()

    assert p.data[0] == 1.0
    assert np.isfinite(p.data[1])
    assert p.data[1] < 1.0


def test_large_parameters_in_any_layout_get_the_same_steps(parameter, rng):
    values, gradients = rng.standard_normal((2, 120, 300))
    large = parameter(values.T)  # of several blocks, and not contiguous
    first, last = parameter(values[:, 0]), parameter(values[:, -1])
    optimizer = AdamW([large, first, last], lr=0.1, amsgrad=True)

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
        ({"amsgrad": "yes"}, TypeError, r"amsgrad is 'yes'; True or False is needed"),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; .* at least 0"),
        ({"weight_decay": None}, TypeError, r"weight_decay is None; a number is"),
        ({"maximize": 1}, TypeError, r"maximize is 1; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^AdamW: {message}"):
        AdamW([parameter([1.0])], **options)


def test_an_option_that_became_wrong_changes_nothing(parameter):
    p = parameter([1.0], [1.0])
    optimizer = AdamW([p])
    optimizer.step()
    before, state = p.item(), optimizer.state_dict()["state"]

    optimizer.param_groups[0]["betas"] = (0.9, 1.0)

    with pytest.raises(ValueError, match=r"^AdamW: betas\[1\] is 1\.0"):
        optimizer.step()
    assert p.item() == before
    assert optimizer.state_dict()["state"] == state
