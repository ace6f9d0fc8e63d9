"""Clipping between gradients and step."""

import numpy as np
import pytest

from pebblegrad.train import Callback, ClipGradients


class Norms(Callback):
    def __init__(self):
        self.norms, self.largest = [], []

    def on_gradients(self, run):
        g = [p.grad.data.ravel() for p in run.model.parameters()]
        self.norms.append(np.linalg.norm(np.concatenate(g)))
        self.largest.append(max(np.abs(one).max() for one in g))


def test_the_norm_of_all_gradients_is_limited(points, train):
    before, after = Norms(), Norms()

    train(points, callbacks=[before, ClipGradients(0.1), after])

    assert min(before.norms) > 0.1
    np.testing.assert_allclose(after.norms, 0.1, rtol=1e-4)


def test_each_element_is_limited(points, train):
    before, after = Norms(), Norms()

    train(points, callbacks=[before, ClipGradients(max_value=0.01), after])

    assert min(before.largest) > 0.01
    np.testing.assert_allclose(after.largest, 0.01, rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "max_norm is None and max_value None; exactly one of the two is needed"),
        ({"max_norm": 1, "max_value": 2}, "max_norm is 1 and max_value 2; exactly one"),
        ({"max_norm": 0}, "ClipGradients: the limit is 0; a positive number is needed"),
        ({"max_norm": float("nan")}, "the limit is nan"),
        ({"max_value": "1"}, "the limit is '1'"),
    ],
)
def test_wrong_arguments_are_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        ClipGradients(**arguments)
