"""One run of a function on variables in the place of its arguments.

A variable that stands for a Tensor of an outer graph stays tied to it, so that what is
computed can be differentiated in turn. Whether that is wanted shows in the graph of the
result: some of its leaves are then not ours.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from . import _engine, ops
from ._modes import enable_grad, modes
from ._node import Node
from ._op import op
from ._structure import Rebuild, flatten, float_tensor
from ._tensor import Tensor, wrap


@op
def variable(xp, x, /):  # type: ignore[no-untyped-def]
    """``x`` itself, as a node of its own: what a function is differentiated by."""
    return x


variable.backward("x", lambda g: g)


class Record:
    """A function's value, and the variables that stand for its arguments.

    Attributes:
        who: for messages: the function that the user called.
        variables: the Tensors that stand for the leaves of the arguments.
        value: what the function returned.
    """

    def __init__(
        self,
        who: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        argnums: int | Sequence[int],
        kwargs: dict[str, Any],
    ) -> None:
        self.who = who
        self.was_recording = modes.recording
        self.single = isinstance(argnums, int)
        positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for i in positions:
            if not -len(args) <= i < len(args):
                raise ValueError(
                    f"{who}: argnums names {i}, and there are {len(args)} positional "
                    "arguments; give the argument by position, or other argnums"
                )
        given = tuple(args[i] for i in positions)
        leaves, self.rebuild = flatten(given)
        self.variables = [
            fresh_variable(float_tensor(who, _name(i, given, positions), leaf))
            for i, leaf in enumerate(leaves)
        ]
        new_args = list(args)
        for i, new in zip(positions, self.rebuild(self.variables), strict=True):
            new_args[i] = new
        with enable_grad():
            self.value = function(*new_args, **kwargs)

    def output(self) -> Tensor:
        """Return the value, which must be a Tensor."""
        if not isinstance(self.value, Tensor):
            raise TypeError(
                f"{self.who}: the function returned a {type(self.value).__name__}; a "
                "Tensor is needed (one that was computed without .data or .item())"
            )
        return self.value

    def outputs(self) -> tuple[list[Tensor], Rebuild]:
        """Return the Tensors of the value, and how they were put together."""
        outs, rebuild = flatten(self.value)
        for out in outs:
            if not isinstance(out, Tensor):
                raise TypeError(
                    f"{self.who}: the function returned a {type(out).__name__}; a "
                    "Tensor is needed, or a tuple, list or dict of them"
                )
        return outs, rebuild

    def pull(
        self, outs: list[Tensor], starts: list[Tensor], create_graph: bool = False
    ) -> list[Tensor]:
        """Return the gradient of each variable, given those of the outputs."""
        if len(outs) == 1:
            return self.walk(outs[0], self.variables, starts[0], create_graph)
        with enable_grad():
            total = weighted_sum(outs, starts)
        return self.walk(total, self.variables, None, create_graph)

    def walk(
        self,
        root: Tensor,
        variables: list[Tensor],
        start: Tensor | None = None,
        create_graph: bool = False,
    ) -> list[Tensor]:
        """Return the gradients of `root` with respect to variables; zeros if unused."""
        start = ops.ones_like(root.detach()) if start is None else start
        results: dict[Node, Any] = {}
        nodes = [v.node for v in variables if v.node is not None]
        if root.node is not None:
            ours = {v.node for v in [*self.variables, *variables]}
            outer = start.requires_grad or not ours.issuperset(leaves_of(root.node))
            create_graph = create_graph or (self.was_recording and outer)
            results = _engine.gradients(
                root.node,
                start if create_graph else start._array,
                inputs=nodes,
                create_graph=create_graph,
                retain_graph=True,
            )
        found = []
        for v, node in zip(variables, nodes, strict=True):
            result = results.get(node)
            if result is None:
                result = ops.zeros_like(v.detach())
            found.append(result if isinstance(result, Tensor) else wrap(result, None))
        return found

    def form(self, results: list[Any]) -> Any:
        """Return results, one for each variable, in the form of the arguments."""
        formed = self.rebuild(results)
        return formed[0] if self.single else formed

    def directions(self, tangents: Any) -> list[Tensor]:
        """Return the tangents as Tensors, one for each variable."""
        leaves, _ = flatten(tangents)
        if len(leaves) != len(self.variables):
            raise ValueError(
                f"{self.who}: {len(leaves)} tangents are given for "
                f"{len(self.variables)} Tensors; one of the same shape is needed for "
                "each, in the form of the primals"
            )
        directions = []
        for v, leaf in zip(self.variables, leaves, strict=True):
            tangent = float_tensor(self.who, "a tangent", leaf)
            if tangent.shape != v.shape:
                raise ValueError(
                    f"{self.who}: a tangent has shape {tangent.shape} and its primal "
                    f"{v.shape}; the two must be equal"
                )
            directions.append(tangent.astype(v.dtype))
        return directions

    def released(self, out: Tensor) -> Tensor:
        """Return an output for the user: with its graph only if others are in it."""
        if out.node is None or not self.was_recording:
            return out.detach()
        ours = {v.node for v in self.variables}
        return out.detach() if ours.issuperset(leaves_of(out.node)) else out


def fresh_variable(tensor: Tensor) -> Tensor:
    """Return a Tensor that stands for another: tied to it if that is in a graph."""
    if tensor.node is not None and modes.recording:
        return variable(tensor)
    node = Node(None, (), (), None, tensor.shape, tensor.dtype)
    node.label = tensor.label
    return wrap(tensor._array, node)


def leaves_of(root: Node) -> list[Node]:
    """Return the leaves of a graph."""
    seen = {root: None}  # a dict, to keep the order
    stack = [root]
    while stack:
        for parent in stack.pop().parents:
            if parent is not None and parent not in seen:
                seen[parent] = None
                stack.append(parent)
    return [node for node in seen if node.op is None]


def weighted_sum(tensors: list[Tensor], weights: list[Tensor]) -> Tensor:
    """Return the sum of all elements, each times its weight."""
    terms = [ops.sum(t * w) for t, w in zip(tensors, weights, strict=True)]
    return functools.reduce(ops.add, terms)


def _name(i: int, given: tuple[Any, ...], positions: Sequence[int]) -> str:
    """Return what the leaf at place `i` is called in messages."""
    counts = [len(flatten(value)[0]) for value in given]
    for position, value, count in zip(positions, given, counts, strict=True):
        if i < count:
            inside = isinstance(value, tuple | list | dict)
            return f"{'a part of ' if inside else ''}argument {position}"
        i -= count
    return "an argument"
