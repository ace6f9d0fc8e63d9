"""What a Tensor is made of, what it holds, and its operators and methods."""

import copy
import pickle

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, default_dtype, no_grad, ops


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (2, "float32"),
        (2.5, "float32"),
        ([1, 2], "float32"),
        ([[1.0], [2.0]], "float32"),
        ([], "float32"),
        ([True, False], "bool"),
        (True, "bool"),
        (np.float64(2.0), "float64"),
        (np.array([1, 2]), "int64"),
        (np.zeros(2, np.float16), "float16"),
        (np.array([True]), "bool"),
    ],
)
def test_the_dtype_is_the_default_for_python_data_and_kept_for_arrays(data, dtype):
    assert Tensor(data).dtype == dtype


def test_the_default_dtype_can_be_set_for_a_while():
    with default_dtype("float64"):
        inside = Tensor([1.0])

    assert inside.dtype == np.float64
    assert Tensor([1.0]).dtype == np.float32


@pytest.mark.parametrize("dtype", ["int32", "bool", "complex64", None])
def test_the_default_dtype_must_be_a_float(dtype):
    with pytest.raises(
        TypeError, match=f"default_dtype: dtype is {dtype}; a float dtype"
    ):
        with default_dtype(dtype):
            pass


@pytest.mark.parametrize(
    "data", [1j, np.zeros(2, complex), "text", [None], {}, object()]
)
def test_data_that_are_no_real_numbers_are_refused(data):
    with pytest.raises(
        TypeError, match=r"Tensor: the data are .* real numbers are needed"
    ):
        Tensor(data)


def test_a_ragged_list_is_refused():
    with pytest.raises(ValueError, match="Tensor: the nested list is not rectangular"):
        Tensor([[1.0, 2.0], [3.0]])


@pytest.mark.parametrize("data", [np.array([1, 2]), np.array([True])])
def test_only_floats_can_require_a_gradient(data):
    with pytest.raises(TypeError, match="cannot require a gradient; floats are needed"):
        Tensor(data, requires_grad=True)


def test_an_array_is_shared_unless_it_will_be_trained():
    array = np.ones(3)

    assert Tensor(array).data is array
    assert not np.shares_memory(Tensor(array, requires_grad=True).data, array)


