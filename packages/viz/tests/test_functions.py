import numpy as np
import pytest

from pebblegrad.autograd import ops
from pebblegrad.viz._functions import NAMED, read_function, slopes_of, values_of


@pytest.mark.parametrize("name", NAMED)
def test_the_slopes_are_those_of_the_values(name):
    x = np.linspace(-3, 3, 40)  # without the kink at zero
    step = 1e-6
    above, below = (values_of(NAMED[name], x + h, "who", "f") for h in (step, -step))

    np.testing.assert_allclose(
        slopes_of(NAMED[name], x, "who", "f"), (above - below) / (2 * step), atol=1e-8
    )


def test_a_function_is_called_what_it_is_called():
    assert read_function("ReLU", "who", "f")[0] == "relu"
    assert read_function(ops.tanh, "who", "f")[0] == "tanh"
    assert read_function(lambda x: x, "who", "f")[0] == "function"


def test_a_module_is_a_function_and_is_in_evaluation_meanwhile(scaled):
    layer = scaled([[2.0]])
    layer.bias.data[:] = 0
    x = np.array([1.0, 3.0])
    out = values_of(lambda z: layer(z.reshape(-1, 1))[:, 0], x, "who", "f")

    assert out.tolist() == [2, 6]
    assert read_function(layer, "who", "f")[0] == "Scaled"
