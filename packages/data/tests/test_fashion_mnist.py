"""`load_fashion_mnist`, and which of its files are believed."""

import gzip

import numpy as np
import pytest

from pebblegrad.data import fashion_mnist, load_fashion_mnist
from pebblegrad.data.fashion_mnist import FASHION_MNIST_CLASSES

NAMES = [file.name for file in fashion_mnist._FASHION_MNIST.files]


def files(idx_bytes, labels=(9, 0, 3), images=3):
    pixels = np.random.default_rng(0).integers(0, 256, (images, 28, 28))
    arrays = [pixels, np.array(labels), pixels[:1], np.array([2])]
    return {
        name: gzip.compress(idx_bytes(array), mtime=0)
        for name, array in zip(NAMES, arrays, strict=True)
    }


def test_it_has_the_forms_of_load_mnist(stand_in, idx_bytes):
    stand_in(fashion_mnist, files(idx_bytes))

    X_train, y_train, X_test, y_test = load_fashion_mnist()
    images, classes, _, _ = load_fashion_mnist(flat=False, one_hot=False, dtype="f8")

    assert [a.shape for a in (X_train, y_train)] == [(3, 784), (3, 10)]
    assert [a.shape for a in (X_test, y_test)] == [(1, 784), (1, 10)]
    assert X_train.dtype == y_train.dtype == np.float32
    assert (images.shape, images.dtype) == ((3, 1, 28, 28), np.float64)
    assert [FASHION_MNIST_CLASSES[k] for k in classes] == [
        "Ankle boot",
        "T-shirt/top",
        "Dress",
    ]


def test_a_file_compressed_anew_is_not_believed_as_nobody_published_its_contents(
    stand_in, idx_bytes
):
    folder = stand_in(fashion_mnist, files(idx_bytes))
    path = folder / NAMES[0]
    again = gzip.compress(gzip.decompress(path.read_bytes()), 1)
    path.write_bytes(again)

    with pytest.raises(
        FileNotFoundError,
        match=rf"(?s)as published, byte for byte\).*{NAMES[0]} is not the published "
        rf"file: found {len(again)} bytes.*; needed are \d+ bytes with SHA-256",
    ):
        load_fashion_mnist(download=False)

    assert (folder / f"{NAMES[0]}.damaged").read_bytes() == again


def test_a_file_of_the_right_length_with_a_changed_byte_is_not_believed(
    stand_in, idx_bytes
):
    folder = stand_in(fashion_mnist, files(idx_bytes))
    path = folder / NAMES[1]
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))

    with pytest.raises(FileNotFoundError, match=r"bytes with SHA-256 .*; needed are"):
        load_fashion_mnist(download=False)


def test_an_inflated_file_beside_is_left_alone(stand_in, idx_bytes):
    folder = stand_in(fashion_mnist, files(idx_bytes))
    path = folder / NAMES[0]
    plain = folder / NAMES[0].removesuffix(".gz")
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    path.unlink()

    with pytest.raises(FileNotFoundError, match=f"{NAMES[0]} is not in {folder}"):
        load_fashion_mnist(download=False)

    assert plain.exists()


@pytest.mark.parametrize(
    ("labels", "images", "said"),
    [
        ((1, 2), 3, "train-labels.* holds 2 labels, and there are 3 images"),
        ((1, 2, 10), 3, "train-labels.* holds the label 10 at 2; needed are 0 to 9"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(
    stand_in, idx_bytes, labels, images, said
):
    stand_in(fashion_mnist, files(idx_bytes, labels, images))

    with pytest.raises(ValueError, match=f"load_fashion_mnist: {said}"):
        load_fashion_mnist()


def test_labels_in_the_place_of_images_are_refused(stand_in, idx_bytes):
    swapped = files(idx_bytes)
    swapped[NAMES[0]] = swapped[NAMES[1]]
    stand_in(fashion_mnist, swapped)

    with pytest.raises(
        ValueError, match=r"train-images.* holds shape \(3,\) of uint8; needed is uin"
    ):
        load_fashion_mnist()


def test_a_dtype_of_none_is_refused_before_any_file_is_read():
    with pytest.raises(TypeError, match="load_fashion_mnist: dtype is None"):
        load_fashion_mnist(dtype=None)


def test_without_files_the_error_says_what_to_put_where():
    with pytest.raises(
        FileNotFoundError, match=r"load_fashion_mnist: .*PEBBLEGRAD_DAT"
    ):
        load_fashion_mnist(download=False)


def test_the_published_table_has_the_sizes_of_the_format():
    sizes = [file.contents_size for file in fashion_mnist._FASHION_MNIST.files]

    assert sizes == [16 + 60000 * 784, 8 + 60000, 16 + 10000 * 784, 8 + 10000]
