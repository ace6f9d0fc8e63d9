"""`DataLoader.state_dict`: going on where another loader was, to the bit."""

import copy
import itertools
import json
import pickle

import numpy as np
import pytest

from pebblegrad.data import BucketSampler, DataLoader, WeightedRandomSampler

N = 11


def with_noise(X, y, rng):
    return X + rng.random(X.shape), y


class Doubled:
    """A sampler that a user might write."""

    def __len__(self):
        return 2 * N

    def order(self, rng):
        return rng.permutation(N).repeat(2)


def add_one(X, y):
    return X + 1, y


SETTINGS = {
    "in order": {"batch_size": 4},
    "shuffled": {"batch_size": 4, "shuffle": True},
    "last batch dropped": {"batch_size": 4, "shuffle": True, "drop_last": True},
    "random transform": {"batch_size": 3, "shuffle": True, "transform": with_noise},
    "random transform in order": {"batch_size": 3, "transform": with_noise},
    "fixed transform": {"batch_size": 3, "transform": add_one},
    "weighted": {
        "batch_size": 4,
        "sampler": WeightedRandomSampler(np.arange(N), num_samples=9),
        "transform": with_noise,
    },
    "buckets": {"sampler": BucketSampler(np.arange(N) % 5, 4, pool=2)},
    "a sampler of one's own": {"batch_size": 5, "sampler": Doubled()},
}


@pytest.fixture
def arrays():
    return np.arange(2.0 * N).reshape(N, 2), np.arange(N)


def copied(batches):
    return [tuple(array.tolist() for array in batch) for batch in batches]


@pytest.mark.parametrize("prefetch", [0, 1, 3, 50])
@pytest.mark.parametrize("name", SETTINGS)
def test_from_every_moment_the_rest_is_that_of_a_run_that_was_not_left(
    arrays, name, prefetch
):
    settings = SETTINGS[name]
    whole = DataLoader(arrays, **settings, rng=5)
    epochs = [copied(whole) for _ in range(3)]

    for epoch, given in itertools.product(range(2), range(len(whole) + 1)):
        left = DataLoader(arrays, **settings, rng=5, prefetch=prefetch)
        for _ in range(epoch):
            list(left)
        batches = iter(left)
        begun = copied(itertools.islice(batches, given))
        state = json.loads(json.dumps(left.state_dict()))

        other = DataLoader(arrays, **settings, rng=99, prefetch=2 - prefetch % 3)
        other.load_state_dict(state)

        assert other.state_dict() == state
        assert begun + copied(other) == epochs[epoch]
        assert copied(other) == epochs[epoch + 1]


def test_in_the_body_of_the_loop_the_batch_in_hand_counts_as_given():
    loader = DataLoader(np.arange(6), 2, prefetch=2)

    given = [loader.state_dict()["epoch"]["given"] for _ in loader]

    assert given == [1, 2, 3]
    assert loader.state_dict()["epoch"] is None


def test_after_the_last_batch_in_hand_nothing_is_left_of_the_epoch():
    loader = DataLoader(np.arange(6), 2)
    states = [loader.state_dict() for _ in loader]
    loader.load_state_dict(states[-1])

    assert list(loader) == []
    assert len(list(loader)) == 3


def test_a_loader_can_be_sent_back_to_a_state_of_its_own():
    loader = DataLoader(np.arange(20), 3, shuffle=True, rng=0)
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    rest = [batch.tolist() for batch in batches]
    list(loader)

    loader.load_state_dict(state)

    assert [batch.tolist() for batch in loader] == rest


def test_the_length_stays_that_of_a_whole_epoch():
    loader = DataLoader(np.arange(20), 3, shuffle=True, rng=0)
    next(iter(loader))
    loader.load_state_dict(loader.state_dict())

    assert len(loader) == 7
    assert len(list(loader)) == 6


def test_an_epoch_begun_before_the_state_was_loaded_is_not_disturbed():
    loader = DataLoader(np.arange(6), 2, shuffle=True, rng=0)
    fresh = loader.state_dict()
    first = iter(loader)
    begun = [next(first).tolist()]

    loader.load_state_dict(fresh)
    begun += [batch.tolist() for batch in first]

    assert [batch.tolist() for batch in loader] == begun
    assert loader.state_dict()["epoch"] is None


