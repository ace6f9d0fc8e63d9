import copy
import json
import math

import pytest

from pebblegrad.scalar import MLP, Linear, Module, Neuron, Relu, Tensor


class Network(Module):
    """A model without `super().__init__()`, with parts in containers."""

    def __init__(self):
        self.scale = Tensor(2.0)
        self.first = Linear(2, 3, rng=0)
        self.parts = {"a": [Linear(3, 1, rng=1)], "b": (Relu(),)}
        self.name = "text"

    def forward(self, x):
        return self.parts["a"][0](self.first(x)) * self.scale


def test_parameters_are_found_in_attributes_lists_tuples_and_dicts():
    model = Network()

    found = model.parameters()

    assert len(found) == 1 + 3 * 3 + 4
    assert found[0] is model.scale
    assert found[1] is model.first.neurons[0].weights[0]


def test_a_shared_parameter_is_found_once():
    class Tied(Module):
        def __init__(self):
            self.one = self.two = Neuron(2)
            self.bias = self.one.bias

    assert len(Tied().parameters()) == 3


def test_a_model_that_refers_to_itself_is_walked_once():
    model = Network()
    model.itself = model
    model.parts["around"] = model.parts

    assert len(model.parameters()) == 14


def test_a_result_that_is_kept_is_no_parameter():
    model = Network()
    model.last = model([1.0, 2.0])

    assert len(model.parameters()) == 14


def test_a_module_without_parameters_has_none():
    assert Relu().parameters() == []


def test_zero_grad_reaches_all_parameters():
    model = Network()
    for p in model.parameters():
        p.grad = 1.0

    model.zero_grad()

    assert {p.grad for p in model.parameters()} == {0}


def test_the_text_shows_the_architecture():
    expected = """\
Network(
  1 parameter of its own
  (first): Linear(2, 3, activation='relu')
  (parts.a.0): Linear(3, 1, activation='relu')
  (parts.b.0): Relu()
)"""

    assert repr(Network()) == expected


def test_the_text_of_nested_models_is_indented():
    class Outer(Module):
        def __init__(self):
            self.inner = MLP(1, [1])

    assert repr(Outer()).splitlines()[2] == (
        "    (layers.0): Layer(1, 1, activation='tanh')"
    )


def test_a_module_without_forward_says_what_to_write():
    class Empty(Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty: it has no forward; write"):
        Empty()([1.0])


def test_calling_a_module_calls_forward_with_all_that_is_given():
    class Scaled(Module):
        def forward(self, x, factor=1):
            return x * factor

    assert Scaled()(2, factor=3) == 6


def test_the_state_goes_through_json_into_another_model():
    model, other = Network(), Network()
    for p in other.parameters():
        p.data = 0.0

    other.load_state_dict(json.loads(json.dumps(model.state_dict())))

    assert other.state_dict() == model.state_dict()
    assert list(model.state_dict())[:2] == ["scale", "first.neurons.0.weights.0"]


def test_a_wrong_state_changes_nothing():
    model = Neuron(1, rng=0)
    before = model.state_dict()

    with pytest.raises(ValueError, match=r"missing are \['bias'\] and unknown \['b'\]"):
        model.load_state_dict({"weights.0": 1.0, "b": 2.0})
    with pytest.raises(TypeError, match="load_state_dict: bias: data is 'a'"):
        model.load_state_dict({"weights.0": 1.0, "bias": "a"})
    assert model.state_dict() == before


def test_a_copied_model_has_parameters_of_its_own():
    model = Network()
    other = copy.deepcopy(model)
    other.scale.data = math.pi

    assert model.scale.data == 2.0
    assert not {*map(id, model.parameters())} & {*map(id, other.parameters())}
