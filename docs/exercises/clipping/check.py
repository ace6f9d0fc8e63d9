"""Are the gradients shortened together, and only where they must be?"""

import numpy as np

from pebblegrad.autograd import Tensor


def parameters_with(*gradients):
    """Return a parameter for each gradient."""
    found = []
    for gradient in gradients:
        p = Tensor(np.zeros(2), requires_grad=True)
        if gradient is not None:
            p.grad = np.array(gradient, dtype=float)
        found.append(p)
    return found


def check_the_norm(exercise):
    """It returns the norm of all gradients as one vector."""
    found = exercise.clip(parameters_with([3.0, 0.0], [0.0, 4.0]), 100.0)

    assert found is not None and np.isclose(found, 5), (
        f"with gradients (3, 0) and (0, 4) it returned {found}; 5 was needed"
    )


def check_that_the_direction_stays(exercise):
    """All are shortened by the same factor."""
    p, q = parameters_with([3.0, 0.0], [0.0, 4.0])
    exercise.clip([p, q], 1.0)

    found = np.concatenate([p.grad.data, q.grad.data])
    assert np.allclose(found, [0.6, 0, 0, 0.8]), (
        f"(3, 0) and (0, 4) became {found} with max_norm = 1; (0.6, 0) and (0, 0.8) "
        "were needed"
    )


def check_short_ones(exercise):
    """Gradients that are short enough stay, to the bit."""
    (p,) = parameters_with([0.1, 0.2])
    exercise.clip([p], 1.0)

    assert p.grad.data.tolist() == [0.1, 0.2], (
        f"(0.1, 0.2) became {p.grad.data} with max_norm = 1; nothing was to be changed"
    )


def check_none(exercise):
    """A parameter without a gradient is left alone."""
    p, q = parameters_with([3.0, 4.0], None)
    exercise.clip([p, q], 1.0)

    assert q.grad is None, f"a gradient that was None became {q.grad}"


def check_zeros(exercise):
    """Gradients of 0 stay 0."""
    (p,) = parameters_with([0.0, 0.0])
    found = exercise.clip([p], 0.0)

    assert found == 0 and (p.grad.data == 0).all(), (
        f"gradients of 0 became {p.grad.data}, with the norm {found}"
    )
