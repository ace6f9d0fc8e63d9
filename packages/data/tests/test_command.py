"""``pebblegrad-data``: what it prints, what it returns, and what it leaves alone."""

import io
import os
import re
import subprocess
import sys
import time
from importlib.metadata import entry_points

import pytest

from pebblegrad.data import cifar10, kmnist, load_mnist, mnist
from pebblegrad.data.command import main

NAMES = [file.name for file in mnist._MNIST.files]


@pytest.fixture
def run(capsys):
    """`run("verify", "mnist")`: the exit code, stdout and stderr."""

    def run(*arguments):
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def refused(capsys):
    """What stderr says of arguments that argparse does not take."""

    def refused(*arguments):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        return capsys.readouterr().err

    return refused


@pytest.fixture
def answer(monkeypatch):
    """`answer("y")`: somebody sits at a terminal, and types that."""

    def answer(text):
        stdin = io.StringIO(text)
        stdin.isatty = lambda: True
        monkeypatch.setattr("sys.stdin", stdin)

    return answer


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


# list and path


def test_list_tells_of_each_set_its_files_sizes_and_what_is_cached(run, folder):
    code, out, err = run("list")

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"In {folder.parent}:"
    assert "mnist                           11.6 MB  not cached" in lines
    assert "  train-labels-idx1-ubyte.gz    28.9 kB  not cached" in lines
    assert "cifar10                        170.1 MB  not cached" in lines
    assert "  gzip.zip                     561.8 MB  not cached" in lines
    assert not folder.parent.exists()


def test_list_says_which_files_of_a_set_are_cached_and_as_what(
    run, small_mnist, folder
):
    small_mnist.put_into(folder)
    (folder / NAMES[0]).unlink()
    plain = NAMES[1].removesuffix(".gz")
    (folder / NAMES[1]).rename(folder / plain)
    (folder / NAMES[2]).rename(folder.parent / NAMES[2])
    (folder / f".{NAMES[0]}.0123abcd.part").write_bytes(b"123")

    _, out, _ = run("list", "MNIST", "mnist")

    states = [line.split("  ")[-1] for line in out.splitlines()[2:-2]]
    assert states == [
        "3 of 4 files cached",
        "not cached",
        f"cached as mnist/{plain}",
        f"cached as {NAMES[2]}",
        "cached",
        "an unfinished download",
    ]


def test_a_file_in_the_cache_folder_itself_is_the_set_whose_contents_it_has(
    run, small_mnist, folder
):
    folder.parent.mkdir()
    (folder.parent / NAMES[0]).write_bytes(small_mnist.served[NAMES[0]])

    _, out, _ = run("list")

    assert out.count("cached as") == 1


def test_path_prints_the_cache_folder_or_that_of_a_set(run, folder):
    assert run("path") == (0, f"{folder.parent}\n", "")
    assert run("path", "mnist") == (0, f"{folder}\n", "")
    assert run("path", "Fashion-MNIST")[1] == f"{folder.parent / 'fashion_mnist'}\n"


