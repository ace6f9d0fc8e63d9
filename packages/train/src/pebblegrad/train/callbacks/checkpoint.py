"""Checkpoint: a run that can be killed, and goes on as if it had not been."""

import os
import re
from pathlib import Path
from typing import Any

from pebblegrad.nn import save
from pebblegrad.train._checks import positive_integer
from pebblegrad.train._folder_lock import FolderLock
from pebblegrad.train._run import Run
from pebblegrad.train._tree_file import read_tree, write_tree

from ._callback import Callback, better, check_name, mode_of

NAME = re.compile(r"step-(\d+)\.safetensors")


class Checkpoint(Callback):
    """Save all that a run depends on, now and then; with `resume`, go on from there.

    A checkpoint holds the model's parameters and buffers, the optimizer with what it
    trains, schedules and other callbacks, the generators of the model, of pebblegrad,
    Python and NumPy, the loaders' places, and the numbers so far. A run that is killed
    at any moment, by ``kill -9`` too, and is started again with ``resume=True`` gives
    the same weights and numbers, to the bit, as one that was not killed. What a model
    or a loss keeps besides, such as a number of its own that it counts up, is not in
    it; a callback of yours can save it.

    In `folder` are then ``step-<n>.safetensors``, the last `keep` checkpoints, and
    ``best.safetensors``, the weights of the best epoch, which `pebblegrad.nn.load`
    reads. Every file is complete: it is written beside its place and then renamed.

    Args:
        folder: where; made if it is missing.
        every_epochs: how often an epoch's end is saved.
        every_steps: how often a step is saved too, or None.
        keep: how many checkpoints stay, at least 1; older ones are removed.
        best: the number that says which weights are best, "val_loss" say, or None for
            no such file.
        mode: "min" if small is good, "max" if large is; None tells by the name.
        resume: whether to go on from the newest checkpoint in `folder`, if there is
            one. If not, a folder that has some is refused, for they would be lost.

    The script that resumes builds model, optimizer and callbacks as it did before; what
    is in the checkpoint, such as the learning rate, counts more than what it sets.

    Raises:
        ValueError: if an argument is out of its range, or `mode` cannot be told; when
            training begins, if the checkpoint is damaged or does not fit.
        FileExistsError: when training begins, if there are checkpoints and `resume` is
            False.
        RuntimeError: when training begins, if another run is training into the folder.
        OSError: if a checkpoint cannot be written; those before it are whole.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        every_epochs: int = 1,
        every_steps: int | None = None,
        keep: int = 3,
        best: str | None = None,
        mode: str | None = None,
        resume: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self.every_epochs = positive_integer("Checkpoint", "every_epochs", every_epochs)
        self.every_steps = (
            every_steps
            if every_steps is None
            else positive_integer("Checkpoint", "every_steps", every_steps)
        )
        self.keep = positive_integer("Checkpoint", "keep", keep)
        self.best = best
        self.mode = None if best is None else mode_of("Checkpoint", best, mode)
        self.resume = resume
        self._best_so_far: float | None = None
        self._lock = FolderLock()

    def on_train_begin(self, run: Run) -> None:
        """Go on from the newest checkpoint, or see that there is none."""
        if not callable(getattr(run.loader, "state_dict", None)):
            raise TypeError(
                f"Checkpoint: the data is a {type(run.loader).__name__} without "
                "state_dict, so its place in an epoch cannot be saved; a "
                "pebblegrad.data.DataLoader, or arrays, are needed"
            )
        if self.best is not None:
            check_name("Checkpoint", run, self.best)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.take(self.folder)
        for left_over in self.folder.glob(".*.safetensors.*"):  # by a kill
            left_over.unlink(missing_ok=True)
        self._best_so_far = None
        found = self._checkpoints()
        if found and not self.resume:
            raise FileExistsError(
                f"Checkpoint: {self.folder} has a checkpoint of step {found[-1][0]}; "
                "give resume=True to go on from it, or another folder"
            )
        if found:
            self._restore(run, found[-1][1])

    def close(self) -> None:
        """Let other runs train into the folder."""
        self._lock.release()

    def on_step_end(self, run: Run) -> None:
        """Save a step, if it is its turn or the last one."""
        due = self.every_steps is not None and run.step % self.every_steps == 0
        if due or run.stopped is not None:
            self._save(run, run.state())

    def on_epoch_end(self, run: Run) -> None:
        """Save the best weights, and the epoch if it is its turn."""
        if self.best is not None and self.mode is not None:
            value = run.numbers[self.best]
            if better(value, self._best_so_far, self.mode):
                self._best_so_far = value
                save(run.model, self.folder / "best.safetensors")
        last = run.epoch + 1 == run.epochs or run.stopped is not None
        if last or (run.epoch + 1) % self.every_epochs == 0:
            self._save(run, run.state())

    def _save(self, run: Run, state: dict[str, Any]) -> None:
        path = self.folder / f"step-{run.step:09d}.safetensors"
        try:
            write_tree(path, {"run": state, "best": self._best_so_far})
        except OSError as error:
            raise OSError(
                error.errno,
                f"Checkpoint: step {run.step} could not be saved ({error.strerror}); "
                "the checkpoints before it are whole: make room and resume",
                str(path),
            ) from error
        for _, path in self._checkpoints()[: -self.keep]:
            path.unlink(missing_ok=True)

    def _restore(self, run: Run, path: Path) -> None:
        try:
            tree = read_tree(path)
        except ValueError as error:
            raise ValueError(
                f"Checkpoint: {path} cannot be read ({error}); remove it to go on from "
                "the one before"
            ) from error
        run.restore(tree["run"])
        self._best_so_far = tree["best"]

    def _checkpoints(self) -> list[tuple[int, Path]]:
        """Return the steps and files of all checkpoints, oldest first."""
        matches = ((NAME.fullmatch(p.name), p) for p in self.folder.iterdir())
        return sorted((int(match[1]), path) for match, path in matches if match)
