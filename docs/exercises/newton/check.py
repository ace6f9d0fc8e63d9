"""Is the equation solved, the lowest point found, and that without a Hessian?"""

import numpy as np

from pebblegrad.autograd import Tensor

rng = np.random.default_rng(0)


def bowl(x):
    """A bent valley whose lowest point is (1, 1)."""
    return (1 - x[0]) ** 2 + (x[1] - x[0] ** 2) ** 2


def check_an_equation(exercise):
    """Conjugate gradients solve an equation of six unknowns in six steps."""
    root = rng.normal(size=(6, 6))
    matrix, b = root @ root.T + np.eye(6), rng.normal(size=6)
    found = exercise.conjugate_gradients(lambda v: matrix @ v, b, steps=6)

    assert found is not None and np.allclose(matrix @ found, b, atol=1e-4), (
        f"the matrix times the result is {None if found is None else matrix @ found}; "
        f"{b} was needed"
    )


def check_nothing_to_do(exercise):
    """Where b is 0, the result is 0, and nothing is divided by 0."""
    found = exercise.conjugate_gradients(lambda v: 2 * v, np.zeros(3))

    assert np.array_equal(found, np.zeros(3)), f"for b = 0 it is {found}"


def check_a_parabola(exercise):
    """One step finds the lowest point of a parabola."""
    found = exercise.newton(
        lambda x: ((x - 3) ** 2 * Tensor([1.0, 10.0], dtype=float)).sum(),
        np.array([10.0, -7.0]),
        steps=1,
    )

    assert np.allclose(found, 3), f"one step led to {found}; (3, 3) was needed"


def check_a_valley(exercise):
    """Ten steps find the lowest point of a bent valley."""
    found = exercise.newton(bowl, np.array([2.0, 2.0]), steps=10)

    assert np.allclose(found, 1, atol=1e-6), (
        f"ten steps from (2, 2) led to {found}; (1, 1) was needed"
    )


def check_many_dimensions(exercise):
    """In 10,000 dimensions it still fits into memory: no Hessian is made."""
    scale = Tensor(np.linspace(1, 2, 10_000))
    found = exercise.newton(
        lambda x: (scale * (x - 1) ** 2).sum(), np.zeros(10_000), steps=2
    )

    assert np.allclose(found, 1, atol=1e-4), (
        f"the farthest element is {np.abs(found - 1).max()} away from the lowest point"
    )
