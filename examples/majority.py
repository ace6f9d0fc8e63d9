"""Teach single numbers to vote: which of five bits is more frequent?

    pip install pebblegrad-scalar
    python examples/majority.py
    python examples/majority.py --lr 0.000001 --epochs 500   # far too small a rate

Four layers of 5-4-8-4-1 neurons with ReLU; at each step 32 random inputs, their mean
squared error, one backward pass, one step down. Only 32 different inputs exist, so at
the end all of them can be asked, and the network is right or wrong on each.

At a rate of 1e-6, with which this task is told elsewhere, 500 steps move no weight by
as much as a thousandth, and the network answers at the end what it answered at the
beginning. The rate here, 0.05, is fifty thousand times larger: of the seeds 0 to 7 six
get all 32 right, the others 31 and 28. The last layer is linear: a ReLU there that is
negative for all inputs passes no gradient on and is dead for ever, as it was for three
of these seeds.
"""

import argparse
import random
from itertools import product

from pebblegrad.scalar import (
    Linear,
    MiniOptimizer,
    Module,
    Tensor,
    binary_round,
    mse_loss,
    target_generator,
)


class Network(Module):
    """Five bits in, one number out: near 1 if most of them are 1, else near 0."""

    def __init__(self, rng: random.Random) -> None:
        self.l1 = Linear(5, 4, rng=rng)
        self.l2 = Linear(4, 8, rng=rng)
        self.l3 = Linear(8, 4, rng=rng)
        self.l4 = Linear(4, 1, activation=None, rng=rng)

    def forward(self, x: list[Tensor]) -> Tensor:
        """Return a prediction for a list of five bits."""
        return self.l4(self.l3(self.l2(self.l1(x))))


def main() -> None:
    """Train, ask some, then all."""
    parser = argparse.ArgumentParser(description="Teach single numbers to vote.")
    add = parser.add_argument
    add("--epochs", type=int, default=500, help="steps (default: 500)")
    add("--batch", type=int, default=32, help="inputs of a step (default: 32)")
    add("--lr", type=float, default=0.05, help="learning rate (default: 0.05)")
    add("--seed", type=int, default=0, help="(default: 0)")
    options = parser.parse_args()

    rng = random.Random(options.seed)
    model = Network(rng)
    optimizer = MiniOptimizer(model, options.lr)
    start = model.state_dict()
    print(f"{len(model.parameters())} parameters; {count_right(model)} of 32 are right")

    for epoch in range(options.epochs):
        total_loss = Tensor(0)
        for _ in range(options.batch):
            x, y = target_generator(rng=rng)
            total_loss += mse_loss(model(x), y)

        avg_loss = total_loss / options.batch
        if epoch % 50 == 0 or epoch == options.epochs - 1:
            print(f"epoch {epoch}: loss: {avg_loss}")
        optimizer.zero_grad()
        avg_loss.backward()
        optimizer.step()

    print()
    for _ in range(4):
        x, y = target_generator(rng=rng)
        out = binary_round(model(x))
        for i in x:
            print(i.data, end=" ")
        print("target", y.data)
        print("pred", out.data)

    moved = max(abs(p - start[name]) for name, p in model.state_dict().items())
    print(f"\nthe parameter that moved most moved by {moved:.2g}")
    print(f"{count_right(model)} of all 32 inputs are right")


def count_right(model: Network) -> int:
    """Return for how many of the 32 inputs the network finds the majority."""
    inputs = [[Tensor(bit) for bit in bits] for bits in product([0, 1], repeat=5)]
    return sum(
        binary_round(model(x)).data == int(sum(bit.data for bit in x) > 2)
        for x in inputs
    )


if __name__ == "__main__":
    main()
