"""OneCycleLR: rates and momenta worked by hand, defaults, and errors."""

import inspect

import numpy as np
import pytest

from pebblegrad.optim import Adagrad, OneCycleLR


def test_rates_in_two_phases_by_hand():
    # Up in the steps 0 to 3 (0.5 * 8 - 1), down from 3 to 7.
    schedule = OneCycleLR(
        0.0,
        max_lr=8.0,
        total_steps=8,
        pct_start=0.5,
        anneal_strategy="linear",
        div_factor=4,
        final_div_factor=2,
    )

    expected = [2, 4, 6, 8, 6.25, 4.5, 2.75, 1]
    np.testing.assert_allclose(schedule.rates(8), expected, rtol=1e-15)


def test_rates_along_a_cosine_by_hand():
    schedule = OneCycleLR(
        0.0, max_lr=8.0, total_steps=6, pct_start=0.5, div_factor=2, final_div_factor=2
    )

    # In the middle of the way up, and at the ends of both ways.
    np.testing.assert_allclose(
        [schedule.at(t) for t in (0, 1, 2, 3.5, 5)], [4, 6, 8, 5, 2], rtol=1e-15
    )


def test_rates_and_momenta_in_three_phases_by_hand(sgd):
    # Up in the steps 0 to 2 (0.3 * 10 - 1), down to 4 (2 * 0.3 * 10 - 2), out to 9.
    optimizer = sgd(0.1, momentum=0.5)
    schedule = OneCycleLR(
        optimizer,
        max_lr=8.0,
        epochs=2,
        steps_per_epoch=5,
        pct_start=0.3,
        anneal_strategy="linear",
        base_momentum=0.25,
        max_momentum=0.75,
        div_factor=2,
        final_div_factor=4,
        three_phase=True,
    )
    rates, momenta = [], []

    for _ in range(10):
        rates.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        schedule.step()

    expected = [4, 6, 8, 6, 4, 3.4, 2.8, 2.2, 1.6, 1]
    np.testing.assert_allclose(rates, expected, rtol=1e-14)
    expected = [0.75, 0.5, 0.25, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75]
    np.testing.assert_allclose(momenta, expected, rtol=1e-14)


def test_groups_may_have_rates_and_momenta_of_their_own(sgd):
    optimizer = sgd(0.1, 0.1, momentum=0.5)

    OneCycleLR(optimizer, [5.0, 10.0], 10, div_factor=5, max_momentum=[0.75, 0.5])

    groups = optimizer.param_groups
    assert [group["lr"] for group in groups] == [1, 2]
    assert [group["momentum"] for group in groups] == [0.75, 0.5]


def test_the_momentum_can_be_left_alone(sgd):
    optimizer = sgd(0.1, momentum=0.5)

    OneCycleLR(optimizer, 5.0, 10, cycle_momentum=False)

    assert optimizer.param_groups[0]["momentum"] == 0.5


def test_the_highest_rate_is_met_to_the_bit():
    assert OneCycleLR(0.0, max_lr=0.1, total_steps=10, pct_start=0.5).at(4) == 0.1


@pytest.mark.parametrize("total_steps", [1, 2, 3])
@pytest.mark.parametrize("pct_start", [0, 0.25, 1 / 3, 0.5])
@pytest.mark.parametrize("three_phase", [False, True])
def test_short_cycles_have_rates_too(total_steps, pct_start, three_phase):
    rates = OneCycleLR(
        0.0, 1.0, total_steps, pct_start=pct_start, three_phase=three_phase
    ).rates(total_steps + 1)

    assert all(0 < rate <= 1 for rate in rates)
    np.testing.assert_allclose(rates[-1], 1 / 25 / 1e4, rtol=1e-9)


def test_the_whole_training_may_lead_up():
    schedule = OneCycleLR(
        0.0, 8.0, 5, pct_start=1, anneal_strategy="linear", div_factor=2
    )

    np.testing.assert_allclose(schedule.rates(5), [4, 5, 6, 7, 8])


