"""Wrong arguments are refused; threads, forks and other processes are no trouble."""

import importlib
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pebblegrad import kernels
from pebblegrad.autograd import kernel_for
from pebblegrad.kernels import _native
from pebblegrad.kernels.convolution import described
from pebblegrad.kernels.products import multiplied
from pebblegrad.kernels.table import kernels as kernels_by_name
from pebblegrad.nn.functional._convolve import convolve
from pebblegrad.nn.functional._windows import walk

from .against import close, kernel

TASKS = Path("/proc/self/task")
WINDOWS = walk("t", (2, 3, 6, 6), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))


def call():
    """The arguments of a convolution: of 2 images, 3 channels, 5 outputs."""
    return [
        described(2, 1, 3, 5, WINDOWS),
        np.ones((2, 6, 6, 3), "f4"),
        np.ones((5, 3, 3, 3), "f4"),
        np.ones(5, "f4"),
        np.zeros((2, 6, 6, 5), "f4"),
    ]


def groups(*sizes):
    """The bytes of the struct Groups."""
    return struct.pack("3qd", *sizes, 1e-5)


def read_only(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("place", "wrong", "error"),
    [
        (0, b"", ValueError),
        (0, "text", TypeError),
        (1, np.ones((2, 6, 6, 2), "f4"), ValueError),
        (1, np.ones((2, 6, 6, 3), "f8"), TypeError),
        (1, np.ones((2, 6, 6, 3), "i4"), TypeError),
        (1, np.ones((2, 6, 6, 6), "f4")[..., ::2], (ValueError, BufferError)),
        (1, None, TypeError),
        (2, np.ones((5, 3, 3, 3), "f8"), TypeError),
        (2, np.ones((5, 3, 3, 2), "f4"), ValueError),
        (3, np.ones(4, "f4"), ValueError),
        (3, 1.0, TypeError),
        (4, np.zeros((2, 6, 6, 4), "f4"), ValueError),
        (4, np.zeros((2, 6, 6, 5), "f8"), TypeError),
        (4, read_only(np.zeros((2, 6, 6, 5), "f4")), (ValueError, BufferError)),
    ],
)
def test_wrong_arguments_raise(place, wrong, error):
    arguments = call()
    arguments[place] = wrong

    with pytest.raises(error):
        _native.convolve(*arguments)


@pytest.mark.parametrize("size", [2**62 + 4, 2**63 - 1, -4, 5])
def test_sizes_that_are_not_those_of_the_arrays_raise(size):
    x, mask, places = np.ones(4, "f4"), np.ones(4, bool), np.zeros(4, np.int64)
    for call in (
        lambda: _native.relu(struct.pack("q", size), x, x),
        lambda: _native.zero_where(struct.pack("q", size), x, mask, x),
        lambda: _native.group_sums(groups(size, 1, 1), x, x[:1]),
        lambda: _native.moments(groups(1, 1, size), x, x[:1], x[:1].copy()),
        lambda: _native.standardize(groups(size, 1, 1), x, x),
        lambda: _native.standardize_gradient(groups(1, size, 1), x, x, x),
        lambda: _native.scale_and_shift(groups(1, size, 1), x, x, x, x),
        lambda: _native.add_rows(struct.pack("3q", size, 4, 1), x, places, x),
        lambda: _native.sgd(struct.pack("4d3q", *[0.5] * 4, 0, 0, size), x, x, None),
        lambda: _native.sigmoid(struct.pack("q", size), x, x),
        lambda: _native.softmax(struct.pack("2q", 1, size), x, x),
        lambda: _native.masked_softmax(struct.pack("2q", size, 1), x),
        lambda: _native.softmax_gradient(struct.pack("2q", size, 1), x, x, x),
        lambda: _native.mean_cost(struct.pack("2q", 1, size), x, places, x),
        lambda: _native.softmax_minus_one_hot(struct.pack("2q", size, 1), x, places, x),
        lambda: _native.adam(struct.pack("6d2q", *[0.5] * 6, 0, size), *[x] * 4, None),
    ):
        with pytest.raises(ValueError, match=r"are needed|no numbers"):
            call()


