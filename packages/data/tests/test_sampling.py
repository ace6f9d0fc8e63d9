"""Samplers: what an epoch visits, how often, and which samplers a loader refuses."""

import numpy as np
import pytest

from pebblegrad.data import (
    BucketSampler,
    DataLoader,
    WeightedRandomSampler,
    balanced_weights,
)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_samples_are_drawn_as_often_as_their_weights_say(rng, dtype):
    weights = np.array([0, 1, 3, 0, 4, 0], dtype)

    drawn = WeightedRandomSampler(weights, 80_000).order(rng)

    found = np.bincount(drawn, minlength=6)
    expected = np.array([0, 10_000, 30_000, 0, 40_000, 0])
    assert (found[expected == 0] == 0).all()
    # Five standard deviations of a binomial of 80,000, at most.
    np.testing.assert_allclose(found, expected, atol=5 * np.sqrt(20_000))


def test_without_replacement_no_sample_comes_twice_and_heavy_ones_come_first(rng):
    weights = np.array([0.0, 1, 8, 1])
    sampler = WeightedRandomSampler(weights, num_samples=3, replacement=False)

    orders = np.array([sampler.order(rng) for _ in range(4000)])

    assert all(sorted(order) == [1, 2, 3] for order in orders.tolist())
    first = np.bincount(orders[:, 0], minlength=4) / 4000
    np.testing.assert_allclose(first, weights / 10, atol=0.04)
    # Once the heavy one is gone, the other two are equally likely.
    second = orders[orders[:, 0] == 2, 1]
    np.testing.assert_allclose((second == 1).mean(), 0.5, atol=0.05)


def test_weights_may_be_as_large_or_small_as_floats_can_be(rng):
    for weights in ([1.7e308] * 4, [5e-324] * 4, [5e-324, 1.7e308, 1, 1]):
        for replacement in (True, False):
            order = WeightedRandomSampler(weights, 4, replacement).order(rng)
            assert set(order.tolist()) <= {0, 1, 2, 3}


def test_a_draw_that_is_rounded_up_to_the_total_is_the_last_possible_sample():
    class Highest:
        def random(self, size):
            return np.full(size, np.nextafter(1, 0))

    sampler = WeightedRandomSampler([0.1] * 10 + [0])

    assert set(sampler.order(Highest()).tolist()) == {9}


def test_by_default_an_epoch_has_as_many_draws_as_there_are_weights():
    sampler = WeightedRandomSampler(np.ones(7))
    loader = DataLoader(np.arange(7), 3, sampler=sampler, rng=0)

    assert [len(batch) for batch in loader] == [3, 3, 1]
    assert len(loader) == 3


def test_the_weights_may_be_changed_afterwards_without_effect(rng):
    weights = np.array([1.0, 0.0])
    sampler = WeightedRandomSampler(weights)
    weights[:] = [0, 1]

    assert sampler.order(rng).tolist() == [0, 0]


def test_balanced_weights_give_each_class_the_same_probability():
    labels = np.array(["b", "a", "b", "b", "c"])

    weights = balanced_weights(labels)

    for name in "abc":
        assert weights[labels == name].sum() == pytest.approx(1 / 3)
    assert weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("samples", [1, 7, 24, 25, 26, 103])
