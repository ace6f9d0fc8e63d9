"""A film of a training run: pictures one after the other in one GIF.

A picture is drawn for each moment that is worth one, and Pillow, which matplotlib needs
anyway, puts them into a file that every browser shows. Frames are turned into their 256
colours one by one, so that a long film needs little memory.
"""

import base64
import io
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.viz._arrays import read_array, read_number, read_whole
from pebblegrad.viz._printable import printable
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import Target, check_ax, check_title, path_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

WHO = "animate_training"
NEEDED = (
    "Figures, or images of shape (H, W) or (H, W, 3), were needed, or a function "
    "draw(i, ax) with count="
)
FASTEST = 50.0  # what browsers play; a faster GIF they slow down
SMALLEST = 240  # pixels, to which a small image is enlarged


@with_own_settings
def animate_training(
    frames: Any,
    filename: str | os.PathLike[str] | None = None,
    *,
    count: int | None = None,
    fps: float = 10.0,
    hold: float = 1.0,
    dpi: float = 100.0,
    colors: int = 256,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """Make a GIF of pictures that show a training run moment by moment.

    Args:
        frames: Figures, such as all functions here return, or images: (H, W) or (H, W,
            3), of uint8 or of numbers from 0 to 1; small ones are enlarged by a whole
            factor. Or a function ``draw(i, ax)``, called with i from 0 to ``count - 1``
            and empty axes, into which it draws, also through the functions here.
        filename: file to write, ending in .gif. Its folder is created when missing.
        count: how many frames a function draws.
        fps: frames a second, at most 50.
        hold: seconds for which the last frame stays before the film begins again.
        dpi: pixels an inch, of Figures.
        colors: 2 to 256, of each frame; fewer make a smaller file.
        ax: matplotlib Axes to show the last frame in, instead of a new figure.
        title: above the figure that is returned, not in the film.

    Returns:
        A figure that shows the last frame. One of its own has the film in its attribute
        `gif`, as bytes, and a notebook plays it.

    Raises:
        TypeError: if a frame is neither a Figure nor an image, or another argument is
            not of its kind.
        ValueError: if there is no frame, they differ in size, a function has no
            `count`, an option is outside its range, or the file does not end in .gif.
        OSError: if the file cannot be written.

    Example:
        >>> import numpy as np
        >>> images = [np.full((2, 3), level) for level in (0.0, 0.5, 1.0)]
        >>> figure = animate_training(images)
        >>> figure.gif[:6]
        b'GIF89a'
    """
    target = _read_target(filename)
    check_ax(ax, WHO)
    check_title(title, WHO)
    speed = read_number(fps, WHO, "fps", positive=True)
    if speed > FASTEST:
        raise ValueError(
            f"{WHO}: fps is {speed:g}; at most {FASTEST:g} frames a second was needed, "
            "because browsers slow down what is faster"
        )
    pause = read_number(hold, WHO, "hold")
    if pause < 0:
        raise ValueError(f"{WHO}: hold is {pause:g}; at least 0 seconds was needed")
    density = read_number(dpi, WHO, "dpi", positive=True)
    palette = read_whole(colors, WHO, "colors", 2)
    if palette > 256:
        raise ValueError(f"{WHO}: colors is {palette}; a GIF has at most 256")
    drawn = _drawn(frames, count)

    images: list[Image] = []
    for i, frame in enumerate(drawn):
        image = _image(frame, density, f"frame {i}")
        if images and image.size != images[0].size:
            raise ValueError(
                f"{WHO}: frame {i} is {image.width} × {image.height} pixels and frame "
                f"0 is {images[0].width} × {images[0].height}; frames of one size were "
                "needed"
            )
        images.append(image.quantize(palette))
        last = image
    if not images:
        raise ValueError(f"{WHO}: frames is empty; at least one frame was needed")
    film = _film(images, speed, pause)

    from pebblegrad.viz._paper import PLAIN, figure_of, ink

    figure: Figure = _figure(film, last.size) if ax is None else figure_of(ax)
    own = figure.add_axes((0, 0, 1, 1)) if ax is None else ax
    own.set_axis_off()
    own.imshow(np.asarray(last), aspect="equal", interpolation="nearest")
    if title:
        own.set_title(printable(title), fontsize=10, color=ink(own), **PLAIN)
    if target is not None:
        target.write(film)
    return figure


def _read_target(filename: Any) -> Target | None:
    if filename is None:
        return None
    if not isinstance(filename, str | os.PathLike):
        raise TypeError(
            f"{WHO}: filename is of type {type(filename).__name__}; a path ending in "
            ".gif was needed"
        )
    path = path_of(filename, WHO)
    if path.suffix.lower() != ".gif":
        raise ValueError(
            f"{WHO}: filename is {os.fspath(filename)!r}; a name ending in .gif was "
            "needed"
        )
    return Target(path.absolute(), "gif", WHO)


def _drawn(frames: Any, count: Any) -> Iterable[Any]:
    """Return the frames, one after the other."""
    if callable(frames):
        if count is None:
            raise ValueError(
                f"{WHO}: frames is a function and count is None; the number of frames "
                "was needed, such as count=20"
            )
        return _called(frames, read_whole(count, WHO, "count", 1))
    if count is not None:
        raise ValueError(
            f"{WHO}: count is {count!r} and frames is no function; count says how "
            "often a function is called; leave it out"
        )
    if isinstance(frames, str) or not isinstance(frames, Iterable):
        raise TypeError(f"{WHO}: frames is of type {type(frames).__name__}; {NEEDED}")
    return frames


def _called(draw: Callable[[int, "Axes"], Any], count: int) -> Iterator["Figure"]:
    """Yield a new figure for each call: nothing of the frame before is left in it."""
    from pebblegrad.viz._axes import open_axes

    for i in range(count):
        figure, ax = open_axes(None, 5.6, 4.2)
        draw(i, ax)
        yield figure


def _image(frame: Any, dpi: float, name: str) -> "Image":
    """Return a frame as a picture of Pillow, in red, green and blue."""
    from PIL import Image

    if hasattr(frame, "savefig"):
        buffer = io.BytesIO()
        frame.savefig(buffer, format="png", dpi=dpi)
        return Image.open(buffer).convert("RGB")
    array = read_array(frame, WHO, name, NEEDED)
    if array.ndim == 2:
        array = array[..., None].repeat(3, axis=-1)
    if array.ndim != 3 or array.shape[-1] != 3 or not array.size:
        raise ValueError(f"{WHO}: {name} has shape {array.shape}; {NEEDED}")
    if array.dtype != np.uint8:
        if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
            raise ValueError(
                f"{WHO}: {name} holds values from {array.min():g} to {array.max():g}; "
                "uint8, or numbers from 0 to 1, were needed"
            )
        array = np.rint(array.astype(np.float64) * 255).astype(np.uint8)
    factor = max(1, -(-SMALLEST // max(array.shape[:2])))
    array = array.repeat(factor, axis=0).repeat(factor, axis=1)
    return Image.fromarray(np.ascontiguousarray(array))


def _film(images: list["Image"], fps: float, hold: float) -> bytes:
    """Return the file of a GIF that repeats for ever."""
    each = round(1000 / fps)
    # A frame of no time is shown for as long as the browser likes.
    durations = [each] * (len(images) - 1) + [max(each, round(1000 * hold))]
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=durations,
        loop=0,
    )
    return buffer.getvalue()


def _figure(film: bytes, size: tuple[int, int]) -> Any:
    """Return an empty figure of that many pixels which plays a film in a notebook."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from pebblegrad.viz._paper import DPI, Picture

    class Film(Picture):
        """A figure of the last frame; `gif` is the file of all of them."""

        gif = film

        def _repr_html_(self) -> str:
            data = base64.b64encode(self.gif).decode("ascii")
            return f'<img alt="a film" src="data:image/gif;base64,{data}">'

    figure = Film((size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor="white")
    figure.set_layout_engine("none")
    FigureCanvasAgg(figure)
    return figure
