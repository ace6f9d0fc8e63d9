"""A copy of a result with all that is behind it, however long the graph.

`copy.deepcopy` and `pickle` follow each reference by a call inside of a call, and that
ends at about a hundred operations. So a result is handed to them as two lists: of the
Tensors that you made, and of the operations, each of which names what it was computed
from by its place in the lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

COPIED = ("data", "_grad", "label", "_op", "_derivatives")


def taken_apart(tensor: Any) -> tuple[Any, ...] | None:
    """Return how to build a result anew, as `__reduce__` does; None for a leaf."""
    results = tensor._in_order()
    if not results:
        return None
    of_results = dict.fromkeys(results)
    children = dict.fromkeys(c for result in results for c in result._children)
    leaves = [child for child in children if child not in of_results]
    places = {node: place for place, node in enumerate([*leaves, *results])}
    rows = [
        (
            type(result),
            tuple(places[child] for child in result._children),
            tuple(getattr(result, name) for name in COPIED),
        )
        for result in results
    ]
    return put_together, (leaves, rows)


def put_together(leaves: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> Any:
    """Build the result again, and return it."""
    nodes = list(leaves)
    for kind, places, state in rows:
        node = kind.__new__(kind)
        for name, value in zip(COPIED, state, strict=True):
            setattr(node, name, value)
        node._children = tuple(nodes[place] for place in places)
        nodes.append(node)
    return nodes[-1]
