"""`load_emnist`, on small archives of the published form."""

import gzip
import io
import zipfile

import numpy as np
import pytest

from pebblegrad.data import emnist, load_emnist
from pebblegrad.data.emnist import EMNIST_CLASSES


def archive(idx_bytes, split, images, labels, **replaced):
    """gzip.zip with one selection, the same images to train and to test on."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        target.writestr(
            "gzip/emnist-other-train-images-idx3-ubyte.gz", b"not looked at"
        )
        for part in ("train", "test"):
            for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
                name = f"emnist-{split}-{part}-{kind}-ubyte.gz"
                contents = gzip.compress(idx_bytes(np.asarray(array)))
                contents = replaced.get(f"{part}_{kind[:6]}", contents)
                if contents is not None:
                    target.writestr(f"gzip/{name}", contents)
    return {"gzip.zip": packed.getvalue()}


@pytest.fixture
def images():
    """Two images with a bright first row; in the files it is the first column."""
    lying = np.zeros((2, 28, 28), np.uint8)
    lying[:, :, 0] = 255
    return lying


def test_letters_are_upright_and_count_from_zero(stand_in, idx_bytes, images):
    stand_in(emnist, archive(idx_bytes, "letters", images, [1, 26]))

    X_train, y_train, X_test, y_test = load_emnist(one_hot=False, flat=False)
    rows, one_hot, _, _ = load_emnist("letters")

    assert X_train.shape == X_test.shape == (2, 1, 28, 28)
    assert (X_train[:, 0, 0] == 1).all()
    assert (X_train[:, 0, 1:] == 0).all()
    assert [EMNIST_CLASSES["letters"][k] for k in y_train] == ["a", "z"]
    assert y_test.dtype == np.int64
    assert (rows[:, :28] == 1).all()
    assert rows.flags.c_contiguous
    assert X_train.flags.c_contiguous
    assert one_hot.shape == (2, 26)
    assert one_hot.argmax(axis=1).tolist() == [0, 25]


@pytest.mark.parametrize(
    ("split", "count", "last"),
    [
        ("letters", 26, "z"),
        ("digits", 10, "9"),
        ("mnist", 10, "9"),
        ("balanced", 47, "t"),
        ("bymerge", 47, "t"),
        ("byclass", 62, "z"),
    ],
)
def test_each_selection_has_its_classes(
    stand_in, idx_bytes, images, split, count, last
):
    first = 1 if split == "letters" else 0
    stand_in(emnist, archive(idx_bytes, split, images, [first, first + count - 1]))

    _, y_train, _, _ = load_emnist(split)

    assert y_train.shape == (2, count)
    assert y_train.argmax(axis=1).tolist() == [0, count - 1]
    assert EMNIST_CLASSES[split][-1] == last
    assert len(set(EMNIST_CLASSES[split])) == count


@pytest.mark.parametrize("split", ["letter", "", None, 3, ["letters"]])
def test_a_selection_that_is_unknown_is_refused(split):
    with pytest.raises(
        ValueError, match=r"load_emnist: split is .*; needed is one of b"
    ):
        load_emnist(split)


def test_a_label_outside_of_the_classes_is_refused(stand_in, idx_bytes, images):
    stand_in(emnist, archive(idx_bytes, "letters", images, [0, 3]))

    with pytest.raises(ValueError, match="holds the label 0 at 0; needed are 1 to 26"):
        load_emnist()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            None,
            "gzip.zip holds no file 'gzip/emnist-letters-train-images-idx3-ubyte.gz'",
        ),
        (
            gzip.compress(b"abc", mtime=0)[:-4],
            "train-images-idx3-ubyte.gz is damaged: its gzip",
        ),
        (
            gzip.compress(b"abcd", mtime=0),
            "is not an idx file: it begins with 61 62 63 64",
        ),
    ],
)
def test_an_archive_that_lacks_or_spoils_a_file_is_refused(
    stand_in, idx_bytes, images, wrong, said
):
    stand_in(emnist, archive(idx_bytes, "letters", images, [1, 2], train_images=wrong))

    with pytest.raises(ValueError, match=f"load_emnist: .*{said}"):
        load_emnist()


def test_a_file_that_inflates_to_more_than_there_can_be_is_refused(
    stand_in, idx_bytes, images, monkeypatch
):
    monkeypatch.setattr(emnist, "_LARGEST", 10_000)
    bomb = gzip.compress(bytes(1 << 20))
    stand_in(emnist, archive(idx_bytes, "letters", images, [1, 2], train_images=bomb))

    with pytest.raises(ValueError, match="inflates to more than 10000 bytes"):
        load_emnist()


def test_a_wrong_archive_is_moved_aside(stand_in, idx_bytes, images):
    folder = stand_in(emnist, archive(idx_bytes, "letters", images, [1, 2]))
    (folder / "gzip.zip").write_bytes(b"<html>")

    with pytest.raises(FileNotFoundError, match="found 6 bytes; needed are"):
        load_emnist(download=False)

    assert (folder / "gzip.zip.damaged").read_bytes() == b"<html>"


def test_a_dtype_of_none_is_refused_before_any_file_is_read():
    with pytest.raises(TypeError, match="load_emnist: dtype is None"):
        load_emnist(dtype=None)
