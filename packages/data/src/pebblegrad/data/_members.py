"""What is in a zip or tar archive, one entry after the other, with every size bounded.

Python's zipfile and tarfile trust an archive in some things: that a header of gigabytes
is worth reading, that what looks cut is the end, that a size is not negative. Here they
read through a wrapper that does not, and whatever they raise for damaged bytes becomes
one ValueError. xz is not read, in which an archive says how much memory to reserve.
"""

from __future__ import annotations

import bz2
import contextlib
import errno
import functools
import gzip
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import IO, Any, BinaryIO, NamedTuple, cast

_CHUNK = 1 << 16
_LONGEST_HEADER = 1 << 18  # bytes, in a tar: names, comments
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # the second: an archive of nothing
_BZIP2_MAGIC = b"BZh"
_GZIP_MAGIC = b"\x1f\x8b"
_LINK = 0o120000  # of the type bits 0o170000 of a Unix mode

# What zipfile, tarfile and zlib raise for bytes that are not what they should be.
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,  # an unknown compression
    OSError,  # also gzip's BadGzipFile
    OverflowError,
    RuntimeError,  # a password is needed
    struct.error,
    ValueError,
)


class Member(NamedTuple):
    """One entry of an archive.

    Args:
        name: as it stands there, not to be used as a path.
        kind: ``"a file"``, ``"a folder"``, or what else it is.
        open: a context manager to read it from.
    """

    name: str
    kind: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]


def members(stream: BinaryIO, who: str, *, most: int, room: int) -> Iterator[Member]:
    """Each entry, in its order; what may not be unpacked is for the caller to refuse.

    At most `most` entries, and `room` bytes of a tar beside its headers.
    """
    magic = stream.read(4)
    stream.seek(0)
    is_zip = magic in _ZIP_MAGIC
    members = (
        _zip_members(stream, who)
        if is_zip
        else _tar_members(stream, who, most=most, room=room)
    )
    for count, member in enumerate(members):
        if count >= most:
            raise ValueError(
                f"{who} holds more than {most} files and folders; if that is right, "
                "raise max_files"
            )
        yield member


def read_members(
    stream: BinaryIO, who: str, names: Sequence[str], *, max_bytes: int
) -> list[bytes]:
    """The contents of some files of an archive, in memory; `who` begins each error.

    Raises:
        ValueError: the archive is damaged, lacks one of `names`, has it twice or not
            as a file, or they hold more than `max_bytes` together.
    """
    found: dict[str, bytes] = {}
    room = max_bytes
    for member in members(stream, who, most=1 << 20, room=4 * max_bytes):
        if member.name not in names:
            continue
        if member.kind != "a file" or member.name in found:
            kind = "there twice" if member.kind == "a file" else member.kind
            raise ValueError(
                f"{who}: {member.name!r} is {kind}; needed is one file of that name"
            )
        with damage(who), member.open() as file:
            contents = _read(file, room + 1)
        if len(contents) > room:
            raise ValueError(
                f"{who}: {', '.join(names)} hold more than {max_bytes} bytes together, "
                "the most that is allowed"
            )
        room -= len(contents)
        found[member.name] = contents
    for name in names:
        if name not in found:
            raise ValueError(
                f"{who} holds no file {name!r}; needed are {', '.join(names)}"
            )
    return [found[name] for name in names]


def open_members(
    stream: BinaryIO, who: str, *, most: int
) -> Iterator[tuple[str, AbstractContextManager[IO[bytes]]]]:
    """The name of each file of a zip archive, and a context to read it in.

    Raises:
        ValueError: the archive is damaged (also while one is read), holds something
            else, or more than `most` files.
    """
    for count, member in enumerate(_zip_members(stream, who)):
        if count >= most:
            raise ValueError(
                f"{who} holds more than {most} arrays; if that is right, raise "
                "max_arrays"
            )
        if member.kind != "a file":
            raise ValueError(
                f"{who}: {member.name[:200]!r} is {member.kind}; needed are plain files"
            )
        yield member.name, _checked(member, who)


@contextlib.contextmanager
def _checked(member: Member, who: str) -> Iterator[IO[bytes]]:
    """The file, whose damage is told as `damage` does."""
    with contextlib.ExitStack() as stack:
        with damage(who):
            file = stack.enter_context(member.open())
        yield cast(IO[bytes], _Checked(file, who))


