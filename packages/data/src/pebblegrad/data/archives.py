"""Zip and tar archives from strangers: what is in them is read, never obeyed.

An archive is a list of names with contents, made by somebody else. A name may climb out
of the folder (``../../.bashrc``, ``/etc/passwd``), an entry may be a link that leads
out of it, and a few kilobytes may inflate to terabytes. So every name is looked at
before anything is written, only files and folders are taken, and what comes out is
counted as it comes: the sizes that an archive claims are not believed. How archives
are read is in `_members`.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pebblegrad.data._checks import at_least

if TYPE_CHECKING:
    from pebblegrad.data._members import Member

_CHUNK = 1 << 16
_LONGEST_NAME = 1000  # bytes; systems allow 1024 and more
_MOST_PARTS = 64
_DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{port}{number}" for port in ("COM", "LPT") for number in range(10)
}


def extract_archive(
    from_path: str | os.PathLike[str],
    to_path: str | os.PathLike[str],
    *,
    max_bytes: int = 1 << 32,
    max_files: int = 1_000_000,
) -> list[Path]:
    """Unpack a zip or tar archive into a new folder, and only into it.

    The folder appears when everything in the archive has been unpacked, or not at all:
    after an error, or a kill, nothing half-unpacked is under its name. Files get the
    permissions of new files; owners, times and permissions in the archive are ignored.

    Args:
        from_path: the archive: zip, tar, or tar compressed by gzip or bzip2. What it
            is, is read off its contents, not off its name.
        to_path: the folder to make. It must not be there yet, or be empty.
        max_bytes: the most bytes to unpack, at least 0. The default is 4 GiB.
        max_files: the most files and folders to unpack, at least 0.

    Returns:
        The files that were unpacked, sorted.

    Raises:
        TypeError: `max_bytes` or `max_files` is not an integer.
        ValueError: the archive is damaged, of another kind or encrypted; holds more
            than was allowed; holds a link, a device, or a name that leads out of the
            folder, that is there twice, or that some system cannot have.
        FileExistsError: `to_path` is a file, or a folder that is not empty.
        OSError: the archive cannot be read or the folder cannot be written.

    Example:
        >>> import pathlib, tempfile, zipfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> with zipfile.ZipFile(folder / "set.zip", "w") as archive:
        ...     archive.writestr("cats/1.txt", "miaow")
        >>> files = extract_archive(folder / "set.zip", folder / "set")
        >>> [file.relative_to(folder).as_posix() for file in files]
        ['set/cats/1.txt']
    """
    source, target = os.fspath(from_path), Path(to_path).absolute()
    who = f"extract_archive: {source}"
    room = at_least("extract_archive", "max_bytes", max_bytes, 0)
    most = at_least("extract_archive", "max_files", max_files, 0)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(
            f"extract_archive: {target} is there already; needed is the name of a new "
            "or empty folder, so that nothing is overwritten or mixed"
        )

    import tempfile

    with open(source, "rb") as stream:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=target.parent, prefix=f".{target.name}."
        ) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            files = _unpack(stream, who, made, room, most)
            if target.exists():
                target.rmdir()
            os.replace(made, target)
    return sorted(target.joinpath(*parts) for parts in files)


def _unpack(
    stream: BinaryIO, who: str, folder: Path, room: int, most: int
) -> list[tuple[str, ...]]:
    """Write every member below `folder`; the parts of the names of the files."""
    import unicodedata

    from pebblegrad.data._members import members  # zipfile and tarfile take 10 ms

    seen: dict[str, str] = {}
    files = []
    for member in members(stream, who, most=most, room=room):
        if member.kind not in ("a file", "a folder"):
            raise ValueError(
                f"{who}: {member.name[:200]!r} is {member.kind}; needed are plain "
                "files and folders; nothing was unpacked"
            )
        parts = safe_parts(who, member.name)
        if not parts:  # "./", the folder itself
            continue
        for length in range(1, len(parts) + 1):
            # Two names that some file system takes for one would overwrite each other.
            name = "/".join(parts[:length])
            key = unicodedata.normalize("NFC", name).casefold()
            kind = member.kind if length == len(parts) else "a folder"
            if key in seen and not kind == seen[key] == "a folder":
                raise ValueError(
                    f"{who}: {name!r} is there twice; needed are names that differ in "
                    "more than upper and lower case; nothing was unpacked"
                )
            seen[key] = kind
        path = folder.joinpath(*parts)
        if member.kind == "a folder":
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        room -= _write(member, path, who, room)
        files.append(parts)
    return files


def _write(member: Member, path: Path, who: str, room: int) -> int:
    """Copy one member to `path`, at most `room` bytes; how many they were."""
    from pebblegrad.data._members import damage

    written = 0
    with contextlib.ExitStack() as stack:
        with damage(who):
            file = stack.enter_context(member.open())
        target = stack.enter_context(open(path, "xb"))
        while True:
            with damage(who):
                piece = file.read(_CHUNK)
            if not piece:
                return written
            written += len(piece)
            if written > room:
                raise ValueError(
                    f"{who} inflates to more than was allowed ({room} bytes were left "
                    f"for {path.name!r}); if that is right, raise max_bytes"
                )
            target.write(piece)


def safe_parts(who: str, name: str) -> tuple[str, ...]:
    """The parts of a name in an archive, if they stay below its folder everywhere.

    Raises:
        ValueError: they would not, on this system or another one.
    """
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    wrong = None
    if any(0xD800 <= ord(letter) < 0xE000 for letter in name):
        wrong = "is not in Unicode"
    elif name.startswith("/"):
        wrong = "begins at the root"
    elif ".." in parts:
        wrong = "climbs out of its folder"
    elif "\\" in name or ":" in name:
        wrong = "has a character that is a separator on Windows"
    elif any(ord(letter) < 32 or letter == "\x7f" for letter in name):
        wrong = "has a control character"
    elif any(part.endswith((".", " ")) for part in parts):
        wrong = "has a part that ends in a period or a space, which Windows drops"
    elif any(part.split(".")[0].strip().upper() in _DEVICES for part in parts):
        wrong = "has a part that is a device on Windows"
    elif any(len(part.encode()) > 255 for part in parts):
        wrong = "has a part of more than 255 bytes"
    elif len(name.encode()) > _LONGEST_NAME or len(parts) > _MOST_PARTS:
        wrong = f"has more than {_LONGEST_NAME} bytes or {_MOST_PARTS} parts"
    if wrong is not None:
        raise ValueError(
            f"{who}: the name {name[:200]!r} {wrong}; needed are names that stay in "
            "the folder; nothing was unpacked"
        )
    return parts
