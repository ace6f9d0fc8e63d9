"""The ratios of a run as bars, on one page that a README can hold.

A bar begins at 1, our time, and ends at the ratio: to the right where the other takes
longer, to the left where we do. The axis is logarithmic, so that twice and half as long
are bars of one length. Beside each bar stand its number and framework: colors help to
follow one framework down the page, and nothing depends on telling them apart.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).resolve().parent)]  # python -I leaves it out

from rounds import number, ratio, title  # noqa: E402
from workloads import OURS  # noqa: E402

if TYPE_CHECKING:
    from report import Report

# The colors of Okabe and Ito (2008, "Color Universal Design"), and grays.
COLORS = {
    "numpy": "#8C97A3",
    "scalar": "#52606D",
    "kernels": "#2F4B3C",
    "torch": "#D55E00",
    "torch_channels_last": "#E69F00",
    "jax": "#0072B2",
    "keras": "#009E73",
    "autograd": "#CC79A7",
    "mygrad": "#56B4E9",
    "tinygrad": "#F0E442",
    "micrograd": "#1F2933",
}
INK, FAINT = "#1F2933", "#D5DBE1"
# All in inches, of which a picture 800 pixels wide has 8.
PAGE, WIDTH, NAMES = 8, 6.55, 1.3  # all, the axes, the workloads' names before them
WORDS = 1.6  # beside the longest bar
BAR, GAP = 0.155, 0.16  # one bar; the space between two workloads
TOP, BOTTOM = 0.63, 0.42


def draw(report: Report, path: Path) -> None:
    """Draw the ratios of every workload into a file.

    Args:
        report: what was measured.
        path: of a PNG or SVG.

    Raises:
        ModuleNotFoundError: if there is no Matplotlib.
        ValueError: if nothing was measured beside pebblegrad.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "picture: Matplotlib is not installed; it was needed to draw; "
            "pip install matplotlib"
        ) from error
    groups = ratios(report)
    if not groups:
        raise ValueError(
            "picture: nothing was measured beside pebblegrad; at least one other "
            "framework was needed, such as NumPy by hand"
        )

    bars = sum(map(len, groups.values()))
    height = bars * BAR + len(groups) * GAP + TOP + BOTTOM
    figure = Figure(figsize=(PAGE, height), dpi=200)
    FigureCanvasAgg(figure)
    inside = 1 - (TOP + BOTTOM) / height
    axes = figure.add_axes((NAMES / PAGE, BOTTOM / height, WIDTH / PAGE, inside))
    found = [value for group in groups.values() for value in group.values()]
    low, high = min(*found, 0.5), max(*found, 2)
    # Room for the words beside the longest bar.
    start = low / 1.1
    end = start * (high / start) ** (WIDTH / (WIDTH - WORDS))
    axes.set(xscale="log", xlim=(start, end))

    y = 0.0
    for workload, group in groups.items():
        top = y
        for framework, value in group.items():
            axes.barh(y, value - 1, 0.82 * BAR, left=1, color=COLORS[framework])
            axes.annotate(
                f"{number(value)}  {title(framework)}",
                (max(value, 1), y),
                (4, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=8,
                color=INK,
            )
            y += BAR
        middle = (top + y - BAR) / 2
        axes.annotate(
            workload,
            (0, middle),
            (-6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            ha="right",
            fontsize=9,
            weight="bold",
            color=INK,
        )
        y += GAP
        axes.axhline(y - (BAR + GAP) / 2, color=FAINT, linewidth=0.6)
    axes.set_ylim(y - (BAR + GAP) / 2, -(BAR + GAP) / 2)
    axes.axvline(1, color=INK, linewidth=1.2)
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 100, 1000) if start < t <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=8, color=INK)
    axes.tick_params(which="both", length=0, labeltop=True)
    axes.set_yticks([])
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.text(
        NAMES / PAGE,
        1 - 0.2 / height,
        f"Time beside that of {OURS}, which is 1: to the right, {OURS} is faster",
        fontsize=10,
        weight="bold",
        color=INK,
        va="center",
    )
    of = report.machine
    figure.text(
        (NAMES + WIDTH) / PAGE,
        0.12 / height,
        f"{of['date']}, {of['cores']} cores of {of['processor']}; logarithmic scale"
        + ("; a quick run, which says nothing" if of["quick"] else ""),
        fontsize=7.5,
        color=INK,
        ha="right",
        va="center",
    )
    figure.savefig(path, facecolor="white")


def ratios(report: Report) -> dict[str, dict[str, float]]:
    """Return by workload how many times as long as ours each framework takes."""
    found = {
        workload: {
            framework: ratio(one.rounds, outcomes[OURS].rounds)
            for framework, one in outcomes.items()
            if framework != OURS
        }
        for workload, outcomes in report.workloads.items()
    }
    return {workload: group for workload, group in found.items() if group}
