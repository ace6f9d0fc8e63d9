"""Activations: kinks, huge inputs, gradients to second order, and wrong calls."""

import math
import pickle

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, graph, ops
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional as F
from pebblegrad.nn.functional.activations import normal_cdf, normal_cdf_by_tanh

# Those that need nothing but x, by the name that `activation=` takes.
NAMES = [
    *("relu", "sigmoid", "tanh", "gelu", "silu", "leaky_relu", "elu", "selu", "celu"),
    *("mish", "softplus", "softsign", "logsigmoid", "relu6", "hardtanh"),
    *("hardsigmoid", "hardswish"),
]
FUNCTIONS = {
    **{name: getattr(F, name) for name in NAMES},
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "prelu": lambda x: F.prelu(x, Tensor(np.array([0.25], x.dtype))),
    "glu": lambda x: F.glu(ops.concat([x, x], axis=-1)),
}
each_function = pytest.mark.parametrize("name", FUNCTIONS)
each_name = pytest.mark.parametrize("name", NAMES)
each_dtype = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])


def gradients(function, x):
    """Value, first and second derivative at each element of x."""
    x = Tensor(x, requires_grad=True)
    out = function(x)
    out.sum().backward(create_graph=True)
    first, x.grad = x.grad, None
    if not first.requires_grad:
        return out.data, first.data, np.zeros(x.shape, x.dtype)
    first.sum().backward()
    return out.data, first.data, x.grad.data


@each_function
def test_they_are_smooth_between_their_kinks(name):
    # Kinks are at -3, -1, 0, 1, 3 and 6.
    x = np.array([-30.5, -7.3, -3.4, -2.6, -1.2, -0.7, -0.1, 0.2, 0.8, 1.3, 2.7, 3.3])

    check_gradients(FUNCTIONS[name], x, order=2)


@each_dtype
@each_function
def test_huge_inputs_give_finite_numbers_to_second_order(name, dtype):
    x = np.array([1e4, -1e4, 250.0, -250.0, 41.0, -41.0, 20.5, -20.5], dtype)

    for found in gradients(FUNCTIONS[name], x):
        assert found.dtype == dtype
        assert np.isfinite(found).all()


@each_function
def test_far_from_zero_they_are_what_they_tend_to(name):
    out, first, second = gradients(FUNCTIONS[name], np.array([-1e4, 1e4]))
    tends_to = {
        "relu": ([0, 1e4], [0, 1]),
        "sigmoid": ([0, 1], [0, 0]),
        "tanh": ([-1, 1], [0, 0]),
        "leaky_relu": ([-100, 1e4], [0.01, 1]),
        "prelu": ([-2500, 1e4], [0.25, 1]),
        "elu": ([-1, 1e4], [0, 1]),
        "celu": ([-1, 1e4], [0, 1]),
        "selu": ([-1.758099, 10507.009874], [0, 1.050701]),
        "softsign": ([-0.9999, 0.9999], [0, 0]),
        "logsigmoid": ([-1e4, 0], [1, 0]),
        "relu6": ([0, 6], [0, 0]),
        "hardtanh": ([-1, 1], [0, 0]),
        "hardsigmoid": ([0, 1], [0, 0]),
    }.get(name, ([0, 1e4], [0, 1]))

    np.testing.assert_allclose(out, tends_to[0], rtol=1e-6)
    np.testing.assert_allclose(first, tends_to[1], rtol=1e-6, atol=2e-8)
    np.testing.assert_allclose(second, [0, 0], atol=1e-11)


@each_function
def test_nan_passes_through(name):
    out = FUNCTIONS[name](Tensor([math.nan, 1.0]))

    assert np.isnan(out.data[0])
    assert np.isfinite(out.data[1:]).all()


@each_function
def test_a_plain_array_gives_a_plain_array(name):
    x = np.array([-2.0, 0.5, 4.0])
    if name == "prelu":
        found = F.prelu(x, np.array([0.25]))
    elif name == "glu":
        found = F.glu(np.concatenate([x, x]))
    else:
        found = FUNCTIONS[name](x)

    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, FUNCTIONS[name](Tensor(x)).data)


