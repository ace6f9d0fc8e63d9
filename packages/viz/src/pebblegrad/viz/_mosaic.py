"""Many small images on one sheet, in rows and columns.

All of them share one scale of grey or colour unless they bring colours of their own, so
that they can be compared. What is not a number is orange, in every image.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pebblegrad.viz._arrays import Array, Floats, shown
from pebblegrad.viz._colors import CURVES, INK, SOFT_INK, WIRE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 470.0  # points, that a sheet grows to before its tiles get small
SMALL, LARGE = 26.0, 96.0  # points, sides of a tile
GAP = 5.0
CAPTION, NOTE = 8.0, 8.5  # sizes of text
NOT_A_NUMBER = CURVES[5]
LARGEST = 1e100  # matplotlib's sums of larger numbers overflow


@dataclass(frozen=True)
class Mosaic:
    """Images that are drawn together.

    Attributes:
        images: each (H, W) of numbers on the common scale, or (H, W, 3) of colours from
            0 to 1.
        captions: one above each image, or none at all.
        columns: how many stand side by side.
        limits: the numbers that are the two ends of the scale.
        colors: a colour map of matplotlib.
        notes: lines below the images.
    """

    images: Sequence[Array]
    captions: Sequence[str]
    columns: int
    limits: tuple[float, float]
    colors: str = "gray"
    notes: Sequence[str] = field(default=())


def draw_mosaic(mosaic: Mosaic, title: str, ax: "Axes | None") -> "Figure":
    """Draw it on a sheet; return the figure."""
    import matplotlib
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    from pebblegrad.viz._paper import new_sheet, text_width, title_width

    columns = mosaic.columns
    rows = math.ceil(len(mosaic.images) / columns)
    height, width = mosaic.images[0].shape[:2]
    side = min(LARGE, max(SMALL, WIDE / columns - GAP))
    tile_width = side * width / max(width, height)
    tile_height = side * height / max(width, height)
    # Neither a caption nor an image of one row may vanish.
    tile_width, tile_height = max(tile_width, SMALL), max(tile_height, 8.0)
    step_x = tile_width + GAP
    above = CAPTION * 1.5 if mosaic.captions else 0.0
    step_y = tile_height + GAP + above
    notes = list(mosaic.notes)
    below = 1.6 * NOTE * len(notes)
    widths = [text_width(note, NOTE) for note in notes]
    room = max(columns * step_x - GAP, title_width(title), *widths, 1.0)
    sheet = new_sheet(room, rows * step_y - GAP + below, title, ax)
    left = (room - columns * step_x + GAP) / 2
    map_ = matplotlib.colormaps[mosaic.colors].with_extremes(bad=NOT_A_NUMBER)
    low, high = mosaic.limits
    # The difference of two large numbers is more than a float holds.
    unit = max(abs(low), abs(high), LARGEST) / LARGEST
    low, high = low / unit, high / unit
    scale = Normalize(low, high if high > low else low + 1)
    for i, image in enumerate(mosaic.images):
        image = image if unit == 1 or image.ndim == 3 else image / unit
        x = left + i % columns * step_x
        y = i // columns * step_y + above
        sheet.ax.imshow(
            np.ma.masked_invalid(image) if image.ndim == 2 else image,
            cmap=map_,
            norm=scale,
            extent=(x, x + tile_width, y + tile_height, y),
            aspect=sheet.ax.get_aspect(),
            interpolation="nearest",
        )
        sheet.ax.add_patch(
            Rectangle(
                (x, y),
                tile_width,
                tile_height,
                fill=False,
                edgecolor=WIRE,
                linewidth=sheet.width(0.5),
            )
        )
        if mosaic.captions:
            text = _fitted(mosaic.captions[i], step_x - 2)
            middle = x + tile_width / 2
            sheet.text(middle, y - CAPTION * 0.7, text, CAPTION, color=INK)
    for i, note in enumerate(notes):
        y = rows * step_y - GAP + 1.6 * NOTE * (i + 0.7)
        sheet.text(left, y, note, NOTE, color=SOFT_INK, ha="left")
    return sheet.figure


def columns_for(count: int) -> int:
    """Return how many columns make rows that are full, or nearly, and not too long.

    Example:
        >>> [columns_for(count) for count in (1, 5, 8, 10, 16, 64)]
        [1, 5, 4, 5, 4, 8]
    """
    if count <= 6:
        return max(count, 1)
    best = math.sqrt(1.3 * count)
    around = range(max(4, int(best * 0.75)), math.ceil(best * 1.4) + 1)
    return min(around, key=lambda c: (-count % c / c, abs(c - best)))


def finite_limits(values: Array) -> tuple[float, float]:
    """Return the smallest and the largest finite number, or 0 and 1."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def scale_note(limits: tuple[float, float], low: str, high: str) -> str:
    """Return the line that tells what the ends of the scale are."""
    return f"{low} {shown(limits[0])}, {high} {shown(limits[1])}"


def not_finite_note(values: Array) -> list[str]:
    """Return a line on values that are not finite, if there are any."""
    count = int(values.size - np.isfinite(values).sum())
    return [f"orange: {count:,} of {values.size:,} not finite"] if count else []


def masked_colors(image: Floats) -> Floats:
    """Return (H, W, 3) colours from 0 to 1 with orange where one is not finite."""
    from matplotlib.colors import to_rgb

    wrong = ~np.isfinite(image).all(axis=-1, keepdims=True)
    clean = np.clip(np.nan_to_num(image, posinf=1.0, neginf=0.0), 0, 1)
    return np.where(wrong, to_rgb(NOT_A_NUMBER), clean)


def _fitted(text: str, room: float) -> str:
    """Return a caption, shortened until it is `room` points wide."""
    from pebblegrad.viz._paper import text_width

    if text_width(text, CAPTION) <= room:
        return text
    while len(text) > 1 and text_width(text + "…", CAPTION) > room:
        text = text[:-1]
    return text + "…"
