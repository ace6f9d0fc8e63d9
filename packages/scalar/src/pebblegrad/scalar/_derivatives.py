"""What can be wrong with an operation of somebody's own: it has no derivatives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def check_derivatives(results: Iterable[Any]) -> None:
    """See that each result has a derivative for each of its children.

    Raises:
        RuntimeError: if one has not.
    """
    for node in results:
        if len(node._derivatives) != len(node._children):
            raise RuntimeError(
                f"backward: {node._op!r} made a Tensor of {len(node._children)} "
                f"children with {len(node._derivatives)} derivatives; one for each "
                "is needed, as Tensor(out, (x, y), 'name', _derivatives=(dx, dy))"
            )
