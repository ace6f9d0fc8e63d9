"""ReduceLROnPlateau: rates worked by hand, each option, and errors."""

import inspect
import math

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.optim import ReduceLROnPlateau


def rates(schedule, metrics):
    """Return the rate of the first group after each metric."""
    found = []
    for metric in metrics:
        schedule.step(metric)
        found.append(schedule.get_last_lr()[0])
    return found


def test_rates_by_hand():
    schedule = ReduceLROnPlateau(8.0, factor=0.5, patience=1)

    # bad in a row:               0  1  0  1  2     1  2     0  1
    assert rates(schedule, [5, 6, 4, 4, 5, 4, 9, 3, 3]) == [8, 8, 8, 8, 4, 4, 2, 2, 2]
    assert (schedule.best, schedule.num_bad_epochs, schedule.t) == (3, 1, 9)


def test_a_larger_metric_may_be_the_better_one():
    schedule = ReduceLROnPlateau(8.0, "max", factor=0.5, patience=0)

    assert rates(schedule, [1, 2, 2, 1, 3]) == [8, 8, 4, 2, 2]


@pytest.mark.parametrize(
    ("mode", "threshold_mode", "best", "enough", "too_little"),
    [
        ("min", "rel", 10, 8.9, 9.1),
        ("max", "rel", 10, 11.1, 10.9),
        ("min", "abs", 10, 9.89, 9.91),
        ("max", "abs", 10, 10.11, 10.09),
        ("min", "rel", -10, -11.1, -10.9),
        ("max", "rel", -10, -8.9, -9.1),
        ("min", "rel", 0, -0.1, 0),
    ],
)
def test_a_metric_must_be_better_by_the_threshold(
    mode, threshold_mode, best, enough, too_little
):
    for metric, expected in [(enough, metric_is_best), (too_little, metric_is_bad)]:
        schedule = ReduceLROnPlateau(
            8.0, mode, threshold=0.1, threshold_mode=threshold_mode
        )
        rates(schedule, [best, metric])

        expected(schedule, best, metric)


def metric_is_best(schedule, best, metric):
    assert (schedule.best, schedule.num_bad_epochs) == (metric, 0)


def metric_is_bad(schedule, best, metric):
    assert (schedule.best, schedule.num_bad_epochs) == (best, 1)


def test_after_a_reduction_it_waits():
    schedule = ReduceLROnPlateau(8.0, factor=0.5, patience=0, cooldown=2)

    assert rates(schedule, [1] * 8) == [8, 4, 4, 4, 2, 2, 2, 1]


def test_the_rate_does_not_go_below_the_least_one(sgd):
    schedule = ReduceLROnPlateau(
        sgd(8.0, 8.0), factor=0.25, patience=0, min_lr=[1.0, 3.0]
    )

    rates(schedule, [1] * 5)

    assert schedule.get_last_lr() == [1, 3]


def test_a_reduction_that_is_too_small_is_left_out():
    schedule = ReduceLROnPlateau(8.0, factor=0.5, patience=0, eps=3.0)

    assert rates(schedule, [1] * 4) == [8, 4, 4, 4]


def test_a_change_by_hand_is_kept(sgd):
    optimizer = sgd(8.0)
    schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    schedule.step(1)

    optimizer.param_groups[0]["lr"] = 2.0
    schedule.step(1)

    assert schedule.get_last_lr() == [1.0]


def test_a_metric_may_be_any_single_number():
    schedule = ReduceLROnPlateau(8.0)

    for metric in (3, 2.5, np.float32(2.0), np.array(1.5), Tensor(1.0), math.inf):
        schedule.step(metric)

    assert schedule.best == 1.0
    assert schedule.num_bad_epochs == 1


def test_an_infinite_metric_is_no_best_one():
    schedule = ReduceLROnPlateau(8.0)

    schedule.step(math.inf)

    assert schedule.num_bad_epochs == 1


@pytest.mark.parametrize("metric", [None, "1.0", [1.0, 2.0], np.ones(2), object()])
def test_a_metric_that_is_no_number_is_refused(metric):
    schedule = ReduceLROnPlateau(8.0)

    with pytest.raises(
        TypeError, match=r"^ReduceLROnPlateau\.step: metrics is (.|\n)*;"
    ):
        schedule.step(metric)

    assert schedule.t == 0


def test_a_metric_of_nan_is_refused_and_changes_nothing():
    schedule = ReduceLROnPlateau(8.0, patience=0)
    schedule.step(1.0)
    state = schedule.state_dict()

    with pytest.raises(
        ValueError, match="metrics is nan; it is neither better nor worse"
    ):
        schedule.step(math.nan)

    assert schedule.state_dict() == state


def test_rates_to_come_are_not_known():
    schedule = ReduceLROnPlateau(8.0)

    with pytest.raises(
        RuntimeError, match="no rate of a step that is to come; it depend"
    ):
        schedule.at(1)
    with pytest.raises(RuntimeError, match=r"call step\(metric\) and then get_last_lr"):
        schedule.rates(5)


def test_the_state_has_the_present_rates():
    schedule = ReduceLROnPlateau(8.0, factor=0.5, patience=0)
    rates(schedule, [1, 1])

    state = schedule.state_dict()

    assert (state["lrs"], state["base_lrs"], state["best"]) == ([4], [8], 1)
    for wrong, message in [
        ({"best": math.nan}, "best is nan; a number is needed"),
        ({"num_bad_epochs": -1}, "num_bad_epochs is -1; it must be at least 0"),
        ({"cooldown_counter": 0.5}, r"cooldown_counter is 0\.5; an integer is needed"),
        ({"lrs": [1.0, 2.0]}, "lrs of the state is of 2 groups; here are 1"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            schedule.load_state_dict({**state, **wrong})
        assert schedule.state_dict() == state


def test_the_defaults_are_pytorchs():
    parameters = list(inspect.signature(ReduceLROnPlateau).parameters.values())

    assert [p.default for p in parameters[1:]] == [
        *["min", 0.1, 10, 1e-4, "rel", 0, 0.0, 1e-8]
    ]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"mode": "least"}, ValueError, "mode is 'least'; it must be 'min' or 'max'"),
        ({"factor": 1.0}, ValueError, r"factor is 1\.0; .* at least 0 and below 1"),
        ({"factor": -0.1}, ValueError, r"factor is -0\.1; it must be at least 0 and"),
        ({"patience": -1}, ValueError, "patience is -1; it must be at least 0"),
        ({"patience": 1.5}, TypeError, r"patience is 1\.5; an integer is needed"),
        ({"threshold": -1}, ValueError, "threshold is -1; it must be at least 0"),
        (
            {"threshold_mode": "both"},
            ValueError,
            "threshold_mode is 'both'; it must be",
        ),
        ({"cooldown": -1}, ValueError, "cooldown is -1; it must be at least 0"),
        ({"min_lr": -1}, ValueError, "min_lr is -1; it must be at least 0"),
        ({"min_lr": [0, 0]}, ValueError, "min_lr has 2 values, and there are 1 groups"),
        ({"eps": "0"}, TypeError, "eps is '0'; a number is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    with pytest.raises(error, match=f"^ReduceLROnPlateau: {message}"):
        ReduceLROnPlateau(1.0, **options)
