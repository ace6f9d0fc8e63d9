"""The graph to look at: public, unchanging views of the nodes behind a Tensor.

`graph` lists the values, `trace` the steps of a backward pass, and `values` (in
`_known.py`) the numbers. `viz` draws from these and from nothing private. The view of a
graph holds names, shapes and formulas, no arrays, so that looking at it keeps nothing
alive.
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

import numpy as np

from . import _engine
from ._broadcasting import sum_to
from ._namespace import cast
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
    return _list(tensor)[0]


class Step(NamedTuple):
    """One step of a backward pass: one formula, applied.

    Attributes:
        node: the value that the gradient came in for, as a position in `graph(tensor)`.
        parent: the value that the result is for, as such a position.
        op: the name of the op that made `node`.
        input: what the op calls `parent`.
        formula: the text of the rule.
        g: the gradient that came in, as an array.
        result: the gradient that goes to `parent`, as an array. The gradient of
            `parent` is the sum of all that go there.
        operands: what else the formula names: arrays, static parameters, `in_shape`.
        rule: the formula as a function of ``g`` alone; see `apply`.
    """

    node: int
    parent: int
    op: str
    input: str
    formula: str
    g: Any
    result: Any
    operands: Mapping[str, Any]
    rule: Callable[[Any], Any]

    def apply(self, g: Any, *, summed: bool = True) -> Any:
        """Return what the formula makes of another incoming gradient.

        With zeros but for a one this is a local derivative: how one element of the
        result depends on each element of the input.

        Args:
            g: an array of the shape and dtype of `Step.g`.
            summed: whether it is summed back over the axes that broadcasting made, to
                the shape and dtype of `result`, as the engine does; False for what
                stands in the formula alone.

        Raises:
            ValueError: if `g` has another shape.

        Example:
            >>> import numpy as np
            >>> from pebblegrad.autograd import Tensor, trace
            >>> x = Tensor(3.0, requires_grad=True)
            >>> (step,) = trace(x * np.array([1.0, 2.0], np.float32), [1.0, 1.0])
            >>> step.apply(step.g, summed=False), step.result
            (array([1., 2.], dtype=float32), array(3., dtype=float32))
        """
        g = np.asarray(g) if isinstance(g, float | np.generic) else g
        if g.shape != self.g.shape:
            raise ValueError(
                f"apply: g has shape {tuple(g.shape)}; the gradient that comes in at "
                f"this step has shape {tuple(self.g.shape)}, and that is needed"
            )
        made = _copy(self.rule(g))
        if not summed:
            return made
        xp = made.__array_namespace__()
        return cast(xp, sum_to(xp, made, tuple(self.result.shape)), self.result.dtype)

    def __str__(self) -> str:
        """Say it in a line: `multiply: gradient of x = g * y = [3.]`."""
        formula = " ".join(self.formula.split())
        shown = np.array2string(np.asarray(self.result), separator=", ", threshold=10)
        return f"{self.op}: gradient of {self.input} = {formula} = {shown}"


def trace(tensor: Tensor, gradient: Any = None) -> list[Step]:
    """Return the backward pass from a Tensor as a list of steps, to print or to draw.

    Nothing is changed: no `.grad` is written, and the graph can still be used by
    `backward()`. Hooks are called, as `backward` calls them.

    Args:
        tensor: where the pass starts.
        gradient: its gradient; may be left out if it has a single element.

    Raises:
        TypeError: if it is no Tensor.
        RuntimeError: if there is no graph, or it was used and freed before.
        ValueError: as `Tensor.backward` does.

    Example:
        >>> from pebblegrad.autograd import Tensor, trace
        >>> x = Tensor([2.0], requires_grad=True)
        >>> for step in trace((x * 3).exp()):
        ...     print(step)
        exp: gradient of x = g * out = [403.42877]
        multiply: gradient of x = g * y = [1210.2864]
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"trace: {type(tensor).__name__} is not a Tensor; give a Tensor"
        )
    root = tensor._tracked("trace")
    places = _list(tensor)[1]
    steps: list[Step] = []

    def watch(node: Node, i: int, rule: Rule, g: Any, result: Any) -> None:
        parent = node.parents[i]
        assert node.op is not None
        assert parent is not None
        assert node.values is not None
        operands = [_copied(operand) for operand in rule.operands((g, *node.values))]
        steps.append(
            Step(
                places[node],
                places[parent],
                node.op.__name__,
                node.op.name_of(i),
                formula(rule.function),
                _copy(g),
                _copy(result),
                {
                    name: value
                    for name, value in zip(rule.names, operands, strict=True)
                    if name not in ("g", "xp") and not name.startswith("_")
                },
                functools.partial(_apply, rule, operands, rule.inputs.index(i)),
            )
        )

    start = tensor._start(gradient)._array
    _engine.gradients(root, start, retain_graph=True, watch=watch)
    return steps


def _apply(rule: Rule, operands: list[Any], which: int, g: Any) -> Any:
    """Return what a rule says for one of its inputs, with `g` for what came in."""
    named = zip(rule.names, operands, strict=True)
    result = rule.function(*[g if name == "g" else value for name, value in named])
    return result[which] if rule.joint else result


def _copied(operand: Any) -> Any:
    """Return an operand that the caller may write into; what is no array as it is."""
    if type(operand) in (list, tuple):
        return type(operand)(_copied(part) for part in operand)
    return _copy(operand) if hasattr(operand, "__array_namespace__") else operand


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
    return entries, places


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
            constant[:3] if isinstance(constant, tuple) else ((), None, repr(constant))
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
        {
            name: _outline(value)
            for name, value in zip(
                node.op.static, (node.values or [])[2:], strict=False
            )
            if not name.startswith("_")  # machinery: see `Function` and `checkpoint`
        },
    )


def _outline(value: Any) -> Any:
    """Return a static parameter with words in place of arrays."""
    if isinstance(value, tuple | list):
        parts = [_outline(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.dtype} of shape {tuple(value.shape)}"
    return value


@functools.cache
def formula(function: Callable[..., Any]) -> str:
    """Return the text of a backward rule as it stands in its file.

    Of a lambda that is its expression, of a function its body, without `return` if it
    is a single one.

    Args:
        function: a rule, as given to `Op.backward`.
    """
    function = getattr(function, "shown_as", function)  # see `Function`
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
