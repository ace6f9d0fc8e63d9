"""SequentialLR and ChainedScheduler: rates worked by hand, and errors."""

import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.optim import (
    SGD,
    ChainedScheduler,
    ConstantLR,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)


def test_rates_one_after_the_other_by_hand():
    schedule = SequentialLR(
        8.0,
        [ConstantLR(8.0, 0.25), LinearLR(8.0, 0.5, total_iters=2), StepLR(8.0, 1, 0.5)],
        milestones=[2, 5],
    )

    assert schedule.rates(8) == [2, 2, 4, 6, 8, 8, 4, 2]


def test_a_single_schedule_is_a_sequence_too():
    assert SequentialLR(8.0, [StepLR(8.0, 1, 0.5)], []).rates(3) == [8, 4, 2]


def test_the_momentum_moves_while_its_schedule_is_followed(sgd):
    optimizer = sgd(8.0, momentum=0.5)
    cyclic = CyclicLR(
        optimizer, 1.0, 2.0, step_size_up=2, base_momentum=0.25, max_momentum=0.75
    )
    schedule = SequentialLR(optimizer, [cyclic, ConstantLR(optimizer)], [2])
    seen = []

    for _ in range(4):
        seen.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        schedule.step()

    assert seen == [0.75, 0.5, 0.5, 0.5]


def test_factors_in_a_chain_are_multiplied():
    schedule = ChainedScheduler([ConstantLR(8.0, 0.5, 2), ExponentialLR(8.0, 0.5)])

    assert schedule.rates(4) == [4, 2, 2, 1]


def test_a_chain_goes_through_every_formula_in_order():
    def half_and_one_more(t):
        return 0.5

    forth = [LambdaLR(8.0, half_and_one_more), LinearLR(8.0, 0.5, total_iters=2)]

    assert ChainedScheduler(forth).rates(3) == [2, 3, 4]
    # OneCycleLR does not look at the rate that it is given.
    cycle = OneCycleLR(1.0, 1.0, total_steps=9, cycle_momentum=False)
    assert ChainedScheduler([StepLR(8.0, 1), cycle]).rates(9) == cycle.rates(9)
    assert ChainedScheduler([cycle, ConstantLR(1.0, 0.5, 99)]).at(3) == cycle.at(3) / 2


def test_the_last_momentum_of_a_chain_counts(sgd):
    optimizer = sgd(8.0, momentum=0.5)
    cycles = [
        OneCycleLR(optimizer, 1.0, total_steps=9, max_momentum=high)
        for high in (0.75, 0.625)
    ]

    ChainedScheduler([*cycles, StepLR(optimizer, 1)])

    assert optimizer.param_groups[0]["momentum"] == 0.625


def test_a_chain_takes_its_optimizer_from_the_first_schedule(sgd):
    optimizer = sgd(8.0)
    schedules = [ConstantLR(optimizer, 0.5), ExponentialLR(optimizer, 0.5)]

    assert ChainedScheduler(schedules).optimizer is optimizer
    assert ChainedScheduler(schedules, optimizer).optimizer is optimizer
    assert ChainedScheduler([ConstantLR(8.0, 0.5)]).base_lrs == [8]
    assert ChainedScheduler([ConstantLR(8.0, 0.5)], 4.0).rates(1) == [2]


def test_combinations_can_be_combined():
    inner = ChainedScheduler([ConstantLR(8.0, 0.5, 2), ExponentialLR(8.0, 0.5)])
    outer = SequentialLR(8.0, [StepLR(8.0, 1, 0.5), inner], [2])

    assert outer.rates(6) == [8, 4, 4, 2, 2, 1]
    other = SequentialLR(8.0, [StepLR(8.0, 1, 0.9), inner], [3])
    outer.step()
    other.load_state_dict(outer.state_dict())
    assert other.rates(6) == outer.rates(6)
    assert other.schedulers[1] is inner


