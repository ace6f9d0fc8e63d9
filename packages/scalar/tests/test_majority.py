import math
import random

import pytest

from pebblegrad.scalar import Tensor, binary_round, target_generator


def test_the_target_is_the_bit_that_most_are():
    rng = random.Random(0)
    seen = set()
    for _ in range(300):
        x, y = target_generator(rng=rng)
        bits = [t.data for t in x]
        seen.add(tuple(bits))

        assert len(bits) == 5
        assert set(bits) <= {0, 1}
        assert y.data == (sum(bits) >= 3)
    assert len(seen) == 32


def test_other_numbers_of_bits():
    x, y = target_generator(1, rng=0)

    assert x[0].data == y.data
    assert len(target_generator(7)[0]) == 7


def test_seeds():
    random.seed(3)
    first = [t.data for t in target_generator(99)[0]]
    random.seed(3)

    assert first == [t.data for t in target_generator(99)[0]]
    assert first == [t.data for t in target_generator(99, rng=3)[0]]


def test_binary_round():
    rounded = binary_round([Tensor(0.2), Tensor(0.5), 0.51, Tensor(7.0), Tensor(-3)])

    assert [t.data for t in rounded] == [0, 0, 1, 1, 0]
    assert binary_round(Tensor(0.9)).data == 1


def test_no_gradient_flows_through_binary_round():
    x = Tensor(0.9)
    (binary_round(x) * x).backward()

    assert x.grad == 1


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: target_generator(4), ValueError, "n_bits is 4; an odd number was nee"),
        (lambda: target_generator(0), ValueError, "n_bits is 0; at least 1"),
        (lambda: target_generator(5.0), TypeError, r"n_bits is 5\.0, a float"),
        (lambda: target_generator(rng=1.5), TypeError, r"rng is 1\.5, a float; needed"),
        (lambda: target_generator(rng=True), TypeError, "rng is True, a bool"),
        (lambda: binary_round(Tensor(math.nan)), ValueError, "out is NaN; a number"),
        (lambda: binary_round("a"), TypeError, "binary_round: out is 'a', a str"),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
