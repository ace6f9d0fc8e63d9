"""Count which items of the texts that this project began with are shown by a test.

    python tools/seed_coverage.py [--list]

`tests/seeds/inventory.md` has a row for each item, and a last table of those that no
test shows, with the reason and a place where they are answered. The tests of that
folder name what they show: ``@pytest.mark.seed("T23", "T24")``. Prints the sums, then
every fault: an item that is neither tested nor excused, or both; an id that is not in
the inventory; a test that names items and asserts nothing about them, leaves by a
return, is marked to be skipped or to fail, or has the name of another; a block of a
text that no test runs or reads; an answer in a file that is not there. Returns 1 if
there is one. With ``--list`` each item comes with its tests.

A fixture may skip where something is absent, such as the real MNIST. Then what its
tests show must be shown by another test too, which runs everywhere.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROW = re.compile(r"^\| ([A-Z]\d+) \|")
EXCUSES = "## Not shown by a test"


SKIPPED = {"skip", "skipif", "xfail"}
SKIPPING = {f"pytest.{name}" for name in (*SKIPPED, "importorskip")}
# What runs or reads a block of a text whose name it is given.
READERS = {"text.run", "text.program", "signature", "said"}


class Shown(NamedTuple):
    """A test that names items: where, which, what is wrong, whether it may skip."""

    test: str
    ids: tuple[str, ...]
    faults: tuple[str, ...]
    may_skip: bool


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
    functions = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    ]
    names = [function.name for function in functions]
    skipping = {function.name for function in functions if skips(function)}
    for function in functions:
        marks = list(marks_of(function))
        ids = [
            ast.literal_eval(a) for mark, args in marks if mark == "seed" for a in args
        ]
        if not ids:
            continue
        faults = []
        if not asserts(function):
            faults.append("names items, and asserts nothing")
        if names.count(function.name) > 1:
            faults.append("another test has its name, and only the last one runs")
        if SKIPPED & {mark for mark, _ in marks} or function.name in skipping:
            faults.append("is skipped, or may fail")
        if leaves(function.body):
            faults.append("returns, perhaps before it asserts")
        needs = {argument.arg for argument in function.args.args}
        test = f"{path.name}::{function.name}"
        yield Shown(test, tuple(ids), tuple(faults), bool(needs & skipping))


def marks_of(function: ast.FunctionDef) -> Iterator[tuple[str, list[ast.expr]]]:
    """Find the marks of a test, with what is given to them."""
    for mark in function.decorator_list:
        name, given = ast.unparse(mark), list[ast.expr]()
        if isinstance(mark, ast.Call):
            name, given = ast.unparse(mark.func), mark.args
        if name.startswith("pytest.mark."):
            yield name.removeprefix("pytest.mark."), given


def skips(function: ast.FunctionDef) -> bool:
    """Tell whether a function can skip the test that runs, or let it fail."""
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in SKIPPING
        for statement in function.body
        for node in ast.walk(statement)
    )


def leaves(body: list[ast.stmt]) -> bool:
    """Tell whether there is a return in a test, other than in a function inside."""
    inner = ast.FunctionDef | ast.ClassDef | ast.Lambda
    left: list[ast.AST] = [*body]
    while left:
        node = left.pop()
        if isinstance(node, ast.Return):
            return True
        if not isinstance(node, inner):
            left += ast.iter_child_nodes(node)
    return False


def asserts(test: ast.FunctionDef) -> bool:
    """Tell whether a test can fail by more than an error on the way.

    An assertion without a name in it, such as ``assert True``, is none.
    """
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            if any(isinstance(inner, ast.Name) for inner in ast.walk(node.test)):
                return True
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name.startswith("np.testing.assert_") or name == "pytest.raises":
                return True
    return False


def unused_blocks(path: Path) -> list[str]:
    """Return the blocks of its text that a test file names in its table only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "BLOCKS"
    ]
    used = {
        name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for name in blocks_read(function)
    }
    names = [name for table in tables for name in ast.literal_eval(table)]
    return [name for name in names if name not in used]


def blocks_read(function: ast.FunctionDef) -> Iterator[str]:
    """Find the names that are given to what runs or reads a block.

    They stand there themselves, or in the tuple that a loop goes through.
    """
    loops = {
        ast.unparse(node.target): node.iter
        for node in ast.walk(function)
        if isinstance(node, ast.For)
    }
    for node in ast.walk(function):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS:
            given = node.args
        elif isinstance(node, ast.Subscript) and (
            ast.unparse(node.value) == "text.blocks"
        ):
            given = [node.slice]
        for argument in given:
            for inner in ast.walk(loops.get(ast.unparse(argument), argument)):
                if isinstance(inner, ast.Constant):
                    yield str(inner.value)


def coverage(root: Path) -> Coverage:
    """Compare the inventory with the tests beside it."""
    folder = root / "tests" / "seeds"
    inventory, _, excuses = (
        (folder / "inventory.md").read_text(encoding="utf-8").partition(EXCUSES)
    )
    items = [name for name, _ in rows(inventory)]
    excused = [name for name, _ in rows(excuses)]
    tests: dict[str, list[str]] = {}
    everywhere: set[str] = set()
    faults = [f"{n}: stands twice" for n in items if items.count(n) > 1]
    for path in sorted(folder.glob("test_*.py")):
        for shown in tests_of(path):
            for name in shown.ids:
                tests.setdefault(name, []).append(shown.test)
                if not shown.may_skip:
                    everywhere.add(name)
            faults += [f"{shown.test}: {fault}" for fault in shown.faults]
        faults += [
            f"{path.name}: no test uses the block {block!r} of its text"
            for block in unused_blocks(path)
        ]
    for name in sorted({*tests, *excused} - set(items)):
        faults.append(f"{name}: no such item; see tests/seeds/inventory.md")
    for name in items:
        if name not in tests and name not in excused:
            faults.append(f"{name}: neither tested nor excused")
        if name in tests and name not in everywhere:
            faults.append(f"{name}: no test shows it that runs everywhere")
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
