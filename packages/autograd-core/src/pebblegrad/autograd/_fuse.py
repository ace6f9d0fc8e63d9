"""Two ops as one: an op, and behind it one that changes each element by itself.

A layer that ends in an activation is such a pair. As one op it takes one call and one
node, and a kernel can do both in one pass through memory. There are no new formulas:
a gradient goes through the rule of the second op, and on through those of the first.
What looks at a graph (`graph`, `trace`, `values`) shows the two.
"""

from __future__ import annotations

import inspect
import sys
import weakref
from typing import Any

from ._op import Op


def fuse(first: Op, last: Op) -> Op:
    """Return one op that does what ``last(first(...))`` does.

    Args:
        first: an op that has its rules. None of these may name `out`, since what is
            between the two is not kept.
        last: an op of one array and nothing else, elementwise, whose rule names nothing
            but `g`, `out` and `xp`, such as `relu` or `tanh`.

    Returns:
        An op with the parameters and the rules of `first`, and with both names, such as
        "linear_relu". If it has this name in your module too, it can be pickled; and a
        kernel may take its place by this name.

    Raises:
        TypeError: if one of the two is not of that kind.

    Example:
        >>> from pebblegrad.autograd import Tensor, fuse, graph, ops
        >>> add_relu = fuse(ops.add, ops.relu)
        >>> x = Tensor([-3.0, 1.0], requires_grad=True)
        >>> y = add_relu(x, 1.0)
        >>> y
        Tensor([0., 2.], dtype=float32, op=add_relu)
        >>> [node.op for node in graph(y)]
        [None, None, 'add', 'relu']
    """
    for one, place in ((first, "first"), (last, "last")):
        if not isinstance(one, Op):
            raise TypeError(
                f"fuse: {one!r} comes {place}; an op is needed, a function made by @op"
            )
        if one.parts:
            raise TypeError(
                f"fuse: {one} comes {place}, and is two ops already; give a plain one"
            )
    rule = last.rules.get(last.inputs[0])
    if len(last.inputs) > 1 or last.variadic or last.static or rule is None:
        raise TypeError(
            f"fuse: {last} comes last; an op of one array and nothing else is needed, "
            "with a rule"
        )
    if not {"g", "out", "xp"}.issuperset(rule.names):
        raise TypeError(
            f"fuse: {last} comes last, and its rule names {', '.join(rule.names)}; it "
            "may name g, out and xp, for what goes in is not kept"
        )
    if any("out" in rule.names for rule in first.rules.values()):
        raise TypeError(
            f"fuse: {first} comes first, and a rule of it names out; what it gives is "
            "not kept, so another op is needed"
        )

    def forward(xp: Any, *arrays: Any, **static: Any) -> Any:
        out = first.forward_for(xp)(xp, *arrays, **static)
        return last.forward_for(xp)(xp, out)

    forward.__signature__ = inspect.signature(first.forward)  # type: ignore[attr-defined]
    forward.__name__ = forward.__qualname__ = f"{first.__name__}_{last.__name__}"
    forward.__module__ = sys._getframe(1).f_globals.get("__name__", __name__)
    forward.__doc__ = f"`{last.__name__}` of what `{first.__name__}` gives, as one op."
    fused = Op(forward)
    fused.rules = dict(first.rules)
    fused.keeps_shapes = first.keeps_shapes
    fused.parts = first, last
    fused.ending = rule  # `g`, `xp` and `out` are at the same places for all ops
    for part in fused.parts:
        part.fused = weakref.WeakSet([*part.fused, fused])
    return fused
