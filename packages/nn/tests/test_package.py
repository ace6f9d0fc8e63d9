"""The package as a whole: what it shows, and what it never imports."""

import subprocess
import sys
from types import ModuleType

import pytest

import pebblegrad.nn
from pebblegrad.nn import functional, layers

PUBLIC = [pebblegrad.nn, functional, layers]


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_what_all_names_is_there_and_documented(module):
    for name in module.__all__:
        assert getattr(module, name).__doc__


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_what_is_public_is_in_all(module):
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert public == set(module.__all__) - {"functional", "init"}


def test_importing_it_imports_no_other_framework():
    script = (
        "import sys, pebblegrad.nn\n"
        "print(sorted({'torch', 'tensorflow', 'jax', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")
