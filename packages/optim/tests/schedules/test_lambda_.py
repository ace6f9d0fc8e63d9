"""LambdaLR and MultiplicativeLR: rates worked by hand, and errors."""

import pytest

from pebblegrad.optim import LambdaLR, MultiplicativeLR


def test_rates_of_a_function_by_hand():
    assert LambdaLR(8.0, lambda t: 2.0**-t).rates(4) == [8, 4, 2, 1]


def test_rates_of_products_by_hand():
    factors = [None, 0.5, 1.0, 0.25, 2.0]

    schedule = MultiplicativeLR(8.0, factors.__getitem__)

    assert schedule.rates(5) == [8, 4, 4, 1, 2]
    assert schedule.at(2.5) == 4
    assert schedule.at(1) == 4


def test_each_group_may_have_a_function_of_its_own(sgd):
    functions = [lambda t: 0.5, lambda t: 0.25]

    assert LambdaLR(sgd(8.0, 8.0), functions).get_last_lr() == [4, 2]
    schedule = MultiplicativeLR([8.0, 8.0], functions)
    schedule.step()
    schedule.step()
    assert schedule.get_last_lr() == [2, 0.5]


def test_a_step_asks_for_a_single_factor():
    asked = []
    schedule = MultiplicativeLR(1.0, lambda t: asked.append(t) or 0.5)

    for _ in range(5):
        schedule.step()

    assert asked == [1, 2, 3, 4, 5]


def test_the_function_is_not_saved_and_that_of_the_new_schedule_is_used():
    old, new = LambdaLR(8.0, lambda t: 0.5), LambdaLR(1.0, lambda t: 0.25)

    assert old.state_dict() == {"t": 0, "base_lrs": [8.0]}
    new.load_state_dict(old.state_dict())
    assert new.get_last_lr() == [2]


@pytest.mark.parametrize("schedule", [LambdaLR, MultiplicativeLR])
@pytest.mark.parametrize(
    ("lr_lambda", "error", "message"),
    [
        (0.5, TypeError, r"lr_lambda is 0\.5; a function is needed"),
        ([abs, None], TypeError, r"lr_lambda\[1\] is None; a function is needed"),
        ([abs], ValueError, "lr_lambda has 1 values, and there are 2 groups; give one"),
    ],
)
def test_something_that_is_no_function_is_refused(schedule, lr_lambda, error, message):
    with pytest.raises(error, match=f"^{schedule.__name__}: {message}"):
        schedule([1.0, 1.0], lr_lambda).rates(2)


def test_a_function_that_gives_no_number_is_told_of():
    with pytest.raises(TypeError, match=r"^LambdaLR: lr_lambda\(0\) is None; a number"):
        LambdaLR(1.0, lambda t: None)
    with pytest.raises(
        ValueError, match=r"lr_lambda\(1\) is -1; it must be at least 0"
    ):
        MultiplicativeLR(1.0, lambda t: -t).step()
