"""Every op of pebblegrad.autograd, on random inputs and on the edges.

The calls are those of the table that autograd-core is tested with; `theirs/` has
PyTorch's word for each op.
"""

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor, ops

from .core_table import CASES
from .theirs import BINARY, REDUCTIONS, THEIRS, UNARY


def their_call(case):
    """Return the call of a row, in PyTorch."""
    fixed = [torch.tensor(array) for array in case.fixed]
    function = THEIRS[case.name]

    def call(*xs):
        if case.call_with is not None:
            return case.call_with(function, *fixed, *xs, **case.static)
        return function(*fixed, *xs, **case.static)

    return call


def test_every_op_is_compared():
    assert {case.name for case in CASES} == set(THEIRS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_gradients_to_second_order(case, both, rng):
    both(case.call, their_call(case), case.inputs(rng))


@pytest.mark.parametrize("case", [c for c in CASES if c.keeps_float32], ids=str)
def test_value_and_gradients_in_single_precision(case, both, rng):
    both(case.call, their_call(case), case.inputs(rng, np.float32), 1e-4, 1e-5)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, 0.5, -1.5])
def test_powers_with_a_number(exponent, both, rng):
    both(lambda x: x**exponent, lambda x: x**exponent, [rng.uniform(0.2, 2.0, 5)])


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2])
def test_whole_powers_of_negative_numbers(exponent, both, rng):
    both(lambda x: x**exponent, lambda x: x**exponent, [-rng.uniform(0.2, 2.0, 5)])


def test_powers_of_a_number(both, rng):
    both(lambda y: 2.5**y, lambda y: 2.5**y, [rng.standard_normal(5)])


# Edges

EDGES = np.array([0.0, -0.0, 1.0, -1.0, 1e30, -1e30, 1e-30, np.inf, -np.inf, np.nan])


# Where the two are known to differ, see below, and where a function has no value, which
# PyTorch's gradients of acosh do not know.
LEFT_OUT = {
    "abs": np.isnan,
    "sign": np.isnan,
    "acosh": lambda x: x < 1,
    "hypot": lambda x, y: (x == 0) & (y == 0),
}


@pytest.mark.parametrize("name", UNARY)
def test_unary_ops_on_the_edges(name, both):
    edges = EDGES[~LEFT_OUT[name](EDGES)] if name in LEFT_OUT else EDGES

    with np.errstate(all="ignore"):
        both(getattr(ops, name), UNARY[name], [edges], order=1)


@pytest.mark.parametrize("name", BINARY)
def test_binary_ops_on_all_pairs_of_edges(name, both):
    x, y = map(np.ravel, np.meshgrid(EDGES, EDGES))
    if name in LEFT_OUT:
        left_out = LEFT_OUT[name](x, y)
        x, y = x[~left_out], y[~left_out]

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


def test_the_gradient_of_hypot_at_the_origin_is_zero_where_torchs_is_nan(differ):
    # As that of a norm is, in both: all directions meet there, and zero is their mean.
    for found in gradients(ops.hypot, torch.hypot, [0.0], [0.0]):
        differ(*found, [0.0], [np.nan])


def test_acosh_below_one_has_no_gradient_where_torch_finds_one(differ):
    (found,) = gradients(ops.acosh, torch.acosh, [-2.0])

    differ(*found, [np.nan], [1 / np.sqrt(3)])


def test_what_is_masked_altogether_has_no_gradient_where_torch_says_nan(differ):
    # A row of scores that are all masked: one such row shall not spoil all weights.
    (found,) = gradients(
        ops.logsumexp, lambda x: torch.logsumexp(x, 0), [-np.inf, -np.inf]
    )

    differ(*found, [0.0, 0.0], [np.nan, np.nan])


def test_a_reduction_divides_ties_where_torchs_with_an_axis_takes_one_index(differ):
    # torch.max and torch.min with an axis return indices too, and send the gradient to
    # these; torch.amax, torch.amin and the forms without an axis divide it, as ours do:
    # no element of a tie is better than the others.
    (found,) = gradients(
        lambda x: ops.max(x, axis=1), lambda x: torch.max(x, dim=1).values, [[1.0, 1.0]]
    )

    differ(*found, [[0.5, 0.5]], [[1.0, 0.0]])
