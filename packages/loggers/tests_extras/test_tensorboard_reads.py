"""What TensorBoard's own reader makes of our event files."""

import io
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from pebblegrad.loggers import TensorBoardReporter


def read(folder):
    # 0 of a kind: keep all of them, sample none.
    kinds = ("scalars", "images", "histograms", "compressedHistograms", "tensors")
    accumulator = EventAccumulator(str(folder), dict.fromkeys(kinds, 0))
    accumulator.Reload()
    return accumulator


def test_scalars_come_back_with_their_steps(tmp_path):
    with TensorBoardReporter(tmp_path) as reporter:
        reporter.log_scalars(1, {"loss/train": 0.5, "accuracy": 0.25})
        reporter.log_scalars(300, {"loss/train": 0.125})
        reporter.log_scalars(-2, {"odd": 1})

    found = read(tmp_path)
    assert found.Tags()["scalars"] == ["loss/train", "accuracy", "odd"]
    events = found.Scalars("loss/train")
    assert [(event.step, event.value) for event in events] == [(1, 0.5), (300, 0.125)]
    assert events[0].wall_time == pytest.approx(time.time(), abs=60)
    assert [(event.step, event.value) for event in found.Scalars("odd")] == [(-2, 1.0)]


def test_not_finite_scalars_come_back_as_they_are(tmp_path):
    with TensorBoardReporter(tmp_path) as reporter:
        for step, value in enumerate([np.nan, np.inf, -np.inf, 1e300]):
            reporter.log_scalars(step, {"loss": value})

    values = [event.value for event in read(tmp_path).Scalars("loss")]
    np.testing.assert_array_equal(values, [np.nan, np.inf, -np.inf, np.inf])


def test_a_histogram_comes_back_bin_by_bin(tmp_path, rng):
    values = rng.standard_normal((40, 25)).astype(np.float32)
    with TensorBoardReporter(tmp_path) as reporter:
        reporter.log_histogram(7, "0.weight", values)

    (event,) = read(tmp_path).Histograms("0.weight")
    counts, edges = np.histogram(values.astype(np.float64), 64)
    assert event.step == 7
    assert event.histogram_value.num == 1000
    assert event.histogram_value.min == values.min()
    assert event.histogram_value.max == values.max()
    assert event.histogram_value.sum == pytest.approx(values.sum(dtype=float))
    assert event.histogram_value.sum_squares == pytest.approx(
        np.square(values, dtype=float).sum()
    )
    np.testing.assert_array_equal(event.histogram_value.bucket, counts)
    np.testing.assert_allclose(event.histogram_value.bucket_limit, edges[1:])


def test_the_dashboard_gets_bins_without_gaps(tmp_path, rng):
    """TensorBoard's server turns a histogram into rows of left, right, count."""
    from tensorboard import data_compat
    from tensorboard.backend.event_processing.event_file_loader import (
        RawEventFileLoader,
    )
    from tensorboard.compat.proto.event_pb2 import Event

    with TensorBoardReporter(tmp_path) as reporter:
        reporter.log_histogram(7, "w", [0.0, 1.0, 1.0, 2.0])
        reporter.log_histogram(8, "w", [5.0, 5.0])
    *_, varied, same = [
        data_compat.migrate_event(Event.FromString(raw))
        for raw in RawEventFileLoader(str(reporter.path)).Load()
    ]

    rows = tensor_util.make_ndarray(varied.summary.value[0].tensor)
    assert rows[0, 0] == 0.0 and rows[-1, 1] == 2.0
    np.testing.assert_allclose(rows[1:, 0], rows[:-1, 1])
    assert rows[:, 2].sum() == 4
    assert tensor_util.make_ndarray(same.summary.value[0].tensor).tolist() == [
        [5.0, 5.0, 2.0]
    ]


def test_pictures_come_back_pixel_by_pixel(tmp_path, rng):
    pixels = rng.integers(0, 256, (3, 5, 4), np.uint8)
    with TensorBoardReporter(tmp_path) as reporter:
        reporter.log_image(2, "samples", pixels)
        reporter.log_image(3, "gray", pixels[0])

    found = read(tmp_path)
    (event,) = found.Images("samples")
    assert (event.step, event.height, event.width) == (2, 5, 4)
    image = np.asarray(Image.open(io.BytesIO(event.encoded_image_string)))
    np.testing.assert_array_equal(image, np.moveaxis(pixels, 0, -1))
    (gray,) = found.Images("gray")
    image = np.asarray(Image.open(io.BytesIO(gray.encoded_image_string)))
    np.testing.assert_array_equal(image, pixels[0])


def test_an_epoch_is_a_loss_and_histograms(tmp_path):
    with TensorBoardReporter(tmp_path) as reporter:
        reporter.log_epoch(3, [1.0], [2.0], 0.5, {"w": ([1.0, 2.0], [0.1, 0.2])})

    found = read(tmp_path)
    assert found.Tags()["histograms"] == ["w", "w.grad"]
    assert [(event.step, event.value) for event in found.Scalars("loss")] == [(3, 0.5)]


def test_a_resumed_run_goes_on_in_the_same_curve(tmp_path):
    for step in (1, 2):
        with TensorBoardReporter(tmp_path) as reporter:
            reporter.log_scalars(step, {"loss": 1 / step})

    assert [event.step for event in read(tmp_path).Scalars("loss")] == [1, 2]


WRITER = """
    import itertools, sys
    from pebblegrad.loggers import TensorBoardReporter
    reporter = TensorBoardReporter(sys.argv[1])
    for step in itertools.count():
        reporter.log_scalars(step, {"loss": step, "accuracy": -step})
"""


@pytest.mark.parametrize("attempt", range(3))
def test_a_killed_run_is_read_up_to_its_last_record(tmp_path, attempt):
    program = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)]
    writer = subprocess.Popen(program)
    deadline = time.monotonic() + 30
    while sum(path.stat().st_size for path in tmp_path.iterdir()) < 20_000:
        assert time.monotonic() < deadline
        time.sleep(0.003)
    writer.send_signal(signal.SIGKILL)
    writer.wait(30)

    steps = [event.step for event in read(tmp_path).Scalars("loss")]
    assert len(steps) > 50
    assert steps == list(range(len(steps)))
