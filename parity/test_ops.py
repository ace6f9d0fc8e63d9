"""Every op of pebblegrad.autograd, on random inputs and on the edges."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Op, Tensor, ops


def real(rng, shape):
    return rng.choice([-1, 1], shape) * rng.uniform(0.2, 2.0, shape)


def positive(rng, shape):
    return np.asarray(rng.uniform(0.2, 2.0, shape))


@dataclass
class Case:
    """One way of calling an op, and the same in torch."""

    name: str
    theirs: Callable[..., Any]
    shapes: list[tuple[int, ...]]
    static: dict[str, Any] = field(default_factory=dict)
    domain: Callable[..., Any] = real

    def __str__(self):
        static = "".join(f"-{value}" for value in self.static.values())
        return f"{self.name}{self.shapes}{static}".replace(" ", "")

    def ours(self, *xs):
        op = getattr(ops, self.name)
        return op(list(xs), **self.static) if op.variadic else op(*xs, **self.static)


UNARY = {
    "negative": torch.neg,
    "abs": torch.abs,
    "sign": torch.sign,
    "sqrt": torch.sqrt,
    "exp": torch.exp,
    "log": torch.log,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
}
BINARY = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "power": torch.pow,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}
REDUCTIONS = {
    "sum": torch.sum,
    "mean": torch.mean,
    "max": torch.amax,
    "min": torch.amin,
}
ONE_SHAPE = [(), (3,), (2, 3), (0, 2)]
TWO_SHAPES = [
    [(2, 3), (2, 3)],
    [(3,), (2, 1)],
    [(), (2,)],
    [(2, 1, 3), (4, 1)],
    [(0, 3), (3,)],
]
AXES = [((3,), 0), ((2, 3), -1), ((2, 3, 4), (0, 2)), ((2, 3, 4), (-1, 0))]
PRODUCTS = [
    [(2, 3), (3, 4)], [(3,), (3, 4)], [(2, 3), (3,)], [(3,), (3,)],
    [(5, 2, 3), (3, 4)], [(2, 3), (5, 3, 4)], [(5, 1, 2, 3), (6, 3, 4)],
    [(5, 2, 3), (3,)], [(3,), (5, 3, 4)], [(0, 3), (3, 2)], [(2, 0), (0, 3)],
]  # fmt: skip
# torch has no negative steps.
INDICES = [
    0, -1, slice(1, 3), slice(None, None, 2), ..., None, (0, 1), (slice(None), 1),
    (..., 0), (None, slice(None), 2), [0, 2, 0], np.array([[0, 1], [1, 1]]),
    (np.array([0, 0, 2]), np.array([1, 1, 0])), (slice(None), np.array([2, 0, 0])),
    np.array([True, False, True]), np.arange(9).reshape(3, 3) % 2 == 0,
    (np.array([0, 1]), slice(None, 2)),
]  # fmt: skip
CHOICE = np.array([[True, False, True], [False, False, True]])


def indexed(x, index):
    return x[index]


def scattered(x, shape, index):
    out = torch.zeros(shape, dtype=x.dtype)
    places = torch.arange(out.numel()).reshape(shape)[index].reshape(-1)
    return out.reshape(-1).index_put((places,), x.reshape(-1), True).reshape(shape)


def permuted(x, axes):
    return x.permute(axes)


def joined(*xs, axis):
    return torch.cat(xs, axis)


def cast(x, dtype):
    return x.to(getattr(torch, dtype.__name__))


CASES = [
    *[
        Case(name, f, [shape], domain=positive if name in ("sqrt", "log") else real)
        for (name, f), shape in itertools.product(UNARY.items(), ONE_SHAPE)
    ],
    *[
        Case(name, f, shapes, domain=positive if name == "power" else real)
        for (name, f), shapes in itertools.product(BINARY.items(), TWO_SHAPES)
    ],
    *[
        Case(
            name,
            lambda x, axis, keepdims, f=f: f(x, dim=axis, keepdim=keepdims),
            [shape],
            {"axis": axis, "keepdims": keepdims},
        )
        for (name, f), (shape, axis), keepdims in itertools.product(
            REDUCTIONS.items(), AXES, (False, True)
        )
    ],
    *[
        Case(name, f, [shape])
        for (name, f), shape in itertools.product(REDUCTIONS.items(), [(), (2, 3)])
    ],
    Case("sum", lambda x, axis: x.sum(axis), [(0, 3)], {"axis": 0}),
    *[Case("matmul", torch.matmul, shapes) for shapes in PRODUCTS],
    *[Case("getitem", indexed, [(3, 3)], {"index": index}) for index in INDICES],
    *[
        Case("scatter", scattered, [shape], {"shape": (4, 3), "index": index})
        for shape, index in [((2, 3), slice(1, 3)), ((3, 3), [0, 0, 2]), ((3,), -1)]
    ],
    *[
        Case("clip", lambda x, min, max: x.clamp(min, max), [(2, 3)], bounds)
        for bounds in [
            {"min": -0.5, "max": 0.5},
            {"min": None, "max": 0.5},
            {"min": -0.5, "max": None},
        ]
    ],
    Case("reshape", torch.reshape, [(2, 6)], {"shape": (3, -1)}),
    Case("permute_dims", permuted, [(2, 3, 4)], {"axes": (2, 0, 1)}),
    Case("permute_dims", permuted, [(2, 3, 4)], {"axes": (-1, 0, -2)}),
    Case("matrix_transpose", lambda x: x.mT, [(2, 3, 4)]),
    Case("expand_dims", lambda x, axis: x.unsqueeze(axis), [(2, 3)], {"axis": 1}),
    Case("expand_dims", lambda x, axis: x.unsqueeze(axis), [(2, 3)], {"axis": -1}),
    Case("squeeze", lambda x, axis: x.squeeze(axis), [(2, 1, 3, 1)], {"axis": (1, -1)}),
    Case(
        "broadcast_to", lambda x, shape: x.expand(shape), [(3, 1)], {"shape": (2, 3, 4)}
    ),
    Case("sum_to", lambda x, shape: x.sum_to_size(shape), [(2, 3)], {"shape": (3,)}),
    Case("sum_to", lambda x, shape: x.sum_to_size(shape), [(2, 3)], {"shape": (2, 1)}),
    Case("concat", joined, [(2, 3), (1, 3)], {"axis": 0}),
    Case("concat", joined, [(2, 3), (2, 1)], {"axis": -1}),
    Case("stack", lambda *xs, axis: torch.stack(xs, axis), [(2, 3)] * 2, {"axis": 1}),
    Case("astype", cast, [(2, 3)], {"dtype": np.float32}),
]


def test_every_op_is_compared():
    every_op = {name for name, value in vars(ops).items() if isinstance(value, Op)}

    assert every_op - {case.name for case in CASES} == {"where"}  # compared below


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_gradients_to_second_order(case, both, rng):
    arrays = [case.domain(rng, shape) for shape in case.shapes]
    precision = 1e-6 if case.name == "astype" else 1e-10

    both(case.ours, lambda *xs: case.theirs(*xs, **case.static), arrays, precision)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_gradients_in_single_precision(case, both, rng):
    arrays = [case.domain(rng, shape).astype(np.float32) for shape in case.shapes]

    both(case.ours, lambda *xs: case.theirs(*xs, **case.static), arrays, 1e-4, 1e-5)


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((3,), (2, 1)), ((), (3,))])
def test_where(shapes, both, rng):
    both(
        lambda x, y: ops.where(CHOICE, x, y),
        lambda x, y: torch.where(torch.tensor(CHOICE), x, y),
        [real(rng, shape) for shape in shapes],
    )


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, 0.5, -1.5])
def test_powers_with_a_number(exponent, both, rng):
    both(lambda x: x**exponent, lambda x: x**exponent, [positive(rng, (5,))])


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2])
def test_whole_powers_of_negative_numbers(exponent, both, rng):
    both(lambda x: x**exponent, lambda x: x**exponent, [-positive(rng, (5,))])


def test_powers_of_a_number(both, rng):
    both(lambda y: 2.5**y, lambda y: 2.5**y, [real(rng, (5,))])


# Edges

EDGES = np.array([0.0, -0.0, 1.0, -1.0, 1e30, -1e30, 1e-30, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize("name", UNARY)
def test_unary_ops_on_the_edges(name, both):
    edges = EDGES[:-1] if name in ("abs", "sign") else EDGES  # NaN: see below

    with np.errstate(all="ignore"):
        both(getattr(ops, name), UNARY[name], [edges], order=1)


@pytest.mark.parametrize("name", BINARY)
def test_binary_ops_on_all_pairs_of_edges(name, both):
    x, y = map(np.ravel, np.meshgrid(EDGES, EDGES))

    with np.errstate(all="ignore"):
        both(getattr(ops, name), BINARY[name], [x, y], order=1)


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize(
    "row",
    [
        [1.0, 1.0, 0.0, 0.0],
        [2.0, 2.0, 2.0, 2.0],
        [np.inf, np.inf, 1.0, 1.0],
        [-np.inf, 0.0, 0.0, -np.inf],
        [0.0, -0.0, 0.0, -0.0],
        [np.nan, 1.0, 2.0, 3.0],
    ],
    ids=str,
)
def test_reductions_of_ties_infinities_and_nan(name, row, both):
    with np.errstate(all="ignore"):
        both(getattr(ops, name), REDUCTIONS[name], [np.array(row)], order=1)


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-1.0, 0.0), (1.0, 1.0)])
def test_clip_on_its_bounds(bounds, both):
    both(lambda x: ops.clip(x, *bounds), lambda x: x.clamp(*bounds), [EDGES], order=1)


# Known differences


def gradients(ours, theirs, *numbers):
    """Return the gradients of both for the sum of the results."""
    xs = [Tensor(np.array(n), requires_grad=True) for n in numbers]
    ys = [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in numbers]
    with np.errstate(all="ignore"):
        ours(*xs).sum().backward()
    theirs(*ys).sum().backward()
    return [(x.grad, y.grad) for x, y in zip(xs, ys, strict=True)]


def test_the_sign_of_nan_is_nan_as_in_numpy_where_torch_says_zero(differ):
    # What is not a number shall not become one. The gradient of abs is the sign.
    nan = [np.nan]

    differ(ops.sign(Tensor(nan)), torch.sign(torch.tensor(nan)), nan, [0.0])
    differ(*gradients(ops.abs, torch.abs, nan)[0], nan, [0.0])


def test_a_reduction_divides_ties_where_torchs_with_an_axis_takes_one_index(differ):
    # torch.max and torch.min with an axis return indices too, and send the gradient to
    # these; torch.amax, torch.amin and the forms without an axis divide it, as ours do:
    # no element of a tie is better than the others.
    (found,) = gradients(
        lambda x: ops.max(x, axis=1), lambda x: torch.max(x, dim=1).values, [[1.0, 1.0]]
    )

    differ(*found, [[0.5, 0.5]], [[1.0, 0.0]])
