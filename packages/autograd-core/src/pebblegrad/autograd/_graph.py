"""The graph to look at: public, unchanging views of the nodes behind a Tensor.

`graph` lists the values, `trace` (in `_trace.py`) the steps of a backward pass, and
`values` (in `_known.py`) the numbers. `viz` draws from these and from nothing private.
The view of a graph holds names, shapes and formulas, no arrays, so that looking at it
keeps nothing alive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ._formula import NOTHING, Helper, formula, helpers
from ._node import Node
from ._rule import Rule
from ._tensor import Tensor


class GraphNode(NamedTuple):
    """One value in a graph.

    Attributes:
        kind: "op" (the result of an op), "leaf" (a Tensor that requires a gradient and
            that no op made) or "constant" (no gradient is wanted for it).
        op: the name of the op; None unless `kind` is "op".
        label: the Tensor's label; a constant number's label is the number.
        shape: of the value.
        dtype: of the value, None for a Python number.
        parents: the op's inputs, as positions in the list that `graph` returns.
        inputs: what the op calls each of them.
        formulas: for each input, the text of its backward rule; None for a constant.
        static: the static parameters by name, with "int64 of shape (3,)" for an array;
            empty once the graph is freed.
        helpers: what the functions that the formulas call do, by name: the first
            sentence of the docstring of each.
        signatures: how these functions are called, by name: ``zero_where(x, mask)``.
    """

    kind: str
    op: str | None
    label: str | None
    shape: tuple[int, ...]
    dtype: Any
    parents: tuple[int, ...] = ()
    inputs: tuple[str, ...] = ()
    formulas: tuple[str | None, ...] = ()
    static: Mapping[str, Any] = MappingProxyType({})
    helpers: Mapping[str, str] = NOTHING
    signatures: Mapping[str, str] = NOTHING


def graph(tensor: Tensor) -> list[GraphNode]:
    """Return the graph that a Tensor was computed by, inputs before results.

    The last entry is the Tensor itself. Works before and after `backward()`. A value
    that several ops read is listed once, and so is a constant array.
    Python numbers are listed each time.

    Args:
        tensor: any Tensor; one without a graph gives a single constant.

    Raises:
        TypeError: if it is not a Tensor.

    Example:
        >>> from pebblegrad.autograd import Tensor, graph
        >>> x = Tensor([2.0], requires_grad=True, label="x")
        >>> for node in graph(x * 3):
        ...     print(node.kind, node.op, node.label, node.parents, node.formulas)
        leaf None x () ()
        constant None 3 () ()
        op multiply None (0, 1) ('g * y', None)
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"graph: {type(tensor).__name__} is not a Tensor; give a Tensor"
        )
    return _list(tensor)[0]


def _copy(array: Any) -> Any:
    array = np.asarray(array) if isinstance(array, np.generic) else array
    return array.__array_namespace__().asarray(array, copy=True)


def _list(tensor: Tensor) -> tuple[list[GraphNode], dict[Node, int]]:
    """Return the entries of a graph, and where in the list each node is."""
    places: dict[Node, int] = {}
    if tensor.node is None:
        entry = GraphNode("constant", None, tensor.label, tensor.shape, tensor.dtype)
        return [entry], places
    entries: list[GraphNode] = []
    shared: dict[Any, int] = {}
    stack = [tensor.node]
    while stack:
        node = stack[-1]
        waiting = [p for p in node.parents if p is not None and p not in places]
        if node in places:
            stack.pop()
        elif waiting:
            stack += reversed(waiting)
        else:
            stack.pop()
            entry = _view(node, places, entries, shared)
            if node.op is not None and node.op.parts:  # two ops in one: show both
                entries.append(entry)
                entry = _view_of_last(node, len(entries) - 1)
            places[node] = len(entries)
            entries.append(entry)
    return entries, places


def first_place(node: Node, place: int) -> int:
    """Return the place of the entry that has the operands of a node at `place`.

    That is the node's own, or for two ops in one that of the first.
    """
    return place - 1 if node.op is not None and node.op.parts else place


def _view_of_last(node: Node, first: int) -> GraphNode:
    """Return the view of the second of two ops in one; the first is at `first`."""
    assert node.op is not None
    assert node.op.ending is not None
    _, last = node.op.parts
    return GraphNode(
        "op",
        last.__name__,
        node.label,
        node.shape,
        node.dtype,
        (first,),
        last.inputs,
        (formula(node.op.ending.function),),
        {},
        *_helpers([node.op.ending]),
    )


def _view(
    node: Node,
    places: dict[Node, int],
    entries: list[GraphNode],
    shared: dict[Any, int],
) -> GraphNode:
    """Return the view of a node, after adding its constants to `entries`.

    Of two ops in one it is the view of the first.

    Args:
        node: what to view.
        places: where in `entries` the nodes before it are.
        entries: grows by the constants that are new.
        shared: where in `entries` the constant arrays are; grows alike.
    """
    if node.op is None:
        return GraphNode("leaf", None, node.label, node.shape, node.dtype)
    constants = iter(node.constants)
    rules = {i: rule for rule in node.rules for i in rule.inputs}
    parents, inputs, formulas = [], [], []
    for i, parent in enumerate(node.parents):
        constant = next(constants) if parent is None else None
        if parent is None and constant is None:
            continue  # an input that was left out
        inputs.append(node.op.name_of(i))
        formulas.append(None if parent is None else formula(rules[i].function))
        if parent is not None:
            parents.append(places[parent])
            continue
        if not isinstance(constant, tuple):
            parents.append(len(entries))
            entries.append(GraphNode("constant", None, repr(constant), (), None))
            continue
        shape, dtype, label, reference = constant
        # As long as one weak reference to an array is there, Python makes no second, so
        # this tells whether two are the same array, even when that is gone.
        key = (id(reference), label) if reference is not None else object()
        if key not in shared:
            shared[key] = len(entries)
            entries.append(GraphNode("constant", None, label, shape, dtype))
        parents.append(shared[key])
    one = not node.op.parts
    return GraphNode(
        "op",
        node.op.__name__ if one else node.op.parts[0].__name__,
        node.label if one else None,
        node.shape,
        node.dtype,
        tuple(parents),
        tuple(inputs),
        tuple(formulas),
        {
            name: _outline(value)
            for name, value in zip(
                node.op.static, (node.values or [])[2:], strict=False
            )
            if not name.startswith("_")  # machinery: see `Function` and `checkpoint`
        },
        *_helpers(node.rules),
    )


def _helpers(rules: Iterable[Rule]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return what the functions that rules call do, and how they are called."""
    found: dict[str, Helper] = {}
    for rule in rules:
        found |= helpers(rule.function)
    if not found:
        return NOTHING, NOTHING
    return (
        MappingProxyType({name: helper.sentence for name, helper in found.items()}),
        MappingProxyType({name: helper.signature for name, helper in found.items()}),
    )


def _outline(value: Any) -> Any:
    """Return a static parameter with words in place of arrays."""
    if isinstance(value, tuple | list):
        parts = [_outline(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.dtype} of shape {tuple(value.shape)}"
    return value
