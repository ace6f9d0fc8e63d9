"""What all reporters share: checks before, a guard around, one warning after."""

import os
import threading
import warnings

import numpy as np
import pytest

from pebblegrad.loggers import (
    ConsoleReporter,
    CSVReporter,
    JSONLinesReporter,
    Multi,
    Reporter,
    ReporterWarning,
    TensorBoardReporter,
    TextReporter,
    TrainingLogger,
    _reporter,
    read_jsonl,
)
from pebblegrad.loggers._reporter import GuardedReporter


class Keeping(GuardedReporter):
    """Keeps what it is given, and fails when it is told to."""

    def __init__(self):
        super().__init__()
        self.kept, self.closed, self.error = [], [], None

    def write_scalars(self, step, scalars):
        if self.error is not None:
            raise self.error
        self.kept.append((step, scalars))

    def write_image(self, step, name, pixels):
        self.kept.append((step, name, pixels.shape))

    def write_histogram(self, step, name, values):
        self.kept.append((step, name, values.tolist()))

    def finish(self, *, failed):
        self.closed.append(failed)
        if self.error is not None:
            raise self.error


@pytest.fixture
def every_reporter(tmp_path):
    file = open(os.devnull, "w")
    yield [
        TextReporter("run", tmp_path),
        CSVReporter(log_dir=tmp_path),
        JSONLinesReporter(log_dir=tmp_path),
        ConsoleReporter(file=file),
        TensorBoardReporter(tmp_path),
        Multi(),
    ]
    file.close()


def test_all_are_reporters_and_loggers_of_text_are_none(every_reporter, tmp_path):
    assert all(isinstance(reporter, Reporter) for reporter in every_reporter)
    assert not isinstance(TrainingLogger("run", tmp_path), Reporter)


def test_all_take_all_methods_and_numbers_of_all_kinds(every_reporter, tensor):
    with Multi(*every_reporter) as reporter:
        for step, number in enumerate(
            [1, 0.5, True, np.float16(2), np.float32("nan"), np.array([[3]]), 10**20]
        ):
            reporter.log_scalars(np.int64(step), {"loss": number})
        reporter.log_scalars(-1, {"loss": tensor(0.5), "accuracy": -np.inf})
        reporter.log_scalars(0, {})
        reporter.log_epoch(1, [1.0], tensor([2.0]), 0.5, {"w": (tensor([1.0]), None)})
        reporter.log_image(1, "picture", np.zeros((3, 2, 2)))
        for values in ([], 1.0, np.nan, np.eye(3, dtype=np.float16)[::2], [True]):
            reporter.log_histogram(1, "values", values)

    assert reporter.lost == 0
    assert [child.lost for child in every_reporter] == [0] * 6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda r: r.log_scalars(1.5, {}),
            TypeError,
            "log_scalars: step is 1.5 of typ",
        ),
        (lambda r: r.log_scalars(True, {}), TypeError, "step is True of type bool"),
        (lambda r: r.log_scalars({"a": 1}, 3), TypeError, r"step is {'a': 1} of type"),
        (lambda r: r.log_scalars(1, 0.5), TypeError, "scalars is of type float; a dic"),
        (lambda r: r.log_scalars(1, {1: 2}), TypeError, "a name in scalars is 1 of ty"),
        (lambda r: r.log_scalars(1, {"a\n": 2}), ValueError, r"is 'a\\n'; a name of o"),
        (lambda r: r.log_scalars(1, {"": 2}), ValueError, "is ''; a name of one line"),
        (
            lambda r: r.log_scalars(1, {"a": "b"}),
            TypeError,
            r"scalars\['a'\] is of typ",
        ),
        (
            lambda r: r.log_scalars(1, {"a": None}),
            TypeError,
            r"\['a'\] is of type None",
        ),
        (
            lambda r: r.log_scalars(1, {"a": [1, 2]}),
            ValueError,
            r"has shape \(2,\); on",
        ),
        (lambda r: r.log_scalars(1, {"a": 1j}), TypeError, r"\['a'\] is complex"),
        (
            lambda r: r.log_scalars(1, {"step": 1}),
            ValueError,
            "name 'step', which ever",
        ),
        (lambda r: r.log_image(1, 2, [[0]]), TypeError, "log_image: name is 2 of type"),
        (
            lambda r: r.log_histogram(1, "a", "b"),
            TypeError,
            "histogram: values is of t",
        ),
        (lambda r: r.log_histogram(1, "a", 1j), TypeError, "values is complex"),
        (lambda r: r.log_histogram("1", "a", 1), TypeError, "step is '1' of type str"),
        (lambda r: r.log_epoch(1, 1, 1, [1, 2]), ValueError, r"loss has shape \(2,\)"),
        (lambda r: r.log_epoch(1, 1, 1, 1, {"w": 1}), TypeError, "w'. is a int alone"),
    ],
)
def test_a_mistake_of_the_caller_is_an_error_at_once(call, error, message):
    first, second = Keeping(), Keeping()
    for reporter in (first, Multi(second)):
        with pytest.raises(error, match=message):
            call(reporter)

    assert first.kept == second.kept == []
    assert first.lost == second.lost == 0


