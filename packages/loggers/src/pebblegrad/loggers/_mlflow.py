"""A run for MLflow, through its own client."""

import contextlib
import importlib
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._config import read_config
from pebblegrad.loggers._histogram import histogram
from pebblegrad.loggers._image import png
from pebblegrad.loggers._names import check_line
from pebblegrad.loggers._reporter import GuardedReporter, Number

# All else is refused by MLflow in the names of metrics and parameters; on Windows,
# where names may become those of files, the colon is too.
NOT_IN_NAMES = re.compile(r"[^\w\-. /]" if sys.platform == "win32" else r"[^\w\-. /:]")
# A file has no folders here, and is not hidden.
NOT_IN_FILES = re.compile(r"^\.+|[^\w\-. ]")


class MLflowReporter(GuardedReporter):
    """A reporter that hands a run to MLflow.

    MLflow's client waits for each record. A local store takes some 5 milliseconds; a
    server that does not answer may cost a tenth of the training's time, as records are
    then left out rather than waited for.

    MLflow has no histograms: of an array the metrics ``name/min``, ``name/mean``,
    ``name/max`` and ``name/std`` are kept. Pictures become files under ``images``.
    What MLflow refuses in names becomes ``_``; names that would be the same then get a
    number, so that ``loss@1`` and ``loss#1`` are ``loss_1`` and ``loss_1 2``.

    Needs ``pip install "pebblegrad-loggers[mlflow]"``. The global run of
    ``mlflow.start_run`` is neither used nor touched.

    Args:
        experiment: name of the experiment, made when missing.
        run_name: name of the run; None for a random one.
        tracking_uri: where runs are kept, such as ``"sqlite:///mlflow.db"`` or the
            address of a server; None for MLflow's own default.
        config: settings of the run, such as ``{"lr": 0.1}``.

    Attributes:
        run_id: MLflow's name of the run.
        lost: number of records that the client refused.

    Raises:
        ImportError: when mlflow is not installed.
        TypeError, ValueError: when an argument is not as above.
        Exception: what MLflow raises when the run cannot be made: it is better known
            before the training than after it.
    """

    run_id: str

    def __init__(
        self,
        experiment: str = "Default",
        run_name: str | None = None,
        *,
        tracking_uri: str | None = None,
        config: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__()
        check_line(experiment, "MLflowReporter: experiment")
        settings = read_config(config, "MLflowReporter")
        self._entities, self._client = _client(tracking_uri)
        found = self._client.get_experiment_by_name(experiment)
        number = (
            self._client.create_experiment(experiment)
            if found is None
            else found.experiment_id
        )
        self._metrics, self._files = _Names(NOT_IN_NAMES), _Names(NOT_IN_FILES)
        parameters = _Names(NOT_IN_NAMES)
        self.run_id = self._client.create_run(number, run_name=run_name).info.run_id
        try:
            for name, value in settings.items():
                self._client.log_param(self.run_id, parameters.of(name), value)
        except BaseException:  # whatever it was: nobody else will end this run
            with contextlib.suppress(Exception):  # the first error is the one to tell
                self._client.set_terminated(self.run_id, "FAILED")
            raise

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Hand over numbers in one batch."""
        now = time.time_ns() // 1_000_000
        metrics = [
            self._entities.Metric(self._metrics.of(name), float(value), now, step)
            for name, value in scalars.items()
        ]
        self._client.log_batch(self.run_id, metrics=metrics)

    def write_image(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Hand over a picture as a file."""
        plain = self._files.of(name)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"{plain}-{step:08d}.png")
            path.write_bytes(png(pixels))
            self._client.log_artifact(self.run_id, str(path), "images")

    def write_histogram(self, step: int, name: str, values: NDArray[Any]) -> None:
        """Hand over the moments of an array."""
        of = histogram(values)
        moments: dict[str, Number] = {
            f"{name}/min": of.low,
            f"{name}/mean": of.mean,
            f"{name}/max": of.high,
            f"{name}/std": of.std,
        }
        self.write_scalars(step, moments)

    def finish(self, *, failed: bool) -> None:
        """Mark the run as finished, or as failed."""
        self._client.set_terminated(self.run_id, "FAILED" if failed else "FINISHED")


class _Names:
    """What names are called in MLflow, each by a name of its own."""

    def __init__(self, refused: re.Pattern[str]) -> None:
        self._refused = refused
        self._known: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """MLflow's name; the same at every call.

        Example:
            >>> names = _Names(NOT_IN_NAMES)
            >>> names.of("valid//loss@1"), names.of("../valid"), names.of("Größe")
            ('valid/loss_1', '__/valid', 'Größe')
            >>> names.of("valid/loss#1"), names.of("valid//loss@1")
            ('valid/loss_1 2', 'valid/loss_1')
        """
        if name not in self._known:
            # A name is a path there, and must be the shortest one to its place.
            parts = self._refused.sub("_", name).split("/")
            parts = ["__" if part == ".." else part for part in parts]
            first = "/".join(part for part in parts if part not in ("", ".")) or "_"
            known, count = first, 1
            while known in self._taken:
                count += 1
                known = f"{first} {count}"
            self._known[name] = known
            self._taken.add(known)
        return self._known[name]


def _client(tracking_uri: str | None) -> tuple[Any, Any]:
    try:
        entities = importlib.import_module("mlflow.entities")
        tracking = importlib.import_module("mlflow.tracking")
    except ImportError as error:
        raise ImportError(
            "MLflowReporter: mlflow cannot be imported "
            f"({error}); it was needed; run: pip install 'pebblegrad-loggers[mlflow]'"
        ) from error
    return entities, tracking.MlflowClient(tracking_uri=tracking_uri)
