"""Parts of a graph that repeat, so that a picture can show one for many.

A network of fifty equal layers, or one that is unrolled over a thousand steps, is a
graph in which a short pattern comes again and again. The idea: put the values in an
order in which such patterns are contiguous, and look for a *period*, a distance at
which the same values follow each other. A part of such an order can be drawn as a
single box without making a cycle, because all that it reads comes before it and all
that reads it comes after.

Two copies are the same when their ops, shapes, dtypes and static parameters are, and
when what they read moves along from copy to copy: the copy before, the same parameter
for all, the next parameter for the next. Labels may differ.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pebblegrad.autograd import GraphNode
from pebblegrad.viz._boxes import static_text

FEWEST_COPIES = 3
FEWEST_SAVED = 4  # boxes; to fold less is not worth a new kind of box
LONGEST_PERIOD = 512
MOST_FOLDS = 200
MOST_INPUTS = 8  # ops that read more, such as a concat of hundreds, are never alike


@dataclass(frozen=True)
class Fold:
    """Copies of a part, to be shown as one box.

    Attributes:
        members: the numbers of their values in the graph, in the order of the copies.
        copies: how many.
    """

    members: tuple[int, ...]
    copies: int

    @property
    def last(self) -> tuple[int, ...]:
        """The values of the last copy."""
        return self.members[len(self.members) - len(self.members) // self.copies :]


Item = int | Fold


def folded(nodes: Sequence[GraphNode]) -> list[Item]:
    """Return the numbers of all values in order, with a `Fold` where copies stand.

    Example:
        >>> from pebblegrad.autograd import Tensor, graph
        >>> x = Tensor([0.5], requires_grad=True)
        >>> for _ in range(10):
        ...     x = x.tanh()
        >>> folded(graph(x))
        [0, Fold(members=(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), copies=10)]
    """
    order = deep_first(nodes)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    kinds, reads = _signatures(nodes, order, place)
    readers = _single_readers(nodes)
    # Runs of the order that are still to be searched; a fold splits one in two.
    waiting = [(0, len(order))]
    folds: list[tuple[int, Fold]] = []
    while waiting and len(folds) < MOST_FOLDS:
        start, stop = waiting.pop()
        found = _longest(kinds[start:stop], reads[start:stop])
        if found is None:
            continue
        first, period, copies = found
        first = _cut(reads, start + first, period, copies, start)
        copies -= int(first != start + found[0])
        first, copies = _keep_one(nodes, order, first, period, copies)
        members = tuple(order[first : first + period * copies])
        if _worth_it(nodes, members, copies, readers):
            folds.append((first, Fold(members, copies)))
        waiting += [(start, first), (first + period * copies, stop)]
    items: list[Item] = []
    done = 0
    for first, fold in sorted(folds, key=lambda found: found[0]):
        items += [*order[done:first], fold]
        done = first + len(fold.members)
    return items + order[done:]


def deep_first(nodes: Sequence[GraphNode]) -> list[int]:
    """Return an order, inputs before results, in which copies are contiguous.

    A walk from the result that goes to the input with the longest way behind it first:
    so all that a layer needs besides the layer before stands right in front of it.
    """
    depth: list[int] = []
    for node in nodes:
        depth.append(1 + max((depth[parent] for parent in node.parents), default=-1))
    order: list[int] = []
    seen = [False] * len(nodes)
    stack = [len(nodes) - 1]
    while stack:
        number = stack[-1]
        if seen[number]:
            stack.pop()
            continue
        # Inputs of equal depth keep the order of the arguments: the sort is stable.
        parents = sorted(nodes[number].parents, key=lambda p: -depth[p])
        missing = [parent for parent in parents if not seen[parent]]
        if missing:
            stack += reversed(missing)
        else:
            seen[number] = True
            order.append(number)
            stack.pop()
    return order


def _signatures(
    nodes: Sequence[GraphNode], order: list[int], place: Any
) -> tuple[Any, Any]:
    """Return, by place, what each value is, and the places that it reads."""
    known: dict[Hashable, int] = {}
    kinds = np.empty(len(order), np.int64)
    reads = np.empty((len(order), MOST_INPUTS), np.int64)
    reads[:] = np.arange(len(order))[:, None]  # what is not read: itself
    for i, number in enumerate(order):
        node = nodes[number]
        signature: tuple[Hashable, ...] = (
            node.kind,
            node.op,
            node.shape,
            str(node.dtype),
            node.inputs,
            static_text(node.static),
            node.label if node.dtype is None else None,  # a number is what it is
            i if len(node.parents) > MOST_INPUTS else None,
        )
        kinds[i] = known.setdefault(signature, len(known))
        parents = node.parents[:MOST_INPUTS]
        reads[i, : len(parents)] = place[list(parents)]
    return kinds, reads


def _single_readers(nodes: Sequence[GraphNode]) -> list[int | None]:
    """Return which op reads each value; None if several do, or none."""
    readers: list[int | None] = [None] * len(nodes)
    shared: set[int] = set()
    for number, node in enumerate(nodes):
        for parent in set(node.parents):
            if readers[parent] is not None:
                shared.add(parent)
            readers[parent] = number
    for number in shared:
        readers[number] = None
    return readers


def _longest(kinds: Any, reads: Any) -> tuple[int, int, int] | None:
    """Return start, period and copies of the repetition that saves the most boxes."""
    best, most = None, FEWEST_SAVED - 1
    for period in range(1, min(LONGEST_PERIOD, len(kinds) // FEWEST_COPIES) + 1):
        if best is not None and period % best[1] == 0:
            continue  # at most as good
        same = kinds[period:] == kinds[:-period]
        if _longest_run(same)[1] < period * (FEWEST_COPIES - 1):
            continue
        moved = reads[period:] - reads[:-period]
        steady = (moved[period:] == moved[:-period]).all(axis=1)
        start, length = _longest_run(same[period:] & same[:-period] & steady)
        copies = length // period + 2
        if length >= period and (copies - 1) * period > most:
            best, most = (start, period, copies), (copies - 1) * period
    return best


def _longest_run(true: Any) -> tuple[int, int]:
    """Return start and length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]])))
    starts, stops = edges[::2], edges[1::2]
    if not len(starts):
        return 0, 0
    i = int((stops - starts).argmax())
    return int(starts[i]), int(stops[i] - starts[i])


