"""A progress bar for a terminal that turns into a few plain lines elsewhere.

The loop itself only counts and looks at the clock (about 0.1 microseconds a step);
`show` only keeps what it is given. Text is made when a refresh is due, by one of the
displays in `_display.py`.
"""

import math
import sys
import time
import weakref
from collections.abc import Generator, Iterable, Iterator, Sized
from types import TracebackType
from typing import Generic, TextIO, TypeVar

from pebblegrad.loggers._display import (
    Display,
    open_display,
    read_line_interval,
    read_total,
)
from pebblegrad.loggers._format import without_graph
from pebblegrad.loggers._warning import warn

T = TypeVar("T")

# Of a full disk or a broken pipe; of a closed stream; of one whose encoding lacks a
# character (UnicodeError is a ValueError).
STREAM_ERRORS = (OSError, ValueError)


class ProgressBar(Generic[T]):
    """An iterable that shows how far a loop over it has come.

    ``progress`` is the same class, under the name that reads well in a ``for``
    statement. In a terminal a tqdm bar shows share, count, time left, rate and metrics.
    Anywhere else there are plain lines: at most one every `line_interval` seconds and
    per tenth of the way (or per six intervals, if a tenth takes longer or is not
    known), and one at the end. The display is closed when the loop ends in whatever
    way: normally, by ``break``, an exception or Ctrl-C. Where iterators are not freed
    at once (Python implementations other than CPython, or an iterator that you keep),
    use ``with``. A stream that cannot be written to (a full disk, a pipe whose reader
    is gone) does not end the loop: there is one `ReporterWarning`, and nothing more is
    shown.

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
        TypeError: when `iterable` is not iterable, or an argument not as above.
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
        self._iterable = iterable
        self._description = description
        self._total = read_total(total, "progress")
        self._file = file
        self._disable = disable
        self._line_interval = read_line_interval(line_interval, "progress")
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

    def _open_display(self, file: TextIO) -> Display:
        total = self._total
        if total is None and isinstance(self._iterable, Sized):
            total = len(self._iterable)
        return _Guarded(file, self._description, total, self._line_interval)


class _Guarded:
    """A display whose stream may fail: one warning then, and nothing more."""

    def __init__(
        self, file: TextIO, description: str, total: int | None, line_interval: float
    ) -> None:
        self.seconds = math.inf
        self._display: Display | None = None
        try:
            self._display = open_display(file, description, total, line_interval)
            self.seconds = self._display.seconds
        except STREAM_ERRORS as error:
            self._give_up(error)

    def refresh(self, count: int, metrics: dict[str, object]) -> None:
        try:
            if self._display is not None:
                self._display.refresh(count, metrics)
        except STREAM_ERRORS as error:
            self._give_up(error)

    def close(self, count: int, metrics: dict[str, object], *, finished: bool) -> None:
        try:
            if self._display is not None:
                self._display.close(count, metrics, finished=finished)
        except STREAM_ERRORS as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._display, self.seconds = None, math.inf
        warn(
            "progress: the stream cannot be written to "
            f"({type(error).__name__}: {error}); the loop goes on, its progress is not "
            "shown any more; pass another file, or disable=True"
        )


progress = ProgressBar
