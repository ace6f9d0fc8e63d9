"""The weights of a convolution as small images: what each filter looks for.

Blue is negative and red positive, on one scale for all filters with white at zero, so
that a weight's sign and size can be read from any of them.
"""

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import Array, Floats, read_floats, read_whole, shown
from pebblegrad.viz._mosaic import (
    Mosaic,
    columns_for,
    draw_mosaic,
    finite_limits,
    masked_colors,
    not_finite_note,
)
from pebblegrad.viz._options import read_flag
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_filters"
NEEDED = "a Conv2d, or its weights of shape (filters, channels, height, width),"


@with_own_settings
def plot_filters(
    layer: Any,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    rgb: bool | None = None,
    max_filters: int = 64,
    max_channels: int = 16,
) -> "Figure":
    """Draw the filters of a convolution.

    With one input channel there is an image for each filter. With more there is a row
    for each filter and a column for each channel, unless `rgb` makes three channels one
    image in colours.

    Args:
        layer: a Conv2d, or whatever has a `weight`; or the weights themselves, of shape
            (filters, channels, height, width).
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure; text scales with the
            picture to its present size.
        title: above the picture; None gives the sizes, an empty string none.
        rgb: whether three channels are red, green and blue, with grey at zero. None is
            True if there are three.
        max_filters: only the first so many are drawn, and the picture says so.
        max_channels: likewise of each filter.

    Returns:
        The figure; ``figure.axes[0].images`` (or ``ax.images``) are the filters, filter
        by filter.

    Raises:
        TypeError: if `layer` has no weights, or another argument is not of its kind.
        ValueError: if the weights have another number of axes, or there are none, or
            `rgb` is True for another number of channels, or the file's ending is not
            one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> import numpy as np
        >>> figure = plot_filters(np.ones((8, 1, 3, 3)))
        >>> len(figure.axes[0].images)
        8
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    if rgb is not None:
        rgb = read_flag(rgb, WHO, "rgb")
    most = read_whole(max_filters, WHO, "max_filters", 1)
    widest = read_whole(max_channels, WHO, "max_channels", 1)
    weight = _read_weight(layer)
    count, channels, height, width = weight.shape
    if rgb and channels != 3:
        raise ValueError(
            f"{WHO}: rgb is True for filters of {channels} channels; 3 were needed; "
            "leave rgb out"
        )
    colored = channels == 3 if rgb is None else rgb
    drawn = weight[:most] if colored else weight[:most, :widest]
    largest = max(map(abs, finite_limits(drawn))) or 1.0
    notes = [f"blue −{shown(largest)}, white 0, red {shown(largest)}"]
    if colored:
        notes = [f"black −{shown(largest)}, grey 0, white {shown(largest)}"]
    notes += not_finite_note(drawn)
    across = columns_for(len(drawn))
    pictures: list[Array]

    from pebblegrad.viz._paper import finish

    if colored:
        pictures = [
            masked_colors(0.5 + np.moveaxis(kernel, 0, -1) / (2 * largest))
            for kernel in drawn
        ]
    else:
        pictures = list(drawn.reshape(-1, height, width))
        if channels > 1:
            across = drawn.shape[1]
            notes.insert(0, "a row for each filter, a column for each input channel")
    left_out = []
    if count > len(drawn):
        left_out.append(f"{len(drawn):,} of {count:,} filters")
    if not colored and channels > drawn.shape[1]:
        left_out.append(f"{drawn.shape[1]:,} of {channels:,} channels")
    notes += [", ".join(left_out)] if left_out else []
    if title is None:
        many = f"{count:,} filter{'s' * (count != 1)} of {height} × {width}"
        title = many + f", {channels:,} channels" * (channels > 1)
    mosaic = Mosaic(pictures, [], across, (-largest, largest), "RdBu_r", notes=notes)
    return finish(draw_mosaic(mosaic, title, ax), target)


def _read_weight(layer: Any) -> Floats:
    weight = getattr(layer, "weight", layer)
    if isinstance(weight, str) or callable(weight):
        raise TypeError(
            f"{WHO}: layer is of type {type(layer).__name__}, which has no weight; "
            f"{NEEDED} was needed; of a model choose the layer, such as model[0]"
        )
    found = read_floats(weight, WHO, "the weight of layer", f"{NEEDED} was needed")
    if found.ndim != 4 or not math.prod(found.shape):
        raise ValueError(
            f"{WHO}: the weight of layer has shape {found.shape}; {NEEDED} with none "
            "of them 0, was needed"
        )
    return found
