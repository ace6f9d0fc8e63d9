"""`Subset`, `ConcatDataset` and `concat`: which samples they hold, and errors."""

import numpy as np
import pytest

from pebblegrad.data import ArrayDataset, ConcatDataset, DataLoader, Subset, concat


@pytest.fixture
def X(rng):
    return rng.random((6, 2), dtype=np.float32)


@pytest.fixture
def y():
    return np.arange(6)


@pytest.mark.parametrize(
    "chosen",
    [
        [5, 0, 0, -1],
        np.array([4, 1], np.uint64),
        np.array([3], np.int8),
        [True, False, True, False, False, True],
        [],
        range(2, 5),
    ],
    ids=str,
)
def test_a_subset_holds_the_samples_at_its_indices_in_their_order(X, y, chosen):
    rows = np.arange(6)[np.array(chosen, dtype=None if len(chosen) else int)]

    subset = Subset((X, y), chosen)

    assert len(subset) == len(rows)
    X_found, y_found = subset[:]
    np.testing.assert_array_equal(X_found, X[rows])
    np.testing.assert_array_equal(y_found, rows)


@pytest.mark.parametrize(
    "index",
    [slice(1, None), slice(None, None, -1), [2, 0], np.array([1]), [False, True, True]],
    ids=str,
)
def test_a_subset_is_indexed_as_an_array_is(y, index):
    chosen = np.array([5, 3, 1])

    np.testing.assert_array_equal(Subset(y, chosen)[index], y[chosen[index]])


def test_an_integer_selects_one_sample_of_a_subset(X, y):
    sample, target = Subset((X, y), [4, 2])[-1]

    np.testing.assert_array_equal(sample, X[2])
    assert target == 2


def test_a_subset_of_a_subset_counts_within_the_first(y):
    assert Subset(Subset(y, [5, 4, 3]), [2, 0])[:].tolist() == [3, 5]


def test_a_subset_does_not_notice_when_its_indices_are_changed_later(y):
    chosen = np.array([1, 2])
    subset = Subset(y, chosen)

    chosen[:] = 0

    assert subset[:].tolist() == [1, 2]


def test_a_loader_takes_a_subset(X, y):
    batches = list(DataLoader(Subset((X, y), [5, 1, 2]), 2))

    assert [b.tolist() for _, b in batches] == [[5, 1], [2]]
    np.testing.assert_array_equal(batches[0][0], X[[5, 1]])


def test_the_repr_of_a_subset_counts(y):
    assert repr(Subset(y, [1, 2])) == "Subset(2 of 6 samples)"


@pytest.mark.parametrize("indices", [[0.0], ["a"], [None], 1.5])
def test_indices_that_are_no_integers_are_refused(y, indices):
    with pytest.raises(
        TypeError, match=r"Subset: indices have dtype .*; needed are in"
    ):
        Subset(y, indices)


@pytest.mark.parametrize(("indices", "shape"), [(3, r"\(\)"), ([[1, 2]], r"\(1, 2\)")])
def test_indices_of_another_number_of_axes_are_refused(y, indices, shape):
    with pytest.raises(ValueError, match=f"indices have shape {shape}; needed is one"):
        Subset(y, indices)


@pytest.mark.parametrize("index", [6, -7])
def test_an_index_outside_the_data_set_is_refused(y, index):
    with pytest.raises(IndexError, match=f"Subset: index {index} is out .* 6 samples"):
        Subset(y, [0, index])


def test_a_mask_of_another_length_is_refused(y):
    with pytest.raises(
        ValueError, match="a mask of 2 booleans; needed is one for each"
    ):
        Subset(y, [True, False])


def test_a_subset_of_a_list_is_refused():
    with pytest.raises(
        TypeError, match="Subset: dataset is of type list; needed is an"
    ):
        Subset([1, 2], [0])


