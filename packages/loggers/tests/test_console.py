import io
import re
import sys
import types

import pytest

from pebblegrad.loggers import ConsoleReporter, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_file_gets_few_lines_and_the_last_numbers():
    file = io.StringIO()
    with ConsoleReporter(total=1000, description="fit", file=file) as reporter:
        for step in range(1, 1001):
            reporter.log_scalars(step, {"loss": 1 / step})
            if step == 10:
                reporter.log_scalars(step, {"accuracy": 0.5})

    lines = file.getvalue().splitlines()
    assert len(lines) == 1
    assert re.fullmatch(
        r"fit: 1000/1000 in 0:\d\d, .* it/s, loss=0.0010, accuracy=0.5000", lines[0]
    )


def test_without_an_interval_there_is_a_line_a_step():
    file = io.StringIO()
    with ConsoleReporter(total=3, file=file, line_interval=0) as reporter:
        for step in (1, 2, 3):
            reporter.log_scalars(step, {"loss": step})

    starts = [line.partition(",")[0] for line in file.getvalue().splitlines()]
    assert starts == ["1/3", "2/3 (67%)", "3/3 (100%)", "3/3 in 0:00"]


def test_a_resumed_run_is_not_faster_than_it_is(monkeypatch):
    from pebblegrad.loggers import _console, _display

    now = [0.0]
    clock = types.SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr(_display, "time", clock)
    monkeypatch.setattr(_console, "time", clock)
    file = io.StringIO()
    reporter = ConsoleReporter(total=1100, file=file)
    for step in range(1000, 1021):
        reporter.log_scalars(step, {})
        now[0] += 0.5
    reporter.close()

    assert file.getvalue().splitlines()[-1] == "1020/1100 in 0:10, 1.9 it/s"


def test_a_terminal_gets_a_bar_with_the_numbers():
    file = Terminal()
    with ConsoleReporter(total=4, description="fit", file=file) as reporter:
        for step in (1, 2, 3, 4):
            reporter.log_scalars(step, {"loss": step})

    assert "\r" in file.getvalue()
    assert re.search(r"fit: 100%.*4/4 .*loss=4", file.getvalue())


def test_a_notebook_gets_a_bar_although_it_is_no_terminal(monkeypatch):
    module = types.ModuleType("ipykernel.iostream")
    module.OutStream = type("OutStream", (io.StringIO,), {})
    monkeypatch.setitem(sys.modules, "ipykernel.iostream", module)
    cell, file = module.OutStream(), io.StringIO()
    for _ in progress(range(3), "fit", file=cell):
        pass
    for _ in progress(range(3), "fit", file=file):
        pass

    assert "fit: 100%|" in cell.getvalue()
    assert file.getvalue().startswith("fit: 3/3 in")


def test_an_exception_says_where_the_run_stopped():
    file = io.StringIO()
    with pytest.raises(KeyError), ConsoleReporter(total=9, file=file) as reporter:
        reporter.log_scalars(4, {"loss": 1})
        raise KeyError

    assert file.getvalue() == "stopped at 4/9 after 0:00, loss=1\n"


def test_steps_that_go_back_do_not_move_the_bar_back():
    file = io.StringIO()
    with ConsoleReporter(file=file) as reporter:
        for step in (5, 3):
            reporter.log_scalars(step, {"loss": step})

    assert file.getvalue() == "5 in 0:00, loss=3\n"


def test_without_a_step_nothing_is_shown():
    file = io.StringIO()
    ConsoleReporter(total=3, file=file).close()

    assert file.getvalue() == ""


def test_without_a_stream_nothing_is_shown(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with ConsoleReporter() as reporter:
        reporter.log_scalars(1, {"loss": 1})

    assert reporter.lost == 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"total": -1}, ValueError, "total is -1; at least 0, or None, was needed"),
        ({"total": 1.5}, TypeError, "total is 1.5 of type float; a whole number"),
        ({"line_interval": -1}, ValueError, "line_interval is -1; at least 0 was"),
        ({"line_interval": float("nan")}, ValueError, "line_interval is nan"),
        ({"line_interval": None}, TypeError, "line_interval is of type NoneType and"),
    ],
)
def test_options_are_checked_at_once(options, error, message):
    with pytest.raises(error, match=f"ConsoleReporter: {message}"):
        ConsoleReporter(**options)
