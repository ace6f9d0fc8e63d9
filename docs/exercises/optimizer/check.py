"""Does it make the library's steps, and can it go on from a saved state?"""

import numpy as np

from pebblegrad import optim
from pebblegrad.autograd import Tensor

rng = np.random.default_rng(0)
START = rng.normal(size=(3, 2))
GRADIENTS = rng.normal(size=(6, 3, 2))


def steps(optimizer, parameter, gradients):
    """Make a step with each gradient; return where that led."""
    for gradient in gradients:
        optimizer.zero_grad()
        parameter.grad = gradient.copy()
        optimizer.step()
    return parameter.data.copy()


def check_the_first_step(exercise):
    """The first step is of size lr, whatever the gradient's size."""
    p = Tensor([1.0, 1.0], requires_grad=True, dtype=float)
    found = steps(exercise.Adam([p], lr=0.1), p, [np.array([100.0, -0.01])])

    assert np.allclose(found, [0.9, 1.1], atol=1e-6), (
        f"from (1, 1), with gradients 100 and -0.01 and lr = 0.1, it went to {found}; "
        "(0.9, 1.1) was needed: are both means divided by 1 - beta**t?"
    )


def check_six_steps(exercise):
    """Six steps end where the library's Adam ends."""
    p, q = (Tensor(START, requires_grad=True) for _ in range(2))
    found = steps(exercise.Adam([p], lr=0.1), p, GRADIENTS)
    wanted = steps(optim.Adam([q], lr=0.1), q, GRADIENTS)

    assert np.allclose(found, wanted), (
        f"after six steps the first row is {found[0]}; {wanted[0]} was needed"
    )


def check_the_gradient(exercise):
    """The gradient is as it was."""
    p = Tensor(START, requires_grad=True)
    p.grad = GRADIENTS[0].copy()
    exercise.Adam([p]).step()

    assert np.array_equal(p.grad.data, GRADIENTS[0]), "update wrote into grad"


def check_a_resume(exercise):
    """A run that is saved and loaded ends where the whole run ends."""
    p, q = (Tensor(START, requires_grad=True) for _ in range(2))
    wanted = steps(exercise.Adam([p], lr=0.1), p, GRADIENTS)
    first = exercise.Adam([q], lr=0.1)
    steps(first, q, GRADIENTS[:3])
    second = exercise.Adam([q], lr=0.1)
    second.load_state_dict(first.state_dict())
    found = steps(second, q, GRADIENTS[3:])

    assert np.array_equal(found, wanted), (
        f"saved after three steps and loaded, it ends at {found[0]}; {wanted[0]} was "
        "needed: is everything that it remembers in `state`?"
    )
