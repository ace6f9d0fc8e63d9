"""What every schedule must do, by one table.

Adding a schedule is: its file and a row in `cases.py`. `test_every_schedule_is_here`
fails without it.
"""

import copy
import json
import pickle

import numpy as np
import pytest

from pebblegrad import optim
from pebblegrad.optim import SGD, Adam, LRScheduler, ReduceLROnPlateau

from .cases import FORMULAS, SCHEDULES, STEPS

each_schedule = pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
each_formula = pytest.mark.parametrize("make", FORMULAS.values(), ids=FORMULAS)

# For those that look at one; it gets better, stays, gets worse and better again.
METRICS = [3, 2, 2, 2, 2, 2.5, 2.5, 1, 1, 1, 1, 1.5, 0.4, 0.4, 0.4, 0.3, 0.3, 0.3, 0.3]


def advance(schedule):
    """Make a step of the optimizer, if there is one, and then of the schedule."""
    if schedule.optimizer is not None:
        schedule.optimizer.step()
    if isinstance(schedule, ReduceLROnPlateau):
        schedule.step(METRICS[schedule.t])
    else:
        schedule.step()


def rates_and_momenta(schedule, steps):
    """Return what the groups have, before and after each of some steps."""
    found = [written(schedule)]
    for _ in range(steps):
        advance(schedule)
        found.append(written(schedule))
    return found


def written(schedule):
    """Return what a schedule wrote: the rates, and momenta if there are any."""
    groups = schedule._groups
    return [
        (group["lr"], group.get("momentum"), group.get("betas")) for group in groups
    ]


def test_every_schedule_is_here():
    public = [getattr(optim, name) for name in optim.__all__]
    schedules = [
        c for c in public if isinstance(c, type) and issubclass(c, LRScheduler)
    ]

    assert {type(make(1.0)) for make in SCHEDULES.values()} == (
        set(schedules) - {LRScheduler}
    )
    assert {c.__name__ for c in schedules} == set(optim.schedules.__all__)


@each_formula
def test_the_formula_gives_the_rates_that_stepping_gives(make, sgd):
    schedule = make(sgd(0.2, momentum=0.5))
    told = schedule.rates(STEPS)

    for t in range(STEPS):
        assert schedule.t == schedule.last_epoch == t
        assert schedule.get_last_lr() == [told[t]] == [schedule.at(t)]
        assert schedule.optimizer.param_groups[0]["lr"] == told[t]
        if t < STEPS - 1:
            advance(schedule)


@each_formula
def test_the_rates_are_numbers_that_change(make):
    rates = make(0.2).rates(STEPS)

    assert all(type(rate) is float and 0 <= rate <= 0.5 for rate in rates)
    assert len(set(rates)) > 1


@each_schedule
def test_without_an_optimizer_the_rates_are_the_same(make, sgd):
    over, alone = make(sgd(0.2, momentum=0.5)), make(0.2)

    assert alone.optimizer is None
    for _ in range(STEPS - 1):
        assert alone.get_last_lr() == over.get_last_lr()
        advance(over)
        advance(alone)
    assert alone.get_last_lr() == over.get_last_lr()


@each_formula
def test_at_changes_nothing(make, sgd):
    schedule = make(sgd(0.2, 0.3, momentum=0.5))
    undisturbed = make(sgd(0.2, 0.3, momentum=0.5))

    for _ in range(STEPS - 1):
        advance(undisturbed)
        advance(schedule)
        before = schedule.state_dict(), written(schedule)
        for t in (STEPS - 1, 0, 7, 2.5):
            schedule.at(t)
            schedule.at(t, group=1)
        schedule.rates(3)

        assert (schedule.state_dict(), written(schedule)) == before
        assert written(schedule) == written(undisturbed)


@each_schedule
def test_each_group_has_a_base_rate_of_its_own(make, sgd):
    together = make(sgd(0.2, 0.05, momentum=0.5))
    apart = [make(sgd(rate, momentum=0.5)) for rate in (0.2, 0.05)]

    assert together.base_lrs == [0.2, 0.05]
    for _ in range(STEPS - 1):
        for schedule in (together, *apart):
            advance(schedule)
        assert written(together) == [written(one)[0] for one in apart]


@each_schedule
def test_adam_gets_the_rates_too_and_its_first_beta_is_cycled(make, sgd, parameter):
    schedule = make(Adam([parameter([1.0])], lr=0.2, betas=(0.5, 0.75)))
    other = make(sgd(0.2, momentum=0.5))

    for _ in range(STEPS - 1):
        advance(schedule)
        advance(other)

        ((rate, momentum, betas),) = written(schedule)
        assert momentum is None
        assert [(rate, betas[0], None)] == written(other)
        assert betas[1] == 0.75


@each_schedule
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_parameters_keep_their_dtype(make, dtype, parameter):
    p = parameter([1.0, -2.0], dtype=dtype)
    schedule = make(SGD([p], lr=np.float64(0.2)))

    for i in range(STEPS - 1):
        p.grad = np.array([0.5, i], dtype)
        advance(schedule)

        assert p.dtype == dtype
        assert np.all(np.isfinite(p.data))


@each_formula
def test_a_rate_of_numpys_becomes_a_plain_one(make, parameter):
    schedule = make(SGD([parameter([1.0])], lr=np.float32(0.25)))

    assert type(schedule.optimizer.param_groups[0]["lr"]) is float
    advance(schedule)
    assert type(schedule.optimizer.param_groups[0]["lr"]) is float


