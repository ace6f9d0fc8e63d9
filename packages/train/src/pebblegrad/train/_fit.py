"""fit: the training loop that everyone writes, with its parts set up and checked.

The loop itself is in `_loop.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.nn import Module
from pebblegrad.optim import LBFGS, Optimizer

from ._batches import as_loader
from ._history import History
from ._interrupt import Interrupt
from ._loop import Loop
from ._run import Run
from ._watch import Watch
from .callbacks import Callback, LogTo
from .metrics import as_metric


def fit(
    model: Module,
    data: Any,
    *,
    loss: Callable[..., Tensor],
    optimizer: Optimizer,
    epochs: int,
    validation: Any = None,
    metrics: Sequence[Any] = (),
    callbacks: Sequence[Any] = (),
    batch_size: int = 32,
    rng: np.random.Generator | int | None = None,
    progress: bool = True,
    lint: bool = True,
) -> History:
    """Train a model: for each batch the loss, its gradients, and a step.

    Args:
        model: what is trained; in training mode meanwhile, but for parts that were put
            into evaluation mode alone.
        data: a `DataLoader`, arrays such as ``(X, y)``, which are then shuffled, or a
            list of batches. The last array of a batch is the target, those before it
            are the model's inputs; an array alone is its own target. Arrays of floats
            are cast to the dtype of the model.
        loss: takes output and target, returns a Tensor of one element, the mean over
            the batch.
        optimizer: over the parameters of the model.
        epochs: how many times to go through the data, from 0 on; with a resumed run,
            those that are done included.
        validation: data as above, evaluated after each epoch; adds ``val_...`` numbers.
        metrics: names such as "accuracy", metrics, or functions of output and target.
        callbacks: `Callback`s, or loggers of `pebblegrad.loggers`. They are called in
            this order, `Checkpoint` last.
        batch_size: samples in a batch, where `data` is arrays.
        rng: shuffles, where `data` is arrays: a seed, a Generator, or None.
        progress: whether to show a bar for each epoch.
        lint: whether to watch the first steps for common mistakes; each is a
            `TrainingWarning`.

    Returns:
        The numbers of each epoch. Ctrl-C ends the run after its step: the model has
        learned until then, `history.stopped` says "interrupted".

    Raises:
        TypeError, ValueError: if an argument is not as above; nothing is changed then.
        NonFiniteError: if a loss or a gradient is NaN or infinite: says the step, the
            batch and the first op that gave it. The weights are from before the step.

    Example:
        >>> import numpy as np
        >>> from pebblegrad import nn, optim
        >>> X = np.linspace(-1, 1, 64)[:, None]
        >>> model = nn.Linear(1, 1, rng=0)
        >>> optimizer = optim.SGD(model, lr=0.5)
        >>> history = fit(
        ...     model,
        ...     (X, 3 * X - 1),
        ...     loss=nn.mse_loss,
        ...     optimizer=optimizer,
        ...     epochs=20,
        ...     rng=0,
        ...     progress=False,
        ... )
        >>> model.weight.data.round(3), model.bias.data.round(3)
        (array([[3.]], dtype=float32), array([-1.], dtype=float32))
    """
    _check(model, optimizer, loss, epochs)
    _check_lists(metrics, callbacks)
    run = Run(
        model,
        as_loader("fit", data, batch_size, shuffle=True, rng=rng),
        loss,
        optimizer,
        epochs,
    )
    if validation is not None:
        validation = as_loader(
            "fit", validation, 256, shuffle=False, rng=None, name="validation"
        )
    loop = Loop(
        run,
        validation,
        [as_metric(metric) for metric in metrics],
        [_as_callback(callback) for callback in callbacks],
    )
    loop.watch = Watch(run) if lint else None
    loop.progress = progress
    with Interrupt() as loop.interrupt:
        return loop.train()


def _as_callback(given: Any) -> Callback:
    """Return a callback: itself, or one around a logger."""
    if isinstance(given, Callback):
        return given
    if not isinstance(given, type) and (
        callable(getattr(given, "log_scalars", None))
        or callable(getattr(given, "log_epoch", None))
    ):
        return LogTo(given)
    hint = ""
    if isinstance(given, type):
        raise TypeError(
            f"fit: a callback is the class {given.__name__}; give {given.__name__}(...)"
        )
    if callable(getattr(given, "get_last_lr", None)):
        hint = ": put the schedule into ScheduleRate(schedule)"
    raise TypeError(
        f"fit: a callback is a {type(given).__name__}; a Callback or a logger is needed"
        + hint
    )


def _check_lists(metrics: Any, callbacks: Any) -> None:
    """Raise unless metrics and callbacks are several."""
    for name, given in (("metrics", metrics), ("callbacks", callbacks)):
        if not isinstance(given, list | tuple):
            raise TypeError(
                f"fit: {name} is of type {type(given).__name__}; a list is needed: "
                f"{name}=[...]"
            )


def _check(model: Any, optimizer: Any, loss: Any, epochs: Any) -> None:
    """Raise unless the arguments are of their kinds."""
    if not isinstance(model, Module):
        raise TypeError(f"fit: model is a {type(model).__name__}; a Module is needed")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"fit: optimizer is a {type(optimizer).__name__}; an optimizer over the "
            "model's parameters is needed, such as Adam(model)"
        )
    if isinstance(optimizer, LBFGS):
        raise TypeError(
            "fit: optimizer is an LBFGS, which computes losses of its own, again and "
            "again, in each step; write the loop by hand: optimizer.step(closure)"
        )
    if isinstance(loss, type):
        raise TypeError(
            f"fit: loss is the class {loss.__name__}; give {loss.__name__}()"
        )
    if not callable(loss):
        raise TypeError(
            f"fit: loss is a {type(loss).__name__}; a function of output and target is "
            "needed, such as nn.cross_entropy"
        )
    if isinstance(epochs, bool) or not isinstance(epochs, int | np.integer):
        raise TypeError(f"fit: epochs is {epochs!r}; an integer is needed")
    if epochs < 0:
        raise ValueError(f"fit: epochs is {epochs}; it must be at least 0")
