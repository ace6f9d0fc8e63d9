"""The ops: differentiable functions of Tensors and arrays, named by the Array API.

This package is also the array library of Tensors (`Tensor.__array_namespace__()`
returns it): a rule that is written with `xp` runs on arrays when `xp` is NumPy, and on
Tensors when `xp` is this package.

Reading order: `elementwise`, `reductions`, `linalg`, `shaping`, `indexing`, `creation`.
"""

from typing import Any

from pebblegrad.autograd._op import Op

from .creation import full_like, ones_like, zeros_like
from .elementwise import (
    abs,
    add,
    astype,
    clip,
    divide,
    exp,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    relu,
    sigmoid,
    sign,
    sqrt,
    subtract,
    tanh,
    where,
)
from .indexing import getitem, scatter
from .linalg import matmul
from .reductions import max, mean, min, sum
from .shaping import (
    broadcast_to,
    concat,
    expand_dims,
    matrix_transpose,
    permute_dims,
    reshape,
    squeeze,
    stack,
    sum_to,
)


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"ops: there is no op {name}; a rule that uses xp.{name} has gradients of "
        "first order only, until an op of that name is declared and used in its place"
    )


__all__ = [
    "Op",
    "abs",
    "add",
    "astype",
    "broadcast_to",
    "clip",
    "concat",
    "divide",
    "exp",
    "expand_dims",
    "full_like",
    "getitem",
    "log",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "negative",
    "ones_like",
    "permute_dims",
    "power",
    "relu",
    "reshape",
    "scatter",
    "sigmoid",
    "sign",
    "sqrt",
    "squeeze",
    "stack",
    "subtract",
    "sum",
    "sum_to",
    "tanh",
    "where",
    "zeros_like",
]
