import math
from fractions import Fraction

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


@pytest.mark.parametrize(
    ("x", "y"), [(1, 5e-324), (1e300, 1e-300), (1.0, 0), (math.inf, 0), (0, 0.0)]
)
def test_divide_refuses_a_quotient_that_no_float_holds(x, y):
    with pytest.raises(ValueError, match=r"/: x is .* no finite result; y must not be"):
        divide(x, y)


def test_divide_passes_infinities_and_nans_on():
    assert divide(math.inf, 2) == math.inf
    assert divide(1.0, math.inf) == 0
    assert math.isnan(divide(math.nan, 2.0))


def test_a_power_of_integers_is_exact_and_one_without_end_is_not_begun():
    assert power(3, 600) == 3**600
    assert power(10, 10**12) == math.inf


def test_the_error_of_as_number_names_who_asked_and_for_what():
    with pytest.raises(TypeError, match="SGD: lr is '1', a str; a single real"):
        as_number("1", "SGD", "lr")


class OfNumPy:
    """What NumPy's numbers and its arrays without axes have."""

    shape = ()

    def __init__(self, number):
        self.number = number

    def item(self):
        return self.number


def test_as_number_takes_the_numbers_of_numpy():
    found = [as_number(OfNumPy(number)) for number in (True, 2, 0.5)]

    assert repr(found) == "[1, 2, 0.5]"
    with pytest.raises(TypeError, match=r"data is .* an OfNumPy; a single real number"):
        as_number(OfNumPy("a"))


def test_as_number_keeps_an_integer_only_if_there_is_a_float_of_its_size():
    assert as_number(10**308) == 10**308
    for large in (10**309, -(10**400), Fraction(10**400)):
        with pytest.raises(ValueError, match=r"data is an? .* 308 digits; a number up"):
            as_number(large)
