"""The backward pass: walk the graph from a result to the leaves and apply the rules.

The engine does everything that a rule is spared: it runs only the rules whose gradient
somebody wants, in an order in which each gradient is complete before it is used; it
sums a gradient over the axes that broadcasting made, casts it to the dtype of its
value, adds gradients that meet, and lets go of what the graph kept. It never recurses,
so a graph may be as deep as memory allows.

The rules run on plain arrays: no Tensor exists in a backward pass. With `create_graph`
the same rules run on Tensors, which record a graph of the pass itself: that is all
there is to gradients of gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _anomaly, _tensor  # the modules: some import this one
from ._broadcasting import sum_to
from ._modes import enable_grad, modes
from ._namespace import NUMBERS, cast
from ._node import Node
from ._rule import Rule
from ._writes import noted, refuse_written

if TYPE_CHECKING:
    from ._op import Op

# Told of each step: the node, the position of the input (None for what is between two
# ops that `fuse` made one), its rule, what came in, and the gradient that goes there.
Watch = Callable[[Node, int | None, Rule, Any, Any], None]


def gradients(
    root: Node,
    g: Any,
    *,
    inputs: Collection[Node] | None = None,
    create_graph: bool = False,
    retain_graph: bool = False,
    watch: Watch | None = None,
) -> dict[Node, Any]:
    """Return the gradients of the leaves under `root`, and of nodes that retain theirs.

    Args:
        root: the node to start from.
        g: its gradient, of its shape and dtype: an array, or a Tensor with
            `create_graph`.
        inputs: the nodes whose gradients are wanted, in place of those. Nothing else is
            computed, what is behind them is not walked, and their hooks are not called.
        create_graph: run the rules on Tensors, so that the results have a graph.
        retain_graph: keep what the graph keeps, for another backward pass.
        watch: called with every step of the pass, as `trace` needs it.

    Returns:
        The gradients by node: arrays, or Tensors with `create_graph`. No array of a
        leaf is shared with anything, so it may be written into.

    Raises:
        RuntimeError: if a part of the graph was used and freed before, or an array that
            it keeps was written into.
    """
    if modes.anomaly:
        watch = _anomaly.watched(watch)
    between = None if inputs is None else _between(root, frozenset(inputs))
    options = (inputs or (), between, create_graph, retain_graph, watch)
    if create_graph:
        with enable_grad():
            return _walk(root, g, *options)
    return _walk(root, g, *options)


def _walk(
    root: Node,
    g: Any,
    inputs: Collection[Node],
    between: frozenset[Node] | None,
    create_graph: bool,
    retain_graph: bool,
    watch: Watch | None,
) -> dict[Node, Any]:
    # A value is made before all that is made of it. So the newest node of those that a
    # gradient has arrived at has got all of its gradient, and is next.
    arrived = {root: g}
    heap = [(-root.serial, root)] if between is None or root in between else []
    results: dict[Node, Any] = {}
    anomaly = modes.anomaly
    while heap:
        node = heappop(heap)[1]
        g = arrived.pop(node)
        if isinstance(g, np.generic):  # what NumPy makes of 0-d results
            g = np.asarray(g)
        is_input = node in inputs
        hooks = () if is_input else node.hooks  # as they are now: one may remove itself
        for hook in hooks:
            g = _run_hook(hook, g, node, create_graph)
        if anomaly:
            _anomaly.check_gradient(node, g)
        if is_input:
            results[node] = _array(g)
            continue
        if node.op is None:
            is_the_users = hooks or node is root
            results[node] = _array(_own(g, g, []) if is_the_users else g)
            continue
        if node.retains_grad and not inputs:
            results[node] = _array(_own(g, g, []))
        values = node.values
        if values is None:
            raise RuntimeError(
                "backward: this graph was already used and freed (at "
                f"{node.op.__name__}), by a pass that ended or failed; compute it "
                "again, or call backward(retain_graph=True) the first time"
            )
        if noted:
            refuse_written(node)
        if not retain_graph:
            node.values = None
        if create_graph:
            values = _lift(node, values, g)
        ending = node.op.ending
        if ending is not None:  # two ops in one: see `fuse`
            result = ending.run(g, values)
            if (
                type(result) is not np.ndarray
                or result.shape != node.shape
                or result.dtype is not node.dtype
            ):
                result = _fit(result, node, node.op.parts[1], 0)
            if watch is not None:
                watch(node, None, ending, g, result)
            if not retain_graph:
                values[1] = None  # as large as what comes in, and not needed any more
            g = result
        parents = node.parents
        for rule in node.rules:
            if between is not None:
                if between.isdisjoint([parents[i] for i in rule.inputs]):
                    continue
            result = rule.run(g, values)
            one = ((rule.inputs[0], result),)
            for i, gradient in _each(result, rule, node) if rule.joint else one:
                parent = parents[i]
                if parent is None or (between is not None and parent not in between):
                    continue
                if (
                    type(gradient) is not np.ndarray
                    or gradient.shape != parent.shape
                    or gradient.dtype is not parent.dtype
                ):
                    gradient = _fit(gradient, parent, node.op, i)
                if watch is not None:
                    watch(node, i, rule, g, gradient)
                if parent in arrived:
                    arrived[parent] = arrived[parent] + gradient
                elif parent in results:
                    results[parent] = _array(results[parent] + gradient)
                elif parent.op is None and not parent.hooks and not anomaly:
                    results[parent] = _own(gradient, g, values)  # just add up
                else:
                    if parent.op is None or parent in inputs:  # it will be the user's
                        gradient = _own(gradient, g, values)
                    arrived[parent] = gradient
                    heappush(heap, (-parent.serial, parent))
        del values  # free them before the next node's rules run
    return results


def _between(root: Node, inputs: frozenset[Node]) -> frozenset[Node]:
    """Return the nodes that lie on a way from `root` to one of `inputs`, with both."""
    children: dict[Node, list[Node]] = {root: []}
    stack = [root]
    while stack:
        node = stack.pop()
        for parent in () if node in inputs else node.parents:
            if parent in children:
                children[parent].append(node)
            elif parent is not None:
                children[parent] = [node]
                stack.append(parent)
    found: set[Node] = set()
    stack = [node for node in inputs if node in children]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack += children[node]
    return frozenset(found)


def _each(result: Any, rule: Rule, node: Node) -> list[tuple[int, Any]]:
    """Return the places of inputs, and the gradient for each that a joint rule gave."""
    assert node.op is not None
    if not isinstance(result, tuple | list) or len(result) != len(rule.inputs):
        names = ", ".join(node.op.name_of(i) for i in rule.inputs)
        what = f"{len(result)} of them" if isinstance(result, tuple | list) else "one"
        raise TypeError(
            f"{node.op.__name__}: the backward rule for {names} returned {what}; "
            f"a gradient for each was needed, {len(rule.inputs)} in a tuple or list"
        )
    arrays = [gradient for gradient in result if hasattr(gradient, "shape")]
    if len(set(map(id, arrays))) < len(arrays):  # one array for two
        result = [g + 0 if hasattr(g, "shape") else g for g in result]
    return list(zip(rule.inputs, result, strict=True))


def _fit(gradient: Any, parent: Node, op: Op, i: int) -> Any:
    """Return the gradient in its value's dtype, summed to its value's shape."""
    xp: Any = np
    if type(gradient) is not np.ndarray:
        gradient = _array(gradient)
        if not hasattr(gradient, "__array_namespace__"):
            raise TypeError(
                f"{op.__name__}: the backward rule for {op.name_of(i)} "
                f"returned {gradient!r}; an array of shape {parent.shape} was needed"
            )
        xp = gradient.__array_namespace__()
    if gradient.shape != parent.shape:
        try:
            gradient = sum_to(xp, gradient, parent.shape)
        except ValueError:
            raise ValueError(
                f"{op.__name__}: the backward rule for {op.name_of(i)} "
                f"returned shape {tuple(gradient.shape)}; the input has shape "
                f"{parent.shape}, and the gradient must have that shape or one that it "
                "was broadcast to"
            ) from None
    if gradient.dtype is not parent.dtype:
        gradient = cast(xp, gradient, parent.dtype)
    return _array(gradient)


def _own(gradient: Any, g: Any, values: list[Any]) -> Any:
    """Return the gradient, or a copy if its memory is shared with something else.

    Rules may return `g`, an operand or a view of one: that is fine on the way, but a
    leaf's gradient belongs to the user, who may write into it.
    """
    if type(gradient) is np.ndarray and gradient.base is None:  # the usual case, fast
        if gradient is g:
            return gradient.copy()
        for value in values:
            if value is gradient:
                return gradient.copy()
            if type(value) is list and any(part is gradient for part in value):
                return gradient.copy()
        return gradient
    if isinstance(gradient, np.generic):  # NumPy's 0-d results: nobody can write there
        return gradient
    if isinstance(gradient, np.ndarray):
        # A view, often one that is turned: in rows, which is how most parameters lie.
        # An optimizer whose arrays lie in different ways takes up to 16 times as long.
        return gradient.copy()
    if not isinstance(gradient, _tensor.Tensor):  # another library's
        return gradient.__array_namespace__().asarray(gradient, copy=True)
    array = gradient._array  # which the gradient's own graph may keep
    copy = array.__array_namespace__().asarray(array, copy=True)
    return _tensor.wrap(copy, gradient.node)


def _array(g: Any) -> Any:
    """Return a gradient as an array, where NumPy made a scalar of a 0-d result."""
    return np.asarray(g) if isinstance(g, np.generic) else g


def _lift(node: Node, values: list[Any], g: Any) -> list[Any]:
    """Return `values` with every array as the Tensor, with its node, that it was."""
    assert node.op is not None
    lifted = list(values)
    lifted[0] = g.__array_namespace__()
    if values[1] is not None:
        lifted[1] = _tensor.wrap(values[1], node)
    first = 2 + len(node.op.static)
    inputs = (
        values[first] if node.op.variadic else values[first : first + len(node.parents)]
    )
    if inputs is not None:
        tensors = [
            x if x is None or isinstance(x, NUMBERS) else _tensor.wrap(x, parent)
            for x, parent in zip(inputs, node.parents, strict=True)
        ]
        lifted[first : first + len(node.op.inputs)] = (
            [tensors] if node.op.variadic else tensors
        )
    return lifted


def _run_hook(
    hook: Callable[[Any], Any], g: Any, node: Node, create_graph: bool
) -> Any:
    """Return the gradient after a hook has seen it."""
    result = hook(g if create_graph else _tensor.wrap(_array(g), None))
    if result is None:
        return g
    result = result if isinstance(result, _tensor.Tensor) else _tensor.Tensor(result)
    if result.shape != node.shape:
        raise ValueError(
            f"register_hook: a hook returned a gradient of shape {result.shape}; "
            f"the Tensor has shape {node.shape}, and the two must be equal"
        )
    result = result.astype(node.dtype)
    return result if create_graph else result._array