@each_function
def test_views_are_taken_and_left_as_they_are(name, rng):
    whole = rng.standard_normal((6, 8))
    before, view = whole.copy(), whole[::2, ::-2].T

    one, other = (gradients(FUNCTIONS[name], a) for a in (view, view.copy()))

    for strided, contiguous in zip(one, other, strict=True):
        np.testing.assert_array_equal(strided, contiguous)
    np.testing.assert_array_equal(whole, before)


def exponential(x):
    return ops.expm1(ops.clip(x, None, 0))


@pytest.mark.parametrize(
    ("function", "composed"),
    [
        (F.leaky_relu, lambda x: ops.where(x > 0, x, 0.01 * x)),
        (F.elu, lambda x: ops.where(x > 0, x, exponential(x))),
        (
            lambda x: F.celu(x, 2.0),
            lambda x: ops.where(x > 0, x, 2.0 * exponential(x / 2.0)),
        ),
        (F.hardtanh, lambda x: ops.clip(x, -1.0, 1.0)),
        (F.hardsigmoid, lambda x: ops.clip(x + 3, 0.0, 6.0) / 6),
        (F.softsign, lambda x: x / (1 + ops.abs(x))),
        (F.gelu, lambda x: x * (1 + ops.erf(x / math.sqrt(2))) / 2),
        (
            lambda x: F.gelu(x, "tanh"),
            lambda x: (
                x * (1 + ops.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
            ),
        ),
    ],
)
def test_they_equal_their_plain_compositions(function, composed, rng):
    x = 4 * rng.standard_normal((20, 30))

    for one, other in zip(gradients(function, x), gradients(composed, x), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


# What there is at a kink is a choice: PyTorch's, to second order.
@pytest.mark.parametrize(
    ("function", "kinks", "values", "first"),
    [
        (F.relu, [0], [0], [0]),
        (F.relu6, [0, 6], [0, 6], [0, 0]),
        (F.leaky_relu, [0], [0], [0.01]),
        (lambda x: F.prelu(x, Tensor([0.5])), [0], [0], [0.5]),
        (lambda x: F.elu(x, 0.5), [0], [0], [0.5]),
        (lambda x: F.celu(x, 0.5), [0], [0], [1]),
        (F.selu, [0], [0], [1.6732632423543772 * 1.0507009873554805]),
        (F.hardtanh, [-1, 1], [-1, 1], [0, 0]),
        (F.hardsigmoid, [-3, 3], [0, 1], [0, 0]),
        (F.hardswish, [-3, 3], [0, 3], [0, 1]),
        (F.softsign, [0], [0], [1]),
    ],
)
def test_the_gradient_at_a_kink_is_that_of_one_side(function, kinks, values, first):
    out, gradient, second = gradients(function, np.array(kinks, float))

    np.testing.assert_allclose(out, values, rtol=1e-15)
    np.testing.assert_allclose(gradient, first, rtol=1e-15)
    np.testing.assert_array_equal(second, np.zeros(len(kinks)))


def test_the_slope_of_prelu_gets_what_came_from_below():
    x = Tensor([[-3.0, 5.0], [-1.0, -2.0], [0.0, 0.0]])
    weight = Tensor([0.5, 0.25], requires_grad=True)

    F.prelu(x, weight).sum().backward()

    np.testing.assert_array_equal(weight.grad.data, [-4.0, -2.0])


@pytest.mark.parametrize(
    ("x", "weight"),
    [((2, 3), (3,)), ((2, 3, 4), (3,)), ((2, 3), (1,)), ((3,), (1,)), ((), (1,))],
)
def test_the_gradients_of_prelu_are_right(x, weight, rng):
    check_gradients(F.prelu, 1 + rng.random(x), rng.random(weight), order=2)
    check_gradients(F.prelu, -1 - rng.random(x), rng.random(weight), order=2)


def test_prelu_takes_a_weight_without_axes():
    assert F.prelu(Tensor([-2.0]), Tensor(0.5)).data == -1


def test_a_negative_slope_of_zero_leaves_infinity_as_it_is():
    assert F.leaky_relu(Tensor([math.inf]), negative_slope=0.0).data == math.inf


def test_leaky_relu_may_be_steeper_below_zero_than_above():
    out, first, _ = gradients(lambda x: F.leaky_relu(x, 3.0), np.array([-2.0, 2.0]))

    np.testing.assert_array_equal(out, [-6, 2])
    np.testing.assert_array_equal(first, [3, 1])


def test_the_small_numbers_of_exponentials_are_exact():
    tiny = np.array([-1e-12])

    for function in (F.elu, F.celu):
        np.testing.assert_allclose(function(tiny), tiny, rtol=1e-11)


def test_selu_keeps_mean_and_variance(rng):
    out = F.selu(rng.standard_normal(200_000))

    np.testing.assert_allclose([out.mean(), out.var()], [0, 1], atol=0.02)


def test_softplus_is_its_argument_beyond_the_threshold():
    x = np.array([1.9, 2.1])

    smooth = np.log(1 + np.exp(1.9))
    np.testing.assert_allclose(F.softplus(x, threshold=2.0), [smooth, 2.1], rtol=1e-15)
    smooth = np.log(1 + np.exp(2 * 0.9)) / 2
    found = F.softplus(x - 1, beta=2.0, threshold=2.0)
    np.testing.assert_allclose(found, [smooth, 1.1], rtol=1e-15)


def test_the_gradient_of_softsign_keeps_its_digits_far_out():
    _, first, second = gradients(F.softsign, np.array([1e6, -1e6]))

    np.testing.assert_allclose(first, [1 / (1 + 1e6) ** 2] * 2, rtol=1e-14)
    expected = 2 / (1 + 1e6) ** 3
    np.testing.assert_allclose(second, [-expected, expected], rtol=1e-14)


def test_the_gate_of_gelu_is_the_normal_distribution():
    # P(Z < 1.96) is 0.975 by any table.
    np.testing.assert_allclose(normal_cdf(np.array([0.0, 1.959964])), [0.5, 0.975])
    x = np.linspace(-6, 6, 601)
    apart = np.abs(normal_cdf(x) - normal_cdf_by_tanh(x)).max()
    assert 1e-4 < apart < 3e-4
    apart = np.abs(F.gelu(x) - F.gelu(x, approximate="tanh")).max()
    assert 1e-4 < apart < 5e-4


def test_gelu_in_float16_is_that_of_float32():
    x = np.linspace(-8, 8, 161).astype("float16")

    found = F.gelu(x)

    assert found.dtype == "float16"
    np.testing.assert_allclose(found, F.gelu(x.astype("float32")), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("x", [[-math.inf, 1.0], [math.inf, 1.0]], ids=str)
def test_the_gate_of_gelu_is_level_at_infinity_too(x):
    _, gate_slope, _ = gradients(normal_cdf, np.array(x))

    assert gate_slope[0] == 0


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -3])
def test_glu_halves_the_axis_that_is_named(dim, rng):
    x = rng.standard_normal((2, 4, 6))

    value, gate = np.split(x, 2, axis=dim)

    np.testing.assert_allclose(F.glu(Tensor(x), dim).data, value / (1 + np.exp(-gate)))
    check_gradients(lambda x: F.glu(x, dim), x, order=2)


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax])
@pytest.mark.parametrize("shape", [(2, 0), (0, 2), (0,)])
def test_softmax_of_nothing_is_nothing(function, shape):
    out, first, _ = gradients(function, np.zeros(shape))

    assert out.shape == first.shape == shape


