"""What a model is worth, and what it says: without gradients, in evaluation mode."""

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, no_grad
from pebblegrad.nn import Module

from ._batches import as_loader, cast, dtype_of, parted
from .metrics import Mean, as_metric


def evaluate(
    model: Module,
    data: Any,
    *,
    loss: Callable[..., Tensor] | None = None,
    metrics: Sequence[Any] = (),
    batch_size: int = 256,
) -> dict[str, Any]:
    """Return the mean loss and the metrics of a model over data.

    The model is in evaluation mode meanwhile, and in its own again afterwards.

    Args:
        model: what is evaluated.
        data: a `DataLoader`, arrays such as ``(X, y)``, or a list of batches.
        loss: takes output and target; its batches are weighted by their sizes.
        metrics: names such as "accuracy", metrics, or functions of output and target.
        batch_size: how many samples at a time, where `data` is arrays.

    Returns:
        By name: "loss", if one was given, and what each metric says: a number, or an
        array for a `ConfusionMatrix`.

    Raises:
        TypeError: if `data` or a metric is not of its kind.
        ValueError: if neither loss nor metrics are given.
        RuntimeError: if there are no samples.

    Example:
        >>> import numpy as np
        >>> from pebblegrad import nn
        >>> model = nn.Linear(1, 1, rng=0)
        >>> model.weight.data[...], model.bias.data[...] = 2.0, 1.0
        >>> X = np.array([[0.0], [1.0], [2.0]])
        >>> evaluate(model, (X, 2 * X), loss=nn.mse_loss, metrics=["mae"])
        {'loss': 1.0, 'mae': 1.0}
    """
    found = [as_metric(metric) for metric in metrics]
    if loss is None and not found:
        raise ValueError("evaluate: neither loss nor metrics are given; one is needed")
    loader = as_loader("evaluate", data, batch_size, shuffle=False, rng=None)
    mean = Mean("loss")
    for metric in found:
        metric.reset()
    with _evaluating(model):
        dtype = dtype_of(model)
        for batch in loader:
            inputs, target = parted("evaluate", batch)
            target = cast(target, dtype)
            output = model(*(Tensor(cast(x, dtype)) for x in inputs))
            if loss is not None:
                mean.update(loss(output, target).item(), len(target))
            for metric in found:
                metric.update(output, target)
    numbers: dict[str, Any] = {} if loss is None else {"loss": mean.compute()}
    return numbers | {metric.name: metric.compute() for metric in found}


def predict(model: Module, data: Any, *, batch_size: int = 256) -> Any:
    """Return what a model gives for data, batch by batch, as one array.

    Args:
        model: what is asked; in evaluation mode meanwhile.
        data: inputs: an array (N, ...), a tuple of arrays for a model that takes
            several, or a `DataLoader` that gives inputs alone.
        batch_size: how many samples at a time, where `data` is arrays.

    Returns:
        The output for all N samples; a tuple of arrays if the model gives several.

    Raises:
        TypeError: if `data` is not of its kind.

    Example:
        >>> import numpy as np
        >>> from pebblegrad import nn
        >>> predict(nn.ReLU(), np.array([[-1.0], [2.0]]), batch_size=1)
        array([[0.],
               [2.]], dtype=float32)
    """
    loader = as_loader("predict", data, batch_size, shuffle=False, rng=None)
    outputs: list[Any] = []
    with _evaluating(model):
        dtype = dtype_of(model)
        for batch in loader:
            inputs = inputs_alone(model, batch)
            outputs.append(model(*(Tensor(cast(x, dtype)) for x in inputs)))
    if isinstance(outputs[0], tuple | list):
        parts = zip(*outputs, strict=True)
        return tuple(np.concatenate([one.data for one in part]) for part in parts)
    return np.concatenate([output.data for output in outputs])


def inputs_alone(model: Module, batch: Any) -> tuple[Any, ...]:
    """Return the arrays of a batch, if the model takes as many.

    Raises:
        TypeError: if they are no arrays, or more or fewer than the model takes.
    """
    inputs = tuple(batch) if isinstance(batch, tuple | list) else (batch,)
    for x in inputs:
        if not isinstance(x, np.ndarray | Tensor):
            raise TypeError(
                f"predict: a batch holds something of type {type(x).__name__}; arrays "
                "are needed"
            )
    try:
        inspect.signature(model.forward).bind(*inputs)
    except TypeError:
        raise TypeError(
            f"predict: a batch has {len(inputs)} arrays, which is not what "
            f"{type(model).__name__}.forward takes; inputs alone are needed, no targets"
        ) from None
    return inputs


@contextlib.contextmanager
def _evaluating(model: Module) -> Iterator[None]:
    """Put a model into evaluation mode, and every part into its own again."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
