"""LinearLR: rates worked by hand, and errors."""

import inspect

import pytest

from pebblegrad.optim import LinearLR


def test_rates_by_hand():
    assert LinearLR(8.0, 0.5, total_iters=4).rates(6) == [4, 5, 6, 7, 8, 8]
    assert LinearLR(8.0, 1.0, 0.5, total_iters=2).rates(4) == [8, 6, 4, 4]
    assert LinearLR(8.0, 0.0, total_iters=2).rates(3) == [0, 4, 8]
    assert LinearLR(8.0, 0.25, 0.0, total_iters=1).rates(3) == [2, 0, 0]


def test_the_end_is_met_to_the_bit():
    assert LinearLR(0.1, 0.3, 0.7, total_iters=7).at(7) == 0.1 * 0.7


def test_the_defaults_are_pytorchs():
    parameters = inspect.signature(LinearLR).parameters
    defaults = [p.default for p in parameters.values()][1:]

    assert defaults == [1 / 3, 1.0, 5, -1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"start_factor": 2}, ValueError, "start_factor is 2; it must be from 0 to 1"),
        ({"end_factor": 1.1}, ValueError, r"end_factor is 1\.1; it must be from 0 to"),
        ({"end_factor": -1}, ValueError, "end_factor is -1; it must be at least 0"),
        ({"total_iters": 0}, ValueError, "total_iters is 0; it must be at least 1"),
        ({"start_factor": None}, TypeError, "start_factor is None; a number is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message):
    with pytest.raises(error, match=f"^LinearLR: {message}"):
        LinearLR(1.0, **options)