@pytest.mark.parametrize("batch_size", [1, 5, 200])
@pytest.mark.parametrize("pool", [1, 2, 100])
def test_buckets_visit_every_sample_once_in_batches_of_the_size(
    rng, samples, batch_size, pool
):
    sampler = BucketSampler(rng.integers(1, 9, samples), batch_size, pool=pool)

    batches = sampler.batches(rng)

    assert len(batches) == len(sampler) == -(-samples // batch_size)
    assert sorted(np.concatenate(batches)) == list(range(samples))
    sizes = sorted(map(len, batches))
    assert set(sizes[1:]) <= {batch_size}


def test_a_batch_of_a_bucket_holds_samples_of_similar_length(rng):
    lengths = rng.integers(1, 1000, 5000)

    def padding(pool):
        batches = BucketSampler(lengths, 50, pool=pool).batches(rng)
        return sum(lengths[b].max() * len(b) for b in batches) / lengths.sum() - 1

    assert padding(1) > 0.8
    assert padding(10) < 0.12
    assert padding(100) < 0.02


def test_batches_of_buckets_come_in_random_order_and_not_by_length(rng):
    lengths = np.arange(1000)

    first = [BucketSampler(lengths, 10).batches(rng)[0].mean() for _ in range(50)]

    assert min(first) < 200
    assert max(first) > 800


def test_samples_of_equal_length_are_mixed_anew_in_each_epoch(rng):
    sampler = BucketSampler(np.ones(40), 20)

    batches = {frozenset(sampler.batches(rng)[0].tolist()) for _ in range(10)}

    assert len(batches) == 10


def test_a_dropped_smaller_batch_has_other_samples_each_time(rng):
    sampler = BucketSampler(np.arange(7), 3, drop_last=True)

    missing = [set(range(7)) - set(np.concatenate(sampler.batches(rng))) for _ in "ab"]

    assert len(sampler) == 2
    assert [len(left) for left in missing] == [1, 1]
    many = [set(np.concatenate(sampler.batches(rng)).tolist()) for _ in range(100)]
    assert set.intersection(*many) == set()


@pytest.mark.parametrize("pool", [1, 2, 4, 100])
def test_the_smaller_batch_is_not_always_of_the_longest_samples(rng, pool):
    lengths = np.arange(17)
    sampler = BucketSampler(lengths, 4, pool=pool)

    epochs = [sampler.batches(rng) for _ in range(300)]

    alone = {int(batch[0]) for epoch in epochs for batch in epoch if len(batch) == 1}
    # In one pool of all, a batch begins at every fourth sample; from pools of fewer,
    # the last of which is an epoch's rest, any sample may be the one.
    expected = {0, 4, 8, 12, 16} if pool == 100 else set(range(17))
    assert alone == expected


def test_batches_differ_from_epoch_to_epoch_though_one_pool_holds_all(rng):
    sampler = BucketSampler(np.arange(65), 32)

    batches = {frozenset(b.tolist()) for _ in range(50) for b in sampler.batches(rng)}

    # The smaller batch is sample 0, 32 or 64; the others are 0-31 or 1-32, and 32-63 or
    # 33-64.
    assert len(batches) == 7


def test_a_loader_takes_the_batches_of_buckets_as_they_are():
    lengths = np.array([5, 1, 5, 1, 1])
    sampler = BucketSampler(lengths, 2)
    loader = DataLoader(lengths, sampler=sampler, rng=0)

    batches = [batch.tolist() for batch in loader]

    assert sorted(np.concatenate(batches)) == [1, 1, 1, 5, 5]
    assert sorted(map(len, batches)) == [1, 2, 2]
    assert (len(loader), loader.batch_size) == (3, 2)


def test_the_same_seed_draws_the_same_samples():
    for sampler in (
        WeightedRandomSampler(np.arange(50)),
        BucketSampler([1, 2] * 25, 4),
    ):
        one, other, third = (
            [b.tolist() for b in DataLoader(np.arange(50), sampler=sampler, rng=seed)]
            for seed in (1, 1, 2)
        )
        assert one == other != third


def test_the_repr_shows_the_settings():
    assert repr(WeightedRandomSampler([1, 2])) == (
        "WeightedRandomSampler(2 weights, num_samples=2, replacement=True)"
    )
    assert repr(BucketSampler([1, 2], 2)) == (
        "BucketSampler(2 lengths, batch_size=2, pool=100, drop_last=False)"
    )
    loader = DataLoader(np.arange(2), sampler=WeightedRandomSampler([1, 2]), prefetch=3)
    assert repr(loader).endswith(
        "drop_last=False, sampler=WeightedRandomSampler(2 weights, num_samples=2, "
        "replacement=True), prefetch=3)"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1, -2],), r"weights\[1\] is -2.0; needed is a finite"),
        (([1, np.nan],), r"weights\[1\] is nan; needed is a finite"),
        (([np.inf, 1],), r"weights\[0\] is inf; needed is a finite"),
        (([0, 0],), "all weights are 0; needed is one above 0"),
        (([],), r"weights have shape \(0,\); needed is a number"),
        (([[1, 2]],), r"weights have shape \(1, 2\); needed is a number"),
        ((3,), r"weights have shape \(\); needed is a number"),
        (([1, 2], 0), "num_samples is 0; needed is at least 1"),
        (([1, 0, 2], 3, False), "num_samples is 3 and 2 weights are above 0; without"),
    ],
)
def test_weights_that_cannot_be_drawn_by_are_refused(arguments, said):
    with pytest.raises(ValueError, match=f"WeightedRandomSampler: {said}"):
        WeightedRandomSampler(*arguments)


