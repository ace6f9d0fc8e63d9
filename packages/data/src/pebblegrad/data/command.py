"""The command ``pebblegrad-data``: what is in the cache folder, and getting more of it.

    pebblegrad-data list            each set: its files, their sizes, what is cached
    pebblegrad-data fetch mnist     download what is missing
    pebblegrad-data verify          look at the contents of what is cached
    pebblegrad-data path            where the cache folder is
    pebblegrad-data clear mnist     remove what can be fetched again

Each subcommand is a function here that prints what it finds and returns the exit code:
0 if all is well, 1 if something is wrong. (2, from argparse, is a command line that
cannot be understood.) What a user wants to read or to pipe goes to stdout, what went
wrong to stderr. Only `fetch` needs a network, only `fetch` and `clear` change anything.

``python -m pebblegrad.data`` is the same command.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pebblegrad.data._cache import (
    FOLDER_VARIABLE,
    Collection,
    cache_folder,
    checked_contents,
    checked_stream,
)
from pebblegrad.data._inventory import (
    Place,
    data_sets,
    fault,
    places,
    unfinished,
)

_PROGRAM = "pebblegrad-data"
_ALL = "all"
_STOPPED = 130  # what a shell reports of a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: what follows the command's name; by default ``sys.argv[1:]``.

    Returns:
        The exit code: 0 if all is well, 1 if something is wrong, 130 after Ctrl-C.

    Raises:
        SystemExit: the command line asks for help, or cannot be understood (code 2).

    Example:
        >>> code = main(["list", "mnist"])  # doctest: +ELLIPSIS
        In ...mnist ...11.6 MB...`pebblegrad-data verify` can tell.
        >>> code
        0
    """
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        cache_folder()
    except RuntimeError as error:  # of ~somebody, whose home folder nobody knows
        given = os.environ.get(FOLDER_VARIABLE)
        _complain(
            f"{FOLDER_VARIABLE} is {given!r} ({error}); needed is a folder; write its "
            "path in full"
        )
        return 1
    try:
        code = run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _complain("stopped")
        return _STOPPED
    except BrokenPipeError:  # the reader of a pipe has seen enough, as `head` does
        # Python flushes once more as it ends; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UnicodeEncodeError as error:  # a path in bytes that are no text
        _complain(
            f"{error.object.strip()!a} cannot be printed in {error.encoding}; let "
            f"{FOLDER_VARIABLE} name another folder"
        )
        return 1
    except OSError as error:
        _complain(_sentence(error))
        return 1
    return code


def _list(options: argparse.Namespace) -> int:
    print(f"In {cache_folder()}:")
    for collection in _chosen(options.names or [_ALL]):
        folder = cache_folder() / collection.folder
        where = {
            file.name: next(places(collection, file), None) for file in collection.files
        }
        cached = sum(place is not None for place in where.values())
        state = "cached" if cached else "not cached"
        if 0 < cached < len(where):
            state = f"{cached} of {_files(len(where))} cached"
        print()
        _row(collection.folder, sum(file.size for file in collection.files), state)
        for file in collection.files:
            place = where[file.name]
            state = "cached" if place else "not cached"
            if place and place.path != folder / file.name:
                state = f"cached as {place.path.relative_to(cache_folder())}"
            _row(f"  {file.name}", file.size, state)
        for partial in unfinished(collection):
            _row(f"  {partial.path.name}", partial.size, "an unfinished download")
    print(f"\nWhether what is cached is right, `{_PROGRAM} verify` can tell.")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    code = 0
    for collection in _chosen(options.names):
        missing = [
            file
            for file in collection.files
            if next(places(collection, file), None) is None
        ]
        if missing:
            size = _size(sum(file.size for file in missing))
            print(f"{collection.folder}: fetching {_files(len(missing))}, {size}")
            sys.stdout.flush()  # before the progress bar, which goes to stderr
        try:
            with warnings.catch_warnings(record=True) as moved_aside:
                warnings.simplefilter("always")
                _get(collection, progress=not options.quiet and sys.stderr.isatty())
        except OSError as error:
            _complain(_sentence(error))
            code = 1
            continue
        for warning in moved_aside:
            _complain(str(warning.message))
        folder = cache_folder() / collection.folder
        print(f"{collection.folder}: complete and right, in {folder}")
    return code


def _get(collection: Collection, *, progress: bool) -> None:
    """Look for the files of a set, and download those that are missing or wrong."""
    named = collection._replace(who=collection.folder)  # which begins the errors
    if len(named.files) == 1:  # an archive, too large to be held in memory
        checked_stream(named, download=True, progress=progress).close()
    else:
        checked_contents(named, download=True, progress=progress)


def _verify(options: argparse.Namespace) -> int:
    right = wrong = 0
    for collection in _chosen(options.names or [_ALL]):
        for file in collection.files:
            found = list(places(collection, file))
            for place in found:
                reason = _fault_in_words(place)
                if reason is None:
                    right += 1
                    print(f"right: {place.path}")
                else:
                    wrong += 1
                    _complain(f"{place.path} is wrong: {reason}")
            if options.names and not found:  # of a set that was asked for, all counts
                wrong += 1
                _complain(
                    f"{collection.folder}: {file.name} is not cached; `{_PROGRAM} "
                    f"fetch {collection.folder}` downloads it"
                )
    print(f"{_files(right)} right, {wrong} wrong or missing")
    return 1 if wrong else 0


