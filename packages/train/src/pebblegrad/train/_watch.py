"""The first steps, watched for what learners get wrong.

Each finding is one sentence with the name of the parameter or input, and is said once,
as a `TrainingWarning`. After 20 steps only the losses of the first epochs are looked
at, so a run pays next to nothing. What a single call shows, such as softmax before
cross-entropy, is found by `pebblegrad.nn.lint`; a forgotten `zero_grad` cannot happen
in `fit`, and in a loop of one's own the optimizers tell.
"""

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ._run import Run

STEPS = 20
EPOCHS = 3
SAMPLE = 1000  # elements of a parameter that are compared with what they were


class TrainingWarning(UserWarning):
    """Something runs, and is nearly always a mistake."""


class Watch:
    """Looks at the first steps of a run.

    Args:
        run: what is watched.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._names = dict(run.model.named_parameters())
        self._losses: list[float] = []
        self._norms: list[float] = []
        # Of each parameter: whether some step gave it a gradient, and one not of zeros.
        self._had: dict[str, bool] = dict.fromkeys(self._names, False)
        self._moved: dict[str, bool] = dict.fromkeys(self._names, False)
        self._before = {name: _sample(p.data) for name, p in self._names.items()}
        self._exploded = False
        self._closed = False
        # An optimizer that has made steps before may have nothing left to do.
        self._is_new = not run.optimizer.state_dict()["state"]

    def before_first_step(self) -> None:
        """Look at what is trained, and at the inputs of the first batch."""
        run = self._run
        trained = {
            id(p) for group in run.optimizer.param_groups for p in group["params"]
        }
        left_out = [name for name, p in self._names.items() if id(p) not in trained]
        if len(left_out) == len(self._names) > 0:
            _warn(
                "the optimizer trains none of the model's parameters; was the model "
                "made anew after the optimizer? Make the optimizer last"
            )
        elif left_out:
            _warn(
                f"the optimizer does not know {_listed(left_out)}: give it the model, "
                "or freeze them by requires_grad_(False)"
            )
        for i, x in enumerate(run.inputs):
            which = "the inputs" if len(run.inputs) == 1 else f"the inputs {i}"
            embeds = any("Embedding" in type(m).__name__ for m in run.model.modules())
            if x.size and (x.dtype.kind == "f" or (x.dtype == np.uint8 and not embeds)):
                _look_at_inputs(which, x)

    def after_forward(self, output: Any) -> None:
        """Look at labels that are classes."""
        run = self._run
        target = run.target
        if not self._losses and getattr(output, "dtype", None) == np.float64:
            wholes = [x.dtype for x in run.inputs if x.dtype.kind in "iu"]
            if wholes and all(p.dtype != np.float64 for p in self._names.values()):
                _warn(
                    f"the inputs are {wholes[0]}, and so the model computes in "
                    "float64, in twice the time: give them as float32"
                )
        if self._closed or getattr(output, "ndim", 0) < 2:
            return
        classes = output.shape[1]
        if target.dtype.kind not in "iu" or target.shape != (
            output.shape[:1] + output.shape[2:]
        ):
            return
        if classes > 1 and target.size and target.max() >= classes:
            self._closed = True
            _warn(
                f"a label is {target.max()}, and the model has outputs for "
                f"{classes} classes, 0 to {classes - 1}: is the first label 1, or the "
                "last layer too narrow?"
            )

    def after_backward(self) -> None:
        """Take note of loss and gradients."""
        if len(self._losses) >= STEPS:
            return
        self._losses.append(self._run.batch_loss)
        squares = 0.0
        for name, parameter in self._names.items():
            if parameter.grad is None:
                continue
            self._had[name] = True
            g = parameter.grad.data
            largest = float(np.abs(g).max()) if g.size else 0.0
            self._moved[name] |= largest > 0 or not g.size
            squares += float(np.square(g, dtype=np.float64).sum())
        self._norms.append(squares**0.5)
        usual = max(self._norms[:2])
        if not self._exploded and len(self._norms) > 2:
            if self._norms[-1] > 1e3 * usual > 0:
                self._exploded = True
                _warn(
                    f"the norm of all gradients rose from {usual:.3g} to "
                    f"{self._norms[-1]:.3g} within {len(self._norms)} steps: a smaller "
                    "learning rate, or ClipGradients, keeps it down"
                )

    def after_step(self) -> None:
        """Say what the first steps have in common, when there were enough of them."""
        if len(self._losses) == STEPS and self._run.step == STEPS:
            self._look_back()

    def after_epoch(self) -> None:
        """Look at the losses of the first epochs."""
        losses = self._run.history["loss"]
        if len(losses) != EPOCHS or self._run.step < STEPS:
            return
        if losses[-1] < 0 and losses[-1] < -10 * abs(losses[0]):
            _warn(
                f"the loss falls without end, from {losses[0]:.3g} to {losses[-1]:.3g} "
                f"in {EPOCHS} epochs: has it the wrong sign?"
            )
        if not self._is_new:
            return
        # Less than a thousandth: noise falls and rises by more than that.
        if min(losses[1:]) > losses[0] - 1e-3 * abs(losses[0]):
            shown = ", ".join(f"{loss:.5g}" for loss in losses)
            _warn(
                f"the loss has not fallen in {EPOCHS} epochs ({shown}): try another "
                "learning rate, ten times smaller or larger, and see that inputs and "
                "targets belong together"
            )

    def _look_back(self) -> None:
        never = [name for name, had in self._had.items() if not had]
        if never:
            _warn(
                f"{_listed(never)} had no gradient in {STEPS} steps: it takes no part "
                "in the loss, or the graph is cut before it (by .data, numpy() or "
                "detach())"
            )
        zero = [n for n, moved in self._moved.items() if self._had[n] and not moved]
        if zero:
            _warn(
                f"the gradients of {_listed(zero)} were all zero in {STEPS} steps: "
                "what comes after gives nothing back (a ReLU that is never positive, "
                "weights that are all zero, an output that the loss does not depend on)"
            )
        still = [
            name
            for name, parameter in self._names.items()
            if self._moved[name]
            and parameter.size
            and np.array_equal(_sample(parameter.data), self._before[name])
        ]
        if still and len(still) == sum(self._moved.values()):
            rates = {group["lr"] for group in self._run.optimizer.param_groups}
            _warn(
                f"no parameter has changed in {STEPS} steps, though there were "
                f"gradients; the learning rate is {', '.join(map(str, sorted(rates)))}"
            )
        first, peak = self._losses[0], max(self._losses)
        if peak > 100 * max(self._losses[:2]) > 0 or (
            peak > 20 * first > 0 and self._losses[-1] > 10 * first
        ):
            _warn(
                f"the loss rose from {first:.3g} to {peak:.3g} within {STEPS} steps: "
                "the learning rate is too large"
            )


def _look_at_inputs(which: str, x: Any) -> None:
    """Look at the numbers of a batch."""
    if np.isnan(x).any():
        return  # the step will be refused, with more to say
    largest, spread = float(np.abs(x).max()), float(x.std(dtype=np.float64))
    if x.min() >= 0 and 100 < largest <= 255 and np.array_equal(x, np.round(x)):
        _warn(
            f"{which} are whole numbers from {x.min():g} to {x.max():g}, as pixels "
            "are: divide them by 255"
        )
    elif largest > 1000 or spread > 50:
        _warn(
            f"{which} are not scaled: they lie between {x.min():g} and {x.max():g}; "
            "subtract their mean and divide by their standard deviation"
        )
    elif len(x) > 1 and x.size > len(x) and spread == 0:
        _warn(f"{which} of the first batch are all {x.flat[0]:g}: nothing can be told")


def _sample(array: Any) -> Any:
    """Return a copy of the first elements of an array."""
    return array.ravel()[:SAMPLE].copy()


def _listed(names: list[str]) -> str:
    """Return the names as words, not more than five."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _warn(message: str) -> None:
    """Warn at the line outside of this package that called `fit`."""
    here, level = str(Path(__file__).parent), 2
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(here):
        frame, level = frame.f_back, level + 1
    warnings.warn(f"fit: {message}; lint=False silences this", TrainingWarning, level)
