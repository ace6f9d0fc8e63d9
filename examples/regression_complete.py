"""Teach a network a bowl, y = x0² + x1²: one whole training run, on one screen.

    python examples/regression_complete.py
    python examples/regression_complete.py --epochs 1000 --seed 1

A hundred random points are all there is to learn from, and all of them are one batch.
Two hidden layers with ReLU can only fold flat pieces, so the bowl is pieced together
from planes, well where there are points and badly where there are none. The folder
`outputs/` then holds a log with the numbers of every twentieth epoch, the training
curve, and the bowl beside what was learned of it.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor, manual_seed, no_grad
from pebblegrad.loggers import TrainingLogger
from pebblegrad.nn import Linear, Module, MSELoss, ReLU, Sequential
from pebblegrad.optim import Adam
from pebblegrad.viz import plot_training_history


def bowl(X: np.ndarray) -> np.ndarray:
    """Return the height (N, 1) of the bowl over points (N, 2)."""
    return (X[:, 0] ** 2 + X[:, 1] ** 2).reshape(-1, 1)


def main() -> None:
    """Train, log, draw."""
    parser = argparse.ArgumentParser(description="Teach a network a bowl.")
    add = parser.add_argument
    add("--epochs", type=int, default=200, help="(default: 200)")
    add("--seed", type=int, default=42, help="(default: 42)")
    add("--out", type=Path, default=Path("outputs"), help="(default: outputs)")
    options = parser.parse_args()

    # NumPy's older generator: its points for seed 42 are those of many a tutorial.
    points = np.random.RandomState(options.seed).randn(100, 2).astype(np.float32)
    X, y = Tensor(points), Tensor(bowl(points))

    manual_seed(options.seed)
    model = Sequential(
        Linear(2, 16),
        ReLU(),
        Linear(16, 8),
        ReLU(),
        Linear(8, 1),
    )
    optimizer = Adam(model.parameters(), lr=0.01)
    loss_fn = MSELoss()
    logger = TrainingLogger("regression_model", log_dir=options.out)

    losses = []
    print("Training...")
    for epoch in range(options.epochs):
        pred = model(X)
        loss = loss_fn(pred, y)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

        if epoch % 20 == 0:
            weight = model.layers[0].weight
            parameters = {"layer0_weight": (weight, weight.grad)}
            logger.log_epoch(epoch, X, pred, loss, parameters)
            print(f"Epoch {epoch}: Loss = {loss.item():.6f}")

    plot_training_history(
        losses,
        title="Training Loss",
        filename=options.out / "training.png",
        xlabel="epoch",
        ylabel="mean squared error",
        log=True,
    )
    draw(model, points, options.out / "regression.png")
    print(f"Done! Check {options.out}/ for logs and plots.")


def draw(model: Module, points: np.ndarray, path: Path) -> None:
    """Write a picture of the bowl, of what was learned, and of the difference."""
    across = np.linspace(-3, 3, 121, dtype=np.float32)
    grid = np.stack(np.meshgrid(across, across), axis=-1)  # (121, 121, 2)
    with no_grad():
        learned = model(Tensor(grid.reshape(-1, 2))).data.reshape(grid.shape[:2])
    true = bowl(grid.reshape(-1, 2)).reshape(grid.shape[:2])

    figure = Figure(figsize=(11, 3.8), layout="constrained")
    axes = figure.subplots(1, 3, sharex=True, sharey=True)
    heights = dict(levels=np.arange(0, 19, 2), cmap="viridis", extend="both")
    maps = [
        ("the bowl and the points", true, heights),
        ("what the network made of them", learned, heights),
        (
            "learned − true",
            learned - true,
            dict(levels=np.linspace(-4, 4, 17), cmap="RdBu_r", extend="both"),
        ),
    ]
    for ax, (title, values, colors) in zip(axes, maps, strict=True):
        shades = ax.contourf(across, across, values, **colors)
        ax.scatter(*points.T, s=7, color="white", edgecolors="black", linewidths=0.5)
        ax.set(title=title, xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
        figure.colorbar(shades, ax=ax, shrink=0.85)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
