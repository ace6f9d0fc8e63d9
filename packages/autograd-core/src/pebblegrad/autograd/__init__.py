"""Automatic differentiation of NumPy programs, to any order.

A `Tensor` is an array that remembers how it was computed; `backward()` walks that graph
back and leaves the gradient in `.grad`. An op is a forward function and one readable
formula per input; the engine does the rest.

Reading order: `_node.py` (what the graph is made of), `_op.py` and `_rule.py` (how an
op is declared and called), `ops/arithmetic.py` (what rules look like), `_engine.py`
(the backward pass), `_value.py` and `_tensor.py` (what users hold), then the other
`ops/`, `_record.py` and `_functional.py` (gradients as functions), `_graph.py`,
`_known.py` and `_trace.py` (the graph to look at), `testing.py` (how gradients are
checked). The README names the rest.
"""

from . import ops
from ._checkpoint import checkpoint
from ._function import Function
from ._functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from ._fuse import fuse
from ._graph import GraphNode, graph
from ._kernels import kernel_for, replaceable
from ._known import kept_gradients, values
from ._modes import (
    default_dtype,
    detect_anomaly,
    enable_grad,
    get_default_dtype,
    is_grad_enabled,
    no_grad,
    set_default_dtype,
)
from ._op import Op, op
from ._random import generator, manual_seed
from ._tensor import Tensor
from ._trace import Step, trace

__all__ = [
    "Function",
    "GraphNode",
    "Op",
    "Step",
    "Tensor",
    "checkpoint",
    "default_dtype",
    "detect_anomaly",
    "enable_grad",
    "fuse",
    "generator",
    "get_default_dtype",
    "grad",
    "graph",
    "hessian",
    "hvp",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "kept_gradients",
    "kernel_for",
    "manual_seed",
    "no_grad",
    "op",
    "ops",
    "replaceable",
    "set_default_dtype",
    "trace",
    "value_and_grad",
    "values",
    "vjp",
]
