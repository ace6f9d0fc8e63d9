"""Metric: a number about many samples, counted batch by batch.

A metric keeps sums, not results. The mean of the batches' accuracies is not the
accuracy when the last batch is smaller; the sum of what was right, over the number of
samples, is. What cannot be had from sums of per-batch results at all, such as F1 or R2,
says in its docstring what is summed instead.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.autograd import Tensor


class Streaming:
    """What every metric has: a name, and a state that can be saved."""

    name: str

    def reset(self) -> None:
        """Forget all samples."""
        raise NotImplementedError(f"{type(self).__name__}: reset is not written")

    def compute(self) -> Any:
        """Return the number about all samples since `reset`."""
        raise NotImplementedError(f"{type(self).__name__}: compute is not written")

    def state_dict(self) -> dict[str, Any]:
        """Return the options and the sums so far, as plain data."""
        return {
            key: value.copy() if isinstance(value, np.ndarray) else value
            for key, value in vars(self).items()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned.

        Raises:
            ValueError: if it is of another metric; nothing is changed then.
        """
        # A metric that somebody wrote may have no attributes before its first `reset`.
        if missing := vars(self).keys() - state.keys():
            raise ValueError(
                f"{self.name}: the state has {', '.join(state) or 'nothing'}; it lacks "
                f"{', '.join(sorted(missing))}: give that of a {type(self).__name__}"
            )
        vars(self).update(state)

    def __repr__(self) -> str:
        shown = [
            f"{key}={value!r}"
            for key, parameter in inspect.signature(type(self)).parameters.items()
            if (value := getattr(self, key, parameter.default)) != parameter.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class Metric(Streaming):
    """Base of the metrics: write `reset`, `update` and `compute`.

    Attributes:
        name: the key under which `fit` and `evaluate` report it.

    What the object remembers must be plain, so that a checkpoint can hold it: numbers,
    strings, None, NumPy arrays, and lists, tuples and dicts of these.

    Example:
        >>> class WorstError(Metric):
        ...     name = "worst"
        ...
        ...     def reset(self):
        ...         self.worst = 0.0
        ...
        ...     def update(self, output, target):
        ...         self.worst = max(self.worst, float(abs(output - target).max()))
        ...
        ...     def compute(self):
        ...         return self.worst
        >>> import numpy as np
        >>> metric = WorstError()
        >>> metric.reset()
        >>> metric.update(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        >>> metric.compute()
        2.0
    """

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: (N, ...), what the model gave, a Tensor or an array.
            target: (N, ...), what it should have been.
        """
        raise NotImplementedError(f"{type(self).__name__}: update is not written")


def over_all(metric: Metric, output: Any, target: Any) -> Any:
    """Return a metric of whole arrays, as one batch."""
    metric.update(output, target)
    return metric.compute()


def arrays_of(who: str, output: Any, target: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return output and target as arrays that have equally many samples.

    Raises:
        TypeError: if one is no array of real numbers.
        ValueError: if one has no axis of samples, or the numbers of samples differ.
    """
    out = _array_of(who, "output", output)
    y = _array_of(who, "target", target)
    if out.shape[0] != y.shape[0]:
        raise ValueError(
            f"{who}: output has shape {out.shape} and target has shape {y.shape}; the "
            "first axis is the samples, and both need equally many"
        )
    return out, y


def no_samples(who: str) -> RuntimeError:
    """Return the error of a metric that has seen nothing."""
    return RuntimeError(
        f"{who}: there are no samples yet; call update(output, target) with at least "
        "one before compute()"
    )


def _array_of(who: str, name: str, value: Any) -> NDArray[Any]:
    found = value.detach().data if isinstance(value, Tensor) else value
    if not isinstance(found, np.ndarray | np.generic | list | tuple | float | int):
        raise TypeError(
            f"{who}: {name} is a {type(value).__name__}; a Tensor or an array is needed"
        )
    try:
        array = np.asarray(found)
    except ValueError:
        raise ValueError(
            f"{who}: {name} is a list whose rows have different lengths; an array has "
            "equal rows"
        ) from None
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{who}: {name} has dtype {array.dtype}; real numbers are needed"
        )
    if array.ndim == 0:
        raise ValueError(
            f"{who}: {name} has shape (); the first axis must be the samples: give one "
            "sample as [x]"
        )
    return array
