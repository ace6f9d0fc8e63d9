"""Does the engine find the right gradients, in the right order, at any depth?"""

import math


def near(found, wanted, what):
    """Compare two numbers."""
    assert found is not None and abs(found - wanted) < 1e-12, (
        f"{what} is {found}; {wanted} was needed"
    )


def check_the_number(exercise):
    """The tanh of a value is that of its number."""
    found = exercise.Value(0.5).tanh()

    assert isinstance(found, exercise.Value), (
        f"tanh returned {type(found).__name__}; a Value was needed"
    )
    near(found.data, math.tanh(0.5), "the tanh of 0.5")


def check_its_rule(exercise):
    """The rule of tanh adds what comes in, times 1 - tanh(x)**2."""
    x = exercise.Value(0.5)
    out = x.tanh()
    out.grad, x.grad = 3.0, 10.0
    out._backward()

    near(x.grad, 10 + 3 * (1 - math.tanh(0.5) ** 2), "the gradient, 10 before,")


def check_a_value_that_is_used_twice(exercise):
    """Both ways to a value count."""
    x = exercise.Value(0.5)
    y = x.tanh()
    (y * y + x).backward()

    wanted = 2 * math.tanh(0.5) * (1 - math.tanh(0.5) ** 2) + 1
    near(x.grad, wanted, "the gradient of x in tanh(x)**2 + x")


def check_the_order(exercise):
    """No value hands on a gradient that is not complete yet."""
    x = exercise.Value(2.0)
    a = x * x
    b = a * a
    (a + b).backward()  # a is reached at once, and again by way of b

    near(x.grad, 2 * 2 + 4 * 2**3, "the gradient of x in x**2 + x**4 at 2")


def check_a_long_chain(exercise):
    """A chain of 20,000 values is no problem."""
    x = one = exercise.Value(1.0)
    for _ in range(20_000):
        x = x + one
    try:
        x.backward()
    except RecursionError:
        raise AssertionError(
            "20,000 values in a row exceed Python's stack; keep a list of what is "
            "still to be visited instead of recursing"
        ) from None
    near(one.grad, 20_001, "the gradient of what was added 20,000 times to itself")