def test_softmax_of_a_single_number_is_one():
    np.testing.assert_array_equal(F.softmax(Tensor(3.0)).data, np.ones((), "f"))
    np.testing.assert_array_equal(F.log_softmax(Tensor(3.0), 0).data, np.zeros((), "f"))


# Wrong calls


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: F.softmax(x, 2),
            r"softmax: x has shape \(2, 3\), dim=2; x has no axis 2; give one from -2 "
            "to 1",
        ),
        (
            lambda x: F.log_softmax(x[:0], -3),
            r"log_softmax: x has shape \(0, 3\), dim=-3; x has no axis -3",
        ),
        (
            lambda x: F.softmax(x[0, 0], 1),
            r"softmax: x has shape \(\), dim=1; x is a single number; an axis",
        ),
        (lambda x: F.glu(x, 5), r"glu: x has shape \(2, 3\), dim=5; x has no axis 5"),
        (
            lambda x: F.glu(x, -3),
            r"glu: x has shape \(2, 3\), dim=-3; x has no axis -3",
        ),
        (
            F.glu,
            r"glu: x has shape \(2, 3\), dim=-1; the size of axis -1 is 3; an even one",
        ),
        (
            lambda x: F.glu(x, "1"),
            r"glu: x has shape \(2, 3\), dim=1; dim must be an integer",
        ),
        (lambda x: F.glu(x[0, 0]), r"glu: x has shape \(\), .*single number"),
        (
            lambda x: F.prelu(x, Tensor([0.1, 0.2])),
            r"prelu: x has shape \(2, 3\) and weight has shape \(2,\); a weight of "
            r"shape \(1,\) or \(3,\) is needed",
        ),
        (
            lambda x: F.prelu(x[0], Tensor([0.1, 0.2, 0.3])),
            r"prelu: x has shape \(3,\) .* a weight of shape \(1,\) is needed",
        ),
        (
            lambda x: F.prelu(x, Tensor([[0.1, 0.2, 0.3]])),
            r"weight has shape \(1, 3\); a weight of shape \(1,\) or \(3,\) is needed",
        ),
        (
            lambda x: F.gelu(x, "erf"),
            'gelu: approximate is \'erf\'; give one of "none", "tanh"',
        ),
        (
            lambda x: F.celu(x, alpha=0),
            r"celu: x has shape \(2, 3\), alpha=0; alpha is 0; a positive number",
        ),
        (
            lambda x: F.softplus(x, beta=0),
            "softplus: beta is 0; a positive number is needed",
        ),
        (
            lambda x: F.softplus(x, beta="2"),
            "softplus: beta is '2'; a number is needed",
        ),
        (
            lambda x: F.hardtanh(x, 2.0, 1.0),
            r"hardtanh: x has shape \(2, 3\), min_val=2.0, max_val=1.0; max_val must",
        ),
        (lambda x: nn.LeakyReLU("0.1"), "LeakyReLU: negative_slope is '0.1'; a number"),
        (lambda x: nn.PReLU(0), "PReLU: num_parameters is 0; a positive integer"),
        (lambda x: nn.PReLU(2, init=None), "PReLU: init is None; a number is needed"),
        (lambda x: nn.ELU(math.nan), "ELU: alpha is nan; a number is needed"),
        (lambda x: nn.CELU(-1), "CELU: alpha is -1; a positive number is needed"),
        (lambda x: nn.Softplus(beta=-2), "Softplus: beta is -2; a positive number"),
        (
            lambda x: nn.Softplus(threshold="x"),
            "Softplus: threshold is 'x'; a number is needed",
        ),
        (
            lambda x: nn.Hardtanh(1, 1),
            "Hardtanh: min_val is 1 and max_val is 1; max_val must be the larger",
        ),
        (lambda x: nn.GELU(True), "GELU: approximate is True; give one of"),
        (lambda x: nn.Softmax("1"), "Softmax: dim is '1'; an integer is needed"),
        (lambda x: nn.GLU(0.5), "GLU: dim is 0.5; an integer is needed"),
        (lambda x: nn.PReLU(2)(x), r"^PReLU: prelu: x has shape \(2, 3\) and weight"),
        (lambda x: nn.GLU()(x), r"^GLU: glu: x has shape \(2, 3\), dim=-1; the size"),
        (lambda x: nn.Softmax(2)(x), r"^Softmax: softmax: x has shape \(2, 3\), dim=2"),
        (
            lambda x: nn.Linear(3, 3, activation=["relu"]),
            r"activation: \['relu'\] is not known; give \"relu\"",
        ),
    ],
)
def test_wrong_calls_are_told_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: F.leaky_relu(x, "0.1"),
            r"leaky_relu: x has shape \(2, 3\), negative_slope='0.1'; negative_slope "
            "must be a number",
        ),
        (lambda x: F.elu(x, None), "elu: .*alpha=None; alpha must be a number"),
        (lambda x: F.celu(x, "1"), "celu: .*alpha='1'; alpha must be a number"),
        (
            lambda x: F.hardtanh(x, None, "1"),
            "hardtanh: .*; min_val and max_val must be a number",
        ),
        (
            lambda x: F.softmax(x, "1"),
            r"softmax: x has shape \(2, 3\), dim='1'; dim must be an integer",
        ),
        (
            lambda x: F.prelu(x, 0.25),
            r"prelu: weight is float; a Tensor or an array is needed, Tensor\(\.\.\.\)",
        ),
        (lambda x: F.prelu([1.0], x), "prelu: x is list; a Tensor or an array is"),
        (lambda x: F.glu([1.0, 2.0]), "glu: x is list; a Tensor or an array is"),
    ],
)
def test_wrong_kinds_are_told_what_is_needed(call, message):
    with pytest.raises(TypeError, match=message):
        call(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("prelu", "glu")])
