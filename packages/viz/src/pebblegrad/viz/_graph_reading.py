"""The one place where a graph, and the numbers in it, are asked for.

Pictures and texts of a graph are made from a list of `GraphNode`, inputs before
results, and of one `Number` pair for each. Which library a value belongs to does not
matter: it is asked for its walk, by ``value.__graph_namespace__()``, as an array is for
its library by ``__array_namespace__()``. The walk is a module with these functions, and
`pebblegrad.autograd` is the example to go by:

- ``graph(value)``, ``values(value)``, ``trace(value, gradient)``;
- ``kept_gradients(value)``, if a graph can be freed while its leaves keep a gradient.
"""

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from pebblegrad.autograd import GraphNode
from pebblegrad.viz._explorer_numbers import as_numpy, short_text

WALK = ("graph", "values", "trace")


class HasGraph(Protocol):
    """A value that was computed from others, and says how to look at these."""

    def __graph_namespace__(self) -> Any: ...


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


def walk_of(value: object, who: str, name: str = "tensor") -> Any:
    """Return the module whose functions look at the graph behind a value.

    Args:
        value: a Tensor of any library that has such a module.
        who: how an error message begins.
        name: what the argument is called there.

    Raises:
        TypeError: if it is nothing that has a graph.
    """
    if isinstance(value, type):
        raise TypeError(
            f"{who}: {name} is the class {value.__name__}; a Tensor was needed, such "
            "as the loss"
        )
    if not hasattr(value, "__graph_namespace__"):
        kind, wanted = type(value).__name__, "a Tensor"
        if kind == "Tensor":  # another library's, one whose graph we cannot look at
            kind = f"{type(value).__module__.partition('.')[0]}.Tensor"
            wanted = "a Tensor of pebblegrad"
        model = callable(value) and hasattr(value, "parameters")
        raise TypeError(
            f"{who}: {name} is of type {kind}; {wanted} was needed, such as "
            f"{'what it returns when it is called' if model else 'the loss'}"
        )
    walk = value.__graph_namespace__()
    missing = [function for function in WALK if not hasattr(walk, function)]
    if missing:
        raise TypeError(
            f"{who}: {name} is of type {type(value).__name__}, and what its "
            f"__graph_namespace__() returned has no {' and no '.join(missing)}; the "
            f"functions {', '.join(WALK)} were needed"
        )
    return walk


def read_graph(value: object, who: str, name: str = "tensor") -> list[GraphNode]:
    """Return the graph behind a value.

    Raises:
        TypeError: if it is nothing that has a graph.
    """
    nodes: list[GraphNode] = walk_of(value, who, name).graph(value)
    return nodes


@contextlib.contextmanager
def speaking_as(who: str) -> Iterator[None]:
    """Let an error of the engine begin with the function that the user called.

    Errors from elsewhere, such as those of a hook, stay as they are.
    """
    try:
        yield
    except (RuntimeError, TypeError, ValueError) as error:
        speaker, _, words = str(error).partition(": ")
        if speaker not in ("backward", *WALK):
            raise
        raise type(error)(f"{who}: {words}") from error


def read_numbers(tensor: Any, nodes: Sequence[GraphNode]) -> Numbers:
    """Return value and gradient of each value that is a single number.

    The gradients are those of `tensor` with respect to each value, in a backward pass
    that is only looked at: no `.grad` is written, but hooks are called.

    Args:
        tensor: what was given to `read_graph`.
        nodes: what that returned.
    """
    lines: list[tuple[str, ...]] = [()] * len(nodes)
    walk = walk_of(tensor, "read_numbers")
    try:
        known = walk.values(tensor)
    except RuntimeError as error:  # written into since; the picture says so
        return Numbers(lines, [f"No numbers are shown: {_reason(error)}"])
    gradients, missing = _gradients(walk, tensor, nodes)
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


def _gradients(
    walk: Any, tensor: Any, nodes: Sequence[GraphNode]
) -> tuple[list[Any], list[str]]:
    """Return the gradient of each value, None where there is none, and why."""
    totals: list[Any] = [None] * len(nodes)
    if nodes[-1].kind == "constant":
        return totals, []
    if any(size != 1 for size in nodes[-1].shape):
        return totals, ["No gradients are shown: the result is not a single number."]
    try:
        steps = walk.trace(tensor)
    except RuntimeError as error:  # freed, or written into since; the picture says so
        reason = _reason(error)
        kept = getattr(walk, "kept_gradients", lambda _: totals)(tensor)
        if all(gradient is None for gradient in kept):
            return totals, [f"No gradients are shown: {reason}"]
        return kept, [
            "The gradients are those in .grad, the sum of all passes so far; others "
            f"are not shown: {reason}"
        ]
    # Of a leaf there are no steps; of all else the first begins at the result.
    totals[-1] = steps[0].g if steps else np.ones(nodes[-1].shape)
    for step in steps:
        # In the engine's order, hence to the bit what `backward()` leaves in `.grad`;
        # what goes on from a value is what a hook there made of the sum.
        totals[step.node] = step.g
        before = totals[step.parent]
        totals[step.parent] = step.result if before is None else before + step.result
    for step in steps:
        total = getattr(step, "total", None)  # an engine without hooks has none
        if total is not None:
            totals[step.parent] = total
    return totals, []


def _reason(error: Exception) -> str:
    """Return what an error of the engine says, without who says it."""
    speaker, _, words = str(error).partition(": ")
    return f"{words if speaker in ('backward', *WALK) else error}."
