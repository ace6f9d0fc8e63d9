"""From the fields of one column of a CSV file to an array of one dtype.

A column that begins with a number is one of numbers, and every other field of it must
be one too: a word among them is an error and never turns the column into text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# What stands in files for a number that is not known, in any case.
_MISSING = {"", "?", "-", "na", "n/a", "#n/a", "nan", "null", "none"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,24}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# The same for many at once, each with a line feed behind it. 18 digits fit an int64.
_ALL_WHOLE = re.compile(r"(?:[+-]?[0-9]{1,18}\n)+")
_ALL_NUMBERS = re.compile(rf"(?:{_NUMBER.pattern}\n)+")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)


class Place(NamedTuple):
    """Where a column stands, to begin an error with."""

    who: str
    number: int
    name: str
    lines: Sequence[int]

    def at(self, row: int) -> str:
        return f"{self.who}, line {self.lines[row]}, {self.column()}"

    def column(self) -> str:
        return f"column {self.number} ({self.name!r:.50})"


def as_column(
    fields: Sequence[str],
    place: Place,
    *,
    missing: float | str | None,
    wanted: np.dtype[Any] | None,
    max_characters: int,
) -> tuple[NDArray[Any], NDArray[np.bool]]:
    """The column, and True for each row that shall be dropped for it."""
    gaps = np.zeros(len(fields), dtype=bool)
    plain = [field.strip() for field in fields]
    if wanted is None:
        fast = _all_numbers(plain)
        if fast is not None:
            return fast, gaps
    known = (field for field in plain if field.lower() not in _MISSING)
    first = next(known, "0")  # nothing is known: a column of missing numbers
    text = wanted.kind == "U" if wanted is not None else not _is_number(first)
    if text:
        return _text(fields, place, max_characters), gaps

    values: list[float] = []
    whole = True
    for row, field in enumerate(plain):
        if _WHOLE.fullmatch(field):
            values.append(int(field))
        elif _NUMBER.fullmatch(field):
            values.append(float(field))
            whole = False
        elif field.lower() not in _MISSING or missing is None:
            raise ValueError(f"{place.at(row)}: {_fault(field, first)}")
        elif isinstance(missing, str):  # "drop"
            values.append(0)
            gaps[row] = True
        else:
            values.append(missing)
            whole = whole and isinstance(missing, int | np.integer)
    dtype = wanted or np.dtype(np.int64 if whole and values else np.float64)
    for row, value in enumerate(values):
        if not _fits(value, dtype):
            raise ValueError(
                f"{place.at(row)}: found {fields[row]!r:.50}; needed is a number that "
                f"{dtype} can hold; correct it, or give the column another dtype with "
                "dtypes={name: dtype}"
            )
    return np.array(values, dtype=dtype), gaps


def _all_numbers(plain: Sequence[str]) -> NDArray[Any] | None:
    """The column if it is one of whole numbers, or numbers, without any trouble."""
    lines = "\n".join([*plain, ""])
    if lines.count("\n") != len(plain):  # one has a line feed of its own
        return None
    if _ALL_WHOLE.fullmatch(lines):
        return np.array(list(map(int, plain)), dtype=np.int64)
    # Not all whole: those of many digits are no floats, and are looked at one by one.
    if re.search("[.eE]", lines) and _ALL_NUMBERS.fullmatch(lines):
        numbers = np.array(list(map(float, plain)))
        return numbers if np.isfinite(numbers).all() else None
    return None


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    if dtype.kind == "f":
        return not abs(value) > float(np.finfo(dtype).max)  # NaN, if missing, is right
    range_ = np.iinfo(dtype)
    return math.isfinite(value) and range_.min <= value <= range_.max and value % 1 == 0


def _text(fields: Sequence[str], place: Place, most: int) -> NDArray[np.str_]:
    longest = max(map(len, fields), default=0)
    if longest * len(fields) > most:  # every row takes as much as the longest
        raise ValueError(
            f"{place.who}, {place.column()}: the longest of {len(fields)} texts has "
            f"{longest} characters; NumPy would reserve as many for each, and allowed "
            f"are {most} in all; shorten it, or raise max_bytes"
        )
    return np.array(fields, dtype=str)


def _is_number(field: str) -> bool:
    return bool(_NUMBER.fullmatch(field) or _INFINITE.fullmatch(field))


def _fault(field: str, first: str) -> str:
    if field.lower() in _MISSING:
        return (
            f"found {field!r}, a missing number; needed is a number; say what it shall "
            "be with missing=..., or missing='drop' to leave out the row"
        )
    if _INFINITE.fullmatch(field):
        return f"found {field!r}; needed is a finite number"
    why = f"the column begins with {first!r:.50}"
    if not _is_number(first):
        why = "dtypes asks for numbers"
    return (
        f"found {field!r:.50}; needed is a number, as {why}; correct it, or read the "
        "column as text with dtypes={name: str}"
    )
