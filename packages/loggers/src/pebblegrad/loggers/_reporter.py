"""What a reporter is: five methods that take numbers and arrays of a run.

`Reporter` is the protocol; anything with these methods is one, and what drives a
training needs no more of it. The reporters of this package share `GuardedReporter`,
which draws one line: a mistake of the caller (a word where a number belongs) is an
error at once, before anything is written; a failure of the world (a full disk, no
network, a client that raises) is one warning, and the training goes on.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._format import as_array, one_element, whole_number
from pebblegrad.loggers._image import as_pixels
from pebblegrad.loggers._names import check_line
from pebblegrad.loggers._text import read_parameters
from pebblegrad.loggers._warning import warn

Number: TypeAlias = int | float
Parameters: TypeAlias = dict[str, tuple[NDArray[Any], NDArray[Any] | None]]

# Columns and keys of every record; a scalar of that name would be taken for them.
RESERVED = ("run", "step", "time")
# A reporter that fails slowly (a server that does not answer) may cost the training a
# tenth of its time, not more. One that fails at once (a name that a client refuses)
# costs nothing, and a pause would only lose the good records that follow.
SLOW = 0.1  # seconds
PAUSE = 10  # times what the failure took


@runtime_checkable
class Reporter(Protocol):
    """What receives the numbers of a run, step by step.

    Steps need not come in order, nor all names with every step.

    Example:
        >>> from pebblegrad.loggers import ConsoleReporter
        >>> isinstance(ConsoleReporter(), Reporter), isinstance(print, Reporter)
        (True, False)
    """

    def log_scalars(self, step: int, scalars: Mapping[str, object]) -> None:
        """Take one number for each name, such as ``{"loss": 0.5, "accuracy": 0.9}``."""

    def log_epoch(
        self,
        epoch: int,
        input_data: object,
        output: object,
        loss: object,
        parameters: Mapping[str, tuple[object, object]] | None = None,
    ) -> None:
        """Take what `TrainingLogger.log_epoch` takes."""

    def log_image(
        self, step: int, name: str, image: object, *, dataformats: str = "CHW"
    ) -> None:
        """Take a picture: (H, W), or (C, H, W) with 1, 3 or 4 channels."""

    def log_histogram(self, step: int, name: str, values: object) -> None:
        """Take an array of any shape, for how its values are distributed."""

    def close(self) -> None:
        """Finish the run; a second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class GuardedReporter:
    """The checks and the guard that all our reporters share.

    A subclass overrides `write_scalars`, and of `write_epoch`, `write_image`,
    `write_histogram` and `finish` what it has a use for; what it leaves is checked and
    then dropped. These may raise anything: `lost` counts the records that were not
    written. Threads may share a reporter.

    Attributes:
        lost: number of records that could not be written.
    """

    def __init__(self) -> None:
        self._lost = 0
        self._warned = False
        self._closed = False
        self._next_try = 0.0
        self._turn = threading.RLock()

    @property
    def lost(self) -> int:
        return self._lost

    def log_scalars(self, step: int, scalars: Mapping[str, object]) -> None:
        """Report one number for each name.

        Args:
            step: number of the step; a whole number of 64 bits.
            scalars: ``{name: number}``; a number may be a one-element array or Tensor;
                nan and the infinities are numbers here.

        Raises:
            TypeError: when `step` is not a whole number, or `scalars` not of that form.
            ValueError: when a value is not one number, a name not one line or one of
                "run", "step" and "time", or `step` has more than 64 bits.
            RuntimeError: when the reporter is closed.
        """
        who = "log_scalars"
        step = as_step(step, f"{who}: step")
        numbers = read_scalars(scalars, who)
        self._report(who, self.write_scalars, step, numbers)

    def log_epoch(
        self,
        epoch: int,
        input_data: object,
        output: object,
        loss: object,
        parameters: Mapping[str, tuple[object, object]] | None = None,
    ) -> None:
        """Report one epoch: its loss, and how parameters and gradients are distributed.

        Args:
            epoch: number of the epoch, a whole number of 64 bits; it is the step of all
                that is reported.
            input_data: any shape; number, list, array or Tensor.
            output: any shape; as `input_data`.
            loss: one element, any shape.
            parameters: ``{name: (value, gradient)}``, each of any shape, real; a
                gradient may be None.

        Raises:
            TypeError: when a value holds no numbers, `epoch` is not a whole number, or
                `parameters` is not of that form or complex.
            ValueError: when `loss` is not one number, a name is not one line, or
                `epoch` has more than 64 bits.
            RuntimeError: when the reporter is closed.
        """
        who = "log_epoch"
        epoch = as_step(epoch, f"{who}: epoch")
        data = as_array(input_data, f"{who}: input_data")
        result = as_array(output, f"{who}: output")
        number = as_number(loss, f"{who}: loss")
        pairs = read_parameters(parameters, who)
        for name, (value, gradient) in pairs.items():
            check_real(value, f"{who}: parameters[{name!r}]: the value")
            if gradient is not None:
                check_real(gradient, f"{who}: parameters[{name!r}]: the gradient")
        self._report(who, self.write_epoch, epoch, data, result, number, pairs)

    def log_image(
        self, step: int, name: str, image: object, *, dataformats: str = "CHW"
    ) -> None:
        """Report a picture.

        Args:
            step: number of the step; a whole number of 64 bits.
            name: what the picture shows; one line.
            image: shape (H, W), or (C, H, W) with C of 1 (gray), 3 (red, green, blue)
                or 4 (and opacity). Floats are in [0, 1] and clipped to it, nan is
                black; whole numbers are in [0, 255]; booleans are black and white.
            dataformats: "HWC" when the channels come last.

        Raises:
            TypeError: when an argument is not as above.
            ValueError: when the shape is none of these, a whole number lies outside of
                [0, 255], `dataformats` is neither "CHW" nor "HWC", `name` is not one
                line, or `step` has more than 64 bits.
            RuntimeError: when the reporter is closed.
        """
        who = "log_image"
        step = as_step(step, f"{who}: step")
        check_line(name, f"{who}: name")
        pixels = as_pixels(image, dataformats, who)
        self._report(who, self.write_image, step, name, pixels)

    def log_histogram(self, step: int, name: str, values: object) -> None:
        """Report how the values of an array are distributed.

        Args:
            step: number of the step; a whole number of 64 bits.
            name: what the values are; one line.
            values: any shape, none empty or not finite refused; real numbers.

        Raises:
            TypeError: when an argument is not as above.
            ValueError: when `name` is not one line, or `step` has more than 64 bits.
            RuntimeError: when the reporter is closed.
        """
        who = "log_histogram"
        step = as_step(step, f"{who}: step")
        check_line(name, f"{who}: name")
        array = as_array(values, f"{who}: values")
        check_real(array, f"{who}: values")
        self._report(who, self.write_histogram, step, name, array)

    def close(self) -> None:
        """Finish the run; a second call does nothing."""
        self._close(failed=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close(failed=kind is not None)

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Write checked numbers."""
        raise NotImplementedError

    def write_epoch(
        self,
        epoch: int,
        input_data: NDArray[Any],
        output: NDArray[Any],
        loss: Number,
        parameters: Parameters,
    ) -> None:
        """Write a checked epoch: the loss, and a histogram of each array.

        Each is a record of its own: one that fails does not take the others along.
        """
        who = "log_epoch"
        self._try(who, self.write_scalars, epoch, {"loss": loss})
        for name, (value, gradient) in parameters.items():
            self._try(who, self.write_histogram, epoch, name, value)
            if gradient is not None:
                self._try(who, self.write_histogram, epoch, f"{name}.grad", gradient)

    def write_image(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Write a picture of shape (H, W, C)."""

    def write_histogram(self, step: int, name: str, values: NDArray[Any]) -> None:
        """Write the distribution of an array of real numbers of any shape."""

    def finish(self, *, failed: bool) -> None:
        """Let go of what the reporter holds; `failed` after an exception in `with`."""

    def _report(self, who: str, write: Callable[..., None], *arguments: object) -> None:
        """Call `write`; whatever goes wrong there must not end the training."""
        with self._turn:
            if self._closed:
                raise RuntimeError(
                    f"{who}: this {type(self).__name__} is closed; an open one was "
                    "needed; report before close(), or inside the with block"
                )
            self._try(who, write, *arguments)

    def _try(self, who: str, write: Callable[..., None], *arguments: object) -> None:
        """Call `write` under the guard; while it pauses, count the record as lost."""
        start = time.monotonic()
        if start < self._next_try:
            self._lost += 1
            return
        try:
            write(*arguments)
        # Any kind: clients raise what they like, and hours of training hang on it.
        except Exception as error:
            now = time.monotonic()
            seconds = now - start
            what = f"{who}: this record is lost"
            if seconds >= SLOW:
                self._next_try = now + PAUSE * seconds
                what += (
                    f", as are those of the next {PAUSE * seconds:.1f} s, as it took "
                    f"{seconds:.1f} s to fail"
                )
            self._lost += 1
            self._warn_once(what, error)

    def _close(self, *, failed: bool) -> None:
        with self._turn:
            if self._closed:
                return
            self._closed = True
            try:
                self.finish(failed=failed)
            except Exception as error:  # as above: the end of a training is no place
                self._warn_once("close: the end of the run may be missing", error)

    def _warn_once(self, what: str, error: Exception) -> None:
        if self._warned:
            return
        self._warned = True
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        warn(
            f"{type(self).__name__}: {what} ({reason}); the training goes on, later "
            "records are tried, and there is no further warning; `lost` counts those "
            f"that could not be written; after a failure of {SLOW} s or more no record "
            f"is tried for {PAUSE} times as long"
        )


def new_run_id(start: datetime) -> str:
    """Name of a run that sorts by time and is its own even within a second.

    Example:
        >>> new_run_id(datetime(2026, 2, 1, 23, 37, 39))  # doctest: +ELLIPSIS
        '20260201-233739-...'
    """
    return f"{start:%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"


def read_scalars(scalars: object, who: str) -> dict[str, Number]:
    """Check ``{name: number}`` and read its values."""
    example = "such as {'loss': 0.5}"
    if not isinstance(scalars, Mapping):
        raise TypeError(
            f"{who}: scalars is of type {type(scalars).__name__}; a dict of name: "
            f"number was needed, {example}"
        )
    numbers = {}
    for name, value in scalars.items():
        check_line(name, f"{who}: a name in scalars")
        if name in RESERVED:
            raise ValueError(
                f"{who}: scalars has the name {name!r}, which every record has of "
                f"itself; another name was needed, such as '{name}_of_model'"
            )
        numbers[name] = as_number(value, f"{who}: scalars[{name!r}]")
    return numbers


def as_step(value: object, who: str) -> int:
    """Read the number of a step, which all formats and clients can hold."""
    step = whole_number(value, who)
    if not -(2**63) <= step < 2**63:
        # Text of a number of thousands of digits is refused by Python.
        given = step if step.bit_length() < 256 else f"of {step.bit_length()} bits"
        raise ValueError(
            f"{who} is {given}; a whole number of 64 bits was needed, that is from "
            "-2**63 to 2**63 - 1"
        )
    return step


def check_real(array: NDArray[Any], who: str) -> None:
    """Refuse complex numbers, which have no order to be distributed in."""
    if array.dtype.kind == "c":
        raise TypeError(
            f"{who} is complex ({array.dtype}); real numbers were needed, such as "
            "absolute values"
        )


def as_number(value: object, who: str) -> Number:
    """Read one real number; whole numbers stay whole, booleans become 0 and 1."""
    if isinstance(value, int):  # of any size, where an array has 64 bits
        return int(value)
    array = one_element(value, who)
    return int(array.item()) if array.dtype.kind in "biu" else float(array.item())
