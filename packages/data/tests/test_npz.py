"""`read_npz` against files by NumPy itself, and against hostile ones."""

import io
import pickle
import struct
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pebblegrad.data import read_npz


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with warnings.catch_warnings():  # of names that are there twice, on purpose
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(packed, "w", method) as archive:
            for name, contents in entries:
                archive.writestr(name, contents)
    return packed.getvalue()


def npy(header, body=b"", version=1):
    text = header.encode() if isinstance(header, str) else header
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + body


def header(descr="'<f4'", shape="(2,)", fortran="False"):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}}}\n"


@pytest.fixture
def read(tmp_path):
    def read(contents, **options):
        (tmp_path / "set.npz").write_bytes(contents)
        return read_npz(tmp_path / "set.npz", **options)

    return read


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saves_is_read_in_its_order(tmp_path, save):
    arrays = {
        "X": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        "transposed": np.arange(6).reshape(2, 3).T,
        "big-endian": np.array([1, 2], ">i2"),
        "number": np.float64(3),
        "empty": np.zeros((0, 3), np.uint8),
        "names": np.array(["setosa", "größe"]),
        "no letters": np.array(["", ""]),
        "bytes": np.array([b"ab", b"c"]),
        "flags": np.array([True, False]),
        "waves": np.array([1 + 2j]),
        "days": np.array(["2026-01-31"], "M8[D]"),
        "folder/inside": np.array([1]),
    }
    save(tmp_path / "set.npz", **arrays)

    found = read_npz(tmp_path / "set.npz")

    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].shape == np.shape(array)
        assert found[name].dtype == np.asarray(array).dtype.newbyteorder("=")
        assert found[name].flags.c_contiguous
        assert found[name].flags.writeable
        np.testing.assert_array_equal(found[name], array)


