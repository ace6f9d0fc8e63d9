import math
import random

import pytest

from pebblegrad.scalar import Neuron, Tensor


def test_a_neuron_is_the_activation_of_a_weighted_sum():
    neuron = Neuron(2)
    neuron.weights[0].data, neuron.weights[1].data, neuron.bias.data = 0.5, -1.0, 0.25

    assert neuron([1.0, 2.0]).data == math.tanh(0.5 - 2.0 + 0.25)


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("tanh", math.tanh),
        ("relu", lambda x: max(x, 0)),
        ("sigmoid", lambda x: 1 / (1 + math.exp(-x))),
        (None, lambda x: x),
    ],
)
def test_each_activation(activation, function):
    neuron = Neuron(1, activation)
    for bias in (-0.5, 1.5):
        neuron.weights[0].data, neuron.bias.data = 1.0, bias

        assert neuron([0.0]).data == pytest.approx(function(bias), rel=1e-15)


def test_the_parameters_are_the_weights_and_then_the_bias():
    neuron = Neuron(3)

    assert [id(p) for p in neuron.parameters()] == [
        *map(id, neuron.weights),
        id(neuron.bias),
    ]


def test_parameters_begin_between_minus_one_and_one():
    found = [p.data for p in Neuron(2000, rng=0).parameters()]

    assert -1 <= min(found) < -0.99 < 0.99 < max(found) <= 1
    assert abs(sum(found) / len(found)) < 0.05


def test_gradients_flow_to_weights_bias_and_inputs():
    neuron = Neuron(1, activation=None, rng=0)
    x = Tensor(3.0)

    neuron([x]).backward()

    assert (neuron.weights[0].grad, neuron.bias.grad) == (3.0, 1)
    assert x.grad == neuron.weights[0].data


def test_the_same_seed_gives_the_same_weights():
    seeded = [Neuron(2, rng=7), Neuron(2, rng=random.Random(7))]
    random.seed(7)
    seeded.append(Neuron(2))

    assert len({tuple(n.state_dict().values()) for n in seeded}) == 1


def test_a_generator_goes_on_from_neuron_to_neuron():
    rng = random.Random(7)

    assert Neuron(2, rng=rng).bias.data != Neuron(2, rng=rng).bias.data


def test_the_activation_can_be_changed_later():
    neuron = Neuron(1, rng=0)
    neuron.activation = None

    assert neuron([2.0]).data == neuron.weights[0].data * 2 + neuron.bias.data


def test_zero_grad_and_the_text():
    neuron = Neuron(2, "relu")
    neuron.bias.grad = 1
    neuron.zero_grad()

    assert neuron.bias.grad == 0
    assert repr(neuron) == "Neuron(2, activation='relu')"


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: Neuron(0), ValueError, "Neuron: in_features is 0; at least 1"),
        (lambda: Neuron(2.0), TypeError, r"in_features is 2\.0, a float; an integer"),
        (lambda: Neuron(True), TypeError, "in_features is True, a bool"),
        (lambda: Neuron(2, "gelu"), ValueError, "activation is 'gelu'; known are 'ta"),
        (lambda: Neuron(2, 0), TypeError, "activation is 0, an int; .* name, rng="),
        (
            lambda: Neuron(2, []),
            TypeError,
            r"activation is \[\], a list; the name of one",
        ),
        (lambda: Neuron(2, rng="a"), TypeError, "Neuron: rng is 'a', a str; needed is"),
        (lambda: Neuron(2)([1.0]), ValueError, "Neuron: x has length 1; 2 inputs"),
        (lambda: Neuron(2)(1.0), TypeError, r"x is 1\.0, a float; a list of length 2"),
        (lambda: Neuron(1)(Tensor(1.0)), TypeError, "a Tensor; a list of length 1"),
        (lambda: Neuron(2)("ab"), TypeError, "x is 'ab', a str"),
        (lambda: Neuron(2)([1.0, "b"]), TypeError, r"Neuron: x\[1\] is 'b', a str"),
        (lambda: Neuron(1)([[1.0]]), TypeError, r"Neuron: x\[0\] is a list; one s"),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
