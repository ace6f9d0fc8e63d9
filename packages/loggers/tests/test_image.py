import struct
import zlib

import numpy as np
import pytest

from pebblegrad.loggers._image import as_pixels, png


def decoded(data):
    """Read a PNG file with no filters, as far as ours go, and check its checksums."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position, chunks = 8, {}
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind = data[position + 4 : position + 8]
        content = data[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, position + 8 + length)
        assert checksum == zlib.crc32(kind + content)
        chunks[kind] = content
        position += length + 12
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, color, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {0: 1, 2: 3, 6: 4}[color]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    rows = rows.reshape(height, 1 + width * channels)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, channels)


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 7, 3), (7, 5, 4), (2, 300, 1)])
def test_a_png_holds_every_pixel(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)

    np.testing.assert_array_equal(decoded(png(pixels)), pixels)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_shares_of_white_clipped_and_rounded(dtype):
    values = np.array([[0, 1, -0.5, 7, np.nan, np.inf, -np.inf, 0.25]], dtype)

    assert as_pixels(values, "CHW", "who")[..., 0].tolist() == (
        [[0, 255, 0, 255, 0, 255, 0, 64]]
    )


def test_whole_numbers_and_booleans_are_bytes():
    assert as_pixels([[0, 7, 255]], "CHW", "who").dtype == np.uint8
    assert as_pixels([[0, 7, 255]], "CHW", "who")[..., 0].tolist() == [[0, 7, 255]]
    assert as_pixels([[True, False]], "CHW", "who")[..., 0].tolist() == [[255, 0]]


def test_channels_come_first_unless_said_otherwise():
    image = np.random.default_rng(0).integers(0, 256, (3, 3, 4), np.uint8)

    last = np.moveaxis(image, 0, -1)
    np.testing.assert_array_equal(as_pixels(image, "CHW", "who"), last)
    np.testing.assert_array_equal(as_pixels(last, "HWC", "who"), last)
    np.testing.assert_array_equal(
        as_pixels(image[::-1, ::2], "CHW", "w")[0, 0], last[0, 0, ::-1]
    )


def test_a_picture_is_a_copy_also_of_what_may_not_be_written():
    image = np.zeros((2, 2), np.uint8)
    image.flags.writeable = False
    pixels = as_pixels(image, "CHW", "who")

    assert not np.shares_memory(pixels, image)


@pytest.mark.parametrize(
    ("image", "dataformats", "error", "message"),
    [
        (
            np.zeros(4),
            "CHW",
            ValueError,
            r"image has shape \(4,\); \(H, W\) or \(C, H, W",
        ),
        (np.zeros((2, 4, 4)), "CHW", ValueError, "with 1, 3 or 4 channels"),
        (np.zeros((4, 4, 2)), "HWC", ValueError, r"\(4, 4, 2\); .* or \(H, W, C\)"),
        (np.zeros((8, 8, 3)), "CHW", ValueError, "pass dataformats='HWC' for channels"),
        (np.zeros((3, 8, 8)), "HWC", ValueError, "pass dataformats='CHW' for channels"),
        (np.zeros((9, 1, 8, 8)), "CHW", ValueError, "pictures of a batch one by one"),
        (np.zeros((0, 4)), "CHW", ValueError, "at least one pixel"),
        ([[256]], "CHW", ValueError, r"from 256 to 256; \[0, 255\] was needed; scale"),
        ([[-1, 3]], "CHW", ValueError, "whole numbers from -1 to 3"),
        ([[1j]], "CHW", TypeError, "image is complex"),
        ("cat.png", "CHW", TypeError, "image is of type str and holds no numbers"),
        (
            [[0.0]],
            "NHWC",
            ValueError,
            "dataformats is 'NHWC'; 'CHW' or 'HWC' was needed",
        ),
        ([[0.0]], 3, TypeError, "dataformats is 3 of type int"),
    ],
)
def test_what_is_no_picture_is_refused(image, dataformats, error, message):
    with pytest.raises(error, match=f"log_image: .*{message}"):
        as_pixels(image, dataformats, "log_image")
