"""Prefetching: the same batches, exceptions at their batch, and threads that end."""

import contextvars
import gc
import subprocess
import sys
import threading
import time
import traceback

import numpy as np
import pytest

from pebblegrad.data import DataLoader, _prefetch

NAME = "pebblegrad-prefetch"


def threads():
    return [t for t in threading.enumerate() if t.name == NAME]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    assert threads() == []
    yield
    gc.collect()
    assert threads() == []


class Failing:
    """A data set whose batches from `first` on fail."""

    def __init__(self, first, error):
        self.first = first
        self.error = error

    def __len__(self):
        return 10

    def __getitem__(self, indices):
        if indices.start >= self.first:
            raise self.error
        return np.arange(10)[indices]


@pytest.mark.parametrize("prefetch", [1, 2, 100, np.int64(3)])
def test_the_batches_are_the_same_as_without(prefetch):
    def noisy(X, y, rng):
        return X + rng.normal(size=X.shape), y

    X, y = np.arange(20.0).reshape(10, 2), np.arange(10)

    def epochs(ahead):
        loader = DataLoader(
            (X, y), 3, shuffle=True, rng=0, transform=noisy, prefetch=ahead
        )
        return [(X.tolist(), y.tolist()) for _ in range(2) for X, y in loader]

    assert epochs(prefetch) == epochs(0)


@pytest.mark.parametrize("prefetch", [1, 3])
def test_no_more_batches_are_prepared_than_asked_for(prefetch):
    made = threading.Semaphore(0)
    count = []

    def counting(y):
        count.append(len(y))
        made.release()
        return y

    batches = iter(DataLoader(np.arange(100), 1, transform=counting, prefetch=prefetch))
    for taken in range(1, 4):
        next(batches)
        for _ in range(prefetch + 1 if taken == 1 else 1):
            assert made.acquire(timeout=5)
        time.sleep(0.02)  # in which one too many would be made
        assert len(count) == taken + prefetch
    batches.close()


def test_the_thread_works_while_the_loop_does():
    in_loop = threading.Event()

    def waits_for_the_loop(y):
        if y[0] > 0 and not in_loop.wait(5):
            raise TimeoutError("the loop did not go on meanwhile")
        return y

    for _ in DataLoader(np.arange(3), 1, transform=waits_for_the_loop, prefetch=1):
        in_loop.set()


@pytest.mark.parametrize("prefetch", [0, 1, 2, 7])
@pytest.mark.parametrize(
    "error", [ValueError("no such row"), KeyboardInterrupt(), SystemExit(3)], ids=repr
)
def test_an_exception_reaches_the_caller_at_its_batch_with_its_traceback(
    prefetch, error
):
    loader = DataLoader(Failing(4, error), 2, prefetch=prefetch)
    seen = []

    with pytest.raises(type(error)) as caught:
        seen.extend(batch.tolist() for batch in loader)

    assert caught.value is error
    assert seen == [[0, 1], [2, 3]]
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names[-1] == "__getitem__"
    assert loader.state_dict()["epoch"]["given"] == 2
    assert threads() == []


def test_batches_before_the_one_that_fails_are_all_given():
    seen = []

    with pytest.raises(ValueError, match="gone"):
        for batch in DataLoader(Failing(6, ValueError("gone")), 2, prefetch=4):
            seen.append(batch.tolist())

    assert seen == [[0, 1], [2, 3], [4, 5]]


def test_the_thread_ends_with_the_epoch():
    for _ in DataLoader(np.arange(5), 2, prefetch=2):
        assert len(threads()) == 1

    assert threads() == []


def test_the_thread_ends_when_the_loop_is_left():
    for _ in DataLoader(np.arange(100), 2, prefetch=2):
        break

    assert threads() == []


def test_the_thread_ends_when_the_body_of_the_loop_fails():
    def body():
        for _ in DataLoader(np.arange(100), 2, prefetch=2):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        body()

    gc.collect()  # an iterator may live as long as the traceback
    assert threads() == []


def test_the_thread_ends_when_nobody_holds_the_iterator_any_more():
    batches = iter(DataLoader(np.arange(100), 2, prefetch=2))
    next(batches)
    cycle = [batches]
    cycle.append(cycle)
    assert len(threads()) == 1

    del batches, cycle
    gc.collect()

    assert threads() == []


def test_an_epoch_that_is_never_walked_starts_no_thread():
    batches = iter(DataLoader(np.arange(100), 2, prefetch=2))

    assert threads() == []
    del batches


