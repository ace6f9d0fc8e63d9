"""Downloads by real processes: several at once, and killed at every step.

What must hold: whoever asks gets the right data, the cache folder holds good files
only (and, after a kill, temporary ones), and no server is asked for what is there.
"""

import collections
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from pebblegrad.data import load_mnist, mnist

NAMES = [file.name for file in mnist._MNIST.files]

SETUP = """
    import os, signal, sys
    from pebblegrad.data import load_mnist, mnist, _download

    # Whoever runs the tests in the background may have switched Ctrl-C off.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The servers here wait for other processes, however busy the machine is.
    _download._FIRST_BYTE_WITHIN = _download._SPAN = 60
    url, *table = sys.argv[1:]
    mnist._MNIST = mnist._MNIST._replace(
        mirrors=(url,),
        files=tuple(
            _download.RemoteFile(
                *[int(field) if field.isdigit() else field for field in row.split()]
            )
            for row in table
        ),
    )
"""
LOAD = "print(load_mnist(progress=False)[0].shape)"


@pytest.fixture
def start(small_mnist):
    """`start(url)` loads in a process of its own; `script` may do something else."""
    processes = []

    def start(url, script=LOAD):
        table = [
            f"{f.name} {f.size} {f.sha256} {f.contents_size} {f.contents_sha256}"
            for f in small_mnist.files
        ]
        code = textwrap.dedent(SETUP) + textwrap.dedent(script)
        process = subprocess.Popen(
            [sys.executable, "-c", code, url, *table],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def assert_good(folder, small_mnist, *more):
    assert left_in(folder) == sorted([*NAMES, *more])
    for name in NAMES:
        assert (folder / name).read_bytes() == small_mnist.served[name]


def wait_until(condition, process):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        if condition():
            return
        time.sleep(0.01)
    pytest.fail(f"it did not come to that: {process.communicate()}")


def wait_for_a_partial_file(folder, process):
    wait_until(
        lambda: (
            folder.is_dir() and any(p.stat().st_size for p in folder.glob(".*.part"))
        ),
        process,
    )


# Several at once.


def all_at_once(mirror, count):
    """A behaviour: no answer to the first file until `count` have asked for it."""
    barrier = threading.Barrier(count)

    def together(request, name, body):
        if name == NAMES[0]:
            barrier.wait(20)
        mirror.slow(request, name, body)

    mirror.together = together
    return mirror.url("together")


@pytest.mark.parametrize("count", [2, 4])
def test_processes_that_download_one_file_at_once_all_get_it(
    small_mnist, folder, mirror, start, count
):
    url = all_at_once(mirror, count)

    processes = [start(url) for _ in range(count)]
    answers = [process.communicate(timeout=30) for process in processes]

    assert answers == [("(40, 784)\n", "")] * count
    assert_good(folder, small_mnist)
    # None asked twice, although all were at it together.
    asked = collections.Counter(name for _, name in mirror.asked)
    assert asked[NAMES[0]] == count
    assert max(asked.values()) == count


def test_who_comes_later_asks_only_for_what_is_not_there_yet(
    small_mnist, folder, mirror, start
):
    gate = threading.Event()

    def held(request, name, body):
        if name == NAMES[1]:
            gate.wait(20)
        mirror.good(request, name, body)

    def asked(name):
        return [each for _, each in mirror.asked].count(name)

    mirror.held = held
    first = start(mirror.url("held"))
    wait_until(lambda: asked(NAMES[1]) == 1, first)
    second = start(mirror.url("held"))
    wait_until(lambda: asked(NAMES[1]) == 2, second)
    gate.set()
    answers = [process.communicate(timeout=30) for process in (first, second)]
    third = start(mirror.url("held")).communicate(timeout=30)

    assert [*answers, third] == [("(40, 784)\n", "")] * 3
    assert asked(NAMES[0]) == 1
    assert asked(NAMES[1]) == 2
    assert asked(NAMES[2]) <= 2
    assert_good(folder, small_mnist)


def test_one_that_is_killed_does_not_harm_the_others(
    small_mnist, folder, mirror, start
):
    url = all_at_once(mirror, 2)
    victim = start(mirror.url("stalling"))
    wait_for_a_partial_file(folder, victim)
    survivors = [start(url) for _ in range(2)]
    wait_until(lambda: any(who == "together" for who, _ in mirror.asked), survivors[0])
    victim.kill()
    answers = [process.communicate(timeout=30) for process in survivors]

    assert answers == [("(40, 784)\n", "")] * 2
    (left,) = folder.glob(".*.part")
    assert_good(folder, small_mnist, left.name)


# Killed.


@pytest.mark.parametrize("behaviour", ["silent", "stalling"])
def test_after_a_kill_in_the_middle_of_an_answer_the_next_download_is_good(
    small_mnist, folder, mirror, start, behaviour
):
    process = start(mirror.url(behaviour))
    if behaviour == "stalling":
        wait_for_a_partial_file(folder, process)
    else:
        wait_until(lambda: mirror.asked, process)
    process.kill()
    process.wait()
    (left,) = left_in(folder)
    small_mnist.use(mirror.url("good"))

    X_train, _, _, _ = load_mnist(progress=False)

    assert left.startswith(f".{NAMES[0]}.")
    assert left.endswith(".part")
    assert X_train.shape == (40, 784)
    assert_good(folder, small_mnist, left)


def test_ctrl_c_halfway_stops_at_once_and_cleans_up(folder, mirror, start):
    process = start(mirror.url("stalling"))
    wait_for_a_partial_file(folder, process)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)

    assert time.monotonic() - began < 3
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert left_in(folder) == []


