"""Accumulation: the same step as of one large batch, and what is lost by no error."""

import copy
import re

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops
from pebblegrad.optim import LBFGS, SGD, Adam, GradientAccumulator, clip_grad_norm_

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def net(rng, dtype="float64"):
    """Return the weights of a net, and its mean loss on a batch."""
    weights = [
        Tensor(0.5 * rng.standard_normal(shape), requires_grad=True, dtype=dtype)
        for shape in [(5, 7), (7,), (7, 1)]
    ]

    def loss(x, y):
        first, bias, second = weights
        out = ops.tanh(Tensor(x.astype(dtype)) @ first + bias) @ second
        return ((out - Tensor(y.astype(dtype))) ** 2).mean()

    return weights, loss


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize(
    "make", [lambda p: SGD(p, lr=0.1, momentum=0.9), lambda p: Adam(p, lr=0.1)]
)
def test_four_batches_of_8_make_the_step_of_one_of_32(make, dtype, rtol, rng):
    x, y = rng.standard_normal((3, 32, 5)), rng.standard_normal((3, 32, 1))
    whole, loss_whole = net(np.random.default_rng(1), dtype)
    parts, loss_parts = net(np.random.default_rng(1), dtype)
    optimizer = make(whole)
    accumulator = GradientAccumulator(make(parts), steps=4)

    for epoch in range(3):
        optimizer.zero_grad()
        loss_whole(x[epoch], y[epoch]).backward()
        optimizer.step()
        for i in range(0, 32, 8):
            loss_parts(x[epoch, i : i + 8], y[epoch, i : i + 8]).backward()
            accumulator.step()

    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=rtol, atol=rtol)
        assert b.grad is None


def test_steps_worked_by_hand(parameter):
    p = parameter([0.0])
    accumulator = GradientAccumulator(SGD([p], lr=1.0), steps=3)
    seen = []

    for x in (1.0, 2.0, 6.0, 4.0, 5.0):
        (p * x).sum().backward()
        seen.append((accumulator.step(), p.item(), accumulator.count))

    # (1 + 2 + 6) / 3 = 3, and then (4 + 5) / 2 = 4.5
    assert seen == [
        (False, 0.0, 1),
        (False, 0.0, 2),
        (True, -3.0, 0),
        (False, -3.0, 1),
        (False, -3.0, 2),
    ]
    assert p.grad.item() == 9.0
    assert accumulator.flush() is True
    assert (p.item(), p.grad, accumulator.count) == (-7.5, None, 0)
    assert accumulator.flush() is False
    assert p.item() == -7.5


def test_a_single_batch_per_step_is_the_optimizer_itself(parameter):
    p, q = parameter([1.0, 2.0]), parameter([1.0, 2.0])
    optimizer, accumulator = (
        Adam([p], lr=0.1),
        GradientAccumulator(Adam([q], lr=0.1), 1),
    )

    for _ in range(3):
        optimizer.zero_grad()
        (p**3).sum().backward()
        (q**3).sum().backward()
        optimizer.step()
        assert accumulator.step() is True

    np.testing.assert_array_equal(p.data, q.data)


def test_a_parameter_that_some_batches_do_not_reach_counts_zero_for_them(parameter):
    p, q, unused = parameter([0.0]), parameter([0.0]), parameter([3.0])
    optimizer = SGD([{"params": [p]}, {"params": [q, unused]}], lr=1.0)
    accumulator = GradientAccumulator(optimizer, steps=2)

    (p * 4.0).sum().backward()
    accumulator.step()
    (p * 2.0 + q * 2.0).sum().backward()
    accumulator.step()

    assert (p.item(), q.item(), unused.item()) == (-3.0, -1.0, 3.0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(2, 3), (), (0, 2)], ids=str)
def test_dtype_and_shape_of_the_gradients_are_kept(dtype, shape, parameter):
    p = parameter(np.ones(shape), np.full(shape, 6.0), dtype)
    seen = []
    accumulator = GradientAccumulator(
        SGD([p], lr=0.5), 3, before_step=lambda: seen.append(p.grad.data.copy())
    )

    for _ in range(3):
        accumulator.step()

    (mean,) = seen
    assert (mean.dtype, mean.shape) == (p.dtype, shape)
    np.testing.assert_array_equal(mean, np.full(shape, 2.0))
    np.testing.assert_array_equal(p.data, np.zeros(shape))


def test_the_gradients_may_be_clipped_before_the_step(parameter):
    p = parameter([0.0])
    norms = []
    accumulator = GradientAccumulator(
        SGD([p], lr=1.0),
        2,
        before_step=lambda: norms.append(clip_grad_norm_([p], 1.0)),
    )

    for x in (10.0, 20.0):
        (p * x).sum().backward()
        accumulator.step()

    assert norms == [15.0]
    np.testing.assert_allclose(p.item(), -1.0, rtol=1e-6)


# State


