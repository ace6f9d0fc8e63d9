"""The cosine schedules: rates worked by hand, and errors."""

import math

import numpy as np
import pytest

from pebblegrad.optim import CosineAnnealingLR, CosineAnnealingWarmRestarts

HALF = math.sqrt(0.5)  # the cosine of an eighth of a turn


def test_rates_of_half_a_cosine_by_hand():
    expected = [1, (1 + HALF) / 2, 0.5, (1 - HALF) / 2, 0]

    rates = CosineAnnealingLR(1.0, T_max=4).rates(9)

    np.testing.assert_allclose(rates, expected + expected[-2::-1], atol=1e-15)
    assert rates[0] == 1
    assert rates[4] == 0


def test_the_bottom_can_be_raised():
    np.testing.assert_allclose(
        CosineAnnealingLR(3.0, T_max=2, eta_min=1.0).rates(4), [3, 2, 1, 2], rtol=1e-15
    )
    # Also above the base rate.
    np.testing.assert_allclose(
        CosineAnnealingLR(1.0, T_max=2, eta_min=3.0).rates(3), [1, 2, 3], rtol=1e-15
    )


def test_restarts_by_hand():
    rates = CosineAnnealingWarmRestarts(3.0, T_0=2, eta_min=1.0).rates(5)

    np.testing.assert_allclose(rates, [3, 2, 3, 2, 3], rtol=1e-15)


def test_restarts_are_exactly_at_the_end_of_each_period():
    # PyTorch finds the period by a logarithm, which is 4.999... for 3**5.
    for T_mult, restarts in [(1, range(0, 500, 5)), (2, [5, 15, 35, 75, 155, 315])]:
        schedule = CosineAnnealingWarmRestarts(1.0, T_0=5, T_mult=T_mult)

        assert [t for t in range(1, 500) if schedule.at(t) == 1] == [
            t for t in restarts if t
        ]
    schedule = CosineAnnealingWarmRestarts(1.0, T_0=1, T_mult=3)
    assert [t for t in range(500) if schedule.at(t) == 1] == [0, 1, 4, 13, 40, 121, 364]


def test_restarts_can_be_stepped_to_any_point_in_time(sgd):
    optimizer = sgd(1.0)
    schedule = CosineAnnealingWarmRestarts(optimizer, T_0=2)
    optimizer.step()

    schedule.step(0.5)
    np.testing.assert_allclose(schedule.get_last_lr(), (1 + HALF) / 2)
    assert (schedule.t, schedule.last_epoch) == (0.5, 0)
    schedule.step()
    np.testing.assert_allclose(schedule.get_last_lr(), (1 - HALF) / 2)
    assert schedule.t == 1.5
    schedule.step(2)
    assert schedule.get_last_lr() == [1.0]
    for wrong in (-1, math.nan):
        with pytest.raises(ValueError, match=r"epoch is .*; it must be at least 0"):
            schedule.step(wrong)
    assert schedule.t == 2


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: CosineAnnealingLR(1.0, 0),
            ValueError,
            "^CosineAnnealingLR: T_max is 0",
        ),
        (lambda: CosineAnnealingLR(1.0, 9.0), TypeError, r"T_max is 9\.0; an integer"),
        (
            lambda: CosineAnnealingLR(1.0, 9, -1),
            ValueError,
            "eta_min is -1; it must be",
        ),
        (
            lambda: CosineAnnealingWarmRestarts(1.0, 0),
            ValueError,
            "^CosineAnnealingWarmRestarts: T_0 is 0; it must be at least 1",
        ),
        (
            lambda: CosineAnnealingWarmRestarts(1.0, 5, 0),
            ValueError,
            "T_mult is 0; it must be at least 1",
        ),
        (
            lambda: CosineAnnealingWarmRestarts(1.0, 5, 1.5),
            TypeError,
            r"T_mult is 1\.5; an integer is needed",
        ),
        (
            lambda: CosineAnnealingWarmRestarts(1.0, 5, eta_min=None),
            TypeError,
            "eta_min is None; a number is needed",
        ),
    ],
)
def test_options_out_of_range_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
