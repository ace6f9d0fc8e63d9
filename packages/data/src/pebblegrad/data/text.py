"""Text as characters: numbers for letters, and windows to learn the next one from.

A network takes numbers, so each character that occurs gets one: its place in the sorted
alphabet of the text. A model of the language is then asked, for each character, which
one comes next; its inputs and targets are the same text, one place apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pebblegrad.data._checks import at_least


class CharVocabulary:
    """The characters of a text, numbered in the order of their code points.

    Args:
        text: a string, or any strings, whose characters are taken. ``len(vocabulary)``
            is the number of different ones, K.

    Attributes:
        characters: the K characters, sorted, as one string.

    Raises:
        TypeError: `text` is neither a string nor holds strings.
        ValueError: there are no characters in it.

    Example:
        >>> vocabulary = CharVocabulary("hello")
        >>> vocabulary.characters, len(vocabulary)
        ('ehlo', 4)
        >>> vocabulary.encode("hole")
        array([1, 3, 2, 0])
        >>> vocabulary.decode([1, 0, 2, 2, 3])
        'hello'
    """

    def __init__(self, text: str | Iterable[str]) -> None:
        pieces = [text] if isinstance(text, str) else _strings(text)
        self.characters = "".join(sorted(set().union(*pieces)))
        if not self.characters:
            raise ValueError(
                "CharVocabulary: the text has no characters; needed is at least 1"
            )
        self._codes = _code_points(self.characters)

    def encode(self, text: str) -> NDArray[np.int64]:
        """The numbers of the characters of `text`, shape (len(text),).

        Raises:
            TypeError: `text` is not a string.
            ValueError: it has a character that is not in the vocabulary.
        """
        if not isinstance(text, str):
            raise TypeError(
                f"encode: text is of type {type(text).__name__}; needed is a string"
            )
        codes = _code_points(text)
        indices = np.searchsorted(self._codes, codes)
        indices[indices == len(self._codes)] = 0
        wrong = self._codes[indices] != codes
        if wrong.any():
            place = int(np.argmax(wrong))
            raise ValueError(
                f"encode: text[{place}] is {text[place]!r}; needed are the "
                f"{len(self)} characters of the vocabulary, {self._shown()}; make it "
                "of all texts that will be encoded"
            )
        return indices.astype(np.int64)

    def decode(self, indices: ArrayLike) -> str:
        """The text whose numbers are `indices`, shape (N,).

        Raises:
            TypeError: `indices` are not integers.
            ValueError: they have not one axis, or one is not the number of a character.
        """
        numbers = np.asarray(indices)
        if numbers.size == 0:
            numbers = numbers.astype(np.int64)  # an empty list has no dtype of its own
        if numbers.dtype.kind not in "iu":
            raise TypeError(
                f"decode: indices have dtype {numbers.dtype}; needed are integers"
            )
        if numbers.ndim != 1:
            raise ValueError(
                f"decode: indices have shape {numbers.shape}; needed is one axis; "
                "decode one row at a time"
            )
        wrong = (numbers < 0) | (numbers >= len(self))
        if wrong.any():
            place = int(np.argmax(wrong))
            raise ValueError(
                f"decode: indices[{place}] is {numbers[place]}; needed is 0 <= index < "
                f"{len(self)}, the size of the vocabulary"
            )
        return "".join(map(self.characters.__getitem__, numbers.tolist()))

    def _shown(self) -> str:
        if len(self) <= 60:
            return repr(self.characters)
        return f"{self.characters[:60]!r}, ... {len(self) - 60} more"

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: object) -> bool:
        one = isinstance(character, str) and len(character) == 1
        return one and character in self.characters  # type: ignore[operator]

    def __repr__(self) -> str:
        return f"CharVocabulary({self._shown()})"


def windows(
    sequence: ArrayLike, length: int, *, step: int = 1
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Pieces of a sequence, and for each the same piece one place later.

    ``x[n] = sequence[n * step : n * step + length]``, and y[n] begins one later:
    y[n, t] is what follows on x[n, :t + 1]. Nothing is copied: both are read-only views
    of the sequence, so that a long text with overlapping windows takes no more memory
    than the text. A loader's batches are copies.

    Args:
        sequence: shape (L,), of any dtype, such as `CharVocabulary.encode` gives it.
        length: T >= 1.
        step: from the beginning of one window to that of the next, at least 1. With
            ``step=length`` they do not overlap.

    Returns:
        x and y, both of shape (N, T) with N = (L - T - 1) // step + 1, or no windows
        if L is less than T + 1.

    Raises:
        TypeError: `length` or `step` is not an integer.
        ValueError: one of them is less than 1, or the sequence has not one axis.

    Example:
        >>> x, y = windows([10, 11, 12, 13, 14], 2)
        >>> x
        array([[10, 11],
               [11, 12],
               [12, 13]])
        >>> y
        array([[11, 12],
               [12, 13],
               [13, 14]])
    """
    T = at_least("windows", "length", length, 1)
    stride = at_least("windows", "step", step, 1)
    if isinstance(sequence, str):
        raise TypeError(
            "windows: sequence is a string; needed are numbers; encode it first: "
            "CharVocabulary(text).encode(text)"
        )
    numbers = np.asarray(sequence)
    if numbers.ndim != 1:
        raise ValueError(
            f"windows: sequence has shape {numbers.shape}; needed is one axis, (L,)"
        )
    if len(numbers) <= T:
        empty = np.empty((0, T), dtype=numbers.dtype)
        empty.flags.writeable = False
        return empty, empty
    both = np.lib.stride_tricks.sliding_window_view(numbers, T + 1)[::stride]
    return both[:, :-1], both[:, 1:]


def _strings(texts: Any) -> list[str]:
    if not hasattr(texts, "__iter__"):
        raise TypeError(
            f"CharVocabulary: text is of type {type(texts).__name__}; needed is a "
            "string, or several"
        )
    pieces = list(texts)
    for place, piece in enumerate(pieces):
        if not isinstance(piece, str):
            raise TypeError(
                f"CharVocabulary: text[{place}] is of type {type(piece).__name__}; "
                "needed are strings"
            )
    return pieces


def _code_points(text: str) -> NDArray[np.uint32]:
    # Lone halves of surrogate pairs too: they can stand in a Python string.
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
