"""The scalar view: one element of an array, and the elements that it was made of.

A rule is linear in the incoming gradient. Applied to a gradient that is 1 at one
element of the result and 0 elsewhere, it gives the local derivative of that element by
each element of the input: most are 0, the others are the edges of a small graph of
single numbers. Applied to the gradient that did come in, at that one element, it gives
what flows along these edges. Both are computed here, by the engine's own rules.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pebblegrad.autograd import GraphNode, Step
from pebblegrad.viz._explorer_numbers import as_numpy, number_text, shown_block

MOST_ELEMENTS = 12  # of one array that can be opened
MOST_OF_ALL = 600  # of all arrays of a page together
MOST_EDGES = 6  # that are drawn from one input
MOST_WORK = 4_000_000  # array elements that the rules of one step may go through


def open_elements(
    nodes: Sequence[GraphNode],
    known: Sequence[Any],
    gradients: Sequence[Any],
    steps: Sequence[Step],
) -> list[list[dict[str, Any]]]:
    """Return for each value the scalar views of its first elements.

    Args:
        nodes: of the graph.
        known: the value of each, or None.
        gradients: the gradient of each, or None.
        steps: of the backward pass.

    Returns:
        For each node a list of views, empty if no op made it. A view has the element's
        `index`, `value` and `gradient`, and `inputs`: for each input its `name`,
        `node`, and `edges`, which are (index, value, local derivative, what flows
        along), with the number of further edges in `more`.
    """
    ops = max(sum(node.kind == "op" for node in nodes), 1)
    most = max(1, min(MOST_ELEMENTS, MOST_OF_ALL // ops))
    views: list[list[dict[str, Any]]] = [[] for _ in nodes]
    through: dict[int, list[Step]] = {}
    for step in steps:
        through.setdefault(step.node, []).append(step)
    for number, found in through.items():
        work = sum(step.g.size + step.result.size for step in found)
        count = max(1, min(most, MOST_WORK // max(work, 1)))
        block = shown_block(tuple(nodes[number].shape), count)
        for index in np.ndindex(*block):
            with np.errstate(all="ignore"):  # an infinity is shown, and that is enough
                inputs = [_input(step, index, known[step.parent]) for step in found]
            views[number].append(
                {
                    "index": list(index),
                    "value": _at(known[number], index),
                    "gradient": _at(gradients[number], index),
                    "inputs": inputs,
                }
            )
    return views


def _at(array: Any, index: tuple[int, ...]) -> str | None:
    return None if array is None else number_text(as_numpy(array)[index])


def _input(step: Step, index: tuple[int, ...], operand: Any) -> dict[str, Any]:
    """Return the edges from the elements of one input to an element of the result."""
    incoming = as_numpy(step.g)
    one, only = np.zeros_like(incoming), np.zeros_like(incoming)
    one[index], only[index] = 1, incoming[index]
    xp = step.g.__array_namespace__()
    local = as_numpy(step.apply(xp.asarray(one)))
    flows = as_numpy(step.apply(xp.asarray(only)))
    reached = np.argwhere((local != 0) | (flows != 0))
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
    }
