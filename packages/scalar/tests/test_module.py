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


def test_plain_numbers_that_are_kept_are_no_parameters():
    class Remembers(Module):
        def __init__(self):
            self.layer = Linear(2, 1, rng=0)

        def forward(self, x):
            self.inside = dict(x=(Tensor(1.0) * 2.0)._children[1:], y=[x, x])
            return self.layer(x)

    model = Remembers()
    model([1.0, 2.0])

    assert len(model.parameters()) == 3
    assert "parameter" not in repr(model)
    assert all(name.startswith("layer") for name in model.state_dict())


def test_a_parameter_that_was_replaced_by_a_result_is_none_any_more():
    model = Network()
    model.scale.data -= 0.5
    assert len(model.parameters()) == 14

    model.scale -= 0.5

    assert len(model.parameters()) == 13  # so says the docstring of Module


class Named(Module):
    def __init__(self, parts):
        self.parts = parts


@pytest.mark.parametrize(
    "parts",
    [
        {1: Tensor(1.0), "1": Tensor(2.0)},
        {"x.0": Tensor(1.0), "x": [Tensor(2.0)]},
    ],
)
def test_two_parameters_of_one_name_are_refused(parts):
    model = Named(parts)

    assert len(model.parameters()) == 2
    with pytest.raises(
        ValueError, match="state_dict: two parameters are called 'parts"
    ):
        model.state_dict()
    with pytest.raises(ValueError, match="load_state_dict: two parameters are called"):
        model.load_state_dict({})


def test_a_parameter_of_two_names_is_loaded_from_two_equal_numbers():
    p = Tensor(1.0)
    model = Named({"a": p, "b": p})

    assert model.state_dict() == {"parts.a": 1.0, "parts.b": 1.0}
    model.load_state_dict({"parts.a": 2.0, "parts.b": 2.0})
    assert p.data == 2.0
    for other in (3.0, math.nan):
        with pytest.raises(
            ValueError, match=r"parts.a is 2.0 and parts.b is .* one par"
        ):
            model.load_state_dict({"parts.a": 2.0, "parts.b": other})
    assert p.data == 2.0
    model.load_state_dict({"parts.a": math.nan, "parts.b": math.nan})
    assert math.isnan(p.data)


def test_a_state_that_is_no_dict_is_refused():
    with pytest.raises(
        TypeError, match="load_state_dict: state is None, a NoneType; a"
    ):
        Neuron(1).load_state_dict(None)


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
    with pytest.raises(TypeError, match="load_state_dict: bias is 'a', a str"):
        model.load_state_dict({"weights.0": 1.0, "bias": "a"})
    assert model.state_dict() == before


def test_a_copied_model_has_parameters_of_its_own():
    model = Network()
    other = copy.deepcopy(model)
    other.scale.data = math.pi

    assert model.scale.data == 2.0
    assert not {*map(id, model.parameters())} & {*map(id, other.parameters())}
