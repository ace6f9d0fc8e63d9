"""How far predictions are from numbers: MAE, MSE, RMSE and R2.

All of them sum in float64, whatever the model computes in. An output that is NaN makes
the result NaN: an error of unknown size is no small one.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._metric import Metric, arrays_of, no_samples, over_all


class _MeanDifference(Metric):
    """Mean over all elements of a function of the difference."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._sum = 0.0
        self._count = 0

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: (N, ...), what was predicted.
            target: of the same shape; (N,) and (N, 1) count as the same.

        Raises:
            TypeError: if one is no array of real numbers.
            ValueError: if the shapes differ.
        """
        predicted, true = _rows(self.name, output, target)
        with np.errstate(over="ignore", invalid="ignore"):  # infinity and NaN show
            self._sum += float(self._of(predicted - true).sum())
        self._count += true.size

    def _of(self, difference: NDArray[Any]) -> NDArray[Any]:
        raise NotImplementedError

    def compute(self) -> float:
        """Return the number about all samples.

        Raises:
            RuntimeError: if there are none.
        """
        if self._count == 0:
            raise no_samples(self.name)
        return self._sum / self._count


class MAE(_MeanDifference):
    """Mean absolute error: ``mean(|output - target|)``, over all elements.

    Args:
        name: the key under which it is reported.

    Example:
        >>> metric = MAE()
        >>> metric.update([1.0, 2.0], [1.0, 4.0])
        >>> metric.update([3.0], [2.0])
        >>> metric.compute()
        1.0
    """

    def __init__(self, *, name: str = "mae") -> None:
        super().__init__(name)

    def _of(self, difference: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(np.abs(difference))


class MSE(_MeanDifference):
    """Mean squared error: ``mean((output - target)^2)``, over all elements.

    Args:
        name: the key under which it is reported.

    Example:
        >>> metric = MSE()
        >>> metric.update([1.0, 2.0], [1.0, 5.0])
        >>> metric.update([3.0], [3.0])
        >>> metric.compute()
        3.0
    """

    def __init__(self, *, name: str = "mse") -> None:
        super().__init__(name)

    def _of(self, difference: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(np.square(difference))


class RMSE(MSE):
    """Root of the mean squared error over all elements, in the unit of the target.

    It is the root of the whole mean, which is not the mean of the batches' roots.
    **Where a sample has several numbers, scikit-learn's root_mean_squared_error takes
    the root for each column and then the mean of the roots**; here, as in Keras, it is
    one root.

    Args:
        name: the key under which it is reported.

    Example:
        >>> metric = RMSE()
        >>> metric.update([1.0, 2.0], [1.0, 6.0])  # 0 and 16
        >>> metric.update([3.0, 3.0], [3.0, 3.0])
        >>> metric.compute()
        2.0
    """

    def __init__(self, *, name: str = "rmse") -> None:
        super().__init__(name=name)

    def compute(self) -> float:
        """Return the root of the mean over all samples.

        Raises:
            RuntimeError: if there are none.
        """
        return math.sqrt(super().compute())


class R2(Metric):
    """Coefficient of determination: ``1 - sum((y - out)^2) / sum((y - mean(y))^2)``.

    1 is perfect, 0 is as good as the mean of the targets, and there is no lower bound.
    Where a sample has several numbers, it is the mean over the columns. A column whose
    targets are all equal gives 1.0 if all predictions are right and 0.0 if not, as in
    scikit-learn.

    The sum below the line needs the mean of all targets, which is known only at the
    end. What is kept is the mean and the sum of squares about it so far; two parts are
    merged by

        mean = mean_a + d * n_b / n            where d = mean_b - mean_a
        squares = squares_a + squares_b + d^2 * n_a * n_b / n

    and not ``sum(y^2) - n * mean^2``, the difference of two large numbers: targets near
    1e9 would leave no digit of it.

    Args:
        name: the key under which it is reported.

    Reference:
        Chan, Golub, LeVeque 1979, "Updating Formulae and a Pairwise Algorithm for
        Computing Sample Variances", Stanford STAN-CS-79-773.
        http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf

    Example:
        >>> metric = R2()
        >>> metric.update([1.0, 2.0], [1.0, 3.0])  # wrong by 0 and 1
        >>> metric.update([5.0], [5.0])  # the mean is 3: 4 + 0 + 4
        >>> metric.compute()
        0.875
    """

    def __init__(self, *, name: str = "r2") -> None:
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._count = 0
        self._mean: NDArray[Any] | None = None  # of the targets, for each column
        self._squares: NDArray[Any] | None = None  # about that mean
        self._errors: NDArray[Any] | None = None  # squared, summed

    def update(self, output: Any, target: Any) -> None:
        """Count one batch.

        Args:
            output: (N, ...), what was predicted.
            target: of the same shape; (N,) and (N, 1) count as the same.

        Raises:
            TypeError: if one is no array of real numbers.
            ValueError: if the shapes differ, or samples have another number of columns
                than before.
        """
        predicted, true = _rows(self.name, output, target)
        size, columns = true.shape
        if self._mean is not None and columns != self._mean.size:
            raise ValueError(
                f"{self.name}: target has {columns} numbers for a sample; the batches "
                f"before had {self._mean.size}"
            )
        if true.size == 0:
            return
        with np.errstate(over="ignore", invalid="ignore"):  # infinity and NaN show
            errors = np.square(predicted - true).sum(axis=0)
            mean = true.mean(axis=0)
            squares = np.square(true - mean).sum(axis=0)
            if self._mean is None or self._squares is None or self._errors is None:
                merged = mean, squares, errors
            else:
                total = self._count + size
                d = mean - self._mean
                merged = (
                    self._mean + d * (size / total),
                    self._squares + squares + d * d * (self._count * size / total),
                    self._errors + errors,
                )
        self._mean, self._squares, self._errors = merged
        self._count += size

    def compute(self) -> float:
        """Return the number about all samples.

        Raises:
            RuntimeError: if there are none.
            ValueError: if there is only one: it does not differ from its mean.
        """
        if self._mean is None or self._squares is None or self._errors is None:
            raise no_samples(self.name)
        if self._count == 1:
            raise ValueError(
                f"{self.name}: there is 1 sample; at least 2 are needed, for one does "
                "not vary"
            )
        with np.errstate(over="ignore", invalid="ignore"):
            # The mean of equal numbers is not exactly that number: 0.1 three times.
            rounding = 4 * np.finfo(np.float64).eps * np.abs(self._mean)
            constant = self._squares <= self._count * np.square(rounding)
            ratio = self._errors / np.where(constant, 1.0, self._squares)
        # Errors of NaN are not above 0, and stay what they are.
        ratio = np.where(constant & (self._errors > 0), 1.0, ratio)
        return float((1 - ratio).mean())


def mae(output: Any, target: Any) -> float:
    """Mean absolute error of whole arrays; see `MAE`.

    Args:
        output: (N, ...), what was predicted.
        target: of the same shape; (N,) and (N, 1) count as the same.

    Returns:
        The mean over all elements.

    Raises:
        TypeError: if one is no array of real numbers.
        ValueError: if the shapes differ.
        RuntimeError: if there are no samples.

    Example:
        >>> mae([1.0, 2.0], [1.0, 4.0])
        1.0
    """
    return float(over_all(MAE(), output, target))


def mse(output: Any, target: Any) -> float:
    """Mean squared error of whole arrays; see `MSE`.

    Args:
        output: (N, ...), what was predicted.
        target: of the same shape; (N,) and (N, 1) count as the same.

    Returns:
        The mean over all elements.

    Raises:
        TypeError: if one is no array of real numbers.
        ValueError: if the shapes differ.
        RuntimeError: if there are no samples.

    Example:
        >>> mse([1.0, 2.0], [1.0, 4.0])
        2.0
    """
    return float(over_all(MSE(), output, target))


def rmse(output: Any, target: Any) -> float:
    """Root of the mean squared error of whole arrays; see `RMSE`.

    Args:
        output: (N, ...), what was predicted.
        target: of the same shape; (N,) and (N, 1) count as the same.

    Returns:
        The root of the mean over all elements.

    Raises:
        TypeError: if one is no array of real numbers.
        ValueError: if the shapes differ.
        RuntimeError: if there are no samples.

    Example:
        >>> rmse([1.0, 2.0, 3.0, 3.0], [1.0, 6.0, 3.0, 3.0])
        2.0
    """
    return float(over_all(RMSE(), output, target))


def r2(output: Any, target: Any) -> float:
    """Coefficient of determination of whole arrays; see `R2`.

    Args:
        output: (N, ...), what was predicted; **scikit-learn takes the target first**.
        target: of the same shape; (N,) and (N, 1) count as the same.

    Returns:
        At most 1.

    Raises:
        TypeError: if one is no array of real numbers.
        ValueError: if the shapes differ, or there is only one sample.
        RuntimeError: if there are no samples.

    Example:
        >>> r2([1.0, 2.0, 5.0], [1.0, 3.0, 5.0])
        0.875
    """
    return float(over_all(R2(), output, target))


def _rows(who: str, output: Any, target: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return output and target as float64, (N, columns)."""
    out, y = arrays_of(who, output, target)
    shapes = [a.shape[:1] if a.shape[1:] == (1,) else a.shape for a in (out, y)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"{who}: output has shape {out.shape} and target has shape {y.shape}; the "
            "two must be equal"
        )
    columns = math.prod(y.shape[1:])
    return (
        out.astype(np.float64, copy=False).reshape(len(out), columns),
        y.astype(np.float64, copy=False).reshape(len(y), columns),
    )
