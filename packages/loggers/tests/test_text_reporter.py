import os

import numpy as np
import pytest

from pebblegrad.loggers import ReporterWarning, TextReporter, TrainingLogger

RECORDS = """\
================================================================================
RUN: 2026-02-01 23:37:39
================================================================================

[STEP 10]
Timestamp: 2026-02-01 23:37:39.500

loss: 0.250000
steps: 7.000000
worst: nan

[STEP 11 - IMAGE digit]
Timestamp: 2026-02-01 23:37:39.500

Shape: (3, 2, 4)

[STEP 12 - HISTOGRAM weight]
Timestamp: 2026-02-01 23:37:39.500

Shape: (2, 2)
Mean: 2.000000
Standard deviation: 1.000000
Least: 1.000000
Greatest: 3.000000
Not finite: 2
"""


def test_every_record_is_a_paragraph(tmp_path, clock):
    with TextReporter("run", tmp_path, clock=clock) as reporter:
        reporter.log_scalars(10, {"loss": 0.25, "steps": 7, "worst": np.nan})
        reporter.log_image(11, "digit", np.zeros((3, 2, 4)))
        reporter.log_histogram(12, "weight", [[1, 3], [np.nan, np.inf]])

    assert reporter.path.read_text() == RECORDS


def test_an_epoch_is_the_record_of_the_training_logger(tmp_path, clock):
    epoch = (3, [[1.0, 2.0]], [0.5], 0.25, {"w": ([1.0], [2.0]), "b": (3.0, None)})
    reporter = TextReporter("one", tmp_path, clock=clock, updates=True)
    logger = TrainingLogger("other", tmp_path, clock=clock, updates=True)
    for log in (reporter, logger):
        log.log_epoch(*epoch)
        log.log_epoch(*epoch)

    assert reporter.path.read_text() == logger.path.read_text()
    assert "Update values: [0.000000]" in reporter.path.read_text()


def test_options_reach_the_text(tmp_path):
    reporter = TextReporter("run", tmp_path, number_format=".1e", max_values=1)
    reporter.log_scalars(1, {"loss": 0.25})
    reporter.log_epoch(1, [1, 2, 3], 0.0, 0.0)

    text = reporter.path.read_text()
    assert "loss: 2.5e-01\n" in text
    assert "[1.0e+00, ... 2 more]" in text


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_errors_bear_the_name_of_the_reporter(tmp_path):
    (tmp_path / "run.log").symlink_to("/dev/full")
    reporter = TextReporter("run", tmp_path)

    with pytest.warns(ReporterWarning, match="TextReporter: the record could not be"):
        reporter.log_epoch(1, [1], [1], 1)
    with pytest.raises(ValueError, match="TextReporter: name is "):
        TextReporter("a/b", tmp_path)
