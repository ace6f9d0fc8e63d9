"""A set of one's own pictures: a folder with a folder of image files for each class.

    pets/cat/1.jpg  pets/cat/2.png  pets/dog/1.jpg   ->  classes ("cat", "dog")

Pillow decodes the files, and only those of formats that are pictures and nothing more:
it can also read formats that are programs in disguise (PostScript). The number of
pixels is looked at before any are decoded, as a small file can claim a very large
picture.
"""

from __future__ import annotations

import importlib
import io
import operator
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._checks import at_least
from pebblegrad.data._images import checked_float_dtype, inputs, targets
from pebblegrad.data._inflate import read_at_most

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

# The ending of a file's name, and Pillow's name of the format.
_FORMATS = {
    ".bmp": "BMP",
    ".gif": "GIF",
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".pgm": "PPM",
    ".png": "PNG",
    ".ppm": "PPM",
    ".webp": "WEBP",
}
_CHANNELS = {"L": 1, "RGB": 3}
_MODES_OF_8_BITS = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"}


def load_image_folder(
    root: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    mode: str = "RGB",
    one_hot: bool = False,
    flat: bool = False,
    dtype: DTypeLike = np.float32,
    max_pixels: int = 50_000_000,
    max_bytes: int = 1 << 32,
) -> tuple[NDArray[Any], NDArray[Any], tuple[str, ...]]:
    """The images of a folder, with a class for each folder in it.

    The classes are the names of the folders, sorted; the images of a class are those in
    its folder and the folders in that, sorted by their path. Read are files whose names
    end in .bmp, .gif (the first frame), .jpeg, .jpg, .pgm, .png, .ppm or .webp, in any
    case; files whose names begin with a period are passed over, and so are others. All
    images are in memory at once. This needs ``pip install pebblegrad-data[images]``.

    Args:
        root: the folder of folders.
        size: (H, W), or a number for both, to which every image is resized, whatever
            its proportions, with the neighbors averaged. By default they must all be of
            one size already.
        mode: ``"RGB"`` for three channels, ``"L"`` for one of grey levels. What the
            files hold is converted; transparency is dropped.
        one_hot: whether y holds one-hot rows, or class numbers.
        flat: whether X holds rows of pixels, or images.
        dtype: a float dtype, of X and of one-hot y.
        max_pixels: the most pixels of one file, at least 0.
        max_bytes: the most bytes that X may have, or a file, at least 0. The default is
            4 GiB.

    Returns:
        X, y and the names of the classes. X is (N, C, H, W) or (N, C * H * W), in
        [0, 1], with C of 3 or 1. y is (N,) int64, or (N, K) of `dtype`.

    Raises:
        ImportError: Pillow is not installed.
        TypeError: an argument is of a wrong kind.
        ValueError: there are no classes or no images, a class has none, an image is
            damaged, is not what its name says, has more than 8 bits to a channel, has
            more pixels than was allowed or another size than the first, X would have
            more bytes than was allowed, a link leads out of `root`, or an argument is
            none of those above. The file is named.
        OSError: the folder or a file cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> root = pathlib.Path(tempfile.mkdtemp())
        >>> for name, level in ("dark", 0), ("light", 255):
        ...     (root / name).mkdir()
        ...     pixels = bytes([level] * 6)
        ...     _ = (root / name / "1.pgm").write_bytes(b"P5 3 2 255 " + pixels)
        >>> X, y, classes = load_image_folder(root, mode="L")
        >>> X.shape, X.max(axis=(1, 2, 3)), y, classes
        ((2, 1, 2, 3), array([0., 1.], dtype=float32), array([0, 1]), ('dark', 'light'))
    """
    who = "load_image_folder"
    kind = checked_float_dtype(who, dtype)
    shape = _checked_size(who, size)
    most = at_least(who, "max_pixels", max_pixels, 0)
    room = at_least(who, "max_bytes", max_bytes, 0)
    if mode not in list(_CHANNELS):
        raise ValueError(f"{who}: mode is {mode!r}; needed is 'RGB' or 'L'")
    try:
        importlib.import_module("PIL.Image")
    except ImportError as error:
        raise ImportError(
            f"{who}: Pillow cannot be imported ({error}); needed is Pillow: pip "
            "install pebblegrad-data[images]"
        ) from error

    classes, files = _classes(who, Path(root))
    pixels: NDArray[np.uint8] | None = None
    for number, file in enumerate(file for members in files for file in members):
        array = _pixels(f"{who}: {file}", file, mode, shape, most, room)
        if pixels is None:
            count = sum(map(len, files))
            needed = count * array.size * kind.itemsize
            if needed > room:
                raise ValueError(
                    f"{who}: {count} images of {array.shape[0]} by {array.shape[1]} "
                    f"pixels in {kind} have {needed} bytes; allowed are {room}; give a "
                    "smaller size, or raise max_bytes"
                )
            pixels = np.empty((count, *array.shape), dtype=np.uint8)
        if array.shape != pixels.shape[1:]:
            raise ValueError(
                f"{who}: {file} has {array.shape[0]} by {array.shape[1]} pixels (H, W) "
                f"and the first image, {files[0][0]}, has {pixels.shape[1]} by "
                f"{pixels.shape[2]}; needed is one size for all; give size=(H, W)"
            )
        pixels[number] = array
    assert pixels is not None  # a folder without images was refused
    X = inputs(pixels.transpose(0, 3, 1, 2), brightest=255, flat=flat, dtype=kind)
    labels = np.repeat(np.arange(len(classes)), [len(members) for members in files])
    y = targets(labels, classes=len(classes), one_hot=one_hot, dtype=kind)
    return X, y, classes


