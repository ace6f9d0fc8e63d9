"""Transforms: what they share, and the simple ones."""

import concurrent.futures
import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest

from pebblegrad.data import ArrayDataset, DataLoader, transforms
from pebblegrad.data.transforms import (
    Compose,
    MixUp,
    Normalize,
    OneHot,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomRotation,
    RandomVerticalFlip,
    Transform,
)

ON_IMAGES = {
    "affine": RandomAffine(30, translate=(0.2, 0.2), scale=(0.5, 2)),
    "crop": RandomCrop(5, padding=1),
    "horizontal flip": RandomHorizontalFlip(),
    "nearest": RandomRotation(30, "nearest"),
    "normalize": Normalize([0.5, 0.1], 2),
    "rotation": RandomRotation(30),
    "vertical flip": RandomVerticalFlip(),
}
ON_BATCHES = {
    **ON_IMAGES,
    "mixup": MixUp(num_classes=3),
    "compose": Compose([RandomCrop(4), MixUp(num_classes=3)]),
    "one-hot": OneHot(3),
}


@pytest.fixture
def X(rng):
    return rng.random((8, 2, 6, 6), dtype=np.float32)


@pytest.fixture
def y():
    return np.arange(8) % 3


def once(transform):
    """The bytes that a transform makes of a batch."""
    X = np.linspace(0, 1, 8 * 2 * 36).reshape(8, 2, 6, 6)
    return [array.tobytes() for array in transform(X, np.arange(8) % 3, rng=4)]


@pytest.mark.parametrize("name", ON_BATCHES)
def test_the_same_seed_draws_the_same_and_nothing_given_is_changed(name, X, y):
    transform = ON_BATCHES[name]
    before = X.copy(), y.copy()
    X.flags.writeable = y.flags.writeable = False

    one, other = (transform(X, y, rng=seed) for seed in (3, np.random.default_rng(3)))

    for found, expected in zip(one, other, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])
    changed = one[1] if name == "one-hot" else one[0]
    assert changed.flags.writeable
    assert not np.shares_memory(changed, X)


@pytest.mark.parametrize("name", ON_BATCHES)
def test_threads_and_processes_draw_the_same_from_the_same_seed(name):
    transform = ON_BATCHES[name]
    expected = once(transform)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(once, [transform] * 16))
    assert once(pickle.loads(pickle.dumps(transform))) == expected


