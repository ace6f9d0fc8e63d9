"""`detect_anomaly()`: where did the first NaN or infinity appear?

The ops and the engine come here only inside that block. A node gets the line that
called its op, so that a fault in the backward pass can be traced to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _tensor  # the module: it imports others that import this one
from ._formula import formula
from ._modes import modes
from ._source import users_place
from ._writes import note_kept

if TYPE_CHECKING:
    from ._engine import Watch
    from ._node import Node
    from ._op import Op
    from ._rule import Rule


def check_result(op: Op, out: Any, arrays: Sequence[Any]) -> None:
    """Look at the result of an op.

    Raises:
        FloatingPointError: if there is a NaN or an infinity in it.
    """
    fault = _fault(out)
    if fault is None:
        return
    operands = [
        f"{op.name_of(i)} {_describe(array)}"
        for i, array in enumerate(arrays)
        if array is not None
    ]
    raise FloatingPointError(
        f"detect_anomaly: {op.__name__} gave {fault}, called at {users_place()}; its "
        f"operands: {', '.join(operands)}"
    )


def remember(node: Node) -> None:
    """Remember which line called an op, and what the node's arrays hold now."""
    node.place = users_place()
    note_kept(node)


def check_gradient(node: Node, g: Any) -> None:
    """Look at a complete gradient: a sum may overflow, and a hook return anything.

    Raises:
        FloatingPointError: if there is a NaN or an infinity in it.
    """
    fault = _fault(g)
    if fault is not None:
        of = f"the result of {node.op.__name__}" if node.op else "a leaf"
        label = f" {node.label!r}" if node.label is not None else ""
        raise FloatingPointError(
            f"detect_anomaly: the gradient of {of}{label} is {fault}: it was given to "
            "backward(), returned by a hook, or is the sum of finite gradients"
        )


def watched(watch: Watch | None) -> Watch:
    """Return a watch that looks at every gradient, and then calls the one given."""

    def look(node: Node, i: int | None, rule: Rule, g: Any, gradient: Any) -> None:
        fault = _fault(gradient)
        if fault is not None:
            assert node.op is not None
            op, i = (node.op.parts[1], 0) if i is None else (node.op, i)
            text = " ".join(formula(rule.function).split())
            place = node.place
            called = f"called at {place}" if place else "called outside detect_anomaly"
            raise FloatingPointError(
                f"detect_anomaly: the backward rule of {op.__name__} for "
                f"{op.name_of(i)} gave {fault}: {text}, where g "
                f"{_describe(g)}; {node.op.__name__} was {called}"
            )
        if watch is not None:
            watch(node, i, rule, g, gradient)

    return look


def _fault(value: Any) -> str | None:
    """Return what is wrong with an array, in words, or None."""
    array = _numpy(value)
    if array.dtype.kind != "f":
        return None
    bad = np.isnan(array) if modes.anomaly == "nan" else ~np.isfinite(array)
    count = int(np.count_nonzero(bad))
    if not count:
        return None
    first = np.unravel_index(int(np.argmax(bad)), bad.shape)
    where = tuple(int(i) for i in first)
    of = f" in {count} of {bad.size} elements, first at {where}" if where else ""
    return f"{array[first]}{of}"


def _describe(value: Any) -> str:
    """Return shape and range of an array, for a message."""
    array = _numpy(value)
    if not array.shape:
        return f"is {array}"
    if not array.size:
        return f"has shape {array.shape}"
    low, high = array.min(), array.max()
    return f"has shape {array.shape} and lies between {low} and {high}"


def _numpy(value: Any) -> Any:
    """Return an array of any library, or a Tensor's, as NumPy's."""
    is_tensor = isinstance(value, _tensor.Tensor)
    return np.asarray(value._array if is_tensor else value)
