"""A backward rule: a formula, and where its operands are to be found.

A rule says what it needs by naming it in its signature, which is read once, when the
rule is declared. What it may name, `places` says: each name with its position in
`(g, *node.values)`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from operator import itemgetter
from types import FunctionType
from typing import Any

_STARS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
RESERVED = ("g", "xp", "out", "in_shape")


class Rule:
    """The formula for the gradient of one input, or of several that share costly work.

    Attributes:
        function: the formula.
        inputs: the positions of the inputs that it is for.
        joint: whether it returns a sequence, one gradient for each of `inputs`.
        names: what its signature names.
        operands: picks these from `(g, *node.values)`, in the signature's order.
        run: takes `g` and `node.values`, and returns what the formula does.
    """

    __slots__ = ("function", "inputs", "joint", "names", "operands", "run")

    def __init__(
        self,
        function: Callable[..., Any],
        inputs: tuple[int, ...],
        joint: bool,
        names: tuple[str, ...],
        operands: Callable[[tuple[Any, ...]], tuple[Any, ...]],
    ) -> None:
        self.function = function
        self.inputs = inputs
        self.joint = joint
        self.names = names
        self.operands = operands
        self.run = self._first_run

    def _first_run(self, g: Any, values: list[Any]) -> Any:
        """Write the call with its operands picked, for all runs, and run it.

        For the formula ``g * y`` of ``multiply`` it is ``function(g, values[3])``.
        """
        places = self.operands(("g", *(f"values[{i}]" for i in range(len(values)))))
        text = f"lambda g, values: function({', '.join(places)})"
        self.run = eval(text, {"function": self.function})
        return self.run(g, values)

    def for_all(self, count: int) -> Rule:
        """Return the same rule for the first `count` inputs."""
        everything = tuple(range(count))
        return Rule(self.function, everything, True, self.names, self.operands)


def read_rule(
    who: str,
    function: Callable[..., Any],
    inputs: tuple[int, ...],
    joint: bool,
    places: dict[str, int],
) -> Rule:
    """Return the rule that a function is, by the names in its signature.

    Raises:
        TypeError: if it names what is not in `places`; the message begins with `who`.
    """
    names = _plain_names(function)
    if names is None:
        parameters = inspect.signature(function).parameters
        for p in parameters.values():
            if p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
                raise TypeError(
                    f"{who} has the parameter {p}; only plain names are allowed"
                )
        names = tuple(parameters)
    for name in names:
        if name not in places:
            raise TypeError(
                f"{who} names {name!r}; a rule may name {', '.join(places)}"
            )
    operands = _picker([places[name] for name in names])
    return Rule(function, inputs, joint, names, operands)


def _plain_names(function: Callable[..., Any]) -> tuple[str, ...] | None:
    """Return the parameters of a function that has nothing but plain ones, else None.

    `inspect.signature` takes ten times as long, for hundreds of rules at each import.
    """
    if type(function) is not FunctionType or function.__dict__:  # perhaps it is wrapped
        return None
    code = function.__code__
    if code.co_kwonlyargcount or code.co_flags & _STARS:
        return None
    return code.co_varnames[: code.co_argcount]


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return a function that picks these places from a tuple, as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple([values[place] for place in places])
