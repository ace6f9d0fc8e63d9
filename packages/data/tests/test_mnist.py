"""`load_mnist`: what it returns, which files it believes, what it says otherwise."""

import gzip
import re
import sys
import types
import warnings

import numpy as np
import pytest

from pebblegrad.data import load_mnist, mnist

NAMES = [file.name for file in mnist._MNIST.files]
TRAIN_IMAGES = NAMES[0]


def test_the_default_is_flat_float32_pixels_and_one_hot_labels(small_mnist, folder):
    small_mnist.put_into(folder)

    X_train, y_train, X_test, y_test = load_mnist()

    assert X_train.shape == (40, 784)
    assert y_train.shape == (40, 10)
    assert X_test.shape == (2, 784)
    assert y_test.shape == (2, 10)
    assert {a.dtype for a in (X_train, y_train, X_test, y_test)} == {np.dtype("f4")}
    expected = (small_mnist.images[0] / 255).astype(np.float32).reshape(40, 784)
    np.testing.assert_array_equal(X_train, expected)
    np.testing.assert_array_equal(y_test.argmax(axis=1), small_mnist.labels[1])
    np.testing.assert_array_equal(y_test.sum(axis=1), [1, 1])


def test_the_keywords_give_images_and_class_numbers(small_mnist, folder):
    small_mnist.put_into(folder)

    X_train, y_train, _, y_test = load_mnist(one_hot=False, flat=False)

    assert X_train.shape == (40, 1, 28, 28)
    np.testing.assert_allclose(X_train[:, 0], small_mnist.images[0] / 255, rtol=1e-6)
    assert y_train.dtype == np.int64
    np.testing.assert_array_equal(y_train, small_mnist.labels[0])
    np.testing.assert_array_equal(y_test, small_mnist.labels[1])


@pytest.mark.parametrize("dtype", ["float16", np.float64, np.dtype(">f4")])
def test_the_dtype_is_that_of_pixels_and_one_hot_rows(small_mnist, folder, dtype):
    small_mnist.put_into(folder)

    X_train, y_train, _, _ = load_mnist(dtype=dtype)

    assert X_train.dtype == y_train.dtype == np.dtype(dtype).newbyteorder("=")
    assert 0 <= X_train.min() < X_train.max() <= 1


def test_the_arrays_are_contiguous_and_writable(small_mnist, folder):
    small_mnist.put_into(folder)

    for array in (*load_mnist(), *load_mnist(one_hot=False, flat=False)):
        assert array.flags.c_contiguous
        assert array.flags.writeable


@pytest.mark.parametrize("dtype", [np.uint8, int, bool, complex])
def test_a_dtype_that_pixels_do_not_survive_is_refused_before_any_file_is_read(dtype):
    name = np.dtype(dtype).name
    with pytest.raises(
        ValueError, match=rf"load_mnist: dtype is {name}; needed is a fl"
    ):
        load_mnist(dtype=dtype)


def test_the_options_are_keyword_only():
    with pytest.raises(TypeError, match="positional"):
        load_mnist(True)


def test_files_put_there_by_hand_are_accepted_in_any_compression(small_mnist, folder):
    small_mnist.put_into(folder)
    images, labels, test_images, _ = NAMES
    (folder / images).write_bytes(gzip.compress(small_mnist.plain[images], 1))
    (folder / labels).unlink()
    (folder / labels.removesuffix(".gz")).write_bytes(small_mnist.plain[labels])
    # Inflated by a browser, which kept the name.
    (folder / test_images).write_bytes(small_mnist.plain[test_images])

    X_train, _, X_test, _ = load_mnist(download=False)

    np.testing.assert_allclose(
        X_train, small_mnist.images[0].reshape(40, -1) / 255, 1e-6
    )
    np.testing.assert_allclose(X_test, small_mnist.images[1].reshape(2, -1) / 255, 1e-6)


