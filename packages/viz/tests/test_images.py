import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_images


def arrays(figure):
    return [np.asarray(image.get_array()) for image in figure.axes[0].images]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize(
    "shape", [(4, 5), (1, 4, 5), (1, 1, 4, 5), (1, 4, 5, 1)], ids=str
)
def test_grey_images_have_several_shapes(rng, shape):
    images = rng.random(shape)
    (drawn,) = arrays(plot_images(images))

    np.testing.assert_array_equal(drawn, images.reshape(4, 5))


@pytest.mark.parametrize("first", [True, False])
def test_colours_come_first_or_last(rng, first):
    images = rng.random((2, 4, 5, 3))
    given = np.moveaxis(images, -1, 1) if first else images

    np.testing.assert_allclose(arrays(plot_images(given)), images)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8", "bool"])
def test_numbers_of_every_kind_are_drawn(dtype):
    images = np.array([[[0, 1], [1, 0]]], dtype)

    np.testing.assert_array_equal(arrays(plot_images(images)), images)
    np.testing.assert_array_equal(arrays(plot_images(Tensor(images * 1.0))), images)


def test_read_only_and_strided_images_are_left_alone(rng):
    images = rng.random((6, 8, 8))[::2, :, ::-1]
    images.flags.writeable = False
    before = images.copy()

    np.testing.assert_array_equal(arrays(plot_images(images)), before)
    np.testing.assert_array_equal(images, before)


def test_all_images_share_one_scale():
    figure = plot_images(np.array([np.zeros((2, 2)), np.full((2, 2), 4.0)]))
    first, second = figure.axes[0].images

    assert first.get_clim() == second.get_clim() == (0, 4)


@pytest.mark.parametrize(
    ("images", "options", "limits"),
    [
        (np.full((1, 2, 2), 7, np.uint8), {}, (0, 255)),
        (np.array([[[3, 5]]]), {}, (0, 5)),
        (np.array([[[-3.0, 5.0]]]), {}, (-3, 5)),
        (np.array([[[-3.0, 5.0]]]), {"vmin": 0, "vmax": 1}, (0, 1)),
        (np.array([[[2.0, 2.0]]]), {}, (2, 3)),  # all alike: black
    ],
)
def test_what_is_black_and_white_is_chosen(images, options, limits):
    assert plot_images(images, **options).axes[0].images[0].get_clim() == limits


def test_labels_stand_above_their_images():
    figure = plot_images(np.zeros((3, 2, 2)), ["cat", "$d$", np.int64(3)])

    assert texts(figure) == ["cat", "$d$", "3"]


def test_labels_may_be_a_tensor_or_an_array():
    assert texts(plot_images(np.zeros((2, 2, 2)), np.array([7, 1]))) == ["7", "1"]
    assert texts(plot_images(np.zeros((2, 2, 2)), Tensor([7, 1]))) == ["7", "1"]


def test_a_long_label_is_shortened():
    (label,) = texts(plot_images(np.zeros((1, 2, 2)), ["a very long label " * 5]))

    assert label.endswith("…")


def test_pixels_that_are_not_finite_are_orange_and_counted():
    grey = plot_images(np.array([[[0.0, np.nan, 1.0, np.inf]]]))
    color = plot_images(np.array([[[[0.0, np.nan]], [[1.0, 0.5]], [[0.0, 0.0]]]]))

    assert arrays(grey)[0].dtype == np.float64
    assert grey.axes[0].images[0].get_array().mask.tolist() == [
        [False, True, False, True]
    ]
    assert texts(grey) == ["orange: 2 of 4 not finite"]
    np.testing.assert_allclose(
        arrays(color)[0], [[[0, 1, 0], np.array([230, 159, 0]) / 255]], atol=1e-6
    )


def test_what_is_left_out_is_said():
    figure = plot_images(np.zeros((70, 2, 2)), range(70))

    assert len(figure.axes[0].images) == 64
    assert texts(figure)[-1] == "64 of 70 images"
    assert len(plot_images(np.zeros((70, 2, 2)), max_images=3).axes[0].images) == 3


def test_columns_may_be_chosen():
    figure = plot_images(np.zeros((6, 2, 2)), columns=2)
    lefts = [round(image.get_extent()[0]) for image in figure.axes[0].images]

    assert len(set(lefts)) == 2
    assert lefts[::2] == [lefts[0]] * 3


def test_given_axes_are_drawn_into():
    figure = Figure()
    first, second = figure.subplots(1, 2)

    assert plot_images(np.zeros((3, 2, 2)), ax=second) is figure
    assert len(second.images) == 3
    assert not first.images


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.zeros(784),), {}, r"images has shape \(784,\); images of shape"),
        ((np.zeros((2, 5, 8, 8)),), {}, r"shape \(2, 5, 8, 8\).*plot_feature_maps"),
        ((np.zeros((0, 2, 2)),), {}, r"\(0, 2, 2\), which holds no pixel"),
        ((np.zeros((2, 0, 2)),), {}, r"\(2, 0, 2\), which holds no pixel"),
        (([[1, 2], [3]],), {}, "images has parts of different lengths"),
        ((np.zeros((2, 2, 2)), [1]), {}, "labels has 1 entries for 2 images"),
        (
            (np.zeros((2, 2, 2)),),
            {"vmin": 3, "vmax": 3},
            "black is 3 and white 3; vmin",
        ),
        ((np.zeros((2, 2, 2)),), {"columns": 0}, "columns is 0; at least 1"),
    ],
)
def test_shapes_that_are_no_images_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=f"^plot_images: .*{message}"):
        plot_images(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None,), "images is of type NoneType"),
        (("a.png",), "images is of type str"),
        ((np.zeros((2, 2, 2), complex),), "of type ndarray and dtype complex128"),
        ((np.zeros((2, 2, 2)), "ab"), "labels is of type str; a list of 2 names"),
        ((np.zeros((2, 2, 2)), 3), "labels is of type int; a list of 2 names"),
    ],
)
def test_kinds_that_are_no_images_are_refused(arguments, message):
    with pytest.raises(TypeError, match=f"^plot_images: .*{message}"):
        plot_images(*arguments)


def test_numbers_at_the_end_of_the_range_are_drawn():
    figure = plot_images([[1e308, -1e308]])
    figure.canvas.draw()
    drawn = figure.axes[0].images[0]

    assert drawn.norm(drawn.get_array()).tolist() == [[1.0, 0.0]]
