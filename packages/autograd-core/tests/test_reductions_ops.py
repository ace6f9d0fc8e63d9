"""Edges of reductions, scans and sorting that no row of the table shows."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops
from pebblegrad.autograd.testing import check_gradients

INF, NAN = np.inf, np.nan


def value_and_gradient(function, data):
    x = Tensor(np.array(data, float), requires_grad=True)
    y = function(x)
    y.sum().backward()
    return y.data, x.grad.data


@pytest.mark.parametrize(
    ("function", "data", "value", "gradient"),
    [
        (ops.logsumexp, [1e4, 1e4], 1e4 + np.log(2), [0.5, 0.5]),
        (ops.logsumexp, [-1e4, 0], 0, [0, 1]),
        (ops.logsumexp, [-INF, 1], 1, [0, 1]),
        (ops.logsumexp, [-INF, -INF], -INF, [0, 0]),
        (ops.std, [2, 2, 2], 0, [0, 0, 0]),
        (ops.var, [2], 0, [0]),
        (ops.norm, [0, 0], 0, [0, 0]),
        (lambda x: ops.norm(x, 3), [0, 0], 0, [0, 0]),
        (lambda x: ops.norm(x, 0.5), [0, 4], 4, [0, 1]),
        (lambda x: ops.norm(x, 0), [0, 4], 1, [0, 0]),
        (lambda x: ops.norm(x, INF), [-4, 4], 4, [-0.5, 0.5]),
        (ops.prod, [0, 2, 3], 0, [6, 0, 0]),
        (ops.prod, [0, 0, 3], 0, [0, 0, 0]),
        (ops.prod, [], 1, []),
        (ops.prod, [-2], -2, [1]),
        (ops.cumprod, [0, 2, 3], [0, 0, 0], [9, 0, 0]),
        (ops.cumprod, [2, 0, 3], [2, 0, 0], [1, 8, 0]),
        (ops.cumsum, [1, 2], [1, 3], [2, 1]),
        (ops.cummax, [1, 1, 0, 1], [1, 1, 1, 1], [1, 2, 0, 1]),
        (ops.cummax, [1, NAN, 2, 0], [1, NAN, NAN, NAN], [1, 3, 0, 0]),
        (ops.cummin, [1, 1, 2, 1], [1, 1, 1, 1], [1, 2, 0, 1]),
        (ops.sort, [2, 1, 2], [1, 2, 2], [1, 1, 1]),
        (lambda x: ops.topk(x, 1).values, [2, 1, 2], [2], [1, 0, 0]),
        (ops.median, [1, INF, 2], 2, [0, 0, 1]),
        (ops.median, [4, 1, 2, 8], 3, [0.5, 0, 0.5, 0]),
        (lambda x: ops.quantile(x, 1), [1, INF], INF, [0, 1]),
        (lambda x: ops.quantile(x, 0), [-INF, -INF], -INF, [1, 0]),
    ],
)
def test_values_and_gradients_at_the_edges(function, data, value, gradient):
    with np.errstate(invalid="ignore"):
        y, g = value_and_gradient(function, data)

    np.testing.assert_allclose(y, value)
    np.testing.assert_allclose(g, gradient)


@pytest.mark.parametrize(
    "function",
    [
        ops.logsumexp,
        ops.std,
        ops.norm,
        ops.prod,
        ops.cumsum,
        ops.cummax,
        ops.median,
        lambda x: ops.quantile(x, 0.1),
        lambda x: ops.sort(x)[-1],
    ],
)
def test_nan_stays_nan(function):
    y, _ = value_and_gradient(function, [np.nan, 1.0, 2.0])

    assert np.isnan(y).all()


def test_nan_is_sorted_to_the_end_as_in_numpy():
    x = np.array([np.nan, 2.0, 1.0])

    np.testing.assert_array_equal(ops.sort(x), np.sort(x))
    np.testing.assert_array_equal(ops.argsort(x), np.argsort(x))


def test_equal_elements_keep_their_order_in_both_directions():
    x = np.array([1.0, 2.0, 1.0, 2.0])

    assert ops.argsort(x).tolist() == [0, 2, 1, 3]
    assert ops.argsort(x, descending=True).tolist() == [1, 3, 0, 2]


def test_large_products_and_scans_are_those_of_numpy(rng):
    x = rng.uniform(0.5, 1.5, 10_001)

    np.testing.assert_allclose(ops.prod(x), np.prod(x), rtol=1e-11)
    np.testing.assert_allclose(ops.cumprod(x), np.cumprod(x), rtol=1e-11)
    check_gradients(lambda x: ops.prod(x) * 1e20, rng.uniform(0.9, 1.1, 257), order=1)


@pytest.mark.parametrize("count", [1, 2])
def test_a_correction_of_all_elements_leaves_nothing_to_divide_by(count):
    x = np.arange(float(count))

    with np.errstate(all="ignore"):
        assert not np.isfinite(ops.var(Tensor(x), correction=count).item())


def test_reductions_of_nothing():
    empty = Tensor(np.zeros((0, 3)), requires_grad=True)

    assert ops.logsumexp(empty, axis=0).data.tolist() == [-INF] * 3
    assert ops.norm(empty, axis=0).data.tolist() == [0] * 3
    assert ops.prod(empty, axis=0).data.tolist() == [1] * 3
    assert ops.cumprod(empty, axis=0).shape == (0, 3)
    assert ops.sort(empty, axis=0).shape == (0, 3)
    assert ops.all(empty)
    assert not ops.any(empty)
    ops.logsumexp(empty, axis=0).sum().backward()
    assert empty.grad.shape == (0, 3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_dtype_is_kept(dtype):
    x = Tensor(np.array([1.0, 3.0, 2.0], dtype), requires_grad=True)

    for function in (
        *(ops.var, ops.std, ops.norm, ops.logsumexp, ops.prod, ops.median, ops.sort),
        *(ops.cumsum, ops.cumprod, ops.cummax),
        lambda x: ops.quantile(x, 0.3),
        lambda x: ops.norm(x, 3),
    ):
        y = function(x)
        y.sum().backward()
        assert (y.dtype, x.grad.dtype) == (dtype, dtype)


def test_integers_are_reduced_too():
    x = Tensor(np.array([[3, 1], [2, 4]]))

    assert ops.prod(x).item() == 24
    assert ops.cumsum(x, axis=0).data.tolist() == [[3, 1], [5, 5]]
    assert ops.sort(x, axis=1).data.tolist() == [[1, 3], [2, 4]]
    assert ops.count_nonzero(x, axis=(0, 1)) == 4
    assert ops.median(x).item() == 2.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: ops.prod(x, axis=2), "prod: .* there is no axis 2 among 2"),
        (lambda x: ops.var(x, axis=(0, 0)), "var: .* an axis is named twice"),
        (lambda x: ops.std(x, axis=-3), "std: .* there is no axis -3 among 2"),
        (lambda x: ops.norm(x, 2, axis=5), "norm: .* there is no axis 5 among 2"),
        (lambda x: ops.logsumexp(x, 2), "logsumexp: .* there is no axis 2 among 2"),
        (lambda x: ops.cumsum(x, 2), "cumsum: .* there is no axis 2 among 2"),
        (lambda x: ops.cumprod(x, 2), "cumprod: .* there is no axis 2 among 2"),
        (lambda x: ops.cummax(x, 2), "cummax: .* there is no axis 2 among 2"),
        (lambda x: ops.cummin(x, 2), "cummin: .* there is no axis 2 among 2"),
        (lambda x: ops.sort(x, 2), "sort: .* there is no axis 2 among 2"),
        (lambda x: ops.argsort(x, 2), "argsort: .* there is no axis 2 among 2"),
        (lambda x: ops.topk(x, 1, 2), "topk: .* there is no axis 2 among 2"),
        (lambda x: ops.topk(x, 4), "topk: .* k must be from 0 to 3"),
        (lambda x: ops.median(x, 2), "median: .* there is no axis 2 among 2"),
        (lambda x: ops.quantile(x, 1.1), "quantile: .* numbers from 0 to 1 are needed"),
        (lambda x: ops.quantile(x[:0], 0.1), "quantile: .* among no elements there is"),
        (lambda x: ops.argmax(x, 2), "argmax: .* there is no axis 2 among 2"),
        (lambda x: ops.argmin(x[:0], 0), "argmin: .* among no elements"),
        (lambda x: ops.max(x[:0], 0), "max: .* among no elements none is the largest"),
        (lambda x: ops.any(x, 2), "any: .* there is no axis 2 among 2"),
    ],
)
def test_errors_name_the_function(call, message):
    with pytest.raises(ValueError, match=message):
        call(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: ops.sum(x, "rows"), "sum: .* the axis must be an int, a tuple of"),
        (lambda x: ops.prod(x, 0.5), "prod: axis is 0.5, a float; an int is needed"),
        (
            lambda x: ops.norm(x, "fro"),
            "norm: .* the norms of matrices .* are in linalg",
        ),
        (lambda x: ops.prod(2.0), "prod: an operand is float; a Tensor or an array"),
    ],
)
def test_what_is_of_the_wrong_kind_is_named(call, message):
    with pytest.raises(TypeError, match=message):
        call(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize("op", [ops.sum, ops.max, ops.logsumexp])
def test_a_single_number_may_be_reduced_over_its_last_axis(op):
    x = Tensor(3.0, requires_grad=True)

    op(x, axis=-1).backward()

    assert x.grad.data == 1


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0,), (2, 0, 3)])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("name", ["sum", "mean", "logsumexp", "prod", "norm"])
@pytest.mark.filterwarnings("ignore:(Mean of|invalid|divide):RuntimeWarning")
def test_what_has_no_elements_has_a_reduction_of_the_right_shape_and_no_gradient(
    name, shape, axis, keepdims
):
    x = Tensor(np.zeros(shape), requires_grad=True)

    y = getattr(ops, name)(x, axis=axis, keepdims=keepdims)
    y.sum().backward()

    assert y.shape == np.sum(np.zeros(shape), axis=axis, keepdims=keepdims).shape
    assert x.grad.shape == shape


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_more_correction_than_elements_leaves_nothing_to_divide_by():
    x = np.array([1.0, 2.0])

    assert ops.var(x, correction=3) == INF
    assert ops.std(x, correction=3) == INF


@pytest.mark.parametrize(
    ("data", "gradient"),
    [([0, 0], [0, 0]), ([1, 0], [1, 0]), ([1e-200, 0], [0, 0]), ([-2, 0], [-1, 0])],
)
def test_the_slope_of_a_norm_where_a_share_is_nothing_or_all(data, gradient):
    for order in (2, 3):
        _, slope = value_and_gradient(lambda x, p=order: ops.norm(x, p), data)

        np.testing.assert_allclose(slope, gradient, atol=1e-199)


@pytest.mark.parametrize("descending", [False, True])
def test_equal_elements_keep_their_order_however_many_there_are(descending, rng):
    x = np.repeat(np.arange(10.0), 50)[rng.permutation(500)]
    wanted = np.argsort(-x if descending else x, kind="stable")
    g = rng.standard_normal(500)

    t = Tensor(x, requires_grad=True)
    ops.sort(t, descending=descending).backward(g)

    np.testing.assert_array_equal(ops.argsort(x, descending=descending), wanted)
    np.testing.assert_array_equal(t.grad.data[wanted], g)
    np.testing.assert_array_equal(
        ops.topk(x, 120).indices, np.argsort(-x, kind="stable")[:120]
    )
