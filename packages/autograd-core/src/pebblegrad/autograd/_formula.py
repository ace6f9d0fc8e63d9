"""The text of a backward rule, read from its file, and what its helpers do.

A picture that shows a formula shall show the one that runs. So nothing is written a
second time: the text is cut out of the source, and a function that the formula calls is
explained by its own parameters and the first sentence of its own docstring.
"""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import textwrap
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

NOTHING: Mapping[str, Any] = MappingProxyType({})


@functools.cache
def formula(function: Callable[..., Any]) -> str:
    """Return the text of a backward rule as it stands in its file.

    Of a lambda that is its expression, of a function its body, without `return` if it
    is a single one.

    Args:
        function: a rule, as given to `Op.backward`.
    """
    function = getattr(function, "shown_as", function)  # see `Function`
    code = getattr(function, "__code__", None)
    if code is None:  # a callable that is no function, such as a partial
        return f"{inspect.signature(function)} -> ..."
    # Typed at a prompt, or installed without sources, it has no lines to show.
    source = "".join(linecache.getlines(code.co_filename, function.__globals__))
    places = {(line, column) for line, _, column, _ in code.co_positions()}
    for found in ast.walk(ast.parse(source)):
        if isinstance(found, ast.Lambda):
            if (found.body.lineno, found.body.col_offset) in places:
                return ast.get_source_segment(source, found.body) or ""
        elif isinstance(found, ast.FunctionDef):
            decorators = [decorator.lineno for decorator in found.decorator_list]
            if min([found.lineno, *decorators]) == code.co_firstlineno:
                return _body(found, source)
    return f"{inspect.signature(function)} -> ..."


def _body(function: ast.FunctionDef, source: str) -> str:
    """Return the text of a function without signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value:
        return ast.get_source_segment(source, body[0].value) or ""
    lines = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    return textwrap.dedent("\n".join(lines))


class Helper(NamedTuple):
    """A function that a formula calls.

    Attributes:
        signature: how it is called, such as ``zero_where(x, mask)``.
        sentence: what it does, the first of its docstring.
    """

    signature: str
    sentence: str


@functools.cache
def helpers(function: Callable[..., Any]) -> Mapping[str, Helper]:
    """Return what the functions that a rule calls do.

    These are the functions that the rule's own file defines or imports by name, and
    those of modules of its package, called as ``module.function``. What is called as a
    part of something else, such as ``xp.exp``, and what Python brings along need no
    words here.

    Args:
        function: a rule, as given to `Op.backward`.

    Returns:
        Each by its name in the formula, in the order in which this names them.
    """
    shown = getattr(function, "shown_as", function)
    scope = getattr(shown, "__globals__", {})
    text = formula(function)
    try:
        tree = ast.parse(text)
    except SyntaxError:
        try:
            tree = ast.parse(f"({text})")  # a lambda's, over several lines
        except SyntaxError:  # not a text but a signature
            return NOTHING
    found: dict[str, Helper] = {}
    for call in ast.walk(tree):
        helper = _called(call.func, scope) if isinstance(call, ast.Call) else None
        sentence = _first_sentence(helper) if callable(helper) else ""
        if sentence and isinstance(call, ast.Call):
            name = ast.unparse(call.func)
            found[name] = Helper(f"{name}({_parameters(helper)})", sentence)
    return MappingProxyType(found)


def _called(called: ast.expr, scope: Mapping[str, Any]) -> Any:
    """Return what a name stands for, or an attribute of a module of one's own."""
    if isinstance(called, ast.Name):
        return scope.get(called.id)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        module = scope.get(called.value.id)
        own = str(scope.get("__name__")).partition(".")[0]
        if isinstance(module, ModuleType) and module.__name__.partition(".")[0] == own:
            return getattr(module, called.attr, None)
    return None


def _parameters(function: Any) -> str:
    """Return the parameters of a function by name, with their defaults."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # a function of C may not tell
        return "..."
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return ", ".join(str(p) for p in plain)


def _first_sentence(documented: Any) -> str:
    """Return the first paragraph of a docstring in one line."""
    text = inspect.getdoc(documented) or ""
    return " ".join(text.partition("\n\n")[0].split())
