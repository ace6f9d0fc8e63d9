"""Recurrent layers, cells and the functions behind them."""

import warnings

import numpy as np
import pytest
import torch

from pebblegrad import nn
from pebblegrad.autograd import Tensor, ops
from pebblegrad.nn import functional

each_layer = pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
each_cell = pytest.mark.parametrize("name", ["RNNCell", "LSTMCell", "GRUCell"])
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])

ARGUMENTS = [
    {},
    {"bias": False},
    {"batch_first": True},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True, "batch_first": True},
    {"num_layers": 2, "bias": False, "bidirectional": True},
]


def tolerance(dtype):
    tight = dtype == "float64"
    return {"rtol": 1e-9 if tight else 1e-4, "atol": 1e-10 if tight else 1e-5}


def with_states(layer, x, *states):
    """Call a layer, with a state or the pair that an LSTM has."""
    hx = None
    if states:
        hx = states if len(states) == 2 else states[0]
    return layer(x, hx)


def states_of(name, rng, shape, dtype="float64"):
    count = 2 if name.startswith("LSTM") else 1
    return [rng.standard_normal(shape).astype(dtype) for _ in range(count)]


@each_layer
@each_dtype
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize("given", [False, True], ids=["zeros", "states"])
def test_layers_train_alike(name, dtype, arguments, given, same_training, rng):
    ours = getattr(nn, name)(3, 4, rng=0, **arguments).to(dtype)
    theirs = getattr(torch.nn, name)(3, 4, **arguments)
    x = rng.standard_normal((5, 2, 3)).astype(dtype)
    count = arguments.get("num_layers", 1) * (1 + arguments.get("bidirectional", False))
    batch = 5 if arguments.get("batch_first") else 2
    states = states_of(name, rng, (count, batch, 4), dtype) if given else []

    same_training(ours, theirs, [x, *states], call=with_states, **tolerance(dtype))


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_the_rectified_network_trains_alike(arguments, same_training, rng):
    ours = nn.RNN(3, 4, nonlinearity="relu", rng=0, **arguments).to("float64")
    theirs = torch.nn.RNN(3, 4, nonlinearity="relu", **arguments)

    same_training(ours, theirs, [rng.standard_normal((5, 2, 3))])


@each_layer
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("given", [False, True], ids=["zeros", "states"])
def test_one_sequence_alone(name, batch_first, given, same_training, rng):
    arguments = {"batch_first": batch_first, "bidirectional": True, "num_layers": 2}
    ours = getattr(nn, name)(3, 4, rng=0, **arguments).to("float64")
    theirs = getattr(torch.nn, name)(3, 4, **arguments)
    states = states_of(name, rng, (4, 4)) if given else []

    same_training(
        ours, theirs, [rng.standard_normal((5, 3)), *states], call=with_states
    )


@each_cell
@each_dtype
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5,), (), (1,), (0,)], ids=str)
@pytest.mark.parametrize("given", [False, True], ids=["zeros", "states"])
def test_cells_train_alike(name, dtype, bias, shape, given, same_training, rng):
    ours = getattr(nn, name)(3, 4, bias=bias, rng=0).to(dtype)
    theirs = getattr(torch.nn, name)(3, 4, bias=bias)
    x = rng.standard_normal((*shape, 3)).astype(dtype)
    states = states_of(name, rng, (*shape, 4), dtype) if given else []

    def call(layer, *inputs):
        # The mean of nothing is NaN; with an element in front there is a loss.
        found = with_states(layer, *inputs)
        found = found if isinstance(found, tuple) else (found,)
        return tuple(out.sum() for out in found) if shape == (0,) else found

    same_training(ours, theirs, [x, *states], call=call, **tolerance(dtype))


@pytest.mark.parametrize("bias", [True, False])
def test_the_rectified_cell_trains_alike(bias, same_training, rng):
    ours = nn.RNNCell(3, 4, bias, "relu", rng=0).to("float64")
    theirs = torch.nn.RNNCell(3, 4, bias, "relu")

    same_training(ours, theirs, [rng.standard_normal((5, 3))])