def test_files_put_by_hand_into_the_cache_folder_itself_are_used(small_mnist, folder):
    small_mnist.put_into(folder.parent)

    assert load_mnist(download=False)[0].shape == (40, 784)


def damaged_copies(small):
    """(what is wrong, bytes under the name of the training images, what is said)."""
    good, plain = small.served[TRAIN_IMAGES], small.plain[TRAIN_IMAGES]
    flipped = plain[:-1] + bytes([plain[-1] ^ 1])
    short = rf"contents of {len(plain) - 1} bytes with SHA-256 [0-9a-f]{{64}}"
    return [
        ("empty", b"", "contents of 0 bytes with SHA-256 e3b0c442"),
        ("cut", good[:-20], rf"{len(good) - 20} bytes, and its gzip stream ends in"),
        ("flipped", good[:99] + bytes([good[99] ^ 1]) + good[100:], "gzip stream"),
        ("a page", b"<html>", "contents of 6 bytes with SHA-256 "),
        ("a byte short", gzip.compress(plain[:-1]), short),
        (
            "one pixel changed",
            gzip.compress(flipped),
            rf"{len(plain)} bytes with SHA-256 ",
        ),
        ("one pixel changed, plain", flipped, rf"{len(plain)} bytes with SHA-256 "),
        ("a bomb", gzip.compress(bytes(1 << 24)), "more contents"),
        ("another file", small.served[NAMES[1]], "contents of 48 bytes with SHA-256 "),
        ("rubbish at the end", good + b"rubbish", "gzip stream is damaged"),
    ]


@pytest.mark.parametrize("case", range(10))
def test_a_wrong_file_is_refused_moved_aside_and_kept(small_mnist, folder, case):
    _, wrong, said = damaged_copies(small_mnist)[case]
    small_mnist.put_into(folder)
    (folder / TRAIN_IMAGES).write_bytes(wrong)
    needed = small_mnist.files[0].contents_sha256

    with pytest.raises(FileNotFoundError) as caught:
        load_mnist(download=False)

    assert re.search(
        rf"{TRAIN_IMAGES} is not the published file: found .*{said}.*; needed are "
        rf"contents of \d+ bytes with SHA-256 {needed}; it was moved aside to "
        rf"{TRAIN_IMAGES}\.damaged",
        str(caught.value),
    )
    assert not (folder / TRAIN_IMAGES).exists()
    assert (folder / f"{TRAIN_IMAGES}.damaged").read_bytes() == wrong


def test_a_second_wrong_file_does_not_overwrite_the_first(small_mnist, folder):
    small_mnist.put_into(folder)
    for wrong in (b"first", b"second"):
        (folder / TRAIN_IMAGES).write_bytes(wrong)
        with pytest.raises(FileNotFoundError):
            load_mnist(download=False)

    assert (folder / f"{TRAIN_IMAGES}.damaged").read_bytes() == b"first"
    assert (folder / f"{TRAIN_IMAGES}.damaged-2").read_bytes() == b"second"


def test_a_wrong_file_is_replaced_when_a_mirror_can_be_reached(
    small_mnist, folder, mirror
):
    small_mnist.put_into(folder)
    (folder / TRAIN_IMAGES).write_bytes(b"wrong")
    small_mnist.use(mirror.url("good"))

    with pytest.warns(UserWarning, match=r"moved aside .*\.damaged; a good one is us"):
        X_train, _, _, _ = load_mnist(progress=False)

    assert X_train.shape == (40, 784)
    assert (folder / TRAIN_IMAGES).read_bytes() == small_mnist.served[TRAIN_IMAGES]
    assert (folder / f"{TRAIN_IMAGES}.damaged").read_bytes() == b"wrong"
    assert mirror.asked == [("good", TRAIN_IMAGES)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_mnist(download=False)


def test_a_good_plain_file_is_used_when_the_gzip_file_beside_it_is_wrong(
    small_mnist, folder
):
    small_mnist.put_into(folder)
    (folder / TRAIN_IMAGES).write_bytes(b"wrong")
    plain = folder / TRAIN_IMAGES.removesuffix(".gz")
    plain.write_bytes(small_mnist.plain[TRAIN_IMAGES])

    with pytest.warns(UserWarning, match="load_mnist: .*a good one is used") as caught:
        load_mnist(download=False)

    assert caught[0].filename == __file__


def test_without_files_and_without_download_the_error_says_what_can_be_done(folder):
    with pytest.raises(FileNotFoundError) as caught:
        load_mnist(download=False)

    text = str(caught.value)
    assert text.startswith(f"load_mnist: {TRAIN_IMAGES} is not in {folder}; needed ")
    for word in (*NAMES, "PEBBLEGRAD_DATA", "load_digits()", "gzipped or not"):
        assert word in text
    assert not folder.exists()


def test_the_platforms_cache_folder_is_used_when_none_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("PEBBLEGRAD_DATA")
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / project)

    with pytest.raises(FileNotFoundError, match=str(tmp_path / "pebblegrad" / "mnist")):
        load_mnist(download=False)


