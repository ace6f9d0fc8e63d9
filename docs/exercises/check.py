"""Check an exercise: `python docs/exercises/check.py softsign`.

An exercise is a folder with three files. `exercise.py` is to be written; `check.py`
has functions whose names begin with `check_`, each with one sentence on what must
hold; `solution.py` is one way to do it. Without a name, all exercises are listed with
how far they are; `--solution` checks the solution instead.
"""

import argparse
import importlib.util
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent

# In the order in which they build on one another.
NAMES = (
    "derivative",
    "chain_rule",
    "scalar_op",
    "unbroadcast",
    "custom_op",
    "cross_entropy",
    "layer",
    "convolution",
    "attention",
    "optimizer",
    "schedule",
    "clipping",
    "newton",
    "logger",
)


@dataclass
class Outcome:
    """What one check found.

    Attributes:
        sentence: what must hold.
        problem: why it does not, or None.
    """

    sentence: str
    problem: str | None


def load(path: Path) -> ModuleType:
    """Return a file as a module of its own, read anew."""
    name = f"{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name: str, path: Path) -> list[Outcome]:
    """Check a file against an exercise's checks.

    Args:
        name: of the exercise.
        path: the file, `exercise.py` or another that has the same names.
    """
    checks = load(FOLDER / name / "check.py")
    try:
        written = load(path)
    except Exception as error:
        return [Outcome("the file can be imported", in_words(error, path))]
    outcomes = []
    for key, check in vars(checks).items():
        own = getattr(check, "__module__", None) == checks.__name__
        if own and key.startswith("check_"):
            try:
                check(written)
                problem = None
            except Exception as error:
                problem = in_words(error, path)
            outcomes.append(Outcome(check.__doc__.strip().rstrip("."), problem))
    return outcomes


def in_words(error: Exception, path: Path) -> str:
    """Return what went wrong, and in which line of the learner's file."""
    if isinstance(error, NotImplementedError):
        return f"not written yet: {error}"
    if isinstance(error, AssertionError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"{path.name}, line {error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename) == path]
    where = f"{path.name}, line {own[-1].lineno}: " if own else ""
    return f"{where}{type(error).__name__}: {error}"


def show(name: str, path: Path) -> bool:
    """Print what holds and what does not; return whether all does."""
    outcomes = run(name, path)
    good = sum(outcome.problem is None for outcome in outcomes)
    for outcome in outcomes:
        print(f"  {'ok ' if outcome.problem is None else 'NOT'}  {outcome.sentence}")
        if outcome.problem is not None:
            indented = outcome.problem.replace("\n", "\n       ")
            print(f"       {indented}")
    if good == len(outcomes):
        after = NAMES.index(name) + 1
        print(f"{name}: done." + (f" Next: {NAMES[after]}" if NAMES[after:] else ""))
        return True
    print(f"{name}: {good} of {len(outcomes)} hold. The file to write: {path}")
    return False


def show_all(file: str) -> None:
    """Print one line for each exercise."""
    for name in NAMES:
        outcomes = run(name, FOLDER / name / file)
        good = sum(outcome.problem is None for outcome in outcomes)
        print(f"{name:15} {good} of {len(outcomes)}")


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description="Check an exercise of the guide.")
    parser.add_argument("name", nargs="?", choices=NAMES, help="none: list them all")
    parser.add_argument("--solution", action="store_true", help="check solution.py")
    given = parser.parse_args(arguments)
    file = "solution.py" if given.solution else "exercise.py"
    if given.name is None:
        show_all(file)
        return 0
    return 0 if show(given.name, FOLDER / given.name / file) else 1


if __name__ == "__main__":
    sys.exit(main())
