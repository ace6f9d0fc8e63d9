"""The idx reader against files that these tests write byte by byte."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pebblegrad.data import read_idx, write_idx

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
    "sizes that overflow beside a zero": (
        header(8, 0, *[2**32 - 1] * 2),
        r"shape \(0, 4294967295, 4294967295\) of uint8, 0 bytes; needed are axes who",
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


@pytest.mark.parametrize("limit", [1.5, "1", None, True])
def test_a_limit_that_is_not_an_integer_is_refused(write, limit):
    with pytest.raises(TypeError, match=f"read_idx: max_bytes is {limit!r}; needed is"):
        read_idx(write(GOOD), max_bytes=limit)


def test_a_negative_limit_is_refused(write):
    with pytest.raises(ValueError, match="read_idx: max_bytes is -1; needed is at lea"):
        read_idx(write(GOOD), max_bytes=-1)


ARRAYS = st.sampled_from([dtype for _, dtype, _ in TYPES.values()]).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=4)
    )
)


@given(array=ARRAYS, name=st.sampled_from(["plain", "packed.gz"]))
def test_what_is_written_is_read_back_bit_for_bit(tmp_path_factory, array, name):
    path = tmp_path_factory.getbasetemp() / name

    write_idx(path, array)
    found = read_idx(path)

    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()  # NaN and -0.0 too


def test_any_layout_and_byte_order_may_be_written(tmp_path, rng):
    array = rng.integers(-9, 9, (4, 6), dtype=np.int16)
    frozen = array.astype(">i2")
    frozen.flags.writeable = False
    for number, given_ in enumerate((array.T.copy().T, array[::-1, ::2], frozen)):
        write_idx(tmp_path / str(number), given_)

        found = read_idx(tmp_path / str(number))

        np.testing.assert_array_equal(found, given_)
        assert found.dtype == np.int16


def test_writing_gives_the_published_bytes_and_the_same_each_time(tmp_path):
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    for name in ("plain", "first.gz", "second.gz"):
        write_idx(tmp_path / name, array)

    plain, first, second = (
        (tmp_path / name).read_bytes() for name in ("plain", "first.gz", "second.gz")
    )
    assert plain == header(8, 2, 3) + bytes(range(6))
    assert first == second
    assert gzip.decompress(first) == plain


@pytest.mark.parametrize("dtype", [np.int64, bool, np.float16, complex, "U3", object])
def test_a_dtype_that_the_format_lacks_is_not_written(tmp_path, dtype):
    with pytest.raises(TypeError, match=r"write_idx: array has dtype .*; needed is on"):
        write_idx(tmp_path / "file", np.zeros(2, dtype))
    assert list(tmp_path.iterdir()) == []


def test_a_number_without_axes_is_not_written(tmp_path):
    with pytest.raises(
        ValueError, match=r"write_idx: array has shape \(\); needed are"
    ):
        write_idx(tmp_path / "file", np.uint8(3))


def test_an_axis_too_long_for_the_format_is_not_written(tmp_path):
    endless = np.lib.stride_tricks.as_strided(
        np.zeros(1, np.uint8), shape=(2**32, 1), strides=(0, 1)
    )

    with pytest.raises(ValueError, match="needed are axes of at most 4294967295"):
        write_idx(tmp_path / "file", endless)


def test_an_old_file_stays_when_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_idx(path, np.uint8([1]))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_idx(path, np.uint8([2]))

    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert read_idx(path).tolist() == [1]


def test_a_folder_that_is_not_there_is_named_and_a_link_stays_one(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=f"write_idx: .* no folder {tmp_path}/no"
    ):
        write_idx(tmp_path / "no" / "file", np.uint8([1]))

    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_idx(tmp_path / "link", np.uint8([1]))
    assert (tmp_path / "link").is_symlink()
    assert read_idx(tmp_path / "file").tolist() == [1]
