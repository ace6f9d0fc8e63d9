"""Tables from CSV files: a dict of columns, each an array of one dtype.

The dtype of a column is read off its fields: int64 if all are whole numbers, float64 if
all are numbers, and text otherwise. A column that begins with a number must go on with
numbers: the one field in ten thousand that does not is nearly always a mistake in the
file, so it is an error that names its line and column, and not a column turned into
text in silence. A missing number is an error too, until one says what it shall be.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from pebblegrad.data._checks import at_least
from pebblegrad.data._columns import Place, as_column
from pebblegrad.data._inflate import (
    DamagedGzipError,
    as_plain,
    read_at_most,
)
from pebblegrad.data._whole_file import write_whole


def read_csv(
    path: str | os.PathLike[str],
    *,
    delimiter: str = ",",
    header: bool = True,
    missing: float | str | None = None,
    dtypes: Mapping[str, DTypeLike] | None = None,
    max_bytes: int = 1 << 30,
) -> dict[str, NDArray[Any]]:
    r"""The columns of a CSV file, gzipped or not, by name.

    Fields may be quoted (``"a, b"``, with ``""`` for a quote) and hold line breaks
    then. Spaces around a number are ignored, and so are empty lines and a byte order
    mark. Text must be UTF-8. Numbers have a decimal point and are finite.

    Args:
        path: the file.
        delimiter: what stands between fields, one character.
        header: whether the first line holds the names of the columns. A name that is
            empty, and every name without a header, is ``"column_1"`` and so on.
        missing: what a missing field (empty, ``?``, ``-``, ``NA``, ``NaN``, ``null``
            and the like) of a column of numbers is read as: a number, such as
            ``float("nan")``; or ``"drop"``, to leave out the whole row. By default it
            is an error. In a column of text, such a field is the text that it is.
        dtypes: the dtype of some columns, by name, in place of what is read off the
            fields: ``str``, or a dtype of integers or floats.
        max_bytes: the longest file to accept, in bytes after inflating, at least 0. The
            default is 1 GiB; in memory a table takes several times its length.

    Returns:
        For each column its name, in the order of the file, and an array (N,) of int64,
        float64 or text, or of the dtype that was asked for.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: a line has more or fewer fields than the first, a name is there
            twice, a number is missing, infinite, too large or no number, the quotes do
            not match, the text is not UTF-8, the file is empty or too long, or an
            argument is none of those above. The line and the column are named.
        OSError: the file cannot be opened or read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "iris.csv"
        >>> _ = path.write_text("petal,leaves,species\n1.4,3,setosa\n4.7,5,other\n")
        >>> for name, column in read_csv(path).items():
        ...     print(name, column.dtype, column)
        petal float64 [1.4 4.7]
        leaves int64 [3 5]
        species <U6 ['setosa' 'other']

    Reference:
        Y. Shafranovich, "Common Format and MIME Type for Comma-Separated Values (CSV)
        Files", RFC 4180, section 2, https://www.rfc-editor.org/rfc/rfc4180
    """
    who = f"read_csv: {os.fspath(path)}"
    limit = at_least("read_csv", "max_bytes", max_bytes, 0)
    _check_options("read_csv", delimiter, missing)
    if not isinstance(header, bool):  # pandas counts lines here: 0 is its first
        raise TypeError(
            f"read_csv: header is {header!r}; needed is True if the first line holds "
            "names, or False"
        )
    text = _text(path, who, limit)

    lines: list[int] = []  # in which each row begins: quoted fields may have breaks
    rows: list[list[str]] = []
    for line, row in _rows(text, who, delimiter):
        if rows and len(row) != len(rows[0]):
            first = "names" if header else "fields in the first line"
            raise ValueError(
                f"{who}, line {line}: {len(row)} fields; needed are {len(rows[0])}, as "
                f"there are {first}{_hint(rows[0], delimiter)}"
            )
        lines.append(line)
        rows.append(row)
    if not rows:
        raise ValueError(f"{who} is empty; needed are lines of fields")
    names = _names(rows[0] if header else [""] * len(rows[0]), who)
    if header:
        del lines[0], rows[0]
    wanted = _wanted(dtypes, names)

    columns = {}
    dropped = np.zeros(len(rows), dtype=bool)
    for number, name in enumerate(names):
        column, gaps = as_column(
            [row[number] for row in rows],
            Place(who, number + 1, name, lines),
            missing=missing,
            wanted=wanted.get(name),
            max_characters=limit,
        )
        columns[name] = column
        dropped |= gaps
    if dropped.any():
        columns = {name: column[~dropped] for name, column in columns.items()}
    return columns


def write_csv(
    path: str | os.PathLike[str],
    columns: Mapping[str, ArrayLike],
    *,
    delimiter: str = ",",
) -> None:
    """Write columns as a CSV file with their names in its first line.

    Numbers are written so that `read_csv` gives back the same ones, bit for bit; text
    is quoted where it must be. An old file is replaced only when the new one is whole.

    Args:
        path: the file. Its lines end in CR LF, as the format says.
        columns: for each name an array (N,) of integers, floats or text.
        delimiter: what stands between fields, one character.

    Raises:
        TypeError: a name is not a string, or a column not of integers, floats or text.
        ValueError: there are no columns, they differ in length, one has not one axis,
            or a number is not finite.
        OSError: the file cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "table.csv"
        >>> write_csv(path, {"x": [0.1, 2.0], "name": ["a, b", "c"]})
        >>> print(path.read_text())
        x,name
        0.1,"a, b"
        2.0,c
    """
    _check_options("write_csv", delimiter, None)
    if not isinstance(columns, Mapping):
        raise TypeError(
            f"write_csv: columns are of type {type(columns).__name__}; needed is a "
            "dict of a name and an array for each column"
        )
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    if not arrays:
        raise ValueError("write_csv: there are no columns; needed is at least 1")
    for name, array in arrays.items():
        if not isinstance(name, str):
            raise TypeError(f"write_csv: the name {name!r} is no string; needed is one")
        if array.ndim != 1:
            raise ValueError(
                f"write_csv: the column {name!r} has shape {array.shape}; needed is "
                "(N,)"
            )
        if array.dtype.kind not in "iufU":
            raise TypeError(
                f"write_csv: the column {name!r} has dtype {array.dtype}; needed are "
                "integers, floats or text"
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            row = int(np.argmin(np.isfinite(array)))
            raise ValueError(
                f"write_csv: the column {name!r} has {array[row]} in row {row}; needed "
                "are finite numbers"
            )
    lengths = {len(array) for array in arrays.values()}
    if len(lengths) > 1:
        shown = ", ".join(f"{name!r}: {len(array)}" for name, array in arrays.items())
        raise ValueError(
            f"write_csv: the columns differ in length ({shown}); needed is the same"
        )

    fields = {name: _fields(name, array) for name, array in arrays.items()}

    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(arrays)
    writer.writerows(zip(*fields.values(), strict=True))
    write_whole("write_csv", path, text.getvalue().encode())


def _check_options(who: str, delimiter: Any, missing: Any) -> None:
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise ValueError(
            f"{who}: delimiter is {delimiter!r}; needed is one character, such as ',', "
            "';' or '\\t'"
        )
    if isinstance(missing, str) and missing != "drop":
        raise ValueError(
            f"read_csv: missing is {missing!r}; needed is a number, 'drop', or None"
        )
    if isinstance(missing, bool | np.bool) or not (
        missing is None or isinstance(missing, str | int | float | np.number)
    ):
        raise TypeError(
            f"read_csv: missing is {missing!r}; needed is a number, 'drop', or None"
        )
    if isinstance(missing, float | np.floating) and np.isinf(missing):
        raise ValueError(f"read_csv: missing is {missing}; needed is a finite number")


def _text(path: str | os.PathLike[str], who: str, limit: int) -> str:
    with open(path, "rb") as file:
        try:
            contents = read_at_most(as_plain(file), limit + 1)
        except DamagedGzipError as error:
            raise ValueError(
                f"{who} is damaged: {error}; needed is a whole gzip file; fetch it "
                "again"
            ) from None
    if len(contents) > limit:
        raise ValueError(
            f"{who} holds more than {limit} bytes; if that is right, raise max_bytes"
        )
    if b"\0" in contents:  # at the end of a text, NumPy would lose it
        line = contents[: contents.index(b"\0")].count(b"\n") + 1
        raise ValueError(f"{who}, line {line}: a zero byte; needed is text in UTF-8")
    try:
        return contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = contents[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{who}, line {line}: byte {contents[error.start]:#04x} is not UTF-8; "
            "needed is text in UTF-8; save it as such"
        ) from None


def _rows(text: str, who: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(
                f"{who}, line {line}: {error}; needed are fields that are quoted as a "
                'whole, with "" for a quote in them, and have at most '
                f"{csv.field_size_limit()} characters"
            ) from None
        if row:
            yield line, row
        line = reader.line_num + 1


def _names(row: list[str], who: str) -> list[str]:
    names = [name or f"column_{number}" for number, name in enumerate(row, 1)]
    for number, name in enumerate(names, 1):
        if names.index(name) != number - 1:
            raise ValueError(
                f"{who}: the columns {names.index(name) + 1} and {number} are both "
                f"named {name!r:.50}; needed are different names"
            )
    return names


def _hint(first: list[str], delimiter: str) -> str:
    for other in ";\t|":
        if len(first) == 1 and other != delimiter and other in first[0]:
            return f"; should delimiter be {other!r}?"
    return ""


def _wanted(
    dtypes: Mapping[str, DTypeLike] | None, names: list[str]
) -> dict[str, np.dtype[Any]]:
    if dtypes is not None and not isinstance(dtypes, Mapping):
        raise TypeError(
            f"read_csv: dtypes is {dtypes!r}; needed is a dict of names and dtypes"
        )
    wanted: dict[str, np.dtype[Any]] = {}
    for name, given in (dtypes or {}).items():
        if name not in names:
            raise ValueError(
                f"read_csv: dtypes names the column {name!r}; needed is one of "
                f"{', '.join(map(repr, names))}"
            )
        asked: Any = given
        if asked is None or np.dtype(asked).kind not in "iufU":
            raise TypeError(
                f"read_csv: dtypes[{name!r}] is {asked}; needed is str, or a dtype of "
                "integers or floats"
            )
        wanted[name] = np.dtype(asked).newbyteorder("=")
    return wanted


def _fields(name: str, array: NDArray[Any]) -> list[str]:
    """The numbers so that they can be read back bit for bit, or the texts."""
    if array.dtype.kind == "f":
        fields = [repr(value) for value in array.astype(np.float64).tolist()]
    else:
        fields = [str(value) for value in array.tolist()]
    for row, field in enumerate([name, *fields]):
        if not field.isascii() and any("\ud800" <= each < "\ue000" for each in field):
            wrong = "half of a surrogate pair"
        elif "\0" in field:
            wrong = "a zero character"
        else:
            continue
        where = f"{field!r:.50} in row {row - 1}" if row else "a name"
        raise ValueError(
            f"write_csv: the column {name!r} has {where} with {wrong}; needed is text "
            "that UTF-8 can hold, without zero characters"
        )
    return fields