def _cut(reads: Any, first: int, period: int, copies: int, low: int) -> int:
    """Return where the first copy should begin: where the fewest values go across.

    The pattern of a chain of layers can be cut anywhere; between two layers a single
    value goes from one to the next.
    """
    across = []
    for shift in range(period):
        border = first + period + shift
        after = reads[border : border + period]
        across.append(len(np.unique(after[(after < border) & (after >= first)])))
    return first + across.index(min(across))


def _keep_one(
    nodes: Sequence[GraphNode], order: list[int], first: int, period: int, copies: int
) -> tuple[int, int]:
    """Leave a copy of several ops unfolded, unless one just like it stands before.

    The last copy stays too if the result is in it.
    """
    ops = _ops(nodes, order[first : first + period])
    if len(ops) < 2:
        return first, copies
    copies -= int(first + period * copies == len(order))
    # What stands before may have more inputs, such as parameters that all share.
    before = _ops(nodes, order[max(0, first - 4 * period) : first])
    if before[-len(ops) :] == ops:
        return first, copies
    return first + period, copies - 1


def _ops(nodes: Sequence[GraphNode], numbers: Sequence[int]) -> list[str]:
    return [nodes[number].op or "" for number in numbers if nodes[number].kind == "op"]


def _worth_it(
    nodes: Sequence[GraphNode],
    members: Sequence[int],
    copies: int,
    readers: list[int | None],
) -> bool:
    """Tell whether folding saves boxes, and hides nothing that differs."""
    if copies < 2 or len(members) - 1 < FEWEST_SAVED:
        return False
    # Inputs are alike only if the same op reads them.
    return bool(_ops(nodes, members)) or len({readers[m] for m in members}) == 1
