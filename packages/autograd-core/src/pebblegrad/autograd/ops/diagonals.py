"""Triangles and diagonals of matrices.

All work on the last two axes, as linear algebra does; the axes before are a stack of
matrices. `tril` and `triu` are their own rule, `diagonal` and `diag_embed` are each
other's.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from typing import Any

from pebblegrad.autograd._op import op

from ._axes import one_axis
from ._operands import shape_of
from .reductions import sum


@op
def tril(xp, x, /, k=0):
    """The lower triangle: zeros above a diagonal.

    Args:
        x: shape (..., M, N).
        k: the last diagonal to keep; 0 is the main one, positive ones are above it
            (PyTorch's `diagonal`).

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if ``x`` has fewer than two axes (NumPy makes a matrix of one).

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.tril(Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[1., 0.],
                [3., 4.]], dtype=float32)
    """
    _need_matrix(x)
    return xp.tril(x, k=k)


@op
def triu(xp, x, /, k=0):
    """The upper triangle: zeros below a diagonal.

    Args:
        x: shape (..., M, N).
        k: the first diagonal to keep; 0 is the main one, positive ones are above it
            (PyTorch's `diagonal`).

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if ``x`` has fewer than two axes (NumPy makes a matrix of one).
    """
    _need_matrix(x)
    return xp.triu(x, k=k)


tril.backward("x", lambda xp, g, k: xp.tril(g, k=k))
triu.backward("x", lambda xp, g, k: xp.triu(g, k=k))


@op
def diagonal(xp, x, /, offset=0, axis1=-2, axis2=-1):
    """The elements of a diagonal, as the last axis; on NumPy's arrays a view.

    Its rule is `diag_embed`.

    Args:
        x: two axes or more.
        offset: which diagonal: element ``i`` of it is ``x[..., i, i + offset]``.
        axis1: the axis of the rows. NumPy's default, and PyTorch's, are the first two
            axes; here they are the last two, as in their `linalg.diagonal`.
        axis2: the axis of the columns.

    Returns:
        Shape (..., L): the other axes, and the length of the diagonal, which is 0 for
        one outside of the matrix.

    Raises:
        ValueError: if there are no such two axes.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.diagonal(Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([1., 4.], dtype=float32)
    """
    order = _matrix_last(len(getattr(x, "shape", ())), axis1, axis2)
    return xp.linalg.diagonal(xp.permute_dims(x, order), offset=offset)


@op
def diag_embed(xp, x, /, offset=0, axis1=-2, axis2=-1, shape=None):
    """Zeros with ``x`` on a diagonal.

    Its rule is `diagonal`: of all matrices that have ``x`` as that diagonal it is the
    one with nothing else.

    Args:
        x: shape (..., L).
        offset: which diagonal; ``x[..., i]`` becomes the element ``[..., i, i +
            offset]``.
        axis1: the axis of the rows in the result.
        axis2: the axis of the columns.
        shape: of the result, whose diagonal must have length L; None gives the square
            matrix that has.

    Returns:
        Shape (..., M, N) with the last axis of ``x`` drawn out into a matrix.

    Raises:
        ValueError: if there are no such two axes, or ``x`` does not fill the diagonal.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.diag_embed(Tensor([1.0, 2.0]))
        Tensor([[1., 0.],
                [0., 2.]], dtype=float32)
    """
    if not getattr(x, "shape", ()):
        raise ValueError("x must have an axis, the length of the diagonal")
    *batch, length = x.shape
    order = _matrix_last(len(batch) + 2, axis1, axis2)
    if shape is None:
        rows = columns = length + abs(offset)
    else:
        if len(shape) != len(order):
            raise ValueError(f"a shape of {len(order)} axes is needed")
        *others, rows, columns = [shape[axis] for axis in order]
        count = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
        if (others, length) != (batch, count):
            raise ValueError(f"that diagonal has shape {(*others, count)}")
    # Along the flat matrix the elements of a diagonal are columns + 1 places apart.
    start = offset if offset >= 0 else -offset * columns
    places = slice(start, start + length * (columns + 1), columns + 1)
    out = xp.zeros((*batch, rows * columns), dtype=x.dtype)
    out[..., slice(*places.indices(rows * columns))] = x
    out = xp.reshape(out, (*batch, rows, columns))
    return xp.permute_dims(out, tuple(sorted(range(len(order)), key=order.__getitem__)))


@diagonal.backward("x")
def _(g, in_shape, offset, axis1, axis2):
    return diag_embed(g, offset, axis1, axis2, in_shape)


@diag_embed.backward("x")
def _(g, offset, axis1, axis2):
    return diagonal(g, offset, axis1, axis2)


def trace(x, /, offset=0, axis1=-2, axis2=-1) -> Any:
    """The sum of the elements of a diagonal.

    Args:
        x: two axes or more.
        offset: which diagonal; see `diagonal`.
        axis1: the axis of the rows. NumPy's default are the first two axes; here they
            are the last two, as in its `linalg.trace`.
        axis2: the axis of the columns.

    Returns:
        The shape of ``x`` without these two axes.

    Raises:
        ValueError: if there are no such two axes.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.trace(Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor(5., dtype=float32)
    """
    shape_of("trace", x)
    rows, columns = one_axis("trace", x, axis1), one_axis("trace", x, axis2)
    if rows == columns:
        raise ValueError(
            f"trace: x has shape {tuple(x.shape)}, axis1={axis1}, axis2={axis2}; two "
            "different axes are needed"
        )
    return sum(diagonal(x, offset, rows, columns), axis=-1)


def _need_matrix(x):
    if len(getattr(x, "shape", ())) < 2:  # a number has no shape
        raise ValueError("two axes or more are needed")


def _matrix_last(ndim, axis1, axis2):
    """Return the order of the axes that puts `axis1` and `axis2` last."""
    for axis in (axis1, axis2):
        if not -ndim <= axis < ndim:
            raise ValueError(f"there is no axis {axis} among {ndim}")
    rows, columns = axis1 % ndim, axis2 % ndim
    if rows == columns:
        raise ValueError("two different axes are needed")
    others = [axis for axis in range(ndim) if axis not in (rows, columns)]
    return (*others, rows, columns)
