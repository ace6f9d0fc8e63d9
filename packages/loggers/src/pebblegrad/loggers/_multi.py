"""Several reporters as one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._reporter import (
    GuardedReporter,
    Number,
    Parameters,
    Reporter,
)

METHODS = (
    "log_scalars",
    "log_epoch",
    "log_image",
    "log_histogram",
    "close",
    "__exit__",
)


class Multi(GuardedReporter):
    """A reporter that hands everything to several others.

    One that raises is passed over with one warning, whoever wrote it; the others get
    the record all the same. `Multi` owns its reporters: it closes them.

    Args:
        *reporters: each a `Reporter`.

    Attributes:
        reporters: those, in their order.
        lost: number of records that they lost, by their own count, and of times that
            one of them raised.

    Raises:
        TypeError: when an argument lacks a method of `Reporter`.

    Example:
        >>> import sys, tempfile
        >>> from pebblegrad.loggers import ConsoleReporter, CSVReporter, read_csv
        >>> folder = tempfile.TemporaryDirectory()
        >>> table = CSVReporter(log_dir=folder.name)
        >>> with Multi(table, ConsoleReporter(file=sys.stdout)) as reporter:
        ...     reporter.log_scalars(1, {"loss": 0.5})
        1 in 0:00, loss=0.5000
        >>> read_csv(table.path)["loss"]
        array([0.5])
        >>> folder.cleanup()
    """

    def __init__(self, *reporters: Reporter) -> None:
        super().__init__()
        for index, reporter in enumerate(reporters):
            missing = [
                name
                for name in METHODS
                if not callable(getattr(reporter, name, None))
                or isinstance(reporter, type)
            ]
            if missing:
                what = getattr(reporter, "__name__", type(reporter).__name__)
                raise TypeError(
                    f"Multi: reporters[{index}] is {what}, which lacks "
                    f"{', '.join(missing)}; reporters were needed, such as "
                    "Multi(CSVReporter(), TextReporter('my_model'))"
                )
        self.reporters = reporters
        self._warned_of: set[int] = set()

    @property
    def lost(self) -> int:
        counts = [getattr(reporter, "lost", 0) for reporter in self.reporters]
        # A reporter of others may mean something else by the name.
        return self._lost + sum(count for count in counts if isinstance(count, int))

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Hand on numbers."""
        self._each("log_scalars", step, scalars)

    def write_epoch(
        self,
        epoch: int,
        input_data: NDArray[Any],
        output: NDArray[Any],
        loss: Number,
        parameters: Parameters,
    ) -> None:
        """Hand on an epoch."""
        self._each("log_epoch", epoch, input_data, output, loss, parameters)

    def write_image(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Hand on a picture, as (C, H, W)."""
        self._each("log_image", step, name, np.moveaxis(pixels, -1, 0))

    def write_histogram(self, step: int, name: str, values: NDArray[Any]) -> None:
        """Hand on an array."""
        self._each("log_histogram", step, name, values)

    def finish(self, *, failed: bool) -> None:
        """Close all, telling those who ask whether an exception ended the run."""
        error = RuntimeError("the with block of Multi ended by an exception")
        ended = (RuntimeError, error, None) if failed else (None, None, None)
        self._each("__exit__", *ended)

    def _each(self, method: str, *arguments: object) -> None:
        for index, reporter in enumerate(self.reporters):
            try:
                getattr(reporter, method)(*arguments)
            # The arguments were checked: what is raised now is the reporter's failure.
            except Exception as error:
                self._lost += 1
                self._warned = index in self._warned_of  # once for each
                self._warned_of.add(index)
                what = f"{type(reporter).__name__} failed in {method}"
                self._warn_once(what, error)
