"""Every layer, by one table: value, gradients, parameters, state, dtype and text.

Adding a layer is: its file and one row here. `test_every_layer_has_a_case` fails
without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, default_dtype, manual_seed
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import Flatten, Linear, Module, ReLU, Sequential, Sigmoid, Tanh


@dataclass
class Case:
    """One way of making a layer; its text is what `repr` must show.

    `reference` takes the input and then the parameters, in the order of `state`, which
    has PyTorch's names and shapes.
    """

    text: str
    shapes: list[tuple[int, ...]]
    out_shapes: list[tuple[int, ...]]
    reference: Callable[..., Any]
    state: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __str__(self):
        return self.text.replace(" ", "").replace("\n", "")

    def make(self, dtype="float64"):
        names = {name: getattr(nn, name) for name in nn.layers.__all__}
        with default_dtype(dtype):
            manual_seed(0)
            layer = eval(SEQUENTIAL.get(self.text, self.text), names)
        assert isinstance(layer, Module)
        return layer


def affine(x, weight, bias=0.0):
    return np.einsum("...i,oi->...o", x, weight) + bias


def logistic(x):
    return 1 / (1 + np.exp(-x))


def two_layers(x, weight1, bias1, weight2, bias2):
    return affine(np.maximum(affine(x, weight1, bias1), 0), weight2, bias2)


def same(x):
    return x


# The text of a container shows names, which are not its arguments.
SEQUENTIAL = {
    "Sequential(\n  (0): Linear(2, 3)\n  (1): ReLU()\n  (2): Linear(3, 1)\n)": (
        "Sequential(Linear(2, 3), ReLU(), Linear(3, 1))"
    )
}

VECTORS = [(4, 2), (2,), (3, 4, 2), (0, 2)]
ANY = [(4, 2), (), (3,), (2, 3, 4), (0, 2)]
LINEAR = {"weight": (3, 2), "bias": (3,)}

CASES = [
    Case("Linear(2, 3)", VECTORS, [(4, 3), (3,), (3, 4, 3), (0, 3)], affine, LINEAR),
    Case(
        "Linear(2, 3, bias=False)",
        VECTORS,
        [(4, 3), (3,), (3, 4, 3), (0, 3)],
        affine,
        {"weight": (3, 2)},
    ),
    Case("Linear(2, 1)", [(4, 2)], [(4, 1)], affine, {"weight": (1, 2), "bias": (1,)}),
    Case(
        "Linear(2, 3, activation='relu')",
        [(4, 2)],
        [(4, 3)],
        lambda *a: np.maximum(affine(*a), 0),
        LINEAR,
    ),
    Case(
        "Linear(2, 3, activation='tanh')",
        [(4, 2)],
        [(4, 3)],
        lambda *a: np.tanh(affine(*a)),
        LINEAR,
    ),
    Case(
        "Linear(2, 3, bias=False, activation='sigmoid')",
        [(4, 2)],
        [(4, 3)],
        lambda *a: logistic(affine(*a)),
        {"weight": (3, 2)},
    ),
    Case("ReLU()", ANY, ANY, lambda x: np.maximum(x, 0)),
    Case("Sigmoid()", ANY, ANY, logistic),
    Case("Tanh()", ANY, ANY, np.tanh),
    Case(
        "Flatten()",
        [(2, 3, 4), (2, 3), (2, 1, 3, 4), (0, 3, 4)],
        [(2, 12), (2, 3), (2, 12), (0, 12)],
        lambda x: x.reshape(len(x), int(np.prod(x.shape[1:]))),
    ),
    Case(
        "Flatten(0, 1)",
        [(2, 3, 4), (2, 3)],
        [(6, 4), (6,)],
        lambda x: x.reshape(-1, *x.shape[2:]),
    ),
    Case("Flatten(-2, 2)", [(2, 3, 4)], [(2, 12)], lambda x: x.reshape(2, 12)),
    Case("Sequential()", ANY, ANY, same),
    Case(
        next(iter(SEQUENTIAL)),
        VECTORS,
        [(4, 1), (1,), (3, 4, 1), (0, 1)],
        two_layers,
        {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,)},
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def parameters(case, rng):
    """Values for the parameters that keep every ReLU away from its kink."""
    return [
        rng.choice([-1, 1], shape) * rng.uniform(0.3, 1, shape)
        for shape in case.state.values()
    ]


def test_every_layer_has_a_case():
    made = {type(case.make()).__name__ for case in CASES}

    assert made == set(nn.layers.__all__)


@each_case
def test_forward_equals_the_reference(case, rng):
    layer = case.make()

    for shape, out_shape in zip(case.shapes, case.out_shapes, strict=True):
        x = rng.standard_normal(shape)
        out = layer(Tensor(x))
        expected = case.reference(x, *[p.data for p in layer.parameters()])

        assert isinstance(out, Tensor)
        assert out.shape == out_shape
        np.testing.assert_allclose(out.data, expected, rtol=1e-13, atol=1e-15)


@each_case
def test_gradients_are_right_to_second_order(case, rng):
    layer = case.make()
    names = list(case.state)

    def call(x, *values):
        for name, value in zip(names, values, strict=True):
            *path, last = name.split(".")
            owner = layer[int(path[0])] if path else layer
            setattr(owner, last, value)
        return layer(x)

    for shape in case.shapes:
        x = rng.choice([-1, 1], shape) * rng.uniform(0.3, 1, shape)
        check_gradients(call, x, *parameters(case, rng), order=2)


@each_case
def test_state_has_the_names_and_shapes_that_pytorch_gives(case):
    layer = case.make()

    state = layer.state_dict()

    assert {name: array.shape for name, array in state.items()} == case.state
    assert list(state) == [name for name, _ in layer.named_parameters()]
    assert all(parameter.requires_grad for parameter in layer.parameters())


@each_case
def test_state_makes_the_round_trip(case, rng):
    layer, other = case.make(), case.make()
    for parameter in layer.parameters():
        parameter.data[...] = rng.standard_normal(parameter.shape)
    x = Tensor(rng.standard_normal(case.shapes[0]))

    other.load_state_dict(layer.state_dict())

    np.testing.assert_array_equal(other(x).data, layer(x).data)


@each_case
def test_repr_shows_the_constructor_call(case):
    assert repr(case.make()) == case.text


@each_case
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_is_kept(case, dtype, rng):
    layer = case.make(dtype)
    x = Tensor(rng.standard_normal(case.shapes[0]).astype(dtype), requires_grad=True)

    out = layer(x)
    out.sum().backward()

    arrays = [out, x.grad, *layer.parameters(), *[p.grad for p in layer.parameters()]]
    assert [a.dtype for a in arrays] == [dtype] * len(arrays)


@each_case
def test_plain_arrays_may_be_given(case, rng):
    layer = case.make()
    x = rng.standard_normal(case.shapes[0])

    out = layer(x)

    plain = out.data if isinstance(out, Tensor) else out
    np.testing.assert_array_equal(plain, layer(Tensor(x)).data)


# Linear: its initial values


def test_the_same_seed_gives_the_same_weights_and_layers_differ():
    def weights():
        manual_seed(3)
        first, second = Linear(4, 4), Linear(4, 4)
        return first.weight.data, second.weight.data

    one, other = weights(), weights()

    np.testing.assert_array_equal(one, other)
    assert not np.any(one[0] == one[1])


def test_a_seed_and_a_generator_started_with_it_give_the_same_layer():
    by_seed = Linear(4, 2, rng=7)
    by_generator = Linear(4, 2, rng=np.random.default_rng(7))

    np.testing.assert_array_equal(by_seed.weight.data, by_generator.weight.data)
    np.testing.assert_array_equal(by_seed.bias.data, by_generator.bias.data)
    assert not np.any(by_seed.weight.data == Linear(4, 2, rng=8).weight.data)


def test_a_seed_does_not_give_the_bias_the_weights_again():
    layer = Linear(1, 5, rng=0)

    assert not np.any(layer.weight.data.ravel() == layer.bias.data)


def test_a_seed_gives_the_same_network_in_every_precision():
    with default_dtype("float64"):
        exact = Linear(3, 2, rng=1)
    rounded = Linear(3, 2, rng=1)

    np.testing.assert_array_equal(
        rounded.weight.data, exact.weight.data.astype("float32")
    )


def test_initial_values_are_uniform_within_the_bound():
    layer = Linear(100, 400, rng=0)
    weight, bias, bound = layer.weight.data, layer.bias.data, 1 / np.sqrt(100)

    for values in (weight, bias):
        assert np.abs(values).max() <= bound
        assert np.abs(values).max() > 0.98 * bound
    counts, _ = np.histogram(weight, bins=8, range=(-bound, bound))
    assert counts.sum() == 40_000
    np.testing.assert_allclose(counts, 5000, rtol=0.06)  # 4 standard deviations
    np.testing.assert_allclose(bias.std(), bound / np.sqrt(3), rtol=0.1)


def test_the_bound_comes_from_the_number_of_inputs():
    assert 0.4 < np.abs(Linear(4, 1000, rng=0).weight.data).max() <= 0.5


# Errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1), r"Linear: in_features is 0; a positive integer is needed"),
        ((1, -2), r"Linear: out_features is -2; a positive integer is needed"),
        ((1.5, 2), r"Linear: in_features is 1\.5; a positive integer is needed"),
        (("2", 2), r"Linear: in_features is '2'; a positive integer is needed"),
    ],
)
def test_linear_refuses_a_size_that_is_not_a_positive_integer(arguments, message):
    with pytest.raises(ValueError, match=message):
        Linear(*arguments)


def test_a_size_may_be_an_integer_of_numpy():
    assert Linear(np.int64(2), np.uint8(3)).weight.shape == (3, 2)


def test_linear_refuses_an_unknown_activation_and_names_those_there_are():
    with pytest.raises(
        ValueError,
        match=r'activation: \'gelu2\' is not known; give "relu", "sigmoid", "tanh"',
    ):
        Linear(1, 1, activation="gelu2")


@pytest.mark.parametrize(
    ("flatten", "shape", "message"),
    [
        (Flatten(), (3,), r"x has shape \(3,\); axes 1 and -1 are needed"),
        (Flatten(0, 3), (2, 3), r"x has shape \(2, 3\); axes 0 and 3 are needed"),
        (Flatten(2, 1), (2, 3, 4), r"axis 2 to 1 of shape \(2, 3, 4\) is no range"),
        (Flatten(-5), (2, 3), r"axes -5 and -1 are needed"),
    ],
)
def test_flatten_refuses_axes_that_are_not_there(flatten, shape, message):
    with pytest.raises(ValueError, match=message):
        flatten(Tensor(np.zeros(shape)))


# Sequential


def test_sequential_is_a_sequence_of_its_layers():
    layers = [Linear(2, 3), ReLU(), Linear(3, 1)]
    model = Sequential(*layers)

    assert len(model) == 3
    assert list(model) == model.layers == layers
    assert model[0] is layers[0]
    assert model[-1] is layers[2]
    assert model.layers[2].weight.shape == (1, 3)


def test_sequential_takes_functions_too():
    model = Sequential(Linear(2, 2, rng=0), lambda x: x * 2, nn.relu)
    x = Tensor([[1.0, -1.0]])

    np.testing.assert_array_equal(model(x).data, np.maximum(model[0](x).data * 2, 0))
    assert len(model.parameters()) == 2


def test_sequential_applies_its_layers_in_their_order():
    x = Tensor([-2.0])

    assert Sequential(ReLU(), lambda x: x + 1)(x).item() == 1
    assert Sequential(lambda x: x + 1, ReLU())(x).item() == 0


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([[ReLU()]], r"Sequential: layer 0 is a list; .* write Sequential\(\*layers\)"),
        ([ReLU(), 3], r"Sequential: layer 1 is a int; a module or a function"),
        ([None], r"Sequential: layer 0 is a NoneType"),
    ],
)
def test_sequential_refuses_what_cannot_be_called(layers, message):
    with pytest.raises(TypeError, match=message):
        Sequential(*layers)


def test_what_a_subclass_of_sequential_adds_is_found():
    class Scaled(Sequential):
        def __init__(self):
            super().__init__(Linear(2, 2))
            self.factor = Tensor([2.0], requires_grad=True)
            self.head = Linear(2, 1, bias=False)

    names = [name for name, _ in Scaled().named_parameters()]

    assert names == ["0.weight", "0.bias", "factor", "head.weight"]


def test_a_network_reports_its_parameters_in_the_order_of_the_layers():
    first, second = Linear(2, 4), Linear(4, 1)
    model = Sequential(first, Tanh(), second, Sigmoid())

    found = model.parameters()

    expected = [first.weight, first.bias, second.weight, second.bias]
    assert all(a is b for a, b in zip(found, expected, strict=True))
