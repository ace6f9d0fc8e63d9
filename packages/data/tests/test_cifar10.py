"""`load_cifar10`, on small archives of the published form."""

import io
import tarfile

import numpy as np
import pytest

from pebblegrad.data import cifar10, load_cifar10
from pebblegrad.data.cifar10 import CIFAR10_CLASSES


def record(label, red=0, green=0, blue=0):
    return bytes([label]) + bytes([red] * 1024 + [green] * 1024 + [blue] * 1024)


def archive(**replaced):
    """The tar.gz: batch n holds one image of class n, the test batch two."""
    files = {f"data_batch_{n}": record(n, red=255, green=51 * n) for n in range(1, 6)}
    files["test_batch"] = record(0, blue=255) + record(9)
    files |= {name: contents for name, contents in replaced.items()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as target:
        folder = tarfile.TarInfo("cifar-10-batches-bin")
        folder.type = tarfile.DIRTYPE
        target.addfile(folder)
        for name, contents in files.items():
            if contents is not None:
                info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
                info.size = len(contents)
                target.addfile(info, io.BytesIO(contents))
    return {"cifar-10-binary.tar.gz": packed.getvalue()}


def test_the_default_is_images_of_three_channels_and_one_hot_labels(stand_in):
    stand_in(cifar10, archive())

    X_train, y_train, X_test, y_test = load_cifar10()

    assert X_train.shape == (5, 3, 32, 32)
    assert X_train.dtype == y_train.dtype == np.float32
    assert (X_train[:, 0] == 1).all()
    np.testing.assert_allclose(X_train[:, 1, 0, 0], np.arange(1, 6) / 5, rtol=1e-6)
    assert (X_train[:, 2] == 0).all()
    assert y_train.argmax(axis=1).tolist() == [1, 2, 3, 4, 5]
    assert X_test.shape == (2, 3, 32, 32)
    assert X_test.flags.c_contiguous
    assert (X_test[0, 2] == 1).all()
    assert y_test.shape == (2, 10)


def test_the_keywords_give_rows_and_class_numbers(stand_in):
    stand_in(cifar10, archive())

    X_train, y_train, _, y_test = load_cifar10(flat=True, one_hot=False, dtype="f8")

    assert (X_train.shape, X_train.dtype) == ((5, 3072), np.float64)
    assert X_train.flags.c_contiguous
    assert X_train.flags.writeable
    assert y_train.dtype == np.int64
    assert [CIFAR10_CLASSES[k] for k in y_test] == ["airplane", "truck"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (None, "holds no file 'cifar-10-batches-bin/data_batch_3.bin'"),
        (
            record(3)[:-1],
            "data_batch_3.bin holds 3072 bytes; needed are records of 3073",
        ),
        (record(10), "data_batch_3.bin holds the label 10 at 0; needed are 0 to 9"),
    ],
)
def test_an_archive_that_lacks_or_spoils_a_file_is_refused(stand_in, wrong, said):
    stand_in(cifar10, archive(data_batch_3=wrong))

    with pytest.raises(ValueError, match=f"load_cifar10: .*{said}"):
        load_cifar10()


def test_an_archive_that_is_a_bomb_is_refused(stand_in, monkeypatch):
    monkeypatch.setattr(cifar10, "_LARGEST", 20_000)
    stand_in(cifar10, archive(data_batch_3=record(3) * 200))

    with pytest.raises(ValueError, match="more than was allowed"):
        load_cifar10()


def test_a_wrong_archive_is_not_opened(stand_in):
    folder = stand_in(cifar10, archive())
    (folder / "cifar-10-binary.tar.gz").write_bytes(b"no archive")

    with pytest.raises(FileNotFoundError, match="found 10 bytes; needed are"):
        load_cifar10(download=False)


def test_a_dtype_of_none_is_refused_before_any_file_is_read():
    with pytest.raises(TypeError, match="load_cifar10: dtype is None"):
        load_cifar10(dtype=None)