@pytest.mark.parametrize(
    "index",
    [
        slice(None),
        slice(0, 2),
        slice(2, 5),
        slice(3, 3),
        slice(5, 9),
        slice(None, None, -2),
        slice(9, 12),
        [5, 0, 2, 2, -1],
        [],
        np.array([1, 4], np.uint8),
        [True, False, True, False, False, True],
    ],
    ids=str,
)
def test_data_sets_one_after_the_other_are_indexed_as_one(X, y, index):
    parts = [(X[:2], y[:2]), (X[2:2], y[2:2]), (X[2:], y[2:])]
    rows = np.arange(6)[
        np.array(index, int) if isinstance(index, list) and not index else index
    ]

    X_found, y_found = ConcatDataset(parts)[index]

    np.testing.assert_array_equal(X_found, X[rows])
    np.testing.assert_array_equal(y_found, rows)
    assert (X_found.dtype, y_found.dtype) == (X.dtype, y.dtype)


def test_an_integer_selects_one_sample_of_the_right_part(X, y):
    whole = concat(ArrayDataset(X[:2], y[:2]), (X[2:], y[2:]))

    for index in (0, 1, 2, np.int64(5), -1, -6):
        sample, target = whole[index]
        np.testing.assert_array_equal(sample, X[index])
        assert target == y[index]


def test_a_slice_inside_one_part_is_a_view_of_it(X, y):
    whole = concat(X[:2], X[2:])

    assert np.shares_memory(whole[2:4], X)
    assert not np.shares_memory(whole[1:3], X)


def test_each_part_is_asked_once_for_a_batch():
    asked = []

    class Numbers:
        def __init__(self, first):
            self.first = first

        def __len__(self):
            return 50

        def __getitem__(self, indices):
            asked.append(indices)
            return np.arange(self.first, self.first + 50)[indices]

    loader = DataLoader(concat(Numbers(0), Numbers(50)), 100, shuffle=True, rng=0)
    asked.clear()

    (batch,) = loader

    assert len(asked) == 2
    assert sorted(batch) == list(range(100))


def test_the_repr_of_joined_data_sets_shows_their_lengths(y):
    assert repr(concat(y, y[:2])) == "ConcatDataset(6 + 2 samples)"


def test_no_data_sets_are_refused():
    for nothing in (lambda: concat(), lambda: ConcatDataset([])):
        with pytest.raises(TypeError, match="there are 0 datasets; needed is at least"):
            nothing()


def test_an_array_in_place_of_the_list_gets_a_hint(y):
    with pytest.raises(
        TypeError, match=r"of type ndarray; needed is a list .*concat\("
    ):
        ConcatDataset(y)


def test_something_in_the_list_that_is_no_data_set_is_refused(y):
    with pytest.raises(TypeError, match="ConcatDataset: dataset is of type int; need"):
        ConcatDataset([y, 3])


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (np.zeros((3, 3), np.float32), r"is \(3,\) float32"),
        (np.zeros((3, 2)), r"is \(2,\) float64"),
        ((np.zeros((3, 2), np.float32),), r"is a tuple of \(2,\) float32"),
    ],
)
def test_data_sets_of_different_forms_are_refused(X, other, said):
    with pytest.raises(ValueError, match=rf"0 is \(2,\) float32, .*1 {said}; needed"):
        concat(X, other)


def test_data_sets_whose_batches_are_no_arrays_are_refused():
    class Words:
        def __len__(self):
            return 3

        def __getitem__(self, indices):
            return "abc"[indices]

    with pytest.raises(TypeError, match="a batch holds a str; needed are arrays, or"):
        concat(Words())


@pytest.mark.parametrize("index", [6, [-7]])
def test_a_sample_that_is_in_no_part_is_an_index_error(y, index):
    with pytest.raises(IndexError, match=r"dataset\[...\]: index .* with 6 samples"):
        concat(y[:3], y[3:])[index]


@pytest.mark.parametrize("index", [True, (0, 1)])
def test_an_index_into_more_than_the_samples_is_refused(y, index):
    for dataset in (concat(y), Subset(y, [0])):
        with pytest.raises(TypeError, match=r"the index is .*; needed is an integer"):
            dataset[index]
