"""A progress bar for a terminal that turns into a few plain lines elsewhere.

The loop itself only counts and looks at the clock (about 0.1 microseconds a step);
`show` only keeps what it is given. Text is made when a refresh is due, by one of the
displays in `_display.py`.
"""

import sys
import time
import weakref
from collections.abc import Generator, Iterable, Iterator, Sized
from types import TracebackType
from typing import Generic, TextIO, TypeVar

from pebblegrad.loggers._display import Display, open_display
from pebblegrad.loggers._format import without_graph

T = TypeVar("T")


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

    def _open_display(self, file: TextIO) -> Display:
        total = self._total
        if total is None and isinstance(self._iterable, Sized):
            total = len(self._iterable)
        return open_display(file, self._description, total, self._line_interval)


progress = ProgressBar
