"""Packages that bring kernels: found, used, and no harm done by broken ones."""

import os
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
import functools, sys, threading, warnings
import numpy as np
from pebblegrad.autograd import Op, Tensor, kernel_for, op, ops

x = np.array([1.0, 2.0])
"""


@pytest.fixture
def run(tmp_path):
    """Run a program beside packages that bring kernels, given by name and source."""

    def make(program, packages, *options, **variables):
        folders = []
        for name, source in packages.items():
            folder = tmp_path / name
            info = folder / f"{name}-1.dist-info"
            info.mkdir(parents=True)
            (folder / f"{name}.py").write_text(textwrap.dedent(source))
            (info / "METADATA").write_text(f"Name: {name}\nVersion: 1\n")
            points = f"[pebblegrad.kernels]\n{name} = {name}:kernels\n"
            (info / "entry_points.txt").write_text(points)
            folders.append(str(folder))
        path = [*folders, *filter(None, [os.environ.get("PYTHONPATH")])]
        done = subprocess.run(
            [sys.executable, *options, "-c", PROGRAM + textwrap.dedent(program)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path),
                "PEBBLEGRAD_KERNELS": "",
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split(), done.stderr

    return make


TENFOLD = """
NAME = "pebblegrad.autograd.ops.exponential:exp"
def kernels():
    return {NAME: lambda before: lambda xp, x: 10 * before(xp, x)}
"""
TWENTYFOLD = TENFOLD.replace("10 *", "20 *")


def test_a_kernel_takes_the_place_of_a_forward_and_gets_it_to_fall_back_on(run):
    program = """
    y = Tensor(x, requires_grad=True)
    out = ops.exp(y)
    out.sum().backward()
    print(*(ops.exp(x) / np.exp(x)), *(y.grad.data / np.exp(x)), ops.log(1.0))
    """
    out, _ = run(program, {"tenfold": TENFOLD})

    assert out == ["10.0"] * 4 + ["0.0"]


SUMS = """
NAME = "pebblegrad.autograd._broadcasting:sum_of_rows"
def kernels():
    return {NAME: lambda before: lambda x: 10 * before(x)}
"""


def test_a_kernel_takes_the_place_of_a_replaceable_function(run):
    program = """
    import pickle
    from pebblegrad.autograd import _broadcasting
    bias = Tensor([0.0], requires_grad=True)
    for _ in range(2):
        bias.grad = None
        (Tensor([[1.0], [2.0]]) + bias).sum().backward()
        print(bias.grad.item())
    function = _broadcasting.sum_of_rows
    copied = pickle.loads(pickle.dumps(function))
    print(copied is function, "function sum_of_rows" in repr(function))
    """
    out, _ = run(program, {"sums": SUMS})

    assert out == ["20.0", "20.0", "True", "True"]


@pytest.mark.parametrize("value", ["0", "off", "False", " no "])
def test_the_environment_leaves_them_off(run, value):
    program = "print(*(ops.exp(x) / np.exp(x)))"
    out, _ = run(program, {"tenfold": TENFOLD}, PEBBLEGRAD_KERNELS=value)

    assert out == ["1.0", "1.0"]


def test_of_two_packages_the_first_on_the_path_wins(run):
    packages = {"one": TENFOLD, "two": TWENTYFOLD}
    out, _ = run("print((ops.exp(x) / np.exp(x))[0])", packages)

    assert out == ["10.0"]


@pytest.mark.parametrize("first", [True, False])
def test_what_somebody_implements_wins_over_a_kernel(run, first):
    program = f"""
    if not {first}:
        ops.exp(x)
    ops.exp.implement(np, lambda xp, x: 0 * x)
    print(*ops.exp(x))
    """
    out, _ = run(program, {"tenfold": TENFOLD})

    assert out == ["0.0", "0.0"]


def test_what_may_be_replaced_is_what_the_kernel_gets(run):
    program = """
    ops.exp.implement(np, lambda xp, x: x + 1, may_be_replaced=True)
    print(*ops.exp(x))
    """
    out, _ = run(program, {"tenfold": TENFOLD})

    assert out == ["20.0", "30.0"]


def test_what_wraps_a_function_under_its_name_is_not_replaced(run):
    program = """
    forward = ops.exp.forward
    @functools.wraps(forward)
    def wrapper(*args):
        return forward(*args)
    print(kernel_for(wrapper) is wrapper, kernel_for(forward) is forward)
    """
    out, _ = run(program, {"tenfold": TENFOLD})

    assert out == ["True", "False"]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("raise OSError('no such library')", "the kernels of broken:kernels"),
        ("def kernels(): return 3", "the kernels of broken:kernels"),
        ("def kernels(): 1 / 0", "the kernels of broken:kernels"),
        (
            TENFOLD.replace("lambda xp, x: 10 * before(xp, x)", "1 / 0"),
            "the kernel of pebblegrad.autograd.ops.exponential:exp",
        ),
    ],
    ids=["no import", "no dict", "no call", "no kernel"],
)
def test_a_broken_package_is_warned_of_once_and_numpy_does_the_work(run, source, what):
    program = "print(*(ops.exp(x) / np.exp(x)), *(ops.exp(x) / np.exp(x)))"
    out, err = run(program, {"broken": source})

    assert out == ["1.0"] * 4
    assert err.count("RuntimeWarning") == 1
    assert f"{what} cannot be used" in err
    assert "NumPy does the work instead" in err


def test_where_warnings_are_errors_the_next_call_works(run):
    program = """
    try:
        ops.exp(x)
    except RuntimeWarning:
        print("warned")
    print(*(ops.exp(x) / np.exp(x)))
    """
    out, _ = run(program, {"broken": "1 / 0"}, "-W", "error::RuntimeWarning")

    assert out == ["warned", "1.0", "1.0"]


def test_a_package_may_call_ops_while_it_is_imported(run):
    source = "from pebblegrad.autograd import ops\nops.exp(1.0)\n" + TENFOLD
    out, _ = run("print(*(ops.log(x) - np.log(x)))", {"calls": source})

    assert out == ["0.0", "0.0"]


def test_a_path_with_strange_entries_is_no_trouble(run):
    program = """
    sys.path[:0] = ["/does/not/exist", sys.executable, ""]
    print((ops.exp(x) / np.exp(x))[0])
    """
    out, _ = run(program, {"tenfold": TENFOLD})

    assert out == ["10.0"]


def test_threads_may_call_an_op_first_at_once(run):
    program = """
    found = []
    def work():
        found.append((ops.exp(x) / np.exp(x))[0])
    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    found.append((ops.exp(x) / np.exp(x))[0])
    print(len(found), found[-1], set(found) <= {1.0, 10.0})
    """
    out, _ = run(program, {"tenfold": TENFOLD})

    assert out == ["17", "10.0", "True"]
