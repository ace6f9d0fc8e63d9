"""The static parameters of ops on the explorer's page: whole, with the arrays in them.

A graph knows of an array among the parameters, such as the rows that an index picks,
only its dtype and shape. The array itself comes with the steps of the backward pass, as
far as a rule names it.
"""

from collections.abc import Sequence
from typing import Any

from pebblegrad.autograd import GraphNode, Step
from pebblegrad.viz._boxes import static_value
from pebblegrad.viz._explorer_numbers import Pool
from pebblegrad.viz._printable import printable

LONGEST_TEXT = 2000
MOST_PARTS = 8  # arrays of one parameter


def static_parameters(
    nodes: Sequence[GraphNode], trail: Sequence[Step], pool: Pool
) -> list[list[dict[str, Any]]]:
    """Return the static parameters of each op, whole, and the arrays in them.

    The graph has only the shapes of these arrays; the steps have those that a rule
    names.
    """
    given: dict[tuple[int, str], Any] = {}
    for step in trail:
        for name, value in step.operands.items():
            given[step.node, name] = value
    return [
        [
            {
                "name": name,
                "text": printable(plain(value), LONGEST_TEXT),
                "parts": arrays_in(name, given.get((number, name)), pool),
            }
            for name, value in node.static.items()
        ]
        for number, node in enumerate(nodes)
    ]


def arrays_in(name: str, value: Any, pool: Pool) -> list[dict[str, Any]]:
    """Return the arrays in a parameter, each with what it is called there."""
    if hasattr(value, "__array_namespace__"):
        return [{"name": name, "array": pool.add(value)}]
    if not isinstance(value, tuple | list):
        return []
    inside = [arrays_in(f"{name}[{i}]", part, pool) for i, part in enumerate(value)]
    return [part for parts in inside for part in parts][:MOST_PARTS]


def plain(value: Any) -> str:
    """Return what is no array as text, with words in place of arrays in it.

    Example:
        >>> import numpy as np
        >>> plain((slice(None), np.arange(3))), plain("int64 of shape (3,)")
        ('(:, int64 of shape (3,))', 'int64 of shape (3,)')
    """
    if isinstance(value, str) and " of shape (" in value:  # so the graph says it
        return value
    if isinstance(value, tuple | list):
        inside = ", ".join(plain(part) for part in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.dtype} of shape {tuple(value.shape)}"
    if isinstance(value, slice) or value is Ellipsis:
        return static_value(value)
    return repr(value)
