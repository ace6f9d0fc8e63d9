"""`load_mnist(source="tensorflow")` with the real TensorFlow, and no network.

A file is put where Keras keeps its own, and Keras reads it: so the names, the shapes
and the folder that `load_mnist` counts on are those of the TensorFlow that is
installed. Only Keras's check of the file's hash is left out, as this is not its file.

The folder is not called `tensorflow`, since Python would take it for the package.
"""

import sys

import numpy as np
import pytest

from pebblegrad.data import load_mnist

# TensorFlow and what it imports warn of their own future; that is not tested here.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def arrays(monkeypatch, tmp_path):
    """What the file holds; Keras finds it in a cache folder of its own."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))  # is read when Keras is imported
    assert "keras" not in sys.modules, "run this file in a process of its own"
    import tensorflow

    draw = np.random.default_rng(0)
    arrays = {
        "x_train": draw.integers(0, 256, (5, 28, 28), dtype=np.uint8),
        "y_train": np.array([5, 0, 4, 1, 9], np.uint8),
        "x_test": draw.integers(0, 256, (2, 28, 28), dtype=np.uint8),
        "y_test": np.array([7, 2], np.uint8),
    }
    (tmp_path / "datasets").mkdir()
    np.savez(tmp_path / "datasets" / "mnist.npz", **arrays)
    module = sys.modules[tensorflow.keras.datasets.mnist.load_data.__module__]
    get_file = module.get_file

    def without_hash(*arguments, **options):
        return get_file(*arguments, **options | {"file_hash": None})

    monkeypatch.setattr(module, "get_file", without_hash)
    return arrays


def test_the_arrays_of_keras_come_in_the_forms_of_load_mnist(arrays):
    """Whoever reads them, the arrays are the same."""
    X_train, y_train, X_test, y_test = load_mnist(source="tensorflow", download=False)
    images, classes, _, _ = load_mnist(
        source="tensorflow", download=False, flat=False, one_hot=False, dtype="f8"
    )

    expected = (arrays["x_train"] / 255).reshape(5, 784)
    np.testing.assert_allclose(X_train, expected, rtol=1e-6)
    np.testing.assert_array_equal(y_train.argmax(axis=1), arrays["y_train"])
    assert (X_test.shape, y_test.shape) == ((2, 784), (2, 10))
    np.testing.assert_array_equal(images[:, 0], arrays["x_train"] / 255)
    assert classes.tolist() == [5, 0, 4, 1, 9]
