"""What pictures in axes share: how they begin, their frames, titles, legends, panels.

A picture of one part draws into the axes that it is given or into a figure of its own.
A picture of several parts divides such a place into panels. Text is literal, as
everywhere here.

This module imports matplotlib: it is itself imported by the first picture only.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pebblegrad.viz._colors import FAINT, INK, SOFT_INK
from pebblegrad.viz._paper import (
    PLAIN,
    POINTS_PER_INCH,
    SMALL_TITLE_SIZE,
    TITLE_SIZE,
    figure_of,
    ink,
    is_dark,
    new_figure,
    text_width,
    wrapped,
)
from pebblegrad.viz._printable import printable

SEQUENTIAL = "Blues"  # from nothing to much
DIVERGING = "RdBu_r"  # blue below zero, red above it
LABEL_SIZE, TICK_SIZE = 9.5, 8.5


def open_axes(ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure and the axes to draw into: those given, or new ones.

    Args:
        ax: the user's, or None.
        width: inches, of a new figure.
        height: inches, of a new figure.
    """
    if ax is not None:
        if is_dark(ax):
            ax.set_facecolor("white")
        return figure_of(ax), ax
    figure = new_figure(width, height, constrained=True)
    return figure, figure.add_subplot(facecolor="white")


def open_panels(
    ax: Axes | None, count: int, columns: int, width: float, height: float
) -> tuple[Figure, list[Axes]]:
    """Return a figure and `count` axes, in rows.

    Args:
        ax: the user's, which is divided; or None for a figure of its own.
        count: how many panels.
        columns: how many stand side by side, at most.
        width: inches, of one panel in a new figure.
        height: inches, of one panel in a new figure.
    """
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    places = itertools.islice(itertools.product(range(rows), range(columns)), count)
    if ax is None:
        figure = new_figure(width * columns, height * rows, constrained=True)
        grid = figure.add_gridspec(rows, columns)
        return figure, [
            figure.add_subplot(grid[row, column], facecolor="white")
            for row, column in places
        ]
    ax.set_axis_off()
    # Insets, for the axes of a subfigure or without a grid can be divided, too. Of
    # each cell a part is left free for the texts around a panel.
    free_x, free_y = (0.24, 0.5) if count > 1 else (0.0, 0.0)
    ground: dict[str, Any] = {"facecolor": "white"} if is_dark(ax) else {}
    return figure_of(ax), [
        ax.inset_axes(
            (
                (column + free_x / 2) / columns,
                1 - (row + 1 - free_y / 2) / rows,
                (1 - free_x) / columns,
                (1 - free_y) / rows,
            ),
            **ground,
        )
        for row, column in places
    ]


def put_title(figure: Figure, ax: Axes | None, title: str, above: float = 0.0) -> None:
    """Put a title over the whole picture.

    Args:
        figure: of the picture.
        ax: the user's axes, whose title it becomes; None if the figure is ours.
        title: an empty one is none.
        above: points between the axes and the title, where a legend stands.
    """
    if not title:
        return
    color = INK if ax is None else ink(ax)
    style: dict[str, Any] = {"fontweight": "bold", "color": color, **PLAIN}
    if ax is None:
        inches = figure.get_figwidth()
        room = inches * POINTS_PER_INCH - 24
        text = wrapped(title, room, TITLE_SIZE)
        figure.suptitle(text, x=0.12 / inches, ha="left", fontsize=TITLE_SIZE, **style)
        # The figure grows: its axes keep their room under long titles and legends.
        more = TITLE_SIZE * 1.25 * text.count("\n") + max(0.0, above - 24)
        figure.set_figheight(figure.get_figheight() + more / POINTS_PER_INCH)
        return
    room = ax.get_window_extent().width / figure.dpi * POINTS_PER_INCH
    text = wrapped(title, room, SMALL_TITLE_SIZE)
    ax.set_title(text, loc="left", fontsize=SMALL_TITLE_SIZE, pad=above + 6, **style)


