"""Text logs of training and inference: a record per epoch or step, for people to read.

A record shows what went in, what came out, the loss, and each parameter beside its
gradient: a forward and a backward pass on one screen. The lines are those of the
functions at the end of this file, from top to bottom. Everything is read and checked
before anything is written.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._format import (
    ValueStyle,
    as_array,
    one_number,
    timestamp,
    whole_number,
)
from pebblegrad.loggers._names import is_line
from pebblegrad.loggers._run_file import RunFile

# Two lines of a terminal: a parameter is shown, not stored. An epoch of a network for
# MNIST has some 2 kB then, at which it can be read; with 256 values it had 30 kB.
MAX_VALUES = 16


class TrainingLogger:
    r"""A text log of training runs, appended to ``<log_dir>/<name>.log``.

    Earlier runs in the file are kept; each run begins with a header that bears the time
    at which the logger was made and is written together with the first record (before
    it, the file is there but empty). Each record is one write, so a killed run leaves
    complete records and at most a part of one more. There is nothing to close.

    Args:
        name: file name without ``.log``; no folders in it.
        log_dir: folder of the file, created when missing.
        updates: whether each parameter also shows by how much it changed since it was
            logged last under the same name (keeps a copy of every logged parameter).
        max_values: at least 1; how many values of an array are printed, the rest being
            counted as in ``[0.1, 0.2, ... 998 more]``. None prints all of them: logs
            of networks then have megabytes.
        number_format: format of floats and integers. With the default, gradients below
            5e-7 read ``0.000000``: ``".3e"`` shows them. Numbers from 1e16 on get an
            exponent.
        fsync: whether each record is forced onto the disk before the call returns. A
            killed process loses nothing without it; a power failure may lose the last
            records. It costs milliseconds a record.
        clock: gives the local time; for tests, and for clocks in another time zone.

    Attributes:
        path: the file, absolute.

    Raises:
        TypeError, ValueError: when an argument is not as above.
        OSError: when the folder cannot be created or the file not written.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> logger = TrainingLogger("line", folder.name)
        >>> weight, gradient = np.array([[0.5]]), np.array([[-18.0]])
        >>> parameters = {"weight": (weight, gradient)}
        >>> logger.log_epoch(0, [1.0, 2.0], [0.5, 1.0], 9.25, parameters)
        >>> print(*logger.path.read_text().splitlines()[-5:], sep="\n")
          weight:
            Shape: (1, 1)
            Values: [0.500000]
            Gradient shape: (1, 1)
            Gradient values: [-18.000000]
        >>> folder.cleanup()
    """

    path: Path
    _who = "TrainingLogger"  # how an error message begins

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
        self._style = ValueStyle(max_values, number_format)
        self._clock = clock
        self._updates = updates
        self._last: dict[str, NDArray[Any]] = {}
        self._file = RunFile(name, log_dir, clock=clock, fsync=fsync, who=self._who)
        self.path = self._file.path

    def log_epoch(
        self,
        epoch: int,
        input_data: object,
        output: object,
        loss: object,
        parameters: Mapping[str, tuple[object, object]] | None = None,
    ) -> None:
        """Append the record of one epoch: forward pass, loss, parameters and gradients.

        Called before the optimizer's step, it shows the values at which the gradients
        were taken; called after it, the new values beside the gradients that led to
        them.

        Args:
            epoch: number of the epoch.
            input_data: any shape; number, list, array or Tensor.
            output: any shape; as `input_data`.
            loss: one element, any shape; nan and infinities are logged as such.
            parameters: ``{name: (value, gradient)}``, each of any shape; a gradient may
                be None, and the record says so.

        Raises:
            TypeError: when a value holds no numbers, `epoch` is not a whole number, or
                `parameters` is not of that form.
            ValueError: when `loss` is not one number, or a name is not one line.
            OSError: when the record cannot be written.
        """
        who = "log_epoch"
        epoch = whole_number(epoch, f"{who}: epoch")
        time = self._clock()
        forward = _forward_lines(
            f"EPOCH {epoch}",
            time,
            as_array(input_data, f"{who}: input_data"),
            as_array(output, f"{who}: output"),
            self._style,
        )
        number = one_number(loss, f"{who}: loss")
        pairs = read_parameters(parameters, who)
        backward = [
            f"[EPOCH {epoch} - BACKWARD PASS]",
            f"Timestamp: {timestamp(time)}",
            "",
            f"Loss: {self._style.number(number)}",
        ]
        if pairs:
            backward += ["", "Parameters and Gradients:"]
        for name, (value, gradient) in pairs.items():
            backward += [
                "",
                f"  {name}:",
                *_shape_and_values(value, self._style, indent=4),
            ]
            backward += _gradient_lines(gradient, self._style)
            if self._updates:
                backward += _update_lines(value, self._last.get(name), self._style)
        self._file.append(record_text([*forward, "", *backward]))
        if self._updates:  # only now: a record that failed is not the previous one
            self._last |= {name: value.copy() for name, (value, _) in pairs.items()}


class InferenceLogger:
    r"""A text log of inference runs, in the format of `TrainingLogger`'s forward pass.

    Args:
        name: file name without ``.log``; no folders in it. With a `TrainingLogger`'s
            name and folder, both append to one file.
        log_dir: folder of the file, created when missing.
        max_values: at least 1; how many values of an array are printed; None prints
            all.
        number_format: format of floats and integers.
        fsync: whether each record is forced onto the disk before the call returns.
        clock: gives the local time.

    Attributes:
        path: the file, absolute.

    Raises:
        TypeError, ValueError: when an argument is not as above.
        OSError: when the folder cannot be created or the file not written.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> logger = InferenceLogger("line", folder.name)
        >>> logger.log_inference(0, input_data=[[3.0]], output=[[7.0]])
        >>> print(*logger.path.read_text().splitlines()[-3:], sep="\n")
        Output:
          Shape: (1, 1)
          Values: [7.000000]
        >>> folder.cleanup()
    """

    path: Path

    def __init__(
        self,
        name: str,
        log_dir: str | os.PathLike[str] = ".",
        *,
        max_values: int | None = MAX_VALUES,
        number_format: str = ".6f",
        fsync: bool = False,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._style = ValueStyle(max_values, number_format)
        self._clock = clock
        self._file = RunFile(
            name, log_dir, clock=clock, fsync=fsync, who="InferenceLogger"
        )
        self.path = self._file.path

    def log_inference(self, step: int, input_data: object, output: object) -> None:
        """Append the record of one step: what went in and what came out.

        Args:
            step: number of the step: a batch, a request, a sample.
            input_data: any shape; number, list, array or Tensor.
            output: any shape; as `input_data`.

        Raises:
            TypeError: when a value holds no numbers, or `step` is not a whole number.
            OSError: when the record cannot be written.
        """
        who = "log_inference"
        step = whole_number(step, f"{who}: step")
        lines = _forward_lines(
            f"STEP {step}",
            self._clock(),
            as_array(input_data, f"{who}: input_data"),
            as_array(output, f"{who}: output"),
            self._style,
        )
        self._file.append(record_text(lines))


def read_parameters(
    parameters: object, who: str
) -> dict[str, tuple[NDArray[Any], NDArray[Any] | None]]:
    """Check ``{name: (value, gradient)}`` and read its values as arrays."""
    if parameters is None:
        return {}
    example = "such as {'weight': (layer.weight, layer.weight.grad)}"
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f"{who}: parameters is of type {type(parameters).__name__}; a dict of "
            f"name: (value, gradient) was needed, {example}"
        )
    pairs = {}
    for name, pair in parameters.items():
        if not isinstance(name, str):
            raise TypeError(
                f"{who}: parameters has the key {name!r} of type "
                f"{type(name).__name__}; a name was needed, {example}"
            )
        if not is_line(name):
            raise ValueError(
                f"{who}: parameters has the key {name!r}; a name of one line was needed"
            )
        where = f"{who}: parameters[{name!r}]"
        # Only a tuple: a list or an array of two is more likely a value alone.
        if not isinstance(pair, tuple) or len(pair) != 2:
            given = f"of {len(pair)}" if isinstance(pair, tuple) else "alone"
            raise TypeError(
                f"{where} is a {type(pair).__name__} {given}; a tuple (value, "
                f"gradient) was needed, {example}; the gradient may be None"
            )
        value, gradient = pair
        pairs[name] = (
            as_array(value, f"{where}: the value"),
            None if gradient is None else as_array(gradient, f"{where}: the gradient"),
        )
    return pairs


def _forward_lines(
    title: str,
    time: datetime,
    input_data: NDArray[Any],
    output: NDArray[Any],
    style: ValueStyle,
) -> list[str]:
    """Lines of a forward pass."""
    return [
        f"[{title} - FORWARD PASS]",
        f"Timestamp: {timestamp(time)}",
        "",
        "Input:",
        *_shape_and_values(input_data, style, indent=2),
        "",
        "Output:",
        *_shape_and_values(output, style, indent=2),
    ]


def _shape_and_values(
    array: NDArray[Any], style: ValueStyle, *, indent: int
) -> list[str]:
    """Two lines that describe an array."""
    margin = " " * indent
    return [f"{margin}Shape: {array.shape}", f"{margin}Values: {style.values(array)}"]


def _gradient_lines(gradient: NDArray[Any] | None, style: ValueStyle) -> list[str]:
    """Lines of a gradient below its parameter."""
    if gradient is None:
        return ["    Gradient: none (not computed, or cleared before it was logged)"]
    return [
        f"    Gradient shape: {gradient.shape}",
        f"    Gradient values: {style.values(gradient)}",
    ]


def _update_lines(
    value: NDArray[Any], last: NDArray[Any] | None, style: ValueStyle
) -> list[str]:
    """Lines of the change since the same name was logged last."""
    if last is None:
        return ["    Update: none (first record of this parameter)"]
    if value.shape != last.shape:
        return [f"    Update: none (the shape was {last.shape} in its last record)"]
    # Unsigned integers would wrap around, booleans refuse, float32 round.
    exact = np.result_type(value, last, np.float64)
    with np.errstate(all="ignore"):  # inf - inf is nan, and the log says so
        update = value.astype(exact) - last.astype(exact)
    return [
        f"    Update shape: {update.shape}",
        f"    Update values: {style.values(update)}",
    ]


def record_text(lines: list[str]) -> str:
    """Join lines to the text of a record."""
    return "\n".join(lines) + "\n"
