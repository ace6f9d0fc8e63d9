"""PolynomialLR: rates worked by hand, and errors."""

import inspect

import pytest

from pebblegrad.optim import PolynomialLR


def test_rates_by_hand():
    assert PolynomialLR(8.0, total_iters=4).rates(6) == [8, 6, 4, 2, 0, 0]
    assert PolynomialLR(8.0, total_iters=2, power=3).rates(4) == [8, 1, 0, 0]
    assert PolynomialLR(8.0, total_iters=4, power=0.5).at(3) == 4
    assert PolynomialLR(8.0, total_iters=4, power=0).rates(6) == [8] * 6


def test_the_defaults_are_pytorchs():
    parameters = inspect.signature(PolynomialLR).parameters

    assert [p.default for p in parameters.values()][1:] == [5, 1.0, -1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"total_iters": 0}, ValueError, "total_iters is 0; it must be at least 1"),
        ({"total_iters": None}, TypeError, "total_iters is None; an integer is needed"),
        ({"power": -1}, ValueError, "power is -1; it must be at least 0"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    with pytest.raises(error, match=f"^PolynomialLR: {message}"):
        PolynomialLR(1.0, **options)
