"""`load_kmnist`: the forms of `load_mnist`, from files of its own."""

import gzip

import numpy as np
import pytest

from pebblegrad.data import kmnist, load_kmnist
from pebblegrad.data.kmnist import KMNIST_CLASSES

NAMES = [file.name for file in kmnist._KMNIST.files]


def test_it_has_the_forms_of_load_mnist(stand_in, idx_bytes, rng):
    pixels = rng.integers(0, 256, (3, 28, 28))
    arrays = [pixels, np.array([9, 0, 3]), pixels[:0], np.array([], int)]
    files = {
        name: gzip.compress(idx_bytes(array))
        for name, array in zip(NAMES, arrays, strict=True)
    }
    stand_in(kmnist, files)

    X_train, y_train, X_test, y_test = load_kmnist(one_hot=False, flat=False)

    np.testing.assert_allclose(X_train[:, 0], pixels / 255, rtol=1e-6)
    assert [KMNIST_CLASSES[k] for k in y_train] == ["wo", "o", "tsu"]
    assert (X_test.shape, y_test.shape) == ((0, 1, 28, 28), (0,))


def test_it_is_not_mistaken_for_another_set_of_the_same_names(stand_in, folder):
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_bytes(b"MNIST")

    with pytest.raises(
        FileNotFoundError, match=r"load_kmnist: .* is not in .*kmnist; "
    ):
        load_kmnist(download=False)

    assert all((folder / name).exists() for name in NAMES)


def test_a_dtype_that_pixels_do_not_survive_is_refused():
    with pytest.raises(
        ValueError, match="load_kmnist: dtype is uint8; needed is a flo"
    ):
        load_kmnist(dtype=np.uint8)


def test_the_published_table_has_the_sizes_of_the_format():
    sizes = [file.contents_size for file in kmnist._KMNIST.files]

    assert sizes == [16 + 60000 * 784, 8 + 60000, 16 + 10000 * 784, 8 + 10000]
    assert len({file.sha256 for file in kmnist._KMNIST.files}) == 4
