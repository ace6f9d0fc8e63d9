"""The files and the commands that a page of this folder shows, taken out of it.

A page on adding something shows whole files, each a `code-block` whose caption is the
file's name, and commands with what they print, in blocks of `console`. The page's own
cells go on with these files (`use`), and a test writes them into a fresh folder and
runs the commands: nobody has to copy a line, so none can be out of date.
"""

import re
import sys
import tempfile
from pathlib import Path

FILE = re.compile(
    r"^```\{code-block\} python\n:caption: (\S+)\n\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SESSION = re.compile(
    r"^```\{code-block\} console\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(r"^\$ (.*)\n((?:[^$\n].*\n|\n)*)", re.MULTILINE)


def files(page: Path) -> dict[str, str]:
    """Return the text of each file that a page shows, by name."""
    return dict(FILE.findall(page.read_text(encoding="utf-8")))


def commands(page: Path) -> list[tuple[str, str]]:
    """Return each command that a page shows, and what it prints."""
    sessions = SESSION.findall(page.read_text(encoding="utf-8"))
    return [found for session in sessions for found in COMMAND.findall(session)]


def write(page: Path, folder: Path) -> None:
    """Write the files of a page into a folder."""
    for name, text in files(page).items():
        (folder / name).write_text(text, encoding="utf-8")


def use(page: str) -> None:
    """Make the files of a page importable, for the cells of that page."""
    folder = Path(tempfile.mkdtemp(prefix="pebblegrad-guide-"))
    write(Path(page), folder)
    sys.path.insert(0, str(folder))
