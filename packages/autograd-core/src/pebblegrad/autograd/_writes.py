"""Noticing that an array was written into after a graph had kept it.

A rule that reads an operand is right only while the operand is what it was. NumPy tells
nobody of a write, and to remember the content of every array would cost more than small
networks take. But only who holds an array can write into it: so when a Tensor hands its
array out (`data`, `numpy()`) while something else holds it too, a graph perhaps, a
digest of the content is noted. From then on each use of the array compares: if the
digest is another one, the array has a new version. A node remembers the versions of
what it keeps, as far as they are noted, and a backward pass refuses a node whose
versions are no longer those. Where nothing was handed out, this costs nothing.

What was handed out before the graph was made escapes this; inside `detect_anomaly()`
every array that a graph keeps is noted at once, and nothing does.
"""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from ._source import Place, users_place

if TYPE_CHECKING:
    from ._node import Node


class Note:
    """The content of an array when it was last looked at, and how often it changed."""

    __slots__ = ("array", "digest", "place", "version")

    def __init__(self, array: weakref.ref[np.ndarray[Any, Any]], digest: int) -> None:
        self.array = array
        self.digest = digest
        self.version = 0
        self.place: Place | None = None  # where it was handed out last

    def look(self) -> int:
        """Return the version, a new one if the content has changed since."""
        array = self.array()
        assert array is not None  # whoever asks holds it
        digest = hash(array.tobytes())
        if digest != self.digest:
            self.digest = digest
            self.version += 1
        return self.version


noted: dict[int, Note] = {}  # by the id of the array; goes when the array does


def hand_out(array: Any) -> None:
    """Note an array that leaves its Tensor, unless nobody else holds it."""
    if sys.getrefcount(array) <= _ALONE:
        if noted:  # no graph keeps it: its history is of no interest
            noted.pop(id(array), None)
    elif type(array) is np.ndarray:
        _note(array).place = users_place()


def note_kept(node: Node) -> None:
    """Note every array that a node keeps, as `detect_anomaly` does."""
    for array in _kept(node):
        _note(array)


def stamp(node: Node) -> None:
    """Remember in a node the versions of what it keeps, if any is not the first."""
    versions = {id(array): _version(array) for array in _kept(node)}
    if any(versions.values()):
        node.versions = versions


def refuse_written(node: Node) -> None:
    """Raise if an array that a node keeps was written into since.

    Raises:
        RuntimeError: names the op, the array, and where it was handed out.
    """
    for array in _kept(node):
        if _version(array) == node.versions.get(id(array), 0):
            continue
        assert node.op is not None
        found = noted.get(id(array)) or noted[id(array.base)]
        by = f" (handed out at {found.place})" if found.place else ""
        made = f" at {node.place}" if node.place else ""
        raise RuntimeError(
            f"backward: {node.op.__name__}{made} kept {_name(node, array)}, of shape "
            f"{array.shape}, and that array was written into afterwards{by}; write "
            f"after backward(), or into a copy, or compute {node.op.__name__} again"
        )


def _note(array: np.ndarray[Any, Any]) -> Note:
    """Return the note of an array, made if there is none."""
    key = id(array)
    if key in noted:
        noted[key].look()
    else:
        forget = weakref.ref(array, lambda _: noted.pop(key, None))
        noted[key] = Note(forget, hash(array.tobytes()))
    return noted[key]


def _version(array: np.ndarray[Any, Any]) -> int:
    """Return how often an array has changed since it was noted, or the one it views."""
    notes = [noted.get(id(array)), noted.get(id(array.base))]
    return sum(note.look() for note in notes if note is not None)


def _kept(node: Node) -> list[np.ndarray[Any, Any]]:
    """Return the arrays that a node keeps."""
    assert node.op is not None
    assert node.values is not None
    inputs = node.values[2 + len(node.op.static) :]
    listed = [node.values[1], *inputs]
    if node.op.variadic and isinstance(inputs[0], list):
        listed += inputs[0]
    return [array for array in listed if type(array) is np.ndarray]


def _name(node: Node, array: np.ndarray[Any, Any]) -> str:
    """Return what an op calls an array that it kept."""
    assert node.op is not None
    assert node.values is not None
    if node.values[1] is array:
        return "its result"
    inputs = node.values[2 + len(node.op.static) :]
    inputs = inputs[0] if node.op.variadic else inputs
    place = next(i for i, kept in enumerate(inputs) if kept is array)
    return f"its operand {node.op.name_of(place)}"


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
