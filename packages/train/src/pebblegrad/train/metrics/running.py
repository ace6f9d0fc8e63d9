"""Running averages that are right when the last batch is smaller.

A mean over samples is the sum of the batches' means, each times the size of its batch,
over the number of samples. Everything that is a mean over samples can be had that way:
the loss, and any function of a batch that returns one.
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, no_grad

from ._metric import Metric, Streaming


class Mean(Streaming):
    """Weighted mean of numbers: ``sum(value * size) / sum(size)``.

    Args:
        name: the key under which it is reported.

    Example:
        >>> loss = Mean("loss")
        >>> loss.update(1.0, 32)  # the mean of a batch of 32
        >>> loss.update(4.0, 16)  # and of the last one
        >>> loss.compute()
        2.0
    """

    def __init__(self, name: str = "mean") -> None:
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget all numbers."""
        self._sum = 0.0
        self._size = 0

    def update(self, value: Any, size: int = 1) -> None:
        """Count the mean of a batch.

        Args:
            value: a number, or a Tensor or an array of one element.
            size: how many samples it is the mean of; with 0 of them it is not counted.

        Raises:
            TypeError: if `value` is no number, or `size` no integer.
            ValueError: if `value` has several elements, or `size` is negative.
        """
        number = as_number(self.name, value)
        try:
            count = operator.index(size)
        except TypeError:
            raise TypeError(
                f"{self.name}: size is {size!r}; the number of samples in the batch is "
                "needed, an integer"
            ) from None
        if count < 0:
            raise ValueError(
                f"{self.name}: size is {count}; the number of samples in the batch is "
                "needed, from 0 on"
            )
        if count > 0:  # the mean of no samples may be NaN
            self._sum += number * count
            self._size += count

    def compute(self) -> float:
        """Return the mean.

        Raises:
            RuntimeError: if nothing was counted.
        """
        if self._size == 0:
            raise RuntimeError(
                f"{self.name}: there are no samples yet; call update(value, size) "
                "with a size of at least 1 before compute()"
            )
        return self._sum / self._size


class MeanOf(Metric):
    """The mean over samples of a function that returns a mean over a batch.

    Such are losses, and most functions that one would write as a metric; `fit` and
    `evaluate` make one of every function that they are given. A function that is no
    mean over samples, such as a root of one, comes out different from what it is over
    all samples: for that write a `Metric`.

    Args:
        function: takes output and target of one batch, returns one number.
        name: the key under which it is reported; by default the function's name.

    Raises:
        TypeError: if `function` cannot be called.
        ValueError: if it has no name, as a lambda has none, and none is given.

    Example:
        >>> import numpy as np
        >>> def largest_error(output, target):
        ...     return np.abs(output - target).max(axis=1).mean()
        >>> metric = MeanOf(largest_error)
        >>> metric.update(np.array([[1.0, 2.0], [0.0, 0.0]]), np.zeros((2, 2)))
        >>> metric.update(np.array([[5.0, 2.0]]), np.zeros((1, 2)))
        >>> metric.name, metric.compute()  # (2 + 0 + 5) / 3
        ('largest_error', 2.3333333333333335)
    """

    # In a slot, and so not among the `vars` that a checkpoint holds: a function cannot
    # be saved, and the script that resumes gives it again.
    __slots__ = ("function",)

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        if not callable(function):
            raise TypeError(
                f"MeanOf: function is a {type(function).__name__}; a function of "
                "output and target is needed"
            )
        self.function = function
        self.name = _name_of(function) if name is None else name
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._sum = 0.0
        self._size = 0

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: what the function takes first.
            target: (N, ...), what the function takes second.

        Raises:
            TypeError: if the function returns no number.
            ValueError: if it returns several, or target has no axis of samples.
        """
        if np.ndim(target.data if isinstance(target, Tensor) else target) == 0:
            raise ValueError(
                f"{self.name}: target has shape (); its first axis must be the samples"
            )
        with no_grad():
            value = self.function(output, target)
        mean = Mean(self.name)
        mean.update(value, len(target))
        self._sum += mean._sum
        self._size += mean._size

    def compute(self) -> float:
        """Return the mean over all samples.

        Raises:
            RuntimeError: if there are none.
        """
        mean = Mean(self.name)
        mean._sum, mean._size = self._sum, self._size
        return mean.compute()


def as_number(who: str, value: Any) -> float:
    """Return a number, or the only element of a Tensor or an array, as a float.

    Raises:
        TypeError: if it is no number.
        ValueError: if it has several elements.
    """
    found = value.detach().data if isinstance(value, Tensor) else value
    array = np.asarray(found)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{who}: a batch gives a {type(value).__name__}; the mean over the batch "
            "is needed, a number"
        )
    if array.size != 1:
        raise ValueError(
            f"{who}: a batch gives an array of shape {array.shape}; the mean over the "
            "batch is needed, one number"
        )
    return float(array.reshape(())[()])


def _name_of(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", type(function).__name__)
    if name == "<lambda>":
        raise ValueError(
            "MeanOf: function is a lambda, which has no name to report it under; "
            'write a def, or MeanOf(function, name="...")'
        )
    return str(name)
