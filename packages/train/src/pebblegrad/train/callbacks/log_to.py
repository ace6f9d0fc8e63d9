"""LogTo: the numbers of a run, to any logger."""

from typing import Any

from pebblegrad.train._checks import positive_integer
from pebblegrad.train._run import Run

from ._callback import Callback


class LogTo(Callback):
    """Hand the numbers of each epoch to a logger of `pebblegrad.loggers`, or to a like.

    Args:
        logger: has `log_scalars(step, {name: number})`, as all reporters have, or
            `log_epoch(epoch, input_data, output, loss, parameters)`, as
            `TrainingLogger` has: then it gets the last batch of each epoch, with every
            parameter and its gradient.
        every_steps: with `log_scalars`: how often the loss of a batch is handed over
            too, as "batch_loss"; None: never.

    The steps are those of the optimizer, for epochs too. The logger is not closed: who
    made it closes it. In `fit` a logger may stand among the callbacks as it is.

    Raises:
        TypeError: if `logger` has neither.
        ValueError: if `every_steps` is no positive integer, or goes with no scalars.
    """

    def __init__(self, logger: Any, *, every_steps: int | None = None) -> None:
        self._scalars = callable(getattr(logger, "log_scalars", None))
        if not self._scalars and not callable(getattr(logger, "log_epoch", None)):
            raise TypeError(
                f"LogTo: logger is a {type(logger).__name__}; log_scalars or log_epoch "
                "is needed, as the loggers of pebblegrad.loggers have"
            )
        if every_steps is not None:
            every_steps = positive_integer("LogTo", "every_steps", every_steps)
            if not self._scalars:
                raise ValueError(
                    f"LogTo: every_steps is {every_steps}, and "
                    f"{type(logger).__name__} has no log_scalars"
                )
        self.logger = logger
        self.every_steps = every_steps

    def on_step_end(self, run: Run) -> None:
        """Log the loss of a batch, if it is wanted."""
        if self.every_steps is not None and run.step % self.every_steps == 0:
            self.logger.log_scalars(run.step, {"batch_loss": run.batch_loss})

    def on_epoch_end(self, run: Run) -> None:
        """Log the numbers of the epoch, or its last batch."""
        if self._scalars:
            self.logger.log_scalars(run.step, dict(run.numbers))
            return
        parameters = {
            name: (p.data, None if p.grad is None else p.grad.data)
            for name, p in run.model.named_parameters()
        }
        inputs = run.inputs[0]
        self.logger.log_epoch(
            run.epoch + 1, inputs, run.output, run.batch_loss, parameters
        )
