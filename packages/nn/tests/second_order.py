"""What is compared where two ways of computing shall be one."""

from pebblegrad.autograd import Tensor


def to_second_order(function, arrays):
    """Return the value, its gradients, and the gradients of their squares' sum."""
    xs = [Tensor(a, requires_grad=True) for a in arrays]
    out = function(*xs)
    (out * out).sum().backward(create_graph=True)
    first = [x.grad for x in xs]
    for x in xs:
        x.grad = None
    sum(((g * g).sum() for g in first), Tensor(0.0, dtype="float64")).backward()
    return [t.data for t in [out, *first, *[x.grad for x in xs]]]