def _path(options: argparse.Namespace) -> int:
    folder = cache_folder()
    print(folder if options.name in (None, _ALL) else folder / options.name)
    return 0


def _clear(options: argparse.Namespace) -> int:
    collections = _chosen(options.names or [_ALL])
    removable = {
        path: path.stat().st_size for each in collections for path in _removable(each)
    }
    if not removable:
        print("There is nothing to remove.")
        return 0
    for path, size in removable.items():
        print(f"{path}  {_size(size)}")
    total = _size(sum(removable.values()))
    if not options.yes:
        if not sys.stdin.isatty():
            _complain(
                "clear: standard input is not a terminal, so nobody can be asked; "
                "needed is the option --yes; nothing was removed"
            )
            return 1
        try:
            answer = input(f"Remove {_files(len(removable))}, {total}? [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was removed.")
            return 1
    for path in removable:
        path.unlink(missing_ok=True)  # another process may have been as quick
    for folder in {path.parent for path in removable}:
        if not any(folder.iterdir()):
            folder.rmdir()
    print(f"{_files(len(removable))} removed, {total}.")
    return 0


def _removable(collection: Collection) -> Iterator[Path]:
    """What can go without a loss; what only looks so is named on stderr, and stays."""
    folder = cache_folder() / collection.folder
    if folder.is_symlink():
        _complain(f"{folder} is left: it is a link, and what it leads to is not ours")
        return
    known = set()
    for place in (
        each for file in collection.files for each in places(collection, file)
    ):
        known.add(place.path)
        if not place.own:
            _complain(f"{place.path} is left: somebody has put it there by hand")
        elif place.path.is_symlink():
            _complain(f"{place.path} is left: it is a link, which is not ours")
        elif reason := _fault_in_words(place):
            _complain(f"{place.path} is left: it is not the published file: {reason}")
        else:
            yield place.path
    for partial in unfinished(collection):
        known.add(partial.path)
        if partial.abandoned:
            yield partial.path
        else:
            _complain(f"{partial.path} is left: a download may still be writing it")
    if folder.is_dir():
        others = len(set(folder.iterdir()) - known)
        if others:
            _complain(f"{_files(others)} in {folder} left: not what was published")


def _fault_in_words(place: Place) -> str | None:
    try:
        return fault(place)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def _chosen(names: Sequence[str]) -> list[Collection]:
    """The sets of these names, each once and in the order of the table."""
    return [
        collection
        for name, collection in data_sets().items()
        if name in names or _ALL in names
    ]


def _set_name(text: str) -> str:
    """A name from the command line: ``Fashion-MNIST`` will do for fashion_mnist."""
    name = text.lower().replace("-", "_")
    if name not in (_ALL, *data_sets()):
        raise argparse.ArgumentTypeError(
            f"there is no set {text!r}; needed is one of {', '.join(data_sets())}, or "
            f"{_ALL}"
        )
    return name


def _sentence(error: OSError) -> str:
    """An error of ours as it is; the system's with the path that it is about."""
    if error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return error.strerror or str(error)


def _complain(text: str) -> None:
    print(f"{_PROGRAM}: {text}", file=sys.stderr)


def _row(name: str, size: int, state: str) -> None:
    print(f"{name:<30} {_size(size):>8}  {state}")


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def _size(count: int) -> str:
    """Bytes as people write them, in powers of ten, as download sizes are told."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:.1f} kB" if count < 100_000 else f"{count / 1e6:.1f} MB"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="What is in pebblegrad's cache folder, and getting more of it.",
        epilog=f"The cache folder is ${FOLDER_VARIABLE}, if that is set. Sets: "
        f"{', '.join(data_sets())}; or {_ALL}.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, help=text, description=f"{text.capitalize()}."
        )
        command.set_defaults(run=run)
        return command

    def takes_sets(command: argparse.ArgumentParser, nargs: str, text: str) -> None:
        command.add_argument(
            "names", metavar="NAME", nargs=nargs, type=_set_name, help=text
        )

    listing = add("list", _list, "tell of each set its files and what is cached")
    takes_sets(listing, "*", "sets; by default all")

    fetching = add("fetch", _fetch, "download what is missing or wrong")
    takes_sets(fetching, "+", f"sets, or {_ALL}")
    fetching.add_argument(
        "-q", "--quiet", action="store_true", help="show no progress bars"
    )

    verifying = add("verify", _verify, "look whether what is cached is right")
    takes_sets(
        verifying, "*", "sets, which must be complete; by default all that is cached"
    )

    locating = add("path", _path, "print where the cache folder is, or that of a set")
    locating.add_argument(
        "name", metavar="NAME", nargs="?", type=_set_name, help="a set"
    )

    clearing = add("clear", _clear, "remove what can be fetched again")
    takes_sets(clearing, "*", "sets; by default all")
    clearing.add_argument("-y", "--yes", action="store_true", help="do not ask")
    return parser
