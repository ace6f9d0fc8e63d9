"""Train the same CNN here and in Keras: the same losses, step by step; and how fast?

    pip install tensorflow
    python examples/mnist_conv_keras_benchmark.py                # MNIST
    python examples/mnist_conv_keras_benchmark.py --data digits --steps 30

Both start from the same weights and take the same batches with the same Adam. First
some steps in float64, where rounding is so small that any difference in what is
computed would show: a padding, a default, an epsilon. Then the race, in float32 as
everyone trains: each framework runs in a process of its own, so that memory is its own,
and they take turns, so that a busy machine slows both. Times are medians of the steps
of all turns, without the first five of each, in which Keras compiles its graph; both
may use every core. Memory is the most that the process held, and in brackets what of it
came after everything was imported, loaded and built.

The two layouts differ: Keras puts the channels last. So weights are turned on the way
in, those of the first full layer too, as it sees the pixels in another order.
"""

import argparse
import importlib.util
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pebblegrad.autograd import Tensor, manual_seed
from pebblegrad.data import DataLoader, load_digits, load_mnist
from pebblegrad.nn import (
    Conv2D,
    Flatten,
    Linear,
    MaxPool2D,
    Network,
    cross_entropy,
    load,
    save,
)
from pebblegrad.optim import Adam

FRAMEWORKS = ("pebblegrad", "keras")
WARM = 5  # first steps of each turn, which are not timed
# Of Adam, nearly 0.001, 0.9 and 0.999, but numbers that float32 holds exactly: Keras
# rounds them to float32 even in float64, and then losses are 1e-6 apart in 40 steps.
LR, BETAS = 2.0**-10, (1 - 2.0**-3, 1 - 2.0**-10)
EPSILON = 1e-8  # Keras's own default is 1e-7
# How far the first losses may be apart, relative to theirs: a few roundings. One of
# float32 can turn a ReLU or the largest of a window round, so it grows with the steps:
# on MNIST to 3e-3 in a hundred.
NEAR = {"float64": 1e-9, "float32": 1e-3}

Step = Callable[[np.ndarray, np.ndarray], float]


