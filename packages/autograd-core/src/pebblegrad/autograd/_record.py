"""One run of a function on variables in the place of its arguments.

A variable that stands for a Tensor of an outer graph stays tied to it, so that what is
computed can be differentiated in turn. Whether that is wanted shows in the graph of the
result: some of its leaves are then not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import _engine, ops
from ._modes import enable_grad, modes
from ._namespace import NUMBERS
from ._node import Node
from ._op import op
from ._structure import Rebuild, describe, flatten, float_tensor, leaves_like
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
        given: the arguments to differentiate by.
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
        self.single = not isinstance(argnums, Sequence)
        positions = tuple(argnums) if isinstance(argnums, Sequence) else (argnums,)
        for i in positions:
            if not isinstance(i, int):
                raise TypeError(
                    f"{who}: argnums is {argnums!r}; the position of an argument is "
                    "needed, or a sequence of these"
                )
            if not -len(args) <= i < len(args):
                raise ValueError(
                    f"{who}: argnums names {i}, and there are {len(args)} positional "
                    "arguments; give the argument by position, or other argnums"
                )
        if len({i % len(args) for i in positions}) < len(positions):
            raise ValueError(
                f"{who}: argnums is {argnums} and names an argument twice; give each "
                "once"
            )
        given = self.given = tuple(args[i] for i in positions)
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
        if not outs:
            raise TypeError(
                f"{self.who}: the function returned {self.value!r}; at least one "
                "Tensor is needed"
            )
        return outs, rebuild

    def walk(
        self,
        outs: list[Tensor],
        starts: list[Tensor],
        variables: list[Tensor],
        create_graph: bool = False,
    ) -> list[Tensor]:
        """Return the gradient of each of `variables`, given those of `outs`.

        It has a graph if others could be differentiated by. Zeros where nothing flows.
        """
        root, start = outs[0], starts[0]
        if len(outs) > 1:
            with enable_grad():
                root = together(outs, starts=starts)
            start = ops.ones_like(root.detach())
        results: dict[Node, Any] = {}
        nodes = [v.node for v in variables if v.node is not None]
        if root.node is not None:
            ours = {v.node for v in [*self.variables, *variables]}
            outer = any(start.requires_grad for start in starts) or not (
                ours.issuperset(leaves_of(root.node))
            )
            create_graph = create_graph or (self.was_recording and outer)
            results = _engine.gradients(
                root.node,
                start if create_graph else _copy(start),
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
        if not self.variables:
            raise ValueError(
                f"{self.who}: the primals are {self.given}; at least one Tensor is "
                "needed"
            )
        return self._matched("tangent", "primal", self.given, tangents, self.variables)

    def starts(self, gradients: Any, outs: list[Tensor]) -> list[Tensor]:
        """Return the gradients to start from as Tensors, one for each output."""
        return self._matched("gradient", "result", self.value, gradients, outs)

    def _matched(
        self, what: str, of: str, form: Any, given: Any, tensors: list[Tensor]
    ) -> list[Tensor]:
        """Return what is given, of the form of `form`, as one Tensor for each other."""
        leaves = leaves_like(form, given)
        if leaves is None:
            raise ValueError(
                f"{self.who}: the {what} is {describe(given)}, for the {of} "
                f"{describe(form)}; the two must have one form, with a Tensor for each"
            )
        found = []
        for tensor, leaf in zip(tensors, leaves, strict=True):
            is_number = isinstance(leaf, NUMBERS)
            checked = leaf if is_number else float_tensor(self.who, f"a {what}", leaf)
            new = tensor._alike(checked)
            if new.shape != tensor.shape:
                raise ValueError(
                    f"{self.who}: a {what} has shape {new.shape} and its {of} "
                    f"{tensor.shape}; the two must be equal"
                )
            found.append(new.astype(tensor.dtype))
        return found

    def released(self, out: Tensor) -> Tensor:
        """Return an output for the user: with its graph only if others are in it."""
        if out.node is None or not self.was_recording:
            return out.detach()
        ours = {v.node for v in self.variables}
        return out.detach() if ours.issuperset(leaves_of(out.node)) else out

    def released_in(self, value: Any) -> Any:
        """Return anything with the Tensors in it as `released` gives them."""
        leaves, rebuild = flatten(value)
        if not any(isinstance(leaf, Tensor) and leaf.requires_grad for leaf in leaves):
            return value
        return rebuild([
            self.released(leaf) if isinstance(leaf, Tensor) else leaf for leaf in leaves
        ])  # fmt: skip


def fresh_variable(tensor: Tensor) -> Tensor:
    """Return a Tensor that stands for another: tied to it if that is in a graph."""
    if tensor.node is not None and modes.recording:
        new: Tensor = variable(tensor)
        return new
    node = Node(None, (), (), None, tensor.shape, tensor.dtype)
    node.label = tensor.label
    return wrap(tensor._array, node)


def leaves_of(root: Node, before: int = 0) -> list[Node]:
    """Return the leaves of a graph, without going behind nodes older than `before`.

    Args:
        root: where the graph ends.
        before: a number of `serials`: nodes that were made before it was drawn count
            as leaves.
    """
    seen = {root: None}  # a dict, to keep the order
    stack = [root]
    leaves = []
    while stack:
        node = stack.pop()
        if node.op is None or node.serial < before:
            leaves.append(node)
            continue
        for parent in node.parents:
            if parent is not None and parent not in seen:
                seen[parent] = None
                stack.append(parent)
    return leaves


@op
def together(xp, /, *outs, starts):  # type: ignore[no-untyped-def]
    """One result for many, so that one pass serves all; its value says nothing."""
    return xp.zeros((), dtype=outs[0].dtype)


@together.backward("outs")
def _(g, starts):  # type: ignore[no-untyped-def]
    return starts if isinstance(g, Tensor) else [_copy(start) for start in starts]


def _copy(tensor: Tensor) -> Any:
    """Return a copy of the array, since it could become a gradient as it is."""
    return tensor._xp.asarray(tensor._array, copy=True)


def _name(i: int, given: tuple[Any, ...], positions: Sequence[int]) -> str:
    """Return what the leaf at place `i` is called in messages."""
    counts = [len(flatten(value)[0]) for value in given]
    for position, value, count in zip(positions, given, counts, strict=True):
        if i < count:
            inside = isinstance(value, tuple | list | dict)
            return f"{'a part of ' if inside else ''}argument {position}"
        i -= count
    return "an argument"
