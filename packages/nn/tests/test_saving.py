"""Weights on disk: round trips, and files that are not what they should be."""

import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import Linear, Module, Sequential, load, read_metadata, save

posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.safetensors"


def assert_same_state(one, other):
    one, other = one.state_dict(), other.state_dict()
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])
        assert array.dtype == other[name].dtype


# There and back


def test_a_model_makes_the_round_trip(net, path):
    model, other = net(0), net(1)

    save(model, path)
    load(other, path)

    assert_same_state(model, other)
    x = Tensor([[1.0, -2.0]])
    np.testing.assert_array_equal(model(x).data, other(x).data)


def test_a_path_may_be_a_string(net, path):
    other = net(1)

    save(net(0), str(path))
    load(other, str(path))

    assert_same_state(net(0), other)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes_buffers_and_single_numbers_make_the_round_trip(scale, dtype, path):
    model = Sequential(scale(np.array(3.0, dtype)), Linear(2, 2, rng=0).to(dtype))
    other = Sequential(scale(np.array(1.0, dtype)), Linear(2, 2, rng=1).to(dtype))
    other[0].count.data = np.array([5, 5])

    save(model, path)
    load(other, path)

    assert_same_state(model, other)
    assert other[0].factor.shape == ()


def test_views_that_are_not_contiguous_make_the_round_trip(path):
    class View(Module):
        def __init__(self, array):
            self.turned = Tensor(array.T)
            self.every_other = Tensor(array[:, ::2])

    model, other = View(np.arange(12.0).reshape(3, 4)), View(np.zeros((3, 4)))

    save(model, path)
    load(other, path)

    assert_same_state(model, other)


def test_a_model_without_parameters_makes_the_round_trip(path):
    save(Sequential(), path)

    load(Sequential(), path)

    assert load_file(path) == {}


def test_the_file_is_plain_safetensors_with_pytorchs_names(net, path):
    save(net(0), path)

    found = load_file(path)

    assert {name: a.shape for name, a in found.items()} == {
        "0.weight": (3, 2),
        "0.bias": (3,),
        "2.weight": (1, 3),
        "2.bias": (1,),
    }
    contents = path.read_bytes()
    (length,) = struct.unpack("<Q", contents[:8])
    assert json.loads(contents[8 : 8 + length])["__metadata__"]["format"] == "np"


def test_a_file_that_others_wrote_can_be_loaded(net, path):
    state = {name: array + 1 for name, array in net(0).state_dict().items()}
    save_file(state, path)
    model = net(1)

    load(model, path)

    np.testing.assert_array_equal(model[0].weight.data, state["0.weight"])


def test_saving_again_replaces_the_file_and_leaves_nothing_beside_it(net, path):
    save(net(0), path)
    save(net(1), path)
    other = net(2)

    load(other, path)

    assert_same_state(other, net(1))
    assert list(path.parent.iterdir()) == [path]


@posix
def test_the_file_has_the_permissions_of_other_new_files(net, path):
    beside = path.with_name("beside")
    beside.touch()

    save(net(), path)

    assert path.stat().st_mode == beside.stat().st_mode


# Files that are not whole


def safetensors(header, contents=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + contents


ONE_NUMBER = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}

DAMAGED = {
    "empty": b"",
    "shorter than its length": b"\x10\x00\x00",
    "text": b"these are no weights, but a text of some length",
    "huge header": struct.pack("<Q", 2**63) + b"{}",
    "header beyond the end": struct.pack("<Q", 10**7) + b"{}",
    "no JSON": safetensors(b"not JSON"),
    "not UTF-8": safetensors(b"\xff\xfe\xfd\xfc"),
    "no contents": safetensors({"w": ONE_NUMBER}),
    "contents beyond the end": safetensors(
        {"w": {**ONE_NUMBER, "data_offsets": [0, 400]}}, b"\0" * 4
    ),
    "more than it says": safetensors({"w": ONE_NUMBER}, b"\0" * 8),
    "wrong size": safetensors({"w": {**ONE_NUMBER, "shape": [9]}}, b"\0" * 4),
    "unknown dtype": safetensors({"w": {**ONE_NUMBER, "dtype": "X9"}}, b"\0" * 4),
    "negative size": safetensors({"w": {**ONE_NUMBER, "shape": [-1]}}, b"\0" * 4),
    "a pickle": pickle.dumps({"w": [1.0]}),
}