def test_a_state_of_other_parts_changes_nothing():
    schedule = SequentialLR(8.0, [StepLR(8.0, 1, 0.5), ExponentialLR(8.0, 0.5)], [2])
    state = schedule.state_dict()
    first, second = state["schedulers"]

    for parts, message in [
        ([second, first], "^StepLR: the state has base_lrs, gamma, t; here it has"),
        ([first], r"^SequentialLR: schedulers of the state is \[.*\]; a list of 2 "),
        (None, "^SequentialLR: schedulers of the state is None; a list of 2 states"),
        (
            [{**first, "gamma": 0.9}, {**second, "gamma": -1}],
            "^ExponentialLR: gamma is",
        ),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            schedule.load_state_dict({**state, "schedulers": parts})
        assert schedule.state_dict() == state


@pytest.mark.parametrize(
    ("schedulers", "milestones", "error", "message"),
    [
        ([], [], ValueError, "schedulers is empty; at least one is needed"),
        (StepLR(1.0, 1), [], TypeError, "schedulers is a StepLR; a list of schedules"),
        ([StepLR(1.0, 1), 0.1], [1], TypeError, r"schedulers\[1\] is a float; a sched"),
        (
            [StepLR(1.0, 1), ReduceLROnPlateau(1.0)],
            [1],
            TypeError,
            r"schedulers\[1\] is a ReduceLROnPlateau, whose rates depend on a metric",
        ),
        (
            [StepLR(1.0, 1)] * 3,
            [5],
            ValueError,
            "there are 3 schedulers and 1 milestones; 2 milestones are needed",
        ),
        (
            [StepLR(1.0, 1)] * 3,
            [5, 5],
            ValueError,
            r"milestones is \[5, 5\]; they must",
        ),
        (
            [StepLR(1.0, 1)] * 3,
            [5, 2],
            ValueError,
            r"milestones is \[5, 2\]; they must",
        ),
        ([StepLR(1.0, 1)] * 2, [0], ValueError, r"milestones\[0\] is 0; it must be at"),
        ([StepLR(1.0, 1)] * 2, 5, TypeError, "milestones is 5; a list of integers"),
    ],
)
def test_parts_that_do_not_fit_are_refused(schedulers, milestones, error, message):
    with pytest.raises(error, match=f"^SequentialLR: {message}"):
        SequentialLR(1.0, schedulers, milestones)


def test_parts_over_another_optimizer_are_refused(sgd):
    one, other = sgd(1.0), sgd(1.0)

    with pytest.raises(
        ValueError, match=r"^SequentialLR: schedulers\[0\], a StepLR, was"
    ):
        SequentialLR(one, [StepLR(other, 2)], [])
    with pytest.raises(
        ValueError, match=r"^ChainedScheduler: schedulers\[1\], a StepLR"
    ):
        ChainedScheduler([StepLR(one, 2), StepLR(other, 2)])
    with pytest.raises(
        ValueError, match="over no optimizer; needed is the SGD that is"
    ):
        ChainedScheduler([StepLR(one, 2), StepLR(1.0, 2)])
    with pytest.raises(ValueError, match="schedulers is empty"):
        ChainedScheduler([])


@pytest.mark.parametrize("optimizer_first", [True, False])
@pytest.mark.parametrize("steps", [1, 3, 4, 6])
def test_the_momentum_of_a_member_that_is_over_does_not_come_back(
    optimizer_first, steps
):
    def made():
        p = Tensor([1.0], requires_grad=True)
        optimizer = SGD([p], lr=1.0, momentum=0.7)
        cycle = OneCycleLR(optimizer, 1.0, total_steps=5)
        decay = ExponentialLR(optimizer, 0.9)
        return p, optimizer, SequentialLR(optimizer, [cycle, decay], [3])

    def go_on(p, optimizer, schedule):
        p.grad = [1.0]
        optimizer.step()
        schedule.step()

    whole = made()
    for _ in range(steps):
        go_on(*whole)
    resumed = made()
    parts = list(zip(resumed[1:], whole[1:], strict=True))
    for one, other in parts if optimizer_first else reversed(parts):
        one.load_state_dict(other.state_dict())

    for _ in range(3):
        groups = [made[1].param_groups[0] for made in (whole, resumed)]
        assert groups[0]["momentum"] == groups[1]["momentum"]
        assert groups[0]["lr"] == groups[1]["lr"]
        for made_one in (whole, resumed):
            go_on(*made_one)
