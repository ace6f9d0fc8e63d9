"""Does every shape come back, with the right sums?"""

import numpy as np

PAIRS = [
    ((3,), (2, 3)),
    ((2, 1), (2, 3)),
    ((1, 3), (2, 3)),
    ((), (2, 3)),
    ((1, 1), (4, 2, 3)),
    ((5, 1, 3), (5, 2, 3)),
    ((1,), (1,)),
    ((2, 3), (2, 3)),
    ((1, 3), (0, 3)),
]


def check_shapes(exercise):
    """The result has the shape that was asked for."""
    for shape, wide in PAIRS:
        found = exercise.unbroadcast(np.ones(wide), shape)
        assert np.shape(found) == shape and found is not None, (
            f"unbroadcast of shape {wide} to {shape} has shape {np.shape(found)}"
        )


def check_sums(exercise):
    """What the array is multiplied with before, the sum is multiplied with after."""
    rng = np.random.default_rng(0)
    for shape, wide in PAIRS:
        g, x = rng.normal(size=wide), rng.normal(size=shape)
        found = np.sum(exercise.unbroadcast(g, shape) * x)
        wanted = np.sum(g * np.broadcast_to(x, wide))
        assert np.isclose(found, wanted), (
            f"for {shape} and {wide} the sum of unbroadcast(g) * x is {found}; "
            f"{wanted} was needed, the sum of g * broadcast(x)"
        )


def check_the_argument(exercise):
    """The array that came in is as it was."""
    g = np.ones((2, 3))
    exercise.unbroadcast(g, (3,))

    assert g.shape == (2, 3) and (g == 1).all(), f"g was changed to {g}"
