import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.viz._axes import fitting, open_panels, tick_names


@pytest.mark.parametrize("count", [1, 2, 5])
def test_panels_do_not_overlap(overlaps, count):
    for axes in (None, Figure(figsize=(9, 6)).add_subplot()):
        figure, panels = open_panels(axes, count, 3, 2.5, 2.0)
        figure.draw_without_rendering()

        assert len(panels) == count
        assert overlaps([panel.get_window_extent() for panel in panels]) == []


def test_panels_stand_row_by_row():
    figure, panels = open_panels(Figure().add_subplot(), 4, 2, 2.5, 2.0)
    figure.draw_without_rendering()
    boxes = [panel.get_window_extent() for panel in panels]

    assert boxes[0].x0 < boxes[1].x0
    assert boxes[0].y0 == boxes[1].y0 > boxes[2].y0


@pytest.mark.parametrize("count", [1, 3, 20, 100])
@pytest.mark.parametrize("length", [1, 8, 60])
def test_names_do_not_overlap(count, length):
    figure = Figure(figsize=(6, 6), dpi=100)
    axes = figure.add_axes((0.4, 0.4, 0.5, 0.5))
    axes.imshow(np.zeros((count, count)))
    for which in "xy":
        tick_names(axes, which, ["w" * length] * count, 216.0)
    figure.draw_without_rendering()
    tops = [label.get_window_extent() for label in axes.get_yticklabels()]
    lefts = [label.get_window_extent() for label in axes.get_xticklabels()]

    for above, below in itertools.pairwise(tops):
        assert above.y0 >= below.y0 + 10
    for left, right in itertools.pairwise(lefts):
        assert right.x0 - left.x0 >= 10


def test_the_first_text_that_fits_is_taken():
    axes = Figure(figsize=(2, 2)).add_subplot()

    assert fitting(axes, 9, "short", "x") == "short"
    assert fitting(axes, 9, "much too long " * 9, "fits", "x") == "fits"
    assert fitting(axes, 9, "much too long " * 9, "also too long " * 9) == (
        "also too long " * 9
    )
