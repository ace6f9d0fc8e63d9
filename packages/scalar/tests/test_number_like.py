import math

import pytest

from pebblegrad.scalar import Tensor


def test_the_text_of_a_tensor():
    x = Tensor(2.0)

    assert repr(x) == str(x) == f"{x}" == "Value(data=2.0, grad=0)"
    assert f"{x:.3f}" == "2.000"


def test_a_tensor_as_a_number():
    x = Tensor(2.5)

    assert (float(x), int(x), x.item()) == (2.5, 2, 2.5)
    assert bool(x)
    assert not Tensor(0.0)


def test_comparisons_are_of_the_numbers_and_give_booleans():
    x, y = Tensor(1.0), Tensor(2)

    found = [x < y, x <= 1, x > y, x >= 1.5, x == 1, x == y, x != y, 1.5 < y, x == "1"]

    assert found == [True, True, False, False, True, False, True, True, False]


def test_equal_tensors_are_two_keys():
    assert len({Tensor(1.0), Tensor(1.0)}) == 2


def test_a_prediction_is_compared_by_its_number_and_a_tensor_is_found_in_a_set():
    bias, other = Tensor(0.0), Tensor(0.0)

    assert [p for p in (bias, other) if p not in [bias]] == []  # both are 0
    (left,) = [p for p in (bias, other) if p not in {bias}]
    assert left is other


def test_a_gradient_is_a_number_or_none_which_is_zero():
    x = Tensor(2.0)
    x.grad = None
    (x * 3).backward()

    assert x.grad == 3.0
    x.grad = None
    x.backward()
    assert x.grad == 1
    with pytest.raises(TypeError, match="Tensor: grad is 'a', a str; a single real"):
        x.grad = "a"
    assert x.grad == 1


def test_numpy_leaves_an_operation_with_its_numbers_to_the_tensor():
    assert Tensor.__array_ufunc__ is None  # so NumPy's own rule says


def test_nan_equals_nothing():
    x = Tensor(math.nan)

    assert x != x
    assert not x < 1
    assert not x >= 1


def test_an_order_with_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match="not supported between"):
        sorted([Tensor(1.0), "a"])
