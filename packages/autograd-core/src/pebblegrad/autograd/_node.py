"""What the graph is made of: one Node for every value that a gradient is wanted for.

A Tensor is an array and a node. The node is the value's identity in the graph: two
Tensors with the same node are the same value. Nodes point at their parents and at no
Tensor but the gradient of a leaf, so a graph has no reference cycles (unless that
gradient has a graph itself) and goes away with the last Tensor that needs it.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._op import Op
    from ._rule import Rule
    from ._source import Place


serials = itertools.count()


class Node:
    """A value in the graph: a leaf (made by the user) or the result of an op.

    Attributes:
        op: the op that made the value; None for a leaf.
        parents: the node of each input of the op, None where no gradient is wanted.
        rules: the backward rules of those inputs for which a gradient is wanted.
        values: what the rules may name: `(xp, out, *static, *inputs, *shapes)`, with
            None for an array that no rule names. None altogether once the graph is
            freed.
        shape, dtype: of the value; its gradient must end up with the same.
        serial: a number that is larger for every node that is made later.
        constants: for each None in `parents`, the Python number or `(shape, dtype,
            label, array)`, where `array` is a weak reference or None; None for an
            input that was left out.
    """

    __slots__ = (
        "op", "parents", "rules", "values", "shape", "dtype", "constants",
        "serial",
        "__dict__", "__weakref__",
    )  # fmt: skip

    # Rarely set: these live in the instance's dict, which is made when one is set.
    label: str | None = None
    grad: Any = None  # Tensor or None
    retains_grad: bool = False
    hooks: tuple[Callable[[Any], Any], ...] = ()
    holder: weakref.ref[Any] | None = None  # to the Tensor that is this leaf
    place: Place | None = None  # the line that called the op, inside detect_anomaly
    versions: Mapping[int, int] = MappingProxyType({})  # of kept arrays, see _writes.py

    def __init__(
        self,
        op: Op | None,
        parents: tuple[Node | None, ...],
        rules: tuple[Rule, ...],
        values: list[Any] | None,
        shape: tuple[int, ...],
        dtype: Any,
        constants: tuple[Any, ...] = (),
    ) -> None:
        self.op = op
        self.parents = parents
        self.rules = rules
        self.values = values
        self.shape = shape
        self.dtype = dtype
        self.constants = constants
        self.serial = next(serials)

    def __repr__(self) -> str:
        name = "leaf" if self.op is None else self.op.__name__
        label = f" {self.label!r}" if self.label is not None else ""
        return f"<Node {name}{label} {self.shape}>"
