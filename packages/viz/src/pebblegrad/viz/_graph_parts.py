"""What a picture or a text of a graph is made of: its values, or folds of them.

A graph of a few dozen values is shown whole. In a longer one, parts that repeat are
folded into one (see `_graph_folding.py`), sooner if most of it repeats; if it is still
too large, only what is nearest to the result is kept. What was folded or left out is
said in notes.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pebblegrad.autograd import GraphNode
from pebblegrad.viz._boxes import Box, describe, describe_fold, nearest
from pebblegrad.viz._graph_folding import Fold, folded
from pebblegrad.viz._graph_reading import read_graph, read_numbers

FOLD_ABOVE = 60  # values; more do not fit on a screen
FOLD_HALF_ABOVE = 40  # if half of them repeat


@dataclass(frozen=True)
class Part:
    """One value of a graph, or a fold of many.

    Attributes:
        name: the kind and the number of the value in the graph, such as "op-7"; of a
            fold "fold-7", with the number of its last value.
        node: the value; of a fold the last one.
        parents: what it reads, as positions in the list of parts.
        box: what is written in its box.
        fold: what is folded, if it is a fold.
    """

    name: str
    node: GraphNode
    parents: tuple[int, ...]
    box: Box
    fold: Fold | None = None


@dataclass(frozen=True)
class Parts:
    """A graph, ready to be drawn or written.

    Attributes:
        parts: inputs before results; the last one is the result.
        counts: how many values of each kind the whole graph has.
        notes: sentences about what is folded, left out or not known.
    """

    parts: list[Part]
    counts: dict[str, int]
    notes: list[str]

    @property
    def summary(self) -> str:
        """The counts in words: `3 ops, 1 leaf`."""
        words = {"op": "ops", "leaf": "leaves", "constant": "constants"}
        return ", ".join(
            f"{self.counts[kind]:,} {kind if self.counts[kind] == 1 else several}"
            for kind, several in words.items()
            if self.counts[kind]
        )

    @property
    def drawn_notes(self) -> list[str]:
        """The notes, and what dashes mean if there are any."""
        dashed = "A box with a dashed outline has inputs that are left out."
        return self.notes + [dashed] * any(part.box.cut for part in self.parts)


@dataclass(frozen=True)
class _Item:
    """A part before it is known which others are shown."""

    number: int
    parents: tuple[int, ...]
    fold: Fold | None = None


def read_parts(
    tensor: object,
    who: str,
    *,
    formulas: bool,
    show_values: bool | None,
    fold: bool | None,
    max_nodes: int,
) -> Parts:
    """Read a graph and decide what is shown of it.

    Args:
        tensor: its result.
        who: how an error message begins.
        formulas: whether ops show their backward rules.
        show_values: whether single numbers are shown with their gradients; None does so
            where all values of the graph are numbers of no axis and none is folded or
            left out.
        fold: whether parts that repeat are folded; None does so in graphs of more than
            60 values, and of more than 40 arrays of which half repeat, unless values
            are asked for.
        max_nodes: how many parts are kept at most.

    Raises:
        TypeError: if an argument is not of its kind.
        ValueError: if `max_nodes` is below 1.
    """
    _check_switch(show_values, "show_values", who)
    _check_switch(fold, "fold", who)
    most = read_count(max_nodes, "max_nodes", who)
    nodes = read_graph(tensor, who)
    if fold is None:
        items = _items(nodes, fold=not show_values and len(nodes) > FOLD_HALF_ABOVE)
        if len(nodes) <= FOLD_ABOVE and not _hides_half(nodes, items):
            items = _items(nodes, fold=False)
    else:
        items = _items(nodes, fold=fold)
    kept = nearest(items, most)
    notes = _notes(nodes, items, kept)
    if show_values is None:
        whole = not notes
        show_values = whole and all(node.shape == () for node in nodes)
    lines: Sequence[tuple[str, ...]] = [()] * len(nodes)
    if show_values:
        numbers = read_numbers(tensor, nodes)
        lines = numbers.lines
        notes += numbers.missing
    place = {at: i for i, at in enumerate(kept)}
    parts = []
    for at in kept:
        item = items[at]
        node = nodes[item.number]
        cut = any(parent not in place for parent in item.parents)
        parents = tuple(place[p] for p in item.parents if p in place)
        if item.fold is None:
            box = describe(node, formulas=formulas, cut=cut, numbers=lines[item.number])
            name = f"{node.kind}-{item.number}"
        else:
            copies = item.fold.copies
            members = [nodes[member] for member in item.fold.members]
            box = describe_fold(members, copies, formulas=formulas, cut=cut)
            name = f"fold-{item.number}"
        parts.append(Part(name, node, parents, box, item.fold))
    kinds = [node.kind for node in nodes]
    counts = {kind: kinds.count(kind) for kind in ("op", "leaf", "constant")}
    return Parts(parts, counts, notes)


def _items(nodes: Sequence[GraphNode], *, fold: bool) -> list[_Item]:
    """Return the values, parts that repeat folded if so wanted."""
    if not fold:
        return [_Item(i, node.parents) for i, node in enumerate(nodes)]
    found = folded(nodes)
    owner = [0] * len(nodes)
    for at, item in enumerate(found):
        for number in item.members if isinstance(item, Fold) else (item,):
            owner[number] = at
    items: list[_Item] = []
    for at, item in enumerate(found):
        if isinstance(item, Fold):
            reads = [owner[p] for m in item.members for p in nodes[m].parents]
            parents = tuple(dict.fromkeys(read for read in reads if read != at))
            items.append(_Item(item.members[-1], parents, item))
            continue
        # Two arrows from a value that is read twice, one from a fold.
        once: list[int] = []
        for read in (owner[parent] for parent in nodes[item].parents):
            if read not in once or not isinstance(found[read], Fold):
                once.append(read)
        items.append(_Item(item, tuple(once)))
    return items


def _hides_half(nodes: Sequence[GraphNode], items: Sequence[_Item]) -> bool:
    """Tell whether folds hide half of the values, none of which would show numbers."""
    hidden = sum(len(item.fold.members) for item in items if item.fold)
    return 2 * hidden >= len(nodes) and any(node.shape for node in nodes)


def _notes(
    nodes: Sequence[GraphNode], items: Sequence[_Item], kept: Sequence[int]
) -> list[str]:
    """Return what has to be said about what is folded and left out."""
    notes = []
    sizes = [len(item.fold.members) if item.fold else 1 for item in items]
    hidden = sum(sizes[at] for at in kept if items[at].fold)
    if hidden:
        notes.append(
            f"Parts that repeat are folded: what is marked × stands for {hidden:,} of "
            f"{len(nodes):,} values."
        )
    if len(kept) < len(items):
        left_out = len(nodes) - sum(sizes[at] for at in kept)
        notes.append(
            f"{left_out:,} of {len(nodes):,} values {_is(left_out)} left out; the "
            f"{len(kept):,} nearest to the result {_is(len(kept))} shown."
        )
    return notes


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _check_switch(value: object, name: str, who: str) -> None:
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{who}: {name} is {value!r}; True, False or None was needed")


def read_count(value: object, name: str, who: str) -> int:
    """Return a number of things that is to be at least 1.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is below 1.
    """
    if isinstance(value, bool | np.bool):
        raise TypeError(f"{who}: {name} is {value}; a whole number was needed")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"{who}: {name} is of type {type(value).__name__}; a whole number was "
            "needed"
        ) from None
    if number < 1:
        raise ValueError(f"{who}: {name} is {number}; at least 1 was needed")
    return number
