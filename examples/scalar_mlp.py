"""Train a network of single numbers, with nothing but Python.

    pip install pebblegrad-scalar
    python examples/scalar_mlp.py
    python examples/scalar_mlp.py --iterations 1000 --lr 0.05 --seed 1

Four inputs of three numbers each, four targets, 41 parameters: three layers of neurons
with tanh. No arrays and no optimizer: the loss is a sum of ordinary formulas, one call
of `backward` finds how it depends on each parameter, and each parameter takes a small
step against it. What the network says is printed before and after, and at the end the
way of one prediction through the last neuron, number by number.
"""

import argparse

from pebblegrad.scalar import MLP, Tensor

INPUTS = [
    [0.5, 0.5, 0.5],
    [0.5, 0.5, 1.0],
    [1.0, 0.5, 0.5],
    [1.0, 1.0, 1.0],
]
TARGETS = [-1.0, 1.0, -1.0, 1.0]


def main() -> None:
    """Train, and compare."""
    parser = argparse.ArgumentParser(description="Train a network of single numbers.")
    add = parser.add_argument
    add("--iterations", type=int, default=100, help="(default: 100)")
    add("--lr", type=float, default=0.01, help="learning rate (default: 0.01)")
    add("--seed", type=int, default=0, help="(default: 0)")
    options = parser.parse_args()

    model = MLP(3, [4, 4, 1], rng=options.seed)
    print(f"{len(model.parameters())} parameters")
    before = [model(x).data for x in INPUTS]

    for iteration in range(options.iterations):
        for p in model.parameters():
            p.grad = 0

        predictions = [model(x) for x in INPUTS]
        loss = sum(
            (pred - target) ** 2
            for pred, target in zip(predictions, TARGETS, strict=True)
        )
        loss.backward()

        for p in model.parameters():
            p.data -= options.lr * p.grad

        print(f"Iteration {iteration}: Loss = {loss.data:.6f}")

    after = [model(x) for x in INPUTS]
    print("\n        input         target   before    after")
    for x, target, old, new in zip(INPUTS, TARGETS, before, after, strict=True):
        print(f"{x!s:20} {target:7.1f} {old:8.3f} {new.data:8.3f}")
    explain(model, INPUTS[-1])


def explain(model: MLP, x: list[float]) -> None:
    """Print how the last neuron came to its answer, and what would change it.

    The gradients are those of the answer, not of a loss: the change of the answer for a
    small change of each number.
    """
    hidden: list[Tensor] = x
    for layer in model.layers[:-1]:
        hidden = layer(hidden)
    (neuron,) = model.layers[-1].neurons
    answer = neuron(hidden)
    model.zero_grad()
    answer.backward()

    print(f"\nThe last neuron, for {x}:")
    print("    input  x   weight  =  product   change of the answer with the weight")
    for value, weight in zip(hidden, neuron.weights, strict=True):
        product = value.data * weight.data
        print(
            f"{value.data:9.4f}  x {weight.data:8.4f}  = {product:9.4f}   "
            f"{weight.grad:9.4f}"
        )
    total = neuron.bias.data + sum(
        value.data * weight.data
        for value, weight in zip(hidden, neuron.weights, strict=True)
    )
    print(f"{'bias':>23}  = {neuron.bias.data:9.4f}   {neuron.bias.grad:9.4f}")
    print(f"tanh of their sum, {total:.4f}, is {answer.data:.4f}")


if __name__ == "__main__":
    main()
