"""What was said for what it was: counts of true and predicted classes.

Rows are what it was, columns what was said, as in scikit-learn; what is right stands on
the diagonal.
"""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import Array, Floats, read_array, read_names
from pebblegrad.viz._colors import INK
from pebblegrad.viz._labels import numbered, order_of, read_words
from pebblegrad.viz._options import check_word
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_slip, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_confusion_matrix"
NUMBERED = 30  # of more classes the cells are too small for numbers


@with_own_settings
def plot_confusion_matrix(
    y_true: Any,
    y_pred: Any = None,
    title: str | None = None,
    filename: str | os.PathLike[str] | None = None,
    *,
    class_names: Any = None,
    normalize: str | None = None,
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw how often each class was taken for each other.

    Args:
        y_true: (N,) or (N, 1) whole numbers or words, the classes; or, without
            `y_pred`, the matrix itself: (K, K) counts, a row for each true class.
        y_pred: (N,) or (N, 1) whole numbers or words, the predicted classes; or (N, K)
            scores, of which the largest counts. The first K classes are 0 to K - 1
            then.
        title: above the picture; None gives the share that is right, an empty string
            none.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        class_names: (K,) texts, in the order of the classes; None takes the classes'
            numbers. Of classes that are words it is the order, by default that of the
            alphabet.
        normalize: None for counts; "true" for shares of each row, "pred" of each
            column, "all" of everything, in per cent.
        ax: matplotlib Axes to draw into, instead of a new figure.

    Returns:
        The figure; ``figure.axes[0].images[0]`` holds the matrix.

    Raises:
        TypeError: if the classes are no whole numbers, or another argument is not of
            its kind.
        ValueError: if the shapes do not fit, there is no sample, a count is negative,
            `class_names` has another length, `normalize` is another word, or the file's
            ending is not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1])
        >>> figure.axes[0].images[0].get_array().tolist()
        [[1.0, 1.0], [0.0, 2.0]]
        >>> figure.get_suptitle()
        'Confusion matrix: 75.0 % of 4 right'
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    check_slip(title, filename, WHO)
    if normalize is not None:
        check_word(normalize, WHO, "normalize", ("true", "pred", "all"))
    order: list[str] | None = None
    if y_pred is None:
        counts, classes = _read_matrix(y_true)
    else:
        words = read_words(y_true, WHO, "y_true")
        if words is not None:
            y_true, y_pred, order = _from_words(words, y_pred, class_names)
        elif read_words(y_pred, WHO, "y_pred"):
            raise TypeError(
                f"{WHO}: y_pred holds words and y_true does not; labels of one kind "
                "were needed, all words or all whole numbers"
            )
        counts, classes = _count(y_true, y_pred, len(order or ()))
    names = order or [str(c) for c in classes]
    if class_names is not None and not order:
        names = read_names(class_names, WHO, "class_names", len(counts), "classes")
    total = counts.sum()
    matrix = _shares(counts, normalize)

    from pebblegrad.viz._axes import (
        SEQUENTIAL,
        color_bar,
        dress_image,
        open_axes,
        put_labels,
        put_title,
        tick_names,
    )
    from pebblegrad.viz._paper import PLAIN, POINTS_PER_INCH, finish

    size = len(counts)
    # A cell holds its widest number.
    widest = max(len(_cell(v, normalize)) for v in matrix.flat)
    side = min(max((0.16 + 0.07 * widest) * size, 3.0), 8.0)
    if size > NUMBERED:
        side = 5.0
    figure, own = open_axes(ax, side + 1.9, side + 1.4)
    dress_image(own)
    top = float(matrix.max()) or 1.0
    image = own.imshow(matrix, cmap=SEQUENTIAL, vmin=0.0, vmax=top)
    for (row, column), value in np.ndenumerate(matrix if size <= NUMBERED else []):
        own.text(
            column,
            row,
            _cell(value, normalize),
            ha="center",
            va="center",
            fontsize=9 if size <= 15 else 7,
            fontweight="bold" if row == column else "normal",
            color="white" if value > 0.55 * top else INK,
            **PLAIN,
        )
    tick_names(own, "x", names, side * POINTS_PER_INCH)
    tick_names(own, "y", names, side * POINTS_PER_INCH)
    put_labels(own, "predicted", "true")
    if ax is None:
        units = {None: "samples", "true": "% of the row", "pred": "% of the column"}
        label = units.get(normalize, "% of all")
        color_bar(figure, image, own, label, whole=normalize is None)
    if title is None:
        right = float(np.trace(counts))
        title = f"Confusion matrix: {100 * right / total:.1f} % of {total:,.0f} right"
    put_title(figure, ax, title)
    return finish(figure, target)


