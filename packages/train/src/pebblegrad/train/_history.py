"""History: what a training run was like, a row for each epoch."""

from collections.abc import Iterator, Mapping
from typing import Any


class History(Mapping[str, list[float]]):
    """The numbers of each epoch: ``history["loss"]`` is a list, one entry an epoch.

    A mapping from names to lists, which `pebblegrad.viz.plot_training_history` draws.
    Names are "loss", those of the metrics, "lr", and with a validation set the same
    with ``val_`` in front. The losses are means over all samples of the epoch, taken
    while the weights were changing; "val_loss" is of the weights at its end.

    Attributes:
        steps: how many steps have been made.
        seconds: how long each epoch took, on the clock; what no second run repeats.
        stopped: why the run ended before its last epoch, or None.

    Example:
        >>> history = History()
        >>> history.append({"loss": 2.5, "val_loss": 2.0}, seconds=1.0)
        >>> history.append({"loss": 0.5, "val_loss": 0.75}, seconds=1.0)
        >>> history["loss"], history.best("val_loss")
        ([2.5, 0.5], (1, 0.75))
        >>> history
        epoch  loss  val_loss  seconds
            1   2.5         2      1.0
            2   0.5      0.75      1.0
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[float]] = {}
        self.seconds: list[float] = []
        self.steps = 0
        self.stopped: str | None = None

    def append(self, numbers: Mapping[str, float], seconds: float) -> None:
        """Add the numbers of one more epoch.

        Raises:
            ValueError: if the names are not those of the epochs before.
        """
        if self._columns and numbers.keys() != self._columns.keys():
            raise ValueError(
                f"History: an epoch has {', '.join(numbers)}; those before it have "
                f"{', '.join(self._columns)}"
            )
        for name, number in numbers.items():
            self._columns.setdefault(name, []).append(number)
        self.seconds.append(seconds)

    @property
    def epochs(self) -> int:
        """How many epochs are complete."""
        return len(self.seconds)

    def last(self) -> dict[str, float]:
        """Return the numbers of the last epoch."""
        return {name: column[-1] for name, column in self._columns.items()}

    def best(self, name: str, mode: str = "min") -> tuple[int, float]:
        """Return the epoch, counted from 0, and the number where it was best.

        Args:
            name: of a column, such as "val_loss".
            mode: "min" if small is good, "max" if large is.

        Raises:
            KeyError: if there is no such column.
            ValueError: if `mode` is neither.
        """
        if mode not in ("min", "max"):
            raise ValueError(f'best: mode is {mode!r}; "min" or "max" is needed')
        column = self[name]
        value = min(column) if mode == "min" else max(column)
        return column.index(value), value

    def state_dict(self) -> dict[str, Any]:
        """Return all that is in it, as plain data."""
        return {
            "columns": {name: list(column) for name, column in self._columns.items()},
            "seconds": list(self.seconds),
            "steps": self.steps,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        self._columns = {name: list(v) for name, v in state["columns"].items()}
        self.seconds = list(state["seconds"])
        self.steps = state["steps"]
        self.stopped = None

    def __getitem__(self, name: str) -> list[float]:
        if name not in self._columns:
            raise KeyError(
                f"history: there is no {name!r}; there are "
                f"{', '.join(self._columns) or 'no epochs yet'}"
            )
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        names = ["epoch", *self._columns, "seconds"]
        rows = [names]
        for epoch, seconds in enumerate(self.seconds):
            numbers = [f"{column[epoch]:.4g}" for column in self._columns.values()]
            rows.append([str(epoch + 1), *numbers, f"{seconds:.1f}"])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(
                text.rjust(width) for text, width in zip(row, widths, strict=True)
            )
            for row in rows
        )
