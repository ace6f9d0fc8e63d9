"""Squeeze handwritten digits through a few numbers, and draw what comes back.

    python examples/autoencoder.py                  # MNIST
    python examples/autoencoder.py --code 2 --epochs 20 --out somewhere

An encoder makes a code of a few numbers of each image, a decoder makes the image of it
again, and the error between the two images is all there is to learn from: no labels.
The folder `outputs/` then holds a picture of test images above what came back.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor, manual_seed, no_grad
from pebblegrad.data import DataLoader, load_digits, load_mnist
from pebblegrad.nn import Linear, Module, ReLU, Sequential, Sigmoid, mse_loss
from pebblegrad.optim import Adam


class Autoencoder(Module):
    """Two networks, mirror images of each other.

    Args:
        features: pixels of an image.
        code: numbers in between.
    """

    def __init__(self, features: int, code: int) -> None:
        self.encoder = Sequential(Linear(features, 128), ReLU(), Linear(128, code))
        self.decoder = Sequential(
            Linear(code, 128), ReLU(), Linear(128, features), Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the images that come back, of the shape of `x`: (N, features)."""
        return self.decoder(self.encoder(x))


def main() -> None:
    """Train without labels, then look."""
    parser = argparse.ArgumentParser(description="Squeeze digits, and look.")
    add = parser.add_argument
    add("--code", type=int, default=16, help="numbers in between (default: 16)")
    add("--epochs", type=int, default=5, help="(default: 5)")
    add("--seed", type=int, default=0, help="(default: 0)")
    add("--data", choices=["mnist", "digits"], default="mnist")
    add("--out", type=Path, default=Path("outputs"), help="(default: outputs)")
    options = parser.parse_args()

    X_train, _, X_test, _ = load_digits() if options.data == "digits" else load_mnist()
    manual_seed(options.seed)
    model = Autoencoder(X_train.shape[1], options.code)
    optimizer = Adam(model.parameters(), lr=2e-3)
    loader = DataLoader((X_train,), 128, shuffle=True, rng=options.seed)
    for epoch in range(1, options.epochs + 1):
        losses = []
        for (X,) in loader:
            loss = mse_loss(model(Tensor(X)), X)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: mean squared error {np.mean(losses):.5f}")

    with no_grad():
        back = model(Tensor(X_test)).data
    mean = np.mean((X_test - X_train.mean(axis=0)) ** 2)
    print(
        f"test images: mean squared error {np.mean((X_test - back) ** 2):.5f} through "
        f"{options.code} numbers; {mean:.5f} if every answer were the mean image"
    )
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "autoencoder.png"
    draw(X_test[:12], back[:12], f"{options.code} numbers in between", path)
    print(f"wrote {path}")


def draw(images: np.ndarray, back: np.ndarray, title: str, path: Path) -> None:
    """Write a picture of images (N, pixels) in a row above what came back of each."""
    side = int(np.sqrt(images.shape[1]))
    rows = [
        np.concatenate([np.pad(row.reshape(side, side), 1) for row in both], axis=1)
        for both in (images, back)
    ]
    figure = Figure(figsize=(9, 2), layout="constrained")
    ax = figure.subplots()
    ax.imshow(np.concatenate(rows), cmap="gray", vmin=0, vmax=1)
    ax.set_title(f"digits, and what comes back of them: {title}", fontsize=10)
    ax.set_axis_off()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
