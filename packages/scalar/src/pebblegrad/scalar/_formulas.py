"""The texts of the derivatives, read where they are written: in `tensor.py`, `dot.py`.

An operation there ends in ``Tensor(out, (self, other), "*", _derivatives=(y, x))``.
Here that is found in the source and becomes formulas as the chain rule has them,
``g * y`` and ``g * x``, so that what is shown is what is computed.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from . import tensor as engine
from .dot import dot
from .tensor import Tensor


class Rule(NamedTuple):
    """How the gradients of one operation are computed, in words.

    Attributes:
        again: does the operation again; None if it is not one of ours.
        inputs: what the formulas call the operands.
        formulas: the text for each operand.
        names: the names in each of these.
        helpers: what the functions in these do, by name: the first line of the
            docstring of each.
    """

    again: Callable[..., Tensor] | None
    inputs: tuple[str, ...]
    formulas: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    helpers: Mapping[str, str]


@functools.cache
def rule_for(op: str, count: int) -> Rule:
    """Return the rule of an operation that made a Tensor of so many children."""
    found = _written().get(op)
    if found is not None and (op == "dot" or len(found[1]) == count):
        function, slopes = found
        return _lists(slopes, count // 2) if op == "dot" else _single(function, slopes)
    # An operation of somebody else's: only the numbers of its derivatives are known.
    inputs = tuple(f"x{i}" for i in range(1, count + 1))
    return Rule(
        None,
        inputs,
        tuple(f"g * d{name}" for name in inputs),
        tuple(("g", f"d{name}") for name in inputs),
        MappingProxyType({}),
    )


def _single(function: Callable[..., Tensor], slopes: list[ast.expr]) -> Rule:
    """Return the rule of an operation on one or two Tensors, called x and y."""
    helpers = {
        found.func.id: str(getattr(engine, found.func.id).__doc__).splitlines()[0]
        for slope in slopes
        for found in ast.walk(slope)
        if isinstance(found, ast.Call) and isinstance(found.func, ast.Name)
    }
    return Rule(
        function,
        ("x", "y")[: len(slopes)],
        tuple(_times(slope) for slope in slopes),
        tuple(_names(slope) for slope in slopes),
        MappingProxyType(helpers),
    )


def _lists(slopes: list[ast.expr], n: int) -> Rule:
    """Return the rule of `dot`, whose operands are called x1 to xn and y1 to yn."""
    numbers = range(1, n + 1)
    texts = [ast.unparse(slope).removeprefix("*") for slope in slopes]
    factors = [f"{text}{i}" for text in texts for i in numbers]
    return Rule(
        lambda *children: dot(children[:n], children[n:]),
        tuple(f"{name}{i}" for name in "xy" for i in numbers),
        tuple(f"g * {factor}" for factor in factors),
        tuple(("g", factor) for factor in factors),
        MappingProxyType({}),
    )


@functools.cache
def _written() -> dict[str, tuple[Callable[..., Tensor], list[ast.expr]]]:
    """Return, for each operation, the function and the derivatives in its text."""
    try:
        sources = inspect.getsource(engine), inspect.getsource(dot)
    except OSError:  # installed without sources: then only numbers can be shown
        return {}
    return {
        op: (getattr(Tensor, function, dot), slopes)
        for source in sources
        for function, op, slopes in _read(ast.parse(source))
    }


def _read(tree: ast.Module) -> Iterator[tuple[str, str, list[ast.expr]]]:
    """Find `Tensor(out, children, "name", _derivatives=(...))` in each function."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            match call:
                case ast.Call(
                    args=[_, ast.Tuple(), ast.Constant(value=str(op))],
                    keywords=[ast.keyword("_derivatives", ast.Tuple(elts=slopes))],
                ):
                    yield function.name, op, slopes


def _times(slope: ast.expr) -> str:
    """Write `g` times a derivative as one would by hand."""
    text = ast.unparse(slope)
    if text in ("1", "-1"):
        return text.replace("1", "g")
    return f"g * {text}" if isinstance(slope, ast.Name) else f"g * ({text})"


def _names(slope: ast.expr) -> tuple[str, ...]:
    """Return the names of numbers in a derivative, after `g`, without functions."""
    called = {found.func for found in ast.walk(slope) if isinstance(found, ast.Call)}
    names = [
        found.id
        for found in ast.walk(slope)
        if isinstance(found, ast.Name) and found not in called
    ]
    return tuple(dict.fromkeys(["g", *names]))
