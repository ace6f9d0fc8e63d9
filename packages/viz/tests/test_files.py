"""What becomes of a file: its format, its folder, its place, and what goes wrong."""

import io
import os
import subprocess
import sys
import xml.etree.ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread


@pytest.fixture(params=["graph", "network", "history"])
def draw(request, pictures):
    return pictures[request.param]


def test_a_png_holds_the_picture(draw, tmp_path):
    figure = draw(filename=tmp_path / "picture.png")
    pixels = imread(tmp_path / "picture.png")
    width, height = figure.get_size_inches() * figure.dpi

    assert pixels.shape[:2] == pytest.approx((height, width), abs=1)
    assert 0.02 < (pixels[..., :3].min(axis=-1) < 0.9).mean() < 0.5  # ink
    assert (pixels[0, :, :3] == 1).all()  # nothing touches the edge


def test_an_svg_holds_the_picture(draw, tmp_path):
    draw(filename=str(tmp_path / "picture.SVG"))
    root = xml.etree.ElementTree.parse(tmp_path / "picture.SVG").getroot()

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 5


def test_a_pdf_holds_the_picture(draw, tmp_path):
    draw(filename=tmp_path / "picture.pdf")
    data = (tmp_path / "picture.pdf").read_bytes()

    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_picture_is_the_same_file_in_every_format(draw, form, tmp_path):
    for name in ("first", "second"):
        draw(filename=tmp_path / f"{name}.{form}")

    first = (tmp_path / f"first.{form}").read_bytes()
    assert (tmp_path / f"second.{form}").read_bytes() == first


def test_folders_are_created_and_nothing_else_is_left(draw, tmp_path):
    draw(filename=tmp_path / "outputs" / "today" / "picture.png")

    assert os.listdir(tmp_path / "outputs" / "today") == ["picture.png"]


def test_without_a_filename_nothing_is_written(draw, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw()
    draw(ax=Figure().add_subplot())

    assert os.listdir(tmp_path) == []


def test_a_file_is_replaced_in_one_piece(draw, tmp_path, monkeypatch):
    target = tmp_path / "picture.png"
    target.write_bytes(b"the picture of yesterday")

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match=r"cannot be written \(No space left") as info:
            draw(filename=target)

    assert info.value.errno == 28
    assert target.read_bytes() == b"the picture of yesterday"
    assert os.listdir(tmp_path) == ["picture.png"]
    draw(filename=target)
    assert target.read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_cannot_be_is_told(draw, tmp_path):
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(OSError, match=r"^\[.*plot_.*choose another filename"):
        draw(filename=tmp_path / "taken" / "picture.png")


@pytest.mark.skipif(sys.platform == "win32", reason="no links, no modes there")
def test_a_link_stays_a_link_and_the_mode_is_that_of_any_new_file(draw, tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    draw(filename=tmp_path / "link.png")
    (tmp_path / "any").write_text("")

    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "real.png").stat().st_mode == (tmp_path / "any").stat().st_mode


@pytest.mark.parametrize("name", ["picture", "picture.jpg", "picture.png.gz", ".png"])
def test_an_ending_that_is_no_format_is_refused(draw, name, tmp_path):
    with pytest.raises(ValueError, match=r"ending in \.png, \.svg or \.pdf was needed"):
        draw(filename=tmp_path / name)

    assert os.listdir(tmp_path) == []


def test_a_name_that_no_file_can_have_is_refused(draw):
    with pytest.raises(ValueError, match=r"filename is 'a\\x00.png'; a name without"):
        draw(filename="a\0.png")


def test_what_is_no_path_is_refused(draw):
    with pytest.raises(TypeError, match="filename is of type BytesIO; a path ending"):
        draw(filename=io.BytesIO())


def test_what_is_no_axes_is_refused(draw):
    with pytest.raises(TypeError, match="ax is of type ndarray; one matplotlib Axes"):
        draw(ax=Figure().subplots(1, 2))


def test_given_axes_are_saved_with_their_whole_figure(draw, tmp_path):
    figure = Figure(figsize=(5, 2), dpi=100)
    axes = figure.subplots(1, 2)
    draw(ax=axes[0], filename=tmp_path / "picture.png")

    assert imread(tmp_path / "picture.png").shape[:2] == (200, 500)


def test_neither_a_display_nor_a_writable_home_is_needed(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    nowhere = str(tmp_path / "file" / "home")
    environment = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    environment |= {"MPLCONFIGDIR": nowhere, "HOME": nowhere, "MPLBACKEND": "TkAgg"}
    program = (
        "from pebblegrad.viz import plot_training_history\n"
        f"plot_training_history([1.0, 2.0], filename={str(tmp_path / 'a.png')!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        timeout=120,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
