"""A run for Weights & Biases, through its own client."""

import importlib
import os
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._config import read_config
from pebblegrad.loggers._histogram import histogram
from pebblegrad.loggers._reporter import GuardedReporter, Number


class WandbReporter(GuardedReporter):
    """A reporter that hands a run to Weights & Biases.

    The client sends in the background, and so do we not wait; what it raises becomes
    one warning. With ``mode="offline"`` it needs neither network nor account: the run
    is a folder, which ``wandb sync`` sends later.

    Steps are logged as the number "step", and every name is drawn over it. So steps may
    come in any order, which the client's own steps may not.

    Needs ``pip install "pebblegrad-loggers[wandb]"``.

    Args:
        project: as in ``wandb.init``; None for the client's own default.
        name: of the run; None for a random one.
        config: settings of the run, such as ``{"lr": 0.1}``.
        mode: "online", "offline" or "disabled"; None for the environment variable
            ``WANDB_MODE``, and "online" without one.
        log_dir: folder in which the client makes its folder ``wandb``.
        **options: whatever else ``wandb.init`` takes, such as `group` or `tags`.

    Attributes:
        run: the client's run, for what this reporter has no method for.
        lost: number of records that the client refused.

    Raises:
        ImportError: when wandb is not installed.
        TypeError, ValueError: when an argument is not as above.
        Exception: what ``wandb.init`` raises, such as without network or account: it
            is better known before the training than after it.
    """

    run: Any

    def __init__(
        self,
        project: str | None = None,
        name: str | None = None,
        *,
        config: Mapping[str, object] | None = None,
        mode: Literal["online", "offline", "disabled"] | None = None,
        log_dir: str | os.PathLike[str] = ".",
        **options: Any,
    ) -> None:
        super().__init__()
        settings = read_config(config, "WandbReporter")
        if mode not in (None, "online", "offline", "disabled"):
            raise ValueError(
                f"WandbReporter: mode is {mode!r}; 'online', 'offline', 'disabled' or "
                "None was needed"
            )
        self._wandb, self._pillow = _client()
        self.run = self._wandb.init(
            project=project,
            name=name,
            config=settings,
            mode=mode,
            dir=os.fspath(log_dir),
            **options,
        )
        self.run.define_metric("step", hidden=True)
        self.run.define_metric("*", step_metric="step")

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Hand over numbers."""
        self.run.log({**scalars, "step": step})

    def write_image(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Hand over a picture."""
        gray = pixels.shape[-1] == 1
        picture = self._pillow.fromarray(pixels[..., 0] if gray else pixels)
        self.run.log({name: self._wandb.Image(picture), "step": step})

    def write_histogram(self, step: int, name: str, values: NDArray[Any]) -> None:
        """Hand over counts and edges."""
        of = histogram(values)
        if of.counts.size == 0:
            return  # no finite values: there is nothing to draw
        pair = (of.counts.tolist(), of.edges.tolist())
        self.run.log({name: self._wandb.Histogram(np_histogram=pair), "step": step})

    def finish(self, *, failed: bool) -> None:
        """Wait until the client has sent the rest, and end the run."""
        self.run.finish(exit_code=1 if failed else 0)


def _client() -> tuple[Any, Any]:
    try:
        return importlib.import_module("wandb"), importlib.import_module("PIL.Image")
    except ImportError as error:
        raise ImportError(
            f"WandbReporter: wandb or Pillow cannot be imported ({error}); both were "
            "needed; run: pip install 'pebblegrad-loggers[wandb]'"
        ) from error
