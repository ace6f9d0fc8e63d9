"""A run for TensorBoard: event files, written here byte by byte.

An event file is a list of records: the length of the data, a checksum of the length,
the data, a checksum of the data. The data is one message of Protocol Buffers, `Event`:
fields in any order, each a number that names the field and its kind, and then the
value. Six kinds of messages are all that scalars, histograms and pictures need, so no
library is: this file imports nothing heavy, and each record is one write, where
TensorBoard's own writer keeps up to two minutes of a run in memory, for a kill to lose.

Reference:
    TensorFlow, "TFRecord and tf.train.Example", section "TFRecords format details",
    https://www.tensorflow.org/tutorials/load_data/tfrecord;
    Protocol Buffers, "Encoding", https://protobuf.dev/programming-guides/encoding/;
    event.proto and summary.proto in tensorboard/compat/proto,
    https://github.com/tensorflow/tensorboard
"""

import itertools
import os
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._append_file import AppendFile
from pebblegrad.loggers._histogram import histogram
from pebblegrad.loggers._image import png
from pebblegrad.loggers._reporter import GuardedReporter, Number

_count = itertools.count()


class TensorBoardReporter(GuardedReporter):
    """A reporter that writes an event file for TensorBoard.

    To look at it: ``pip install tensorboard``, then ``tensorboard --logdir runs``. Each
    reporter makes a file of its own, so that several processes may share a folder, and
    a resumed run goes on in the same curves.

    Numbers are kept as float32, which is what TensorBoard's scalars are.

    Args:
        log_dir: folder of the run, created when missing; TensorBoard shows each folder
            with an event file as a run of its own.
        fsync: whether each record is forced onto the disk before the call returns.

    Attributes:
        path: the event file, absolute.
        lost: number of records that could not be written.

    Raises:
        TypeError: when `log_dir` is not a path.
        OSError: when the folder cannot be created or the file not written.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> with TensorBoardReporter(folder.name) as reporter:
        ...     reporter.log_scalars(10, {"loss": 0.25})
        >>> reporter.path.name  # doctest: +ELLIPSIS
        'events.out.tfevents...'
        >>> folder.cleanup()
    """

    path: Path

    def __init__(self, log_dir: str | os.PathLike[str], *, fsync: bool = False) -> None:
        super().__init__()
        # TensorBoard reads the files of a folder in the order of their names.
        name = f"events.out.tfevents.{int(time.time()):010d}"
        number = next(_count)
        self._file = AppendFile(
            name,
            log_dir,
            f".pebblegrad.{os.getpid()}.{number}",
            fsync=fsync,
            who="TensorBoardReporter",
        )
        self.path = self._file.path
        self._write([_bytes(3, b"brain.Event:2")])  # file_version

    def write_scalars(self, step: int, scalars: dict[str, Number]) -> None:
        """Write one event with a value for each number."""
        values = []
        for name, number in scalars.items():
            with np.errstate(over="ignore"):  # beyond float32 is inf, and is shown so
                single = float(np.float32(number))
            values.append((name, "scalars", _field(2, 5) + struct.pack("<f", single)))
        self._write_summary(step, values)

    def write_image(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Write a picture as the PNG file inside of an event."""
        height, width, channels = pixels.shape
        image = _integer(1, height) + _integer(2, width) + _integer(3, channels)
        image += _bytes(4, png(pixels))
        self._write_summary(step, [(name, "images", _bytes(4, image))])

    def write_histogram(self, step: int, name: str, values: NDArray[Any]) -> None:
        """Write moments, and counts with the upper end of each bin."""
        of = histogram(values)
        if of.counts.size == 0:
            return  # no finite values: there is nothing that TensorBoard could draw
        message = b"".join(
            _double(index, number)
            for index, number in enumerate(
                (of.low, of.high, of.counts.sum(), of.total, of.squares), start=1
            )
        )
        # A bin ends at its limit and begins where the one before ended.
        message += _bytes(6, of.edges[1:].astype("<f8").tobytes())
        message += _bytes(7, of.counts.astype("<f8").tobytes())
        self._write_summary(step, [(name, "histograms", _bytes(5, message))])

    def _write_summary(self, step: int, values: list[tuple[str, str, bytes]]) -> None:
        """Write values, each of a name, a plugin of TensorBoard and a field."""
        summary = b""
        for name, plugin, content in values:
            metadata = _bytes(1, _bytes(1, plugin.encode()))
            tag = _bytes(1, name.encode())
            summary += _bytes(1, tag + _bytes(9, metadata) + content)
        self._write([_integer(2, step), _bytes(5, summary)])

    def _write(self, fields: list[bytes]) -> None:
        event = _double(1, time.time()) + b"".join(fields)
        with self._file.locked() as descriptor:
            self._file.write(descriptor, record(event))


def record(data: bytes) -> bytes:
    """Frame the bytes of a message, as they stand in an event file."""
    length = struct.pack("<Q", len(data))
    return length + _masked_checksum(length) + data + _masked_checksum(data)


def _field(number: int, kind: int) -> bytes:
    """Encode what stands before a value: the field's number and its kind."""
    return _varint(number << 3 | kind)


def _varint(value: int) -> bytes:
    """Encode seven bits a byte, the lowest first; the top bit says that more follow."""
    value &= 2**64 - 1  # a negative number is its two's complement
    parts = []
    while value >= 128:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _integer(number: int, value: int) -> bytes:
    return _field(number, 0) + _varint(value)


def _double(number: int, value: float) -> bytes:
    return _field(number, 1) + struct.pack("<d", value)


def _bytes(number: int, value: bytes) -> bytes:
    return _field(number, 2) + _varint(len(value)) + value


def _crc_table() -> list[int]:
    """The remainders of CRC-32C, the Castagnoli polynomial, for each byte."""
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
        table.append(remainder)
    return table


TABLE = _crc_table()


def checksum(data: bytes) -> int:
    """CRC-32C of some bytes, which the standard library lacks.

    Example:
        >>> hex(checksum(b"123456789"))
        '0xe3069283'
    """
    table, remainder = TABLE, 0xFFFFFFFF
    for byte in data:
        remainder = table[(remainder ^ byte) & 255] ^ remainder >> 8
    return remainder ^ 0xFFFFFFFF


def _masked_checksum(data: bytes) -> bytes:
    """The form in a record: rotated, plus a constant, so that none is its own."""
    value = checksum(data)
    masked = ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return struct.pack("<I", masked)
