"""The table of schedules: every way of making every one that the tests go through.

Adding a schedule is: its file and a row here. A row makes the schedule of an optimizer,
or of base rates; schedules in it are made of the same.
"""

from pebblegrad.optim import (
    SWALR,
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
    WarmupLR,
)

STEPS = 20

SCHEDULES = {
    "StepLR": lambda o: StepLR(o, 3, gamma=0.7),
    "MultiStepLR": lambda o: MultiStepLR(o, [2, 9, 9], gamma=0.3),
    "ConstantLR": lambda o: ConstantLR(o, factor=0.3, total_iters=4),
    "LinearLR": lambda o: LinearLR(o, start_factor=0.1, end_factor=0.7, total_iters=7),
    "ExponentialLR": lambda o: ExponentialLR(o, gamma=0.9),
    "PolynomialLR": lambda o: PolynomialLR(o, total_iters=11, power=1.5),
    "CosineAnnealingLR": lambda o: CosineAnnealingLR(o, T_max=8, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda o: CosineAnnealingWarmRestarts(
        o, T_0=3, T_mult=2, eta_min=0.01
    ),
    "OneCycleLR": lambda o: OneCycleLR(o, max_lr=0.4, total_steps=STEPS),
    "OneCycleLR in three phases": lambda o: OneCycleLR(
        o,
        max_lr=0.4,
        epochs=5,
        steps_per_epoch=4,
        three_phase=True,
        anneal_strategy="linear",
        cycle_momentum=False,
    ),
    "CyclicLR": lambda o: CyclicLR(o, 0.1, 0.3, step_size_up=3, step_size_down=4),
    "CyclicLR, shrinking": lambda o: CyclicLR(
        o, 0.1, 0.3, step_size_up=4, mode="exp_range", gamma=0.9, cycle_momentum=False
    ),
    "CyclicLR by a function": lambda o: CyclicLR(
        o, 0.1, 0.3, step_size_up=4, scale_fn=lambda cycle: 1 / cycle
    ),
    "ReduceLROnPlateau": lambda o: ReduceLROnPlateau(
        o, factor=0.5, patience=1, cooldown=1
    ),
    "ReduceLROnPlateau of the largest": lambda o: ReduceLROnPlateau(
        o, mode="max", patience=0, threshold=0.5, threshold_mode="abs", min_lr=0.004
    ),
    "LambdaLR": lambda o: LambdaLR(o, lambda t: 1 / (1 + t)),
    "MultiplicativeLR": lambda o: MultiplicativeLR(o, lambda t: 1 - 1 / (t + 9)),
    "WarmupLR": lambda o: WarmupLR(o, 5),
    "WarmupLR with more": lambda o: WarmupLR(o, 5, after=CosineAnnealingLR(o, 12)),
    "SequentialLR": lambda o: SequentialLR(
        o, [LinearLR(o), StepLR(o, 2), ExponentialLR(o, 0.8)], [4, 11]
    ),
    "SequentialLR with momentum": lambda o: SequentialLR(
        o, [ConstantLR(o), OneCycleLR(o, 0.5, total_steps=STEPS)], [6]
    ),
    "ChainedScheduler": lambda o: ChainedScheduler(
        [ConstantLR(o, 0.1, 3), WarmupLR(o, 2, MultiStepLR(o, [5], 0.5))]
    ),
    "SWALR": lambda o: SWALR(o, swa_lr=0.05, anneal_epochs=6),
}

# Those of which the rate can be told beforehand.
FORMULAS = {
    name: make
    for name, make in SCHEDULES.items()
    if not isinstance(make(1.0), ReduceLROnPlateau)
}