def network(side: int) -> Network:
    """Return the network for images of (1, side, side), `side` a multiple of 4."""
    return Network(
        [
            Conv2D(1, 16, kernel_size=3, stride=1, padding=1, activation="relu"),
            MaxPool2D(pool_size=2, stride=2),
            Conv2D(16, 32, kernel_size=3, stride=1, padding=1, activation="relu"),
            MaxPool2D(pool_size=2, stride=2),
            Flatten(),
            Linear(32 * (side // 4) ** 2, 128, activation="relu"),
            Linear(128, 10, activation=None),  # logits
        ]
    )


def pebblegrad_step(side: int, weights: Path, dtype: str) -> Step:
    """Return what takes a step of training and returns the loss before it."""
    model = network(side)
    load(model, weights)
    model.to(dtype)
    optimizer = Adam(model.parameters(), lr=LR, betas=BETAS)
    (group,) = optimizer.param_groups
    count = itertools.count(1)

    def step(X: np.ndarray, y: np.ndarray) -> float:
        # Keras computes Adam as the end of section 2 of its paper proposes, and adds
        # the epsilon before the bias is corrected: relative to v it is a larger one.
        group["eps"] = EPSILON / math.sqrt(1 - BETAS[1] ** next(count))
        loss = cross_entropy(model(Tensor(X)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def keras_step(side: int, weights: Path, dtype: str) -> Step:
    """Return the same in Keras, over TensorFlow."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its greetings
    import keras
    from keras import layers

    keras.config.set_floatx(dtype)
    model = keras.Sequential(
        [
            layers.Input((side, side, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )
    ours = network(side)
    load(ours, weights)
    first, second, full, last = (
        layer for layer in ours.layers if hasattr(layer, "weight")
    )
    pixels = (128, 32, side // 4, side // 4)
    full_weight = full.weight.data.reshape(pixels).transpose(0, 2, 3, 1)
    model.set_weights(
        [
            first.weight.data.transpose(2, 3, 1, 0),  # (out, in, H, W): (H, W, in, out)
            first.bias.data,
            second.weight.data.transpose(2, 3, 1, 0),
            second.bias.data,
            full_weight.reshape(128, -1).T,  # (out, in): (in, out)
            full.bias.data,
            last.weight.data.T,
            last.bias.data,
        ]
    )
    model.compile(
        keras.optimizers.Adam(LR, *BETAS, epsilon=EPSILON),
        keras.losses.CategoricalCrossentropy(from_logits=True),
    )

    def step(X: np.ndarray, y: np.ndarray) -> float:
        # (N, 1, H, W) and (N, H, W, 1) are the same bytes: nothing is copied.
        images = X.reshape(len(X), side, side, 1)
        return float(model.train_on_batch(images, y, return_dict=True)["loss"])

    return step


def work(framework: str, folder: Path, options: argparse.Namespace) -> None:
    """Train in this process, and print losses, seconds and memory as JSON."""
    X, y = load_data(options.data)
    make = keras_step if framework == "keras" else pebblegrad_step
    step = make(X.shape[-1], folder / "weights.safetensors", options.dtype)
    loader = DataLoader(
        (X.astype(options.dtype), y.astype(options.dtype)),
        options.batch_size,
        shuffle=True,
        rng=options.seed,
    )
    before = peak_memory()
    losses, seconds = [], []
    while len(losses) < options.steps:
        for X_batch, y_batch in loader:
            started = time.perf_counter()
            losses.append(step(X_batch, y_batch))
            seconds.append(time.perf_counter() - started)
            if len(losses) == options.steps:
                break
    memory = {"peak": peak_memory(), "before": before}
    print(json.dumps({"losses": losses, "seconds": seconds, **memory}))


def main() -> None:
    """Check that the losses agree, race, tell."""
    options = parse_arguments()
    if options.worker:
        work(options.worker, options.folder, options)
        return
    if importlib.util.find_spec("tensorflow") is None:
        sys.exit(
            "mnist_conv_keras_benchmark: TensorFlow is not installed, and there is "
            "nothing to compare with; pip install tensorflow"
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        side = load_data(options.data)[0].shape[-1]
        manual_seed(options.seed)
        save(network(side), folder / "weights.safetensors")

        check = [turn(f, folder, options, "float64", options.check) for f in FRAMEWORKS]
        compare("float64", *(run["losses"] for run in check))

        runs: dict[str, list[dict]] = {framework: [] for framework in FRAMEWORKS}
        for number in range(options.turns):
            for framework in FRAMEWORKS:
                run = turn(framework, folder, options, "float32", options.steps)
                runs[framework].append(run)
                print(
                    f"turn {number + 1}/{options.turns}: {framework}, last loss "
                    f"{run['losses'][-1]:.6f}"
                )
        first = (taken[0]["losses"][: options.check] for taken in runs.values())
        compare("float32", *first)
    tell(runs, options)


def turn(
    framework: str, folder: Path, options: argparse.Namespace, dtype: str, steps: int
) -> dict:
    """Train in a new process, and return what it measured."""
    command = [sys.executable, *(["-I"] if sys.flags.isolated else []), __file__]
    command += ["--worker", framework, "--folder", str(folder), "--dtype", dtype]
    command += ["--data", options.data, "--steps", str(steps)]
    command += ["--batch-size", str(options.batch_size), "--seed", str(options.seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"mnist_conv_keras_benchmark: {framework} failed:\n{done.stderr}")
    measured: dict = json.loads(done.stdout.splitlines()[-1])
    return measured


def compare(dtype: str, ours: list[float], theirs: list[float]) -> None:
    """Say how far the losses of the steps are apart; stop when it is too far."""
    a, b = np.array(ours), np.array(theirs)
    apart = np.abs(a - b) / np.abs(b)
    print(
        f"{dtype}: losses of {len(a)} steps, from {a[0]:.6f} to {a[-1]:.6f}; at most "
        f"{apart.max():.1e} apart (step {apart.argmax() + 1}), {apart[0]:.1e} at step 1"
    )
    if not apart.max() <= NEAR[dtype]:
        sys.exit(
            f"mnist_conv_keras_benchmark: {apart.max():.1e} in {dtype}; at most "
            f"{NEAR[dtype]:.0e} was needed: the two do not compute the same"
        )


def tell(runs: dict[str, list[dict]], options: argparse.Namespace) -> None:
    """Print times and memory side by side."""
    print(
        f"\n{options.data}, batches of {options.batch_size}, {options.turns} turns of "
        f"{options.steps} steps, {os.cpu_count()} cores"
    )
    print(f"{'':12}{'step, median':>14}{'10 % to 90 %':>18}{'most memory':>26}")
    medians = []
    for framework, taken in runs.items():
        times = np.concatenate([run["seconds"][WARM:] for run in taken]) * 1e3
        low, middle, high = np.percentile(times, [10, 50, 90])
        medians.append(middle)
        memory = "not known here"
        if taken[0]["peak"]:
            peak = np.median([run["peak"] for run in taken])
            grown = np.median([run["peak"] - run["before"] for run in taken])
            memory = f"{peak:.0f} MiB ({grown:.0f} of it)"
        spread = f"{low:.1f} to {high:.1f} ms"
        print(f"{framework:12}{f'{middle:.1f} ms':>14}{spread:>18}{memory:>26}")
    print(f"a step here takes {medians[0] / medians[1]:.1f} times as long as in Keras")


def peak_memory() -> float | None:
    """Return the most memory that this process held so far, in MiB; None on Windows."""
    try:
        import resource
    except ModuleNotFoundError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def load_data(data: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 1, side, side) and classes (N, 10) to learn from."""
    X, y, _, _ = (load_digits if data == "digits" else load_mnist)(flat=False)
    return X, y


def parse_arguments() -> argparse.Namespace:
    """Return the options, those between the processes too."""
    parser = argparse.ArgumentParser(description="The same CNN here and in Keras.")
    add = parser.add_argument
    add("--data", choices=["mnist", "digits"], default="mnist")
    add("--steps", type=int, default=100, help="of a turn (default: 100)")
    add("--turns", type=int, default=3, help="of each framework (default: 3)")
    add("--check", type=int, default=20, help="steps that are compared (default: 20)")
    add("--batch-size", type=int, default=64, help="(default: 64)")
    add("--seed", type=int, default=0, help="(default: 0)")
    add("--worker", choices=FRAMEWORKS, help=argparse.SUPPRESS)
    add("--folder", type=Path, help=argparse.SUPPRESS)
    add("--dtype", default="float32", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.worker and options.steps <= WARM:
        parser.error(f"--steps {options.steps}: more than {WARM} are needed")
    return options


if __name__ == "__main__":
    main()