def test_a_loop_inside_the_loop_does_not_take_the_place_of_the_outer_one():
    def walk(loader, inner_at, end):
        batches = iter(loader)
        begun = []
        for number, batch in enumerate(itertools.islice(batches, end), start=1):
            begun.append(batch.tolist())
            if number == inner_at:
                for _ in loader:  # evaluating on the training data, say
                    pass
        return begun, loader.state_dict(), [batch.tolist() for batch in batches]

    left, other = (
        DataLoader(np.arange(40), 4, shuffle=True, rng=seed) for seed in (0, 1)
    )

    begun, state, rest = walk(left, inner_at=3, end=6)
    other.load_state_dict(state)

    assert state["epoch"]["given"] == len(begun) == 6
    assert [batch.tolist() for batch in other] == rest
    assert [b.tolist() for b in other] == [b.tolist() for b in left]


def test_an_inner_loop_that_is_left_gives_its_place_back_with_the_next_batch():
    loader = DataLoader(np.arange(20), 2, shuffle=True, rng=0)
    given = []

    for number, _ in enumerate(loader):
        if number == 3:
            for _ in loader:
                break
            given.append(loader.state_dict()["epoch"]["given"])
        if number > 2:
            given.append(loader.state_dict()["epoch"]["given"])

    assert given == [1, 1, 5, 6, 7, 8, 9, 10]
    assert loader.state_dict()["epoch"] is None


def test_a_loop_from_before_does_not_displace_a_state_that_waits_to_be_taken_up():
    loader = DataLoader(np.arange(20), 2, shuffle=True, rng=0)
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    loader.load_state_dict(state)

    expected = [next(batches).tolist() for _ in range(9)]

    assert loader.state_dict() == state
    assert [batch.tolist() for batch in loader] == expected


def test_an_epoch_that_was_given_up_is_the_one_to_continue_until_the_next_begins():
    loader, other = (
        DataLoader(np.arange(8), 2, shuffle=True, rng=seed) for seed in (0, 1)
    )
    for _ in loader:
        break

    other.load_state_dict(loader.state_dict())

    assert loader.state_dict()["epoch"]["given"] == 1
    assert len(list(other)) == 3
    assert len(list(loader)) == 4
    assert loader.state_dict()["epoch"] is None


def test_a_peek_takes_up_the_state_that_was_loaded():
    loader = DataLoader(np.arange(8), 2)
    next(iter(loader))
    loader.load_state_dict(loader.state_dict())

    assert next(iter(loader)).tolist() == [2, 3]
    assert next(iter(loader)).tolist() == [0, 1]


def test_a_state_may_hold_integers_of_numpy():
    loader, other = (
        DataLoader(np.arange(20), 3, shuffle=True, rng=seed) for seed in (0, 1)
    )
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    state["epoch"] = {name: np.int64(n) for name, n in state["epoch"].items()}

    other.load_state_dict(state)

    assert json.loads(json.dumps(other.state_dict()))["epoch"]["given"] == 1
    assert [b.tolist() for b in other] == [b.tolist() for b in batches]


@pytest.mark.parametrize(
    ("one", "another"),
    [
        (BucketSampler(np.arange(N), 4), BucketSampler(np.arange(N), 4, pool=2)),
        (
            BucketSampler(np.arange(12), 4),
            BucketSampler(np.arange(12), 4, drop_last=True),
        ),
        (
            WeightedRandomSampler(np.ones(N), 5),
            WeightedRandomSampler(np.ones(N), 5, replacement=False),
        ),
    ],
    ids=repr,
)
def test_samplers_of_other_settings_do_not_continue_each_other(one, another):
    y = np.arange(one.population)
    state = DataLoader(y, sampler=one).state_dict()
    loader = DataLoader(y, sampler=another)

    with pytest.raises(ValueError, match=r"of a loader with sampler='.*; this one has"):
        loader.load_state_dict(state)


def test_a_generator_that_others_use_too_is_left_where_it_was_saved():
    def run(rng, loader, steps, batches):
        return [(b.tolist(), rng.random()) for b in itertools.islice(batches, steps)]

    rng = np.random.default_rng(3)
    loader = DataLoader(np.arange(10), 2, shuffle=True, rng=rng)
    batches = iter(loader)
    run(rng, loader, 2, batches)
    state = loader.state_dict()
    expected = run(rng, loader, 3, batches) + run(rng, loader, 5, iter(loader))

    again = np.random.default_rng(0)
    other = DataLoader(np.arange(10), 2, shuffle=True, rng=again)
    other.load_state_dict(state)

    found = run(again, other, 3, iter(other)) + run(again, other, 5, iter(other))
    assert found == expected