def put_labels(ax: Axes, x: str, y: str) -> None:
    """Write what stands on the two axes."""
    ax.set_xlabel(printable(x), color=ink(ax), fontsize=LABEL_SIZE, **PLAIN)
    ax.set_ylabel(printable(y), color=ink(ax), fontsize=LABEL_SIZE, **PLAIN)


def dress(ax: Axes, *, grid: bool = True) -> None:
    """Give axes their frame, ticks and grid."""
    if grid:
        ax.grid(True, color=FAINT, linewidth=0.7)
        ax.set_axisbelow(True)
    ax.spines[:].set_color(SOFT_INK)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(
        which="both",
        colors=ink(ax, SOFT_INK),
        labelcolor=ink(ax),
        labelsize=TICK_SIZE,
        width=0.8,
    )


def dress_image(ax: Axes) -> None:
    """Give axes that hold an image their ticks."""
    ax.spines[:].set_color(ink(ax, SOFT_INK))
    ax.tick_params(
        which="both",
        colors=ink(ax, SOFT_INK),
        labelcolor=ink(ax),
        labelsize=TICK_SIZE,
    )


def legend_above(ax: Axes, handles: Sequence[Artist], names: Sequence[str]) -> float:
    """Put a legend over the axes, in rows that fit; return its height in points."""
    size, handle, gap = 9.0, 2.4, 1.6  # the last two in units of the first
    figure = figure_of(ax)
    room = ax.get_window_extent().width / figure.dpi * POINTS_PER_INCH
    widest = max(text_width(name, size) for name in names) + (handle + 0.6 + gap) * size
    columns = max(1, min(len(names), int((room + gap * size) // widest)))
    legend = ax.legend(
        handles,
        # Stand-ins: matplotlib leaves out a name that begins with an underscore.
        [f"entry {i}" for i in range(len(names))],
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=size,
        labelcolor=ink(ax),
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
        text.set_text(printable(name))
    rows = math.ceil(len(names) / columns)
    return rows * size * 1.35 + 3


def color_bar(
    figure: Figure,
    drawn: Any,
    axes: Axes | list[Axes],
    label: str,
    *,
    whole: bool = False,
) -> None:
    """Put the scale of an image's colours beside it, with `whole` of whole numbers."""
    bar = figure.colorbar(drawn, ax=axes, shrink=0.9, aspect=25, pad=0.02)
    bar.outline.set_edgecolor(SOFT_INK)
    bar.ax.tick_params(colors=SOFT_INK, labelcolor=INK, labelsize=TICK_SIZE)
    if whole:
        bar.locator = MaxNLocator(6, integer=True)
        bar.update_ticks()
    bar.set_label(label, color=INK, fontsize=LABEL_SIZE, **PLAIN)


def fitting(ax: Axes, size: float, *texts: str) -> str:
    """Return the first of some texts that is no wider than the axes; else the last."""
    room = ax.get_window_extent().width / figure_of(ax).dpi * POINTS_PER_INCH
    return next((t for t in texts if text_width(t, size) <= room), texts[-1])


def tick_names(ax: Axes, which: str, names: Sequence[str], room: float) -> None:
    """Write names at 0, 1, 2, … of one axis, as many as there is room for.

    Args:
        ax: the axes.
        which: "x" or "y".
        names: one for each place; what is long is shortened.
        room: points that the axis is long.
    """
    each = room / len(names)
    skip = max(1, math.ceil((TICK_SIZE + 1) / each))
    places = list(range(0, len(names), skip))
    short = [names[i] if len(names[i]) <= 18 else names[i][:17] + "…" for i in places]
    if which == "y":
        ax.set_yticks(places, short, **PLAIN)
        return
    widest = max((text_width(name, TICK_SIZE) for name in short), default=0.0)
    if widest + 4 <= each * skip:
        ax.set_xticks(places, short, **PLAIN)
    else:
        turned: dict[str, Any] = {"rotation": 90, "va": "top"}
        if each * skip >= 22:
            turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
        ax.set_xticks(places, short, **turned, **PLAIN)
