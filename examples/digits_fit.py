"""Train without writing the loop, and without fear of an interruption.

    python examples/digits_fit.py            # press Ctrl-C, or kill it, ...
    python examples/digits_fit.py --resume   # ... and it goes on where it was

A network of 64-128-10 with dropout learns the digits that come with pebblegrad. The
rate rises for five epochs and then falls along a cosine; training stops when the
validation loss no longer falls, and the best weights come back. The folder
`outputs/digits_fit/` then holds the checkpoints and the best weights, and
`outputs/digits_fit.png` the curves.
"""

import argparse
from pathlib import Path

from pebblegrad import nn
from pebblegrad.data import load_digits
from pebblegrad.optim import AdamW, CosineAnnealingLR, WarmupLR
from pebblegrad.train import (
    Checkpoint,
    ClipGradients,
    EarlyStopping,
    ScheduleRate,
    evaluate,
    fit,
    seed_everything,
)
from pebblegrad.viz import plot_training_history


def main() -> None:
    """Train, test, draw."""
    parser = argparse.ArgumentParser(description="Train on digits with fit().")
    add = parser.add_argument
    add("--epochs", type=int, default=60, help="(default: 60)")
    add("--seed", type=int, default=0, help="(default: 0)")
    add("--resume", action="store_true", help="go on from the newest checkpoint")
    add("--out", type=Path, default=Path("outputs"), help="(default: outputs)")
    options = parser.parse_args()

    seed_everything(options.seed)
    X, y, X_test, y_test = load_digits(one_hot=False)
    model = nn.Sequential(
        nn.Linear(64, 128),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(128, 10),
    )
    optimizer = AdamW(model, lr=3e-3)
    schedule = WarmupLR(optimizer, 5, after=CosineAnnealingLR(optimizer, 55))
    history = fit(
        model,
        (X[:1200], y[:1200]),
        loss=nn.cross_entropy,
        optimizer=optimizer,
        epochs=options.epochs,
        validation=(X[1200:], y[1200:]),
        metrics=["accuracy"],
        callbacks=[
            ScheduleRate(schedule),
            ClipGradients(max_norm=1.0),
            EarlyStopping("val_loss", patience=10),
            Checkpoint(options.out / "digits_fit", resume=options.resume),
        ],
        rng=options.seed,
    )
    print(history)
    print(f"{history.steps} steps" + (f"; {history.stopped}" * bool(history.stopped)))
    numbers = evaluate(model, (X_test, y_test), metrics=["accuracy"])
    print(f"{numbers['accuracy']:.2%} of {len(X_test)} held-out digits are right")

    if history.epochs:
        path = options.out / "digits_fit.png"
        curves = {name: history[name] for name in ("loss", "val_loss", "val_accuracy")}
        plot_training_history(curves, filename=path, xlabel="epoch")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
