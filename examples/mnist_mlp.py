"""Train a small network to read handwritten digits, and look at what happened.

    python examples/mnist_mlp.py                 # MNIST, or the embedded digits offline
    python examples/mnist_mlp.py --data digits --epochs 20 --out somewhere

The network is 784-128-64-10 with ReLU, trained by Adam on the cross-entropy in batches
of 128: about 97 % of the test digits are right after five epochs. The folder
`outputs/` then holds a log, the training curve, pictures of the network and of the
graph of one loss, and the weights. Read from top to bottom: `main` is the story, the
rest its parts.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pebblegrad.autograd import Tensor, manual_seed, no_grad
from pebblegrad.data import DataLoader, load_digits, load_mnist
from pebblegrad.loggers import TrainingLogger, progress
from pebblegrad.nn import Linear, ReLU, Sequential, cross_entropy, save
from pebblegrad.optim import Adam
from pebblegrad.viz import (
    plot_computation_graph,
    plot_network_architecture,
    plot_training_history,
)

# What each data set is trained with unless the command line says otherwise.
DEFAULTS = {
    "mnist": {"epochs": 5, "batch_size": 128},
    "digits": {"epochs": 20, "batch_size": 32},
}


def main() -> None:
    """Load, train, test, draw."""
    options = parse_arguments()
    data, (X_train, y_train, X_test, y_test) = load(options.data)
    epochs = options.epochs or DEFAULTS[data]["epochs"]
    batch_size = options.batch_size or DEFAULTS[data]["batch_size"]

    manual_seed(options.seed)
    features, classes = X_train.shape[1], y_train.shape[1]
    model = Sequential(
        Linear(features, 128),
        ReLU(),
        Linear(128, 64),
        ReLU(),
        Linear(64, classes),
    )
    optimizer = Adam(model.parameters(), lr=options.lr)
    loader = DataLoader((X_train, y_train), batch_size, shuffle=True, rng=options.seed)
    logger = TrainingLogger("mnist_mlp", log_dir=options.out)
    print(
        f"{data}: {len(X_train)} digits to learn from, {len(X_test)} to be tested on, "
        f"{sum(p.size for p in model.parameters())} parameters"
    )

    losses: list[float] = []  # one number an epoch
    accuracies: list[float] = []
    seconds = 0.0
    for epoch in range(1, epochs + 1):
        started = time.perf_counter()
        batch_losses = []
        for X, y in (bar := progress(loader, f"epoch {epoch}/{epochs}")):
            logits = model(Tensor(X))
            loss = cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            batch_losses.append(loss.item())
            bar.show(loss=batch_losses[-1])
        seconds += time.perf_counter() - started

        losses.append(float(np.mean(batch_losses)))
        accuracies.append(accuracy(model, X_test, y_test))
        # Of the last batch: loss and gradients, and the parameters after their step.
        parameters = {name: (p, p.grad) for name, p in model.named_parameters()}
        logger.log_epoch(epoch, X, logits, loss, parameters)
        print(
            f"epoch {epoch}: loss {losses[-1]:.6f}, test accuracy {accuracies[-1]:.2%}"
        )
    print(f"trained in {seconds:.1f} s")

    # The graph of one loss, with names for the picture.
    for name, parameter in model.named_parameters():
        parameter.label = name
    loss = cross_entropy(
        model(Tensor(X_train[:batch_size], label="images")),
        Tensor(y_train[:batch_size], label="classes"),
    )
    loss.label = "loss"

    written = {
        "log": options.out / "mnist_mlp.log",
        "training curve": options.out / "training.png",
        "architecture": options.out / "architecture.png",
        "graph of one loss": options.out / "graph.png",
        "weights": options.out / "weights.safetensors",
    }
    save(model, written["weights"])  # first: a full disk may stop the pictures
    numbers = range(1, epochs + 1)
    plot_training_history(
        {"training loss": (numbers, losses), "test accuracy": (numbers, accuracies)},
        title=f"{data}: {features}-128-64-{classes}, ReLU, Adam",
        filename=written["training curve"],
        xlabel="epoch",
    )
    plot_network_architecture(model, filename=written["architecture"])
    plot_computation_graph(loss, filename=written["graph of one loss"])
    for what, path in written.items():
        print(f"wrote {path} ({what})")


def accuracy(model: Sequential, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of `X` whose most likely class is the one that `y` marks."""
    with no_grad():
        logits = model(Tensor(X)).data
    return float(np.mean(logits.argmax(axis=1) == y.argmax(axis=1)))


def load(data: str) -> tuple[str, tuple[np.ndarray, ...]]:
    """Return the name of the data set and its four arrays."""
    if data == "digits":
        return "digits", load_digits()
    try:
        return "mnist", load_mnist()
    except OSError as error:
        if data == "mnist":
            sys.exit(f"mnist_mlp: {error}")
        lines = [line.strip() for line in str(error).splitlines()]
        damaged = [line for line in lines if "moved aside" in line]
        print(
            f"MNIST cannot be had now ({(damaged or lines)[0].split(';')[0]}; --data "
            "mnist says more): training on the embedded 8x8 digits instead"
        )
        return "digits", load_digits()


def parse_arguments() -> argparse.Namespace:
    """Return the options, checked before anything is loaded."""
    parser = argparse.ArgumentParser(
        description="Train a network with layers of 128 and 64 on handwritten digits.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The same seed gives the same numbers on one machine.",
    )
    add = parser.add_argument
    add(
        "--epochs", type=positive_int, help="passes (default: 5 on MNIST, 20 on digits)"
    )
    add("--batch-size", type=positive_int, help="(default: 128 on MNIST, 32 on digits)")
    add("--lr", type=positive, default=1e-3, help="learning rate (default: 0.001)")
    add("--seed", type=natural, default=0, help="of weights and shuffling (default: 0)")
    add(
        "--data",
        choices=["auto", "mnist", "digits"],
        default="auto",
        help="auto: MNIST if it can be had, else the embedded digits (default: auto)",
    )
    add("--out", type=Path, default=Path("outputs"), help="folder (default: outputs)")
    options = parser.parse_args()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(
            f"--out {options.out}: this folder cannot be made ({error.strerror})"
        )
    return options


def positive_int(text: str) -> int:
    """Return an integer from 1 on."""
    return int(checked(text, int, "an integer from 1 on", lambda n: n >= 1))


def natural(text: str) -> int:
    """Return an integer from 0 on."""
    return int(checked(text, int, "an integer from 0 on", lambda n: n >= 0))


def positive(text: str) -> float:
    """Return a finite number above 0."""
    return checked(text, float, "a number above 0", lambda x: 0 < x < math.inf)


def checked(text: str, kind: type, what: str, holds: Callable[[float], bool]) -> float:
    """Return the number that `text` says, or refuse it in a sentence."""
    try:
        value: float = kind(text)
    except ValueError:
        value = math.nan
    if not holds(value):
        raise argparse.ArgumentTypeError(f"{text!r} is given, {what} is needed")
    return value


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("mnist_mlp: interrupted; what was written so far is kept")
