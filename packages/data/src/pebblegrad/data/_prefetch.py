"""A thread that prepares the next results while the caller works on the last.

Two queues and no lock: the caller asks for n results ahead, then for one more each time
that it takes one; the thread sleeps until it is asked. So at most n results wait,
nobody polls, and what ends the loop (its end, `break`, an exception, the garbage
collector) only has to put one last word into the first queue.
"""

from __future__ import annotations

import atexit
import contextvars
import queue
import threading
import time
import weakref
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")

# A finalizer may run anywhere, and must not wait there for a transform that never ends.
_PATIENCE = 5.0  # seconds


def prefetched(
    make: Callable[[int], Result], numbers: range, ahead: int
) -> Generator[Result, None, None]:
    """``map(make, numbers)``, with up to `ahead` results prepared by a thread.

    An exception in `make` is raised here, when its result would have been next.
    """
    worker = _Worker(make)
    try:
        for number in numbers[:ahead]:
            worker.ask(number)
        for number in numbers:
            result = worker.take()
            if number + ahead in numbers:
                worker.ask(number + ahead)
            yield result
    finally:
        worker.close()


class _Worker:
    """The thread and its two queues.

    The thread knows the queues but not this object, nor the iterator that owns it, so
    that both can be collected while it is running.
    """

    def __init__(self, make: Callable[[int], Any]) -> None:
        # SimpleQueue is the one queue that a finalizer may use in the middle of
        # anything, its own methods included.
        self._asked: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._made: queue.SimpleQueue[tuple[Any, BaseException | None]] = (
            queue.SimpleQueue()
        )
        self._closed = threading.Event()
        # np.errstate and the like hold in the thread as they do here.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(_work, make, self._asked, self._made, self._closed),
            name="pebblegrad-prefetch",
            # A thread that is no daemon would be waited for at exit, before anything
            # could tell it to end. Exit tells this one: see `_close_all`.
            daemon=True,
        )
        self._thread.start()
        _workers.add(self)

    def ask(self, number: int) -> None:
        self._asked.put(number)

    def take(self) -> Any:
        # In this order: once the thread is seen to be dead, nothing is made any more.
        # The other way round, it could make its last result, an error, in between.
        if not self._thread.is_alive() and self._made.empty():
            raise RuntimeError(
                "DataLoader: the thread that prepares the batches of this epoch is not "
                "in this process; begin an epoch in the process that walks through it"
            )
        result, error = self._made.get()
        if error is not None:
            try:
                raise error  # with the traceback that it has from the thread
            finally:
                del error  # else it would be in a cycle with this frame
        return result

    def close(self) -> None:
        """End the thread, after the result that it is working on."""
        self.tell_to_end()
        self.wait(_PATIENCE)

    def tell_to_end(self) -> None:
        self._closed.set()
        self._asked.put(None)

    def wait(self, seconds: float) -> None:
        """Until the thread has ended, but not longer than that."""
        if self._thread is not threading.current_thread():
            self._thread.join(seconds)


def _work(
    make: Callable[[int], Any],
    asked: queue.SimpleQueue[int | None],
    made: queue.SimpleQueue[tuple[Any, BaseException | None]],
    closed: threading.Event,
) -> None:
    while (number := asked.get()) is not None and not closed.is_set():
        try:
            made.put((make(number), None))
        except BaseException as error:  # whatever it is, it is the caller's
            made.put((None, error))
            return


_workers: weakref.WeakSet[_Worker] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """At exit, threads end while they still can: all at once, not one by one."""
    workers = list(_workers)
    for worker in workers:
        worker.tell_to_end()
    deadline = time.monotonic() + _PATIENCE
    for worker in workers:
        worker.wait(max(deadline - time.monotonic(), 0))
