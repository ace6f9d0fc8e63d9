"""Every op, by one table: its value, its gradients to second order, and its manners.

Adding an op is: forward, rules, one row in `cases/`; `test_every_op_has_a_case`
insists.
"""

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import Op, Tensor, ops
from pebblegrad.autograd.ops import creation
from pebblegrad.autograd.testing import check_gradients

from .cases import CASES, PLAIN

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_every_op_has_a_case():
    """An op or a function composed of ops; constants have tests of their own."""
    public = {name: getattr(ops, name) for name in ops.__all__}
    functions = {
        name
        for name, value in public.items()
        if callable(value) and value is not Op and value.__module__ != creation.__name__
    }

    assert functions == {case.name for case in [*CASES, *PLAIN]}


@pytest.mark.parametrize("case", PLAIN, ids=str)
def test_what_no_gradient_flows_through_is_a_plain_array(case, rng):
    xs = case.inputs(rng)

    of_tensors = case.call(*[Tensor(x, requires_grad=True) for x in xs])
    of_arrays = case.call(*xs)

    expected = case.expected(*xs)
    for result in (of_tensors, of_arrays):
        assert not isinstance(result, Tensor)
        np.testing.assert_array_equal(result, expected)


@each_case
def test_forward_equals_the_reference(case, rng):
    xs = case.inputs(rng)

    result = case.call(*map(Tensor, xs))

    assert isinstance(result, Tensor)
    assert isinstance(result.data, np.ndarray)
    np.testing.assert_allclose(result.data, case.expected(*xs), rtol=case.rtol)


@each_case
def test_arrays_in_give_an_array_out(case, rng):
    xs = case.inputs(rng)

    result = case.call(*xs)

    assert isinstance(result, np.ndarray | np.generic)
    np.testing.assert_allclose(result, case.expected(*xs), rtol=case.rtol)


@each_case
def test_gradients_are_right_to_second_order(case, rng):
    check_gradients(case.call, *case.inputs(rng), order=2)


@pytest.mark.parametrize("case", [c for c in CASES if c.keeps_float32], ids=str)
def test_float32_stays_float32(case, rng):
    xs = [Tensor(x, requires_grad=True) for x in case.inputs(rng, np.float32)]

    result = case.call(*xs)
    result.backward(np.ones(result.shape, np.float32))

    assert result.dtype == np.float32
    assert [x.grad.dtype for x in xs] == [np.float32] * len(xs)
    assert [x.grad.shape for x in xs] == case.shapes


@each_case
def test_only_wanted_gradients_are_computed(case, rng, monkeypatch):
    """Make each input in turn the only one that wants a gradient; the other rules
    explode."""
    op, xs = case.function, case.inputs(rng)
    for wanted in range(len(xs)):
        if isinstance(op, Op) and not op.variadic:
            rules = [op.rules[name] for name in op.inputs if name in op.rules]
            for rule in rules:
                if rule is not rules[wanted]:
                    monkeypatch.setattr(rule, "function", explode)
        tensors = [Tensor(x, requires_grad=i == wanted) for i, x in enumerate(xs)]
        result = case.call(*tensors)
        result.backward(np.ones(result.shape))
        monkeypatch.undo()

        found = [x.grad is not None for x in tensors]
        assert found == [i == wanted for i in range(len(xs))]


def explode(*args):
    raise AssertionError("a gradient that nobody wants was computed")


@each_case
def test_read_only_operands_are_left_alone(case, rng):
    arrays = case.inputs(rng)
    for array in arrays:
        array.flags.writeable = False
    xs = [Tensor(array) for array in arrays]
    for x in xs:
        x.requires_grad = True
    result = case.call(*xs)
    gradient = np.ones(result.shape)
    gradient.flags.writeable = False

    result.backward(gradient)

    assert all(x.data is array for x, array in zip(xs, arrays, strict=True))
    assert all(x.grad.data.flags.writeable for x in xs)


@each_case
def test_gradients_share_no_memory(case, rng):
    xs = [Tensor(x, requires_grad=True) for x in case.inputs(rng)]
    result = case.call(*xs)
    gradient = np.ones(result.shape)

    result.backward(gradient)

    arrays = [gradient, result.data, *[x.data for x in xs], *[x.grad.data for x in xs]]
    for i, x in enumerate(xs):
        others = [a for a in arrays if a is not x.grad.data]
        assert not any(np.shares_memory(x.grad.data, other) for other in others), (
            f"input {i}"
        )


def strict_tensor(array, requires_grad=True):
    tensor = Tensor(array_api_strict.asarray(array))
    tensor.requires_grad = requires_grad
    return tensor


@pytest.mark.parametrize("case", [c for c in CASES if c.strict], ids=str)
def test_formulas_need_only_the_array_api(case, rng):
    """The same numbers to second order on a library that has the standard and no
    more."""
    arrays = case.inputs(rng)

    ours, theirs = (
        second_order(case, [make(array) for array in arrays])
        for make in (lambda a: Tensor(a, requires_grad=True), strict_tensor)
    )

    assert all(hasattr(t.data, "_array") for t in theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.data, other.data._array, rtol=1e-12, atol=1e-14)


