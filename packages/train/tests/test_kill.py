"""A run that is killed at fifty random moments, and goes on each time, to the bit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 50


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each life is a fork")
def test_a_run_that_is_killed_fifty_times_ends_as_one_that_was_not(tmp_path):
    script = Path(__file__).with_name("kill_server.py")
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # for the forks

    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), str(tmp_path), str(KILLS)],
        env={**os.environ, **one_thread},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["steps"]) == KILLS
    assert len(set(found["steps"])) > 20  # they died at many places
    assert all(found["same"])
    assert found["left over"] == []
