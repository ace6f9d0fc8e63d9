"""A run's numbers as a table: a row a step, a column a name, for spreadsheets.

A table has its columns in its first line, and a run may find a new one at any time (a
validation loss after the first epoch). Then the table is written anew beside the old
one, with empty cells in the earlier rows, and put in its place in one step: a kill
leaves the old table or the new one, and no row is lost either way. This happens once
for each new set of columns; all other rows are appended.
"""

import csv
import io
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._append_file import (
    AppendFile,
    drop_torn_line,
    split_torn_line,
    warn_of_repair,
    warn_of_torn_line,
)
from pebblegrad.loggers._names import check_line
from pebblegrad.loggers._reporter import (
    RESERVED,
    GuardedReporter,
    Number,
    new_run_id,
)


class CSVReporter(GuardedReporter):
    r"""A reporter that appends a row of numbers to ``<log_dir>/<name>.csv``.

    The columns are "run", "step", "time" (seconds since 1970) and then the names in the
    order in which they first came; a name that a row has no number for is an empty
    cell. The file keeps the history of all runs. Pictures and histograms are not
    written: a table has no place for them.

    Args:
        name: file name without ``.csv``; no folders in it.
        log_dir: folder of the file, created when missing.
        run: name of an earlier run, to go on as that one, such as ``first.run``; None
            for a new one.
        fsync: whether each row is forced onto the disk before the call returns.
        clock: gives the local time of the run's start.

    Attributes:
        path: the file, absolute.
        run: name of the run; if not given, made of its start and six random digits.
        lost: number of rows that could not be written.

    Raises:
        TypeError: when an argument is not as above.
        ValueError: when `name` is not a file name, or the file is a table of others.
        OSError: when the folder cannot be created or the file not written.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> with CSVReporter(log_dir=folder.name) as reporter:
        ...     reporter.log_scalars(1, {"loss": 0.5})
        ...     reporter.log_scalars(2, {"loss": 0.25, "accuracy": 0.9})
        >>> for name, column in read_csv(reporter.path).items():
        ...     if name not in ("run", "time"):
        ...         print(name, column)
        step [1 2]
        loss [0.5  0.25]
        accuracy [nan 0.9]
        >>> folder.cleanup()
    """

    path: Path

    def __init__(
        self,
        name: str = "metrics",
        log_dir: str | os.PathLike[str] = ".",
        *,
        run: str | None = None,
        fsync: bool = False,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        if run is not None:
            check_line(run, "CSVReporter: run")
        self._file = AppendFile(name, log_dir, ".csv", fsync=fsync, who="CSVReporter")
        self.path = self._file.path
        self.run = new_run_id(clock()) if run is None else run
        self._columns: list[str] = []
        self._seen: tuple[int, int, int] | None = None  # the file as we left it
        with self._file.locked() as descriptor:
            self._read_columns(descriptor)

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Append a row, with new columns if there are new names."""
        cells = {"run": self.run, "step": step, "time": f"{time.time():.3f}", **scalars}
        torn = 0
        with self._file.locked() as descriptor:
            if self._seen != _state(descriptor):  # another process wrote, or a kill
                torn = drop_torn_line(descriptor)
                self._read_columns(descriptor)
            empty = os.fstat(descriptor).st_size == 0
            new = [name for name in cells if name not in self._columns]
            columns = self._columns + new
            row = _line([_cell(cells.get(name, "")) for name in columns])
            if new and not empty:
                self._replace(columns, row)
                self._seen = None  # the new file's
            else:
                head = _line(columns) if empty else b""
                self._file.write(descriptor, head + row)
                self._seen = _state(descriptor)
            self._columns = columns
        warn_of_repair(self.path, torn)

    def write_epoch(
        self,
        epoch: int,
        input_data: NDArray[Any],
        output: NDArray[Any],
        loss: Number,
        parameters: Mapping[str, object],
    ) -> None:
        """Append the loss."""
        self.write_scalars(epoch, {"loss": loss})

    def _read_columns(self, descriptor: int) -> None:
        """Take the columns from the first line of the file, and check them."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        with open(descriptor, "rb", closefd=False) as file:
            first = file.readline()
        if not first.endswith(b"\n"):  # empty, or cut off: `write_scalars` mends it
            self._columns = []
            return
        columns = _cells(first, f"CSVReporter: line 1 of {str(self.path)!r}")
        if tuple(columns[:3]) != RESERVED:
            raise ValueError(
                f"CSVReporter: the first line of {str(self.path)!r} is "
                f"{first[:60].decode('utf-8', 'replace')!r}; one that begins with "
                f"'run,step,time' was needed; choose another name or log_dir"
            )
        self._columns = columns

    def _replace(self, columns: list[str], row: bytes) -> None:
        """Put a table with more columns, and one row more, in the place of this one."""
        real = self.path.resolve()  # a link stays one
        empty_cells = b"," * (len(columns) - len(self._columns))
        # One name, as only who holds the lock is here: a kill leaves one at most, and
        # the next writer takes it over.
        temporary = real.with_name(f".{real.name}.new")
        try:
            with open(real, "rb") as old, open(temporary, "wb") as new:
                old.readline()
                new.write(_line(columns))
                for line in old:
                    # A spreadsheet may have ended it with both.
                    new.write(line.rstrip(b"\r\n") + empty_cells + b"\n")
                new.write(row)
                new.flush()
                # Always: a power failure may otherwise keep the new name and lose all
                # rows behind it, also those that were long on the disk.
                os.fsync(new.fileno())
            os.chmod(temporary, real.stat().st_mode & 0o777)
            os.replace(temporary, real)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def read_csv(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """Read the table of a `CSVReporter`.

    A last line without its newline was cut off by a kill: it is left out, with a
    `ReporterWarning`. Nothing else is forgiven.

    Args:
        path: the file.

    Returns:
        Arrays of shape (rows,) by column: "run" of strings, "step" of whole numbers,
        all others of floats, with nan for empty cells.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when a complete line is no row of a table, has too few or too many
            cells, or a cell is no number; the message has the number of the line.
    """
    lines, torn = split_torn_line(Path(path).read_bytes())
    where = f"of {os.fspath(path)!r}"
    table = [
        _cells(line, f"read_csv: line {count} {where}")
        for count, line in enumerate(lines.split(b"\n")[:-1], start=1)
    ]
    warn_of_torn_line("read_csv", path, torn)
    if not table:
        return {}
    columns, *rows = table
    if tuple(columns[:3]) != RESERVED:
        raise ValueError(
            f"read_csv: the first line {where} has the columns {columns[:3]}; "
            f"{list(RESERVED)} and then names were needed, as CSVReporter writes"
        )
    for count, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            raise ValueError(
                f"read_csv: line {count} {where} has {len(row)} cells; "
                f"{len(columns)} were needed, one for each column"
            )
    result: dict[str, NDArray[Any]] = {"run": np.array([row[0] for row in rows], str)}
    for index, name in enumerate(columns[1:], start=1):
        kind: type[int] | type[float] = int if name == "step" else float
        values = []
        for count, row in enumerate(rows, start=2):
            try:
                values.append(kind(row[index] or "nan"))
            except ValueError as error:
                raise ValueError(
                    f"read_csv: line {count} {where} has {row[index]!r} in the column "
                    f"{name!r}; a number was needed"
                ) from error
        result[name] = np.array(values, kind)
    return result


def _state(descriptor: int) -> tuple[int, int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino, status.st_size


def _cell(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)  # every digit


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _cells(line: bytes, who: str) -> list[str]:
    try:
        return next(csv.reader([line.decode("utf-8", "replace")]), [])
    except csv.Error as error:
        start = line[:60].decode("utf-8", "replace")
        raise ValueError(
            f"{who} begins with {start!r} and is no row of a table ({error}); cells "
            "between commas were needed, as CSVReporter writes"
        ) from error
