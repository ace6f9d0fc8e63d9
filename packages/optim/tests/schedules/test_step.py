"""StepLR and MultiStepLR: rates worked by hand, and errors."""

import pytest

from pebblegrad.optim import MultiStepLR, StepLR


def test_rates_of_steps_by_hand():
    assert StepLR(8.0, 3, gamma=0.5).rates(8) == [8, 8, 8, 4, 4, 4, 2, 2]
    assert StepLR(8.0, 1, gamma=0.5).rates(3) == [8, 4, 2]
    assert StepLR(8.0, 2, gamma=0).rates(4) == [8, 8, 0, 0]
    assert StepLR(1.0, 1).gamma == 0.1


def test_rates_of_milestones_by_hand():
    assert MultiStepLR(8.0, [2, 4], gamma=0.5).rates(6) == [8, 8, 4, 4, 2, 2]
    assert MultiStepLR(1.0, [1]).gamma == 0.1


def test_milestones_may_come_in_any_order_twice_at_once_and_not_at_all():
    schedule = MultiStepLR(8.0, (4, 0, 4), gamma=0.5)

    assert schedule.milestones == [0, 4, 4]
    assert schedule.rates(6) == [4, 4, 4, 4, 1, 1]
    assert MultiStepLR(8.0, []).rates(2) == [8, 8]
    assert MultiStepLR(8.0, range(1, 3), 0.5).rates(3) == [8, 4, 2]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: StepLR(1.0, 0), ValueError, "StepLR: step_size is 0; .* at least 1"),
        (lambda: StepLR(1.0, 2.0), TypeError, r"StepLR: step_size is 2\.0; an integer"),
        (lambda: StepLR(1.0, 2, -0.1), ValueError, r"StepLR: gamma is -0\.1; it must"),
        (lambda: StepLR(1.0, 2, None), TypeError, "StepLR: gamma is None; a number"),
        (lambda: MultiStepLR(1.0, 5), TypeError, "milestones is 5; a list of integers"),
        (lambda: MultiStepLR(1.0, "5"), TypeError, "milestones is '5'; a list of int"),
        (
            lambda: MultiStepLR(1.0, [1, -2]),
            ValueError,
            r"MultiStepLR: milestones\[1\] is -2; it must be at least 0",
        ),
        (
            lambda: MultiStepLR(1.0, [0.5]),
            TypeError,
            r"milestones\[0\] is 0\.5; an int",
        ),
        (lambda: MultiStepLR(1.0, [1], -1), ValueError, "MultiStepLR: gamma is -1; it"),
    ],
)
def test_options_out_of_range_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
