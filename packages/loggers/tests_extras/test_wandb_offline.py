"""What the real client of Weights & Biases keeps of a run, without a network."""

import json
import struct

import numpy as np
import pytest
from wandb.proto import wandb_internal_pb2

from pebblegrad.loggers import Multi, ReporterWarning, WandbReporter

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:wandb")


@pytest.fixture
def reporter(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_SILENT", "true")
    return WandbReporter(
        "project", "first", config={"lr": 0.1}, mode="offline", log_dir=tmp_path
    )


def records(folder):
    """Read the client's file: a log of LevelDB after a header of 7 bytes.

    Blocks of 32 kB hold parts of records; a part has a checksum, its length and a kind:
    1 for a whole record, 2, 3 and 4 for its first, a middle and its last part.
    """
    (path,) = folder.glob("wandb/offline-run-*/*.wandb")
    data, position, parts = path.read_bytes(), 7, b""
    while position + 7 <= len(data):
        left = 32768 - position % 32768
        if left < 7:
            position += left
            continue
        length, kind = struct.unpack_from("<HB", data, position + 4)
        if kind == 0:
            position += left
            continue
        parts += data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in (1, 4):
            yield wandb_internal_pb2.Record.FromString(parts)
            parts = b""


def history(folder):
    rows = []
    for record in records(folder):
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            rows.append(
                {
                    ".".join(item.nested_key) or item.key: json.loads(item.value_json)
                    for item in items
                }
            )
    return rows


def test_numbers_are_kept_in_any_order_of_steps(tmp_path, reporter):
    with reporter:
        reporter.log_scalars(5, {"loss": 0.5, "accuracy": np.float32(0.25)})
        reporter.log_scalars(3, {"loss": 0.75})

    first, second = history(tmp_path)
    assert (first["step"], first["loss"], first["accuracy"]) == (5, 0.5, 0.25)
    assert (second["step"], second["loss"]) == (3, 0.75)
    assert reporter.lost == 0


def test_settings_and_name_are_kept(tmp_path, reporter):
    reporter.close()

    (run,) = [
        record.run
        for record in records(tmp_path)
        if record.WhichOneof("record_type") == "run"
    ]
    config = {item.key: json.loads(item.value_json) for item in run.config.update}
    assert (run.display_name, run.project, config["lr"]) == ("first", "project", 0.1)


def test_histograms_and_pictures_are_kept(tmp_path, reporter):
    with reporter:
        reporter.log_histogram(1, "w", [0.0, 1.0, 1.0])
        reporter.log_image(1, "sample", np.zeros((3, 4, 5), np.uint8))
        reporter.log_image(1, "gray", np.ones((4, 5)))

    weights, *pictures = history(tmp_path)
    picture, gray = pictures
    assert sum(weights["w.values"]) == 3
    assert len(weights["w.bins"]) == len(weights["w.values"]) + 1
    assert (picture["sample._type"], gray["gray._type"]) == ("image-file",) * 2
    assert (picture["sample.height"], picture["sample.width"]) == (4, 5)


def test_a_run_that_an_exception_ends_has_failed(tmp_path, reporter):
    with pytest.raises(KeyError), reporter:
        raise KeyError

    codes = [
        record.exit.exit_code
        for record in records(tmp_path)
        if record.WhichOneof("record_type") == "exit"
    ]
    assert codes == [1]


def test_a_client_that_raises_is_a_warning_and_no_end(reporter):
    reporter.run.finish()

    with pytest.warns(ReporterWarning, match="WandbReporter: log_scalars: this record"):
        reporter.log_scalars(1, {"loss": 0.5})
    reporter.log_scalars(2, {"loss": 0.5})
    assert reporter.lost == 2


def test_it_is_a_reporter_among_others(tmp_path, reporter):
    with Multi(reporter) as several:
        several.log_epoch(1, [1.0], [2.0], 0.5, {"w": ([1.0], None)})

    assert [row.get("loss") for row in history(tmp_path)] == [0.5, None]


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="WandbReporter: mode is 'of'; 'online'"):
        WandbReporter("project", mode="of")