@given(
    array=hnp.arrays(
        st.one_of(
            hnp.boolean_dtypes(),
            hnp.integer_dtypes(),
            hnp.floating_dtypes(),
            hnp.complex_number_dtypes(sizes=(64, 128)),
            hnp.unicode_string_dtypes(),
            hnp.byte_string_dtypes(),
            hnp.datetime64_dtypes(),
        ),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    fortran=st.booleans(),
)
def test_any_array_without_objects_makes_the_round_trip(
    tmp_path_factory, array, fortran
):
    path = tmp_path_factory.getbasetemp() / "set.npz"
    np.savez(path, a=np.asarray(array, order="F" if fortran else "C"))

    found = read_npz(path)["a"]

    assert found.shape == array.shape
    assert found.tobytes() == array.astype(array.dtype.newbyteorder("=")).tobytes()


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format_is_read(read, version):
    packed = io.BytesIO()
    with warnings.catch_warnings():  # NumPy's, that old programs read only version 1
        warnings.simplefilter("ignore")
        np.lib.format.write_array(packed, np.arange(3), version)

    assert read(zipped(("a.npy", packed.getvalue())))["a"].tolist() == [0, 1, 2]


def test_an_archive_of_nothing_has_no_arrays(read):
    assert read(zipped()) == {}


class Hostile:
    def __reduce__(self):
        return (pytest.fail, ("was unpickled",))


def test_an_array_of_objects_is_refused_and_never_unpickled(tmp_path):
    np.savez(tmp_path / "set.npz", good=np.ones(2), bad=np.array([Hostile()]))

    with pytest.raises(
        ValueError, match=r"the array 'bad' holds Python objects, which are pickled"
    ):
        read_npz(tmp_path / "set.npz")


EIGHT = bytes(8)
BAD = {
    "empty": (b"", "begins with nothing; needed is a zip archive of arrays"),
    "pickle": (
        pickle.dumps([1]),
        "; needed is a zip archive of arrays, as numpy.savez writes it",
    ),
    "npy": (npy(header(), EIGHT), ", as numpy.save writes it; needed is a zip archive"),
    "cut": (zipped(("a.npy", npy(header(), EIGHT)))[:-30], "is damaged, or of a kind"),
    "another file": (zipped(("a.pkl", b"")), "holds 'a.pkl'; needed are arrays alone"),
    "a folder": (zipped(("a/", b"")), "'a/' is a folder; needed are plain files"),
    "twice": (zipped(*[("a.npy", npy(header(), EIGHT))] * 2), "the array 'a' twice"),
    "lzma": (
        zipped(("a.npy", npy(header(), EIGHT)), method=zipfile.ZIP_LZMA),
        "'a.npy' is compressed by method 14 (read are 0 and 8)",
    ),
    "no magic": (
        zipped(("a.npy", b"abcdefgh")),
        "the array 'a' begins with 61 62 63 64 65 66 67 68; needed",
    ),
    "no bytes": (zipped(("a.npy", b"")), "the array 'a' begins with nothing; needed"),
    "version": (zipped(("a.npy", npy("", version=4))), "a version from 1 to 3"),
    "long header": (
        zipped(("a.npy", npy(" " * 10_001))),
        "says that its header has 10001 bytes; needed are at most 10000",
    ),
    "endless header": (
        zipped(("a.npy", b"\x93NUMPY\2\0\xff\xff\xff\xff")),
        "429496729",
    ),
    "short": (zipped(("a.npy", npy(header(), EIGHT[1:]))), "8 bytes; found are 7"),
    "long": (zipped(("a.npy", npy(header(), bytes(9)))), "8 bytes; found are more"),
    "a bomb": (zipped(("a.npy", npy(header(), bytes(1 << 25)))), "found are more"),
    "a promise": (
        zipped(("a.npy", npy(header(shape="(2**20,)").replace("2**20", "1048576")))),
        "4194304 bytes; found are 0",
    ),
    "records": (
        zipped(("a.npy", npy(header("[('x', '<f4')]"), EIGHT))),
        "has the dtype [('x', '<f4')]; needed is one of numbers",
    ),
    "no such dtype": (zipped(("a.npy", npy(header("'<f3'")))), "has the dtype '<f3'"),
    "raw": (zipped(("a.npy", npy(header("'|V8'")))), "has the dtype '|V8'; needed is"),
    "a dtype of bytes": (zipped(("a.npy", npy(header("b'<f4'")))), "the dtype b'<f4'"),
    "negative axis": (zipped(("a.npy", npy(header(shape="(-1,)")))), "the shape (-1,)"),
    "65 axes": (
        zipped(("a.npy", npy(header(shape=f"({'1,' * 65})")))),
        "needed are at most 64 axes",
    ),
    "overflow": (
        zipped(("a.npy", npy(header(shape="(0, 4294967296, 4294967296)")))),
        "less than 2**63 bytes: no array can have this shape",
    ),
    "not characters": (
        zipped(("a.npy", npy(header("'<U1'", "(1,)"), b"\xff\xff\xff\x7f"))),
        "holds numbers that are no characters",
    ),
}
for number, text in enumerate(
    [
        "",
        "{",
        "[]",
        "3",
        "{}",
        "__import__('os').getcwd()",
        header(fortran="0"),
        header(shape="[2]"),
        header(shape="(2.0,)"),
        header(shape="(True,)"),
        header().replace("}", ", 'more': 1}"),
        "(" * 9000,
        "\0",
    ]
):
    BAD[f"header {number}"] = (
        zipped(("a.npy", npy(text))),
        "the array 'a' has the header b",
    )


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_name_what_was_found_and_needed(read, case):
    contents, said = BAD[case]

    with pytest.raises(ValueError, match=r"^read_npz: .*set\.npz") as caught:
        read(contents)

    assert said in str(caught.value)


def test_all_arrays_together_are_bounded(read):
    packed = zipped(*((f"{k}.npy", npy(header(), EIGHT)) for k in range(3)))

    assert len(read(packed, max_bytes=24, max_arrays=3)) == 3
    with pytest.raises(
        ValueError, match=r"'2' says .* 8 bytes; 7 are left of what is al"
    ):
        read(packed, max_bytes=23)
    with pytest.raises(ValueError, match="holds more than 2 arrays; if that is right"):
        read(packed, max_arrays=2)


@pytest.mark.parametrize("name", ["max_bytes", "max_arrays"])
def test_limits_are_integers_from_zero_up(read, name):
    with pytest.raises(
        TypeError, match=f"read_npz: {name} is None; needed is an integ"
    ):
        read(zipped(), **{name: None})
    with pytest.raises(ValueError, match=f"read_npz: {name} is -1; needed is at least"):
        read(zipped(), **{name: -1})


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_npz(tmp_path / "absent")
