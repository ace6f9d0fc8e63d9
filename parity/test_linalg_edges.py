"""Linear algebra on its edges, beside PyTorch's: singular matrices, ties, zeros."""

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor, ops

SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


def gradients(ours, theirs, array, order=1):
    """Return the gradients of both for the sum of the results, or the next ones."""
    x, y = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    result, other = ours(x).sum(), theirs(y).sum()
    for level in range(1, order + 1):
        x.grad = None
        result.backward(create_graph=level < order)
        (gradient,) = torch.autograd.grad(other, y, create_graph=level < order)
        result, other = x.grad[0, 0], gradient[0, 0]
    return x.grad, gradient


@pytest.mark.parametrize("ord", ["fro", 2, -2, 1, -1, np.inf, -np.inf])
def test_norms_of_ties(ord, both):
    both(
        lambda x: ops.matrix_norm(x, ord=ord),
        lambda x: torch.linalg.matrix_norm(x, ord),
        [np.eye(2)],
        order=1,
    )


@pytest.mark.parametrize("ord", ["fro", 1, -1, np.inf, -np.inf])
def test_norms_of_zeros(ord, both):
    both(
        lambda x: ops.matrix_norm(x, ord=ord),
        lambda x: torch.linalg.matrix_norm(x, ord),
        [np.zeros((2, 3))],
        order=1,
    )


@pytest.mark.parametrize("values", [[1.0, 1.0], [0.0, 0.0], [2.0, 3.0]])
def test_eigenvalues_that_are_equal(values, both):
    for ours, theirs in [
        (lambda x: ops.eigh(x)[0], lambda x: torch.linalg.eigh(x)[0]),
        (ops.eigvalsh, torch.linalg.eigvalsh),
        (ops.svdvals, torch.linalg.svdvals),
    ]:
        both(ours, theirs, [np.diag(values)], order=1)


def test_nan_in_inverses_and_determinants(both):
    nan = np.array([[1.0, np.nan], [0.0, 2.0]])

    with np.errstate(invalid="ignore"):
        both(ops.inv, torch.linalg.inv, [nan], order=1)
        both(ops.det, torch.linalg.det, [nan], order=1)


def test_a_pseudo_inverse_of_lower_rank(both):
    both(ops.pinv, torch.linalg.pinv, [SINGULAR])


# Known differences


def test_a_singular_determinant_has_its_cofactors_where_torch_says_zero(differ):
    # The determinant of [[a, b], [c, d]] is a d - b c, whatever the numbers are.
    ours, theirs = gradients(ops.det, torch.linalg.det, SINGULAR)

    differ(ours, theirs, [[4.0, -2.0], [-2.0, 1.0]], np.zeros((2, 2)))


def test_a_determinant_of_zeros_has_second_gradients_where_torch_says_nan(differ):
    ours, theirs = gradients(ops.det, torch.linalg.det, np.zeros((2, 2)), order=2)

    differ(ours, theirs, [[0.0, 0.0], [0.0, 1.0]], np.full((2, 2), np.nan))


def test_singular_values_of_zero_add_nothing_to_the_nuclear_norm(differ):
    # Both are subgradients; ours does not depend on vectors that mean nothing.
    ours, theirs = gradients(
        lambda x: ops.matrix_norm(x, ord="nuc"),
        lambda x: torch.linalg.matrix_norm(x, "nuc"),
        np.zeros((2, 2)),
    )

    differ(ours, theirs, np.zeros((2, 2)), np.eye(2))


def test_the_frobenius_norm_of_large_numbers_is_finite_where_torchs_is_not(differ):
    large = np.full((2, 2), 1e200)

    differ(
        ops.matrix_norm(Tensor(large)),
        torch.linalg.matrix_norm(torch.tensor(large)),
        2e200,
        np.inf,
    )


def test_axes_that_the_result_has_no_place_for_are_refused_where_torch_sums(both):
    # NumPy refuses them too: an axis that nobody named is not summed by mistake.
    x = np.ones((2, 3))

    with pytest.raises(ValueError, match="the result has no place"):
        ops.einsum("...i->i", x)
    assert torch.einsum("...i->i", torch.tensor(x)).tolist() == [2.0, 2.0, 2.0]
