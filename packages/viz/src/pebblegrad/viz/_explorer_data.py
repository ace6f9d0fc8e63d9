"""What the explorer's page tells, all of it: the values, the steps, and every number.

The page computes nothing. It gets the graph from `graph`, the numbers of the forward
pass from `values`, those of the backward pass from `trace`, and here they become a list
of steps, each with a sentence, what comes in, what goes out, and what a gradient is
before and after it. Gradients are added up in the engine's order and dtype, so that the
last sum is to the bit what `backward()` leaves in `.grad`.

The data, in which an array is a number: its place in `arrays` (see `Pool`).

- `helpers`: the functions that the formulas call, by name, each with `signature` and
  `sentence`: how it is called, and what it does;
- node: `kind`, `op`, `name`, `static` (its parameters as one text), `parameters` (each
  with `name`, `text` and `parts`, the arrays in it), `shape`, `dtype`, `size` (how many
  elements), `parents`, `inputs`, `formulas`, `value`, `shortValue`, `gradient` (as
  hooks left it), `knownAt`, `arrivals` and `elements`: views of some of `size`
  elements (see `open_elements`, also for the `constants` in a view);
- step: `kind` ("given", "op", "start", "gradient"), `node`, `sentence`; of an op
  `formula`, `operands`, `result`; of a gradient `parent`, `input`, `way`, `formula`,
  `returned` (which of several gradients it returns is meant, in words; "" for the
  only one), `g`, `hooked` (whether a hook made `g` of what had arrived), `operands`,
  `raw` and `axes` (before a sum over axes), `result`, `before`, `total`, `turn`, `of`
  (the sum), and `hook`: what a hook of the leaf made of the last `total`, or null;
- operand: `name`, `node`, `array` or else `text`, and `parts`: the arrays inside of
  what is none itself, such as an index, each with `name` and `array`.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pebblegrad.autograd import GraphNode, Step
from pebblegrad.viz._boxes import static_text
from pebblegrad.viz._explorer_drawing import draw
from pebblegrad.viz._explorer_elements import open_elements
from pebblegrad.viz._explorer_numbers import Pool, as_numpy, shape_text, short_text
from pebblegrad.viz._explorer_parameters import (
    LONGEST_TEXT,
    arrays_in,
    plain,
    static_parameters,
)
from pebblegrad.viz._explorer_words import (
    call,
    count,
    gradient_words,
    is_number,
    listed,
    summed_axes,
    which_of,
)
from pebblegrad.viz._graph_reading import walk_of
from pebblegrad.viz._printable import printable

LONGEST_NAME = 40


def tell(
    loss: Any, nodes: Sequence[GraphNode], gradient: Any, most: int
) -> dict[str, Any]:
    """Return the data of the page, ready for JSON.

    Args:
        loss: where the pass begins.
        nodes: its graph.
        gradient: its gradient, or None for a 1.
        most: how many elements of an array are shown.

    Returns:
        `nodes`, `steps`, `helpers`, `arrays` (see the head of this file) and `drawing`
        (see `draw`).

    Raises:
        RuntimeError, ValueError: as `trace` and `values` do.
    """
    walk = walk_of(loss, "tell")
    trail, beside = _steps(walk, loss, nodes, gradient)
    known = walk.values(loss)
    names = _names(nodes)
    pool = Pool(most)
    root = len(nodes) - 1
    start = _start(gradient, trail, known[root])
    arrivals, totals = _add_up(trail, len(nodes))
    parameters = static_parameters(nodes, trail, pool)
    steps = [_given(nodes, names)]
    steps += [
        _forward(number, node, names, known, pool)
        for number, node in enumerate(nodes)
        if node.kind == "op"
    ]
    computed_at = {step["node"]: i for i, step in enumerate(steps) if i}
    seed_at = len(steps)
    steps.append(_seed(root, names, start, pool))
    # For each value: at which steps its gradient changes, and to what.
    growth = [[(seed_at + 1 + i, totals[i]) for i in found] for found in arrivals]
    growth[root] = [(seed_at, start)]
    final = [sums[-1][1] if sums else None for sums in growth]
    for step in trail:  # what a hook returned is what went on
        final[step.node] = step.g
    for i, step in enumerate(trail):
        told = _backward(step, nodes[step.node], names, pool)
        came = arrivals[step.node]
        told["hooked"] = bool(came) and not _same(totals[came[-1]], step.g)
        reached = arrivals[step.parent]
        _tell_sum(told, i, reached, totals, pool)
        if i == reached[-1] and nodes[step.parent].kind == "leaf":
            final[step.parent] = _tell_hook(told, step, totals[i], names, pool)
            growth[step.parent][-1] = (seed_at + 1 + i, final[step.parent])
        steps.append(told)
    views = open_elements(nodes, known, final, trail, beside, most)
    return {
        "nodes": [
            {
                "kind": node.kind,
                "op": node.op,
                "name": names[number],
                "static": static_text(node.static, LONGEST_TEXT),
                "parameters": parameters[number],
                "shape": shape_text(node.shape),
                "dtype": "" if node.dtype is None else str(node.dtype),
                "size": math.prod(node.shape),
                "parents": list(node.parents),
                "inputs": list(node.inputs),
                "formulas": list(node.formulas),
                "value": pool.add(known[number]),
                "shortValue": _short(known[number]),
                "gradient": pool.add(final[number]),
                "knownAt": computed_at.get(number, 0),
                "arrivals": [[at, pool.add(g), _short(g)] for at, g in growth[number]],
                "elements": views[number],
            }
            for number, node in enumerate(nodes)
        ],
        "steps": steps,
        "helpers": _helpers(nodes),
        "arrays": pool.entries,
        "drawing": draw(nodes, names),
    }


def _steps(
    walk: Any, loss: Any, nodes: Sequence[GraphNode], gradient: Any
) -> tuple[list[Step], list[Step]]:
    """Return the steps of the pass, and those that constants would get."""
    # Of a constant of one element it is known what takes part.
    if all(math.prod(n.shape) == 1 for n in nodes if n.kind == "constant"):
        return walk.trace(loss, gradient), []
    steps = walk.trace(loss, gradient, constants=True)
    wanted = [nodes[step.parent].kind != "constant" for step in steps]
    trail = [step for step, is_wanted in zip(steps, wanted, strict=True) if is_wanted]
    return trail, steps[len(trail) :]


def _names(nodes: Sequence[GraphNode]) -> list[str]:
    """Return what each value is called: its label, or what made it and its place.

    The place also tells apart what has the same label, but for plain numbers, which are
    the same.
    """
    names = [
        printable(node.label or (node.op if node.op else node.kind), LONGEST_NAME)
        for node in nodes
    ]
    labels = Counter(
        name
        for node, name in zip(nodes, names, strict=True)
        if node.label and node.dtype is not None
    )
    for number, node in enumerate(nodes):
        if not node.label or (labels[names[number]] > 1 and node.dtype is not None):
            names[number] += f" #{number}"
    return names


def _start(gradient: Any, trail: Sequence[Step], value: Any) -> Any:
    """Return the gradient that the pass starts from, as it is after any hook."""
    if trail:
        return trail[0].g
    # A leaf: no op made it, so there is no step.
    if gradient is None:
        return np.ones_like(as_numpy(value))
    given = gradient.data if hasattr(gradient, "__graph_namespace__") else gradient
    return np.asarray(as_numpy(given), as_numpy(value).dtype)


def _add_up(trail: Sequence[Step], nodes: int) -> tuple[list[list[int]], list[Any]]:
    """Return for each node the steps that reach it, and the sum after each step."""
    arrivals: list[list[int]] = [[] for _ in range(nodes)]
    totals: list[Any] = []
    for i, step in enumerate(trail):
        before = arrivals[step.parent]
        with np.errstate(all="ignore"):  # an infinity is shown, and that is enough
            total = totals[before[-1]] + step.result if before else step.result
        before.append(i)
        totals.append(total)
    return arrivals, totals


def _given(nodes: Sequence[GraphNode], names: Sequence[str]) -> dict[str, Any]:
    """Return the first step: what is there before anything is computed."""
    leaves = [i for i, node in enumerate(nodes) if node.kind == "leaf"]
    constants = [i for i, node in enumerate(nodes) if node.kind == "constant"]
    wanted = count(len(leaves), "leaf, which requires a gradient", "leaves")
    fixed = count(len(constants), "constant", "constants")
    return {
        "kind": "given",
        "node": len(nodes) - 1,
        "given": leaves + constants,
        "sentence": f"Given: {wanted}, and {fixed}. To be computed: {names[-1]}.",
    }


def _forward(
    number: int,
    node: GraphNode,
    names: Sequence[str],
    known: Sequence[Any],
    pool: Pool,
) -> dict[str, Any]:
    """Return the step that makes one value."""
    operands: list[dict[str, Any]] = [
        {
            "name": name,
            "node": parent,
            "array": pool.add(known[parent]),
            "text": None,
            "parts": [],
        }
        for name, parent in zip(node.inputs, node.parents, strict=True)
    ]
    made_from = listed([names[parent] for parent in node.parents])
    return {
        "kind": "op",
        "node": number,
        "formula": call(node.op or "", node.inputs, static_text(node.static, 200)),
        "operands": operands,
        "result": pool.add(known[number]),
        "sentence": f"Forward: {node.op} of {made_from} makes {names[number]}"
        f"{is_number(known[number])}.",
    }


def _seed(root: int, names: Sequence[str], start: Any, pool: Pool) -> dict[str, Any]:
    """Return the step between the passes: the gradient that backward starts from."""
    return {
        "kind": "start",
        "node": root,
        "result": pool.add(start),
        "sentence": f"Backward begins at {names[root]}, whose gradient is given"
        f"{is_number(start)}.",
    }


def _backward(
    step: Step, node: GraphNode, names: Sequence[str], pool: Pool
) -> dict[str, Any]:
    """Return one step of the trail: one formula, applied."""
    raw = as_numpy(step.apply(step.g, summed=False))
    axes = summed_axes(raw.shape, as_numpy(step.result).shape)
    operands = []
    for name, value in step.operands.items():
        is_input = name in node.inputs
        where = node.parents[node.inputs.index(name)] if is_input else None
        is_array = hasattr(value, "__array_namespace__")
        operands.append(
            {
                "name": name,
                "node": step.node if name == "out" else where,
                "array": pool.add(value) if is_array else None,
                "text": None if is_array else printable(plain(value), LONGEST_TEXT),
                "parts": [] if is_array else arrays_in(name, value, pool),
            }
        )
    sentence = (
        f"Backward through {step.op}, to {names[step.parent]} (its {step.input}): "
        f"{gradient_words(step.result)}"
    )
    return {
        "kind": "gradient",
        "node": step.node,
        "parent": step.parent,
        "input": step.input,
        "way": node.inputs.index(step.input),
        "formula": step.formula,
        "returned": which_of(getattr(step, "returned", None)),
        "g": pool.add(step.g),
        "operands": operands,
        "raw": pool.add(raw) if axes else None,
        "axes": axes,
        "result": pool.add(step.result),
        "hook": None,
        "sentence": f"{sentence}{f', summed over {axes}' if axes else ''}.",
    }


def _tell_sum(
    told: dict[str, Any],
    i: int,
    reached: Sequence[int],
    totals: Sequence[Any],
    pool: Pool,
) -> None:
    """Add to a step what its result is added to, if other paths lead there too."""
    turn = reached.index(i)
    told["before"] = pool.add(totals[reached[turn - 1]] if turn else None)
    told["total"] = pool.add(totals[i])
    told["turn"], told["of"] = turn + 1, len(reached)
    if len(reached) > 1:
        told["sentence"] += f" It is part {turn + 1} of {len(reached)}."


def _tell_hook(
    told: dict[str, Any], step: Step, total: Any, names: Sequence[str], pool: Pool
) -> Any:
    """Add to the last step to a leaf what its hook made; return the gradient then."""
    after = getattr(step, "total", None)
    if after is None or _same(after, total):
        return total
    told["hook"] = pool.add(after)
    what = "it" if told["of"] == 1 else "the sum"
    told["sentence"] += (
        f" A hook of {names[step.parent]} makes {gradient_words(after)} of {what}."
    )
    return after


def _helpers(nodes: Sequence[GraphNode]) -> dict[str, dict[str, str]]:
    """Return the functions in all formulas by name.

    Where functions of two files have the same name both are explained.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for node in nodes:
        helpers: Mapping[str, str] = getattr(node, "helpers", {})
        signatures: Mapping[str, str] = getattr(node, "signatures", {})
        for name, sentence in helpers.items():
            told = found.setdefault(name, {"signature": [], "sentence": []})
            if sentence not in told["sentence"]:
                told["signature"].append(signatures.get(name, name))
                told["sentence"].append(sentence)
    return {
        name: {what: " Or: ".join(texts) for what, texts in told.items()}
        for name, told in found.items()
    }


def _short(value: Any) -> str:
    """Return the number of a value that has a single one, for its box."""
    array = None if value is None else as_numpy(value)
    return short_text(array.ravel()[0]) if array is not None and array.size == 1 else ""


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(as_numpy(a), as_numpy(b), equal_nan=True))
