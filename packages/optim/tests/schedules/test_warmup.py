"""WarmupLR: rates worked by hand, and errors."""

import pytest

from pebblegrad.optim import OneCycleLR, ReduceLROnPlateau, StepLR, WarmupLR


def test_rates_by_hand():
    assert WarmupLR(8.0, 4).rates(6) == [2, 4, 6, 8, 8, 8]
    assert WarmupLR(8.0, 1).rates(2) == [8, 8]
    assert WarmupLR(8.0, 0).rates(2) == [8, 8]


def test_the_steps_of_what_follows_are_counted_from_the_end_of_the_warm_up():
    after = StepLR(8.0, 2, gamma=0.5)

    assert WarmupLR(8.0, 2, after).rates(7) == [4, 8, 8, 8, 4, 4, 2]
    assert WarmupLR(8.0, 0, after).rates(5) == after.rates(5)
    assert after.t == 0


def test_between_two_steps_the_rate_does_not_pass_the_base_rate():
    assert WarmupLR(8.0, 4).at(3.5) == 8


def test_the_momentum_of_what_follows_is_there_from_the_start(sgd):
    optimizer = sgd(8.0, momentum=0.5)
    after = OneCycleLR(optimizer, 8.0, total_steps=5, max_momentum=0.75)

    WarmupLR(optimizer, 3, after)

    assert optimizer.param_groups[0]["momentum"] == 0.75


@pytest.mark.parametrize(
    ("steps", "after", "error", "message"),
    [
        (-1, None, ValueError, "warmup_steps is -1; it must be at least 0"),
        (2.0, None, TypeError, r"warmup_steps is 2\.0; an integer is needed"),
        (2, StepLR, TypeError, "after is a type; a schedule is needed"),
        (2, ReduceLROnPlateau(1.0), TypeError, "after is a ReduceLROnPlateau, whose"),
    ],
)
def test_options_out_of_range_are_refused(steps, after, error, message):
    with pytest.raises(error, match=f"^WarmupLR: {message}"):
        WarmupLR(1.0, steps, after)


def test_what_follows_must_be_over_the_same_optimizer(sgd):
    with pytest.raises(
        ValueError, match=r"^WarmupLR: after, a StepLR, was made over no "
    ):
        WarmupLR(sgd(1.0), 2, StepLR(1.0, 2))
    with pytest.raises(ValueError, match="over another optimizer; needed is none"):
        WarmupLR(1.0, 2, StepLR(sgd(1.0), 2))
