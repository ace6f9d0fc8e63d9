"""Reading a file that may be gzipped, and never more of it than was agreed.

A gzip file of a few kilobytes can inflate to gigabytes. So every reader here says first
how many bytes it can use, and gets at most one more than that: enough to know that the
file is too long, and the only price that a hostile file can ask.
"""

from __future__ import annotations

import gzip
import io
import zlib
from typing import IO, BinaryIO

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20


class DamagedGzipError(ValueError):
    """A gzip stream that ends early or does not pass its own checks."""


def as_plain(stream: BinaryIO) -> BinaryIO:
    """The inflated `stream` if it begins as gzip does, else `stream` itself.

    The contents decide, not the name: browsers inflate a download and keep its ``.gz``.
    """
    magic = stream.read(2)
    stream.seek(0)
    if magic == _GZIP_MAGIC:
        return io.BufferedReader(gzip.GzipFile(fileobj=stream))
    return stream


def read_at_most(stream: IO[bytes], limit: int) -> bytearray:
    """Up to `limit` bytes, fewer only at the end of the stream.

    Raises:
        DamagedGzipError: the stream is gzip and broken.
    """
    # Piece by piece: `stream.read(limit)` would reserve `limit` bytes before the first
    # one is known to exist.
    contents = bytearray()
    try:
        while len(contents) < limit:
            piece = stream.read(min(_CHUNK, limit - len(contents)))
            if not piece:
                break
            contents += piece
    except EOFError:
        raise DamagedGzipError("its gzip stream ends in the middle") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DamagedGzipError(f"its gzip stream is damaged ({error})") from None
    return contents
