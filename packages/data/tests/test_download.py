"""Downloads: every way in which a mirror or a disk can fail.

What must hold after each of them: the cache folder holds good files or none, and the
error says who did what. `test_download_by_processes` has those that are killed, and
those that run at once.
"""

import contextlib
import errno
import os
import pathlib
import re
import shutil
import signal
import tempfile
import time

import pytest

from pebblegrad.data import load_mnist, mnist

NAMES = [file.name for file in mnist._MNIST.files]


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "behaviour", ["good", "without_length", "encoded", "redirecting", "slow"]
)
def test_a_mirror_that_delivers_is_enough(small_mnist, folder, mirror, behaviour):
    small_mnist.use(mirror.url(behaviour))

    X_train, _, _, _ = load_mnist(progress=False)

    assert X_train.shape == (40, 784)
    assert left_in(folder) == sorted(NAMES)
    for name in NAMES:
        assert (folder / name).read_bytes() == small_mnist.served[name]


def test_what_is_in_the_cache_is_not_asked_for_again(small_mnist, folder, mirror):
    small_mnist.use(mirror.url("good"))
    load_mnist(progress=False)
    asked = len(mirror.asked)

    load_mnist(progress=False)

    assert asked == len(mirror.asked) == 4


BAD = {
    "missing": r"HTTP status 404 \(Not Found\)",
    "broken": r"HTTP status 503 \(Service Unavailable\)",
    "circling": r"TooManyRedirects: Exceeded \d+ redirects",
    "page": r"sent 26 bytes; needed are \d+",
    "swapped": r"sent a file with SHA-256 [0-9a-f]{64}; needed is [0-9a-f]{64}",
    "truncated": r"sent \d+ bytes; needed are \d+",
    "dying": r"the connection broke before all \d+ bytes had come",
    "endless": r"sent more than \d+ bytes, the size of the file",
    "silent": r"no answer within 0\.4 seconds",
    "stalling": r"too slow: \d+ bytes in 0\.4 seconds|no answer within 0\.4 seconds",
    "dripping": r"too slow: \d+ bytes in 0\.4 seconds|no answer within 0\.4 seconds",
}


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_mirror_leads_to_the_next_one(
    small_mnist, folder, mirror, behaviour, hurry
):
    small_mnist.use(mirror.url(behaviour), mirror.url("good"))

    X_train, _, _, _ = load_mnist(progress=False)

    assert X_train.shape == (40, 784)
    assert left_in(folder) == sorted(NAMES)
    # It is asked once, and not again for each of the other files.
    assert [who for who, _ in mirror.asked if who == "good"] == ["good"] * 4
    assert {name for who, name in mirror.asked if who == behaviour} == {NAMES[0]}


@pytest.mark.parametrize("behaviour", BAD)
def test_the_last_error_gives_each_mirrors_reason_in_a_line(
    small_mnist, folder, mirror, behaviour, hurry
):
    small_mnist.use("http://127.0.0.1:9/", mirror.url(behaviour))
    began = time.monotonic()

    with pytest.raises(ConnectionError) as caught:
        load_mnist(progress=False)

    first, heading, refused, reason = str(caught.value).splitlines()
    assert first.startswith(f"load_mnist: {NAMES[0]} is not in {folder}; needed there")
    assert all(word in first for word in (*NAMES, "load_digits()", "PEBBLEGRAD_DATA"))
    assert heading == "  no mirror delivered it:"
    assert refused == "  http://127.0.0.1:9/: no connection (Connection refused)"
    assert reason.startswith(f"  {mirror.url(behaviour)}: ")
    assert re.search(BAD[behaviour], reason)
    assert left_in(folder) == []
    assert time.monotonic() - began < 5


def test_a_name_that_does_not_resolve_is_said_in_the_systems_words(small_mnist):
    small_mnist.use("http://mirror.invalid/")

    with pytest.raises(ConnectionError, match=r"mirror\.invalid/: no connection \(\w"):
        load_mnist(progress=False)


def test_a_silent_name_server_does_not_hold_up_the_error(
    small_mnist, monkeypatch, hurry
):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(2))
    small_mnist.use("http://mirror.invalid/")
    began = time.monotonic()

    with pytest.raises(ConnectionError, match=r"no answer within 0\.4 seconds"):
        load_mnist(progress=False)

    assert time.monotonic() - began < 1.5


def test_a_file_that_is_moved_aside_is_named_when_no_mirror_replaces_it(
    small_mnist, folder
):
    small_mnist.put_into(folder)
    (folder / NAMES[1]).write_bytes(b"wrong")

    with pytest.raises(ConnectionError, match=rf"moved aside to {NAMES[1]}\.damaged"):
        load_mnist(progress=False)

    assert (folder / f"{NAMES[1]}.damaged").read_bytes() == b"wrong"


