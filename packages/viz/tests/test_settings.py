import io

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from pebblegrad.viz import (
    animate_training,
    plot_images,
    plot_network_architecture,
    plot_training_history,
)
from pebblegrad.viz._paper import drawn, text_width
from pebblegrad.viz._settings import own_settings, with_own_settings


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot_training_history({"loss": [3, 1], "accuracy": [0, 1]}),
        lambda: plot_network_architecture([2, 8, 4, 1]),
        lambda: animate_training(
            lambda i, ax: plot_training_history([1, 2], ax=ax), count=1
        ),
    ],
    ids=["history", "network", "film"],
)
def test_no_setting_of_the_user_changes_a_picture(draw, user_settings):
    expected = drawn(draw(), "svg")
    with matplotlib.rc_context(user_settings):
        figure = draw()

        assert drawn(figure, "svg") == expected


def test_a_saved_figure_is_white_under_a_dark_style_unless_asked_otherwise():
    with matplotlib.rc_context({"savefig.facecolor": "black"}):
        figure = plot_training_history([1, 2])
        corners = []
        for options in ({}, {"facecolor": "red"}):
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", **options)
            buffer.seek(0)
            corners.append(imread(buffer)[0, 0, :3].tolist())

    assert corners == [[1, 1, 1], [1, 0, 0]]


def test_the_fonts_of_the_user_are_kept():
    with matplotlib.rc_context({"font.family": "monospace"}):
        text = plot_network_architecture([2, 1]).axes[0].texts[0]

    assert text.get_fontfamily() == ["monospace"]


def test_the_width_of_a_text_is_that_of_the_font_in_use():
    narrow = text_width("iiii", 10)
    with matplotlib.rc_context({"font.family": "monospace"}):
        wide = text_width("iiii", 10)

    assert wide > 1.5 * narrow


def test_settings_are_as_before_after_an_error():
    before = dict(matplotlib.rcParams)

    @with_own_settings
    def fail():
        plot_images([np.eye(2)])
        with own_settings():
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()

    assert dict(matplotlib.rcParams) == before


def test_given_axes_keep_the_settings_of_their_figure():
    with matplotlib.rc_context({"savefig.dpi": 50}):
        figure = Figure(figsize=(4, 3))
        plot_training_history([1, 2], ax=figure.add_subplot())
        buffer = io.BytesIO(drawn(figure, "png"))

    assert imread(buffer).shape[:2] == (150, 200)


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_training_history({"loss": [3, 1], "lr": [0, 1]}, ax=ax),
        lambda ax: plot_network_architecture([2, 1], ax=ax),
    ],
    ids=["history", "network"],
)
def test_titles_can_be_read_on_a_dark_figure_and_the_ground_is_white(draw):
    figure = Figure(facecolor="#111111", dpi=50)
    ax = figure.add_subplot()
    draw(ax)
    FigureCanvasAgg(figure).draw()
    (title,) = (t for t in (ax.title, ax._left_title) if t.get_text())
    pixels = np.asarray(figure.canvas.buffer_rgba())
    middle = pixels[100:140, 100:220, :3].reshape(-1, 3)

    assert min(to_rgb(title.get_color())) > 0.7
    assert np.median(middle, axis=0).tolist() == [255, 255, 255]
