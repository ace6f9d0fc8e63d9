"""Flips, crops, rotations, shifts and zooms of images."""

import itertools
import tracemalloc

import numpy as np
import pytest

from pebblegrad.data.transforms import (
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomRotation,
    RandomVerticalFlip,
)


@pytest.fixture
def X(rng):
    return rng.random((50, 1, 5, 5))


@pytest.mark.parametrize(
    ("flip", "axis"), [(RandomHorizontalFlip, -1), (RandomVerticalFlip, -2)]
)
@pytest.mark.parametrize("p", [0, 0.5, 1, np.float32(0.25)])
def test_an_image_is_flipped_with_the_probability_asked_for(rng, flip, axis, p):
    X = rng.random((2000, 3, 2))

    out = flip(p)(X, rng=0)

    flipped = (out == np.flip(X, axis)).all(axis=(1, 2))
    same = (out == X).all(axis=(1, 2))
    assert (flipped ^ same).all()
    # Five standard deviations.
    np.testing.assert_allclose(flipped.mean(), p, atol=5 * np.sqrt(p * (1 - p) / 2000))


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan])
def test_a_probability_outside_0_and_1_is_refused(p):
    with pytest.raises(ValueError, match=r"RandomVerticalFlip: p is .* in \[0, 1\]"):
        RandomVerticalFlip(p)


@pytest.mark.parametrize("p", ["0.5", None, True])
def test_a_probability_that_is_no_number_is_refused(p):
    with pytest.raises(TypeError, match=r"HorizontalFlip: p is .*; needed is a number"):
        RandomHorizontalFlip(p)


# RandomCrop


def all_windows(image, height, width):
    H, W = image.shape[-2:]
    for top, left in itertools.product(range(H - height + 1), range(W - width + 1)):
        yield image[..., top : top + height, left : left + width]


@pytest.mark.parametrize("size", [(2, 3), (5, 5), (1, 4), 3])
def test_every_window_of_an_image_is_cut_out_equally_often(rng, size):
    image = rng.random((2, 5, 5))
    height, width = (size, size) if isinstance(size, int) else size
    X = np.broadcast_to(image, (3000, 2, 5, 5))

    out = RandomCrop(size)(X, rng=0)

    windows = [w.tobytes() for w in all_windows(image, height, width)]
    places = [windows.index(window.tobytes()) for window in out]
    count = np.bincount(places, minlength=len(windows))
    expected = 3000 / len(windows)
    np.testing.assert_allclose(count, expected, atol=5 * np.sqrt(expected))


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (2, (2, 2, 2, 2)),
        ((1, 2), (1, 2, 1, 2)),
        ((1, 0, 2, 3), (1, 0, 2, 3)),
        (np.array([1, 2]), (1, 2, 1, 2)),
        (None, (0, 0, 0, 0)),
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric"])
def test_padding_goes_around_before_a_window_is_cut_out(X, padding, sides, mode):
    left, top, right, bottom = sides
    keywords = {"constant_values": 9} if mode == "constant" else {}
    padded = np.pad(
        X, [(0, 0), (0, 0), (top, bottom), (left, right)], mode=mode, **keywords
    )
    crop = RandomCrop(padded.shape[2:], padding, fill=9, padding_mode=mode)

    np.testing.assert_array_equal(crop(X), padded)


