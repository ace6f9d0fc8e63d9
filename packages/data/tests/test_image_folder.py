"""`load_image_folder` on small folders of real and of hostile images."""

import io
import struct
import sys
import tracemalloc
import zlib

import numpy as np
import PIL.Image
import pytest

from pebblegrad.data import load_image_folder


def image(color, size=(4, 3), mode="RGB", form="PNG", **options):
    """The bytes of an image of one color; the size is (W, H), as Pillow has it."""
    packed = io.BytesIO()
    PIL.Image.new(mode, size, color).save(packed, form, **options)
    return packed.getvalue()


@pytest.fixture
def pets(tmp_path):
    def pets(**files):
        """``cat_1_png=b"..."`` becomes pets/cat/1.png."""
        for name, contents in files.items():
            folder, stem, ending = name.split("_")
            (tmp_path / "pets" / folder).mkdir(parents=True, exist_ok=True)
            path = tmp_path / "pets" / folder / f"{stem}.{ending}"
            path.write_bytes(contents)
        return tmp_path / "pets"

    return pets


def test_classes_are_the_sorted_folders_and_images_are_sorted_in_them(pets):
    root = pets(
        dog_1_png=image((0, 0, 255)),
        cat_2_png=image((0, 255, 0)),
        cat_1_PNG=image((255, 0, 0)),
    )
    (root / "cat" / "deeper").mkdir()
    (root / "cat" / "deeper" / "3.png").write_bytes(image((51, 51, 51)))

    X, y, classes = load_image_folder(root)

    assert classes == ("cat", "dog")
    assert (X.shape, X.dtype) == ((4, 3, 3, 4), np.float32)
    assert X.flags.c_contiguous
    assert X.flags.writeable
    assert (y.tolist(), y.dtype) == ([0, 0, 0, 1], np.int64)
    np.testing.assert_allclose(
        X[:, :, 0, 0], [[1, 0, 0], [0, 1, 0], [0.2] * 3, [0, 0, 1]], rtol=1e-6
    )


def test_rows_and_columns_are_not_exchanged(pets):
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    packed = io.BytesIO()
    PIL.Image.fromarray(pixels).save(packed, "PNG")

    X, _, _ = load_image_folder(pets(a_1_png=packed.getvalue()), mode="L", dtype="f8")

    assert X.shape == (1, 1, 3, 4)
    np.testing.assert_allclose(X[0, 0], pixels / 255)


def test_the_keywords_give_rows_one_hot_labels_and_other_floats(pets):
    root = pets(a_1_png=image("white"), b_1_png=image("black"))

    X, y, _ = load_image_folder(root, flat=True, one_hot=True, dtype=np.float64)

    assert (X.shape, X.dtype) == ((2, 36), np.float64)
    assert (y.tolist(), y.dtype) == ([[1, 0], [0, 1]], np.float64)


@pytest.mark.parametrize(
    ("ending", "form", "mode"),
    [
        ("bmp", "BMP", "RGB"),
        ("gif", "GIF", "P"),
        ("jpg", "JPEG", "RGB"),
        ("jpeg", "JPEG", "CMYK"),
        ("pgm", "PPM", "L"),
        ("png", "PNG", "1"),
        ("png", "PNG", "LA"),
        ("png", "PNG", "RGBA"),
        ("ppm", "PPM", "RGB"),
        ("webp", "WEBP", "RGB"),
    ],
)
@pytest.mark.parametrize("wanted", ["RGB", "L"])
def test_every_format_and_mode_is_converted(pets, ending, form, mode, wanted):
    root = pets(**{f"a_1_{ending}": image(0, mode=mode, form=form)})

    X, _, _ = load_image_folder(root, mode=wanted)

    assert X.shape == (1, 3 if wanted == "RGB" else 1, 3, 4)
    assert np.ptp(X) < 0.02  # of one color; JPEG may be a little off


def test_a_palette_with_transparency_is_converted_without_a_warning(pets):
    packed = image(0, mode="P", form="PNG", transparency=b"\0\xff")

    assert load_image_folder(pets(a_1_png=packed))[0].shape == (1, 3, 3, 4)


def test_images_are_resized_when_a_size_is_given(pets):
    root = pets(a_1_png=image("red", (4, 3)), a_2_png=image("red", (9, 1)))

    assert load_image_folder(root, size=(5, 7))[0].shape == (2, 3, 5, 7)
    assert load_image_folder(root, size=2)[0].shape == (2, 3, 2, 2)
    np.testing.assert_array_equal(load_image_folder(root, size=2)[0][:, 0], 1)


def test_what_is_no_image_by_its_name_is_passed_over(pets):
    root = pets(a_1_png=image("red"), a_notes_txt=b"x")
    (root / "readme.md").touch()
    (root / ".git").mkdir()
    (root / "a" / "._1.png").write_bytes(b"what macOS leaves behind")

    X, _, classes = load_image_folder(root)

    assert (len(X), classes) == (1, ("a",))


