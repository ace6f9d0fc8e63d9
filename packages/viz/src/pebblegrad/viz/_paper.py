"""What every picture is drawn on and written with: figures, text, files.

Figures are made without pyplot, so that nothing stays open and the backend stays what
it was. Pictures made of boxes are drawn on a `Sheet`, whose unit is the typographic
point: a text of size 9 is 9 units high there, and what was measured to fit does fit.
Text is always literal: a ``$`` in a label does not begin a formula.

This module imports matplotlib and is itself imported by the first picture only; the
check of the arguments, which comes before, is in `_target.py`.
"""

import functools
import io
import math
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from pebblegrad.viz._colors import INK, LIGHT_INK
from pebblegrad.viz._printable import printable
from pebblegrad.viz._settings import OWN, begin, own_settings
from pebblegrad.viz._target import Target

POINTS_PER_INCH = 72.0
DPI = 150.0
# A bitmap of more takes seconds and gigabytes (and Agg no more than 2**16 a side);
# viewers of PDF show no more than 200 inches.
MAX_PIXELS = 30e6
MAX_SIDE = 30_000.0
MAX_INCHES = 200.0
MARGIN = 14.0  # points, around a sheet
TITLE_SIZE, SMALL_TITLE_SIZE = 13.0, 10.0  # the second in axes that are given
TITLE_HEIGHT = 24.0  # points, above a sheet that has a title
LONGEST_TITLE = 420.0  # points; a narrow sheet grows to it, then the title is wrapped

PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}


class Picture(Figure):
    """A figure that shows itself in a notebook, with or without pyplot.

    It is drawn under the settings that it was made with, whatever the user has set in
    between: matplotlib makes the texts of ticks as late as then.
    """

    def draw(self, renderer: Any) -> None:
        with own_settings():
            super().draw(renderer)

    def savefig(self, fname: Any, **options: Any) -> None:
        # A dark style asks for a black ground here, under dark letters.
        options.setdefault("facecolor", self.get_facecolor())
        super().savefig(fname, **options)

    def _repr_png_(self) -> bytes:
        return drawn(self, "png")


def new_figure(width: float, height: float, *, constrained: bool = False) -> Figure:
    """Return an empty white figure of that many inches, unknown to pyplot.

    With `constrained`, its axes make room for their labels, titles and legends.
    """
    begin()
    area = width * height
    dpi = min(DPI, MAX_SIDE / max(width, height), math.sqrt(MAX_PIXELS / area))
    figure = Picture((width, height), dpi=dpi, facecolor="white")
    # Set in any case: the user's settings may ask for another one.
    engine = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12) if constrained else None
    figure.set_layout_engine(engine or "none")
    FigureCanvasAgg(figure)
    return figure


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure that `ax` is in, which is going to be drawn into."""
    begin()
    figure: Figure | SubFigure | None = ax.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    assert figure is not None
    return figure


def is_dark(ax: Axes) -> bool:
    """Tell whether axes stand on a dark ground, such as that of a dark style."""
    red, green, blue, alpha = to_rgba(figure_of(ax).get_facecolor())
    # Brightness as the eye has it; what shines through is taken for white.
    return alpha * (1 - (0.3 * red + 0.59 * green + 0.11 * blue)) > 0.5


def ink(ax: Axes, usual: str = INK) -> str:
    """Return the colour of what is written around axes."""
    return LIGHT_INK if is_dark(ax) else usual


def drawn(figure: Figure, form: str) -> bytes:
    """Return the file of a figure; the same picture gives the same bytes."""
    buffer = io.BytesIO()
    no_date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[form]
    ours = isinstance(figure, Picture)
    with own_settings() if ours else matplotlib.rc_context(OWN):
        figure.savefig(buffer, format=form, metadata=no_date)
    return buffer.getvalue()


def finish(figure: Figure, target: Target | None) -> Figure:
    """Write the figure if somebody asked for a file; return it."""
    if target is not None:
        # Drawn completely before the disk is touched.
        target.write(drawn(figure, target.form))
    return figure


@dataclass(frozen=True)
class Sheet:
    """Axes whose unit is a point, with y downwards.

    Attributes:
        figure: that the axes are in.
        ax: the axes, without frame and ticks.
        scale: points on paper per unit; less than 1 where the sheet had to shrink.
    """

    figure: Figure
    ax: Axes
    scale: float

    def text(self, x: float, y: float, text: str, size: float, **style: Any) -> None:
        """Write one line, by default centred on (x, y)."""
        style = {"ha": "center", "va": "center_baseline", "color": INK} | style
        size, text = size * self.scale, printable(text)
        self.ax.text(x, y, text, fontsize=size, **style, **PLAIN)

    def width(self, points: float) -> float:
        """Return the line width, on paper, of so many units."""
        return points * self.scale


def new_sheet(width: float, height: float, title: str, ax: Axes | None) -> Sheet:
    """Return a sheet of that many points: a figure of its own, or `ax` made to fit.

    Args:
        width: points.
        height: points.
        title: above the sheet; an empty one takes no room.
        ax: to draw into; the sheet, text and all, gets its present size.
    """
    if ax is None:
        title = wrapped(title, max(width, LONGEST_TITLE))
        top = TITLE_HEIGHT + TITLE_SIZE * 1.25 * title.count("\n") if title else 0.0
        full_width, full_height = width + 2 * MARGIN, height + 2 * MARGIN + top
        longest = max(full_width, full_height)
        scale = min(1.0, MAX_INCHES * POINTS_PER_INCH / longest)
        inches = scale / POINTS_PER_INCH
        figure = new_figure(full_width * inches, full_height * inches)
        ax = figure.add_axes(
            (
                MARGIN / full_width,
                MARGIN / full_height,
                width / full_width,
                height / full_height,
            )
        )
        title_size = TITLE_SIZE * scale
    else:
        figure = figure_of(ax)
        box = ax.get_window_extent()
        room_x = box.width / figure.dpi * POINTS_PER_INCH
        room_y = box.height / figure.dpi * POINTS_PER_INCH
        scale = min(room_x / width, room_y / height)
        # The axes may yet change their size; what is round must stay round.
        ax.set_aspect("equal", adjustable="box")
        title_size = SMALL_TITLE_SIZE
        title = wrapped(title, room_x, title_size)
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    if is_dark(ax):
        ax.add_patch(Rectangle((0, 0), width, height, facecolor="white", zorder=-5))
    if title:
        ax.set_title(
            title,
            fontsize=title_size,
            color=ink(ax),
            fontweight="bold",
            pad=10,
            **PLAIN,
        )
    return Sheet(figure, ax, scale)


def title_width(title: str) -> float:
    """Return how wide a sheet must be for its title."""
    return min(LONGEST_TITLE, text_width(title, TITLE_SIZE, weight="bold"))


def wrapped(title: str, room: float, size: float = TITLE_SIZE) -> str:
    """Return a title with line breaks where it is wider than `room` points."""
    lines: list[str] = []
    for paragraph in title.splitlines():
        paragraph, line = printable(paragraph), ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and text_width(longer, size, weight="bold") > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return "\n".join(lines)


def text_width(
    text: str, size: float, family: str = "", weight: str = "normal"
) -> float:
    """Return how many points wide a line of text is, at most."""
    own = (family,) if family else tuple(matplotlib.rcParams["font.family"])
    return _measured(text, size, own, weight)


@functools.lru_cache(maxsize=4096)
def _measured(text: str, size: float, family: tuple[str, ...], weight: str) -> float:
    font = FontProperties(family=list(family), size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) * 1.03  # hinting widens letters on a coarse bitmap
