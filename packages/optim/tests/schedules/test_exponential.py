"""ExponentialLR: rates worked by hand, and errors."""

import pytest

from pebblegrad.optim import ExponentialLR


def test_rates_by_hand():
    assert ExponentialLR(8.0, 0.5).rates(4) == [8, 4, 2, 1]
    assert ExponentialLR(1.0, 2).rates(4) == [1, 2, 4, 8]
    assert ExponentialLR(8.0, 0).rates(3) == [8, 0, 0]


@pytest.mark.parametrize(
    ("gamma", "error", "message"),
    [
        (-0.5, ValueError, r"gamma is -0\.5; it must be at least 0, finite"),
        (float("inf"), ValueError, "gamma is inf; it must be at least 0, finite"),
        ("0.5", TypeError, r"gamma is '0\.5'; a number is needed"),
    ],
)
def test_options_out_of_range_are_refused(gamma, error, message):
    with pytest.raises(error, match=f"^ExponentialLR: {message}"):
        ExponentialLR(1.0, gamma)