def test_a_process_of_its_own_draws_the_same(X, y):
    transforms_of_batches = list(ON_BATCHES.values())
    script = (
        "import pickle, sys\n"
        "transforms, X, y = pickle.load(sys.stdin.buffer)\n"
        "found = [transform(X, y, rng=4) for transform in transforms]\n"
        "pickle.dump(found, sys.stdout.buffer)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps((transforms_of_batches, X, y)),
        capture_output=True,
        check=True,
    )

    found = pickle.loads(done.stdout)
    for transform, batch in zip(transforms_of_batches, found, strict=True):
        for array, expected in zip(batch, transform(X, y, rng=4), strict=True):
            np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("name", ON_IMAGES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_of_images_is_kept(name, dtype, X):
    assert ON_IMAGES[name](X.astype(dtype)).dtype == dtype


@pytest.mark.parametrize("name", ON_IMAGES)
def test_a_batch_may_be_empty_or_of_one_and_in_any_memory_order(name, X):
    transform = ON_IMAGES[name]
    whole = transform(X[:1], rng=0)

    assert transform(X[:0]).shape == (0, *whole.shape[1:])
    for array in (np.asfortranarray(X[:1]), np.repeat(X, 2, axis=3)[:1, ..., ::2]):
        np.testing.assert_array_equal(transform(array, rng=0), whole)


@pytest.mark.parametrize("name", sorted({*ON_IMAGES} - {"normalize"}))
def test_images_without_an_axis_of_channels_are_as_good(name, X):
    transform = ON_IMAGES[name]

    np.testing.assert_array_equal(
        transform(X[:, 0], rng=0), transform(X[:, :1], rng=0)[:, 0]
    )


@pytest.mark.parametrize("name", sorted({*ON_IMAGES} - {"normalize"}))
def test_the_channels_of_an_image_are_changed_alike(name, X):
    both = ON_IMAGES[name](np.concatenate([X, X], axis=1), rng=0)

    np.testing.assert_array_equal(both[:, :2], both[:, 2:])


@pytest.mark.parametrize("name", sorted({*ON_IMAGES} - {"normalize"}))
def test_flat_rows_get_a_hint_and_words_are_refused(name):
    who = type(ON_IMAGES[name]).__name__
    with pytest.raises(
        ValueError, match=rf"{who}: X has shape \(3, 784\); .*load_mnist\(flat=False\)"
    ):
        ON_IMAGES[name](np.zeros((3, 784)))
    with pytest.raises(TypeError, match=f"{who}: X has dtype <U1; needed are numbers"):
        ON_IMAGES[name](np.full((3, 8, 8), "a"))


@pytest.mark.parametrize("name", ON_IMAGES)
def test_a_tuple_in_place_of_two_arrays_gets_a_hint(name, X, y):
    with pytest.raises(TypeError, match=r"type tuple; .*transform\(X, y\), not trans"):
        ON_IMAGES[name]((X, y))


@pytest.mark.parametrize("name", sorted({*ON_BATCHES} - {"mixup", "compose"}))
def test_no_arrays_are_refused(name):
    with pytest.raises(TypeError, match="no arrays were given; needed is a batch"):
        ON_BATCHES[name]()


@pytest.mark.parametrize("wrong", ["0", 1.5, [1]])
def test_an_rng_of_a_wrong_kind_is_refused(wrong, X):
    with pytest.raises(TypeError, match=r"HorizontalFlip: rng is .*; needed is an int"):
        RandomHorizontalFlip()(X, rng=wrong)


def test_the_repr_shows_the_settings():
    assert (
        repr(RandomHorizontalFlip(np.float32(0.25))) == "RandomHorizontalFlip(p=0.25)"
    )
    assert repr(Compose([OneHot(3)])) == "Compose([OneHot(3, dtype=float32)])"
    assert repr(MixUp(alpha=0.2)) == "MixUp(alpha=0.2, num_classes=None)"
    assert repr(RandomRotation(10)) == (
        "RandomRotation(degrees=(-10.0, 10.0), interpolation='bilinear', fill=0.0)"
    )


def test_every_public_transform_is_tested_here():
    tried = {type(transform).__name__ for transform in ON_BATCHES.values()}

    assert tried | {"Transform"} == set(transforms.__all__)


# Compose and functions of one's own


def test_transforms_are_applied_in_their_order_with_one_generator(X):
    def noise(X, rng):
        return X + rng.random()

    def double(X):
        return 2 * X

    def shifted_twice(X, rng):
        return (X + rng.random()) * 2 + rng.random()

    composed = Compose([noise, double, noise])

    np.testing.assert_array_equal(
        composed(X, rng=1), shifted_twice(X, np.random.default_rng(1))
    )


def test_a_step_may_change_how_many_arrays_there_are(X, y):
    composed = Compose([lambda X: (X, y), OneHot(3), lambda X, y: X.mean() * y])

    assert composed(X).shape == (8, 3)


def test_no_steps_hand_on_what_was_given(X, y):
    assert Compose([])(X) is X
    assert Compose([])(X, y) == (X, y)


def test_a_subclass_needs_only_to_change_the_first_array(X, y):
    class Negative(Transform):
        def change(self, X, rng):
            return -X

    (X_batch, y_batch), *_ = DataLoader((X, y), 8, transform=Negative())

    np.testing.assert_array_equal(X_batch, -X)
    np.testing.assert_array_equal(y_batch, y)


def test_a_loader_hands_a_transform_what_its_batches_hold(X, y):
    (array,) = DataLoader(X, 8, transform=lambda X: X + 1)
    ((single,),) = DataLoader((X,), 8, transform=lambda X: X + 1)
    ((of_dataset,),) = DataLoader(ArrayDataset(X), 8, transform=lambda X: X + 1)
    ((both, twice),) = DataLoader((X,), 8, transform=lambda X: (X, X))
    (number,) = DataLoader((X,), 8, transform=lambda X: 7)
    ((first, second),) = DataLoader((X, y), 8, transform=lambda X, y: (y, X))

    np.testing.assert_array_equal(array, X + 1)
    np.testing.assert_array_equal(single, X + 1)
    np.testing.assert_array_equal(of_dataset, X + 1)
    np.testing.assert_array_equal(both, twice)
    assert number == 7
    np.testing.assert_array_equal(first, y)
    np.testing.assert_array_equal(second, X)


def test_a_loader_transforms_each_batch_by_draws_of_its_own(y):
    def draws(y, rng):
        return rng.random()

    loader = DataLoader(y, 2, transform=draws, rng=0)

    assert len({*loader, *loader}) == 8


def test_functions_with_any_signature_are_called(y):
    def with_keywords(y, **keywords):
        assert keywords == {}  # only a parameter of the name counts
        return y

    vectorized = np.vectorize(lambda number: number + 1)  # takes any keywords

    for function in (np.negative, vectorized, with_keywords, lambda y, *, rng: y):
        assert len(list(DataLoader(y, 4, transform=function))) == 2
        assert Compose([function])(y).shape == (8,)


@pytest.mark.parametrize(
    ("transform", "said"),
    [
        (3, "transform is of type int; needed is a function of the arrays"),
        ([np.negative], "transform is of type list; needed is a function"),
        (RandomRotation, r"transform is the class RandomRotation; .*Rotation\(...\)"),
    ],
)
def test_what_cannot_be_called_is_refused(transform, said, y):
    with pytest.raises(TypeError, match=f"DataLoader: {said}"):
        DataLoader(y, transform=transform)
    with pytest.raises(TypeError, match=f"Compose: {said}"):
        Compose([transform])


def test_a_transform_in_place_of_the_list_is_refused():
    with pytest.raises(TypeError, match="transforms is of type OneHot; needed is a li"):
        Compose(OneHot(3))


def test_a_function_that_returns_nothing_is_refused(y):
    def forgets(y):
        y + 1

    with pytest.raises(TypeError, match="forgets returned None; needed is the new b"):
        list(DataLoader(y, transform=forgets))


def test_a_function_in_c_that_hides_its_signature_gets_the_arrays_alone():
    with pytest.raises(ValueError, match="no signature found"):
        inspect.signature(max)

    assert list(DataLoader(np.arange(4), 2, transform=max)) == [1, 3]


# Normalize


def test_normalizing_is_by_channel_or_by_feature_or_by_one_number(X, rng):
    mean, std = X.mean(axis=(0, 2, 3)), X.std(axis=(0, 2, 3))
    rows = rng.random((5, 3))

    np.testing.assert_allclose(
        Normalize(mean, std)(X),
        (X - mean[None, :, None, None]) / std[None, :, None, None],
        rtol=1e-5,
        atol=1e-6,
    )
    np.testing.assert_allclose(Normalize([1, 2, 3], 2)(rows), (rows - [1, 2, 3]) / 2)
    np.testing.assert_allclose(
        Normalize(1, np.float32(4))(rows[:, 0]), (rows[:, 0] - 1) / 4
    )


def test_integers_become_float32():
    out = Normalize(128, 128)(np.array([[0, 255]], np.uint8))

    assert out.dtype == np.float32
    np.testing.assert_allclose(out, [[-1, 127 / 128]])


@pytest.mark.parametrize("shape", [(3000, 4), (1025, 2, 3, 3), (1, 5)])
@pytest.mark.parametrize("far", [0, 1e6])
def test_what_is_measured_makes_means_of_0_and_deviations_of_1(rng, shape, far):
    X = rng.normal(far, 3, shape)
    axes = (0, *range(2, len(shape)))

    measured = Normalize.from_data(X)

    np.testing.assert_allclose(measured.mean, X.mean(axis=axes))
    if shape[0] > 1:
        np.testing.assert_allclose(measured.std, X.std(axis=axes), rtol=1e-9)
    else:
        np.testing.assert_array_equal(measured.std, 1)


def test_what_never_varies_becomes_0(X):
    X[:, 1] = 7

    out = Normalize.from_data(X)(X)

    np.testing.assert_array_equal(out[:, 1], 0)
    np.testing.assert_allclose(out[:, 0].std(), 1, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [0.1, 1 / 3, 255.7, -1e4])
def test_what_never_varies_has_a_deviation_of_1_and_exactly_its_mean(dtype, value):
    X = np.full((60_000, 2), value, dtype)
    X[::2, 1] = 0

    measured = Normalize.from_data(X)

    assert measured.std[0] == 1
    assert measured.mean[0] == X[0, 0]
    assert not measured(X[:5])[:, 0].any()
    np.testing.assert_allclose(measured.std[1], abs(float(X[1, 1])) / 2)


@pytest.mark.parametrize(
    ("mean", "std", "dtype", "said"),
    [
        (0.0, 1e-50, np.float32, r"in float32 mean is \[0\.\] and std \[0\.\]; needed"),
        (
            0.0,
            [1, 1e-50],
            np.uint8,
            r"uint8, and in float32 mean is .* \[1\. 0\.\]",
        ),
        (1e6, 1.0, np.float16, r"in float16 mean is \[inf\]"),
        (0.0, 1e39, np.float32, r"std \[inf\]; needed is a dtype that holds them"),
    ],
)
def test_a_deviation_that_the_dtype_cannot_hold_is_refused(mean, std, dtype, said):
    with pytest.raises(ValueError, match=f"Normalize: X has .*{said}"):
        Normalize(mean, std)(np.ones((2, 2), dtype))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_not_measured(X, wrong):
    X[3, 1, 0, 0] = wrong

    with np.errstate(invalid="ignore"):  # the message is better than the warning
        with pytest.raises(ValueError, match=r"X\[:, 1\] holds NaN or infinity, or to"):
            Normalize.from_data(X)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((0, 0), ValueError, "std is 0; needed is above 0 everywhere"),
        ((0, [1, -1]), ValueError, r"std is \[1, -1\]; needed is above 0"),
        ((np.nan, 1), ValueError, "mean is nan; needed are finite"),
        ((0, np.inf), ValueError, "std is inf; needed are finite"),
        (([[0]], 1), ValueError, r"mean has shape \(1, 1\); needed is a number"),
        (([], 1), ValueError, r"mean has shape \(0,\); needed is a number"),
        (([1, 2], [1, 2, 3]), ValueError, r"mean has shape \(2,\) and std \(3,\)"),
        (("a", 1), TypeError, "mean is 'a'; needed is a number, or one per"),
        ((None, 1), TypeError, "mean is None; needed is a number"),
    ],
)
def test_means_and_deviations_that_cannot_be_are_refused(arguments, error, said):
    with pytest.raises(error, match=f"Normalize: {said}"):
        Normalize(*arguments)


