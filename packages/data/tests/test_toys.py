"""The toy sets in the plane: where their points are, and what they refuse."""

import numpy as np
import pytest

from pebblegrad.data import (
    make_blobs,
    make_circles,
    make_moons,
    make_spirals,
    make_xor,
)

MAKERS = {
    "moons": make_moons,
    "circles": make_circles,
    "blobs": make_blobs,
    "spirals": make_spirals,
    "xor": make_xor,
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_every_set_has_as_many_samples_as_were_asked_for(make, count):
    X, y = make(count)

    assert (X.shape, X.dtype) == ((count, 2), np.float32)
    assert (y.shape, y.dtype) == ((count,), np.int64)
    assert np.isfinite(X).all()
    assert X.flags.writeable


@pytest.mark.parametrize("dtype", ["float16", "f4", np.float64, np.dtype(">f8")])
def test_the_dtype_is_that_of_the_points(make, dtype):
    X, _ = make(10, dtype=dtype)

    assert X.dtype == np.dtype(dtype).newbyteorder("=")


def test_a_seed_gives_the_same_set_each_time_and_another_seed_another(make):
    noise = {} if make is make_blobs else {"noise": 0.1}
    first, again, other = (make(50, rng=rng, **noise) for rng in (1, 1, 2))
    by_generator = make(50, rng=np.random.default_rng(1), **noise)

    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], by_generator[1])
    assert not np.array_equal(first[0], other[0])


def test_the_global_generator_is_not_touched(make):
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002 - the one we must not use
    make(10)

    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


def test_shuffling_changes_only_the_order(make):
    noise = {} if make is make_blobs else {"noise": None}
    centers = {"centers": [[0, 0], [5, 5]], "cluster_std": 0} if not noise else noise
    X, y = make(40, shuffle=True, rng=0, **centers)
    X_in_order, y_in_order = make(40, shuffle=False, rng=0, **centers)

    def as_rows(X, y):
        return sorted(np.column_stack([X, y]).tolist())

    assert as_rows(X, y) == as_rows(X_in_order, y_in_order)
    assert not np.array_equal(y, y_in_order)


def test_moons_are_half_circles(rng):
    X, y = make_moons(201, dtype=np.float64)

    upper, lower = X[y == 0], X[y == 1]
    assert (len(upper), len(lower)) == (100, 101)
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert upper[:, 1].min() > -1e-9
    assert lower[:, 1].max() < 0.5 + 1e-9


def test_circles_have_their_radii():
    X, y = make_circles((30, 20), factor=0.3, dtype=np.float64)

    np.testing.assert_allclose(np.hypot(*X[y == 0].T), np.ones(30))
    np.testing.assert_allclose(np.hypot(*X[y == 1].T), np.full(20, 0.3))


@pytest.mark.parametrize("make", [make_moons, make_circles])
def test_the_classes_may_be_counted_one_by_one(make):
    _, y = make((3, 5))

    assert np.bincount(y).tolist() == [3, 5]
    with pytest.raises(ValueError, match="n_samples has 3 numbers; needed is one numb"):
        make((1, 2, 3))


def test_noise_has_the_deviation_that_was_asked_for():
    clean, _ = make_moons(20_000, shuffle=False, dtype=np.float64)
    noisy, _ = make_moons(20_000, shuffle=False, noise=0.2, rng=0, dtype=np.float64)

    # 40,000 draws: the deviation is known to 0.4 %, and 2 % is five times that.
    np.testing.assert_allclose((noisy - clean).std(), 0.2, rtol=0.02)


def test_blobs_lie_about_their_centers():
    X, y, centers = make_blobs(
        3000, centers=[[0, 0, 0], [20, 0, 5]], cluster_std=[0.5, 2], return_centers=True
    )

    assert X.shape == (3000, 3)
    assert centers.dtype == np.float32
    for k, deviation in enumerate([0.5, 2]):
        np.testing.assert_allclose(X[y == k].mean(axis=0), centers[k], atol=0.3)
        np.testing.assert_allclose((X[y == k] - centers[k]).std(), deviation, rtol=0.1)


def test_blobs_share_the_samples_out_evenly_or_as_told():
    assert np.bincount(make_blobs(11)[1]).tolist() == [4, 4, 3]
    assert np.bincount(make_blobs([1, 0, 5, 2])[1]).tolist() == [1, 0, 5, 2]
    assert make_blobs(10, 5, centers=2)[0].shape == (10, 5)
    assert make_blobs(np.array([2, 3]))[0].shape == (5, 2)


def test_drawn_centers_lie_in_their_box():
    centers = make_blobs(0, centers=500, center_box=(2, 3), return_centers=True)[2]

    assert centers.min() >= 2
    assert centers.max() <= 3


