"""Trains, is killed, and goes on: what `test_kill.py` runs in a process of its own.

    python kill_server.py FOLDER KILLS

Everything is imported once; each life of the training is a fork. It is killed by
SIGKILL a random while after a random step, KILLS times, and then left alone until it
has finished. Its steps are counted, not only the time: on a machine that is now fast
and now slow, lives would otherwise end of themselves, or never reach a checkpoint.
Printed as JSON: at which step each life was found dead, and whether the last one ended
with the weights, the optimizer and the numbers of a run that was never killed.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from pebblegrad import nn, optim
from pebblegrad.autograd import manual_seed
from pebblegrad.data import DataLoader
from pebblegrad.nn import read_arrays
from pebblegrad.train import Callback, Checkpoint, EarlyStopping, ScheduleRate, fit
from pebblegrad.train._tree_file import read_tree, write_tree

EPOCHS = 40


class Tell(Callback):
    """Writes a byte into a pipe for each step."""

    def __init__(self, pipe):
        self.pipe = pipe

    def on_step_end(self, run):
        os.write(self.pipe, b".")


def train(folder, pipe):
    """One life: with every kind of thing that a run remembers."""
    manual_seed(0)
    rng = np.random.default_rng(0)
    y = np.arange(150) % 2
    X = (rng.standard_normal((150, 2)) + 2.0 * y[:, None]).astype(np.float32)
    model = nn.Sequential(
        nn.Linear(2, 16),
        nn.ReLU(),
        nn.Dropout(0.2, rng=3),
        nn.BatchNorm1d(16),
        nn.Dropout(0.1),
        nn.Linear(16, 2),
    )
    optimizer = optim.Adam(model, lr=0.01, amsgrad=True)
    schedule = optim.CosineAnnealingLR(optimizer, 7)
    history = fit(
        model,
        DataLoader((X[:100], y[:100]), 16, shuffle=True, rng=1),
        loss=nn.cross_entropy,
        optimizer=optimizer,
        epochs=EPOCHS,
        validation=(X[100:], y[100:]),
        metrics=["accuracy"],
        callbacks=[
            Tell(pipe),  # before the checkpoint: it may be killed while it writes one
            ScheduleRate(schedule, every="step"),
            EarlyStopping("val_loss", patience=EPOCHS),
            Checkpoint(folder, every_steps=3, best="val_loss", resume=True),
        ],
        progress=False,
        lint=False,
    )
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "history": dict(history),
    }
    write_tree(folder / "end", state)


def life(folder, steps=None, seconds=0.0):
    """Fork a training, kill it some seconds after so many steps; return if it was."""
    told, pipe = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(told)
            train(folder, pipe)
            code = 0
        finally:
            os._exit(code)
    os.close(pipe)
    if steps is None:
        while os.read(told, 4096):
            pass
    else:
        while steps and os.read(told, 1):
            steps -= 1
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    os.close(told)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        sys.exit("kill_server: a life ended with an error")
    return False


def exact(tree):
    """Return text that is equal only for data that are equal to the bit."""
    if isinstance(tree, dict):
        return "".join(f"{key!r}:{exact(value)};" for key, value in tree.items())
    if isinstance(tree, list | tuple):
        return f"[{','.join(map(exact, tree))}]"
    if isinstance(tree, np.ndarray):
        return f"{tree.dtype}{tree.shape}{tree.tobytes().hex()}"
    return tree.hex() if isinstance(tree, float) else repr(tree)


def ending(folder):
    """Return what a run ended with, and its best weights."""
    best = read_arrays(folder / "best.safetensors")
    return exact([read_tree(folder / "end"), dict(sorted(best.items()))])


def newest(folder):
    """Return the step of the newest checkpoint, 0 if there is none."""
    steps = [int(path.stem[5:]) for path in folder.glob("step-*.safetensors")]
    return max(steps, default=0)


def main(root, kills):
    """Kill, go on, compare."""
    root = Path(root)
    undisturbed, killed = root / "undisturbed", root / "killed"
    for folder in (undisturbed, killed):
        folder.mkdir()
    started = time.perf_counter()
    life(undisturbed)
    all_steps = newest(undisturbed)
    a_step = (time.perf_counter() - started) / all_steps

    lot = random.Random(int.from_bytes(os.urandom(4), "big"))
    steps, same = [], []
    while len(steps) < kills:
        # On the average a life comes a little further than its share of the steps.
        if life(killed, lot.randint(0, 3 * all_steps // kills), lot.uniform(0, a_step)):
            steps.append(newest(killed))
        else:  # it came to its end before it was killed so often: once more
            same.append(ending(killed) == ending(undisturbed))
            shutil.rmtree(killed)
            killed.mkdir()
    life(killed)
    same.append(ending(killed) == ending(undisturbed))
    left_over = [path.name for path in killed.glob(".*") if path.name != ".lock"]
    print(json.dumps({"steps": steps, "same": same, "left over": left_over}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
