import ast
import copy
import gc
import inspect
import math
import pickle
import weakref
from fractions import Fraction

import pytest

from pebblegrad.scalar import Tensor
from pebblegrad.scalar import tensor as engine

# An operation, points at which to try it, the value and the derivatives in closed form.
ONE = {
    "neg": (lambda x: -x, [-1.5, 0.0, 2.0], lambda x: -x, lambda x: -1),
    "exp": (lambda x: x.exp(), [-2.0, 0.0, 3.0], math.exp, math.exp),
    "log": (lambda x: x.log(), [0.1, 1.0, 7.0], math.log, lambda x: 1 / x),
    "relu": (
        lambda x: x.relu(),
        [-1.0, 0.5, 3.0],
        lambda x: max(x, 0.0),
        lambda x: float(x > 0),
    ),
    "tanh": (
        lambda x: x.tanh(),
        [-2.0, 0.0, 0.7],
        math.tanh,
        lambda x: 1 / math.cosh(x) ** 2,
    ),
    "sigmoid": (
        lambda x: x.sigmoid(),
        [-3.0, 0.0, 2.0],
        lambda x: 1 / (1 + math.exp(-x)),
        lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2,
    ),
    "x + 3": (lambda x: x + 3, [2.0], lambda x: x + 3, lambda x: 1),
    "3 + x": (lambda x: 3 + x, [2.0], lambda x: 3 + x, lambda x: 1),
    "x - 3": (lambda x: x - 3, [2.0], lambda x: x - 3, lambda x: 1),
    "3 - x": (lambda x: 3 - x, [2.0], lambda x: 3 - x, lambda x: -1),
    "x * 3": (lambda x: x * 3, [2.0], lambda x: x * 3, lambda x: 3),
    "3 * x": (lambda x: 3 * x, [2.0], lambda x: 3 * x, lambda x: 3),
    "x / 3": (lambda x: x / 3, [2.0], lambda x: x / 3, lambda x: 1 / 3),
    "3 / x": (lambda x: 3 / x, [2.0], lambda x: 3 / x, lambda x: -3 / x**2),
    "x**2": (lambda x: x**2, [-2.0, 0.0, 3.0], lambda x: x**2, lambda x: 2 * x),
    "x**-1": (lambda x: x**-1, [-2.0, 4.0], lambda x: 1 / x, lambda x: -1 / x**2),
    "x**0.5": (lambda x: x**0.5, [4.0], math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    "x**0": (lambda x: x**0, [-2.0, 0.0], lambda x: 1.0, lambda x: 0.0),
    "2**x": (lambda x: 2**x, [-1.0, 3.0], lambda x: 2**x, lambda x: 2**x * math.log(2)),
}
TWO = {
    "x + y": (lambda x, y: x + y, lambda x, y: (1, 1)),
    "x - y": (lambda x, y: x - y, lambda x, y: (1, -1)),
    "x * y": (lambda x, y: x * y, lambda x, y: (y, x)),
    "x / y": (lambda x, y: x / y, lambda x, y: (1 / y, -x / y**2)),
    "x**y": (
        lambda x, y: x**y,
        lambda x, y: (y * x ** (y - 1), x**y * math.log(x)),
    ),
}


def numerical(function, at, which, h=1e-6):
    """Return a central difference in one of the arguments."""
    above, below = list(at), list(at)
    above[which] += h
    below[which] -= h
    return (function(*above).data - function(*below).data) / (2 * h)


@pytest.mark.parametrize("name", ONE)
def test_an_operation_on_one_tensor_and_its_derivative(name):
    op, points, value, slope = ONE[name]
    for point in points:
        x = Tensor(point)

        y = op(x)
        y.backward()

        assert y.data == pytest.approx(value(point), rel=1e-12)
        assert x.grad == pytest.approx(slope(point), rel=1e-12, abs=1e-12)
        numbers = numerical(lambda p: op(Tensor(p)), [point], 0)
        assert x.grad == pytest.approx(numbers, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("point", [(2.0, 3.0), (0.5, -1.5)])
def test_an_operation_on_two_tensors_and_its_derivatives(name, point):
    op, slopes = TWO[name]
    x, y = Tensor(point[0]), Tensor(point[1])

    z = op(x, y)
    z.backward()

    assert z.data == pytest.approx(op(*point), rel=1e-12)
    assert (x.grad, y.grad) == pytest.approx(slopes(*point), rel=1e-12)
    for which, leaf in enumerate((x, y)):
        found = numerical(lambda a, b: op(Tensor(a), Tensor(b)), point, which)
        assert leaf.grad == pytest.approx(found, rel=1e-6)


def test_the_gradient_of_a_tensor_used_twice_is_the_sum():
    x = Tensor(3.0)
    y = x * x + x

    y.backward()

    assert x.grad == 7.0


def test_the_same_tensor_on_both_sides_of_an_operation():
    x = Tensor(2.0)

    (x**x / x).backward()  # x**(x - 1)

    assert x.grad == pytest.approx(2 * (math.log(2) + 1 / 2))


def test_integers_stay_integers():
    a, b, c = Tensor(4), Tensor(3), Tensor(2)

    e = (a + b) * c
    e.backward()

    assert repr([e.data, a.grad, b.grad, c.grad]) == "[14, 2, 2, 7]"


def test_what_you_made_adds_up_gradients_until_they_are_set_to_zero():
    x = Tensor(2.0)
    (x * 3).backward()
    (x * 5).backward()

    assert x.grad == 8
    x.zero_grad()
    assert x.grad == 0


def test_a_second_backward_on_one_graph_adds_the_same_gradient_again():
    x = Tensor(2.0)
    inner = x * x
    y = inner * inner  # x**4, inner through two ways
    y.backward()
    y.backward()

    assert x.grad == 2 * 4 * 2.0**3
    assert inner.grad == 2 * 4.0
    assert y.grad == 1


def test_two_results_that_share_a_part_do_not_disturb_each_other():
    x = Tensor(2.0)
    shared = x * 3
    (shared * 5).backward()
    (shared * 7).backward()

    assert x.grad == 3 * 5 + 3 * 7
    assert shared.grad == 7


def test_backward_on_a_leaf_adds_one():
    x = Tensor(2.0)
    x.backward()
    x.backward()

    assert x.grad == 2


def test_backward_begins_with_the_gradient_that_is_given():
    x = Tensor(2.0)
    (x * 3).backward(0.5)
    (x * 3).backward(gradient=2)

    assert x.grad == 7.5


def test_derivatives_belong_to_the_values_of_the_forward_pass():
    x = Tensor(3.0)
    y = x * x
    x.data = 100.0

    y.backward()

    assert x.grad == 6.0


def test_a_diamond_of_sixty_floors_takes_one_visit_of_each_value():
    x = Tensor(1.0)
    y = x
    for _ in range(60):
        y = y + y

    y.backward()

    assert x.grad == 2**60


def test_a_chain_of_100_000_operations_works_and_is_freed_without_the_collector():
    class Watched(Tensor):
        __slots__ = ("__weakref__",)

    x = Tensor(1.0)
    watched = Watched(2.0)
    y = x * watched
    for _ in range(100_000):
        y = y + 1.0
    gc.collect()
    gc.disable()
    try:
        y.backward()
        gone = weakref.ref(watched)
        del y, watched

        assert gone() is None
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert x.grad == 2.0


def test_sum_and_augmented_assignment_build_the_graph():
    parts = [Tensor(1.0), Tensor(2.0)]
    total = Tensor(0)
    total += sum(parts)
    total -= 1
    total *= 4
    total /= 2

    total.backward()

    assert total.data == 4.0
    assert [p.grad for p in parts] == [2.0, 2.0]


def test_data_and_grad_can_be_assigned():
    p = Tensor(1.0)
    p.grad = 2
    p.data -= 0.1 * p.grad
    p.grad = 0

    assert repr(p) == "Value(data=0.8, grad=0)"


def test_numbers_of_other_kinds_become_ints_and_floats():
    numbers = [Tensor(True), Tensor(Fraction(1, 4)), Tensor(2.0) * Fraction(1, 2)]

    assert repr([x.data for x in numbers]) == "[1, 0.25, 1.0]"


def test_a_leaf_can_be_copied_and_pickled():
    x = Tensor(2.0, label="x")
    x.grad = 3.0

    for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert (y.data, y.grad, y.label) == (2.0, 3.0, "x")


def pickled(tensor):
    return pickle.loads(pickle.dumps(tensor))


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_a_long_chain_is_copied_with_its_graph(copied):
    x = Tensor(1.0, label="x")
    y = x
    for _ in range(5000):
        y = y + x
    y.label = "y"

    z = copied(y)
    z.backward()

    leaf = z._children[1]
    assert (z.data, z.label, z._op) == (5001.0, "y", "+")
    assert (leaf.grad, leaf.label) == (5001, "x")
    assert leaf is not x
    assert x.grad == 0


def test_a_copied_model_and_its_loss_still_belong_together():
    w = Tensor(2.0)
    loss = (w * w).tanh()

    other_w, other_loss = copy.deepcopy([w, loss])
    other_loss.backward()
    loss.backward()

    assert other_w is not w
    assert other_w.grad == w.grad


def test_a_plain_copy_of_a_result_keeps_its_leaves():
    x = Tensor(3.0)

    copy.copy(x * x).backward()

    assert x.grad == 6.0


def test_an_operation_of_your_own():
    x = Tensor(0.5)
    y = Tensor(math.sin(x.data), (x,), "sin", _derivatives=(math.cos(x.data),))

    (y * 2).backward()

    assert x.grad == 2 * math.cos(0.5)


def test_infinities_and_nans_pass_through():
    x = Tensor(math.inf)
    y = Tensor(math.nan)

    assert x.relu().data == math.inf
    assert (-x).exp().data == 0
    assert x.log().data == math.inf
    assert (-x).sigmoid().data == 0
    for result in (y.relu(), y.exp(), y.log(), y.tanh(), y.sigmoid(), y**2, y / 2):
        assert math.isnan(result.data)


def test_large_numbers_do_not_overflow_in_sigmoid_and_tanh():
    x, y = Tensor(-1e4), Tensor(1e4)
    (x.sigmoid() + y.sigmoid() + x.tanh() + y.tanh()).backward()

    assert (x.sigmoid().data, y.sigmoid().data) == (0.0, 1.0)
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_sigmoid_keeps_its_digits_far_below_zero():
    assert Tensor(-40.0).sigmoid().data == pytest.approx(math.exp(-40.0), rel=1e-12)


def test_the_slope_of_a_root_at_zero_is_infinite():
    x = Tensor(0.0)
    (x**0.5).backward()

    assert x.grad == math.inf


def test_the_gradient_for_the_exponent_of_zero_is_zero():
    y = Tensor(2.0)
    (0**y).backward()

    assert y.grad == 0


def test_a_slope_that_no_float_can_hold_is_infinite():
    x = Tensor(1e-200)
    (x**-1).backward()

    assert x.grad == -math.inf


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: Tensor("a"), TypeError, "Tensor: data is 'a', a str; a single real"),
        (lambda: Tensor([1, 2]), TypeError, "data is a list; .* each element"),
        (lambda: Tensor(Tensor(1)), TypeError, r"data is a Tensor; .* float\(x\)"),
        (lambda: Tensor(range(2)), TypeError, "data is a range; .* each element"),
        (lambda: Tensor(None), TypeError, "data is None, a NoneType"),
        (lambda: Tensor(1j), TypeError, "data is 1j, a complex"),
        (lambda: Tensor(1.0, "x"), TypeError, "_children is 'x'; .* label="),
        (lambda: Tensor(1.0) + "a", TypeError, "data is 'a', a str"),
        (lambda: [1] * Tensor(2.0), TypeError, "data is a list"),
        (lambda: Tensor(1.0) / 0, ValueError, r"/: x is 1\.0 and y is 0; .* not be 0"),
        (lambda: 0 / Tensor(0.0), ValueError, r"/: x is 0 and y is 0\.0"),
        (lambda: Tensor(0) ** -1, ValueError, r"\*\*: x is 0 and y is -1; .* negative"),
        (lambda: Tensor(-8.0) ** 0.5, ValueError, r"x is -8\.0 and y is 0\.5"),
        (
            lambda: Tensor(2) ** 10_000,
            ValueError,
            r"\*\*: x is 2 and y is 10000; .*1\.8e",
        ),
        (
            lambda: Tensor(10) ** 309,
            ValueError,
            "x is 10 and y is 309; that has no fin",
        ),
        (
            lambda: Tensor(10**400),
            ValueError,
            "Tensor: data is an int of more than 308",
        ),
        (lambda: Tensor(10**308) * 10, ValueError, "an int of more than 308 digits; a"),
        (lambda: 1 / Tensor(5e-324), ValueError, "/: x is 1 and y is 5e-324; that has"),
        (lambda: 1e300 / Tensor(1e-300), ValueError, r"y is 1e-300; .* 1\.8e308"),
        (lambda: Tensor(10.0) ** 400, ValueError, r"x is 10\.0 and y is 400; .*1\.8e"),
        (lambda: Tensor(0).log(), ValueError, "log: x is 0; .* must be above 0"),
        (lambda: Tensor(-1.5).log(), ValueError, r"log: x is -1\.5; .* above 0"),
        (lambda: Tensor(710).exp(), ValueError, r"exp: x is 710; .* most 709\.78"),
        (
            lambda: Tensor(1).backward("a"),
            TypeError,
            "backward: gradient is 'a', a str",
        ),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()


def test_the_engine_is_read_at_one_sitting():
    # About a hundred lines of code: without docstrings, comments and blank lines.
    tree = ast.parse(inspect.getsource(engine))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = node.body[bool(ast.get_docstring(node)) :]

    lines = [line for line in ast.unparse(tree).splitlines() if line.strip()]

    assert 60 < len(lines) <= 110


def test_backward_refuses_an_operation_without_derivatives_and_changes_nothing():
    x = Tensor(2.0)
    y = Tensor(4.0, (x,), "square") * x
    y.grad = 5

    with pytest.raises(RuntimeError, match=r"backward: 'square' made .* 0 derivatives"):
        y.backward()
    assert (x.grad, y.grad) == (0, 5)
