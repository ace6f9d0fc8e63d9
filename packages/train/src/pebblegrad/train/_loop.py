"""The training loop: epochs, batches, and the five lines of a step.

`_epoch` walks through the batches, `_step` is what all of training comes down to:
output, loss, gradients, step, and the numbers to look at. Everything else is told to
callbacks. What a checkpoint holds of a loop is in `_resume.py`.
"""

import sys
import time
from functools import partial
from typing import Any, NoReturn

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.loggers import progress as progress_bar

from ._batches import cast, dtype_of, parted
from ._evaluate import evaluate
from ._history import History
from ._interrupt import Interrupt
from ._nonfinite import ADVICE, NonFiniteError, faulty, first_op
from ._randomness import Generators
from ._resume import INTERRUPTED, restore, state_of
from ._run import Run
from ._watch import Watch
from .callbacks import Callback, Checkpoint
from .metrics import Mean


class Loop:
    """The loop of one run, with what it needs besides."""

    def __init__(
        self, run: Run, validation: Any, metrics: list[Any], callbacks: list[Callback]
    ) -> None:
        self.run = run
        self.validation = validation
        self.metrics = metrics
        # A checkpoint holds what the other callbacks have done in the same step.
        self.callbacks = sorted(callbacks, key=lambda c: isinstance(c, Checkpoint))
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
        run.state = partial(state_of, self)
        run.restore = partial(restore, self)

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
