"""Run: what a training run is made of and how far it is; every callback is given it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pebblegrad.autograd import Tensor
from pebblegrad.nn import Module
from pebblegrad.optim import Optimizer

from ._history import History


@dataclass
class Run:
    """A training run while it goes on.

    Attributes:
        model: what is trained.
        loader: gives the batches of an epoch.
        loss: takes output and target, returns a Tensor of one element.
        optimizer: makes the steps.
        epochs: how many there shall be.
        history: the numbers of the complete epochs.
        epoch: the one that runs now, from 0.
        batch: how many batches of it are done.
        step: how many steps have been made in all.
        names: of the numbers that an epoch will have.
        numbers: those of the epoch that has just ended, by name.
        inputs: of the present batch, a tuple of arrays.
        target: of the present batch.
        output: of the model for it, without its graph.
        batch_loss: its loss.
        stopped: why no further step shall be made, or None.
    """

    model: Module
    loader: Any
    loss: Callable[..., Tensor]
    optimizer: Optimizer
    epochs: int
    history: History = field(default_factory=History)
    epoch: int = 0
    batch: int = 0
    step: int = 0
    names: tuple[str, ...] = ()
    numbers: dict[str, float] = field(default_factory=dict)
    inputs: tuple[Any, ...] = ()
    target: Any = None
    output: Any = None
    batch_loss: float = float("nan")
    stopped: str | None = None
    # What `Checkpoint` saves and restores: set by `fit`.
    state: Callable[[], dict[str, Any]] = dict
    restore: Callable[[dict[str, Any]], None] = lambda state: None

    def stop(self, reason: str) -> None:
        """End the run after the present step, or epoch, for a reason in words."""
        self.stopped = self.stopped or reason

    @property
    def place(self) -> str:
        """Where the run is, in words: ``epoch 2 of 10, batch 37 of 469, step 506``."""
        return (
            f"epoch {self.epoch + 1} of {self.epochs}, "
            f"batch {self.batch + 1} of {len(self.loader)}, step {self.step + 1}"
        )
