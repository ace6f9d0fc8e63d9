"""Recurrent layers: one set of weights, used at every step of a sequence.

`rnn`, `lstm` and `gru` run one layer in one direction over a whole sequence, time
first; a cell is a sequence of one step. What a step takes from the input needs no
state, so it is one affine map of all steps at once, in front of the loop over time,
which is in `_recurrences.py`.
"""

from typing import Any

import numpy as np

from pebblegrad.autograd import ops
from pebblegrad.nn._arguments import one_of, shape_of_floats

from ._recurrences import gru_states, lstm_states, rnn_states
from .linear import linear


def rnn(
    x: Any,
    hx: Any,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    *,
    nonlinearity: str = "tanh",
    reverse: bool = False,
) -> tuple[Any, Any]:
    """The plain recurrent layer, over a sequence.

    Every step is ``h = tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)``.

    Args:
        x: shape (T, N, D): T steps of N sequences.
        hx: the state before the first step, shape (N, H), or None for zeros.
        weight_ih: shape (H, D).
        weight_hh: shape (H, H).
        bias_ih: shape (H,), or None.
        bias_hh: shape (H,), or None.
        nonlinearity: "tanh" or "relu".
        reverse: whether to begin with the last step.

    Returns:
        The states after each step, shape (T, N, H), and the last of them, (N, H). With
        `reverse` the last is that after step 0.

    Raises:
        ValueError: if the shapes do not go together, or there is no step.
        TypeError: if ``x`` does not hold floats.

    Example:
        >>> import numpy as np
        >>> one = np.ones((1, 1))
        >>> out, h = rnn(np.zeros((2, 1, 1)), one, one, one, nonlinearity="relu")
        >>> out.ravel(), h
        (array([1., 1.]), array([[1.]]))

    Reference:
        Elman 1990, "Finding structure in time".
    """
    one_of("rnn", "nonlinearity", nonlinearity, ("tanh", "relu"))
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    _check("rnn", x, {"hx": hx}, weights, 1)
    projected = _projected(x, weight_ih, _sum_of(bias_ih, bias_hh), reverse)
    states = rnn_states(projected, weight_hh, hx, nonlinearity=nonlinearity)
    return _in_order(states[1:], reverse), states[-1]


