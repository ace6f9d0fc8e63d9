"""Change the formulas of autograd-core one by one, and see a test fail each time.

    python tools/mutants.py FOLDER                  # every file of ops/; takes an hour
    python tools/mutants.py FOLDER products scans   # these

cosmic-ray makes the changes, in copies under FOLDER: another operator, another number,
another comparison. A change that no test notices is printed, and is a failure, unless
`tools/equivalent_mutants.txt` says why it changes no number. Of the table of ops only
the rows of the file that is changed are run, besides tests/test_*_ops.py.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkResult

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "packages" / "autograd-core"
OPS = Path("src", "pebblegrad", "autograd", "ops")
ACCEPTED = Path(__file__).with_name("equivalent_mutants.txt")
WITHOUT_FORMULAS = ("__init__", "_axes", "_numpy_forwards", "_operands")
# Whose rows show what a file without rows of its own computes.
ROWS_OF = {"_erf": "exponential", "contraction": "products"}
# For each operator three others are enough, and decorators are declarations.
LEFT_OUT = [
    r"core/ReplaceBinaryOperator_\w+_(RShift|LShift|BitOr|BitAnd|BitXor)",
    r"core/ReplaceBinaryOperator_\w+_(Mod|FloorDiv|Pow)",
    r"core/ReplaceUnaryOperator_USub_(Invert|Not)",
    r"core/ReplaceComparisonOperator_(?!Is)\w+_Is(Not)?$",
    r"core/RemoveDecorator",
    r"core/ExceptionReplacer",
]


def main(folder: str, *families: str) -> int:
    """Mutate each file; return 1 if a mutant survived that is not accepted."""
    all_families = sorted(
        p.stem for p in (PACKAGE / OPS).glob("*.py") if p.stem not in WITHOUT_FORMULAS
    )
    accepted = set(accepted_mutants())
    survivors = killed = 0
    for family in families or all_families:
        unused = {mutant for mutant in accepted if mutant[0] == family}
        for survived, mutant in mutate(Path(folder).resolve(), family):
            unused.discard((family, *mutant))
            if survived and (family, *mutant) not in accepted:
                survivors += 1
                print(f"survived in {family}.py:\n  - {mutant[0]}\n  + {mutant[1]}")
            killed += not survived
        for _, old, new in unused:
            survivors += 1
            print(f"accepted, and not there in {family}.py:\n  - {old}\n  + {new}")
    print(f"mutants: {killed} killed, {survivors} survived without being accepted")
    return 1 if survivors else 0


def mutate(folder: Path, family: str) -> Iterator[tuple[bool, tuple[str, str]]]:
    """Yield for each mutant of a file whether it survived, the old and the new line."""
    work = folder / family
    shutil.rmtree(work, ignore_errors=True)
    skip = shutil.ignore_patterns("__pycache__")
    for name in ("src", "tests"):
        shutil.copytree(PACKAGE / name, work / name, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", work)
    only_rows_of(work / "tests" / "cases" / "__init__.py", family)
    (work / "mutants.toml").write_text(settings(work, family), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(work / "src")}
    tool = str(Path(sys.executable).with_name("cosmic-ray"))
    select = str(Path(sys.executable).with_name("cr-filter-operators"))
    for command in (
        [tool, "baseline", "mutants.toml"],
        [tool, "init", "mutants.toml", "session.sqlite"],
        [select, "session.sqlite", "mutants.toml"],
    ):
        subprocess.run(command, cwd=work, env=environment, check=True)
    skip_messages(work / "session.sqlite", work / OPS / f"{family}.py")
    execute = [tool, "exec", "mutants.toml", "session.sqlite"]
    subprocess.run(execute, cwd=work, env=environment, check=True)
    dumped = subprocess.run(
        [tool, "dump", "session.sqlite"], cwd=work, check=True, capture_output=True
    )
    for line in dumped.stdout.decode().splitlines():
        _, result = json.loads(line)
        outcome = result and result["worker_outcome"]
        if outcome not in ("normal", "skipped"):
            raise RuntimeError(f"a mutant of {family}.py was not run: {line}")
        if outcome == "normal":
            changed = result["diff"].splitlines()
            old = next(x for x in changed if x.startswith("-") and x[:3] != "---")
            new = next(x for x in changed if x.startswith("+") and x[:3] != "+++")
            survived = result["test_outcome"] == "survived"
            yield survived, (old[1:].strip(), new[1:].strip())


def skip_messages(session: Path, source: Path) -> None:
    """Leave out what changes no number: when and how errors are raised, `/`, `strict`.

    What is refused is the matter of tests/test_errors.py, which does not run here.
    """
    words: set[int] = set()
    signatures: set[int] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        decorators = getattr(node, "decorator_list", [])
        explains = any(getattr(d, "attr", "") == "explain" for d in decorators)
        refuses = isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise)
        if explains or refuses or isinstance(node, ast.Raise):
            words |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if isinstance(node, ast.FunctionDef):
            signatures |= set(range(node.lineno, node.body[0].lineno))
    lines = source.read_text(encoding="utf-8").splitlines()
    skipped = WorkResult(worker_outcome=WorkerOutcome.SKIPPED)
    with use_db(str(session), WorkDB.Mode.open) as db:
        for item in list(db.pending_work_items):
            change = item.mutations[0]
            is_slash = change.operator_name.startswith("core/ReplaceBinaryOperator_Div")
            line = change.start_pos[0]
            is_strict = (
                change.operator_name == "core/ReplaceTrueWithFalse"
                and "strict=True" in lines[line - 1]
            )
            if line in words or is_strict or (is_slash and line in signatures):
                db.set_result(item.job_id, skipped)


def settings(work: Path, family: str) -> str:
    """Return cosmic-ray's settings for one file."""
    edges = sorted((work / "tests").glob("test_*_ops.py"))
    tests = [f"tests/{name}" for name in ("test_ops.py", "test_creation.py")]
    tests += [path.relative_to(work).as_posix() for path in edges]
    command = (
        f"{sys.executable} -m pytest -x -q -p no:cacheprovider "
        f"--deselect tests/test_ops.py::test_every_op_has_a_case {' '.join(tests)}"
    )
    return f"""[cosmic-ray]
module-path = "{(OPS / family).as_posix()}.py"
timeout = 30.0
excluded-modules = []
test-command = {json.dumps(command)}

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = {json.dumps(LEFT_OUT)}
"""


def only_rows_of(table: Path, family: str) -> None:
    """Cut the table of cases down to the rows of one file."""
    family = ROWS_OF.get(family, family)
    there = table.with_name(f"{family}.py").exists()
    rows = f"from .{family} import CASES" if there else "CASES = []"
    plain = there and "\nPLAIN = [" in table.with_name(f"{family}.py").read_text(
        "utf-8"
    )
    more = f"from .{family} import PLAIN" if plain else "PLAIN = []"
    table.write_text(f"{rows}\n{more}\n", encoding="utf-8")


def accepted_mutants() -> Iterator[tuple[str, str, str]]:
    """Yield file, old line and new line of the mutants that change no number."""
    lines = [
        line.rstrip()
        for line in ACCEPTED.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    for family, old, new in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        yield family.removesuffix(".py"), old[2:].strip(), new[2:].strip()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
