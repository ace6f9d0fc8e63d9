"""The file behind a text log: runs with a header each, records after blank lines.

How a record gets into the file in one piece, whoever else writes and whatever kills the
process, is in `_append_file.py`.
"""

import os
import threading
from collections.abc import Callable
from datetime import datetime

from pebblegrad.loggers._append_file import AppendFile

RULER = "=" * 80


class RunFile:
    """One run's share of ``<log_dir>/<name>.log``.

    The run starts here, now: the header bears this time. It is written together with
    the first record, so a run that logs nothing adds nothing. Threads may share it.

    Args:
        name: file name without ``.log``; no folders in it.
        log_dir: folder of the file, created when missing.
        clock: gives the time of the run.
        fsync: whether each record is forced onto the disk.
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
        fsync: bool = False,
        who: str,
    ) -> None:
        self._file = AppendFile(name, log_dir, ".log", fsync=fsync, who=who)
        self.path = self._file.path
        self._header = f"{RULER}\nRUN: {clock():%Y-%m-%d %H:%M:%S}\n{RULER}\n"
        self._turn = threading.Lock()  # or two first records had a header each

    def append(self, record: str) -> None:
        """Write `record`, complete lines, after a blank line.

        Raises:
            OSError: when it cannot be written; a part that did get into a full disk is
                taken back, or the message says how much of it is there.
        """
        with self._turn, self._file.locked() as descriptor:
            text = f"{self._header}\n{record}"
            if self._header and os.fstat(descriptor).st_size:
                text = f"\n{text}"
            self._file.write(descriptor, text.encode())
            self._header = ""
