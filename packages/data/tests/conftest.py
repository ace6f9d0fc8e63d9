"""What the tests of this package share: mirrors that misbehave, and a small MNIST.

No test here uses a network. `mirror` starts a server on this machine whose every answer
is chosen by the test; `small_mnist` is a collection of four tiny idx files that
`load_mnist` is told to look for instead of the real ones.
"""

import contextlib
import gzip
import hashlib
import http.server
import io
import os
import pathlib
import shutil
import struct
import threading
import time

import numpy as np
import pooch
import pytest

from pebblegrad.data import (
    _download,
    cifar10,
    emnist,
    fashion_mnist,
    kmnist,
    mnist,
)

COLLECTIONS = {
    mnist: "_MNIST",
    fashion_mnist: "_FASHION_MNIST",
    kmnist: "_KMNIST",
    emnist: "_EMNIST",
    cifar10: "_CIFAR10",
}
NAMES = [file.name for file in mnist._MNIST.files]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def no_network_and_own_cache(monkeypatch, tmp_path):
    """Each test has a cache folder of its own; a forgotten mirror fails at once."""
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("PEBBLEGRAD_DATA", str(tmp_path / "cache"))
    for module, name in COLLECTIONS.items():
        closed = getattr(module, name)._replace(mirrors=("http://127.0.0.1:9/",))
        monkeypatch.setattr(module, name, closed)


@pytest.fixture
def folder(tmp_path):
    """The folder in which `load_mnist` looks."""
    return tmp_path / "cache" / "mnist"


@pytest.fixture
def hurry(monkeypatch):
    """Tenths of a second where the package waits for seconds."""
    with contextlib.suppress(OSError):  # what is imported now takes no time later
        pooch.HTTPDownloader(timeout=1)("http://127.0.0.1:9/", io.BytesIO(), None)
    monkeypatch.setattr(_download, "_FIRST_BYTE_WITHIN", 0.4)
    monkeypatch.setattr(_download, "_SPAN", 0.4)


