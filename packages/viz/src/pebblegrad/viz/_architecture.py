"""A network as columns of neurons, or as boxes.

Every neuron of a small layer is drawn. Of a large one the first and the last few are,
with dots between them, and its true size stands under it: what is left out is said.
How layers are found in a model is in `_layers.py`. A model that is no chain of linear
layers is drawn as boxes: `_layer_blocks.py` and, for a model that is run,
`_layer_run.py` say of what, `_layer_diagram.py` draws them.
"""

import itertools
import os
from typing import TYPE_CHECKING

from pebblegrad.viz._arrays import read_whole
from pebblegrad.viz._colors import BLUE, GREY, INK, ORANGE, SOFT_INK, WIRE
from pebblegrad.viz._layer_blocks import Group, all_blocks, read_blocks
from pebblegrad.viz._layer_run import run_blocks
from pebblegrad.viz._layers import WHO, Layer, read_layers
from pebblegrad.viz._settings import begin, with_own_settings
from pebblegrad.viz._target import Target, check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pebblegrad.viz._paper import Sheet

RADIUS = 9.0  # points, of a neuron
STEP = 25.0  # from one neuron to the next
DOTS = 34.0  # from the last neuron before the dots to the first after them
COLUMNS = 16  # layers that are drawn of a deeper network
BETWEEN = 120.0  # at least, from one layer to the next
CAPTION_SIZE, NOTE_SIZE, LINE = 9.5, 8.5, 13.0
MOST_NEURONS = 50  # of a layer; more lines than these make are a grey area
NOTES = 4  # notes under a layer; the rest is counted