def test_an_array_with_other_channels_is_refused(X):
    with pytest.raises(ValueError, match=r"\(8, 2, 6, 6\) and there are 3 means or"):
        Normalize([1, 2, 3], 1)(X)
    with pytest.raises(ValueError, match=r"\(8,\) and there are 3 means"):
        Normalize([1, 2, 3], 1)(np.zeros(8))


def test_words_are_not_normalized():
    with pytest.raises(TypeError, match="Normalize: X has dtype <U1; needed are numb"):
        Normalize(0, 1)(np.array([["a"]]))


@pytest.mark.parametrize("data", [np.zeros(3), np.zeros((0, 3)), np.zeros((3, 0))])
def test_data_that_cannot_be_measured_is_refused(data):
    with pytest.raises(ValueError, match=r"from_data: X has shape .*; needed is \(N, "):
        Normalize.from_data(data)


@pytest.mark.parametrize("data", [[[1.0]], np.array([["a"]]), None])
def test_data_that_holds_no_numbers_is_refused(data):
    with pytest.raises(
        TypeError, match=r"from_data: X is of .*; needed is an array of"
    ):
        Normalize.from_data(data)


# OneHot


def test_class_numbers_of_a_batch_become_rows(X, y):
    same, rows = OneHot(np.int64(4), dtype=np.float64)(X, y)

    assert same is X
    np.testing.assert_array_equal(rows, np.eye(4)[y])
    np.testing.assert_array_equal(OneHot(4)(y), np.eye(4)[y])


