"""SWALR: rates worked by hand, after another schedule too, and errors."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.optim import SWALR, ExponentialLR


def test_rates_by_hand():
    line = SWALR(9.0, 1.0, anneal_epochs=4, anneal_strategy="linear")
    half_a_cosine = SWALR(9.0, 1.0, anneal_epochs=4)

    assert line.rates(6) == [9, 7, 5, 3, 1, 1]
    edge = 4 * math.sqrt(0.5)
    expected = [9, 5 + edge, 5, 5 - edge, 1, 1]
    np.testing.assert_allclose(half_a_cosine.rates(6), expected, rtol=1e-15)


def test_without_epochs_the_rate_is_there_at_once(sgd):
    assert SWALR(sgd(9.0, 5.0), [1.0, 2.0], anneal_epochs=0).get_last_lr() == [1, 2]


def test_it_goes_on_from_the_rate_that_another_schedule_came_to(sgd):
    optimizer = sgd(8.0)
    before = ExponentialLR(optimizer, gamma=0.5)
    after = SWALR(optimizer, 0.0, anneal_epochs=2, anneal_strategy="linear")
    rates = []

    for epoch in range(6):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        (before if epoch < 2 else after).step()

    assert rates == [8, 4, 2, 1, 0, 0]


def test_before_its_first_step_a_state_is_of_the_present_rate(sgd):
    optimizer, other = sgd(8.0), sgd(8.0)
    schedule = SWALR(optimizer, 0.0)
    optimizer.param_groups[0]["lr"] = 0.5

    resumed = SWALR(other, 0.0)
    resumed.load_state_dict(schedule.state_dict())

    assert schedule.state_dict()["start_lrs"] == [0.5]
    assert other.param_groups[0]["lr"] == 0.5
    assert resumed.at(5) == 0.25


def test_the_defaults_are_pytorchs():
    parameters = list(inspect.signature(SWALR).parameters.values())

    assert [p.default for p in parameters[2:]] == [10, "cos"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"swa_lr": -1}, ValueError, "swa_lr is -1; it must be at least 0"),
        ({"swa_lr": [1, 2]}, ValueError, "swa_lr has 2 values, and there are 1 groups"),
        ({"anneal_epochs": -1}, ValueError, "anneal_epochs is -1; it must be at least"),
        ({"anneal_epochs": 1.5}, TypeError, r"anneal_epochs is 1\.5; an integer is ne"),
        (
            {"anneal_strategy": "exp"},
            ValueError,
            "anneal_strategy is 'exp'; it must be",
        ),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    with pytest.raises(error, match=f"^SWALR: {message}"):
        SWALR(1.0, **{"swa_lr": 0.1, **options})
