"""Callback: what happens beside the loop, at its given moments."""

from collections.abc import Mapping
from typing import Any

from pebblegrad.train._run import Run

LARGE_IS_GOOD = ("accuracy", "precision", "recall", "f1", "r2", "auc")
SMALL_IS_GOOD = ("loss", "mae", "mse", "rmse", "error")


class Callback:
    """Base of the callbacks: write the methods that are wanted.

    What must survive an interruption goes into `state_dict`; `Checkpoint` saves it and
    gives it back to `load_state_dict`. It must be plain: numbers, strings, None, NumPy
    arrays, and lists, tuples and dicts of these.

    Example:
        >>> class Announce(Callback):
        ...     def on_epoch_end(self, run):
        ...         print(f"epoch {run.epoch + 1}: {run.numbers['loss']:.2f}")
    """

    def on_train_begin(self, run: Run) -> None:
        """Called once, before the first epoch."""

    def on_epoch_begin(self, run: Run) -> None:
        """Called before the first batch of an epoch; not when one is resumed."""

    def on_gradients(self, run: Run) -> None:
        """Called between `backward()` and the optimizer's step."""

    def on_step_end(self, run: Run) -> None:
        """Called after each step; `run.step` and `run.batch` count it."""

    def on_epoch_end(self, run: Run) -> None:
        """Called after the last batch and the validation, with `run.numbers`."""

    def on_train_end(self, run: Run) -> None:
        """Called once, at the end, also of a run that was stopped or interrupted."""

    def close(self) -> None:
        """Called last, however training ended: let go of what is held."""

    def state_dict(self) -> dict[str, Any]:
        """Return what the callback remembers."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""


def mode_of(who: str, monitor: str, mode: str | None) -> str:
    """Return "min" or "max": whether small or large values of `monitor` are good.

    Raises:
        ValueError: if `mode` is neither, or None for a name that does not tell.
    """
    if mode in ("min", "max"):
        return mode
    if mode is not None:
        raise ValueError(f'{who}: mode is {mode!r}; "min", "max" or None is needed')
    words = monitor.lower().split("_")
    if any(word in LARGE_IS_GOOD or word.startswith("top") for word in words):
        return "max"
    if any(word in SMALL_IS_GOOD for word in words):
        return "min"
    raise ValueError(
        f"{who}: whether small or large values of {monitor!r} are good cannot be told "
        'from its name; give mode="min" or mode="max"'
    )


def check_name(who: str, run: Run, monitor: str) -> None:
    """Raise unless an epoch will have a number of that name."""
    if monitor not in run.names:
        hint = (
            "; fit needs a validation set for it" if monitor.startswith("val_") else ""
        )
        raise ValueError(
            f"{who}: there is no {monitor!r}; the numbers of an epoch are "
            f"{', '.join(run.names)}{hint}"
        )


def better(value: float, best: float | None, mode: str, min_delta: float = 0.0) -> bool:
    """Whether `value` is better than `best` by more than `min_delta`; NaN never is."""
    if best is None:
        return value == value
    return value < best - min_delta if mode == "min" else value > best + min_delta
