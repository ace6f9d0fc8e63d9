"""Is the table right, written at once, and can `fit` fill it?"""

import tempfile
from pathlib import Path

import numpy as np

from pebblegrad import nn, optim
from pebblegrad.train import fit


def read(path):
    """Return what is in a file, or that there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else "(there is no file)"


def compare(path, wanted):
    """Compare what is in a file."""
    found = read(path)
    assert found == wanted, f"the file is\n{found}\n\nand this was needed:\n{wanted}"


def check_two_steps(exercise):
    """A head, a line, and a row for each step."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.md"
        logger = exercise.MarkdownTable(path)
        logger.log_scalars(10, {"loss": 0.5, "accuracy": 0.75})
        head = "| step | loss | accuracy |\n| --- | --- | --- |\n"
        compare(path, head + "| 10 | 0.5 | 0.75 |\n")  # written at once
        logger.log_scalars(20, {"accuracy": 0.875, "loss": 0.123456})
        compare(path, head + "| 10 | 0.5 | 0.75 |\n| 20 | 0.1235 | 0.875 |\n")


def check_a_missing_number(exercise):
    """A number that is missing leaves its cell empty."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.md"
        logger = exercise.MarkdownTable(path)
        logger.log_scalars(1, {"loss": 1, "accuracy": 0.5})
        logger.log_scalars(2, {"accuracy": 1})
        last = read(path).splitlines()[-1].replace("  ", " ")

        assert last == "| 2 | | 1 |", f"the row is {last!r}; '| 2 | | 1 |' was needed"


def check_a_new_name(exercise):
    """A new name is an error that says it, and writes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.md"
        logger = exercise.MarkdownTable(path)
        logger.log_scalars(1, {"loss": 1.0})
        before = read(path)
        try:
            logger.log_scalars(2, {"loss": 1.0, "val_loss": 2.0})
        except ValueError as error:
            assert "val_loss" in str(error), f"the error says {error}, not val_loss"
        else:
            raise AssertionError("val_loss was new, and there was no ValueError")
        compare(path, before)


def check_with_fit(exercise):
    """`fit` takes it among its callbacks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.md"
        X = np.linspace(-1, 1, 8, dtype=np.float32)[:, None]
        model = nn.Linear(1, 1, rng=0)
        fit(
            model,
            (X, 2 * X),
            loss=nn.mse_loss,
            optimizer=optim.SGD(model, lr=0.1),
            epochs=3,
            callbacks=[exercise.MarkdownTable(path)],
            rng=0,
            progress=False,
        )
        lines = read(path).splitlines()

        assert len(lines) == 5, (
            f"after three epochs the file has {len(lines)} lines; 5 were needed"
        )
