"""Loggers as callbacks: those with scalars, and the text log of each epoch."""

import pytest

from pebblegrad.loggers import TrainingLogger
from pebblegrad.train import LogTo


class Scalars:
    def __init__(self):
        self.rows = []

    def log_scalars(self, step, numbers):
        self.rows.append((step, numbers))


def test_the_numbers_of_each_epoch_are_handed_over(points, train):
    logger = Scalars()

    _, history = train(points, validation=points, callbacks=[logger])

    assert [step for step, _ in logger.rows] == [3, 6, 9]
    assert [row["val_loss"] for _, row in logger.rows] == history["val_loss"]


def test_batches_may_be_logged_too(points, train):
    logger = Scalars()

    train(points, callbacks=[LogTo(logger, every_steps=2)], epochs=1)

    (two, numbers), (three, epoch) = logger.rows
    assert (two, three) == (2, 3)
    assert list(numbers) == ["batch_loss"]
    assert list(epoch) == ["loss", "lr"]


def test_the_text_log_shows_the_last_batch_of_each_epoch(points, train, tmp_path):
    logger = TrainingLogger("run", tmp_path)

    train(points, callbacks=[logger], epochs=2)

    text = logger.path.read_text()
    assert "[EPOCH 1 - FORWARD PASS]" in text
    assert "[EPOCH 2 - BACKWARD PASS]" in text
    assert "  0.weight:\n    Shape: (16, 2)" in text
    assert "Gradient shape: (16, 2)" in text


@pytest.mark.parametrize(
    ("logger", "options", "error", "message"),
    [
        (3, {}, TypeError, "logger is a int; log_scalars or log_epoch is needed"),
        (
            Scalars(),
            {"every_steps": 0},
            ValueError,
            "every_steps is 0; an integer from",
        ),
        (Scalars(), {"every_steps": 1.0}, ValueError, "every_steps is 1.0; an integer"),
    ],
)
def test_wrong_arguments_are_said(logger, options, error, message):
    with pytest.raises(error, match=message):
        LogTo(logger, **options)


def test_a_text_log_has_no_scalars(tmp_path):
    with pytest.raises(ValueError, match="TrainingLogger has no log_scalars"):
        LogTo(TrainingLogger("run", tmp_path), every_steps=3)