def lstm(
    x: Any,
    hx: Any,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    *,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Long short-term memory, over a sequence.

    With ``a = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh``, cut into the
    four parts of the gates and of what is new, every step is::

        input, forget, output = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
        c = forget * c + input * tanh(a_g)
        h = output * tanh(c)

    Args:
        x: shape (T, N, D): T steps of N sequences.
        hx: the states ``(h, c)`` before the first step, each of shape (N, H), or None
            for zeros.
        weight_ih: shape (4 * H, D), the rows of i, f, g and o one after the other.
        weight_hh: shape (4 * H, H), alike.
        bias_ih: shape (4 * H,), alike, or None.
        bias_hh: shape (4 * H,), alike, or None.
        reverse: whether to begin with the last step.

    Returns:
        ``h`` after each step, shape (T, N, H), and the last ``(h, c)``, (N, H) each.
        With `reverse` the last is that after step 0.

    Raises:
        ValueError: if the shapes do not go together, or there is no step.
        TypeError: if ``x`` does not hold floats, or `hx` is no pair.

    Example:
        >>> import numpy as np
        >>> x, weight = np.ones((3, 1, 1)), np.zeros((4, 1))
        >>> out, (h, c) = lstm(x, (np.ones((1, 1)), np.ones((1, 1))), weight, weight)
        >>> c  # half of it forgotten at each of the three steps
        array([[0.125]])

    Reference:
        Hochreiter and Schmidhuber 1997, "Long short-term memory"; Gers et al. 2000,
        "Learning to forget", for the forget gate.
    """
    h, c = pair_of_states("lstm", hx)
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    _check("lstm", x, {"h": h, "c": c}, weights, 4)
    projected = _projected(x, weight_ih, _sum_of(bias_ih, bias_hh), reverse)
    states = lstm_states(projected, weight_hh, h, c)
    out = states[1:, 0, ...]
    return _in_order(out, reverse), (states[-1, 0, ...], states[-1, 1, ...])


def gru(
    x: Any,
    hx: Any,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    *,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """The gated recurrent unit, over a sequence.

    With ``a = x @ weight_ih.T + bias_ih`` and ``b = h @ weight_hh.T + bias_hh``, cut
    into the parts of the two gates and of what is new, every step is::

        reset, update = sigmoid(a_r + b_r), sigmoid(a_z + b_z)
        new = tanh(a_n + reset * b_n)
        h = (1 - update) * new + update * h

    Args:
        x: shape (T, N, D): T steps of N sequences.
        hx: the state before the first step, shape (N, H), or None for zeros.
        weight_ih: shape (3 * H, D), the rows of r, z and n one after the other.
        weight_hh: shape (3 * H, H), alike.
        bias_ih: shape (3 * H,), alike, or None.
        bias_hh: shape (3 * H,), alike, or None.
        reverse: whether to begin with the last step.

    Returns:
        The states after each step, shape (T, N, H), and the last of them, (N, H). With
        `reverse` the last is that after step 0.

    Raises:
        ValueError: if the shapes do not go together, or there is no step.
        TypeError: if ``x`` does not hold floats.

    Example:
        >>> import numpy as np
        >>> x, weight = np.ones((3, 1, 1)), np.zeros((3, 1))
        >>> out, h = gru(x, np.ones((1, 1)), weight, weight)
        >>> out.ravel()  # the update gate keeps half of it
        array([0.5  , 0.25 , 0.125])

    Reference:
        Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for
        statistical machine translation", section 2.3. There the reset gate is applied
        to ``h``, before the product; here, as in cuDNN and PyTorch, behind it: one
        product serves all three parts.
    """
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    _check("gru", x, {"hx": hx}, weights, 3)
    projected = _projected(x, weight_ih, bias_ih, reverse)
    states = gru_states(projected, weight_hh, hx, bias_hh)
    return _in_order(states[1:, 0, ...], reverse), states[-1, 0, ...]


def _projected(x: Any, weight_ih: Any, bias: Any, reverse: bool) -> Any:
    """Return what the steps take from the input, in the order they are taken."""
    steps, count, size = x.shape
    rows = ops.reshape(x, (steps * count, size))
    projected = linear(rows, weight_ih, bias)
    projected = ops.reshape(projected, (steps, count, weight_ih.shape[0]))
    return _in_order(projected, reverse)


def _in_order(steps: Any, reverse: bool) -> Any:
    """Return the steps as they are, or the last one first."""
    return ops.flip(steps, axis=0) if reverse else steps


def _sum_of(bias_ih: Any, bias_hh: Any) -> Any:
    """Return the two offsets as one, if there are any."""
    if bias_ih is None or bias_hh is None:
        return bias_hh if bias_ih is None else bias_ih
    return ops.add(bias_ih, bias_hh)


def pair_of_states(who: str, hx: Any) -> Any:
    """Return the two states of an LSTM, or twice None."""
    if hx is None:
        return None, None
    if not isinstance(hx, tuple | list) or len(hx) != 2:
        what = f"{len(hx)} of them" if isinstance(hx, tuple | list) else "one array"
        raise TypeError(f"{who}: hx is {what}; the pair (h, c) is needed")
    return hx


def _check(
    who: str, x: Any, states: dict[str, Any], weights: tuple[Any, ...], parts: int
) -> None:
    """Refuse what does not go together; `parts` is how many H the weights have."""
    shape = shape_of_floats(who, "x", x)
    if len(shape) != 3:
        raise ValueError(
            f"{who}: x has shape {shape}; three axes are needed: steps, sequences and "
            "features, (T, N, D)"
        )
    if shape[0] == 0:
        raise ValueError(f"{who}: x has shape {shape}; at least one step is needed")
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    hidden = np.shape(weight_hh)[-1]
    count = parts * hidden
    times = f"{parts} * H" if parts > 1 else "H"
    wanted = {
        "weight_ih": (weight_ih, (count, shape[2]), f"({times}, D)"),
        "weight_hh": (weight_hh, (count, hidden), f"({times}, H)"),
        "bias_ih": (bias_ih, (count,), f"({times},)"),
        "bias_hh": (bias_hh, (count,), f"({times},)"),
        **{
            name: (state, (shape[1], hidden), "(N, H)")
            for name, state in states.items()
        },
    }
    for name, (array, needed, letters) in wanted.items():
        if array is not None and shape_of_floats(who, name, array) != needed:
            raise ValueError(
                f"{who}: {name} has shape {np.shape(array)}, x {shape} and weight_hh "
                f"{np.shape(weight_hh)}; {name} must have shape {letters} = {needed}"
            )