def test_a_0d_result_is_an_array_and_no_numpy_scalar():
    x = Tensor([1.0, 2.0], requires_grad=True)

    y = x.sum() * 2
    y.backward()
    z = Tensor(3.0, requires_grad=True)
    (z * z).backward()

    assert type(y.data) is np.ndarray
    assert type(z.grad.data) is np.ndarray
    assert f"{y.data:.2f}" == f"{y:.2f}" == "6.00"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (lambda x: x + 1, [3, 5]),
        (lambda x: 1 + x, [3, 5]),
        (lambda x: x - 1, [1, 3]),
        (lambda x: 1 - x, [-1, -3]),
        (lambda x: x * 3, [6, 12]),
        (lambda x: 3 * x, [6, 12]),
        (lambda x: x / 2, [1, 2]),
        (lambda x: 8 / x, [4, 2]),
        (lambda x: x**2, [4, 16]),
        (lambda x: 2**x, [4, 16]),
        (lambda x: x @ x, 20),
        (lambda x: np.array([1.0, 1.0]) @ x, 6),
        (lambda x: x @ np.array([1.0, 1.0]), 6),
        (lambda x: -x, [-2, -4]),
        (lambda x: +x, [2, 4]),
        (lambda x: abs(-x), [2, 4]),
        (lambda x: np.array([1.0, 2.0]) * x, [2, 8]),
        (lambda x: np.float32(3) - x, [1, -1]),
        (lambda x: x[1], 4),
        (lambda x: x.clip(3), [3, 4]),
        (lambda x: x.clip(max=3), [2, 3]),
        (lambda x: x.exp().log(), [2, 4]),
        (lambda x: (x * x).sqrt(), [2, 4]),
        (lambda x: x.tanh() / x.tanh(), [1, 1]),
        (lambda x: x.sigmoid() + (-x).sigmoid(), [1, 1]),
        (lambda x: (x - 3).relu(), [0, 1]),
        (lambda x: (x - 3).abs(), [1, 1]),
        (lambda x: x.sum(), 6),
        (lambda x: x.mean(dim=0), 3),
        (lambda x: x.max(axis=0, keepdims=True), [4]),
        (lambda x: x.min(dim=0, keepdim=True), [2]),
        (lambda x: x.reshape(2, 1).T, [[2, 4]]),
        (lambda x: x.reshape((2, 1)).flatten(), [2, 4]),
        (lambda x: x.reshape([1, 2]).mT, [[2], [4]]),
        (lambda x: x // 3, [0, 1]),
        (lambda x: 9 // x, [4, 2]),
        (lambda x: x % 3, [2, 1]),
        (lambda x: 5 % x, [1, 1]),
        (lambda x: x.square(), [4, 16]),
        (lambda x: x.sin() ** 2 + x.cos() ** 2, [1, 1]),
        (lambda x: x.masked_fill(np.array([True, False]), 7), [7, 4]),
        (lambda x: x.prod(), 8),
        (lambda x: x.var(), 1),
        (lambda x: x.var(correction=1), 2),
        (lambda x: x.std(axis=0, keepdims=True), [1]),
        (lambda x: x.norm(1), 6),
        (lambda x: (x - x).logsumexp(dim=0), np.log(2)),
        (lambda x: x.cumsum(), [2, 6]),
        (lambda x: x.reshape(2, 1).ravel(), [2, 4]),
        (lambda x: x.unsqueeze(0), [[2, 4]]),
        (lambda x: x.unsqueeze(0).squeeze(dim=0), [2, 4]),
        (lambda x: x.reshape(1, 2).swapaxes(0, 1), [[2], [4]]),
        (lambda x: x.reshape(1, 2).permute(1, 0), [[2], [4]]),
        (lambda x: x.broadcast_to((2, 2)), [[2, 4], [2, 4]]),
        (lambda x: x.pad((1, 0), value=9), [9, 2, 4]),
        (lambda x: x.repeat(2), [2, 2, 4, 4]),
    ],
)
def test_operators_and_methods(operation, expected):
    x = Tensor([2.0, 4.0], requires_grad=True)

    result = operation(x)

    assert isinstance(result, Tensor)
    assert result.requires_grad
    np.testing.assert_allclose(result.data, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (lambda x: x.argmax(), 1),
        (lambda x: x.argmin(dim=0), 0),
        (lambda x: x.any(), True),
        (lambda x: x.all(axis=0), False),
    ],
)
def test_what_no_gradient_flows_through_gives_a_plain_result(operation, expected):
    x = Tensor([0.0, 4.0], requires_grad=True)

    result = operation(x)

    assert not isinstance(result, Tensor)
    np.testing.assert_array_equal(result, expected)


def test_numbers_do_not_change_the_dtype():
    x = Tensor(np.ones(2, np.float32), requires_grad=True)

    weak = (2, 2.5, True, np.float64(2.5), np.int64(3), np.bool(True))
    for y in [*(x * number for number in weak), *(number - x for number in weak), x**2]:
        assert y.dtype == np.float32


def test_arrays_promote_as_in_numpy():
    x = Tensor(np.ones(2, np.float32), requires_grad=True)

    y = x * np.ones(2)
    y.sum().backward()

    assert y.dtype == np.float64
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (lambda x: x.__iadd__(1), [3, 5]),
        (lambda x: x.__isub__(np.array([1.0, 2.0])), [1, 2]),
        (lambda x: x.__imul__(x), [4, 16]),
        (lambda x: x.__itruediv__(2), [1, 2]),
        (lambda x: x.__ipow__(2), [4, 16]),
    ],
)
def test_an_update_in_place_writes_into_a_leaf_and_makes_a_result_anew(
    update, expected
):
    leaf = Tensor([2.0, 4.0], requires_grad=True)
    result = leaf + 0

    updated = update(result)
    with no_grad():
        same = update(leaf)

    assert same is leaf
    assert updated is not result
    np.testing.assert_array_equal(leaf.data, expected)
    np.testing.assert_array_equal(updated.data, expected)
    np.testing.assert_array_equal(result.data, [2, 4])


def test_a_product_in_place_of_another_shape_is_refused_for_a_leaf():
    leaf = Tensor([2.0, 4.0], requires_grad=True)

    assert (leaf + 0).__imatmul__(np.ones((2, 2))).data.tolist() == [6, 6]
    with no_grad(), pytest.raises(ValueError, match=r"@=: the result has shape \(3,\)"):
        leaf @= np.ones((2, 3))
    assert leaf.data.tolist() == [2, 4]