# Before its n-th step in the cache folder (opening, making, renaming or removing a
# file there; Python's audit events tell), a child kills itself; n = 1, 2, 3, ... until
# one gets to the end. After each death another child loads what is left.
KILLED_AT_EVERY_STEP = """
    import pathlib, shutil, warnings

    load_mnist(progress=False)  # imports whatever is imported late
    # That a file was moved aside; and, from Python 3.12 on, that the threads of BLAS
    # would be missing in a forked child, which multiplies nothing.
    warnings.simplefilter("ignore")
    cache = os.environ["PEBBLEGRAD_DATA"]
    folder = pathlib.Path(cache) / "mnist"
    good = {path.name: path.read_bytes() for path in folder.iterdir()}
    WRONG = b"somebody's"

    def in_a_child(function):
        child = os.fork()
        if not child:
            try:
                function()
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        return os.waitpid(child, 0)[1]

    def killed_at(last):
        steps = 0

        def count(event, arguments):
            nonlocal steps
            if event not in ("open", "os.mkdir", "os.rename", "os.remove"):
                return
            if not str(arguments[0]).startswith(cache):
                return
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        load_mnist(progress=False)

    seen = {"partial": 0, "reserved": 0}

    def check(step, when, extra):
        wrong = 0
        for path in folder.glob("*") if folder.exists() else ():
            contents = path.read_bytes()
            if contents == WRONG:
                wrong += 1
            elif ".damaged" in path.name:
                assert contents == b"", (step, when, path)
                seen["reserved"] += 1  # a name, to which nothing was moved yet
            elif path.suffix == ".part":
                seen["partial"] += 1
            else:
                assert contents == good[path.name], (step, when, path)
        assert wrong == extra, (step, when, "somebody's file is lost")

    for begin in ("empty", "wrong"):
        step = status = 1
        while status:
            shutil.rmtree(cache)
            if begin == "wrong":
                folder.mkdir(parents=True)
                (folder / mnist._MNIST.files[0].name).write_bytes(WRONG)
            status = in_a_child(lambda: killed_at(step))
            assert status in (0, signal.SIGKILL), status
            check(step, "killed", begin == "wrong")
            assert in_a_child(lambda: load_mnist(progress=False)) == 0, step
            check(step, "loaded again", begin == "wrong")
            assert good.keys() <= {path.name for path in folder.iterdir()}, step
            parts = [path for path in folder.iterdir() if path.suffix == ".part"]
            assert len(parts) <= (1 if status else 0), (step, parts)
            step += 1
        print(begin, step)
    for state, times in seen.items():
        print(state, times)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
def test_killed_before_every_step_in_the_cache_folder_nothing_is_lost_or_wrong(
    mirror, start
):
    process = start(mirror.url("good"), KILLED_AT_EVERY_STEP)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    steps = dict(line.split() for line in out.splitlines())
    assert int(steps["empty"]) > 20
    assert int(steps["wrong"]) > 20
    assert int(steps["partial"]) > 0
    assert int(steps["reserved"]) > 0
