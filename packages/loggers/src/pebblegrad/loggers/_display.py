"""Where progress is drawn: a bar in a terminal or a notebook, lines of text elsewhere.

A bar drawn over and over makes a file unreadable, and ten lines a second fill a
terminal. So there are two displays with one interface, and one function that looks at
the stream: ten times a second tqdm draws the bar; every ten seconds or less often, and
at most per tenth of the way, there is a line.
"""

import contextlib
import functools
import os
import sys
import time
from typing import Any, Protocol, TextIO

import numpy as np

from pebblegrad.loggers._format import one_number, whole_number

BAR_SECONDS = 0.1


class Display(Protocol):
    """What a loop or a reporter needs of a display."""

    seconds: float  # between two refreshes

    def refresh(self, count: int, metrics: dict[str, object]) -> None: ...

    def close(
        self, count: int, metrics: dict[str, object], *, finished: bool
    ) -> None: ...


def open_display(
    file: TextIO,
    description: str,
    total: int | None,
    line_interval: float,
    *,
    first: int = 0,
) -> Display:
    """Choose the display that suits `file`.

    Args:
        file: stream to write to.
        description: what is done; shown in front.
        total: the last count; None when it is not known.
        line_interval: seconds between two plain lines.
        first: the count at which the work begins, here and now.
    """
    if _can_draw(file):
        return TerminalBar(description, total, file, first=first)
    return PlainLines(description, total, file, line_interval, first=first)


def read_total(total: object, who: str) -> int | None:
    """Check the last count."""
    if total is None:
        return None
    needed = "a whole number was needed, or None if it is not known"
    number = whole_number(total, f"{who}: total", needed)
    if number < 0:
        raise ValueError(f"{who}: total is {number}; at least 0, or None, was needed")
    return number


def read_line_interval(seconds: object, who: str) -> float:
    """Check the seconds between two plain lines."""
    number = one_number(seconds, f"{who}: line_interval")
    if not number >= 0:
        raise ValueError(f"{who}: line_interval is {seconds}; at least 0 was needed")
    return number


def _can_draw(file: TextIO) -> bool:
    """Whether `file` is a terminal of known width; tqdm draws nothing in 0 columns."""
    if not file.isatty():
        return _is_notebook(file)
    try:
        return os.get_terminal_size(file.fileno()).columns > 0
    except (OSError, ValueError, AttributeError):
        return True  # it stands in for a terminal and has no descriptor


def _is_notebook(file: TextIO) -> bool:
    """Whether `file` is the output below a cell of Jupyter, where a bar can be redrawn.

    Only IPython's kernel has a stream of that class, and only when it is loaded: so
    nothing is imported to find out.
    """
    iostream = sys.modules.get("ipykernel.iostream")
    return iostream is not None and isinstance(file, iostream.OutStream)


class TerminalBar:
    """A tqdm bar that is drawn when the loop says so."""

    seconds = BAR_SECONDS

    def __init__(
        self, description: str, total: int | None, file: TextIO, *, first: int
    ) -> None:
        self._bar = _tqdm_class()(
            total=total,
            initial=first,
            desc=description or None,
            file=file,
            dynamic_ncols=True,
            mininterval=0,  # `seconds` is the only throttle
            miniters=1,
        )
        self._drawn = first

    def refresh(self, count: int, metrics: dict[str, object]) -> None:
        self._bar.set_postfix_str(_metrics_text(metrics), refresh=False)
        self._bar.update(count - self._drawn)
        self._drawn = count

    def close(self, count: int, metrics: dict[str, object], *, finished: bool) -> None:
        self._bar.set_postfix_str(_metrics_text(metrics), refresh=False)
        self._bar.n = count
        self._bar.close()


@functools.cache
def _tqdm_class() -> Any:
    """Import tqdm when the first bar is drawn, and switch its watcher thread off."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[misc]  # tqdm ships no types
        # The thread helps bars that skip refreshes by count; it would only make a later
        # fork (a loader's workers) warn about threads.
        monitor_interval = 0

        def __del__(self) -> None:
            # It closes itself here, if its stream failed before: that was said then.
            with contextlib.suppress(OSError, ValueError):
                super().__del__()

    return Bar


class PlainLines:
    """A few lines of text, for files, pipes and continuous integration."""

    def __init__(
        self,
        description: str,
        total: int | None,
        file: TextIO,
        line_interval: float,
        *,
        first: int,
    ) -> None:
        self.seconds = line_interval
        self._description = description
        self._total = total
        self._file = file
        self._start = self._last_time = time.perf_counter()
        self._first = self._last_count = first

    def refresh(self, count: int, metrics: dict[str, object]) -> None:
        now = time.perf_counter()
        few = self._total is None or 10 * (count - self._last_count) < self._total
        if few and now - self._last_time < 6 * self.seconds:
            return
        self._last_time, self._last_count = now, count
        elapsed = now - self._start
        parts = [self._count_text(count)]
        if self._total and self._first < count <= self._total:
            parts[0] += f" ({count / self._total:.0%})"
            left = elapsed / (count - self._first) * (self._total - count)
            parts.append(f"{_duration(left)} left")
        self._print(
            [*parts, _rate(count - self._first, elapsed), _metrics_text(metrics)]
        )

    def close(self, count: int, metrics: dict[str, object], *, finished: bool) -> None:
        elapsed = time.perf_counter() - self._start
        if finished:
            text = f"{self._count_text(count)} in {_duration(elapsed)}"
        else:
            text = f"stopped at {self._count_text(count)} after {_duration(elapsed)}"
        self._print([text, _rate(count - self._first, elapsed), _metrics_text(metrics)])

    def _count_text(self, count: int) -> str:
        return str(count) if self._total is None else f"{count}/{self._total}"

    def _print(self, parts: list[str]) -> None:
        text = ", ".join(part for part in parts if part)
        prefix = f"{self._description}: " if self._description else ""
        self._file.write(f"{prefix}{text}\n")
        self._file.flush()


def _metrics_text(metrics: dict[str, object]) -> str:
    """All metrics in the order in which they were first shown."""
    return ", ".join(f"{name}={_metric(value)}" for name, value in metrics.items())


def _metric(value: object) -> str:
    """Short text of a metric; never an error, which would end the training."""
    if isinstance(value, str):
        return " ".join(value.split())
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        return f"<{type(value).__name__}>"
    if array.size != 1:
        return f"<shape {array.shape}>"
    number = array.item()
    if not isinstance(number, float):
        return " ".join(str(number).split())
    small_or_large = number != 0 and not 1e-3 <= abs(number) < 1e5
    return format(number, ".3e" if small_or_large else ".4f")


def _rate(count: int, elapsed: float) -> str:
    """Items per second, or seconds per item when they are slow."""
    if count == 0 or elapsed <= 0:
        return ""
    rate = count / elapsed
    return f"{rate:.1f} it/s" if rate >= 1 else f"{1 / rate:.1f} s/it"


def _duration(seconds: float) -> str:
    """Hours, minutes and seconds.

    Example:
        >>> _duration(59.4), _duration(3725)
        ('0:59', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
