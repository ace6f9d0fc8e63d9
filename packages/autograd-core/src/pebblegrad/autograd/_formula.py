"""The text of a backward rule, read from its file, and what its helpers do.

A picture that shows a formula shall show the one that runs. So nothing is written a
second time: the text is cut out of the source, and a function that the formula calls is
explained by the first sentence of its own docstring.
"""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import textwrap
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, str] = MappingProxyType({})


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


@functools.cache
def helpers(function: Callable[..., Any]) -> Mapping[str, str]:
    """Return what the functions that a rule calls do, each in a sentence.

    These are the functions that the rule's own file defines or imports by name. What is
    called as a part of something, such as ``xp.exp``, and what Python brings along need
    no words here.

    Args:
        function: a rule, as given to `Op.backward`.

    Returns:
        The first sentence of the docstring of each, by its name, in the order in which
        the formula names them.
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
    found: dict[str, str] = {}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            helper = scope.get(call.func.id)
            sentence = _first_sentence(helper) if callable(helper) else ""
            if sentence:
                found[call.func.id] = sentence
    return MappingProxyType(found)


def _first_sentence(documented: Any) -> str:
    """Return the first paragraph of a docstring in one line."""
    text = inspect.getdoc(documented) or ""
    return " ".join(text.partition("\n\n")[0].split())