@pytest.mark.parametrize(
    "kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"], ids=str
)
def test_the_state_of_every_kind_of_generator_survives_json(kind):
    def loader(seed):
        rng = np.random.Generator(getattr(np.random, kind)(seed))
        rng.random(dtype=np.float32)  # half of a drawn integer is kept for later
        return DataLoader(np.arange(50), 50, shuffle=True, rng=rng)

    one, other = loader(1), loader(2)
    other.load_state_dict(json.loads(json.dumps(one.state_dict())))

    for _ in range(3):
        np.testing.assert_array_equal(*one, *other)
        assert one.rng.random(dtype=np.float32) == other.rng.random(dtype=np.float32)


def test_the_state_is_small_whatever_the_data_set():
    loader = DataLoader(np.arange(100_000), 1, shuffle=True, rng=0)
    list(itertools.islice(loader, 1000))

    assert len(json.dumps(loader.state_dict())) < 500


@pytest.mark.parametrize(
    "copy_of", [copy.deepcopy, lambda loader: pickle.loads(pickle.dumps(loader))]
)
def test_a_copy_of_a_loader_goes_on_as_the_loader_does(copy_of):
    loader = DataLoader(np.arange(9), 2, shuffle=True, rng=0, prefetch=1)
    next(iter(loader))

    other = copy_of(loader)

    assert other.state_dict() == loader.state_dict()
    assert [b.tolist() for b in other] == [b.tolist() for b in loader]


OTHERS = {
    "samples=12": (np.arange(12), {}),
    "batch_size=2": (np.arange(10), {"batch_size": 2}),
    "shuffle=False": (np.arange(10), {"shuffle": False}),
    "drop_last=True": (np.arange(10), {"drop_last": True}),
    "sampler='WeightedRandomSampler(10 weights, num_samples=10, replacement=True)'": (
        np.arange(10),
        {"shuffle": False, "sampler": WeightedRandomSampler(np.ones(10))},
    ),
    "transform=True": (np.arange(10), {"transform": np.negative}),
}


@pytest.mark.parametrize("said", OTHERS)
def test_the_state_of_another_loader_is_refused_and_nothing_is_changed(said):
    data, settings = OTHERS[said]
    settings = {"batch_size": 3, "shuffle": True, **settings}
    loader = DataLoader(np.arange(10), 3, shuffle=True, rng=0)
    next(iter(loader))
    before = loader.state_dict()
    state = DataLoader(data, **settings, rng=1).state_dict()

    with pytest.raises(ValueError) as caught:
        loader.load_state_dict(state)

    name, _ = said.split("=", 1)
    assert str(caught.value) == (
        f"DataLoader.load_state_dict: the state is of a loader with {said}; this one "
        f"has {name}={before[name]!r}"
    )
    assert loader.state_dict() == before


def change(state, *path, to):
    state = copy.deepcopy(state)
    *inner, last = path
    place = state
    for name in inner:
        place = place[name]
    place[last] = to
    return state


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (["epoch", "given"], 5, "given between 0 and 4, the batches"),
        (["epoch", "given"], -1, "given between 0 and 4, the batches"),
        (["epoch", "given"], True, "given between 0 and 4, the batches"),
        (["epoch"], 3, "has the epoch 3; needed is one with given"),
        (["epoch", "seed"], None, "seed=None; this loader draws at random and needs"),
        (["epoch", "seed"], -2, "seed=-2; this loader draws"),
        (["generator"], None, "of a generator of kind None; this one is of kind PCG64"),
        (
            ["generator", "bit_generator"],
            "MT19937",
            "kind MT19937; this one is of kind",
        ),
        (["generator", "state"], {"state": 1}, "the generator is damaged: KeyError"),
        (["generator", "state"], 3, "the generator is damaged: "),
        (["generator", "state", "inc"], "x", "the generator is damaged: "),
    ],
)
def test_a_damaged_state_is_refused_and_nothing_is_changed(path, to, said):
    loader = DataLoader(np.arange(10), 3, shuffle=True, rng=0)
    next(iter(loader))
    before = loader.state_dict()

    with pytest.raises(ValueError, match=said):
        loader.load_state_dict(change(before, *path, to=to))

    assert loader.state_dict() == before


def test_a_state_that_lacks_something_is_refused():
    loader = DataLoader(np.arange(10), 3)
    state = loader.state_dict()
    del state["epoch"], state["samples"]

    with pytest.raises(ValueError, match="the state lacks epoch, samples; needed is"):
        loader.load_state_dict(state)


@pytest.mark.parametrize("state", [None, [], "state"])
def test_a_state_of_a_wrong_kind_is_refused(state):
    with pytest.raises(TypeError, match=r"state is of type .*; needed is what state_d"):
        DataLoader(np.arange(3)).load_state_dict(state)
