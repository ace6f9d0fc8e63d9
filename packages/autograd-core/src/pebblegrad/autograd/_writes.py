"""Noticing that an array was written into after a graph had kept it.

A rule that reads an operand is right only while the operand is what it was. NumPy tells
nobody of a write, and to remember the content of every array would cost more than small
networks take. But only who holds an array can write into it: so when a Tensor hands its
array out (`data`, `numpy()`) while something else holds it too, a graph perhaps, a
digest of the content is noted. A node that is made from then on remembers the digests
of what it keeps, as far as that is noted; for an older one it is the first digest. A
backward pass refuses a node if they are no longer those. To write the same values, or
to put them back, is no fault. Where nothing was handed out, this costs nothing.

What was handed out before the graph was made escapes this; inside `detect_anomaly()`
every array that a graph keeps is noted at once, and nothing does.
"""

from __future__ import annotations

import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from ._source import Place, users_place

if TYPE_CHECKING:
    from ._node import Node


class Note:
    """The content that an array had when it was noted, and how to look at it now."""

    __slots__ = ("array", "first", "place")

    def __init__(self, array: weakref.ref[np.ndarray[Any, Any]]) -> None:
        self.array = array
        self.first = self.look()
        self.place: Place | None = None  # where it was handed out last

    def look(self) -> int:
        """Return a digest of the content."""
        array = self.array()
        assert array is not None  # whoever asks holds it
        return hash(array.tobytes())


_counting = threading.Lock()
_guards = 0  # how many blocks of `detect_anomaly` are open, in all threads

noted: dict[int, Note] = {}  # by the id of the array; goes when the array does


def hand_out(array: Any, is_result: bool = False) -> None:
    """Note an array that leaves its Tensor, unless nobody else holds it.

    Args:
        array: of any library; only NumPy's are noted.
        is_result: whether an op made it. If it is a view then, it is one of an operand,
            which a graph may keep.
    """
    if sys.getrefcount(array) <= _ALONE:
        if noted:  # no graph keeps it: its history is of no interest
            noted.pop(id(array), None)
    elif type(array) is np.ndarray:
        _note(array).place = users_place()
    if is_result and type(getattr(array, "base", None)) is np.ndarray:
        _note(array.base).place = users_place()


def guard_all() -> None:
    """Note what every graph keeps, as `detect_anomaly` does, until `forget_kept`."""
    global _guards
    with _counting:
        _guards += 1


def note_kept(node: Node) -> None:
    """Note every array that a node keeps, as `detect_anomaly` does."""
    for array, _ in _kept(node):
        _note(array)


def forget_kept() -> None:
    """Forget what only `note_kept` noted, once no thread wants it any more.

    It would slow down all that comes later.
    """
    global _guards
    with _counting:
        _guards -= 1
        if _guards:
            return
    for key, note in noted.copy().items():
        if note.place is None:
            noted.pop(key, None)


def stamp(node: Node) -> None:
    """Remember in a node the content of what it keeps, as far as that is noted."""
    if _keeps_noted(node):
        node.versions = {
            key: note.look() for array, _ in _kept(node) for key, note in _of(array)
        }


def refuse_written(node: Node) -> None:
    """Raise if an array that a node keeps was written into since.

    Raises:
        RuntimeError: names the op, the array, and where it was handed out.
    """
    if not _keeps_noted(node):
        return
    for array, name in _kept(node):
        for key, note in _of(array):
            if note.look() == node.versions.get(key, note.first):
                continue
            assert node.op is not None
            by = f" (handed out at {note.place})" if note.place else ""
            made = f" at {node.place}" if node.place else ""
            raise RuntimeError(
                f"backward: {node.op.__name__}{made} kept {name}, of shape "
                f"{array.shape}, and that array was written into afterwards{by}; write "
                "after backward(), or into a copy, or compute "
                f"{node.op.__name__} again"
            )


def _note(array: np.ndarray[Any, Any]) -> Note:
    """Return the note of an array, made if there is none."""
    key = id(array)
    note = noted.get(key)
    if note is None:
        note = Note(weakref.ref(array, lambda _: noted.pop(key, None)))
        noted[key] = note
    return note


def _of(array: np.ndarray[Any, Any]) -> list[tuple[int, Note]]:
    """Return the notes of an array and of the one it views, with their ids."""
    found = [(key, noted.get(key)) for key in (id(array), id(array.base))]
    return [(key, note) for key, note in found if note is not None]


def _keeps_noted(node: Node) -> bool:
    """Say whether any array that a node keeps is noted; mostly none is, so be quick."""
    assert node.values is not None
    for value in node.values:
        if type(value) is np.ndarray:
            if id(value) in noted or id(value.base) in noted:
                return True
        elif type(value) is list or type(value) is tuple:
            return True  # rare; `_kept` looks inside
    return False


def _kept(node: Node) -> list[tuple[np.ndarray[Any, Any], str]]:
    """Return the arrays that a node keeps, and what the op calls each."""
    assert node.op is not None
    assert node.values is not None
    names = [
        "its result",
        *(f"its parameter {name.lstrip('_')}" for name in node.op.static),
    ]
    names += [f"its operand {name}" for name in node.op.inputs]
    kept = []
    for name, value in zip(names, node.values[1:], strict=False):  # shapes come last
        if isinstance(value, tuple | list):
            kept += [(part, f"{name}[{i}]") for i, part in enumerate(value)]
        else:
            kept.append((value, name))
    return [(array, name) for array, name in kept if type(array) is np.ndarray]


def _holders() -> int:
    """Return the reference count that `hand_out` sees of an array in a Tensor alone."""

    class Holder:
        __slots__ = ("_array",)
        _array: Any

        @property
        def data(self) -> int:  # as `Value.data` calls `hand_out`
            array = self._array
            return count(array)

    def count(array: Any) -> int:
        return sys.getrefcount(array)

    holder = Holder()
    holder._array = np.zeros(1)
    return holder.data


_ALONE = _holders()
