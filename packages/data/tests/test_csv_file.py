"""`read_csv` and `write_csv`."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pebblegrad.data import read_csv, write_csv


@pytest.fixture
def read(tmp_path):
    def read(contents, **options):
        packed = contents if isinstance(contents, bytes) else contents.encode()
        (tmp_path / "table.csv").write_bytes(packed)
        return read_csv(tmp_path / "table.csv", **options)

    return read


IRIS = """\
sepal_length,sepal_width,petal_length,petal_width,species
5.1,3.5,1.4,.2,setosa
7.0,3.2,4.7,1.4,versicolor
6.3,3.3,6,2.5,virginica
"""


def test_each_column_gets_the_dtype_of_its_fields(read):
    columns = read(IRIS + "5,3,1.,2e-1,setosa\n")

    assert list(columns) == IRIS.splitlines()[0].split(",")
    assert columns["petal_width"].tolist() == [0.2, 1.4, 2.5, 0.2]
    assert columns["petal_length"].dtype == np.float64
    assert columns["species"].dtype == np.dtype("<U10")
    assert columns["species"][2] == "virginica"


@pytest.mark.parametrize(
    ("fields", "dtype", "values"),
    [
        (["1", "-2", "+3"], np.int64, [1, -2, 3]),
        (
            ["9223372036854775807", "-9223372036854775808"],
            np.int64,
            [2**63 - 1, -(2**63)],
        ),
        (["1", "2.5"], np.float64, [1, 2.5]),
        ([" 7 ", "\t8"], np.int64, [7, 8]),
        (["1e3", "-.5", "5.", "0"], np.float64, [1000, -0.5, 5, 0]),
        (["a", "1"], "U1", ["a", "1"]),
        (["", "a"], "U1", ["", "a"]),
        (
            ["123456789012345678", "1234567890123456789"],
            np.int64,
            [123456789012345678, 1234567890123456789],
        ),
        (["0x10", "1_000"], "U5", ["0x10", "1_000"]),
        (["\uff11", "2"], "U1", ["\uff11", "2"]),  # a digit, but not one of ASCII
        (["True", "False"], "U5", ["True", "False"]),
    ],
)
def test_whole_numbers_numbers_and_text_are_told_apart(read, fields, dtype, values):
    column = read("x,y\n" + "".join(f"{field},0\n" for field in fields))["x"]

    assert column.dtype == dtype
    assert column.tolist() == values


def test_quoted_fields_hold_delimiters_quotes_and_line_breaks(read):
    columns = read('name,"a ""b"""\r\n"x, y",1\r\n"two\nlines","2"\r\n')

    assert columns["name"].tolist() == ["x, y", "two\nlines"]
    assert columns['a "b"'].tolist() == [1, 2]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_line_end_a_byte_order_mark_and_gzip_are_read(read, end, pack):
    text = end.join(["größe,b", "1,2", "", "3,4"])

    columns = read(pack(text.encode("utf-8-sig")))

    assert {name: column.tolist() for name, column in columns.items()} == {
        "größe": [1, 3],
        "b": [2, 4],
    }


def test_without_a_header_and_without_a_name_columns_are_numbered(read):
    assert list(read("1;a\n2;b\n", delimiter=";", header=False)) == [
        "column_1",
        "column_2",
    ]
    assert list(read(",b\n0,1\n")) == ["column_1", "b"]


def test_a_header_alone_is_a_table_without_rows(read):
    columns = read("a,b\n", dtypes={"b": str})

    assert [(len(c), c.dtype.kind) for c in columns.values()] == [(0, "f"), (0, "U")]


def test_dtypes_can_be_asked_for(read):
    columns = read(
        "a,b,c,d\n1,2,3,7\n2,3.0,x,8\n",
        dtypes={"a": np.float32, "b": "uint8", "c": str, "d": ">i2"},
    )

    assert [c.dtype.str for c in columns.values()] == ["<f4", "|u1", "<U1", "<i2"]
    assert columns["b"].tolist() == [2, 3]


@pytest.mark.parametrize(
    "mark", ["", " ", "?", "-", "NA", "n/a", "NaN", "null", "None"]
)
def test_a_missing_number_is_what_one_says_it_is(read, mark):
    text = f"a,b,name\n1,0.5,x\n{mark},1.5,{mark}\n3,2.5,y\n"

    with pytest.raises(
        ValueError,
        match=r"line 3, column 1 \('a'\): found .*, a missing number; needed",
    ):
        read(text)
    assert np.isnan(read(text, missing=float("nan"))["a"]).tolist() == [0, 1, 0]
    filled = read(text, missing=-1)["a"]
    assert (filled.tolist(), filled.dtype) == ([1, -1, 3], np.int64)
    dropped = read(text, missing="drop")
    assert dropped["a"].dtype == np.int64
    assert {k: c.tolist() for k, c in dropped.items()} == {
        "a": [1, 3],
        "b": [0.5, 2.5],
        "name": ["x", "y"],
    }


