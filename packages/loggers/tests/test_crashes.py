"""Writers that are killed at any moment, and writers that work at the same time."""

import signal
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest

from pebblegrad.loggers import (
    JSONLinesReporter,
    ReporterWarning,
    read_csv,
    read_jsonl,
    report,
)

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="appends are not exclusive there"
)

# Long records, and a new column every ten steps, so that the table is often rewritten.
WRITER = """
    import sys
    import warnings
    import numpy as np
    from pebblegrad.loggers import CSVReporter, JSONLinesReporter, Multi
    folder, mark, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    warnings.simplefilter("ignore")  # a line that an earlier kill left
    values = np.arange(2000.0)
    reporter = Multi(JSONLinesReporter(log_dir=folder), CSVReporter(log_dir=folder))
    for step in range(steps):
        reporter.log_scalars(step, {f"{mark}{step // 10 % 5}": step, "all": step})
        reporter.log_histogram(step, mark, values)
    reporter.close()
    if reporter.lost or any(child.lost for child in reporter.reporters):
        raise SystemExit("lost")
"""


def start(folder, mark, steps):
    program = [sys.executable, "-c", textwrap.dedent(WRITER)]
    return subprocess.Popen([*program, str(folder), mark, str(steps)])


def quietly(read, path):
    """Read, and tell whether there was a warning of a torn line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = read(path)
    assert all(warning.category is ReporterWarning for warning in caught)
    return found, bool(caught)


def test_killed_ten_times_a_run_reads_up_to_its_last_record(tmp_path):
    lines = rows = 0
    for attempt in range(10):
        writer = start(tmp_path, "abcdefghij"[attempt], 10**9)
        deadline = time.monotonic() + 30
        table = tmp_path / "metrics.csv"
        while not table.exists() or table.read_bytes().count(b"\n") < rows + 10:
            assert time.monotonic() < deadline
            time.sleep(0.0003 * attempt)
        writer.send_signal(signal.SIGKILL)
        writer.wait(30)

        records, _ = quietly(read_jsonl, tmp_path / "metrics.jsonl")
        columns, _ = quietly(read_csv, table)
        assert len(records) > lines  # nothing that was there is lost
        assert len(columns["step"]) > rows
        lines, rows = len(records), len(columns["step"])

    steps = {}
    for run, step, value in zip(
        columns["run"], columns["step"], columns["all"], strict=True
    ):
        assert step == value
        assert step == steps.get(run, -1) + 1  # none is missing in between
        steps[run] = step
    assert len(steps) == 10
    page, _ = quietly(report, tmp_path)
    assert page.stat().st_size > 1000


def test_two_processes_do_not_mix_within_a_record(tmp_path):
    writers = [start(tmp_path, mark, 150) for mark in "ab"]
    codes = [writer.wait(60) for writer in writers]

    records, torn = quietly(read_jsonl, tmp_path / "metrics.jsonl")
    columns, torn_too = quietly(read_csv, tmp_path / "metrics.csv")
    assert codes == [0, 0]
    assert not torn
    assert not torn_too
    runs = {record["run"] for record in records}
    for run in runs:
        mine = [record for record in records if record["run"] == run]
        assert [r["step"] for r in mine if r["kind"] == "scalars"] == list(range(150))
        assert sum(r["kind"] == "histogram" for r in mine) == 150
    assert len(runs) == 2
    runs = set(columns["run"])
    for run in runs:
        rows = columns["run"] == run
        np.testing.assert_array_equal(columns["all"][rows], np.arange(150))
    assert len(runs) == 2
    names = [f"{mark}{number}" for mark in "ab" for number in range(5)]
    assert sorted(set(columns) - {"run", "step", "time", "all"}) == names


def test_one_process_is_killed_and_the_other_goes_on(tmp_path):
    killed, other = start(tmp_path, "a", 10**9), start(tmp_path, "b", 200)
    deadline = time.monotonic() + 30
    log = tmp_path / "metrics.jsonl"
    while not log.exists() or log.stat().st_size < 50_000:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    killed.send_signal(signal.SIGKILL)
    killed.wait(30)

    assert other.wait(60) == 0
    records, torn = quietly(read_jsonl, log)
    columns, torn_too = quietly(read_csv, tmp_path / "metrics.csv")
    last = records[-1]["run"]
    steps = [r["step"] for r in records if r["run"] == last and r["kind"] == "scalars"]
    assert steps == list(range(200))
    assert not torn
    assert not torn_too
    assert (columns["step"] == columns["all"]).all()


# Writing 8 MB takes long enough for a kill to hit the middle, most of the time.
LONG_WRITER = """
    import itertools, sys, warnings
    from pebblegrad.loggers import JSONLinesReporter
    warnings.simplefilter("ignore")
    reporter = JSONLinesReporter(log_dir=sys.argv[1])
    name = "x" * 2**23
    for step in itertools.count():
        reporter.log_scalars(step, {name: step})
"""


def test_a_write_that_a_kill_cuts_in_half_is_left_out_and_repaired(tmp_path):
    log = tmp_path / "metrics.jsonl"
    for _ in range(3):
        before = log.stat().st_size if log.exists() else 0
        program = [sys.executable, "-c", textwrap.dedent(LONG_WRITER)]
        writer = subprocess.Popen([*program, str(tmp_path)])
        deadline = time.monotonic() + 30
        while not log.exists() or log.stat().st_size < before + 2**24 + 2**22:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        writer.send_signal(signal.SIGKILL)
        writer.wait(30)
        records, torn = quietly(read_jsonl, log)
        data = log.read_bytes()

        assert torn == (not data.endswith(b"\n"))
        assert len(records) == data.count(b"\n")
        for record in records:
            if record["kind"] == "scalars":
                assert [len(name) for name in record["scalars"]] == [2**23]

    quietly(lambda path: JSONLinesReporter(log_dir=path).close(), tmp_path)
    records, torn_after = quietly(read_jsonl, log)
    assert records[-1]["kind"] == "end"
    assert not torn_after
