import subprocess
import sys
import types

from pebblegrad import scalar


def test_all_is_complete():
    public = {
        name
        for name, value in vars(scalar).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }

    assert set(scalar.__all__) == public
    assert len(scalar.__all__) == len(public)


def test_importing_brings_nothing_that_is_not_python_s_own():
    program = (
        "import sys; before = set(sys.modules); import pebblegrad.scalar\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(names - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.split() == ["pebblegrad"]


def test_importing_does_not_import_what_reads_sources():
    program = "import sys, pebblegrad.scalar; sys.exit('inspect' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", program], timeout=60)

    assert done.returncode == 0
