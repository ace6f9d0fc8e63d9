"""The numbers of a run on the screen, while it runs.

The displays are those of `progress`: a bar in a terminal and in a notebook, and a few
plain lines in a file or a pipe. `progress` counts the turns of a loop; this reporter is
told the step.
"""

import sys
import time
from typing import TextIO

from pebblegrad.loggers._display import (
    Display,
    open_display,
    read_line_interval,
    read_total,
)
from pebblegrad.loggers._reporter import GuardedReporter, Number


class ConsoleReporter(GuardedReporter):
    """A reporter that shows the latest step and its numbers.

    Names stay on the line with their last value until a new one comes. The display is
    opened at the first step and closed by `close()`, which prints the last numbers.
    Pictures and histograms are not shown.

    Args:
        total: the last step, for the share done and the time left; None if not known.
        description: shown in front.
        file: stream to write to; by default ``sys.stderr`` as it is at the first step.
        line_interval: seconds, at least 0; the shortest time between two plain lines.

    Attributes:
        lost: number of records that could not be shown.

    Raises:
        TypeError: when `total` is not a whole number, or `line_interval` no number.
        ValueError: when `total` or `line_interval` is negative.

    Example:
        >>> import sys
        >>> with ConsoleReporter(total=3, file=sys.stdout) as reporter:
        ...     for step in range(1, 4):
        ...         reporter.log_scalars(step, {"loss": 1 / step})  # doctest: +ELLIPSIS
        3/3 in 0:00, ... it/s, loss=0.3333
    """

    def __init__(
        self,
        total: int | None = None,
        description: str = "",
        *,
        file: TextIO | None = None,
        line_interval: float = 10.0,
    ) -> None:
        super().__init__()
        self._total = read_total(total, "ConsoleReporter")
        self._description = description
        self._file = file
        self._line_interval = read_line_interval(line_interval, "ConsoleReporter")
        self._display: Display | None = None
        self._step = 0
        self._due = 0.0
        self._metrics: dict[str, object] = {}

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Keep the numbers, and show them when a refresh is due."""
        self._step = step if self._display is None else max(self._step, step)
        self._metrics |= scalars
        if self._display is None:
            file = sys.stderr if self._file is None else self._file
            if file is None:  # there is no stderr under pythonw
                return
            self._display = open_display(
                file, self._description, self._total, self._line_interval, first=step
            )
            self._due = time.perf_counter()
        if time.perf_counter() >= self._due:
            self._display.refresh(self._step, self._metrics)
            self._due = time.perf_counter() + self._display.seconds

    def finish(self, *, failed: bool) -> None:
        """Print the last numbers, or where the run stopped."""
        if self._display is not None:
            self._display.close(self._step, self._metrics, finished=not failed)
