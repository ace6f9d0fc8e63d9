"""A run as JSON Lines: one record a line, complete, for programs and for `report`.

Every line is an object with "kind", "run" and "time" (seconds since 1970). The kinds:

- "run" opens a run: its "config" and its "environment";
- "scalars" has "step" and "scalars", ``{name: number}``;
- "histogram" has "step", "name", "counts", "edges" and the moments;
- "image" has "step", "name", "shape" and "png", a PNG file in base64;
- "end" closes a run: "failed" says whether by an exception.

JSON knows no nan and no infinity; they are the words "nan", "inf" and "-inf", which
``float()`` reads. A line counts once its object is closed: a kill may leave the
beginning of one (see `_append_file.py`), which is never an object.

A run that goes on after a kill has a second record of kind "run". Where a step comes
twice then, the later record counts.

Reference:
    JSON Lines, https://jsonlines.org; The JSON Data Interchange Syntax, ECMA-404.
"""

import base64
import json
import os
import time
from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._append_file import (
    AppendFile,
    drop_torn_line,
    warn_of_repair,
    warn_of_torn_line,
)
from pebblegrad.loggers._config import as_word, read_config
from pebblegrad.loggers._environment import environment
from pebblegrad.loggers._histogram import histogram
from pebblegrad.loggers._image import png
from pebblegrad.loggers._names import check_line
from pebblegrad.loggers._reporter import GuardedReporter, Number, new_run_id

WORDS = ("nan", "inf", "-inf")


class JSONLinesReporter(GuardedReporter):
    """A reporter that appends a line of JSON for each record, for `report` to draw.

    The file keeps the history of all runs; each record bears the name of its run, so
    that several processes may append to one file. The head of the file
    ``_json_lines.py`` lists the kinds of records.

    Args:
        name: file name without ``.jsonl``; no folders in it.
        log_dir: folder of the file, created when missing; by custom one for each run.
        config: settings of the run, such as ``{"lr": 0.1, "batch_size": 64}``: words,
            numbers, booleans, None, and lists and dicts of them.
        run: name of an earlier run, to go on as that one, such as ``first.run``; None
            for a new one.
        fsync: whether each record is forced onto the disk before the call returns.
        clock: gives the local time of the run's start.

    Attributes:
        path: the file, absolute.
        run: name of the run, made of its start and six random digits.
        lost: number of records that could not be written.

    Raises:
        TypeError, ValueError: when an argument is not as above.
        OSError: when the folder cannot be created or the file not written.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> with JSONLinesReporter(log_dir=folder.name, config={"lr": 0.1}) as reporter:
        ...     reporter.log_scalars(10, {"loss": 0.25})
        >>> for record in read_jsonl(reporter.path):
        ...     print(record["kind"], record.get("scalars", record.get("config")))
        run {'lr': 0.1}
        scalars {'loss': 0.25}
        end None
        >>> folder.cleanup()
    """

    path: Path

    def __init__(
        self,
        name: str = "metrics",
        log_dir: str | os.PathLike[str] = ".",
        *,
        config: Mapping[str, object] | None = None,
        run: str | None = None,
        fsync: bool = False,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        who = "JSONLinesReporter"
        settings = read_config(config, who)
        if run is not None:
            check_line(run, f"{who}: run")
        self._file = AppendFile(name, log_dir, ".jsonl", fsync=fsync, who=who)
        self.path = self._file.path
        self.run = new_run_id(clock()) if run is None else run
        self._append("run", config=settings, environment=environment())

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Append the numbers."""
        self._append("scalars", step=step, scalars=_plain(scalars))

    def write_image(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Append the picture, in base64."""
        text = base64.b64encode(png(pixels)).decode("ascii")
        self._append("image", step=step, name=name, shape=pixels.shape, png=text)

    def write_histogram(self, step: int, name: str, values: NDArray[Any]) -> None:
        """Append counts, edges and moments."""
        of = histogram(values)
        moments = {"mean": of.mean, "std": of.std, "low": of.low, "high": of.high}
        self._append(
            "histogram",
            step=step,
            name=name,
            shape=of.shape,
            counts=of.counts.tolist(),
            edges=of.edges.tolist(),
            not_finite=of.not_finite,
            **_plain(moments),
        )

    def finish(self, *, failed: bool) -> None:
        """Append the end of the run."""
        self._append("end", failed=failed)

    def _append(self, kind: str, **fields: object) -> None:
        record = {"kind": kind, "run": self.run, "time": round(time.time(), 3)}
        line = json.dumps(record | fields, allow_nan=False, separators=(",", ":"))
        with self._file.locked() as descriptor:
            torn = drop_torn_line(descriptor, _is_record)
            self._file.write(descriptor, f"{line}\n".encode())
        warn_of_repair(self.path, torn)


def read_jsonl(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    r"""Read the records of a `JSONLinesReporter`, or of any file of JSON objects.

    A last line without its newline that is no object was cut off by a kill: it is left
    out, with a `ReporterWarning`. Nothing else is forgiven.

    Args:
        path: the file.

    Returns:
        The records in their order. In "scalars", and for the moments of a histogram,
        the words for nan and the infinities have become floats again.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when a complete line is not a JSON object; the message has its
            number.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> path = Path(folder.name, "metrics.jsonl")
        >>> _ = path.write_text('{"kind": "scalars", "scalars": {"loss": "nan"}}\n')
        >>> read_jsonl(path)
        [{'kind': 'scalars', 'scalars': {'loss': nan}}]
        >>> folder.cleanup()
    """
    return list(walk_jsonl(path))


def walk_jsonl(path: str | os.PathLike[str]) -> Generator[dict[str, Any], None, None]:
    """Read as `read_jsonl` does, but one record at a time."""
    # A file is split at newlines only: a string may hold others, such as U+2028.
    with open(path, "rb") as file:
        for count, line in enumerate(file, start=1):
            if not line.endswith(b"\n") and not _is_record(line):
                warn_of_torn_line("read_jsonl", path, line)
                return
            yield _with_floats(_read_object(line, count, path))


def _read_object(
    line: bytes, count: int, path: str | os.PathLike[str]
) -> dict[str, Any]:
    where = f"read_jsonl: line {count} of {os.fspath(path)!r}"
    try:
        record = json.loads(line)
    # The nesting of a damaged line may be deeper than Python can follow.
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{where} is {_start(line)}; a JSON object was needed ({error})"
        ) from error
    if not isinstance(record, dict):
        raise ValueError(f"{where} is {_start(line)}; a JSON object was needed")
    return record


def _is_record(line: bytes) -> bool:
    """Whether a line is a JSON object, whole: its beginning would not be one."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _plain(numbers: Mapping[str, Number]) -> dict[str, Number | str]:
    return {name: as_word(value) for name, value in numbers.items()}


def _with_floats(record: dict[str, Any]) -> dict[str, Any]:
    """Undo `as_word`, where only numbers may stand."""
    scalars = record.get("scalars")
    if isinstance(scalars, dict):
        for name, value in scalars.items():
            if value in WORDS:
                scalars[name] = float(value)
    if record.get("kind") == "histogram":
        for name in ("mean", "std", "low", "high"):
            if record.get(name) in WORDS:
                record[name] = float(record[name])
    return record


def _start(line: bytes) -> str:
    text = line.rstrip(b"\r\n").decode("utf-8", "replace")
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
