"""Activations beside PyTorch's: functions, layers, kinks and the far ends."""

import math
import warnings

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

INF, NAN = math.inf, math.nan

# Every way of calling each function; the first argument is the input.
CALLS = [
    *[("relu", {}), ("relu6", {}), ("selu", {}), ("silu", {}), ("mish", {})],
    *[("hardswish", {}), ("softsign", {}), ("logsigmoid", {}), ("tanh", {})],
    *[("sigmoid", {}), ("hardsigmoid", {})],
    *[("leaky_relu", {"negative_slope": a}) for a in (0.01, 0.2, 0.0, 1.5, -0.5)],
    *[("elu", {"alpha": a}) for a in (1.0, 0.5, 2.0, 0.0, -1.0)],
    *[("celu", {"alpha": a}) for a in (1.0, 0.5, 2.0, 0.1, 10.0)],
    *[("gelu", {"approximate": a}) for a in ("none", "tanh")],
    *[("hardtanh", {"min_val": a, "max_val": b})
      for a, b in ((-1.0, 1.0), (0.0, 1.0), (-2.0, 0.5), (-5.0, 5.0), (1.0, 3.0))],
    *[("softplus", {"beta": a, "threshold": b})
      for a, b in ((1.0, 20.0), (2.0, 20.0), (0.5, 0.9), (5.0, 3.1), (1.0, -0.9))],
    *[("glu", {"dim": a}) for a in (-1, 1, 0, -2, -3)],
    *[("softmax", {"dim": a}) for a in (-1, 1, 0, -2, -3)],
    *[("log_softmax", {"dim": a}) for a in (-1, 1, 0, -2, -3)],
]  # fmt: skip
each_call = pytest.mark.parametrize(("name", "arguments"), CALLS, ids=str)
ELEMENTWISE = [call for call in CALLS if "dim" not in call[1]]

# torch has no second gradient of it.
FIRST_ONLY = {"hardsigmoid"}


def pair(name, arguments):
    """The function of both libraries."""
    ours, theirs = getattr(functional, name), getattr(torch_functional, name)
    return lambda x: ours(x, **arguments), lambda x: theirs(x, **arguments)


def order(name):
    return 1 if name in FIRST_ONLY else 2


def tolerance(dtype, name="", arguments=None):
    if dtype == "float32":
        return 1e-4, 1e-5
    # torch rounds 1/6 and 1/alpha to single precision; the numbers differ by that.
    if name == "hardsigmoid" or arguments == {"alpha": 0.1}:
        return 1e-6, 1e-7
    return 1e-10, 1e-11


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_call
def test_values_and_gradients(name, arguments, dtype, both, rng):
    for shape in [(4, 2, 6), (2, 4, 2), (0, 4, 2)]:
        array = (3 * rng.standard_normal(shape)).astype(dtype)

        both(
            *pair(name, arguments),
            [array],
            *tolerance(dtype, name, arguments),
            order=order(name),
        )


@pytest.mark.parametrize(("name", "arguments"), ELEMENTWISE, ids=str)
def test_at_every_kink_and_of_any_shape(name, arguments, both):
    kinks = [-5, -3, -2, -1, 0, 0.5, 1, 3, 5, 6, 0.2, 2]

    for array in [np.array(kinks, float), np.float64(0.5).reshape(()), np.zeros(0)]:
        both(
            *pair(name, arguments),
            [array],
            *tolerance("float64", name, arguments),
            order=order(name),
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "arguments"), ELEMENTWISE, ids=str)
def test_far_from_zero(name, arguments, dtype, both):
    # The second gradient of torch's mish is NaN there, see below.
    array = np.array([1e4, -1e4, 250, -250, 60, -60, 20.5, -20.5], dtype)
    first_only = name in FIRST_ONLY | {"mish"}

    both(
        *pair(name, arguments),
        [array],
        *tolerance(dtype, name, arguments),
        order=1 if first_only else 2,
    )


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=str)
def test_infinity_and_nan_forwards(name, arguments, agree):
    rows = np.array([[INF, 0.5], [-INF, 0.5], [NAN, 0.5], [1.0, 0.5]])
    array = rows.reshape(4, 2, 1).repeat(2, axis=2)
    ours, theirs = pair(name, arguments)

    with np.errstate(all="ignore"):
        agree(ours(Tensor(array)), theirs(torch.tensor(array)))


SHAPES = [((4, 3), 3), ((2, 3, 4), 3), ((4, 3), 1), ((5,), 1), ((0, 3), 3), ((), 1)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "count"), SHAPES, ids=str)
def test_prelu(shape, count, dtype, both, rng):
    x = np.asarray(rng.standard_normal(shape)).astype(dtype)
    weight = rng.uniform(0.1, 0.9, count).astype(dtype)
    functions = functional.prelu, torch_functional.prelu

    both(*functions, [x, weight], *tolerance(dtype))
    x.flat[:1] = 0
    both(*functions, [x, weight], *tolerance(dtype), order=1)


