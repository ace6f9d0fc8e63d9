import math
import os
import sys
from datetime import datetime

import numpy as np
import pytest

from pebblegrad.loggers import InferenceLogger, TrainingLogger

SAMPLE = """\
================================================================================
RUN: 2026-02-01 23:37:39
================================================================================

[EPOCH 0 - FORWARD PASS]
Timestamp: 2026-02-01 23:37:39.500

Input:
  Shape: (3, 1)
  Values: [1.000000, 2.000000, 3.000000]

Output:
  Shape: (1,)
  Values: [1.351878]

[EPOCH 0 - BACKWARD PASS]
Timestamp: 2026-02-01 23:37:39.500

Loss: 18.686244

Parameters and Gradients:

  weight:
    Shape: (1, 1)
    Values: [0.496714]
    Gradient shape: (1, 1)
    Gradient values: [-18.583725]
"""


def first_epoch_of_the_sample():
    """y = 2x + 1 on x = 1, 2, 3, one sample at a time; loss and gradient are means."""
    legacy = np.random.RandomState(42)
    weight, bias = legacy.randn(2)
    x = np.array([[1.0], [2.0], [3.0]])
    loss, gradient = 0.0, np.zeros((1, 1))
    for (sample,) in x:
        prediction = np.array([weight * sample + bias])
        error = prediction.item() - (2 * sample + 1)
        loss += error**2 / 3
        gradient += 2 * error * sample / 3
    return x, prediction, loss, {"weight": (np.array([[weight]]), gradient)}


def lines_after(logger, line):
    lines = logger.path.read_text().splitlines()
    return lines[lines.index(line) + 1 :]


def test_the_documented_sample_is_reproduced_digit_for_digit(tmp_path, clock):
    logger = TrainingLogger("my_model", tmp_path, clock=clock)
    logger.log_epoch(0, *first_epoch_of_the_sample())

    assert logger.path.read_text() == SAMPLE


def test_keywords_tensors_and_positional_arrays_give_the_same_text(
    tmp_path, clock, tensor
):
    x, output, loss, parameters = first_epoch_of_the_sample()
    value, gradient = parameters["weight"]
    logger = TrainingLogger(name="my_model", log_dir=str(tmp_path), clock=clock)
    logger.log_epoch(
        epoch=np.int64(0),
        input_data=tensor(x),
        output=tensor(output),
        loss=tensor([[loss]]),
        parameters={"weight": (tensor(value), tensor(gradient))},
    )

    assert logger.path.read_text() == SAMPLE


def test_bytes_are_the_same_on_every_system(tmp_path, clock):
    logger = TrainingLogger("my_model", tmp_path, clock=clock)
    logger.log_epoch(0, *first_epoch_of_the_sample())

    assert logger.path.read_bytes() == SAMPLE.encode("ascii")


def test_a_new_run_keeps_the_history_of_earlier_ones(tmp_path, clock):
    for _ in range(2):
        logger = TrainingLogger("my_model", tmp_path, clock=clock)
        logger.log_epoch(0, *first_epoch_of_the_sample())

    assert logger.path.read_text() == f"{SAMPLE}\n{SAMPLE}"


def test_a_run_has_one_header_and_blank_lines_between_records(tmp_path, clock):
    logger = TrainingLogger("my_model", tmp_path, clock=clock)
    logger.log_epoch(0, *first_epoch_of_the_sample())
    logger.log_epoch(1, *first_epoch_of_the_sample())

    record = SAMPLE.partition("\n\n")[2].replace("EPOCH 0", "EPOCH 1")
    assert logger.path.read_text() == f"{SAMPLE}\n{record}"


def test_the_header_bears_the_start_of_the_run_and_waits_for_a_record(tmp_path):
    times = iter(
        [datetime(2026, 1, 1, 8, 0, 0), datetime(2026, 1, 1, 9, 30, 0, 123_999)]
    )
    logger = TrainingLogger("run", tmp_path, clock=lambda: next(times))
    before = logger.path.read_text()
    logger.log_epoch(7, 1.0, 2.0, 3.0)

    assert before == ""
    assert logger.path.read_text().splitlines()[1:6] == [
        "RUN: 2026-01-01 08:00:00",
        "=" * 80,
        "",
        "[EPOCH 7 - FORWARD PASS]",
        "Timestamp: 2026-01-01 09:30:00.123",
    ]


