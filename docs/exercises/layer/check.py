"""Are the parameters found, and does it compute what the library's layer does?"""

import numpy as np

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients

rng = np.random.default_rng(0)
X = rng.normal(size=(2, 3, 5)) * 3 + 1


def check_the_parameters(exercise):
    """The parameters are weight and bias, of ones and zeros, of shape (D,)."""
    found = {
        name: parameter.data.tolist()
        for name, parameter in exercise.LayerNorm(3).named_parameters()
    }
    wanted = {"weight": [1.0] * 3, "bias": [0.0] * 3}

    assert found == wanted, f"the parameters are {found}; {wanted} was needed"


def check_the_values(exercise):
    """The output is that of nn.LayerNorm."""
    found = exercise.LayerNorm(5)(Tensor(X)).data
    wanted = nn.LayerNorm(5)(Tensor(X)).data

    assert np.allclose(found, wanted, atol=1e-5), (
        f"the first row is {found[0, 0]}; {wanted[0, 0]} was needed"
    )


def check_that_weights_travel(exercise):
    """A state of nn.LayerNorm can be loaded, and gives the same output."""
    theirs, ours = nn.LayerNorm(5), exercise.LayerNorm(5)
    theirs.weight.data[:] = [1, 2, 3, 4, 5]
    theirs.bias.data[:] = [0.5, 0, 0, 0, -1]
    ours.load_state_dict(theirs.state_dict())
    found, wanted = ours(Tensor(X)).data, theirs(Tensor(X)).data

    assert np.allclose(found, wanted, atol=1e-4), (
        f"with the state loaded the first row is {found[0, 0]}; {wanted[0, 0]} was "
        "needed"
    )


def check_the_gradients(exercise):
    """Gradients flow, to x and to both parameters, to second order."""
    layer = exercise.LayerNorm(5)
    layer(Tensor(X)).sum().backward()
    for name, parameter in layer.named_parameters():
        assert parameter.grad is not None, (
            f"{name} has no gradient: does forward use it?"
        )
    check_gradients(exercise.LayerNorm(5).to(float), X, order=2)
