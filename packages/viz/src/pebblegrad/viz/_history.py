"""Curves of a training run: losses, accuracies, rates.

A curve is drawn as it is, gaps included: a value that is not finite breaks the line and
leaves a cross at the foot of the picture, for a loss that became NaN is the one thing
that its curve must not hide. Reading and smoothing the values is in `_curves.py`.
"""

import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._colors import CURVES, FAINT, INK, SOFT_INK
from pebblegrad.viz._curves import (
    WHO,
    Curve,
    choose_right,
    drawable,
    one_line,
    read_curves,
    read_right,
    read_smoothing,
    smooth,
)
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (5, 1.5, 1.2, 1.5)))
WIDTH, HEIGHT = 6.8, 4.0  # inches, without the legend
FEW = 25  # so few points are shown as points, too
MANY = 20_000  # from here on a curve is a bitmap in SVG and PDF files


def plot_training_history(
    losses: object,
    title: str | None = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    xlabel: str = "step",
    ylabel: str | None = None,
    smoothing: float = 0.0,
    log: bool = False,
    right: Sequence[str] | None = None,
) -> "Figure":
    """Draw one or several curves of a training run.

    Values that are NaN or infinite (on a logarithmic axis also those that are not
    positive) leave a gap and a cross at the foot; the legend counts them. Text is shown
    literally, ``$`` included.

    Args:
        losses: the values of one curve, or ``{name: values}``. The values are a list or
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
        log: whether the left axis is logarithmic.
        right: names of the curves that belong to a second axis, on the right. None
            decides: names that speak of accuracy, precision, recall, F1 or AUC go to
            the right of others, else those which are 30 times smaller or larger.

    Returns:
        The figure. The curves are in ``figure.axes[0]``, those of the right axis in
        ``figure.axes[1]``. pyplot does not know it; ``figure.savefig`` does what it
        always does.

    Raises:
        TypeError: if `losses` holds anything but numbers, or another argument is not of
            its kind.
        ValueError: if a curve is empty, its steps do not fit, `smoothing` is outside
            [0, 1), `right` names no curve, or the file's ending is not one of the
            three.
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
    curves = read_curves(losses)
    smoothing = read_smoothing(smoothing)
    on_right = choose_right(curves, log) if right is None else read_right(curves, right)

    from pebblegrad.viz._paper import (
        PLAIN,
        POINTS_PER_INCH,
        SMALL_TITLE_SIZE,
        TITLE_SIZE,
        figure_of,
        finish,
        new_figure,
        wrapped,
    )

    if ax is None:
        figure = new_figure(WIDTH, HEIGHT, constrained=True)
        ax, own = figure.add_subplot(facecolor="white"), True
    else:
        figure, own = figure_of(ax), False
    twin = ax.twinx() if on_right else None
    if log:
        ax.set_yscale("log", nonpositive="mask")
    entries: list[tuple[Line2D, str]] = []
    for place, curve in enumerate(curves):
        is_right = curve.name in on_right
        line, note = _draw(
            twin if is_right and twin is not None else ax,
            curve,
            smoothing,
            log=log and not is_right,
            color=CURVES[place % len(CURVES)],
            dashes=DASHES[(place // len(CURVES) + is_right) % len(DASHES)],
        )
        entries.append((line, curve.name + (" (right axis)" * is_right) + note))

    named = isinstance(losses, Mapping)
    left_names = [c.name for c in curves if c.name not in on_right]
    _dress(ax, twin, whole_steps=all((c.x == np.rint(c.x)).all() for c in curves))
    ax.set_xlabel(one_line(xlabel), color=INK, **PLAIN)
    if ylabel is None:
        ylabel = _axis_name(left_names)
    ax.set_ylabel(one_line(ylabel), color=INK, **PLAIN)
    if twin is not None:
        right_names = [c.name for c in curves if c.name in on_right]
        twin.set_ylabel(_axis_name(right_names), color=INK, **PLAIN)
    top = 6.0
    if named or entries[0][1] != curves[0].name or smoothing:
        if smoothing:
            (before,) = ax.plot([], [], color=SOFT_INK, alpha=0.4, linewidth=1.0)
            entries.append((before, f"faint: before smoothing by {smoothing:g}"))
        top += _legend_above(ax, entries)
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
            color=INK,
            pad=top + 3,
            **PLAIN,
        )
    return finish(figure, target)


def _draw(
    ax: "Axes", curve: Curve, smoothing: float, *, log: bool, color: str, dashes: Any
) -> tuple["Line2D", str]:
    """Draw a curve; return its line and what the legend has to add."""
    x, shown = curve.x, drawable(curve.y, log=log)
    y = np.where(shown, curve.y, np.nan)
    style: dict[str, Any] = {"color": color, "rasterized": len(y) > MANY}
    width = 1.8 if len(y) <= 2_000 else 1.0
    # A value between two gaps has no line to show it.
    before, after = np.r_[False, shown[:-1]], np.r_[shown[1:], False]
    alone = shown & ~before & ~after
    dots = np.arange(len(y)) if len(y) <= FEW else np.flatnonzero(alone)
    if smoothing:
        raw_style = style | {"alpha": 0.28, "linewidth": 1.0, "zorder": 1.5}
        ax.plot(x, y, marker=".", markevery=dots.tolist(), **raw_style)
        style["zorder"] = 2.5
        y = smooth(y, smoothing)
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


def _dress(ax: "Axes", twin: "Axes | None", *, whole_steps: bool) -> None:
    """Give the axes their frame, ticks and grid."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.grid(True, color=FAINT, linewidth=0.7)
    ax.set_axisbelow(True)
    for axes in (ax, twin) if twin is not None else (ax,):
        axes.spines[:].set_color(SOFT_INK)
        axes.spines["top"].set_visible(False)
        axes.spines["right"].set_visible(axes is twin)
        axes.tick_params(which="both", colors=SOFT_INK, labelcolor=INK)
    if whole_steps:
        ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))


def _axis_name(names: list[str]) -> str:
    """Return the curves' names, if they fit beside an axis; else the legend must do."""
    name = ", ".join(names)
    return name if len(name) <= 44 else ""


def _legend_above(ax: "Axes", entries: list[tuple["Line2D", str]]) -> float:
    """Put a legend over the axes, in rows that fit; return its height in points."""
    from pebblegrad.viz._paper import POINTS_PER_INCH, figure_of, text_width

    size, handle, gap = 9.0, 2.4, 1.6  # the last two in units of the first
    figure = figure_of(ax)
    room = ax.get_window_extent().width / figure.dpi * POINTS_PER_INCH
    names = [one_line(name, 72) for _, name in entries]
    widest = max(text_width(name, size) for name in names) + (handle + 0.6 + gap) * size
    columns = max(1, min(len(names), int((room + gap * size) // widest)))
    legend = ax.legend(
        [line for line, _ in entries],
        # Stand-ins: matplotlib leaves out a name that begins with an underscore.
        [f"curve {i}" for i in range(len(names))],
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=size,
        labelcolor=INK,
        handlelength=handle,
        handletextpad=0.6,
        columnspacing=gap,
        borderaxespad=0.3,
        borderpad=0.2,
        labelspacing=0.35,
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_usetex(False)
        text.set_text(name)
    rows = math.ceil(len(names) / columns)
    return rows * size * 1.35 + 3