@each_schedule
@pytest.mark.parametrize("over", ["an optimizer", "numbers"])
@pytest.mark.parametrize("done", [0, 1, 5, 13])
def test_a_state_is_plain_and_the_rates_go_on_from_it_to_the_bit(make, over, done, sgd):
    def source():
        rates = (0.2, 0.05)
        return sgd(*rates, momentum=0.5) if over == "an optimizer" else list(rates)

    whole, first, second = make(source()), make(source()), make(source())
    expected = rates_and_momenta(whole, STEPS - 1)[done:]
    rates_and_momenta(first, done)
    state = json.loads(json.dumps(first.state_dict()))
    optimizers = first.optimizer, second.optimizer
    if second.optimizer is not None:
        second.optimizer.load_state_dict(first.optimizer.state_dict())
    second.load_state_dict(state)

    assert optimizers == (first.optimizer, second.optimizer)
    assert second.t == done
    assert second.state_dict() == first.state_dict()
    assert rates_and_momenta(second, STEPS - 1 - done) == expected


@each_schedule
def test_a_state_brings_its_base_rates_along(make, sgd):
    first, second = make(sgd(0.2, momentum=0.5)), make(sgd(0.9, momentum=0.5))
    rates_and_momenta(first, 4)

    second.load_state_dict(first.state_dict())

    assert second.base_lrs == [0.2]
    assert second.optimizer.param_groups[0]["initial_lr"] == 0.2
    assert second.get_last_lr() == first.get_last_lr()


@each_schedule
def test_a_state_is_a_copy(make, sgd):
    first, second = make(sgd(0.2, momentum=0.5)), make(sgd(0.2, momentum=0.5))
    rates_and_momenta(first, 2)
    state = first.state_dict()
    before = copy.deepcopy(state)

    second.load_state_dict(state)
    rates_and_momenta(first, 3)
    rates_and_momenta(second, 5)

    assert state == before


def wrong_states(state):
    """Yield states that do not fit, and what must be said of each."""
    yield [state], "the state is a list; a dict is needed"
    yield {**state, "warmth": 1}, "the state has .*warmth.*; here it has "
    yield {k: v for k, v in state.items() if k != "t"}, "the state has .*; here it has"
    yield {**state, "t": -1}, "t is -1; it must be at least 0"
    yield {**state, "t": "2"}, "t is '2'; a number is needed"
    yield {**state, "t": float("nan")}, "t is nan; it must be at least 0"
    yield {**state, "base_lrs": 0.1}, r"base_lrs is 0\.1; a list of numbers is needed"
    yield {**state, "base_lrs": [-0.1]}, r"base_lrs\[0\] is -0\.1; it must be at least"
    yield (
        {**state, "base_lrs": [0.1, 0.2, 0.3]},
        "base_lrs of the state is of 3 groups; here are 1",
    )
    for name in state.keys() - {"t", "base_lrs"}:
        yield (
            {**state, name: {"never": "right"}},
            f"{name}|total_steps|the state has never",
        )


@each_schedule
def test_a_state_that_does_not_fit_changes_nothing(make, sgd):
    schedule = make(sgd(0.2, momentum=0.5))
    rates_and_momenta(schedule, 3)
    state, before = schedule.state_dict(), written(schedule)

    for wrong, message in wrong_states(state):
        with pytest.raises((TypeError, ValueError), match=message):
            schedule.load_state_dict(wrong)
        assert schedule.state_dict() == state
        assert written(schedule) == before


@each_schedule
def test_the_text_is_the_call_that_makes_it(make, sgd):
    schedule = make(sgd(0.25))
    name = type(schedule).__name__

    assert repr(schedule).startswith(f"{name}(<SGD>, ")
    assert repr(make(0.25)).startswith(f"{name}(0.25, ")
    assert repr(make([0.25, 0.5])).startswith(f"{name}([0.25, 0.5], ")


@each_schedule
def test_copies_go_on_alone(make, sgd):
    schedule = make(sgd(0.2, momentum=0.5))
    rates_and_momenta(schedule, 3)
    before = schedule.get_last_lr()

    twin = copy.deepcopy(schedule)
    found = rates_and_momenta(twin, 5)

    assert schedule.get_last_lr() == before
    assert found == rates_and_momenta(schedule, 5)


@pytest.mark.parametrize(
    "name", [n for n in SCHEDULES if n not in ("LambdaLR", "MultiplicativeLR")]
)
def test_schedules_without_an_optimizer_can_be_pickled(name):
    if name == "CyclicLR by a function":
        schedule = optim.CyclicLR(0.2, 0.1, 0.3, scale_fn=float)
    else:
        schedule = SCHEDULES[name](0.2)

    twin = pickle.loads(pickle.dumps(schedule))

    assert rates_and_momenta(twin, 5) == rates_and_momenta(schedule, 5)


@each_schedule
def test_something_that_is_no_optimizer_is_refused(make):
    for wrong in (None, "SGD", {"lr": 0.1}, object(), True, [0.1, "a"], range(3)):
        with pytest.raises(TypeError, match="an Optimizer is needed, or a number"):
            make(wrong)
    with pytest.raises(ValueError, match="the list of base rates is empty"):
        make([])
    for wrong in (-0.1, float("nan"), float("inf")):
        with pytest.raises(
            ValueError, match=r"the base rate is .*; it must be at least"
        ):
            make(wrong)
