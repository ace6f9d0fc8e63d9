"""The usual call of an op, written out as a function with the op's own parameters.

`Op.call` takes every call that there is: it looks at each argument, binds the static
parameters, and has the words for what is wrong. Nearly all calls are usual ones, with
Tensors of NumPy arrays and plain numbers, and of a small network's time most would go
into being ready for the others. So when an op is called for the first time, a function
is written for it that knows how many inputs and which parameters there are. It computes
what `Op.call` would, or hands the call over to it. For ``subtract(xp, x, y, /)``:

    def subtract(x=missing, y=missing, /, *more, **unknown):
        if more or unknown or modes.anomaly:
            return general(op, (x, y), (), more, unknown)
        x_kind = type(x)
        if x_kind is Tensor:
            x_array = x._array
            x_node = x.node
            ...
        try:
            out = forward(np, x_array, y_array)
        except Exception as error:
            op.fail(error, [x_array, y_array], {})
        if x_node is None and y_node is None or not modes.recording or ...:
            ...
        return wrap(out, Node(op, (x_node, y_node), ...))

`source(op)` returns the whole text.
"""

from __future__ import annotations

import inspect
import keyword
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _tensor  # the module: it imports this one before its class exists
from ._modes import modes
from ._namespace import NUMBERS
from ._node import Node
from ._writes import noted, stamp

if TYPE_CHECKING:
    from ._op import Op

# What the text uses besides: its own variables, and what Python has built in.
_LOCALS = (
    "more",
    "unknown",
    "out",
    "out_dtype",
    "wanted",
    "rules",
    "constants",
    "values",
    "error",
)
_OF_INPUTS = ("{}_kind", "{}_array", "{}_node", "keep_{}")
_BUILT_IN = ("type", "isinstance", "getattr", "Exception", "float", "int")
_MISSING = type("_Missing", (), {"__repr__": lambda self: "missing"})()


def usual_call(op: Op) -> Callable[..., Any]:
    """Return the function that an op is called by from now on."""
    forward, last = op.forward_for(np), None
    if op.parts and forward is op.forward:  # no kernel does both at once
        forward, last = [part.forward_for(np) for part in op.parts]
    names = {
        "__name__": __name__,  # else its lines would be taken for the user's
        "op": op,
        "forward": forward,
        "last": last,
        "general": general,
        "constant": constant,
        "missing": _MISSING,
        "default": op.defaults,
        "plans": op.plans,
        "Tensor": _tensor.Tensor,
        "wrap": _tensor.wrap,
        "Node": Node,
        "modes": modes,
        "noted": noted,
        "stamp": stamp,
        "np": np,
        "ndarray": np.ndarray,
    }
    used = {*names, *_LOCALS, *_BUILT_IN, "keep_out"}
    used |= {form.format(x) for form in _OF_INPUTS for x in op.inputs}
    if op.variadic or used & {*op.inputs, *op.static, _name(op)}:
        return op.call
    text = source(op, last is not None)
    exec(compile(text, f"<the usual call of {op.__name__}>", "exec"), names)
    written: Callable[..., Any] = names[_name(op)]
    return written


