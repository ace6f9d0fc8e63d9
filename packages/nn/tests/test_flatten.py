"""`Flatten`: what it refuses."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.nn import Flatten, Unflatten


@pytest.mark.parametrize(
    ("flatten", "shape", "message"),
    [
        (Flatten(), (3,), r"x has shape \(3,\); axes 1 and -1 are needed"),
        (Flatten(0, 3), (2, 3), r"x has shape \(2, 3\); axes 0 and 3 are needed"),
        (Flatten(2, 1), (2, 3, 4), r"axis 2 to 1 of shape \(2, 3, 4\) is no range"),
        (Flatten(-5), (2, 3), r"axes -5 and -1 are needed"),
    ],
)
def test_flatten_refuses_axes_that_are_not_there(flatten, shape, message):
    with pytest.raises(ValueError, match=message):
        flatten(Tensor(np.zeros(shape)))


@pytest.mark.parametrize(
    ("unflatten", "message"),
    [
        (Unflatten(2, (1, 2)), r"x has shape \(4, 6\); there is no axis 2"),
        (Unflatten(1, (4, 2)), r"the 6 elements of axis 1 cannot become \(4, 2\)"),
        (Unflatten(1, (4, -1)), r"cannot become \(4, -1\)"),
        (Unflatten(1, (-1, -1)), r"cannot become \(-1, -1\)"),
    ],
)
def test_unflatten_refuses_what_does_not_part(unflatten, message):
    with pytest.raises(ValueError, match=message):
        unflatten(Tensor(np.zeros((4, 6))))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("c", (2, 2)), "Unflatten: dim is 'c'"),
        ((1, (2.5, 2)), "Unflatten: unflattened_size is 2.5"),
    ],
)
def test_unflatten_takes_integers(arguments, message):
    with pytest.raises(ValueError, match=message):
        Unflatten(*arguments)


def test_one_size_may_stand_alone():
    assert Unflatten(1, 6)(Tensor(np.zeros((4, 6)))).shape == (4, 6)
