"""A progress bar for a terminal that turns into a few plain lines elsewhere.

The loop itself only counts and looks at the clock (about 0.1 microseconds a step);
`show` only keeps what it is given. Text is made when a refresh is due: ten times a
second in a terminal, where tqdm draws the bar, and every ten seconds or less often in a
file or a pipe, where a bar drawn over and over would be unreadable.
"""

import functools
import os
import sys
import time
import weakref
from collections.abc import Generator, Iterable, Iterator, Sized
from types import TracebackType
from typing import Any, Generic, Protocol, TextIO, TypeVar

import numpy as np

from pebblegrad.loggers._format import without_graph

T = TypeVar("T")

BAR_SECONDS = 0.1


class ProgressBar(Generic[T]):
    """An iterable that shows how far a loop over it has come.

    ``progress`` is the same class, under the name that reads well in a ``for``
    statement. In a terminal a tqdm bar shows share, count, time left, rate and metrics.
    Anywhere else there are plain lines: at most one every `line_interval` seconds and
    per tenth of the way (or per six intervals, if a tenth takes longer or is not
    known), and one at the end. The display is closed when the loop ends in whatever
    way: normally, by ``break``, an exception or Ctrl-C. Where iterators are not freed
    at once (Python implementations other than CPython, or an iterator that you keep),
    use ``with``.

    Args:
        iterable: what to loop over; it may be looped over again if `iterable` may.
        description: what the loop does; shown in front.
        total: number of items, if ``len(iterable)`` does not tell or is wrong.
        file: stream to write to; by default ``sys.stderr`` as it is when the loop
            starts.
        disable: whether to show nothing at all.
        line_interval: seconds, at least 0; the shortest time between two plain lines.
            0 prints a line per step.

    Raises:
        TypeError: when `iterable` is not iterable.
        ValueError: when `total` or `line_interval` is negative.

    Example:
        >>> import sys
        >>> for step in (bar := progress(range(3), "epoch 1", file=sys.stdout)):
        ...     bar.show(loss=1 / (step + 1))  # doctest: +ELLIPSIS
        epoch 1: 3/3 in 0:00, ... it/s, loss=0.3333
    """

    def __init__(
        self,
        iterable: Iterable[T],
        description: str = "",
        *,
        total: int | None = None,
        file: TextIO | None = None,
        disable: bool = False,
        line_interval: float = 10.0,
    ) -> None:
        if not hasattr(iterable, "__iter__") and not hasattr(iterable, "__getitem__"):
            raise TypeError(
                f"progress: {iterable!r} of type {type(iterable).__name__} was given; "
                "something to loop over was needed, such as range(10) or a loader"
            )
        if total is not None and total < 0:
            raise ValueError(
                f"progress: total is {total}; at least 0, or None, was needed"
            )
        if not line_interval >= 0:
            raise ValueError(
                f"progress: line_interval is {line_interval}; at least 0 was needed"
            )
        self._iterable = iterable
        self._description = description
        self._total = total
        self._file = file
        self._disable = disable
        self._line_interval = line_interval
        self._metrics: dict[str, object] = {}
        self._loop: weakref.ref[Generator[T, None, None]] | None = None

    def show(self, **metrics: object) -> None:
        """Keep metrics for the next refresh and the final line, until replaced.

        Args:
            **metrics: by name: a number, a one-element array or Tensor, or a word. A
                Tensor is detached at once, so that the bar keeps no graph alive; an
                array is not copied, so later changes in place show.
        """
        for name, value in metrics.items():
            self._metrics[name] = without_graph(value)

    def __iter__(self) -> Iterator[T]:
        file = sys.stderr if self._file is None else self._file
        if self._disable or file is None:  # there is no stderr under pythonw
            return iter(self._iterable)
        loop = self._run(file)
        # Weak, or the loop would outlive a `for` statement that fails, and not close.
        self._loop = weakref.ref(loop)
        return loop

    def __enter__(self) -> "ProgressBar[T]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._loop is not None and (loop := self._loop()) is not None:
            loop.close()

    def _run(self, file: TextIO) -> Generator[T, None, None]:
        display = self._open_display(file)
        clock = time.perf_counter
        count = 0
        finished = False
        due = clock() + display.seconds
        try:
            for item in self._iterable:
                yield item
                count += 1
                if clock() >= due:
                    display.refresh(count, self._metrics)
                    due = clock() + display.seconds
            finished = True
        finally:
            display.close(count, self._metrics, finished=finished)

    def _open_display(self, file: TextIO) -> "_Display":
        total = self._total
        if total is None and isinstance(self._iterable, Sized):
            total = len(self._iterable)
        if _can_draw(file):
            return _TerminalBar(self._description, total, file)
        return _PlainLines(self._description, total, file, self._line_interval)


progress = ProgressBar


def _can_draw(file: TextIO) -> bool:
    """Whether `file` is a terminal of known width; tqdm draws nothing in 0 columns."""
    if not file.isatty():
        return False
    try:
        return os.get_terminal_size(file.fileno()).columns > 0
    except (OSError, ValueError, AttributeError):
        return True  # it stands in for a terminal and has no descriptor


class _Display(Protocol):
    """What the loop needs of a display."""

    seconds: float  # between two refreshes

    def refresh(self, count: int, metrics: dict[str, object]) -> None: ...

    def close(
        self, count: int, metrics: dict[str, object], *, finished: bool
    ) -> None: ...


class _TerminalBar:
    """A tqdm bar that is drawn when the loop says so."""

    seconds = BAR_SECONDS

    def __init__(self, description: str, total: int | None, file: TextIO) -> None:
        self._bar = _tqdm_class()(
            total=total,
            desc=description or None,
            file=file,
            dynamic_ncols=True,
            mininterval=0,  # `seconds` is the only throttle
            miniters=1,
        )
        self._drawn = 0

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

    return Bar


class _PlainLines:
    """A few lines of text, for files, pipes and continuous integration."""

    def __init__(
        self, description: str, total: int | None, file: TextIO, line_interval: float
    ) -> None:
        self.seconds = line_interval
        self._description = description
        self._total = total
        self._file = file
        self._start = self._last_time = time.perf_counter()
        self._last_count = 0

    def refresh(self, count: int, metrics: dict[str, object]) -> None:
        now = time.perf_counter()
        few = self._total is None or 10 * (count - self._last_count) < self._total
        if few and now - self._last_time < 6 * self.seconds:
            return
        self._last_time, self._last_count = now, count
        elapsed = now - self._start
        parts = [self._count_text(count)]
        if self._total is not None and count <= self._total:
            parts[0] += f" ({count / self._total:.0%})"
            parts.append(f"{_duration(elapsed / count * (self._total - count))} left")
        self._print([*parts, _rate(count, elapsed), _metrics_text(metrics)])

    def close(self, count: int, metrics: dict[str, object], *, finished: bool) -> None:
        elapsed = time.perf_counter() - self._start
        if finished:
            text = f"{self._count_text(count)} in {_duration(elapsed)}"
        else:
            text = f"stopped at {self._count_text(count)} after {_duration(elapsed)}"
        self._print([text, _rate(count, elapsed), _metrics_text(metrics)])

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
