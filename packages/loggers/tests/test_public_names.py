import subprocess
import sys
import types

from pebblegrad import loggers


def test_all_is_sorted_and_complete():
    public = {
        name
        for name, value in vars(loggers).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }

    assert set(loggers.__all__) == public
    assert loggers.__all__ == sorted(loggers.__all__)


def test_importing_does_not_import_tqdm():
    program = "import sys, pebblegrad.loggers; sys.exit('tqdm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], timeout=60)

    assert done.returncode == 0


def test_plain_lines_do_not_import_tqdm():
    program = (
        "import sys; from pebblegrad.loggers import progress\n"
        "list(progress(range(3))); sys.exit('tqdm' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0
    assert done.stderr.startswith("3/3 in 0:00")
