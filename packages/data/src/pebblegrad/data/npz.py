"""Reading NumPy's ``.npz`` and ``.npy`` files from strangers: arrays, and nothing else.

An ``.npz`` file is a zip archive of ``.npy`` files; each has a short header, a Python
literal with the dtype and the shape, and then the elements:

    93 "NUMPY" | 1 0 | length | {'descr': '<f4', 'fortran_order': False, 'shape': (3,)}

Two things in them can hurt. An array of Python objects is pickled, and unpickling runs
whatever the file says: such arrays are refused, with no way to allow them. And a few
kilobytes can inflate to gigabytes: all is counted as it comes.
"""

from __future__ import annotations

import ast
import math
import os
import re
import struct
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._checks import at_least
from pebblegrad.data._inflate import read_at_most

_NPY_MAGIC = b"\x93NUMPY"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # the second: an archive of nothing
_LONGEST_HEADER = 10_000  # bytes; NumPy writes a few hundred at most
_MOST_AXES = 64  # NumPy's own limit
# Booleans, integers, floats, complex numbers, text, bytes, dates and durations.
_DESCR = re.compile(r"[<>|=]?(?:[biufcSU]\d{1,9}|[mM]8(?:\[\w{1,9}\])?)")


def read_npz(
    path: str | os.PathLike[str],
    *,
    max_bytes: int = 1 << 32,
    max_arrays: int = 10_000,
) -> dict[str, NDArray[Any]]:
    """The arrays in an ``.npz`` file, by name; never pickle.

    Args:
        path: the file, as ``numpy.savez`` or ``numpy.savez_compressed`` writes it.
        max_bytes: the most bytes that all arrays together may have, at least 0. The
            default is 4 GiB.
        max_arrays: the most arrays, at least 0.

    Returns:
        For each array its name, in the order of the file, and a new, writable array of
        the shape in the file, in native byte order, last axis fastest.

    Raises:
        TypeError: `max_bytes` or `max_arrays` is not an integer.
        ValueError: the file is not an ``.npz`` file, is damaged, holds more than was
            allowed, a name twice, an array of Python objects or of records, or bytes
            that are not as many as a header says.
        OSError: the file cannot be opened or read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "set.npz"
        >>> np.savez(path, X=np.eye(2, dtype=np.float32), y=np.array([0, 1]))
        >>> arrays = read_npz(path)
        >>> list(arrays), arrays["y"]
        (['X', 'y'], array([0, 1]))

    Reference:
        NumPy, "numpy.lib.format", section "Format Version 1.0" and the following,
        https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    who = f"read_npz: {os.fspath(path)}"
    room = at_least("read_npz", "max_bytes", max_bytes, 0)
    most = at_least("read_npz", "max_arrays", max_arrays, 0)
    from pebblegrad.data._members import open_members  # zipfile takes 5 ms

    arrays: dict[str, NDArray[Any]] = {}
    with open(path, "rb") as stream:
        magic = stream.read(len(_NPY_MAGIC))
        stream.seek(0)
        if magic[:4] not in _ZIP_MAGIC:
            single = ", as numpy.save writes it" if magic == _NPY_MAGIC else ""
            raise ValueError(
                f"{who} begins with {magic[:6].hex(' ') or 'nothing'}{single}; needed "
                "is a zip archive of arrays, as numpy.savez writes it"
            )
        for name, opened in open_members(stream, who, most=most):
            if not name.endswith(".npy"):
                raise ValueError(
                    f"{who} holds {name[:200]!r}; needed are arrays alone, with names "
                    "that end in .npy"
                )
            key = name.removesuffix(".npy")
            if key in arrays:
                raise ValueError(
                    f"{who} holds the array {key[:200]!r} twice; needed is one of a "
                    "name"
                )
            with opened as file:
                arrays[key] = _array(file, f"{who}: the array {key[:200]!r}", room)
            room -= arrays[key].nbytes
    return arrays


def _array(file: IO[bytes], who: str, room: int) -> NDArray[Any]:
    """The array in a stream of ``.npy`` bytes, of at most `room` bytes."""
    dtype, shape, fortran = _header(file, who)
    size = math.prod(shape) * dtype.itemsize
    says = f"shape {shape} of {dtype}, {size} bytes"
    if size > room:
        raise ValueError(
            f"{who} says that it holds {says}; {room} are left of what is allowed; if "
            "that is right, raise max_bytes"
        )
    # NumPy multiplies the other axes even when one is 0, and gives up at 2**63.
    if math.prod(max(axis, 1) for axis in shape) * max(dtype.itemsize, 1) >= 1 << 63:
        raise ValueError(
            f"{who} says that it holds {says}; needed are axes whose product, those of "
            "0 left out, is less than 2**63 bytes: no array can have this shape"
        )
    body = read_at_most(file, size + 1)
    if len(body) != size:
        found = "more" if len(body) > size else f"{len(body)}"
        raise ValueError(f"{who} says that it holds {says}; found are {found}")
    if size == 0:  # `frombuffer` knows no elements of 0 bytes
        return np.zeros(shape, dtype=dtype.newbyteorder("="))
    array = np.frombuffer(body, dtype=dtype)
    if dtype.kind == "U" and not _is_unicode(array):
        raise ValueError(f"{who} holds numbers that are no characters")
    native = array.astype(dtype.newbyteorder("="), copy=False)
    ordered = native.reshape(shape, order="F" if fortran else "C")
    return np.ascontiguousarray(ordered).reshape(shape)


def _is_unicode(array: NDArray[Any]) -> bool:
    codes = array.view(array.dtype.byteorder + "u4")
    return not ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any()


def _header(file: IO[bytes], who: str) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    """The dtype, the shape, and whether the first axis is the fastest."""
    start = bytes(read_at_most(file, 8))
    if len(start) < 8 or start[:6] != _NPY_MAGIC or start[6] not in (1, 2, 3):
        raise ValueError(
            f"{who} begins with {start.hex(' ') or 'nothing'}; needed are "
            f"{_NPY_MAGIC.hex(' ')} and a version from 1 to 3"
        )
    width = 2 if start[6] == 1 else 4
    field = bytes(read_at_most(file, width)).ljust(width, b"\xff")
    (length,) = struct.unpack("<H" if width == 2 else "<I", field)
    if length > _LONGEST_HEADER:
        raise ValueError(
            f"{who} says that its header has {length} bytes; needed are at most "
            f"{_LONGEST_HEADER}"
        )
    text = bytes(read_at_most(file, length))
    try:
        header = ast.literal_eval(text.decode("utf-8" if start[6] == 3 else "latin1"))
        descr, shape = header["descr"], header["shape"]
        fortran = header["fortran_order"]
        if len(header) != 3 or not isinstance(fortran, bool):
            raise ValueError
        if not isinstance(shape, tuple) or not all(type(n) is int for n in shape):
            raise ValueError
    except (
        ValueError,  # also one of Unicode
        SyntaxError,
        TypeError,
        KeyError,
        MemoryError,  # too many brackets
        RecursionError,
    ):
        raise ValueError(
            f"{who} has the header {text[:100]!r}; needed is one with 'descr', "
            "'fortran_order' and 'shape'"
        ) from None
    if isinstance(descr, str) and re.fullmatch(r"[<>|=]?O\d*", descr):
        raise ValueError(
            f"{who} holds Python objects, which are pickled and could run anything; "
            "needed are numbers or text; save them as such"
        )
    return _dtype(descr, who), _shape(shape, who), fortran


def _dtype(descr: Any, who: str) -> np.dtype[Any]:
    if isinstance(descr, str) and _DESCR.fullmatch(descr):
        try:
            return np.dtype(descr)
        except (TypeError, ValueError):  # such as "f3"
            pass
    raise ValueError(
        f"{who} has the dtype {descr!r:.100}; needed is one of numbers, text or dates"
    )


def _shape(shape: tuple[int, ...], who: str) -> tuple[int, ...]:
    if len(shape) > _MOST_AXES or any(axis < 0 for axis in shape):
        raise ValueError(
            f"{who} has the shape {shape!r:.200}; needed are at most {_MOST_AXES} axes "
            "of at least 0"
        )
    return shape
