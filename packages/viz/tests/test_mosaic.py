import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.viz._mosaic import (
    Mosaic,
    columns_for,
    draw_mosaic,
    finite_limits,
    masked_colors,
)


@pytest.mark.parametrize("count", [1, 2, 7, 10, 12, 16, 20, 32, 64, 100])
def test_rows_are_full_or_nearly(count):
    columns = columns_for(count)
    rows = -(-count // columns)

    assert 0 <= rows * columns - count < columns
    assert rows <= columns + 1


def test_nothing_overlaps_and_all_is_on_the_sheet(overlaps):
    images = [np.eye(3)] * 10
    figure = draw_mosaic(Mosaic(images, list("abcdefghij"), 4, (0, 1)), "A title", None)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = [part.get_window_extent() for part in (*axes.images, *axes.texts)]

    assert overlaps(boxes) == []
    for box in boxes:
        assert 0 <= box.x0 and box.x1 <= figure.bbox.x1
        assert 0 <= box.y0 and box.y1 <= figure.bbox.y1


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (50, 30)])
def test_images_of_any_shape_can_be_seen(shape):
    figure = draw_mosaic(Mosaic([np.ones(shape)], [], 1, (0, 1)), "", None)
    figure.draw_without_rendering()
    box = figure.axes[0].images[0].get_window_extent()

    assert box.width > 10
    assert box.height > 10


def test_in_given_axes_pixels_stay_square():
    axes = Figure(figsize=(8, 2)).add_subplot()
    figure = draw_mosaic(Mosaic([np.eye(4)] * 2, [], 2, (0, 1)), "", axes)
    figure.draw_without_rendering()
    box = axes.images[0].get_window_extent()

    assert box.width == pytest.approx(box.height, rel=1e-6)


def test_limits_are_of_what_is_finite():
    assert finite_limits(np.array([np.nan, 2.0, -1.0, np.inf])) == (-1, 2)
    assert finite_limits(np.array([np.nan])) == (0, 1)


def test_colours_stay_between_0_and_1():
    assert masked_colors(np.array([[[-1.0, 0.5, 2.0]]])).tolist() == [[[0, 0.5, 1]]]
