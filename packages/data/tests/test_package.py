"""The package as a whole: what it costs to import and what it shows."""

import subprocess
import sys

import pebblegrad.data


def test_importing_it_imports_no_downloader_and_loading_digits_neither():
    script = (
        "import sys, pebblegrad.data\n"
        "pebblegrad.data.load_digits()\n"
        "print(sorted({'pooch', 'requests', 'tqdm', 'urllib3'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_all_is_sorted_and_names_what_is_there():
    names = pebblegrad.data.__all__

    assert names == sorted(names)
    for name in names:
        assert getattr(pebblegrad.data, name).__doc__
