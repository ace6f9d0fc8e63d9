"""`Linear`: its initial values, and what it refuses."""

import numpy as np
import pytest

from pebblegrad.autograd import default_dtype, manual_seed
from pebblegrad.nn import Linear


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