def test_accumulation_goes_on_from_its_state_to_the_bit(rng):
    x, y = rng.standard_normal((6, 8, 5)), rng.standard_normal((6, 8, 1))

    def run(accumulator, loss, first, last):
        for i in range(first, last):
            loss(x[i], y[i]).backward()
            accumulator.step()

    whole, loss = net(np.random.default_rng(1), "float32")
    run(GradientAccumulator(Adam(whole), 4), loss, 0, 6)
    half, loss = net(np.random.default_rng(1), "float32")
    first = GradientAccumulator(Adam(half), 4)
    run(first, loss, 0, 3)
    resumed, loss = net(np.random.default_rng(1), "float32")
    second = GradientAccumulator(Adam(resumed), 4)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    run(second, loss, 3, 6)

    assert second.count == 2
    for a, b in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(a.data, b.data)
        np.testing.assert_array_equal(a.grad.data, b.grad.data)


def test_the_state_is_a_copy_in_both_directions(parameter):
    p, unused = parameter([1.0], [2.0]), parameter([1.0])
    accumulator = GradientAccumulator(SGD([unused, p], lr=0.1), 3)
    accumulator.step()
    state = accumulator.state_dict()

    p.grad.data[...] = 9.0
    assert state == {"count": 1, "gradients": {1: np.array([2.0])}}
    accumulator.load_state_dict(state)
    p.grad.data[...] = 9.0
    unused.grad = [5.0]

    assert state["gradients"][1] == [2.0]
    accumulator.load_state_dict(state)
    assert unused.grad is None


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (None, TypeError, "the state is a NoneType; a dict is needed: give what"),
        ({}, ValueError, "the state has nothing; needed are count, gradients: give"),
        ({"count": 0}, ValueError, "the state has count; needed are count, gradients"),
        ({"count": 3, "gradients": {}}, ValueError, "count is 3; it must be below ste"),
        (
            {"count": -1, "gradients": {}},
            ValueError,
            "count is -1; it must be at le",
        ),
        (
            {"count": 1.5, "gradients": {}},
            TypeError,
            "count is 1.5; an integer is",
        ),
        (
            {"count": 1, "gradients": {1: np.ones(2)}},
            ValueError,
            "the state has a gradient of a parameter 1; here .* from 0 to 0",
        ),
        (
            {"count": 1, "gradients": {0: np.ones(3)}},
            ValueError,
            r"gradient 0 has shape \(3,\); needed is \(2,\)",
        ),
        ({"count": 1, "gradients": {0: "ab"}}, TypeError, "gradient 0 is <U2; numbers"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state, error, message, parameter):
    p = parameter([1.0, 1.0], [5.0, 6.0])
    accumulator = GradientAccumulator(SGD([p], lr=0.1), 3)
    accumulator.step()
    accumulator.step()

    with pytest.raises(error, match=f"^GradientAccumulator: {message}"):
        accumulator.load_state_dict(state)

    assert accumulator.count == 2
    np.testing.assert_array_equal(p.grad.data, [5.0, 6.0])


# What fails


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda p: GradientAccumulator([p], 2),
            TypeError,
            "optimizer is a list; an O",
        ),
        (
            lambda p: GradientAccumulator(LBFGS([p]), 2),
            TypeError,
            "optimizer is an LBFGS, which computes its gradients itself; add up the ba",
        ),
        (
            lambda p: GradientAccumulator(SGD([p], lr=1), 0),
            ValueError,
            "steps is 0; it must be at least 1",
        ),
        (
            lambda p: GradientAccumulator(SGD([p], lr=1), 2.0),
            TypeError,
            "steps is 2.0; an integer is needed",
        ),
        (
            lambda p: GradientAccumulator(SGD([p], lr=1), 2, before_step=1),
            TypeError,
            "before_step is 1; a function without arguments is needed",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(make, error, message, parameter):
    with pytest.raises(error, match=f"^GradientAccumulator: {re.escape(message)}"):
        make(parameter([1.0]))


def test_a_step_without_any_gradient_is_an_error(parameter):
    accumulator = GradientAccumulator(SGD([parameter([1.0])], lr=0.1), 2)

    with pytest.raises(
        RuntimeError,
        match=r"^GradientAccumulator.step: no parameter has a gradient; call backward",
    ):
        accumulator.step()

    assert accumulator.count == 0


def test_after_an_error_the_sums_and_the_count_are_as_before(parameter):
    p = parameter([1.0], [2.0])
    optimizer = SGD([p], lr=0.5)
    accumulator = GradientAccumulator(optimizer, 2)
    accumulator.step()
    total = p.grad
    p.grad.data[...] = 6.0  # the sum of two batches

    optimizer.param_groups[0]["lr"] = -1.0
    with pytest.raises(ValueError, match=r"lr is -1\.0"):
        accumulator.step()

    assert p.grad is total
    assert (p.item(), total.item(), accumulator.count) == (1.0, 6.0, 1)
    optimizer.param_groups[0]["lr"] = 0.5
    assert accumulator.step() is True
    assert p.item() == 1.0 - 0.5 * 3.0


def test_it_shows_what_it_is_made_of(parameter):
    accumulator = GradientAccumulator(SGD([parameter([1.0])], lr=0.1), steps=4)

    assert repr(accumulator) == (
        "GradientAccumulator(SGD(<1 parameter>, lr=0.1), steps=4)"
    )