def test_small_images_are_padded_when_that_is_allowed(X):
    out = RandomCrop((7, 5), pad_if_needed=True)(X[:1], rng=0)

    assert out.shape == (1, 1, 7, 5)
    windows = all_windows(np.pad(X[0], [(0, 0), (2, 2), (0, 0)]), 7, 5)
    assert any((out[0] == window).all() for window in windows)


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.int64])
def test_crops_of_integers_stay_integers(dtype):
    X = np.ones((2, 3, 3), dtype)

    out = RandomCrop(5, padding=1)(X)

    assert out.dtype == dtype
    assert out.sum() == 2 * 9


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "said"),
    [
        ((0,), {}, ValueError, "size is 0; needed is at least 1"),
        (((2, -1),), {}, ValueError, r"size is \(2, -1\); needed is at least 1"),
        ((2.0,), {}, TypeError, r"size is 2\.0; needed is an integer, or 2 of them"),
        (((1, 2, 3),), {}, TypeError, r"size is \(1, 2, 3\); needed is an integer"),
        ((True,), {}, TypeError, "size is True; needed is an integer"),
        ((2, -1), {}, ValueError, "padding is -1; needed is at least 0"),
        ((2, (1, 2, 3)), {}, TypeError, "needed is an integer, or 2 or 4 of them"),
        ((2,), {"fill": None}, TypeError, "fill is None; needed is a number"),
        ((2,), {"padding_mode": "wrap"}, ValueError, "'wrap'; needed is one of 'con"),
    ],
)
def test_crops_that_cannot_be_are_refused(arguments, keywords, error, said):
    with pytest.raises(error, match=f"RandomCrop: .*{said}"):
        RandomCrop(*arguments, **keywords)


def test_an_image_smaller_than_the_window_is_refused(X):
    with pytest.raises(
        ValueError,
        match=r"images are 7 by 7, .* size is \(8, 8\); .*pad_if_needed=True",
    ):
        RandomCrop(8, padding=1)(X)


# Rotations, shifts and zooms


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("shape", [(3, 5, 5), (3, 2, 4, 4), (3, 1, 1, 1)])
@pytest.mark.parametrize("turns", [-1, 0, 1, 2, 3])
def test_quarter_turns_move_pixels_exactly(rng, mode, shape, turns):
    X = rng.random(shape)
    degrees = (90 * turns, 90 * turns)

    rotated = RandomRotation(degrees, mode)(X)
    turned = RandomAffine(degrees, interpolation=mode)(X)

    np.testing.assert_allclose(rotated, np.rot90(X, turns, axes=(-2, -1)), atol=1e-14)
    np.testing.assert_allclose(turned, np.rot90(X, -turns, axes=(-2, -1)), atol=1e-14)


def test_an_image_that_is_not_square_keeps_its_shape(rng):
    X = rng.random((2, 3, 4, 7))

    out = RandomRotation((180, 180))(X)

    np.testing.assert_allclose(out, X[..., ::-1, ::-1], atol=1e-14)
    assert RandomRotation(45)(X).shape == X.shape


def test_shifts_are_by_whole_pixels_and_fill_what_comes_in(rng):
    X = rng.random((300, 5, 5))

    out = RandomAffine(0, translate=(0.4, 0.2), fill=7)(X, rng=0)

    found = set()
    padded = np.pad(X, [(0, 0), (1, 1), (2, 2)], constant_values=7)
    for image, moved in zip(padded, out, strict=True):
        for down, right in itertools.product((-1, 0, 1), (-2, -1, 0, 1, 2)):
            window = image[1 - down : 6 - down, 2 - right : 7 - right]
            if np.array_equal(window, moved):
                found.add((down, right))
                break
        else:
            pytest.fail("an image was moved by no whole number of pixels")
    assert len(found) == 15


def test_a_zoom_by_two_doubles_what_is_seen():
    # A ramp is linear, so interpolation is exact wherever nothing comes from outside.
    ramp = np.arange(9.0) - 4
    X = ramp[None, :, None] + 10 * ramp[None, None, :]

    larger = RandomAffine(0, scale=(2, 2))(X)
    smaller = RandomAffine(0, scale=(0.5, 0.5), fill=-99)(X)

    np.testing.assert_allclose(larger, X / 2, atol=1e-12)
    np.testing.assert_allclose(smaller[:, 2:7, 2:7], 2 * X[:, 2:7, 2:7], atol=1e-12)
    assert (smaller[:, 0] == -99).all()