def test_a_tilde_in_the_folders_name_is_the_home(monkeypatch, tmp_path, small_mnist):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PEBBLEGRAD_DATA", "~/sets")
    small_mnist.put_into(tmp_path / "sets" / "mnist")

    assert load_mnist(download=False)[0].shape == (40, 784)


def test_the_real_mnist_is_what_it_should_be(real_mnist, monkeypatch):
    monkeypatch.setenv("PEBBLEGRAD_DATA", str(real_mnist))

    X_train, y_train, X_test, y_test = load_mnist(download=False)

    assert X_train.shape == (60000, 784)
    assert X_test.shape == (10000, 784)
    assert (X_train.min(), X_train.max()) == (0, 1)
    assert round(float(X_train.mean(dtype=np.float64)), 4) == 0.1307
    assert round(float(X_train.std(dtype=np.float64)), 4) == 0.3081
    # The counts of the classes, as published.
    published = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    np.testing.assert_array_equal(y_train.sum(axis=0), published)
    np.testing.assert_array_equal(y_test[:5].argmax(axis=1), [7, 2, 1, 0, 4])


def test_a_real_file_compressed_anew_is_still_mnist(real_mnist, folder, monkeypatch):
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).symlink_to(real_mnist / "mnist" / name)
    labels = folder / NAMES[3]
    contents = gzip.decompress(labels.read_bytes())
    labels.unlink()
    labels.write_bytes(gzip.compress(contents, 1))

    y_test = load_mnist(one_hot=False, download=False)[3]

    np.testing.assert_array_equal(y_test, np.frombuffer(contents, np.uint8)[8:])


def test_a_file_that_another_process_replaced_meanwhile_is_not_moved_aside(
    small_mnist, folder, mirror, monkeypatch
):
    small_mnist.put_into(folder)
    wrong = folder / TRAIN_IMAGES
    wrong.write_bytes(b"wrong")
    monkeypatch.setattr("os.path.samestat", lambda *_: False)
    small_mnist.use(mirror.url("good"))

    with pytest.warns(UserWarning, match="another process has replaced it since"):
        X_train, _, _, _ = load_mnist(progress=False)

    assert X_train.shape == (40, 784)
    assert not wrong.with_name(f"{TRAIN_IMAGES}.damaged").exists()


def test_a_file_that_another_process_moved_aside_meanwhile_is_no_error(
    small_mnist, folder, mirror, monkeypatch
):
    small_mnist.put_into(folder)
    (folder / TRAIN_IMAGES).write_bytes(b"wrong")

    def samestat(*_):
        (folder / TRAIN_IMAGES).unlink()
        raise FileNotFoundError

    monkeypatch.setattr("os.path.samestat", samestat)
    small_mnist.use(mirror.url("good"))

    with pytest.warns(UserWarning, match="another process has removed it since"):
        X_train, _, _, _ = load_mnist(progress=False)

    assert X_train.shape == (40, 784)


