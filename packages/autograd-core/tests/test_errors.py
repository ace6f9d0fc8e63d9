"""What a wrong call is told: *who: what was given; what was needed; what to do*.

Each row is a call and the message that it gets, in full (but for `...`). Read them as
somebody who has never seen the code: is it clear what to change?
"""

import copy
import re

import numpy as np
import pytest

from pebblegrad.autograd import (
    Function,
    Tensor,
    checkpoint,
    detect_anomaly,
    grad,
    graph,
    hvp,
    jacobian,
    jvp,
    manual_seed,
    no_grad,
    op,
    ops,
    set_default_dtype,
    trace,
    value_and_grad,
    vjp,
)
from pebblegrad.autograd.testing import check_gradients


def x(*shape):
    """A Tensor of ones that requires a gradient."""
    return Tensor(np.ones(shape, np.float32), requires_grad=True)


def constant(*shape):
    return x(*shape).detach()


def eye(size):
    return Tensor(np.eye(size), requires_grad=True)


def set_item(tensor, index, value):
    tensor[index] = value


def set_grad(tensor, value):
    tensor.grad = value


def set_requires_grad(tensor, value):
    tensor.requires_grad = value


def made_inside_no_grad():
    with no_grad():
        return x(2).sum()


def twice():
    y = x(2).exp().sum()
    y.backward()
    y.backward()


def twice_after_part_of_it():
    a = x(2).exp()
    a.sum().backward()
    (a * a).sum().backward()


def hook_of_another_shape():
    tensor = x(2)
    tensor.register_hook(lambda g: g[:1])
    tensor.sum().backward()


def written_into():
    tensor = x(2)
    y = (tensor * tensor).sum()
    tensor.data[0] = 5
    y.backward()


def subtracted_in_place():
    tensor = x(2)
    tensor -= 0.1


def replaced_data():
    y = x(2) * 2
    y.data = np.ones(3)


def add_into_array():
    array = np.ones(2)
    array += x(2)


def only_static(xp, *, axis):
    return xp.zeros(axis)


def no_rule(tensor):
    @op
    def half(xp, x, /):
        return x / 2

    return half(tensor)


def cube(rule=None):
    @op
    def cube(xp, x, /):
        return x**3

    if rule is not None:
        cube.backward("x", rule)
    return cube


def declared_twice():
    cube(lambda g: g).backward("x", lambda g: g)


def differentiate_twice_without_op():
    @op
    def cbrt(xp, x, /):
        return xp.cbrt(x)

    cbrt.backward("x", lambda xp, g, x: g / (3 * xp.cbrt(x) ** 2))
    grad(grad(cbrt))(1.0)


class HalfFunction(Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, g):
        return g


def anomaly(call):
    with detect_anomaly():
        call()