def test_one_hot_refuses_what_it_cannot_do(X, y):
    with pytest.raises(ValueError, match="num_classes is 0; needed is at least 1"):
        OneHot(0)
    with pytest.raises(TypeError, match=r"num_classes is 2\.0; needed is an integer"):
        OneHot(2.0)
    with pytest.raises(
        ValueError, match=r"indices\[2\] is 2; needed is 0 <= index < 2"
    ):
        OneHot(2)(X, y)


# MixUp


@pytest.mark.parametrize("alpha", [0.1, 1, np.float32(2)])
def test_mixed_samples_lie_between_two_and_so_do_their_targets(rng, alpha):
    # Sample i is its own number, so that a mixed one tells what it is made of.
    X = np.arange(6.0)[:, None]
    mixed, rows = MixUp(alpha=alpha, num_classes=6)(X, np.arange(6), rng=rng)

    np.testing.assert_allclose(rows.sum(axis=1), 1)
    np.testing.assert_allclose(rows @ np.arange(6.0), mixed[:, 0])
    assert ((rows > 0).sum(axis=1) <= 2).all()
    assert rows.shape == (6, 6)


def test_weights_follow_the_beta_distribution():
    X, y = np.array([[0.0], [1.0]]), np.eye(2)
    mix = MixUp(alpha=0.3)

    weights = []
    for seed in range(4000):
        mixed, _ = mix(X, y, rng=seed)
        if mixed[0, 0] > 0 or mixed[1, 0] < 1:  # else each was its own partner
            weights.append(mixed[1, 0])

    assert 1800 < len(weights) < 2200
    # Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2 a + 1)).
    np.testing.assert_allclose(np.mean(weights), 0.5, atol=0.05)
    np.testing.assert_allclose(np.var(weights), 1 / (4 * 1.6), atol=0.015)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_mixing_keeps_the_dtypes(dtype, y):
    X, rows = np.zeros((8, 2), dtype), np.eye(3)[y].astype(np.float32)

    mixed, targets = MixUp()(X, rows)
    from_classes = MixUp(num_classes=3)(X, y.astype(np.uint8))[1]

    assert (mixed.dtype, targets.dtype, from_classes.dtype) == (
        dtype,
        np.float32,
        dtype,
    )


