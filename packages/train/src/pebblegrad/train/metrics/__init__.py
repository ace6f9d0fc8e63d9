"""Numbers about how good a model is, right for batches of any size.

A class and a function for each: the class counts batches (`reset`, `update`,
`compute`), the function is for whole arrays and is made of the class.

Reading order: `_metric.py` (what a metric is), `running.py` (means that are right when
the last batch is smaller), `accuracy.py` (and what output and target may be),
`precision_recall.py`, `confusion_matrix.py`, `regression.py`. Behind them:
`_classes.py` (from scores to classes), `_as_metric.py` (what `fit` takes as a metric).
"""

from ._as_metric import as_metric
from ._metric import Metric
from .accuracy import Accuracy, TopK, accuracy, top_k
from .confusion_matrix import ConfusionMatrix, confusion_matrix
from .precision_recall import F1, Precision, Recall, f1, precision, recall
from .regression import MAE, MSE, R2, RMSE, mae, mse, r2, rmse
from .running import Mean, MeanOf

__all__ = [
    "F1",
    "MAE",
    "MSE",
    "R2",
    "RMSE",
    "Accuracy",
    "ConfusionMatrix",
    "Mean",
    "MeanOf",
    "Metric",
    "Precision",
    "Recall",
    "TopK",
    "accuracy",
    "as_metric",
    "confusion_matrix",
    "f1",
    "mae",
    "mse",
    "precision",
    "r2",
    "recall",
    "rmse",
    "top_k",
]
