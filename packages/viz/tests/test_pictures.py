"""What every picture does with axes, titles and the settings of matplotlib."""

import os
import subprocess
import sys
import warnings
import xml.etree.ElementTree

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from pebblegrad import viz
from pebblegrad.viz._paper import drawn


def test_every_function_that_draws_into_axes_is_here(pictures):
    drawn = {name for name in viz.__all__ if name.startswith("plot_")}

    assert len(drawn) == len(pictures) - 1  # attention is here twice


def test_a_file_holds_the_picture_and_nothing_touches_its_edge(draw, tmp_path):
    figure = draw(filename=tmp_path / "new" / "picture.png")
    pixels = imread(tmp_path / "new" / "picture.png")
    width, height = figure.get_size_inches() * figure.dpi

    assert pixels.shape[:2] == pytest.approx((height, width), abs=1)
    assert (pixels[..., :3].min(axis=-1) < 0.9).mean() > 0.02  # ink
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge[..., :3] == 1).all()
    assert os.listdir(tmp_path) == ["new"]


def test_the_same_picture_is_the_same_file(draw, tmp_path):
    for name in ("first", "second"):
        draw(filename=tmp_path / f"{name}.svg")

    first = (tmp_path / "first.svg").read_bytes()
    assert (tmp_path / "second.svg").read_bytes() == first


def test_pyplot_is_left_alone(draw, tmp_path):
    backend, settings = matplotlib.get_backend(), dict(matplotlib.rcParams)
    draw(filename=tmp_path / "picture.png")

    assert plt.get_fignums() == []
    assert matplotlib.get_backend() == backend
    assert dict(matplotlib.rcParams) == settings


def test_given_axes_get_the_picture_and_its_title(draw):
    figure = Figure(figsize=(9, 4))
    first, second = figure.subplots(1, 2)
    returned = draw(ax=second, title="$a$ title")
    figure.draw_without_rendering()

    assert returned is figure
    assert figure.axes[:2] == [first, second]  # accuracy has an axis of its own
    assert "$a$ title" in (second.get_title(), second.get_title(loc="left"))
    assert not (first.lines or first.images or first.collections or first.child_axes)


def test_axes_of_a_subfigure_are_drawn_into(draw):
    figure = Figure(figsize=(9, 4))

    assert draw(ax=figure.subfigures(1, 2)[1].add_subplot()) is figure


def test_a_long_title_is_wrapped_and_not_clipped(draw):
    figure = draw(title="many words " * 20)
    figure.canvas.draw()
    texts = [figure._suptitle] if figure._suptitle else []
    texts += [text for ax in figure.axes for text in (ax.title, ax._left_title)]
    (extent,) = (t.get_window_extent() for t in texts if "many" in t.get_text())

    assert 0 <= extent.x0
    assert extent.x1 <= figure.bbox.x1
    assert extent.y1 <= figure.bbox.y1
    assert extent.height > 50


def test_an_empty_title_is_none(draw):
    figure = draw(title="")

    assert figure.get_suptitle() == ""
    assert figure.axes[0].get_title() == ""


def test_the_settings_of_the_user_do_not_spoil_a_picture(draw):
    dark = {"axes.facecolor": "black", "figure.facecolor": "black"}
    with matplotlib.rc_context(dark | {"figure.autolayout": True, "figure.dpi": 10}):
        figure = draw()
        figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())

    assert (pixels[0] == 255).all()
    assert figure.dpi == 150


def test_no_setting_of_the_user_changes_a_picture(draw, user_settings):
    # A new figure each time: drawn again, matplotlib moves its axes a little.
    expected, ours = drawn(draw(), "svg"), draw()
    with matplotlib.rc_context(user_settings):
        before = dict(matplotlib.rcParams)

        assert drawn(draw(), "svg") == expected
        assert drawn(ours, "svg") == expected
        assert dict(matplotlib.rcParams) == before


def test_what_stands_around_axes_of_a_dark_figure_can_be_read(draw):
    figure = Figure(figsize=(9, 6), facecolor="black")
    own = figure.add_subplot()
    draw(ax=own, title="a title")
    figure.draw_without_rendering()
    around = []
    for axes in (own, *own.child_axes):
        around += [axes.title, axes._left_title]
        if axes.axison:
            around += [axes.xaxis.label, axes.yaxis.label]
            around += [*axes.get_xticklabels(), *axes.get_yticklabels()]
            around += axes.get_legend().get_texts() if axes.get_legend() else []
            assert to_rgb(axes.get_facecolor()) > (0.7, 0.7, 0.7)
        else:
            assert axes.child_axes or axes.patches[0].get_facecolor() == (1, 1, 1, 1)
    colors = {to_rgb(text.get_color()) for text in around if text.get_text()}

    assert colors and all(min(color) > 0.7 for color in colors)


def test_text_in_an_svg_is_text_and_cannot_break_it(draw, tmp_path):
    title = '<b> & "x" $y$ 学 \x01 \x1b[1m ]]> -->'
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # of the one letter
        draw(title=title, filename=tmp_path / "picture.svg")
    root = xml.etree.ElementTree.parse(tmp_path / "picture.svg").getroot()
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]

    assert any('<b> & "x" $y$ 学' in (text or "") for text in texts)


def test_a_notebook_shows_the_figure(draw):
    assert draw()._repr_png_().startswith(b"\x89PNG")


def test_a_wrong_file_title_or_axes_is_told_before_anything_is_drawn(draw, tmp_path):
    with pytest.raises(ValueError, match=r"ending in \.png, \.svg or \.pdf was needed"):
        draw(filename=tmp_path / "picture.jpg")
    with pytest.raises(TypeError, match="title is of type int"):
        draw(title=3)
    with pytest.raises(TypeError, match="ax is of type Figure; one matplotlib Axes"):
        draw(ax=Figure())
    assert os.listdir(tmp_path) == []


def test_pyplot_is_not_even_imported(tmp_path):
    program = f"""
import sys
from pebblegrad.autograd import Tensor
from pebblegrad.viz import *
plot_images([[1.0, 2.0]], filename={str(tmp_path / "a.png")!r})
plot_activations(filename={str(tmp_path / "b.svg")!r})
animate_training([[[1.0, 0.0]]], {str(tmp_path / "c.gif")!r})
plot_training_history([1.0, 2.0], filename={str(tmp_path / "d.png")!r})
plot_network_architecture([2, 1], {str(tmp_path / "e.pdf")!r})
plot_computation_graph(Tensor([1.0]), {str(tmp_path / "f.svg")!r})
sys.exit("matplotlib.pyplot" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=120)

    assert done.returncode == 0
    written = ["a.png", "b.svg", "c.gif", "d.png", "e.pdf", "f.svg"]
    assert sorted(os.listdir(tmp_path)) == written
