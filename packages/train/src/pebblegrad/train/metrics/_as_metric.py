"""What `fit` and `evaluate` take as a metric, and the one that is meant."""

import re
from collections.abc import Callable
from typing import Any

from ._metric import Metric
from .accuracy import Accuracy, TopK, accuracy, top_k
from .precision_recall import F1, Precision, Recall, f1, precision, recall
from .regression import MAE, MSE, R2, RMSE, mae, mse, r2, rmse
from .running import Mean, MeanOf

_BY_NAME: dict[str, type[Metric]] = {
    "accuracy": Accuracy,
    "f1": F1,
    "mae": MAE,
    "mse": MSE,
    "precision": Precision,
    "r2": R2,
    "recall": Recall,
    "rmse": RMSE,
}
_BY_FUNCTION: dict[Callable[..., Any], type[Metric]] = {
    accuracy: Accuracy,
    f1: F1,
    mae: MAE,
    mse: MSE,
    precision: Precision,
    r2: R2,
    recall: Recall,
    rmse: RMSE,
    top_k: TopK,
}


def as_metric(given: Any) -> Metric:
    """Return a metric: itself, the one of a name, or the mean of a function.

    Args:
        given: a `Metric`; a name: "accuracy", "top5" (or another number), "precision",
            "recall", "f1", "mae", "mse", "rmse", "r2"; or a function of output and
            target that returns the mean over a batch, which is then weighted by the
            sizes of the batches. The functions of this package stand for their
            classes: the mean of the batches' F1 would be wrong.

    Raises:
        TypeError: if it is nothing of these.
        ValueError: if there is no metric of that name, or a function has none.

    Example:
        >>> as_metric("top3")
        TopK(k=3, name='top3')
        >>> as_metric(f1)
        F1()
    """
    if isinstance(given, Metric):
        if not isinstance(getattr(given, "name", None), str):
            raise TypeError(
                f"as_metric: the metric, a {type(given).__name__}, has no name; set "
                'name = "..." in its class'
            )
        return given
    if isinstance(given, str):
        if match := re.fullmatch(r"top_?([1-9]\d*)", given):
            return TopK(int(match[1]))
        if given in _BY_NAME:
            return _BY_NAME[given]()
        raise ValueError(
            f"as_metric: the metric is {given!r}; give one of {', '.join(_BY_NAME)}, "
            "top5 (or another number), or an object such as ConfusionMatrix(10)"
        )
    if isinstance(given, Mean):
        raise TypeError(
            "as_metric: the metric is a Mean, which is updated with a number; give the "
            "function that returns the number for output and target"
        )
    if isinstance(given, type):
        raise TypeError(
            f"as_metric: the metric is the class {given.__name__}; give an object, "
            f"{given.__name__}()"
        )
    if not callable(given):
        raise TypeError(
            f"as_metric: the metric is a {type(given).__name__}; a name, a Metric, or "
            "a function of output and target is needed"
        )
    known = _BY_FUNCTION.get(given) if given.__hash__ is not None else None
    return MeanOf(given) if known is None else known()