def test_the_folder_is_created_and_a_later_chdir_does_not_split_the_log(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    logger = TrainingLogger("run", "deep/logs")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    logger.log_epoch(0, 1.0, 2.0, 3.0)

    assert logger.path == tmp_path / "deep" / "logs" / "run.log"
    assert "Loss: 3.000000" in logger.path.read_text()


def test_what_fits_a_line_or_two_is_printed_in_full(tmp_path):
    logger = TrainingLogger("run", tmp_path)
    logger.log_epoch(0, np.zeros((8, 2)), 0.0, 0.0)

    values = lines_after(logger, "  Shape: (8, 2)")[0]
    assert values.count("0.000000") == 16
    assert "more" not in values


def test_what_makes_a_line_endless_is_counted(tmp_path):
    logger = TrainingLogger("run", tmp_path)
    logger.log_epoch(0, np.arange(1000.0).reshape(10, 100), 0.0, 0.0)

    values = lines_after(logger, "  Shape: (10, 100)")[0]
    assert values.startswith("  Values: [0.000000, 1.000000, 2.000000, ")
    assert values.endswith(", 15.000000, ... 984 more]")


def test_an_epoch_of_a_small_network_is_a_page_and_not_a_book(tmp_path):
    logger = TrainingLogger("run", tmp_path)
    parameters = {
        "0.weight": (np.ones((128, 784)), np.ones((128, 784))),
        "0.bias": (np.ones(128), np.ones(128)),
        "2.weight": (np.ones((10, 128)), np.ones((10, 128))),
        "2.bias": (np.ones(10), np.ones(10)),
    }
    logger.log_epoch(0, np.ones((64, 784)), np.ones((64, 10)), 1.0, parameters)

    assert logger.path.stat().st_size < 3000


def test_max_values_none_prints_all_and_transposes_print_in_row_order(tmp_path):
    logger = TrainingLogger("all", tmp_path, max_values=None)
    logger.log_epoch(0, np.arange(1000.0).reshape(10, 100), np.eye(2, 3).T, 0.0)
    few = InferenceLogger("few", tmp_path, max_values=2)
    few.log_inference(0, np.array([[1, 2], [3, 4]]).T, 0.0)

    assert lines_after(logger, "  Shape: (10, 100)")[0].endswith(", 999.000000]")
    assert lines_after(few, "  Shape: (2, 2)")[0] == (
        "  Values: [1.000000, 3.000000, ... 2 more]"
    )


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (2.5, "()", "[2.500000]"),
        (np.array(2.5), "()", "[2.500000]"),
        (np.float32(0.1), "()", "[0.100000]"),
        ([], "(0,)", "[]"),
        (np.zeros((0, 3)), "(0, 3)", "[]"),
        ([1, -2], "(2,)", "[1.000000, -2.000000]"),
        ([True, False], "(2,)", "[True, False]"),
        ([-0.0, -1e-9], "(2,)", "[-0.000000, -0.000000]"),
        (123456789.125, "()", "[123456789.125000]"),
        ([1e16, -1e300], "(2,)", "[1.000000e+16, -1.000000e+300]"),
        (np.uint64(2**64 - 1), "()", "[1.844674e+19]"),
        ([np.nan, np.inf, -np.inf], "(3,)", "[nan, inf, -inf]"),
        (1 - 2j, "()", "[1.000000-2.000000j]"),
    ],
)
def test_values_are_flattened_and_have_six_decimals(tmp_path, value, shape, text):
    logger = InferenceLogger("run", tmp_path)
    logger.log_inference(0, value, 0.0)

    assert lines_after(logger, "Input:")[:2] == [
        f"  Shape: {shape}",
        f"  Values: {text}",
    ]