def test_a_file_in_the_cache_folder_itself_that_is_another_sets_is_left_alone(
    small_mnist, folder
):
    small_mnist.put_into(folder)
    (folder / TRAIN_IMAGES).unlink()
    other = folder.parent / TRAIN_IMAGES  # Fashion-MNIST has the same names
    other.write_bytes(b"another set")

    with pytest.raises(FileNotFoundError, match=f"{TRAIN_IMAGES} is not in {folder}"):
        load_mnist(download=False)

    assert other.read_bytes() == b"another set"


def test_a_dtype_of_none_is_refused():
    with pytest.raises(
        TypeError, match="load_mnist: dtype is None; needed is a float "
    ):
        load_mnist(dtype=None)


def test_a_dtype_that_does_not_exist_is_refused():
    with pytest.raises(
        TypeError, match="load_mnist: dtype is 'spam'; needed is a floa"
    ):
        load_mnist(dtype="spam")


def test_a_source_that_is_unknown_is_refused():
    with pytest.raises(
        ValueError, match="source is 'keras'; needed is 'files' or 'tensorflow'"
    ):
        load_mnist(source="keras")


@pytest.fixture
def tensorflow(monkeypatch, tmp_path):
    """A stand-in for TensorFlow; the real one has a nox session of its own."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    module = types.ModuleType("tensorflow")
    module.parts = (
        (np.full((3, 28, 28), 51, np.uint8), np.array([7, 0, 9], np.uint8)),
        (np.zeros((1, 28, 28), np.uint8), np.array([2], np.uint8)),
    )
    mnist = types.SimpleNamespace(load_data=lambda: module.parts)
    module.keras = types.SimpleNamespace(datasets=types.SimpleNamespace(mnist=mnist))
    monkeypatch.setitem(sys.modules, "tensorflow", module)
    return module


def test_tensorflows_arrays_come_in_the_same_forms(tensorflow):
    X_train, y_train, X_test, y_test = load_mnist(source="tensorflow")
    images, labels, _, _ = load_mnist(
        source="tensorflow", flat=False, one_hot=False, dtype=np.float64
    )

    assert (X_train.shape, X_train.dtype) == ((3, 784), np.float32)
    assert (X_train == np.float32(51 / 255)).all()
    assert y_train.argmax(axis=1).tolist() == [7, 0, 9]
    assert (X_test.shape, y_test.shape) == ((1, 784), (1, 10))
    assert (images.shape, images.dtype) == ((3, 1, 28, 28), np.float64)
    assert (labels.tolist(), labels.dtype) == ([7, 0, 9], np.int64)


def test_tensorflow_is_not_asked_when_it_would_download_and_may_not(
    tensorflow, tmp_path
):
    file = tmp_path / "keras" / "datasets" / "mnist.npz"
    with pytest.raises(FileNotFoundError, match=f"load_mnist: {file} is not there"):
        load_mnist(source="tensorflow", download=False)

    file.parent.mkdir(parents=True)
    file.touch()
    assert load_mnist(source="tensorflow", download=False)[0].shape == (3, 784)


def test_without_tensorflow_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)

    with pytest.raises(ImportError, match=r"pip install pebblegrad-data\[tensorflow\]"):
        load_mnist(source="tensorflow")


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (np.zeros((2, 28, 27), np.uint8), [0, 1], r"of shape \(2, 28, 27\) and dtype"),
        (np.zeros((2, 28, 28)), [0, 1], "and dtype float64 for 2 labels"),
        (np.zeros((2, 28, 28), np.uint8), [0], "dtype uint8 for 1 labels"),
        (np.zeros((2, 28, 28), np.uint8), [0, 10], "holds the label 10 at 1; needed"),
    ],
)
def test_what_tensorflow_should_not_give_is_refused(tensorflow, images, labels, said):
    tensorflow.parts = (tensorflow.parts[0], (images, np.array(labels)))

    with pytest.raises(ValueError, match=said):
        load_mnist(source="tensorflow")