@pytest.mark.parametrize(
    "numbers",
    [
        [-1] * 16,
        [2**62] * 16,
        [2, 1, *[2**24] * 14],
        [2, 1, 6, 6, 3, 6, 6, 5, 3, 3, 0, *[1] * 5],
        # Each size is in range; what a band sees is not, nor are the packed weights.
        [*[1] * 8, 2**19, 4, 1, 1, 0, 0, 2**19, 2**22],
        [1, 2**24, 1, 1, 2**24, 1, 1, 1, 2, 2, *[1] * 6],
    ],
)
def test_convolutions_that_are_out_of_range_raise(numbers):
    arguments = [struct.pack("17q", *numbers, 0), *call()[1:]]
    with pytest.raises(ValueError, match="sizes of a convolution are out of range"):
        _native.convolve(*arguments)


@pytest.mark.parametrize(
    "changed",
    [
        {"kernel_rows": 0},
        {"stride_columns": 0},
        {"kernel_rows": 256, "kernel_columns": 1},
        {"kernel_rows": 16, "kernel_columns": 16},
        {"batch": -1},
        {"dilation_rows": 2**40},
        {"before_rows": -(2**40)},
        {"stride_rows": 2**31, "out_rows": 2**31},
    ],
)
def test_windows_that_are_out_of_range_raise(changed):
    """Only the windows are looked at, not the arrays that would go with them."""
    names = "batch channels in_rows in_columns out_rows out_columns".split()
    for kind in ("kernel", "stride", "before", "dilation"):
        names += [f"{kind}_rows", f"{kind}_columns"]
    values = dict(zip(names, (1, 1, 4, 4, 2, 2, 2, 2, 2, 2, 0, 0, 1, 1), strict=True))
    right = struct.pack("14q", *values.values())
    wrong = struct.pack("14q", *(values | changed).values())
    x, y, places = np.ones(16, "f4"), np.ones(4, "f4"), np.zeros(4, np.uint8)
    for name, arrays in {
        "max_pool": (x, y),
        "argmax_pool": (x, y, places),
        "max_unpool": (y, places, x),
        "sum_pool": (x, y),
        "sum_unpool": (y, x),
    }.items():
        getattr(_native, name)(right, *arrays)
        with pytest.raises(ValueError, match=r"out of range|up to 255 places"):
            getattr(_native, name)(wrong, *arrays)


def test_rows_without_columns_raise():
    x, places = np.ones(0, "f4"), np.zeros(3, np.int64)
    with pytest.raises(ValueError, match="rows are empty"):
        _native.add_rows(struct.pack("3q", 3, 5, 0), x, places, x)


def test_a_call_with_more_or_fewer_arguments_or_a_longer_description_raises():
    x, one = np.ones(4, "f4"), struct.pack("q", 4)
    for wrong in ((one, x), (one, x, x, x), (), (one * 50, x, x), (b"", x, x)):
        with pytest.raises((TypeError, ValueError), match=r"^relu: "):
            _native.relu(*wrong)


def test_what_is_read_only_is_not_written():
    x, y, places = np.ones(16, "f4"), np.ones(4, "f4"), read_only(np.zeros(4, np.uint8))
    windows = struct.pack("14q", 1, 1, 4, 4, 2, 2, 2, 2, 2, 2, 0, 0, 1, 1)
    with pytest.raises((ValueError, BufferError)):
        _native.argmax_pool(windows, x, y, places)
    with pytest.raises((ValueError, BufferError)):
        _native.relu(struct.pack("q", 16), x, read_only(x.copy()))


