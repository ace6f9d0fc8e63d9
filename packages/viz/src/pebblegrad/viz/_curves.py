"""What is read from the argument `losses`: curves, their smoothing, their axes.

Everything is checked here, before anything is drawn. Smoothing is the exponential
moving average that Adam uses for its moments, corrected for its start (Kingma and Ba
2015, section 3):

    s[t] = beta * s[t-1] + (1 - beta) * x[t],    shown: s[t] / (1 - beta ** (t + 1))

or the mean of the last so many values, as pandas has it in `rolling(window).mean()`.
"""

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pebblegrad.viz._arrays import read_whole
from pebblegrad.viz._printable import LONGEST_NAME, printable

WHO = "plot_training_history"
LARGEST = 1e100  # matplotlib's sums of larger numbers overflow
APART = 30.0  # scales that differ by this factor do not share an axis
RATE = re.compile(r"(?<![a-z])(lr|learning[ _-]?rate)(?![a-z])", re.I)
SHARE = re.compile(r"accuracy|precision|recall|(?<![a-z])(acc|f1|auc)(?![a-z])", re.I)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One curve, as given.

    Attributes:
        name: as in the legend.
        x: (N,), finite.
        y: (N,), with whatever was given in it.
    """

    name: str
    x: Floats
    y: Floats


def read_curves(losses: object) -> list[Curve]:
    """Read the argument `losses`; the errors are those of `plot_training_history`."""
    if not isinstance(losses, Mapping):
        return [_read_curve("loss", losses, "losses")]
    if not losses:
        raise ValueError(
            f"{WHO}: losses is an empty dict; at least one curve was needed, such as "
            "{'loss': [0.9, 0.5, 0.3]}"
        )
    curves = []
    for name, values in losses.items():
        if not isinstance(name, str):
            raise TypeError(
                f"{WHO}: losses has the key {name!r} of type {type(name).__name__}; "
                "the name of a curve was needed"
            )
        curves.append(_read_curve(name, values, f"losses[{name!r}]"))
    return curves


def smooth(y: Floats, beta: float) -> Floats:
    """Return the moving average of `y`, corrected for its start.

    Args:
        y: (N,). Where it is not finite the average is NaN and goes on afterwards as if
            that value had not been there.
        beta: 0 to less than 1, weight of the past.

    Example:
        >>> smooth(np.array([1.0, 3.0, np.nan, 3.0]), 0.5).round(3).tolist()
        [1.0, 2.333, nan, 2.714]
    """
    out = np.full(len(y), np.nan)
    average, weight = 0.0, 0.0
    for t, value in enumerate(y.tolist()):
        if math.isfinite(value):
            average = beta * average + (1 - beta) * value
            weight = beta * weight + (1 - beta)  # 1 - beta ** (t + 1) without gaps
            out[t] = average / weight
    return out


def roll(y: Floats, window: int) -> Floats:
    """Return the mean of the last `window` values, of fewer at the start.

    That is ``pandas.Series(y).rolling(window, min_periods=1).mean()``, but NaN where a
    value is not finite: there is a gap in the curve.

    Args:
        y: (N,). What is not finite does not count.
        window: at least 1.

    Example:
        >>> roll(np.array([1.0, 3.0, np.nan, 5.0]), 2).tolist()
        [1.0, 2.0, nan, 5.0]
    """
    window = min(window, len(y))
    known = np.isfinite(y)
    # Sums of windows, not differences of running sums: after a large value those of
    # small ones would be lost to rounding.
    padded = np.concatenate([np.zeros(window - 1), np.where(known, y, 0.0)])
    counted = np.concatenate([np.zeros(window - 1), known])
    ones = np.ones(window)
    sums, counts = (
        np.convolve(padded, ones, "valid"),
        np.convolve(counted, ones, "valid"),
    )
    return np.where(known, sums / np.maximum(np.rint(counts), 1), np.nan)


def _read_curve(name: str, values: object, who: str) -> Curve:
    """Read one curve: values, or a pair of steps and values."""
    pair = isinstance(values, tuple) and len(values) == 2
    if isinstance(values, tuple) and pair and all(map(_is_many, values)):
        x, y = _numbers(values[0], f"{who}[0]"), _numbers(values[1], f"{who}[1]")
        if len(x) != len(y):
            raise ValueError(
                f"{WHO}: {who} has {len(x)} steps and {len(y)} values; as many of one "
                "as of the other were needed"
            )
        if not np.isfinite(x).all():
            raise ValueError(f"{WHO}: {who} has a step that is not a finite number")
    else:
        y = _numbers(values, who)
        x = np.arange(len(y), dtype=np.float64)
    if not len(y):
        raise ValueError(
            f"{WHO}: {who} is empty; at least one value was needed; was the list "
            "filled with losses.append(loss.item())?"
        )
    return Curve(printable(str(name), LONGEST_NAME), x, y)


def _is_many(value: object) -> bool:
    """Tell a sequence of numbers from a number."""
    return isinstance(value, Iterable) and getattr(value, "ndim", 1) > 0


def _numbers(values: Any, who: str) -> Floats:
    """Read a list of numbers as an array of shape (N,)."""
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | Mapping):
        raise TypeError(
            f"{WHO}: {who} is of type {type(values).__name__}; a list of numbers was "
            "needed, such as [0.9, 0.5, 0.3]"
        )
    if hasattr(values, "detach"):  # a Tensor, ours or another's
        values = values.detach()
    if hasattr(values, "__array__"):
        array = np.asarray(values)
        if array.ndim != 1 or array.dtype.kind not in "biuf":
            raise TypeError(
                f"{WHO}: {who} is an array of shape {array.shape} and dtype "
                f"{array.dtype}; real numbers of shape (N,) were needed"
            )
        return array.astype(np.float64)
    listed = list(values)
    return np.array(
        [_number(v, f"{who}[{i}]") for i, v in enumerate(listed)], np.float64
    )


def _number(value: Any, who: str) -> float:
    """Read one number; a Tensor of one element counts."""
    if isinstance(value, int | float):
        return float(value)
    try:
        if hasattr(value, "item") and np.dtype(value.dtype).kind in "biuf":
            return float(value.item())
    except (TypeError, ValueError):
        pass
    shape = f" and shape {value.shape}" if hasattr(value, "shape") else ""
    raise TypeError(
        f"{WHO}: {who} is of type {type(value).__name__}{shape}; a number was needed, "
        "such as loss.item()"
    )


def read_smoothing(smoothing: object) -> float:
    number = isinstance(smoothing, int | float | np.integer | np.floating)
    if not number or isinstance(smoothing, bool):
        raise TypeError(
            f"{WHO}: smoothing is of type {type(smoothing).__name__}; a number from 0 "
            "to less than 1 was needed"
        )
    beta = float(cast("float", smoothing))
    if not 0 <= beta < 1:
        advice = ""
        if beta > 1 and beta == round(beta):
            advice = f"; for the mean of the last {beta:.0f} values say window="
        raise ValueError(
            f"{WHO}: smoothing is {smoothing}; a number from 0 (none) to less than 1 "
            f"was needed, such as 0.9{advice}"
        )
    return beta


def read_window(window: object, smoothing: float) -> int | None:
    if window is None:
        return None
    count = read_whole(window, WHO, "window", 1)
    if smoothing:
        raise ValueError(
            f"{WHO}: smoothing is {smoothing:g} and window is {count}; one of the two "
            "was needed, not both"
        )
    return count


def read_right(curves: list[Curve], right: Sequence[str]) -> set[str]:
    names = {curve.name for curve in curves}
    asked = [right] if isinstance(right, str) else right
    if not hasattr(asked, "__iter__"):
        raise TypeError(
            f"{WHO}: right is {right!r} of type {type(right).__name__}; a list of "
            f"names was needed, of the curves {sorted(names)}"
        )
    asked = list(asked)
    unknown = [name for name in asked if name not in names]
    if unknown:
        raise ValueError(
            f"{WHO}: right names {unknown}; the curves are called {sorted(names)}"
        )
    if set(asked) == names:
        raise ValueError(
            f"{WHO}: right names every curve; at least one must stay on the left"
        )
    return set(asked)


def choose_right(curves: list[Curve], log: bool) -> tuple[set[str], set[str]]:
    """Return the names of the curves that read better on an axis of their own.

    Returns:
        The names for the right axis, and those for one further out: learning rates,
        which share neither the losses' scale nor that of accuracies.
    """
    rates = {curve.name for curve in curves if RATE.search(curve.name)}
    others = [curve for curve in curves if curve.name not in rates]
    if not others:
        return set(), set()
    right = _apart(others, log)
    return (right, rates) if right else (rates, set())


def _apart(curves: list[Curve], log: bool) -> set[str]:
    """Return those that do not fit the scale of the first, or are shares beside it."""
    shares = {curve.name for curve in curves if SHARE.search(curve.name)}
    if shares:
        return shares if len(shares) < len(curves) else set()
    if log or len(curves) < 2:
        return set()
    sizes = {curve.name: _size(curve.y) for curve in curves}
    sized = {name: size for name, size in sizes.items() if size > 0}
    first = sized.get(curves[0].name)
    if first is None:
        return set()
    ordered = sorted(sized.values())
    factors = [high / low for low, high in itertools.pairwise(ordered)]
    if not factors or max(factors) < APART:
        return set()
    border = ordered[factors.index(max(factors))]
    return {name for name, size in sized.items() if (size > border) != (first > border)}


def _size(y: Floats) -> float:
    """Return how large the values are, typically; 0 if there are none."""
    shown = np.abs(y[drawable(y, log=False)])
    return float(np.median(shown)) if len(shown) else 0.0


def drawable(y: Floats, *, log: bool) -> NDArray[np.bool_]:
    """Tell which values have a place on the axis."""
    with np.errstate(invalid="ignore"):
        return (np.abs(y) <= LARGEST) & ((y > 1 / LARGEST) if log else True)
