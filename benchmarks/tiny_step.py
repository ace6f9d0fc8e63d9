"""What a training step costs beside the same step written by hand in NumPy.

    python benchmarks/tiny_step.py            # medians and ratios
    python benchmarks/tiny_step.py --quick    # only to see that it works

The network is 2-16-16-1 with tanh, the batch 4, the loss the mean squared error, the
optimizer plain SGD: so small that nearly all of the time is overhead. Both sides start
from the same weights; their losses are compared before anything is timed. The two are
timed in turn, so that a machine that slows down slows both.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.nn import Linear, MSELoss, Sequential, Tanh
from pebblegrad.optim import SGD

LR = 0.01


def main() -> None:
    """Check, time in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only see that it works")
    quick = parser.parse_args().quick
    rounds, steps = (3, 50) if quick else (41, 500)

    rng = np.random.default_rng(0)
    X = rng.standard_normal((4, 2)).astype(np.float32)
    y = rng.standard_normal((4, 1)).astype(np.float32)
    model = Sequential(
        Linear(2, 16, rng=rng),
        Tanh(),
        Linear(16, 16, rng=rng),
        Tanh(),
        Linear(16, 1, rng=rng),
    )
    sides = {
        "numpy by hand": by_hand([p.data.copy() for p in model.parameters()], X, y),
        "pebblegrad": with_pebblegrad(model, X, y),
    }
    losses = {name: [float(step()) for _ in range(20)] for name, step in sides.items()}
    np.testing.assert_allclose(*losses.values(), rtol=1e-5)

    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, step in sides.items():
            times[name].append(microseconds(step, steps))
    for name, values in times.items():
        print(
            f"{name:14} {statistics.median(values):7.1f} us a step "
            f"({min(values):.1f} to {max(values):.1f} in {rounds} rounds)"
        )
    ratios = [b / a for a, b in zip(*times.values(), strict=True)]
    print(f"pebblegrad / numpy by hand: {statistics.median(ratios):.2f}")


def microseconds(step: Callable[[], object], steps: int) -> float:
    """Return what one step takes, on the average of `steps`."""
    started = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - started) / steps * 1e6


def by_hand(
    weights: list[np.ndarray], X: np.ndarray, y: np.ndarray
) -> Callable[[], np.float32]:
    """Return the step as one would write it without a framework."""
    w1, b1, w2, b2, w3, b3 = weights

    def step() -> np.float32:
        h1 = np.tanh(X @ w1.T + b1)
        h2 = np.tanh(h1 @ w2.T + b2)
        difference = h2 @ w3.T + b3 - y
        loss = np.mean(difference * difference)

        g3 = difference * (2 / difference.size)
        g2 = (g3 @ w3) * (1 - h2 * h2)
        g1 = (g2 @ w2) * (1 - h1 * h1)
        gradients = (
            *(g1.T @ X, g1.sum(axis=0)),
            *(g2.T @ h1, g2.sum(axis=0)),
            *(g3.T @ h2, g3.sum(axis=0)),
        )
        for weight, gradient in zip(weights, gradients, strict=True):
            weight -= LR * gradient
        return loss

    return step


def with_pebblegrad(
    model: Sequential, X: np.ndarray, y: np.ndarray
) -> Callable[[], float]:
    """Return the step as the guide writes it."""
    inputs, targets = Tensor(X), Tensor(y)
    loss_function = MSELoss()
    optimizer = SGD(model.parameters(), lr=LR)

    def step() -> float:
        loss = loss_function(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


if __name__ == "__main__":
    main()
