"""Where a picture goes: the arguments `filename`, `ax` and `title`, and the file.

They are checked before anything is drawn, so that a wrong suffix is known at once. A
file appears complete or not at all: it is written beside the target under another name,
flushed to the disk, then renamed.
"""

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

FORMS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Target:
    """The file that a picture will be written to.

    Attributes:
        path: absolute.
        form: "png", "svg" or "pdf".
        who: how an error message begins.
    """

    path: Path
    form: str
    who: str

    def write(self, data: bytes) -> None:
        """Put `data` in place of whatever is there, creating folders on the way.

        Raises:
            OSError: when it cannot be written; the target is then as it was.
        """
        # A link stays a link: what it points to is replaced.
        path = Path(os.path.realpath(self.path))
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with open(temporary, "xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    temporary.unlink()
                raise
        except OSError as error:
            raise OSError(
                error.errno,
                f"{self.who}: the picture cannot be written ({error.strerror}); a "
                "writable place was needed; choose another filename",
                str(self.path),
            ) from error


def read_target(filename: object, who: str) -> Target | None:
    """Check the argument `filename`.

    Raises:
        TypeError: if it is neither None, nor a string, nor a path.
        ValueError: if its suffix names no format that is written here.
    """
    if filename is None:
        return None
    if not isinstance(filename, str | os.PathLike):
        raise TypeError(
            f"{who}: filename is of type {type(filename).__name__}; a path ending in "
            f"{_suffixes()} was needed"
        )
    path = path_of(filename, who)
    form = path.suffix[1:].lower()
    if form not in FORMS:
        raise ValueError(
            f"{who}: filename is {os.fspath(filename)!r}; a name ending in "
            f"{_suffixes()} was needed, because the ending decides the format; give a "
            "title as title="
        )
    return Target(path.absolute(), form, who)


def path_of(filename: "str | os.PathLike[str]", who: str) -> Path:
    """Return the path that a file name is.

    Raises:
        ValueError: if no file can have that name.
    """
    name = os.fspath(filename)
    if "\0" in name:
        raise ValueError(
            f"{who}: filename is {name!r}; a name without the character \\0 was "
            "needed, as no file can have it in its name"
        )
    return Path(name)


def _suffixes() -> str:
    first = ", ".join(f".{form}" for form in FORMS[:-1])
    return f"{first} or .{FORMS[-1]}"


def check_ax(ax: object, who: str) -> None:
    """Check the argument `ax`.

    Raises:
        TypeError: if it is neither None nor one matplotlib Axes.
    """
    # By what is done with it: naming the class would import matplotlib.
    if ax is not None and not (hasattr(ax, "add_patch") and hasattr(ax, "figure")):
        raise TypeError(
            f"{who}: ax is of type {type(ax).__name__}; one matplotlib Axes was "
            "needed, such as Figure().add_subplot()"
        )


def check_title(title: object, who: str) -> None:
    """Check the argument `title`.

    Raises:
        TypeError: if it is neither None nor a string.
    """
    if title is not None and not isinstance(title, str):
        raise TypeError(
            f"{who}: title is of type {type(title).__name__}; a string was needed; "
            "give a file's name as filename="
        )


def check_slip(title: str | None, filename: object, who: str) -> None:
    """Check that a title, which stands before the file, is not the file's name.

    Raises:
        ValueError: if it ends as a file does, and no file is named.
    """
    if filename is None and title and Path(title).suffix[1:].lower() in FORMS:
        raise ValueError(
            f"{who}: title is {title!r} and filename is None, so that no file would be "
            f"written; a title was needed there; say filename={title!r}"
        )
