"""Schedules beside PyTorch's: rates, momenta and parameters through a hundred steps.

PyTorch computes most rates from the ones before, pebblegrad from the base rate and the
step. Where that gives other rates and not only other rounding errors, both are asserted
at the end of this file.
"""

import warnings

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as their
from torch.optim import swa_utils

from pebblegrad import optim as our
from pebblegrad.autograd import Tensor


def same(name, *args, **options):
    """Return what makes one schedule of both libraries."""
    return (
        lambda o: getattr(our, name)(o, *args, **options),
        lambda o: getattr(their, name)(o, *args, **options),
    )


def sequential(parts, milestones):
    """Return what makes a sequence of both libraries."""
    return (
        lambda o: our.SequentialLR(o, [ours(o) for ours, _ in parts], milestones),
        lambda o: their.SequentialLR(o, [theirs(o) for _, theirs in parts], milestones),
    )


def chained(parts):
    """Return what makes a chain of both libraries."""
    return (
        lambda o: our.ChainedScheduler([ours(o) for ours, _ in parts]),
        lambda o: their.ChainedScheduler([theirs(o) for _, theirs in parts]),
    )


def wave(t):
    """A factor for each step."""
    return 1 + 0.3 * np.sin(t).item()


def falling(t):
    """A factor for each step."""
    return 0.95**t


CASES = {
    "StepLR": same("StepLR", 7),
    "StepLR, gamma": same("StepLR", 30, gamma=0.5),
    "MultiStepLR": same("MultiStepLR", [20, 60]),
    "MultiStepLR, gamma": same("MultiStepLR", [60, 3, 20, 20], gamma=0.7),
    "ConstantLR": same("ConstantLR"),
    "ConstantLR, options": same("ConstantLR", factor=0.2, total_iters=30),
    "LinearLR": same("LinearLR"),
    "LinearLR, start": same("LinearLR", start_factor=0.01, total_iters=50),
    "LinearLR, end": same("LinearLR", 1.0, end_factor=0.1, total_iters=120),
    "LinearLR, both": same("LinearLR", 0.9, 0.2, 80),
    "ExponentialLR": same("ExponentialLR", 0.97),
    "ExponentialLR, rising": same("ExponentialLR", gamma=1.001),
    "PolynomialLR": same("PolynomialLR", total_iters=60),
    "PolynomialLR, defaults": same("PolynomialLR"),
    "PolynomialLR, power": same("PolynomialLR", total_iters=150, power=2.5),
    "PolynomialLR, root": same("PolynomialLR", total_iters=90, power=0.5),
    "CosineAnnealingLR": same("CosineAnnealingLR", 100),
    "CosineAnnealingLR, over and over": same("CosineAnnealingLR", 13),
    "CosineAnnealingLR, eta_min": same("CosineAnnealingLR", 40, eta_min=0.01),
    "WarmRestarts": same("CosineAnnealingWarmRestarts", 10),
    "WarmRestarts, T_mult": same("CosineAnnealingWarmRestarts", 5, T_mult=2),
    "WarmRestarts, all": same("CosineAnnealingWarmRestarts", 3, 3, eta_min=0.02),
    "LambdaLR": same("LambdaLR", falling),
    "LambdaLR, each group": same("LambdaLR", [falling, wave]),
    "MultiplicativeLR": same("MultiplicativeLR", lambda t: 0.96),
    "MultiplicativeLR, each group": same("MultiplicativeLR", [wave, lambda t: 0.96]),
    "sequence of two": sequential(
        [same("LinearLR", 0.1, total_iters=10), same("CosineAnnealingLR", 90)], [10]
    ),
    "sequence of three": sequential(
        [
            same("ConstantLR", 0.1, total_iters=20),
            same("ExponentialLR", 0.9),
            same("StepLR", 10, gamma=0.5),
        ],
        [10, 40],
    ),
    "sequence with restarts": sequential(
        [
            same("LambdaLR", wave),
            same("CosineAnnealingWarmRestarts", 7, 2, 0.001),
            same("PolynomialLR", 20),
        ],
        [5, 70],
    ),
    "chain of two": chained([same("ConstantLR", 0.1, 20), same("ExponentialLR", 0.98)]),
    "chain of four": chained(
        [
            same("LinearLR", 0.2, 0.9, 30),
            same("MultiStepLR", [10, 50], 0.5),
            same("PolynomialLR", 200, 1.5),
            same("MultiplicativeLR", lambda t: 0.995),
        ]
    ),
    "chain with a cosine, to its bottom": chained(
        [same("LinearLR", 0.1, total_iters=10), same("CosineAnnealingLR", 101)]
    ),
    "SWALR": (lambda o: our.SWALR(o, 0.01), lambda o: swa_utils.SWALR(o, 0.01)),
    "SWALR, linear": (
        lambda o: our.SWALR(o, [0.01, 0.2], 30, "linear"),
        lambda o: swa_utils.SWALR(o, [0.01, 0.2], 30, "linear"),
    ),
    "SWALR, at once": (
        lambda o: our.SWALR(o, 0.01, anneal_epochs=0),
        lambda o: swa_utils.SWALR(o, 0.01, anneal_epochs=0),
    ),
}

