"""What a killed process, a full disk and a second process do to a log."""

import errno
import os
import re
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from pebblegrad.loggers import TrainingLogger

# Repeats what it is told, 200 values and as many gradients: some 4 kB a record.
WRITER = """
    import sys
    import numpy as np
    from pebblegrad.loggers import TrainingLogger
    folder, mark, epochs = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    values = np.full(200, mark)
    logger = TrainingLogger("shared", folder, max_values=None)
    for epoch in range(epochs):
        logger.log_epoch(epoch, values, mark, mark, {"w": (values, values)})
"""

HEADER = r"={80}\nRUN: [-\d]{10} [:\d]{8}\n={80}\n"


def record(mark):
    values = rf"\[{mark}\.000000(?:, {mark}\.000000){{199}}\]"
    return (
        rf"\n\[EPOCH \d+ - FORWARD PASS\]\nTimestamp: [-\d]{{10}} [:.\d]{{12}}\n\n"
        rf"Input:\n  Shape: \(200,\)\n  Values: {values}\n\n"
        rf"Output:\n  Shape: \(\)\n  Values: \[{mark}\.000000\]\n\n"
        rf"\[EPOCH \d+ - BACKWARD PASS\]\nTimestamp: [-\d]{{10}} [:.\d]{{12}}\n\n"
        rf"Loss: {mark}\.000000\n\nParameters and Gradients:\n\n  w:\n"
        rf"    Shape: \(200,\)\n    Values: {values}\n"
        rf"    Gradient shape: \(200,\)\n    Gradient values: {values}\n"
    )


def start_writer(folder, mark, epochs):
    program = [sys.executable, "-c", textwrap.dedent(WRITER)]
    return subprocess.Popen([*program, str(folder), str(mark), str(epochs)])


@pytest.mark.skipif(sys.platform == "win32", reason="appends are not exclusive there")
def test_two_processes_do_not_mix_within_a_record(tmp_path):
    writers = [start_writer(tmp_path, mark, 300) for mark in (1, 2)]
    codes = [writer.wait(timeout=60) for writer in writers]

    text = (tmp_path / "shared.log").read_text()
    assert codes == [0, 0]
    assert len(re.findall(record(1), text)) == len(re.findall(record(2), text)) == 300
    assert len(re.findall(HEADER, text)) == 2
    left = re.sub(f"{record(1)}|{record(2)}|{HEADER}", "", text)
    assert left.strip("\n") == ""


def test_a_killed_process_leaves_complete_records_and_a_part_of_one(tmp_path):
    log = tmp_path / "shared.log"
    writer = start_writer(tmp_path, 1, 10**9)
    try:
        deadline = time.monotonic() + 30
        while not log.exists() or log.stat().st_size < 200_000:
            assert time.monotonic() < deadline
            time.sleep(0.002)
    finally:
        writer.kill()
        writer.wait(timeout=30)

    text = log.read_text()
    complete = re.match(f"{HEADER}(?:{record(1)})+", text)
    assert complete
    whole = re.search(record(1), text)[0]
    cut_off = text[complete.end() :]
    assert len(cut_off) < len(whole) + len("999999")  # the number of the epoch grows
    assert cut_off[:8] == whole[: len(cut_off)][:8]