def test_a_call_holds_no_array_when_it_is_over():
    x, out = np.ones(4, "f4"), np.ones(4, "f4")
    before = sys.getrefcount(x), sys.getrefcount(out)

    _native.relu(struct.pack("q", 4), x, out)
    with pytest.raises(ValueError, match="are needed"):
        _native.relu(struct.pack("q", 4), x, np.ones(5, "f4"))

    assert (sys.getrefcount(x), sys.getrefcount(out)) == before


def test_right_arguments_do_not_raise():
    arguments = call()
    _native.convolve(*arguments)

    assert arguments[-1].max() == 28


def test_random_descriptions_raise_or_compute_but_never_crash(rng):
    done = 0
    for _ in range(3000):
        numbers = rng.integers(0, rng.choice([3, 5, 60]), 16)
        numbers[12:14] -= 2
        places = ([0, 2, 3, 4, 1], [0, 5, 6, 7, 1], [1, 4, 7, 8, 9])  # of the sizes
        sizes = [int(np.prod(numbers[of])) for of in places]
        if max(sizes) > 20_000:
            continue
        x, out, w = (np.ones(size, "f4") for size in sizes)
        description = struct.pack("17q", *numbers, done % 2)  # with a relu or without
        try:
            _native.convolve(description, x, w, None, out)
            _native.weight_gradient(description, out, x, w)
            done += 1
        except ValueError:
            continue

    assert done > 20


def test_random_groups_raise_or_compute_but_never_crash(rng):
    done = 0
    for _ in range(2000):
        sizes = rng.integers(-1, rng.choice([3, 40]), 3)
        size, count = max(int(np.prod(sizes)), 0), max(int(sizes[1]), 0)
        if size > 10_000:
            continue
        x, out, one, other = (np.ones(n, "f8") for n in (size, size, count, count))
        described = groups(*sizes)
        try:
            _native.group_sums(described, x, one)
            _native.moments(described, x, one, other)
            _native.standardize(described, x, out)
            _native.standardize_gradient(described, x, x, out)
            _native.scale_and_shift(described, x, one, other, out)
            done += 1
        except ValueError:
            continue

    assert done > 500