def test_spirals_wind_from_the_middle_to_radius_one():
    X, y = make_spirals(300, 3, turns=2, shuffle=False, dtype=np.float64)

    for k in range(3):
        arm = X[y == k]
        radius = np.hypot(*arm.T)
        np.testing.assert_allclose(radius, np.arange(1, 101) / 100)
        angle = np.unwrap(np.arctan2(arm[:, 1], arm[:, 0]))
        np.testing.assert_allclose(angle[-1] - angle[0], 4 * np.pi * 0.99)


def test_xor_is_the_exclusive_or_of_the_signs():
    X, y = make_xor(400, noise=0.05, rng=0)

    np.testing.assert_array_equal(y, (X[:, 0] > 0) ^ (X[:, 1] > 0))
    assert np.bincount(y).tolist() == [200, 200]


def test_no_straight_line_parts_the_classes_of_xor_and_moons_but_blobs_it_does():
    def best_line(X, y):
        features = np.column_stack([X, np.ones(len(X))])
        weights = np.linalg.lstsq(features, 2.0 * y - 1, rcond=None)[0]
        return ((features @ weights > 0) == y).mean()

    assert best_line(*make_xor(400, rng=0)) < 0.8
    assert best_line(*make_circles(400, rng=0)) < 0.8
    assert best_line(*make_moons(400, rng=0)) < 0.95
    assert best_line(*make_blobs(400, centers=[[0, 0], [9, 9]], rng=0)) > 0.99


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            lambda: make_moons(-1),
            ValueError,
            "make_moons: n_samples is -1; needed is at",
        ),
        (lambda: make_moons(1.5), TypeError, "n_samples is 1.5; needed is an integer"),
        (lambda: make_moons("9"), TypeError, "n_samples is '9'; needed is an integer"),
        (
            lambda: make_moons(True),
            TypeError,
            "n_samples is True; needed is an integer",
        ),
        (
            lambda: make_moons(noise=-1),
            ValueError,
            "noise is -1; needed is a finite num",
        ),
        (
            lambda: make_moons(noise=np.nan),
            ValueError,
            "noise is nan; needed is a finit",
        ),
        (lambda: make_moons(noise="a"), TypeError, "noise is 'a'; needed is a number"),
        (
            lambda: make_moons(dtype=int),
            ValueError,
            "dtype is int64; needed is a float",
        ),
        (lambda: make_moons(dtype=None), TypeError, "dtype is None; needed is a float"),
        (
            lambda: make_moons(rng="a"),
            TypeError,
            "make_moons: rng is 'a'; needed is an",
        ),
        (lambda: make_moons(9, 0.1), TypeError, "positional"),
        (
            lambda: make_circles(factor=1),
            ValueError,
            r"factor is 1; needed .* in \[0, 1",
        ),
        (
            lambda: make_circles(factor=-1),
            ValueError,
            "factor is -1; needed is a finite",
        ),
        (
            lambda: make_blobs(centers=0),
            ValueError,
            "centers is 0; needed is at least 1",
        ),
        (
            lambda: make_blobs(centers=[1, 2]),
            ValueError,
            r"centers have shape \(2,\) and",
        ),
        (
            lambda: make_blobs(centers="ab"),
            ValueError,
            "centers have shape .* dtype <U2",
        ),
        (
            lambda: make_blobs(centers=[[np.inf]]),
            ValueError,
            "centers are not all finit",
        ),
        (
            lambda: make_blobs([1], centers=2),
            ValueError,
            "has 1 numbers and there are 2",
        ),
        (lambda: make_blobs(cluster_std=[1, 2]), ValueError, "one for each of the 3"),
        (
            lambda: make_blobs(cluster_std=-1),
            ValueError,
            "cluster_std is -1; needed are",
        ),
        (
            lambda: make_blobs(center_box=(3, 2)),
            ValueError,
            r"center_box is \(3, 2\); ne",
        ),
        (
            lambda: make_blobs(center_box=3),
            ValueError,
            "center_box is 3; needed are a l",
        ),
        (lambda: make_blobs(9, 0), ValueError, "n_features is 0; needed is at least 1"),
        (
            lambda: make_spirals(9, 0),
            ValueError,
            "n_classes is 0; needed is at least 1",
        ),
        (
            lambda: make_spirals(turns=np.inf),
            ValueError,
            "turns is inf; needed is a fin",
        ),
        (
            lambda: make_xor(noise=None, rng=-1),
            ValueError,
            "make_xor: rng is -1; needed",
        ),
    ],
)
def test_wrong_arguments_are_named_with_what_was_needed(call, error, said):
    with pytest.raises(error, match=said):
        call()
