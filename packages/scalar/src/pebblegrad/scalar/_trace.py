"""A backward pass to look at: its steps, each a formula with its numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ._graph import check_unchanged, kind, listed, rule_of
from ._numbers import as_number
from .tensor import Tensor


class Step(NamedTuple):
    """One step of a backward pass: one formula, applied.

    Attributes:
        node: the value that the gradient came in for, as a position in `graph(tensor)`.
        parent: the value that the result is for, as such a position.
        op: the name of the operation that made `node`.
        input: what the formula calls `parent`.
        formula: the text of the formula.
        g: the gradient that came in.
        result: the gradient that goes to `parent`; its own is the sum of all of these.
        operands: the numbers for the other names in the formula.
        rule: the formula as a function of ``g`` alone; see `apply`.
        total: the gradient of `parent` once all has arrived there; what `backward()`
            leaves in `.grad`, or adds to it if you made `parent`.
    """

    node: int
    parent: int
    op: str
    input: str
    formula: str
    g: float
    result: float
    operands: Mapping[str, float]
    rule: Callable[[float], float]
    total: float | None = None

    def apply(self, g: float, *, summed: bool = True) -> float:
        """Return what the formula makes of another incoming gradient.

        Args:
            g: a number; of 1 it makes the local derivative.
            summed: makes no difference to a single number, which has no shape to be
                summed to; pictures of arrays ask for it, and of these alike.

        Raises:
            TypeError: if `g` is not a number.
        """
        return self.rule(as_number(g, "Step.apply", "g"))

    def __str__(self) -> str:
        """Say it in a line: `*: gradient of x = g * y = 3.0`."""
        return f"{self.op}: gradient of {self.input} = {self.formula} = {self.result}"


def trace(
    tensor: Tensor, gradient: float | None = None, *, constants: bool = False
) -> list[Step]:
    """Return the backward pass from a Tensor as a list of steps, to print or to draw.

    Nothing is changed: no `.grad` is written.

    Args:
        tensor: where the pass starts.
        gradient: its gradient, 1 if it is None.
        constants: makes no difference: a step to a constant of an array can be asked
            for, and here all constants are plain numbers, which get none.

    Raises:
        TypeError: if `tensor` is not a Tensor, or `gradient` not a number.
        RuntimeError: as `values` does, and as `Tensor.backward` does.

    Example:
        >>> from pebblegrad.scalar import Tensor, trace
        >>> x = Tensor(2.0)
        >>> for step in trace((x * 3).tanh()):
        ...     print(step)
        tanh: gradient of x = g * (1 - out * out) = 2.4577e-05
        *: gradient of x = g * y = 7.3730e-05
    """
    nodes = listed(tensor, "trace")
    start = 1 if gradient is None else as_number(gradient, "trace", "gradient")
    check_unchanged(nodes, "trace")
    places = {node: place for place, node in enumerate(nodes)}
    gradients: dict[Tensor, float] = {tensor: start}
    steps = []
    for node in reversed(tensor._in_order()):
        g, rule = gradients[node], rule_of(node)
        known = dict(
            zip(rule.inputs, [child.data for child in node._children], strict=True)
        )
        known["out"] = node.data
        for i, child in enumerate(node._children):
            slope = node._derivatives[i]
            result = g * slope
            gradients[child] = gradients.get(child, 0) + result
            if kind(child) == "constant":
                continue
            operands = {
                name: known.get(name, slope) for name in rule.names[i] if name != "g"
            }
            steps.append(
                Step(
                    places[node],
                    places[child],
                    node._op,
                    rule.inputs[i],
                    rule.formulas[i],
                    g,
                    result,
                    operands,
                    functools.partial(_times, slope),
                )
            )
    return [step._replace(total=gradients[nodes[step.parent]]) for step in steps]


def _times(slope: float, g: float) -> float:
    return g * slope
