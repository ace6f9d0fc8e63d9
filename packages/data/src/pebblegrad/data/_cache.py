"""The cache folder: which file in it is believed, and what happens to the others.

A file is believed only by the SHA-256 of its inflated contents. So a copy that somebody
compressed again, or did not compress at all, is accepted exactly when it is the real
thing. (Of some files only the SHA-256 of the compressed bytes has been published; of
those, the file as it was served is believed, and no other.) Anything else under a
file's name is in the way of the right one, but may be somebody's: it is renamed to
``<name>.damaged``, never deleted, and said aloud.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

from pebblegrad.data._download import NoMirrorLeftError, RemoteFile, fetch
from pebblegrad.data._inflate import DamagedGzipError, as_plain, read_at_most

FOLDER_VARIABLE = "PEBBLEGRAD_DATA"
_CHUNK = 1 << 20

Found = TypeVar("Found")


class Collection(NamedTuple):
    """The files of one data set.

    Args:
        who: the public function that loads it, to begin each error with.
        folder: its folder in the cache folder.
        mirrors: URLs to which a file's name is appended, in order of preference.
        files: what it consists of.
        otherwise: what a user without a network can do instead.
    """

    who: str
    folder: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]
    otherwise: str


class _DamagedError(Exception):
    """A file whose contents are not the right ones; the text says what was found."""

    def __init__(self, found: str, status: os.stat_result) -> None:
        super().__init__(found)
        self.status = status


def cache_folder() -> Path:
    """``$PEBBLEGRAD_DATA``, or the platform's folder for what can be fetched again."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import pooch

    return Path(pooch.os_cache("pebblegrad"))


def checked_contents(
    collection: Collection, *, download: bool, progress: bool
) -> list[bytearray]:
    """The inflated contents of each file, from the cache or else from a mirror.

    Raises:
        FileNotFoundError: a file is missing and `download` is False.
        ConnectionError: a file is missing and no mirror delivered it.
        OSError: the folder cannot be read or written.
    """
    return _checked(collection, _read, download=download, progress=progress)


def checked_stream(
    collection: Collection, *, download: bool, progress: bool
) -> BinaryIO:
    """The only file of `collection` as mirrors serve it, open, to be closed.

    For an archive, which is too large to be held in memory as a whole. What was checked
    is what is read: when the file is replaced meanwhile, the old one stays open here.

    Raises:
        FileNotFoundError: the file is missing and `download` is False.
        ConnectionError: the file is missing and no mirror delivered it.
        OSError: the folder cannot be read or written.
    """
    (stream,) = _checked(collection, _open, download=download, progress=progress)
    return stream


def _checked(
    collection: Collection,
    read: Callable[[Path, RemoteFile], Found],
    *,
    download: bool,
    progress: bool,
) -> list[Found]:
    folder = cache_folder() / collection.folder
    mirrors = list(collection.mirrors)
    contents = []
    for file in collection.files:
        moved: list[str] = []
        found = _cached(collection, folder, file, moved, read)
        if found is None and not download:
            raise FileNotFoundError(_missing(collection, folder, file, moved))
        if found is None:
            _download(collection, folder, file, moved, mirrors, progress=progress)
            found = _cached(collection, folder, file, moved, read)
        if found is None:  # its hash was right: only another process can do this
            raise FileNotFoundError(_missing(collection, folder, file, moved))
        for line in moved:
            warnings.warn(f"{collection.who}: {line}; a good one is used", stacklevel=4)
        contents.append(found)
    return contents


def _cached(
    collection: Collection,
    folder: Path,
    file: RemoteFile,
    moved: list[str],
    read: Callable[[Path, RemoteFile], Found],
) -> Found | None:
    """What `read` makes of `file` if `folder` has the right one, gzipped or not.

    A file that was put by hand into the cache folder itself counts too. Wrong files are
    moved aside, with a line for each added to `moved`; but in the cache folder itself
    a file of that name may be another set's, and is left alone.
    """
    names = [file.name]
    if file.contents_sha256 is not None and file.name.endswith(".gz"):
        names.append(file.name.removesuffix(".gz"))
    for path in (place / name for place in (folder, folder.parent) for name in names):
        try:
            return read(path, file)
        except FileNotFoundError:
            continue
        except _DamagedError as error:
            if path.parent != folder:
                continue
            line = (
                f"{path} is not the published file: found {error}; needed are "
                f"{_needed(file)}"
            )
            moved.append(f"{line}; {_move_aside(collection, path, error, line)}")
        except OSError as error:
            raise OSError(
                error.errno,
                f"{collection.who}: {path} cannot be read ({error.strerror}); needed "
                "is a readable file in a folder, or none; correct it, or let "
                f"{FOLDER_VARIABLE} name another folder",
            ) from error
    return None


