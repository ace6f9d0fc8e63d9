import gc
import io
import os
import re
import subprocess
import sys
import types
import weakref

import numpy as np
import pytest

from pebblegrad.loggers import (
    ProgressBar,
    ReporterWarning,
    _display,
    _progress,
    progress,
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def seconds(monkeypatch):
    """A clock that stands still unless a test moves ``seconds.now``."""
    clock = types.SimpleNamespace(now=100.0)
    fake = types.SimpleNamespace(perf_counter=lambda: clock.now)
    monkeypatch.setattr(_progress, "time", fake)
    monkeypatch.setattr(_display, "time", fake)
    return clock


def last_drawing(terminal):
    return terminal.getvalue().split("\r")[-1]


def test_items_come_through_unchanged_in_a_terminal_and_elsewhere():
    for file in (Terminal(), io.StringIO()):
        assert list(progress(iter("abc"), file=file)) == ["a", "b", "c"]


def test_a_quick_loop_prints_one_plain_line_with_the_last_metrics(seconds):
    file = io.StringIO()
    for step in (bar := progress(range(4), "epoch 1", file=file)):
        seconds.now += 0.5
        bar.show(loss=1 / (step + 1), accuracy=step)

    assert file.getvalue() == (
        "epoch 1: 4/4 in 0:02, 2.0 it/s, loss=0.2500, accuracy=3\n"
    )


def test_plain_lines_come_at_most_every_interval_and_every_tenth(seconds):
    file = io.StringIO()
    for _ in (bar := progress(range(100), "epoch 1", file=file)):
        seconds.now += 1.5
        bar.show(loss=0.5)

    lines = file.getvalue().splitlines()
    assert "\r" not in file.getvalue()
    assert len(lines) <= 11
    assert lines[0] == "epoch 1: 14/100 (14%), 2:09 left, 1.5 s/it, loss=0.5000"
    assert lines[-1] == "epoch 1: 100/100 in 2:30, 1.5 s/it, loss=0.5000"


def test_a_slow_tenth_still_gives_a_sign_of_life(seconds):
    file = io.StringIO()
    for _ in progress(range(1000), file=file, line_interval=5.0):
        seconds.now += 1.0

    assert file.getvalue().splitlines()[:2] == [
        "30/1000 (3%), 16:10 left, 1.0 it/s",
        "60/1000 (6%), 15:40 left, 1.0 it/s",
    ]


def test_an_interval_of_zero_prints_a_line_per_step():
    file = io.StringIO()
    for _ in progress(range(3), file=file, line_interval=0):
        pass

    assert len(file.getvalue().splitlines()) == 4


def test_without_a_length_only_the_count_is_shown(seconds):
    file = io.StringIO()
    for _ in progress(iter(range(130)), "stream", file=file):
        seconds.now += 1.0

    assert file.getvalue().splitlines() == [
        "stream: 60, 1.0 it/s",
        "stream: 120, 1.0 it/s",
        "stream: 130 in 2:10, 1.0 it/s",
    ]


def test_total_stands_in_for_a_missing_or_wrong_length(seconds):
    file = io.StringIO()
    for _ in progress(iter(range(3)), total=2, file=file, line_interval=0):
        seconds.now += 1.0

    assert file.getvalue().splitlines() == [
        "1/2 (50%), 0:01 left, 1.0 it/s",
        "2/2 (100%), 0:00 left, 1.0 it/s",
        "3/2, 1.0 it/s",
        "3/2 in 0:03, 1.0 it/s",
    ]


def test_nothing_to_loop_over_is_not_a_problem():
    for file in (Terminal(), io.StringIO()):
        assert list(progress([], "empty", file=file)) == []

    assert file.getvalue().startswith("empty: 0/0 in 0:00")


def test_a_terminal_gets_a_bar_with_description_and_metrics():
    terminal = Terminal()
    for step in (bar := progress(range(5), "epoch 1", file=terminal)):
        bar.show(loss=step / 10, name="two\nwords")

    final = last_drawing(terminal)
    assert final.startswith("epoch 1: 100%|")
    assert "| 5/5 [" in final
    assert "it/s, loss=0.4000, name=two words]" in final
    assert final.endswith("\n")


def test_a_terminal_is_redrawn_ten_times_a_second_at_most(seconds):
    terminal = Terminal()
    for _ in progress(range(1000), file=terminal):
        seconds.now += 0.001

    assert 9 <= terminal.getvalue().count("\r") <= 13


def test_an_exception_in_the_loop_closes_the_display_at_once():
    for file in (Terminal(), io.StringIO()):
        bar = progress(range(10), "epoch 1", file=file)
        with pytest.raises(ZeroDivisionError):
            for step in bar:
                bar.show(loss=0.5)
                1 / (3 - step)

        assert re.search(r"3/10.*loss=0\.5000", file.getvalue())
        assert file.getvalue().endswith("\n")
    assert file.getvalue().startswith("epoch 1: stopped at 3/10 after 0:00")


def test_ctrl_c_and_break_close_it_too():
    file = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        for _ in progress(range(10), "interrupted", file=file):
            raise KeyboardInterrupt
    for step in progress(range(10), "left", file=file):
        if step == 2:
            break

    first, second = file.getvalue().splitlines()
    assert first.startswith("interrupted: stopped at 0/10")
    assert second.startswith("left: stopped at 2/10")


def test_a_loader_that_fails_closes_it_too():
    def failing():
        yield 1
        raise OSError("disk gone")

    file = io.StringIO()
    with pytest.raises(OSError, match="disk gone"):
        list(progress(failing(), file=file))

    assert file.getvalue().startswith("stopped at 1 after 0:00")


def broken_streams():
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    closed = io.StringIO()
    closed.close()
    return {"ascii": ascii_only, "closed": closed}


class BrokenPipe(io.StringIO):
    """Fails from its second text on, as a pipe whose reader has left."""

    def __init__(self, *, terminal=False):
        super().__init__()
        self.terminal, self.written = terminal, 0

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.written += 1
        if self.written > 1:
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: broken_streams()["ascii"], "UnicodeEncodeError: 'ascii'"),
        (lambda: broken_streams()["closed"], "ValueError: I/O operation on closed"),
        (BrokenPipe, "BrokenPipeError: .* Broken pipe"),
        (lambda: BrokenPipe(terminal=True), "BrokenPipeError: .* Broken pipe"),
        (lambda: open("/dev/full", "w"), "OSError: .* No space left"),
    ],
)
def test_a_stream_that_fails_is_one_warning_and_the_loop_goes_on(make, reason):
    file, done = make(), []
    with pytest.warns(ReporterWarning, match=f"progress: the str.*{reason}") as caught:
        for step in (bar := progress(range(50), "训练", file=file, line_interval=0)):
            bar.show(loss=step)
            done.append(step)
    gc.collect()  # what is left of a bar of tqdm says nothing either

    assert done == list(range(50))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    try:
        file.close()
    except OSError:
        assert reason.endswith("left")  # /dev/full still has the text in its buffer


