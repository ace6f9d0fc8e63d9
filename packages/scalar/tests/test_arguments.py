import random

import pytest

from pebblegrad.scalar import Tensor
from pebblegrad.scalar._arguments import at_least, generator, inputs, single


def test_inputs_keeps_tensors_and_makes_constants_of_numbers():
    x = Tensor(1.0)

    found = inputs("who", (x, 2.0))

    assert found[0] is x
    assert (found[1].data, found[1]._op) == (2.0, "constant")


@pytest.mark.parametrize("x", [range(3), iter([0, 1, 2]), [0, 1, 2], (0, 1, 2)])
def test_inputs_takes_what_has_an_order(x):
    assert [t.data for t in inputs("who", x)] == [0, 1, 2]


@pytest.mark.parametrize("x", [{0, 1}, frozenset([1]), {0: 1}, {0: 1}.keys(), b"ab", 1])
def test_inputs_refuses_what_has_none(x):
    with pytest.raises(TypeError, match=r"who: x is .*; a list was needed, of Tensors"):
        inputs("who", x)


def test_single_names_the_argument():
    assert single("who", "pred", 2).data == 2
    with pytest.raises(TypeError, match="who: pred is None, a NoneType; a single real"):
        single("who", "pred", None)


def test_a_seed_makes_a_generator_and_none_stays():
    given = random.Random(3)

    assert generator("who", None) is None
    assert generator("who", given) is given
    assert generator("who", 3).random() == random.Random(3).random()


def test_at_least_returns_the_size():
    assert at_least("who", "n", 3, 1) == 3
    with pytest.raises(
        TypeError, match=r"who: n is 3\.0, a float; an integer was need"
    ):
        at_least("who", "n", 3.0, 1)
