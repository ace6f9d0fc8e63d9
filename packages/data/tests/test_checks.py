"""The one rule for arguments that count something."""

import numpy as np
import pytest

from pebblegrad.data import DataLoader, k_fold, make_moons, one_hot
from pebblegrad.data._checks import at_least


@pytest.mark.parametrize("given", [3, np.int8(3), np.uint64(3), np.array(3)], ids=repr)
def test_an_integer_of_any_kind_comes_back_as_an_int(given):
    checked = at_least("f", "n", given, 3)

    assert type(checked) is int
    assert checked == 3


@pytest.mark.parametrize(
    "given",
    [3.0, "3", None, True, np.True_, np.float32(3), np.array(3.0), np.array([3]), [3]],
    ids=repr,
)
def test_what_is_no_integer_is_refused(given):
    with pytest.raises(TypeError, match=r"f: n is .*; needed is an integer, at least "):
        at_least("f", "n", given, 0)


def test_an_integer_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="f: n is 2; needed is at least 3"):
        at_least("f", "n", np.uint8(2), 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda n: DataLoader(np.arange(3), prefetch=n),
        lambda n: k_fold(9, n),
        lambda n: make_moons(n),
        lambda n: one_hot([0], n),
    ],
)
def test_an_array_of_one_number_is_none_to_whoever_asks(call):
    with pytest.raises(
        TypeError, match=r" is array\(\[2\]\); needed is an integer, at"
    ):
        call(np.array([2]))
