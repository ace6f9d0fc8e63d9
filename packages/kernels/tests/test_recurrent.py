"""The LSTM's loop, there and back, beside that of `nn`."""

import struct

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.kernels import _native, recurrent
from pebblegrad.nn.functional import _recurrences_numpy as on_numpy
from pebblegrad.nn.functional._recurrences import lstm_states

from .against import close, kernel, never

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])
SHAPES = [(1, 1, 1), (3, 2, 5), (7, 32, 16), (5, 9, 33), (2, 4, 256), (0, 3, 4)]


def inputs(rng, shape, dtype):
    """What goes in, the states in front, and the weight, as large as in a network."""
    steps, batch, size = shape
    projected = rng.standard_normal((steps, batch, 4 * size)).astype(dtype)
    weight = (rng.standard_normal((4 * size, size)) / np.sqrt(size)).astype(dtype)
    h, c = rng.standard_normal((2, batch, size)).astype(dtype)
    return projected, weight, h, c


@each_dtype
@pytest.mark.parametrize("shape", SHAPES[:-1])
@pytest.mark.parametrize("starts", ["zeros", "h", "c", "both"])
def test_states(kind, dtype, shape, starts, rng, threads_set):
    threads_set(2)
    projected, weight, h, c = inputs(rng, shape, dtype)
    h = h if starts in ("h", "both") else None
    c = c if starts in ("c", "both") else None

    found = kernel(lstm_states)(np, projected, weight, h, c)

    wanted = on_numpy.lstm_states(np, projected, weight, h, c)
    close(found, wanted, 4 * shape[0])


@each_dtype
@pytest.mark.parametrize("shape", SHAPES[:-1])
def test_gradients(kind, dtype, shape, rng, threads_set):
    threads_set(2)
    projected, weight, h, c = inputs(rng, shape, dtype)
    out = on_numpy.lstm_states(np, projected, weight, h, c)
    g = rng.standard_normal(out.shape).astype(dtype)

    found = recurrent.lstm_gradients(never)(g, out, weight)

    wanted = on_numpy.lstm_gradients.__wrapped__(g, out, weight)
    for one, other in zip(found, wanted, strict=True):
        close(one, other, 100 * shape[0])


def test_layouts_and_nan(kind, rng):
    projected, weight, h, c = inputs(rng, (4, 6, 20), "float32")
    wanted = on_numpy.lstm_states(np, projected, weight, h, c)
    turned = [np.asfortranarray(array) for array in (projected, weight, h, c)]
    close(kernel(lstm_states)(np, *turned), wanted, 16)

    projected[1, 2, 3] = np.nan
    found = kernel(lstm_states)(np, projected, weight, h, c)
    wanted = on_numpy.lstm_states(np, projected, weight, h, c)
    close(found, wanted, 16)  # only the one sequence, from the second step on
    assert np.isnan(found[2:, 0, 2]).any()


def test_results_do_not_depend_on_the_number_of_threads(rng, threads_set):
    projected, weight, h, c = inputs(rng, (9, 37, 40), "float32")
    results = []
    for count in (1, 2, 5):
        threads_set(count)
        out = kernel(lstm_states)(np, projected, weight, h, c)
        results.append((out, *recurrent.lstm_gradients(never)(out, out, weight)))

    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_what_is_unusual_is_left_to_numpy(rng):
    for shape in [SHAPES[-1], (3, 0, 4)]:
        with pytest.raises(AssertionError, match="left its work"):
            kernel(lstm_states)(np, *inputs(rng, shape, "float32"))
    projected, weight, h, c = inputs(rng, (3, 2, 4), "float32")
    for wrong in [(projected, weight[:-1], h, c), (projected, weight, h[:1], c)]:
        with pytest.raises(AssertionError, match="left its work"):
            kernel(lstm_states)(np, *wrong)


@pytest.mark.parametrize("sizes", [(3, 2, 5), (-1, 2, 4), (2**40, 2, 4), (3, 0, 4)])
def test_sizes_that_are_not_those_of_the_arrays_raise(sizes, rng):
    projected, weight, h, c = inputs(rng, (3, 2, 4), "float32")
    out = np.empty((4, 6, 2, 4), "float32")
    with pytest.raises(ValueError, match=r"^lstm"):
        _native.lstm(struct.pack("3q", *sizes), projected, weight, h, c, out)
    with pytest.raises(ValueError, match=r"^lstm_gradients"):
        _native.lstm_gradients(
            struct.pack("3q", *sizes), out, out, weight, projected, h, c
        )


def test_a_layer_is_trained_through_it(rng, monkeypatch):
    x = rng.standard_normal((6, 5, 8))
    gradients = []
    for forward in (kernel(lstm_states), on_numpy.lstm_states):
        monkeypatch.setitem(lstm_states.implementations, np, forward)
        lstm_states.__call__ = lstm_states._first_call
        layer = nn.LSTM(8, 12, rng=0)
        for parameter in layer.parameters():
            parameter.data = parameter.data.astype("float64")
        out, _ = layer(Tensor(x))
        (out * out).sum().backward()
        gradients.append([parameter.grad.data for parameter in layer.parameters()])
    lstm_states.__call__ = lstm_states._first_call

    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