def test_errors_of_the_loop_are_not_taken_for_those_of_the_stream():
    with pytest.raises(ValueError, match="mine"):
        for _ in progress(range(3), file=io.StringIO(), line_interval=0):
            raise ValueError("mine")


def test_with_closes_a_loop_whose_iterator_is_kept():
    file = io.StringIO()
    with progress(range(10), "kept", file=file) as bar:
        kept = iter(bar)
        next(kept)
        assert file.getvalue() == ""

    assert file.getvalue().startswith("kept: stopped at 0/10")
    assert list(kept) == []


def test_with_leaves_a_finished_loop_alone():
    file = io.StringIO()
    with progress(range(3), file=file) as bar:
        total = sum(bar)

    assert total == 3
    assert file.getvalue().count("\n") == 1


def test_a_bar_can_be_looped_over_again():
    file = io.StringIO()
    bar = progress([1, 2], file=file)

    assert list(bar) == list(bar) == [1, 2]
    assert file.getvalue().count("2/2 in") == 2


def test_disable_shows_nothing_and_adds_nothing():
    items = [1, 2]
    file = io.StringIO()
    with progress(items, "epoch 1", file=file, disable=True) as bar:
        for _ in bar:
            bar.show(loss=0.5)

    assert file.getvalue() == ""
    assert type(iter(bar)) is type(iter(items))