CYCLES = {
    "OneCycleLR": same("OneCycleLR", 0.2, total_steps=120),
    "OneCycleLR, by epochs": same("OneCycleLR", 0.2, epochs=11, steps_per_epoch=10),
    "OneCycleLR, three phases": same("OneCycleLR", 0.2, 110, three_phase=True),
    "OneCycleLR, linear": same("OneCycleLR", 0.2, 101, anneal_strategy="linear"),
    "OneCycleLR, linear in three phases": same(
        "OneCycleLR", 0.1, 103, anneal_strategy="linear", three_phase=True
    ),
    "OneCycleLR, pct_start": same("OneCycleLR", 0.2, 150, pct_start=0.61),
    "OneCycleLR, no way up": same("OneCycleLR", 0.2, 150, pct_start=0.0),
    "OneCycleLR, factors": same(
        "OneCycleLR", 0.2, 150, div_factor=3.0, final_div_factor=7.0
    ),
    "OneCycleLR, momentum": same(
        "OneCycleLR", 0.2, 150, base_momentum=0.5, max_momentum=0.8
    ),
    "OneCycleLR, each group": same(
        "OneCycleLR", [0.2, 0.1], 150, base_momentum=[0.5, 0.4], max_momentum=[0.9, 0.6]
    ),
    "OneCycleLR, the momentum left alone": same(
        "OneCycleLR", 0.2, 150, cycle_momentum=False
    ),
    "CyclicLR": same("CyclicLR", 0.01, 0.2, step_size_up=15),
    "CyclicLR, defaults": same("CyclicLR", 0.01, 0.2),
    "CyclicLR, down": same("CyclicLR", 0.01, 0.2, 9, step_size_down=4),
    "CyclicLR, triangular2": same("CyclicLR", 0.01, 0.2, 8, mode="triangular2"),
    "CyclicLR, exp_range": same("CyclicLR", 0.01, 0.2, 8, mode="exp_range", gamma=0.98),
    "CyclicLR, scale of the cycle": same(
        "CyclicLR", 0.01, 0.2, 8, scale_fn=lambda cycle: 1 / cycle
    ),
    "CyclicLR, scale of the step": same(
        "CyclicLR", 0.01, 0.2, 8, scale_fn=falling, scale_mode="iterations"
    ),
    "CyclicLR, momentum": same(
        "CyclicLR", 0.01, 0.2, 8, base_momentum=0.1, max_momentum=0.7
    ),
    "CyclicLR, each group": same("CyclicLR", [0.01, 0.02], [0.2, 0.1], 8),
    "CyclicLR, the momentum left alone": same(
        "CyclicLR", 0.01, 0.2, 8, cycle_momentum=False
    ),
    "sequence of cycles": sequential(
        [
            same("CyclicLR", 0.01, 0.2, 8, max_momentum=0.7),
            same("CyclicLR", 0.02, 0.1, 5, mode="triangular2"),
        ],
        [50],
    ),
}