# Functions: PyTorch's, of one layer, are not documented but there.


def ours_of(name, states):
    def run(x, *arrays):
        hx = arrays[:states] if states == 2 else arrays[0]
        return together(ops, getattr(functional, name)(x, hx, *arrays[states:]))

    return run


def theirs_of(name, states, bias):
    def run(x, *arrays):
        hx = arrays[:states]
        hx = [h.unsqueeze(0) for h in hx] if states == 2 else hx[0].unsqueeze(0)
        function = getattr(torch, {"rnn": "rnn_tanh"}.get(name, name))
        out = function(x, hx, arrays[states:], bias, 1, 0.0, False, False, False)
        return together(torch, out)

    return run


def together(library, found):
    """All results of one layer as one vector."""
    flat = []
    for part in found:
        flat += part if isinstance(part, tuple) else [part]
    return library.concat([part.reshape(-1) for part in flat])


@each_dtype
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("shape", [(4, 2, 3), (1, 2, 3), (3, 1, 3)], ids=str)
def test_functions(name, bias, shape, dtype, both, rng):
    parts = {"rnn": 1, "lstm": 4, "gru": 3}[name]
    states = 2 if name == "lstm" else 1
    rows, hidden = 2 * parts, 2
    shapes = [shape, *[(shape[1], hidden)] * states, (rows, 3), (rows, hidden)]
    shapes += [(rows,), (rows,)] if bias else []
    arrays = [rng.uniform(-1, 1, s).astype(dtype) for s in shapes]

    both(
        ours_of(name, states), theirs_of(name, states, bias), arrays, **tolerance(dtype)
    )


# Edges


@each_layer
def test_nan_and_infinity(name, agree, rng):
    ours = getattr(nn, name)(2, 3, rng=0).to("float64")
    theirs = getattr(torch.nn, name)(2, 3, dtype=torch.float64)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = rng.standard_normal((3, 4, 2))
    x[1, 0, 0], x[1, 1, 0], x[1, 2, 0] = np.nan, np.inf, -np.inf

    agree(ours(Tensor(x))[0], theirs(torch.tensor(x))[0], rtol=1e-10)


@each_layer
def test_no_sequences(name, agree):
    ours, theirs = getattr(nn, name)(2, 3), getattr(torch.nn, name)(2, 3)
    x = np.zeros((4, 0, 2), "float32")

    agree(ours(Tensor(x))[0], theirs(torch.tensor(x))[0])


@each_layer
def test_no_steps_are_refused_by_both(name):
    ours, theirs = getattr(nn, name)(2, 3), getattr(torch.nn, name)(2, 3)

    with pytest.raises(ValueError, match="at least one step is needed"):
        ours(Tensor(np.zeros((0, 4, 2), "float32")))
    with pytest.raises(RuntimeError, match="larger than 0"):
        theirs(torch.zeros(0, 4, 2))


@each_layer
def test_both_warn_of_dropout_that_does_nothing(name):
    for library in (nn, torch.nn):
        with pytest.warns(UserWarning, match="num_layers"):
            getattr(library, name)(2, 3, dropout=0.5)


@each_layer
@pytest.mark.parametrize("dropout", [0.5, 1.0])
def test_dropout_is_off_in_evaluation(name, dropout, same_training, rng):
    arguments = {"num_layers": 2, "dropout": dropout}
    ours = getattr(nn, name)(3, 4, rng=0, **arguments).to("float64").eval()
    with warnings.catch_warnings():
        theirs = getattr(torch.nn, name)(3, 4, **arguments).eval()

    same_training(ours, theirs, [rng.standard_normal((5, 2, 3))])


@each_layer
def test_all_dropped_is_the_same_in_training(name, same_training, rng):
    arguments = {"num_layers": 2, "dropout": 1.0}
    ours = getattr(nn, name)(3, 4, rng=0, **arguments).to("float64")
    theirs = getattr(torch.nn, name)(3, 4, **arguments)

    same_training(ours, theirs, [rng.standard_normal((5, 2, 3))])
