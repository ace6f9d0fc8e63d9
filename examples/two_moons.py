"""Tell two moons apart from sixty noisy points, with and without weight decay.

    python examples/two_moons.py
    python examples/two_moons.py --points 200 --noise 0.2 --seed 1

A network with far more parameters than points can wind its border around every one of
them, and does: all sixty are right, and new points suffer. Weight decay pulls each
weight a little towards 0 at every step, the border has to stay smooth, and more of the
new points are right. The folder `outputs/` then holds a picture for a slide (before
training; after it; after it with weight decay) and a film of the borders on their way.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor, manual_seed, no_grad
from pebblegrad.data import make_moons
from pebblegrad.nn import Linear, Module, Sequential, Tanh, cross_entropy
from pebblegrad.optim import AdamW
from pebblegrad.viz import animate_training, plot_decision_boundary


def network() -> Sequential:
    """Return a network of 2-64-64-2."""
    return Sequential(Linear(2, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 2))


def main() -> None:
    """Train twice from the same weights, compare, draw."""
    parser = argparse.ArgumentParser(description="Two moons, and weight decay.")
    add = parser.add_argument
    add("--points", type=int, default=60, help="to learn from (default: 60)")
    add("--noise", type=float, default=0.35, help="of the points (default: 0.35)")
    add("--decay", type=float, default=3.0, help="of the weights (default: 3)")
    add("--steps", type=int, default=1500, help="(default: 1500)")
    add("--frames", type=int, default=31, help="of the film (default: 31)")
    add("--seed", type=int, default=0, help="(default: 0)")
    add("--out", type=Path, default=Path("outputs"), help="(default: outputs)")
    options = parser.parse_args()

    X, y = make_moons(options.points, noise=options.noise, rng=options.seed)
    X_new, y_new = make_moons(5000, noise=options.noise, rng=options.seed + 1)
    # More often at the beginning, where more happens.
    moments = options.steps * np.linspace(0, 1, options.frames) ** 2
    kept = sorted({*np.rint(moments).astype(int).tolist(), 0, options.steps})
    runs = {
        "no weight decay": train(X, y, 0.0, kept, options.seed),
        "weight decay": train(X, y, options.decay, kept, options.seed),
    }

    titles, model = {}, network()
    for name, states in runs.items():
        model.load_state_dict(states[-1])
        told, new = accuracy(model, X, y), accuracy(model, X_new, y_new)
        titles[name] = f"{name}: {new:.0%} of new ones"
        print(f"{name}: {told:.1%} of {len(X)} points are right, {new:.1%} of new ones")

    panels = [("before training", runs["weight decay"][0])]
    panels += [(titles[name], states[-1]) for name, states in runs.items()]
    figure = Figure(figsize=(15, 4.8), layout="constrained")
    for ax, (title, state) in zip(figure.subplots(1, 3), panels, strict=True):
        model.load_state_dict(state)
        plot_decision_boundary(model, X, y, title, ax=ax)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "two_moons.png"
    figure.savefig(path, dpi=150)
    print(f"wrote {path}")

    frames = []
    for states in zip(*runs.values(), strict=True):
        frame = Figure(figsize=(10, 4.4), layout="constrained")
        for ax, name, state in zip(frame.subplots(1, 2), runs, states, strict=True):
            model.load_state_dict(state)
            plot_decision_boundary(model, X, y, name, ax=ax, resolution=100)
        frames.append(frame)
    path = options.out / "two_moons.gif"
    animate_training(frames, path, fps=6, hold=2, dpi=70, colors=64)
    print(f"wrote {path}")


def train(
    X: np.ndarray, y: np.ndarray, decay: float, kept: list[int], seed: int
) -> list[dict[str, np.ndarray]]:
    """Return the weights after each of the steps in `kept`, 0 for before the first."""
    manual_seed(seed)
    model = network()
    # A bias moves a border and does not bend it: only the weights are held small.
    named = dict(model.named_parameters())
    groups = [
        {"params": [p for name, p in named.items() if name.endswith("weight")]},
        {
            "params": [p for name, p in named.items() if name.endswith("bias")],
            "weight_decay": 0.0,
        },
    ]
    optimizer = AdamW(groups, lr=0.01, weight_decay=decay)
    states = [model.state_dict()]
    for step in range(1, kept[-1] + 1):
        loss = cross_entropy(model(Tensor(X)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step in kept:
            states.append(model.state_dict())
    return states


def accuracy(model: Module, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of points (N, 2) whose class is the one in `y`."""
    with no_grad():
        return float(np.mean(model(Tensor(X)).data.argmax(axis=1) == y))


if __name__ == "__main__":
    main()
