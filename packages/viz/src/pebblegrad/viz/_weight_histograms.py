"""How the weights of a model are distributed, a histogram for each parameter.

Each has its own scale, since a bias and a weight seldom share one; mean and spread
stand above it.
"""

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import Floats, read_floats, read_whole, shown
from pebblegrad.viz._colors import BLUE, SOFT_INK
from pebblegrad.viz._models import named_parameters
from pebblegrad.viz._printable import LONGEST_NAME, printable
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_weight_histograms"
LARGEST = 1e307  # differences of larger numbers overflow


@with_own_settings
def plot_weight_histograms(
    model: Any,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    bins: int = 40,
    max_parameters: int = 24,
) -> "Figure":
    """Draw a histogram of each parameter.

    Values that are not finite are left out and counted above their histogram.

    Args:
        model: a Module; or ``{name: Tensor or array}``, such as a state; or a list of
            Tensors, such as `parameters()` returns.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure; it is divided.
        title: above the picture; None counts the weights, an empty string is none.
        bins: how many bars a histogram has, at most; of few values it has fewer, about
            twice the root of their number.
        max_parameters: of more, the first and the last are drawn, and the title says
            so.

    Returns:
        The figure. The panels are ``figure.axes``, or ``ax.child_axes``.

    Raises:
        TypeError: if `model` is nothing of that, or a parameter holds no real numbers.
        ValueError: if there is no parameter, or the file's ending is not one of the
            three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_weight_histograms({"weight": [[1.0, 2.0]], "bias": [0.0]})
        >>> figure.axes[0].get_title(loc="left")
        'weight (1, 2)'
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    count = read_whole(bins, WHO, "bins", 1)
    most = read_whole(max_parameters, WHO, "max_parameters", 1)
    named = named_parameters(model, WHO)
    arrays = [
        (name, read_floats(p, WHO, f"parameter {name}", "real numbers were needed"))
        for name, p in named
    ]
    total = sum(array.size for _, array in arrays)
    if title is None:
        title = f"{total:,} weight{'s' * (total != 1)}"
    if len(arrays) > most:
        title += f" (of {len(arrays):,} parameters {most:,} are shown)"
        last = most // 2
        arrays = arrays[: most - last] + arrays[len(arrays) - last :]

    from pebblegrad.viz._axes import open_panels, put_title
    from pebblegrad.viz._paper import finish

    columns = min(len(arrays), 2 if len(arrays) <= 4 else 4)
    figure, panels = open_panels(ax, len(arrays), columns, 2.35, 1.75)
    for panel, (name, array) in zip(panels, arrays, strict=True):
        _draw(panel, name, array, count)
    put_title(figure, ax, title, 20.0)
    return finish(figure, target)


def _draw(ax: "Axes", name: str, array: Floats, bins: int) -> None:
    from matplotlib.ticker import MaxNLocator

    from pebblegrad.viz._axes import TICK_SIZE, dress, fitting
    from pebblegrad.viz._paper import PLAIN, ink

    dress(ax)
    ax.grid(False, axis="x")
    finite = array[np.abs(array) <= LARGEST]
    known = int(np.isfinite(array).sum())
    faults = f"{array.size - finite.size:,} not finite"
    faults += f" or above {LARGEST:g}" * (known > finite.size)
    words = brief = "no values"
    if finite.size:
        # Divided first: the square of a large weight is more than a float holds.
        size = float(np.abs(finite).max()) or 1.0
        low, high = float(finite.min()) / size, float(finite.max()) / size
        if high - low < 1e-9:  # all alike: a bar that can be seen
            low, high = low - 0.5, high + 0.5
        # As many bars as values would be a comb.
        bars = min(bins, math.ceil(2 * math.sqrt(finite.size)))
        heights, edges = np.histogram(finite / size, bars, (low, high))
        ax.stairs(
            heights,
            edges * size,
            fill=True,
            facecolor=BLUE[0],
            edgecolor=BLUE[1],
            linewidth=0.8,
            zorder=2,
        )
        mean, spread = (finite / size).mean() * size, (finite / size).std() * size
        words = f"mean {shown(mean)}, spread {shown(spread)}"
        brief = f"{shown(mean)} ± {shown(spread)}"
    if finite.size < array.size:
        words, brief = f"{words}, {faults}", faults
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    label = printable(f"{name} {array.shape}", LONGEST_NAME)
    # A parameter's end tells more than its beginning: ...attention.weight
    cut = ["…" + label[-length:] for length in range(31, 4, -1) if length < len(label)]
    ax.set_title(
        fitting(ax, 9, label, *cut),
        loc="left",
        fontsize=9,
        pad=14,
        color=ink(ax),
        **PLAIN,
    )
    ax.text(
        0,
        1.02,
        fitting(ax, TICK_SIZE - 1, words, brief),
        transform=ax.transAxes,
        fontsize=TICK_SIZE - 1,
        color=ink(ax, SOFT_INK),
        va="bottom",
        **PLAIN,
    )