@pytest.mark.parametrize("degrees", [-30, 10, 77.7, 200])
def test_a_ramp_turns_with_its_image(degrees):
    N = 21
    down, right = np.mgrid[:N, :N] - (N - 1) / 2
    X = (3 * down + 5 * right)[None]

    out = RandomRotation((degrees, degrees))(X)

    # Counterclockwise by the angle: the value at a place comes from the place that is
    # turned back; rows count downwards.
    a = np.deg2rad(degrees)
    from_right = right * np.cos(a) - down * np.sin(a)
    from_down = right * np.sin(a) + down * np.cos(a)
    inside = down**2 + right**2 < (N // 2) ** 2
    np.testing.assert_allclose(
        out[0][inside], (3 * from_down + 5 * from_right)[inside], atol=1e-10
    )


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_an_image_moved_far_away_is_all_fill(X, mode):
    # Zoomed out to a point: all places but the center are outside.
    out = RandomAffine(0, scale=(1e-9, 1e-9), interpolation=mode, fill=3)(X)

    assert (np.delete(out.reshape(50, -1), 12, axis=1) == 3).all()


def test_bilinear_pixels_are_averages_and_fade_to_the_fill():
    X = np.zeros((1, 3, 3))
    X[0, 1, 1] = 1

    out = RandomRotation((45, 45))(X)[0]

    # The neighbor to the right comes from (cos 45, sin 45) pixels off the center.
    c = np.sqrt(0.5)
    np.testing.assert_allclose(out[1, 2], (1 - c) * (1 - c))
    np.testing.assert_allclose(out[1, 1], 1)
    # And the corner from a place sqrt(2) - 1 pixels outside.
    filled = RandomRotation((45, 45), fill=1)(X)[0]
    np.testing.assert_allclose(filled[0, 0], np.sqrt(2) - 1)


def test_angles_and_zooms_are_spread_evenly_over_their_ranges():
    N = 41
    right = np.arange(N) - (N - 1) / 2
    X = np.broadcast_to(right, (1000, N, N))

    out = RandomAffine((10, 50), scale=(0.5, 1))(X, rng=0)

    # One pixel right of the center and one below tell angle and zoom.
    along, across = out[:, 20, 21], out[:, 21, 20]
    angle = np.rad2deg(np.arctan2(across, along))
    zoom = 1 / np.hypot(along, across)
    for values, low, high in ((angle, 10, 50), (zoom, 0.5, 1)):
        assert values.min() >= low - 1e-9
        assert values.max() <= high + 1e-9
        np.testing.assert_allclose(
            np.quantile(values, [0.25, 0.5, 0.75]),
            low + (high - low) * np.array([0.25, 0.5, 0.75]),
            atol=0.06 * (high - low),
        )


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, bool])
def test_integers_are_rounded(dtype):
    X = np.ones((4, 6, 6), dtype)

    out = RandomRotation(30, fill=1)(X)

    assert out.dtype == dtype
    assert (out == 1).all()


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.int64, np.uint64])
def test_nearest_only_moves_integers_however_large(dtype):
    info = np.iinfo(dtype)
    X = np.array([[[2**24 + 1, 123_456_789], [info.max, info.min]]], dtype)

    out = RandomRotation((90, 90), "nearest")(X)

    np.testing.assert_array_equal(out, np.rot90(X, axes=(1, 2)))
    assert out.dtype == dtype