def test_threads_that_share_a_logger_write_one_header(tmp_path):
    for attempt in range(20):
        logger = TrainingLogger(f"run{attempt}", tmp_path)
        start = threading.Barrier(4)

        def log(epoch, logger=logger, start=start):
            start.wait(10)
            logger.log_epoch(epoch, 1.0, 2.0, 3.0)

        threads = [threading.Thread(target=log, args=(epoch,)) for epoch in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        text = logger.path.read_text()

        assert text.count("RUN: ") == 1
        assert text.count("BACKWARD PASS") == 4


def test_a_run_begins_on_a_fresh_line_whatever_was_there(tmp_path, clock):
    (tmp_path / "run.log").write_text("cut off by a power fail")
    TrainingLogger("run", tmp_path, clock=clock).log_epoch(0, 1.0, 2.0, 3.0)

    assert (tmp_path / "run.log").read_text().splitlines()[:2] == [
        "cut off by a power fail",
        "=" * 80,
    ]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_error_that_says_what_is_in_the_file(tmp_path):
    (tmp_path / "run.log").symlink_to("/dev/full")
    logger = TrainingLogger("run", tmp_path)

    with pytest.raises(
        OSError, match=r"\(No space left.*the file is as it was"
    ) as info:
        logger.log_epoch(0, 1.0, 2.0, 3.0)
    assert info.value.errno == errno.ENOSPC


def test_a_part_written_to_a_full_disk_is_taken_back(tmp_path):
    pytest.importorskip("resource")
    program = """
        import resource, sys
        from pebblegrad.loggers import TrainingLogger
        logger = TrainingLogger("run", sys.argv[1])
        logger.log_epoch(0, 1.0, 2.0, 3.0)
        before = logger.path.read_bytes()
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, hard))
        try:
            logger.log_epoch(1, 1.0, 2.0, 3.0)
        except OSError as error:
            print(error)
        assert logger.path.read_bytes() == before
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        logger.log_epoch(2, 1.0, 2.0, 3.0)
        text = logger.path.read_text()
        assert text.startswith(before.decode()) and "EPOCH 2 - BACKWARD" in text
        assert text.count("RUN:") == 1
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stderr == ""
    assert "could not be written (File too large); the file is as it was" in done.stdout


def test_a_part_that_cannot_be_taken_back_is_confessed(tmp_path, monkeypatch):
    logger = TrainingLogger("run", tmp_path)
    write, calls = os.write, []

    def short_write(descriptor, data):
        calls.append(len(data))
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(descriptor, data[:10])
        with open(logger.path, "ab") as other:  # another process comes in between
            other.write(b"other\n")
        return written

    monkeypatch.setattr(os, "write", short_write)
    with pytest.raises(OSError, match=r"the first 10 of its \d+ bytes are in the file"):
        logger.log_epoch(0, 1.0, 2.0, 3.0)
    monkeypatch.undo()

    assert logger.path.read_bytes() == b"=" * 10 + b"other\n"


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    logger = TrainingLogger("run", tmp_path)
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:7]))
    logger.log_epoch(0, 1.0, 2.0, 3.0)
    monkeypatch.undo()

    assert logger.path.read_text().endswith("\nLoss: 3.000000\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks there")
def test_a_file_of_another_thread_is_not_closed_when_the_folder_is_removed(
    tmp_path, monkeypatch
):
    fcntl = pytest.importorskip("fcntl")
    logger = TrainingLogger("run", tmp_path / "runs")
    holder = os.open(logger.path, os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    others, errors = [], []
    system_open = os.open

    def open_and_be_overtaken(path, *arguments):
        try:
            return system_open(path, *arguments)
        except FileNotFoundError:  # another thread opens files just now
            others.extend(system_open(os.devnull, os.O_RDONLY) for _ in range(3))
            raise

    def log():
        try:
            logger.log_epoch(0, 1.0, 2.0, 3.0)
        except OSError as error:
            errors.append(error)

    waits = threading.Event()
    system_lock = fcntl.flock

    def lock(descriptor, kind):
        waits.set()
        system_lock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", lock)
    monkeypatch.setattr(os, "open", open_and_be_overtaken)
    thread = threading.Thread(target=log)
    thread.start()
    assert waits.wait(10)
    logger.path.unlink()
    logger.path.parent.rmdir()
    os.close(holder)
    thread.join(10)

    assert [type(error) for error in errors] == [FileNotFoundError]
    assert len(others) == 3
    for descriptor in others:
        os.close(descriptor)  # it is still open
