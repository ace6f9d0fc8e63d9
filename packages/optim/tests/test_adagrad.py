"""Adagrad, against numbers worked by hand and against the paper's algorithm."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import Adagrad

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def test_three_steps_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = Adagrad([p], lr=0.5, eps=0.0)
    steps = [
        # g    s = s + g*g    p = p - g/2 / sqrt(s)
        (3.0, 9.0, 0.5),
        (-4.0, 25.0, 0.9),
        (12.0, 169.0, 0.9 - 6 / 13),
    ]

    for t, (gradient, s, expected) in enumerate(steps, start=1):
        p.grad = [gradient]
        optimizer.step()

        state = optimizer.state_dict()["state"][0]
        assert (state["t"], state["s"].item()) == (t, s)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-14)


def test_three_steps_with_decay_worked_by_hand(parameter):
    p = parameter([1.0])
    optimizer = Adagrad([p], lr=0.5, lr_decay=1.0, eps=1.0)
    steps = [
        # g    lr / t    sqrt(s) + 1    p = p - lr * g / (sqrt(s) + 1)
        (3.0, 0.5, 4.0, 0.625),
        (-4.0, 0.25, 6.0, 0.625 + 1 / 6),
        (12.0, 0.5 / 3, 14.0, 0.625 + 1 / 6 - 1 / 7),
    ]

    for gradient, lr, denominator, expected in steps:
        p.grad = [gradient]
        before = p.item()
        optimizer.step()

        np.testing.assert_allclose(p.item(), before - lr * gradient / denominator)
        np.testing.assert_allclose(p.item(), expected, rtol=1e-14)


def test_many_steps_follow_the_papers_algorithm(parameter, rng):
    p = parameter(rng.standard_normal(5))
    optimizer = Adagrad([p], lr=0.1, eps=1e-3)
    x, gradients = p.data.copy(), []

    for _ in range(50):
        g = rng.standard_normal(5)
        p.grad = g
        optimizer.step()
        gradients.append(g)
        lengths = np.linalg.norm(gradients, axis=0)  # of each weight's gradients so far
        x -= 0.1 * g / (lengths + 1e-3)

        np.testing.assert_allclose(p.data, x, rtol=1e-12)


def test_a_rare_gradient_makes_as_large_a_step_as_a_frequent_one_did(parameter):
    p = parameter([0.0, 0.0])
    optimizer = Adagrad([p], lr=0.1)

    for _ in range(99):
        p.grad = [1.0, 0.0]
        optimizer.step()
    before = p.data.copy()
    p.grad = [1.0, 1.0]
    optimizer.step()

    np.testing.assert_allclose(p.data - before, [-0.01, -0.1], rtol=1e-9)


def test_the_sum_starts_where_it_is_told(parameter):
    p = parameter([0.0], [4.0], "float32")
    optimizer = Adagrad([p], lr=1.0, initial_accumulator_value=9)

    optimizer.step()

    s = optimizer.state_dict()["state"][0]["s"]
    assert (s.item(), s.dtype) == (25.0, np.float32)
    np.testing.assert_allclose(p.item(), -4 / 5, rtol=1e-6)


def test_the_weight_decay_is_added_to_the_gradient(parameter):
    decayed, plain = parameter([2.0], [1.0]), parameter([2.0], [1.0 + 0.3 * 2.0])

    Adagrad([decayed], initial_accumulator_value=1.0, weight_decay=0.3).step()
    Adagrad([plain], initial_accumulator_value=1.0).step()

    np.testing.assert_allclose(decayed.item(), plain.item(), rtol=1e-15)


def test_maximize_climbs(parameter):
    up, down = parameter([1.0], [3.0]), parameter([1.0], [-3.0])

    Adagrad([up], maximize=True).step()
    Adagrad([down]).step()

    assert up.item() == down.item() > 1.0


def test_the_defaults_are_pytorchs(parameter):
    defaults = {
        name: option.default
        for name, option in inspect.signature(Adagrad).parameters.items()
    }

    assert repr(Adagrad([parameter([1.0])])) == "Adagrad(<1 parameter>, lr=0.01)"
    assert list(defaults.items()) == [
        ("params", inspect.Parameter.empty),
        ("lr", 0.01),
        ("lr_decay", 0.0),
        ("weight_decay", 0.0),
        ("initial_accumulator_value", 0.0),
        ("eps", 1e-10),
        ("maximize", False),
    ]


def test_the_count_of_steps_belongs_to_each_parameter(parameter):
    early, late = parameter([0.0], [1.0]), parameter([0.0])
    optimizer = Adagrad([early, late], lr=0.1, lr_decay=1.0)

    optimizer.step()
    late.grad = [1.0]
    optimizer.step()

    state = optimizer.state_dict()["state"]
    assert (state[0]["t"], state[1]["t"]) == (2, 1)
    np.testing.assert_allclose(late.item(), -0.1, rtol=1e-9)


def test_the_rate_of_the_group_stays_when_it_fades(parameter):
    optimizer = Adagrad([parameter([1.0], [1.0])], lr=0.1, lr_decay=1.0)

    optimizer.step()
    optimizer.step()

    assert optimizer.param_groups[0]["lr"] == 0.1


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_gradient_of_zero_makes_no_nan_at_any_precision(dtype, parameter):
    p = parameter([1.0, 1.0], [0.0, 1e-3], dtype)

    Adagrad([p], lr=0.1).step()

    np.testing.assert_allclose(p.data, [1.0, 0.9], rtol=1e-3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lr": -0.1}, ValueError, r"lr is -0\.1; it must be at least 0, finite"),
        ({"lr": math.inf}, ValueError, r"lr is inf; it must be at least 0, finite"),
        ({"lr_decay": -1}, ValueError, r"lr_decay is -1; it must be at least 0"),
        ({"lr_decay": None}, TypeError, r"lr_decay is None; a number is needed"),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; it must be at least"),
        (
            {"initial_accumulator_value": -0.5},
            ValueError,
            r"initial_accumulator_value is -0\.5; it must be at least 0, finite",
        ),
        (
            {"initial_accumulator_value": "0"},
            TypeError,
            r"initial_accumulator_value is '0'; a number is needed",
        ),
        ({"eps": -1e-8}, ValueError, r"eps is -1e-08; it must be at least 0, finite"),
        ({"eps": True}, TypeError, r"eps is True; a number is needed"),
        ({"maximize": 0}, TypeError, r"maximize is 0; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^Adagrad: {message}"):
        Adagrad([parameter([1.0])], **options)
