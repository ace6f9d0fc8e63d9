"""The pages on adding something: done step by step, in a fresh folder.

What a page shows is written into files of the names that it says, its commands are run,
and they must print what it says; "..." stands for anything.
"""

import doctest
import importlib.util
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

EXTEND = Path(__file__).resolve().parents[1] / "docs" / "extend"
PAGES = sorted(EXTEND.glob("*.md"))
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def reader():
    spec = importlib.util.spec_from_file_location("_page", EXTEND / "_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_a_page_for_each_thing_that_can_be_added():
    assert [page.stem for page in PAGES] == ["layer", "logger", "op", "optimizer"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_steps_of_a_page_lead_where_it_says(page, reader, tmp_path):
    reader.write(page, tmp_path)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)

    commands = reader.commands(page)
    assert any("pytest" in command for command, _ in commands)
    for command, shown in commands:
        program, *arguments = shlex.split(command)
        assert program == "python"
        done = subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == 0, f"{command}\n{printed}"
        assert doctest.OutputChecker().check_output(shown, printed, FLAGS), (
            f"{command} printed\n{printed}\nand the page shows\n{shown}"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_a_file_and_its_test(page, reader):
    names = list(reader.files(page))

    tests = [name for name in names if name.startswith("test_")]
    assert len(tests) == 1 and tests[0].removeprefix("test_") in names


def test_a_page_whose_command_prints_something_else_would_fail(reader, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```{code-block} python\n:caption: one.py\n\nprint(1)\n```\n"
        "```{code-block} console\n$ python one.py\n2\n\n3\n$ python two.py\n```\n",
        encoding="utf-8",
    )

    assert reader.files(page) == {"one.py": "print(1)\n"}
    assert reader.commands(page) == [
        ("python one.py", "2\n\n3\n"),
        ("python two.py", ""),
    ]
    assert not doctest.OutputChecker().check_output("2\n", "1\n", FLAGS)