def test_a_column_of_missing_numbers_alone_is_one_of_floats(read):
    assert read("a,b\n?,1\nNA,2\n", missing=0.0)["a"].tolist() == [0, 0]
    assert read("a,b\n?,1\nNA,2\n", missing="drop")["b"].tolist() == []


BAD = {
    "a word among numbers": (
        "a,b\n1,2\n3,x\n",
        r"table.csv, line 3, column 2 ('b'): found 'x'; needed is a number, as the "
        "column begins with '2'; correct it, or read the column as text with dtypes=",
    ),
    "after a field of two lines": (
        'a,b\n"1\n",2\n3,x\n',
        "line 4, column 2 ('b'): found",
    ),
    "after empty lines": ("a\n\n\n1\n\nx\n", "line 6, column 1 ('a'): found 'x'"),
    "a decimal comma": (
        "a\n1.5\n'1,5'\n",
        "line 3: 2 fields; needed are 1, as there are",
    ),
    "two numbers in a field": (
        'a\n1\n"2\n3"\n',
        "line 3, column 1 ('a'): found '2\\n3'",
    ),
    "infinite": (
        "a\n1\n-inf\n",
        "line 3, column 1 ('a'): found '-inf'; needed is a fin",
    ),
    "infinite at first": ("a\nInfinity\n", "line 2, column 1 ('a'): found 'Infinity'"),
    "overflow": (
        "a\n1e999\n",
        "found '1e999'; needed is a number that float64 can hold",
    ),
    "too large": (
        "a\n1\n9223372036854775808\n",
        "line 3, column 1 ('a'): found '9223372036854775808'; needed is a number that "
        "int64 can hold; correct it, or give the column another dtype",
    ),
    "few fields": (
        "a,b\n1,2\n3\n",
        "line 3: 1 fields; needed are 2, as there are names",
    ),
    "many fields": (
        "a,b\n1,2,3\n",
        "line 2: 3 fields; needed are 2, as there are names",
    ),
    "another delimiter": ("a;b\n1,5;2,5\n", "; should delimiter be ';'?"),
    "two of a name": (
        "a,b,a\n1,2,3\n",
        "the columns 1 and 3 are both named 'a'; needed",
    ),
    "empty": ("", "table.csv is empty; needed are lines of fields"),
    "empty lines": ("\n\r\n", "table.csv is empty; needed are lines of fields"),
    "open quote": (
        'a,b\n1,"2\n3,4\n',
        "line 2: unexpected end of data; needed are field",
    ),
    "half quoted": (
        'a\n1\n"x"y\n',
        "line 3: ',' expected after '\"'; needed are fields",
    ),
    "not UTF-8": (
        b"a\n1\n\xff\n",
        "line 3: byte 0xff is not UTF-8; needed is text in UT",
    ),
    "UTF-16": (
        "a\n1\n".encode("utf-16"),
        "line 1: a zero byte; needed is text in UTF-8",
    ),
    "a zero byte": (b"a\nx\0\n", "line 2: a zero byte; needed is text in UTF-8"),
    "cut gzip": (
        gzip.compress(b"a\n1\n", mtime=0)[:-5],
        "is damaged: its gzip stream ends in th",
    ),
    "a long field": ("a\n" + "x" * 200_000, "line 2: field larger than field limit"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_name_line_and_column(read, case):
    contents, said = BAD[case]

    with pytest.raises(ValueError, match=r"^read_csv: .*table\.csv") as caught:
        read(contents)

    assert said in str(caught.value)


def test_a_gzip_bomb_is_read_no_further_than_was_allowed(read):
    with pytest.raises(
        ValueError, match="holds more than 1000 bytes; if that is right"
    ):
        read(gzip.compress(b"a\n" * (1 << 22)), max_bytes=1000)


def test_one_long_text_among_many_short_ones_does_not_take_gigabytes(read):
    bomb = "a\n" + "x" * 100_000 + "\n" + "y\n" * 100_000

    with pytest.raises(
        ValueError,
        match=r"column 1 \('a'\): the longest of 100001 texts has 100000 cha",
    ):
        read(bomb)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"delimiter": ", "}, ValueError, "read_csv: delimiter is ', '; needed is one"),
        ({"delimiter": '"'}, ValueError, "delimiter is '\"'; needed is one character"),
        ({"delimiter": None}, ValueError, "delimiter is None; needed is one character"),
        (
            {"missing": "nan"},
            ValueError,
            "missing is 'nan'; needed is a number, 'drop'",
        ),
        ({"missing": [0]}, TypeError, r"missing is \[0\]; needed is a number, 'drop'"),
        ({"missing": True}, TypeError, "missing is True; needed is a number, 'drop'"),
        ({"missing": np.inf}, ValueError, "missing is inf; needed is a finite number"),
        (
            {"dtypes": {"z": int}},
            ValueError,
            "names the column 'z'; needed is one of 'a",
        ),
        ({"dtypes": {"a": bool}}, TypeError, r"dtypes\['a'\] is .*; needed is str, or"),
        (
            {"dtypes": {"a": None}},
            TypeError,
            r"dtypes\['a'\] is None; needed is str, or",
        ),
        (
            {"dtypes": {"a": "u1"}},
            ValueError,
            r"line 3.*'-2'; needed .* that uint8 can",
        ),
        (
            {"dtypes": {"b": int}},
            ValueError,
            r"line 2.*'0.5'; needed .* that int64 can",
        ),
        (
            {"dtypes": {"c": int}},
            ValueError,
            "found 'x'; needed is .* as dtypes asks f",
        ),
        ({"max_bytes": 1.5}, TypeError, r"max_bytes is 1.5; needed is an integer"),
        ({"max_bytes": 3}, ValueError, "holds more than 3 bytes; if that is right"),
    ],
)
def test_wrong_arguments_are_named_with_what_was_needed(read, options, error, said):
    with pytest.raises(error, match=said):
        read("a,b,c\n1,0.5,x\n-2,1,y\n", **options)


