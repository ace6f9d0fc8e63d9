"""What the package costs to import, and its random numbers."""

import subprocess
import sys

import numpy as np
import pytest

from pebblegrad.autograd import generator, manual_seed


def test_importing_it_imports_numpy_and_nothing_else_from_outside():
    code = (
        "import sys, numpy\n"
        "before = set(sys.modules)\n"
        "import pebblegrad.autograd\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))\n"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert set(eval(run.stdout)) <= {"numpy", "pebblegrad"}


def test_a_seed_gives_the_same_numbers_again():
    manual_seed(3)
    first = generator().random(4)
    manual_seed(3)

    np.testing.assert_array_equal(generator().random(4), first)
    np.testing.assert_array_equal(generator(3).random(4), first)


def test_a_generator_is_used_as_it_is():
    rng = np.random.default_rng(1)

    assert generator(rng) is rng


@pytest.mark.parametrize("rng", ["1", 1.0, True, np.random.RandomState(1)])
def test_anything_else_is_no_source_of_random_numbers(rng):
    with pytest.raises(TypeError, match=r"rng: .* an integer seed or None is needed"):
        generator(rng)
