"""Do loss and gradient agree with the library's, also where exp overflows?"""

import numpy as np

from pebblegrad import nn
from pebblegrad.autograd import Tensor

rng = np.random.default_rng(0)
LOGITS, TARGET = rng.normal(size=(6, 4)), np.array([0, 3, 1, 1, 2, 0])


def check_a_loss_by_hand(exercise):
    """Two equal logits cost log(2)."""
    found = exercise.cross_entropy(np.zeros((1, 2)), np.array([0]))

    assert found is not None and np.isclose(found, np.log(2)), (
        f"the loss of logits 0, 0 is {found}; log(2) = {np.log(2)} was needed"
    )


def check_the_loss(exercise):
    """The loss is the library's."""
    found = exercise.cross_entropy(LOGITS, TARGET)
    wanted = nn.cross_entropy(Tensor(LOGITS), TARGET).item()

    assert np.isclose(found, wanted), f"the loss is {found}; {wanted} was needed"


def check_large_logits(exercise):
    """A logit of 1000 overflows nothing."""
    logits = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    with np.errstate(all="ignore"):
        found = exercise.cross_entropy(logits, np.array([0, 0]))

    assert np.isclose(found, 500), (
        f"the loss of logits (1000, 0) and (0, 1000) is {found}; 500 was needed"
    )


def check_the_gradient(exercise):
    """The gradient is the library's."""
    logits = Tensor(LOGITS, requires_grad=True)
    nn.cross_entropy(logits, TARGET).backward()
    found = exercise.gradient(LOGITS, TARGET)

    assert np.shape(found) == (6, 4), (
        f"the gradient has shape {np.shape(found)}; (6, 4) was needed"
    )
    assert np.allclose(found, logits.grad.data), (
        f"the first row of the gradient is {found[0]}; {logits.grad.data[0]} was needed"
    )


def check_rows_add_up(exercise):
    """Each row of the gradient adds up to 0, whatever the logits."""
    with np.errstate(all="ignore"):
        found = exercise.gradient(np.array([[1000.0, 0.0, -5.0]]), np.array([2]))

    assert np.allclose(found.sum(), 0) and np.allclose(found, [[1, 0, -1]]), (
        f"for logits (1000, 0, -5) and class 2 it is {found}; [[1, 0, -1]] was needed"
    )
