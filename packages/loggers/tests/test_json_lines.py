import base64
import json
import os

import numpy as np
import pytest

from pebblegrad.loggers import JSONLinesReporter, ReporterWarning, read_jsonl
from pebblegrad.loggers._json_lines import walk_jsonl


@pytest.fixture
def reporter(tmp_path, clock):
    return JSONLinesReporter(log_dir=tmp_path / "runs" / "first", clock=clock)


def test_a_run_begins_with_settings_and_environment(tmp_path, clock):
    config = {
        "lr": np.float32(0.5),
        "sizes": (1, np.int64(2)),
        "model": {"name": "mlp", "seed": None},
        "path": tmp_path,
        "worst": float("inf"),
        "mask": np.array([True, False]),
    }
    reporter = JSONLinesReporter("m", tmp_path, config=config, clock=clock)

    (record,) = read_jsonl(reporter.path)
    assert record["kind"] == "run"
    assert record["run"] == reporter.run
    assert reporter.run.startswith("20260201-233739-")
    assert record["config"] == {
        "lr": 0.5,
        "sizes": [1, 2],
        "model": {"name": "mlp", "seed": None},
        "path": str(tmp_path),
        "worst": "inf",
        "mask": [True, False],
    }
    assert record["environment"]["packages"]["numpy"] == np.__version__


def test_numbers_come_back_digit_for_digit(reporter):
    numbers = {"a": 0.1 + 0.2, "b": 5e-324, "c": -0.0, "d": 2**70, "e": 1e308}
    reporter.log_scalars(7, numbers)

    record = read_jsonl(reporter.path)[-1]
    assert (record["kind"], record["step"]) == ("scalars", 7)
    assert record["scalars"] == numbers
    assert str(record["scalars"]["c"]) == "-0.0"


def test_what_json_has_no_number_for_comes_back_too_and_is_strict_json(reporter):
    reporter.log_scalars(1, {"a": np.nan, "b": np.inf, "c": -np.inf})

    def refuse(word):
        raise AssertionError(word)

    last = reporter.path.read_text().splitlines()[-1]
    json.loads(last, parse_constant=refuse)
    scalars = read_jsonl(reporter.path)[-1]["scalars"]
    np.testing.assert_array_equal(list(scalars.values()), [np.nan, np.inf, -np.inf])


def test_histograms_and_pictures_are_lines_too(reporter):
    reporter.log_histogram(1, "w", [[0.0, 1.0], [np.nan, 4.0]])
    reporter.log_histogram(2, "empty", [])
    reporter.log_image(3, "p", np.zeros((1, 2, 3)))

    full, empty, image = read_jsonl(reporter.path)[1:]
    assert (full["shape"], full["not_finite"], sum(full["counts"])) == ([2, 2], 1, 3)
    assert (full["low"], full["high"], len(full["edges"])) == (0.0, 4.0, 65)
    assert empty["counts"] == empty["edges"] == []
    assert np.isnan(empty["mean"])
    assert image["shape"] == [2, 3, 1]
    assert base64.b64decode(image["png"]).startswith(b"\x89PNG")


def test_names_of_all_alphabets_stay_one_line(reporter):
    reporter.log_scalars(1, {"Genauigkeit äöü": 1, "精度": 2})

    assert read_jsonl(reporter.path)[-1]["scalars"] == {"Genauigkeit äöü": 1, "精度": 2}


def test_the_history_of_earlier_runs_is_kept(tmp_path):
    runs = []
    for _ in range(2):
        with JSONLinesReporter(log_dir=tmp_path) as reporter:
            reporter.log_scalars(1, {"loss": 1})
        runs.append(reporter.run)

    records = read_jsonl(reporter.path)
    assert [record["run"] for record in records] == [runs[0]] * 3 + [runs[1]] * 3
    assert runs[0] != runs[1]


def test_the_end_says_whether_an_exception_was_it(tmp_path):
    with pytest.raises(KeyError), JSONLinesReporter(log_dir=tmp_path) as reporter:
        raise KeyError

    assert read_jsonl(reporter.path)[-1]["failed"] is True


def test_a_torn_last_line_is_left_out_and_said(reporter):
    reporter.log_scalars(1, {"loss": 1})
    whole = read_jsonl(reporter.path)
    with open(reporter.path, "ab") as file:
        file.write(b'{"kind":"sca')

    with pytest.warns(ReporterWarning, match="read_jsonl: .* ends after 12 bytes with"):
        assert read_jsonl(reporter.path) == whole


def test_every_cut_of_a_file_reads_to_its_last_complete_record(reporter, tmp_path):
    for step in range(3):
        reporter.log_scalars(step, {"ä": step})
    whole, data = read_jsonl(reporter.path), reporter.path.read_bytes()
    cut = tmp_path / "cut.jsonl"
    for length in range(len(data)):
        cut.write_bytes(data[:length])
        records = data[:length].count(b"\n")
        if data[length : length + 1] == b"\n":  # only the newline is missing
            records += 1
            found = read_jsonl(cut)
        elif length == 0 or data[length - 1 : length] == b"\n":
            found = read_jsonl(cut)
        else:
            with pytest.warns(ReporterWarning, match="was left out"):
                found = read_jsonl(cut)

        assert found == whole[:records]


def test_a_record_without_its_newline_is_kept_by_writers_too(tmp_path):
    with JSONLinesReporter(log_dir=tmp_path) as first:
        first.log_scalars(1, {"loss": 1})
    data = first.path.read_bytes()
    first.path.write_bytes(data[:-1])
    JSONLinesReporter(log_dir=tmp_path)

    assert first.path.read_bytes()[: len(data)] == data
    kinds = [record["kind"] for record in read_jsonl(first.path)]
    assert kinds == ["run", "scalars", "end", "run"]


