"""Pictures: from an array to pixels, and from pixels to a PNG file.

A PNG file is a signature and a few chunks, each with its length, its name and a
checksum; the pixels are the rows, compressed by zlib, with a byte before each row that
names its filter (0 for none). That is all a writer needs, so no imaging library is.

Reference:
    Portable Network Graphics (PNG) Specification (Third Edition), sections 5
    (datastream structure), 7 (encoding) and 11 (chunks), https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.loggers._format import as_array

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# "Color type" in the header, by number of channels.
COLOR_TYPES = {1: 0, 3: 2, 4: 6}


def as_pixels(image: object, dataformats: str, who: str) -> NDArray[np.uint8]:
    """Read a picture as bytes with the channels last.

    Args:
        image: (H, W); (C, H, W) for "CHW" or (H, W, C) for "HWC", with C of 1, 3 or 4.
            Floats in [0, 1], clipped, nan being 0; whole numbers in [0, 255]; booleans.
        dataformats: "CHW" or "HWC".
        who: how an error message begins.

    Returns:
        (H, W, C), an array of its own.

    Raises:
        TypeError: when `image` holds no real numbers, or `dataformats` is not a string.
        ValueError: when its shape or values are not as above.

    Example:
        >>> as_pixels([[0.0, 0.5], [1.0, 2.0]], "CHW", "log_image")[..., 0].tolist()
        [[0, 128], [255, 255]]
    """
    if not isinstance(dataformats, str):
        raise TypeError(
            f"{who}: dataformats is {dataformats!r} of type "
            f"{type(dataformats).__name__}; 'CHW' or 'HWC' was needed"
        )
    if dataformats not in ("CHW", "HWC"):
        raise ValueError(
            f"{who}: dataformats is {dataformats!r}; 'CHW' or 'HWC' was needed (a "
            "gray picture of shape (H, W) goes with both)"
        )
    array = as_array(image, f"{who}: image")
    pixels = array
    if array.ndim == 2:
        pixels = array[..., None]
    elif array.ndim == 3 and dataformats == "CHW":
        pixels = np.moveaxis(array, 0, -1)
    if pixels.ndim != 3 or pixels.shape[-1] not in COLOR_TYPES or pixels.size == 0:
        hint = ""
        if array.ndim == 4:
            hint = "; report the pictures of a batch one by one"
        elif array.ndim == 3 and array.shape[-1 if dataformats == "CHW" else 0] in (
            COLOR_TYPES
        ):
            other = "HWC" if dataformats == "CHW" else "CHW"
            hint = f"; pass dataformats='{other}' for channels where they are here"
        raise ValueError(
            f"{who}: image has shape {array.shape}; (H, W) or "
            f"({', '.join(dataformats)}) with 1, 3 or 4 channels, and at least one "
            f"pixel, was needed{hint}"
        )
    return _as_bytes(pixels, who)


def _as_bytes(pixels: NDArray[Any], who: str) -> NDArray[np.uint8]:
    kind = pixels.dtype.kind
    if kind == "c":
        raise TypeError(
            f"{who}: image is complex ({pixels.dtype}); real numbers were needed"
        )
    if kind == "b":
        return pixels * np.uint8(255)
    if kind in "iu":
        low, high = pixels.min(), pixels.max()
        if low < 0 or high > 255:
            raise ValueError(
                f"{who}: image has whole numbers from {low} to {high}; [0, 255] was "
                "needed; scale it, or pass floats in [0, 1]"
            )
        return pixels.astype(np.uint8)
    # float64, as 255 times a float16 is not exact; rounding to the nearest, up at half.
    scaled = np.clip(np.nan_to_num(pixels.astype(np.float64), nan=0.0), 0.0, 1.0)
    return (scaled * 255 + 0.5).astype(np.uint8)


def png(pixels: NDArray[np.uint8]) -> bytes:
    r"""Encode a picture as the bytes of a PNG file.

    Args:
        pixels: (H, W, C) with C of 1, 3 or 4.

    Example:
        >>> png(np.zeros((1, 1, 1), np.uint8))[:8]
        b'\x89PNG\r\n\x1a\n'
    """
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, COLOR_TYPES[channels], 0, 0, 0)
    rows = np.zeros((height, 1 + width * channels), np.uint8)  # column 0: no filter
    rows[:, 1:] = pixels.reshape(height, -1)
    chunks = [
        _chunk(b"IHDR", header),
        _chunk(b"IDAT", zlib.compress(rows.tobytes())),
        _chunk(b"IEND", b""),
    ]
    return SIGNATURE + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
