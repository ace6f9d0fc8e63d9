"""Every python block of READMEs and docs runs, in order, and shows what it says."""

import doctest
import re
import runpy
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [path.parent for path in sorted(ROOT.glob("packages/*/pyproject.toml"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def python_blocks(readme):
    """Find the python blocks of a README, each with the number of its first line."""
    text = readme.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start(2)), dedent(match[2])


def programs(readme):
    """Join neighbouring blocks of one kind; each keeps its lines' numbers."""
    text, is_session = "", None
    for line, block in python_blocks(readme):
        if text and is_session is not (">>>" in block):
            yield text, is_session
            text = ""
        is_session = ">>>" in block
        text += "\n" * (line - text.count("\n")) + block
    yield text, is_session


def run(readme):
    """Run the blocks of a README as one program; `>>>` blocks as doctests.

    A page that a script beside it made, of the same name, may use what is in it.
    """
    names = {"__name__": "readme"}
    if (script := readme.with_suffix(".py")).exists():
        names |= runpy.run_path(str(script))
    for text, is_session in programs(readme):
        if is_session:
            parsed = doctest.DocTestParser().get_doctest(
                text, names, readme.parent.name, str(readme), 0
            )
            runner = doctest.DocTestRunner(optionflags=FLAGS)
            report: list[str] = []
            outcome = runner.run(parsed, out=report.append, clear_globs=False)
            assert outcome.failed == 0, "".join(report)
            names = parsed.globs
        else:
            exec(compile(text, str(readme), "exec"), names)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_the_readme_of_a_package_has_an_example_that_runs(
    package, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    readme = package / "README.md"

    assert list(python_blocks(readme)), f"{readme}: no python block; one was needed"
    run(readme)


def test_the_readme_of_the_repository_prints_what_it_says(
    root, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    readme = root / "README.md"
    said = re.findall(r"^```text\n(.*?)^```$", readme.read_text("utf-8"), re.M | re.S)

    run(readme)

    assert capsys.readouterr().out == "".join(said) != ""


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name
)
def test_the_examples_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    run(page)


def test_a_readme_that_shows_a_wrong_number_fails(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("```python\nx = 1\n```\n\n```python\n>>> x\n2\n```\n", "utf-8")

    with pytest.raises(AssertionError, match=r"Expected:\s+2\s+Got:\s+1"):
        run(readme)
