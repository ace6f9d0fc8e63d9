"""CyclicLR: rates and momenta worked by hand, defaults, and errors."""

import inspect

import numpy as np
import pytest

from pebblegrad.optim import Adagrad, CyclicLR


def test_rates_by_hand():
    assert CyclicLR(0.0, 1.0, 5.0, step_size_up=2).rates(9) == [
        *[1, 3, 5, 3, 1, 3, 5, 3, 1]
    ]
    assert CyclicLR(0.0, 1.0, 5.0, step_size_up=1, step_size_down=4).rates(6) == [
        *[1, 5, 4, 3, 2, 1]
    ]


def test_the_height_is_halved_with_every_cycle_of_triangular2():
    schedule = CyclicLR(0.0, 1.0, 5.0, step_size_up=2, mode="triangular2")

    assert schedule.rates(12) == [1, 3, 5, 3, 1, 2, 3, 2, 1, 1.5, 2, 1.5]


def test_the_height_shrinks_at_every_step_of_exp_range():
    schedule = CyclicLR(0.0, 1.0, 5.0, 2, mode="exp_range", gamma=0.5)

    assert schedule.rates(4) == [1, 1 + 2 / 2, 1 + 4 / 4, 1 + 2 / 8]


def test_a_scale_of_your_own_is_a_function_of_the_cycle_or_of_the_step():
    asked = []

    def scale(number):
        asked.append(number)
        return 1.0

    schedule = CyclicLR(0.0, 1.0, 5.0, 2, scale_fn=scale, cycle_momentum=False)
    asked.clear()
    schedule.rates(6)
    assert asked == [1, 1, 1, 1, 2, 2]
    schedule = CyclicLR(
        *(0.0, 1.0, 5.0, 2),
        scale_fn=scale,
        scale_mode="iterations",
        cycle_momentum=False,
    )
    asked.clear()
    schedule.rates(6)
    assert asked == [0, 1, 2, 3, 4, 5]
    halved = CyclicLR(0.0, 1.0, 5.0, 2, scale_fn=lambda cycle: 0.5)
    assert halved.rates(5) == [1, 2, 3, 2, 1]


def test_the_momentum_goes_the_other_way(sgd):
    optimizer = sgd(0.1, momentum=0.5)
    schedule = CyclicLR(optimizer, 1.0, 5.0, 2, base_momentum=0.25, max_momentum=0.75)
    momenta = []

    for _ in range(5):
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        schedule.step()

    assert momenta == [0.75, 0.5, 0.25, 0.5, 0.75]


def test_the_momentum_can_be_left_alone(sgd):
    optimizer = sgd(0.1, momentum=0.5)

    CyclicLR(optimizer, 1.0, 5.0, cycle_momentum=False)

    assert optimizer.param_groups[0]["momentum"] == 0.5


def test_groups_may_have_bounds_of_their_own(sgd):
    schedule = CyclicLR(
        sgd(0.1, 0.1), [1.0, 2.0], [3.0, 6.0], 2, base_momentum=[0.5, 0.25]
    )

    assert [schedule.at(1, group=i) for i in (0, 1)] == [2, 4]
    assert [schedule.momentum(2, i) for i in (0, 1)] == [0.5, 0.25]


def test_many_cycles_later_the_bounds_are_met_to_the_bit():
    schedule = CyclicLR(0.0, 0.1, 0.3, step_size_up=3, step_size_down=4)

    for cycle in (1, 7, 1001, 10**9):
        assert schedule.at(7 * cycle) == 0.1
        np.testing.assert_allclose(schedule.at(7 * cycle + 3), 0.3, rtol=1e-15)


def test_the_defaults_are_pytorchs():
    parameters = inspect.signature(CyclicLR).parameters
    defaults = {k: p.default for k, p in parameters.items() if p.default is not p.empty}

    assert defaults == {
        "step_size_up": 2000,
        "step_size_down": None,
        "mode": "triangular",
        "gamma": 1.0,
        "scale_fn": None,
        "scale_mode": "cycle",
        "cycle_momentum": True,
        "base_momentum": 0.8,
        "max_momentum": 0.9,
        "last_epoch": -1,
    }


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"base_lr": -1}, ValueError, "base_lr is -1; it must be at least 0"),
        ({"max_lr": None}, TypeError, "max_lr is None; a number is needed"),
        ({"max_lr": [1, 2]}, ValueError, "max_lr has 2 values, and there are 1 groups"),
        ({"step_size_up": 0}, ValueError, "step_size_up is 0; it must be at least 1"),
        ({"step_size_down": 2.5}, TypeError, r"step_size_down is 2\.5; an integer is"),
        (
            {"mode": "square"},
            ValueError,
            "mode is 'square'; it must be 'triangular' or",
        ),
        ({"gamma": -1}, ValueError, "gamma is -1; it must be at least 0"),
        ({"scale_fn": 0.5}, TypeError, r"scale_fn is 0\.5; a function is needed"),
        (
            {"scale_fn": lambda c: None},
            TypeError,
            r"scale_fn\(1\) is None; a number is",
        ),
        (
            {"scale_mode": "step"},
            ValueError,
            "scale_mode is 'step'; it must be 'cycle'",
        ),
        ({"cycle_momentum": None}, TypeError, "cycle_momentum is None; True or False"),
        ({"base_momentum": 1.5}, ValueError, r"base_momentum is 1\.5; .* and below 1"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    with pytest.raises(error, match=f"^CyclicLR: {message}"):
        CyclicLR(0.1, **{"base_lr": 0.1, "max_lr": 0.2, **options})


def test_an_optimizer_without_momentum_is_refused(parameter):
    optimizer = Adagrad([parameter([1.0])], lr=0.5)

    with pytest.raises(
        ValueError, match="Adagrad has neither momentum nor betas; give"
    ):
        CyclicLR(optimizer, 0.1, 0.2)

    assert optimizer.param_groups[0]["lr"] == 0.5
