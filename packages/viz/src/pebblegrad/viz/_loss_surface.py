"""The loss around the present weights, in two random directions.

A direction is random numbers of the shape of the weights. What a step in it means
depends on the size of the weights, so that surfaces of different networks could not be
compared. Therefore every filter of a direction is scaled to the norm of the same filter
of the model: d ← d / ‖d‖ · ‖w‖ (Li et al. 2018, section 4).
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.autograd import generator
from pebblegrad.viz._arrays import Floats, read_array, read_number, read_whole, shown
from pebblegrad.viz._colors import CURVES, INK
from pebblegrad.viz._models import check_callable, evaluation, named_parameters
from pebblegrad.viz._options import read_flag
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_slip, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_loss_surface"
LEVELS = 14
WIDE = 100.0  # a loss that varies by this factor is drawn on a logarithmic scale
LARGEST = 1e100  # matplotlib's sums of larger numbers overflow

Arrays = list[Any]  # one for each parameter


@with_own_settings
def plot_loss_surface(
    model: Any,
    loss: Callable[[], Any],
    title: str | None = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    span: float = 1.0,
    resolution: int = 21,
    rng: int | np.random.Generator | None = None,
    log: bool | None = None,
) -> "Figure":
    """Draw how the loss changes around the present weights, as lines of equal height.

    The weights are moved in two random directions, filter-normalised as in the paper,
    and are afterwards what they were to the last bit, also after an error. A filter is
    what belongs to one index of the first axis: the weights of one output. Parameters
    of fewer than two axes, such as biases and the scales of a normalisation, stay.

    Args:
        model: a Module, which is in evaluation meanwhile; or ``{name: Tensor}``, or a
            list of Tensors.
        loss: called without arguments; gives the loss of the present weights as one
            number, such as ``lambda: cross_entropy(model(X), y)``. Nothing is recorded
            while it runs.
        title: above the picture; None gives one, an empty string none.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure.
        span: how far to go in each direction; 1 is a step as long as the weights.
        resolution: points along each side, at least 3; `loss` is called resolution² + 1
            times. It is made odd, so that the present weights are one of the points.
        rng: a seed or a Generator, which the directions come from; None is the default
            generator of `pebblegrad.autograd`.
        log: whether heights are logarithmic; None is True if all losses are positive
            and they differ by a factor of more than 100.

    Returns:
        The figure. The grid of losses is ``figure.axes[0].collections[0].get_array()``,
        (resolution, resolution), the second direction along the first axis.

    Raises:
        TypeError: if `loss` cannot be called or gives no number, a parameter has no
            `data`, or another argument is not of its kind.
        ValueError: if no parameter has two axes or is other than zero, `loss` gives
            several numbers, or the loss of the present weights is not finite, or an
            option is outside its range.
        OSError: if the file cannot be written.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> w = Tensor([[3.0, 4.0]], requires_grad=True)
        >>> figure = plot_loss_surface([w], lambda: (w * w).sum(), rng=0, resolution=3)
        >>> heights = figure.axes[0].collections[0].get_array()
        >>> heights.shape, float(heights[1, 1])  # in the middle: 3² + 4²
        ((3, 3), 25.0)

    Reference:
        Li, Xu, Taylor, Studer and Goldstein (2018), "Visualizing the Loss Landscape of
        Neural Nets", section 4, https://arxiv.org/abs/1712.09913
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    check_slip(title, filename, WHO)
    if log is not None:
        log = read_flag(log, WHO, "log")
    check_callable(loss, WHO, "loss")
    reach = read_number(span, WHO, "span", positive=True)
    side = read_whole(resolution, WHO, "resolution", 3) | 1
    source = generator(rng)
    parameters = _read_parameters(model)
    first, second = (filter_normalised(parameters, source) for _ in range(2))
    along = np.linspace(-reach, reach, side)
    heights = _measure(model, parameters, loss, first, second, along)

    from pebblegrad.viz._axes import color_bar, dress, open_axes, put_labels, put_title
    from pebblegrad.viz._paper import PLAIN, finish

    figure, own = open_axes(ax, 5.8, 4.8)
    dress(own, grid=False)
    own.set_facecolor("#D5DBE1")  # shows where there is no finite loss
    known = np.abs(heights) <= LARGEST
    levels, logarithmic = _levels(heights[known], log)
    drawn = _draw(own, along, heights, levels, logarithmic)
    own.plot(0, 0, marker="+", markersize=13, markeredgewidth=2.2, color=CURVES[1])
    middle = heights[side // 2, side // 2]
    own.annotate(
        shown(middle),
        (0, 0),
        (7, 6),
        textcoords="offset points",
        color=INK,
        fontweight="bold",
        fontsize=9,
        bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5},
        **PLAIN,
    )
    own.set_aspect("equal", adjustable="box")
    put_labels(own, "first direction", "second direction")
    if ax is None:
        color_bar(figure, drawn, own, "loss" + ", logarithmic" * logarithmic)
    if title is None:
        title = "Loss around the present weights (+)"
    missing = int(heights.size - known.sum())
    if title and missing:
        title += f" (grey: {missing:,} of {heights.size:,} not finite)"
    put_title(figure, ax, title)
    return finish(figure, target)


