"""Schedules, moved on by epochs, by steps, or by what an epoch brought."""

import pytest

from pebblegrad import optim
from pebblegrad.train import ScheduleRate


def test_by_epochs(points, network, train):
    model, optimizer = network()
    schedule = optim.ExponentialLR(optimizer, 0.5)

    _, history = train(points, (model, optimizer), callbacks=[ScheduleRate(schedule)])

    assert history["lr"] == [0.01, 0.005, 0.0025]  # in which the epochs were trained
    assert optimizer.param_groups[0]["lr"] == 0.00125


def test_by_steps(points, network, train):
    model, optimizer = network()
    schedule = optim.ExponentialLR(optimizer, 0.5)

    train(points, (model, optimizer), callbacks=[ScheduleRate(schedule, every="step")])

    assert optimizer.param_groups[0]["lr"] == 0.01 * 0.5**9


def test_by_a_number_of_the_epoch(points, network, train):
    model, optimizer = network()
    schedule = optim.ReduceLROnPlateau(optimizer, patience=0, threshold=10.0)
    callback = ScheduleRate(schedule, monitor="loss")

    train(points, (model, optimizer), callbacks=[callback])

    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.01 * 0.1**2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"schedule": 0.1}, TypeError, "schedule is a float without step, state_dict"),
        ({"every": "batch"}, ValueError, 'every is \'batch\'; "epoch" or "step" is ne'),
        (
            {"schedule": optim.StepLR},
            TypeError,
            "schedule is the class StepLR; a sched",
        ),
        (
            {"monitor": "loss"},
            ValueError,
            "monitor is 'loss', and StepLR looks at none",
        ),
        ({"every": "step", "monitor": "loss"}, ValueError, "known at the end of an ep"),
    ],
)
def test_wrong_arguments_are_said(arguments, error, message, network):
    _, optimizer = network()
    usual = {"schedule": optim.StepLR(optimizer, 1)}

    with pytest.raises(error, match=message):
        ScheduleRate(**{**usual, **arguments})


def test_a_plateau_wants_a_number_to_look_at(network):
    _, optimizer = network()

    with pytest.raises(
        ValueError, match="ReduceLROnPlateau looks at a number: monitor"
    ):
        ScheduleRate(optim.ReduceLROnPlateau(optimizer))


def test_what_cannot_work_is_said_before_the_first_step(points, network, train):
    _, other = network()
    model, optimizer = network()
    of_another = ScheduleRate(optim.StepLR(other, 1))
    plateau = optim.ReduceLROnPlateau(optimizer)
    without_validation = ScheduleRate(plateau, monitor="val_loss")

    with pytest.raises(ValueError, match="StepLR was made over another optimizer"):
        train(points, (model, optimizer), callbacks=[of_another])
    with pytest.raises(ValueError, match="fit needs a validation set for it"):
        train(points, (model, optimizer), callbacks=[without_validation])