def _checked_size(who: str, size: Any) -> tuple[int, int] | None:
    if size is None:
        return None
    sides = size if isinstance(size, tuple | list) else (size, size)
    whole = [
        operator.index(side)
        for side in sides
        if hasattr(side, "__index__") and not isinstance(side, bool | np.bool)
    ]
    if len(whole) != len(sides):
        raise TypeError(f"{who}: size is {size!r}; needed is (H, W), or one integer")
    if len(whole) != 2 or min(whole) < 1 or max(whole) > 1 << 16:
        raise ValueError(
            f"{who}: size is {size!r}; needed is (H, W), or one integer, from 1 to "
            f"{1 << 16}"
        )
    return whole[0], whole[1]


def _classes(who: str, root: Path) -> tuple[tuple[str, ...], list[list[Path]]]:
    """The names of the classes, and the files of each."""
    top = root.resolve(strict=True)
    folders = sorted(
        path for path in root.iterdir() if path.is_dir() and path.name[0] != "."
    )
    if not folders:
        raise ValueError(
            f"{who}: {root} holds no folders; needed is a folder for each class, with "
            "its images in it"
        )
    files = []
    for folder in folders:
        members = sorted(_images_in(who, folder, top))
        if not members:
            raise ValueError(
                f"{who}: {folder} holds no images; needed are files whose names end in "
                f"{', '.join(_FORMATS)}; add some, or remove the folder"
            )
        files.append(members)
    return tuple(folder.name for folder in folders), files


def _images_in(who: str, folder: Path, top: Path) -> Iterator[Path]:
    """Each image file below `folder`, none of them outside of `top`."""
    if not folder.resolve().is_relative_to(top):
        raise ValueError(_leads_out(who, folder, top))
    for path, _, names in os.walk(folder):  # does not follow links to folders
        for name in names:
            file = Path(path, name)
            if name[0] == "." or file.suffix.lower() not in _FORMATS:
                continue
            if not file.resolve().is_relative_to(top):
                raise ValueError(_leads_out(who, file, top))
            yield file


def _leads_out(who: str, path: Path, top: Path) -> str:
    return (
        f"{who}: {path} is a link that leads out of {top}, to {path.resolve()}; needed "
        "are files in the folder; copy what it leads to"
    )


def _pixels(
    who: str, file: Path, mode: str, size: tuple[int, int] | None, most: int, room: int
) -> NDArray[np.uint8]:
    """(H, W, C) of one file."""
    import PIL.Image

    # From memory, where a file that claims gigabytes cannot have them reserved.
    with open(file, "rb") as opened:
        stream = io.BytesIO(read_at_most(opened, room + 1))
    if stream.getbuffer().nbytes > room:
        raise ValueError(
            f"{who} has more than {room} bytes; if that is right, raise max_bytes"
        )
    with stream:
        # Pillow says of no format what its reader may raise for damaged bytes.
        try:
            form = _FORMATS[file.suffix.lower()]
            picture = PIL.Image.open(stream, formats=[form])
        except PIL.UnidentifiedImageError:
            raise ValueError(
                f"{who} is not an image of the format that its name says; needed is "
                "one whose contents agree with its name"
            ) from None
        except PIL.Image.DecompressionBombError as error:
            raise ValueError(
                f"{who} has more pixels than Pillow allows ({error}); needed is a "
                "smaller image"
            ) from None
        except MemoryError:
            raise
        except Exception as error:
            raise ValueError(_damaged(who, error)) from error
        with picture:
            width, height = picture.size
            if width * height > most:
                raise ValueError(
                    f"{who} has {height} by {width} pixels; allowed are {most} in all; "
                    "if that is right, raise max_pixels"
                )
            if picture.mode not in _MODES_OF_8_BITS:
                raise ValueError(
                    f"{who} has pixels of mode {picture.mode!r}; needed are 8 bits to "
                    "a channel, as a conversion would clip what is brighter"
                )
            try:
                return _decoded(picture, mode, size)
            except MemoryError:
                raise
            except Exception as error:
                raise ValueError(_damaged(who, error)) from error


def _decoded(
    picture: Picture, mode: str, size: tuple[int, int] | None
) -> NDArray[np.uint8]:
    import PIL.Image

    if picture.mode == "P" and "transparency" in picture.info:
        picture = picture.convert("RGBA")  # Pillow warns of the direct way
    converted = picture.convert(mode)
    if size is not None and converted.size != size[::-1]:
        converted = converted.resize(size[::-1], PIL.Image.Resampling.BILINEAR)
    array = np.asarray(converted, dtype=np.uint8)
    return array.reshape(converted.height, converted.width, _CHANNELS[mode])


def _damaged(who: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return f"{who} is damaged ({said}); needed is a whole image; replace or remove it"
