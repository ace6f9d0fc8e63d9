"""ConstantLR: rates worked by hand, and errors."""

import inspect

import pytest

from pebblegrad.optim import ConstantLR


def test_rates_by_hand():
    assert ConstantLR(8.0, 0.25, total_iters=3).rates(5) == [2, 2, 2, 8, 8]
    assert ConstantLR(8.0, 0.25, total_iters=0).rates(2) == [8, 8]
    assert ConstantLR(8.0, 0, total_iters=1).rates(2) == [0, 8]
    assert ConstantLR(8.0, 1).rates(2) == [8, 8]


def test_the_base_rate_comes_back_to_the_bit():
    assert ConstantLR(0.1, factor=1 / 3).at(5) == 0.1


def test_the_defaults_are_pytorchs():
    parameters = inspect.signature(ConstantLR).parameters

    assert parameters["factor"].default == 1 / 3
    assert parameters["total_iters"].default == 5


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"factor": 1.5}, ValueError, r"factor is 1\.5; it must be from 0 to 1"),
        ({"factor": -0.5}, ValueError, r"factor is -0\.5; it must be at least 0"),
        ({"factor": "1"}, TypeError, "factor is '1'; a number is needed"),
        ({"total_iters": -1}, ValueError, "total_iters is -1; it must be at least 0"),
        ({"total_iters": 1.5}, TypeError, r"total_iters is 1\.5; an integer is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    with pytest.raises(error, match=f"^ConstantLR: {message}"):
        ConstantLR(1.0, **options)
