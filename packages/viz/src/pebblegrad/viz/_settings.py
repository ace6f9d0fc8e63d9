"""The settings of matplotlib under which a picture is made.

A user may have a dark style, large fonts or TeX for their own figures. A picture is
laid out for other settings, with which its texts were measured; therefore it is made,
and later drawn, under matplotlib's defaults. What is kept of the user's are the names
of the fonts, without which letters of their language might be missing. Axes that the
user gives belong to the user's figure: their ticks look as the user wants them.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

KEPT = (
    "axes.unicode_minus",
    "font.cursive",
    "font.family",
    "font.fantasy",
    "font.monospace",
    "font.sans-serif",
    "font.serif",
    "pdf.fonttype",
)
# Text stays text, which can be searched, read aloud and edited; the same picture gives
# the same file.
OWN: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "pebblegrad"}

_waiting: ContextVar[contextlib.ExitStack | None] = ContextVar("waiting", default=None)


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Let matplotlib's defaults hold; afterwards all is as it was."""
    import matplotlib
    import matplotlib.style

    settings: Any = matplotlib.rcParams
    kept = {name: settings[name] for name in KEPT}
    with matplotlib.style.context(["default", kept | OWN]):
        yield


def with_own_settings(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function make its picture under settings that do not depend on the user.

    They hold from the moment at which the function begins to draw, which it says by
    `begin`: before that its arguments are checked, for which matplotlib is not needed.
    """

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with contextlib.ExitStack() as stack:
            token = _waiting.set(stack)
            try:
                return draw(*args, **kwargs)
            finally:
                _waiting.reset(token)

    return drawn


def begin() -> None:
    """Let the settings hold until the function that draws is done."""
    stack = _waiting.get()
    if stack is not None:
        stack.enter_context(own_settings())
        _waiting.set(None)