OPTIMIZERS = {
    "SGD": (
        lambda groups: our.SGD(groups, lr=0.1, momentum=0.9),
        lambda groups: torch.optim.SGD(groups, lr=0.1, momentum=0.9),
    ),
    "Adam": (
        lambda groups: our.Adam(groups, lr=0.1),
        lambda groups: torch.optim.Adam(groups, lr=0.1),
    ),
}

each_precision = pytest.mark.parametrize(
    ("dtype", "rtol", "atol"), [("float64", 1e-10, 1e-12), ("float32", 1e-3, 1e-4)]
)


@pytest.mark.parametrize("schedule", CASES.values(), ids=CASES)
@each_precision
def test_a_hundred_steps(schedule, dtype, rtol, atol, same_descent):
    ours, theirs = OPTIMIZERS["SGD"]

    same_descent(ours, theirs, schedule=schedule, dtype=dtype, rtol=rtol, atol=atol)


@pytest.mark.parametrize("schedule", CYCLES.values(), ids=CYCLES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@each_precision
def test_a_hundred_steps_with_momentum(
    schedule, optimizer, dtype, rtol, atol, same_descent
):
    same_descent(*optimizer, schedule=schedule, dtype=dtype, rtol=rtol, atol=atol)


class Fed:
    """A schedule that looks at a metric, and gets the next one at each step."""

    def __init__(self, schedule, metrics):
        self.schedule = schedule
        self.metrics = iter(metrics)

    def step(self):
        self.schedule.step(next(self.metrics))


PLATEAUS = {
    "defaults": {},
    "patience": {"patience": 2},
    "factor": {"patience": 1, "factor": 0.7},
    "max": {"mode": "max", "patience": 3},
    "threshold": {"patience": 4, "threshold": 0.05, "factor": 0.5},
    "absolute threshold": {"patience": 2, "threshold": 0.2, "threshold_mode": "abs"},
    "absolute threshold, max": {
        **{"mode": "max", "patience": 2, "factor": 0.5},
        **{"threshold": 0.2, "threshold_mode": "abs"},
    },
    "cooldown": {"patience": 1, "cooldown": 5, "factor": 0.8},
    "min_lr": {"patience": 1, "min_lr": 0.003},
    "min_lr, each group": {"patience": 1, "min_lr": [0.003, 0.05]},
    "eps": {"patience": 0, "eps": 0.02, "factor": 0.6},
}


@pytest.mark.parametrize("options", PLATEAUS.values(), ids=PLATEAUS)
@each_precision
def test_a_hundred_steps_with_metrics(options, dtype, rtol, atol, rng, same_descent):
    metrics = 3 * 0.95 ** np.arange(100) + 0.3 * rng.random(100)
    metrics[[30, 40]] = np.inf
    schedules = [
        lambda o, library=library: Fed(library.ReduceLROnPlateau(o, **options), metrics)
        for library in (our, their)
    ]
    ours, theirs = OPTIMIZERS["SGD"]

    same_descent(ours, theirs, schedule=schedules, dtype=dtype, rtol=rtol, atol=atol)


def both_optimizers(lr=0.1):
    """Return an SGD of each library with a parameter that has no gradient."""
    ours = our.SGD([Tensor([1.0], requires_grad=True)], lr=lr, momentum=0.9)
    theirs = torch.optim.SGD(
        [torch.tensor([1.0], requires_grad=True)], lr=lr, momentum=0.9
    )
    return ours, theirs


def rates(optimizer, schedule, steps):
    """Return the rate before and after each of some steps."""
    found = [optimizer.param_groups[0]["lr"]]
    for _ in range(steps):
        optimizer.step()
        schedule.step()
        found.append(optimizer.param_groups[0]["lr"])
    return np.array(found)


def both_rates(schedule, steps, lr=0.1):
    """Return the rates of a schedule in both libraries."""
    return [
        rates(optimizer, make(optimizer), steps)
        for optimizer, make in zip(both_optimizers(lr), schedule, strict=True)
    ]


def test_restarts_between_the_steps(agree):
    ours, theirs = both_optimizers()
    one = our.CosineAnnealingWarmRestarts(ours, 3, 2, 0.01)
    other = their.CosineAnnealingWarmRestarts(theirs, 3, 2, 0.01)
    ours.step()
    theirs.step()

    for epoch in np.arange(0, 30, 0.3).tolist():
        one.step(epoch)
        other.step(epoch)
        assert one.last_epoch == other.last_epoch
        agree(*(np.array(s.get_last_lr()) for s in (one, other)), 1e-10)


def test_a_schedule_from_a_later_step_on(agree):
    ours, theirs = both_optimizers()
    theirs.param_groups[0]["initial_lr"] = 0.1
    theirs.param_groups[0]["lr"] = 0.1 * 0.5**8
    one = our.ExponentialLR(ours, 0.5, last_epoch=7)
    other = their.ExponentialLR(theirs, 0.5, last_epoch=7)

    assert one.last_epoch == other.last_epoch == 8
    agree(rates(ours, one, 3), rates(theirs, other, 3))


def test_swalr_after_another_schedule(agree):
    found = []
    for optimizer, first, second in zip(
        both_optimizers(), (our, their), (our.SWALR, swa_utils.SWALR), strict=True
    ):
        before = first.ExponentialLR(optimizer, 0.9)
        after = second(optimizer, 0.01, anneal_epochs=10)
        found.append(
            np.append(rates(optimizer, before, 20), rates(optimizer, after, 20))
        )

    agree(*found, 1e-10)


# Known differences


def test_a_second_schedule_starts_from_the_base_rate_and_pytorchs_from_the_present(
    differ,
):
    found = []
    for optimizer, library in zip(both_optimizers(), (our, their), strict=True):
        rates(optimizer, library.ExponentialLR(optimizer, 0.5), 1)
        library.ExponentialLR(optimizer, 0.5)
        found.append(np.array(optimizer.param_groups[0]["lr"]))

    differ(*found, 0.1, 0.05)


def test_a_rate_set_by_hand_does_not_last_and_in_pytorch_it_does(differ):
    found = []
    for optimizer, library in zip(both_optimizers(), (our, their), strict=True):
        schedule = library.ExponentialLR(optimizer, 0.5)
        optimizer.step()
        optimizer.param_groups[0]["lr"] = 8.0
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*they are overwritten")
            schedule.step()
        found.append(np.array(optimizer.param_groups[0]["lr"]))

    differ(*found, 0.05, 4.0)


def test_a_constant_rate_for_no_steps_is_the_base_rate(differ):
    # PyTorch multiplies at step 0, and divides at the step total_iters, which is past.
    differ(
        *both_rates(same("ConstantLR", 0.5, total_iters=0), 2),
        [0.1, 0.1, 0.1],
        [0.05, 0.05, 0.05],
    )


def test_a_factor_of_zero_can_be_left_again():
    # PyTorch divides by it.
    make, other = same("ConstantLR", 0.0, total_iters=2)
    ours, theirs = both_optimizers()

    assert rates(ours, make(ours), 3).tolist() == [0, 0, 0.1, 0.1]
    with pytest.raises(ZeroDivisionError):
        rates(theirs, other(theirs), 3)


def test_a_line_may_start_at_zero():
    ours, theirs = both_optimizers()

    assert our.LinearLR(ours, 0.0, total_iters=2).rates(3) == [0, 0.05, 0.1]
    with pytest.raises(ValueError, match="Starting multiplicative factor expected"):
        their.LinearLR(theirs, 0.0, total_iters=2)


def test_the_step_after_one_cycle_stays_at_the_last_rate(differ):
    # PyTorch goes on along the line, here below zero.
    ours, theirs = both_rates(
        same("OneCycleLR", 0.1, 10, pct_start=0.5, anneal_strategy="linear"), 10
    )

    np.testing.assert_allclose(ours[:-1], theirs[:-1], rtol=1e-10)
    differ(ours[-1], theirs[-1], 0.1 / 25 / 1e4, -0.01999952)


def test_multiplying_in_a_sequence_starts_from_the_base_rate(differ):
    # PyTorch's goes on from the present rate, unlike all others, by lr_lambda(0).
    schedule = sequential(
        [same("ExponentialLR", 0.5), same("MultiplicativeLR", lambda t: 0.5)], [2]
    )

    differ(
        *both_rates(schedule, 4),
        [0.1, 0.05, 0.1, 0.05, 0.025],
        [0.1, 0.05, 0.025, 0.0125, 0.00625],
    )


def test_one_cycle_does_not_change_the_base_rate_of_what_goes_before(differ):
    # PyTorch's replaces initial_lr by its own first rate, 1 / 25.
    schedule = sequential(
        [same("ExponentialLR", 0.5), same("OneCycleLR", 1.0, total_steps=9)], [2]
    )

    differ(*both_rates(schedule, 2), [0.1, 0.05, 0.04], [0.04, 0.02, 0.04])


def test_a_chain_goes_through_functions_too(differ):
    # PyTorch's LambdaLR forgets the rate that it finds.
    schedule = chained([same("ExponentialLR", 0.5), same("LambdaLR", lambda t: 0.1)])

    differ(*both_rates(schedule, 2), [0.01, 0.005, 0.0025], [0.01, 0.01, 0.01])


def test_a_chained_cosine_knows_what_goes_before_as_its_base_rate(differ):
    # PyTorch's recursion applies the factor of the one before to the bottom as well.
    schedule = chained(
        [same("ExponentialLR", 0.5), same("CosineAnnealingLR", 3, eta_min=0.01)]
    )

    differ(
        *both_rates(schedule, 3),
        [0.1, 0.01 + 0.04 * 0.75, 0.01 + 0.015 * 0.25, 0.01],
        [0.1, 0.01 + 0.04 * 0.75, 0.01 + 0.01 / 3, 0.01],
    )


def test_a_sequence_may_be_part_of_a_sequence():
    # PyTorch's refuses to be made, by a warning about steps in the wrong order.
    ours, theirs = sequential(
        [
            sequential([same("StepLR", 1, 0.5), same("ConstantLR", 0.1)], [2]),
            same("ExponentialLR", 0.5),
        ],
        [3],
    )
    one, other = both_optimizers()

    np.testing.assert_allclose(ours(one).rates(5), [0.1, 0.05, 0.01, 0.1, 0.05])
    with pytest.warns(UserWarning, match="Detected call of"):
        theirs(other)


def test_a_better_negative_metric_is_a_smaller_one(differ):
    # PyTorch compares with best * (1 - threshold), which is larger if best is negative.
    found = []
    for optimizer, library in zip(both_optimizers(), (our, their), strict=True):
        schedule = library.ReduceLROnPlateau(optimizer, patience=0, threshold=0.1)
        optimizer.step()
        schedule.step(-10.0)
        schedule.step(-9.5)
        found.append(np.array(optimizer.param_groups[0]["lr"]))

    differ(*found, 0.01, 0.1)


def test_a_metric_of_nan_is_refused():
    # In PyTorch it counts as a bad step.
    ours, theirs = both_optimizers()
    other = their.ReduceLROnPlateau(theirs)

    with pytest.raises(ValueError, match="metrics is nan"):
        our.ReduceLROnPlateau(ours).step(float("nan"))
    other.step(float("nan"))
    assert other.num_bad_epochs == 1