def test_the_default_stream_is_stderr_when_the_loop_starts(monkeypatch):
    bar = progress(range(2), "epoch 1")
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    list(bar)
    monkeypatch.setattr(sys, "stderr", None)

    assert list(bar) == [0, 1]
    assert file.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345, "0.1235"),
        (0.0, "0.0000"),
        (np.float32(2.5), "2.5000"),
        (np.array([[0.5]]), "0.5000"),
        (1e-4, "1.000e-04"),
        (-123456.0, "-1.235e+05"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (7, "7"),
        (True, "True"),
        (None, "None"),
        ("warm up", "warm up"),
        ([1.0, 2.0], "<shape (2,)>"),
        ([[1], [1, 2]], "<list>"),
    ],
)
def test_metrics_are_short_and_never_an_error(value, text):
    file = io.StringIO()
    for _ in (bar := progress(range(1), file=file)):
        bar.show(metric=value)

    assert file.getvalue().endswith(f", metric={text}\n")


def test_a_tensor_is_detached_when_shown_and_its_graph_let_go(tensor):
    file = io.StringIO()
    for _ in (bar := progress(range(1), file=file)):
        loss = tensor(0.25)
        bar.show(loss=loss)
        graph = weakref.ref(loss)
        del loss
        gc.collect()
        assert graph() is None

    assert file.getvalue().endswith(", loss=0.2500\n")


def test_metrics_stay_until_replaced():
    file = io.StringIO()
    for step in (bar := progress(range(2), file=file)):
        bar.show(loss=step)
        if step == 0:
            bar.show(accuracy=0.5)

    assert file.getvalue().endswith(", loss=1, accuracy=0.5000\n")


def test_showing_formats_nothing():
    class Costly:
        def __array__(self, dtype=None, copy=None):
            raise AssertionError("formatted")

    bar = progress(range(3), disable=True)
    for _ in bar:
        bar.show(loss=Costly())


def test_no_thread_is_started():
    # In a process of its own: other users of tqdm start one for all.
    program = """if True:
        import io, sys, threading
        from pebblegrad.loggers import progress
        file = io.StringIO()
        file.isatty = lambda: True
        counts = [threading.active_count() for _ in progress(range(2), file=file)]
        assert "100%" in file.getvalue()
        sys.exit(counts != [1, 1])
    """
    done = subprocess.run([sys.executable, "-c", program], timeout=60)

    assert done.returncode == 0


@pytest.mark.parametrize(("columns", "bar"), [(100, True), (0, False)])
def test_a_real_terminal_gets_a_bar_unless_it_has_no_width(columns, bar):
    pytest.importorskip("termios")
    import fcntl
    import pty
    import struct
    import termios

    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with open(writer, "w") as terminal:
        for _ in progress(range(3), "epoch 1", file=terminal):
            pass
        print("that is all", file=terminal, flush=True)
        text = ""
        while "that is all" not in text:  # one read may give only a part
            text += os.read(reader, 10_000).decode()
    os.close(reader)

    assert ("epoch 1: 100%|" in text) is bar
    assert ("epoch 1: 3/3 in 0:00" in text) is not bar


def test_bars_nest_in_a_terminal():
    terminal = Terminal()
    for _ in progress(range(2), "epochs", file=terminal):
        for _ in progress(range(2), "steps", file=terminal):
            pass

    assert "epochs: 100%" in terminal.getvalue()
    assert terminal.getvalue().count("steps: 100%") == 2


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((10,), {}, TypeError, "progress: 10 of type int was given; something to loop"),
        (
            ([],),
            {"total": -1},
            ValueError,
            "progress: total is -1; at least 0, or None",
        ),
        (([],), {"line_interval": -1}, ValueError, "progress: line_interval is -1; at"),
        (([],), {"line_interval": float("nan")}, ValueError, "line_interval is nan"),
        (([],), {"line_interval": None}, TypeError, "line_interval is of type NoneTyp"),
        (([],), {"total": "5"}, TypeError, "progress: total is '5' of type str; a who"),
        (([],), {"total": 1.5}, TypeError, "total is 1.5 of type float; a whole numbe"),
    ],
)
def test_bad_arguments_are_named_at_once(arguments, options, error, message):
    with pytest.raises(error, match=message):
        progress(*arguments, **options)


def test_progress_is_the_class():
    assert progress is ProgressBar