def test_a_missing_number_cannot_be_nan_in_a_column_of_integers(read):
    with pytest.raises(
        ValueError, match=r"line 3.*found ''; needed is .* int64 can hold"
    ):
        read("a,b\n1,1\n,2\n", missing=float("nan"), dtypes={"a": int})


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_csv(tmp_path / "absent")


# What UTF-8 and NumPy's text can hold: no halves of surrogate pairs, no zeros. Not a
# byte order mark either, which at the beginning of a file is none of its text.
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=5)
COLUMN = st.integers(0, 4).flatmap(
    lambda rows: st.lists(
        st.one_of(
            hnp.arrays(st.sampled_from([np.int64, np.int8, np.uint32]), rows),
            hnp.arrays(
                st.sampled_from([np.float64, np.float32]),
                rows,
                elements={"allow_nan": False, "allow_infinity": False},
            ),
            st.lists(WORDS, min_size=rows, max_size=rows).map(
                lambda words: np.array(words, dtype=str)
            ),
        ),
        min_size=1,
        max_size=4,
    )
)


@given(COLUMN, st.data(), st.sampled_from(",;\t|'x "))
def test_what_is_written_is_read_back_bit_for_bit(
    tmp_path_factory, arrays, data, delimiter
):
    names = data.draw(
        st.lists(
            WORDS.filter(bool),
            min_size=len(arrays),
            max_size=len(arrays),
            unique=True,
        )
    )
    columns = dict(zip(names, arrays, strict=True))
    path = tmp_path_factory.getbasetemp() / "table.csv"

    write_csv(path, columns, delimiter=delimiter)
    found = read_csv(
        path,
        delimiter=delimiter,
        dtypes={name: array.dtype for name, array in columns.items()},
    )

    assert list(found) == names
    for name, array in columns.items():
        assert found[name].dtype.kind == array.dtype.kind
        assert found[name].tolist() == array.tolist()
        if array.dtype.kind != "U":
            assert found[name].tobytes() == array.tobytes()  # -0.0 too


@pytest.mark.parametrize(
    ("columns", "error", "said"),
    [
        ({}, ValueError, "write_csv: there are no columns; needed is at least 1"),
        (
            {"a": [1], "b": [1, 2]},
            ValueError,
            r"differ in length \('a': 1, 'b': 2\); n",
        ),
        (
            {"a": [[1]]},
            ValueError,
            r"the column 'a' has shape \(1, 1\); needed is \(N,",
        ),
        ({"a": 1}, ValueError, r"the column 'a' has shape \(\); needed is \(N,\)"),
        ({"a": [1j]}, TypeError, "the column 'a' has dtype complex128; needed are int"),
        ({"a": [True]}, TypeError, "the column 'a' has dtype bool; needed are integer"),
        ({"a": [1.0, np.nan]}, ValueError, "the column 'a' has nan in row 1; needed a"),
        ({"a": ["x", "\ud800"]}, ValueError, r"'\\ud800' in row 1 with half of a surr"),
        ({"a": ["x\0y"]}, ValueError, r"'x\\x00y' in row 0 with a zero character; nee"),
        ({"\ud800": [1.0]}, ValueError, "has a name with half of a surrogate pair; ne"),
        (np.eye(3), TypeError, "columns are of type ndarray; needed is a dict of a na"),
        ({1: [1]}, TypeError, "the name 1 is no string; needed is one"),
    ],
)
def test_what_cannot_be_written_leaves_the_old_file(tmp_path, columns, error, said):
    path = tmp_path / "table.csv"
    path.write_text("old")

    with pytest.raises(error, match=said):
        write_csv(path, columns)

    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=f"write_csv: .* no folder {tmp_path}/no"
    ):
        write_csv(tmp_path / "no" / "table.csv", {"a": [1]})