def test_number_format_shows_what_six_decimals_hide(tmp_path):
    logger = TrainingLogger("run", tmp_path, number_format=".3e")
    logger.log_epoch(0, 1, True, 0.5, {"w": (1e-9, -2.5e-12)})

    text = logger.path.read_text()
    assert "Values: [1.000e+00]" in text
    assert "Values: [True]" in text
    assert "Loss: 5.000e-01" in text
    assert "Gradient values: [-2.500e-12]" in text


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (18, "18.000000"),
        (np.float32(0.25), "0.250000"),
        (np.array([[0.25]]), "0.250000"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_a_loss_is_any_one_number(tmp_path, loss, text):
    logger = TrainingLogger("run", tmp_path)
    logger.log_epoch(0, 1.0, 2.0, loss)

    assert logger.path.read_text().endswith(f"\n\nLoss: {text}\n")


def test_several_parameters_are_set_apart_and_a_missing_gradient_is_said(tmp_path):
    logger = TrainingLogger("run", tmp_path)
    logger.log_epoch(0, 1.0, 2.0, 3.0, {"a": (1.0, None), "b.weight": ([2.0], [4.0])})

    assert lines_after(logger, "Parameters and Gradients:") == [
        "",
        "  a:",
        "    Shape: ()",
        "    Values: [1.000000]",
        "    Gradient: none (not computed, or cleared before it was logged)",
        "",
        "  b.weight:",
        "    Shape: (1,)",
        "    Values: [2.000000]",
        "    Gradient shape: (1,)",
        "    Gradient values: [4.000000]",
    ]


def test_updates_are_differences_to_the_last_record_of_that_name(tmp_path):
    logger = TrainingLogger("run", tmp_path, updates=True)
    weight = np.array([1.0, 2.0], dtype=np.float32)
    logger.log_epoch(0, 0.0, 0.0, 0.0, {"w": (weight, None)})
    weight += [0.5, -0.25]  # optimizers write in place: the logger keeps a copy
    logger.log_epoch(1, 0.0, 0.0, 0.0, {"other": (np.uint8(3), None)})
    logger.log_epoch(
        2, 0.0, 0.0, 0.0, {"w": (weight, weight), "other": (np.uint8(1), None)}
    )
    logger.log_epoch(3, 0.0, 0.0, 0.0, {"w": (weight[:1], None)})

    first, second, third, fourth = logger.path.read_text().split("PASS]")[2::2]
    assert first.endswith(
        "    Update: none (first record of this parameter)\n\n[EPOCH 1 - FORWARD "
    )
    assert "Update: none (first record of this parameter)" in second
    assert (
        "    Gradient values: [1.500000, 1.750000]\n"
        "    Update shape: (2,)\n"
        "    Update values: [0.500000, -0.250000]\n"
    ) in third
    assert "Update values: [-2.000000]" in third
    assert "Update: none (the shape was (2,) in its last record)" in fourth


def test_a_record_that_failed_is_not_the_one_to_compare_with(tmp_path):
    logger = TrainingLogger("run", tmp_path, updates=True)
    logger.log_epoch(0, 0.0, 0.0, 0.0, {"w": (1.0, None)})
    logger.path.unlink()
    logger.path.mkdir()
    with pytest.raises(OSError, match="cannot be appended to"):
        logger.log_epoch(1, 0.0, 0.0, 0.0, {"w": (2.0, None)})
    logger.path.rmdir()
    logger.log_epoch(2, 0.0, 0.0, 0.0, {"w": (4.0, None)})

    assert "Update values: [3.000000]" in logger.path.read_text()


def test_an_infinite_weight_gives_no_warning(tmp_path):
    logger = TrainingLogger("run", tmp_path, updates=True)
    for epoch in range(2):
        logger.log_epoch(epoch, 0.0, 0.0, 0.0, {"w": (np.inf, None)})

    assert "Update values: [nan]" in logger.path.read_text()


def test_inference_is_logged_as_a_forward_pass(tmp_path, clock, tensor):
    logger = InferenceLogger("my_model", tmp_path, clock=clock)
    logger.log_inference(step=3, input_data=tensor([[1.0]]), output=[2, 3])

    assert logger.path.read_text() == (
        SAMPLE.partition("[")[0]
        + "[STEP 3 - FORWARD PASS]\n"
        + "Timestamp: 2026-02-01 23:37:39.500\n\n"
        + "Input:\n  Shape: (1, 1)\n  Values: [1.000000]\n\n"
        + "Output:\n  Shape: (2,)\n  Values: [2.000000, 3.000000]\n"
    )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"epoch": 0.5}, TypeError, "log_epoch: epoch is 0.5 of type float; a whole"),
        (
            {"input_data": None},
            TypeError,
            "input_data is of type NoneType and holds no",
        ),
        (
            {"input_data": "abc"},
            TypeError,
            "input_data is of type str and holds no num",
        ),
        ({"output": [[1], [1, 2]]}, TypeError, "output is of type list and cannot be"),
        ({"loss": [1.0, 2.0]}, ValueError, r"loss has shape \(2,\); one number was"),
        ({"loss": []}, ValueError, r"loss has shape \(0,\); one number was needed"),
        ({"loss": 1j}, TypeError, "loss is complex"),
        ({"loss": "low"}, TypeError, "loss is of type str and holds no numbers"),
        (
            {"parameters": [1.0]},
            TypeError,
            "parameters is of type list; a dict of name",
        ),
        ({"parameters": {0: (1, 1)}}, TypeError, "has the key 0 of type int; a name"),
        (
            {"parameters": {"a\nb": (1, 1)}},
            ValueError,
            r"key 'a\\nb'; a name of one line",
        ),
        (
            {"parameters": {"w": np.eye(2)}},
            TypeError,
            r"parameters\['w'\] is a ndarray alone; a tuple \(value, gradient\) was",
        ),
        ({"parameters": {"w": [1.0, 2.0]}}, TypeError, "is a list alone"),
        ({"parameters": {"w": (1, 2, 3)}}, TypeError, "is a tuple of 3; a tuple"),
        (
            {"parameters": {"w": (None, 1.0)}},
            TypeError,
            r"\['w'\]: the value is of type",
        ),
        ({"parameters": {"w": (1.0, "x")}}, TypeError, r"\['w'\]: the gradient is of"),
    ],
)
def test_bad_input_is_named_before_anything_is_written(
    tmp_path, change, error, message
):
    logger = TrainingLogger("run", tmp_path)
    good = {"epoch": 0, "input_data": 1.0, "output": 1.0, "loss": 1.0}
    with pytest.raises(error, match=message):
        logger.log_epoch(**(good | change))

    assert logger.path.read_bytes() == b""


