"""Learning rates over the steps of a training run.

A schedule is looked at without an optimizer: it is anything that says its rates.
"""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import Floats, read_floats, read_whole
from pebblegrad.viz._colors import CURVES
from pebblegrad.viz._options import check_text, read_flag
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_lr_schedule"
NEEDED = (
    "an object with rates(steps), such as the schedules of pebblegrad.optim, a "
    "function of the step, or a list of rates was needed"
)
STAIRS = 60  # so few steps are always drawn as stairs
FEW = 25  # so few steps are shown as points, too
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (5, 1.5, 1.2, 1.5)))


@with_own_settings
def plot_lr_schedule(
    schedule: Any,
    steps: int | None = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    xlabel: str = "step",
    log: bool = False,
) -> "Figure":
    """Draw the learning rate at each step.

    Args:
        schedule: an object with ``rates(steps)``, as the schedules of
            `pebblegrad.optim` have, which is not moved by it; or a function of the
            step 0, 1, 2, …; or a list of rates. Or several, as ``{name: schedule}``.
        steps: how many to draw; None is for lists, which are drawn whole.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure.
        title: above the picture; None gives one, an empty string none.
        xlabel: what a step is, such as "epoch".
        log: whether the rates stand on a logarithmic axis.

    Returns:
        The figure. ``figure.axes[0]`` has a line for each schedule.

    Raises:
        TypeError: if `schedule` is nothing of that, or gives no numbers.
        ValueError: if `steps` is missing or below 1, a rate is not finite (or with
            `log` not positive), or the file's ending is not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_lr_schedule(lambda t: 0.1 * 0.5 ** (t // 2), 4)
        >>> [float(rate) for rate in figure.axes[0].lines[0].get_ydata()]
        [0.1, 0.1, 0.05, 0.05]
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    check_text(xlabel, WHO, "xlabel")
    log = read_flag(log, WHO, "log")
    if steps is not None:
        steps = read_whole(steps, WHO, "steps", 1)
    named = isinstance(schedule, Mapping)
    schedules = dict(schedule) if named else {"": schedule}
    if not schedules:
        raise ValueError(f"{WHO}: schedule is an empty dict; {NEEDED}")
    curves = {str(n): _rates(s, steps, str(n), log) for n, s in schedules.items()}

    from matplotlib.ticker import FuncFormatter, MaxNLocator

    from pebblegrad.viz._axes import (
        dress,
        legend_above,
        open_axes,
        put_labels,
        put_title,
    )
    from pebblegrad.viz._paper import finish

    figure, own = open_axes(ax, 6.4, 3.4)
    dress(own)
    if log:
        own.set_yscale("log")
    lines = []
    for place, rates in enumerate(curves.values()):
        (line,) = own.plot(
            np.arange(len(rates)),
            rates,
            color=CURVES[place % len(CURVES)],
            linestyle=DASHES[place % len(DASHES)] if named else "-",
            linewidth=1.8,
            drawstyle=_style(rates),
            marker="o" if len(rates) <= FEW else "",
            markersize=3.5,
        )
        lines.append(line)
    own.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
    own.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    if not log:
        # From zero up: how much of a rate is left is read from heights.
        low = min(rates.min() for rates in curves.values())
        own.set_ylim(bottom=0 if low >= 0 else None)
    put_labels(own, xlabel, "learning rate")
    above = legend_above(own, lines, list(curves)) if named else 0.0
    put_title(figure, ax, "Learning rate" if title is None else title, above)
    return finish(figure, target)


def _style(rates: Floats) -> str:
    """Return how the points are joined: a rate holds for its step.

    Of many rates that change all the time the stairs would be a rough line.
    """
    holds = float((np.diff(rates) == 0).mean()) if len(rates) > 1 else 1.0
    return "steps-post" if len(rates) <= STAIRS or holds >= 0.5 else "default"


def _rates(schedule: Any, steps: int | None, name: str, log: bool) -> Floats:
    """Return the rates of one schedule, (steps,)."""
    who = f"schedule[{name!r}]" if name else "schedule"
    computed = callable(getattr(schedule, "rates", None)) or callable(schedule)
    if computed and steps is None:
        raise ValueError(
            f"{WHO}: steps is None, and {who} goes on for ever; the number of steps to "
            "draw was needed, such as steps=1000"
        )
    if callable(getattr(schedule, "rates", None)):
        found = schedule.rates(steps)
    elif callable(schedule):
        found = [schedule(t) for t in range(steps or 0)]
    elif isinstance(schedule, Iterable) and not isinstance(schedule, str):
        found = schedule if hasattr(schedule, "__array__") else list(schedule)
    else:
        raise TypeError(f"{WHO}: {who} is of type {type(schedule).__name__}; {NEEDED}")
    rates = read_floats(found, WHO, f"what {who} gives", "numbers were needed")
    if rates.ndim != 1 or not rates.size:
        raise ValueError(
            f"{WHO}: {who} gives rates of shape {rates.shape}; at least one rate, and "
            "one for each step, was needed"
        )
    rates = rates if computed or steps is None else rates[:steps]
    wrong = ~np.isfinite(rates) | ((rates <= 0) if log else False)
    if wrong.any():
        t = int(wrong.argmax())
        needed = "a positive finite" if log else "a finite"
        raise ValueError(
            f"{WHO}: {who} gives {rates[t]:g} at step {t}; {needed} rate was needed"
        )
    return rates
