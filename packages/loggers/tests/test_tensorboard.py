"""The bytes of event files; `tests_extras` shows that TensorBoard reads them."""

import struct
import subprocess
import sys

import numpy as np
import pytest

from pebblegrad.loggers import TensorBoardReporter
from pebblegrad.loggers._tensorboard import _varint, checksum, record


def events(path):
    """Part an event file into messages, checking every checksum."""
    data, messages = path.read_bytes(), []
    while data:
        (length,) = struct.unpack_from("<Q", data)
        message, data_after = data[12 : 12 + length], data[16 + length :]
        assert record(message) == data[: 16 + length]
        messages.append(message)
        data = data_after
    return messages


# RFC 3720, appendix B.4: CRC-32C of 32 bytes each.
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"", 0),
    ],
)
def test_checksums_are_those_of_the_standard(data, expected):
    assert checksum(data) == expected


# 300 is the example of the specification of Protocol Buffers.
@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, b"\0"), (127, b"\x7f"), (300, b"\xac\x02"), (-1, b"\xff" * 9 + b"\x01")],
)
def test_whole_numbers_have_seven_bits_a_byte(value, expected):
    assert _varint(value) == expected


def test_a_file_begins_with_its_version_and_holds_a_message_a_record(tmp_path):
    with TensorBoardReporter(tmp_path / "run") as reporter:
        reporter.log_scalars(3, {"loss": 0.5})

    first, second = events(reporter.path)
    assert first[9:] == b"\x1a\x0dbrain.Event:2"
    assert second[9:11] == b"\x10\x03"  # step
    assert b"\x0a\x04loss" in second
    assert second.endswith(b"\x15" + struct.pack("<f", 0.5))


def test_each_reporter_has_a_file_of_its_own(tmp_path):
    reporters = [TensorBoardReporter(tmp_path) for _ in range(3)]

    assert len({reporter.path for reporter in reporters}) == 3


def test_a_step_of_more_than_64_bits_is_an_error_and_no_broken_file(tmp_path):
    reporter = TensorBoardReporter(tmp_path)

    with pytest.raises(ValueError, match="a whole number of 64 bits was needed"):
        reporter.log_scalars(2**63, {"loss": 1})
    assert len(events(reporter.path)) == 1


def test_no_finite_values_are_no_record(tmp_path):
    reporter = TensorBoardReporter(tmp_path)
    reporter.log_histogram(1, "w", [np.nan])
    reporter.log_histogram(1, "w", [])

    assert len(events(reporter.path)) == 1
    assert reporter.lost == 0


def test_tensorboard_itself_is_not_imported(tmp_path):
    program = (
        "import sys; from pebblegrad.loggers import TensorBoardReporter\n"
        f"TensorBoardReporter({str(tmp_path)!r}).log_scalars(1, {{'loss': 1}})\n"
        "sys.exit('tensorboard' in sys.modules or 'google' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=60)

    assert done.returncode == 0


def test_a_log_dir_is_a_path():
    with pytest.raises(
        TypeError, match="TensorBoardReporter: log_dir is 3 of type int"
    ):
        TensorBoardReporter(3)
