"""What a classifier says all over the plane, and where it changes its mind.

The model is asked at the points of a grid. The colour of a place is the likeliest
class, its strength how sure the model is, white where it is not sure at all; lines are
drawn where two classes are equally likely. What the model's numbers mean is read in
`_classes.py`.
"""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import (
    Array,
    Floats,
    read_array,
    read_names,
    read_number,
    read_whole,
)
from pebblegrad.viz._classes import WHO, judge, read_labels
from pebblegrad.viz._colors import CURVES, INK
from pebblegrad.viz._embedding import MARKERS
from pebblegrad.viz._labels import numbered, order_of, read_words
from pebblegrad.viz._models import check_callable, evaluation, input_for
from pebblegrad.viz._options import check_text, check_word
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_slip, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TINT = 0.5  # of a class's colour, where the model is sure
UNKNOWN = (0.75, 0.77, 0.79)  # where the model gives no finite number
MANY = 2000  # points, from here on drawn small


@with_own_settings
def plot_decision_boundary(
    model: Any,
    X: Any,
    y: Any,
    title: str | None = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    output: str = "auto",
    class_names: Any = None,
    resolution: int = 200,
    margin: float = 0.15,
    batch_size: int = 8192,
    xlabel: str = "x₁",
    ylabel: str = "x₂",
) -> "Figure":
    """Draw where a classifier of points in the plane decides for which class.

    Points that it gets wrong have a ring, and the legend counts them.

    Args:
        model: takes points (B, 2) and gives scores (B, K) of K classes, one score (B,)
            or (B, 1) for the second of two classes, or labels (B,). A Module gets a
            Tensor, runs in evaluation and is left as it was; any other function gets an
            array of the dtype of `X`.
        X: (N, 2), the points.
        y: (N,) or (N, 1) whole numbers or words, their classes; or (N, K) one-hot.
        title: above the picture; None gives one, an empty string none.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure.
        output: what the model's numbers are: "logits", "probabilities" or "labels".
            "auto" takes whole numbers without an axis of classes for labels, numbers
            from 0 to 1 (with such an axis: that sum to 1) for probabilities, and all
            others for logits.
        class_names: texts for the legend, in the order of the classes; None takes the
            classes' numbers. If `y` holds words they are its classes in the order of
            the model's scores, by default that of the alphabet, as in scikit-learn.
        resolution: points of the grid along each side, at least 2.
        margin: room around the points, as a share of their extent; at least 0.
        batch_size: how many points the model gets at once.
        xlabel: what the first number of a point is.
        ylabel: what the second one is.

    Returns:
        The figure; ``figure.axes[0].images[0]`` are the shades, the collections after
        the lines are the points, one for each class.

    Raises:
        TypeError: if `model` cannot be called, an argument holds no numbers, or is not
            of its kind.
        ValueError: if the shapes are others, a point is not finite, the model gives
            another number of rows or knows fewer classes than `y`, or an option is
            outside its range.
        OSError: if the file cannot be written.

    Example:
        >>> import numpy as np
        >>> X = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        >>> figure = plot_decision_boundary(lambda x: x[:, 0] - 0.5, X, [0, 1, 1])
        >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
        ['0 (1 point)', '1 (2 points)', 'wrong (1 of 3)']
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    check_slip(title, filename, WHO)
    check_text(xlabel, WHO, "xlabel")
    check_text(ylabel, WHO, "ylabel")
    check_word(output, WHO, "output", ("auto", "logits", "probabilities", "labels"))
    check_callable(model, WHO)
    points = _read_points(X)
    words = read_words(y, WHO, "y")
    order = None if words is None else order_of(words, class_names, WHO)
    labels = read_labels(numbered(words, order) if words and order else y, len(points))
    side = read_whole(resolution, WHO, "resolution", 2)
    batch = read_whole(batch_size, WHO, "batch_size", 1)
    room = read_number(margin, WHO, "margin")
    if room < 0:
        raise ValueError(f"{WHO}: margin is {room:g}; at least 0 was needed")
    low, high = _bounds(points, room)
    along = [np.linspace(low[i], high[i], side) for i in (0, 1)]
    grid = np.stack(np.meshgrid(*along), axis=-1).reshape(-1, 2)
    # The points themselves are asked too: is the model right about them?
    asked = np.concatenate([grid.astype(points.dtype), points])
    out = _ask(model, asked, batch, order, class_names is None)
    if order and out.ndim == 2 and 1 < out.shape[1] != len(order):
        raise ValueError(
            f"{WHO}: the model gives scores of {out.shape[1]} classes and the labels "
            f"are {order}; as many were needed; give all of them as class_names=, in "
            "the order of the scores"
        )
    verdict = judge(out, labels, output)
    names = [order[c] if order else str(c) for c in verdict.classes]
    if class_names is not None and not order:
        names = read_names(class_names, WHO, "class_names", len(names), "classes")

    from matplotlib.lines import Line2D

    from pebblegrad.viz._axes import (
        dress,
        legend_above,
        open_axes,
        put_labels,
        put_title,
    )
    from pebblegrad.viz._paper import finish

    figure, own = open_axes(ax, 5.6, 4.8)
    dress(own, grid=False)
    extent = (low[0], high[0], low[1], high[1])
    shares = verdict.shares[: side * side].reshape(side, side, -1)
    own.imshow(
        shades(shares),
        extent=extent,
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        zorder=1,
    )
    _draw_borders(own, along, shares)
    handles: list[Any] = []
    texts = []
    size = 26.0 if len(points) <= MANY else 6.0
    for place, (label, name) in enumerate(zip(verdict.classes, names, strict=True)):
        mine = points[labels == label]
        style: dict[str, Any] = {
            "color": CURVES[place % len(CURVES)],
            "marker": MARKERS[place % len(MARKERS)],
        }
        own.scatter(
            mine[:, 0],
            mine[:, 1],
            s=size,
            edgecolors="white",
            linewidths=0.5 if len(points) <= MANY else 0.0,
            rasterized=len(points) > 10 * MANY,
            zorder=3,
            **style,
        )
        handles.append(Line2D([], [], linestyle="none", markersize=6, **style))
        texts.append(f"{name} ({len(mine):,} point{'s' * (len(mine) != 1)})")
    wrong = points[verdict.said[side * side :] != labels]
    if len(wrong):
        own.scatter(
            wrong[:, 0],
            wrong[:, 1],
            s=3.2 * size,
            marker="o",
            facecolors="none",
            edgecolors=INK,
            linewidths=0.9,
            zorder=4,
        )
        handles.append(
            Line2D(
                [],
                [],
                linestyle="none",
                marker="o",
                color=INK,
                markersize=8,
                fillstyle="none",
            )
        )
        texts.append(f"wrong ({len(wrong):,} of {len(points):,})")
    own.set_xlim(low[0], high[0])
    own.set_ylim(low[1], high[1])
    put_labels(own, xlabel, ylabel)
    above = legend_above(own, handles, texts)
    title = "Decision boundary" if title is None else title
    unknown = int((~np.isfinite(shares)).any(axis=-1).sum())
    if title and unknown:
        title += f" (grey: no finite score, {100 * unknown / side**2:.1f} %)"
    put_title(figure, ax, title, above)
    return finish(figure, target)


def shades(shares: Floats) -> Floats:
    """Return the colour of each place.

    Args:
        shares: (H, W, K) probabilities.

    Returns:
        (H, W, 3): white where all classes are equally likely, the likeliest class's
        colour elsewhere, the stronger the surer; grey where a share is not finite.

    Example:
        >>> import numpy as np
        >>> shades(np.array([[[0.5, 0.5], [1.0, 0.0]]])).round(2).tolist()
        [[[1.0, 1.0, 1.0], [0.5, 0.72, 0.85]]]
    """
    from matplotlib.colors import to_rgb

    count = shares.shape[-1]
    known: Array = np.asarray(np.isfinite(shares).all(axis=-1))
    clean = np.where(known[..., None], shares, 0.0)
    colors = np.array([to_rgb(CURVES[k % len(CURVES)]) for k in range(count)])
    sure = (clean.max(axis=-1) - 1 / count) / (1 - 1 / count) if count > 1 else known
    ink = 1 - colors[clean.argmax(axis=-1)]  # what the colour takes from white
    mixed = 1 - TINT * np.clip(sure, 0, 1)[..., None] * ink
    return np.where(known[..., None], mixed, UNKNOWN)


def _read_points(X: Any) -> Array:
    needed = "(N, 2) was needed: two numbers for each of at least one point"
    points = read_array(X, WHO, "X", needed)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        advice = ""
        if points.ndim == 2 and points.shape[1] > 2:
            advice = "; for more features see plot_embedding and plot_confusion_matrix"
        raise ValueError(f"{WHO}: X has shape {points.shape}; {needed}{advice}")
    if not np.isfinite(points).all():
        row = int((~np.isfinite(points)).any(axis=1).argmax())
        raise ValueError(
            f"{WHO}: X[{row}] is {points[row].tolist()}; finite numbers were needed"
        )
    return points if points.dtype.kind == "f" else points.astype(np.float64)


def _bounds(points: Array, room: float) -> tuple[Floats, Floats]:
    """Return the lower left and the upper right corner of the picture."""
    low = points.min(axis=0).astype(np.float64)
    high = points.max(axis=0).astype(np.float64)
    extent = np.where(high > low, high - low, 1.0)
    # A picture without extent is none.
    pad = np.where(high > low, room * extent, np.maximum(room, 0.5))
    return low - pad, high + pad


def _ask(
    model: Any, points: Array, batch: int, order: list[str] | None, grow: bool
) -> Array:
    """Return what the model says of all points, batch by batch.

    Args:
        model: as given.
        points: (M, 2).
        batch: how many it gets at once.
        order: the classes, if they are words; a model's words become their numbers.
        grow: whether a word that only the model says is put behind them.
    """
    prepared = input_for(model, WHO)
    answers = []
    with evaluation(model):
        for start in range(0, len(points), batch):
            part = points[start : start + batch]
            needed = f"a row for each of the {len(part):,} points was needed"
            said = model(prepared(part))
            words = read_words(said, WHO, "what model returned")
            if words is not None:
                said = _numbers(words, order, grow)
            out = read_array(said, WHO, "what model returned", needed)
            if out.ndim not in (1, 2) or len(out) != len(part):
                raise ValueError(
                    f"{WHO}: model returned shape {out.shape} for points of shape "
                    f"{part.shape}; scores (B, K), one score (B,) or (B, 1), or labels "
                    f"(B,) were needed, {needed}"
                )
            answers.append(out)
    return np.concatenate(answers)


def _numbers(words: list[str], order: list[str] | None, grow: bool) -> Array:
    if order is None:
        raise TypeError(
            f"{WHO}: the model says {words[0]!r} and y holds numbers; labels of one "
            "kind were needed, all words or all whole numbers"
        )
    unknown = sorted(set(words) - set(order))
    if unknown and not grow:
        raise ValueError(
            f"{WHO}: the model says {unknown[0]!r}, and class_names is {order}; all "
            "classes that it says were needed in it"
        )
    order += unknown
    return numbered(words, order)


def _draw_borders(ax: "Axes", along: list[Floats], shares: Floats) -> None:
    """Draw a line where the likeliest class becomes another."""
    count = shares.shape[-1]
    for k in range(1 if count == 2 else 0, count):
        others = np.delete(shares, k, axis=-1)
        if not others.size:
            return
        lead = shares[..., k] - others.max(axis=-1)
        if np.nanmin(lead, initial=0) < 0 < np.nanmax(lead, initial=0):
            lines = np.ma.masked_invalid(lead)
            ax.contour(*along, lines, [0.0], colors=INK, linewidths=1.1, zorder=2)
