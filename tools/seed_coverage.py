"""Count which items of the texts that this project began with are shown by a test.

    python tools/seed_coverage.py [--list]

`tests/seeds/inventory.md` has a row for each item, and a last table of those that no
test shows, with the reason and a place where they are answered. The tests of that
folder name what they show: ``@pytest.mark.seed("T23", "T24")``. Prints the sums, then
every fault: an item that is neither tested nor excused, or both; an id that is not in
the inventory; a test that names items and asserts nothing; a block of a text that no
test uses; an answer in a file that is not there. Returns 1 if there is one. With
``--list`` each item comes with its tests.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROW = re.compile(r"^\| ([A-Z]\d+) \|")
EXCUSES = "## Not shown by a test"


class Shown(NamedTuple):
    """A test that names items: where it is, which, and whether it asserts."""

    test: str
    ids: tuple[str, ...]
    asserts: bool


class Coverage(NamedTuple):
    """What was found: the items, who shows them, the excuses, the faults."""

    items: list[str]
    tests: dict[str, list[str]]
    excused: list[str]
    faults: list[str]

    def sentence(self) -> str:
        """Return "3 items: 2 tested, 1 excused, 0 missing (100 %)"."""
        known = set(self.items)
        tested, excused = known & set(self.tests), known & set(self.excused)
        done = len(tested | excused)
        return (
            f"{len(known)} items: {len(tested)} tested, {len(excused - tested)} "
            f"excused, {len(known) - done} missing ({100 * done // len(known)} %)"
        )


def rows(text: str) -> list[tuple[str, str]]:
    """Return the id and the line of each row of the tables in a text."""
    return [(m[1], line) for line in text.splitlines() if (m := ROW.match(line))]


def tests_of(path: Path) -> Iterator[Shown]:
    """Find the tests of a file that are marked with items."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        ids = [
            ast.literal_eval(argument)
            for mark in node.decorator_list
            if isinstance(mark, ast.Call)
            and ast.unparse(mark.func) == "pytest.mark.seed"
            for argument in mark.args
        ]
        if ids:
            yield Shown(f"{path.name}::{node.name}", tuple(ids), asserts(node))


def asserts(test: ast.FunctionDef) -> bool:
    """Tell whether a test can fail by more than an error on the way."""
    calls = (ast.unparse(n.func) for n in ast.walk(test) if isinstance(n, ast.Call))
    return any(isinstance(n, ast.Assert) for n in ast.walk(test)) or any(
        name.startswith("np.testing.assert_") or name == "pytest.raises"
        for name in calls
    )


def unused_blocks(path: Path) -> list[str]:
    """Return the blocks of its text that a test file names in its table only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "BLOCKS"
    ]
    used = {
        node.value
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Constant)
    }
    names = [name for table in tables for name in ast.literal_eval(table)]
    return [name for name in names if name not in used]


def coverage(root: Path) -> Coverage:
    """Compare the inventory with the tests beside it."""
    folder = root / "tests" / "seeds"
    inventory, _, excuses = (
        (folder / "inventory.md").read_text(encoding="utf-8").partition(EXCUSES)
    )
    items = [name for name, _ in rows(inventory)]
    excused = [name for name, _ in rows(excuses)]
    tests: dict[str, list[str]] = {}
    faults = [f"{n}: stands twice" for n in items if items.count(n) > 1]
    for path in sorted(folder.glob("test_*.py")):
        for shown in tests_of(path):
            for name in shown.ids:
                tests.setdefault(name, []).append(shown.test)
            if not shown.asserts:
                faults.append(f"{shown.test}: names items, and asserts nothing")
        faults += [
            f"{path.name}: no test uses the block {block!r} of its text"
            for block in unused_blocks(path)
        ]
    for name in sorted({*tests, *excused} - set(items)):
        faults.append(f"{name}: no such item; see tests/seeds/inventory.md")
    for name in items:
        if name not in tests and name not in excused:
            faults.append(f"{name}: neither tested nor excused")
        if name in tests and name in excused:
            faults.append(f"{name}: excused, and tested by {tests[name][0]}")
    for name, line in rows(excuses):
        places = re.findall(r"`([^`]+)`", line.split(" | ")[-1])
        if not places:
            faults.append(f"{name}: the excuse names no file that answers it")
        for place in places:
            if not (root / place).exists():
                faults.append(f"{name}: its answer should be in {place}; nothing there")
    return Coverage(items, tests, excused, faults)


def main(options: list[str]) -> int:
    """Print the sums and the faults; return 1 when there is a fault."""
    found = coverage(Path(__file__).resolve().parents[1])
    if "--list" in options:
        for name in found.items:
            print(name, *found.tests.get(name, ["excused"]), sep="\n    ")
    print(found.sentence())
    print(*found.faults, sep="\n", end="\n" if found.faults else "")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
