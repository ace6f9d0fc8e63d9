"""What stands in the boxes of a computation graph.

A value of `pebblegrad.autograd.graph` becomes a `Box`: a few lines of text and a size.
Which values are drawn, and which edges are to be straight, is decided here too; nothing
is drawn yet. Any other picture of a graph, in text or in a browser, can begin here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pebblegrad.autograd import GraphNode
from pebblegrad.viz._colors import BLUE, INK, SOFT_INK

NAME_SIZE, SMALL_SIZE, FORMULA_SIZE = 9.5, 7.5, 7.0
LEADING = 1.32  # height of a line, in its text's size
PADDING_X, PADDING_Y = 8.0, 5.0
LONGEST_LABEL, LONGEST_FORMULA, FORMULA_LINES = 32, 64, 12


@dataclass(frozen=True)
class Line:
    """A line of text in a box."""

    text: str
    size: float
    color: str = INK
    weight: str = "normal"
    family: str = ""


@dataclass(frozen=True)
class Box:
    """What is drawn for one value.

    Attributes:
        kind: "op", "leaf" or "constant".
        lines: from top to bottom.
        cut: whether some of its inputs are left out of the picture.
    """

    kind: str
    lines: tuple[Line, ...]
    cut: bool = False

    def size(self) -> tuple[float, float]:
        """Return width and height in points."""
        from pebblegrad.viz._paper import text_width

        texts = [
            text_width(ln.text, ln.size, ln.family, ln.weight) for ln in self.lines
        ]
        height = sum(ln.size * LEADING for ln in self.lines)
        return max(texts) + 2 * PADDING_X, height + 2 * PADDING_Y


def nearest(nodes: Sequence[GraphNode], most: int) -> list[int]:
    """Return the numbers of the `most` values nearest to the last, in their order."""
    found, waiting = {len(nodes) - 1}, [len(nodes) - 1]
    for number in waiting:  # grows meanwhile: breadth first
        for parent in nodes[number].parents:
            if parent not in found and len(found) < most:
                found.add(parent)
                waiting.append(parent)
    return sorted(found)


def straightness(nodes: Sequence[GraphNode]) -> list[list[float]]:
    """Return how straight the edge to each parent of each value should be.

    The longest way through the ops becomes the spine of the picture; side branches and
    parameters stand beside it.
    """
    depth: list[int] = []
    weights = []
    for node in nodes:
        depths = [depth[parent] for parent in node.parents]
        longest = max(depths, default=-1)
        depth.append(longest + 1)
        spines = depths.count(longest)
        weights.append(
            [0.02 if not d else 0.5 if d < longest else 8.0 / spines for d in depths]
        )
    return weights


def describe(node: GraphNode, *, formulas: bool = False, cut: bool = False) -> Box:
    """Return what the box of a value says.

    Example:
        >>> from pebblegrad.autograd import Tensor, graph
        >>> total = Tensor([[1.0, 2.0]], requires_grad=True).sum(axis=1)
        >>> [line.text for line in describe(graph(total)[-1], formulas=True).lines][:3]
        ['sum', 'axis=1', '(1,)']
    """
    shape = Line(str(node.shape), SMALL_SIZE, SOFT_INK)
    label = printable(node.label or "")
    if node.kind != "op":
        name = label or ("leaf" if node.kind == "leaf" else "constant")
        color = INK if node.kind == "leaf" else SOFT_INK
        style = "bold" if node.kind == "leaf" else "normal"
        size = NAME_SIZE if node.kind == "leaf" else NAME_SIZE - 1
        lines = [Line(name, size, color, style)]
        if node.dtype is not None:  # the label of a number says it all
            lines.append(shape)
        return Box(node.kind, tuple(lines), cut)
    lines = [Line(printable(node.op or ""), NAME_SIZE, INK, "bold")]
    if label:
        lines.append(Line(label, SMALL_SIZE + 0.5, INK))
    static = _static(node.static)
    if static:
        lines.append(Line(static, SMALL_SIZE, SOFT_INK))
    lines.append(shape)
    if formulas:
        lines += _rules(node)
    return Box("op", tuple(lines), cut)


def printable(text: str, longest: int = LONGEST_LABEL) -> str:
    r"""Return text as one line, shortened with an ellipsis if it is long.

    Example:
        >>> printable("a\nb"), printable("x" * 9, 5)
        ('a b', 'xxxx…')
    """
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _static(static: Mapping[str, Any]) -> str:
    """Return the parameters that say something: not the ones that are off."""
    shown = [
        f"{name}={_value(value)}"
        for name, value in static.items()
        if value is not None and value is not False
    ]
    return printable(", ".join(shown), LONGEST_LABEL)


def _value(value: Any) -> str:
    """Return a short form of a static parameter."""
    if isinstance(value, slice):
        ends = ["" if v is None else str(v) for v in (value.start, value.stop)]
        step = "" if value.step is None else f":{value.step}"
        return f"{ends[0]}:{ends[1]}{step}"
    if isinstance(value, tuple):
        inside = ", ".join(_value(v) for v in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if value is Ellipsis:
        return "..."
    if hasattr(value, "shape") and hasattr(value, "dtype") and value.shape != ():
        return f"array{value.shape}"
    return str(value)


def _rules(node: GraphNode) -> list[Line]:
    """Return the lines of an op's backward rules; inputs of one rule share it."""
    inputs: dict[str, list[str]] = {}
    for name, formula in zip(node.inputs, node.formulas, strict=True):
        if formula is not None:
            inputs.setdefault(formula, []).append(f"d{name}")
    texts: list[str] = []
    for formula, names in inputs.items():
        rows = formula.splitlines() or [""]
        left = ", ".join(dict.fromkeys(names))
        if len(rows) == 1:
            texts.append(f"{left} = {rows[0]}")
            continue
        texts.append(f"{left}:")
        texts += [f"  {row}" for row in rows[:FORMULA_LINES]]
        if len(rows) > FORMULA_LINES:
            texts.append(f"  … {len(rows) - FORMULA_LINES} more lines")
    return [
        Line(
            printable(text, LONGEST_FORMULA), FORMULA_SIZE, BLUE[1], family="monospace"
        )
        for text in texts
    ]