def test_links_inside_the_folder_are_followed_and_others_refused(pets, tmp_path):
    root = pets(a_1_png=image("red"))
    (root / "a" / "2.png").symlink_to(root / "a" / "1.png")
    assert len(load_image_folder(root)[0]) == 2

    (tmp_path / "secret.png").write_bytes(image("red"))
    (root / "a" / "3.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(
        ValueError, match=r"a/3.png is a link that leads out of .*pets, "
    ):
        load_image_folder(root)

    (root / "a" / "3.png").unlink()
    (root / "b").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="pets/b is a link that leads out of"):
        load_image_folder(root)


def png_that_claims(width, height):
    """A png of a few bytes whose header says that it is large."""

    def chunk(kind, body):
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = (
        chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + body


GOOD = image("red")
BAD = {
    "empty": (b"", "is not an image of the format that its name says"),
    "another format": (image("red", form="JPEG"), "is not an image of the format that"),
    "a script": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is not an image of the format that"),
    "cut": (GOOD[:-30], r"is damaged \(.*\); needed is a whole image"),
    "no pixels": (png_that_claims(9, 9), r"is damaged \(.*\); needed is a whole image"),
    "large": (png_that_claims(9000, 9000), "9000 by 9000 pixels; allowed are 50000000"),
    "very large": (
        png_that_claims(10**5, 10**5),
        "more pixels than Pillow allows",
    ),
    "16 bits": (image(7, mode="I;16"), "pixels of mode 'I;16'; needed are 8 bits to a"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_name(pets, case):
    contents, said = BAD[case]
    root = pets(a_1_png=GOOD, b_1_png=contents)

    with pytest.raises(ValueError, match=f"load_image_folder: {root}/b/1.png .*{said}"):
        load_image_folder(root)


def test_a_file_that_claims_gigabytes_does_not_get_them(pets):
    claim = struct.pack(">I", 2**32 - 1) + b"tEXt"
    root = pets(a_1_png=GOOD[:33] + claim + GOOD[33:])  # after the header

    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="is damaged"):
            load_image_folder(root)
        assert tracemalloc.get_traced_memory()[1] < 1 << 24
    finally:
        tracemalloc.stop()


def test_a_file_of_more_bytes_than_was_allowed_is_refused(pets):
    with pytest.raises(
        ValueError, match="has more than 50 bytes; if that is right, ra"
    ):
        load_image_folder(pets(a_1_png=GOOD), max_bytes=50)


def test_images_of_different_sizes_are_refused_and_both_are_named(pets):
    root = pets(a_1_png=image("red"), b_7_png=image("red", (3, 4)))

    with pytest.raises(
        ValueError,
        match=r"b/7.png has 4 by 3 pixels \(H, W\) and the first image, .*a/1.png, has "
        r"3 by 4; needed is one size for all; give size=\(H, W\)",
    ):
        load_image_folder(root)


def test_more_memory_than_was_allowed_is_refused_before_it_is_taken(pets):
    root = pets(a_1_png=image("red"), a_2_png=image("red"))

    assert load_image_folder(root, max_bytes=2 * 36 * 4)[0].nbytes == 288
    with pytest.raises(
        ValueError, match="2 images of 3 by 4 pixels in float32 have 288"
    ):
        load_image_folder(root, max_bytes=287)


def test_a_folder_without_classes_and_a_class_without_images_are_refused(tmp_path):
    with pytest.raises(
        ValueError, match="holds no folders; needed is a folder for each"
    ):
        load_image_folder(tmp_path)

    (tmp_path / "a").mkdir()
    with pytest.raises(
        ValueError, match=r"a holds no images; needed are files whose n"
    ):
        load_image_folder(tmp_path)

    with pytest.raises(FileNotFoundError, match="absent"):
        load_image_folder(tmp_path / "absent")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"mode": "CMYK"}, ValueError, "mode is 'CMYK'; needed is 'RGB' or 'L'"),
        ({"size": 0}, ValueError, "size is 0; needed is .*H, W"),
        (
            {"size": (3, 4, 5)},
            ValueError,
            r"size is \(3, 4, 5\); needed is \(H, W\), or",
        ),
        ({"size": 1.5}, TypeError, r"size is 1.5; needed is \(H, W\), or one integer"),
        ({"size": "8"}, TypeError, "size is '8'; needed is .*H, W"),
        (
            {"size": 10**9},
            ValueError,
            "size is 1000000000; needed is .*, from 1 to 65536",
        ),
        (
            {"dtype": np.uint8},
            ValueError,
            "load_image_folder: dtype is uint8; needed is",
        ),
        (
            {"dtype": None},
            TypeError,
            "load_image_folder: dtype is None; needed is a flo",
        ),
        ({"max_pixels": -1}, ValueError, "max_pixels is -1; needed is at least 0"),
        (
            {"max_pixels": 11},
            ValueError,
            "has 3 by 4 pixels; allowed are 11 in all; if",
        ),
        (
            {"max_bytes": 1e9},
            TypeError,
            r"max_bytes is 1000000000.0; needed is an integ",
        ),
    ],
)
def test_wrong_arguments_are_named_with_what_was_needed(pets, options, error, said):
    root = pets(a_1_png=GOOD)

    with pytest.raises(error, match=said):
        load_image_folder(root, **options)


def test_without_pillow_the_error_names_the_extra(pets, monkeypatch):
    root = pets(a_1_png=GOOD)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)

    with pytest.raises(ImportError, match=r"pip install pebblegrad-data\[images\]"):
        load_image_folder(root)
