"""Nested data in a file: back comes what went in, to the bit, or an error."""

import json
import math

import numpy as np
import pytest

from pebblegrad.nn import save_arrays
from pebblegrad.train._tree_file import KEY, read_tree, write_tree


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, np.ndarray | np.generic):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, float):
        assert math.isnan(one) == math.isnan(other)
        assert math.isnan(one) or one.hex() == other.hex()
    else:
        assert one == other


@pytest.mark.parametrize(
    "tree",
    [
        None,
        3,
        2**127 + 1,
        [0.1, -0.0, 5e-324, float("inf"), float("nan"), 1 / 3],
        {"a": [1, "two", (3.0, None, True)], "b": {}, "": []},
        {0: "int", "0": "str", (1, "x"): "tuple", None: "none", True: 2.5},
        {"dict": [["array", "3"]], "array": "0"},
        {"x": np.arange(6.0).reshape(2, 3).T, "y": [np.zeros((0, 2), np.int8)]},
        [np.float32(0.1), np.int64(7), np.bool_(True), np.array(2.5)],
        np.random.default_rng(1).bit_generator.state,
        np.random.Generator(np.random.MT19937(1)).bit_generator.state,
        "ünïcode \0 \n",
    ],
    ids=str,
)
def test_what_is_read_is_what_was_written(tree, tmp_path):
    path = tmp_path / "tree"

    write_tree(path, tree)

    assert_same(read_tree(path), tree)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (object(), "write_tree: the tree is a object; numbers, strings, None, NumPy"),
        ({"a": [1, {2, 3}]}, r"write_tree: \['a'\]\[1\] is a set; numbers, strings"),
        ({"f": print}, r"\['f'\] is a builtin_function_or_method"),
        ([np.array(["a"])], "'0' is <U1; a NumPy array of numbers is needed"),
    ],
)
def test_what_cannot_be_written_is_said_with_its_place(tree, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        write_tree(tmp_path / "tree", tree)

    assert list(tmp_path.iterdir()) == []


def test_files_of_others_are_refused(tmp_path):
    path = tmp_path / "tree"

    save_arrays({"a": np.ones(2)}, path)
    with pytest.raises(ValueError, match=r"is no checkpoint of pebblegrad\.train"):
        read_tree(path)
    save_arrays({}, path, {KEY: json.dumps({"format": 2, "tree": None})})
    with pytest.raises(ValueError, match="has format 2; this version reads 1"):
        read_tree(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="is not a whole safetensors file"):
        read_tree(path)
    with pytest.raises(FileNotFoundError):
        read_tree(tmp_path / "nothing")


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path):
    path = tmp_path / "tree"
    write_tree(path, {"x": np.arange(5.0), "n": [1, 2]})
    data = path.read_bytes()

    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            read_tree(path)