ERRORS = [
    # Making a Tensor
    (
        lambda: Tensor("abc"),
        TypeError,
        "Tensor: the data are str of dtype <U3; real numbers are needed (no complex "
        "numbers, strings or objects)",
    ),
    (
        lambda: Tensor([1.0, "a"]),
        TypeError,
        "Tensor: the data are list of dtype <U32; real numbers are needed (no "
        "complex numbers, strings or objects)",
    ),
    (
        lambda: Tensor([[1.0], [2.0, 3.0]]),
        ValueError,
        "Tensor: the nested list is not rectangular (setting an array element with "
        "a sequence. The requested array has an inhomogeneous shape after 1 "
        "dimensions. The detected shape was (2,) + inhomogeneous part.)",
    ),
    (
        lambda: Tensor(1j),
        TypeError,
        "Tensor: the data are complex of dtype complex128; real numbers are needed "
        "(no complex numbers, strings or objects)",
    ),
    (
        lambda: Tensor(None),
        TypeError,
        "Tensor: the data are NoneType of dtype object; real numbers are needed (no "
        "complex numbers, strings or objects)",
    ),
    (
        lambda: Tensor(np.array([1, 2]), requires_grad=True),
        TypeError,
        "Tensor: the data are int64 and cannot require a gradient; floats are "
        'needed: give dtype="float32", or astype it',
    ),
    (
        lambda: Tensor([True, False], requires_grad=True),
        TypeError,
        "Tensor: the data are bool and cannot require a gradient; floats are "
        'needed: give dtype="float32", or astype it',
    ),
    (
        lambda: Tensor([1.0], "float64"),
        TypeError,
        "Tensor: requires_grad is 'float64'; True or False is needed (the dtype is "
        "the third argument: dtype=...)",
    ),
    (
        lambda: Tensor(np.ma.array([1.0], mask=[True])),
        TypeError,
        "Tensor: the data are a masked array; give data.filled(...)",
    ),
    (
        lambda: set_default_dtype("int32"),
        TypeError,
        "set_default_dtype: dtype is int32; a float dtype is needed",
    ),
    (
        lambda: ops.zeros(-1),
        ValueError,
        "zeros: a size is -1; 0 or more is needed",
    ),
    (
        lambda: ops.ones(2.5),
        TypeError,
        "ones: a size is 2.5, a float; ints are needed, alone or in one tuple, and "
        "the rest by name, as in dtype=...",
    ),
    (
        lambda: ops.arange(0, 1, 0),
        ValueError,
        "arange: start=0, stop=1, step=0; step must not be 0",
    ),
    (
        lambda: ops.randint(5, 5, (2,)),
        ValueError,
        "randint: low=5, high=5; high is not among the numbers drawn and must be "
        "greater than low",
    ),
    (
        lambda: ops.randn(2, rng="seed"),
        TypeError,
        "rng: 'seed' is a str; a numpy.random.Generator, an integer seed or None is "
        "needed",
    ),
    (
        lambda: ops.rand(2, rng=-1),
        ValueError,
        "rng: the seed is -1; it must not be negative",
    ),
    (
        lambda: manual_seed(None),
        TypeError,
        "manual_seed: seed is None; a non-negative integer is needed",
    ),
    # Operands
    (
        lambda: x(2) + None,
        TypeError,
        "add: y is NoneType; a Tensor, a real array or a number is needed "
        "(a list becomes one by Tensor(...))",
    ),
    (
        lambda: x(2) + "a",
        TypeError,
        "add: y is str; a Tensor, a real array or a number is needed (a "
        "list becomes one by Tensor(...))",
    ),
    (
        lambda: x(2) + [1.0, 2.0],  # noqa: RUF005  a Tensor is no list
        TypeError,
        "add: y is list; a Tensor, a real array or a number is needed (a "
        "list becomes one by Tensor(...))",
    ),
    (
        lambda: x(2) * 1j,
        TypeError,
        "multiply: y is complex; a Tensor, a real array or a number is "
        "needed (a list becomes one by Tensor(...))",
    ),
    (
        lambda: x(2) * np.array([1j, 2j]),
        TypeError,
        "multiply: y is ndarray of dtype complex128; a Tensor, a real "
        "array or a number is needed (a list becomes one by Tensor(...))",
    ),
    (
        lambda: x(2) + np.array(["a", "b"]),
        TypeError,
        "add: y is ndarray of dtype <U1; a Tensor, a real array or a "
        "number is needed (a list becomes one by Tensor(...))",
    ),
    (
        lambda: ops.exp([1.0, 2.0]),
        TypeError,
        "exp: x is list; a Tensor, a real array or a number is needed (a "
        "list becomes one by Tensor(...))",
    ),
    (
        lambda: ops.exp(),
        TypeError,
        "exp: missing a required argument: 'x'; call it as exp(x, /)",
    ),
    (
        lambda: ops.exp(x(2), x(2)),
        TypeError,
        "exp: too many positional arguments; call it as exp(x, /)",
    ),
    (
        lambda: ops.sum(x(2), axes=0),
        TypeError,
        "sum: got an unexpected keyword argument 'axes'; call it as sum(x, /, "
        "axis=None, keepdims=False)",
    ),
    (
        lambda: ops.sum(x(2), Tensor(0.0)),
        TypeError,
        "sum: axis is a Tensor; axis is a static parameter that no gradient goes "
        "through: give axis.item() or axis.data",
    ),
    (
        lambda: x(2).astype(complex),
        TypeError,
        "astype: x has shape (2,), dtype=dtype('complex128'); a dtype of real "
        "numbers is needed",
    ),
    # Shapes
    (
        lambda: x(2, 3) + x(4),
        ValueError,
        "add: x has shape (2, 3) and y has shape (4,); axis -1 has sizes 3 and 4, "
        "which must be equal or 1 (shapes are matched from the last axis backwards)",
    ),
    (
        lambda: x(2, 3) * x(2),
        ValueError,
        "multiply: x has shape (2, 3) and y has shape (2,); axis -1 has sizes 2 and "
        "3, which must be equal or 1 (shapes are matched from the last axis "
        "backwards)",
    ),
    (
        lambda: x(64, 784) @ x(785, 128),
        ValueError,
        "matmul: x has shape (64, 784) and y has shape (785, 128); x's last axis "
        "(784) must equal y's second-to-last (785)",
    ),
    (
        lambda: x(3) @ x(2),
        ValueError,
        "matmul: x has shape (3,) and y has shape (2,); x's last axis (3) must "
        "equal y's last axis (2)",
    ),
    (
        lambda: x() @ x(2),
        ValueError,
        "matmul: x has shape () and y has shape (2,); x is a single number; use "
        "multiply, or give it an axis",
    ),
    (
        lambda: x(5, 2, 3) @ x(4, 3, 2),
        ValueError,
        "matmul: x has shape (5, 2, 3) and y has shape (4, 3, 2); axis -1 has sizes "
        "4 and 5, which must be equal or 1 (shapes are matched from the last axis "
        "backwards)",
    ),
    (
        lambda: ops.where(np.ones((2, 3), bool), x(2), 0.0),
        ValueError,
        "where: condition has shape (2, 3), x has shape (2,) and y is 0.0; axis -1 "
        "has sizes 2 and 3, which must be equal or 1 (shapes are matched from the "
        "last axis backwards)",
    ),
    (
        lambda: ops.maximum(x(2), x(3)),
        ValueError,
        "maximum: x has shape (2,) and y has shape (3,); axis -1 has sizes 2 and 3, "
        "which must be equal or 1 (shapes are matched from the last axis backwards)",
    ),
    (
        lambda: x(2, 3).reshape(4),
        ValueError,
        "reshape: x has shape (2, 3), shape=(4,); 6 elements do not fill 4 places",
    ),
    (
        lambda: x(2, 3).reshape(-1, -1),
        ValueError,
        "reshape: x has shape (2, 3), shape=(-1, -1); only one size may be -1",
    ),
    (
        lambda: x(2, 3).reshape(-1, 4),
        ValueError,
        "reshape: x has shape (2, 3), shape=(-1, 4); 6 elements do not fill rows of "
        "4 places",
    ),
    (
        lambda: ops.broadcast_to(x(2, 3), (3, 3)),
        ValueError,
        "broadcast_to: x has shape (2, 3), shape=(3, 3); axis -2 of x has size 2; 1 "
        "or 3 is needed",
    ),
    (
        lambda: ops.squeeze(x(2, 3), axis=0),
        ValueError,
        "squeeze: x has shape (2, 3), axis=0; axis 0 has size 2; only an axis of "
        "size 1 can be left out",
    ),
    (
        lambda: ops.concat([x(2, 3), x(2, 4)]),
        ValueError,
        "concat: arrays[0] has shape (2, 3) and arrays[1] has shape (2, 4), axis=0; "
        "the shapes must be equal, for concat but along the axis of joining",
    ),
    (
        lambda: ops.concat([x(2, 3), x(3)]),
        ValueError,
        "concat: arrays[0] has shape (2, 3) and arrays[1] has shape (3,), axis=0; "
        "the numbers of axes must be equal",
    ),
    (
        lambda: ops.concat([]),
        TypeError,
        "concat: arrays is an empty list; a list of one or more Tensors or arrays "
        "is needed",
    ),
    (
        lambda: ops.concat(x(2, 3)),
        TypeError,
        "concat: arrays is Tensor of dtype float32; a list of one or more Tensors "
        "or arrays is needed",
    ),
    (
        lambda: ops.concat([x(2), 1.0]),
        TypeError,
        "concat: arrays[1] is 1.0, a number; a Tensor or an array is needed, with a "
        "dtype of its own: Tensor(...) makes one",
    ),
    (
        lambda: ops.stack([x(2), x(3)]),
        ValueError,
        "stack: arrays[0] has shape (2,) and arrays[1] has shape (3,), axis=0; the "
        "shapes must be equal, for concat but along the axis of joining",
    ),
    (
        lambda: ops.split(x(5), 2),
        ValueError,
        "split: x has shape (5,), sections_or_indices=2, axis=0; size 5 cannot be "
        "cut into 2 equal pieces: give a list of places, or use chunk",
    ),
    (
        lambda: ops.split(x(5), 2, axis=1),
        ValueError,
        "split: x has shape (5,), axis=1; there is no axis 1 among 1",
    ),
    (
        lambda: ops.chunk(x(5), 0),
        ValueError,
        "chunk: x has shape (5,), chunks=0; one or more is needed",
    ),
    (
        lambda: ops.repeat(x(3), -1),
        ValueError,
        "repeat: x has shape (3,), repeats=-1, axis=None; an int, or one for each "
        "of the 3 places, is needed, and none may be negative",
    ),
    (
        lambda: ops.tile(x(3), -1),
        ValueError,
        "tile: x has shape (3,), repetitions=-1; an int, or a tuple of them, is "
        "needed, and none may be negative",
    ),
    (
        lambda: ops.pad(x(3), -1),
        ValueError,
        "pad: x has shape (3,), pad_width=-1, mode='constant'; a width is negative: "
        "take a slice to make x smaller",
    ),
    (
        lambda: ops.pad(x(3), 3, mode="reflect"),
        ValueError,
        "pad: x has shape (3,), pad_width=3, mode='reflect'; axis 0 has size 3, too "
        "few elements to fill 3 places before it and 3 after it",
    ),
    (
        lambda: ops.pad(x(3), 1, mode="mirror"),
        ValueError,
        "pad: x has shape (3,), pad_width=1, mode='mirror'; the mode must be "
        "'constant', 'edge', 'reflect' or 'wrap'",
    ),
    (
        lambda: ops.pad(x(3), ((1, 1), (1, 1))),
        ValueError,
        "pad: x has shape (3,), pad_width=((1, 1), (1, 1)), mode='constant'; an "
        "int, a pair (before, after), or such a pair for each of the 1 axes is "
        "needed",
    ),
    # Axes
    (
        lambda: x(2, 3).sum(axis=2),
        ValueError,
        "sum: x has shape (2, 3), axis=2, keepdims=False; there is no axis 2 among 2",
    ),
    (
        lambda: x(2, 3).sum(axis=(0, 0)),
        ValueError,
        "sum: x has shape (2, 3), axis=(0, 0), keepdims=False; an axis is named twice",
    ),
    (
        lambda: x(2, 3).sum(axis="rows"),
        TypeError,
        "sum: x has shape (2, 3), axis='rows', keepdims=False; the axis must be an "
        "int, a tuple of ints, or None",
    ),
    (
        lambda: x(2, 3).mean(axis=0, dim=1),
        TypeError,
        "mean: axis=0 and dim=1 are the same option; give one",
    ),
    (
        lambda: x(2, 3).max(axis=-3),
        ValueError,
        "max: x has shape (2, 3), axis=-3, keepdims=False; there is no axis -3 among 2",
    ),
    (
        lambda: x(0, 3).max(axis=0),
        ValueError,
        "max: x has shape (0, 3), axis=0, keepdims=False; among no elements none is "
        "the largest or smallest",
    ),
    (
        lambda: x(2, 3).var(axis=2),
        ValueError,
        "var: x has shape (2, 3), axis=2; there is no axis 2 among 2",
    ),
    (
        lambda: x(2, 3).cumsum(axis=5),
        ValueError,
        "cumsum: x has shape (2, 3), axis=5; there is no axis 5 among 2",
    ),
    (
        lambda: ops.sort(x(3), axis=1),
        ValueError,
        "sort: x has shape (3,), axis=1; there is no axis 1 among 1",
    ),
    (
        lambda: ops.argmax(x(2, 3), axis=2),
        ValueError,
        "argmax: x has shape (2, 3), axis=2; there is no axis 2 among 2",
    ),
    (
        lambda: ops.logsumexp(x(2, 3), axis=2),
        ValueError,
        "logsumexp: x has shape (2, 3), axis=2, keepdims=False; there is no axis 2 "
        "among 2",
    ),
    (
        lambda: ops.expand_dims(x(2, 3), axis=5),
        ValueError,
        "expand_dims: x has shape (2, 3), axis=5; the result has 3 axes, and axis 5 "
        "is none of them",
    ),
    (
        lambda: ops.permute_dims(x(2, 3), (0, 0)),
        ValueError,
        "permute_dims: x has shape (2, 3), axes=(0, 0); each of the 2 axes of x is "
        "needed once",
    ),
    (
        lambda: ops.permute_dims(x(2, 3), (0,)),
        ValueError,
        "permute_dims: x has shape (2, 3), axes=(0,); each of the 2 axes of x is "
        "needed once",
    ),
    (
        lambda: ops.swapaxes(x(2, 3), 0, 2),
        ValueError,
        "swapaxes: x has shape (2, 3), axis=2; there is no axis 2 among 2",
    ),
    (
        lambda: ops.moveaxis(x(2, 3), 0, 2),
        ValueError,
        "moveaxis: x has shape (2, 3), axis=2; there is no axis 2 among 2",
    ),
    (
        lambda: ops.flip(x(3), axis=1),
        ValueError,
        "flip: x has shape (3,), axis=1; there is no axis 1 among 1",
    ),
    (
        lambda: ops.roll(x(3), 1, axis=1),
        ValueError,
        "roll: x has shape (3,), shift=1, axis=1; there is no axis 1 among 1",
    ),
    (
        lambda: x(2, 3).transpose(0, 1),
        ValueError,
        "transpose: (0, 1) of a matrix keeps the order of its axes in NumPy and "
        "swaps them in PyTorch; say .T, or ops.permute_dims for NumPy's meaning",
    ),
    (
        lambda: x(2, 3, 4).transpose(0, 5),
        ValueError,
        "transpose: x has shape (2, 3, 4); there are no axes (0, 5) to swap",
    ),
    (
        lambda: ops.matrix_transpose(x(3)),
        ValueError,
        "matrix_transpose: x has shape (3,); a matrix is needed: two axes or more",
    ),
    (
        lambda: ops.diagonal(x(3)),
        ValueError,
        "diagonal: x has shape (3,), offset=0, axis1=-2, axis2=-1; there is no axis "
        "-2 among 1",
    ),
    # Elements
    (
        lambda: x(3)[5],
        IndexError,
        "getitem: x has shape (3,), index=5; index 5 is out of bounds for axis 0 "
        "with size 3",
    ),
    (
        lambda: x(3)[0, 1],
        IndexError,
        "getitem: x has shape (3,), index=(0, 1); too many indices for array: array "
        "is 1-dimensional, but 2 were indexed",
    ),
    (
        lambda: x(3)[1.5],
        IndexError,
        "getitem: x has shape (3,), index=1.5; only integers, slices (`:`), "
        "ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are "
        "valid indices",
    ),
    (
        lambda: x(3)["a"],
        IndexError,
        "getitem: x has shape (3,), index='a'; only integers, slices (`:`), "
        "ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are "
        "valid indices",
    ),
    (
        lambda: x(3)[np.array([True, False])],
        IndexError,
        "getitem: x has shape (3,), index=array([ True, False]); boolean index did "
        "not match indexed array along axis 0; size of axis is 3 but size of "
        "corresponding boolean axis is 2",
    ),
    (
        lambda: x(3)[x(3)],
        IndexError,
        "getitem: x has shape (3,), index=array([1., 1....dtype=float32); an index "
        'has dtype float32; integers or booleans are needed: give dtype="int64", or '
        "astype it (a Tensor of a list holds floats)",
    ),
    (
        lambda: set_item(x(3), 0, 1.0),
        TypeError,
        "Tensor: elements cannot be assigned, a graph would not know of it; write "
        "into x.data[...] where no gradient is wanted, or compose with ops.where",
    ),
    (
        lambda: x(3).item(),
        ValueError,
        "item: this Tensor has shape (3,); one element is needed",
    ),
    (
        lambda: bool(x(2)),
        ValueError,
        "bool: this Tensor has shape (2,); only one element is true or false",
    ),
    (
        lambda: float(x(2)),
        ValueError,
        "item: this Tensor has shape (2,); one element is needed",
    ),
    (
        lambda: range(x()),
        TypeError,
        "index: this Tensor has shape () and dtype float32; only one integer can be "
        "an index",
    ),
    (
        lambda: len(x()),
        TypeError,
        "len: this Tensor has shape (), no axis to count along",
    ),
    (
        lambda: list(x()),
        TypeError,
        "iter: this Tensor has shape (), no axis to go along",
    ),
    (
        lambda: ops.take(x(3), [5]),
        IndexError,
        "take: x has shape (3,), indices=array([5]), axis=0; axis 0 has size 3, and "
        "5 is no place in it; -3 to 2 are needed",
    ),
    (
        lambda: ops.take(x(3), [0.5]),
        TypeError,
        "take: x has shape (3,), the indices are float64; integers are needed: a "
        'list of ints, an array, or a Tensor with dtype="int64"',
    ),
    (
        lambda: ops.take_along_axis(x(2, 3), np.zeros((3, 1), int), axis=1),
        IndexError,
        "take_along_axis: x has shape (2, 3), indices=array([[0], ..., [0]]), "
        "axis=1; indices has shape (3, 1); axis 0 has sizes 2 and 3, which must be "
        "equal or 1",
    ),
    (
        lambda: ops.index_add(x(3), [0, 1], x(3)),
        ValueError,
        "index_add: x has shape (3,) and source has shape (3,), axis=0; with 2 "
        "indices, source must be (2,)",
    ),
    (
        lambda: ops.sliding_windows(x(3), 5),
        ValueError,
        "sliding_windows: x has shape (3,), window_shape=5, stride=1, dilation=1, "
        "axes=None; axis 0 has size 3, and a window of 5 with dilation 1 takes 5; "
        "pad x, or take a smaller window",
    ),
    (
        lambda: ops.sliding_windows(x(3), 2, stride=0),
        ValueError,
        "sliding_windows: x has shape (3,), window_shape=2, stride=0, dilation=1, "
        "axes=None; stride is 0; positive ints are needed",
    ),
    (
        lambda: ops.fold(x(2, 2), (5,)),
        ValueError,
        "fold: x has shape (2, 2), shape=(5,), stride=1, dilation=1, axes=None; "
        "size 5 has 4 positions for a window of (2,), and x has 2 along axis 0",
    ),
    # Sorting and statistics
    (
        lambda: ops.topk(x(3), 5),
        ValueError,
        "topk: x has shape (3,), k=5, axis=0; k must be from 0 to 3, the size of "
        "the axis",
    ),
    (
        lambda: ops.quantile(x(3), 1.5),
        ValueError,
        "quantile: x has shape (3,), q=1.5; numbers from 0 to 1 are needed",
    ),
    (
        lambda: ops.norm(x(3), ord="fro"),
        TypeError,
        "norm: x has shape (3,), ord='fro'; a number is needed; the norms of "
        "matrices that have names are in linalg.matrix_norm",
    ),
    (
        lambda: ops.median(x(2, 3), axis=2),
        ValueError,
        "median: x has shape (2, 3), axis=2; there is no axis 2 among 2",
    ),
    # Linear algebra
    (
        lambda: ops.inv(x(2, 3)),
        ValueError,
        "inv: x has shape (2, 3); a square matrix is needed, or a stack of them: "
        "(..., N, N)",
    ),
    (
        lambda: ops.inv(x(2, 2)),
        ValueError,
        "inv: x has shape (2, 2); Singular matrix; a matrix that has an inverse is "
        "needed; pinv takes any",
    ),
    (
        lambda: ops.inv(x(3)),
        ValueError,
        "inv: x has shape (3,); a square matrix is needed, or a stack of them: "
        "(..., N, N)",
    ),
    (
        lambda: ops.solve(x(2, 2), x(2)),
        ValueError,
        "solve: x has shape (2, 2) and y has shape (2,); Singular matrix; x must "
        "have an inverse; pinv(x) @ y takes any x",
    ),
    (
        lambda: ops.solve(eye(2), x(3)),
        ValueError,
        "solve: x has shape (2, 2) and y has shape (3,); y's only axis must have "
        "size 2, as x's last, whether y is a vector (M,) or has columns (..., M, K)",
    ),
    (
        lambda: ops.det(x(2, 3)),
        ValueError,
        "det: x has shape (2, 3); a square matrix is needed, or a stack of them: "
        "(..., N, N)",
    ),
    (
        lambda: ops.cholesky(-eye(2)),
        ValueError,
        "cholesky: x has shape (2, 2), upper=False; Matrix is not positive "
        "definite; x must be symmetric with positive eigenvalues",
    ),
    (
        lambda: ops.qr(x(3)),
        ValueError,
        "qr: x has shape (3,); a matrix is needed, or a stack of them: (..., M, N)",
    ),
    (
        lambda: ops.eigh(x(2, 3)),
        ValueError,
        "eigh: x has shape (2, 3); a square matrix is needed, or a stack of them: "
        "(..., N, N)",
    ),
    (
        lambda: ops.svd(x(3)),
        ValueError,
        "svd: x has shape (3,); a matrix is needed, or a stack of them: (..., M, N)",
    ),
    (
        lambda: ops.inv(eye(2).astype("float16")),
        TypeError,
        "inv: x has shape (2, 2); array type float16 is unsupported in linalg; "
        "float32 or float64 is needed: use astype",
    ),
    (
        lambda: ops.matrix_norm(x(2, 2), ord="two"),
        ValueError,
        "matrix_norm: ord is 'two'; one of 'fro', 'nuc', 1, -1, 2, -2, inf, -inf is "
        "needed",
    ),
    (
        lambda: ops.einsum("ij,jk->il", x(2, 3), x(3, 4)),
        ValueError,
        "einsum: 'ij,jk->il': the result has the letter 'l', which no operand has",
    ),
    (
        lambda: ops.einsum("ij,jk->ik", x(2, 3), x(4, 5)),
        ValueError,
        "einsum: 'ij,jk->ik': the letter 'j' has size 3 in operand 0, of shape (2, "
        "3), and size 4 in operand 1, of shape (4, 5); they must be equal or 1",
    ),
    (
        lambda: ops.einsum("ij,jk", x(2, 3)),
        ValueError,
        "einsum: 'ij,jk', and 1 operands; its commas make 2 groups of letters, and "
        "each operand needs one",
    ),
    (
        lambda: ops.einsum("ijk->i", x(2, 3)),
        ValueError,
        "einsum: 'ijk->i': 'ijk' has 3 letters, and operand 0, of shape (2, 3), has "
        "2 axes; each needs a letter, or ... for several",
    ),
    (
        lambda: ops.tensordot(x(2, 3), x(4, 5), axes=1),
        ValueError,
        "tensordot: x has shape (2, 3) and y has shape (4, 5), axes=1; x's axis 1 "
        "(3) must equal y's axis 0 (4)",
    ),
    (
        lambda: ops.vecdot(x(3), x(4)),
        ValueError,
        "vecdot: x has shape (3,) and y has shape (4,), axis=-1; axis -1 has sizes "
        "3 and 4, which must be equal",
    ),
    # Backward
    (
        lambda: x(2).backward(),
        ValueError,
        "backward: this Tensor has shape (2,); a single element is needed to start "
        "from: reduce it, by sum() or mean(), or give backward(gradient=...)",
    ),
    (
        lambda: (x(2) * 2).backward(),
        ValueError,
        "backward: this Tensor has shape (2,); a single element is needed to start "
        "from: reduce it, by sum() or mean(), or give backward(gradient=...)",
    ),
    (
        lambda: (x(2) * 2).backward([1.0, 2.0, 3.0]),
        ValueError,
        "backward: gradient has shape (3,); this Tensor has shape (2,), and the two "
        "must be equal",
    ),
    (
        lambda: constant(2).sum().backward(),
        RuntimeError,
        "backward: this Tensor requires no gradient; one that was made with "
        "requires_grad=True is needed, or one that was computed from such, outside "
        "of no_grad()",
    ),
    (
        lambda: made_inside_no_grad().backward(),
        RuntimeError,
        "backward: this Tensor requires no gradient; one that was made with "
        "requires_grad=True is needed, or one that was computed from such, outside "
        "of no_grad()",
    ),
    (
        lambda: twice(),
        RuntimeError,
        "backward: this graph was already used and freed (at sum), by a pass "
        "that ended or failed; compute it again, or call backward(retain_graph=True) "
        "the first time",
    ),
    (
        lambda: twice_after_part_of_it(),
        RuntimeError,
        "backward: this graph was already used and freed (at exp), by a pass "
        "that ended or failed; compute it again, or call backward(retain_graph=True) "
        "the first time",
    ),
    (
        lambda: constant(2).zero_grad(),
        RuntimeError,
        "zero_grad: this Tensor requires no gradient; one that was made with "
        "requires_grad=True is needed, or one that was computed from such, outside "
        "of no_grad()",
    ),
    (
        lambda: constant(2).retain_grad(),
        RuntimeError,
        "retain_grad: this Tensor requires no gradient; one that was made with "
        "requires_grad=True is needed, or one that was computed from such, outside "
        "of no_grad()",
    ),
    (
        lambda: constant(2).register_hook(print),
        RuntimeError,
        "register_hook: this Tensor requires no gradient; one that was made with "
        "requires_grad=True is needed, or one that was computed from such, outside "
        "of no_grad()",
    ),
    (
        lambda: hook_of_another_shape(),
        ValueError,
        "register_hook: a hook returned a gradient of shape (1,); the Tensor has "
        "shape (2,), and the two must be equal",
    ),
    (
        lambda: set_grad(x(2), [1.0, 2.0, 3.0]),
        ValueError,
        "grad: the gradient has shape (3,); this Tensor has shape (2,), and the two "
        "must be equal",
    ),
    (
        lambda: set_requires_grad(x(2) * 2, False),
        RuntimeError,
        "requires_grad: this Tensor is the result of multiply; it can only be "
        "changed on Tensors that no op made; detach() gives such a one",
    ),
    (
        lambda: copy.deepcopy(x(2) * 2),
        RuntimeError,
        "deepcopy: this Tensor is the result of multiply; only Tensors that no op "
        "made can be copied with their gradient; detach() it first",
    ),
    (
        lambda: written_into(),
        RuntimeError,
        "backward: multiply kept its operand x, of shape (2,), and that array was "
        "written into afterwards (handed out at ...); write after backward(), or "
        "into a copy, or compute multiply again",
    ),
    (
        lambda: subtracted_in_place(),
        RuntimeError,
        "-=: this Tensor requires a gradient and no op made it; -= would give its "
        "name to another Tensor. For an update write x.data -= ..., or put it "
        "inside no_grad(); for a result write x = x - ...",
    ),
    (
        lambda: replaced_data(),
        ValueError,
        "data: this Tensor is the result of multiply and has shape (2,) and "
        "dtype float32; an array of shape (3,) and dtype float64 cannot take its place",
    ),
    # What has no shape, or is no number
    (
        lambda: ops.astype(2.0, "float32"),
        TypeError,
        "astype: x is 2.0, dtype='float32'; an array or a Tensor is needed: "
        "Tensor(...) makes one",
    ),
    (
        lambda: ops.logsumexp(2.0),
        TypeError,
        "logsumexp: x is 2.0, axis=None, keepdims=False; an array or a Tensor is "
        "needed: Tensor(...) makes one",
    ),
    (
        lambda: ops.isnan([1.0]),
        TypeError,
        "isnan: an operand is list; a Tensor or an array is needed, Tensor(...) makes "
        "one",
    ),
    (
        lambda: ops.topk(x(3), 1.5),
        TypeError,
        "topk: x has shape (3,), k is 1.5, a float; an int is needed",
    ),
    (
        lambda: ops.quantile(x(3), "a"),
        ValueError,
        "quantile: x has shape (3,), q=a; numbers from 0 to 1 are needed",
    ),
    (
        lambda: ops.expand_dims(x(3), 1.5),
        TypeError,
        "expand_dims: x has shape (3,), axis=1.5; an axis is no integer",
    ),
    (
        lambda: ops.std(x(3), correction="a"),
        TypeError,
        "std: x has shape (3,), correction='a'; a number is needed: 0 for all that "
        "there is, 1 for a sample",
    ),
    (
        lambda: x(2) == x(3),
        ValueError,
        "equal: x has shape (2,) and y (3,); axis -1 has sizes 2 and 3, which must be "
        "equal or 1 (shapes are matched from the last axis backwards)",
    ),
    # NumPy's functions
    (
        lambda: np.asarray(x(2)),
        TypeError,
        "array: this Tensor requires a gradient, and a plain array would lose its "
        "graph; say so with .detach() or .numpy()",
    ),
    (
        lambda: np.add(np.ones(2), x(2), out=np.ones(2)),
        TypeError,
        "np.add: out would lose the graph of a Tensor that requires a gradient; "
        "call it as ops.add(x, y, /), or on .detach()",
    ),
    (
        lambda: add_into_array(),
        TypeError,
        "np.add: out would lose the graph of a Tensor that requires a gradient; "
        "call it as ops.add(x, y, /), or on .detach()",
    ),
    (
        lambda: np.add.reduce(x(2)),
        TypeError,
        "np.add.reduce: this way of calling it would lose the graph of a Tensor "
        "that requires a gradient; call it as ops.add(x, y, /), or on .detach()",
    ),
    (
        lambda: np.sum(x(2), where=[True, False]),
        TypeError,
        "np.sum: where would lose the graph of a Tensor that requires a gradient; "
        "call it as ops.sum(x, /, axis=None, keepdims=False), or on .detach()",
    ),
    (
        lambda: np.fft.fft(x(2)),
        TypeError,
        "np.fft.fft: there is no differentiable op of that name, and the Tensor "
        "requires a gradient; compose it of ops, or detach() it if none is wanted",
    ),
    (
        lambda: np.nan_to_num(x(2)),
        TypeError,
        "np.nan_to_num: there is no differentiable op of that name, and the Tensor "
        "requires a gradient; compose it of ops, or detach() it if none is wanted",
    ),
    (
        lambda: np.round(x(2), 2),
        TypeError,
        "np.round: this way of calling it would lose the graph of a Tensor that "
        "requires a gradient; call it as ops.round(x, /), or on .detach()",
    ),
    # Declaring ops
    (
        lambda: op(lambda x, y: x),
        TypeError,
        "<lambda>: its forward is <lambda>(x, y); (xp, arrays..., /, static...) or "
        "(xp, /, *arrays, static...) is needed, and but for xp no name may be one "
        "of g, xp, out, in_shape",
    ),
    (
        lambda: op(only_static),
        TypeError,
        "only_static: its forward is only_static(xp, *, axis); (xp, arrays..., /, "
        "static...) or (xp, /, *arrays, static...) is needed, and but for xp no "
        "name may be one of g, xp, out, in_shape",
    ),
    (
        lambda: no_rule(x(2)).sum().backward(),
        NotImplementedError,
        "half: x requires a gradient, and there is no backward rule for it; "
        "detach() it, or declare a rule with half.backward('x', ...)",
    ),
    (
        lambda: cube().backward("y", lambda g: g),
        TypeError,
        "cube: backward('y'): y is not an input; the inputs are x",
    ),
    (
        lambda: cube().backward("x", lambda g, y: g),
        TypeError,
        "cube: the rule for x names 'y'; a rule may name g, xp, out, x, in_shape",
    ),
    (
        lambda: cube().backward("x", lambda *g: g),
        TypeError,
        "cube: the rule for x has the parameter *g; only plain names are allowed",
    ),
    (
        lambda: declared_twice(),
        TypeError,
        "cube: backward('x'): x has a rule already; the inputs are x",
    ),
    (
        lambda: cube(lambda g: None)(x(2)).sum().backward(),
        TypeError,
        "cube: the backward rule for x returned None; an array of shape (2,) was "
        "needed",
    ),
    (
        lambda: cube(lambda g: [1.0])(x(2)).sum().backward(),
        TypeError,
        "cube: the backward rule for x returned [1.0]; an array of shape (2,) was "
        "needed",
    ),
    (
        lambda: cube(lambda g: np.ones(3))(x(2)).sum().backward(),
        ValueError,
        "cube: the backward rule for x returned shape (3,); the input has shape "
        "(2,), and the gradient must have that shape or one that it was broadcast to",
    ),
    (
        lambda: differentiate_twice_without_op(),
        AttributeError,
        "ops: there is no op cbrt; a rule that uses xp.cbrt has gradients of first "
        "order only, until an op of that name is declared and used in its place",
    ),
    # Gradients as functions
    (
        lambda: grad(lambda a: a * 2)(x(2)),
        ValueError,
        "grad: the function returned shape (2,); a single element is needed: reduce "
        "it, by sum() or mean(), or use jacobian or vjp",
    ),
    (
        lambda: grad(lambda a: 1.0)(x(2)),
        TypeError,
        "grad: the function returned a float; a Tensor is needed (one that was "
        "computed without .data or .item())",
    ),
    (
        lambda: grad(lambda a: a.sum())(np.array([1, 2])),
        TypeError,
        "grad: argument 0 is int64; floats are needed: astype it, or do not "
        "differentiate by it",
    ),
    (
        lambda: grad(lambda a: a.sum())("abc"),
        TypeError,
        "grad: argument 0 is a str; a Tensor, a float array or a number is needed, "
        "or a tuple, list or dict of these",
    ),
    (
        lambda: grad(lambda a: a.sum(), argnums=1)(x(2)),
        ValueError,
        "grad: argnums names 1, and there are 1 positional arguments; give the "
        "argument by position, or other argnums",
    ),
    (
        lambda: value_and_grad(lambda a: a.sum(), has_aux=True)(x(2)),
        TypeError,
        "value_and_grad: the function returned a Tensor; with has_aux=True a pair "
        "is needed, (result, anything)",
    ),
    (
        lambda: vjp(lambda a: a * 2, x(2))[1]([1.0, 2.0, 3.0]),
        ValueError,
        "vjp: the gradient is [float, float, float], for the result Tensor; the two "
        "must have one form, with a Tensor for each",
    ),
    (
        lambda: jvp(lambda a: a * 2, x(2), x(3)),
        ValueError,
        "jvp: a tangent has shape (3,) and its primal (2,); the two must be equal",
    ),
    (
        lambda: jvp(lambda a, b: a * b, (x(2), x(2)), (x(2),)),
        ValueError,
        "jvp: the tangent is (Tensor,), for the primal (Tensor, Tensor); the two "
        "must have one form, with a Tensor for each",
    ),
    (
        lambda: hvp(lambda a: a * 2, x(2), x(2)),
        ValueError,
        "hvp: the function returned shape (2,); a single element is needed: reduce "
        "it, by sum() or mean(), or use jacobian or vjp",
    ),
    (
        lambda: jacobian(lambda a: 1.0)(x(2)),
        TypeError,
        "jacobian: the function returned a float; a Tensor is needed, or a tuple, "
        "list or dict of them",
    ),
    (
        lambda: checkpoint(lambda a: (a, a), x(2)),
        TypeError,
        "checkpoint: the function returned a tuple; a Tensor is needed (call "
        "checkpoint once for each result)",
    ),
    (
        lambda: HalfFunction.apply(x(2), x(2)).sum().backward(),
        TypeError,
        "HalfFunction: backward returned 1 gradients; forward takes 2 arguments, "
        "and each needs one, or None",
    ),
    (
        lambda: graph("x"),
        TypeError,
        "graph: str is not a Tensor; give a Tensor",
    ),
    (
        lambda: trace(constant(2)),
        RuntimeError,
        "trace: this Tensor requires no gradient; one that was made with "
        "requires_grad=True is needed, or one that was computed from such, outside "
        "of no_grad()",
    ),
    (
        lambda: check_gradients(lambda a: a, np.ones(2, np.float32)),
        TypeError,
        "check_gradients: input 0 is float32; float64 is needed, differences of "
        "less precise numbers tell nothing: use astype(numpy.float64)",
    ),
    (
        lambda: check_gradients(lambda a: a.data, [1.0]),
        TypeError,
        "check_gradients: the function returned ndarray; it must return a Tensor",
    ),
    # NaN and infinity
    (
        lambda: anomaly(lambda: ops.log(x(2) * 0)),
        FloatingPointError,
        "detect_anomaly: log gave -inf in 2 of 2 elements, first at (0,), called at "
        "...; its operands: x has shape (2,) and lies between 0.0 and 0.0",
    ),
    (
        lambda: anomaly(lambda: ops.sqrt(x(2) * 0).sum().backward()),
        FloatingPointError,
        "detect_anomaly: the backward rule of sqrt for x gave inf in 2 of 2 "
        "elements, first at (0,): g / (2 * out), where g has shape (2,) and lies "
        "between 1.0 and 1.0; sqrt was called at ...",
    ),
]


@pytest.mark.parametrize(
    ("call", "kind", "message"), ERRORS, ids=[row[2][:40] for row in ERRORS]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, besides
def test_a_wrong_call_is_told_what_to_change(call, kind, message):
    pattern = re.escape(message).replace(re.escape("..."), ".*")

    with pytest.raises(kind) as caught:
        call()

    assert type(caught.value) is kind
    assert re.fullmatch(pattern, str(caught.value), re.DOTALL)


def test_the_table_is_as_long_as_it_should_be():
    assert len(ERRORS) >= 60
