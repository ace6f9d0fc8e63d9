"""The loops over time in buffers give what the plain ones give, forwards and back."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.nn.functional import _recurrences_numpy, lstm
from pebblegrad.nn.functional._recurrences import gru_states, lstm_states

# The op, the parts of its weights, and which of its operands are states.
OPS = {"lstm": (lstm_states, 4, 2), "gru": (gru_states, 3, 1)}
each_op = pytest.mark.parametrize("name", OPS)


def operands(name, rng, shape=(5, 3, 4), dtype="float64"):
    """What goes in: the steps' part of the input, the weight, states, an offset."""
    _, parts, states = OPS[name]
    steps, batch, size = shape
    shapes = [(steps, batch, parts * size), (parts * size, size)]
    shapes += [(batch, size)] * states + [(parts * size,)] * (name == "gru")
    return [rng.uniform(-1, 1, each).astype(dtype) for each in shapes]


@each_op
@pytest.mark.parametrize("shape", [(5, 3, 4), (1, 1, 1), (2, 0, 3), (7, 1, 16)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_loop_in_buffers_gives_what_the_plain_one_does(name, shape, dtype, rng):
    op, *_ = OPS[name]
    arrays = operands(name, rng, shape, dtype)

    found, wanted = op(*arrays), op.forward(np, *arrays)

    assert found.dtype == wanted.dtype == dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


@each_op
def test_states_and_the_offset_may_be_left_out(name, rng):
    op, *_ = OPS[name]
    arrays = operands(name, rng)[:2]

    np.testing.assert_allclose(op(*arrays), op.forward(np, *arrays), rtol=1e-12)


@each_op
def test_the_gradients_in_buffers_are_those_of_the_formula(name, rng):
    op, *_ = OPS[name]
    tensors = [Tensor(a, requires_grad=True) for a in operands(name, rng)]
    out = op(*tensors)
    results = 2 if name == "lstm" else 1  # the gates behind them are no results
    weight = Tensor(rng.uniform(-1, 1, (6, results, 3, 4)))

    loss = (out[:, :results] * weight).sum()
    loss.backward(retain_graph=True)
    in_buffers = [tensor.grad.data.copy() for tensor in tensors]
    for tensor in tensors:
        tensor.grad = None
    loss.backward(create_graph=True)

    for tensor, found in zip(tensors, in_buffers, strict=True):
        np.testing.assert_allclose(found, tensor.grad.data, rtol=1e-10, atol=1e-12)


@each_op
def test_operands_that_lie_otherwise_in_memory_or_are_read_only_do(name, rng):
    op, *_ = OPS[name]
    arrays = operands(name, rng)
    turned = [np.asfortranarray(a)[::-1][::-1] for a in arrays]
    for array in turned:
        array.flags.writeable = False

    np.testing.assert_allclose(op(*turned), op(*arrays), rtol=1e-12)


@each_op
def test_the_wider_dtype_wins(name, rng):
    op, *_ = OPS[name]
    arrays = operands(name, rng, dtype="float32")
    arrays[2] = arrays[2].astype("float64")

    assert op(*arrays).dtype == "float64"


@each_op
def test_no_gradient_changes_what_the_graph_keeps(name, rng):
    op, *_ = OPS[name]
    tensors = [Tensor(a, requires_grad=True) for a in operands(name, rng)]
    out = op(*tensors)
    before = out.detach().data.copy()
    g = Tensor(np.ones(out.shape))

    out.backward(g, retain_graph=True)
    once = [tensor.grad.data.copy() for tensor in tensors]
    out.backward(g)

    np.testing.assert_array_equal(out.data, before)
    np.testing.assert_array_equal(g.data, 1)
    for tensor, first in zip(tensors, once, strict=True):
        np.testing.assert_allclose(tensor.grad.data, 2 * first, rtol=1e-12)


def test_gates_that_are_far_open_or_shut_neither_overflow_nor_become_nan():
    x = np.array([1e4, -1e4, np.inf, -np.inf], "float32").reshape(4, 1, 1)
    weight = np.ones((4, 1), "float32")

    out, _ = lstm(x, None, weight, np.zeros((4, 1), "float32"))

    np.testing.assert_allclose(out.ravel()[:3], np.tanh([1, 0, 1]), atol=1e-6)
    assert out.ravel()[3] == 0


def test_a_nan_goes_through_to_all_later_steps_of_its_sequence_alone(rng):
    projected, weight, *_ = operands("lstm", rng)
    projected[2, 1, 0] = np.nan

    out = _recurrences_numpy.lstm_states(np, projected, weight)

    assert np.isnan(out[3:, 0, 1, 0]).all()
    assert not np.isnan(out[:, :, 0]).any() and not np.isnan(out[:3]).any()