@pytest.mark.parametrize("dtype", [np.int32, np.uint32])
def test_averages_of_large_integers_are_exact_where_nothing_moves(dtype):
    info = np.iinfo(dtype)
    X = np.array([[[2**24 + 1, 123_456_789], [info.max, info.min]]], dtype)

    np.testing.assert_array_equal(RandomRotation(0)(X), X)


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, np.uint64]
)
def test_averages_never_leave_what_the_dtype_can_hold(dtype):
    info = np.iinfo(dtype)
    X = np.full((40, 6, 6), info.max, dtype)
    X[::2] = info.min

    out = RandomAffine(180, translate=(0, 0), scale=(2, 3))(X, rng=0)

    # Zoomed in, all of an image is inside; half the bits survive in any float.
    assert (out[1::2] > info.max // 2).all()
    np.testing.assert_allclose(out[::2].astype(float), float(info.min))


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("dtype", [">f4", ">f8", ">i4", ">u2"])
def test_batches_in_another_byte_order_keep_it(mode, dtype):
    X = np.arange(1.0, 151).reshape(2, 3, 5, 5).astype(dtype)

    out = RandomRotation(30, mode)(X, rng=0)

    assert out.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(
        out, RandomRotation(30, mode)(X.astype(X.dtype.newbyteorder("=")), rng=0)
    )


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("N", [31, 32, 33, 70])
def test_each_image_of_a_large_batch_is_moved_as_it_is_alone(rng, mode, N):
    X = rng.random((N, 2, 5, 4))
    # Each image has its own range of one angle, so that a batch of one draws the same.
    angles = np.linspace(-40, 40, N)

    class Told:
        """Draws the angles that it is told to."""

        def __init__(self, angles):
            self.angles = angles

        def uniform(self, low, high, size):
            return self.angles

    transform = RandomRotation(180, mode)
    out = transform.change(X, Told(angles))

    for number in range(N):
        alone = transform.change(X[number : number + 1], Told(angles[[number]]))
        np.testing.assert_array_equal(out[number], alone[0])


def test_a_large_batch_takes_little_more_memory_than_its_result(rng):
    X = rng.random((1000, 1, 28, 28), dtype=np.float32)
    transform = RandomRotation(10)
    transform(X[:2])
    tracemalloc.start()

    transform(X)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * X.nbytes


def test_a_constant_image_stays_constant_whatever_the_map(X):
    X[:] = 2

    out = RandomAffine(180, translate=(0.5, 0.5), scale=(0.3, 3), fill=2)(X)

    np.testing.assert_allclose(out, 2, rtol=1e-12)


def test_pixels_that_are_nan_stay_where_they_are(X):
    X[:, :, 2, 2] = np.nan

    out = RandomRotation(20, "nearest")(X)

    assert np.isnan(out).sum() == 50


@pytest.mark.parametrize(
    "transform", [RandomAffine(5, fill=300), RandomCrop(5, 1, fill=300)]
)
def test_a_fill_that_the_dtype_cannot_hold_is_refused(transform):
    who = type(transform).__name__
    with pytest.raises(ValueError, match=rf"{who}: fill is 300 and .* in \[0, 255\]"):
        transform(np.zeros((2, 4, 4), np.uint8))


def test_a_fill_with_a_fraction_is_refused_for_integers():
    with pytest.raises(
        ValueError, match=r"fill is 0\.5 and X has dtype bool; .*\[0, 1"
    ):
        RandomRotation(5, fill=0.5)(np.zeros((2, 4, 4), bool))


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "said"),
    [
        (
            (-1,),
            {},
            ValueError,
            "degrees is -1; needed is a finite number of at least 0",
        ),
        ((np.inf,), {}, ValueError, "degrees is inf; needed is a finite number"),
        (("10",), {}, TypeError, "degrees is '10'; needed is a number"),
        (((20, 10),), {}, ValueError, r"\(20, 10\); needed is \(least, greatest\)"),
        (((1, 2, 3),), {}, TypeError, r"\(1, 2, 3\); needed are two numbers"),
        ((0, 0.1), {}, TypeError, r"translate is 0\.1; needed are two numbers, \(a, b"),
        ((0, (0.1, 1.5)), {}, ValueError, r"translate is 1\.5; .* in \[0, 1\]"),
        ((0, (-0.1, 0)), {}, ValueError, r"translate is -0\.1; .* in \[0, 1\]"),
        (
            (0, None, (0, 1)),
            {},
            ValueError,
            r"scale is \(0, 1\); needed are numbers ab",
        ),
        ((0, None, (2, 1)), {}, ValueError, r"scale is \(2, 1\); needed is \(least"),
        ((0, None, (1, "a")), {}, TypeError, "scale is 'a'; needed is a number"),
        ((0,), {"fill": np.nan}, ValueError, "fill is nan; needed is a finite number"),
        ((0,), {"interpolation": "bicubic"}, ValueError, "'bicubic'; needed is one of"),
    ],
)
def test_maps_that_cannot_be_are_refused(arguments, keywords, error, said):
    with pytest.raises(error, match=f"RandomAffine: .*{said}"):
        RandomAffine(*arguments, **keywords)
