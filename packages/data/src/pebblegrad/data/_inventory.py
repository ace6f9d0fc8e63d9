"""What lies in the cache folder: of each set which files, and whether they are good.

The loaders look for what they need and put right what is wrong. Here nothing is fetched
or changed: `pebblegrad-data` tells what is there, and what of it could be removed
without a loss. That can be said of two kinds of file only: those that are, byte for
byte, what a mirror would send again; and the temporary files of downloads that died.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pebblegrad.data import cifar10, emnist, fashion_mnist, kmnist, mnist
from pebblegrad.data._cache import (
    Collection,
    _DamagedError,
    _needed,
    _open,
    _read,
    cache_folder,
)
from pebblegrad.data._download import RemoteFile

# A download that gets nothing for ten seconds gives up and cleans up, so a temporary
# file that nobody has written to for a minute belongs to a process that was killed.
_SURELY_DEAD = 60.0  # seconds


def data_sets() -> dict[str, Collection]:
    """The sets that are downloaded, by the names of their folders."""
    collections = (
        mnist._MNIST,
        fashion_mnist._FASHION_MNIST,
        kmnist._KMNIST,
        emnist._EMNIST,
        cifar10._CIFAR10,
    )
    return {collection.folder: collection for collection in collections}


class Place(NamedTuple):
    """A path at which a file of a set lies.

    Args:
        path: where it lies.
        file: the file of the set that it is taken for.
        own: whether that is in the set's own folder, and not in the cache folder
            itself, where somebody has put it by hand.
    """

    path: Path
    file: RemoteFile
    own: bool


def places(collection: Collection, file: RemoteFile) -> Iterator[Place]:
    """Where `file` lies, in the order in which a loader looks; often nowhere.

    In the set's own folder a name is enough. In the cache folder itself a file of that
    name may be another set's, so there only one with the right contents counts.

    Raises:
        OSError: a folder cannot be looked into, or a file not be read.
    """
    folder = cache_folder() / collection.folder
    names = [file.name]
    if file.contents_sha256 is not None and file.name.endswith(".gz"):
        names.append(file.name.removesuffix(".gz"))
    for parent in (folder, folder.parent):
        for path in (parent / name for name in names):
            place = Place(path, file, own=parent == folder)
            if lies_there(path) and (place.own or fault(place) is None):
                yield place


def fault(place: Place) -> str | None:
    """What is wrong with the contents of the file, or None if they are right.

    Raises:
        OSError: it cannot be read.
    """
    try:
        if place.file.contents_sha256 is None:
            _open(place.path, place.file).close()
        else:
            _read(place.path, place.file)
    except _DamagedError as error:
        return f"found {error}; needed are {_needed(place.file)}"
    return None


class Unfinished(NamedTuple):
    """The temporary file of a download.

    Args:
        path: where it lies.
        size: in bytes, so far.
        abandoned: whether the process that wrote it must have been killed.
    """

    path: Path
    size: int
    abandoned: bool


def unfinished(collection: Collection) -> Iterator[Unfinished]:
    """The temporary files of downloads, of processes dead or alive.

    Raises:
        OSError: the folder cannot be looked into.
    """
    folder = cache_folder() / collection.folder
    if not folder.is_dir():
        return
    names = "|".join(re.escape(file.name) for file in collection.files)
    pattern = re.compile(rf"\.(?:{names})\.[0-9a-f]{{8}}\.part")
    for path in sorted(folder.iterdir()):
        if pattern.fullmatch(path.name) and lies_there(path):  # a download may end
            status = path.lstat()
            silent = time.time() - status.st_mtime
            yield Unfinished(path, status.st_size, silent > _SURELY_DEAD)


def lies_there(path: Path) -> bool:
    """As `Path.exists`, but a folder that may not be entered is an error."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