def filter_normalised(parameters: list[Any], rng: np.random.Generator) -> Arrays:
    """Return a random direction whose filters have the norms of the parameters' own.

    Args:
        parameters: Tensors.
        rng: where the random numbers come from.

    Returns:
        A float64 array for each parameter; None for those with fewer than two axes.
    """
    direction: Arrays = []
    for parameter in parameters:
        weight = np.asarray(parameter.data, np.float64)
        if weight.ndim < 2:
            direction.append(None)
            continue
        random = rng.normal(size=weight.shape)
        others = tuple(range(1, weight.ndim))
        norms = np.sqrt((weight**2).sum(axis=others, keepdims=True))
        lengths = np.sqrt((random**2).sum(axis=others, keepdims=True))
        direction.append(random * (norms / np.where(lengths == 0, 1.0, lengths)))
    return direction


def _read_parameters(model: Any) -> list[Any]:
    named = named_parameters(model, WHO)
    for name, parameter in named:
        if not hasattr(parameter, "data") or not hasattr(parameter, "requires_grad"):
            raise TypeError(
                f"{WHO}: parameter {name} is of type {type(parameter).__name__}; a "
                "Tensor was needed"
            )
    parameters = [parameter for _, parameter in named]
    if not any(p.ndim >= 2 and np.any(p.data) for p in parameters):
        raise ValueError(
            f"{WHO}: no parameter has two axes and is other than zero; the direction "
            "of a filter is as long as the filter, so that nothing would move"
        )
    return parameters


def _measure(
    model: Any,
    parameters: list[Any],
    loss: Callable[[], Any],
    first: Arrays,
    second: Arrays,
    along: Floats,
) -> Floats:
    """Return the losses, (rows, columns), and leave the weights as they were."""
    # The arrays themselves are kept and put back: no rounding, no copy, and whoever
    # holds one of them never sees it change.
    before = [parameter.data for parameter in parameters]
    heights = np.empty((len(along), len(along)))
    try:
        with evaluation(model):
            middle = _number(loss())
            if not np.isfinite(middle):
                raise ValueError(
                    f"{WHO}: the loss of the present weights is {middle:g}; a finite "
                    "loss was needed"
                )
            for (row, column), _ in np.ndenumerate(heights):
                a, b = along[column], along[row]
                for parameter, data, d, e in zip(
                    parameters, before, first, second, strict=True
                ):
                    if d is not None:
                        parameter.data = (data + a * d + b * e).astype(data.dtype)
                with np.errstate(over="ignore", invalid="ignore"):
                    heights[row, column] = _number(loss())
    finally:
        for parameter, data in zip(parameters, before, strict=True):
            parameter.data = data
    return heights


def _number(value: Any) -> float:
    needed = "one number, the loss, was needed"
    array = read_array(value, WHO, "what loss returned", needed)
    if array.size != 1:
        raise ValueError(
            f"{WHO}: what loss returned has shape {array.shape}; {needed}; take its "
            "mean"
        )
    return float(array.reshape(())[()])


def _levels(heights: Floats, log: bool | None) -> tuple[Floats, bool]:
    """Return the heights of the lines, increasing, and whether they are logarithmic."""
    low, high = float(heights.min()), float(heights.max())
    if log is None:
        log = low > 0 and high / low > WIDE
    if log and low <= 0:
        raise ValueError(
            f"{WHO}: log is True and the smallest loss is {low:g}; positive losses "
            "were needed; leave log out"
        )
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high, log = low - 0.5, high + 0.5, False  # flat: one colour
    space = np.geomspace if log else np.linspace
    return space(low, high, LEVELS), log


def _draw(ax: "Axes", along: Floats, heights: Floats, levels: Floats, log: bool) -> Any:
    """Draw colours and lines of equal height; return what a scale is made of."""
    from matplotlib.colors import LogNorm, Normalize

    scale = (LogNorm if log else Normalize)(levels[0], levels[-1])
    shown_heights = np.ma.masked_where(~(np.abs(heights) <= LARGEST), heights)
    drawn = ax.pcolormesh(
        along, along, shown_heights, cmap="viridis", norm=scale, shading="gouraud"
    )
    inner = levels[1:-1]
    if (shown_heights.min() < inner[0]) and (shown_heights.max() > inner[-1]):
        ax.contour(
            along,
            along,
            shown_heights,
            inner,
            colors="white",
            linewidths=0.7,
            alpha=0.7,
        )
    return drawn
