"""A file that only grows, and only by whole records.

A record is built completely, then given to the operating system as one ``write`` on a
file opened for appending, while a lock on the file keeps other writers out. So two
processes (or threads) that log to one file do not mix within a record, and one that is
killed leaves complete records, and at most the beginning of one more: a kill in the
middle of a ``write`` may cut it off. The file is opened for every record and closed
again (some 20 microseconds), so there is nothing to close and nothing to leak.

What this does not promise: without `fsync` the text is with the operating system, not
yet on the disk, so a power failure (not a kill) can lose the last records; and Windows,
and network file systems without locks, do not make two processes' appends exclusive.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path

from pebblegrad.loggers._names import is_line
from pebblegrad.loggers._warning import warn

if sys.platform != "win32":
    import fcntl

BLOCK = 65536


class AppendFile:
    """The file ``<log_dir>/<name><suffix>``, to which records are appended.

    The folder is created and the file opened here, so that a log that cannot be written
    is known before hours of training.

    Args:
        name: file name without suffix; no folders in it.
        log_dir: folder of the file, created when missing.
        suffix: how the file's name ends, such as ``".log"``.
        fsync: whether each record is forced onto the disk before `append` returns, so
            that a power failure cannot lose it; costs milliseconds a record.
        who: how an error message begins, such as ``"TrainingLogger"``.

    Raises:
        TypeError: when `name` is not a string or `log_dir` not a path.
        ValueError: when `name` is not a plain file name, or `log_dir` has a null byte.
        OSError: when the folder or the file cannot be had.
    """

    def __init__(
        self,
        name: str,
        log_dir: str | os.PathLike[str],
        suffix: str,
        *,
        fsync: bool,
        who: str,
    ) -> None:
        self._who = who
        self._fsync = fsync
        check_name(name, who)
        check_folder(log_dir, who)
        # Absolute, so that a later chdir does not split the log.
        self.path = Path(log_dir, f"{name}{suffix}").absolute()
        make_folder(self.path.parent, who)
        os.close(self._open())

    @contextlib.contextmanager
    def locked(self) -> Generator[int, None, None]:
        """Open the file for appending, with every other writer shut out.

        Yields:
            The file's descriptor, for `write`.

        Raises:
            OSError: when the file cannot be opened.
        """
        descriptor = self._open()
        try:
            _lock(descriptor)
            # While we waited another writer may have put a new file in its place.
            while not self._is_current(descriptor):
                # In this order: if it cannot be opened, `finally` closes the old one,
                # and only once. Its number may be another thread's file by then.
                fresh = self._open()
                os.close(descriptor)
                descriptor = fresh
                _lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def write(self, descriptor: int, data: bytes) -> None:
        """Append `data` as one write.

        Raises:
            OSError: when it cannot be written; a part that did get into a full disk is
                taken back, or the message says how much of it is there.
        """
        rest = memoryview(data)
        try:
            while rest:  # one turn, unless the disk is filling up
                rest = rest[os.write(descriptor, rest) :]
            if self._fsync:
                os.fsync(descriptor)
        except OSError as error:
            part = len(data) - len(rest)
            if part == 0 or _take_back(descriptor, part):
                state = "the file is as it was before"
            else:
                state = f"the first {part} of its {len(data)} bytes are in the file"
            raise _error(
                error,
                f"{self._who}: the record could not be written ({error.strerror}); "
                f"{state}",
                self.path,
            ) from error

    def _open(self) -> int:
        # Reading is for the end of the file: was the last record cut off?
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        flags |= getattr(os, "O_BINARY", 0)  # Windows: the same bytes everywhere
        try:
            return os.open(self.path, flags, 0o666)
        except OSError as error:
            raise _error(
                error,
                f"{self._who}: the file cannot be appended to ({error.strerror}); "
                "a file to read and write was needed; choose another name or log_dir",
                self.path,
            ) from error

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self.path))
        except FileNotFoundError:  # deleted meanwhile: the next turn makes a new one
            return False


def drop_torn_line(
    descriptor: int, is_whole: Callable[[bytes], bool] | None = None
) -> int:
    """Cut off what follows the last newline: a record that a kill left unfinished.

    Args:
        descriptor: of a file opened for reading and writing, and locked.
        is_whole: tells whether such a line lacks nothing but its newline, as after an
            editor; then it is given one. None where that cannot be known.

    Returns:
        The number of bytes cut off; 0 for a file that ends as it should.

    Raises:
        OSError: when the newline cannot be written.
    """
    size = os.fstat(descriptor).st_size
    if size == 0 or _read(descriptor, size - 1, 1) == b"\n":
        return 0
    end = size
    while end > 0:
        start = max(0, end - BLOCK)
        newline = _read(descriptor, start, end - start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if is_whole is not None and is_whole(_read(descriptor, end, size - end)):
        os.write(descriptor, b"\n")
        return 0
    os.ftruncate(descriptor, end)
    return size - end


def split_torn_line(data: bytes) -> tuple[bytes, bytes]:
    r"""Part the complete lines of a file from what follows the last newline.

    Example:
        >>> split_torn_line(b"one\ntwo\nthr")
        (b'one\ntwo\n', b'thr')
    """
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def warn_of_torn_line(who: str, path: str | os.PathLike[str], torn: bytes) -> None:
    """Say that the end of a file was left out, if it was."""
    if torn:
        warn(
            f"{who}: the last line of {os.fspath(path)!r} ends after {len(torn)} bytes "
            "without a newline: its writer was killed, or is still at it; the line "
            "was left out, all before it was read"
        )


def warn_of_repair(path: Path, torn: int) -> None:
    """Say that the end of a file was cut off, if it was."""
    if torn:
        warn(
            f"the last line of {str(path)!r} had been cut off by a kill; its {torn} "
            "bytes were removed, all before it is there"
        )


def check_name(name: str, who: str) -> None:
    """Refuse what is not a plain file name: the log must land in log_dir."""
    needed = "a file name without folders was needed, such as 'my_model'"
    if not isinstance(name, str):
        raise TypeError(f"{who}: name is of type {type(name).__name__}; {needed}")
    if not is_line(name):
        raise ValueError(f"{who}: name is {name!r}; {needed}")
    if "/" in name or "\\" in name:
        raise ValueError(
            f"{who}: name is {name!r}; {needed}; pass the folder as log_dir"
        )


def check_folder(log_dir: str | os.PathLike[str], who: str) -> None:
    """Refuse what is not a path."""
    if not isinstance(log_dir, str | os.PathLike):
        raise TypeError(
            f"{who}: log_dir is {log_dir!r} of type {type(log_dir).__name__}; "
            "the path of a folder was needed, such as 'runs/first'"
        )
    if "\0" in os.fspath(log_dir):
        raise ValueError(
            f"{who}: log_dir is {log_dir!r}; a path without null bytes was needed"
        )


def make_folder(folder: Path, who: str) -> None:
    """Create a folder and those above it, where they are missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror
        raise _error(
            error,
            f"{who}: log_dir {os.fspath(folder)!r} cannot be used ({reason}); "
            "a folder, or a place for a new one, was needed",
            folder,
        ) from error


def _error(cause: OSError, text: str, path: Path) -> OSError:
    # OSError picks the subclass (PermissionError, ...) from the number.
    return OSError(cause.errno, text, str(path))


def _lock(descriptor: int) -> None:
    """Wait until no other descriptor holds the file; closing it lets go again."""
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            # Some network file systems have no locks: a log without them is better
            # than none, and the head of this file says what is lost.
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP):
                raise


def _read(descriptor: int, start: int, count: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)  # appends ignore the position
    return os.read(descriptor, count)


def _take_back(descriptor: int, part: int) -> bool:
    """Cut the last `part` bytes off again, unless someone wrote after them."""
    with contextlib.suppress(OSError):
        end = os.lseek(descriptor, 0, os.SEEK_CUR)
        if os.fstat(descriptor).st_size == end:
            os.ftruncate(descriptor, end - part)
            return True
    return False