def test_comparisons_give_plain_boolean_arrays():
    x = Tensor([1.0, 2.0], requires_grad=True)

    for mask in (
        x > 1,
        x >= Tensor([2.0, 2.0]),
        x < 2,
        x <= 1,
        x == 1,
        x != [1.0, 1.0],
    ):
        assert type(mask) is np.ndarray
        assert mask.dtype == bool
    np.testing.assert_array_equal(x > 1, [False, True])


def test_tensors_can_be_keys():
    x, y = Tensor([1.0, 1.0]), Tensor([1.0, 1.0])

    assert {x: "x", y: "y"}[y] == "y"


@pytest.mark.parametrize("axes", [(1, 2), (-2, -1)])
def test_transpose_of_two_axes_swaps_them_when_there_are_more(axes):
    assert Tensor(np.zeros((2, 3, 4))).transpose(*axes).shape == (2, 4, 3)


@pytest.mark.parametrize(
    ("axes", "shape"),
    [((), (4, 3, 2)), ((2, 0, 1), (4, 2, 3)), (((1, 2, 0),), (3, 4, 2))],
)
def test_transpose_takes_a_whole_order(axes, shape):
    assert Tensor(np.zeros((2, 3, 4))).transpose(*axes).shape == shape


def test_transpose_of_a_matrix_refuses_what_numpy_and_pytorch_read_differently():
    x = Tensor(np.zeros((2, 3)))

    assert x.transpose(1, 0).shape == (3, 2)
    assert x.transpose().shape == (3, 2)
    with pytest.raises(ValueError, match=r"transpose: \(0, 1\) of a matrix keeps"):
        x.transpose(0, 1)


def test_indices_may_be_tensors():
    x = Tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)

    picked = x[Tensor(np.array([2, 0])), Tensor(np.array(1))]

    np.testing.assert_array_equal(picked.data, [9, 1])


def test_length_iteration_and_unpacking():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)

    first, second = x
    (first * second).sum().backward()

    assert len(x) == 2
    np.testing.assert_array_equal(x.grad.data, [[3, 4], [1, 2]])


