"""A run's numbers as text for people, in the file and format of `TrainingLogger`."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._format import timestamp
from pebblegrad.loggers._histogram import histogram
from pebblegrad.loggers._reporter import GuardedReporter, Number, Parameters
from pebblegrad.loggers._text import MAX_VALUES, TrainingLogger, record_text


class TextReporter(GuardedReporter):
    r"""A reporter that appends readable records to ``<log_dir>/<name>.log``.

    `log_epoch` writes what `TrainingLogger` writes; the other methods write records of
    the same kind. Of a histogram the moments are written, of a picture its size.

    Args:
        name: file name without ``.log``; no folders in it. With a `TrainingLogger`'s
            name and folder, both append to one file.
        log_dir: folder of the file, created when missing.
        updates: whether `log_epoch` also shows by how much each parameter changed.
        max_values: at least 1; how many values of an array are printed; None prints
            all.
        number_format: format of floats and integers.
        fsync: whether each record is forced onto the disk before the call returns.
        clock: gives the local time.

    Attributes:
        path: the file, absolute.
        lost: number of records that could not be written.

    Raises:
        TypeError, ValueError: when an argument is not as above.
        OSError: when the folder cannot be created or the file not written.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> with TextReporter("line", folder.name) as reporter:
        ...     reporter.log_scalars(10, {"loss": 0.25, "accuracy": 0.9})
        >>> print(*reporter.path.read_text().splitlines()[-2:], sep="\n")
        loss: 0.250000
        accuracy: 0.900000
        >>> folder.cleanup()
    """

    path: Path

    def __init__(
        self,
        name: str,
        log_dir: str | os.PathLike[str] = ".",
        *,
        updates: bool = False,
        max_values: int | None = MAX_VALUES,
        number_format: str = ".6f",
        fsync: bool = False,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        self._logger = _Epochs(
            name,
            log_dir,
            updates=updates,
            max_values=max_values,
            number_format=number_format,
            fsync=fsync,
            clock=clock,
        )
        self._style, self._file = self._logger._style, self._logger._file  # shared
        self._clock = clock
        self.path = self._logger.path

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Append a line for each number."""
        number = self._style.number
        lines = [f"{name}: {number(value)}" for name, value in scalars.items()]
        self._append(f"STEP {step}", lines)

    def write_epoch(
        self,
        epoch: int,
        input_data: NDArray[Any],
        output: NDArray[Any],
        loss: Number,
        parameters: Parameters,
    ) -> None:
        """Append the record of `TrainingLogger`."""
        pairs: dict[str, tuple[object, object]] = dict(parameters)
        self._logger.log_epoch(epoch, input_data, output, loss, pairs)

    def write_image(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Append the size of a picture."""
        height, width, channels = pixels.shape
        lines = [f"Shape: ({channels}, {height}, {width})"]
        self._append(f"STEP {step} - IMAGE {name}", lines)

    def write_histogram(self, step: int, name: str, values: NDArray[Any]) -> None:
        """Append the moments of an array."""
        of, number = histogram(values), self._style.number
        lines = [
            f"Shape: {of.shape}",
            f"Mean: {number(of.mean)}",
            f"Standard deviation: {number(of.std)}",
            f"Least: {number(of.low)}",
            f"Greatest: {number(of.high)}",
            f"Not finite: {of.not_finite}",
        ]
        self._append(f"STEP {step} - HISTOGRAM {name}", lines)

    def _append(self, title: str, lines: list[str]) -> None:
        head = [f"[{title}]", f"Timestamp: {timestamp(self._clock())}", ""]
        self._file.append(record_text([*head, *lines]))


class _Epochs(TrainingLogger):
    """Writes the epochs of a `TextReporter`, and bears its name in errors."""

    _who = "TextReporter"
