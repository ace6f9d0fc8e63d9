"""Activation functions beside their derivatives.

What a derivative looks like is what a function does to learning: where it is flat, no
gradient passes. The derivatives come from autograd, not from formulas in this file.
"""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import read_floats
from pebblegrad.viz._colors import CURVES, SOFT_INK
from pebblegrad.viz._functions import Function, read_function, slopes_of, values_of
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_activations"
USUAL = ("relu", "sigmoid", "tanh", "softplus")
POINTS = 401


@with_own_settings
def plot_activations(
    activations: Any = USUAL,
    filename: str | os.PathLike[str] | None = None,
    *,
    x_range: Any = (-4.0, 4.0),
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """Draw activation functions, and with dashes their derivatives, a panel for each.

    Args:
        activations: a list of names ("linear", "log_sigmoid", "relu", "sigmoid",
            "softplus", "tanh"), of functions that take a Tensor, or of modules; or one
            of them; or ``{name: function}``.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        x_range: the lowest and the highest input.
        ax: matplotlib Axes to draw into, instead of a new figure; it is divided.
        title: above the picture; None gives one, an empty string none.

    Returns:
        The figure. In each panel the first line is the function, the second its
        derivative. The panels are ``figure.axes``, or ``ax.child_axes``.

    Raises:
        TypeError: if something is no function, or does not compute on Tensors.
        ValueError: if the list is empty, a name is not known, a function changes the
            shape, `x_range` is empty, or the file's ending is not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_activations(["relu", "tanh"], x_range=(0.0, 1.0))
        >>> [axes.get_title(loc="left") for axes in figure.axes]
        ['relu', 'tanh']
        >>> float(figure.axes[1].lines[1].get_ydata()[0])  # the slope of tanh at 0
        1.0
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    functions = _read_functions(activations)
    needed = "the two ends of a range were needed, such as (-4, 4)"
    ends = read_floats(x_range, WHO, "x_range", needed)
    if ends.shape != (2,) or not np.isfinite(ends).all() or ends[0] >= ends[1]:
        raise ValueError(f"{WHO}: x_range is {ends.tolist()}; {needed}")
    x = np.linspace(ends[0], ends[1], POINTS)
    # All of them first: an error shall leave the user's axes as they were.
    curves = [
        (name, values_of(f, x, WHO, name), slopes_of(f, x, WHO, name))
        for name, f in functions
    ]

    from matplotlib.ticker import MaxNLocator

    from pebblegrad.viz._axes import dress, open_panels, put_title
    from pebblegrad.viz._paper import PLAIN, finish, ink

    columns = next(c for c in (1, 2, 3, 4) if len(curves) <= c * c or c == 4)
    if len(curves) == 3:
        columns = 3
    width, height = (2.9, 2.4) if len(curves) > 1 else (5.2, 3.6)
    figure, panels = open_panels(ax, len(curves), columns, width, height)
    for panel, (name, values, slopes) in zip(panels, curves, strict=True):
        dress(panel)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(5 if ax is None else 3))
        panel.plot(x, values, color=CURVES[0], linewidth=2.0, zorder=3)
        panel.plot(x, slopes, color=CURVES[1], linewidth=1.5, linestyle="--", zorder=3)
        panel.axhline(0, color=SOFT_INK, linewidth=0.8, zorder=1.2)
        panel.axvline(0, color=SOFT_INK, linewidth=0.8, zorder=1.2)
        panel.set_title(name, loc="left", fontsize=10, color=ink(panel), **PLAIN)
    if title is None:
        title = "Activations, and (dashed) their derivatives"
    put_title(figure, ax, title, 12.0 if len(curves) > 1 else 16.0)
    return finish(figure, target)


def _read_functions(activations: Any) -> list[tuple[str, Function]]:
    if isinstance(activations, Mapping):
        pairs = [
            (str(name), read_function(f, WHO, f"activations[{name!r}]")[1])
            for name, f in activations.items()
        ]
    elif isinstance(activations, str) or callable(activations):
        pairs = [read_function(activations, WHO, "activations")]
    elif isinstance(activations, Iterable):
        pairs = [
            read_function(f, WHO, f"activations[{i}]")
            for i, f in enumerate(activations)
        ]
    else:
        raise TypeError(
            f"{WHO}: activations is of type {type(activations).__name__}; a list of "
            "names and functions was needed, such as ['relu', 'tanh']"
        )
    if not pairs:
        raise ValueError(f"{WHO}: activations is empty; at least one was needed")
    return pairs
