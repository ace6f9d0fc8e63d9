import math

import pytest

from pebblegrad.scalar._numbers import as_number, divide, exp, log, power, sigmoid


def test_powers_have_the_answers_of_ieee_754():
    assert power(0.0, -1) == math.inf
    assert power(10.0, 400) == math.inf
    assert power(-10.0, 401) == -math.inf
    assert power(-10.0, 400) == math.inf
    assert math.isnan(power(-8.0, 1 / 3))
    assert power(2, 3) == 8


def test_exp_and_log_have_the_answers_of_ieee_754():
    assert exp(1000.0) == math.inf
    assert log(0) == -math.inf
    assert math.isnan(log(-1.0))
    assert math.isnan(log(math.nan))


def test_sigmoid_of_x_and_of_minus_x_add_up_to_one():
    for x in (0.0, 0.3, 5.0, 800.0):
        assert sigmoid(x) + sigmoid(-x) == pytest.approx(1.0, rel=1e-15)


def test_divide_refuses_integers_whose_quotient_no_float_holds():
    with pytest.raises(ValueError, match="no finite result"):
        divide(10**400, 3)


def test_the_error_of_as_number_names_who_asked():
    with pytest.raises(TypeError, match="lr: data is '1', a str"):
        as_number("1", "lr")
