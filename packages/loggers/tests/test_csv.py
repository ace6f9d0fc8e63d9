import csv
import os

import numpy as np
import pytest

from pebblegrad.loggers import CSVReporter, ReporterWarning, read_csv


def rows(reporter):
    with open(reporter.path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def without_run_and_time(table):
    return [[row[1], *row[3:]] for row in table]


@pytest.fixture
def reporter(tmp_path, clock):
    return CSVReporter(log_dir=tmp_path, clock=clock)


def test_a_row_a_step_and_a_column_a_name(reporter):
    reporter.log_scalars(1, {"loss": 0.5, "accuracy": 1})
    reporter.log_scalars(2, {"accuracy": 0.75})

    assert without_run_and_time(rows(reporter)) == [
        ["step", "loss", "accuracy"],
        ["1", "0.5", "1"],
        ["2", "", "0.75"],
    ]
    assert rows(reporter)[1][0] == reporter.run


def test_a_new_column_keeps_all_earlier_rows(reporter):
    for step in range(50):
        reporter.log_scalars(step, {"loss": step})
    os.chmod(reporter.path, 0o640)
    reporter.log_scalars(50, {"validation, loss": 3, 'a "word"': 4})
    reporter.log_scalars(51, {"loss": 51})

    table = without_run_and_time(rows(reporter))
    assert table[0] == ["step", "loss", "validation, loss", 'a "word"']
    assert table[1:51] == [[str(step), str(step), "", ""] for step in range(50)]
    assert table[51:] == [["50", "", "3", "4"], ["51", "51", "", ""]]
    assert reporter.path.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in reporter.path.parent.iterdir()] == ["metrics.csv"]


def test_a_new_column_leaves_a_link_in_its_place(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "metrics.csv").symlink_to(tmp_path / "real" / "table.csv")
    reporter = CSVReporter(log_dir=tmp_path)
    reporter.log_scalars(1, {"a": 1})
    reporter.log_scalars(2, {"b": 2})

    assert reporter.path.is_symlink()
    assert len(read_csv(tmp_path / "real" / "table.csv")["b"]) == 2


def test_a_rewrite_that_fails_leaves_the_table(reporter, monkeypatch):
    reporter.log_scalars(1, {"a": 1})
    before = reporter.path.read_bytes()

    def fail(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.warns(ReporterWarning, match="No space left"):
        reporter.log_scalars(2, {"b": 2})
    monkeypatch.undo()
    after = reporter.path.read_bytes()
    reporter._next_try = 0.0
    reporter.log_scalars(3, {"b": 3})

    assert after == before
    assert [path.name for path in reporter.path.parent.iterdir()] == ["metrics.csv"]
    assert read_csv(reporter.path)["step"].tolist() == [1, 3]


def test_a_new_column_reaches_the_disk_before_it_gets_its_name(reporter, monkeypatch):
    done = []
    replace = os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: done.append(os.fstat(fd).st_size))
    monkeypatch.setattr(
        os, "replace", lambda *names: (done.append("named"), replace(*names))
    )
    reporter.log_scalars(1, {"a": 1})
    reporter.log_scalars(2, {"b": 1})

    assert done == [reporter.path.stat().st_size, "named"]


def test_a_table_that_a_spreadsheet_saved_goes_on(tmp_path):
    with CSVReporter(log_dir=tmp_path) as first:
        first.log_scalars(1, {"loss": 0.5})
        first.log_scalars(2, {"loss": 0.25})
    first.path.write_bytes(first.path.read_bytes().replace(b"\n", b"\r\n"))
    second = CSVReporter(log_dir=tmp_path)
    second.log_scalars(3, {"loss": 0.125})
    second.log_scalars(4, {"accuracy": 1})

    found = read_csv(second.path)
    np.testing.assert_array_equal(found["loss"], [0.5, 0.25, 0.125, np.nan])
    np.testing.assert_array_equal(found["accuracy"], [np.nan] * 3 + [1])
    assert b"\r" not in second.path.read_bytes()


def test_a_run_goes_on_under_its_name(tmp_path):
    first = CSVReporter(log_dir=tmp_path)
    first.log_scalars(1, {"loss": 1})
    CSVReporter(log_dir=tmp_path, run=first.run).log_scalars(2, {"loss": 1})

    assert read_csv(first.path)["run"].tolist() == [first.run] * 2
    with pytest.raises(TypeError, match="CSVReporter: run is 3 of type int"):
        CSVReporter(log_dir=tmp_path, run=3)


