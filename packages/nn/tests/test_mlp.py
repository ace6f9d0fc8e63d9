"""`MLP`: its two signatures, its initial values, and what it refuses."""

import numpy as np
import pytest

from pebblegrad.nn import MLP, Linear


def test_the_last_hidden_size_is_the_output_if_there_is_no_other():
    short, long = MLP(3, [4, 4, 1], rng=0), MLP(3, [4, 4], 1, rng=0)

    assert repr(short) == repr(long)
    for one, other in zip(short.parameters(), long.parameters(), strict=True):
        np.testing.assert_array_equal(one.data, other.data)


def test_layers_are_drawn_from_one_generator():
    random = np.random.default_rng(5)
    by_hand = [Linear(2, 3, rng=random), Linear(3, 1, rng=random)]

    model = MLP(2, [3], 1, rng=5)

    for layer, other in zip(model.layers, by_hand, strict=True):
        np.testing.assert_array_equal(layer.weight.data, other.weight.data)
        np.testing.assert_array_equal(layer.bias.data, other.bias.data)


def test_initial_values_are_those_of_linear():
    model = MLP(100, [400], 1, rng=0)
    weight = model.layers[0].weight.data

    assert np.abs(weight).max() <= 0.1
    assert np.abs(weight).max() > 0.0999
    assert abs(weight.var() - 0.1**2 / 3) < 1e-4


def test_an_activation_may_be_left_out():
    model = MLP(2, [3], 1, activation=None, rng=0)
    x = np.ones((4, 2), "float32")

    first, second = (layer.weight.data for layer in model.layers)
    biases = [layer.bias.data for layer in model.layers]

    wanted = (x @ first.T + biases[0]) @ second.T + biases[1]
    np.testing.assert_allclose(model(x).data, wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((0, [4], 1), ValueError, "in_features is 0; a positive integer"),
        ((2.5, [4], 1), ValueError, "in_features is 2.5; a positive integer"),
        ((2, [4, 0], 1), ValueError, r"hidden_sizes\[1\] is 0; a positive integer"),
        ((2, ["4"], 1), ValueError, r"hidden_sizes\[0\] is '4'; a positive integer"),
        ((2, [4], -1), ValueError, "out_features is -1; a positive integer"),
        ((2, [4], True), ValueError, "out_features is True; a positive integer"),
        ((2, 4, 1), TypeError, r"hidden_sizes is 4; a list .* such as \[4\]"),
        ((2, "44", 1), TypeError, r"hidden_sizes is '44'; a list"),
        ((2, None, 1), TypeError, r"hidden_sizes is None; a list"),
        ((2, []), ValueError, "hidden_sizes is empty and out_features left out; give"),
    ],
)
def test_wrong_arguments_are_refused(arguments, kind, message):
    with pytest.raises(kind, match=f"^MLP: {message}"):
        MLP(*arguments)


@pytest.mark.parametrize("name", ["activation", "output_activation"])
def test_an_unknown_activation_is_refused(name):
    with pytest.raises(ValueError, match="'swoosh' is not known"):
        MLP(2, [4], 1, **{name: "swoosh"})


def test_the_layer_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"layers\[0\] .*x's last axis \(3\) must"):
        MLP(2, [4], 1)(np.zeros((5, 3)))
