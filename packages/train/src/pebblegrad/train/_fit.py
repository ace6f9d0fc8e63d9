"""fit: the training loop that everyone writes.

`fit` sets the parts up, `_epoch` walks through the batches, `_step` is the five lines
that all of training comes down to: output, loss, gradients, step, and the numbers to
look at. Everything else is told to callbacks.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.loggers import progress as progress_bar
from pebblegrad.nn import Module
from pebblegrad.optim import LBFGS, Optimizer

from ._batches import as_loader, cast, dtype_of, parted
from ._evaluate import evaluate
from ._history import History
from ._interrupt import Interrupt
from ._nonfinite import ADVICE, NonFiniteError, faulty, first_op
from ._randomness import Generators
from ._run import Run
from ._watch import Watch
from .callbacks import Callback, Checkpoint, LogTo
from .metrics import Mean, as_metric

INTERRUPTED = "interrupted"


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
        validation: data as above, evaluated after each epoch; adds "val_..." numbers.
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
    loop = _Loop(run, validation, [as_metric(m) for m in metrics], callbacks)
    loop.watch = Watch(run) if lint else None
    loop.progress = progress
    with Interrupt() as loop.interrupt:
        return loop.train()


class _Loop:
    """The loop of one run, with what it needs besides."""

    def __init__(
        self, run: Run, validation: Any, metrics: list[Any], callbacks: Sequence[Any]
    ) -> None:
        self.run = run
        self.validation = validation
        self.metrics = metrics
        # A checkpoint holds what the other callbacks have done in the same step.
        self.callbacks = sorted(
            map(_as_callback, callbacks), key=lambda c: isinstance(c, Checkpoint)
        )
        self.mean_loss = Mean("loss")
        self.dtype = dtype_of(run.model)
        self.buffers = list(run.model.buffers())
        names = ["loss", *(metric.name for metric in metrics)]
        of_validation = [f"val_{name}" for name in names if validation is not None]
        run.names = (*names, *of_validation, "lr")
        self.generators = Generators(run.model)
        self.seconds = 0.0  # that this epoch took until it was interrupted
        self.saves = any(isinstance(c, Checkpoint) for c in self.callbacks)
        self.place: dict[str, Any] | None = None  # of the loader, in this epoch
        self.watch: Watch | None = None
        self.progress = True
        self.interrupt = Interrupt()
        run.state, run.restore = self.state, self.restore

    def train(self) -> History:
        """Go through all epochs."""
        run = self.run
        modes = [(module, module.training) for module in run.model.modules()]
        if not run.model.training:
            run.model.train()
        try:
            self._tell("on_train_begin")  # a checkpoint may put everything elsewhere
            if run.step > 0:
                self.watch = None
            while run.epoch < run.epochs and run.stopped is None:
                self._epoch()
            run.history.stopped = run.stopped
            self._tell("on_train_end")
        except BaseException as error:
            error.history = run.history  # type: ignore[attr-defined]
            raise
        finally:
            for module, training in modes:
                module.training = training
            for callback in self.callbacks:
                callback.close()
        return run.history

    def _epoch(self) -> None:
        """Go through all batches, or those that are left; then look at the result."""
        run = self.run
        started = time.perf_counter()
        if run.batch == 0:
            self.mean_loss.reset()
            for metric in self.metrics:
                metric.reset()
            self._tell("on_epoch_begin")
        title = f"epoch {run.epoch + 1}/{run.epochs}"
        bar = progress_bar(
            run.loader,
            title,
            total=len(run.loader) - run.batch,
            disable=not self.progress,
        )
        for batch in bar:
            self._step(batch)
            bar.show(loss=self.mean_loss.compute())
            if run.stopped is not None:
                self.seconds += time.perf_counter() - started
                return
        run.numbers = {"loss": self.mean_loss.compute()}
        for metric in self.metrics:
            run.numbers[metric.name] = _number(metric)
        if self.validation is not None:
            found = evaluate(
                run.model, self.validation, loss=run.loss, metrics=self.metrics
            )
            run.numbers |= {f"val_{name}": number for name, number in found.items()}
        run.numbers["lr"] = run.optimizer.param_groups[0]["lr"]
        run.batch, self.place = 0, None
        run.history.append(run.numbers, self.seconds + time.perf_counter() - started)
        self.seconds = 0.0
        if self.watch is not None:
            self.watch.after_epoch()
        if self.progress and len(run.numbers) > 2:
            told = [f"{k}={v:.4g}" for k, v in run.numbers.items() if k != "lr"]
            sys.stderr.write(f"{title}: {', '.join(told)}\n")
        if self.interrupt.asked and run.epoch + 1 < run.epochs:
            run.stop(INTERRUPTED)
        self._tell("on_epoch_end")
        run.epoch += 1

    def _step(self, batch: Any) -> None:
        """Output, loss, gradients, step."""
        run = self.run
        inputs, target = parted("fit", batch)
        run.inputs = tuple(cast(x, self.dtype) for x in inputs)
        run.target = cast(target, self.dtype)
        before = self.generators.drawn_by_model()
        buffers = [buffer.data.copy() for buffer in self.buffers]
        if self.saves:  # now, for a callback may loop over the same loader
            self.place = run.loader.state_dict()
        if self.watch is not None and run.step == 0:
            self.watch.before_first_step()

        try:
            output = run.model(*map(Tensor, run.inputs))
            if self.watch is not None:
                self.watch.after_forward(output)
            loss = _checked(run.loss(output, run.target))
        except BaseException:
            self._put_back(buffers)
            raise
        run.optimizer.zero_grad()
        loss.backward()

        run.batch_loss = loss.item()
        params = [p for group in run.optimizer.param_groups for p in group["params"]]
        if (fault := faulty(run.batch_loss, params)) is not None:
            self._explain(fault, before, buffers)
        if self.watch is not None:
            self.watch.after_backward()
        self._tell("on_gradients")
        run.optimizer.step()

        run.output = _detached(output)
        run.step += 1
        run.batch += 1
        run.history.steps = run.step
        self.mean_loss.update(run.batch_loss, len(run.target))
        for metric in self.metrics:
            metric.update(run.output, run.target)
        if self.watch is not None:
            self.watch.after_step()
        if self.interrupt.asked:
            run.stop(INTERRUPTED)
        self._tell("on_step_end")

    def _explain(self, fault: str, before: list[Any], buffers: list[Any]) -> NoReturn:
        """Make the step again, watched, and say which op gave what is not finite."""
        run = self.run
        self.generators.rewind(before)  # for the same dropout
        self._put_back(buffers)

        def again() -> None:
            run.optimizer.zero_grad()
            run.loss(run.model(*map(Tensor, run.inputs)), run.target).backward()

        found = first_op(again)
        self._put_back(buffers)
        raise NonFiniteError(f"fit: {fault} in {run.place}: {found}; {ADVICE}")

    def _put_back(self, buffers: list[Any]) -> None:
        """Give the buffers, such as running means, the values of before the step."""
        for buffer, values in zip(self.buffers, buffers, strict=True):
            buffer.data[...] = values

    def _tell(self, moment: str) -> None:
        """Call every callback."""
        for callback in self.callbacks:
            getattr(callback, moment)(self.run)

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the run depends on."""
        run = self.run
        return {
            "epoch": run.history.epochs,  # the complete ones, in `on_epoch_end` too
            "batch": run.batch,
            "step": run.step,
            "stopped": None if run.stopped == INTERRUPTED else run.stopped,
            "history": run.history.state_dict(),
            "seconds": self.seconds,
            "loss": self.mean_loss.state_dict(),
            "metrics": [[m.name, m.state_dict()] for m in self.metrics],
            "model": run.model.state_dict(),
            "trainable": [name for name, _ in run.model.named_parameters()],
            "modes": [module.training for module in run.model.modules()],
            "beside the model": [p.data.copy() for p in self._beside_the_model()],
            "optimizer": run.optimizer.state_dict(),
            "loader": self._loaders_state(),
            "validation": (
                self.validation.state_dict()
                if callable(getattr(self.validation, "state_dict", None))
                else None
            ),
            "generators": self.generators.state_dict(),
            "callbacks": [
                [type(callback).__name__, callback.state_dict()]
                for callback in self.callbacks
            ],
        }

    def _loaders_state(self) -> dict[str, Any]:
        """Return where the loader was before the callbacks of this step.

        They may have looped over it too; what they drew from its generator counts.
        """
        now: dict[str, Any] = self.run.loader.state_dict()
        if self.place is not None and "epoch" in now:
            now["epoch"] = self.place["epoch"]
        return now

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` returned.

        Raises:
            ValueError: if this run is made otherwise than that one was; nothing is
                changed then.
        """
        trainable = [name for name, _ in self.run.model.named_parameters()]
        _same("parameters to train", trainable, state["trainable"])
        callbacks = [type(callback).__name__ for callback in self.callbacks]
        _same("callbacks", callbacks, [name for name, _ in state["callbacks"]])
        metrics = [metric.name for metric in self.metrics]
        _same("metrics", metrics, [name for name, _ in state["metrics"]])
        columns = state["history"]["columns"]
        _same("numbers of an epoch", self.run.names, columns or self.run.names)
        before = self.state()
        try:
            self._take(state)
        except BaseException:
            self._take(before)
            raise

    def _take(self, state: Mapping[str, Any]) -> None:
        run = self.run
        run.model.load_state_dict(state["model"])
        for module, training in zip(run.model.modules(), state["modes"], strict=True):
            module.training = training
        for p, values in zip(
            self._beside_the_model(), state["beside the model"], strict=True
        ):
            p.data[...] = values
        run.optimizer.load_state_dict(state["optimizer"])
        run.loader.load_state_dict(state["loader"])
        self.place = None
        if state["validation"] is not None:
            self.validation.load_state_dict(state["validation"])
        for callback, (_, of_callback) in zip(
            self.callbacks, state["callbacks"], strict=True
        ):
            callback.load_state_dict(of_callback)
        self.mean_loss.load_state_dict(state["loss"])
        for metric, (_, of_metric) in zip(self.metrics, state["metrics"], strict=True):
            metric.load_state_dict(of_metric)
        run.history.load_state_dict(state["history"])
        run.epoch, run.batch, run.step = state["epoch"], state["batch"], state["step"]
        run.stopped = state["stopped"]
        self.seconds = state["seconds"]
        self.generators.load_state_dict(state["generators"])  # last: others may draw

    def _beside_the_model(self) -> list[Tensor]:
        """Return what the optimizer trains beside the model, such as a loss's own."""
        own = {id(p) for p in self.run.model.parameters()}
        groups = self.run.optimizer.param_groups
        return [p for group in groups for p in group["params"] if id(p) not in own]


def _same(what: str, here: Sequence[str], given: Iterable[str]) -> None:
    """Raise unless a checkpoint was made with the same."""
    made_with = list(given)
    if made_with != list(here):
        raise ValueError(
            f"fit: the checkpoint was made with the {what} "
            f"{', '.join(made_with) or 'none'}; here they are "
            f"{', '.join(here) or 'none'}: they must be the same to go on"
        )


def _checked(loss: Any) -> Tensor:
    """Return a loss that can be gone back from.

    Raises:
        TypeError: if it is no Tensor.
        ValueError: if it has several elements.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"fit: the loss gave something of type {type(loss).__name__}; a Tensor of "
            "one element is needed, made by ops from the output"
        )
    if loss.size != 1:
        raise ValueError(
            f"fit: the loss has shape {loss.shape}; one element is needed: reduce it, "
            "by mean()"
        )
    return loss


def _detached(output: Any) -> Any:
    """Return an output without its graph, of several each."""
    if isinstance(output, Tensor):
        return output.detach()
    if isinstance(output, tuple | list):
        return tuple(map(_detached, output))
    return output


def _number(metric: Any) -> float:
    """Return what a metric says, if it is a number.

    Raises:
        TypeError: if it is an array, which has no place in a history.
    """
    value = metric.compute()
    if np.ndim(value) > 0:
        raise TypeError(
            f"fit: {metric.name} gives an array of shape {np.shape(value)}; a history "
            "holds numbers: ask evaluate for it, after training"
        )
    return float(value)


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