def test_lines_that_end_as_on_windows_are_read(reporter):
    reporter.log_scalars(1, {"loss": 1})
    reporter.path.write_bytes(reporter.path.read_bytes().replace(b"\n", b"\r\n"))

    assert len(read_jsonl(reporter.path)) == 2


def test_a_run_goes_on_under_its_name(tmp_path):
    first = JSONLinesReporter(log_dir=tmp_path, config={"lr": 0.1})
    first.log_scalars(1, {"loss": 1})
    second = JSONLinesReporter(log_dir=tmp_path, run=first.run)
    second.log_scalars(2, {"loss": 1})

    assert second.run == first.run
    assert {record["run"] for record in read_jsonl(first.path)} == {first.run}


@pytest.mark.parametrize(
    ("run", "error"), [(3, TypeError), ("", ValueError), ("a\nb", ValueError)]
)
def test_the_name_of_a_run_is_one_line(tmp_path, run, error):
    with pytest.raises(error, match="JSONLinesReporter: run is "):
        JSONLinesReporter(log_dir=tmp_path / "new", run=run)

    assert not (tmp_path / "new").exists()


def test_settings_that_contain_themselves_are_refused(tmp_path):
    config = {"model": {}}
    config["model"]["parent"] = config

    with pytest.raises(ValueError, match="deeper than 50 levels, or contains itself"):
        JSONLinesReporter(log_dir=tmp_path, config=config)


def test_a_line_that_is_nested_without_end_is_an_error_with_its_number(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("{}\n" + "[" * 100_000 + "\n")

    with pytest.raises(ValueError, match=r"read_jsonl: line 2 of .* object was needed"):
        read_jsonl(path)


@pytest.mark.parametrize("torn", [b'{"kind":"sca', b"x" * 200_000])
def test_a_run_that_is_resumed_repairs_the_end(tmp_path, torn):
    with JSONLinesReporter(log_dir=tmp_path) as first:
        first.log_scalars(1, {"loss": 1})
    with open(first.path, "ab") as file:
        file.write(torn)
    with pytest.warns(ReporterWarning, match=f"a kill; its {len(torn)} bytes were rem"):
        second = JSONLinesReporter(log_dir=tmp_path)
    second.log_scalars(2, {"loss": 1})

    kinds = [record["kind"] for record in read_jsonl(first.path)]
    assert kinds == ["run", "scalars", "end", "run", "scalars"]


def test_a_file_that_is_one_torn_line_becomes_empty(tmp_path):
    (tmp_path / "metrics.jsonl").write_bytes(b'{"kind"')
    with pytest.warns(ReporterWarning, match="its 7 bytes were removed"):
        reporter = JSONLinesReporter(log_dir=tmp_path)

    assert [record["kind"] for record in read_jsonl(reporter.path)] == ["run"]


@pytest.mark.parametrize("line", ["{", "[1]", "", "3", '{"a": 1}{'])
def test_a_broken_line_in_the_middle_is_an_error_with_its_number(tmp_path, line):
    path = tmp_path / "log.jsonl"
    path.write_text(f'{{"kind": "run"}}\n{line}\n{{}}\n', encoding="utf-8")

    with pytest.raises(ValueError, match=r"read_jsonl: line 2 of .* object was needed"):
        read_jsonl(path)


def test_no_file_is_an_error_of_its_own(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_jsonl(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ([("lr", 1)], TypeError, "config is of type list; a dict was needed"),
        ({1: 2}, TypeError, "a name in config is 1 of type int"),
        (
            {"f": print},
            TypeError,
            r"config\['f'\] is <built-in function print> of type",
        ),
        (
            {"a": {"b": [1, {2}]}},
            TypeError,
            r"config\['a'\]\['b'\]\[1\] is \{2\} of type",
        ),
    ],
)
def test_settings_are_checked_before_a_file_is_made(tmp_path, config, error, message):
    with pytest.raises(error, match=f"JSONLinesReporter: {message}"):
        JSONLinesReporter(log_dir=tmp_path / "new", config=config)

    assert not (tmp_path / "new").exists()


def test_a_folder_given_as_name_is_told_where_it_belongs():
    with pytest.raises(
        ValueError, match=r"name is 'runs/first'.*the folder as log_dir"
    ):
        JSONLinesReporter("runs/first")


def test_fsync_reaches_the_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_size))
    reporter = JSONLinesReporter(log_dir=tmp_path, fsync=True)
    reporter.log_scalars(1, {})

    assert len(synced) == 2
    assert synced[-1] == reporter.path.stat().st_size


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_loses_what_comes_and_keeps_what_was(tmp_path):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    reporter.log_scalars(1, {"loss": 1})
    kept = tmp_path / "kept.jsonl"
    reporter.path.rename(kept)
    reporter.path.symlink_to("/dev/full")
    with pytest.warns(ReporterWarning, match="No space left on device"):
        reporter.log_scalars(2, {"loss": 1})
    reporter.path.unlink()
    kept.rename(reporter.path)
    reporter._next_try = 0.0  # the pause after a failure
    reporter.log_scalars(3, {"loss": 1})

    steps = [record.get("step") for record in read_jsonl(reporter.path)]
    assert steps == [None, 1, 3]
    assert reporter.lost == 1


def test_records_can_be_walked_without_holding_the_file(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1}\nbroken\n')
    records = walk_jsonl(path)

    assert next(records) == {"step": 1}  # before the second line is looked at
    with pytest.raises(ValueError, match="line 2"):
        next(records)
