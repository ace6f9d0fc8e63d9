import subprocess
import sys
import types

from pebblegrad import viz


def test_all_is_sorted_and_complete():
    public = {
        name
        for name, value in vars(viz).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }

    assert set(viz.__all__) == public
    assert viz.__all__ == sorted(viz.__all__)


def test_importing_imports_neither_matplotlib_nor_networkx():
    program = (
        "import sys, pebblegrad.viz\n"
        "sys.exit('matplotlib' in sys.modules or 'networkx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=60)

    assert done.returncode == 0


def test_a_wrong_argument_is_told_without_matplotlib():
    program = (
        "import sys; from pebblegrad.viz import plot_training_history\n"
        "try: plot_training_history([], filename='a.png')\n"
        "except ValueError: sys.exit('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=60)

    assert done.returncode == 0
