"""Every op, by one table: its value, its gradients to second order, and its manners.

Adding an op is: forward, rules, one row here; `test_every_op_has_a_case` insists.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import Op, Tensor, ops
from pebblegrad.autograd.testing import check_gradients


def real(rng, shape):
    """Numbers far from 0 and from each other, so that no kink is near."""
    size = int(np.prod(shape))
    magnitudes = 0.1 + (rng.permutation(size) + rng.uniform(0.2, 0.8, size)) / max(
        size, 1
    )
    return (magnitudes * rng.choice([-1, 1], size)).reshape(shape)


def positive(rng, shape):
    return np.asarray(np.abs(real(rng, shape)))


@dataclass
class Case:
    """One way of calling an op.

    `strict` is False where the op needs more than the Array API standard has.
    """

    name: str
    op: Op
    shapes: list[tuple[int, ...]]
    reference: Callable[..., Any]
    static: dict[str, Any] = field(default_factory=dict)
    domain: Callable[..., Any] = real
    strict: bool = True
    mask: Any = None

    def __str__(self):
        extra = (
            "" if not self.static else "-" + "-".join(map(str, self.static.values()))
        )
        return f"{self.name}{self.shapes}{extra}".replace(" ", "")

    def inputs(self, rng, dtype=np.float64):
        return [self.domain(rng, shape).astype(dtype) for shape in self.shapes]

    def call(self, *xs):
        if self.op.variadic:
            return self.op(list(xs), **self.static)
        if self.mask is not None:
            xp = xs[0].data if isinstance(xs[0], Tensor) else xs[0]
            return self.op(xp.__array_namespace__().asarray(self.mask), *xs)
        return self.op(*xs, **self.static)


def elementwise(name, reference, domain=real):
    shapes = [(), (3,), (2, 3), (0, 2)]
    return [Case(name, getattr(ops, name), [s], reference, {}, domain) for s in shapes]


def binary(name, reference, domain=real):
    pairs = [
        [(2, 3), (2, 3)],
        [(3,), (2, 1)],
        [(), (2,)],
        [(2, 1, 3), (4, 1)],
        [(0, 3), (3,)],
    ]
    return [Case(name, getattr(ops, name), p, reference, {}, domain) for p in pairs]


def reduction(name, reference):
    calls = [
        ((), {}),
        ((3,), {"axis": 0}),
        ((2, 3), {}),
        ((2, 3), {"axis": -1, "keepdims": True}),
        ((2, 3, 4), {"axis": (0, 2)}),
        ((2, 3, 4), {"axis": (-1, 0), "keepdims": True}),
    ]
    return [Case(name, getattr(ops, name), [s], reference, kw) for s, kw in calls]


def matmuls():
    pairs = [
        [(2, 3), (3, 4)],
        [(3,), (3, 4)],
        [(2, 3), (3,)],
        [(3,), (3,)],
        [(5, 2, 3), (3, 4)],
        [(2, 3), (5, 3, 4)],
        [(5, 1, 2, 3), (6, 3, 4)],
        [(5, 2, 3), (3,)],
        [(3,), (5, 3, 4)],
        [(0, 3), (3, 2)],
        [(2, 0), (0, 3)],
    ]
    return [Case("matmul", ops.matmul, pair, np.matmul) for pair in pairs]


def shaped(name, of, reference, **static):
    return Case(name, getattr(ops, name), [of], reference, static)


def joined(name, shapes, **static):
    join = {"concat": np.concatenate, "stack": np.stack}[name]

    def reference(*xs, axis=0):
        return join(xs, axis=axis)

    return Case(name, getattr(ops, name), shapes, reference, static)


MASK = np.array([[True, False, True], [False, False, True]])


def conditional(shapes):
    """Return a case of `where`; its mask is no float and stays the same."""
    return Case(
        "where", ops.where, shapes, lambda x, y: np.where(MASK, x, y), mask=MASK
    )


INDICES = [
    0,
    -1,
    slice(1, 3),
    slice(None, None, -2),
    ...,
    None,
    (0, 1),
    (slice(None), 1),
    (..., 0),
    (None, slice(None), 2),
    [0, 2, 0],
    np.array([[0, 1], [1, 1]]),
    (np.array([0, 0, 2]), np.array([1, 1, 0])),
    (slice(None), np.array([2, 0, 0])),
    (np.array([0, 1]), slice(None, 2)),
    np.array([True, False, True]),
    np.arange(9).reshape(3, 3) % 2 == 0,
    np.int64(1),
    True,
    np.array([], dtype=int),
]


def indexing():
    """Each index once for `getitem`, and for `scatter`, its adjoint."""

    def take(x, index):
        return x[index]

    def put(x, shape, index):
        out = np.zeros(shape)
        np.add.at(out, index, x)
        return out

    for index in INDICES:
        picked = np.zeros((3, 3))[index].shape
        static = {"shape": (3, 3), "index": index}
        # More than the Array API standard has, which knows no repeated indices.
        yield Case(
            "getitem", ops.getitem, [(3, 3)], take, {"index": index}, strict=False
        )
        yield Case("scatter", ops.scatter, [picked], put, static, strict=False)


def to_dtype():
    def convert(x, dtype):
        return x.astype(dtype)

    static = {"dtype": np.float64}  # NumPy's dtypes are not those of other libraries
    return Case("astype", ops.astype, [(2, 3)], convert, static, strict=False)


# The references take keywords by our names: NumPy 2.0 has other ones here and there.
CASES = [
    *binary("add", np.add),
    *binary("subtract", np.subtract),
    *binary("multiply", np.multiply),
    *binary("divide", np.divide),
    *binary("power", np.power, positive),
    *binary("maximum", np.maximum),
    *binary("minimum", np.minimum),
    *elementwise("negative", np.negative),
    *elementwise("abs", np.abs),
    *elementwise("sign", np.sign),
    *elementwise("sqrt", np.sqrt, positive),
    *elementwise("exp", np.exp),
    *elementwise("log", np.log, positive),
    *elementwise("tanh", np.tanh),
    *elementwise("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
    *elementwise("relu", lambda x: np.maximum(x, 0)),
    shaped("clip", (2, 3), lambda x, min, max: np.clip(x, min, max), min=-0.4, max=0.4),
    shaped("clip", (2, 3), lambda x, max: np.minimum(x, max), max=0.4),
    shaped("clip", (2, 3), lambda x: x),
    conditional([(2, 3), (3,)]),
    conditional([(), (2, 1)]),
    to_dtype(),
    *reduction("sum", np.sum),
    *reduction("mean", np.mean),
    *reduction("max", np.max),
    *reduction("min", np.min),
    shaped("sum", (0, 3), np.sum, axis=0),
    *matmuls(),
    shaped("reshape", (2, 6), lambda x, shape: np.reshape(x, shape), shape=(3, -1)),
    shaped("reshape", (), lambda x, shape: np.reshape(x, shape), shape=(1, 1)),
    shaped("permute_dims", (2, 3, 4), np.transpose, axes=(2, 0, 1)),
    shaped("permute_dims", (2, 3, 4), np.transpose, axes=(-1, 0, -2)),
    shaped("matrix_transpose", (2, 3, 4), lambda x: np.swapaxes(x, -1, -2)),
    shaped("expand_dims", (2, 3), np.expand_dims, axis=1),
    shaped("squeeze", (2, 1, 3), np.squeeze, axis=1),
    shaped("broadcast_to", (3, 1), np.broadcast_to, shape=(2, 3, 4)),
    shaped("sum_to", (2, 3, 4), lambda x, shape: x.sum((0, 2))[:, None], shape=(3, 1)),
    shaped("sum_to", (2, 3), lambda x, shape: x, shape=(2, 3)),
    joined("concat", [(2, 3), (1, 3), (0, 3)], axis=0),
    joined("concat", [(2, 3), (2, 1)], axis=-1),
    joined("concat", [(2, 3), (4,)], axis=None),
    joined("concat", [(2,)]),
    joined("stack", [(2, 3), (2, 3)], axis=0),
    joined("stack", [(2, 3), (2, 3)], axis=-1),
    *indexing(),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_every_op_has_a_case():
    every_op = {name for name, value in vars(ops).items() if isinstance(value, Op)}

    assert every_op == {case.name for case in CASES}


@each_case
def test_forward_equals_the_reference(case, rng):
    xs = case.inputs(rng)

    result = case.call(*map(Tensor, xs))

    assert isinstance(result, Tensor)
    assert isinstance(result.data, np.ndarray)
    np.testing.assert_allclose(
        result.data, case.reference(*xs, **case.static), rtol=1e-14
    )


@each_case
def test_arrays_in_give_an_array_out(case, rng):
    xs = case.inputs(rng)

    result = case.call(*xs)

    assert isinstance(result, np.ndarray | np.generic)
    np.testing.assert_allclose(result, case.reference(*xs, **case.static), rtol=1e-14)


@each_case
def test_gradients_are_right_to_second_order(case, rng):
    check_gradients(case.call, *case.inputs(rng), order=2)


@pytest.mark.parametrize("case", [c for c in CASES if c.name != "astype"], ids=str)
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
    names = [name for name in case.op.inputs if name != "condition"]
    for wanted, name in enumerate(names):
        rules_before = dict(case.op.rules)
        for other in set(names) - {name}:

            def explode(*args):
                raise AssertionError("a gradient that nobody wants was computed")

            monkeypatch.setattr(rules_before[other], "function", explode)
        xs = [
            Tensor(x, requires_grad=i == wanted) for i, x in enumerate(case.inputs(rng))
        ]
        result = case.call(*xs)
        result.backward(np.ones(result.shape))
        monkeypatch.undo()

        assert [x.grad is not None for x in xs] == [i == wanted for i in range(len(xs))]


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
    total = xs[0].sum() * 0  # in the graph, also when no gradient is
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

    op(x, axis=0).sum().backward()
    op(x, axis=None).backward()

    np.testing.assert_allclose(x.grad.data.sum(), 4.0)


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