def test_two_epochs_at_once_have_a_thread_each():
    loader = DataLoader(np.arange(6), 2, prefetch=2)

    pairs = [(a.tolist(), b.tolist()) for a, b in zip(loader, loader, strict=True)]

    assert pairs == [([0, 1],) * 2, ([2, 3],) * 2, ([4, 5],) * 2]


def test_a_worker_that_is_collected_in_its_own_thread_does_not_wait_for_itself():
    workers = []

    def collect(number):
        workers.pop().close()
        return number

    worker = _prefetch._Worker(collect)
    workers.append(worker)
    worker.ask(7)

    assert worker.take() == 7
    worker._thread.join(5)
    assert not worker._thread.is_alive()


def test_settings_of_the_caller_hold_in_the_thread():
    setting = contextvars.ContextVar("setting", default="theirs")
    setting.set("mine")
    loader = DataLoader(np.zeros(2), 1, transform=lambda y: setting.get(), prefetch=1)

    assert list(loader) == ["mine", "mine"]
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        list(DataLoader(np.zeros(2), 1, transform=lambda y: 1 / y, prefetch=1))


def run(script):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    "ending",
    ["", "raise SystemExit(0)", "import sys; sys.exit()", "del loader"],
)
def test_a_program_ends_with_an_epoch_half_done(ending):
    script = (
        "import numpy as np\n"
        "from pebblegrad.data import DataLoader\n"
        "loader = DataLoader(np.arange(100), 1, shuffle=True, prefetch=5)\n"
        "batches = [iter(loader) for _ in range(3)]\n"
        "[next(b) for b in batches]\n"
        "import atexit; atexit.register(lambda: print('at exit'))\n"
        f"{ending}\n"
    )
    started = time.perf_counter()

    done = run(script)

    assert (done.returncode, done.stdout, done.stderr) == (0, "at exit\n", "")
    assert time.perf_counter() - started < 4  # less than the patience of `_prefetch`


def test_a_waiting_thread_takes_no_time():
    batches = iter(DataLoader(np.arange(100), 1, prefetch=2))
    next(batches)
    time.sleep(0.05)
    before = time.process_time()

    time.sleep(0.3)

    assert time.process_time() - before < 0.1
    batches.close()


def test_in_a_forked_process_an_epoch_of_the_parent_is_refused():
    worker = _prefetch._Worker(abs)
    worker.close()  # what a fork leaves in the child is a thread that is not alive

    with pytest.raises(RuntimeError, match="begin an epoch in the process that walks"):
        worker.take()


def test_an_error_that_comes_while_the_thread_is_looked_at_is_not_lost():
    looked = threading.Event()

    def fails(number):
        looked.wait(5)
        raise KeyError("the error of the transform")

    worker = _prefetch._Worker(fails)
    made = worker._made

    class Slow:
        """A queue that is told to be empty just before the thread's last result."""

        def empty(self):
            was_empty = made.empty()
            looked.set()
            worker._thread.join(5)
            return was_empty

        def get(self):
            looked.set()
            return made.get()

    worker._made = Slow()
    worker.ask(0)

    with pytest.raises(KeyError, match="the error of the transform"):
        worker.take()


def test_at_exit_threads_that_do_not_end_are_waited_for_together(monkeypatch):
    monkeypatch.setattr(_prefetch, "_PATIENCE", 0.2)
    go, made = threading.Event(), threading.Semaphore(0)

    def stuck(number):
        made.release()
        go.wait(10)

    workers = [_prefetch._Worker(stuck) for _ in range(5)]
    for worker in workers:
        worker.ask(0)
        assert made.acquire(timeout=5)
    started = time.perf_counter()

    _prefetch._close_all()

    waited = time.perf_counter() - started
    go.set()
    for worker in workers:
        worker._thread.join(5)
    assert 0.1 < waited < 0.6  # one by one it would be 5 times 0.2


@pytest.mark.parametrize("prefetch", [1.0, "2", None, True])
def test_a_number_of_batches_ahead_that_is_no_integer_is_refused(prefetch):
    with pytest.raises(TypeError, match=r"prefetch is .*; needed is an integer, at le"):
        DataLoader(np.arange(3), prefetch=prefetch)


def test_a_negative_number_of_batches_ahead_is_refused():
    with pytest.raises(ValueError, match="prefetch is -1; needed is at least 0"):
        DataLoader(np.arange(3), prefetch=-1)
