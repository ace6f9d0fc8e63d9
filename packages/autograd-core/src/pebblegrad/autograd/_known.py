"""The numbers behind a graph: what it keeps, what is alive, what follows from these.

A graph keeps only what its formulas name, so most values are not in it. But a leaf
belongs to a Tensor that is usually still there, a constant to an array, and whatever
an op made can be made again, by the same forward from the same operands. That is done
here, for those who want to look: nothing is kept alive for it while a graph is made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._graph import _copy, _list, first_place
from ._node import Node
from ._tensor import Tensor


def values(tensor: Tensor) -> list[Any]:
    """Return the value of each node of `graph(tensor)`, as far as it is still known.

    Known is what the graph keeps for its formulas, a leaf or a constant whose Tensor or
    array is still alive, and what an op makes of known operands: it is computed again.
    After `backward()` has freed the graph, only leaves, constants and the result are.

    Args:
        tensor: any Tensor.

    Returns:
        For each entry of ``graph(tensor)`` a copy of its array, a Python number for a
        constant that is one, or None where the value is gone.

    Raises:
        TypeError: if it is not a Tensor.
        RuntimeError: if an operand was written into after an op had read it, so that
            the values do not belong together.

    Example:
        >>> from pebblegrad.autograd import Tensor, values
        >>> x = Tensor([2.0], requires_grad=True)
        >>> values(x * 3 + 1)
        [array([2.], dtype=float32), 3, array([6.], dtype=float32), 1,
         array([7.], dtype=float32)]
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"values: {type(tensor).__name__} is not a Tensor; give a Tensor"
        )
    entries, places = _list(tensor)
    found: list[Any] = [None] * len(entries)
    if tensor.node is None:
        return [_copy(tensor._array)]
    operands = {
        node: dict(
            zip(_given(node), entries[first_place(node, place)].parents, strict=True)
        )
        for node, place in places.items()
    }
    for node, place in places.items():
        _collect(node, place, operands[node], found)
    found[-1] = tensor._array
    for node, place in places.items():
        if node.op is not None and node.values is not None:
            _compute(node, place, operands[node], found)
    return [_copy(value) if hasattr(value, "shape") else value for value in found]


def kept_gradients(tensor: Tensor) -> list[Any]:
    """Return what `.grad` holds at each node of `graph(tensor)`.

    That is what `backward()` has added up at the leaves, and at Tensors with
    `retain_grad()`, in all passes since it was last set to None or zero. It is still
    there when the graph is freed.

    Args:
        tensor: any Tensor.

    Returns:
        For each entry of ``graph(tensor)`` a copy of its gradient as an array, or None.

    Raises:
        TypeError: if it is not a Tensor.

    Example:
        >>> from pebblegrad.autograd import Tensor, kept_gradients
        >>> x = Tensor([2.0], requires_grad=True)
        >>> y = x * x
        >>> y.backward()
        >>> kept_gradients(y)
        [array([4.], dtype=float32), None]
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"kept_gradients: {type(tensor).__name__} is not a Tensor; give a Tensor"
        )
    entries, places = _list(tensor)
    found: list[Any] = [None] * len(entries)
    for node, place in places.items():
        if node.grad is not None:
            found[place] = _copy(node.grad._array)
    return found


def _given(node: Node) -> list[int]:
    """Return the positions of the inputs that were not left out."""
    constants = iter(node.constants)
    return [
        i
        for i, parent in enumerate(node.parents)
        if parent is not None or next(constants) is not None
    ]


def _collect(
    node: Node, place: int, operands: dict[int, int], found: list[Any]
) -> None:
    """Put down what is known of a node and its operands without computing."""
    if node.op is None:
        holder = node.holder() if node.holder is not None else None
        if holder is not None and holder.node is node:
            found[place] = holder._array
        return
    constants = iter(node.constants)
    for i, parent in enumerate(node.parents):
        constant = next(constants) if parent is None else None
        if isinstance(constant, tuple):
            alive = constant[3]() if constant[3] is not None else None
            if alive is not None:
                found[operands[i]] = alive
        elif parent is None and i in operands:
            found[operands[i]] = constant
    if node.values is None:
        return
    if node.values[1] is not None:
        found[place] = node.values[1]
    first = 2 + len(node.op.static)
    kept = node.values[first] if node.op.variadic else node.values[first:]
    for i, at in operands.items():
        if kept is not None and kept[i] is not None:
            found[at] = kept[i]


def _compute(
    node: Node, place: int, operands: dict[int, int], found: list[Any]
) -> None:
    """Run the forward of an op again; if its result is known, compare the two."""
    assert node.op is not None
    assert node.values is not None
    if any(name.startswith("_") for name in node.op.static):
        return  # user's code, which is not to be called again: see `Function`
    if any(found[at] is None for at in operands.values()):
        return
    arrays = [
        found[operands[i]] if i in operands else None for i in range(len(node.parents))
    ]
    xp, static = node.values[0], node.values[2 : 2 + len(node.op.static)]
    first, *last = node.op.parts or [node.op]
    forward = first.forward_for(xp)
    out = forward(xp, *arrays, **dict(zip(first.static, static, strict=True)))
    for op in last:
        found[place - 1] = out
        out = op.forward_for(xp)(xp, out)
    out = np.asarray(out) if isinstance(out, np.generic) else out
    if found[place] is None:
        found[place] = out
    elif not _agree(found[place], out):
        raise RuntimeError(
            f"values: {node.op.__name__}, of shape {node.shape}, has another result "
            "now than when it ran: an operand was written into since; look at a graph "
            "before its parameters or data are changed, or compute it again"
        )


def _agree(kept: Any, again: Any) -> bool:
    """Say whether two results are one, but for the rounding of sums."""
    kept, again = np.asarray(kept), np.asarray(again)
    if kept.shape != again.shape:
        return False
    if kept.dtype.kind != "f":
        return bool(np.array_equal(kept, again))
    slack = float(np.sqrt(np.finfo(kept.dtype).eps))
    scale = float(np.max(np.abs(kept), initial=0.0, where=np.isfinite(kept)))
    with np.errstate(invalid="ignore"):
        close = np.isclose(again, kept, rtol=slack, atol=slack * scale, equal_nan=True)
    return bool(close.all())
