"""The graph to look at: a public, unchanging view of the nodes behind a Tensor.

`viz` draws from this and from nothing private. The view holds names, shapes and
formulas, no values, so that looking at a graph keeps nothing alive.
"""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import textwrap
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ._node import Node
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
        static: the static parameters by name; empty once the graph is freed.
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


def graph(tensor: Tensor) -> list[GraphNode]:
    """Return the graph that a Tensor was computed by, inputs before results.

    The last entry is the Tensor itself. Works before and after `backward()`.

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
    if tensor.node is None:
        return [GraphNode("constant", None, tensor.label, tensor.shape, tensor.dtype)]
    entries: list[GraphNode] = []
    places: dict[Node, int] = {}
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
            entry = _view(node, places, entries)
            places[node] = len(entries)
            entries.append(entry)
    return entries


def _view(node: Node, places: dict[Node, int], entries: list[GraphNode]) -> GraphNode:
    """Return the view of a node, after adding its constants to `entries`."""
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
        shape, dtype, label = (
            constant if isinstance(constant, tuple) else ((), None, repr(constant))
        )
        parents.append(len(entries))
        entries.append(GraphNode("constant", None, label, shape, dtype))
    return GraphNode(
        "op",
        node.op.__name__,
        node.label,
        node.shape,
        node.dtype,
        tuple(parents),
        tuple(inputs),
        tuple(formulas),
        dict(zip(node.op.static, (node.values or [])[2:], strict=False)),
    )


@functools.cache
def formula(function: Callable[..., Any]) -> str:
    """Return the text of a backward rule as it stands in its file.

    Of a lambda that is its expression, of a function its body, without `return` if it
    is a single one.

    Args:
        function: a rule, as given to `Op.backward`.
    """
    code = getattr(function, "__code__", None)
    if code is None:  # a callable that is no function, such as a partial
        return f"{inspect.signature(function)} -> ..."
    # Typed at a prompt, or installed without sources, it has no lines to show.
    source = "".join(linecache.getlines(code.co_filename, function.__globals__))
    places = {(line, column) for line, _, column, _ in code.co_positions()}
    for found in ast.walk(ast.parse(source)):
        if isinstance(found, ast.Lambda):
            if (found.body.lineno, found.body.col_offset) in places:
                return ast.get_source_segment(source, found.body) or ""
        elif isinstance(found, ast.FunctionDef):
            decorators = [decorator.lineno for decorator in found.decorator_list]
            if min([found.lineno, *decorators]) == code.co_firstlineno:
                return _body(found, source)
    return f"{inspect.signature(function)} -> ..."


def _body(function: ast.FunctionDef, source: str) -> str:
    """Return the text of a function without signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value:
        return ast.get_source_segment(source, body[0].value) or ""
    lines = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    return textwrap.dedent("\n".join(lines))
