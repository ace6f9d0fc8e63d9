"""The ops: differentiable functions of Tensors and arrays, named by the Array API.

This package is also the array library of Tensors (`Tensor.__array_namespace__()`
returns it): a rule that is written with `xp` runs on arrays when `xp` is NumPy, and on
Tensors when `xp` is this package.

Reading order: `arithmetic`, `exponential`, `trigonometry`, `choosing` (ops of every
element alike), `reductions`, `products`, `shaping`, `joining`, `indexing`, `creation`.
"""

from typing import Any

from pebblegrad.autograd._op import Op

from .arithmetic import (
    abs,
    add,
    astype,
    divide,
    multiply,
    negative,
    power,
    sign,
    sqrt,
    subtract,
)
from .choosing import clip, maximum, minimum, relu, where
from .creation import full_like, ones_like, zeros_like
from .exponential import exp, log, sigmoid
from .indexing import getitem, scatter
from .joining import concat, stack
from .products import matmul
from .reductions import max, mean, min, sum
from .shaping import (
    broadcast_to,
    expand_dims,
    matrix_transpose,
    permute_dims,
    reshape,
    squeeze,
    sum_to,
)
from .trigonometry import tanh


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
