"""Carry weights to PyTorch and back: one file, the same names, the same answers.

    python examples/pytorch_weights.py                  # also without PyTorch
    pip install torch && python examples/pytorch_weights.py

A layer here has the parameters, names, shapes and defaults of PyTorch's layer of the
same name, so that the state of the one is the state of the other. What carries it is a
safetensors file: names, shapes and numbers, no pickle, nothing that is executed.

There: a network learns three steps here, is saved, and PyTorch computes its answers.
Back: PyTorch trains it on for three steps, saves, and the answers are computed here.
Where PyTorch is not installed, a file such as PyTorch would write is made of plain
arrays for the way back, and NumPy computes what the answers must be.
"""

import argparse
import copy
import sys
from pathlib import Path
from typing import Any

import numpy as np

from pebblegrad import nn
from pebblegrad.autograd import Tensor, manual_seed, no_grad
from pebblegrad.data import load_digits
from pebblegrad.optim import SGD

NEAR = 1e-12  # how far answers may be apart, relative to the largest of them


def network(nn: Any) -> Any:
    """Return the network, of `pebblegrad.nn` or of `torch.nn`: nothing else differs."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 4 * 4, 32),
        nn.GELU(),
        nn.LayerNorm(32),
        nn.Linear(32, 10),
    )


def main() -> None:
    """There, and back."""
    parser = argparse.ArgumentParser(description="Carry weights to PyTorch and back.")
    add = parser.add_argument
    add("--seed", type=int, default=0, help="(default: 0)")
    add("--out", type=Path, default=Path("outputs"), help="(default: outputs)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    X, y, X_test, _ = load_digits(flat=False, one_hot=False)  # (N, 1, 8, 8)
    X, y = X[:300], y[:300]

    manual_seed(options.seed)
    model = network(nn)
    learn(model, X, y)
    there = options.out / "pebblegrad_weights.safetensors"
    nn.save(model, there)
    print(f"wrote {there}:")
    for name, array in model.state_dict().items():
        print(f"  {name:24} {array.dtype!s:8} {array.shape}")

    back = options.out / "pytorch_weights.safetensors"
    try:
        import torch
    except ModuleNotFoundError:
        print("PyTorch is not installed: its half is left out (pip install torch)")
        without_torch(back, X_test, options.seed)
    else:
        print(f"PyTorch {torch.__version__}")
        with_torch(there, back, model, X, y, X_test)


def learn(model: nn.Module, X: np.ndarray, y: np.ndarray) -> None:
    """Take three steps, so that no number is what it was at the start."""
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        loss = nn.cross_entropy(model(Tensor(X)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def answers(model: nn.Module, X: np.ndarray) -> np.ndarray:
    """Return the logits (N, 10), in float64: so rounding can hide no difference."""
    exact = copy.deepcopy(model).to(np.float64).eval()
    with no_grad():
        return exact(Tensor(X.astype(np.float64))).data


def with_torch(
    there: Path,
    back: Path,
    model: nn.Module,
    X: np.ndarray,
    y: np.ndarray,
    X_test: np.ndarray,
) -> None:
    """Read `there` in PyTorch and compare; train on in PyTorch, and come back."""
    import torch
    from safetensors.torch import load_file, save_file

    theirs = network(torch.nn)
    theirs.load_state_dict(load_file(there))  # strict: every name, every shape

    def their_answers() -> np.ndarray:
        exact = copy.deepcopy(theirs).double().eval()
        with torch.no_grad():
            return exact(torch.from_numpy(X_test).double()).numpy()

    compare("there", answers(model, X_test), their_answers())

    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        logits = theirs(torch.from_numpy(X))
        loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_file(theirs.state_dict(), back)
    print(f"wrote {back}")

    ours = network(nn)
    nn.load(ours, back)
    compare("back", answers(ours, X_test), their_answers())


def without_torch(back: Path, X_test: np.ndarray, seed: int) -> None:
    """Read a file in PyTorch's layout, and compare with NumPy what comes out.

    Of a network of two layers: little enough to be written out in two lines.
    """
    draw = np.random.default_rng(seed)
    state = {  # what torch.nn.Sequential(Linear(64, 32), ReLU(), Linear(32, 10)) saves
        "0.weight": draw.normal(0, 0.1, (32, 64)),  # (out, in)
        "0.bias": draw.normal(0, 0.1, 32),
        "2.weight": draw.normal(0, 0.1, (10, 32)),
        "2.bias": draw.normal(0, 0.1, 10),
    }
    state = {name: array.astype(np.float32) for name, array in state.items()}
    nn.save_arrays(state, back)
    print(f"wrote {back}, with arrays under PyTorch's names")

    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    nn.load(model, back)
    x = X_test.reshape(-1, 64).astype(np.float64)
    hidden = np.maximum(x @ state["0.weight"].T + state["0.bias"], 0)
    expected = hidden @ state["2.weight"].T + state["2.bias"]
    compare("back", answers(model, x), expected, of="NumPy")


def compare(
    way: str, ours: np.ndarray, theirs: np.ndarray, *, of: str = "PyTorch"
) -> None:
    """Say how far the answers are apart; stop when it is more than rounding."""
    apart = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    print(f"{way}: {len(ours)} answers, at most {apart:.1e} from those of {of}")
    if not apart <= NEAR:
        sys.exit(f"pytorch_weights: {way}: {apart:.1e}; at most {NEAR:.0e} was needed")


if __name__ == "__main__":
    main()