def idx_bytes(array):
    """An idx file of uint8, written independently of the package's reader."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture(name="idx_bytes")
def idx_bytes_of_an_array():
    return idx_bytes


def sha256(contents):
    return hashlib.sha256(contents).hexdigest()


class SmallMnist:
    """40 training and two test images, as four idx files and the table of them."""

    def __init__(self):
        draw = np.random.default_rng(1)
        self.images = [draw.integers(0, 256, (n, 28, 28)) for n in (40, 2)]
        self.labels = [np.arange(40) % 10, np.array([7, 2])]
        arrays = [self.images[0], self.labels[0], self.images[1], self.labels[1]]
        self.plain = dict(zip(NAMES, map(idx_bytes, arrays), strict=True))
        self.served = {
            name: gzip.compress(contents, mtime=0)
            for name, contents in self.plain.items()
        }
        self.files = tuple(
            _download.RemoteFile(
                name=name,
                size=len(self.served[name]),
                sha256=sha256(self.served[name]),
                contents_size=len(self.plain[name]),
                contents_sha256=sha256(self.plain[name]),
            )
            for name in NAMES
        )

    def put_into(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, served in self.served.items():
            (folder / name).write_bytes(served)


@pytest.fixture
def small_mnist(monkeypatch):
    """`load_mnist` takes this for MNIST; `use(*urls)` sets the mirrors."""
    small = SmallMnist()
    collection = mnist._MNIST._replace(files=small.files)

    def use(*mirrors):
        monkeypatch.setattr(mnist, "_MNIST", collection._replace(mirrors=mirrors))

    use("http://127.0.0.1:9/")
    small.use = use
    return small


@pytest.fixture
def stand_in(monkeypatch):
    """`stand_in(module, files)`: a loader takes these for the files it knows.

    Their contents are not known by a hash, only they themselves are, as with most sets.
    The folder in which the loader looks, with the files in it, comes back.
    """

    def stand_in(module, files):
        name = COLLECTIONS[module]
        collection = getattr(module, name)
        remote = tuple(
            _download.RemoteFile(
                name=file,
                size=len(served),
                sha256=sha256(served),
                contents_size=max(len(served), 100_000),
                contents_sha256=None,
            )
            for file, served in files.items()
        )
        monkeypatch.setattr(module, name, collection._replace(files=remote))
        folder = pathlib.Path(os.environ["PEBBLEGRAD_DATA"]) / collection.folder
        folder.mkdir(parents=True)
        for file, served in files.items():
            (folder / file).write_bytes(served)
        return folder

    return stand_in


class Mirror:
    """A server on this machine. `answers` maps a behaviour's name to its method."""

    def __init__(self, files):
        self.files = files
        self.asked = []  # (behaviour, file name)
        self.stop = threading.Event()
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                _, behaviour, name = self.path.split("/")
                mirror.asked.append((behaviour, name))
                with contextlib.suppress(ConnectionError):
                    getattr(mirror, behaviour)(self, name, mirror.files[name])
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self.thread.start()

    def url(self, behaviour):
        return f"http://127.0.0.1:{self.server.server_port}/{behaviour}/"

    def close(self):
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    # The behaviours.

    def good(self, request, name, body):
        self._head(request, len(body))
        request.wfile.write(body)

    def without_length(self, request, name, body):
        self._head(request, None)
        request.wfile.write(body)

    def encoded(self, request, name, body):
        self._head(request, len(body), ("Content-Encoding", "x-gzip"))
        request.wfile.write(body)

    def missing(self, request, name, body):
        request.send_error(404)

    def broken(self, request, name, body):
        request.send_error(503)

    def redirecting(self, request, name, body):
        self._redirect(request, f"/good/{name}")

    def circling(self, request, name, body):
        self._redirect(request, f"/circling/{name}")

    def page(self, request, name, body):
        """A portal that answers everything with a page and 200."""
        self.good(request, name, b"<html>please log in</html>")

    def swapped(self, request, name, body):
        """A file of the right length with one byte changed."""
        self.good(request, name, body[:-1] + bytes([body[-1] ^ 1]))

    def truncated(self, request, name, body):
        """Closes early, and never said how long the file is."""
        self._head(request, None)
        request.wfile.write(body[: len(body) // 2])

    def dying(self, request, name, body):
        """Closes before the length that it announced."""
        self._head(request, len(body))
        request.wfile.write(body[: len(body) // 2])

    def endless(self, request, name, body):
        self._head(request, None)
        while not self.stop.is_set():
            request.wfile.write(body)

    def silent(self, request, name, body):
        self.stop.wait(20)

    def stalling(self, request, name, body):
        """Half of the file, and then nothing."""
        self._head(request, len(body))
        request.wfile.write(body[: len(body) // 2])
        request.wfile.flush()
        self.stop.wait(20)

    def dripping(self, request, name, body):
        """Never silent, and never done."""
        self._head(request, len(body))
        for byte in body:
            request.wfile.write(bytes([byte]))
            if self.stop.wait(0.05):
                break

    def slow(self, request, name, body):
        """The whole file, in three pieces."""
        self._head(request, len(body))
        third = len(body) // 3
        for piece in (body[:third], body[third : 2 * third], body[2 * third :]):
            request.wfile.write(piece)
            request.wfile.flush()
            time.sleep(0.05)

    def _head(self, request, length, *more):
        request.send_response(200)
        if length is not None:
            request.send_header("Content-Length", str(length))
        for name, value in more:
            request.send_header(name, value)
        request.end_headers()

    def _redirect(self, request, target):
        request.send_response(302)
        request.send_header("Location", target)
        request.send_header("Content-Length", "0")
        request.end_headers()


@pytest.fixture
def mirror(small_mnist):
    server = Mirror(small_mnist.served)
    yield server
    server.close()


def _find_mnist():
    """The folder with the four real files, or None: never the user's cache."""
    chosen = os.environ.get("PEBBLEGRAD_TEST_MNIST")
    if chosen:
        return pathlib.Path(chosen)
    for parent in pathlib.Path(__file__).resolve().parents:
        beside = parent.parent / "shared" / "data" / "mnist"
        if (parent / ".git").exists() and beside.is_dir():
            return beside
    return None


@pytest.fixture(scope="session")
def real_mnist(tmp_path_factory):
    """A cache folder of its own with the four real files."""
    source = _find_mnist()
    if source is None:
        pytest.skip(
            "the real MNIST is not here: set PEBBLEGRAD_TEST_MNIST to a folder that "
            "holds its four gzip files"
        )
    cache = tmp_path_factory.mktemp("real")
    (cache / "mnist").mkdir()
    for name in NAMES:
        shutil.copyfile(source / name, cache / "mnist" / name)
    return cache
