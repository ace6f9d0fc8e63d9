"""Are these the gradients that the engine finds?"""

from pebblegrad.autograd import Tensor, ops

NAMES = ("x", "w", "b")


def compare(exercise, values, g):
    """Compare with what the engine finds for the same numbers."""
    tensors = [Tensor(value, requires_grad=True, dtype=float) for value in values]
    x, w, b = tensors
    ops.tanh(w * x + b).backward(Tensor(g, dtype=float))
    found = exercise.gradients(*values, g)

    assert isinstance(found, tuple | list) and len(found) == 3, (
        f"gradients returned {found!r}; three numbers were needed: of x, w and b"
    )
    for name, number, tensor in zip(NAMES, found, tensors, strict=True):
        wanted = tensor.grad.item()
        assert abs(number - wanted) < 1e-12, (
            f"at x, w, b = {values} with g = {g} the gradient of {name} is {number}; "
            f"{wanted} was needed"
        )


def check_at_zero(exercise):
    """Where tanh is a line of slope 1, only the product is left."""
    compare(exercise, (2.0, 3.0, -6.0), 1.0)


def check_elsewhere(exercise):
    """The slope of tanh counts."""
    compare(exercise, (0.5, -1.5, 0.25), 1.0)


def check_what_comes_in(exercise):
    """What comes in is multiplied with, in all three."""
    compare(exercise, (0.5, -1.5, 0.25), -4.0)
