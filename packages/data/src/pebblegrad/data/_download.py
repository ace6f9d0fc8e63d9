"""One file from the first of several mirrors that delivers it.

A mirror can be absent, slow, wrong, or die in the middle; none of that may stop the
next one from being asked, or leave anything behind but the right file. So the bytes go
to a temporary file beside the target, are counted and hashed on the way, and only a
file with the right SHA-256 is renamed to its name. A rename is all or nothing: whoever
looks, in another process or after a kill, finds the whole file or none.

pooch does the talking, in a thread; this module watches from outside how much has
arrived. That alone bounds the time in every case (a name server that is silent, a
server that sends a byte a second), and lets Ctrl-C through at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

# Seconds. A mirror must send its first byte within the first, and from then on at least
# `_SLOWEST` bytes per second in each span of the second.
_FIRST_BYTE_WITHIN = 5.0
_SPAN = 10.0
_SLOWEST = 2048

_CHUNK = 1 << 12  # what comes at once; small against `_SLOWEST * _SPAN`
_ABANDONED_AFTER = 3600.0  # seconds without a write: its process was killed


class RemoteFile(NamedTuple):
    """A file as mirrors serve it, and what it inflates to.

    Args:
        name: its name, in the cache folder and after each mirror's URL.
        size: bytes that a mirror sends.
        sha256: of the bytes that a mirror sends.
        contents_size: bytes after inflating; of an archive, its own size again.
        contents_sha256: of the bytes after inflating, or None where nobody has
            published it: then only the file as mirrors serve it is believed.
    """

    name: str
    size: int
    sha256: str
    contents_size: int
    contents_sha256: str | None


class NoMirrorLeftError(Exception):
    """No mirror delivered the file; ``reasons`` has a line for each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


class _MirrorError(Exception):
    """This mirror will not do; the text says why, for a line of its own."""


def fetch(
    file: RemoteFile, folder: Path, mirrors: Sequence[str], *, progress: bool
) -> str:
    """Put `file` into `folder`, from the first mirror that has it.

    Returns:
        The mirror that delivered it.

    Raises:
        NoMirrorLeftError: none did.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder, file.name)
    reasons = []
    for mirror in mirrors:
        try:
            with _partial(folder, file) as partial:
                _receive(mirror + file.name, partial, file, progress=progress)
                partial.commit(folder / file.name)
            return mirror
        except _MirrorError as error:
            reasons.append(f"{mirror}: {error}")
    raise NoMirrorLeftError(reasons)


def _receive(url: str, partial: _Partial, file: RemoteFile, *, progress: bool) -> None:
    """Fill `partial` from `url` and check it; every failure is a `_MirrorError`."""
    from tqdm import tqdm

    failures: list[BaseException] = []
    finished = threading.Event()

    def talk() -> None:
        try:
            _talk(url, partial)
        except BaseException as error:  # `_reason` looks at it, in the other thread
            failures.append(error)
        finally:
            finished.set()

    # A daemon: should it hang, neither we nor the end of the program wait for it.
    threading.Thread(target=talk, name=f"download {file.name}", daemon=True).start()
    began = span_began = time.monotonic()
    span_size = 0
    with tqdm(
        total=file.size,
        desc=file.name,
        unit="B",
        unit_scale=True,
        disable=not progress,
        leave=False,
    ) as bar:
        while not finished.wait(0.02):
            now, received = time.monotonic(), partial.size
            bar.update(received - bar.n)
            if not received and now - began > _FIRST_BYTE_WITHIN:
                raise _MirrorError(f"no answer within {_FIRST_BYTE_WITHIN:g} seconds")
            if now - span_began > _SPAN:
                if received - span_size < _SLOWEST * _SPAN:
                    raise _MirrorError(
                        f"too slow: {received - span_size} bytes in {_SPAN:g} seconds"
                    )
                span_began, span_size = now, received
        bar.update(partial.size - bar.n)

    if partial.disk_error is not None:
        raise partial.disk_error
    if failures:
        raise _MirrorError(_reason(failures[0], partial, file)) from failures[0]
    if partial.size < file.size:
        raise _MirrorError(f"sent {partial.size} bytes; needed are {file.size}")
    if partial.sha256() != file.sha256:
        raise _MirrorError(
            f"sent a file with SHA-256 {partial.sha256()}; needed is {file.sha256}"
        )


def _talk(url: str, partial: _Partial) -> None:
    """The conversation with the server, by pooch."""
    import pooch

    responses = []

    def keep_as_stored(response: Any, **_: Any) -> None:
        # Some servers declare a stored .gz file as an encoding of the transfer; it
        # would be inflated on arrival, and its hash be another.
        response.raw.headers.pop("Content-Encoding", None)
        responses.append(response)

    try:
        pooch.HTTPDownloader(
            chunk_size=_CHUNK,
            # For the abandoned thread's sake: longer than we wait, so that it is
            # `_receive` that judges.
            timeout=_FIRST_BYTE_WITHIN + 2 * _SPAN,
            headers={"Accept-Encoding": "identity"},
            hooks={"response": keep_as_stored},
        )(url, partial, None)
    finally:
        for response in responses:  # pooch leaves them to the garbage collector
            response.close()


def _reason(error: BaseException, partial: _Partial, file: RemoteFile) -> str:
    """Why the conversation failed, in one line and without the libraries' wrapping."""
    if isinstance(error, _MirrorError):
        return str(error)
    response = getattr(error, "response", None)
    if response is not None and response.status_code >= 400:
        return f"HTTP status {response.status_code} ({response.reason})"
    if partial.size or type(error).__name__ == "ChunkedEncodingError":
        return f"the connection broke before all {file.size} bytes had come"
    # The operating system's own words, if they are somewhere below.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return f"no connection ({cause.strerror})"
        cause = cause.__cause__ or cause.__context__
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


class _Partial:
    """The temporary file: counted, hashed, bounded.

    One thread writes; another may close it meanwhile, after which a write raises. Has
    the two methods that pooch needs of a file.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.size = 0
        self.disk_error: OSError | None = None
        self._limit = limit
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()
        # Not tempfile: its files are for their owner only, and would stay so.
        self._file = open(path, "xb")

    def write(self, chunk: bytes) -> None:
        with self._lock:
            if self._file.closed:
                raise _MirrorError("was given up")
            if self.size + len(chunk) > self._limit:
                raise _MirrorError(
                    f"sent more than {self._limit} bytes, the size of the file"
                )
            try:
                self._file.write(chunk)
            except OSError as error:
                self.disk_error = error
                raise
            self._hash.update(chunk)
            self.size += len(chunk)

    def flush(self) -> None:
        """Nothing: pooch asks after each chunk, `commit` once."""

    def sha256(self) -> str:
        return self._hash.hexdigest()

    def commit(self, target: Path) -> None:
        """Make it `target`, when all of it has reached the disk."""
        with self._lock:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        os.replace(self.path, target)

    def discard(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._file.close()  # flushes, which a full disk refuses
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def _partial(folder: Path, file: RemoteFile) -> Iterator[_Partial]:
    """A new `_Partial` in `folder`, of which nothing is left unless it is committed."""
    name = f".{file.name}.{os.urandom(4).hex()}.part"
    partial = _Partial(folder / name, file.size)
    try:
        yield partial
    finally:
        partial.discard()


def _sweep(folder: Path, name: str) -> None:
    """Remove what killed downloads of `name` have left behind."""
    for path in folder.glob(f".{name}.*.part"):
        with contextlib.suppress(OSError):  # another process may be as quick
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                path.unlink()
