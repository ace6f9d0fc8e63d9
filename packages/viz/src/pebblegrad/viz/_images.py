"""Images of a data set, in rows and columns, with their labels."""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import (
    Array,
    read_array,
    read_names,
    read_number,
    read_whole,
)
from pebblegrad.viz._mosaic import (
    Mosaic,
    columns_for,
    draw_mosaic,
    finite_limits,
    masked_colors,
    not_finite_note,
)
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_images"
NEEDED = (
    "images of shape (N, H, W), (N, 1, H, W), (N, 3, H, W) or (N, H, W, 3) were "
    "needed, or one of shape (H, W)"
)


@with_own_settings
def plot_images(
    images: Any,
    labels: Any = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    columns: int | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    max_images: int = 64,
) -> "Figure":
    """Draw images side by side, a label above each.

    Images of one channel are grey; those of three are red, green and blue. All of them
    share one scale. Values that are not finite are orange, and counted below.

    Args:
        images: (N, H, W), (N, C, H, W) or (N, H, W, C) with C of 1 or 3, or one image
            (H, W); numbers of any kind. Of a shape that can be read in two ways the
            channels come first.
        labels: (N,) of whatever has a text; None for none.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure; text scales with the
            picture to its present size.
        title: above the picture; None and an empty string are none.
        columns: how many stand side by side; None chooses.
        vmin: the value that is black; None takes 0 for colours and whole numbers, else
            the smallest in any image.
        vmax: the value that is white; None takes 255 for uint8, 1 for colours that are
            between 0 and 1, else the largest in any image.
        max_images: only the first so many are drawn, and the picture says so.

    Returns:
        The figure; ``figure.axes[0].images`` (or ``ax.images``) are the images.

    Raises:
        TypeError: if `images` holds no numbers, or another argument is not of its kind.
        ValueError: if the shape is none of those, there is no image or no pixel, there
            are more or fewer labels than images, `vmin` is not below `vmax`, or the
            file's ending is not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> import numpy as np
        >>> figure = plot_images(np.eye(3) * np.ones((4, 1, 1)), labels=[7, 2, 1, 0])
        >>> len(figure.axes[0].images)
        4
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['7', '2', '1', '0']
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    most = read_whole(max_images, WHO, "max_images", 1)
    stack = _read_images(images)
    count = len(stack)
    captions = []
    if labels is not None:
        captions = read_names(labels, WHO, "labels", count, "images")[:most]
    stack = stack[:most]
    across = columns_for(len(stack))
    if columns is not None:
        across = min(read_whole(columns, WHO, "columns", 1), len(stack))
    low, high = _limits(stack, vmin, vmax)
    notes = not_finite_note(stack)
    if count > most:
        notes.append(f"{most:,} of {count:,} images")
    pictures: list[Array] = list(stack)

    from pebblegrad.viz._paper import finish

    if stack.ndim == 4:
        span = high - low if high > low else 1.0
        pictures = [masked_colors((p.astype(np.float64) - low) / span) for p in stack]
    mosaic = Mosaic(pictures, captions, across, (low, high), notes=notes)
    return finish(draw_mosaic(mosaic, title or "", ax), target)


def _read_images(images: Any) -> Array:
    """Return (N, H, W), or (N, H, W, 3) if they have colours."""
    stack = read_array(images, WHO, "images", NEEDED)
    given = stack.shape
    if stack.ndim == 2:
        stack = stack[None]
    if stack.ndim == 4 and stack.shape[1] in (1, 3):
        stack = np.moveaxis(stack, 1, -1)
    if stack.ndim == 4 and stack.shape[-1] == 1:
        stack = stack[..., 0]
    if stack.ndim not in (3, 4) or (stack.ndim == 4 and stack.shape[-1] != 3):
        advice = ""
        if len(given) == 4:
            advice = "; of many channels plot_feature_maps shows each by itself"
        raise ValueError(f"{WHO}: images has shape {given}; {NEEDED}{advice}")
    if not stack.size:
        raise ValueError(
            f"{WHO}: images has shape {given}, which holds no pixel; at least one "
            "image of at least one pixel was needed"
        )
    return stack


def _limits(stack: Array, vmin: Any, vmax: Any) -> tuple[float, float]:
    """Return what is black and what is white."""
    low, high = finite_limits(stack)
    if stack.dtype == np.uint8:
        low, high = 0.0, 255.0
    elif stack.ndim == 4:
        low, high = min(low, 0.0), max(high, 1.0)
    elif stack.dtype.kind in "biu":
        low = min(low, 0.0)
    if vmin is not None:
        low = read_number(vmin, WHO, "vmin")
    if vmax is not None:
        high = read_number(vmax, WHO, "vmax")
    if (vmin is not None or vmax is not None) and low >= high:
        raise ValueError(
            f"{WHO}: black is {low:g} and white {high:g}; vmin must be below vmax"
        )
    return low, high