def test_integers_are_mixed_as_float32(y):
    mixed, rows = MixUp(num_classes=3)(np.full((8, 2), 200, np.uint8), y)

    assert (mixed.dtype, rows.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(mixed, 200, rtol=1e-6)


@pytest.mark.parametrize("N", [0, 1])
def test_a_batch_of_one_or_none_is_mixed_with_itself(N):
    X, y = np.full((N, 2), 3.0), np.zeros(N, int)

    mixed, rows = MixUp(num_classes=2)(X, y)

    np.testing.assert_allclose(mixed, X)
    np.testing.assert_allclose(rows, np.eye(2)[y])


@pytest.mark.parametrize(
    ("arrays", "error", "said"),
    [
        ((np.zeros(2),), TypeError, r"a batch of 1 was given \(ndarray\); needed are"),
        ((np.zeros(2), [0, 1]), TypeError, r"of 2 was given \(ndarray, list\)"),
        ((np.zeros(2), np.array([0, 1])), TypeError, r"int64; .*MixUp\(num_classes="),
        ((np.zeros(2), np.zeros(3)), ValueError, r"shape \(2,\) and y \(3,\); needed"),
        ((np.array(["a"]), np.zeros(1)), TypeError, "X has dtype <U1; needed are num"),
    ],
)
def test_a_batch_that_cannot_be_mixed_is_refused(arrays, error, said):
    with pytest.raises(error, match=f"MixUp: .*{said}"):
        MixUp()(*arrays)


def test_class_numbers_in_more_than_one_axis_are_refused():
    with pytest.raises(ValueError, match=r"y has shape \(2, 2\); needed are class nu"):
        MixUp(num_classes=2)(np.zeros(2), np.zeros((2, 2), int))


@pytest.mark.parametrize(
    ("keywords", "error", "said"),
    [
        ({"alpha": 0}, ValueError, "alpha is 0; needed is a number above 0"),
        ({"alpha": -1}, ValueError, "alpha is -1; needed is a finite number of at lea"),
        ({"alpha": np.nan}, ValueError, "alpha is nan; needed is a finite number"),
        ({"alpha": "1"}, TypeError, "alpha is '1'; needed is a number"),
        ({"alpha": True}, TypeError, "alpha is True; needed is a number"),
        ({"num_classes": 0}, ValueError, "num_classes is 0; needed is at least 1"),
    ],
)
def test_settings_that_mixup_cannot_have_are_refused(keywords, error, said):
    with pytest.raises(error, match=said):
        MixUp(**keywords)
