"""The idx format: one array per file, as MNIST and its relatives are published.

A file is two zero bytes, a byte for the type, a byte for the number of axes, one
unsigned 32-bit integer per axis, and then the elements, the last axis fastest. All
numbers are big-endian:

    00 00 | 08 | 03 | 00 00 EA 60 | 00 00 00 1C | 00 00 00 1C | 60000 * 28 * 28 bytes
            type axes    60000            28            28

So the header says exactly how long the file must be, and a file of any other length is
refused. `write_idx` writes such a file, and `read_idx` gives the array back.
"""

from __future__ import annotations

import math
import os
import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pebblegrad.data._checks import at_least
from pebblegrad.data._inflate import (
    DamagedGzipError,
    as_plain,
    read_at_most,
)
from pebblegrad.data._whole_file import write_whole

_DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_MOST_AXES = 64  # NumPy's own limit
_LONGEST_AXIS = 2**32 - 1  # of 32 bits


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = 1 << 32) -> NDArray[Any]:
    """The array in an idx file, gzipped or not.

    Args:
        path: the file; whether it is gzipped is read off its first two bytes, not off
            its name.
        max_bytes: the largest array to accept, in bytes, at least 0. It bounds what a
            small gzip file can inflate to. The default is 4 GiB.

    Returns:
        A new, writable array of the shape in the file, in native byte order: uint8,
        int8, int16, int32, float32 or float64.

    Raises:
        TypeError: `max_bytes` is not an integer.
        ValueError: the file is not an idx file, is damaged, holds more or fewer bytes
            than its header says, or more than `max_bytes`.
        OSError: the file cannot be opened or read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "three-idx1-short"
        >>> header = bytes([0, 0, 0x0B, 1, 0, 0, 0, 3])
        >>> _ = path.write_bytes(header + bytes([0, 1, 0, 2, 255, 255]))
        >>> read_idx(path)
        array([ 1,  2, -1], dtype=int16)

    Reference:
        Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits",
        section "File formats", http://yann.lecun.com/exdb/mnist/
    """
    limit = at_least("read_idx", "max_bytes", max_bytes, 0)
    with open(path, "rb") as file:
        try:
            return parse_idx(
                as_plain(file), f"read_idx: {os.fspath(path)}", max_bytes=limit
            )
        except DamagedGzipError as error:
            raise ValueError(
                f"read_idx: {os.fspath(path)} is damaged: {error}; needed is a whole "
                "gzip file; fetch it again"
            ) from None


def write_idx(path: str | os.PathLike[str], array: ArrayLike) -> None:
    """Write an array as an idx file: gzipped if the name ends in ``.gz``.

    An old file at `path` is replaced only when the new one is whole. The same array
    gives the same bytes, also gzipped.

    Args:
        path: the file.
        array: shape of 1 to 64 axes, each at most 2**32 - 1 long, of dtype uint8, int8,
            int16, int32, float32 or float64 in any byte order.

    Raises:
        TypeError: the format has no such dtype.
        ValueError: the array has no axes.
        OSError: the file cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "two-idx2-float.gz"
        >>> write_idx(path, np.array([[0.5, 2.0]], dtype=np.float32))
        >>> read_idx(path)
        array([[0.5, 2. ]], dtype=float32)

    Reference:
        Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits",
        section "File formats", http://yann.lecun.com/exdb/mnist/
    """
    written = np.asarray(array)
    codes = {dtype.newbyteorder("="): code for code, dtype in _DTYPES.items()}
    code = codes.get(written.dtype.newbyteorder("="))
    if code is None:
        known = ", ".join(str(dtype.name) for dtype in codes)
        raise TypeError(
            f"write_idx: array has dtype {written.dtype}; needed is one of {known}; "
            "convert it with array.astype"
        )
    if written.ndim == 0:
        raise ValueError(
            "write_idx: array has shape (); needed are 1 to 64 axes; a single number "
            "can be written as array.reshape(1)"
        )
    if max(written.shape) > _LONGEST_AXIS:
        raise ValueError(
            f"write_idx: array has shape {written.shape}; needed are axes of at most "
            f"{_LONGEST_AXIS}, as the format has 32 bits for each"
        )

    header = struct.pack(
        f">BBBB{written.ndim}I", 0, 0, code, written.ndim, *written.shape
    )
    contents = header + np.ascontiguousarray(written, dtype=_DTYPES[code]).tobytes()
    if os.fspath(path).endswith(".gz"):
        import gzip

        contents = gzip.compress(contents, mtime=0)
    write_whole("write_idx", path, contents)


def parse_idx(stream: BinaryIO, who: str, *, max_bytes: int) -> NDArray[Any]:
    """The array in a stream of plain idx bytes; `who` begins each error."""
    magic = bytes(read_at_most(stream, 4))
    if len(magic) < 4 or magic[:2] != b"\0\0":
        found = magic.hex(" ") if magic else "nothing: the file is empty"
        raise ValueError(
            f"{who} is not an idx file: it begins with {found}; needed are two zero "
            "bytes, a type and a number of axes"
        )
    code, ndim = magic[2], magic[3]
    if code not in _DTYPES:
        known = ", ".join(f"0x{known:02X} {_name(known)}" for known in _DTYPES)
        raise ValueError(f"{who} has type 0x{code:02X}; needed is one of {known}")
    if not 1 <= ndim <= _MOST_AXES:
        raise ValueError(f"{who} has {ndim} axes; needed are 1 to {_MOST_AXES}")

    axes = bytes(read_at_most(stream, 4 * ndim))
    if len(axes) < 4 * ndim:
        raise ValueError(
            f"{who} ends in its header, after {4 + len(axes)} bytes; needed are "
            f"{4 + 4 * ndim} for {ndim} axes"
        )
    shape = struct.unpack(f">{ndim}I", axes)
    expected = math.prod(shape) * _DTYPES[code].itemsize
    says = f"shape {shape} of {_name(code)}, {expected} bytes"
    if expected > max_bytes:
        raise ValueError(
            f"{who} says that it holds {says}; allowed are {max_bytes}; if that is "
            "right, raise max_bytes"
        )

    # NumPy multiplies the other axes even when one is 0, and gives up at 2**63.
    if math.prod(max(axis, 1) for axis in shape) * _DTYPES[code].itemsize >= 1 << 63:
        raise ValueError(
            f"{who} says that it holds {says}; needed are axes whose product, those of "
            "0 left out, is less than 2**63 bytes: no array can have this shape"
        )

    body = read_at_most(stream, expected + 1)
    if len(body) != expected:
        found = "more" if len(body) > expected else f"{len(body)}"
        raise ValueError(f"{who} says that it holds {says}; found are {found}")
    array = np.frombuffer(body, dtype=_DTYPES[code])
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    return native.reshape(shape)


def _name(code: int) -> str:
    """The type's name without its byte order: ``int16`` for 0x0B."""
    return str(_DTYPES[code].name)
