"""The file behind a text log: each record is handed over in one piece.

A record is built completely, then given to the operating system as one ``write`` on a
file opened for appending. So two processes that log to one file do not mix within a
record, and one that is killed leaves complete records, and at most the beginning of
one more: a kill in the middle of a ``write`` may cut it off. The file is opened for
every record and closed again (some 10 microseconds), so there is nothing to close and
nothing to leak.

What this does not promise: the text is with the operating system, not yet on the disk
(no ``fsync``), so a power failure can lose the last records; and network file systems
and Windows do not make two processes' appends exclusive.
"""

import contextlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

RULER = "=" * 80


class RunFile:
    """One run's share of ``<log_dir>/<name>.log``.

    The run starts here, now: the header bears this time. It is written together with
    the first record, so a run that logs nothing adds nothing. The folder is created and
    the file opened here, so that a log that cannot be written is known before hours of
    training.

    Args:
        name: file name without ``.log``; no folders in it.
        log_dir: folder of the file, created when missing.
        clock: gives the time of the run.
        who: how an error message begins, such as ``"TrainingLogger"``.

    Raises:
        TypeError: when `name` is not a string.
        ValueError: when `name` is not a plain file name.
        OSError: when the folder or the file cannot be had.
    """

    def __init__(
        self,
        name: str,
        log_dir: str | os.PathLike[str],
        *,
        clock: Callable[[], datetime],
        who: str,
    ) -> None:
        self._who = who
        _check_name(name, who)
        # Absolute, so that a later chdir does not split the log.
        self.path = Path(log_dir, f"{name}.log").absolute()
        self._make_folder(log_dir)
        os.close(self._open())
        self._header = f"{RULER}\nRUN: {clock():%Y-%m-%d %H:%M:%S}\n{RULER}\n"

    def append(self, record: str) -> None:
        """Write `record`, complete lines, after a blank line.

        Raises:
            OSError: when it cannot be written; a part that did get into a full disk is
                taken back, or the message says how much of it is there.
        """
        descriptor = self._open()
        try:
            text = f"{self._header}\n{record}"
            if self._header and os.fstat(descriptor).st_size:
                text = f"\n{text}"
            self._write(descriptor, text.encode())
        finally:
            os.close(descriptor)
        self._header = ""

    def _write(self, descriptor: int, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:  # one turn, unless the disk is filling up
                rest = rest[os.write(descriptor, rest) :]
        except OSError as error:
            part = len(data) - len(rest)
            if part == 0 or _take_back(descriptor, part):
                state = "the file is as it was before"
            else:
                state = f"the first {part} of its {len(data)} bytes are in the file"
            raise self._error(
                error,
                f"the record could not be written ({error.strerror}); {state}",
                self.path,
            ) from error

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        flags |= getattr(os, "O_BINARY", 0)  # Windows: the same bytes everywhere
        try:
            return os.open(self.path, flags, 0o666)
        except OSError as error:
            raise self._error(
                error,
                f"the file cannot be appended to ({error.strerror}); "
                "a writable file was needed; choose another name or log_dir",
                self.path,
            ) from error

    def _make_folder(self, log_dir: str | os.PathLike[str]) -> None:
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = "it is a file" if folder.is_file() else error.strerror
            raise self._error(
                error,
                f"log_dir {os.fspath(log_dir)!r} cannot be used ({reason}); "
                "a folder, or a place for a new one, was needed",
                folder,
            ) from error

    def _error(self, cause: OSError, text: str, path: Path) -> OSError:
        # OSError picks the subclass (PermissionError, ...) from the number.
        return OSError(cause.errno, f"{self._who}: {text}", str(path))


def _check_name(name: str, who: str) -> None:
    """Refuse what is not a plain file name: the log must land in log_dir."""
    needed = "a file name without folders was needed, such as 'my_model'"
    if not isinstance(name, str):
        raise TypeError(f"{who}: name is of type {type(name).__name__}; {needed}")
    if not name.strip() or not name.isprintable():
        raise ValueError(f"{who}: name is {name!r}; {needed}")
    if "/" in name or "\\" in name:
        raise ValueError(
            f"{who}: name is {name!r}; {needed}; pass the folder as log_dir"
        )


def _take_back(descriptor: int, part: int) -> bool:
    """Cut the last `part` bytes off again, unless someone wrote after them."""
    with contextlib.suppress(OSError):
        end = os.lseek(descriptor, 0, os.SEEK_CUR)
        if os.fstat(descriptor).st_size == end:
            os.ftruncate(descriptor, end - part)
            return True
    return False
