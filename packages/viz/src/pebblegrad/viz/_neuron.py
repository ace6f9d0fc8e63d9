"""One neuron: what it makes of its input, with and without its activation.

A neuron with one input computes ``activation(weight * x + bias)``. The line inside is
drawn too: where it crosses zero is where the activation bends.
"""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import Floats, read_floats, read_number, shown
from pebblegrad.viz._colors import CURVES, SOFT_INK
from pebblegrad.viz._functions import read_function, values_of
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_neuron"
POINTS = 401  # odd: the middle of a range, mostly zero, is one of them
LARGEST = 1e100  # matplotlib's sums of larger numbers overflow


@with_own_settings
def plot_neuron(
    weight: Any,
    bias: Any = 0.0,
    x_range: Any = (-5.0, 5.0),
    activation: Any = "sigmoid",
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """Draw what a neuron with one input computes: ``activation(weight * x + bias)``.

    Args:
        weight: one number; a Tensor of one element counts.
        bias: one number.
        x_range: the lowest and the highest input; or the inputs themselves, (N,) with N
            above 2, in any order.
        activation: "linear", "log_sigmoid", "relu", "sigmoid", "softplus" or "tanh"; or
            a function or module that takes a Tensor; None is "linear".
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure.
        title: above the picture; None gives the formula, an empty string none.

    Returns:
        The figure. The first line of ``figure.axes[0]`` is what the neuron gives, the
        second ``weight * x + bias``, unless the activation is "linear".

    Raises:
        TypeError: if an argument is not of its kind.
        ValueError: if `weight` or `bias` is not one finite number, `x_range` not one of
            two different ends, the activation is not known or changes the shape, or the
            file's ending is not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_neuron(2.0, -1.0, (0.0, 1.0), "relu")
        >>> curve, line = figure.axes[0].lines[:2]
        >>> float(curve.get_ydata()[0]), float(line.get_ydata()[0])
        (0.0, -1.0)
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    w = read_number(weight, WHO, "weight")
    b = read_number(bias, WHO, "bias")
    x = _read_range(x_range)
    name, function = read_function(
        "linear" if activation is None else activation, WHO, "activation"
    )
    line = w * x + b
    out = line if name == "linear" else values_of(function, line, WHO, "activation")

    from pebblegrad.viz._axes import (
        dress,
        legend_above,
        open_axes,
        put_labels,
        put_title,
    )
    from pebblegrad.viz._paper import finish

    figure, own = open_axes(ax, 5.6, 3.8)
    dress(own)
    put_labels(own, "x", "output")
    inside = f"{shown(w)} · x {'−' if b < 0 else '+'} {shown(abs(b))}"
    curve = own.plot(x, _finite(out), color=CURVES[0], linewidth=2.2, zorder=3)
    handles, names = curve, [f"{name}({inside})" if name != "linear" else inside]
    if name != "linear":
        dashes: Any = (0, (5, 1.6))
        handles += own.plot(
            x, _finite(line), color=CURVES[1], linewidth=1.4, linestyle=dashes
        )
        names.append(f"without activation: {inside}")
    own.axhline(0, color=SOFT_INK, linewidth=0.8, zorder=1.2)
    bend = -b / w if w else np.inf
    if name != "linear" and x.min() < bend < x.max():
        own.axvline(bend, color=SOFT_INK, linewidth=0.8, linestyle=":", zorder=1.2)
        own.annotate(
            f"x = {shown(bend)}",
            (bend, 0.02),
            (4, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            color=SOFT_INK,
            fontsize=8.5,
        )
    # A steep line shall not press the neuron's own curve flat.
    _look_at(own, out, line)
    above = legend_above(own, handles, names)
    put_title(figure, ax, "One neuron" if title is None else title, above)
    return finish(figure, target)


def _read_range(x_range: Any) -> Floats:
    """Read two ends, or the inputs themselves."""
    needed = "the two ends of a range were needed, such as (-5, 5), or the inputs"
    x = read_floats(x_range, WHO, "x_range", needed)
    if x.ndim != 1 or x.size < 2:
        raise ValueError(f"{WHO}: x_range has shape {x.shape}; {needed}")
    if not np.isfinite(x).all():
        raise ValueError(f"{WHO}: x_range holds a value that is not finite; {needed}")
    if x.min() == x.max():
        raise ValueError(
            f"{WHO}: x_range begins and ends at {x[0]:g}; two different ends were "
            "needed, such as (-5, 5)"
        )
    return np.linspace(x.min(), x.max(), POINTS) if x.size == 2 else np.sort(x)


def _finite(y: Floats) -> Floats:
    """Return `y` with gaps where it has no place on the axis."""
    return np.where(np.abs(y) <= LARGEST, y, np.nan)


def _look_at(ax: "Axes", out: Floats, line: Floats) -> None:
    """Choose the part of the vertical axis that shows the curve well."""
    drawn, whole = (y[np.abs(y) <= LARGEST] for y in (out, line))
    if out is line or not drawn.size or not whole.size:
        return
    low, high = min(0.0, drawn.min()), max(0.0, drawn.max())
    room = max(high - low, 1e-12)
    low = max(low - room, min(low, whole.min()))
    high = min(high + room, max(high, whole.max()))
    if low < high:
        ax.set_ylim(low - 0.06 * (high - low), high + 0.06 * (high - low))