LAYERS = [
    *["ReLU()", "ReLU6()", "SELU()", "Sigmoid()", "LogSigmoid()", "Tanh()"],
    *["Softsign()", "SiLU()", "Mish()", "Hardsigmoid()", "Hardswish()"],
    *["GELU()", "GELU('none')", "GELU('tanh')", "GELU(approximate='tanh')"],
    *["LeakyReLU()", "LeakyReLU(0.2)", "LeakyReLU(negative_slope=0.0)"],
    *["LeakyReLU(1.5)", "LeakyReLU(-1)"],
    *["PReLU()", "PReLU(4)", "PReLU(4, 0.1)", "PReLU(init=0.5)"],
    *["PReLU(num_parameters=4, init=-1.0)"],
    *["ELU()", "ELU(0.5)", "ELU(alpha=2.0)", "ELU(0.1)", "ELU(3)"],
    *["CELU()", "CELU(0.5)", "CELU(alpha=2.0)", "CELU(0.1)", "CELU(3)"],
    *["Hardtanh()", "Hardtanh(-2)", "Hardtanh(max_val=2.5)", "Hardtanh(0, 6)"],
    *["Hardtanh(min_val=-0.5, max_val=0.5)"],
    *["Softplus()", "Softplus(2)", "Softplus(beta=0.5)", "Softplus(threshold=1)"],
    *["Softplus(3.0, 2.0)"],
    *["Softmax(dim=-1)", "Softmax(1)", "Softmax(dim=0)", "Softmax(-2)"],
    *["Softmax(dim=2)"],
    *["LogSoftmax(dim=-1)", "LogSoftmax(1)", "LogSoftmax(dim=0)", "LogSoftmax(-2)"],
    *["LogSoftmax(dim=2)"],
    *["GLU()", "GLU(1)", "GLU(dim=0)", "GLU(-2)", "GLU(dim=2)"],
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("call", LAYERS)
def test_layers_train_alike(call, dtype, same_training, rng):
    rtol, atol = (1e-9, 1e-10) if dtype == "float64" else (1e-4, 1e-5)
    if call == "Hardsigmoid()" or call == "CELU(0.1)":  # see tolerance
        rtol, atol = max(rtol, 1e-6), max(atol, 1e-7)
    for shape in [(6, 4, 2), (2, 4, 8), (2, 4, 2, 2), (0, 4, 2)]:
        x = (2 * rng.standard_normal(shape)).astype(dtype)
        with warnings.catch_warnings():
            # torch's mean of no outputs is NaN without a word, ours with NumPy's.
            warnings.simplefilter("ignore", RuntimeWarning)
            same_training(
                eval(call, vars(nn).copy()).to(dtype),
                eval(call, vars(torch.nn).copy()),
                [x],
                rtol=rtol,
                atol=atol,
            )


@pytest.mark.parametrize("call", LAYERS)
def test_states_have_the_same_names(call):
    ours = eval(call, vars(nn).copy())
    theirs = eval(call, vars(torch.nn).copy())

    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, array in ours.state_dict().items():
        np.testing.assert_array_equal(array, theirs.state_dict()[name].numpy())


# Decided differences


def test_mish_has_a_second_gradient_far_from_zero(differ):
    # torch's formula for it divides infinity by infinity.
    x = Tensor(np.array([1e4]), requires_grad=True)
    functional.mish(x).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    theirs = torch.tensor([1e4], dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(
        torch_functional.mish(theirs), theirs, create_graph=True
    )
    (second,) = torch.autograd.grad(first, theirs)

    differ(x.grad, second, [0.0], [NAN])


def test_the_mixed_second_gradient_of_prelu_at_zero_is_that_from_below(differ):
    # Both give the slope below zero as the first gradient; the derivative of that for
    # the slope is 1. torch's second gradient is 0 there.
    x = Tensor([0.0], requires_grad=True)
    weight = Tensor([0.25], requires_grad=True)
    functional.prelu(x, weight).backward(create_graph=True)
    first, weight.grad = x.grad, None
    first.backward()
    theirs = [torch.tensor([v], requires_grad=True) for v in (0.0, 0.25)]
    out = torch_functional.prelu(*theirs)
    (torch_first,) = torch.autograd.grad(out, theirs[:1], create_graph=True)

    np.testing.assert_array_equal(first.data, torch_first.detach().numpy())
    (second,) = torch.autograd.grad(torch_first, theirs[1:])
    differ(weight.grad, second, [1.0], [0.0])


def test_softmax_takes_the_last_axis_where_torch_guesses_with_a_warning(differ):
    array = np.zeros((2, 3, 4))

    with pytest.warns(UserWarning, match="Implicit dimension choice"):
        theirs = torch.nn.Softmax()(torch.tensor(array))

    differ(
        nn.Softmax()(Tensor(array)),
        theirs,
        np.full((2, 3, 4), 1 / 4),
        np.full((2, 3, 4), 1 / 2),
    )


@pytest.mark.parametrize("call", ["CELU(-1.0)", "Softplus(-1.0)"])
def test_what_is_no_activation_is_refused_where_torch_computes_it(call):
    eval(call, vars(torch.nn).copy())

    with pytest.raises(ValueError, match="a positive number is needed"):
        eval(call, vars(nn).copy())
