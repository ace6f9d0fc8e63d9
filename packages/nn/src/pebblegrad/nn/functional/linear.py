"""The affine map, the part of a network that is learned, and the bilinear one."""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import fuse, op, ops, replaceable
from pebblegrad.nn._arguments import shape_of


@op
def linear(xp, x, weight, bias=None, /):
    """Affine map ``out = x @ weight.T + bias``.

    Args:
        x: shape (..., D_in).
        weight: shape (D_out, D_in).
        bias: shape (D_out,), or None.

    Returns:
        Shape (..., D_out).

    Raises:
        ValueError: if the sizes do not match.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> linear(
        ...     Tensor([[1.0, 2.0]]),
        ...     Tensor([[1.0, 0.0], [1.0, 1.0]]),
        ...     Tensor([0.5, 0.0]),
        ... )
        Tensor([[1.5, 3. ]], dtype=float32)
    """
    # One op in place of three (transpose, matmul, add): a training step of a 2-16-16-1
    # net takes two thirds of the time.
    out = matrix_product(x, weight.mT)
    if bias is None:
        return out
    if out.dtype != bias.dtype or not out.ndim:
        return out + bias
    out += bias  # the product is ours: no second array of its size
    return out


linear.backward("x", lambda g, weight: matrix_product(g, weight))
linear.backward("bias", lambda g: g)
linear.backward("weight", lambda g, x: matrix_product(as_rows(g).mT, as_rows(x)))


@linear.explain
def _(x, weight, bias=None, /):
    if not x:
        return "x is a single number; its last axis must be the features"
    if len(weight) != 2:
        return "weight must have shape (D_out, D_in)"
    if x[-1] != weight[-1]:
        return (
            f"x's last axis ({x[-1]}) must equal weight's ({weight[-1]}), "
            "the number of input features"
        )
    return f"bias must have shape ({weight[0]},)"


# With the activation behind it as one op: see `fuse`.
linear_relu = fuse(linear, ops.relu)
linear_sigmoid = fuse(linear, ops.sigmoid)
linear_tanh = fuse(linear, ops.tanh)


def matrix_product(x, matrix):
    """``x @ matrix`` as one product of all rows of ``x``, whatever its leading axes."""
    if x.ndim == 2 == matrix.ndim and type(x) is type(matrix) is np.ndarray:
        return product(x, matrix)
    if x.ndim < 3 or matrix.ndim != 2:
        return x @ matrix
    out = matrix_product(as_rows(x), matrix)
    return ops.reshape(out, (*x.shape[:-1], matrix.shape[-1]))


@replaceable
def product(x, y):
    """``x @ y`` of two of NumPy's matrices: on small ones half of the time of `@`."""
    return x.dot(y)


def as_rows(x):
    """``x`` of shape (..., D) as a matrix of rows, (N, D)."""
    if x.ndim == 2:
        return x
    return ops.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


def bilinear(x1: Any, x2: Any, weight: Any, bias: Any = None) -> Any:
    """Bilinear map ``out_k = x1 @ weight_k @ x2 + bias_k``.

    Args:
        x1: shape (..., D1).
        x2: shape (..., D2), with the same leading axes.
        weight: shape (D_out, D1, D2).
        bias: shape (D_out,), or None.

    Returns:
        Shape (..., D_out).

    Raises:
        ValueError: if the sizes do not match.

    Example:
        >>> import numpy as np
        >>> bilinear(np.array([1.0, 2.0]), np.array([3.0]), np.ones((1, 2, 1)))
        array([9.])
    """
    for name, array in {"x1": x1, "x2": x2, "weight": weight}.items():
        shape_of("bilinear", name, array)
    first, second, table = (tuple(array.shape) for array in (x1, x2, weight))
    if (
        len(table) != 3
        or first[:-1] != second[:-1]
        or first[-1:] + second[-1:] != table[1:]
    ):
        raise ValueError(
            f"bilinear: x1 has shape {first}, x2 {second} and weight {table}; (..., "
            "D1), (..., D2) and (D_out, D1, D2) are needed"
        )
    if bias is not None and tuple(getattr(bias, "shape", ())) != table[:1]:
        raise ValueError(
            f"bilinear: weight has shape {table} and bias "
            f"{tuple(getattr(bias, 'shape', ()))}; bias must have shape {table[:1]}"
        )
    out = ops.einsum("...i,kij,...j->...k", x1, weight, x2)
    return out if bias is None else ops.add(out, bias)
