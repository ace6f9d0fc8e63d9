"""`checkpoint`: compute again in the backward pass what was not kept in the forward."""

# mypy: allow-untyped-defs

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _engine, ops
from ._modes import enable_grad, modes
from ._node import Node
from ._op import op
from ._random import generator
from ._record import fresh_variable, leaves_of
from ._structure import flatten
from ._tensor import Tensor, wrap


def checkpoint(function: Callable[..., Tensor], *args: Any) -> Tensor:
    """Return ``function(*args)``, keeping its inputs and nothing that it computed.

    The backward pass calls `function` again, and so trades time (one more forward
    pass) for memory: of a chain of such calls only the results are kept.

    The second call draws the same random numbers from the default generator; a
    generator of the function's own must give the same ones, and whatever else the
    function reads must not have changed.

    Args:
        function: returns a Tensor. Tensors that it uses without being given them, such
            as a layer's weights, get their gradients too.
        *args: what it is called with: Tensors, also in tuples, lists and dicts, and
            anything else.

    Returns:
        The Tensor that `function` returns.

    Raises:
        TypeError: if `function` returns anything but a Tensor.

    Example:
        >>> from pebblegrad.autograd import Tensor, checkpoint
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> checkpoint(lambda x: x.exp().tanh().exp(), x).sum().backward()
        >>> x.grad
        Tensor([0.19492018, 0.00001417], dtype=float32)

    Reference:
        T. Chen et al., Training deep nets with sublinear memory cost, 2016,
        https://arxiv.org/abs/1604.06174
    """
    call = _Call(function, args)
    variables, out = call.run([fresh_variable(x) for x in call.tracked])
    if not isinstance(out, Tensor):
        raise TypeError(
            f"checkpoint: the function returned a {type(out).__name__}; a Tensor is "
            "needed (call checkpoint once for each result)"
        )
    if out.node is None or not modes.recording:
        return out.detach()
    inside = {v.node for v in variables}
    call.outside = [leaf for leaf in leaves_of(out.node) if leaf not in inside]
    stand_ins = [wrap(_no_memory(leaf), leaf) for leaf in call.outside]
    call.result = out._array
    result: Tensor = checkpointed([*call.tracked, *stand_ins], call=call)
    call.result = None  # whoever needs the array keeps it
    return result


@op
def checkpointed(xp, /, *arrays, call):
    """What a function returned; the rule runs the function again."""
    return call.result


checkpointed.backward("arrays", lambda g, call: call.pull_back(g))


class _Call:
    """A function and its arguments, to be run again."""

    def __init__(self, function: Callable[..., Tensor], args: tuple[Any, ...]) -> None:
        self.function = function
        self.leaves, self.rebuild = flatten(args)
        self.places = [
            i
            for i, leaf in enumerate(self.leaves)
            if isinstance(leaf, Tensor) and leaf.requires_grad
        ]
        self.tracked: list[Tensor] = [self.leaves[i] for i in self.places]
        self.outside: list[Node] = []  # leaves that the function found by itself
        self.result: Any = None  # the array, until the op has it
        self.random_state = generator().bit_generator.state

    def run(self, variables: list[Tensor]) -> tuple[list[Tensor], Any]:
        """Call the function with variables in the place of what requires a gradient."""
        leaves = list(self.leaves)
        for i, v in zip(self.places, variables, strict=True):
            leaves[i] = v
        with enable_grad():
            return variables, self.function(*self.rebuild(leaves))

    def pull_back(self, g: Any) -> list[Any]:
        """Return the gradients of the arguments and of what the function found."""
        create_graph = isinstance(g, Tensor)
        tied = [x if create_graph else x.detach() for x in self.tracked]
        bits = generator().bit_generator
        now, bits.state = bits.state, self.random_state
        try:
            variables, out = self.run([fresh_variable(x) for x in tied])
        finally:
            bits.state = now
        nodes = [v.node for v in variables if v.node is not None] + self.outside
        found = _engine.gradients(
            out.node, g, inputs=nodes, create_graph=create_graph, retain_graph=True
        )
        zeros = ops.zeros_like(g)
        return [
            found.get(node, ops.broadcast_to(ops.sum(zeros), node.shape))
            for node in nodes
        ]


def _no_memory(node: Node) -> Any:
    """Return an array of a node's shape and dtype that takes no memory."""
    return np.broadcast_to(np.zeros((), node.dtype), node.shape)