def second_order(case, xs):
    """Return the value, the gradients, and the gradients of the gradients' squares."""
    result = case.call(*xs)
    (result * result).sum().backward(create_graph=True)
    first = [x.grad for x in xs]
    total = ops.concat([x.flatten() * 0 for x in xs]).sum()  # so that all are in it
    for x, gradient in zip(xs, first, strict=True):
        x.grad = None
        total = total + (gradient * gradient).sum()
    total.backward()
    return [result, *first, *[x.grad for x in xs]]


def test_where_has_no_rule_for_a_condition_that_requires_a_gradient():
    condition = Tensor([1.0, 0.0], requires_grad=True)

    with pytest.raises(
        NotImplementedError,
        match="where: condition requires a gradient, and there is no",
    ):
        ops.where(condition, 1.0, 2.0)


@pytest.mark.parametrize(
    ("x", "y", "for_x", "for_y"),
    [
        (0.0, 2.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0),
        (0.0, -1.0, -np.inf, -np.inf),
        (np.inf, 0.0, 0.0, np.inf),
        (np.nan, 0.0, 0.0, np.nan),
        (3.0, 0.0, 0.0, np.log(3)),
        (-2.0, 3.0, 12.0, None),
    ],
)
def test_power_at_its_edges(x, y, for_x, for_y):
    base, exponent = (
        Tensor([x], requires_grad=True),
        Tensor([y], requires_grad=for_y is not None),
    )

    with np.errstate(divide="ignore", invalid="ignore"):
        (base**exponent).backward()
        number = Tensor([x], requires_grad=True)
        (number**y).backward()

    np.testing.assert_allclose(base.grad.data, [for_x])
    np.testing.assert_allclose(number.grad.data, [for_x])
    if for_y is not None:
        np.testing.assert_allclose(exponent.grad.data, [for_y], rtol=1e-6)


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum])
def test_equal_operands_share_the_gradient_of_an_extreme(op):
    x, y = (
        Tensor([1.0, 2.0], requires_grad=True),
        Tensor([1.0, 5.0], requires_grad=True),
    )

    op(x, y).sum().backward()

    assert x.grad.data[0] == y.grad.data[0] == 0.5
    assert x.grad.data[1] + y.grad.data[1] == 1.0


@pytest.mark.parametrize("op", [ops.max, ops.min])
def test_tied_elements_share_the_gradient_of_a_reduction(op):
    x = Tensor([[3.0, 3.0, 3.0], [1.0, 2.0, 1.0]], requires_grad=True)

    op(x, axis=1).sum().backward()

    third, half = 1 / 3, 1 / 2
    second = [0, 1, 0] if op is ops.max else [half, 0, half]
    np.testing.assert_allclose(x.grad.data, [[third] * 3, second], rtol=1e-6)


def test_the_gradient_of_clip_passes_at_its_bounds():
    x = Tensor([-1.0, 0.0, 0.5, 1.0, 2.0], requires_grad=True)

    x.clip(0.0, 1.0).sum().backward()

    np.testing.assert_array_equal(x.grad.data, [0, 1, 1, 1, 0])


def test_clip_without_bounds_is_still_a_new_array():
    x = np.ones(2)

    assert not np.shares_memory(ops.clip(x), x)


def test_the_mean_of_nothing_has_a_gradient_of_nothing():
    x = Tensor(np.zeros((0, 3)), requires_grad=True)

    with pytest.warns(RuntimeWarning):
        x.mean(axis=0).sum().backward()

    assert x.grad.shape == (0, 3)


def test_numbers_are_operands_on_other_array_libraries_too():
    x = strict_tensor(np.array([1.0, 2.0]))

    (2 / x + x**2 - 1).sum().backward(retain_graph=True)
    y = x * 2
    y.retain_grad()
    seen = []
    y.register_hook(seen.append)
    y.sum().backward()

    assert {type(t.data) for t in (x.grad, y.grad, *seen)} == {type(x.data)}


def test_sigmoid_is_exact_at_both_ends():
    x = np.array([-1e4, -80.0, 0.0, 80.0, 1e4], dtype=np.float32)

    result = ops.sigmoid(x)

    np.testing.assert_allclose(
        result, [0, np.exp(np.float64(-80)), 0.5, 1, 1], rtol=1e-6
    )


@pytest.mark.parametrize("op", [ops.relu, ops.tanh, ops.sigmoid, ops.abs, ops.exp])
def test_nan_passes_through(op):
    x = Tensor([np.nan], requires_grad=True)

    y = op(x)
    y.backward()

    assert np.isnan(y.data).all()
    assert op is ops.relu or np.isnan(x.grad.data).all()
