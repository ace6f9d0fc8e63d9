"""What the real MLflow keeps of a run in a local store, read by its own client."""

import numpy as np
import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from pebblegrad.loggers import MLflowReporter, Multi, ReporterWarning

pytestmark = pytest.mark.filterwarnings("default")  # of mlflow's own dependencies


@pytest.fixture(params=["sqlite", "files"])
def store(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # files of a run land below the current folder
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    return (tmp_path / "mlruns").as_uri()


def history(store, reporter, name):
    metrics = MlflowClient(tracking_uri=store).get_metric_history(reporter.run_id, name)
    return sorted((metric.step, metric.value) for metric in metrics)


def test_numbers_are_kept_with_their_steps(store):
    with MLflowReporter("digits", "first", tracking_uri=store) as reporter:
        reporter.log_scalars(5, {"loss": 0.5, "accuracy@1": np.float32(0.25)})
        reporter.log_scalars(3, {"loss": 0.75})

    run = MlflowClient(tracking_uri=store).get_run(reporter.run_id)
    assert history(store, reporter, "loss") == [(3, 0.75), (5, 0.5)]
    assert history(store, reporter, "accuracy_1") == [(5, 0.25)]
    assert (run.info.run_name, run.info.status) == ("first", "FINISHED")


def test_a_second_run_joins_the_experiment(store):
    for _ in range(2):
        MLflowReporter("digits", tracking_uri=store).close()

    client = MlflowClient(tracking_uri=store)
    experiment = client.get_experiment_by_name("digits")
    assert len(client.search_runs([experiment.experiment_id])) == 2


def test_settings_histograms_and_pictures_are_kept(store, rng):
    pixels = rng.integers(0, 256, (4, 5), np.uint8)
    reporter = MLflowReporter("digits", tracking_uri=store, config={"lr": 0.1, "n": 3})
    with reporter:
        reporter.log_histogram(1, "0.weight", [1.0, 3.0])
        reporter.log_image(2, "a picture/of", pixels)

    client = MlflowClient(tracking_uri=store)
    assert client.get_run(reporter.run_id).data.params == {"lr": "0.1", "n": "3"}
    assert history(store, reporter, "0.weight/mean") == [(1, 2.0)]
    assert history(store, reporter, "0.weight/max") == [(1, 3.0)]
    (file,) = client.list_artifacts(reporter.run_id, "images")
    path = client.download_artifacts(reporter.run_id, file.path)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), pixels)


def test_nan_is_kept(store):
    with MLflowReporter("digits", tracking_uri=store) as reporter:
        reporter.log_scalars(1, {"loss": np.nan})

    ((_, value),) = history(store, reporter, "loss")
    assert np.isnan(value)
    assert reporter.lost == 0


def test_a_run_that_an_exception_ends_has_failed(store):
    reporter = MLflowReporter("digits", tracking_uri=store)
    with pytest.raises(KeyError), Multi(reporter):
        raise KeyError

    run = MlflowClient(tracking_uri=store).get_run(reporter.run_id)
    assert run.info.status == "FAILED"


def test_a_client_that_raises_is_a_warning_and_no_end(store):
    reporter = MLflowReporter("digits", tracking_uri=store)
    MlflowClient(tracking_uri=store).delete_run(reporter.run_id)

    with pytest.warns(ReporterWarning, match=r"this record is lost \(MlflowException"):
        reporter.log_scalars(1, {"loss": 0.5})
    reporter.log_scalars(2, {"loss": 0.5})
    assert reporter.lost == 2
