"""Products of matrices and vectors.

`matmul` is the product that networks are made of, and `vecdot` that of single vectors.
`dot`, `inner`, `outer` and `tensordot` say which axes meet; the general form, and
`einsum`, are in `contraction.py`.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
import operator
from typing import Any

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._op import op

from ._operands import shape_of
from .arithmetic import multiply
from .contraction import contract
from .shaping import reshape


@op
def matmul(xp, x, y, /):
    """Matrix product ``x @ y`` over the last two axes; the axes before are broadcast.

    A vector ``x`` counts as a row, a vector ``y`` as a column; the axis that this adds
    is dropped from the result.

    Args:
        x: shape (..., M, K) or (K,).
        y: shape (..., K, N) or (K,).

    Returns:
        Shape (..., M, N), without M or N where a vector was given.

    Raises:
        ValueError: if the two sizes K differ, or an operand is a single number.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.matmul(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 10.0]))
        Tensor([21., 43.], dtype=float32)
    """
    return xp.matmul(x, y)


@matmul.backward("x")
def _(xp, g, in_shape, y):
    return matmul(g, y.mT) if stacks(y, in_shape) else of_vector_x(xp, g, in_shape, y)


@matmul.backward("y")
def _(xp, g, x, in_shape):
    return matmul(x.mT, g) if stacks(x, in_shape) else of_vector_y(xp, g, x, in_shape)


def stacks(array, in_shape):
    """Whether both have two axes or more, as matrices and stacks of them do."""
    return array.ndim > 1 and len(in_shape) > 1


def of_vector_x(xp, g, in_shape, y):
    """``g @ y.mT``, after a vector ``x`` became a row, or a vector ``y`` a column."""
    if y.ndim == 1:
        g = xp.expand_dims(g, axis=-1)  # (..., M, 1)
        y = xp.expand_dims(y, axis=-1)  # (K, 1)
    if len(in_shape) == 1:
        g = xp.expand_dims(g, axis=-2)  # (..., 1, N)
    return g @ y.mT


def of_vector_y(xp, g, x, in_shape):
    """``x.mT @ g``, after a vector ``x`` became a row, or a vector ``y`` a column."""
    if len(in_shape) == 1:
        g = xp.expand_dims(g, axis=-1)  # (..., M, 1)
    if x.ndim == 1:
        g = xp.expand_dims(g, axis=-2)  # (..., 1, N)
        x = xp.expand_dims(x, axis=0)  # (1, K)
    gradient = x.mT @ g
    return xp.squeeze(gradient, axis=-1) if len(in_shape) == 1 else gradient


@matmul.explain
def _(x, y, /):
    for name, shape in (("x", x), ("y", y)):
        if not shape:
            return f"{name} is a single number; use multiply, or give it an axis"
    which = "last axis" if len(y) == 1 else "second-to-last"
    k, other = x[-1], y[-1 if len(y) == 1 else -2]
    if k != other:
        return f"x's last axis ({k}) must equal y's {which} ({other})"
    return explain_broadcasting(x[:-2], y[:-2])


@op
def vecdot(xp, x, y, /, axis=-1):
    """Sum of products along one axis; the other axes are broadcast.

    Args:
        x: shape (..., K), where K stands at `axis`.
        y: shape (..., K), which broadcasts with that of ``x`` but for K.
        axis: the axis of the vectors, counted in each operand by itself; from the end,
            as in -1, unless both have as many axes.

    Returns:
        The common shape without `axis`.

    Raises:
        ValueError: if the two sizes K differ, there is no such axis, or the other axes
            do not broadcast.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.vecdot(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 10.0]))
        Tensor([21., 43.], dtype=float32)
    """
    x_ndim, y_ndim = (len(getattr(array, "shape", ())) for array in (x, y))
    if not -min(x_ndim, y_ndim) <= axis < min(x_ndim, y_ndim):
        raise ValueError(f"there is no axis {axis} in both")
    if axis >= 0 and x_ndim != y_ndim:
        raise ValueError("the numbers of axes differ: count from the end, as in -1")
    return xp.vecdot(x, y, axis=axis - x_ndim if axis >= 0 else axis)


# In a product with the other operand, the axis that `g` lacks has its place again.
vecdot.backward("x", lambda xp, g, y, axis: xp.expand_dims(g, axis=axis) * y)
vecdot.backward("y", lambda xp, g, x, axis: xp.expand_dims(g, axis=axis) * x)


@vecdot.explain
def _(x, y, /, axis=-1):
    ndim = min(len(x), len(y))
    if not isinstance(axis, int) or not -ndim <= axis < ndim:
        return None
    if axis >= 0 and len(x) != len(y):
        return None
    if x[axis] != y[axis]:
        return f"axis {axis} has sizes {x[axis]} and {y[axis]}, which must be equal"
    before, y_before = (s[: len(s) + axis if axis < 0 else axis] for s in (x, y))
    behind = x[axis:][1:], y[axis:][1:]
    return explain_broadcasting((*before, 1, *behind[0]), (*y_before, 1, *behind[1]))


def dot(x, y, /) -> Any:
    """NumPy's dot: the sum of products over the last axis of ``x`` and one of ``y``.

    That is the inner product of two vectors, and the product of two matrices. Stacks of
    matrices are not taken pair by pair, as `matmul` does: the result has the axes of
    both stacks. A single number multiplies.

    Args:
        x: shape (..., K), or ().
        y: shape (..., K, N), (K,) or ().

    Returns:
        The axes of ``x`` without the last, then those of ``y`` without K.

    Raises:
        ValueError: if the two sizes K differ.
        TypeError: if an operand is no Tensor or array.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.dot(Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))
        Tensor(11., dtype=float32)
    """
    return _over_one_axis("dot", x, y, -2)


def inner(x, y, /) -> Any:
    """NumPy's inner: the sum of products over the last axis of both.

    Args:
        x: shape (..., K), or () for a number that multiplies.
        y: shape (..., K), or (); the other axes are not broadcast: the result has all.

    Returns:
        The axes of ``x`` without the last, then those of ``y`` without the last.

    Raises:
        ValueError: if the two sizes K differ.
        TypeError: if an operand is no Tensor or array.
    """
    return _over_one_axis("inner", x, y, -1)


def _over_one_axis(who, x, y, axis):
    """Sum over the last axis of `x` and `axis` of `y`, the only one if it has one."""
    x_shape, y_shape = shape_of(who, x), shape_of(who, y)
    if not x_shape or not y_shape:
        return multiply(x, y)
    axis = axis if len(y_shape) > 1 else -1
    if x_shape[-1] != y_shape[axis]:
        which = "last axis" if axis == -1 else "second-to-last"
        raise ValueError(
            f"{who}: x has shape {x_shape} and y has shape {y_shape}; x's last axis "
            f"({x_shape[-1]}) must equal y's {which} ({y_shape[axis]})"
        )
    return _over_pairs(x, y, [(len(x_shape) - 1, axis % len(y_shape))])


def outer(x, y, /) -> Any:
    """All products of an element of ``x`` and one of ``y``.

    Args:
        x: M elements. As in NumPy, an array with several axes is flattened (the Array
            API and PyTorch take vectors only).
        y: N elements.

    Returns:
        Shape (M, N).

    Raises:
        TypeError: if an operand is no Tensor or array.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.outer(Tensor([1.0, 2.0]), Tensor([1.0, 10.0]))
        Tensor([[ 1., 10.],
                [ 2., 20.]], dtype=float32)
    """
    rows, columns = math.prod(shape_of("outer", x)), math.prod(shape_of("outer", y))
    return multiply(reshape(x, (rows, 1)), reshape(y, (1, columns)))


def tensordot(x, y, /, axes=2) -> Any:
    """Sum of products over pairs of axes, one of ``x`` and one of ``y`` in each.

    Args:
        x: any shape.
        y: any shape.
        axes: how many: so many last axes of ``x`` and as many first ones of ``y``, in
            their order. Or which: the axes of ``x`` and those of ``y`` as two lists (or
            two ints, for one pair).

    Returns:
        The axes of ``x`` that were not summed over, then those of ``y``.

    Raises:
        ValueError: if the sizes of a pair differ, there is no such axis, an axis is
            named twice, or the lists have not the same length.
        TypeError: if an operand is no Tensor or array, or an axis no int.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x, y = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 10.0])
        >>> ops.tensordot(x, y, axes=([0], [0]))
        Tensor([31., 42.], dtype=float32)
    """
    shapes = shape_of("tensordot", x), shape_of("tensordot", y)
    given = f"tensordot: x has shape {shapes[0]} and y has shape {shapes[1]}"
    try:
        pairs = _pairs(axes, *map(len, shapes))
    except TypeError:
        raise TypeError(
            f"tensordot: axes is {axes!r}; an int is needed, or two lists of ints"
        ) from None
    except ValueError as error:
        raise ValueError(f"{given}, axes={axes}; {error}") from None
    for a, b in pairs:
        if shapes[0][a] != shapes[1][b]:
            raise ValueError(
                f"{given}, axes={axes}; x's axis {a} ({shapes[0][a]}) must equal y's "
                f"axis {b} ({shapes[1][b]})"
            )
    return _over_pairs(x, y, pairs)


def _pairs(axes, x_ndim, y_ndim):
    """Return the pairs of axes, counted from 0, that `axes` of `tensordot` means."""
    if hasattr(axes, "__index__"):
        count = operator.index(axes)
        if not 0 <= count <= min(x_ndim, y_ndim):
            raise ValueError(f"both have from 0 to {min(x_ndim, y_ndim)} axes to sum")
        return [(x_ndim - count + i, i) for i in range(count)]
    if len(axes) != 2:
        raise ValueError("two lists are needed, one for x and one for y")
    of_both = []
    for some, ndim in zip(axes, (x_ndim, y_ndim), strict=True):
        found = [operator.index(a) for a in ([some] if _is_int(some) else some)]
        for a in found:
            if not -ndim <= a < ndim:
                raise ValueError(f"there is no axis {a} among {ndim}")
        of_both.append([a % ndim for a in found])
        if len(set(of_both[-1])) < len(found):
            raise ValueError("an axis is named twice")
    if len(of_both[0]) != len(of_both[1]):
        raise ValueError("as many axes of x as of y are needed")
    return list(zip(*of_both, strict=True))


def _is_int(value):
    return hasattr(value, "__index__")


def _over_pairs(x, y, pairs):
    """Sum the products of `x` and `y` over pairs of axes, which are as long."""
    of_x = list(range(x.ndim))
    of_y = list(range(x.ndim, x.ndim + y.ndim))
    for a, b in pairs:
        of_y[b] = a
    summed = [a for a, _ in pairs]
    kept = [a for a in of_x + of_y if a not in summed]
    return contract(x, y, tuple(of_x), tuple(of_y), tuple(kept))
