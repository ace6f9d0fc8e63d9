"""Lion, against numbers worked by hand and against the paper's algorithm."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import Lion

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = Lion([p], lr=0.5, betas=(0.5, 0.75))
    steps = [
        # g    c = m/2 + g/2    p = p - sign(c)/2    m = 3m/4 + g/4
        (2.0, 1.0, 0.5, 0.5),
        (-1.0, -0.25, 1.0, 0.125),  # the sign is of c, not of the new m
        (-0.125, 0.0, 1.0, 0.0625),
    ]

    for gradient, c, expected, m in steps:
        before = p.item()
        p.grad = [gradient]
        optimizer.step()

        assert p.item() == expected == before - 0.5 * np.sign(c)
        assert optimizer.state_dict()["state"][0]["m"].item() == m


def test_many_steps_follow_the_papers_algorithm(parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = Lion([p], lr=0.01, betas=(0.8, 0.95), weight_decay=0.3)
    theta, m = p.data.copy(), np.zeros(5)

    for _ in range(50):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        c = 0.8 * m + (1 - 0.8) * g
        theta = theta - 0.01 * (np.sign(c) + 0.3 * theta)
        m = 0.95 * m + (1 - 0.95) * g

        np.testing.assert_allclose(p.data, theta, rtol=1e-12)


def test_every_step_is_as_long_as_the_rate(parameter):
    p = parameter([0.0, 0.0, 0.0], [1e30, -1e-30, 5e-324])

    Lion([p], lr=0.1).step()

    # The least number there is vanishes when it is multiplied by 1 - 0.9.
    np.testing.assert_array_equal(p.data, [-0.1, 0.1, 0.0])


def test_the_decay_takes_the_same_part_of_every_weight(parameter):
    p = parameter([1.0, -10.0], [0.0, 0.0])
    optimizer = Lion([p], lr=0.1, weight_decay=0.5)

    optimizer.step()

    np.testing.assert_allclose(p.data, [0.95, -9.5], rtol=1e-15)
    np.testing.assert_array_equal(optimizer.state_dict()["state"][0]["m"], [0.0, 0.0])


def test_maximize_climbs_and_decays_all_the_same(parameter):
    p = parameter([1.0], [3.0])

    Lion([p], lr=0.1, weight_decay=0.5, maximize=True).step()

    np.testing.assert_allclose(p.item(), 0.95 + 0.1, rtol=1e-15)


def test_betas_of_zero_leave_the_sign_of_the_gradient(parameter):
    p = parameter([0.0])
    optimizer = Lion([p], lr=1.0, betas=[0, 0])

    for gradient, expected in [(5.0, -1.0), (-0.1, 0.0), (-7.0, 1.0)]:
        p.grad = [gradient]
        optimizer.step()
        assert p.item() == expected


def test_one_average_is_all_that_is_remembered(parameter):
    p = parameter([[1.0, 2.0]], [[1.0, 1.0]], "float32")
    optimizer = Lion([p])

    optimizer.step()

    state = optimizer.state_dict()["state"][0]
    assert list(state) == ["m"]
    assert (state["m"].shape, state["m"].dtype) == ((1, 2), np.float32)


def test_small_gradients_count_in_half_precision_too(parameter):
    p = parameter([1.0, 1.0], [6e-8, -6e-8], "float16")  # the least there is
    optimizer = Lion([p], lr=0.25)

    optimizer.step()
    optimizer.step()

    np.testing.assert_array_equal(p.data, [0.5, 1.5])


def test_nan_is_not_hidden(parameter):
    p = parameter([1.0, 1.0], [math.nan, 1.0])

    Lion([p], lr=0.5).step()

    np.testing.assert_array_equal(p.data, [math.nan, 0.5])


def test_the_defaults_are_those_of_the_authors(parameter):
    usual = inspect.signature(Lion).parameters

    assert {name: usual[name].default for name in list(usual)[1:]} == {
        "lr": 1e-4,
        "betas": (0.9, 0.99),
        "weight_decay": 0.0,
        "maximize": False,
    }
    assert usual["maximize"].kind is inspect.Parameter.KEYWORD_ONLY
    assert repr(Lion([parameter([1.0])])) == "Lion(<1 parameter>, lr=0.0001)"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_of_zero_make_no_nan(dtype, parameter):
    p = parameter([1.0, 1.0], [0.0, 1e-4], dtype)
    optimizer = Lion([p], lr=0.01)

    for _ in range(10):
        optimizer.step()

    assert p.data[0] == 1.0
    assert np.isfinite(p.data[1])
    assert p.data[1] < 1.0


def test_large_parameters_in_any_layout_get_the_same_steps(parameter, rng):
    values, gradients = rng.standard_normal((2, 120, 300))
    large = parameter(values.T)  # of several blocks, and not contiguous
    first, last = parameter(values[:, 0]), parameter(values[:, -1])
    optimizer = Lion([large, first, last], lr=0.1, weight_decay=0.1)

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
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; .* at least 0"),
        ({"weight_decay": None}, TypeError, r"weight_decay is None; a number is"),
        ({"maximize": 1}, TypeError, r"maximize is 1; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^Lion: {message}"):
        Lion([parameter([1.0])], **options)


def test_an_option_that_became_wrong_changes_nothing(parameter):
    p = parameter([1.0], [1.0])
    optimizer = Lion([p])
    optimizer.step()
    before, state = p.item(), optimizer.state_dict()["state"]

    optimizer.param_groups[0]["betas"] = (0.9, 1.0)

    with pytest.raises(ValueError, match=r"^Lion: betas\[1\] is 1\.0"):
        optimizer.step()
    assert p.item() == before
    assert optimizer.state_dict()["state"] == state
