"""`checkpoint`: compute again in the backward pass what was not kept in the forward."""

# mypy: allow-untyped-defs

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _engine, ops
from ._modes import enable_grad, modes
from ._node import Node, serials
from ._op import op
from ._random import generator
from ._record import fresh_variable, leaves_of
from ._structure import flatten
from ._tensor import Tensor, wrap


def checkpoint(function: Callable[..., Tensor], *args: Any) -> Tensor:
    """Return ``function(*args)``, keeping its inputs and nothing that it computed.

    The backward pass calls `function` again, and so trades time (one more forward
    pass) for memory: of a chain of such calls only the results are kept.

    The second call draws the same random numbers from the default generator, unless
    other threads draw from it meanwhile; a generator of the function's own must give
    the same ones, and whatever else the function reads must not have changed.

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
        >>> checkpoint(lambda x: (x * x + 1) * x, x).sum().backward()
        >>> x.grad
        Tensor([ 4., 13.], dtype=float32)

    Reference:
        T. Chen et al., Training deep nets with sublinear memory cost, 2016,
        https://arxiv.org/abs/1604.06174
    """
    if not modes.recording:
        return _a_tensor(function(*args)).detach()
    call = _Call(function, args)
    began = next(serials)
    tracked = call.tracked()
    variables, out = call.run([x.detach() for x in tracked])
    out = _a_tensor(out)
    if out.node is None:
        return out.detach()
    inside = {v.node for v in variables}
    found = leaves_of(out.node, before=began)
    call.outside = [leaf for leaf in found if leaf not in inside]
    stand_ins = [wrap(_no_memory(out._xp, leaf), leaf) for leaf in call.outside]
    call.result = out._array
    result: Tensor = checkpointed([*tracked, *stand_ins], _call=call)
    call.result = None  # whoever needs the array keeps it
    return result


def _a_tensor(out: Any) -> Tensor:
    if not isinstance(out, Tensor):
        raise TypeError(
            f"checkpoint: the function returned a {type(out).__name__}; a Tensor is "
            "needed (call checkpoint once for each result)"
        )
    return out


@op
def checkpointed(xp, /, *arrays, _call):
    """What a function returned; the rule runs the function again."""
    return _call.result


checkpointed.__name__ = "checkpoint"  # graphs say what the user called
checkpointed.backward("arrays", lambda g, arrays, _call: _call.pull_back(g, arrays))


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
        self.outside: list[Node] = []  # what the function found by itself
        self.result: Any = None  # the array, until the op has it
        self.random_state = generator().bit_generator.state

    def tracked(self) -> list[Tensor]:
        """Return the arguments that require a gradient."""
        return [self.leaves[i] for i in self.places]

    def run(self, tensors: list[Tensor]) -> tuple[list[Tensor], Any]:
        """Call the function with variables in the place of what requires a gradient."""
        variables = [fresh_variable(x) for x in tensors]
        leaves = list(self.leaves)
        for i, v in zip(self.places, variables, strict=True):
            leaves[i] = v
        with enable_grad():
            return variables, self.function(*self.rebuild(leaves))

    def pull_back(self, g: Any, arrays: list[Any]) -> list[Any]:
        """Return the gradients of the arguments and of what the function found."""
        create_graph = isinstance(g, Tensor)
        tensors = [x if create_graph else wrap(x, None) for x in arrays]
        bits = generator().bit_generator
        now, bits.state = bits.state, self.random_state
        try:
            variables, out = self.run(tensors[: len(self.places)])
        finally:
            bits.state = now
        same = isinstance(out, Tensor) and out.node is not None and out.shape == g.shape
        if not same:
            given = f"shape {out.shape}" if isinstance(out, Tensor) else f"{out!r}"
            tied = "" if getattr(out, "node", None) else ", without a graph"
            raise RuntimeError(
                f"checkpoint: when called again, the function returned {given}{tied}; "
                f"the first time it was shape {tuple(g.shape)}, with a graph; it must "
                "return the same each time"
            )
        nodes = [v.node for v in variables if v.node is not None] + self.outside
        found = _engine.gradients(
            out.node,
            g,
            inputs=nodes,
            create_graph=create_graph,
            retain_graph=create_graph,
        )
        return [found[n] if n in found else _zeros(g, n) for n in nodes]


def _zeros(g: Any, node: Node) -> Any:
    """Return the gradient of what was not used, of the array library of `g`."""
    return ops.broadcast_to(ops.sum(ops.zeros_like(g)), node.shape)


def _no_memory(xp: Any, node: Node) -> Any:
    """Return an array of a node's shape and dtype that takes no memory."""
    return xp.broadcast_to(xp.zeros((), dtype=node.dtype), node.shape)
