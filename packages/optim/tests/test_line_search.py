"""The line search, on functions of a step length whose good lengths are known."""

import math

import pytest

from pebblegrad.optim._line_search import Point, strong_wolfe

C1, C2 = 1e-4, 0.9


def along(value, slope):
    """Return phi of two functions, and the list of lengths it was called with."""
    tried = []

    def phi(t):
        tried.append(t)
        return Point(t, value(t), slope(t))

    return phi, tried


FUNCTIONS = {
    "a parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "a steep parabola": (lambda t: 1e6 * (t - 3) ** 2, lambda t: 2e6 * (t - 3)),
    "a quartic": (lambda t: (t - 2) ** 4 - t, lambda t: 4 * (t - 2) ** 3 - 1),
    "waves on a slope": (
        lambda t: 0.5 * math.sin(5 * t) + (t - 4) ** 2,
        lambda t: 2.5 * math.cos(5 * t) + 2 * (t - 4),
    ),
    # More and Thuente 1994, equation 5.1, with beta 2.
    "a long way down": (
        lambda t: -t / (t * t + 2),
        lambda t: (t * t - 2) / (t * t + 2) ** 2,
    ),
    "a wall": (lambda t: -t + math.exp(min(20 * (t - 1), 700.0)), None),
}


def slope_of_the_wall(t):
    return -1 + 20 * math.exp(min(20 * (t - 1), 700.0))


@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 3.0, 10.0, 1000.0])
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("c2", [0.9, 0.1])
def test_the_length_found_meets_the_strong_wolfe_conditions(name, first, c2):
    value, slope = FUNCTIONS[name]
    phi, tried = along(value, slope or slope_of_the_wall)
    start = phi(0.0)

    found, calls = strong_wolfe(phi, start, first, c2=c2)

    assert found.value <= start.value + C1 * found.t * start.slope
    assert abs(found.slope) <= -c2 * start.slope
    assert found.t > 0
    assert calls == len(tried) - 1
    assert found.t in tried


def test_a_first_length_that_is_good_is_taken_at_once():
    phi, tried = along(*FUNCTIONS["a parabola"])

    found, calls = strong_wolfe(phi, phi(0.0), 2.5)

    assert (found, calls) == (Point(2.5, 0.25, -1.0), 1)
    assert tried == [0.0, 2.5]


def test_a_parabola_that_was_overshot_is_met_at_its_minimum():
    # The cubic through two points of a parabola is that parabola.
    phi, _ = along(*FUNCTIONS["a parabola"])

    found, calls = strong_wolfe(phi, phi(0.0), 8.0)

    assert (found.t, calls) == (pytest.approx(3.0, abs=1e-12), 2)


def test_a_step_that_is_too_short_is_made_at_most_ten_times_longer():
    phi, tried = along(*FUNCTIONS["a parabola"])

    strong_wolfe(phi, phi(0.0), 0.01)

    assert tried == pytest.approx([0.0, 0.01, 0.1, 1.0])


def test_where_the_loss_is_not_finite_the_step_was_too_long():
    for bad in (math.inf, math.nan, -math.inf):
        phi, tried = along(
            lambda t, bad=bad: (t - 3) ** 2 if t < 5 else bad, lambda t: 2 * (t - 3)
        )

        found, _ = strong_wolfe(phi, phi(0.0), 16.0)

        assert tried[:4] == [0.0, 16.0, 8.0, 4.0]
        assert 0 < found.t < 5
        assert found.value < 9


def test_a_slope_that_is_not_finite_counts_as_too_long_too():
    phi, _ = along(lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3) if t < 2 else math.nan)

    found, _ = strong_wolfe(phi, phi(0.0), 3.0)

    assert 0 < found.t < 2


def test_where_nothing_is_lower_the_start_is_the_answer():
    # The slope is wrong, as that of a closure with noise may be.
    phi, tried = along(lambda t: 1.0 + t, lambda t: -1.0)

    found, calls = strong_wolfe(phi, phi(0.0), 1.0, most=12)

    assert found == Point(0.0, 1.0, -1.0)
    assert calls == len(tried) - 1 <= 13


def test_the_number_of_trials_is_bounded():
    phi, tried = along(lambda t: -t, lambda t: -1.0)  # downhill for ever

    found, calls = strong_wolfe(phi, phi(0.0), 1.0, most=4)

    assert calls == len(tried) - 1 == 5
    assert found.t == max(tried)
    assert found.value == -found.t


def test_without_further_trials_the_lower_of_two_points_is_the_answer():
    phi, _ = along(*FUNCTIONS["a parabola"])

    assert strong_wolfe(phi, phi(0.0), 0.5, most=0) == (Point(0.5, 6.25, -5.0), 1)
    assert strong_wolfe(phi, phi(0.0), 9.0, most=0) == (Point(0.0, 9.0, -6.0), 1)


def test_an_interval_too_small_to_divide_ends_the_search():
    phi, tried = along(lambda t: abs(t - 0.3), lambda t: -1.0 if t < 0.3 else 1.0)

    found, _ = strong_wolfe(phi, phi(0.0), 1.0, smallest=0.5, most=100)

    assert len(tried) < 10
    assert found.value < 0.3
