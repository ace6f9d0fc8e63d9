import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.viz._arrays import (
    read_array,
    read_names,
    read_number,
    read_whole,
    shown,
)


@pytest.mark.parametrize(
    "value",
    [
        [1.0, 2.0],
        (1, 2),
        np.array([1, 2], np.int8),
        Tensor([1.0, 2.0], requires_grad=True),
        [Tensor([1.0], requires_grad=True), Tensor([2.0])],
        [[Tensor(1.0, requires_grad=True)], [Tensor(2.0)]],
        range(1, 3),
    ],
)
def test_whatever_holds_numbers_is_an_array(value):
    assert read_array(value, "who", "x", "").ravel().tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float16", "float64"])
def test_an_array_keeps_its_kind_and_shape(dtype):
    array = np.ones((2, 0, 3), dtype)

    assert read_array(array, "who", "x", "").dtype == dtype
    assert read_array(array, "who", "x", "").shape == (2, 0, 3)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "who: x is of type NoneType; numbers"),
        ("12", "who: x is of type str; numbers"),
        ({"a": 1}, "who: x is of type dict; numbers"),
        (["1", 2], "who: x is of type list with int and str in it; numbers"),
        (np.array([1j]), "who: x is of type ndarray and dtype complex128; numbers"),
    ],
)
def test_what_holds_no_numbers_is_told(value, message):
    with pytest.raises(TypeError, match=f"^{message}"):
        read_array(value, "who", "x", "numbers")


def test_ragged_rows_are_told():
    with pytest.raises(
        ValueError, match=r"^who: x has parts of different lengths; rows"
    ):
        read_array([[1, 2], [3]], "who", "x", "rows")


def test_numbers_are_read_one_at_a_time():
    assert read_number(Tensor([[2.5]], requires_grad=True), "who", "x") == 2.5
    assert read_whole(np.int8(3), "who", "x", 1) == 3
    with pytest.raises(ValueError, match="x is -1; one positive finite number"):
        read_number(-1, "who", "x", positive=True)


def test_names_are_one_line_of_text():
    assert read_names(["a\nb", 1.0, 1.5, True], "who", "x", 4, "y") == [
        "a b",
        "1",
        "1.5",
        "True",
    ]
    with pytest.raises(TypeError, match="x is a mapping; a list of 1 was needed"):
        read_names({"a": 1}, "who", "x", 1, "y")


def test_numbers_are_shown_short():
    assert [shown(x) for x in (-1.0, 1234567.0, 1e-9, -0.0)] == [
        "−1",
        "1.23e+06",
        "1e−09",
        "0",
    ]