@pytest.mark.parametrize("module", ["pebblegrad.data", "pebblegrad.data.command:main"])
def test_the_real_command_prints_the_path(module, tmp_path):
    module, _, function = module.partition(":")
    call = ["-m", module]
    if function:  # as the script that an installation makes of the entry point
        call = ["-c", f"import sys, {module} as m; sys.exit(m.{function}())"]

    done = subprocess.run(
        [sys.executable, *call, "path"],
        env={**os.environ, "PEBBLEGRAD_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path}\n", "")


def test_a_home_folder_that_nobody_knows_is_a_sentence(run, monkeypatch):
    monkeypatch.setenv("PEBBLEGRAD_DATA", "~nobody-of-this-name/data")

    code, out, err = run("list")

    assert (code, out) == (1, "")
    assert "PEBBLEGRAD_DATA is '~nobody-of-this-name/data' (Could not determ" in err


@pytest.mark.skipif(sys.platform != "linux", reason="paths are text on this platform")
def test_a_path_that_is_no_text_is_a_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pebblegrad.data", "path"],
        env={
            **os.environb,
            b"PEBBLEGRAD_DATA": os.fsencode(tmp_path) + b"/\xff",
            b"PYTHONIOENCODING": b"utf-8:strict",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert re.search(r"\\udcff' cannot be printed in utf-8", done.stderr)


def test_the_package_declares_the_command():
    # Of the installed package: the sources may be elsewhere.
    (script,) = entry_points(group="console_scripts", name="pebblegrad-data")

    assert script.load() is main


def test_a_reader_that_has_seen_enough_is_no_traceback(tmp_path):
    listing = subprocess.Popen(
        [sys.executable, "-m", "pebblegrad.data", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    listing.stdout.close()

    assert listing.stderr.read() == ""
    assert listing.wait() == 1
    listing.stderr.close()


# fetch


def test_fetch_gets_what_is_missing_and_then_it_loads(run, small_mnist, folder, mirror):
    small_mnist.use(mirror.url("good"))

    first = run("fetch", "mnist")
    again = run("fetch", "mnist")

    size = f"{sum(file.size for file in small_mnist.files) / 1e3:.1f} kB"
    complete = f"mnist: complete and right, in {folder}\n"
    assert first == (0, f"mnist: fetching 4 files, {size}\n{complete}", "")
    assert again == (0, complete, "")
    assert len(mirror.asked) == 4
    assert load_mnist(download=False)[0].shape == (40, 784)


def test_fetch_gets_an_archive_without_reading_it(run, stand_in):
    folder = stand_in(cifar10, {"cifar-10-binary.tar.gz": b"an archive"})

    assert run("fetch", "cifar10") == (
        0,
        f"cifar10: complete and right, in {folder}\n",
        "",
    )


def test_fetch_draws_bars_in_a_terminal_only_and_quietly_none(
    run, small_mnist, mirror, monkeypatch
):
    small_mnist.use(mirror.url("slow"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    _, _, quiet = run("fetch", "-q", "mnist")
    run("clear", "-y")
    _, _, drawn = run("fetch", "mnist")

    assert quiet == ""
    assert all(name in drawn for name in NAMES)


def test_fetch_says_what_it_moved_aside(run, small_mnist, folder, mirror):
    small_mnist.use(mirror.url("good"))
    small_mnist.put_into(folder)
    (folder / NAMES[1]).write_bytes(b"wrong")

    code, out, err = run("fetch", "mnist")

    assert (code, out) == (0, f"mnist: complete and right, in {folder}\n")
    assert err.startswith(f"pebblegrad-data: mnist: {folder / NAMES[1]} is not the pub")
    assert err.endswith(f"moved aside to {NAMES[1]}.damaged; a good one is used\n")


def test_fetch_without_a_network_says_so_and_goes_on_with_the_next_set(
    run, stand_in, folder
):
    archive = stand_in(cifar10, {"cifar-10-binary.tar.gz": b"an archive"})

    code, out, err = run("fetch", "all")

    assert code == 1
    assert f"cifar10: complete and right, in {archive}\n" in out
    assert "mnist: fetching 4 files, 11.6 MB\n" in out
    assert err.startswith(
        f"pebblegrad-data: mnist: {NAMES[0]} is not in {folder}; needed there are"
    )
    assert err.count("no mirror delivered it") == 4
    assert err.count("http://127.0.0.1:9/: no connection (Connection refused)") == 4
    assert "Traceback" not in err


def test_fetch_into_a_file_is_a_sentence(run, folder):
    folder.parent.write_text("mine")

    code, _, err = run("fetch", "mnist")

    assert code == 1
    assert err.startswith("pebblegrad-data: mnist: ")
    assert "(Not a directory); needed is a" in err
    assert "[Errno" not in err
    assert folder.parent.read_text() == "mine"


def test_ctrl_c_stops_with_a_word_and_its_code(run, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pebblegrad.data.command.checked_contents", stop)

    code, _, err = run("fetch", "mnist")

    assert (code, err) == (130, "pebblegrad-data: stopped\n")


# verify


def test_verify_says_of_each_file_that_it_is_right(run, small_mnist, folder):
    small_mnist.put_into(folder)

    code, out, err = run("verify")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        *(f"right: {folder / name}" for name in NAMES),
        "4 files right, 0 wrong or missing",
    ]


def test_verify_of_an_empty_cache_finds_nothing_wrong(run):
    assert run("verify") == (0, "0 files right, 0 wrong or missing\n", "")


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda body: b"", "found contents of 0 bytes with SHA-256 e3b0c44298fc"),
        (lambda body: body[: len(body) // 2], r"found \d+ bytes, and "),
        (lambda body: b"not gzip", "found contents of 8 bytes with SHA-256"),
    ],
    ids=["empty", "cut", "another"],
)
def test_verify_names_a_wrong_file_and_leaves_it_where_it_is(
    run, small_mnist, folder, damage, found
):
    small_mnist.put_into(folder)
    body = damage((folder / NAMES[2]).read_bytes())
    (folder / NAMES[2]).write_bytes(body)

    code, out, err = run("verify")

    assert code == 1
    assert out.endswith("3 files right, 1 wrong or missing\n")
    assert err.startswith(f"pebblegrad-data: {folder / NAMES[2]} is wrong: found ")
    assert re.search(found, err)
    assert (folder / NAMES[2]).read_bytes() == body
    assert left_in(folder) == sorted(NAMES)


def test_verify_of_a_set_by_name_needs_all_of_it(run, small_mnist, folder):
    small_mnist.put_into(folder)
    (folder / NAMES[3]).unlink()

    all_that_is_there, by_name = run("verify"), run("verify", "mnist")

    assert all_that_is_there[0] == 0
    assert by_name[0] == 1
    assert by_name[2] == (
        f"pebblegrad-data: mnist: {NAMES[3]} is not cached; `pebblegrad-data fetch "
        "mnist` downloads it\n"
    )


def test_verify_looks_at_an_archive_as_it_is_served(run, stand_in):
    folder = stand_in(cifar10, {"cifar-10-binary.tar.gz": b"an archive"})
    right, _, _ = run("verify", "cifar10")
    (folder / "cifar-10-binary.tar.gz").write_bytes(b"an_archive")

    wrong, _, err = run("verify", "cifar10")

    assert (right, wrong) == (0, 1)
    assert "is wrong: found 10 bytes with SHA-256" in err
    assert "; needed are 10 bytes with SHA-256" in err


def test_verify_says_what_cannot_be_read(run, small_mnist, folder):
    small_mnist.put_into(folder)
    (folder / NAMES[0]).unlink()
    (folder / NAMES[0]).mkdir()

    code, _, err = run("verify")

    assert code == 1
    assert f"{NAMES[0]} is wrong: it cannot be read (Is a directory)" in err


# clear


def test_clear_removes_what_was_published_and_the_empty_folder(
    run, small_mnist, folder
):
    small_mnist.put_into(folder)

    code, out, err = run("clear", "--yes")

    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("4 files removed, ")
    assert all(str(folder / name) in out for name in NAMES)
    assert left_in(folder.parent) == []
    assert run("clear", "--yes") == (0, "There is nothing to remove.\n", "")


def test_clear_leaves_everything_that_is_not_surely_ours(
    run, small_mnist, folder, tmp_path
):
    small_mnist.put_into(folder)
    (folder / NAMES[0]).write_bytes(b"wrong")
    (folder / f"{NAMES[0]}.damaged").write_bytes(b"somebody's")
    (folder / "notes.txt").write_text("mine")
    (folder / ".mine.0123abcd.part").write_text("mine")
    (folder / NAMES[1]).rename(tmp_path / "elsewhere")
    (folder / NAMES[1]).symlink_to(tmp_path / "elsewhere")
    (folder.parent / NAMES[2]).write_bytes(small_mnist.served[NAMES[2]])
    (folder.parent / "notes.txt").write_text("mine")

    code, out, err = run("clear", "mnist", "--yes")

    assert code == 0
    assert "2 files removed" in out
    assert left_in(folder) == sorted(
        [".mine.0123abcd.part", NAMES[0], f"{NAMES[0]}.damaged", NAMES[1], "notes.txt"]
    )
    assert left_in(folder.parent) == sorted(["mnist", NAMES[2], "notes.txt"])
    assert (tmp_path / "elsewhere").read_bytes() == small_mnist.served[NAMES[1]]
    assert f"{NAMES[0]} is left: it is not the published file: found" in err
    assert f"{NAMES[1]} is left: it is a link, which is not ours" in err
    assert f"{NAMES[2]} is left: somebody has put it there by hand" in err
    assert f"3 files in {folder} left: not what was published" in err


def test_clear_does_not_follow_a_link_to_another_folder(
    run, small_mnist, folder, tmp_path
):
    small_mnist.put_into(tmp_path / "shared")
    folder.parent.mkdir()
    folder.symlink_to(tmp_path / "shared")

    code, out, err = run("clear", "--yes")

    assert (code, out) == (0, "There is nothing to remove.\n")
    assert f"{folder} is left: it is a link" in err
    assert left_in(tmp_path / "shared") == sorted(NAMES)


def test_clear_removes_what_killed_downloads_left_and_nothing_that_still_grows(
    run, folder
):
    folder.mkdir(parents=True)
    dead = folder / f".{NAMES[0]}.0123abcd.part"
    alive = folder / f".{NAMES[0]}.4567abcd.part"
    for path in (dead, alive):
        path.write_bytes(b"123")
    os.utime(dead, (time.time() - 70, time.time() - 70))

    _, out, err = run("clear", "--yes")

    assert out.endswith("1 file removed, 3 B.\n")
    assert f"{alive} is left: a download may still be writing it" in err
    assert left_in(folder) == [alive.name]


@pytest.mark.parametrize("text", ["y\n", "YES\n"])
def test_clear_asks_and_a_yes_removes(run, small_mnist, folder, answer, text):
    small_mnist.put_into(folder)
    answer(text)

    code, out, _ = run("clear", "mnist")

    assert code == 0
    assert re.search(r"Remove 4 files, [\d.]+ kB\? \[y/N\] 4 files removed", out)
    assert not folder.exists()


@pytest.mark.parametrize("text", ["\n", "n\n", "what\n", ""])
def test_clear_asks_and_anything_else_leaves_all(
    run, small_mnist, folder, answer, text
):
    small_mnist.put_into(folder)
    answer(text)

    code, out, _ = run("clear", "mnist")

    assert code == 1
    assert out.endswith("Nothing was removed.\n")
    assert left_in(folder) == sorted(NAMES)


def test_clear_needs_yes_where_nobody_can_be_asked(
    run, small_mnist, folder, monkeypatch
):
    small_mnist.put_into(folder)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    code, _, err = run("clear")

    assert code == 1
    assert "standard input is not a terminal" in err
    assert "needed is the option --yes; nothing was removed" in err
    assert left_in(folder) == sorted(NAMES)


def test_clear_takes_the_sets_it_is_told_and_no_other(
    run, small_mnist, folder, stand_in
):
    small_mnist.put_into(folder)
    other = stand_in(kmnist, {"train-images-idx3-ubyte.gz": b"other"})

    run("clear", "kmnist", "--yes")

    assert not other.exists()
    assert left_in(folder) == sorted(NAMES)


# The command line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["get"], "invalid choice: 'get'"),
        (["fetch"], "the following arguments are required: NAME"),
        (["fetch", "mnits"], "there is no set 'mnits'; needed is one of mnist, fash"),
        (["fetch", "digits"], "there is no set 'digits'"),
        (["verify", "mnist", "x"], "there is no set 'x'"),
        (["path", "x"], "there is no set 'x'"),
        (["path", "mnist", "kmnist"], "unrecognized arguments: kmnist"),
        (["clear", "mnist", "--force"], "unrecognized arguments: --force"),
    ],
)
def test_a_wrong_command_line_is_told_in_words(refused, arguments, said):
    assert said in refused(*arguments)


@pytest.mark.parametrize("command", ["list", "fetch", "verify", "path", "clear"])
def test_help_is_there_for_each_command(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])

    assert caught.value.code == 0
    assert f"usage: pebblegrad-data {command}" in capsys.readouterr().out
