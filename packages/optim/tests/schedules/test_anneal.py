"""The ways from one value to another."""

import pytest

from pebblegrad.optim.schedules._anneal import STRATEGIES, anneal


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_way_leads_from_the_start_through_the_middle_to_the_end(strategy):
    assert [anneal(strategy, 6.0, 2.0, part) for part in (0, 0.5, 1)] == [6, 4, 2]
    assert [anneal(strategy, 2.0, 6.0, part) for part in (0, 0.5, 1)] == [2, 4, 6]


def test_a_cosine_is_slow_at_both_ends_and_a_line_is_not():
    assert anneal("linear", 1.0, 0.0, 0.25) == 0.75
    assert anneal("cos", 1.0, 0.0, 0.25) == pytest.approx((1 + 0.5**0.5) / 2)
