"""How large the gradients are, from the first parameter to the last.

Gradients that shrink from layer to layer towards the input vanish, those that grow
explode. The bars stand in the order of the model, on a logarithmic axis, for what
matters is by what factor they differ.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import read_floats, shown
from pebblegrad.viz._colors import BLUE, FAINT, ORANGE, SOFT_INK
from pebblegrad.viz._models import named_parameters
from pebblegrad.viz._options import check_word, read_flag
from pebblegrad.viz._printable import LONGEST_NAME, printable
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_gradient_flow"
MEASURES = {
    "norm": "norm of the gradient",
    "mean": "mean size of the gradient's elements",
    "max": "largest size of the gradient's elements",
}
LINE = 0.21  # inches, of one bar
SMALLEST = 1e-300  # where the logarithmic axis begins at the latest


@dataclass(frozen=True)
class Bar:
    """One parameter: its name, its measure, and what is wrong with it if anything."""

    name: str
    size: float
    fault: str = ""


@with_own_settings
def plot_gradient_flow(
    model: Any,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    measure: str = "norm",
    log: bool = True,
) -> "Figure":
    """Draw how large the gradient of each parameter is, after ``loss.backward()``.

    Parameters without a gradient, with a gradient of zeros, and with one that is not
    finite have no bar; words in its place say which it is.

    Args:
        model: a Module; or ``{name: Tensor}``; or a list of Tensors, such as
            `parameters()` returns. The gradients are read, not changed.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure.
        title: above the picture; None gives one, an empty string none.
        measure: "norm" (Euclidean, of the whole gradient), "mean" or "max" (of the
            absolute values of its elements).
        log: whether the sizes stand on a logarithmic axis.

    Returns:
        The figure; ``figure.axes[0].patches`` are the bars, the first parameter on top.

    Raises:
        TypeError: if `model` is nothing of that, or has parameters without `grad`.
        ValueError: if there is no parameter, `measure` is another, or the file's ending
            is not one of the three.
        RuntimeError: if no parameter has a gradient.
        OSError: if the file cannot be written.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> w = Tensor([3.0, 4.0], requires_grad=True)
        >>> b = Tensor([0.0], requires_grad=True)
        >>> ((w * w).sum() / 2).backward()
        >>> figure = plot_gradient_flow({"w": w, "b": b})
        >>> [float(bar.get_width()) for bar in figure.axes[0].patches]
        [5.0]
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['5', 'no gradient']
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    check_word(measure, WHO, "measure", MEASURES)
    log = read_flag(log, WHO, "log")
    bars = [_read(name, p, measure) for name, p in named_parameters(model, WHO)]
    if all(bar.fault == "no gradient" for bar in bars):
        raise RuntimeError(
            f"{WHO}: none of the {len(bars):,} parameters has a gradient; call "
            "loss.backward() first, and zero_grad() after this"
        )

    from matplotlib.ticker import NullFormatter

    from pebblegrad.viz._axes import dress, open_axes, put_labels, put_title
    from pebblegrad.viz._paper import PLAIN, finish, ink

    figure, own = open_axes(ax, 6.4, 1.2 + LINE * max(len(bars), 4))
    dress(own)
    own.grid(False, axis="y")
    if log:
        own.set_xscale("log")
    sizes = [bar.size for bar in bars if not bar.fault]
    low, high = 0.0, max(sizes, default=1.0)
    if log:  # from a power of ten that is below the smallest
        power = np.floor(np.log10(min(sizes, default=1.0)) - 0.1)
        low, high = max(10.0**power, SMALLEST), max(high, 2 * SMALLEST)
        own.xaxis.set_minor_formatter(NullFormatter())
    for row, bar in enumerate(bars):
        words, place, color = bar.fault, low, ORANGE[1]
        if not bar.fault:
            own.barh(row, bar.size, 0.7, facecolor=BLUE[0], edgecolor=BLUE[1])
            words, place, color = shown(bar.size), max(bar.size, low), SOFT_INK
        own.annotate(
            words,
            (place, row),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=color,
            **PLAIN,
        )
    names = [printable(bar.name, LONGEST_NAME) for bar in bars]
    # A parameter's end tells more than its beginning: ...attention.weight
    short = [name if len(name) <= 36 else "…" + name[-35:] for name in names]
    own.set_yticks(range(len(bars)), short, **PLAIN)
    own.set_ylim(len(bars) - 0.4, -0.6)
    # Room for the number behind the longest bar.
    own.set_xlim(low, high * (high / low) ** 0.15 if log else high * 1.15)
    own.set_facecolor("white")
    own.tick_params(axis="y", length=0, labelcolor=ink(own))
    own.grid(True, axis="x", color=FAINT, linewidth=0.7)
    put_labels(own, MEASURES[measure], "")
    put_title(figure, ax, "Gradient flow" if title is None else title)
    return finish(figure, target)


def _read(name: str, parameter: Any, measure: str) -> Bar:
    if not hasattr(parameter, "grad"):
        raise TypeError(
            f"{WHO}: parameter {name} is of type {type(parameter).__name__}, which has "
            "no grad; a Tensor was needed"
        )
    if parameter.grad is None:
        return Bar(name, 0.0, "no gradient")
    needed = "real numbers were needed"
    sizes = np.abs(read_floats(parameter.grad, WHO, f"the gradient of {name}", needed))
    if not sizes.size:
        return Bar(name, 0.0, "no elements")
    wrong = sizes.size - int(np.isfinite(sizes).sum())
    if wrong:
        return Bar(name, 0.0, f"{wrong:,} of {sizes.size:,} elements not finite")
    largest = float(sizes.max())
    if not largest:
        return Bar(name, 0.0, "all zero")
    # Divided first: squares of large or small numbers leave the range of a float.
    scaled = sizes / largest
    size = {
        "norm": float(np.sqrt((scaled**2).sum())) * largest,
        "mean": float(scaled.mean()) * largest,
        "max": largest,
    }[measure]
    return Bar(name, size)
