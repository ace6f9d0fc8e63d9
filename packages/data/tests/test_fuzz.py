"""Every reader against bytes that nobody meant: it gives a value or its own error.

Three kinds of files: random bytes; good files with some bytes changed, cut out, put in
or repeated; and the contents of good archives changed before they are packed, so that
the checksums are right and the damage is met further in.

By default each reader gets a few dozen files. Set PEBBLEGRAD_FUZZ_SECONDS=600 for ten
minutes in all, shared out among the readers.
"""

import bz2
import gzip
import io
import os
import tarfile
import time
import tracemalloc
import warnings
import zipfile

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pebblegrad.data import (
    extract_archive,
    load_image_folder,
    read_csv,
    read_idx,
    read_npz,
)

SECONDS = float(os.environ.get("PEBBLEGRAD_FUZZ_SECONDS", "0"))
MOST_MEMORY = 32 << 20  # bytes; the limits given to the readers are 1 MiB
LIMIT = 1 << 20


def idx():
    return b"\0\0\x08\2\0\0\0\2\0\0\0\3abcdef"


def npy():
    packed = io.BytesIO()
    np.save(packed, np.arange(6, dtype=np.float32).reshape(2, 3))
    return packed.getvalue()


def csv():
    return b'a,b,"c ""d"""\r\n1,2.5,x\r\n-3,1e5,"two\nlines"\r\n\r\n4,.5,NaN\r\n'


def image(form, mode="RGB"):
    packed = io.BytesIO()
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    PIL.Image.fromarray(pixels).convert(mode).save(packed, form)
    return packed.getvalue()


def zipped(contents, name="a.npy"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, contents)
        archive.writestr("folder/b.npy", npy())
    return packed.getvalue()


def tarred(contents=b"x" * 700):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("folder/a", "b" * 120):
            info = tarfile.TarInfo(name)
            info.size = len(contents)
            archive.addfile(info, io.BytesIO(contents))
    return packed.getvalue()[:5120]


def as_is(contents):
    return contents


# For each reader: how to call it, and good files, each with what is done to its bytes
# after they were changed.
READERS = {
    "idx": (
        lambda path, _: read_idx(path, max_bytes=LIMIT),
        [(idx(), as_is), (idx(), gzip.compress), (gzip.compress(idx()), as_is)],
    ),
    "npz": (
        lambda path, _: read_npz(path, max_bytes=LIMIT),
        [(zipped(npy()), as_is), (npy(), zipped)],
    ),
    "csv": (
        lambda path, _: read_csv(path, max_bytes=LIMIT),
        [(csv(), as_is), (csv(), gzip.compress)],
    ),
    "archives": (
        lambda path, made: extract_archive(path, made, max_bytes=LIMIT, max_files=99),
        [
            (zipped(b"x" * 700), as_is),
            (tarred(), as_is),
            (tarred(), gzip.compress),
            (tarred(), bz2.compress),
            (gzip.compress(tarred()), as_is),
        ],
    ),
    **{
        f"images {ending}": (
            lambda path, _: load_image_folder(
                path.parent.parent, max_pixels=LIMIT, max_bytes=LIMIT
            ),
            [(image(form, mode), as_is)],
        )
        for ending, form, mode in [
            ("png", "PNG", "RGB"),
            ("jpg", "JPEG", "RGB"),
            ("gif", "GIF", "P"),
            ("bmp", "BMP", "RGB"),
            ("ppm", "PPM", "RGB"),
            ("webp", "WEBP", "RGB"),
        ]
    },
}


@st.composite
def changed(draw, good):
    """`good` with a few changes of the kinds that find mistakes."""
    contents = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(contents)))
        kind = draw(st.sampled_from("scirn"))
        few = draw(st.binary(min_size=1, max_size=8))
        if kind == "s":  # set
            contents[place : place + len(few)] = few
        elif kind == "c":  # cut, in the middle or to the end
            contents[place:] = contents[draw(st.integers(place, len(contents))) :]
        elif kind == "i":  # insert
            contents[place:place] = few
        elif kind == "r":  # repeat
            end = draw(st.integers(place, min(len(contents), place + 600)))
            contents[place:place] = contents[place:end]
        else:  # numbers that tend to be special
            number = draw(st.sampled_from([0, 1, -1, 255, 2**31 - 1, 2**63 - 1]))
            size = draw(st.sampled_from([1, 2, 4, 8]))
            order = draw(st.sampled_from(["little", "big"]))
            number &= 2 ** (8 * size) - 1
            contents[place : place + size] = number.to_bytes(size, order)
    return bytes(contents)


def files_for(good):
    """Strategies: something random, or one of the good files, changed."""
    random = st.binary(max_size=300)
    return st.one_of(
        random,
        *(changed(contents).map(finish) for contents, finish in good),
    )


@pytest.mark.parametrize("name", READERS)
def test_any_bytes_give_a_value_or_the_documented_error(tmp_path, name):
    call, good = READERS[name]
    ending = name.partition(" ")[2]
    folder = tmp_path / "class"
    folder.mkdir()
    path = folder / (f"file.{ending}" if ending else "file")
    end = time.monotonic() + SECONDS / len(READERS)
    largest = [0]

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),  # what is slow here is on purpose
    )
    @given(contents=files_for(good), number=st.integers(0, 10**12))
    def try_one(contents, number):
        path.write_bytes(contents)
        tracemalloc.reset_peak()
        try:
            call(path, tmp_path / f"made-{number}-{time.monotonic_ns()}")
        except ValueError as error:
            assert str(error).startswith(("read_", "extract_archive: ", "load_image_f"))
        largest[0] = max(largest[0], tracemalloc.get_traced_memory()[1])

    tracemalloc.start()
    try:
        with warnings.catch_warnings():
            # Pillow and zipfile say of some damage that they can live with it.
            warnings.simplefilter("ignore")
            try_one()
            while time.monotonic() < end:
                try_one()
    finally:
        tracemalloc.stop()
    assert largest[0] < MOST_MEMORY


@pytest.mark.parametrize("name", READERS)
def test_the_good_files_that_are_changed_can_be_read(tmp_path, name):
    call, good = READERS[name]
    ending = name.partition(" ")[2]
    folder = tmp_path / "class"
    folder.mkdir()
    for number, (contents, finish) in enumerate(good):
        path = folder / (f"file.{ending}" if ending else "file")
        path.write_bytes(finish(contents))
        assert len(call(path, tmp_path / f"made-{number}")) > 0