def test_two_reporters_on_one_file_see_each_others_columns(tmp_path):
    first, second = CSVReporter(log_dir=tmp_path), CSVReporter(log_dir=tmp_path)
    first.log_scalars(1, {"a": 1})
    second.log_scalars(1, {"b": 2})
    first.log_scalars(2, {"a": 3})
    second.log_scalars(2, {"a": 4, "c": 5})

    found = read_csv(first.path)
    np.testing.assert_array_equal(found["a"], [1, np.nan, 3, 4])
    np.testing.assert_array_equal(found["b"], [np.nan, 2, np.nan, np.nan])
    np.testing.assert_array_equal(found["c"], [np.nan, np.nan, np.nan, 5])
    assert set(found["run"]) == {first.run, second.run}


def test_numbers_come_back_digit_for_digit(reporter):
    numbers = {"a": 0.1 + 0.2, "b": 5e-324, "c": 1e308, "d": -np.inf, "e": np.nan}
    reporter.log_scalars(-7, numbers)

    found = read_csv(reporter.path)
    assert found["step"].dtype.kind == "i"
    assert found["step"].tolist() == [-7]
    for name, value in numbers.items():
        np.testing.assert_array_equal(found[name], [value])


def test_an_epoch_is_its_loss_and_pictures_have_no_place(reporter):
    reporter.log_image(1, "picture", np.zeros((2, 2)))
    reporter.log_histogram(1, "w", [1.0])
    reporter.log_epoch(1, [1.0], [1.0], 0.5, {"w": ([1.0], [1.0])})

    assert without_run_and_time(rows(reporter)) == [["step", "loss"], ["1", "0.5"]]
    assert reporter.lost == 0


def test_a_torn_last_row_is_left_out_by_readers_and_removed_by_writers(tmp_path):
    with CSVReporter(log_dir=tmp_path) as first:
        first.log_scalars(1, {"loss": 0.5})
        first.log_scalars(2, {"loss": 0.25})
    data = first.path.read_bytes()
    first.path.write_bytes(data[:-3])
    with pytest.warns(
        ReporterWarning, match="read_csv: the last line .* without a new"
    ):
        found = read_csv(first.path)
    second = CSVReporter(log_dir=tmp_path)
    with pytest.warns(ReporterWarning, match="had been cut off by a kill"):
        second.log_scalars(3, {"loss": 0.125})

    assert found["loss"].tolist() == [0.5]
    assert read_csv(first.path)["loss"].tolist() == [0.5, 0.125]


def test_a_torn_header_is_written_anew(tmp_path):
    (tmp_path / "metrics.csv").write_text("run,st")
    reporter = CSVReporter(log_dir=tmp_path)
    with pytest.warns(ReporterWarning, match="its 6 bytes were removed"):
        reporter.log_scalars(1, {"loss": 1})

    assert read_csv(reporter.path)["loss"].tolist() == [1]


def test_a_table_of_others_is_refused_and_left_alone(tmp_path):
    (tmp_path / "metrics.csv").write_text("epoch,loss\n1,2\n")

    with pytest.raises(ValueError, match=r"CSVReporter: .* 'epoch,loss\\n'; one that"):
        CSVReporter(log_dir=tmp_path)
    with pytest.raises(ValueError, match=r"read_csv: the first line .*'epoch', 'loss'"):
        read_csv(tmp_path / "metrics.csv")
    assert (tmp_path / "metrics.csv").read_text() == "epoch,loss\n1,2\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,1,2", r"line 2 of .* has 3 cells; 4 were needed"),
        ("a,1,2,3,4", r"line 2 of .* has 5 cells; 4 were needed"),
        ("a,1,2,much", r"line 2 of .* has 'much' in the column 'loss'; a number"),
        ("a,1.5,2,3", r"has '1.5' in the column 'step'"),
        ("", r"line 2 of .* has 0 cells"),
    ],
)
def test_a_broken_row_is_an_error_with_its_number(tmp_path, row, message):
    path = tmp_path / "log.csv"
    path.write_text(f"run,step,time,loss\n{row}\n")

    with pytest.raises(ValueError, match=f"read_csv: .*{message}"):
        read_csv(path)


@pytest.mark.parametrize("row", ["a,1,2,3\r4", f"a,1,2,{'3' * 200_000}"])
def test_what_is_no_row_of_a_table_is_an_error_with_its_number(tmp_path, row):
    path = tmp_path / "log.csv"
    path.write_bytes(f"run,step,time,loss\n{row}\n".encode())

    with pytest.raises(
        ValueError, match=r"read_csv: line 2 of .* is no row of a table"
    ):
        read_csv(path)
    path.write_bytes(f"run,step,time,{row}\nb,1,2,3\n".encode())
    with pytest.raises(ValueError, match=r"CSVReporter: line 1 of .* is no row of a"):
        CSVReporter("log", tmp_path)


def test_an_empty_table_has_no_columns(reporter):
    assert read_csv(reporter.path) == {}
