"""The idx reader against files that these tests write byte by byte."""

import gzip
import struct

import numpy as np
import pytest

from pebblegrad.data import read_idx

# type code: (struct's letter, dtype, values at the ends of its range)
TYPES = {
    0x08: ("B", np.uint8, [0, 1, 255]),
    0x09: ("b", np.int8, [-128, -1, 127]),
    0x0B: ("h", np.int16, [-32768, 258, 32767]),
    0x0C: ("i", np.int32, [-(2**31), 66051, 2**31 - 1]),
    0x0D: ("f", np.float32, [-1.5, 0.0, 3.25]),
    0x0E: ("d", np.float64, [-1e300, 0.0, 0.1]),
}


def header(code, *shape):
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape)


@pytest.fixture
def write(tmp_path):
    def write(contents):
        path = tmp_path / "file"
        path.write_bytes(contents)
        return path

    return write


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("code", TYPES)
def test_every_type_comes_back_in_native_order_and_writable(write, code, pack):
    letter, dtype, values = TYPES[code]
    path = write(pack(header(code, 3) + struct.pack(f">3{letter}", *values)))

    array = read_idx(path)

    assert array.dtype == dtype
    assert array.dtype.isnative
    assert array.flags.writeable
    np.testing.assert_array_equal(array, np.array(values, dtype))


@pytest.mark.parametrize(
    "shape", [(1,), (4,), (2, 3), (2, 3, 4), (0,), (0, 28, 28), (3, 0), (1,) * 64]
)
def test_every_shape_comes_back_with_the_last_axis_fastest(write, shape):
    count = int(np.prod(shape))
    path = write(header(8, *shape) + bytes(range(count)))

    array = read_idx(str(path))

    assert array.shape == shape
    assert array.reshape(-1).tolist() == list(range(count))


def test_a_file_of_several_gzip_members_is_read_to_its_end(write):
    path = write(gzip.compress(header(8, 4)) + gzip.compress(b"abcd"))

    assert read_idx(path).tobytes() == b"abcd"


GOOD = header(8, 2, 3) + b"abcdef"
BAD = {
    "empty": (b"", "is not an idx file: it begins with nothing: the file is empty"),
    "short magic": (b"\0\0\x08", "is not an idx file: it begins with 00 00 08; needed"),
    "not idx": (
        b"PK\3\4....",
        "is not an idx file: it begins with 50 4b 03 04; needed",
    ),
    "second byte": (b"\0\1\x08\1", "is not an idx file: it begins with 00 01 08 01"),
    "type": (
        header(0x0A, 1) + b"a",
        "has type 0x0A; needed is one of 0x08 uint8, 0x09 ",
    ),
    "no axes": (header(8) + b"a", "has 0 axes; needed are 1 to 64"),
    "many axes": (b"\0\0\x08\x41" + bytes(4 * 65), "has 65 axes; needed are 1 to 64"),
    "in header": (
        GOOD[:9],
        "ends in its header, after 9 bytes; needed are 12 for 2 axes",
    ),
    "no body": (
        GOOD[:12],
        r"says that it holds shape \(2, 3\) of uint8, 6 bytes; found are 0",
    ),
    "short": (GOOD[:-1], "uint8, 6 bytes; found are 5"),
    "long": (GOOD + b"g", "uint8, 6 bytes; found are more"),
    "huge": (
        header(8, *[2**32 - 1] * 3),
        r"79228162458924105385300197375 bytes; allowed are 4294967296; if that is",
    ),
    "half an element": (header(0x0B, 1) + b"a", "int16, 2 bytes; found are 1"),
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_name_what_was_found_and_needed(
    write, case, pack
):
    contents, said = BAD[case]
    path = write(pack(contents))

    with pytest.raises(ValueError, match=f"read_idx: {path} .*{said}"):
        read_idx(path)


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(write):
    bomb = write(gzip.compress(GOOD + bytes(1 << 26)))

    with pytest.raises(ValueError, match="6 bytes; found are more"):
        read_idx(bomb)


def test_a_header_that_promises_more_than_max_bytes_is_refused(write):
    path = write(GOOD)

    with pytest.raises(ValueError, match=r"6 bytes; allowed are 5; .* raise max_bytes"):
        read_idx(path, max_bytes=5)
    assert read_idx(path, max_bytes=6).shape == (2, 3)


def test_a_header_that_promises_gigabytes_does_not_reserve_them(write):
    path = write(gzip.compress(header(8, 2**32 - 1)))

    with pytest.raises(ValueError, match="4294967295 bytes; found are 0"):
        read_idx(path)


def test_a_cut_gzip_file_is_refused_wherever_it_is_cut(write):
    whole = gzip.compress(GOOD)
    for end in range(2, len(whole)):
        with pytest.raises(ValueError, match=r"read_idx: .* is damaged: its gzip str"):
            read_idx(write(whole[:end]))


def test_no_single_changed_byte_of_a_gzip_file_gets_through(write, rng):
    array = rng.integers(0, 256, (5, 7), dtype=np.uint8)
    whole = gzip.compress(header(8, 5, 7) + array.tobytes(), mtime=0)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(8))
        try:
            found = read_idx(write(bytes(changed)))
        except ValueError as error:
            assert str(error).startswith("read_idx: ")
        else:  # a byte that carries no data: the time, the operating system
            np.testing.assert_array_equal(found, array)


def test_a_missing_file_and_a_folder_are_errors_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_idx(tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match=str(tmp_path)):
        read_idx(tmp_path)