def test_a_tensor_that_refuses_is_quoted(tmp_path):
    class Refusing:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("it lives on another device")

    logger = InferenceLogger("run", tmp_path)
    with pytest.raises(TypeError, match=r"log_inference: output .*another device"):
        logger.log_inference(0, 1.0, Refusing())
    with pytest.raises(TypeError, match="log_inference: step is None of type NoneType"):
        logger.log_inference(None, 1.0, 1.0)

    assert logger.path.read_bytes() == b""


@pytest.mark.parametrize("logger", [TrainingLogger, InferenceLogger])
@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", "../up", "a\nb", "a\0b"])
def test_a_name_is_a_plain_file_name(tmp_path, logger, name):
    with pytest.raises(ValueError, match=f"{logger.__name__}: name is .*needed, such"):
        logger(name, tmp_path / "logs")

    assert list(tmp_path.iterdir()) == []


def test_a_name_is_a_string(tmp_path):
    with pytest.raises(TypeError, match="TrainingLogger: name is of type int; a file"):
        TrainingLogger(3, tmp_path)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"max_values": 0},
            ValueError,
            "max_values: 0 was given; at least 1 was needed",
        ),
        (
            {"max_values": 1.5},
            TypeError,
            "max_values is 1.5 of type float; a whole number",
        ),
        (
            {"max_values": True},
            TypeError,
            "max_values is True of type bool; a whole number",
        ),
        (
            {"number_format": "6d"},
            ValueError,
            "number_format: '6d' was given; a format",
        ),
        ({"number_format": 6}, TypeError, "number_format: 6 was given; a format spec"),
    ],
)
def test_options_are_checked_at_once(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        TrainingLogger("run", tmp_path, **options)


@pytest.mark.parametrize("limit", [np.int64(2), np.uint8(2), np.array(2)])
def test_numbers_of_numpy_are_numbers_for_options(tmp_path, limit):
    logger = InferenceLogger("run", tmp_path, max_values=limit)
    logger.log_inference(np.int32(7), [1, 2, 3], np.float32(0.5))

    assert "[STEP 7 - " in logger.path.read_text()
    assert "Values: [1.000000, 2.000000, ... 1 more]" in logger.path.read_text()


def test_fsync_reaches_the_disk_before_the_call_returns(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_size))
    logger = TrainingLogger("run", tmp_path, fsync=True)
    logger.log_epoch(0, 1.0, 2.0, 3.0)
    InferenceLogger("quick", tmp_path).log_inference(0, 1.0, 2.0)

    assert synced == [logger.path.stat().st_size]


def test_a_log_dir_is_a_path(tmp_path):
    with pytest.raises(TypeError, match="TrainingLogger: log_dir is None of type None"):
        TrainingLogger("run", None)
    with pytest.raises(
        ValueError, match=r"TrainingLogger: log_dir is .* null bytes was"
    ):
        TrainingLogger("run", "a\0b")


def test_a_log_dir_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match=r"TrainingLogger: log_dir .* \(it is a file\)"):
        TrainingLogger("run", tmp_path / "file")
    with pytest.raises(NotADirectoryError, match=r"log_dir .* cannot be used"):
        TrainingLogger("run", tmp_path / "file" / "below")


def test_a_folder_in_the_place_of_the_log_is_refused_at_once(tmp_path):
    (tmp_path / "run.log").mkdir()

    with pytest.raises(
        OSError, match="InferenceLogger: the file cannot be appended to"
    ):
        InferenceLogger("run", tmp_path)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0,
    reason="needs a user without privilege",
)
def test_a_read_only_folder_is_refused_at_once(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(PermissionError, match="the file cannot be appended to"):
        TrainingLogger("run", tmp_path)
