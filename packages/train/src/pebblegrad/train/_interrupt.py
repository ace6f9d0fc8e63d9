"""Ctrl-C, once: a wish to stop at the end of the step. Twice: at once."""

import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupt:
    """While it is entered, the first Ctrl-C is only noted in `asked`.

    A step that is broken off leaves some weights changed and others not; so it is
    finished first. The second Ctrl-C does what the first would have done. Outside of
    the main thread, and where Ctrl-C is ignored or handled by somebody else, nothing is
    changed.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._put_back()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        self._put_back()
        sys.stderr.write(
            "\nfit: stopping after this step, or this validation; Ctrl-C again stops "
            "now\n"
        )

    def _put_back(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