@pytest.mark.parametrize("wrong", [4, -1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("where", [0, 2])
def test_a_place_outside_of_a_table_raises_and_is_not_written_to(where, wrong, kind):
    around = np.zeros((12, 3), "f4")
    table, places = around[4:8], np.ones(3, np.int64)
    places[where] = wrong

    with pytest.raises(IndexError, match=r"^add_rows: a place is outside"):
        _native.add_rows(
            struct.pack("3q", 3, 4, 3), np.ones((3, 3), "f4"), places, table
        )

    assert not around[:4].any()
    assert not around[8:].any()


@pytest.mark.parametrize("dtype", ["int32", "uint64", "float64", "uint8"])
def test_places_that_are_no_integers_of_64_bits_raise(dtype):
    x = np.ones((3, 3), "f8")

    with pytest.raises(TypeError, match="'q' is needed"):
        _native.add_rows(struct.pack("3q", 3, 3, 3), x, np.ones(3, dtype), x)


def test_many_threads_may_call_at_once(rng):
    x = rng.standard_normal((4, 3, 20, 20)).astype("f4")
    w = rng.standard_normal((16, 3, 3, 3)).astype("f4")
    windows = walk("t", x.shape, (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    wanted = convolve.forward(np, x, w, windows=windows)
    wrong = []

    def work():
        for _ in range(50):
            found = kernel(convolve)(np, x, w, windows=windows)
            if not np.allclose(found, wanted, 1e-4, 1e-4):
                wrong.append(found)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not wrong


def times_of_helpers():
    """The time that each helper of this process has computed, in ticks."""
    found = {}
    for task in TASKS.iterdir():
        try:
            stat = (task / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since
        # A name stands in (); the 11th field after it is the time in the program.
        if "(pebblegrad)" in stat:
            found[stat.split()[0]] = int(stat.rpartition(")")[2].split()[11])
    return found


@pytest.mark.skipif(not TASKS.exists(), reason="the system shows no threads")
def test_helpers_take_part_in_the_work(rng, threads_set):
    threads_set(3)
    x = rng.standard_normal((600, 600)).astype("f4")
    before = times_of_helpers()
    ended = time.monotonic() + 60
    while time.monotonic() < ended:
        multiplied(x, x)
        now = times_of_helpers()
        if sum(now[task] > before.get(task, 0) for task in now) >= 2:
            return

    pytest.fail("no two helpers did anything in a minute")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_after_fork_computes_too(rng, threads_set):
    threads_set(3)
    x = rng.standard_normal((8, 3, 20, 20)).astype("f4")
    w = rng.standard_normal((16, 3, 3, 3)).astype("f4")
    windows = walk("t", x.shape, (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    wanted = kernel(convolve)(np, x, w, windows=windows)

    child = os.fork()
    if child == 0:
        code = 1
        try:
            found = kernel(convolve)(np, x, w, windows=windows)
            code = 0 if np.array_equal(found, wanted) else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)

    assert os.WEXITSTATUS(status) == 0
    close(kernel(convolve)(np, x, w, windows=windows), wanted)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""),
    reason="a fork may leave the allocator of AddressSanitizer locked in the child",
)
def test_forks_while_threads_are_in_kernels(rng, threads_set):
    threads_set(3)
    x = rng.standard_normal((8, 3, 20, 20)).astype("f4")
    w = rng.standard_normal((16, 3, 3, 3)).astype("f4")
    windows = walk("t", x.shape, (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    wanted, ended = kernel(convolve)(np, x, w, windows=windows), threading.Event()

    def work():
        while not ended.is_set():
            kernel(convolve)(np, x, w, windows=windows)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    codes = []
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(20)  # rather killed than waited for
                found = kernel(convolve)(np, x, w, windows=windows)
                os._exit(0 if np.array_equal(found, wanted) else 2)
            codes.append(os.waitpid(child, 0)[1])
    finally:
        ended.set()
        for thread in threads:
            thread.join()

    assert codes == [0] * 20


@pytest.mark.parametrize("count", [0, -1, 65, 2**70])
def test_a_number_of_threads_out_of_range_is_refused(count):
    before = kernels.threads()

    with pytest.raises(
        ValueError, match=r"^set_threads: count is .* 1 to 64 is needed"
    ):
        kernels.set_threads(count)

    assert kernels.threads() == before


@pytest.mark.parametrize("count", ["two", 1.5, None])
def test_a_number_of_threads_that_is_none_is_refused(count):
    with pytest.raises(TypeError, match=r"^set_threads: count is .* integer from 1 to"):
        kernels.set_threads(count)


PROGRAM = """
import numpy as np
from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.kernels.products import multiplied
from pebblegrad.kernels.table import kernels as kernels_by_name
from pebblegrad.nn.functional._convolve import convolve

out = nn.Conv2d(1, 2, 3, rng=0)(Tensor(np.ones((1, 1, 5, 5), "f4")))
print(np in convolve.implementations, out.shape)
"""


def run(**variables):
    """Run the program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def test_they_are_found_by_themselves():
    assert run(PEBBLEGRAD_KERNELS="").stdout == "True (1, 2, 3, 3)\n"


def test_they_are_off_where_the_environment_says_so():
    assert run(PEBBLEGRAD_KERNELS="0").stdout == "False (1, 2, 3, 3)\n"


@pytest.mark.parametrize("name", kernels_by_name())
def test_every_kernel_takes_the_place_of_a_function_that_there_is(name):
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    function = getattr(found, "forward", getattr(found, "__wrapped__", found))

    assert f"{function.__module__}:{function.__qualname__}" == name
    in_use = kernel_for(function)
    assert in_use is not function
    assert in_use.__module__.startswith("pebblegrad.kernels.")
