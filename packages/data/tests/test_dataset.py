"""`ArrayDataset`: indexing, views and copies, and what it refuses."""

import itertools
import tracemalloc

import numpy as np
import pytest

from pebblegrad.data import ArrayDataset, DataLoader


@pytest.fixture
def arrays(rng):
    return rng.random((6, 2, 3)), rng.integers(0, 9, 6)


@pytest.mark.parametrize(
    "indices",
    [
        np.array([4, 0, 0, -1]),
        np.array([4, 0], np.uint8),
        np.array([True, False, True, False, False, True]),
        [5, 1],
        [True, False, True, False, False, True],
        [],
        slice(1, 4),
        slice(None, None, -2),
        slice(9, 12),
    ],
    ids=str,
)
def test_indices_select_the_same_samples_of_each_array(arrays, indices):
    X, y = arrays
    reference = (
        [] if isinstance(indices, list) and not indices else np.arange(6)[indices]
    )

    X_part, y_part = ArrayDataset(X, y)[indices]

    np.testing.assert_array_equal(
        X_part, np.array([X[i] for i in reference]).reshape(-1, 2, 3)
    )
    np.testing.assert_array_equal(y_part, [y[i] for i in reference])


def test_an_integer_selects_one_sample(arrays):
    X, y = arrays

    sample, target = ArrayDataset(X, y)[np.int64(-1)]

    np.testing.assert_array_equal(sample, X[5])
    assert target == y[5]


def test_a_slice_is_a_read_only_view_and_the_arrays_stay_writable(arrays):
    X, y = arrays
    dataset = ArrayDataset(X, y)

    for view in (dataset[:3][0], dataset[2][0]):
        assert np.shares_memory(view, X)
        with pytest.raises(ValueError, match="read-only"):
            view += 1
    X += 1


@pytest.mark.parametrize("indices", [[0, 1], np.array([0, 1]), np.arange(6) < 2])
def test_gathered_samples_are_new_and_writable(arrays, indices):
    X, y = arrays
    before = X.copy()

    part, _ = ArrayDataset(X, y)[indices]
    part += 1

    np.testing.assert_array_equal(X, before)


def test_the_length_is_that_of_the_arrays(arrays):
    assert len(ArrayDataset(*arrays)) == 6
    assert len(ArrayDataset(np.empty((0, 3)))) == 0


def test_the_repr_shows_shapes_and_dtypes(arrays):
    assert repr(ArrayDataset(*arrays)) == "ArrayDataset((6, 2, 3) float64, (6,) int64)"


def test_a_file_mapped_into_memory_gives_ordinary_batches(tmp_path):
    mapped = np.memmap(tmp_path / "X", dtype=np.float32, mode="w+", shape=(5, 2))
    mapped[:] = np.arange(10).reshape(5, 2)

    (part,) = ArrayDataset(mapped)[np.array([3, 0])]

    assert part.tolist() == [[6, 7], [0, 1]]


def test_arrays_of_different_lengths_are_refused_with_their_shapes():
    with pytest.raises(
        ValueError,
        match=r"ArrayDataset: the arrays have shapes \(3, 2\) and \(4,\); needed is",
    ):
        ArrayDataset(np.zeros((3, 2)), np.zeros(4))


def test_no_arrays_are_refused():
    with pytest.raises(
        TypeError, match="ArrayDataset: no arrays were given; needed is"
    ):
        ArrayDataset()


@pytest.mark.parametrize("wrong", [[1, 2], 3, None, "ab"])
def test_what_is_not_an_array_is_refused(wrong):
    name = type(wrong).__name__
    with pytest.raises(
        TypeError, match=rf"argument 1 is of type {name}; .*np\.asarray"
    ):
        ArrayDataset(np.zeros(2), wrong)


def test_an_array_without_an_axis_is_refused():
    with pytest.raises(
        ValueError, match=r"argument 0 has shape \(\); needed is an axis"
    ):
        ArrayDataset(np.array(1.0))


@pytest.mark.parametrize("index", [(0, 1), True, np.True_, (slice(2),), None])
def test_an_index_into_more_than_the_samples_is_refused(arrays, index):
    with pytest.raises(
        TypeError, match=r"dataset\[\.\.\.\]: the index is .*; needed is"
    ):
        ArrayDataset(*arrays)[index]


def test_a_sample_that_is_not_there_is_an_index_error(arrays):
    for index in (6, [6], np.array([-7]), np.array([6], np.uint8)):
        with pytest.raises(IndexError, match="out of bounds for axis 0 with size 6"):
            ArrayDataset(*arrays)[index]


def test_a_huge_unsigned_index_is_not_taken_for_a_negative_one(rng, arrays):
    huge = np.array([0, 2**64 - 1], np.uint64)

    for dataset in (ArrayDataset(*arrays), ArrayDataset(rng.random((6, 4))[:, ::2])):
        with pytest.raises(
            IndexError, match="index 18446744073709551615 is out of bounds"
        ):
            dataset[huge]


def mapped(path, shape, **keywords):
    """A file of zeros that takes no room on most disks, mapped into memory."""
    with open(path, "wb") as file:
        file.truncate(int(np.prod(shape)) * 4 + keywords.get("offset", 0))
    return np.memmap(path, np.float32, mode="r", shape=shape, **keywords)


@pytest.mark.parametrize(
    "keywords", [{}, {"offset": 1}], ids=["aligned", "not aligned"]
)
@pytest.mark.parametrize("step", [1, 2])
def test_of_a_file_of_gigabytes_only_the_batches_are_copied(tmp_path, keywords, step):
    X = mapped(tmp_path / "X", (2**18, 2**12), **keywords)[:, ::step]
    assert X.nbytes >= 2**31
    tracemalloc.start()

    batches = itertools.islice(DataLoader(X, 4, shuffle=True, rng=0, prefetch=1), 3)
    rows = sum(len(batch) for batch in batches)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 12
    assert peak < 16e6  # the order of an epoch is 2 of these


def test_a_file_in_fortran_order_is_not_copied_either(tmp_path):
    X = mapped(tmp_path / "X", (2**28, 4), order="F")
    tracemalloc.start()

    (part,) = ArrayDataset(X)[np.array([3, 2**27])]

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert part.shape == (2, 4)
    assert peak < 1e6


def test_batches_of_a_mapped_file_are_ordinary_arrays(tmp_path):
    np.save(tmp_path / "X.npy", np.arange(10))
    X = np.load(tmp_path / "X.npy", mmap_mode="r")

    for index in (slice(1, 3), [1, 2], np.array([1, 2]), np.arange(10) < 2):
        (part,) = ArrayDataset(X)[index]
        assert type(part) is np.ndarray


@pytest.mark.parametrize(
    "make",
    [
        np.asfortranarray,
        lambda X: X[:, ::-1],
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X.astype(">f8"),
    ],
)
def test_rows_of_an_array_in_any_memory_order_are_gathered(rng, make):
    X = make(rng.random((6, 3)))

    (part,) = ArrayDataset(X)[np.array([4, 0, -1])]

    assert part.tolist() == [X[4].tolist(), X[0].tolist(), X[5].tolist()]
