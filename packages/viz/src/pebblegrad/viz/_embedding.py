"""Points of many dimensions on paper, by their principal components.

The two directions along which the points differ most are found by the singular value
decomposition of the centred points (Pearson 1901; Hotelling 1933): X = U S Vᵀ, the rows
of Vᵀ are the directions and U S are the coordinates.
"""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import Floats, read_floats, read_names, shown
from pebblegrad.viz._colors import CURVES, INK, SOFT_INK
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_embedding"
NEEDED = "(N, D) was needed: a row of numbers for each of at least one point"
# All of them have an inside: when the colours come again it is white.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*", "d")
MOST_GROUPS = 20


@with_own_settings
def plot_embedding(
    vectors: Any,
    labels: Any = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    texts: Any = None,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """Draw vectors as points in the plane of their first two principal components.

    Distances are to scale. The axes say how much of the variance each component holds:
    what is not in the two is not in the picture.

    Args:
        vectors: (N, D) numbers; or what has a `weight` of that shape, such as an
            Embedding. Rows that are not finite are left out, and the title says so.
        labels: (N,) group of each point, at most 20 different ones: shown by colour and
            marker, with a legend.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        texts: (N,) written beside the points.
        ax: matplotlib Axes to draw into, instead of a new figure.
        title: above the picture; None gives one, an empty string none.

    Returns:
        The figure; ``figure.axes[0].collections`` are the points, one collection for
        each group, sorted.

    Raises:
        TypeError: if `vectors` holds no numbers, or another argument is not of its
            kind.
        ValueError: if the shape is another, no row is finite, there are more or fewer
            labels or texts than points, more than 20 groups, or the file's ending is
            not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> vectors = [[3.0, 4.0, 1.0], [-3.0, -4.0, 1.0], [0.0, 0.0, 1.0]]
        >>> figure = plot_embedding(vectors, texts=["up", "down", "middle"])
        >>> figure.axes[0].get_xlabel()
        'component 1 (100 % of variance)'
        >>> points = figure.axes[0].collections[0].get_offsets()
        >>> [round(float(x), 6) for x in points[:, 0]]
        [5.0, -5.0, 0.0]

    Reference:
        Hotelling (1933), "Analysis of a complex of statistical variables into principal
        components", https://doi.org/10.1037/h0071325
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    points = _read_vectors(vectors)
    count = len(points)
    groups = None
    if labels is not None:
        groups = read_names(labels, WHO, "labels", count, "points")
        different = len(set(groups))
        if different > MOST_GROUPS:
            raise ValueError(
                f"{WHO}: labels names {different:,} groups; at most {MOST_GROUPS} can "
                "be told apart; write them beside the points with texts="
            )
    written = []
    if texts is not None:
        written = read_names(texts, WHO, "texts", count, "points")
    kept = np.flatnonzero(np.isfinite(points).all(axis=1))
    if not kept.size:
        raise ValueError(f"{WHO}: none of the {count:,} rows is finite; {NEEDED}")
    places, shares = principal_components(points[kept])

    from matplotlib.ticker import MaxNLocator

    from pebblegrad.viz._axes import (
        dress,
        legend_above,
        open_axes,
        put_labels,
        put_title,
    )
    from pebblegrad.viz._paper import PLAIN, finish

    figure, own = open_axes(ax, 6.0, 5.2)
    dress(own)
    of_each = [groups[i] if groups else "" for i in kept]
    handles, names = [], sorted(set(of_each), key=_by_number)
    for number, name in enumerate(names):
        mine = places[[group == name for group in of_each]]
        handles.append(
            own.scatter(
                mine[:, 0],
                mine[:, 1],
                s=26 if len(kept) <= 1000 else 9,
                marker=MARKERS[number % len(MARKERS)],
                **_colors(number, len(kept)),
                rasterized=len(kept) > 20_000,
                zorder=3,
            )
        )
    for row, (x, y) in zip(kept if written else [], places, strict=False):
        own.annotate(
            written[row],
            (x, y),
            (4, 3),
            textcoords="offset points",
            fontsize=8.5,
            color=INK,
            **PLAIN,
        )
    own.axhline(0, color=SOFT_INK, linewidth=0.6, zorder=1.2)
    own.axvline(0, color=SOFT_INK, linewidth=0.6, zorder=1.2)
    own.margins(0.12 if written else 0.05)
    own.set_aspect("equal", adjustable="datalim")
    own.xaxis.set_major_locator(MaxNLocator(6))
    own.yaxis.set_major_locator(MaxNLocator(6))
    words = [
        f"component {i + 1} ({shown(100 * share)} % of variance)"
        for i, share in enumerate(shares)
    ]
    put_labels(own, *words)
    if title is None:
        title = f"{count:,} vectors of {points.shape[1]:,} numbers"
    if title and kept.size < count:
        title += f" ({count - kept.size:,} left out: not finite)"
    above = legend_above(own, handles, names) if groups else 0.0
    put_title(figure, ax, title, above)
    return finish(figure, target)


def _colors(number: int, count: int) -> dict[str, Any]:
    """Return the colours of a group: filled, and hollow when they come again."""
    color = CURVES[number % len(CURVES)]
    if number // len(CURVES) % 2:
        return {"facecolors": "white", "edgecolors": color, "linewidths": 1.2}
    few = count <= 1000
    return {"color": color, "edgecolors": "white", "linewidths": 0.4 if few else 0.0}


def principal_components(points: Floats) -> tuple[Floats, list[float]]:
    """Return the points in the plane in which they differ most.

    Args:
        points: (N, D), finite.

    Returns:
        Their coordinates (N, 2), and for each of the two the share of the variance. The
        largest number in each direction is positive, so that the picture is the same
        on every machine.

    Example:
        >>> places, shares = principal_components(np.array([[0.0, 2.0], [0.0, 0.0]]))
        >>> places.tolist(), shares
        ([[1.0, 0.0], [-1.0, 0.0]], [1.0, 0.0])
    """
    # Divided first: squares of large or small numbers leave the range of a float.
    largest = float(np.abs(points).max()) or 1.0
    points = points / largest
    centred = points - points.mean(axis=0)
    _, spreads, directions = np.linalg.svd(centred, full_matrices=False)
    directions, spreads = directions[:2], spreads[:2]
    heads = np.take_along_axis(
        directions, np.abs(directions).argmax(axis=1)[:, None], axis=1
    )
    directions = directions * np.where(heads < 0, -1.0, 1.0)
    places = np.zeros((len(points), 2))
    places[:, : len(directions)] = centred @ directions.T * largest
    total = (centred**2).sum()
    shares = (spreads**2 / total).tolist() if total else []
    return places, [*shares, 0.0, 0.0][:2]


def _read_vectors(vectors: Any) -> Floats:
    if hasattr(vectors, "weight"):
        vectors = vectors.weight
    points = read_floats(vectors, WHO, "vectors", NEEDED)
    if points.ndim != 2 or not points.size:
        raise ValueError(f"{WHO}: vectors has shape {points.shape}; {NEEDED}")
    return points


def _by_number(name: str) -> tuple[float, str]:
    """Sort 2 before 10, and words after numbers."""
    try:
        return float(name), name
    except ValueError:
        return float("inf"), name
