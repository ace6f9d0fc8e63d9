"""`DataLoader`: which samples come in which batch, and in what form."""

import itertools

import numpy as np
import pytest

from pebblegrad.data import ArrayDataset, DataLoader


@pytest.fixture
def X():
    return np.arange(20.0).reshape(10, 2)


@pytest.fixture
def y():
    return np.arange(10)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(
    ("batch_size", "drop_last"),
    [
        *itertools.product([1, 2, 3, 7, 10, np.int32(4)], [False, True]),
        (11, False),
    ],
)
def test_an_epoch_visits_each_sample_once_in_batches_of_the_size(
    y, batch_size, shuffle, drop_last
):
    loader = DataLoader(
        y, batch_size=batch_size, shuffle=shuffle, drop_last=drop_last, rng=0
    )

    batches = list(loader)

    sizes = [len(batch) for batch in batches]
    whole, rest = divmod(10, int(batch_size))
    assert sizes == [batch_size] * whole + [rest] * (rest > 0 and not drop_last)
    assert len(loader) == len(batches)
    seen = np.concatenate(batches).tolist()
    assert len(set(seen)) == len(seen) == sum(sizes)
    assert shuffle or seen == list(range(len(seen)))


def test_what_comes_out_has_the_form_of_what_went_in(X, y):
    (array,) = DataLoader(X, 10)
    ((X_batch, y_batch),) = DataLoader((X, y), 10)
    ((single,),) = DataLoader((X,), 10)
    ((from_dataset, _),) = DataLoader(ArrayDataset(X, y), 10)

    for found in (array, X_batch, single, from_dataset):
        np.testing.assert_array_equal(found, X)
    np.testing.assert_array_equal(y_batch, y)


def test_shuffling_keeps_the_rows_of_the_arrays_together(X, y):
    for X_batch, y_batch in DataLoader((X, y), 3, shuffle=True, rng=0):
        np.testing.assert_array_equal(X_batch, X[y_batch])


def test_the_same_seed_gives_the_same_epochs_to_the_bit(X, y):
    def two_epochs(rng):
        loader = DataLoader((X, y), 3, shuffle=True, rng=rng)
        return [y.tolist() for _ in range(2) for _, y in loader]

    assert two_epochs(7) == two_epochs(7) == two_epochs(np.random.default_rng(7))
    assert two_epochs(7) != two_epochs(8)


def test_each_epoch_has_a_new_order(y):
    loader = DataLoader(y, 10, shuffle=True, rng=0)
    epochs = {tuple(next(iter(loader))) for _ in range(20)}

    assert len(epochs) == 20


def test_epochs_side_by_side_are_those_that_come_one_after_the_other(y):
    one, other = (DataLoader(y, 4, shuffle=True, rng=3) for _ in range(2))

    one_after_the_other = [np.concatenate(list(one)) for _ in range(2)]
    pairs = list(zip(other, other, strict=True))

    for number, epoch in enumerate(one_after_the_other):
        np.testing.assert_array_equal(np.concatenate([p[number] for p in pairs]), epoch)


def test_an_epoch_that_is_left_early_does_not_change_the_next(y):
    left, walked = (DataLoader(y, 3, shuffle=True, rng=1) for _ in range(2))
    next(iter(left))
    list(walked)

    np.testing.assert_array_equal(np.concatenate(list(left)), np.concatenate([*walked]))


def test_without_a_seed_two_loaders_differ():
    y = np.arange(1000)
    one, other = (next(iter(DataLoader(y, 1000, shuffle=True))) for _ in range(2))

    assert not np.array_equal(one, other)


def test_in_order_nothing_is_copied_and_nothing_can_be_written(X, y):
    for X_batch, y_batch in DataLoader((X, y), 4):
        assert np.shares_memory(X_batch, X)
        assert np.shares_memory(y_batch, y)
        with pytest.raises(ValueError, match="read-only"):
            X_batch *= 2


def test_shuffled_batches_may_be_written(X):
    before = X.copy()

    for batch in DataLoader(X, 4, shuffle=True, rng=0):
        batch *= 2

    np.testing.assert_array_equal(X, before)


def test_any_class_with_a_length_that_takes_indices_is_a_data_set():
    asked = []

    class Squares:
        def __len__(self):
            return 5

        def __getitem__(self, indices):
            asked.append(indices)
            return np.arange(5)[indices] ** 2

    assert [b.tolist() for b in DataLoader(Squares(), 2)] == [[0, 1], [4, 9], [16]]
    assert asked == [slice(0, 2), slice(2, 4), slice(4, 5)]
    shuffled = np.concatenate(list(DataLoader(Squares(), 2, shuffle=True, rng=0)))
    assert sorted(shuffled) == [0, 1, 4, 9, 16]


def test_samples_without_elements_still_make_batches():
    assert [b.shape for b in DataLoader(np.empty((3, 0)), 2, shuffle=True)] == [
        (2, 0),
        (1, 0),
    ]


def test_the_repr_shows_the_settings(y):
    assert repr(DataLoader(y, 3, shuffle=True)) == (
        "DataLoader(10 samples, batch_size=3, shuffle=True, drop_last=False)"
    )


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_below_one_is_refused(y, batch_size):
    with pytest.raises(
        ValueError, match=f"batch_size is {batch_size}; needed is at le"
    ):
        DataLoader(y, batch_size)


@pytest.mark.parametrize("batch_size", [2.0, "2", None, True, np.True_, [2]])
def test_a_batch_size_that_is_not_an_integer_is_refused(y, batch_size):
    with pytest.raises(
        TypeError, match=r"DataLoader: batch_size is .*; needed is an in"
    ):
        DataLoader(y, batch_size)


def test_a_second_array_in_place_of_the_batch_size_gets_a_hint(X, y):
    with pytest.raises(
        TypeError, match=r"array of shape \(10,\); .*DataLoader\(\(X, y\)"
    ):
        DataLoader(X, y)


@pytest.mark.parametrize("dataset", [[1, 2], "ab", {"X": 1}, 3, None, iter([1])])
def test_what_is_not_a_data_set_is_refused(dataset):
    name = type(dataset).__name__
    with pytest.raises(
        TypeError, match=rf"dataset is of type {name}; needed is an Arr"
    ):
        DataLoader(dataset)


def test_arrays_of_different_lengths_are_refused(X):
    with pytest.raises(
        ValueError, match=r"shapes \(10, 2\) and \(9,\); needed is the sa"
    ):
        DataLoader((X, np.zeros(9)))


@pytest.mark.parametrize("dataset", [np.empty(0), (np.empty((0, 3)), np.empty(0))])
def test_a_data_set_without_samples_is_refused(dataset):
    with pytest.raises(ValueError, match="dataset has 0 samples; needed is at least 1"):
        DataLoader(dataset)


def test_dropping_the_only_batch_is_refused(y):
    with pytest.raises(
        ValueError, match="10 samples and batch_size is 11; with drop_la"
    ):
        DataLoader(y, 11, drop_last=True)


@pytest.mark.parametrize("rng", ["0", 0.0, True, np.random.RandomState(0), [1]])
def test_an_rng_of_a_wrong_kind_is_refused(y, rng):
    with pytest.raises(
        TypeError, match=r"DataLoader: rng is .*; needed is an integer se"
    ):
        DataLoader(y, shuffle=True, rng=rng)


def test_a_negative_seed_is_refused(y):
    with pytest.raises(
        ValueError, match="DataLoader: rng is -1; needed is a seed of at"
    ):
        DataLoader(y, rng=-1)
