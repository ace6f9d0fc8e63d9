"""Reporters on clients of others, without them; `tests_extras` has the real ones."""

import sys
import types
from pathlib import Path

import numpy as np
import pytest

from pebblegrad.loggers import MLflowReporter, ReporterWarning, WandbReporter


class FakeWandb(types.ModuleType):
    """Keeps what the reporter hands over."""

    def __init__(self):
        super().__init__("wandb")
        self.rows, self.exit_codes, self.options, self.metrics = [], [], {}, []

    def init(self, **options):
        self.options = options
        return self

    def define_metric(self, name, **options):
        self.metrics.append((name, options))

    def log(self, row):
        self.rows.append(row)

    def finish(self, exit_code):
        self.exit_codes.append(exit_code)

    def Image(self, array):  # noqa: N802 - the client's name
        return array.shape

    def Histogram(self, np_histogram):  # noqa: N802 - the client's name
        return np_histogram


@pytest.fixture
def wandb(monkeypatch):
    module = FakeWandb()
    monkeypatch.setitem(sys.modules, "wandb", module)
    pillow = types.ModuleType("PIL.Image")
    pillow.fromarray = lambda pixels: pixels
    monkeypatch.setitem(sys.modules, "PIL", types.ModuleType("PIL"))
    monkeypatch.setitem(sys.modules, "PIL.Image", pillow)
    return module


@pytest.mark.parametrize(
    ("module", "make", "extra"),
    [("wandb", WandbReporter, "wandb"), ("mlflow.entities", MLflowReporter, "mlflow")],
)
def test_a_client_that_is_missing_names_its_extra(monkeypatch, module, make, extra):
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(
        ImportError, match=rf"pip install 'pebblegrad-loggers\[{extra}\]"
    ):
        make()


def test_a_run_is_opened_with_name_settings_and_options(wandb, tmp_path):
    WandbReporter(
        "digits", "first", config={"lr": 1}, log_dir=tmp_path, group="a", mode="offline"
    )

    assert wandb.options == {
        "project": "digits",
        "name": "first",
        "config": {"lr": 1},
        "mode": "offline",
        "dir": str(tmp_path),
        "group": "a",
    }
    assert wandb.metrics == [("step", {"hidden": True}), ("*", {"step_metric": "step"})]


def test_steps_are_numbers_beside_the_others(wandb):
    with WandbReporter() as reporter:
        reporter.log_scalars(5, {"loss": 0.5})
        reporter.log_scalars(3, {"loss": 0.75})
        reporter.log_image(4, "gray", np.zeros((2, 3)))
        reporter.log_image(4, "color", np.zeros((3, 2, 3)))
        reporter.log_histogram(4, "none", [np.nan])
        reporter.log_histogram(4, "same", [1.0, 1.0])

    assert wandb.rows == [
        {"loss": 0.5, "step": 5},
        {"loss": 0.75, "step": 3},
        {"gray": (2, 3), "step": 4},
        {"color": (2, 3, 3), "step": 4},
        {"same": ([2], [1.0, 1.0]), "step": 4},
    ]
    assert wandb.exit_codes == [0]


def test_a_client_that_raises_is_a_warning_and_no_end(wandb, monkeypatch):
    reporter = WandbReporter()

    def fail(row):
        raise ConnectionError("no network")

    monkeypatch.setattr(wandb, "log", fail)
    with pytest.warns(
        ReporterWarning, match="WandbReporter: .*ConnectionError: no net"
    ):
        reporter.log_scalars(1, {"loss": 1})


def test_wrong_settings_are_refused_before_a_run_is_made(wandb):
    with pytest.raises(TypeError, match="WandbReporter: config is of type int"):
        WandbReporter(config=3)
    with pytest.raises(ValueError, match="mode is 'off'; 'online', 'offline', 'disabl"):
        WandbReporter(mode="off")
    with pytest.raises(TypeError, match="MLflowReporter: experiment is 3 of type int"):
        MLflowReporter(3)

    assert wandb.options == {}


class FakeMLflow:
    """A client that keeps what it is given, and refuses names as the real one does."""

    def __init__(self):
        self.metrics, self.parameters, self.files, self.ended = [], {}, [], []
        self.error = None

    def get_experiment_by_name(self, name):
        return types.SimpleNamespace(experiment_id="1")

    def create_run(self, number, run_name):
        return types.SimpleNamespace(info=types.SimpleNamespace(run_id="run 1"))

    def log_param(self, run, name, value):
        if self.error is not None:
            raise self.error
        self.parameters[name] = value

    def log_batch(self, run, metrics):
        self.metrics += [(metric[0], metric[1]) for metric in metrics]

    def log_artifact(self, run, path, folder):
        self.files.append(Path(path).name)

    def set_terminated(self, run, state):
        self.ended.append(state)


@pytest.fixture
def mlflow(monkeypatch):
    client = FakeMLflow()
    entities = types.ModuleType("mlflow.entities")
    entities.Metric = lambda *fields: fields
    tracking = types.ModuleType("mlflow.tracking")
    tracking.MlflowClient = lambda tracking_uri: client
    monkeypatch.setitem(sys.modules, "mlflow", types.ModuleType("mlflow"))
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
    monkeypatch.setitem(sys.modules, "mlflow.tracking", tracking)
    return client


@pytest.mark.skipif(sys.platform == "win32", reason="colons are refused there")
def test_names_are_those_that_mlflow_takes_and_none_is_another(mlflow):
    names = {
        "loss": "loss",
        "Größe": "Größe",
        "a:b": "a:b",
        "val//loss": "val/loss",
        "../valid": "__/valid",
        "/abs": "abs",
        "./here/": "here",
        "loss@1": "loss_1",
        "loss#1": "loss_1 2",
        "val/loss": "val/loss 2",
        "..": "__",
        "/": "_",
    }
    reporter = MLflowReporter(config={"lr@": 1, "lr#": 2})
    reporter.log_scalars(1, dict.fromkeys(names, 1))
    reporter.log_scalars(2, {"loss#1": 2})
    reporter.log_image(3, "a/b:c", [[1]])
    reporter.log_image(3, "a_b_c", [[1]])

    assert [name for name, _ in mlflow.metrics] == [*names.values(), "loss_1 2"]
    assert mlflow.parameters == {"lr_": 1, "lr_ 2": 2}
    assert mlflow.files == ["a_b_c-00000003.png", "a_b_c 2-00000003.png"]


def test_a_run_whose_settings_are_refused_is_ended_as_failed(mlflow):
    mlflow.error = ConnectionError("no network")

    with pytest.raises(ConnectionError, match="no network"):
        MLflowReporter(config={"lr": 1})
    assert mlflow.ended == ["FAILED"]
