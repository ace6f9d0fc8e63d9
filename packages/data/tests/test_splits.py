"""`random_split`, `stratified_split` and `k_fold`: every sample in exactly one part."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pebblegrad.data import DataLoader, Subset, k_fold, random_split, stratified_split


def indices_of(parts):
    return [part.indices.tolist() for part in parts]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5), st.integers(0, 100))
def test_a_random_split_puts_every_sample_into_one_part_of_the_length(lengths, seed):
    parts = random_split(np.zeros(sum(lengths)), lengths, rng=seed)

    assert [len(part) for part in parts] == lengths
    chosen = indices_of(parts)
    assert sorted(itertools.chain(*chosen)) == list(range(sum(lengths)))
    assert chosen == [sorted(part) for part in chosen]


@pytest.mark.parametrize(
    ("samples", "fractions", "expected"),
    [
        (10, [0.8, 0.2], [8, 2]),
        (100, [0.71, 0.29], [71, 29]),
        (10, [1 / 3] * 3, [4, 3, 3]),
        (11, [1 / 3] * 3, [4, 4, 3]),
        (10, [0.1] * 10, [1] * 10),
        (10, [1.0], [10]),
        (3, [0.0, 1.0], [0, 3]),
        (0, [0.5, 0.5], [0, 0]),
        (1, [0.5, 0.5], [1, 0]),
        (1797, [0.8, 0.1, 0.1], [1438, 180, 179]),
        (1_000_000, np.array([0.8, 0.2], np.float32), [800_000, 200_000]),
        (1_000_000, np.array([0.7, 0.3], np.float16), [700_025, 299_975]),
        (10, (np.float32(0.5), np.float64(0.5)), [5, 5]),
        (10, (np.int64(4), np.uint8(6)), [4, 6]),
    ],
)
def test_fractions_are_rounded_down_and_the_first_parts_get_what_is_left(
    samples, fractions, expected
):
    y = np.zeros(samples, int)

    for parts in (random_split(y, fractions), stratified_split(y, fractions, y)):
        assert [len(part) for part in parts] == expected


def test_the_parts_hold_the_rows_of_all_arrays_and_go_into_a_loader(rng):
    X, y = rng.random((20, 3)), np.arange(20)

    train, test = random_split((X, y), [15, 5], rng=0)

    assert isinstance(train, Subset)
    for part in (train, test):
        for X_batch, y_batch in DataLoader(part, 4, shuffle=True):
            np.testing.assert_array_equal(X_batch, X[y_batch])


def test_a_split_depends_on_the_seed_and_nothing_else():
    y = np.arange(30) % 3

    for split in (
        lambda rng: random_split(y, [10, 20], rng=rng),
        lambda rng: stratified_split(y, [10, 20], y, rng=rng),
        lambda rng: [test for _, test in k_fold(y, 3, shuffle=True, rng=rng)],
        lambda rng: [
            test for _, test in k_fold(y, 3, shuffle=True, rng=rng, stratify=y)
        ],
    ):
        assert indices_of(split(1)) == indices_of(split(1))
        assert indices_of(split(1)) == indices_of(split(np.random.default_rng(1)))
        assert indices_of(split(1)) != indices_of(split(2))
        assert indices_of(split(None)) != indices_of(split(None))


def test_each_sample_is_as_likely_in_each_part():
    y = np.array([0] * 6 + [1] * 5 + [2])
    for split in (
        lambda seed: random_split(y, [9, 3], rng=seed),
        lambda seed: stratified_split(y, [9, 3], y, rng=seed),
    ):
        count = np.zeros(12)
        for seed in range(2000):
            count[split(seed)[1].indices] += 1

        # Five standard deviations of a binomial of 2000 with p = 1/4.
        np.testing.assert_allclose(count, 500, atol=5 * np.sqrt(2000 * 3 / 16))


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60),
    st.integers(0, 60),
    st.integers(0, 9),
)
def test_each_class_is_in_two_parts_in_their_proportion(classes, first, seed):
    labels = np.array(classes)
    N = len(labels)
    first = min(first, N)

    parts = stratified_split(labels, [first, N - first], labels, rng=seed)

    assert sorted(itertools.chain(*indices_of(parts))) == list(range(N))
    for number in range(5):
        members = (labels == number).sum()
        exact = members * first / N
        assert abs((parts[0][:] == number).sum() - exact) < 1


@given(
    st.lists(st.integers(0, 3), min_size=12, max_size=60),
    st.lists(st.integers(1, 4), min_size=3, max_size=5),
)
def test_each_class_is_in_more_parts_nearly_in_their_proportion(classes, weights):
    labels = np.array(classes)
    fractions = np.array(weights) / sum(weights)

    parts = stratified_split(labels, fractions, labels, rng=0)

    assert sorted(itertools.chain(*indices_of(parts))) == list(range(len(labels)))
    for place, part in enumerate(parts):
        for number in range(4):
            exact = (labels == number).sum() * len(part) / len(labels)
            assert abs((part[:] == number).sum() - exact) < place + 1


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["cat", "dog"] * 6),
        np.array([True, False] * 6),
        np.array([7, 3] * 6, np.uint8),
        [2, 1] * 6,
    ],
    ids=lambda labels: np.asarray(labels).dtype.name,
)
def test_labels_are_of_any_kind_that_names_classes(labels):
    train, test = stratified_split(np.arange(12), [0.5, 0.5], labels, rng=0)

    for part in (train, test):
        _, counts = np.unique(np.asarray(labels)[part.indices], return_counts=True)
        assert counts.tolist() == [3, 3]


@given(st.data())
def test_every_sample_is_tested_in_one_fold_and_trained_on_in_the_others(data):
    N = data.draw(st.integers(2, 30))
    k = data.draw(st.integers(2, N))
    shuffle = data.draw(st.booleans())
    stratify = data.draw(
        st.none() | st.lists(st.integers(0, 3), min_size=N, max_size=N)
    )

    folds = k_fold(N, k, shuffle=shuffle, stratify=stratify)

    assert len(folds) == k
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(N))
        assert [*train] == sorted(train)
        assert [*test] == sorted(test)
    tested = [test for _, test in folds]
    assert sorted(np.concatenate(tested)) == list(range(N))
    sizes = [len(test) for test in tested]
    if shuffle and stratify is not None:  # the larger parts may be any of them
        sizes.sort(reverse=True)
    assert sizes == [N // k + (i < N % k) for i in range(k)]
    for number in range(4 * (stratify is not None)):
        counts = [(np.array(stratify)[test] == number).sum() for test in tested]
        assert max(counts) - min(counts) <= 1


def test_the_only_sample_of_a_class_is_tested_in_any_fold():
    labels = np.array([0] * 10 + [1])
    count = np.zeros(5)

    for seed in range(1000):
        for fold, (_, test) in enumerate(
            k_fold(11, 5, shuffle=True, rng=seed, stratify=labels)
        ):
            count[fold] += 10 in test

    # Five standard deviations of a binomial of 1000 with p = 1/5.
    np.testing.assert_allclose(count, 200, atol=5 * np.sqrt(1000 * 4 / 25))


def test_samples_alone_in_their_classes_are_parted_in_every_way():
    labels = np.arange(6)

    halves = {
        tuple(stratified_split(labels, [3, 3], labels, rng=seed)[0][:])
        for seed in range(400)
    }
    folds = {
        tuple(tuple(test) for _, test in folds)
        for folds in (
            k_fold(6, 3, shuffle=True, rng=seed, stratify=labels)
            for seed in range(2000)
        )
    }

    assert len(halves) == 20  # three of six
    assert len(folds) == 90  # two of six, then two of four


def test_words_in_an_array_of_objects_are_classes():
    labels = np.array(["cat", "dog"] * 6, dtype=object)

    train, test = stratified_split(np.arange(12), [6, 6], labels, rng=0)

    assert [sum(part[:] % 2) for part in (train, test)] == [3, 3]


def test_without_shuffling_folds_are_stretches_of_neighbors():
    tested = [test.tolist() for _, test in k_fold(10, 3)]

    assert tested == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_folds_of_a_data_set_are_subsets_of_it(rng):
    X, y = rng.random((6, 2)), np.arange(6)

    train, test = k_fold((X, y), 3)[1]

    np.testing.assert_array_equal(test[:][0], X[2:4])
    np.testing.assert_array_equal(train[:][1], [0, 1, 4, 5])


def test_an_array_of_one_number_is_a_data_set_and_a_number_is_a_length():
    assert [test.tolist() for _, test in k_fold(np.int64(2), 2)] == [[0], [1]]
    with pytest.raises(ValueError, match="there are 1 samples"):
        k_fold(np.array([5]), 2)


@pytest.mark.parametrize(
    ("lengths", "error", "said"),
    [
        ([8, 3], ValueError, r"lengths \[8, 3\] add up to 11; needed are the 10 sam"),
        ([0.8, 0.3], ValueError, r"add up to 1\.1; needed are fractions that add up"),
        ([8.0, 2.0], ValueError, "add up to 10; needed are fractions .* or integers"),
        ([-1, 11], ValueError, r"lengths are \[-1, 11\]; needed is at least 0"),
        ([-0.5, 1.5], ValueError, "needed is at least 0 of each"),
        ([np.nan, 1.0], ValueError, "needed is at least 0 of each"),
        ([], TypeError, r"lengths are \[\]; needed is a list of integers, or of fra"),
        (0.8, TypeError, r"lengths are 0\.8; needed is a list"),
        (["a"], TypeError, "needed is a list"),
        ([[1, 9]], TypeError, "needed is a list"),
        ([np.inf], ValueError, "add up to inf; needed are fractions"),
    ],
)
def test_lengths_that_do_not_divide_the_data_set_are_refused(lengths, error, said):
    y = np.arange(10)

    with pytest.raises(error, match=f"random_split: .*{said}"):
        random_split(y, lengths)
    with pytest.raises(error, match=f"stratified_split: .*{said}"):
        stratified_split(y, lengths, y)


@pytest.mark.parametrize(
    ("labels", "error", "said"),
    [
        ([0, 1], ValueError, "2 labels and 10 samples; needed is one label per sample"),
        (np.eye(10), ValueError, r"shape \(10, 10\); .*labels\.argmax\(axis=1\)"),
        (np.zeros(10), TypeError, "labels have dtype float64; needed are classes"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, error, said):
    with pytest.raises(error, match=f"stratified_split: .*{said}"):
        stratified_split(np.arange(10), [5, 5], labels)
    with pytest.raises(error, match=f"k_fold: .*{said}"):
        k_fold(10, 2, stratify=labels)


@pytest.mark.parametrize("k", [1, 0, -3])
def test_less_than_two_folds_are_refused(k):
    with pytest.raises(ValueError, match=f"k_fold: k is {k}; needed is at least 2"):
        k_fold(10, k)


def test_more_folds_than_samples_are_refused():
    with pytest.raises(ValueError, match="k is 11 and there are 10 samples; needed is"):
        k_fold(10, 11)


@pytest.mark.parametrize("k", [2.0, "2", None, True])
def test_a_number_of_folds_that_is_no_integer_is_refused(k):
    with pytest.raises(TypeError, match=r"k_fold: k is .*; needed is an integer, at l"):
        k_fold(10, k)


def test_a_seed_without_shuffling_is_refused():
    with pytest.raises(ValueError, match="rng is given and shuffle is False; needed"):
        k_fold(10, 2, rng=0)


@pytest.mark.parametrize("dataset", [[1, 2], "ab", None, 2.0, True])
def test_what_is_no_data_set_is_refused(dataset):
    with pytest.raises(TypeError, match="k_fold: dataset is of type"):
        k_fold(dataset, 2)
    with pytest.raises(TypeError, match="random_split: dataset is of type"):
        random_split(dataset, [1, 1])
