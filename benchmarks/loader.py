"""What an epoch of batches costs beside one copy of the array in the same order.

    python benchmarks/loader.py            # medians and ratios
    python benchmarks/loader.py --quick    # only to see that it works

The data are of MNIST's size, 60,000 rows of 784 float32 and as many labels, the batches
of 128, shuffled. The yardstick is ``X[permutation]``: no loader can do with less than
moving each row once, and ours may take 1.5 times as long. All sides are timed in turn,
so that a machine that slows down slows all; an epoch is checked before any is timed.

The last two lines are a loop that also works, in NumPy, on each batch, with a transform
that takes time. A thread that prepares batches ahead shortens it only where a core is
free: set OPENBLAS_NUM_THREADS=1, or MKL_NUM_THREADS=1, to see that.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from pebblegrad.data import DataLoader, transforms

BATCH_SIZE = 128


def main() -> None:
    """Check, time in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only see that it works")
    quick = parser.parse_args().quick
    rounds, samples = (1, 1000) if quick else (15, 60_000)

    rng = np.random.default_rng(0)
    X = rng.random((samples, 784), dtype=np.float32)
    y = rng.integers(0, 10, samples)
    loader = DataLoader((X, y), BATCH_SIZE, shuffle=True, rng=0)
    check(loader, X, y)

    sides: dict[str, Callable[[], object]] = {
        "X[permutation]": lambda: X[rng.permutation(samples)],
        "shuffled epoch": lambda: walk(loader),
        "the same, prefetch=2": lambda: walk(
            DataLoader((X, y), BATCH_SIZE, shuffle=True, rng=0, prefetch=2)
        ),
        "epoch in order": lambda: walk(DataLoader((X, y), BATCH_SIZE)),
    }
    times = in_turn(sides, rounds)
    for name, values in times.items():
        ratios = [a / b for a, b in zip(values, times["X[permutation]"], strict=True)]
        show(name, values, statistics.median(ratios))
    print()
    with_work(X[: samples // 6].reshape(-1, 1, 28, 28), y[: samples // 6], rounds)


def check(
    loader: DataLoader[tuple[np.ndarray, ...]], X: np.ndarray, y: np.ndarray
) -> None:
    """Compare an epoch with the rows that it must consist of."""
    keys = {row[:4].tobytes(): number for number, row in enumerate(X)}
    seen = []
    for X_batch, y_batch in loader:
        rows = [keys[row[:4].tobytes()] for row in X_batch]
        np.testing.assert_array_equal(X_batch, X[rows])
        np.testing.assert_array_equal(y_batch, y[rows])
        seen += rows
    assert sorted(seen) == list(range(len(X)))


def with_work(X: np.ndarray, y: np.ndarray, rounds: int) -> None:
    """Time a loop that rotates and shifts digits and multiplies matrices."""
    augment = transforms.RandomAffine(10, translate=(0.1, 0.1))
    W = np.random.default_rng(1).random((784, 2000), dtype=np.float32)

    def loop(prefetch: int) -> Callable[[], object]:
        def run() -> None:
            for X_batch, _ in DataLoader(
                (X, y), BATCH_SIZE, shuffle=True, transform=augment, prefetch=prefetch
            ):
                hidden = X_batch.reshape(len(X_batch), -1) @ W
                hidden @ W.T

        return run

    sides = {f"rotate, shift and work, prefetch={n}": loop(n) for n in (0, 2)}
    times = in_turn(sides, min(rounds, 5))
    first = next(iter(times.values()))
    for name, values in times.items():
        ratios = [a / b for a, b in zip(values, first, strict=True)]
        show(name, values, statistics.median(ratios))


def walk(loader: DataLoader[tuple[np.ndarray, ...]]) -> None:
    """Go through an epoch and do nothing."""
    for _ in loader:
        pass


def in_turn(
    sides: dict[str, Callable[[], object]], rounds: int
) -> dict[str, list[float]]:
    """Return the milliseconds that each side takes, round by round."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            started = time.perf_counter()
            side()
            times[name].append((time.perf_counter() - started) * 1e3)
    return times


def show(name: str, values: list[float], ratio: float) -> None:
    """Print a line."""
    print(
        f"{name:36} {statistics.median(values):7.1f} ms ({min(values):.1f} to "
        f"{max(values):.1f} in {len(values)} rounds), ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
