"""What a step frees is kept for the next one."""

import ctypes
import os
import subprocess
import sys

import pytest

PROGRAM = """
import resource
import numpy as np
from pebblegrad.autograd import Tensor

x = Tensor(np.ones(300_000), requires_grad=True)


def step():
    x.grad = None
    y = x * 2.0
    for _ in range(5):
        y = y * x
    y.sum().backward()


for _ in range(5):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 10)
"""


INFERENCE = PROGRAM.replace("y.sum().backward()", "y.sum()").replace(
    "requires_grad=True", "requires_grad=False"
)


def faults_a_step(program=PROGRAM, **environment):
    """Return how many pages the system had to hand out for a step, in a new process."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=plain | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"),
    reason="only the C library of Linux can be told",
)


@glibc
def test_a_step_needs_no_new_pages_from_the_system():
    of_one_array = 300_000 * 8 // 4096

    assert faults_a_step() < of_one_array // 10
    assert faults_a_step(INFERENCE) < of_one_array // 10


@glibc
def test_whoever_wants_the_librarys_own_way_gets_it():
    of_one_array = 300_000 * 8 // 4096

    assert faults_a_step(PEBBLEGRAD_KEEP_MEMORY="0") > of_one_array
    assert faults_a_step(MALLOC_MMAP_THRESHOLD_="65536") > of_one_array
