"""Where in the user's program are we? For messages only: it is slow."""

from __future__ import annotations

import linecache
import sys
from types import FrameType
from typing import NamedTuple


class Place(NamedTuple):
    """A line of a program."""

    filename: str
    line: int

    def __str__(self) -> str:
        text = linecache.getline(self.filename, self.line).strip()
        return f"{self.filename}:{self.line}" + (f", in `{text}`" if text else "")


def users_place() -> Place:
    """Return the innermost line that is running and not part of pebblegrad."""
    frame: FrameType | None = sys._getframe(1)
    innermost = frame
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if not name.startswith("pebblegrad."):
            break
        frame = frame.f_back
    found = frame or innermost
    assert found is not None
    return Place(found.f_code.co_filename, found.f_lineno)
