import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_filters


class Convolution:
    def __init__(self, weight):
        self.weight = Tensor(weight, requires_grad=True)


def arrays(figure):
    return [np.asarray(image.get_array()) for image in figure.axes[0].images]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_filter_of_one_channel_is_an_image(rng):
    weight = rng.normal(size=(8, 1, 3, 5)).astype(np.float32)
    figure = plot_filters(Convolution(weight))

    np.testing.assert_array_equal(arrays(figure), weight[:, 0])
    assert figure.axes[0].get_title() == "8 filters of 3 × 5"


def test_the_scale_is_even_around_zero():
    figure = plot_filters(np.array([-0.25, 0.5]).reshape(1, 1, 1, 2))

    assert figure.axes[0].images[0].get_clim() == (-0.5, 0.5)
    assert texts(figure) == ["blue −0.5, white 0, red 0.5"]


def test_several_channels_are_columns(rng):
    weight = rng.normal(size=(3, 5, 2, 2))
    figure = plot_filters(weight)
    corners = [image.get_extent()[::3] for image in figure.axes[0].images]

    np.testing.assert_array_equal(arrays(figure), weight.reshape(15, 2, 2))
    assert len({round(x) for x, _ in corners}) == 5
    assert len({round(y) for _, y in corners}) == 3
    assert figure.axes[0].get_title() == "3 filters of 2 × 2, 5 channels"


def test_three_channels_are_colours_with_grey_at_zero():
    weight = np.zeros((1, 3, 1, 2))
    weight[0, 0, 0, 1] = 2.0
    figure = plot_filters(weight)

    np.testing.assert_allclose(arrays(figure), [[[[0.5, 0.5, 0.5], [1, 0.5, 0.5]]]])
    assert len(plot_filters(weight, rgb=False).axes[0].images) == 3


def test_weights_that_are_not_finite_are_counted():
    figure = plot_filters(np.array([np.nan, 1.0]).reshape(1, 1, 1, 2))

    assert texts(figure)[-1] == "orange: 1 of 2 not finite"


def test_filters_of_zeros_are_a_picture(rng):
    figure = plot_filters(np.zeros((1, 1, 1, 1)))

    assert figure.axes[0].images[0].get_clim() == (-1, 1)


def test_what_is_left_out_is_said():
    figure = plot_filters(np.zeros((70, 20, 1, 1)))

    assert len(figure.axes[0].images) == 64 * 16
    assert texts(figure)[-1] == "64 of 70 filters, 16 of 20 channels"


@pytest.mark.parametrize(
    ("layer", "options", "kind", "message"),
    [
        (np.zeros((3, 4)), {}, ValueError, r"has shape \(3, 4\); a Conv2d, or"),
        (np.zeros((0, 1, 2, 2)), {}, ValueError, r"has shape \(0, 1, 2, 2\)"),
        (np.zeros((1, 1, 2, 2)), {"rgb": True}, ValueError, "filters of 1 channels; 3"),
        (np.zeros((1, 1, 2, 2)), {"max_filters": 0}, ValueError, "max_filters is 0"),
        (lambda x: x, {}, TypeError, "type function, which has no weight; .*model"),
        (None, {}, TypeError, "the weight of layer is of type NoneType"),
    ],
)
def test_what_has_no_filters_is_refused(layer, options, kind, message):
    with pytest.raises(kind, match=f"^plot_filters: .*{message}"):
        plot_filters(layer, **options)


@pytest.mark.parametrize("rgb", [1, "no", 0.0])
def test_rgb_is_a_switch(rgb):
    with pytest.raises(TypeError, match=r"^plot_filters: rgb is .* True or False was"):
        plot_filters(np.ones((1, 3, 2, 2)), rgb=rgb)
