"""Edges of `ops/shaping.py`, `joining.py`, `arranging.py` and `diagonals.py`."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops

MATRIX = np.arange(6.0).reshape(2, 3)

# In the words of each: the call, and what its error says.
WRONG = [
    (lambda x: ops.reshape(x, (4, -1)), "reshape: .*6 elements do not fill rows of 4"),
    (lambda x: ops.reshape(x, (-1, -1)), "reshape: .*only one size may be -1"),
    (lambda x: ops.reshape(x, (-2, 3)), "reshape: .*a size is negative"),
    (lambda x: ops.reshape(x, None), r"reshape: x has shape \(2, 3\), shape=None;"),
    (lambda x: ops.flatten(x, 2), r"flatten: x has shape \(2, 3\), axis=2; there is"),
    (lambda x: ops.flatten(x, 1, 0), "flatten: .*the last axis is in front of"),
    (lambda x: ops.flatten(x, 0.5), "flatten: axis is 0.5, a float; an int is needed"),
    (lambda x: ops.flatten([1.0]), "flatten: an operand is list; a Tensor or an array"),
    (lambda x: ops.ravel(2.0), "ravel: an operand is float; a Tensor or an array"),
    (lambda x: ops.permute_dims(x, (0,)), "permute_dims: .*each of the 2 axes of x"),
    (lambda x: ops.permute_dims(x, (0, 0)), "permute_dims: .*is needed once"),
    (lambda x: ops.permute_dims(x, (0, 2)), r"permute_dims: .*axes=\(0, 2\); each of"),
    (lambda x: ops.transpose(x, (0, 1, 2)), "transpose: .*there is no axis 2 among 2"),
    (lambda x: ops.transpose(x, (1,)), "transpose: .*each of the 2 axes.*swapaxes"),
    (lambda x: ops.transpose(x, (1, -1)), "transpose: .*an axis is named twice"),
    (lambda x: ops.transpose(x, 1), "transpose: .*a tuple of all axes.*swapaxes"),
    (lambda x: ops.matrix_transpose(x[0]), r"matrix_transpose: x has shape \(3,\); a"),
    (lambda x: ops.swapaxes(x, 0, 2), "swapaxes: .*there is no axis 2 among 2"),
    (lambda x: ops.moveaxis(x, 0, -3), "moveaxis: .*there is no axis -3 among 2"),
    (lambda x: ops.moveaxis(x, (0, 1), 0), "moveaxis: .*as many places as axes"),
    (lambda x: ops.moveaxis(x, (0, -2), (0, 1)), "moveaxis: .*an axis is named twice"),
    (lambda x: ops.expand_dims(x, 3), "expand_dims: .*3 axes, and axis 3 is none"),
    (lambda x: ops.expand_dims(x, (0, 4)), "expand_dims: .*4 axes, and no such"),
    (lambda x: ops.expand_dims(x, (0, -4)), "expand_dims: .*an axis is named twice"),
    (
        lambda x: ops.squeeze(x, 0),
        "squeeze: .*axis 0 has size 2; only an axis of size 1",
    ),
    (lambda x: ops.squeeze(x, 5), r"squeeze: x has shape \(2, 3\), axis=5;"),
    (lambda x: ops.broadcast_to(x, (4, 3)), "axis -2 of x has size 2; 1 or 4 is need"),
    (lambda x: ops.broadcast_to(x, 3), "broadcast_to: .*x has 2 axes, and the shape"),
    (lambda x: ops.broadcast_to(x, (-1, 3)), "broadcast_to: .*a size is negative"),
    (lambda x: ops.broadcast_to(x, None), "broadcast_to: .*shape=None;"),
    (
        lambda x: ops.broadcast_arrays(x, np.ones(2)),
        r"broadcast_arrays: the shapes are \(2, 3\) and \(2,\); axis -1 has sizes 2",
    ),
    (lambda x: ops.broadcast_arrays(x, 2.0), "broadcast_arrays: an operand is float"),
    (lambda x: ops.sum_to(x, 2), r"sum_to: .*shape \(2,\) does not broadcast to"),
    (lambda x: ops.split(x, 2, 1), "split: .*size 3 cannot be cut into 2 equal pieces"),
    (lambda x: ops.split(x, 0), "split: .*cannot be cut into 0 equal pieces"),
    (lambda x: ops.split(x, 1.5), "split: .*sections_or_indices is 1.5, a float; an"),
    (lambda x: ops.split(x, [1.5]), "split: .*a place is 1.5, a float; an int"),
    (lambda x: ops.split(x, 2, 2), "split: .*there is no axis 2 among 2"),
    (lambda x: ops.chunk(x, 0), "chunk: .*chunks=0; one or more is needed"),
    (lambda x: ops.chunk(x.sum(), 2), "chunk: .*there is no axis 0 among 0"),
    (lambda x: ops.unstack(x, -3), "unstack: .*there is no axis -3 among 2"),
    (lambda x: ops.unstack(x.sum()), r"unstack: x has shape \(\), axis=0; there is"),
    (lambda x: ops.tile(x, (1, -1)), "tile: .*none may be negative"),
    (lambda x: ops.tile(x, 1.5), "tile: .*an int, or a tuple of them, is needed"),
    (lambda x: ops.repeat(x, -1), "repeat: .*none may be negative"),
    (lambda x: ops.repeat(x, 1.5), "repeat: .*an int, or one for each of the 6 places"),
    (lambda x: ops.repeat(x, [1, 2], 1), "repeat: .*one for each of the 3 places"),
    (lambda x: ops.repeat(x, 2, 2), "repeat: .*there is no axis 2 among 2"),
    (lambda x: ops.flip(x, (0, 2)), "flip: .*there is no axis 2 among 2"),
    (lambda x: ops.flip(x, (0, 0)), "flip: .*repeated axis"),
    (lambda x: ops.roll(x, 1, 2), "roll: .*there is no axis 2 among 2"),
    (lambda x: ops.roll(x, (1, 2, 3), (0, 1)), "roll: .*one shift for all axes, or"),
    (lambda x: ops.pad(x, -1), "pad: .*a width is negative: take a slice"),
    (lambda x: ops.pad(x, 1.5), "pad: .*the widths must be ints"),
    (lambda x: ops.pad(x, (1, 2, 3)), "pad: .*or such a pair for each of the 2 axes"),
    (lambda x: ops.pad(x, ((1, 2), 3)), "pad: .*or such a pair for each of the 2"),
    (lambda x: ops.pad(x, ((1, 1),) * 3), "pad: .*or such a pair for each of the 2"),
    (lambda x: ops.pad(x, 1, "same"), "pad: .*mode='same'; the mode must be 'const"),
    (lambda x: ops.pad(x, 1, value=x), "pad: .*value is a Tensor, and no number"),
    (
        lambda x: ops.pad(x, 2, "reflect"),
        r"pad: x has shape \(2, 3\), pad_width=2, mode='reflect'; axis 0 has size 2, "
        "too few elements to fill 2 places before it and 2 after it",
    ),
    (lambda x: ops.pad(x, ((0, 3), (0, 0)), "wrap"), "axis 0 has size 2, too few"),
    (lambda x: ops.pad(x[:0], 1, "edge"), "pad: .*axis 0 has size 0, too few"),
    (lambda x: ops.tril(x[0]), r"tril: x has shape \(3,\), k=0; two axes or more"),
    (lambda x: ops.triu(x.sum()), "triu: .*two axes or more are needed"),
    (lambda x: ops.triu(1.0), "triu: x is 1.0, k=0; two axes or more are needed"),
    (lambda x: ops.diagonal(x[0]), "diagonal: .*there is no axis -2 among 1"),
    (lambda x: ops.diagonal(1.0), "diagonal: .*there is no axis -2 among 0"),
    (lambda x: ops.diagonal(x, 0, 0, 2), "diagonal: .*there is no axis 2 among 2"),
    (lambda x: ops.diagonal(x, 0, 1, -1), "diagonal: .*two different axes"),
    (lambda x: ops.diagonal(x, 0.5), r"diagonal: x has shape \(2, 3\), offset=0.5"),
    (lambda x: ops.diag_embed(x.sum()), "diag_embed: .*x must have an axis"),
    (lambda x: ops.diag_embed(x, shape=(3, 3)), "diag_embed: .*a shape of 3 axes is"),
    (
        lambda x: ops.diag_embed(x, 1, shape=(2, 3, 3)),
        r"diag_embed: .*that diagonal has shape \(2, 2\)",
    ),
    (lambda x: ops.trace(x[0]), "trace: .*there is no axis -2 among 1"),
    (lambda x: ops.trace(x, 0, 1, 1), "trace: .*two different axes are needed"),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_calls_say_who_got_what_and_what_was_needed(call, message):
    with pytest.raises((TypeError, ValueError, IndexError), match=message):
        call(Tensor(MATRIX, requires_grad=True))


CALLS = [
    lambda x: ops.reshape(x, -1),
    lambda x: ops.flatten(x),
    lambda x: ops.ravel(x),
    lambda x: ops.transpose(x),
    lambda x: ops.swapaxes(x, 0, 1),
    lambda x: ops.moveaxis(x, 0, 1),
    lambda x: ops.expand_dims(x, (0, 2)),
    lambda x: ops.squeeze(x),
    lambda x: ops.sum_to(x, (1, 3)),
    lambda x: ops.broadcast_arrays(x, np.ones((4, 1, 1)))[0],
    lambda x: ops.concat(ops.split(x, [1], axis=1), axis=-1),
    lambda x: ops.chunk(x, 2)[1],
    lambda x: ops.unstack(x, axis=1)[2],
    lambda x: ops.tile(x, (2, 2)),
    lambda x: ops.repeat(x, 2),
    lambda x: ops.repeat(x, [2, 0, 1], axis=1),
    lambda x: ops.flip(x, 1),
    lambda x: ops.roll(x, 1),
    lambda x: ops.pad(x, 1),
    lambda x: ops.pad(x, 1, value=3),
    lambda x: ops.pad(x, 1, "reflect"),
    lambda x: ops.pad(x, 1, "edge"),
    lambda x: ops.pad(x, 1, "wrap"),
    lambda x: ops.tril(x),
    lambda x: ops.diagonal(x),
    lambda x: ops.diag_embed(x),
    lambda x: ops.trace(x),
]


def with_gradient(call, array):
    x = Tensor(np.ones_like(array))
    x.data = array  # as it lies in memory, which requires_grad=True would not keep
    x.requires_grad = True
    y = call(x)
    y.backward(np.arange(1.0, 1 + y.size).reshape(y.shape))
    return y, x.grad


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "lay",
    [
        np.asfortranarray,
        lambda x: np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
        lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    ],
)
def test_how_the_array_lies_in_memory_does_not_matter(call, lay):
    for one, other in zip(
        with_gradient(call, lay(MATRIX)), with_gradient(call, MATRIX), strict=True
    ):
        np.testing.assert_array_equal(one.data, other.data)


@pytest.mark.parametrize("call", CALLS)
def test_elements_that_are_one_in_memory_have_gradients_of_their_own(call):
    broadcast = np.broadcast_to(np.arange(3.0), (2, 3))

    for one, other in zip(
        with_gradient(call, broadcast),
        with_gradient(call, broadcast.copy()),
        strict=True,
    ):
        np.testing.assert_array_equal(one.data, other.data)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "int32"])
def test_the_dtype_is_kept(call, dtype):
    array = MATRIX.astype(dtype)

    result = call(Tensor(array))

    # NumPy sums short integers in long ones.
    expected = call(array).dtype if dtype == "int32" else np.dtype(dtype)
    assert result.dtype == expected
    assert not result.requires_grad
    np.testing.assert_array_equal(result.data, call(MATRIX))


def test_pieces_of_an_axis_without_elements():
    x = Tensor(np.zeros((0, 2)))

    assert [piece.shape for piece in ops.chunk(x, 3)] == [(0, 2)] * 3
    assert [piece.shape for piece in ops.split(x, 3)] == [(0, 2)] * 3
    assert ops.unstack(x) == ()
    assert [piece.shape for piece in ops.unstack(x, 1)] == [(0,), (0,)]


def test_the_number_of_pieces():
    x = Tensor(np.arange(5.0))

    assert [piece.shape for piece in ops.chunk(x, 4)] == [(2,), (2,), (1,)]
    assert [piece.shape for piece in ops.chunk(x, 7)] == [(1,)] * 5
    assert [piece.shape for piece in ops.split(x, 5)] == [(1,)] * 5
    assert [piece.shape for piece in ops.split(x, [])] == [(5,)]
    assert [piece.shape for piece in ops.split(x, (1, 2))] == [(1,), (1,), (3,)]
    assert len(ops.unstack(x)) == 5


def test_a_split_undoes_a_concat_and_unstack_a_stack(rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((4, 3))

    for one, other in zip(ops.split(ops.concat([x, y]), [2]), (x, y), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(ops.unstack(ops.stack([x, x], 1), 1), (x, x), strict=True):
        np.testing.assert_array_equal(one, other)


def test_broadcast_arrays_leaves_tensors_tensors_and_arrays_arrays():
    x, y = ops.broadcast_arrays(Tensor([1.0, 2.0]), np.ones((3, 1)))

    assert isinstance(x, Tensor)
    assert isinstance(y, np.ndarray)
    assert ops.broadcast_arrays() == ()


@pytest.mark.parametrize("width", [0, ((0, 0), (0, 0))])
@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "wrap"])
def test_a_border_of_no_width_is_still_a_new_array(width, mode):
    result = ops.pad(MATRIX, width, mode)

    np.testing.assert_array_equal(result, MATRIX)
    assert not np.shares_memory(result, MATRIX)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, -1, True, np.float32(2)])
def test_a_border_of_any_number_has_no_part_in_the_gradient(value):
    x = Tensor([-0.0, np.inf, np.nan], requires_grad=True)

    y = ops.pad(x, 1, value=value)
    y.backward(np.full(5, 3, np.float32))

    np.testing.assert_array_equal(y.data, [value, 0, np.inf, np.nan, value])
    assert np.signbit(y.data[1])
    assert y.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, [3, 3, 3])


def test_nan_outside_of_a_triangle_is_zero_there_and_in_the_gradient():
    x = Tensor([[1.0, np.nan], [np.inf, 2.0]], requires_grad=True)

    y = ops.tril(x)
    y.backward(np.ones((2, 2), np.float32))

    np.testing.assert_array_equal(y.data, [[1, 0], [np.inf, 2]])
    np.testing.assert_array_equal(x.grad.data, [[1, 0], [1, 1]])


def test_arrays_are_stacked_along_a_new_first_axis_by_default():
    assert ops.stack([np.zeros(3), np.ones(3)]).tolist() == [[0, 0, 0], [1, 1, 1]]
