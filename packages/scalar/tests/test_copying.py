import copy
import pickle

from pebblegrad.scalar import Tensor


class Marked(Tensor):
    __slots__ = ()


def test_a_copy_has_values_gradients_labels_and_kinds():
    x = Tensor(2.0, label="x")
    y = Marked(6.0, (x, x * 2), "own", "y", (1.0, 0.5))
    y.backward()

    other = pickle.loads(pickle.dumps(y))

    assert type(other) is Marked
    assert (other.data, other.grad, other.label, other._op) == (6.0, 1, "y", "own")
    leaf, double = other._children
    assert (leaf.label, leaf.grad, double.grad) == ("x", 2.0, 0.5)
    assert double._children[0] is leaf


def test_a_leaf_is_copied_as_ever():
    x = Tensor(2.0)

    assert copy.deepcopy([x, x])[0] is not x
    a, b = copy.deepcopy([x, x])
    assert a is b