@pytest.mark.parametrize("weights", [["a"], [None], [1j], [True]])
def test_weights_that_are_no_numbers_are_refused(weights):
    with pytest.raises(TypeError, match=r"weights have dtype .*; needed are numbers"):
        WeightedRandomSampler(weights)


def test_a_number_of_draws_that_is_no_integer_is_refused():
    with pytest.raises(TypeError, match=r"num_samples is 2\.0; needed is an integer"):
        WeightedRandomSampler([1], 2.0)


@pytest.mark.parametrize(
    ("arguments", "keywords", "said"),
    [
        (([], 2), {}, r"lengths have shape \(0,\); needed is a number"),
        (([1, np.nan], 2), {}, "lengths hold NaN; needed are numbers"),
        (([1], 0), {}, "batch_size is 0; needed is at least 1"),
        (([1], 1), {"pool": 0}, "pool is 0; needed is at least 1"),
        (([1], 2), {"drop_last": True}, "1 lengths and batch_size is 2; with drop_"),
    ],
)
def test_buckets_that_cannot_be_filled_are_refused(arguments, keywords, said):
    with pytest.raises(ValueError, match=f"BucketSampler: .*{said}"):
        BucketSampler(*arguments, **keywords)


def test_words_in_an_array_of_objects_are_labels():
    words = np.array(["b", "a", "b"], dtype=object)

    np.testing.assert_array_equal(balanced_weights(words), [0.25, 0.5, 0.25])


@pytest.mark.parametrize(
    ("labels", "error", "said"),
    [
        (np.array(["a", None], object), TypeError, "labels have dtype object; needed"),
        ([], ValueError, "there are 0 labels; needed is at least 1"),
        (np.eye(3), ValueError, r"shape \(3, 3\); .*take labels\.argmax\(axis=1\)"),
        (3, ValueError, r"labels have shape \(\); needed is the class"),
        ([0.5, 1.0], TypeError, "labels have dtype float64; needed are classes"),
    ],
)
def test_labels_that_are_no_classes_are_refused(labels, error, said):
    with pytest.raises(error, match=f"balanced_weights: .*{said}"):
        balanced_weights(labels)


class Orders:
    """A sampler that gives whatever it is told to."""

    def __init__(self, given, length):
        self.given = given
        self.length = length

    def __len__(self):
        return self.length

    def order(self, rng):
        return self.given


class Batches(Orders):
    """The same with batches."""

    def batches(self, rng):
        return self.given


class InPlace:
    """A sampler that shuffles one array for all epochs, as NumPy makes it easy."""

    def __init__(self, samples):
        self.indices = np.arange(samples)

    def __len__(self):
        return len(self.indices)

    def order(self, rng):
        rng.shuffle(self.indices)
        return self.indices


class InPlaceBatches(InPlace):
    def __len__(self):
        return len(self.indices) // 3

    def batches(self, rng):
        return self.order(rng).reshape(-1, 3)