def test_a_list_is_refused_with_the_way_to_make_a_tensor(name):
    with pytest.raises(TypeError, match="list; a Tensor, a real array or a number is"):
        FUNCTIONS[name]([1.0, 2.0])


# By name, and how PReLU begins


@each_name
def test_a_layer_takes_an_activation_by_name(name, rng):
    x = rng.standard_normal((4, 3))
    layer = nn.Linear(3, 2, activation=name, rng=0).to("float64")

    expected = FUNCTIONS[name](F.linear(Tensor(x), layer.weight, layer.bias))

    np.testing.assert_array_equal(layer(Tensor(x)).data, expected.data)
    assert repr(layer) == f"Linear(2, 3, activation={name!r})".replace("2, 3", "3, 2")
    assert str(graph(layer(Tensor(x)))) == str(graph(expected))  # fused or not
    if name in ("relu", "sigmoid", "tanh"):
        assert f"op=linear_{name}" in repr(layer(Tensor(x)))
    again = pickle.loads(pickle.dumps(layer))
    np.testing.assert_array_equal(again(Tensor(x)).data, expected.data)


@each_name
@pytest.mark.parametrize("axes", [1, 2])
def test_a_convolution_takes_an_activation_by_name(name, axes, rng):
    x = Tensor(rng.standard_normal((2, 3, 6, 5)[: axes + 2]), requires_grad=True)
    kind, function = (nn.Conv1d, F.conv1d) if axes == 1 else (nn.Conv2d, F.conv2d)
    layer = kind(3, 2, 3, activation=name, rng=0).to("float64")

    found = layer(x)
    expected = FUNCTIONS[name](function(x, layer.weight, layer.bias))

    np.testing.assert_array_equal(found.data, expected.data)
    shown = [[str(node.op) for node in graph(out)] for out in (found, expected)]
    if axes == 2 and name in ("relu", "sigmoid", "tanh"):
        assert f"op=convolve_{name}" in repr(found)
    if axes == 1:  # the axis that was added is taken away behind the activation
        shown = [sorted(names) for names in shown]
    assert shown[0] == shown[1]
    gradients = []
    for out in (found, expected):
        layer.zero_grad()
        (out * out).sum().backward()
        gradients.append([parameter.grad.data for parameter in layer.parameters()])
    for mine, wanted in zip(*gradients, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-12)


def test_prelu_begins_with_a_quarter():
    np.testing.assert_array_equal(nn.PReLU().weight.data, [0.25])
    np.testing.assert_array_equal(nn.PReLU(3, 0.1).weight.data, np.full(3, 0.1, "f"))
    assert nn.PReLU(3).weight.requires_grad


@pytest.mark.parametrize(
    "name",
    "ReLU ReLU6 LeakyReLU ELU CELU SELU SiLU Mish Hardtanh Hardswish Hardsigmoid "
    "Dropout Dropout1d Dropout2d AlphaDropout".split(),
)
def test_what_pytorch_computes_in_place_may_be_asked_for(name):
    kind = getattr(nn, name)

    assert repr(kind(inplace=True)) == repr(kind())