def test_a_progress_bar_goes_to_stderr_and_can_be_switched_off(
    small_mnist, folder, mirror, capfd
):
    small_mnist.use(mirror.url("good"))
    load_mnist()
    shown = capfd.readouterr()
    shutil.rmtree(folder)
    load_mnist(progress=False)
    silent = capfd.readouterr()

    assert all(name in shown.err for name in NAMES)
    assert shown.out == silent.out == silent.err == ""


def test_the_files_have_the_permissions_of_ordinary_files(small_mnist, folder, mirror):
    small_mnist.use(mirror.url("good"))
    load_mnist(progress=False)
    ordinary = folder / "ordinary"
    ordinary.touch()

    assert (folder / NAMES[0]).stat().st_mode == ordinary.stat().st_mode


def test_what_killed_downloads_left_is_removed_when_it_is_old(
    small_mnist, folder, mirror
):
    folder.mkdir(parents=True)
    old = folder / f".{NAMES[0]}.0123abcd.part"
    new = folder / f".{NAMES[0]}.4567abcd.part"  # of a process that may be alive
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    small_mnist.use(mirror.url("good"))

    load_mnist(progress=False)

    assert not old.exists()
    assert new.exists()


# Disks and permissions.


@pytest.mark.parametrize("level", ["cache", "cache/mnist"])
@pytest.mark.parametrize("download", [True, False])
def test_a_file_in_place_of_the_cache_folder_is_named(
    small_mnist, tmp_path, level, download
):
    path = tmp_path / level
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")

    with pytest.raises(
        OSError, match=r"load_mnist: .*Not a directory.*PEBBLEGRAD_DATA"
    ):
        load_mnist(download=download, progress=False)

    assert path.read_text() == "mine"


def test_a_folder_in_place_of_a_file_is_named(small_mnist, folder):
    (folder / NAMES[0]).mkdir(parents=True)

    with pytest.raises(
        IsADirectoryError, match=f"load_mnist: .*{NAMES[0]} cannot be r"
    ):
        load_mnist(progress=False)


@contextlib.contextmanager
def without_privileges():
    """A folder of an ordinary user, and its rights: root may write everywhere."""
    root = os.geteuid() == 0
    path = pathlib.Path(tempfile.mkdtemp())
    try:
        if root:
            path.chmod(0o755)
            os.chown(path, 65534, 65534)
            os.seteuid(65534)
        yield path
    finally:
        if root:
            os.seteuid(0)
        for each in (path, *path.rglob("*")):
            each.chmod(0o755)
        shutil.rmtree(path)


needs_rights = pytest.mark.skipif(
    not hasattr(os, "seteuid"), reason="this platform has no POSIX permissions"
)


@needs_rights
def test_a_cache_folder_that_may_not_be_written_is_an_error_that_says_so(
    small_mnist, mirror, monkeypatch
):
    small_mnist.use(mirror.url("good"))
    with without_privileges() as path:
        path.chmod(0o555)
        monkeypatch.setenv("PEBBLEGRAD_DATA", str(path))

        with pytest.raises(
            PermissionError,
            match=rf"cannot be written to {path}/mnist \(Permission denied\); needed",
        ):
            load_mnist(progress=False)

    assert mirror.asked == []


@needs_rights
def test_a_read_only_cache_folder_with_good_files_is_fine(small_mnist, monkeypatch):
    with without_privileges() as path:
        small_mnist.put_into(path / "mnist")
        (path / "mnist").chmod(0o555)
        monkeypatch.setenv("PEBBLEGRAD_DATA", str(path))

        assert load_mnist()[0].shape == (40, 784)


@needs_rights
def test_a_wrong_file_in_a_read_only_folder_is_refused_and_stays(
    small_mnist, monkeypatch
):
    with without_privileges() as path:
        small_mnist.put_into(path / "mnist")
        (path / "mnist" / NAMES[0]).write_bytes(b"wrong")
        (path / "mnist").chmod(0o555)
        monkeypatch.setenv("PEBBLEGRAD_DATA", str(path))

        with pytest.raises(
            PermissionError, match=r"could not be moved aside \(Perm.*re"
        ):
            load_mnist()

        assert (path / "mnist" / NAMES[0]).read_bytes() == b"wrong"


@needs_rights
def test_a_file_that_may_not_be_read_is_an_error_that_says_so(small_mnist, monkeypatch):
    with without_privileges() as path:
        small_mnist.put_into(path / "mnist")
        (path / "mnist" / NAMES[0]).chmod(0)
        monkeypatch.setenv("PEBBLEGRAD_DATA", str(path))

        with pytest.raises(PermissionError, match=rf"{NAMES[0]} cannot be read \(Perm"):
            load_mnist()


def test_a_full_disk_is_said_at_once_and_leaves_nothing(small_mnist, folder, mirror):
    resource = pytest.importorskip("resource")
    small_mnist.use(mirror.url("good"), mirror.url("good"))
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(
            OSError, match=r"load_mnist: .* cannot be written"
        ) as caught:
            load_mnist(progress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert caught.value.errno == errno.EFBIG
    assert "MB free; make room" in str(caught.value)
    assert len(mirror.asked) == 1
    assert left_in(folder) == []