@pytest.mark.parametrize("contents", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused_and_the_model_is_unchanged(contents, net, path):
    path.write_bytes(contents)
    model = net(0)

    with pytest.raises(ValueError) as caught:
        load(model, path)

    message = str(caught.value)
    start = f"load: {path} ({len(contents)} bytes) is not a whole safetensors file ("
    assert message.startswith(start)
    assert message.endswith("); nothing was loaded")
    assert_same_state(model, net(0))


def test_a_file_cut_off_anywhere_is_refused(net, path):
    save(net(1), path)
    contents = path.read_bytes()
    model = net(0)

    for length in range(len(contents)):
        path.write_bytes(contents[:length])
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            load(model, path)

    assert_same_state(model, net(0))


@pytest.mark.parametrize(("dtype", "size"), [("BF16", 2), ("F8_E4M3", 1)])
def test_a_dtype_that_numpy_does_not_have_is_named(dtype, size, net, path):
    number = {"dtype": dtype, "shape": [1], "data_offsets": [0, size]}
    path.write_bytes(safetensors({"0.weight": number}, b"\0" * size))

    with pytest.raises(ValueError) as caught:
        load(net(), path)

    assert f"{path} holds values of dtype {dtype}, which NumPy does not have" in str(
        caught.value
    )


class Bomb:
    """Where a pickle of it is read, something happens."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_never_run(protocol, net, path):
    harm = path.with_name("harm")
    path.write_bytes(pickle.dumps(Bomb(harm), protocol))

    with pytest.raises(ValueError, match="not a whole safetensors file"):
        load(net(), path)

    assert not harm.exists()


# Files that do not fit, and places where no file can be


def test_a_file_of_another_network_is_refused_and_the_model_is_unchanged(net, path):
    save(Sequential(Linear(3, 3), Linear(2, 2)), path)
    model = net(0)

    with pytest.raises(ValueError) as caught:
        load(model, path)

    for problem in (
        "2.weight is missing",
        "2.bias is missing",
        "1.weight is not known here",
        "1.bias is not known here",
        "0.weight has shape (3, 3), here (3, 2)",
        "nothing was loaded",
    ):
        assert problem in str(caught.value)
    assert_same_state(model, net(0))


def test_without_strict_what_is_known_is_loaded(net, path):
    save(Sequential(Linear(2, 3, rng=5)), path)
    model = net(0)

    load(model, path, strict=False)

    np.testing.assert_array_equal(model[0].weight.data, Linear(2, 3, rng=5).weight.data)
    np.testing.assert_array_equal(model[2].weight.data, net(0)[2].weight.data)


def test_a_missing_file_is_named(net, path):
    with pytest.raises(FileNotFoundError, match=r"weights\.safetensors"):
        load(net(), path)


def test_a_missing_folder_is_named_and_not_made(net, tmp_path):
    folder = tmp_path / "results"

    with pytest.raises(FileNotFoundError) as caught:
        save(net(), folder / "weights.safetensors")

    assert str(caught.value).endswith(f"there is no folder {folder}; make it first")
    assert not folder.exists()


def test_a_folder_in_the_place_of_the_file_is_left_alone(net, path):
    path.mkdir()

    with pytest.raises(OSError, match=r"weights\.safetensors"):
        save(net(), path)

    assert list(path.parent.iterdir()) == [path]


# Crashes


@pytest.fixture
def run(tmp_path):
    """Start a program that has a model of 8 MB whose every weight is `value`."""

    def start(program):
        beginning = """
            from pathlib import Path
            import numpy as np
            from pebblegrad.nn import Linear, save

            model = Linear(2000, 1000)

            def fill(value):
                for parameter in model.parameters():
                    parameter.data[...] = value
        """
        source = textwrap.dedent(beginning) + textwrap.dedent(program)
        return subprocess.Popen(
            [sys.executable, "-I", "-c", source],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@posix
def test_a_process_killed_while_saving_leaves_the_old_file_or_the_new_one(run, path):
    program = """
        value = 0.0
        while True:
            value += 1
            fill(value)
            save(model, "weights.safetensors")
            print(value, flush=True)
    """
    seen = set()

    for pause in (0.0, 0.003, 0.006, 0.009):
        process = run(program)
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()

        state = load_file(path)
        values = {float(v) for array in state.values() for v in np.unique(array)}
        assert state["weight"].shape == (1000, 2000)
        assert len(values) == 1
        seen |= values

    assert min(seen) >= 1


@posix
def test_a_write_that_fails_half_way_leaves_the_old_file_alone(run, net, path):
    save(net(0), path)
    program = """
        import resource, signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            save(model, "weights.safetensors")
        except OSError as error:
            print(type(error).__name__, error.errno)
    """

    out, errors = run(program).communicate()

    assert (out, errors) == ("OSError 27\n", "")
    other = net(1)
    load(other, path)
    assert_same_state(other, net(0))
    assert list(path.parent.iterdir()) == [path]


def test_the_new_file_is_flushed_to_the_disk_before_it_gets_its_name(
    net, path, monkeypatch
):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda *a: (done.append("fsync"), fsync(*a)))
    monkeypatch.setattr(os, "replace", lambda *a: (done.append("replace"), replace(*a)))

    save(net(), path)

    assert done == ["fsync", "replace"]


def test_an_interruption_leaves_the_old_file_and_nothing_beside_it(
    net, path, monkeypatch
):
    save(net(0), path)

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(net(1), path)

    other = net(2)
    load(other, path)
    assert_same_state(other, net(0))
    assert list(path.parent.iterdir()) == [path]


def test_what_was_saved_is_told_by_its_metadata(net, path):
    save(net(), path)

    metadata = read_metadata(path)

    assert metadata["architecture"] == repr(net())
    assert metadata["dtype"] == "float32"
    assert metadata["pebblegrad-nn"]


def test_metadata_of_other_files(path, tmp_path):
    save_file({"a": np.zeros(1)}, path)
    assert read_metadata(path) == {}
    with pytest.raises(FileNotFoundError, match="read_metadata: there is no file"):
        read_metadata(tmp_path / "none")
    path.write_bytes(b"no safetensors")
    with pytest.raises(
        ValueError, match=r"read_metadata: .* is not a whole safetensors"
    ):
        read_metadata(path)


def test_saving_through_a_symbolic_link_writes_the_file_that_it_points_to(net, path):
    link = path.with_name("latest.safetensors")
    path.write_bytes(b"old")
    link.symlink_to(path)

    save(net(), link)

    assert link.is_symlink()
    assert path.read_bytes() == link.read_bytes() != b"old"


@pytest.mark.parametrize("function", [save, load])
def test_a_model_comes_first(function, net, path):
    with pytest.raises(
        TypeError, match=r"model is a (Posix|Windows)Path; a Module is needed"
    ):
        function(path, net())


def test_tied_weights_make_the_round_trip(net, path):
    model, other = net(), net(seed=1)
    model[0].bias.data[...] = 1
    for each in (model, other):
        each.again = each[0]

    save(model, path)
    load(other, path)

    assert other.again is other[0]
    np.testing.assert_array_equal(other[0].weight.data, model[0].weight.data)


@posix
def test_saving_again_leaves_who_may_read_it(net, path):
    save(net(), path)
    path.chmod(0o600)

    save(net(), path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_is_no_file(net, tmp_path):
    for function in (save, load):
        with pytest.raises(IsADirectoryError, match="is a folder; a path to a file"):
            function(net(), tmp_path)


# Arrays that are no model's


def test_arrays_of_every_kind_come_back_as_they_were(tmp_path):
    path = tmp_path / "arrays.safetensors"
    arrays = {
        "zero axes": np.array(3.0),
        "empty": np.zeros((0, 3), np.float32),
        "turned": np.arange(6.0).reshape(2, 3).T,
        "strided": np.arange(10)[::3],
        "flags": np.array([True, False]),
        "half": np.array([np.nan, -np.inf, 1e-7], np.float16),
        "": np.array([255], np.uint8),
    }

    nn.save_arrays(arrays, path, {"note": "nur so"})
    found = nn.read_arrays(path)

    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)
    assert nn.read_metadata(path)["note"] == "nur so"


@pytest.mark.parametrize(
    ("arrays", "metadata", "message"),
    [
        ({"a": [1.0]}, None, "save_arrays: 'a' is list; a NumPy array of num"),
        ({"a": np.array(["x"])}, None, "save_arrays: 'a' is <U1; a NumPy array of num"),
        ({"a": np.array([None])}, None, "save_arrays: 'a' is object; a NumPy array"),
        ({"a": np.ones(1, complex)}, None, "save_arrays: 'a' is complex128; a NumPy"),
        ({1: np.ones(1)}, None, "save_arrays: 1 is no name; a string is needed"),
        ({}, {"epoch": 3}, "save_arrays: the metadata has 'epoch': 3; two strings"),
    ],
)
def test_what_a_file_of_arrays_cannot_hold_is_refused(
    arrays, metadata, message, tmp_path
):
    with pytest.raises(TypeError, match=message):
        nn.save_arrays(arrays, tmp_path / "x", metadata)

    assert list(tmp_path.iterdir()) == []


def test_arrays_that_are_not_there_are_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.read_arrays(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError, match=r"^read_arrays: .* is a folder"):
        nn.read_arrays(tmp_path)
    (tmp_path / "x").write_bytes(b"12345")
    with pytest.raises(
        ValueError, match=r"^read_arrays: .*x \(5 bytes\) is not a whol"
    ):
        nn.read_arrays(tmp_path / "x")


def test_a_number_is_no_path(net, path):
    model = net(0)
    save(model, path)
    with open(path, "rb") as file:
        for read in (read_metadata, nn.read_arrays, lambda path: load(model, path)):
            with pytest.raises(TypeError, match=r"expected str.* or os\.PathLike"):
                read(file.fileno())
    with pytest.raises(TypeError, match=r"expected str.* or os\.PathLike"):
        save(model, 3)
