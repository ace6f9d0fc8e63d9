"""The graph to look at: lists of the values and of the steps of a backward pass.

`graph` lists what a Tensor was computed from, `values` the numbers, `kept_gradients`
what `backward` has left, and `trace` (in `_trace.py`) the steps of a backward pass.
They are what the functions of these names in pebblegrad.autograd are for arrays, so
that the same pictures can be drawn. The formulas are read from the text of `tensor.py`
(see `_formulas.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ._derivatives import check_derivatives
from .tensor import Tensor

if TYPE_CHECKING:
    from ._formulas import Rule

NOTHING: Mapping[str, str] = MappingProxyType({})


class GraphNode(NamedTuple):
    """One value in a graph.

    Attributes:
        kind: "op" (an operation made it), "leaf" (a Tensor that you made) or "constant"
            (a plain number in a formula).
        op: the name of the operation, such as "+"; None unless `kind` is "op".
        label: the Tensor's label; of a constant the number; None if there is none.
        shape: always (), that of a single number.
        dtype: "float" or "int"; None for a constant.
        parents: what it was computed from, as positions in the list of `graph`.
        inputs: what the formulas call each of them.
        formulas: for each of them the text of the gradient; None for a constant.
        static: always empty.
        helpers: what the functions that the formulas call do, by name.
    """

    kind: str
    op: str | None
    label: str | None
    shape: tuple[int, ...]
    dtype: str | None
    parents: tuple[int, ...] = ()
    inputs: tuple[str, ...] = ()
    formulas: tuple[str | None, ...] = ()
    static: Mapping[str, object] = NOTHING
    helpers: Mapping[str, str] = NOTHING


def graph(tensor: Tensor) -> list[GraphNode]:
    """Return the graph that a Tensor was computed by, inputs before results.

    An operation of your own is shown with the number of each derivative, ``g * dx1``;
    and so is one of ours whose operands were assigned since it ran, as then the numbers
    of its formulas are gone.

    Args:
        tensor: any Tensor; it is the last entry.

    Raises:
        TypeError: if it is not a Tensor.

    Example:
        >>> from pebblegrad.scalar import Tensor, graph
        >>> x = Tensor(2.0, label="x")
        >>> for node in graph(x * 3):
        ...     print(node.kind, node.op, node.label, node.parents, node.formulas)
        leaf None x () ()
        constant None 3 () ()
        op * None (0, 1) ('g * y', None)
    """
    nodes = listed(tensor, "graph")
    places = {node: place for place, node in enumerate(nodes)}
    entries = []
    for node in nodes:
        what = kind(node)
        entry = GraphNode(
            what,
            node._op if what == "op" else None,
            str(node.data) if what == "constant" else node.label or None,
            (),
            None if what == "constant" else type(node.data).__name__,
        )
        if what == "op":
            rule = rule_of(node)
            entry = entry._replace(
                parents=tuple(places[child] for child in node._children),
                inputs=rule.inputs,
                helpers=rule.helpers,
                formulas=tuple(
                    None if kind(child) == "constant" else formula
                    for child, formula in zip(
                        node._children, rule.formulas, strict=True
                    )
                ),
            )
        entries.append(entry)
    return entries


def values(tensor: Tensor) -> list[float]:
    """Return the number of each entry of `graph(tensor)`.

    Args:
        tensor: any Tensor.

    Raises:
        TypeError: if it is not a Tensor.
        RuntimeError: if a number was assigned after an operation had read it, so that
            the values do not belong together.

    Example:
        >>> from pebblegrad.scalar import Tensor, values
        >>> values(Tensor(2.0) * 3 + 1)
        [2.0, 3, 6.0, 1, 7.0]
    """
    nodes = listed(tensor, "values")
    check_unchanged(nodes, "values")
    return [node.data for node in nodes]


def kept_gradients(tensor: Tensor) -> list[float | None]:
    """Return what `.grad` holds at each entry of `graph(tensor)`.

    Args:
        tensor: any Tensor.

    Returns:
        A number for each entry, 0 where no `backward` came by; None for a constant.

    Raises:
        TypeError: if it is not a Tensor.

    Example:
        >>> from pebblegrad.scalar import Tensor, kept_gradients
        >>> y = Tensor(2.0) * 3
        >>> y.backward()
        >>> kept_gradients(y)
        [3, None, 1]
    """
    nodes = listed(tensor, "kept_gradients")
    return [None if kind(node) == "constant" else node.grad for node in nodes]


def listed(tensor: Tensor, who: str) -> list[Tensor]:
    """Return all values of a graph, each after what it was computed from."""
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"{who}: tensor is a {type(tensor).__name__}; a Tensor of "
            "pebblegrad.scalar was needed, such as the loss"
        )
    found: dict[Tensor, None] = {}  # as a set, but in order
    order = tensor._in_order()
    check_derivatives(order)
    for node in order:
        found |= dict.fromkeys(node._children)
        found[node] = None
    return list(found) or [tensor]


def kind(node: Tensor) -> str:
    """Return what `GraphNode.kind` says."""
    if node._children:
        return "op"
    return "constant" if node._op == "constant" else "leaf"


def rule_of(node: Tensor) -> Rule:
    """Return the rule of the operation that made a value.

    An operation of one's own may have the name of one of ours. Its derivatives are
    others, so our formulas are not shown for it.
    """
    rule = _rule(node._op, node)
    if rule.again is None:
        return rule
    again = _done_again(rule.again, node)
    if again is not None and all(map(_same, again._derivatives, node._derivatives)):
        return rule
    return _rule("", node)


def check_unchanged(nodes: list[Tensor], who: str) -> None:
    """Do each operation again, on the numbers of now, and compare.

    Raises:
        RuntimeError: if one has another result.
    """
    for node in nodes:
        operation = _rule(node._op, node).again if node._children else None
        if operation is None:
            continue
        again = _done_again(operation, node)
        if again is None or not _same(again.data, node.data):
            raise RuntimeError(
                f"{who}: {node._op} has another result now than when it ran: a number "
                "was assigned since; look at a graph before its parameters or data are "
                "changed, or compute it again. If it is an operation of your own, give "
                f"it another name than {node._op!r}"
            )


def _rule(op: str, node: Tensor) -> Rule:
    # Only here, for reading sources takes modules that most programs never need.
    from ._formulas import rule_for

    return rule_for(op, len(node._children))


def _done_again(operation: Callable[..., Tensor], node: Tensor) -> Tensor | None:
    """Do an operation of ours on the numbers of now; None if it has no result."""
    try:
        return operation(*[Tensor(child.data) for child in node._children])
    except ValueError:
        return None


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))
