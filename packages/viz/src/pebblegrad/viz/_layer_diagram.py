"""Blocks of a model on a sheet: boxes from top to bottom, frames around what belongs.

Everything stands on one middle line, so that an arrow is straight from one box to the
next, also into a frame. Where the input of a few layers is added to what they give, a
line goes round them on the right into a plus.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pebblegrad.viz._colors import BLUE, GREY, INK, ORANGE, SOFT_INK, WIRE
from pebblegrad.viz._layer_blocks import Block, Group, Item, shortened
from pebblegrad.viz._printable import printable

if TYPE_CHECKING:
    from pebblegrad.viz._paper import Sheet

NAME_SIZE, DETAIL_SIZE = 9.5, 8.0
LINE = 13.0  # points, from one line of text to the next
GAP = 15.0  # between two boxes
PADDING_X, PADDING_Y = 12.0, 5.0
FRAME, TITLE = 10.0, 15.0  # room in a frame, and above it for its title
ASIDE = 16.0  # of a line that goes round
PLUS = 7.0  # radius
LEFT_OUT = 20.0  # height of the words for what is left out
HEAD = 4.0  # of an arrow


@dataclass(frozen=True)
class Size:
    """Width and height in points."""

    width: float
    height: float


class Diagram:
    """A model's blocks, measured; `draw` puts them on a sheet.

    Args:
        blocks: as `read_blocks` gives them.
        takes: what the model reads, in words.
        gives: what comes out of it.
    """

    def __init__(self, blocks: Group, takes: str, gives: str) -> None:
        self.blocks, self.ends = blocks, (takes, gives)
        inner = self._measure_row(blocks)
        ends = [_box_size([("input", 0.0), (text, 0.0)]) for text in self.ends]
        self.width = max(inner.width, *(size.width for size in ends))
        self.height = inner.height + sum(size.height + GAP for size in ends)
        self._counts: dict[str, int] = {}

    def draw(self, sheet: "Sheet", middle: float) -> None:
        """Draw everything, the line in the middle at `middle` points."""
        self._counts = {}
        y = self._end(sheet, middle, 1.0, "input", self.ends[0])
        y = self._row(sheet, self.blocks, middle, y)
        self._arrow(sheet, middle, y, y + GAP)
        self._end(sheet, middle, y + GAP, "output", self.ends[1])

    def _measure(self, item: "Item | int") -> Size:
        if isinstance(item, int):
            return Size(_text_width(_more(item), DETAIL_SIZE), LEFT_OUT)
        if isinstance(item, Block):
            return _box_size(_lines(item))
        row = self._measure_row(item)
        width, height = row.width, row.height
        if item.skip:
            width, height = width + 2 * ASIDE, height + GAP + 2 * PLUS
        if item.title:
            # Left of the arrow that comes in.
            title = 2 * _text_width(_title(item), DETAIL_SIZE, "bold") + 2.6 * FRAME
            width, height = max(width + 2 * FRAME, title), height + 2 * FRAME + TITLE
        return Size(width, height)

    def _measure_row(self, group: Group) -> Size:
        sizes = [self._measure(item) for item in shortened(group.items)]
        height = sum(size.height for size in sizes) + GAP * (len(sizes) - 1)
        return Size(max(size.width for size in sizes), height)

    def _row(self, sheet: "Sheet", group: Group, x: float, y: float) -> float:
        """Draw the items of a group below `y`, from which an arrow comes."""
        for number, item in enumerate(shortened(group.items)):
            first = number == 0 and group is not self.blocks
            top = y if first else y + GAP
            entry = self._entry(item, top)
            if not first:
                self._arrow(sheet, x, y, entry)
            y = self._item(sheet, item, x, top)
        return y

    def _entry(self, item: "Item | int", top: float) -> float:
        """Return where the arrow into an item that begins at `top` ends."""
        while isinstance(item, Group):
            top += FRAME + TITLE if item.title else 0.0
            item = shortened(item.items)[0]
        return top

    def _item(self, sheet: "Sheet", item: "Item | int", x: float, top: float) -> float:
        """Draw an item; return where the next arrow begins."""
        size = self._measure(item)
        if isinstance(item, int):
            sheet.text(x, top + LEFT_OUT / 2, _more(item), DETAIL_SIZE, color=SOFT_INK)
            return top + size.height
        if isinstance(item, Block):
            colors = BLUE if item.weights or item.gives else GREY
            self._box(sheet, x, top, _lines(item), colors, "block")
            return top + size.height
        y = top
        if item.title:
            self._frame(sheet, item, x, top, size)
            y += FRAME + TITLE
        begin = y
        y = self._row(sheet, item, x, y)
        if item.skip:
            y = self._skip(sheet, item, x, begin, y)
        if item.title:
            self._arrow(sheet, x, y, top + size.height, head=False)
            y = top + size.height
        return y

    def _skip(
        self, sheet: "Sheet", item: Group, x: float, top: float, bottom: float
    ) -> float:
        """Draw the line around a group, from above `top` to a plus; return its end."""
        from matplotlib.patches import Circle

        center = bottom + GAP + PLUS
        self._arrow(sheet, x, bottom, center - PLUS)
        side = x + self._measure_row(item).width / 2 + ASIDE - 4
        start = top - GAP / 2
        sheet.ax.plot(
            [x, side, side, x + PLUS],
            [start, start, center, center],
            color=WIRE,
            linewidth=sheet.width(1.1),
            zorder=1,
            gid=self._name("skip"),
        )
        self._head(sheet, x + PLUS, center, -1, 0)
        sheet.ax.add_patch(
            Circle(
                (x, center),
                PLUS,
                facecolor="white",
                edgecolor=INK,
                linewidth=sheet.width(1.1),
                zorder=3,
                gid=self._name("plus"),
            )
        )
        sheet.text(x, center, "+", NAME_SIZE + 2, zorder=4)
        return center + PLUS

    def _frame(
        self, sheet: "Sheet", item: Group, x: float, top: float, size: Size
    ) -> None:
        from matplotlib.patches import FancyBboxPatch

        left = x - size.width / 2
        sheet.ax.add_patch(
            FancyBboxPatch(
                (left, top),
                size.width,
                size.height,
                boxstyle="round,pad=0,rounding_size=6",
                facecolor="none",
                edgecolor=SOFT_INK,
                linestyle=(0, (4, 2)),
                linewidth=sheet.width(0.9),
                zorder=0.5,
                gid=self._name("frame"),
            )
        )
        style = {"ha": "left", "color": SOFT_INK, "fontweight": "bold", "zorder": 4}
        style["bbox"] = {"facecolor": "white", "linewidth": 0, "pad": 0.5}
        sheet.text(left + 7, top + TITLE / 2 + 3, _title(item), DETAIL_SIZE, **style)

    def _end(self, sheet: "Sheet", x: float, top: float, word: str, text: str) -> float:
        colors = (GREY[0], SOFT_INK) if word == "input" else ORANGE
        lines = [(word, DETAIL_SIZE), *([(text, NAME_SIZE)] if text else [])]
        self._box(sheet, x, top, lines, colors, word)
        return top + _box_size([(word, 0.0), (text, 0.0)]).height

    def _box(
        self,
        sheet: "Sheet",
        x: float,
        top: float,
        lines: list[tuple[str, float]],
        colors: tuple[str, str],
        kind: str,
    ) -> None:
        from matplotlib.patches import FancyBboxPatch

        size = _box_size(lines)
        rounding = 3 if kind == "block" else 9
        sheet.ax.add_patch(
            FancyBboxPatch(
                (x - size.width / 2, top),
                size.width,
                size.height,
                boxstyle=f"round,pad=0,rounding_size={rounding}",
                facecolor=colors[0],
                edgecolor=colors[1],
                linewidth=sheet.width(1.1),
                zorder=2,
                gid=self._name(kind),
            )
        )
        for row, (text, points) in enumerate(lines):
            y = top + PADDING_Y + LINE * (row + 0.5)
            bold = "bold" if points == NAME_SIZE and colors is not GREY else "normal"
            color = INK if points == NAME_SIZE else SOFT_INK
            sheet.text(x, y, text, points, color=color, fontweight=bold, zorder=4)

    def _arrow(
        self, sheet: "Sheet", x: float, top: float, bottom: float, *, head: bool = True
    ) -> None:
        sheet.ax.plot(
            [x, x],
            [top, bottom],
            color=WIRE,
            linewidth=sheet.width(1.1),
            zorder=1,
            solid_capstyle="butt",
        )
        if head:
            self._head(sheet, x, bottom, 0, 1)

    def _head(self, sheet: "Sheet", x: float, y: float, dx: int, dy: int) -> None:
        """Draw the head of an arrow whose tip is at (x, y)."""
        from matplotlib.patches import Polygon

        back_x, back_y = x - dx * 1.6 * HEAD, y - dy * 1.6 * HEAD
        wide_x, wide_y = dy * HEAD * 0.75, dx * HEAD * 0.75
        corners = [
            (x, y),
            (back_x + wide_x, back_y + wide_y),
            (back_x - wide_x, back_y - wide_y),
        ]
        sheet.ax.add_patch(Polygon(corners, facecolor=WIRE, linewidth=0, zorder=2.5))

    def _name(self, kind: str) -> str:
        number = self._counts.get(kind, 0)
        self._counts[kind] = number + 1
        return f"{kind}-{number}"


def _lines(block: Block) -> list[tuple[str, float]]:
    """Return the texts in a box and their sizes."""
    below = [block.detail] if block.detail else []
    if block.weights:
        below.append(f"{block.weights:,} weights")
    lines = [(printable(block.name, 40), NAME_SIZE)]
    if below:
        lines.append((printable(" · ".join(below), 80), DETAIL_SIZE))
    if block.shape:
        lines.append((printable(block.shape, 60), DETAIL_SIZE))
    return lines


def _box_size(lines: list[tuple[str, float]]) -> Size:
    widths = [
        _text_width(text, size or NAME_SIZE, "bold" if size != DETAIL_SIZE else "")
        for text, size in lines
    ]
    rows = sum(1 for text, _ in lines if text)
    return Size(max(widths) + 2 * PADDING_X, rows * LINE + 2 * PADDING_Y)


def _title(group: Group) -> str:
    return group.title + (f" × {group.times:,}" if group.times > 1 else "")


def _more(count: int) -> str:
    return f"… {count:,} more …"


def _text_width(text: str, size: float, weight: str = "") -> float:
    from pebblegrad.viz._paper import text_width

    return text_width(text, size, weight=weight or "normal")