@pytest.mark.parametrize("kind", [InPlace, InPlaceBatches])
def test_an_epoch_keeps_its_order_when_the_sampler_draws_another_in_its_place(kind):
    sizes = {} if kind is InPlaceBatches else {"batch_size": 3}
    loader = DataLoader(np.arange(12), **sizes, sampler=kind(12), rng=0)
    visited = []

    for batch in loader:
        visited += batch.tolist()
        iter(loader)  # draws the order of another epoch

    assert sorted(visited) == list(range(12))


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ([0, 1], ValueError, "gave 2 indices; needed are as many as its len"),
        ([0, 1, 3], ValueError, "gave the index 3; needed is 0 <= index < 3, the sa"),
        ([0, 1, -1], ValueError, "gave the index -1; needed is 0 <= index < 3"),
        ([0.0, 1, 2], TypeError, r"of shape \(3,\) and dtype float64; needed are int"),
        ([[0, 1, 2]], TypeError, r"of shape \(1, 3\) and dtype int64; needed are int"),
        ([], TypeError, r"of shape \(0,\) and dtype float64; needed are int"),
    ],
)
def test_an_order_of_another_kind_is_refused(given, error, said):
    loader = DataLoader(np.arange(3), sampler=Orders(given, 3), rng=0)

    with pytest.raises(error, match=rf"DataLoader: Orders\.order .*{said}"):
        iter(loader)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ([[0, 1]], ValueError, "gave 1 batches; needed are as many as its len"),
        ([[0, 1], [3]], ValueError, "gave the index 3; needed is"),
        ([[0, 1], []], TypeError, r"of shape \(0,\)"),
        ([0, 1], TypeError, r"of shape \(\)"),
    ],
)
def test_batches_of_another_kind_are_refused(given, error, said):
    loader = DataLoader(np.arange(3), sampler=Batches(given, 2), rng=0)

    with pytest.raises(error, match=rf"DataLoader: Batches\.batches .*{said}"):
        iter(loader)


@pytest.mark.parametrize(
    ("sampler", "said"),
    [
        ([2, 1, 0], "of type list"),
        (np.arange(3), "of type ndarray"),
        (WeightedRandomSampler, "the class WeightedRandomSampler"),
        ("random", "of type str"),
    ],
)
def test_what_is_no_sampler_is_refused(sampler, said):
    with pytest.raises(TypeError, match=f"sampler is {said}; needed is an object with"):
        DataLoader(np.arange(3), sampler=sampler)


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        (
            {"sampler": WeightedRandomSampler([1, 2])},
            r"WeightedRandomSampler\(2 .* is for 2 samples; .* the 3 of the data set",
        ),
        (
            {"sampler": BucketSampler([1, 2], 1)},
            r"BucketSampler\(2 .* is for 2 samples; .* the 3 of the data set",
        ),
        ({"sampler": Orders([], 0)}, "the sampler has 0 samples; needed is at least"),
        (
            {"sampler": WeightedRandomSampler([1] * 3), "shuffle": True},
            "shuffle is True and there is a sampler, .* leave one of them out",
        ),
        (
            {"sampler": BucketSampler([1] * 3, 1), "drop_last": True},
            r"drop_last is True .*BucketSampler\(\.\.\., drop_last=True\)",
        ),
        (
            {"sampler": BucketSampler([1] * 3, 1), "batch_size": 2},
            "batch_size is 2 and the sampler makes batches of its own; leave batch_s",
        ),
        (
            {
                "sampler": WeightedRandomSampler([1] * 3, 2),
                "batch_size": 3,
                "drop_last": True,
            },
            "the sampler has 2 samples and batch_size is 3; with drop_last=True no",
        ),
    ],
)
def test_a_sampler_that_does_not_fit_is_refused(keywords, said):
    with pytest.raises(ValueError, match=f"DataLoader: {said}"):
        DataLoader(np.arange(3), **keywords)