@with_own_settings
def plot_network_architecture(
    layer_sizes: object,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    max_neurons: int = 10,
    input_shape: tuple[int, ...] | None = None,
) -> "Figure":
    """Draw the layers of a network, its neurons and their connections.

    A model that holds more than linear layers, such as convolutions, attention or an
    LSTM, is drawn as boxes from top to bottom, with their sizes and weights.

    Args:
        layer_sizes: numbers of neurons from input to output, such as ``[2, 8, 4, 1]``;
            or a model, read by what it lists in `named_modules()`, `modules()` or
            `layers`, or as a list: objects with `in_features` and `out_features` are
            its layers, and the names of what comes between them (ReLU, Dropout, a plain
            function) are captions. The order of that list is taken for the order of
            computation; what stands in a `Sequential` twice is drawn twice.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure; text scales with the
            picture to its present size. Nothing is written unless `filename` is given,
            which then holds the whole figure.
        title: above the picture; None gives the sizes, an empty string no title.
        max_neurons: 3 to 50; of a larger layer only the first and last are drawn, as
            many as this together, with dots between them. Likewise the middle of a
            network of more than 16 layers (of boxes, of more than 24 in a row) is left
            out, and the picture says so.
        input_shape: of what the model takes, the axis of the batch first, such as
            ``(1, 1, 28, 28)``. The model is then run once, in evaluation, on random
            numbers (on whole ones if it begins with an Embedding), and drawn as boxes
            in the order of its computation, with the shape of what each gives and with
            the connections that go round layers. Without it the order is that in which
            the model lists its parts; that of the layers of a transformer is known.

    Returns:
        The figure; the picture is in ``figure.axes[0]`` (or in `ax`). pyplot does not
        know it; ``figure.savefig`` does what it always does.

    Raises:
        TypeError: if `layer_sizes` is neither sizes nor a model, or no Module though
            there is an `input_shape`, or another argument is not of its kind.
        ValueError: if there are fewer than two layers, a size is below 1, a layer does
            not take what the one before it gives, `max_neurons` is out of its range, or
            the file's ending is not one of the three.
        OSError: if the file cannot be written.

    Example:
        >>> figure = plot_network_architecture([784, 128, 10])
        >>> figure.axes[0].get_title()
        'Network 784 – 128 – 10'
        >>> [text.get_text() for text in figure.axes[0].texts if "1" in text.get_text()]
        ['hidden 1', '128', '10']
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    most = _read_most(max_neurons)
    blocks, takes, gives = read_blocks(layer_sizes), "", ""
    if input_shape is not None:
        blocks, takes, gives = run_blocks(layer_sizes, input_shape)
    if blocks is not None:
        return _diagram(blocks, (takes, gives), title, ax, target)
    layers = read_layers(layer_sizes)

    from pebblegrad.viz._paper import finish, new_sheet, title_width

    begin()  # texts are measured first
    columns = _columns(layers)
    captions = [_caption(layers, place) for place in columns]
    widths = [_width(caption) for caption in captions]
    xs = [widths[0] / 2 + 1]
    for a, b in itertools.pairwise(widths):
        xs.append(xs[-1] + max(BETWEEN, (a + b) / 2 + 14))
    heights = [_height(0 if p is None else layers[p].size, most) for p in columns]
    tallest = max(heights) + 2  # room for outlines
    lines = max(len(caption) for caption in captions)
    if title is None:
        title = _title(layers)
    width = xs[-1] + widths[-1] / 2 + 2
    room = max(width, title_width(title))
    sheet = new_sheet(room, tallest + 22 + lines * LINE, title, ax)
    xs = [x + (room - width) / 2 for x in xs]
    _draw(sheet, layers, columns, xs, tallest, most)
    for x, caption in zip(xs, captions, strict=True):
        for row, (text, size, color, weight) in enumerate(caption):
            y = tallest + 22 + row * LINE
            sheet.text(x, y, text, size, color=color, fontweight=weight)
    return finish(sheet.figure, target)


def _diagram(
    blocks: Group,
    shapes: tuple[str, str],
    title: str | None,
    ax: "Axes | None",
    target: Target | None,
) -> "Figure":
    """Draw boxes, for a model that is no chain of neurons."""
    from pebblegrad.viz._layer_diagram import Diagram
    from pebblegrad.viz._paper import finish, new_sheet, title_width

    every = list(all_blocks(blocks))
    takes = shapes[0] or next((block.takes for block in every if block.takes), "")
    last = next((block.gives for block in reversed(every) if block.gives), "")
    if title is None:
        count = sum(1 for block in every if block.gives)
        weights = sum(block.weights for block in every)
        title = f"Network of {count:,} layer{'s' * (count != 1)}"
        title += f", {weights:,} weights" * bool(weights)
    begin()  # texts are measured first
    diagram = Diagram(blocks, takes, shapes[1] or last)
    width = max(diagram.width + 4, title_width(title))
    sheet = new_sheet(width, diagram.height + 2, title, ax)
    diagram.draw(sheet, width / 2)
    return finish(sheet.figure, target)


def neurons(size: int, most: int) -> list[float | None]:
    """Return where the neurons of a layer are, down from its top; None for dots.

    Args:
        size: of the layer.
        most: how many are drawn.

    Example:
        >>> neurons(2, 10)
        [9.0, 34.0]
        >>> len(neurons(784, 10))
        11
    """
    if size <= most:
        return [RADIUS + STEP * i for i in range(size)]
    first = (most + 1) // 2
    above = [RADIUS + STEP * i for i in range(first)]
    below = [above[-1] + DOTS + STEP * i for i in range(most - first)]
    return [*above, None, *below]


def _read_most(max_neurons: int) -> int:
    most = read_whole(max_neurons, WHO, "max_neurons", 0)
    if not 3 <= most <= MOST_NEURONS:
        raise ValueError(
            f"{WHO}: max_neurons is {most}; at least 3 and at most {MOST_NEURONS} was "
            "needed, because each neuron is joined to each of the next layer"
        )
    return most


def _columns(layers: list[Layer]) -> list[int | None]:
    """Return which layers are drawn; None stands for those that are left out."""
    count = len(layers)
    if count <= COLUMNS:
        return list(range(count))
    half = COLUMNS // 2
    return [*range(half), None, *range(count - half, count)]


def _height(size: int, most: int) -> float:
    places = [y for y in neurons(size, most) if y is not None]
    return places[-1] + RADIUS if places else 0.0


Line = tuple[str, float, str, str]  # text, size, colour, weight


def _caption(layers: list[Layer], place: int | None) -> list[Line]:
    """Return the lines under a column."""
    if place is None:
        count = len(layers) - COLUMNS
        return [
            (f"{count} more", CAPTION_SIZE, SOFT_INK, "normal"),
            (f"layer{'s' * (count > 1)}", CAPTION_SIZE, SOFT_INK, "normal"),
        ]
    layer = layers[place]
    role = f"hidden {place}"
    if place in (0, len(layers) - 1):
        role = "output" if place else "input"
    notes = list(layer.notes)
    if len(notes) > NOTES:
        notes = [*notes[: NOTES - 1], f"and {len(notes) - NOTES + 1} more"]
    return [
        (role, CAPTION_SIZE, SOFT_INK, "normal"),
        (f"{layer.size:,}", CAPTION_SIZE + 1.5, INK, "bold"),
        *((_short(note), NOTE_SIZE, BLUE[1], "normal") for note in notes),
    ]


def _short(note: str) -> str:
    return note if len(note) <= 28 else note[:27] + "…"


def _width(caption: list[Line]) -> float:
    from pebblegrad.viz._paper import text_width

    widths = (text_width(text, size, weight=w) for text, size, _, w in caption)
    return max(2 * RADIUS, *widths)


def _title(layers: list[Layer]) -> str:
    sizes = [str(layer.size) for layer in layers]
    if len(sizes) > 8:
        sizes = [*sizes[:3], "…", *sizes[-3:]]
    return f"Network {' – '.join(sizes)}"


def _draw(
    sheet: "Sheet",
    layers: list[Layer],
    columns: list[int | None],
    xs: list[float],
    tallest: float,
    most: int,
) -> None:
    """Draw connections first, then neurons and dots over them."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Circle

    points: list[list[tuple[float, float]]] = []
    wires: list[list[tuple[float, float]]] = []
    dots: list[tuple[float, float]] = []
    for place, x in zip(columns, xs, strict=True):
        if place is None:
            points.append([])
            dots += [(x + 9 * i, tallest / 2) for i in (-1, 0, 1)]
            continue
        size = layers[place].size
        top = (tallest - _height(size, most)) / 2
        ys = neurons(size, most)
        column = [(x, top + y) for y in ys if y is not None]
        if None in ys:
            middle = (column[ys.index(None) - 1][1] + column[ys.index(None)][1]) / 2
            dots += [(x, middle + 5 * i) for i in (-1, 0, 1)]
        if points:
            wires += [[a, b] for a in points[-1] for b in column]
        points.append(column)
    strength = 0.8 if len(wires) < 120 else 0.45
    sheet.ax.add_collection(
        LineCollection(
            wires,
            colors=WIRE,
            linewidths=sheet.width(strength),
            alpha=0.7,
            zorder=1,
            gid="connections",
        ),
        autolim=False,
    )
    for place, column in zip(columns, points, strict=True):
        fill, edge = BLUE
        if place == 0:
            fill, edge = GREY[0], SOFT_INK
        elif place == len(layers) - 1:
            fill, edge = ORANGE
        for number, center in enumerate(column):
            sheet.ax.add_patch(
                Circle(
                    center,
                    RADIUS,
                    facecolor=fill,
                    edgecolor=edge,
                    linewidth=sheet.width(1.2),
                    zorder=2,
                    gid=f"layer-{place}-neuron-{number}",
                )
            )
    for center in dots:
        sheet.ax.add_patch(
            Circle(center, 1.4, facecolor=SOFT_INK, linewidth=0, zorder=2, gid="dots")
        )
