"""ScheduleRate: a learning rate that changes while training goes on."""

from collections.abc import Mapping
from typing import Any

from pebblegrad.optim import ReduceLROnPlateau
from pebblegrad.train._run import Run

from ._callback import Callback, check_name


class ScheduleRate(Callback):
    """Move a schedule of `pebblegrad.optim` on, each epoch or each step.

    Args:
        schedule: made over the optimizer that is given to `fit`.
        every: "epoch" or "step".
        monitor: the number that the schedule looks at, for `ReduceLROnPlateau`:
            "val_loss" say; goes with epochs only.

    Raises:
        TypeError: if `schedule` cannot be stepped and saved.
        ValueError: if `every` is neither, or `monitor` is given with steps.
    """

    def __init__(
        self, schedule: Any, every: str = "epoch", *, monitor: str | None = None
    ) -> None:
        if isinstance(schedule, type):
            raise TypeError(
                f"ScheduleRate: schedule is the class {schedule.__name__}; a schedule "
                f"is needed: {schedule.__name__}(optimizer, ...)"
            )
        missing = [
            name
            for name in ("step", "state_dict", "load_state_dict")
            if not callable(getattr(schedule, name, None))
        ]
        if missing:
            raise TypeError(
                f"ScheduleRate: schedule is a {type(schedule).__name__} without "
                f"{', '.join(missing)}; a schedule such as StepLR(optimizer, 10) is "
                "needed"
            )
        if every not in ("epoch", "step"):
            raise ValueError(
                f'ScheduleRate: every is {every!r}; "epoch" or "step" is needed'
            )
        if monitor is not None and every == "step":
            raise ValueError(
                f"ScheduleRate: monitor is {monitor!r}, which is known at the end of "
                'an epoch only; every="epoch" is needed'
            )
        looks = isinstance(schedule, ReduceLROnPlateau)
        if looks is not (monitor is not None):
            name = type(schedule).__name__
            raise ValueError(
                f"ScheduleRate: monitor is {monitor!r}, and {name} looks at "
                + ('a number: monitor="val_loss", say' if looks else "none")
            )
        self.schedule = schedule
        self.every = every
        self.monitor = monitor

    def on_train_begin(self, run: Run) -> None:
        """See that it is the optimizer of this run, and that the number will be."""
        if getattr(self.schedule, "optimizer", None) is not run.optimizer:
            raise ValueError(
                f"ScheduleRate: the {type(self.schedule).__name__} was made over "
                "another optimizer, or none; the one that is given to fit is needed"
            )
        if self.monitor is not None:
            check_name("ScheduleRate", run, self.monitor)

    def on_step_end(self, run: Run) -> None:
        """Move on, if by steps."""
        if self.every == "step":
            self.schedule.step()

    def on_epoch_end(self, run: Run) -> None:
        """Move on, if by epochs."""
        if self.monitor is not None:
            self.schedule.step(run.numbers[self.monitor])
        elif self.every == "epoch":
            self.schedule.step()

    def state_dict(self) -> dict[str, Any]:
        """Return how far the schedule is."""
        return {"schedule": self.schedule.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        self.schedule.load_state_dict(state["schedule"])
