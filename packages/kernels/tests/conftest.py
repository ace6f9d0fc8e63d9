"""Fixtures that all test files share; kernels are on, whatever the environment says."""

import os

os.environ.pop("PEBBLEGRAD_KERNELS", None)  # before anything looks for them

import numpy as np
import pytest

from pebblegrad.kernels import _native, instructions, set_threads, threads

KINDS = ("avx512", "avx2", "portable")


@pytest.fixture
def rng():
    """A generator that starts at the same place in every test."""
    return np.random.default_rng(0)


@pytest.fixture(params=KINDS)
def kind(request):
    """Each kind of instructions in turn, as far as this processor has them."""
    before = instructions()
    if not _native.use(request.param):
        pytest.skip(f"this processor has no {request.param}")
    yield request.param
    _native.use(before)


@pytest.fixture
def threads_set():
    """Set the number of threads, until the test ends."""
    before = threads()
    yield set_threads
    set_threads(before)