def source(op: Op, with_last: bool = False) -> str:
    """Return the text of that function.

    Args:
        op: the op.
        with_last: whether it calls one forward behind the other: see `fuse`.
    """
    inputs, static = op.inputs, op.static
    parameters = [
        f"{x}={'None' if default is None else 'missing'}"
        for x, default in zip(inputs, op.optional, strict=True)
    ]
    parameters += ["/", *(f"{s}={_default(op, s)}" for s in static)]
    arguments = f"op, {_tuple(inputs)}, {_tuple(static)}, more, unknown"
    hand_over = f"return general({arguments})"
    unusual = ["more", "unknown", "modes.anomaly"]
    unusual += [f"{s} is missing" for s in static if _default(op, s) == "missing"]
    unusual += [f"type({s}) is Tensor" for s in static]
    lines = [
        f"def {_name(op)}({', '.join(parameters)}, *more, **unknown):",
        f"    if {' or '.join(unusual)}:",
        f"        {hand_over}",
    ]
    for x, optional in zip(inputs, op.optional, strict=True):
        lines += _look_at(x, optional is None, hand_over)
    arrays = [f"{x}_array" for x in inputs]
    nodes = [f"{x}_node" for x in inputs]
    given = ", ".join(["np", *arrays, *(f"{s}={s}" for s in static)])
    named = ", ".join(f"{s!r}: {s}" for s in static)
    none_wanted = " and ".join(f"{node} is None" for node in nodes)
    no_tensor = " and ".join(f"{x}_kind is not Tensor" for x in inputs)
    kept = ["np", "out if keep_out else None", *static]
    kept += [f"{x}_array if keep_{x} else None" for x in inputs]
    if op.keeps_shapes:
        kept += [f"getattr({array}, 'shape', ())" for array in arrays]
    flags = ", ".join(["keep_out", *(f"keep_{x}" for x in inputs)])
    lines += [
        "    try:",
        f"        out = forward({given})",
        *(["        out = last(np, out)"] if with_last else []),
        "    except Exception as error:",
        f"        op.fail(error, [{', '.join(arrays)}], {{{named}}})",
        f"    if {none_wanted} and {no_tensor}:",
        "        return out",
        "    if type(out) is not ndarray:",
        "        if not isinstance(out, np.generic):",
        f"            {hand_over}",
        "        out = np.asarray(out)",
        f"    if {none_wanted} or not modes.recording:",
        "        return wrap(out, None)",
        "    out_dtype = out.dtype",
        "    if out_dtype.kind != 'f':",
        "        if out_dtype.kind == 'c':",
        f"            {hand_over}",
        "        return wrap(out, None)",
        f"    wanted = {_tuple(f'{node} is not None' for node in nodes)}",
        f"    rules, {flags} = plans.get(wanted) or op.plan(wanted)",
        "    constants = ()",
    ]
    for x in inputs:
        lines += [
            f"    if {x}_node is None:",
            f"        constants += (constant({x}, {x}_array),)",
        ]
    lines += [
        f"    values = [{', '.join(kept)}]",
        f"    parents = {_tuple(nodes)}",
        "    node = Node(op, parents, rules, values, out.shape, out_dtype, constants)",
        "    if noted:",
        "        stamp(node)",
        "    return wrap(out, node)",
    ]
    return "\n".join(lines) + "\n"


def _look_at(x: str, is_optional: bool, hand_over: str) -> list[str]:
    """Return the lines that find the array and the node of one input."""
    lines = [
        f"    {x}_kind = type({x})",
        f"    if {x}_kind is Tensor:",
        f"        {x}_array = {x}._array",
        f"        if type({x}_array) is not ndarray:",
        f"            {hand_over}",
        f"        {x}_node = {x}.node",
    ]
    usual = f"{x}_kind is float or {x}_kind is int"
    if is_optional:
        usual = f"{x} is None or {usual}"
    return [
        *lines,
        f"    elif {usual} or ({x}_kind is ndarray and {x}.dtype.kind in 'fiub'):",
        f"        {x}_array = {x}",
        f"        {x}_node = None",
        "    else:",
        f"        {hand_over}",
    ]


def general(
    op: Op,
    inputs: tuple[Any, ...],
    static: tuple[Any, ...],
    more: tuple[Any, ...],
    unknown: dict[str, Any],
) -> Any:
    """Hand a call over to `Op.call`, with what was given and nothing else."""
    given = [value for value in inputs if value is not _MISSING]
    if more:
        return op.call(*given, *static, *more, **unknown)
    named = zip(op.static, static, strict=True)
    named_values = {s: value for s, value in named if value is not _MISSING}
    return op.call(*given, **named_values, **unknown)


def constant(value: Any, array: Any) -> Any:
    """Return what the graph shall show of an input that wants no gradient.

    The weak reference keeps nothing alive: `values` looks through it.
    """
    if array is None or isinstance(array, NUMBERS):
        return array
    weakly = weakref.ref(array) if type(array) is np.ndarray else None
    return array.shape, array.dtype, getattr(value, "label", None), weakly


def _name(op: Op) -> str:
    """Return what the function is called, in Python's own messages too."""
    name = op.forward.__name__
    taken = not name.isidentifier() or keyword.iskeyword(name)
    return "usual" if taken else name


def _default(op: Op, static: str) -> str:
    """Return the text of the default of a static parameter."""
    if op.defaults[static] is inspect.Parameter.empty:
        return "missing"
    return f"default[{static!r}]"


def _tuple(items: Any) -> str:
    """Return the text of a tuple of these texts."""
    return "(" + "".join(f"{item}, " for item in items).rstrip() + ")"
