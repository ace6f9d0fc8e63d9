"""Which token looks at which: the weights of attention as an image.

A row is a query, a column a key: the darker, the more of that key's value goes into the
query's result. Heads stand side by side on one scale.
"""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import Floats, read_floats, read_names, read_whole
from pebblegrad.viz._colors import CURVES
from pebblegrad.viz._mosaic import not_finite_note
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_attention"
NEEDED = (
    "weights of shape (L, S), (heads, L, S) or (1, heads, L, S) were needed: a row "
    "for each query, a column for each key"
)


@with_own_settings
def plot_attention(
    weights: Any,
    tokens: Any = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    key_tokens: Any = None,
    ax: "Axes | None" = None,
    title: str | None = None,
    max_heads: int = 16,
) -> "Figure":
    """Draw weights of attention, a panel for each head.

    Args:
        weights: (L, S), (heads, L, S) or (1, heads, L, S): what each of L queries takes
            of each of S keys.
        tokens: (L,) texts of the queries, and of the keys too if L is S; None numbers
            them.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        key_tokens: (S,) texts of the keys, where they are others.
        ax: matplotlib Axes to draw into, instead of a new figure; for several heads it
            is divided.
        title: above the picture; None gives one, an empty string none.
        max_heads: only the first so many are drawn, and the title says so.

    Returns:
        The figure. Each panel holds one image; the panels are the first of
        ``figure.axes``, or ``ax.child_axes``, or `ax` itself if there is one head.

    Raises:
        TypeError: if `weights` holds no numbers, or another argument is not of its
            kind.
        ValueError: if the shape is none of those, or holds a 0, there are more or fewer
            tokens than queries or keys, a weight is negative, or the file's ending is
            not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_attention([[1.0, 0.0], [0.5, 0.5]], ["the", "cat"])
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['the', 'cat']
        >>> figure.axes[0].images[0].get_array().tolist()
        [[1.0, 0.0], [0.5, 0.5]]
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    most = read_whole(max_heads, WHO, "max_heads", 1)
    heads = _read_weights(weights)
    count, queries, keys = heads.shape
    if tokens is None:
        rows = [str(i) for i in range(queries)]
    else:
        rows = read_names(tokens, WHO, "tokens", queries, "queries")
    if key_tokens is not None:
        columns = read_names(key_tokens, WHO, "key_tokens", keys, "keys")
    elif tokens is not None and queries == keys:
        columns = rows
    else:
        columns = [str(i) for i in range(keys)]
    if title is None:
        title = "Attention"
        title += f", {count:,} heads" * (count > 1)
        title += f" (the first {most:,} are shown)" * (count > most)
    faults = not_finite_note(heads)
    if title and faults:
        title += f" ({faults[0]})"
    heads = heads[:most]

    import matplotlib
    from matplotlib.colors import Normalize

    from pebblegrad.viz._axes import (
        SEQUENTIAL,
        color_bar,
        dress_image,
        open_axes,
        open_panels,
        put_labels,
        put_title,
        tick_names,
    )
    from pebblegrad.viz._paper import PLAIN, POINTS_PER_INCH, finish, ink

    # A cell is as large as one token's name needs, within a page.
    cell, most_inches = (0.36, 6.0) if len(heads) == 1 else (0.2, 2.2)
    width = min(max(cell * keys, 1.6), most_inches)
    height = min(max(cell * queries, 1.6), most_inches)
    if len(heads) == 1:
        figure, own = open_axes(ax, width + 1.9, height + 1.3)
        panels = [own]
    else:
        figure, panels = open_panels(ax, len(heads), 4, width + 0.55, height + 0.6)
    finite = heads[np.isfinite(heads)]
    scale = Normalize(0.0, float(finite.max(initial=0.0)) or 1.0)
    colors = matplotlib.colormaps[SEQUENTIAL].with_extremes(bad=CURVES[5])
    for number, (panel, head) in enumerate(zip(panels, heads, strict=True)):
        dress_image(panel)
        image = panel.imshow(
            np.ma.masked_invalid(head), cmap=colors, norm=scale, aspect="auto"
        )
        tick_names(panel, "x", columns, width * POINTS_PER_INCH)
        tick_names(panel, "y", rows, height * POINTS_PER_INCH)
        if len(heads) > 1:
            panel.set_title(
                f"head {number}", fontsize=9, loc="left", color=ink(panel), **PLAIN
            )
        else:
            put_labels(panel, "key", "query")
    if ax is None:
        color_bar(figure, image, panels, "weight")
    put_title(figure, ax, title, 12.0 if len(heads) > 1 else 0.0)
    return finish(figure, target)


def _read_weights(weights: Any) -> Floats:
    """Return (heads, L, S)."""
    heads = read_floats(weights, WHO, "weights", NEEDED)
    given = heads.shape
    if heads.ndim == 4 and len(heads) == 1:
        heads = heads[0]
    if heads.ndim == 2:
        heads = heads[None]
    if heads.ndim != 3 or not heads.size:
        advice = ""
        if len(given) == 4:
            advice = f"; of the {given[0]} in the batch choose one, such as weights[0]"
        raise ValueError(f"{WHO}: weights has shape {given}; {NEEDED}{advice}")
    if (heads < 0).any():
        raise ValueError(
            f"{WHO}: weights holds {heads[heads < 0][0]:g}; what softmax gives is not "
            "negative; give the weights, not the scores before softmax"
        )
    return heads
