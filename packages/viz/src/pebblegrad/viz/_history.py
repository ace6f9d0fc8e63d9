"""Curves of a training run: losses, accuracies, rates.

A curve is drawn as it is, gaps included: a value that is not finite breaks the line and
leaves a cross at the foot of the picture, for a loss that became NaN is the one thing
that its curve must not hide. Reading and smoothing the values is in `_curves.py`.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._colors import CURVES, FAINT, SOFT_INK
from pebblegrad.viz._curves import (
    RATE,
    WHO,
    Curve,
    Floats,
    choose_right,
    drawable,
    read_curves,
    read_right,
    read_smoothing,
    read_window,
    roll,
    smooth,
)
from pebblegrad.viz._options import check_text, read_flag
from pebblegrad.viz._printable import LONGEST_NAME, printable
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_slip, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (5, 1.5, 1.2, 1.5)))
WIDTH, HEIGHT = 6.8, 4.0  # inches, without the legend
FEW = 25  # so few points are shown as points, too
OUTWARD = 58.0  # points, from the right axis to the one further out
MANY = 20_000  # from here on a curve is a bitmap in SVG and PDF files


@with_own_settings
def plot_training_history(
    losses: object,
    title: str | None = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    xlabel: str = "step",
    ylabel: str | None = None,
    smoothing: float = 0.0,
    window: int | None = None,
    log: bool = False,
    right: Sequence[str] | None = None,
) -> "Figure":
    """Draw one or several curves of a training run.

    Values that are NaN or infinite (on a logarithmic axis also those that are not
    positive) leave a gap and a cross at the foot; the legend counts them. Text is shown
    literally, ``$`` included.

    Args:
        losses: the values of one curve, or ``{name: values}``, such as the History of
            `pebblegrad.train`. The values are a list or
            array of numbers, or a pair ``(steps, values)`` of two of equal length;
            without steps they are counted from 0. One-element Tensors count as numbers.
        title: above the picture; None means "Training history", an empty string none.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure. Title and legend
            stand above it; ``Figure(layout="constrained")`` makes room for them.
            Nothing is written unless `filename` is given, which then holds the whole
            figure.
        xlabel: what a step is, such as "epoch".
        ylabel: of the left axis; None takes it from the curves' names.
        smoothing: 0 to less than 1: weight of the past in the moving average. Above 0
            the raw curves are shown faintly behind it.
        window: instead of `smoothing`, the mean of the last so many values, of fewer at
            the start: pandas' ``rolling(window, min_periods=1).mean()``.
        log: whether the left axis is logarithmic.
        right: names of the curves that belong to a second axis, on the right. None
            decides: names that speak of accuracy, precision, recall, F1 or AUC go to
            the right of others, else those which are 30 times smaller or larger. A
            learning rate ("lr") goes to the right of others, too; if there is something
            else already, to a third axis further out.

    Returns:
        The figure. The curves are in ``figure.axes[0]``, those of the right axis in
        ``figure.axes[1]``, those of the outer one in ``figure.axes[2]``. pyplot does
        not know it; ``figure.savefig`` does what it always does.

    Raises:
        TypeError: if `losses` holds anything but numbers, or another argument is not of
            its kind.
        ValueError: if a curve is empty, its steps do not fit, `smoothing` is outside
            [0, 1), `window` is below 1 or given together with `smoothing`, `right`
            names no curve, or the file's ending is not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_training_history([0.9, 0.5, 0.3], xlabel="epoch")
        >>> [float(y) for y in figure.axes[0].lines[0].get_ydata()]
        [0.9, 0.5, 0.3]
        >>> curves = {"loss": [2.3, 0.4], "test accuracy": [0.11, 0.93]}
        >>> figure = plot_training_history(curves, "MNIST", smoothing=0.5)
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['loss', 'test accuracy']
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    check_slip(title, filename, WHO)
    check_text(xlabel, WHO, "xlabel")
    if ylabel is not None:
        check_text(ylabel, WHO, "ylabel")
    log = read_flag(log, WHO, "log")
    curves = read_curves(losses)
    smoothing = read_smoothing(smoothing)
    window = read_window(window, smoothing)
    average, how = None, ""
    if smoothing:
        average, how = partial(smooth, beta=smoothing), f"smoothing by {smoothing:g}"
    elif window is not None and window > 1:
        average, how = partial(roll, window=window), f"the mean of {window:,} values"
    if right is None:
        on_right, on_outer = choose_right(curves, log)
    else:
        on_right, on_outer = read_right(curves, right), set()

    from pebblegrad.viz._axes import legend_above
    from pebblegrad.viz._paper import (
        PLAIN,
        POINTS_PER_INCH,
        SMALL_TITLE_SIZE,
        TITLE_SIZE,
        figure_of,
        finish,
        ink,
        new_figure,
        wrapped,
    )

    if ax is None:
        figure = new_figure(WIDTH, HEIGHT, constrained=True)
        ax, own = figure.add_subplot(facecolor="white"), True
    else:
        figure, own = figure_of(ax), False
    # Left, right, and further out; each with the end of its curves' names.
    sides: list[tuple[Axes | None, set[str], str]] = [
        (ax, {c.name for c in curves} - on_right - on_outer, ""),
        (ax.twinx() if on_right else None, on_right, " (right axis)"),
        (ax.twinx() if on_outer else None, on_outer, " (outer axis)"),
    ]
    if log:
        ax.set_yscale("log", nonpositive="mask")
    entries: list[tuple[Line2D, str]] = []
    for place, curve in enumerate(curves):
        side = next(i for i in (0, 1, 2) if curve.name in sides[i][1])
        axes, _, where = sides[side]
        line, note = _draw(
            axes or ax,
            curve,
            average,
            log=log and not side,
            color=CURVES[place % len(CURVES)],
            dashes=DASHES[(place // len(CURVES) + side) % len(DASHES)],
        )
        entries.append((line, curve.name + where + note))

    named = isinstance(losses, Mapping)
    for side, (axes, names, _) in enumerate(sides):
        if axes is None:
            continue
        _dress(axes, side)
        name = _axis_name([c.name for c in curves if c.name in names])
        if not side and ylabel is not None:
            name = ylabel
        axes.set_ylabel(printable(str(name), LONGEST_NAME), color=ink(ax), **PLAIN)
    _count_steps(ax, whole=all((c.x == np.rint(c.x)).all() for c in curves))
    ax.set_xlabel(printable(xlabel, LONGEST_NAME), color=ink(ax), **PLAIN)
    top = 6.0
    if named or entries[0][1] != curves[0].name or average:
        if average:
            (before,) = ax.plot([], [], color=SOFT_INK, alpha=0.4, linewidth=1.0)
            entries.append((before, f"faint: before {how}"))
        names_shown = [printable(str(name), 72) for _, name in entries]
        top += legend_above(ax, [line for line, _ in entries], names_shown)
        if own:
            figure.set_size_inches(WIDTH, HEIGHT + top / POINTS_PER_INCH)
    if title is None:
        title = "Training history"
    if title:
        size = TITLE_SIZE if own else SMALL_TITLE_SIZE
        room = ax.get_window_extent().width / figure.dpi * POINTS_PER_INCH
        ax.set_title(
            wrapped(title, room, size),
            loc="left",
            fontsize=size,
            fontweight="bold",
            color=ink(ax),
            pad=top + 3,
            **PLAIN,
        )
    return finish(figure, target)


def _draw(
    ax: "Axes",
    curve: Curve,
    average: Callable[[Floats], Floats] | None,
    *,
    log: bool,
    color: str,
    dashes: Any,
) -> tuple["Line2D", str]:
    """Draw a curve; return its line and what the legend has to add."""
    x, shown = curve.x, drawable(curve.y, log=log)
    y = np.where(shown, curve.y, np.nan)
    style: dict[str, Any] = {"color": color, "rasterized": len(y) > MANY}
    if RATE.search(curve.name):  # a rate holds until it is changed
        style["drawstyle"] = "steps-post"
    width = 1.8 if len(y) <= 2_000 else 1.0
    # A value between two gaps has no line to show it.
    before, after = np.r_[False, shown[:-1]], np.r_[shown[1:], False]
    alone = shown & ~before & ~after
    dots = np.arange(len(y)) if len(y) <= FEW else np.flatnonzero(alone)
    if average is not None:
        raw_style = style | {"alpha": 0.28, "linewidth": 1.0, "zorder": 1.5}
        ax.plot(x, y, marker=".", markevery=dots.tolist(), **raw_style)
        style["zorder"] = 2.5
        y = average(y)
        dots = np.flatnonzero(alone)
    (line,) = ax.plot(
        x,
        y,
        linestyle=dashes,
        linewidth=width,
        marker="o" if len(dots) else "",
        markersize=3.5,
        markevery=dots.tolist(),
        **style,
    )
    missing = int(len(y) - shown.sum())
    if not missing:
        return line, ""
    ax.plot(
        x[~shown],
        np.full(missing, 0.025),
        linestyle="none",
        marker="x",
        markersize=5,
        transform=ax.get_xaxis_transform(),
        **style,
    )
    what = "not finite" if np.isfinite(curve.y).sum() == shown.sum() else "off the axis"
    if log and what == "off the axis":
        what = "not finite or not positive"
    return line, f" (×: {missing:,} of {len(y):,} {what})"


def _dress(ax: "Axes", side: int) -> None:
    """Give axes their frame, ticks and grid: 0 for left, 1 for right, 2 further out."""
    from pebblegrad.viz._paper import ink, is_dark

    if side == 0 and is_dark(ax):
        ax.set_facecolor("white")
    ax.spines[:].set_color(ink(ax, SOFT_INK))
    ax.spines["top"].set_visible(False)
    ax.spines["right"].set_visible(side > 0)
    ax.tick_params(which="both", colors=ink(ax, SOFT_INK), labelcolor=ink(ax))
    if side == 0:
        ax.grid(True, color=FAINT, linewidth=0.7)
        ax.set_axisbelow(True)
    if side == 2:
        ax.spines["right"].set_position(("outward", OUTWARD))


def _count_steps(ax: "Axes", *, whole: bool) -> None:
    """Let the ticks stand at whole steps, if all steps are whole."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if whole:
        ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))


def _axis_name(names: list[str]) -> str:
    """Return the curves' names, if they fit beside an axis; else the legend must do."""
    name = ", ".join(names)
    return name if len(name) <= 44 else ""