def _read_matrix(matrix: Any) -> tuple[Floats, list[int]]:
    needed = "(K, K) counts were needed, or y_true and y_pred, both of them (N,)"
    found = read_array(matrix, WHO, "y_true", needed)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not found.size:
        raise ValueError(
            f"{WHO}: y_true has shape {found.shape}, and y_pred is None; {needed}"
        )
    counts = found.astype(np.float64)
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError(f"{WHO}: the matrix holds what is no count; {needed}")
    if not counts.any():
        raise ValueError(f"{WHO}: the matrix holds only zeros; a sample was needed")
    return counts, list(range(len(counts)))


def _from_words(
    words: list[str], y_pred: Any, class_names: Any
) -> tuple[Array, Any, list[str]]:
    """Return the true and the predicted classes as numbers, and the classes' order."""
    said = read_words(y_pred, WHO, "y_pred")
    order = order_of([*words, *(said or ())], class_names, WHO)
    if said is not None:
        return numbered(words, order), numbered(said, order), order
    scores = read_array(
        y_pred, WHO, "y_pred", "words as in y_true, or scores (N, K), were needed"
    )
    if scores.ndim != 2 or scores.shape[1] != len(order):
        raise ValueError(
            f"{WHO}: y_true holds the words {order[:8]} and y_pred has shape "
            f"{scores.shape}; words, or scores of shape (N, {len(order)}) were needed; "
            "of more classes give class_names= in the order of the scores"
        )
    return numbered(words, order), scores, order


def _count(y_true: Any, y_pred: Any, named: int) -> tuple[Floats, list[int]]:
    """Return the counts, (K, K), and the classes, sorted; at least `named` many."""
    true, _ = _classes(y_true, "y_true")
    said, scored = _classes(y_pred, "y_pred")
    if len(true) != len(said):
        raise ValueError(
            f"{WHO}: y_true has {len(true):,} classes of samples and y_pred has "
            f"{len(said):,}; one of each for every sample was needed"
        )
    if not len(true):
        raise ValueError(f"{WHO}: y_true is empty; at least one sample was needed")
    known = np.union1d(np.union1d(true, said), np.arange(max(scored, named)))
    counts = np.zeros((len(known), len(known)))
    places = np.searchsorted(known, true), np.searchsorted(known, said)
    np.add.at(counts, places, 1.0)
    return counts, known.tolist()


def _classes(values: Any, name: str) -> tuple[Array, int]:
    """Return classes, (N,), and how many there are scores of, or 0."""
    needed = "whole numbers of shape (N,) were needed, the classes"
    scores = "; y_pred may also be scores of shape (N, K)" * (name == "y_pred")
    array = read_array(values, WHO, name, needed + scores)
    if name == "y_pred" and array.ndim == 2 and array.shape[1] > 1:
        if not np.isfinite(array).all():
            raise ValueError(f"{WHO}: y_pred holds a score that is not finite")
        return array.argmax(axis=1), array.shape[1]
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        advice = ""
        if name == "y_true" and array.ndim == 2:
            advice = "; of one-hot rows take .argmax(axis=1)"
        raise ValueError(
            f"{WHO}: {name} has shape {array.shape}; {needed}{scores}{advice}"
        )
    if array.dtype.kind == "f" and not (array == np.rint(array)).all():
        wrong = float(array[array != np.rint(array)][0])
        raise TypeError(
            f"{WHO}: {name} holds {wrong:g}; {needed}; of probabilities of one class "
            "take (p > 0.5)"
        )
    return array.astype(np.int64), 0


def _shares(counts: Floats, normalize: str | None) -> Floats:
    """Return per cent of rows, of columns or of all; of an empty row zeros."""
    if normalize is None:
        return counts
    axis = {"true": 1, "pred": 0}.get(normalize)
    whole = counts.sum(axis=axis, keepdims=True)
    return 100 * counts / np.where(whole == 0, 1.0, whole)


def _cell(value: float, normalize: str | None) -> str:
    if normalize is not None:
        return f"{value:.1f}" if value else "0"
    return f"{value:,.0f}" if value == round(value) else f"{value:.3g}"
