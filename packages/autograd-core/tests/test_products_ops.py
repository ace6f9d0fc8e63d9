"""Products where no row of the table looks: spellings, layouts and errors."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops
from pebblegrad.autograd.testing import check_gradients


def test_spaces_in_subscripts_do_not_count(rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((3, 2))

    np.testing.assert_array_equal(ops.einsum(" i j , j k -> i k ", x, y), x @ y)


def test_einsum_takes_numbers_which_are_constants():
    x = Tensor([1.0, 2.0], requires_grad=True)

    y = ops.einsum("i,->i", x, 3)
    y.sum().backward()

    assert y.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, [3, 3])


def test_einsum_of_one_operand_is_another_tensor():
    x = Tensor([1.0, 2.0], requires_grad=True)

    assert ops.einsum("i->i", x) is not x


def test_einsum_multiplies_matrices_as_matmul_does(rng):
    x, y = (rng.standard_normal((64, 64)).astype(np.float32) for _ in range(2))

    np.testing.assert_array_equal(ops.einsum("ij,jk->ik", x, y), x @ y)


def test_einsum_takes_the_pairs_first_that_keep_products_small(rng):
    # From left to right this would make an array of 10**12 elements.
    x, y, z = (rng.standard_normal(10**4) for _ in range(3))

    result = ops.einsum("i,j,k,i,j,k->", x, y, z, x, y, z)

    np.testing.assert_allclose(result, (x @ x) * (y @ y) * (z @ z))


def test_einsum_has_gradients_to_third_order(rng):
    x, y = rng.standard_normal((3, 3)), rng.standard_normal((3, 2))

    check_gradients(
        lambda x, y: ops.einsum("ii,ij,jk->k", x, x, y), x, y, order=3, rtol=1e-5
    )


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.bool, np.float16])
def test_products_take_other_dtypes(dtype):
    x = np.array([[1, 0, 1], [0, 1, 1]], dtype)

    for result, expected in [
        (ops.einsum("ij,kj->ik", x, x), x @ x.T),
        (ops.tensordot(x, x, axes=([0], [0])), x.T @ x),
        (ops.inner(x, x), x @ x.T),
        (ops.dot(x, x.T), x @ x.T),
    ]:
        assert result.dtype == dtype
        np.testing.assert_array_equal(result, expected)


def test_products_take_any_layout(rng):
    x = rng.standard_normal((4, 6))
    y = np.broadcast_to(rng.standard_normal((6, 1)), (6, 3))
    layouts = [np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2], x[::-1][::-1]]

    for array in layouts:
        tensors = [Tensor(a, requires_grad=True) for a in (array, y)]
        result = ops.einsum("ij,jk->ki", *tensors)
        result.sum().backward()
        np.testing.assert_allclose(result.data, (x @ y).T)
        np.testing.assert_allclose(tensors[1].grad.data, x.sum(0)[:, None] + 0 * y)


ONE, PAIR = np.ones((2, 3)), (np.ones((2, 3)), np.ones((4, 5)))


@pytest.mark.parametrize(
    ("subscripts", "operands", "message"),
    [
        ("ij,jk->ik", [ONE], "and 1 operands; its commas make 2 groups"),
        ("ij,jk->ik", PAIR, "'j' has size 3 in operand 0, .* and size 4 in operand 1"),
        ("...i,...i", PAIR, "axis -1 of ... has size 2 in operand 0"),
        ("ij->ik", [ONE], "the result has the letter 'k', which no operand has"),
        ("ij->ii", [ONE], "the result has the letter 'i' twice"),
        ("ii", [ONE], r"'i' has sizes 2 and 3 in operand 0, of shape \(2, 3\)"),
        ("i", [ONE], r"'i' has 1 letters, and operand 0, of shape \(2, 3\), has 2"),
        ("ijk...", [ONE], "'ijk...' has 3 letters, and operand 0"),
        ("i...->i", [ONE], "... stands for 1 axes, and the result has no place"),
        ("i.j", [ONE], "'.' is no letter"),
        ("ij->i->j", [ONE], "'-' is no letter"),
    ],
)
def test_einsum_says_what_is_wrong_with_its_subscripts(subscripts, operands, message):
    with pytest.raises(ValueError, match=message) as caught:
        ops.einsum(subscripts, *operands)

    assert str(caught.value).startswith(f"einsum: {subscripts!r}")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: ops.einsum(ONE, [0, 1]), TypeError, "subscripts is ndarray; a string"),
        (lambda: ops.einsum("i", [1.0]), TypeError, "einsum: .*is list"),
        (lambda: ops.vecdot(ONE, np.ones(4)), ValueError, "vecdot: .* sizes 3 and 4"),
        (
            lambda: ops.vecdot(ONE, np.ones((4, 3))),
            ValueError,
            "sizes 2 and 4, .* or 1",
        ),
        (lambda: ops.vecdot(ONE, np.ones(2), axis=0), ValueError, "count from the end"),
        (lambda: ops.vecdot(ONE, ONE, axis=2), ValueError, "no axis 2 in both"),
        (lambda: ops.vecdot(ONE, 2.0), ValueError, "vecdot: .* no axis -1 in both"),
        (
            lambda: ops.dot(ONE, ONE),
            ValueError,
            r"last axis \(3\) .* second-to-last \(2",
        ),
        (
            lambda: ops.inner(ONE, np.ones(2)),
            ValueError,
            r"inner: .* y's last axis \(2",
        ),
        (lambda: ops.dot(ONE, 2.0), TypeError, "dot: an operand is float"),
        (lambda: ops.outer([1.0], ONE), TypeError, "outer: an operand is list"),
        (lambda: ops.tensordot(ONE, ONE, axes=1), ValueError, r"x's axis 1 \(3\) must"),
        (lambda: ops.tensordot(ONE, ONE, axes=3), ValueError, "from 0 to 2 axes"),
        (lambda: ops.tensordot(ONE, ONE, axes=-1), ValueError, "from 0 to 2 axes"),
        (lambda: ops.tensordot(ONE, ONE, axes=1.5), TypeError, "an int is needed, or"),
        (lambda: ops.tensordot(ONE, ONE, axes=([0],)), ValueError, "two lists are"),
        (lambda: ops.tensordot(ONE, ONE, axes=(0, [0, 1])), ValueError, "as many axes"),
        (lambda: ops.tensordot(ONE, ONE, axes=(5, 0)), ValueError, "no axis 5 among 2"),
        (
            lambda: ops.tensordot(ONE, ONE, axes=([0, 0], [0, 1])),
            ValueError,
            "an axis is named twice",
        ),
    ],
)
def test_errors_say_what_was_given_and_what_is_needed(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_two_axes_meet_by_default(rng):
    x, y = rng.standard_normal((2, 3, 4)), rng.standard_normal((3, 4, 5))

    np.testing.assert_allclose(ops.tensordot(x, y), np.tensordot(x, y))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_vectors_may_lie_along_any_axis(axis, rng):
    x, y = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 4))

    found = ops.vecdot(Tensor(x), Tensor(y), axis=axis)

    np.testing.assert_allclose(found.data, (x * y).sum(axis=axis))
