"""Linear algebra where no row of the table looks: what factors are, and the edges."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.autograd.testing import check_gradients

from .cases.linalg import invertible, spread

SHAPES = [(1, 1), (3, 3), (4, 3), (3, 4), (2, 4, 3), (2, 3, 4), (0, 3, 3), (0, 3)]


def identity_like(x):
    return np.broadcast_to(np.eye(x.shape[-1]), x.shape)


def of_lower_rank(rng, shape):
    """Square matrices of rank N - 1."""
    left = spread(rng, (*shape[:-1], shape[-1] - 1))
    return left @ spread(rng, left.shape).mT


def gradient_of(function, x):
    x = Tensor(x, requires_grad=True)
    function(x).sum().backward()
    return x.grad.data


# What factors are


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_qr_gives_orthonormal_columns_and_a_triangle(shape, rng):
    x = spread(rng, shape)

    q, r = ops.qr(x)

    np.testing.assert_allclose(q @ r, x, atol=1e-14)
    np.testing.assert_allclose(q.mT @ q, identity_like(q.mT @ q), atol=1e-14)
    np.testing.assert_allclose(r, np.triu(r), atol=1e-14)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_svd_gives_orthonormal_vectors_and_descending_values(shape, rng):
    x = spread(rng, shape)

    u, s, vh = ops.svd(x)

    np.testing.assert_allclose((u * s[..., None, :]) @ vh, x, atol=1e-14)
    np.testing.assert_allclose(u.mT @ u, identity_like(u.mT @ u), atol=1e-14)
    np.testing.assert_allclose(vh @ vh.mT, identity_like(vh @ vh.mT), atol=1e-14)
    assert (np.diff(s, axis=-1) <= 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 3, 3), (0, 3, 3)], ids=str)
def test_eigh_gives_orthonormal_vectors_and_ascending_values(shape, rng):
    x = invertible(rng, shape)
    x = x + x.mT

    w, v = ops.eigh(x)

    np.testing.assert_allclose((v * w[..., None, :]) @ v.mT, x, atol=1e-14)
    np.testing.assert_allclose(v.mT @ v, identity_like(v), atol=1e-14)
    assert (np.diff(w, axis=-1) >= 0).all()


def test_the_pseudo_inverse_is_the_one_that_moore_and_penrose_describe(rng):
    x = of_lower_rank(rng, (4, 4))[:, :3]

    p = ops.pinv(x, rtol=1e-10)

    np.testing.assert_allclose(x @ p @ x, x, atol=1e-13)
    np.testing.assert_allclose(p @ x @ p, p, atol=1e-13)
    np.testing.assert_allclose(x @ p, (x @ p).T, atol=1e-13)
    np.testing.assert_allclose(p @ x, (p @ x).T, atol=1e-13)


def test_factorizations_are_named_tuples_of_tensors(rng):
    x = Tensor(invertible(rng, (2, 2)), requires_grad=True)

    assert ops.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert ops.qr(x)._fields == ("Q", "R")
    assert ops.svd(x)._fields == ("U", "S", "Vh")
    assert ops.slogdet(x)._fields == ("sign", "logabsdet")
    assert all(part.requires_grad for part in ops.svd(x))


# Gradients of what does not depend on signs


def rebuilt(factors, x):
    """Return a function of the values between the two outer factors."""
    u, s, vh = factors(x)
    return (u * ops.exp(-s)[..., None, :]) @ vh


def from_eigh(x):
    w, v = ops.eigh((x + x.mT) / 2)
    return v, w, v.mT


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2)], ids=str)
def test_functions_of_symmetric_matrices_have_gradients_to_third_order(shape, rng):
    check_gradients(
        lambda x: rebuilt(from_eigh, x), invertible(rng, shape), order=3, rtol=1e-5
    )


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (2, 3)], ids=str)
def test_functions_of_singular_values_have_gradients_to_third_order(shape, rng):
    check_gradients(
        lambda x: rebuilt(ops.svd, x), spread(rng, shape), order=3, rtol=1e-5
    )


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)], ids=str)
def test_a_projection_by_qr_has_gradients_to_third_order(shape, rng):
    def projected(x):
        q, r = ops.qr(x)
        return q @ ops.tanh(q.mT @ x) + (r * r).sum()

    check_gradients(projected, spread(rng, shape), order=3, rtol=1e-5)


@pytest.mark.parametrize("function", [ops.inv, ops.det, ops.pinv, ops.svdvals])
def test_third_gradients_are_right(function, rng):
    check_gradients(function, invertible(rng, (3, 3)), order=3, rtol=1e-5)


def test_third_gradients_of_cholesky_are_right(rng):
    x = spread(rng, (3, 3))

    check_gradients(lambda x: ops.cholesky(x @ x.mT), x, order=3, rtol=1e-5)


def test_third_gradients_of_solve_are_right(rng):
    x, y = invertible(rng, (3, 3)), rng.standard_normal(3)

    check_gradients(ops.solve, x, y, order=3, rtol=1e-5)


@pytest.mark.parametrize("function", [ops.cholesky, ops.eigvalsh])
def test_one_triangle_is_read_and_both_get_the_gradient(function, rng):
    x = spread(rng, (3, 3))
    x = x @ x.T

    of_both = gradient_of(function, x)
    of_lower = gradient_of(function, np.tril(x))

    np.testing.assert_allclose(of_lower, of_both)
    np.testing.assert_allclose(of_both, of_both.T)
    np.testing.assert_allclose(function(np.tril(x)), function(x))


def test_cholesky_can_read_and_return_the_upper_triangle(rng):
    x = spread(rng, (3, 3))
    x = x @ x.T

    upper = ops.cholesky(np.triu(x), upper=True)

    np.testing.assert_allclose(upper.T @ upper, x)
    np.testing.assert_allclose(upper, np.triu(upper))


def test_a_rule_finds_linear_algebra_where_numpy_has_it(rng):
    @op
    def trace_of_log(xp, x, /):
        return xp.linalg.slogdet(x)[1]

    trace_of_log.backward(
        "x", lambda xp, g, x: g * xp.matrix_transpose(xp.linalg.inv(x))
    )

    check_gradients(trace_of_log, invertible(rng, (3, 3)), order=3, rtol=1e-5)


# Determinants of matrices that have no inverse


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (4, 4), (2, 3, 3)], ids=str)
def test_determinants_of_zeros_have_gradients_to_second_order(shape):
    check_gradients(ops.det, np.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 2), (4, 4), (2, 3, 3)], ids=str)
def test_determinants_of_singular_matrices_have_gradients_to_second_order(shape, rng):
    check_gradients(ops.det, of_lower_rank(rng, shape))


def test_a_stack_may_hold_singular_matrices_and_others(rng):
    x = np.stack([of_lower_rank(rng, (3, 3)), invertible(rng, (3, 3)), np.ones((3, 3))])

    check_gradients(ops.det, x)


@pytest.mark.parametrize("smallest", [1e-4, 1e-8, 1e-12, 1e-16])
def test_nearly_singular_matrices_lose_no_digits(smallest, rng):
    # Among the second derivatives of a determinant of 3 x 3 are its elements.
    turn, other = (np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(2))
    array = turn @ np.diag([2.0, 1.0, smallest]) @ other
    x = Tensor(array, requires_grad=True)

    ops.det(x).backward(create_graph=True)
    cofactor = x.grad[0, 0]
    x.grad = None
    cofactor.backward()

    minor = array[1:, 1:]
    expected = [
        [0, 0, 0],
        [0, minor[1, 1], -minor[1, 0]],
        [0, -minor[0, 1], minor[0, 0]],
    ]
    np.testing.assert_allclose(cofactor.data, np.linalg.det(minor), atol=1e-14)
    np.testing.assert_allclose(x.grad.data, expected, atol=1e-7)


def test_a_determinant_that_underflows_has_a_gradient_of_zeros():
    gradient = gradient_of(ops.det, 1e-3 * np.eye(120))

    np.testing.assert_array_equal(gradient, np.zeros((120, 120)))


def test_nan_passes_through_a_determinant():
    with np.errstate(invalid="ignore"):
        gradient = gradient_of(ops.det, np.full((2, 2), np.nan))

    assert np.isnan(gradient).all()


def test_the_logarithm_of_a_determinant_of_zero_has_no_gradient():
    x = Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    sign, logabsdet = ops.slogdet(x)

    assert (sign.item(), logabsdet.item()) == (0.0, -np.inf)
    with pytest.raises(ValueError, match=r"inv: x has shape \(2, 2\); Singular matrix"):
        logabsdet.backward()


def test_the_logarithm_of_a_determinant_does_not_overflow():
    sign, logabsdet = ops.slogdet(1e3 * np.eye(200))

    np.testing.assert_allclose([sign, logabsdet], [1, 200 * np.log(1e3)])


# Equal eigenvalues and singular values


@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [1.0, 1.0, 3.0], [0.0, 0.0, 0.0]])
def test_what_treats_equal_values_alike_has_a_gradient(values):
    x = np.diag(values)

    for function in (
        lambda x: ops.eigh(x).eigenvalues,
        ops.eigvalsh,
        lambda x: ops.svd(x).S,
        ops.svdvals,
    ):
        np.testing.assert_allclose(gradient_of(function, x), np.eye(3), atol=1e-15)


def test_eigenvectors_of_equal_eigenvalues_have_no_gradient():
    # The true gradient of the sum of exp(x) at x = 1 is e everywhere. Between equal
    # eigenvalues there is nothing to find it from, and no number is better than a
    # wrong one.
    def exponential(x):
        w, v = ops.eigh((x + x.mT) / 2)
        return (v * ops.exp(w)[None, :]) @ v.mT

    assert np.isnan(gradient_of(exponential, np.eye(2))).all()
    two = np.stack([np.eye(2), np.diag([1.0, 2.0])])
    for_one, for_other = gradient_of(
        lambda x: ops.stack([exponential(x[0]), exponential(x[1])]), two
    )
    assert np.isnan(for_one).all()
    assert np.isfinite(for_other).all()


def test_a_gradient_of_a_gradient_at_equal_eigenvalues_is_nan_and_not_wrong():
    x = Tensor(np.eye(2), requires_grad=True)
    ops.square(ops.eigvalsh(x)).sum().backward(create_graph=True)
    first, x.grad = x.grad, None

    first.sum().backward()

    np.testing.assert_array_equal(first.data, 2 * np.eye(2))
    assert np.isnan(x.grad.data).all()


def test_vectors_of_a_zero_singular_value_have_no_gradient_where_there_are_many():
    x = np.outer([1.0, 2.0, 3.0], [1.0, 0.0])

    assert ops.svdvals(x)[1] == 0
    assert np.isnan(gradient_of(lambda x: ops.svd(x).U, x)).any()
    assert np.isfinite(gradient_of(lambda x: ops.svd(x).S, x)).all()


# Norms


def test_norms_of_zeros_have_gradients():
    zeros = np.zeros((2, 3))

    for ord in ("fro", "nuc", 1, np.inf):
        gradient = gradient_of(lambda x, ord=ord: ops.matrix_norm(x, ord=ord), zeros)
        np.testing.assert_array_equal(gradient, zeros)


@pytest.mark.parametrize("size", [1e30, 1e-30])
def test_the_frobenius_norm_neither_overflows_nor_vanishes(size):
    x = Tensor(np.full((2, 2), size, np.float32), requires_grad=True)

    norm = ops.matrix_norm(x)
    norm.backward()

    np.testing.assert_allclose(norm.data, 2 * size, rtol=1e-6)
    np.testing.assert_allclose(x.grad.data, np.full((2, 2), 0.5), rtol=1e-6)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_the_frobenius_norm_passes_on_what_is_not_finite(value):
    x = np.array([[1.0, value], [0.0, 2.0]])

    with np.errstate(invalid="ignore"):
        result = ops.matrix_norm(x)

    np.testing.assert_array_equal(result, value)


@pytest.mark.parametrize("ord", ["fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf])
def test_norms_of_no_elements_are_zero(ord):
    x = Tensor(np.zeros((2, 0, 3), np.float32), requires_grad=True)

    norm = ops.matrix_norm(x, ord=ord, keepdims=True)
    norm.sum().backward()

    np.testing.assert_array_equal(norm.data, np.zeros((2, 1, 1)))
    assert x.grad.shape == (2, 0, 3)


@pytest.mark.parametrize("ord", [2, -2, 1, -1, np.inf, -np.inf])
def test_ties_share_the_gradient_of_a_norm(ord):
    gradient = gradient_of(lambda x: ops.matrix_norm(x, ord=ord), np.eye(2))

    np.testing.assert_allclose(gradient, np.eye(2) / 2)


# Other inputs


@pytest.mark.parametrize(
    "function",
    [ops.inv, ops.det, ops.cholesky, ops.eigvalsh, ops.svdvals, ops.pinv],
    ids=lambda function: function.__name__,
)
def test_any_layout_and_integers_give_the_same_result(function):
    x = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 5.0]])
    layouts = [
        np.asfortranarray(x),
        np.repeat(x, 2, axis=0)[::2],
        np.broadcast_to(x, (2, 3, 3)),
        x.astype(np.int64),
    ]

    for array in layouts:
        result = function(Tensor(array))
        np.testing.assert_allclose(
            result.data, np.broadcast_to(function(x), result.shape)
        )


SINGULAR = np.ones((2, 2, 2))
NAN = np.full((2, 2), np.nan)
HALF = np.eye(2, dtype=np.float16)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: ops.inv(SINGULAR),
            ValueError,
            r"inv: .* \(2, 2, 2\); .* pinv takes any",
        ),
        (lambda: ops.inv(np.ones((2, 3))), ValueError, r"inv: .* \(2, 3\); a square"),
        (lambda: ops.inv(HALF), TypeError, "inv: .* float16 .* use astype"),
        (lambda: ops.solve(SINGULAR, np.ones(2)), ValueError, "solve: .* an inverse"),
        (
            lambda: ops.solve(np.eye(2), np.ones((3, 2))),
            ValueError,
            r"solve: .* \(3, 2\); y's second-to-last must have size 2",
        ),
        (
            lambda: ops.solve(np.eye(2), np.ones(3)),
            ValueError,
            r"solve: .* \(3,\); y's only axis must have size 2",
        ),
        (
            lambda: ops.solve(np.ones((2, 3)), np.ones(3)),
            ValueError,
            "solve: .* x must be a square matrix",
        ),
        (
            lambda: ops.solve(np.ones((3, 2, 2)), np.ones((4, 2, 1))),
            ValueError,
            "solve: .* axis -1 has sizes 3 and 4",
        ),
        (lambda: ops.solve(np.eye(2), 1.0), ValueError, "solve: .* y is 1.0; y must"),
        (
            lambda: ops.cholesky(-np.eye(2)),
            ValueError,
            "cholesky: .* not positive definite; x must be symmetric",
        ),
        (
            lambda: ops.eigh(np.ones(3)),
            ValueError,
            r"eigh: x has shape \(3,\); a square",
        ),
        (lambda: ops.eigvalsh(HALF), TypeError, "eigvalsh: .* float16"),
        (lambda: ops.slogdet(np.ones((2, 3))), ValueError, "slogdet: .* a square"),
        (lambda: ops.svd(NAN), ValueError, "svd: .* finite numbers are needed"),
        (lambda: ops.svd(np.ones(2)), ValueError, "svd: .* a matrix is needed"),
        (lambda: ops.svd(np.eye(2), full_matrices=True), ValueError, "svd: full_mat"),
        (lambda: ops.qr(np.ones(2)), ValueError, "qr: .* a matrix is needed"),
        (lambda: ops.qr(np.eye(2), mode="complete"), ValueError, "qr: mode is 'compl"),
        (lambda: ops.pinv(NAN), ValueError, "pinv: .* finite numbers are needed"),
        (lambda: ops.matrix_norm(np.ones(2)), ValueError, "matrix_norm: .* a matrix"),
        (lambda: ops.matrix_norm(NAN, ord="nuc"), ValueError, "matrix_norm: ord is 'n"),
        (lambda: ops.matrix_norm(NAN, ord=3), ValueError, "matrix_norm: ord is 3; one"),
    ],
)
def test_errors_say_what_was_given_and_what_is_needed(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
