"""The base of the schedules: writing one, its warnings, its errors."""

import gc
import math
import weakref

import numpy as np
import pytest

from pebblegrad.optim import (
    SGD,
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LRScheduler,
    Optimizer,
    ReduceLROnPlateau,
    StepLR,
)


class InverseLR(LRScheduler):
    """A schedule as a user would write it."""

    def __init__(self, optimizer, speed=1.0, last_epoch=-1):
        self.speed = speed
        super().__init__(optimizer, last_epoch)

    def rate(self, base, t, group=0):
        return base / (1 + self.speed * t)


def test_a_subclass_is_a_formula(sgd):
    optimizer = sgd(6.0, 3.0)
    schedule = InverseLR(optimizer, speed=0.5)

    optimizer.step()
    schedule.step()
    assert schedule.get_last_lr() == [4.0, 2.0]
    assert [group["lr"] for group in optimizer.param_groups] == [4.0, 2.0]
    assert schedule.rates(5) == [6.0, 4.0, 3.0, 2.4, 2.0]
    assert schedule.at(2, group=1) == 1.5
    assert schedule.at(0.5) == 4.8
    assert repr(schedule) == "InverseLR(<SGD>, speed=0.5)"
    assert schedule.state_dict() == {"t": 1, "base_lrs": [6.0, 3.0], "speed": 0.5}


def test_the_rate_of_step_0_is_set_at_once_and_a_second_schedule_starts_again(sgd):
    optimizer = sgd(0.8)

    first = ConstantLR(optimizer, factor=0.5)
    assert optimizer.param_groups[0]["lr"] == 0.4
    optimizer.step()
    first.step()
    ExponentialLR(optimizer, gamma=0.5)

    assert optimizer.param_groups[0]["lr"] == 0.8


def test_last_epoch_is_the_step_before_the_first(sgd):
    schedule = ExponentialLR(sgd(8.0), gamma=0.5, last_epoch=1)

    assert (schedule.t, schedule.last_epoch) == (2, 2)
    assert schedule.get_last_lr() == [2.0]


def test_without_an_optimizer_it_can_be_stepped(rng):
    schedule = InverseLR(6.0)

    schedule.step()
    schedule.step()

    assert schedule.get_last_lr() == [2.0]
    assert schedule.base_lrs == [6.0]
    assert InverseLR([6.0, 3.0]).get_last_lr() == [6.0, 3.0]
    assert InverseLR(np.float32(6.0)).rates(2) == [6.0, 3.0]


def test_base_rates_may_be_an_array_with_an_axis():
    assert InverseLR(np.array([6.0, 3.0])).base_lrs == [6.0, 3.0]
    for wrong in (np.array(6.0), np.ones((2, 2))):
        with pytest.raises(TypeError, match="optimizer is a ndarray; an Optimizer is"):
            InverseLR(wrong)


def test_no_rates_are_an_empty_list():
    assert InverseLR(6.0).rates(0) == []


def test_the_groups_stay_in_sight_after_the_optimizer_loads_a_state(sgd):
    optimizer, other = sgd(8.0), sgd(2.0)
    schedule = ExponentialLR(optimizer, gamma=0.5)

    optimizer.load_state_dict(other.state_dict())
    assert schedule.base_lrs == schedule.get_last_lr() == [2.0]
    assert schedule.at(1) == 1.0


def test_a_group_that_is_added_later_gets_rates_too(sgd, parameter):
    optimizer = sgd(8.0)
    schedule = ExponentialLR(optimizer, gamma=0.5)

    optimizer.add_param_group({"params": [parameter([1.0])], "lr": 4.0})
    optimizer.step()
    schedule.step()

    assert schedule.get_last_lr() == [4.0, 2.0]


def test_the_base_rate_can_be_changed_on_the_way(sgd):
    optimizer = sgd(8.0)
    schedule = ExponentialLR(optimizer, gamma=0.5)

    optimizer.param_groups[0]["initial_lr"] = 4.0
    optimizer.step()
    schedule.step()

    assert schedule.get_last_lr() == [2.0]


def test_a_schedule_does_not_keep_an_optimizer_alive(sgd):
    optimizer = sgd(8.0)
    ExponentialLR(optimizer, gamma=0.5)
    watched = weakref.ref(optimizer)

    del optimizer
    gc.collect()

    assert watched() is None


# Warnings


def test_a_step_before_the_optimizers_first_is_warned_about(sgd):
    schedule = StepLR(sgd(0.1), 2)

    with pytest.warns(UserWarning, match=r"^StepLR\.step: the optimizer made no step"):
        schedule.step()
    schedule.step()  # said once

    assert schedule.t == 2


def test_an_optimizer_with_a_step_of_its_own_is_not_judged(parameter):
    class Restless(SGD):
        def step(self, closure=None):
            pass

    schedule = StepLR(Restless([parameter([1.0])], lr=0.1), 1)

    schedule.step()

    assert schedule.t == 1


def test_two_schedules_that_overwrite_each_other_are_warned_about(sgd):
    optimizer = sgd(8.0)
    one, other = ExponentialLR(optimizer, gamma=0.5), StepLR(optimizer, 2)

    optimizer.step()
    one.step()
    with pytest.warns(
        UserWarning, match=r"^StepLR\.step: the rates are \[4\.0\] and w"
    ):
        other.step()
    with pytest.warns(UserWarning, match=r"^ExponentialLR\.step: .* ChainedScheduler "):
        one.step()
    other.step()  # said once by each

    assert optimizer.param_groups[0]["lr"] == other.at(2)


