"""A backward pass to look at: its steps, each a formula with its numbers.

The engine walks the graph as it does for `backward`, and is watched. What an input that
wants no gradient would get, the engine does not compute; `trace` can do so afterwards,
by the same rule, for those who ask what a result depends on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from . import _engine
from ._broadcasting import sum_to
from ._formula import formula
from ._graph import GraphNode, _copy, _list, first_place
from ._known import _given, values
from ._namespace import cast, kind
from ._node import Node
from ._rule import Rule
from ._tensor import Tensor


class Step(NamedTuple):
    """One step of a backward pass: one formula, applied.

    Attributes:
        node: the value that the gradient came in for, as a position in `graph(tensor)`.
        parent: the value that the result is for, as such a position.
        op: the name of the op that made `node`.
        input: what the op calls `parent`.
        formula: the text of the rule.
        returned: which of how many gradients that the formula returns is the one for
            `parent`: ``(0, 3)`` is the first of three. None if it returns only that.
        g: the gradient that came in, as an array.
        result: the gradient that goes to `parent`, as an array. The gradient of
            `parent` is the sum of all that go there.
        operands: what else the formula names: arrays, static parameters, `in_shape`.
        rule: the formula as a function of ``g`` alone; see `apply`.
        total: the gradient of `parent` once all has arrived there, as its hooks have
            left it; of a leaf what `backward()` adds to `.grad`. None for a constant.
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
    total: Any = None
    returned: tuple[int, int] | None = None

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


def trace(
    tensor: Tensor, gradient: Any = None, *, constants: bool = False
) -> list[Step]:
    """Return the backward pass from a Tensor as a list of steps, to print or to draw.

    Nothing is changed: no `.grad` is written, and the graph can still be used by
    `backward()`. Hooks are called, as `backward` calls them.

    Args:
        tensor: where the pass starts.
        gradient: its gradient; may be left out if it has a single element.
        constants: whether steps are added, behind those of the pass, that say what
            constant arrays of floats would get: those that are still known, and for
            which there is a rule that names nothing but what is known.

    Raises:
        TypeError: if it is no Tensor.
        RuntimeError: if there is no graph, or it was used and freed before; with
            `constants` also as `values` does.
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
    entries, places = _list(tensor)
    steps: list[Step] = []
    complete: dict[int, Any] = {}  # the gradient of each value, after its hooks
    came_in: dict[Node, Any] = {}

    def watch(node: Node, i: int | None, rule: Rule, g: Any, result: Any) -> None:
        assert node.values is not None
        step = _step(node, places[node], i, rule, g, result, node.values)
        if i is None:
            at = first_place(node, places[node])
        else:
            parent = node.parents[i]
            assert parent is not None
            at = places[parent]
            came_in[node] = step.g
        steps.append(step._replace(parent=at))
        complete.setdefault(step.node, step.g)

    start = tensor._start(gradient)._array
    results = _engine.gradients(root, start, retain_graph=True, watch=watch)
    for leaf, result in results.items():
        complete.setdefault(places[leaf], _copy(result))
    steps = [step._replace(total=complete.get(step.parent)) for step in steps]
    if constants:
        known = values(tensor)
        for node, g in came_in.items():
            steps += _to_constants(node, places[node], entries, known, g)
    return steps


def _step(
    node: Node,
    place: int,
    i: int | None,
    rule: Rule,
    g: Any,
    result: Any,
    kept: list[Any],
) -> Step:
    """Return the step from a node to its input `i`, which is still to be placed.

    Of two ops in one it is a step of the first, or with None for `i` of the second.
    """
    op = node.op
    assert op is not None
    if i is None:
        op, i = op.parts[1], 0
    elif op.parts:
        op, place = op.parts[0], first_place(node, place)
    operands = [_copied(operand) for operand in rule.operands((g, *kept))]
    return Step(
        place,
        place,
        op.__name__,
        op.name_of(i),
        formula(rule.function),
        _copy(g),
        _copy(result),
        {
            name: value
            for name, value in zip(rule.names, operands, strict=True)
            if name not in ("g", "xp") and not name.startswith("_")
        },
        functools.partial(_apply, rule, operands, rule.inputs.index(i)),
        returned=_returned(rule, i, operands),
    )


def _returned(rule: Rule, i: int, operands: list[Any]) -> tuple[int, int] | None:
    """Return which of how many gradients that a formula returns is for input `i`."""
    if not rule.joint:
        return None
    which, count = rule.inputs.index(i), len(rule.inputs)
    if "_ctx" in rule.names:  # a `Function`: it returns one for each argument
        needs = operands[rule.names.index("_ctx")].needs_input_grad
        which = [k for k, wanted in enumerate(needs) if wanted][which]
        count = len(needs)
    return (which, count) if count > 1 else None


def _to_constants(
    node: Node, place: int, entries: list[GraphNode], known: list[Any], g: Any
) -> list[Step]:
    """Return the steps to the constant arrays among the inputs of a node."""
    op, kept = node.op, node.values
    assert op is not None
    assert kept is not None
    if any(name.startswith("_") for name in op.static):
        return []  # a rule of the user's, made for what requires a gradient
    first = first_place(node, place)
    found = dict(zip(_given(node), entries[first].parents, strict=True))
    inputs = [known[found[i]] if i in found else None for i in range(len(node.parents))]
    shapes = [getattr(array, "shape", ()) for array in inputs]
    full = [kept[0], known[first], *kept[2 : 2 + len(op.static)]]
    full += [inputs, shapes] if op.variadic else [*inputs, *shapes]
    steps = []
    for i, at in found.items():
        rule = op.rules.get(op.inputs[0 if op.variadic else i])
        if node.parents[i] is not None or rule is None:
            continue
        array: Any = inputs[i]
        if getattr(array, "dtype", None) is None or kind(array) != "f":
            continue  # a number, an array of integers, or gone
        named = [known[first] if "out" in rule.names else g]
        named += [
            inputs[j] for j in found if op.inputs[0 if op.variadic else j] in rule.names
        ]
        if any(operand is None for operand in named):
            continue  # nothing holds it any more
        if op.variadic:
            rule = rule.for_all(len(inputs))
        with np.errstate(all="ignore"):  # nobody asked for this gradient
            made = rule.run(g, full)
            made = made[rule.inputs.index(i)] if rule.joint else made
            xp = g.__array_namespace__()
            result = cast(xp, sum_to(xp, made, shapes[i]), array.dtype)
        step = _step(node, place, i, rule, g, result, full)
        steps.append(step._replace(parent=at))
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
