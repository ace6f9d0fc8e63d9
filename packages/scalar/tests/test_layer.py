import pytest

from pebblegrad.scalar import Layer, Linear, Neuron, Tensor


def test_a_layer_returns_a_value_for_each_neuron():
    layer = Layer(3, 2, rng=0)

    out = layer([1.0, 2.0, 3.0])

    assert [y.data for y in out] == [n([1.0, 2.0, 3.0]).data for n in layer.neurons]


def test_a_layer_of_one_neuron_returns_a_single_value():
    assert isinstance(Layer(3, 1)([1.0, 2.0, 3.0]), Tensor)
    assert isinstance(Linear(3, 1)([1.0, 2.0, 3.0]), Tensor)


def test_a_layer_of_one_input_takes_what_a_layer_of_one_neuron_returns():
    out = Layer(1, 2)(Layer(2, 1)([1.0, 2.0]))

    assert len(out) == 2


def test_the_neurons_of_a_seeded_layer_differ():
    layer = Layer(1, 10, rng=0)

    assert len({n.bias.data for n in layer.neurons}) == 10
    assert layer.state_dict() == Layer(1, 10, rng=0).state_dict()


def test_a_plain_number_is_one_constant_for_all_neurons():
    a, b = Layer(1, 2, activation=None)([2.0])

    def constants(t):
        inside = [t]
        for node in inside:
            inside += node._children
        return {id(node) for node in inside if node._op == "constant"}

    assert constants(a) & constants(b)


def test_parameters_come_neuron_by_neuron():
    layer = Layer(2, 3)

    assert len(layer.parameters()) == 9
    assert layer.parameters()[2] is layer.neurons[0].bias


def test_the_default_activations():
    assert repr(Layer(3, 4)) == "Layer(3, 4, activation='tanh')"
    assert repr(Linear(5, 1)) == "Linear(5, 1, activation='relu')"
    assert all(isinstance(neuron, Neuron) for neuron in Linear(5, 1).neurons)


def test_the_neurons_of_a_linear_have_relu():
    layer = Linear(1, 1)
    layer.neurons[0].weights[0].data, layer.neurons[0].bias.data = -1.0, 0.0

    assert layer([2.0]).data == 0
    assert layer([-2.0]).data == 2.0


def test_a_linear_without_activation_is_linear():
    layer = Linear(1, 1, activation=None)
    layer.neurons[0].weights[0].data, layer.neurons[0].bias.data = -1.0, 0.5

    assert layer([2.0]).data == -1.5


def test_zero_grad_reaches_all_neurons():
    layer = Linear(1, 2)
    for p in layer.parameters():
        p.grad = 1
    layer.zero_grad()

    assert {p.grad for p in layer.parameters()} == {0}


def test_the_text_of_a_layer_whose_neurons_were_changed():
    mixed, empty = Layer(2, 2), Layer(2, 2)
    mixed.neurons[0].activation = None
    empty.neurons.clear()

    assert repr(mixed) == "Layer(2, 2, activation=[None, 'tanh'])"
    assert repr(empty) == "Layer(2, 0, activation=[])"
    assert empty([1.0, 2.0]) == []


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: Layer(3, 0), ValueError, "Layer: out_features is 0; at least 1"),
        (lambda: Linear(0, 3), ValueError, "Linear: in_features is 0"),
        (lambda: Linear(2, "3"), TypeError, "Linear: out_features is '3', a str"),
        (lambda: Layer(2, 2, 0), TypeError, "Layer: activation is 0, an int; .* rng="),
        (lambda: Layer(2, 2)([1.0]), ValueError, "Layer: x has length 1; 2 inputs"),
        (lambda: Linear(2, 2)([1.0] * 3), ValueError, "Linear: x has length 3"),
        (lambda: Linear(2, 2)(Tensor(1)), TypeError, "Linear: x is Value.* length 2"),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