class _Checked:
    """A file of an archive: what it raises when it is read becomes a ValueError."""

    def __init__(self, file: IO[bytes], who: str) -> None:
        self._file, self._who = file, who

    def read(self, size: int) -> bytes:
        with damage(self._who):
            return self._file.read(size)


def _zip_members(stream: BinaryIO, who: str) -> Iterator[Member]:
    with damage(who):
        archive = zipfile.ZipFile(stream)
    with archive:
        for info in archive.infolist():
            if not info.filename:
                raise ValueError(f"{who} is damaged: it has a file without a name")
            kind = "a folder" if info.is_dir() else "a file"
            if (info.external_attr >> 16) & 0o170000 == _LINK:
                kind = "a link"
            elif info.flag_bits & 1:
                kind = "encrypted"
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                kind = f"compressed by method {info.compress_type} (read are 0 and 8)"
            yield Member(info.filename, kind, functools.partial(archive.open, info))


def _tar_members(
    stream: BinaryIO, who: str, *, most: int, room: int
) -> Iterator[Member]:
    # A header has 512 bytes, and the extensions for a long name two blocks more.
    plain = _Bounded(_inflated(stream), room + 2048 * most + (1 << 20))
    with damage(who):
        archive = tarfile.open(fileobj=cast(IO[bytes], plain), mode="r:")
    total = 0
    with archive:
        while True:
            with damage(who):
                info = archive.next()
            if info is None and plain.last != bytes(tarfile.BLOCKSIZE):
                # tarfile takes a cut or spoiled header for the end of the archive.
                raise ValueError(
                    f"{who} is damaged: it ends without the block of zeros that ends a "
                    "tar archive; fetch it again"
                )
            if info is None:
                with damage(who):
                    plain.read_to_the_end()  # where the checksum stands
                return
            # Else it keeps them all, however many there are.
            archive.members = []  # type: ignore[attr-defined]
            kind = "neither a file nor a folder"
            if info.issym() or info.islnk():
                kind = "a link"
            elif info.issparse():
                kind = "a sparse file"
            elif info.isdir():
                kind = "a folder"
            elif info.isreg():
                kind = "a file"
                total += info.size
            if total > room:
                raise ValueError(
                    f"{who} says that it holds more than was allowed, {room} bytes; if "
                    "that is right, raise max_bytes"
                )
            yield Member(info.name, kind, functools.partial(_open, archive, info))


def _open(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    assert file is not None  # it is one for a regular file, and only those are opened
    return file


def _inflated(stream: BinaryIO) -> Any:
    magic = stream.read(3)
    stream.seek(0)
    if magic[:2] == _GZIP_MAGIC:
        return gzip.GzipFile(fileobj=stream)
    if magic == _BZIP2_MAGIC:
        return bz2.BZ2File(stream)
    return stream


class _Bounded:
    """A tar as a file that is only read forward, in small pieces, and not too far.

    A header may claim a name of gigabytes, which tarfile would read at once; a file of
    exabytes, which it would skip by inflating all that there is; or a negative size,
    after which it would read the same header again for ever.
    """

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.last = b""

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size} bytes")
        self.last = self._stream.read(size)
        return self.last

    def seek(self, position: int) -> int:
        if not self.tell() <= position <= self._limit:
            raise tarfile.ReadError(f"a jump from {self.tell()} to {position}")
        return int(self._stream.seek(position))

    def tell(self) -> int:
        return int(self._stream.tell())

    def read_to_the_end(self) -> None:
        while self._stream.read(_CHUNK):
            if self.tell() > self._limit:
                raise tarfile.ReadError("it goes on after its end")


def _read(file: IO[bytes], limit: int) -> bytes:
    """Up to `limit` bytes, reserved only as they come."""
    pieces = []
    while limit > 0 and (piece := file.read(min(_CHUNK, limit))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


@contextlib.contextmanager
def damage(who: str) -> Iterator[None]:
    """What the libraries say of damaged archives, as one ValueError."""
    try:
        yield
    except _DAMAGE as error:
        number = error.errno if isinstance(error, OSError) else None
        if number not in (None, errno.EINVAL):  # a seek to where no file can be
            raise  # the disk's trouble, not the archive's
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(
            f"{who} is damaged, or of a kind that is not read here ({said}); needed is "
            "a whole zip or tar archive; fetch it again"
        ) from error
