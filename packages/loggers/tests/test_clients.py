"""Reporters on clients of others, without them; `tests_extras` has the real ones."""

import sys
import types

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
