"""What a step of micrograd's own demo costs here and in micrograd.

    python benchmarks/scalar.py                               # medians and ratios
    python benchmarks/scalar.py --quick                       # only see that it works
    python benchmarks/scalar.py --micrograd .venv/bin/python  # a Python that has it

The demo is that of micrograd's notebook: 100 points of two moons, MLP(2, [16, 16, 1])
with ReLU but at the end, the SVM's max-margin loss and a little L2. A step is the
forward pass, the gradients set to zero, the backward pass, the update, and what the
step leaves behind freed.

Each side runs in a process of its own, that of the Python in which it is installed, on
the same points and from the same weights. There are three: our `MLP`; the same with
neurons that sum their products one by one, as micrograd's do, so that only the engines
differ; and micrograd. The losses of all steps are compared before any time is taken.
The sides are timed in turn, a step each; the time is that of the processor, in which
other programs count little.

Micrograd's values refer to each other in circles, so that only Python's garbage
collector frees them, and its rounds are part of the time. ``--no-collector`` leaves
them out: it runs between the steps.
"""

import argparse
import gc
import json
import math
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

SAMPLES = 100
SIZES = [2, 16, 16, 1]
Step = Callable[[], float]


def main() -> None:
    """Start the sides, check, time in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only see that it works")
    parser.add_argument("--micrograd", default=sys.executable, help="a Python with it")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument(
        "--no-collector", action="store_true", help="collect garbage between steps"
    )
    given = parser.parse_args()
    if given.side:
        serve(given.side, collector=not given.no_collector)
        return
    rounds, checked = (2, 2) if given.quick else (30, 10)

    options = ["--no-collector"] if given.no_collector else []
    micrograd_is_there = has_micrograd(given.micrograd)  # before anything is started
    sides = {
        "pebblegrad.scalar": Side(sys.executable, "ours", options),
        "its engine alone": Side(sys.executable, "engine", options),
    }
    if micrograd_is_there:
        sides["micrograd"] = Side(given.micrograd, "micrograd", options)
    else:
        print(
            f"{given.micrograd} has no micrograd: only ours is timed; install it "
            "(pip install micrograd), or name a Python that has it by --micrograd"
        )
    losses = {
        name: [side.step()[0] for _ in range(checked)] for name, side in sides.items()
    }
    first = losses["pebblegrad.scalar"]
    for name, found in losses.items():
        for ours, theirs in zip(first, found, strict=True):
            assert math.isclose(ours, theirs, rel_tol=1e-9), (name, first, found)
    print(f"loss after {checked} steps: {first[-1]:.9f}, the same on all sides")

    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            times[name].append(side.step()[1] * 1e3)
    for name, values in times.items():
        pairs = zip(values, times["pebblegrad.scalar"], strict=True)
        ratio = statistics.median(theirs / ours for theirs, ours in pairs)
        print(
            f"{name:20} {statistics.median(values):7.1f} ms ({min(values):.1f} to "
            f"{max(values):.1f} in {rounds} steps), ratio {ratio:.2f}"
        )
    for side in sides.values():
        side.stop()


class Side:
    """A process that makes a step when a line comes in."""

    def __init__(self, python: str, side: str, options: list[str]) -> None:
        self.program = [python, str(Path(__file__).resolve()), "--side", side, *options]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            self.program, stdin=pipe, stdout=pipe, text=True
        )

    def step(self) -> tuple[float, float]:
        """Return the loss and the seconds of the processor that the step took.

        Raises:
            SystemExit: if the process has ended.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write("step\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self._ended()
        answer = self.process.stdout.readline()
        if not answer:
            self._ended()
        loss, seconds = json.loads(answer)
        return loss, seconds

    def _ended(self) -> NoReturn:
        self.stop()
        sys.exit(
            f"the side {' '.join(self.program)} ended with status "
            f"{self.process.returncode} instead of answering; what it printed stands "
            "above"
        )

    def stop(self) -> None:
        """Let the process end."""
        self.process.communicate()


def has_micrograd(python: str) -> bool:
    """Say whether a Python has micrograd installed.

    Raises:
        SystemExit: if it is no Python.
    """
    program = "import importlib.util as u; print(u.find_spec('micrograd') is not None)"
    wanted = "the path of a Python was needed, such as .venv/bin/python"
    try:
        done = subprocess.run([python, "-c", program], capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"--micrograd is {python!r}; {wanted} ({error.strerror})")
    if done.stdout.strip() not in ("True", "False"):
        sys.exit(f"--micrograd is {python!r}; {wanted}; it answered: {done.stderr}")
    return done.stdout.strip() == "True"


def serve(side: str, *, collector: bool) -> None:
    """Make a step for each line, and answer with its loss and time."""
    step = demo(side)
    if not collector:
        gc.disable()
    for _ in sys.stdin:
        started = time.process_time()
        loss = step()
        seconds = time.process_time() - started
        print(json.dumps([loss, seconds]), flush=True)
        if not collector:
            gc.collect()


def demo(side: str) -> Step:
    """Return a step of the demo as a function, which returns its loss."""
    value, mlp = engine(side)
    draws = random.Random(1337)
    model = mlp()
    for p in model.parameters():
        p.data = draws.uniform(-1, 1)
    points, classes = two_moons(draws)
    steps = 0

    def step() -> float:
        nonlocal steps
        inputs = [[value(x) for x in point] for point in points]
        scores = [model(x) for x in inputs]
        pairs = zip(classes, scores, strict=True)
        losses = [(1 + -wanted * score).relu() for wanted, score in pairs]
        data_loss = sum(losses) * (1.0 / len(losses))
        total = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        rate = 1.0 - 0.9 * steps / 100
        steps = (steps + 1) % 100
        for p in model.parameters():
            p.data -= rate * p.grad
        return total.data  # type: ignore[no-any-return]

    return step


def engine(side: str) -> tuple[Any, Callable[[], Any]]:
    """Return the class of a value, and a function that makes the network."""
    n_in, *sizes = SIZES
    if side == "micrograd":
        from micrograd.engine import Value
        from micrograd.nn import MLP

        return Value, lambda: MLP(n_in, sizes)
    from pebblegrad import scalar

    class Neuron(scalar.Neuron):
        def forward(self, x: Any) -> scalar.Tensor:
            pairs = zip(self.weights, x, strict=True)
            total = sum((w * value for w, value in pairs), self.bias)
            return total.relu() if self.activation else total

    def mlp() -> scalar.MLP:
        model = scalar.MLP(n_in, sizes, ["relu"] * (len(sizes) - 1) + [None])
        if side == "engine":
            for layer in model.layers:
                for neuron in layer.neurons:
                    neuron.__class__ = Neuron
        return model

    return scalar.Tensor, mlp


def two_moons(draws: random.Random) -> tuple[list[list[float]], list[int]]:
    """Return points on two half circles that reach into each other, and -1 or 1."""
    points, classes = [], []
    for i in range(SAMPLES):
        angle = math.pi * draws.random()
        x, y = math.cos(angle), math.sin(angle)
        if i % 2:
            x, y = 1 - x, 0.5 - y
        points.append([x + draws.gauss(0, 0.1), y + draws.gauss(0, 0.1)])
        classes.append(1 if i % 2 else -1)
    return points, classes


if __name__ == "__main__":
    main()