def _needed(file: RemoteFile) -> str:
    if file.contents_sha256 is None:
        return f"{file.size} bytes with SHA-256 {file.sha256}"
    return f"contents of {file.contents_size} bytes with SHA-256 {file.contents_sha256}"


def _read(path: Path, file: RemoteFile) -> bytearray:
    """The inflated contents of the file at `path`, if they are the right ones."""
    with open(path, "rb") as stream:
        status = os.fstat(stream.fileno())
        if file.contents_sha256 is None:
            _check_as_served(stream, file, status)
        try:
            contents = read_at_most(as_plain(stream), file.contents_size + 1)
        except DamagedGzipError as error:
            raise _DamagedError(
                f"{status.st_size} bytes, and {error}", status
            ) from None
    if len(contents) > file.contents_size:
        raise _DamagedError("more contents", status)
    if file.contents_sha256 is None:
        return contents
    sha256 = hashlib.sha256(contents).hexdigest()
    if sha256 != file.contents_sha256:
        raise _DamagedError(
            f"contents of {len(contents)} bytes with SHA-256 {sha256}", status
        )
    return contents


def _open(path: Path, file: RemoteFile) -> BinaryIO:
    """The file at `path`, open at its beginning, if it is the one that is served."""
    stream = open(path, "rb")
    try:
        _check_as_served(stream, file, os.fstat(stream.fileno()))
    except BaseException:
        stream.close()
        raise
    return stream


def _check_as_served(
    stream: BinaryIO, file: RemoteFile, status: os.stat_result
) -> None:
    if status.st_size != file.size:
        raise _DamagedError(f"{status.st_size} bytes", status)
    digest = hashlib.sha256()
    while piece := stream.read(_CHUNK):
        digest.update(piece)
    if digest.hexdigest() != file.sha256:
        raise _DamagedError(
            f"{status.st_size} bytes with SHA-256 {digest.hexdigest()}", status
        )
    stream.seek(0)


def _move_aside(
    collection: Collection, path: Path, damaged: _DamagedError, line: str
) -> str:
    """Rename `path` to the first free ``<name>.damaged``; says what was done."""
    try:
        if not os.path.samestat(os.stat(path), damaged.status):
            return "another process has replaced it since"
        aside = _reserve(path)
        try:
            os.replace(path, aside)
        except OSError:
            aside.unlink()
            raise
    except FileNotFoundError:
        return "another process has removed it since"
    except OSError as error:
        raise OSError(
            error.errno,
            f"{collection.who}: {line}; it could not be moved aside "
            f"({error.strerror}); remove it, or let {FOLDER_VARIABLE} name another "
            "folder",
        ) from error
    return f"it was moved aside to {aside.name}"


def _reserve(path: Path) -> Path:
    """A new empty file for `path` to be renamed over, so that nothing old is lost."""
    for number in range(1, 1000):
        suffix = ".damaged" if number == 1 else f".damaged-{number}"
        aside = path.with_name(path.name + suffix)
        with contextlib.suppress(FileExistsError):
            aside.touch(exist_ok=False)
            return aside
    raise FileExistsError(errno.EEXIST, "there are 999 damaged files already")


def _download(
    collection: Collection,
    folder: Path,
    file: RemoteFile,
    moved: Sequence[str],
    mirrors: list[str],
    *,
    progress: bool,
) -> None:
    """Fetch `file`; whoever delivered it is asked first for the next one."""
    try:
        mirror = fetch(file, folder, mirrors, progress=progress)
    except NoMirrorLeftError as error:
        raise ConnectionError(
            "\n  ".join(
                [
                    _missing(collection, folder, file, moved),
                    "no mirror delivered it:",
                    *error.reasons,
                ]
            )
        ) from None
    except OSError as error:
        size = sum(each.size for each in collection.files) / 1e6
        raise OSError(
            error.errno,
            f"{collection.who}: {file.name} cannot be written to {folder} "
            f"({error.strerror}); needed is a folder that can be written, with "
            f"{size:.1f} MB free; make room or correct it, or let {FOLDER_VARIABLE} "
            "name another folder",
        ) from error
    mirrors.remove(mirror)
    mirrors.insert(0, mirror)


def _missing(
    collection: Collection, folder: Path, file: RemoteFile, moved: Sequence[str]
) -> str:
    names = ", ".join(each.name for each in collection.files)
    known = all(each.contents_sha256 for each in collection.files)
    form = "gzipped or not" if known else "as published, byte for byte"
    return "\n  ".join(
        [
            f"{collection.who}: {file.name} is not in {folder}; needed there are "
            f"{names} ({form}); put them there by hand, let "
            f"{FOLDER_VARIABLE} name the folder that holds {collection.folder}, or "
            f"{collection.otherwise}",
            *moved,
        ]
    )
