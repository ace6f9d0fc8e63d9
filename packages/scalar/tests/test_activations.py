import math

import pytest

from pebblegrad.scalar import LeakyRelu, Relu, Sigmoid, Softmax, Tanh, Tensor


def numbers(tensors):
    return [t.data for t in tensors]


def test_relu_of_a_list():
    assert numbers(Relu()([Tensor(-1.0), Tensor(0.0), Tensor(2.0)])) == [0, 0, 2.0]


def test_sigmoid_and_tanh_of_a_list():
    x = [Tensor(0.0), Tensor(1.0)]

    assert numbers(Sigmoid()(x)) == pytest.approx([0.5, 1 / (1 + math.exp(-1))])
    assert numbers(Tanh()(x)) == [0.0, math.tanh(1.0)]


@pytest.mark.parametrize("part", [Relu(), Sigmoid(), Tanh(), LeakyRelu()])
def test_a_single_tensor_gives_a_single_tensor_and_an_empty_list_an_empty_one(part):
    x = Tensor(1.0)
    y = part(x)
    y.backward()

    assert isinstance(y, Tensor)
    assert x.grad > 0
    assert part([]) == []
    assert part.parameters() == []


def test_leaky_relu_lets_a_part_through():
    x = [Tensor(-2.0), Tensor(3.0)]
    y = LeakyRelu(0.1)(x)
    sum(y).backward()

    assert numbers(y) == [-0.2, 3.0]
    assert [t.grad for t in x] == [0.1, 1]
    assert repr(LeakyRelu(0.1)) == "LeakyRelu(0.1)"


def test_softmax_are_probabilities_with_their_gradient():
    x = [Tensor(0.5), Tensor(-1.0), Tensor(2.0)]

    p = Softmax()(x)
    p[0].backward()

    powers = [math.exp(t.data) for t in x]
    assert numbers(p) == pytest.approx([power / sum(powers) for power in powers])
    p0, p1, p2 = numbers(p)
    assert [t.grad for t in x] == pytest.approx([p0 * (1 - p0), -p0 * p1, -p0 * p2])


def test_softmax_does_not_overflow():
    assert numbers(Softmax()([1000.0, 0.0])) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: Relu()(1.0), TypeError, r"Relu: x is 1\.0, a float; a list"),
        (lambda: Sigmoid()(["a"]), TypeError, r"Sigmoid: x\[0\] is 'a', a str"),
        (
            lambda: Relu()([[1.0]]),
            TypeError,
            r"x\[0\] is a list; one sample was needed",
        ),
        (lambda: Softmax()([]), ValueError, "Softmax: x is empty; at least one"),
        (lambda: Softmax()(Tensor(1.0)), TypeError, "Softmax: x is Value.*; a list"),
        (lambda: LeakyRelu("a"), TypeError, "LeakyRelu: negative_slope is 'a'"),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
