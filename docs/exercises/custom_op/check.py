"""Is it log cosh, at any size, and are both of its gradients right?"""

import numpy as np

from pebblegrad.autograd import Tensor, grad
from pebblegrad.autograd.testing import check_gradients

X = np.array([-2.0, -0.3, 0.0, 0.7, 3.0])


def check_the_values(exercise):
    """The forward is log(cosh(x))."""
    found = exercise.log_cosh(X)

    assert np.allclose(found, np.log(np.cosh(X))), (
        f"log_cosh of {X} is {found}; {np.log(np.cosh(X))} was needed"
    )


def check_large_values(exercise):
    """Large inputs do not overflow."""
    with np.errstate(over="ignore"):
        found = exercise.log_cosh(np.array([-1000.0, 1000.0]))

    assert np.allclose(found, 1000 - np.log(2)), (
        f"log_cosh of -1000 and 1000 is {found}; {1000 - np.log(2)} was needed"
    )


def check_the_gradient(exercise):
    """The gradient is what comes in times tanh(x)."""
    assert "x" in exercise.log_cosh.rules, (
        "there is no rule for x; declare one with log_cosh.backward('x', ...)"
    )
    x = Tensor(X, requires_grad=True)
    exercise.log_cosh(x).backward(Tensor(np.full(5, 2.0)))

    assert np.allclose(x.grad.data, 2 * np.tanh(X)), (
        f"with 2 coming in, the gradient is {x.grad.data}; {2 * np.tanh(X)} was needed"
    )


def check_the_second_gradient(exercise):
    """The gradient of the gradient is right too."""
    check_gradients(exercise.log_cosh, X, order=2)
    found = grad(grad(exercise.log_cosh))(0.0).item()

    assert abs(found - 1) < 1e-6, f"the second derivative at 0 is {found}; 1 was needed"
