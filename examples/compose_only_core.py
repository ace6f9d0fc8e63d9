"""Fit a curve with nothing installed but pebblegrad-autograd-core.

    pip install pebblegrad-autograd-core
    python examples/compose_only_core.py
    python examples/compose_only_core.py --noise 0.3 --seed 1

No layers, no optimizer, no plots: an application takes of pebblegrad what it needs, and
this one needs gradients. A pendulum that slows down was measured at sixty moments; what
are its amplitude, its damping, its period and its phase? The answer is searched by the
method of Levenberg and Marquardt, twenty lines around `jacobian`: near a guess the
curve is almost linear in the four numbers, for a linear curve the best answer is known,
and so the next guess is found. It also tells how sure the answer is.

Reference:
    Moré 1978, "The Levenberg-Marquardt algorithm: implementation and theory",
    https://doi.org/10.1007/BFb0067700
"""

import argparse
import math

import numpy as np

from pebblegrad.autograd import Tensor, default_dtype, jacobian, ops

NAMES = ["amplitude (cm)", "damping time (s)", "period (s)", "phase (rad)"]
TRUE = np.array([10.0, 8.0, 2.5, 0.4])
GUESS = np.array([7.0, 4.0, 2.8, 0.0])  # read off the points by eye


def position(p: Tensor, seconds: np.ndarray) -> Tensor:
    """Return where the pendulum is (N,), for the four numbers in `p`."""
    amplitude, damping, period, phase = p[0], p[1], p[2], p[3]
    swing = ops.cos(2 * math.pi * seconds / period + phase)
    return amplitude * ops.exp(-seconds / damping) * swing


def main() -> None:
    """Measure, fit, print."""
    parser = argparse.ArgumentParser(description="Fit the swing of a pendulum.")
    add = parser.add_argument
    add("--noise", type=float, default=0.6, help="of a point, in cm (default: 0.6)")
    add("--steps", type=int, default=30, help="at most (default: 30)")
    add("--seed", type=int, default=0, help="(default: 0)")
    options = parser.parse_args()

    seconds = np.linspace(0, 12, 60)
    with default_dtype("float64"):
        true = position(Tensor(TRUE), seconds).data
        noise = np.random.default_rng(options.seed).normal(0, options.noise, 60)
        measured = true + noise

        fitted, J = fit(seconds, measured, options.steps)
        curve = position(Tensor(fitted), seconds).data

    # What the noise of the points does to the answer (linearly).
    variance = np.sum((measured - curve) ** 2) / (len(measured) - len(fitted))
    sure = np.sqrt(np.diag(variance * np.linalg.inv(J.T @ J)))
    print()
    for name, guess, value, error, truth in zip(
        NAMES, GUESS, fitted, sure, TRUE, strict=True
    ):
        print(
            f"{name:>16}: guess {guess:5.2f}, fitted {value:6.3f} ± {error:.3f}, "
            f"true {truth:5.2f}"
        )
    print("\n" + chart(seconds, measured, curve))


def fit(
    seconds: np.ndarray, measured: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers for which the curve is nearest to the points, and J there.

    A step solves (JᵀJ + λ diag(JᵀJ)) step = Jᵀ miss. A small λ trusts that the curve is
    linear, a large one walks a short way downhill: it falls after a good step, and
    rises after one that would have made things worse, which is not taken.
    """

    def miss(p: Tensor) -> Tensor:  # (N,), how far each point is from the curve
        return measured - position(p, seconds)

    p, damping = GUESS.copy(), 1e-2
    error = np.sum(miss(Tensor(p)).data ** 2)
    print(f"guess:   sum of squares {error:9.3f}")
    for step in range(1, most + 1):
        J = -jacobian(miss)(Tensor(p)).data  # (N, 4), of the curve
        square = J.T @ J
        descent = J.T @ miss(Tensor(p)).data
        change = np.linalg.solve(square + damping * np.diag(np.diag(square)), descent)
        new_error = np.sum(miss(Tensor(p + change)).data ** 2)
        still = bool(np.all(abs(change) < 1e-6 * abs(p)))
        better = new_error < error
        print(
            f"step {step:2}: sum of squares {new_error:9.3f}, λ {damping:.0e}"
            + ("" if better else ", not taken")
        )
        damping = damping / 10 if better else damping * 10
        if better:
            p, error = p + change, new_error
        if still:
            break
    return p, -jacobian(miss)(Tensor(p)).data


def chart(seconds: np.ndarray, measured: np.ndarray, curve: np.ndarray) -> str:
    """Return a picture in letters: the points are o, the curve is *, both are @."""
    columns = np.arange(len(seconds))
    top = np.ceil(max(abs(measured).max(), abs(curve).max()))
    rows = np.linspace(top, -top, 21)
    paper = np.full((len(rows), len(columns)), " ")
    paper[len(rows) // 2] = "-"
    for values, mark in ((measured, "o"), (curve, "*")):
        at = np.rint((top - values) / (2 * top) * (len(rows) - 1)).astype(int)
        taken = paper[at, columns] == "o"
        paper[at, columns] = np.where(taken, "@", mark)
    lines = ["".join(line) for line in paper]
    text = [f"{row:6.1f} |{line}" for row, line in zip(rows, lines, strict=True)]
    foot = f"{'cm':>6} 0 s {f'{seconds[-1]:.0f} s':>{len(columns) - 3}}"
    return "\n".join(line.rstrip() for line in [*text, foot])


if __name__ == "__main__":
    main()
