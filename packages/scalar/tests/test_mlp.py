import pytest

from pebblegrad.scalar import MLP, Tensor


def test_an_mlp_calls_its_layers_one_after_the_other():
    model = MLP(3, [4, 2], rng=0)
    x = [0.5, 0.5, 1.0]

    expected = model.layers[1](model.layers[0](x))

    assert [y.data for y in model(x)] == [y.data for y in expected]


def test_the_number_of_parameters():
    assert len(MLP(3, [4, 4, 1]).parameters()) == (3 + 1) * 4 + (4 + 1) * 4 + (4 + 1)


def test_one_output_is_a_single_value_also_in_the_middle():
    assert isinstance(MLP(3, [4, 4, 1])([0.5, 0.5, 0.5]), Tensor)
    assert isinstance(MLP(2, [1, 1])([0.5, 0.5]), Tensor)


def test_activations_for_all_layers_or_for_each():
    model = MLP(2, [3, 1], activation=["relu", None])

    assert [layer.neurons[0].activation for layer in model.layers] == ["relu", None]
    assert MLP(2, [1], activation=None).layers[0].neurons[0].activation is None
    assert MLP(2, [1]).layers[0].neurons[0].activation == "tanh"


def test_training_as_on_the_first_page_makes_the_loss_small():
    model = MLP(3, [4, 4, 1], rng=0)
    inputs = [[0.5, 0.5, 0.5], [0.5, 0.5, 1.0], [1.0, 0.5, 0.5], [1.0, 1.0, 1.0]]
    targets = [-1.0, 1.0, -1.0, 1.0]
    losses = []

    for _ in range(100):
        for p in model.parameters():
            p.grad = 0
        predictions = [model(x) for x in inputs]
        pairs = zip(predictions, targets, strict=True)
        loss = sum((pred - target) ** 2 for pred, target in pairs)
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        losses.append(loss.data)

    assert losses[-1] < 0.1 < 2 < losses[0]


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (
            lambda: MLP(3, 4),
            TypeError,
            r"MLP: out_features is 4, an int; .*\[4, 4, 1\]",
        ),
        (lambda: MLP(3, []), ValueError, "out_features is empty; at least one layer"),
        (lambda: MLP(3, [4, 0]), ValueError, r"out_features\[1\] is 0; at least 1"),
        (lambda: MLP(0, [4]), ValueError, "MLP: in_features is 0"),
        (lambda: MLP(3, [4], "elu"), ValueError, "activation is 'elu'"),
        (lambda: MLP(3, [4, 1], ["relu"]), ValueError, "has length 1 and out_feat.* 2"),
        (lambda: MLP(3, [4, 1], 3), TypeError, "MLP: activation is 3, an int; .* rng="),
        (lambda: MLP(2, [1], 0), TypeError, "MLP: activation is 0, an int; .* rng="),
        (
            lambda: MLP(2, [1], ["relu", []]),
            TypeError,
            r"MLP: activation is \[\], a li",
        ),
        (lambda: MLP(3, [4])([1, 2, "a"]), TypeError, r"Layer: x\[2\] is 'a', a str"),
        (
            lambda: MLP(2, [1])([[0, 1], [1, 0], [1, 1]]),
            TypeError,
            r"Layer: x\[0\] is a list; one sample was needed; call the model once",
        ),
        (lambda: MLP(3, [4])({1, 2, 3}), TypeError, "a set; a list of length 3 was"),
        (lambda: MLP(1, [4])({1: 2}), TypeError, "a dict; a list of length 1 was"),
        (lambda: MLP(3, [4])([1.0]), ValueError, "Layer: x has length 1; 3 inputs"),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
