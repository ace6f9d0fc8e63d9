"""What stands in the boxes of a computation graph.

A value of `pebblegrad.autograd.graph`, or a part of it that repeats, becomes a `Box`: a
few lines of text and a size.
Which values are drawn, and which edges are to be straight, is decided here too; nothing
is drawn yet. Any other picture of a graph, in text or in a browser, can begin here.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pebblegrad.autograd import GraphNode
from pebblegrad.viz._colors import BLUE, INK, SOFT_INK
from pebblegrad.viz._printable import printable

NAME_SIZE, SMALL_SIZE, FORMULA_SIZE = 9.5, 7.5, 7.0
LEADING = 1.32  # height of a line, in its text's size
PADDING_X, PADDING_Y = 8.0, 5.0
LONGEST_LABEL, LONGEST_STATIC, LONGEST_FORMULA, FORMULA_LINES = 32, 48, 80, 12
FOLD_WIDTH, FOLD_LINES, FOLD_LABELS = 34, 5, 3


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
        many: whether it stands for several values.
    """

    kind: str
    lines: tuple[Line, ...]
    cut: bool = False
    many: bool = False

    def size(self) -> tuple[float, float]:
        """Return width and height in points."""
        from pebblegrad.viz._paper import text_width

        texts = [
            text_width(ln.text, ln.size, ln.family, ln.weight) for ln in self.lines
        ]
        height = sum(ln.size * LEADING for ln in self.lines)
        return max(texts) + 2 * PADDING_X, height + 2 * PADDING_Y


class Reads(Protocol):
    """Anything in a list that reads others before it in that list."""

    @property
    def parents(self) -> tuple[int, ...]: ...


def nearest(nodes: Sequence[Reads], most: int) -> list[int]:
    """Return the numbers of the `most` values nearest to the last, in their order."""
    found, waiting = {len(nodes) - 1}, [len(nodes) - 1]
    for number in waiting:  # grows meanwhile: breadth first
        for parent in nodes[number].parents:
            if parent not in found and len(found) < most:
                found.add(parent)
                waiting.append(parent)
    return sorted(found)


def straightness(nodes: Sequence[Reads]) -> list[list[float]]:
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


def describe(
    node: GraphNode,
    *,
    formulas: bool = False,
    cut: bool = False,
    numbers: tuple[str, ...] = (),
) -> Box:
    """Return what the box of a value says.

    Args:
        node: the value.
        formulas: whether an op shows its backward rules.
        cut: whether some of its inputs are left out.
        numbers: value and gradient, if they are to be shown; of a single number of no
            axis they stand in place of its shape.

    Example:
        >>> from pebblegrad.autograd import Tensor, graph
        >>> total = Tensor([[1.0, 2.0]], requires_grad=True).sum(axis=1)
        >>> [line.text for line in describe(graph(total)[-1], formulas=True).lines][:3]
        ['sum', 'axis=1', '(1,)']
    """
    below = [] if numbers and not node.shape else [str(node.shape)]
    shape = [Line(text, SMALL_SIZE, SOFT_INK) for text in below]
    shape += [Line(text, SMALL_SIZE + 0.5, INK) for text in numbers]
    label = printable(node.label or "", LONGEST_LABEL)
    if node.kind != "op":
        name = label or ("leaf" if node.kind == "leaf" else "constant")
        color = INK if node.kind == "leaf" else SOFT_INK
        style = "bold" if node.kind == "leaf" else "normal"
        size = NAME_SIZE if node.kind == "leaf" else NAME_SIZE - 1
        lines = [Line(name, size, color, style)]
        if node.dtype is not None:  # the label of a number says it all
            lines += shape
        return Box(node.kind, tuple(lines), cut)
    lines = [Line(printable(node.op or "", LONGEST_LABEL), NAME_SIZE, INK, "bold")]
    if label:
        lines.append(Line(label, SMALL_SIZE + 0.5, INK))
    static = static_text(node.static)
    if static:
        lines.append(Line(static, SMALL_SIZE, SOFT_INK))
    lines += shape
    if formulas:
        lines += _rules(node)
    return Box("op", tuple(lines), cut)