def test_nothing_is_reported_when_one_of_several_numbers_is_wrong():
    reporter = Keeping()
    with pytest.raises(TypeError, match=r"scalars\['b'\]"):
        reporter.log_scalars(1, {"a": 1, "b": "two"})

    assert reporter.kept == []


def test_an_epoch_is_its_loss_and_histograms():
    reporter = Keeping()
    reporter.log_epoch(3, [1], [2], 0.5, {"w": ([1, 2], [3, 4]), "b": ([5], None)})

    assert reporter.kept == [
        (3, {"loss": 0.5}),
        (3, "w", [1, 2]),
        (3, "w.grad", [3, 4]),
        (3, "b", [5]),
    ]


def test_a_failure_is_one_warning_and_later_records_are_tried():
    reporter = Keeping()
    reporter.error = OSError(28, "No space left on device")
    with pytest.warns(
        ReporterWarning, match="Keeping: log_scalars: this.*No space lef"
    ):
        reporter.log_scalars(1, {"loss": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reporter.log_scalars(2, {"loss": 1})
        reporter.error = None
        reporter.log_scalars(3, {"loss": 1})

    assert reporter.lost == 2
    assert reporter.kept == [(3, {"loss": 1})]


def test_the_warning_points_at_the_line_that_reported():
    reporter = Keeping()
    reporter.error = RuntimeError("no network")
    with pytest.warns(ReporterWarning) as caught:
        Multi(reporter).log_scalars(1, {"loss": 1})

    assert caught[0].filename == __file__


def test_a_reporter_that_fails_slowly_is_not_waited_for_each_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(_reporter.time, "monotonic", lambda: now[0])
    tries = []

    class Slow(GuardedReporter):
        def write_scalars(self, step, scalars):
            tries.append(step)
            now[0] += 2.0  # seconds until the server's silence is an error
            raise TimeoutError("no answer")

    reporter = Slow()
    with pytest.warns(
        ReporterWarning, match=r"those of the next 20.0 s, as it took 2.0 .*: no answer"
    ):
        reporter.log_scalars(0, {})
    for step in range(1, 30):
        now[0] += 1.0
        reporter.log_scalars(step, {})

    assert tries == [0, 20]  # 2 seconds, ten times that without, and again
    assert reporter.lost == 30


def test_one_that_refuses_a_record_at_once_gets_the_next_one():
    class Picky(Keeping):
        def write_scalars(self, step, scalars):
            if "bad name" in scalars:
                raise ValueError("bad name")
            super().write_scalars(step, scalars)

    reporter = Picky()
    with pytest.warns(ReporterWarning, match="after a failure of 0.1 s or more no"):
        for step in range(100):
            reporter.log_scalars(step, {"bad name": 1})
            reporter.log_scalars(step, {"loss": 1})

    assert reporter.lost == 100
    assert reporter.kept == [(step, {"loss": 1}) for step in range(100)]


def test_an_array_of_an_epoch_that_fails_does_not_take_the_others_along():
    class Picky(Keeping):
        def write_histogram(self, step, name, values):
            if name == "b":
                raise ValueError("too many bins")
            super().write_histogram(step, name, values)

    reporter = Picky()
    pairs = {name: ([1], None) for name in "abc"}
    with pytest.warns(
        ReporterWarning, match="log_epoch: this record is lost .*too man"
    ):
        reporter.log_epoch(1, [1], [1], 0.5, pairs)

    assert reporter.kept == [(1, {"loss": 0.5}), (1, "a", [1]), (1, "c", [1])]
    assert reporter.lost == 1


@pytest.mark.parametrize(
    "name", ["👩\u200d🚀", "\u0645\u06cc\u200c\u062e\u0648\u0627", "精度", "a\u00a0b"]
)
def test_names_of_all_scripts_are_accepted(every_reporter, tmp_path, name):
    with Multi(*every_reporter) as reporter:
        reporter.log_scalars(1, {name: 1})
        reporter.log_histogram(1, name, [1.0])
        reporter.log_epoch(1, [1], [1], 1, {name: ([1], None)})

    assert reporter.lost == 0
    assert CSVReporter(name, tmp_path).path.exists()


@pytest.mark.parametrize("name", ["a\u2028b", "a\x1b[2Jb", "\udce9", "\x85", "\u200a"])
def test_names_that_break_lines_or_terminals_are_refused(name, tmp_path):
    for call in (
        lambda: Keeping().log_scalars(1, {name: 1}),
        lambda: Keeping().log_epoch(1, [1], [1], 1, {name: ([1], None)}),
        lambda: CSVReporter(name, tmp_path),
    ):
        with pytest.raises(ValueError, match=r"a (file )?name (of one|without)"):
            call()


@pytest.mark.parametrize("pair", [([1j], None), ([1.0], [1j])])
def test_complex_parameters_are_refused_before_anything_is_written(pair):
    reporter = Keeping()

    with pytest.raises(
        TypeError, match=r"'w'\]: the .* is complex \(complex128\); real"
    ):
        reporter.log_epoch(1, [1], [1], 1, {"w": pair})
    assert reporter.kept == []


@pytest.mark.parametrize("bits", [63, 64, 20_000])
def test_steps_have_64_bits(bits):
    reporter, step = Keeping(), 2**bits
    for call in (
        lambda: reporter.log_scalars(step, {}),
        lambda: reporter.log_epoch(step, [1], [1], 1),
        lambda: reporter.log_image(step, "a", [[1]]),
        lambda: reporter.log_histogram(step, "a", [1]),
    ):
        with pytest.raises(ValueError, match="a whole number of 64 bits was needed"):
            call()
    reporter.log_scalars(2**63 - 1, {})
    reporter.log_scalars(-(2**63), {})

    assert reporter.kept == [(2**63 - 1, {}), (-(2**63), {})]


def test_an_interrupt_is_no_failure():
    reporter = Keeping()
    reporter.error = KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt):
        reporter.log_scalars(1, {})
    reporter.error = None


def test_close_is_once_and_says_whether_the_run_failed():
    fine, broken = Keeping(), Keeping()
    with fine:
        fine.log_scalars(1, {})
    fine.close()
    with pytest.raises(KeyError), broken:
        raise KeyError

    assert (fine.closed, broken.closed) == ([False], [True])


def test_a_closed_reporter_says_so():
    reporter = Keeping()
    reporter.close()

    with pytest.raises(
        RuntimeError, match="log_scalars: this Keeping is closed; an op"
    ):
        reporter.log_scalars(1, {})


def test_a_close_that_fails_is_a_warning():
    reporter = Keeping()
    reporter.error = ConnectionError("gone")

    with pytest.warns(
        ReporterWarning, match="close: the end of the run may be missing"
    ):
        reporter.close()


def test_threads_may_share_a_reporter(tmp_path):
    with JSONLinesReporter(log_dir=tmp_path) as reporter:

        def work(number):
            for step in range(50):
                reporter.log_scalars(step, {f"loss{number}": step})

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    kinds = [record["kind"] for record in read_jsonl(reporter.path)]
    assert kinds == ["run"] + ["scalars"] * 200 + ["end"]


def test_multi_hands_on_to_all_although_one_fails():
    first, second = Keeping(), Keeping()
    first.error = OSError("full")
    with (
        pytest.warns(ReporterWarning, match="Keeping: log_scalars"),
        Multi(first, second) as reporter,
    ):
        reporter.log_scalars(1, {"loss": 1})
        reporter.log_image(1, "picture", np.zeros((4, 5, 6)))
        first.error = None

    assert second.kept == [(1, {"loss": 1}), (1, "picture", (5, 6, 4))]
    assert first.closed == second.closed == [False]


def test_multi_guards_reporters_of_others_too():
    class Foreign(Keeping):
        def log_scalars(self, step, scalars):
            raise ZeroDivisionError("a fault of its author")

    reporter = Multi(Foreign(), kept := Keeping(), Foreign())
    with pytest.warns(ReporterWarning, match="Foreign failed in log_scalars") as caught:
        reporter.log_scalars(1, {})
        reporter.log_scalars(2, {})

    assert len(caught) == 2  # one for each
    assert len(kept.kept) == 2
    assert reporter.lost == 4


def test_multi_counts_what_its_reporters_lost():
    first, second = Keeping(), Keeping()
    first.error = OSError("full")
    reporter = Multi(Multi(first), second)
    with pytest.warns(ReporterWarning, match="full"):
        for step in range(5):
            reporter.log_scalars(step, {})

    assert (first.lost, second.lost, reporter.lost) == (5, 0, 5)
    first.error = None


def test_multi_tells_its_reporters_that_an_exception_ended_the_run():
    inner = Keeping()
    with pytest.raises(KeyError), Multi(inner):
        raise KeyError

    assert inner.closed == [True]


@pytest.mark.parametrize("wrong", [print, CSVReporter, None, "csv"])
def test_multi_takes_reporters_only(wrong):
    with pytest.raises(
        TypeError, match=r"Multi: reporters\[0\] is .* lacks log_scalars"
    ):
        Multi(wrong)


def test_multi_names_what_a_text_logger_lacks(tmp_path):
    with pytest.raises(
        TypeError, match="is TrainingLogger, which lacks log_scalars, l"
    ):
        Multi(TrainingLogger("run", tmp_path))
