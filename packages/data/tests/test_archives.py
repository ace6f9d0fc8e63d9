"""`extract_archive` against archives that these tests write, good and hostile."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import warnings
import zipfile

import pytest

from pebblegrad.data import extract_archive


def zipped(*entries):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in entries:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with warnings.catch_warnings():  # of names that are there twice, on purpose
                warnings.simplefilter("ignore")
                archive.writestr(info, contents)
    return packed.getvalue()


def tarred(*entries, format=tarfile.PAX_FORMAT):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=format) as archive:
        for entry, contents in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            if info.isreg():
                info.size = len(contents)
            archive.addfile(info, io.BytesIO(contents))
    return packed.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


FORMS = {
    "zip": zipped,
    "tar": tarred,
    "tar.gz": lambda *entries: gzip.compress(tarred(*entries)),
    "tar.bz2": lambda *entries: bz2.compress(tarred(*entries)),
}


@pytest.fixture
def unpack(tmp_path):
    def unpack(contents, **options):
        (tmp_path / "archive").write_bytes(contents)
        return extract_archive(tmp_path / "archive", tmp_path / "made", **options)

    return unpack


def only_the_archive_is_in(folder):
    return sorted(path.name for path in folder.iterdir()) == ["archive"]


@pytest.mark.parametrize("form", FORMS)
def test_files_and_folders_come_out_as_they_went_in(unpack, tmp_path, form):
    large = os.urandom(300_000)
    pack = FORMS[form]

    files = unpack(pack(("a/b/large", large), ("./empty", b""), ("a/ü", b"x")))

    names = [file.relative_to(tmp_path / "made").as_posix() for file in files]
    assert names == ["a/b/large", "a/ü", "empty"]
    assert files[0].read_bytes() == large
    assert files[2].read_bytes() == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "made"]


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_of_nothing_makes_an_empty_folder(unpack, tmp_path, form):
    assert unpack(FORMS[form]()) == []
    assert list((tmp_path / "made").iterdir()) == []


def test_folders_in_a_tar_and_an_empty_folder_in_its_place_are_no_trouble(
    unpack, tmp_path
):
    (tmp_path / "made").mkdir()
    folder = special("cats", tarfile.DIRTYPE)

    files = unpack(tarred((folder, b""), ("cats/1", b"x"), (folder, b"")))

    assert files == [tmp_path / "made" / "cats" / "1"]


def test_permissions_in_the_archive_are_ignored(unpack):
    info = tarfile.TarInfo("tool")
    info.mode = 0o6777

    (file,) = unpack(tarred((info, b"x")))

    assert not stat.S_IMODE(file.stat().st_mode) & 0o6111


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../out", "climbs out of its folder"),
        ("a/../../out", "climbs out of its folder"),
        ("/tmp/out", "begins at the root"),
        ("a\\..\\out", "has a character that is a separator on Windows"),
        ("C:out", "has a character that is a separator on Windows"),
        ("a/b\nc", "has a control character"),
        ("a. /b", "has a part that ends in a period or a space"),
        ("a/nul.txt", "has a part that is a device on Windows"),
        ("x" * 256, "has a part of more than 255 bytes"),
        ("ab/" * 400 + "c", "has more than 1000 bytes or 64 parts"),
    ],
)
def test_a_name_that_may_lead_out_is_refused_and_nothing_is_left(
    unpack, tmp_path, form, name, said
):
    with pytest.raises(
        ValueError, match=f"extract_archive: .*archive: the name .*{said}"
    ):
        unpack(FORMS[form](("good", b"x"), (name, b"y")))

    assert only_the_archive_is_in(tmp_path)
    assert not (tmp_path.parent / "out").exists()


LINK = zipfile.ZipInfo("link")
LINK.external_attr = (stat.S_IFLNK | 0o777) << 16
KINDS = {
    "symbolic link": tarred((special("link", tarfile.SYMTYPE, "/etc"), b"")),
    "hard link": tarred(("a", b""), (special("link", tarfile.LNKTYPE, "a"), b"")),
    "device": tarred((special("null", tarfile.CHRTYPE), b"")),
    "pipe": tarred((special("pipe", tarfile.FIFOTYPE), b"")),
    "link in a zip": zipped((LINK, b"/etc/passwd")),
}


@pytest.mark.parametrize("case", KINDS)
def test_what_is_neither_a_file_nor_a_folder_is_refused(unpack, tmp_path, case):
    with pytest.raises(
        ValueError, match=r"is (a link|neither a file nor a folder); needed are plain f"
    ):
        unpack(KINDS[case])

    assert only_the_archive_is_in(tmp_path)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "names",
    [("a", "a"), ("a/b", "A/B"), ("a", "a/b"), ("a/b", "a"), ("\u00e9", "e\u0301")],
)
def test_names_that_would_overwrite_each_other_are_refused(
    unpack, tmp_path, form, names
):
    with pytest.raises(
        ValueError, match="is there twice; needed are names that differ"
    ):
        unpack(FORMS[form](*((name, b"x") for name in names)))

    assert only_the_archive_is_in(tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_a_bomb_is_unpacked_no_further_than_was_allowed(unpack, tmp_path, form):
    bomb = FORMS[form](("zeros", bytes(1 << 24)))
    assert len(bomb) < 50_000 or form == "tar"

    with pytest.raises(
        ValueError, match=r"more than was allowed.*; if that is right, r"
    ):
        unpack(bomb, max_bytes=1 << 20)

    assert only_the_archive_is_in(tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_exactly_what_was_allowed_is_unpacked(unpack, form):
    archive = FORMS[form](("a", b"123"), ("b", b"45"))

    assert len(unpack(archive, max_bytes=5, max_files=2)) == 2


@pytest.mark.parametrize("form", FORMS)
def test_more_files_than_were_allowed_are_refused(unpack, tmp_path, form):
    with pytest.raises(
        ValueError, match="holds more than 2 files and folders; if that"
    ):
        unpack(FORMS[form](*((str(n), b"") for n in range(3))), max_files=2)

    assert only_the_archive_is_in(tmp_path)


def test_a_zip_that_lies_about_its_sizes_is_counted_as_it_comes(unpack):
    whole = bytearray(zipped(("zeros", bytes(1 << 20))))
    size = (1 << 20).to_bytes(4, "little")
    lying = whole.replace(size, (10).to_bytes(4, "little"))
    assert lying != whole

    with pytest.raises(ValueError, match="is damaged, or of a kind that is not read"):
        unpack(lying)


def test_a_tar_header_of_gigabytes_and_one_of_a_negative_size_are_refused(unpack):
    long_name = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    long_name.size = 1 << 33
    backward = special("back", tarfile.REGTYPE)
    backward.size = -1024
    for info in (long_name, backward):
        with pytest.raises(ValueError, match=r"is damaged, .*\((a header|a jump) "):
            unpack(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 22)))


def test_an_encrypted_zip_and_an_unknown_compression_are_refused(unpack):
    packed = bytearray(zipped(("a", b"secret")))
    for place, value, said in (
        (6, 1, "encrypted"),
        (8, 14, "compressed by method 14"),
    ):
        changed = bytearray(packed)
        central = changed.index(b"PK\x01\x02")
        changed[place] = changed[central + place + 2] = value
        with pytest.raises(ValueError, match=f"'a' is {said}"):
            unpack(bytes(changed))


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_that_is_cut_is_refused(unpack, tmp_path, form):
    whole = FORMS[form](("a", os.urandom(2000)), ("b", os.urandom(2000)))
    ends = (5, 700, 2700, 3000, 5120) if form == "tar" else (5, 1400, len(whole) - 9)
    for end in ends:
        with pytest.raises(ValueError, match="is damaged"):
            unpack(whole[:end])
        assert only_the_archive_is_in(tmp_path)


@pytest.mark.parametrize(
    "contents", [b"", b"no archive at all", bytes(100), lzma.compress(tarred())]
)
def test_what_is_no_archive_is_refused(unpack, contents):
    with pytest.raises(ValueError, match="needed is a whole zip or tar archive"):
        unpack(contents)


def test_a_folder_that_is_not_empty_is_not_touched(unpack, tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine").touch()

    with pytest.raises(
        FileExistsError, match="made is there already; needed is the na"
    ):
        unpack(zipped(("a", b"x")))

    assert [path.name for path in (tmp_path / "made").iterdir()] == ["mine"]


def test_a_missing_archive_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        extract_archive(tmp_path / "absent", tmp_path / "made")


@pytest.mark.parametrize("name", ["max_bytes", "max_files"])
def test_limits_are_integers_from_zero_up(unpack, name):
    with pytest.raises(TypeError, match=f"{name} is 1.5; needed is an integer"):
        unpack(zipped(), **{name: 1.5})
    with pytest.raises(ValueError, match=f"{name} is -1; needed is at least 0"):
        unpack(zipped(), **{name: -1})


def test_a_file_without_a_name_is_damage(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"1")
    path.write_bytes(path.read_bytes().replace(b"x", b"\0"))  # names end at a zero

    with pytest.raises(ValueError, match="is damaged: it has a file without a name"):
        extract_archive(path, tmp_path / "made")