def describe_fold(
    members: Sequence[GraphNode],
    copies: int,
    *,
    formulas: bool = False,
    cut: bool = False,
) -> Box:
    """Return what the box of a part that repeats says.

    Args:
        members: its values, copy by copy.
        copies: how many; of several ops one more stands before the box, unfolded.
        formulas: whether a single op shows its backward rules.
        cut: whether some of its inputs are left out.

    Example:
        >>> from pebblegrad.autograd import Tensor, graph
        >>> x = Tensor([0.5], requires_grad=True)
        >>> for _ in range(10):
        ...     x = x.tanh()
        >>> [line.text for line in describe_fold(graph(x)[1:], 10).lines]
        ['tanh × 10', '(1,)']
    """
    size = len(members) // copies
    last = members[-size:]
    ops = [node for node in last if node.kind == "op"]
    inputs = [i for i, node in enumerate(last) if node.kind != "op"]
    named = [
        _from_to(members[i].label, last[i].label)
        for i in inputs
        if last[i].dtype is not None and last[i].label
    ]
    labels = list(dict.fromkeys(named))
    if not ops:
        first = describe(last[-1]).lines[0]
        name = labels[0] if labels else first.text
        title = Line(f"{name} × {copies:,}", first.size, first.color, first.weight)
        lines = [title, Line(str(last[-1].shape), SMALL_SIZE, SOFT_INK)]
        return Box(last[-1].kind, tuple(lines), cut, many=True)
    if len(ops) == 1:
        name = f"{printable(ops[0].op or '', LONGEST_LABEL)} × {copies:,}"
    else:
        name = f"× {copies:,} more"
    lines = [Line(name, NAME_SIZE, INK, "bold")]
    if len(ops) > 1:
        lines += [Line(text, SMALL_SIZE, INK) for text in _op_lines(ops)]
    lines += [Line(text, SMALL_SIZE, SOFT_INK) for text in labels[:FOLD_LABELS]]
    counted = [
        f"{count * copies:,} {word}"
        for kind, word in (("leaf", "leaves"), ("constant", "constants"))
        if (count := sum(node.kind == kind for node in last))
    ]
    if counted:
        lines.append(Line(", ".join(counted) + " inside", SMALL_SIZE, SOFT_INK))
    static = static_text(ops[0].static) if len(ops) == 1 else ""
    below = [static] if static else []
    lines += [
        Line(text, SMALL_SIZE, SOFT_INK) for text in [*below, str(last[-1].shape)]
    ]
    if formulas and len(ops) == 1:
        lines += _rules(ops[0])
    return Box("op", tuple(lines), cut, many=True)


def _op_lines(ops: Sequence[GraphNode]) -> list[str]:
    """Return the names of ops in a few short lines, equal neighbours counted."""
    words = []
    for name, group in itertools.groupby(
        printable(node.op or "", LONGEST_LABEL) for node in ops
    ):
        count = len(list(group))
        words.append(name if count == 1 else f"{name} × {count}")
    rows = [words[0]]
    for i, word in enumerate(words[1:], 1):
        longer = f"{rows[-1]}, {word}"
        if len(longer) <= FOLD_WIDTH:
            rows[-1] = longer
        elif len(rows) == FOLD_LINES:
            return [*rows, f"… and {len(words) - i} more"]
        else:
            rows[-1] += ","
            rows.append(word)
    return rows


def _from_to(first: str | None, last: str | None) -> str:
    """Return the labels of the first and of the last copy of an input."""
    a, b = printable(first or "", 14), printable(last or "", 14)
    return a if a == b else f"{a} … {b}"


def static_text(static: Mapping[str, Any], longest: int = LONGEST_STATIC) -> str:
    """Return the parameters that say something: not the ones that are off."""
    shown = [
        f"{name}={static_value(value)}"
        for name, value in static.items()
        if value is not None and value is not False
    ]
    return printable(", ".join(shown), longest)


def static_value(value: Any) -> str:
    """Return a short form of a static parameter.

    Example:
        >>> static_value((slice(None, 3), ...)), static_value(0.5)
        ('(:3, ...)', '0.5')
    """
    if isinstance(value, slice):
        ends = ["" if v is None else str(v) for v in (value.start, value.stop)]
        step = "" if value.step is None else f":{value.step}"
        return f"{ends[0]}:{ends[1]}{step}"
    if isinstance(value, tuple):
        inside = ", ".join(static_value(v) for v in value)
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