def test_a_rate_set_by_hand_is_not_lost_without_a_word(sgd):
    optimizer = sgd(8.0)
    optimizer.param_groups[0]["lr"] = 1.0

    with pytest.warns(
        UserWarning, match=r"group 0 has lr 1\.0 and initial_lr 8\.0"
    ) as w:
        StepLR(optimizer, 2)
    assert w[0].filename == __file__
    with pytest.warns(UserWarning, match="lost: set initial_lr too") as w:
        optimizer = sgd(8.0)
        optimizer.param_groups[0]["lr"] = 1.0
        InverseLR(optimizer)
    assert w[0].filename == __file__


def test_a_plateau_keeps_the_rate_that_was_set_by_hand(sgd):
    optimizer = sgd(8.0)
    optimizer.param_groups[0]["lr"] = 1.0

    assert ReduceLROnPlateau(optimizer).get_last_lr() == [1.0]


# Errors


def test_a_rate_that_is_none_is_refused_and_nothing_is_changed(sgd):
    for wrong, error in [
        (-0.1, ValueError),
        (math.nan, ValueError),
        (math.inf, ValueError),
        (None, TypeError),
        ("0.1", TypeError),
        (np.ones(2), TypeError),
    ]:
        optimizer = sgd(8.0, 4.0)
        functions = [lambda t: 1.0, lambda t, wrong=wrong: wrong if t == 1 else 1.0]
        schedule = LambdaLR(optimizer, functions)
        optimizer.step()

        with pytest.raises(error, match=r"^LambdaLR: (lr_lambda\(1\)|the rate at)"):
            schedule.step()

        assert schedule.t == 0
        assert [group["lr"] for group in optimizer.param_groups] == [8.0, 4.0]


def test_a_rate_that_is_too_large_is_refused():
    schedule = ExponentialLR(1.0, gamma=10.0)

    assert schedule.at(300) == 1e300
    with pytest.raises(
        ValueError, match="the rate at step 400 is too large for a float"
    ):
        schedule.at(400)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.at(-1), ValueError, "t is -1; it must be at least 0"),
        (lambda s: s.at(math.nan), ValueError, "t is nan; it must be at least 0"),
        (lambda s: s.at("1"), TypeError, "t is '1'; a number is needed"),
        (lambda s: s.at(1, group=1), ValueError, "group is 1; .* from 0 to 0"),
        (lambda s: s.at(1, group=-1), ValueError, "group is -1; it must be at least"),
        (lambda s: s.rates(-1), ValueError, "steps is -1; it must be at least 0"),
        (lambda s: s.rates(2.0), TypeError, r"steps is 2\.0; an integer is needed"),
        (
            lambda s: ExponentialLR(1.0, 0.5, last_epoch=-2),
            ValueError,
            "last_epoch is -2; it must be at least -1",
        ),
    ],
)
def test_wrong_calls_are_refused(call, error, message):
    with pytest.raises(error, match=f"^ExponentialLR: {message}"):
        call(ExponentialLR(1.0, 0.5))


def test_only_a_plateau_takes_a_metric():
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        ExponentialLR(1.0, 0.5).step(0.3)


def test_a_schedule_given_for_an_optimizer_is_refused():
    with pytest.raises(
        TypeError, match="optimizer is a StepLR; an Optimizer is needed"
    ):
        ExponentialLR(StepLR(1.0, 2), 0.5)


def test_an_optimizer_without_a_rate_is_refused(parameter):
    class Still(Optimizer):
        """Has no options."""

    with pytest.raises(ValueError, match="Still has no option lr; there is no rate to"):
        StepLR(Still([parameter([1.0])]), 2)


def test_a_schedule_without_a_formula_is_refused():
    with pytest.raises(NotImplementedError, match="LRScheduler: rate is not written"):
        LRScheduler(1.0)


def test_an_option_under_another_name_is_told_of():
    class Careless(LRScheduler):
        def __init__(self, optimizer, speed):
            self.velocity = speed
            super().__init__(optimizer)

        def rate(self, base, t, group=0):
            return base

    with pytest.raises(
        AttributeError, match="there is no attribute speed; each option"
    ):
        Careless(1.0, 2).state_dict()


def test_the_state_of_another_schedule_is_refused():
    message = (
        "^StepLR: the state has base_lrs, gamma, t; here it has base_lrs, gamma, "
        "step_size, t: it is of another schedule, or of another version$"
    )

    with pytest.raises(ValueError, match=message):
        StepLR(1.0, 2).load_state_dict(ExponentialLR(1.0, 0.5).state_dict())


def test_a_state_takes_its_options_along_and_they_are_checked():
    schedule = StepLR(1.0, 2, gamma=0.5)

    schedule.load_state_dict({"t": 3, "base_lrs": [4.0], "step_size": 3, "gamma": 0.25})
    assert (schedule.step_size, schedule.gamma) == (3, 0.25)
    assert schedule.get_last_lr() == [1.0]
    with pytest.raises(ValueError, match="step_size is 0; it must be at least 1"):
        schedule.load_state_dict({**schedule.state_dict(), "step_size": 0})
    assert schedule.step_size == 3
