"""The texts that this project began with, and a way to run the programs in them.

Five documents of small frameworks say what was asked for. They lie beside this file,
byte for byte. The tests take the examples out of the texts themselves and run them with
no more than the import statements changed, by a table at the head of each test file;
so nothing is typed twice, and an example cannot be bent until it passes. A test that
must change something else (a number of epochs) says what, at the place of the call.

`inventory.md` numbers what the texts ask for. A test names what it shows with
``@pytest.mark.seed("T23")``; `tools/seed_coverage.py` adds up what is missing.
"""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
IMPORT = re.compile(r"^(?:from \S+ )?import (?:\([^)]*\)|[^(\n]*$)", re.MULTILINE)


class Text:
    """One of the documents: its words, its blocks, its programs.

    Args:
        name: of the file, without ``.txt``.
        imports: an import statement of the text, on one line, and what takes its place.
        blocks: a name for each fenced block of the text, in order.
    """

    def __init__(self, name, imports, blocks):
        self.words = (HERE / f"{name}.txt").read_bytes().decode("utf-8")
        self.imports = {"import numpy as np": "import numpy as np", **imports}
        found = list(fenced_blocks(self.words))
        assert len(found) == len(blocks), f"{name} has {len(found)} fenced blocks"
        self.blocks = dict(zip(blocks, found, strict=True))

    def __contains__(self, words):
        return words in self.words

    def program(self, *names, changes=None):
        """Return blocks as one program, with our imports and the changes asked for."""
        program = "\n".join(self.blocks[name] for name in names)
        program = IMPORT.sub(self._our_import, program)
        for old, new in (changes or {}).items():
            assert program.count(old) == 1, f"{old!r} is not once in {names}"
            program = program.replace(old, new)
        return program

    def _our_import(self, statement):
        return self.imports[" ".join(re.sub("[()]", " ", statement[0]).split())]

    def run(self, *names, changes=None, **given):
        """Run blocks as one program; return all its names.

        Args:
            *names: of the blocks, in order.
            changes: lines of the text, and what takes their place.
            **given: what the text takes for granted.
        """
        program = self.program(*names, changes=changes)
        known = {"__name__": "seed", **given}
        exec(compile(program, "+".join(names), "exec"), known)
        return known


def fenced_blocks(words):
    """Find the fenced blocks; one that was left open ends where the next begins."""
    block = None
    for line in words.splitlines(keepends=True):
        fence = line.strip()
        if not fence.startswith("```"):
            if block is not None:
                block += line
        elif block is None or fence != "```":
            if block is not None:
                yield block
            block = ""
        else:
            yield block
            block = None


@pytest.fixture
def words():
    """The words of a document, by the name of its file."""
    return lambda name: (HERE / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture
def text(request, tmp_path, monkeypatch):
    """The document of this test file; its programs run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    module = request.module
    name = Path(module.__file__).stem.removeprefix("test_")
    return Text(name, module.IMPORTS, module.BLOCKS)


@pytest.fixture
def printed(capsys):
    """What was printed since the last call, by lines."""
    return lambda: capsys.readouterr().out.splitlines()


@pytest.fixture
def numbers():
    """Every number in a text, as the text has it."""
    pattern = re.compile(r"(?<![\w.])-?\d+(?:\.\d*)?(?:e[+-]?\d+)?")
    return lambda words: pattern.findall(words)
