"""`load_digits`: real digits without a network."""

import importlib.resources
import pathlib
import subprocess
import sys
import zipfile
from fractions import Fraction

import numpy as np
import pytest

from pebblegrad.data import digits, load_digits


def test_the_default_has_the_shapes_and_dtypes_of_load_mnist():
    X_train, y_train, X_test, y_test = load_digits()

    assert [a.shape for a in (X_train, y_train)] == [(1438, 64), (1438, 10)]
    assert [a.shape for a in (X_test, y_test)] == [(359, 64), (359, 10)]
    assert {a.dtype for a in (X_train, y_train, X_test, y_test)} == {np.dtype("f4")}
    assert (X_train.min(), X_train.max()) == (0, 1)
    np.testing.assert_array_equal(y_train.sum(axis=1), 1)


def test_the_keywords_give_images_class_numbers_and_other_floats():
    X_train, y_train, X_test, y_test = load_digits(
        flat=False, one_hot=False, dtype=np.float64
    )

    assert X_train.shape == (1438, 1, 8, 8)
    assert X_test.shape == (359, 1, 8, 8)
    assert X_train.dtype == np.float64
    assert y_train.dtype == y_test.dtype == np.int64


def test_these_are_the_digits_of_the_published_set():
    X, y, X_none, y_none = load_digits(test_fraction=0, flat=False, one_hot=False)

    assert len(X) == 1797
    assert X_none.shape == (0, 1, 8, 8)
    assert y_none.shape == (0,)
    # The class counts of UCI's test part, and its first image, a zero.
    published = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(y).tolist() == published
    assert y[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert (X[0, 0, :3] * 16).tolist() == [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
    ]


def test_each_part_has_its_fraction_of_each_class():
    _, y_train, _, y_test = load_digits(one_hot=False, test_fraction=0.25)

    counts = np.bincount(y_train) + np.bincount(y_test)
    expected = np.floor(counts * 0.25 + 0.5)
    np.testing.assert_array_equal(np.bincount(y_test), expected)


def test_the_parts_are_all_samples_and_in_their_order():
    X_all, _, _, _ = load_digits(test_fraction=0)
    X_train, _, X_test, _ = load_digits()

    # All images of the set differ, so each has one place in it.
    place = {image.tobytes(): number for number, image in enumerate(X_all)}
    train, test = ([place[x.tobytes()] for x in part] for part in (X_train, X_test))
    assert len(place) == 1797
    assert sorted(train + test) == list(range(1797))
    assert train == sorted(train)
    assert test == sorted(test)


def test_the_split_is_the_same_each_time_and_another_for_another_seed():
    def held_out(rng):
        return load_digits(rng=rng)[2]

    np.testing.assert_array_equal(held_out(None), load_digits()[2])
    np.testing.assert_array_equal(held_out(5), held_out(np.random.default_rng(5)))
    assert not np.array_equal(held_out(0), held_out(5))
    assert not np.array_equal(held_out(0), held_out(None))


def test_the_arrays_are_new_each_time():
    first = load_digits()[0]
    first[:] = 7

    assert load_digits()[0].max() == 1


def test_a_linear_model_learns_them():
    X_train, y_train, X_test, y_test = load_digits()

    def features(X):
        return np.column_stack([X, np.ones(len(X), X.dtype)])

    weights = np.linalg.lstsq(features(X_train), y_train, rcond=None)[0]
    found = (features(X_test) @ weights).argmax(axis=1)

    assert (found == y_test.argmax(axis=1)).mean() > 0.9


@pytest.mark.parametrize(
    "fraction", [1, 1.0, -0.1, float("nan"), float("inf"), np.float32(1.5), np.int8(1)]
)
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(
        ValueError, match=rf"test_fraction is {fraction}; needed is a nu"
    ):
        load_digits(test_fraction=fraction)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, Fraction])
def test_a_fraction_may_be_a_number_of_any_kind(kind):
    X_train, _, X_test, _ = load_digits(test_fraction=kind(0.2))

    np.testing.assert_array_equal(X_train, load_digits()[0])
    np.testing.assert_array_equal(X_test, load_digits()[2])
    assert len(load_digits(test_fraction=np.int8(0))[2]) == 0


@pytest.mark.parametrize("fraction", ["0.2", None, True, np.True_, 0.2j, [0.2]])
def test_a_fraction_that_is_not_a_number_is_refused(fraction):
    with pytest.raises(
        TypeError, match=r"load_digits: test_fraction is .*; needed is a"
    ):
        load_digits(test_fraction=fraction)


def test_an_integer_dtype_is_refused():
    with pytest.raises(
        ValueError, match="load_digits: dtype is int64; needed is a floa"
    ):
        load_digits(dtype=np.int64)


def test_an_rng_of_a_wrong_kind_is_refused():
    with pytest.raises(
        TypeError, match="load_digits: rng is 'a'; needed is an integer"
    ):
        load_digits(rng="a")


@pytest.mark.parametrize("damage", ["missing", "cut", "swapped"])
def test_a_damaged_installation_is_refused(monkeypatch, tmp_path, damage):
    bundled = importlib.resources.files("pebblegrad.data") / "bundled"
    (tmp_path / "bundled").mkdir()
    for name in digits._FILES:
        (tmp_path / "bundled" / name).write_bytes((bundled / name).read_bytes())
    images, labels = (tmp_path / "bundled" / name for name in digits._FILES)
    if damage == "missing":
        images.unlink()
    elif damage == "cut":
        images.write_bytes(images.read_bytes()[:-50])
    else:
        images.write_bytes(labels.read_bytes())
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)

    with pytest.raises(
        OSError,
        match=r"load_digits: the file bundled/digits-images.* needed .* found: ",
    ):
        load_digits()


def test_the_files_are_credited_beside_them():
    bundled = importlib.resources.files("pebblegrad.data") / "bundled"
    notice = (bundled / "README.md").read_text(encoding="utf-8")

    for words in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0"):
        assert words in notice
    for size, sha256 in digits._FILES.values():
        assert size > 0
        assert sha256 in notice


def test_they_load_from_a_zip_file(tmp_path):
    package = pathlib.Path(digits.__file__).parent
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as target:
        # A namespace is found in a zip file only by entries for its folders.
        target.mkdir("pebblegrad")
        for path in (package, *package.rglob("*")):
            if path.is_dir() or path.suffix in (".py", ".gz"):
                inside = "pebblegrad/data" / path.relative_to(package)
                target.write(path, str(inside))
    script = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "import pebblegrad.data as data\n"
        "print('packages.zip' in data.__file__, data.load_digits()[0].shape)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("True (1438, 64)\n", "")
