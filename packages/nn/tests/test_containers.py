"""Modules that are made of others."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import Linear, ReLU, Sequential, Sigmoid, Tanh


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


@pytest.mark.parametrize("kind", [nn.ModuleList, nn.ModuleDict])
def test_what_a_subclass_of_a_holder_adds_is_found(kind):
    class Scaled(kind):
        def __init__(self):
            super().__init__()
            self.factor = Tensor([2.0], requires_grad=True)

    assert [name for name, _ in Scaled().named_parameters()] == ["factor"]


def test_a_part_of_a_network_is_a_network():
    model = nn.Network([ReLU(), Tanh(), Sigmoid()])

    assert type(model[:2]) is nn.Network
    assert len(model[1:]) == 2
