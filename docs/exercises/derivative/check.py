"""Is it a derivative, and one over both sides?"""

import math


def check_a_line(exercise):
    """The slope of 3 x + 1 is 3, everywhere."""
    found = exercise.derivative(lambda x: 3 * x + 1, 7.0)

    assert found is not None, "derivative returned None; is there a `return`?"
    assert abs(found - 3) < 1e-6, f"derivative of 3 x + 1 is {found}; 3 was needed"


def check_a_sine(exercise):
    """The slope of sin is cos."""
    for x in (0.0, 1.0, 2.5):
        found = exercise.derivative(math.sin, x)
        assert abs(found - math.cos(x)) < 1e-8, (
            f"derivative of sin at {x} is {found}; {math.cos(x)} was needed"
        )


def check_both_sides(exercise):
    """The error falls with the square of h."""
    wide = abs(exercise.derivative(math.exp, 0.0, h=1e-2) - 1)
    narrow = abs(exercise.derivative(math.exp, 0.0, h=1e-3) - 1)

    assert 50 < wide / narrow < 200, (
        f"with h = 0.01 the error is {wide:.1e}, with 0.001 it is {narrow:.1e}, "
        f"{wide / narrow:.0f} times less; 100 times was needed: go to both sides"
    )
