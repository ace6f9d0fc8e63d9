"""The one place where a graph, and the numbers in it, are asked for.

Pictures and texts of a graph are made from a list of `GraphNode`, inputs before
results, and of one `Number` pair for each. Here both come from the public walk of
`pebblegrad.autograd`: `graph`, `values` and `trace`. To show the graphs of another
engine, give these two functions a second branch; nothing after them needs to know.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pebblegrad.autograd import GraphNode, Tensor, graph, trace, values
from pebblegrad.viz._explorer_numbers import as_numpy, short_text


@dataclass(frozen=True)
class Numbers:
    """What is known of the values of a graph that are single numbers.

    Attributes:
        lines: for each value ``("value 2", "grad 0.5")``, or less; in the order of the
            graph.
        missing: what is not known and why, in sentences.
    """

    lines: list[tuple[str, ...]]
    missing: list[str]


def read_graph(tensor: object, who: str) -> list[GraphNode]:
    """Return the graph behind a value.

    Raises:
        TypeError: if it is nothing that has a graph.
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"{who}: tensor is of type {type(tensor).__name__}; a Tensor was needed, "
            "such as the loss"
        )
    return graph(tensor)


def read_numbers(tensor: Any, nodes: Sequence[GraphNode]) -> Numbers:
    """Return value and gradient of each value that is a single number.

    The gradients are those of `tensor` with respect to each value, in a backward pass
    that is only looked at: no `.grad` is written, but hooks are called.

    Args:
        tensor: what was given to `read_graph`.
        nodes: what that returned.
    """
    lines: list[tuple[str, ...]] = [()] * len(nodes)
    try:
        known = values(tensor)
    except RuntimeError as error:  # written into since; the picture says so
        return Numbers(lines, [f"No numbers are shown. {error}"])
    gradients, missing = _gradients(tensor, nodes)
    gone = sum(
        known[i] is None and math.prod(node.shape) == 1 for i, node in enumerate(nodes)
    )
    if gone:
        missing.append(
            "1 value is not shown: neither the graph nor a variable keeps it."
            if gone == 1
            else f"{gone:,} values are not shown: neither the graph nor a variable "
            "keeps them."
        )
    for i, node in enumerate(nodes):
        if node.dtype is None:  # a Python number: its label says it
            continue
        pair = (("value", known[i]), ("grad", gradients[i]))
        lines[i] = tuple(
            f"{word} {short_text(as_numpy(number).ravel()[0])}"
            for word, number in pair
            if number is not None and as_numpy(number).size == 1
        )
    return Numbers(lines, missing)


def _gradients(tensor: Any, nodes: Sequence[GraphNode]) -> tuple[list[Any], list[str]]:
    """Return the gradient of each value, None where there is none, and why."""
    totals: list[Any] = [None] * len(nodes)
    if nodes[-1].kind == "constant":
        return totals, []
    if any(size != 1 for size in nodes[-1].shape):
        return totals, ["No gradients are shown: the result is not a single number."]
    try:
        steps = trace(tensor)
    except RuntimeError as error:  # freed, or written into since; the picture says so
        return totals, [f"No gradients are shown. {error}"]
    # Of a leaf there are no steps; of all else the first begins at the result.
    totals[-1] = steps[0].g if steps else np.ones(nodes[-1].shape)
    for step in steps:
        # In the engine's order, hence to the bit what `backward()` leaves in `.grad`;
        # what goes on from a value is what a hook there made of the sum.
        totals[step.node] = step.g
        before = totals[step.parent]
        totals[step.parent] = step.result if before is None else before + step.result
    return totals, []