def test_one_element_is_a_number():
    x = Tensor([[2.5]], requires_grad=True)

    assert (x.item(), float(x), int(x), bool(x)) == (2.5, 2.5, 2, True)
    assert [10, 20, 30][Tensor(np.array(1))] == 20


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x.item(), r"item: this Tensor has shape \(2,\); one element"),
        (lambda x: float(x), r"item: this Tensor has shape \(2,\); one element"),
        (lambda x: bool(x), r"bool: this Tensor has shape \(2,\); only one element"),
        (lambda x: len(x.sum()), r"len: this Tensor has shape \(\), no axis"),
        (lambda x: iter(x.sum()), r"iter: this Tensor has shape \(\), no axis"),
        (lambda x: [1, 2][x], r"index: this Tensor has shape \(2,\) and dtype float32"),
    ],
)
def test_what_only_one_element_can_be(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call(Tensor([1.0, 2.0]))


def test_repr_shows_values_dtype_and_origin():
    x = Tensor([1.0, 2.5], requires_grad=True)

    assert repr(Tensor([1.0])) == "Tensor([1.], dtype=float32)"
    assert repr(x) == "Tensor([1. , 2.5], dtype=float32, requires_grad=True)"
    assert repr(x * 2) == "Tensor([2., 5.], dtype=float32, op=multiply)"
    assert str(x) == "[1.  2.5]"
    assert f"{x.sum()}" == "3.5"


def test_a_label_can_be_given_and_changed():
    x, y = Tensor([1.0], label="x"), Tensor([1.0], requires_grad=True, label="y")
    z = x * y
    x.label, z.label = "other", "product"

    assert (x.label, y.label, z.label, Tensor([1.0]).label) == (
        "other",
        "y",
        "product",
        None,
    )


def test_data_can_be_replaced_and_written_into():
    x = Tensor([1.0, 2.0], requires_grad=True)

    x.data -= 1.0
    x.data[0] = 5.0

    np.testing.assert_array_equal(x.data, [5, 1])
    x.data = np.ones(3)
    assert (x.shape, x.dtype) == ((3,), np.float64)
    x.sum().backward()
    assert (x.grad.shape, x.grad.dtype) == ((3,), np.float64)
    x.data = [1.0, 2.0]
    assert (x.dtype, x.grad) == (np.float64, None)


def test_data_of_a_result_keeps_its_shape():
    y = Tensor([1.0, 2.0], requires_grad=True) * 2

    with pytest.raises(ValueError, match="data: this Tensor is the result of multiply"):
        y.data = np.ones(3)


def test_data_of_what_requires_a_gradient_stays_a_float():
    x = Tensor([1.0], requires_grad=True)

    with pytest.raises(TypeError, match="an array of int64 cannot be its data"):
        x.data = np.array([1])


def test_requires_grad_can_be_switched_on_leaves_only():
    x = Tensor([1.0])

    x.requires_grad = True
    assert x.requires_grad and x.is_leaf
    y = x * 2
    with pytest.raises(
        RuntimeError, match="requires_grad: this Tensor is the result of"
    ):
        y.requires_grad = False
    x.requires_grad = False

    assert not x.requires_grad
    assert y.requires_grad and not y.is_leaf


def test_detach_shares_the_array_and_leaves_the_graph():
    x = Tensor([1.0], requires_grad=True)

    y = (x * 2).detach()

    assert not y.requires_grad
    assert x.detach().data is x.data


def test_numpy_gives_the_array_itself():
    x = Tensor([1.0], requires_grad=True)

    assert x.numpy() is x.data


def test_a_leaf_can_be_copied_with_its_gradient():
    x = Tensor([1.0], requires_grad=True, label="x")
    x.grad = 2.0

    twin, same = copy.deepcopy([x, x])

    assert twin is same
    assert twin.label == "x"
    assert twin.grad.item() == 2.0
    twin.data += 1
    twin.grad.data[...] = 0
    assert (x.item(), x.grad.item()) == (1.0, 2.0)
    assert not copy.deepcopy(Tensor([1.0])).requires_grad


def test_a_result_cannot_be_copied_with_its_graph():
    with pytest.raises(
        RuntimeError, match="deepcopy: this Tensor is the result of exp"
    ):
        copy.deepcopy(Tensor([1.0], requires_grad=True).exp())


@pytest.mark.parametrize(
    "gradient", [[3.0, 4.0], np.array([3.0, 4.0]), Tensor([3.0, 4.0])]
)
def test_a_gradient_can_be_set(gradient):
    x = Tensor([1.0, 2.0], requires_grad=True)

    x.grad = gradient

    assert isinstance(x.grad, Tensor)
    assert x.grad.dtype == x.dtype
    assert np.allclose(x.grad, [3, 4])
    x.grad = 0
    np.testing.assert_array_equal(x.grad.data, [0, 0])
    x.grad = None
    assert x.grad is None


def test_a_gradient_of_another_shape_is_refused():
    x = Tensor([1.0, 2.0], requires_grad=True)

    with pytest.raises(ValueError, match=r"grad: the gradient has shape \(3,\)"):
        x.grad = [1.0, 2.0, 3.0]
    assert x.grad is None


@pytest.mark.parametrize(
    ("call", "who"),
    [
        (lambda x: x.backward(), "backward"),
        (lambda x: x.zero_grad(), "zero_grad"),
        (lambda x: x.retain_grad(), "retain_grad"),
        (lambda x: x.register_hook(print), "register_hook"),
        (lambda x: setattr(x, "grad", 1.0), "grad"),
    ],
)
def test_without_a_graph_there_is_no_gradient(call, who):
    x = Tensor([1.0], requires_grad=True)
    with no_grad():
        y = x * 2

    for untracked in (Tensor([1.0]), y):
        with pytest.raises(
            RuntimeError, match=f"^{who}: this Tensor requires no gradient"
        ):
            call(untracked)
    assert Tensor([1.0]).grad is None


def test_astype_is_differentiable_and_free_when_nothing_changes():
    x = Tensor([1.0], requires_grad=True)

    y = x.astype("float64")
    y.backward()

    assert y.dtype == np.float64
    assert x.grad.dtype == np.float32
    assert x.astype(np.float32) is x


def test_the_array_namespace_of_a_tensor_is_ops():
    assert Tensor([1.0]).__array_namespace__() is ops


def test_a_leaf_can_be_pickled_with_its_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True, label="x")
    x.grad = [3.0, 4.0]

    y = pickle.loads(pickle.dumps(x))

    np.testing.assert_array_equal(y.data, x.data)
    np.testing.assert_array_equal(y.grad.data, x.grad.data)
    assert (y.requires_grad, y.label, y.dtype) == (True, "x", x.dtype)
    assert pickle.loads(pickle.dumps(Tensor([True]))).data.dtype == bool
    with pytest.raises(RuntimeError, match="pickle: this Tensor is the result of mul"):
        pickle.dumps(x * 2)
