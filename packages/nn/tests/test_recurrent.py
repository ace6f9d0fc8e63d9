"""Recurrent layers: values by hand, gradients, edges, errors, initial values."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, manual_seed, no_grad, ops
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional

PARTS = {"rnn": 1, "lstm": 4, "gru": 3}
each_function = pytest.mark.parametrize("name", PARTS)
each_layer = pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
each_cell = pytest.mark.parametrize("name", ["RNNCell", "LSTMCell", "GRUCell"])


def weights(rng, parts, below=2, hidden=2, bias=True):
    rows = parts * hidden
    shapes = [(rows, below), (rows, hidden), (rows,), (rows,)]
    return [rng.uniform(-1, 1, shape) for shape in shapes[: 4 if bias else 2]]


def outputs(found):
    """All results of a layer, in a row."""
    if not isinstance(found, tuple):
        return [found]
    return [one for part in found for one in outputs(part)]


def joined(found):
    return ops.concat([part.ravel() for part in outputs(found)])


def run(name, x, states, arrays, **options):
    """Call a function with one state, or with the pair that an LSTM has."""
    hx = None
    if states:
        hx = tuple(states) if name == "lstm" else states[0]
    return getattr(functional, name)(x, hx, *arrays, **options)


# Values


def test_an_lstm_that_forgets_nothing_adds_up_what_comes_in():
    # Gates wide open: c is the sum of tanh(x), h the tanh of that.
    x = np.array([0.1, 0.2, 0.3]).reshape(3, 1, 1)
    weight_ih = np.array([[0.0], [0.0], [1.0], [0.0]])
    bias = np.array([1e3, 1e3, 0.0, 1e3])

    out, (h, c) = functional.lstm(x, None, weight_ih, np.zeros((4, 1)), bias)

    total = np.cumsum(np.tanh(x.ravel()))
    np.testing.assert_allclose(out.ravel(), np.tanh(total))
    np.testing.assert_allclose([h.item(), c.item()], [np.tanh(total[-1]), total[-1]])


def test_a_gru_whose_update_gate_is_open_keeps_its_state():
    bias = np.array([0.0, 1e3, 0.0])

    out, h = functional.gru(
        np.ones((3, 1, 1)), np.full((1, 1), 0.7), np.ones((3, 1)), np.ones((3, 1)), bias
    )

    np.testing.assert_array_equal(out, np.full((3, 1, 1), 0.7))
    np.testing.assert_array_equal(h, [[0.7]])


def test_the_reset_gate_of_a_gru_is_inside_the_offset_of_the_new_state():
    # The gate is shut by bias_ih: nothing of bias_hh's third part comes through.
    bias_ih, bias_hh = np.array([-1e3, -1e3, 0.5]), np.array([0.0, 0.0, 9.0])

    _, h = functional.gru(
        np.zeros((1, 1, 1)), None, np.ones((3, 1)), np.ones((3, 1)), bias_ih, bias_hh
    )

    np.testing.assert_allclose(h, [[np.tanh(0.5)]])


@each_function
def test_from_the_end_is_the_turned_sequence(name, rng):
    x, arrays = rng.standard_normal((4, 2, 2)), weights(rng, PARTS[name])

    found = outputs(run(name, x, [], arrays, reverse=True))
    out, *last = outputs(run(name, x[::-1], [], arrays))

    for one, other in zip(found, [out[::-1], *last], strict=True):
        np.testing.assert_array_equal(one, other)


@each_function
@pytest.mark.parametrize("which", ["bias_ih", "bias_hh"])
def test_one_bias_alone_is_enough(name, which, rng):
    x, zeros = rng.standard_normal((3, 2, 2)), np.zeros(2 * PARTS[name])
    weight_ih, weight_hh, bias, _ = weights(rng, PARTS[name])
    other = "bias_hh" if which == "bias_ih" else "bias_ih"
    function = getattr(functional, name)

    alone = function(x, None, weight_ih, weight_hh, **{which: bias})
    both = function(x, None, weight_ih, weight_hh, **{which: bias, other: zeros})

    for one, two in zip(outputs(alone), outputs(both), strict=True):
        np.testing.assert_array_equal(one, two)


@each_function
def test_plain_arrays_give_plain_arrays(name, rng):
    found = outputs(run(name, np.ones((2, 1, 2)), [], weights(rng, PARTS[name])))

    assert all(type(one) is np.ndarray for one in found)


@each_layer
def test_two_halves_of_a_sequence_are_the_whole(name, rng):
    layer = getattr(nn, name)(3, 4, num_layers=2, rng=0).to("float64")
    x = Tensor(rng.standard_normal((5, 2, 3)))

    out, last = layer(x)
    first, state = layer(x[:2])
    second, end = layer(x[2:], state)

    halves = np.concatenate([first.data, second.data])
    np.testing.assert_allclose(halves, out.data, rtol=1e-12)
    for one, other in zip(outputs(end), outputs(last), strict=True):
        np.testing.assert_allclose(one.data, other.data, rtol=1e-12)


@each_layer
def test_cells_in_a_loop_are_the_layer(name, rng):
    layer = getattr(nn, name)(3, 4, rng=0)
    cell = getattr(nn, name + "Cell")(3, 4)
    state = layer.state_dict()
    cell.load_state_dict({key.removesuffix("_l0"): a for key, a in state.items()})
    x = Tensor(rng.standard_normal((5, 2, 3)).astype("float32"))

    hx = None
    for now in x:
        hx = cell(now, hx)
    _, last = layer(x)

    for one, other in zip(outputs(hx), outputs(last), strict=True):
        np.testing.assert_allclose(one.data, other.data[0], rtol=1e-5)


# Gradients


@each_function
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("bias", [True, False])
def test_gradients_of_everything_are_right(name, reverse, bias, rng):
    count = 2 if name == "lstm" else 1
    x, states = rng.standard_normal((3, 2, 2)), rng.standard_normal((count, 2, 2))
    arrays = weights(rng, PARTS[name], bias=bias)

    def call(x, *others):
        found = run(name, x, others[:count], others[count:], reverse=reverse)
        return joined(found)

    check_gradients(call, x, *states, *arrays, order=2)


def test_gradients_of_the_rectified_network_are_right(rng):
    x, arrays = rng.uniform(0.5, 1, (3, 2, 2)), weights(rng, 1)

    def call(x, *arrays):
        return joined(functional.rnn(x, None, *arrays, nonlinearity="relu"))

    check_gradients(call, x, *arrays, order=2)


@each_function
def test_only_one_of_the_results_may_be_used(name, rng):
    x, arrays = rng.standard_normal((3, 2, 2)), weights(rng, PARTS[name])
    results = 3 if name == "lstm" else 2

    for i in range(results):
        check_gradients(
            lambda *a, i=i: outputs(run(name, a[0], [], a[1:]))[i], x, *arrays, order=2
        )


@each_function
def test_constants_get_no_gradient(name, rng):
    x = Tensor(rng.standard_normal((3, 2, 2)))
    arrays = [Tensor(a) for a in weights(rng, PARTS[name])]
    weight_hh = Tensor(arrays[1].data, requires_grad=True)

    out, _ = run(name, x, [], [arrays[0], weight_hh, *arrays[2:]])
    out.sum().backward()

    assert weight_hh.grad.shape == weight_hh.shape
    assert x.grad is None and arrays[0].grad is None and arrays[3].grad is None


# Edges


@each_function
def test_inputs_are_left_as_they_are(name, rng):
    given = [rng.standard_normal((3, 2, 2)), *weights(rng, PARTS[name])]
    copies = [a.copy() for a in given]
    tensors = [Tensor(a, requires_grad=True) for a in given]
    for tensor in tensors:
        tensor.data.flags.writeable = False

    out, _ = run(name, tensors[0], [], tensors[1:])
    out.sum().backward()

    for tensor, copy in zip(tensors, copies, strict=True):
        np.testing.assert_array_equal(tensor.data, copy)


@each_function
def test_views_give_what_their_copies_give(name, rng):
    x = rng.standard_normal((2, 2, 6))[:, :, ::3].swapaxes(0, 1)
    arrays = weights(rng, PARTS[name])
    turned = [np.asfortranarray(a) for a in arrays]

    found = outputs(run(name, x, [], turned))
    wanted = outputs(run(name, x.copy(), [], arrays))

    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@each_function
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_very_large_numbers_saturate(name, dtype):
    large = np.finfo(dtype).max / 16
    rows = PARTS[name]
    weight = np.ones((rows, 1), dtype)
    x = np.array([large, -large], dtype).reshape(1, 2, 1)

    found = outputs(run(name, x, [], [weight, weight]))

    assert all(np.abs(one).max() <= 1 and one.dtype == dtype for one in found)


@each_function
def test_nan_stays_in_its_own_sequence(name, rng):
    x, arrays = rng.standard_normal((3, 2, 2)), weights(rng, PARTS[name])
    x[1, 0, 0] = np.nan

    out, _ = run(name, x, [], arrays)

    is_nan = np.isnan(out).all(axis=-1)
    np.testing.assert_array_equal(
        is_nan, [[False, False], [True, False], [True, False]]
    )
    assert np.isfinite(out[:, 1]).all()


@each_layer
def test_no_sequences_at_all_give_zero_gradients(name):
    layer = getattr(nn, name)(2, 3)

    out, _ = layer(Tensor(np.zeros((4, 0, 2), "float32")))
    out.sum().backward()

    assert out.shape == (4, 0, 3)
    assert all(not p.grad.data.any() for p in layer.parameters())


@each_layer
def test_without_gradients_no_graph_is_kept(name):
    with no_grad():
        out, _ = getattr(nn, name)(2, 3)(Tensor(np.zeros((4, 1, 2), "float32")))

    assert not out.requires_grad


# Dropout


@each_layer
def test_dropout_acts_between_layers_in_training_only(name):
    layer = getattr(nn, name)(2, 8, num_layers=2, dropout=0.5, rng=0)
    x = Tensor(np.ones((3, 2, 2), "float32"))

    one, two = layer(x)[0].data, layer(x)[0].data
    layer.eval()
    three, four = layer(x)[0].data, layer(x)[0].data

    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(three, four)


def test_all_dropped_leaves_the_second_layer_its_offsets():
    layer = nn.RNN(1, 2, num_layers=2, dropout=1.0, rng=0)

    out, _ = layer(Tensor(np.ones((1, 1, 1), "float32")))

    offsets = layer.bias_ih_l1.data + layer.bias_hh_l1.data
    np.testing.assert_allclose(out.data[0, 0], np.tanh(offsets), rtol=1e-6)


def test_a_seed_repeats_what_is_dropped():
    x = Tensor(np.ones((3, 2, 2), "float32"))
    runs = []
    for _ in range(2):
        manual_seed(3)
        runs.append(nn.LSTM(2, 8, num_layers=2, dropout=0.5)(x)[0].data)

    np.testing.assert_array_equal(*runs)


def test_dropout_with_one_layer_is_warned_of():
    with pytest.warns(UserWarning, match=r"GRU: dropout is 0\.5 and num_layers is 1"):
        nn.GRU(2, 3, dropout=0.5)


# Initial values


@each_layer
def test_initial_values_are_even_within_the_root_of_the_size(name):
    layer = getattr(nn, name)(50, 100, num_layers=2, bidirectional=True, rng=0)

    for parameter in layer.parameters():
        values = parameter.data / 0.1
        assert np.abs(values).max() <= 1
        assert abs(values.mean()) < 0.2
        assert abs(values.std() - 1 / np.sqrt(3)) < 0.1


@each_cell
def test_initial_values_of_a_cell(name):
    values = [p.data for p in getattr(nn, name)(50, 100, rng=0).parameters()]

    together = np.concatenate([a.ravel() for a in values]) / 0.1
    assert np.abs(together).max() <= 1
    assert abs(together.std() - 1 / np.sqrt(3)) < 0.02


# Errors


ones = np.ones
LSTM_OF_2_AND_3 = (ones((12, 2)), ones((12, 3)), ones(12), ones(12))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: functional.lstm(ones((4, 2)), None, *LSTM_OF_2_AND_3),
            ValueError,
            r"lstm: x has shape \(4, 2\); three axes are needed",
        ),
        (
            lambda: functional.lstm(ones((0, 4, 2)), None, *LSTM_OF_2_AND_3),
            ValueError,
            r"lstm: x has shape \(0, 4, 2\); at least one step is needed",
        ),
        (
            lambda: functional.lstm(ones((5, 4, 3)), None, *LSTM_OF_2_AND_3),
            ValueError,
            r"weight_ih must have shape \(4 \* H, D\) = \(12, 3\)",
        ),
        (
            lambda: functional.gru(ones((5, 4, 2)), None, *LSTM_OF_2_AND_3),
            ValueError,
            r"gru: weight_ih .* must have shape \(3 \* H, D\) = \(9, 2\)",
        ),
        (
            lambda: functional.lstm(
                ones((5, 4, 2)), None, ones((12, 2)), ones((12, 3)), ones(3)
            ),
            ValueError,
            r"bias_ih has shape \(3,\), .* \(4 \* H,\) = \(12,\)",
        ),
        (
            lambda: functional.lstm(ones((5, 4, 2)), ones((4, 3)), *LSTM_OF_2_AND_3),
            TypeError,
            r"lstm: hx is one array; the pair \(h, c\) is needed",
        ),
        (
            lambda: functional.lstm(
                ones((5, 4, 2)), (ones((4, 3)), ones((5, 3))), *LSTM_OF_2_AND_3
            ),
            ValueError,
            r"lstm: c has shape \(5, 3\), .* \(N, H\) = \(4, 3\)",
        ),
        (
            lambda: functional.lstm([[[1.0, 2.0]]], None, *LSTM_OF_2_AND_3),
            TypeError,
            r"lstm: x is a list; a Tensor of floats is needed",
        ),
        (
            lambda: functional.rnn(
                ones((1, 1, 1)), None, ones((1, 1)), ones((1, 1)), nonlinearity="selu"
            ),
            ValueError,
            r'nonlinearity is \'selu\'; give one of "tanh", "relu"',
        ),
        (
            lambda: nn.LSTM(2, 3)(Tensor(ones((5, 4, 3)))),
            ValueError,
            r"LSTM: x has shape \(5, 4, 3\); \(T, N, 2\) is needed, or \(T, 2\)",
        ),
        (
            lambda: nn.LSTM(2, 3, batch_first=True)(Tensor(ones(2))),
            ValueError,
            r"x has shape \(2,\); \(N, T, 2\) is needed",
        ),
        (
            lambda: nn.GRU(2, 3)(Tensor(ones((5, 4, 2), int))),
            TypeError,
            r"x is of int64; a Tensor of floats is needed",
        ),
        (
            lambda: nn.GRU(2, 3)(Tensor(ones((5, 4, 2))), Tensor(ones((4, 3)))),
            ValueError,
            r"hx has shape \(4, 3\); \(L, N, H\) = \(1, 4, 3\) is needed",
        ),
        (
            lambda: nn.GRU(2, 3, num_layers=2, bidirectional=True)(
                Tensor(ones((5, 2))), Tensor(ones((2, 3)))
            ),
            ValueError,
            r"hx has shape \(2, 3\); \(L, H\) = \(4, 3\) is needed",
        ),
        (
            lambda: nn.LSTM(2, 3)(Tensor(ones((5, 4, 2))), Tensor(ones((1, 4, 3)))),
            TypeError,
            r"hx is one array; the pair \(h, c\) is needed",
        ),
        (
            lambda: nn.RNN(2, 3)(Tensor(ones((0, 4, 2)))),
            ValueError,
            r"x has shape \(0, 4, 2\); at least one step",
        ),
        (
            lambda: nn.LSTMCell(2, 3)(Tensor(ones((5, 4, 2)))),
            ValueError,
            r"LSTMCell: x has shape \(5, 4, 2\); \(N, 2\) is needed",
        ),
        (
            lambda: nn.GRUCell(2, 3)(Tensor(ones((4, 2))), Tensor(ones((1, 3)))),
            ValueError,
            r"hx has shape \(1, 3\); \(4, 3\) is needed",
        ),
        (
            lambda: nn.LSTM(0, 3),
            ValueError,
            r"LSTM: input_size is 0; a positive integer",
        ),
        (
            lambda: nn.GRUCell(2, "3"),
            ValueError,
            r"GRUCell: hidden_size is '3'; a positive integer",
        ),
        (
            lambda: nn.GRU(2, 3, num_layers=0),
            ValueError,
            r"GRU: num_layers is 0; a positive integer",
        ),
        (
            lambda: nn.LSTM(2, 3, num_layers=2, dropout=1.5),
            ValueError,
            r"LSTM: dropout is 1\.5; a number from 0 to 1",
        ),
        (
            lambda: nn.RNN(2, 3, nonlinearity="sigmoid"),
            ValueError,
            r"RNN: nonlinearity is 'sigmoid'; give one of",
        ),
        (
            lambda: nn.RNN(2, 3, 2, True),
            ValueError,
            r"RNN: nonlinearity is True; give one of",
        ),
    ],
)
def test_wrong_calls_are_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()
