import io
import os

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from pebblegrad.viz import animate_training, plot_training_history


def frames(data):
    """Return the frames of a GIF as arrays, and how long each is shown."""
    film = Image.open(io.BytesIO(data))
    images, times = [], []
    for i in range(film.n_frames):
        film.seek(i)
        images.append(np.asarray(film.convert("RGB")))
        times.append(film.info["duration"])
    return images, times


def levels(count):
    return [np.full((2, 3), i / count) for i in range(count)]


def test_a_film_has_a_frame_for_each_image(tmp_path):
    figure = animate_training(levels(4), tmp_path / "film.gif", fps=5, hold=2)
    data = (tmp_path / "film.gif").read_bytes()
    images, times = frames(data)

    assert data == figure.gif
    assert [int(image[0, 0, 0]) for image in images] == [0, 64, 128, 191]
    assert times == [200, 200, 200, 2000]
    assert Image.open(io.BytesIO(data)).info["loop"] == 0  # for ever
    assert os.listdir(tmp_path) == ["film.gif"]


def test_small_images_are_enlarged_by_a_whole_factor():
    pattern = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    images, _ = frames(animate_training([pattern]).gif)

    assert images[0].shape == (240, 160, 3)
    assert (images[0][::80, ::80, 0] == 255 * pattern).all()


@pytest.mark.parametrize(
    "image",
    [
        np.full((2, 2), 255, np.uint8),
        np.full((2, 2), True),
        np.ones((2, 2), np.float16),
        np.full((2, 2, 3), 255, np.uint8),
    ],
)
def test_images_are_of_any_kind(image):
    assert (frames(animate_training([image]).gif)[0][0] == 255).all()


def test_figures_are_frames_and_are_left_alone():
    figures = [plot_training_history([1.0, 2.0, float(i)]) for i in range(3)]
    canvases = [figure.canvas for figure in figures]
    images, _ = frames(animate_training(iter(figures), dpi=40).gif)

    assert len(images) == 3
    assert images[0].shape[1] == int(figures[0].get_figwidth() * 40)
    assert [figure.canvas for figure in figures] == canvases
    assert figures[0].dpi == 150


def test_a_function_draws_into_axes_that_are_empty_each_time():
    seen = []

    def draw(i, ax):
        seen.append((i, len(ax.lines), len(ax.figure.axes)))
        plot_training_history({"loss": [3, 1, i], "accuracy": [0, 1, 1]}, ax=ax)

    images, _ = frames(animate_training(draw, count=3, dpi=30).gif)

    assert seen == [(0, 0, 1), (1, 0, 1), (2, 0, 1)]
    assert len(images) == 3


def test_the_figure_shows_the_last_frame_and_a_notebook_plays_the_film():
    figure = animate_training(levels(3))
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())

    assert pixels[..., :3].mean() == pytest.approx(170, abs=2)
    assert figure._repr_html_().startswith(
        '<img alt="a film" src="data:image/gif;base64'
    )


def test_given_axes_show_the_last_frame():
    figure = Figure()
    first, second = figure.subplots(1, 2)

    assert animate_training(levels(2), ax=second) is figure
    assert len(second.images) == 1
    assert not first.images


def test_fewer_colours_are_a_smaller_file(rng):
    noise = rng.random((64, 64, 3))
    sizes = [len(animate_training([noise], colors=n).gif) for n in (256, 4)]

    assert sizes[1] < sizes[0] / 2


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([],), {}, "frames is empty; at least one frame"),
        ((lambda i, ax: None,), {}, "frames is a function and count is None"),
        ((lambda i, ax: None,), {"count": 0}, "count is 0; at least 1"),
        ((levels(2),), {"count": 2}, "count is 2 and frames is no function"),
        ((levels(2), "film.mp4"), {}, "filename is 'film.mp4'; a name ending in .gif"),
        ((levels(2),), {"fps": 60}, "fps is 60; at most 50"),
        ((levels(2),), {"fps": 0}, "fps is 0; one positive finite number"),
        ((levels(2),), {"hold": -1}, "hold is -1; at least 0"),
        ((levels(2),), {"colors": 257}, "colors is 257; a GIF has at most 256"),
        (
            ([np.zeros((2, 2)), np.zeros((2, 3))],),
            {},
            "frame 1 is .* frames of one size",
        ),
        (([np.full((2, 2), 2.0)],), {}, "frame 0 holds values from 2 to 2; uint8, or"),
        (([np.full((2, 2), np.nan)],), {}, "frame 0 holds values from nan"),
        (([np.zeros(4)],), {}, r"frame 0 has shape \(4,\); Figures, or images"),
        ((np.zeros((2, 2)),), {}, r"frame 0 has shape \(2,\)"),
    ],
)
def test_values_that_are_no_film_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=f"^animate_training: .*{message}"):
        animate_training(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3,), "frames is of type int; Figures, or images"),
        (("film",), "frames is of type str"),
        ((["a"],), "frame 0 is of type str"),
        ((levels(2), 3), "filename is of type int; a path ending in .gif"),
    ],
)
def test_kinds_that_are_no_film_are_refused(arguments, message):
    with pytest.raises(TypeError, match=f"^animate_training: .*{message}"):
        animate_training(*arguments)


def test_after_an_error_no_file_is_left(tmp_path):
    def draw(i, ax):
        raise ZeroDivisionError("in the drawing")

    with pytest.raises(ZeroDivisionError, match="in the drawing"):
        animate_training(draw, tmp_path / "film.gif", count=2)
    assert os.listdir(tmp_path) == []
