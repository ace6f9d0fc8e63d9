"""Learn exclusive or, the smallest thing that a single layer cannot.

    python examples/xor.py
    python examples/xor.py --steps 500 --seed 1

Two inputs, eight hidden units with tanh, one logit; all four cases are one batch. At
the end stands a map of the square between the cases: # where the network says 1.
"""

import argparse

import numpy as np

from pebblegrad.autograd import Tensor, manual_seed
from pebblegrad.nn import Linear, Sequential, Tanh, binary_cross_entropy_with_logits
from pebblegrad.optim import Adam

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
y = np.array([[0], [1], [1], [0]], np.float32)


def main() -> None:
    """Train, and tell what was learned."""
    parser = argparse.ArgumentParser(description="Learn exclusive or.")
    parser.add_argument("--steps", type=int, default=200, help="(default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")
    options = parser.parse_args()

    manual_seed(options.seed)
    model = Sequential(Linear(2, 8), Tanh(), Linear(8, 1))
    optimizer = Adam(model.parameters(), lr=0.05)
    for step in range(1, options.steps + 1):
        loss = binary_cross_entropy_with_logits(model(Tensor(X)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0 or step == options.steps:
            print(f"step {step}: loss {loss.item():.6f}")

    for (a, b), logit in zip(X, model(Tensor(X)).data[:, 0], strict=True):
        print(f"{a:.0f} xor {b:.0f} = {int(logit > 0)}")

    across = np.linspace(0, 1, 41, dtype=np.float32)
    for b in np.linspace(1, 0, 17, dtype=np.float32):
        points = np.stack([across, np.full_like(across, b)], axis=1)
        print("".join(".#"[int(logit > 0)] for (logit,) in model(Tensor(points)).data))


if __name__ == "__main__":
    main()
