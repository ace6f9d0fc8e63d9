"""EarlyStopping: the end of a run that no longer becomes better."""

from collections.abc import Mapping
from typing import Any

from pebblegrad.train._checks import number_from_zero, positive_integer
from pebblegrad.train._run import Run

from ._callback import Callback, better, check_name, mode_of


class EarlyStopping(Callback):
    """Stop when a number has not become better for some epochs, and go back.

    Args:
        monitor: the number: "val_loss", "val_accuracy", ...
        patience: for how many epochs in a row it may fail to become better, at least 1.
        min_delta: by how much it must become better to count, at least 0.
        mode: "min" if small is good, "max" if large is; None tells by the name.
        restore_best: whether the model gets back the weights and buffers that it had
            after the best epoch, at the end of the run, however that comes. A run that
            is resumed goes on from where it was, not from there.

    Attributes:
        best: the best number so far, or None.
        best_epoch: its epoch, from 0, or None.

    Raises:
        ValueError: if an argument is out of its range, or `mode` cannot be told; when
            training begins, if an epoch will have no such number.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        *,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        self.monitor = monitor
        self.patience = positive_integer("EarlyStopping", "patience", patience)
        self.min_delta = number_from_zero("EarlyStopping", "min_delta", min_delta)
        self.mode = mode_of("EarlyStopping", monitor, mode)
        self.restore_best = restore_best
        self.best: float | None = None
        self.best_epoch: int | None = None
        self._waited = 0
        self._weights: dict[str, Any] | None = None

    def on_train_begin(self, run: Run) -> None:
        """Forget an earlier run, and see that there will be such a number."""
        check_name("EarlyStopping", run, self.monitor)
        self.best = self.best_epoch = self._weights = None
        self._waited = 0

    def on_epoch_end(self, run: Run) -> None:
        """Compare, remember the best weights, stop when patience is at its end."""
        value = run.numbers[self.monitor]
        if better(value, self.best, self.mode, self.min_delta):
            self.best, self.best_epoch, self._waited = value, run.epoch, 0
            if self.restore_best:
                self._weights = run.model.state_dict()
            return
        self._waited += 1
        if self._waited >= self.patience:
            found = "never a number" if self.best is None else f"{self.best:.6g}"
            run.stop(
                f"{self.monitor} has not become better than {found} for "
                f"{self._waited} epochs"
            )

    def on_train_end(self, run: Run) -> None:
        """Give the model its best weights."""
        if self._weights is not None:
            run.model.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Return the best number, epoch and weights, and how long was waited."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self._waited,
            "weights": self._weights,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self._waited, self._weights = state["waited"], state["weights"]
