"""Means over batches of different sizes, and of functions."""

import functools

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.train.metrics import Mean, MeanOf


def test_batches_weigh_as_much_as_they_are_large():
    mean = Mean("loss")

    mean.update(1.0, 32)
    mean.update(2.0, 32)
    mean.update(5.0, 8)

    # (32 * 1 + 32 * 2 + 8 * 5) / 72 = 136 / 72; the mean of the three would be 2.67.
    assert mean.compute() == 136 / 72


def test_numbers_alone_weigh_one():
    mean = Mean()

    for value in (1.0, 2.0, 6.0):
        mean.update(value)

    assert mean.compute() == 3.0
    assert mean.name == "mean"


@pytest.mark.parametrize(
    "value", [2.0, 2, np.float32(2), np.array([[2.0]]), Tensor([2.0]), True + 1]
)
def test_a_number_may_be_of_any_kind(value):
    mean = Mean()

    mean.update(value, np.int64(3))

    assert mean.compute() == 2.0
    assert type(mean.compute()) is float


def test_the_mean_of_no_samples_is_not_counted_even_if_it_is_nan():
    mean = Mean()

    mean.update(4.0, 2)
    mean.update(float("nan"), 0)

    assert mean.compute() == 4.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_shows(value):
    mean = Mean()

    mean.update(1.0)
    mean.update(value)

    np.testing.assert_equal(mean.compute(), value)


@pytest.mark.parametrize(
    ("value", "size", "error", "message"),
    [
        ("1", 1, TypeError, "loss: a batch gives a str; the mean over the batch"),
        (None, 1, TypeError, "loss: a batch gives a NoneType"),
        (1j, 1, TypeError, "loss: a batch gives a complex"),
        ([1.0, 2.0], 2, ValueError, r"gives an array of shape \(2,\); the mean over"),
        (Tensor([[1.0], [2.0]]), 2, ValueError, r"array of shape \(2, 1\)"),
        (1.0, 1.5, TypeError, r"loss: size is 1\.5; the number of samples"),
        (1.0, -1, ValueError, "loss: size is -1; .* from 0 on"),
    ],
)
def test_what_is_no_mean_is_refused_and_changes_nothing(value, size, error, message):
    mean = Mean("loss")
    mean.update(3.0)

    with pytest.raises(error, match=message):
        mean.update(value, size)

    assert mean.compute() == 3.0


def test_a_mean_of_nothing_is_an_error():
    with pytest.raises(RuntimeError, match=r"loss: there are no samples yet; call upd"):
        Mean("loss").compute()


def absolute(output, target):
    return np.abs(output - target).mean()


def test_a_function_is_weighted_by_the_sizes_of_the_batches():
    metric = MeanOf(absolute)

    metric.update(np.array([1.0, 2.0, 3.0]), np.zeros(3))  # 2
    metric.update(np.array([6.0]), np.zeros(1))  # 6

    assert metric.compute() == 3.0  # (3 * 2 + 1 * 6) / 4


def test_a_function_is_called_without_a_graph_and_with_what_was_given():
    seen = []

    def looks(output, target):
        seen.append((type(output), type(target)))
        return (output * output).mean()

    metric = MeanOf(looks)
    metric.update(Tensor([2.0], requires_grad=True), np.zeros(1))

    assert metric.compute() == 4.0
    assert seen == [(Tensor, np.ndarray)]
    assert not any(isinstance(value, Tensor) for value in vars(metric).values())


def test_names_are_those_of_functions_or_given():
    class Thing:
        def __call__(self, output, target):
            return 0.0

    assert MeanOf(functools.partial(absolute)).name == "absolute"
    assert MeanOf(Thing()).name == "Thing"
    assert MeanOf(lambda output, target: 0.0, name="zero").name == "zero"
    assert MeanOf(absolute, "error").name == "error"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MeanOf(3), TypeError, "MeanOf: function is a int; a function of out"),
        (
            lambda: MeanOf(lambda o, t: 0.0),
            ValueError,
            r"which has no name to report it under; write a def, or MeanOf",
        ),
        (
            lambda: MeanOf(absolute).update(np.ones(2), 1.0),
            ValueError,
            r"absolute: target has shape \(\); its first axis must be the samples",
        ),
        (
            lambda: MeanOf(np.subtract, "s").update(np.ones(2), np.ones(2)),
            ValueError,
            r"s: a batch gives an array of shape \(2,\); the mean over the batch",
        ),
    ],
)
def test_wrong_functions_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
