"""The scalar view: one element of an array, and the elements that it was made of.

A rule is linear in the incoming gradient. Applied to a gradient that is 1 at one
element of the result and 0 elsewhere, it gives the local derivative of that element by
each element of the input: most are 0, the others are the edges of a small graph of
single numbers. Applied to the gradient that did come in, at that one element, it gives
what flows along these edges. Both are computed here, by the engine's own rules.

Which elements of a constant take part is found in the same way, by the rule that would
be used if a gradient were wanted for it.

Of a large array some elements are opened: first those at which a gradient comes in, and
of these the ones that the page shows, since the graph of an element without one is a
lot of zeros.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pebblegrad.autograd import GraphNode, Step
from pebblegrad.viz._explorer_numbers import as_numpy, number_text, shown_block

MOST_ELEMENTS = 12  # of one array that can be opened
MOST_OF_ALL = 600  # of all arrays of a page together
MOST_EDGES = 9  # that are drawn from one input
MOST_WORK = 4_000_000  # array elements that the rules of one step may go through


def open_elements(
    nodes: Sequence[GraphNode],
    known: Sequence[Any],
    gradients: Sequence[Any],
    steps: Sequence[Step],
    beside: Sequence[Step],
    shown: int,
) -> list[list[dict[str, Any]]]:
    """Return for each value the scalar views of some of its elements.

    Args:
        nodes: of the graph.
        known: the value of each, or None.
        gradients: the gradient of each, or None.
        steps: of the backward pass.
        beside: the steps that would lead to constants, if these wanted a gradient.
        shown: how many elements of an array the page shows.

    Returns:
        For each node a list of views, empty if no op made it. A view has the element's
        `index`, `value` and `gradient`, and `inputs`: for each input its `name`,
        `node`, and `edges`, which are (index, value, local derivative, what flows
        along), with the number of further edges in `more`; `isStill` says that every
        local derivative is 0, and then there is an edge only from the same place of an
        input of the same shape. Its `constants` are alike, with edges that are (index,
        value).
    """
    ops = max(sum(node.kind == "op" for node in nodes), 1)
    most = max(1, min(MOST_ELEMENTS, MOST_OF_ALL // ops))
    views: list[list[dict[str, Any]]] = [[] for _ in nodes]
    through: dict[int, list[Step]] = {}
    for step in steps:
        through.setdefault(step.node, []).append(step)
    rules = {(step.node, step.input): step for step in beside}
    for number, found in through.items():
        sides = _constants(number, nodes, known, rules)
        work = sum(
            as_numpy(step.g).size + as_numpy(step.result).size
            for step in [*found, *(step for *_, step in sides if step is not None)]
        )
        count = max(1, min(most, MOST_WORK // max(work, 1)))
        for index in _opened(found[0].g, count, shown):
            with np.errstate(all="ignore"):  # an infinity is shown, and that is enough
                inputs = [_input(step, index, known[step.parent]) for step in found]
                constants = [
                    _constant(name, at, step, index, known[at])
                    for name, at, step in sides
                ]
            views[number].append(
                {
                    "index": list(index),
                    "value": _at(known[number], index),
                    "gradient": _at(gradients[number], index),
                    "inputs": inputs,
                    "constants": constants,
                }
            )
    return views


def _opened(g: Any, count: int, shown: int) -> list[tuple[int, ...]]:
    """Return which elements are opened, as many as `count`, in their order.

    Example:
        >>> _opened(np.array([0.0, 0.0, 0.0, 3.0, 4.0]), 3, 4)
        [(0,), (3,), (4,)]
    """
    incoming = as_numpy(g)
    reached = np.argwhere(incoming != 0)
    first = list(np.ndindex(*shown_block(incoming.shape, count)))
    on_page = (reached < shown_block(incoming.shape, shown)).all(axis=1)
    some = [*reached[on_page][:count].tolist(), *reached[~on_page][:count].tolist()]
    wanted = [
        *(index for index in first if incoming[index] != 0),
        *(tuple(index) for index in some),
        *first,
    ]
    return sorted(list(dict.fromkeys(wanted))[:count])


def _at(array: Any, index: tuple[int, ...]) -> str | None:
    return None if array is None else number_text(as_numpy(array)[index])


def _constants(
    number: int,
    nodes: Sequence[GraphNode],
    known: Sequence[Any],
    rules: dict[tuple[int, str], Step],
) -> list[tuple[str, int, Step | None]]:
    """Return name, place and rule of each constant of which elements can be told.

    A constant of one element needs no rule.
    """
    node = nodes[number]
    found = []
    for name, at in zip(node.inputs, node.parents, strict=True):
        if nodes[at].kind != "constant" or known[at] is None:
            continue
        step = rules.get((number, name))
        if step is not None or math.prod(nodes[at].shape) == 1:
            found.append((name, at, step))
    return found


def _constant(
    name: str, at: int, step: Step | None, index: tuple[int, ...], value: Any
) -> dict[str, Any]:
    """Return the elements of a constant that take part in an element of the result."""
    array = as_numpy(value)
    if array.size == 1 or step is None:
        places = [(0,) * array.ndim]
        reached = 1
    else:
        local = as_numpy(step.apply(_only(step.g, index, 1)))
        taken = np.argwhere(local != 0)
        places = [tuple(place.tolist()) for place in taken[:MOST_EDGES]]
        reached = len(taken)
    return {
        "name": name,
        "node": at,
        "edges": [[list(place), _at(value, place)] for place in places],
        "more": reached - len(places),
    }


def _input(step: Step, index: tuple[int, ...], operand: Any) -> dict[str, Any]:
    """Return the edges from the elements of one input to an element of the result."""
    local = as_numpy(step.apply(_only(step.g, index, 1)))
    flows = as_numpy(step.apply(_only(step.g, index, None)))
    reached = np.argwhere((local != 0) | (flows != 0))
    is_still = not len(reached)
    if is_still and local.shape == as_numpy(step.g).shape:
        reached = np.array([index], int)
    edges = []
    for at in reached[:MOST_EDGES]:
        place = tuple(at.tolist())
        edges.append(
            [
                list(place),
                _at(operand, place),
                number_text(local[place]),
                number_text(flows[place]),
            ]
        )
    return {
        "name": step.input,
        "node": step.parent,
        "edges": edges,
        "more": len(reached) - len(edges),
        "isStill": is_still,
    }


def _only(g: Any, index: tuple[int, ...], one: float | None) -> Any:
    """Return a gradient that is 0 but at one place, there `one` or what came in."""
    incoming = as_numpy(g)
    alone = np.zeros_like(incoming)
    alone[index] = incoming[index] if one is None else one
    if not hasattr(g, "__array_namespace__"):  # an engine of plain numbers
        return alone.item()
    return g.__array_namespace__().asarray(alone)