def test_the_step_after_the_last_batch_stays_at_the_last_rate_and_no_other(sgd):
    optimizer = sgd(0.1)
    schedule = OneCycleLR(optimizer, 1.0, 3, cycle_momentum=False)
    for _ in range(3):
        optimizer.step()
        schedule.step()
    last = schedule.get_last_lr()

    assert last == [schedule.at(2)] == [schedule.at(3)]
    with pytest.raises(ValueError, match="step 4 is asked for; total_steps is 3"):
        schedule.step()
    assert schedule.t == 3
    assert schedule.get_last_lr() == last


def test_the_defaults_are_pytorchs():
    parameters = inspect.signature(OneCycleLR).parameters
    defaults = {k: p.default for k, p in parameters.items() if p.default is not p.empty}

    assert defaults == {
        "total_steps": None,
        "epochs": None,
        "steps_per_epoch": None,
        "pct_start": 0.3,
        "anneal_strategy": "cos",
        "cycle_momentum": True,
        "base_momentum": 0.85,
        "max_momentum": 0.95,
        "div_factor": 25.0,
        "final_div_factor": 1e4,
        "three_phase": False,
        "last_epoch": -1,
    }


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {},
            ValueError,
            "total_steps is None, epochs is None and steps_per_epoch is N",
        ),
        ({"epochs": 3}, ValueError, "total_steps is None, epochs is 3 and steps_per"),
        ({"total_steps": 0}, ValueError, "total_steps is 0; it must be at least 1"),
        ({"total_steps": 1.5}, TypeError, r"total_steps is 1\.5; an integer is needed"),
        ({"epochs": 0, "steps_per_epoch": 2}, ValueError, "epochs is 0; it must be at"),
        (
            {"total_steps": 5, "epochs": 2, "steps_per_epoch": 2},
            ValueError,
            "total_steps is 5, and epochs times steps_per_epoch is 4; give one of",
        ),
        ({"pct_start": 30}, ValueError, "pct_start is 30; it must be from 0 to 1"),
        (
            {"pct_start": 0.6, "three_phase": True},
            ValueError,
            r"pct_start is 0\.6 with",
        ),
        ({"anneal_strategy": "cosine"}, ValueError, "is 'cosine'; it must be 'cos' or"),
        ({"div_factor": 0}, ValueError, "div_factor is 0; it must be above 0"),
        ({"final_div_factor": -1}, ValueError, "final_div_factor is -1; it must be"),
        ({"cycle_momentum": 0.9}, TypeError, r"cycle_momentum is 0\.9; True or False"),
        ({"max_momentum": 1.0}, ValueError, r"max_momentum is 1\.0; .* and below 1"),
        ({"max_lr": [1.0, -1.0]}, ValueError, r"max_lr\[1\] is -1\.0; it must be at"),
        ({"max_lr": [1.0, 1.0]}, ValueError, "max_lr has 2 values, and there are 1 gr"),
        ({"max_lr": None}, TypeError, "max_lr is None; a number is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    usual = {"max_lr": 1.0}
    if not {"epochs", "total_steps"} & options.keys() and options:
        usual["total_steps"] = 10

    with pytest.raises(error, match=f"^OneCycleLR: .*{message}"):
        OneCycleLR(0.1, **{**usual, **options})


def test_an_optimizer_without_momentum_is_refused(parameter):
    optimizer = Adagrad([parameter([1.0])], lr=0.5)

    with pytest.raises(
        ValueError, match="Adagrad has neither momentum nor betas; give"
    ):
        OneCycleLR(optimizer, 1.0, 10)

    assert optimizer.param_groups[0]["lr"] == 0.5
    rates = OneCycleLR(optimizer, 1.0, 10, cycle_momentum=False).get_last_lr()
    np.testing.assert_allclose(rates, 0.04, rtol=1e-14)


def test_a_state_with_a_momentum_is_refused_where_there_is_none(parameter):
    optimizer = Adagrad([parameter([1.0])], lr=0.5)
    schedule = OneCycleLR(optimizer, 1.0, 10, cycle_momentum=False)
    before = schedule.state_dict()

    with pytest.raises(
        ValueError, match="Adagrad has neither momentum nor betas; give"
    ):
        schedule.load_state_dict(OneCycleLR(0.5, 1.0, 10).state_dict())

    assert schedule.state_dict() == before
    assert "momentum" not in optimizer.param_groups[0]
