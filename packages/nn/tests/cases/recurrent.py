"""Rows of `layers/recurrent.py`: the equations of a step, in a loop over time."""

import numpy as np

from ._case import Case


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def rnn_step(x, h, weight_ih, weight_hh, bias_ih=0.0, bias_hh=0.0):
    return np.tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)


def relu_step(x, h, weight_ih, weight_hh, bias_ih=0.0, bias_hh=0.0):
    return np.maximum(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh, 0)


def lstm_step(x, state, weight_ih, weight_hh, bias_ih=0.0, bias_hh=0.0):
    h, c = state
    a = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
    i, f, g, o = np.split(a, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return np.stack([sigmoid(o) * np.tanh(c), c])


def gru_step(x, h, weight_ih, weight_hh, bias_ih=0.0, bias_hh=0.0):
    a_r, a_z, a_n = np.split(x @ weight_ih.T + bias_ih, 3, axis=-1)
    b_r, b_z, b_n = np.split(h @ weight_hh.T + bias_hh, 3, axis=-1)
    z = sigmoid(a_z + b_z)
    return (1 - z) * np.tanh(a_n + sigmoid(a_r + b_r) * b_n) + z * h


def layers(step, hidden, count=1, directions=1, batch_first=False, weights=4):
    """Return the reference of stacked layers: x, states and weights -> outputs."""
    pair = step is lstm_step

    def run(x, *arrays):
        x = x.swapaxes(0, 1) if batch_first else x
        own = weights * count * directions
        states, arrays = arrays[:-own], arrays[-own:]
        shape = (count * directions, *x.shape[1:-1], hidden)
        states = states or (np.zeros(shape),) * (2 if pair else 1)
        starts = np.stack(states, axis=1) if pair else states[0]
        last = []
        for _ in range(count):
            sides = []
            for side in range(directions):
                state, outs = starts[len(last)], []
                for now in x[::-1] if side else x:
                    state = step(now, state, *arrays[:weights])
                    outs.append(state[0] if pair else state)
                sides.append(np.stack(outs[::-1] if side else outs))
                last.append(state)
                arrays = arrays[weights:]
            x = np.concatenate(sides, axis=-1)
        x = x.swapaxes(0, 1) if batch_first else x
        return [x, *np.stack(last, axis=1)] if pair else [x, np.stack(last)]

    return run


def cell(step):
    """Return the reference of a cell: x, states and weights -> the new states."""
    pair = step is lstm_step

    def run(x, *arrays):
        count = len([a for a in arrays if a.ndim == 2]) - 2 if x.ndim == 2 else 0
        states, weights = arrays[:count], arrays[count:]
        hidden = weights[1].shape[1]
        zeros = (np.zeros((*x.shape[:-1], hidden)),) * (2 if pair else 1)
        states = states or zeros
        return list(step(x, states, *weights)) if pair else step(x, *states, *weights)

    return run


def flat(layer, x, *states):
    """Call the layer, with the pair of an LSTM as two inputs; all outputs in a row."""
    if not states:
        found = layer(x)
    else:
        found = layer(x, states if len(states) == 2 else states[0])
    if not isinstance(found, tuple):
        return found
    first, last = found
    return (first, *last) if isinstance(last, tuple) else (first, last)


def named(parts, below, hidden, count=1, suffixes=("",), bias=True):
    """Return names and shapes of the weights of `count` layers."""
    names = {}
    rows = parts * hidden
    for layer in range(count):
        for suffix in suffixes:
            end = f"_l{layer}{suffix}"
            names |= {f"weight_ih{end}": (rows, below)}
            names |= {f"weight_hh{end}": (rows, hidden)}
            if bias:
                names |= {f"bias_ih{end}": (rows,), f"bias_hh{end}": (rows,)}
        below = hidden * len(suffixes)
    return names


def of_cell(parts, below, hidden, bias=True):
    """Return names and shapes of the weights of a cell."""
    names = named(parts, below, hidden, bias=bias)
    return {name.removesuffix("_l0"): shape for name, shape in names.items()}


BOTH = ("", "_reverse")

CASES = [
    Case(
        "RNN(2, 3)",
        [(4, 2, 2), [(3, 1, 2), (1, 1, 3)], (3, 2), [(2, 2), (1, 3)], (2, 0, 2)],
        layers(rnn_step, 3),
        named(1, 2, 3),
        call=flat,
    ),
    Case(
        "RNN(2, 2, num_layers=2, nonlinearity='relu', bias=False)",
        [(3, 1, 2), [(2, 1, 2), (2, 1, 2)]],
        layers(relu_step, 2, count=2, weights=2),
        named(1, 2, 2, 2, bias=False),
        call=flat,
    ),
    Case(
        "RNN(1, 2, batch_first=True, bidirectional=True)",
        [(2, 3, 1), [(2, 3, 1), (2, 2, 2)]],
        layers(rnn_step, 2, directions=2, batch_first=True),
        named(1, 1, 2, suffixes=BOTH),
        call=flat,
    ),
    Case(
        "LSTM(2, 3)",
        [(3, 2, 2), [(2, 1, 2), (1, 1, 3), (1, 1, 3)], (2, 2), (2, 0, 2)],
        layers(lstm_step, 3),
        named(4, 2, 3),
        call=flat,
    ),
    Case(
        "LSTM(1, 2, num_layers=2, bidirectional=True)",
        [(2, 1, 1), [(2, 1, 1), (4, 1, 2), (4, 1, 2)]],
        layers(lstm_step, 2, count=2, directions=2),
        named(4, 1, 2, 2, BOTH),
        call=flat,
    ),
    Case(
        "LSTM(1, 2, bias=False, batch_first=True)",
        [(2, 3, 1), [(1, 2, 1), (1, 1, 2), (1, 1, 2)]],
        layers(lstm_step, 2, batch_first=True, weights=2),
        named(4, 1, 2, bias=False),
        call=flat,
    ),
    Case(
        "LSTM(1, 2, num_layers=2, dropout=0.5)",
        [(2, 1, 1)],
        layers(lstm_step, 2, count=2),
        named(4, 1, 2, 2),
        training=False,
        call=flat,
    ),
    Case(
        "GRU(2, 3)",
        [(3, 2, 2), [(2, 1, 2), (1, 1, 3)], [(2, 2), (1, 3)], (2, 0, 2)],
        layers(gru_step, 3),
        named(3, 2, 3),
        call=flat,
    ),
    Case(
        "GRU(1, 2, num_layers=2, bidirectional=True)",
        [(2, 1, 1), [(2, 1, 1), (4, 1, 2)]],
        layers(gru_step, 2, count=2, directions=2),
        named(3, 1, 2, 2, BOTH),
        call=flat,
    ),
    Case(
        "GRU(1, 2, bias=False, batch_first=True)",
        [(2, 3, 1)],
        layers(gru_step, 2, batch_first=True, weights=2),
        named(3, 1, 2, bias=False),
        call=flat,
    ),
    Case(
        "RNNCell(2, 3)",
        [(4, 2), [(4, 2), (4, 3)], (2,), (0, 2)],
        cell(rnn_step),
        of_cell(1, 2, 3),
    ),
    Case(
        "RNNCell(2, 3, bias=False)",
        [(4, 2), [(1, 2), (1, 3)]],
        cell(rnn_step),
        of_cell(1, 2, 3, bias=False),
    ),
    Case(
        "RNNCell(2, 3, nonlinearity='relu')",
        [(4, 2), [(1, 2), (1, 3)]],
        cell(relu_step),
        of_cell(1, 2, 3),
    ),
    Case(
        "LSTMCell(2, 3)",
        [(4, 2), [(4, 2), (4, 3), (4, 3)], (2,), (0, 2)],
        cell(lstm_step),
        of_cell(4, 2, 3),
        call=flat,
    ),
    Case(
        "LSTMCell(1, 2, bias=False)",
        [(4, 1), [(1, 1), (1, 2), (1, 2)]],
        cell(lstm_step),
        of_cell(4, 1, 2, bias=False),
        call=flat,
    ),
    Case(
        "LSTMCell(3, 1)",
        [(2, 3)],
        cell(lstm_step),
        of_cell(4, 3, 1),
        call=flat,
    ),
    Case(
        "GRUCell(2, 3)",
        [(4, 2), [(4, 2), (4, 3)], (2,), (0, 2)],
        cell(gru_step),
        of_cell(3, 2, 3),
    ),
    Case(
        "GRUCell(1, 2, bias=False)",
        [(4, 1), [(1, 1), (1, 2)]],
        cell(gru_step),
        of_cell(3, 1, 2, bias=False),
    ),
    Case("GRUCell(3, 1)", [(2, 3)], cell(gru_step), of_cell(3, 3, 1)),
]
