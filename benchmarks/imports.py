"""What an import costs: its time in a fresh process, and the files on the disk.

    python benchmarks/imports.py            # what is installed; a minute
    python benchmarks/imports.py --quick    # only to see that it works

All are imported in turn, each time by a new process of Python, whose own time (that of
one which imports nothing) is taken off; a ratio is the median over the rounds of one
round's ratio to NumPy. The size is that of the installed files of a distribution and of
everything that it requires, without compiled bytecode, which not every installer makes.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import pkgutil
import re
import statistics
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]  # python -I leaves it out

from workloads import FRAMEWORKS, OURS, available  # noqa: E402

PACKAGES = HERE.parent / "packages"
ROUNDS = 9


@dataclass
class Import:
    """What the import of something costs.

    Attributes:
        rounds: seconds beyond an empty process, one for each round.
        size: of the installed files, in bytes, with everything that is required.
    """

    rounds: list[float] = field(default_factory=list)
    size: int = 0


def main() -> None:
    """Measure what is installed, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only see that it works")
    show(measure_imports(subjects(), rounds=1 if parser.parse_args().quick else ROUNDS))


def subjects(only: list[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Return the modules to import, by what they are called; NumPy is the first."""
    ours = sorted(
        f"pebblegrad.{module.name}"
        for module in pkgutil.iter_modules(importlib.import_module(OURS).__path__)
    )
    chosen = {"numpy": ("numpy",)}
    for module in ("pebblegrad.autograd", "pebblegrad.nn", "pebblegrad.scalar"):
        if module in ours:
            chosen[module] = (module,)
    chosen["pebblegrad, all of it"] = tuple(ours)
    for name, framework in FRAMEWORKS.items():
        modules = framework.modules
        new = name not in (OURS, "scalar") and modules not in chosen.values()
        if new and available(name) and (not only or name in only):
            chosen[" and ".join(modules)] = modules
    return chosen


def measure_imports(
    chosen: dict[str, tuple[str, ...]], rounds: int = ROUNDS
) -> dict[str, Import]:
    """Import all in turn, `rounds` times, and weigh what is installed.

    Raises:
        RuntimeError: if an import of ours fails; another framework is left out.
    """
    results = {}
    for name, modules in chosen.items():
        try:
            seconds_to_import(modules)  # bytecode is compiled, files are in the cache
        except RuntimeError as error:
            if name.startswith(("numpy", OURS)):
                raise
            print(f"\nimport: without {name}: {error}")
            continue
        results[name] = Import(size=sum(installed(modules).values()))
    for _ in range(rounds):
        nothing = seconds_to_import(())
        for name, result in results.items():
            # A clock that jumps must not make a time of nothing, or less.
            seconds = max(seconds_to_import(chosen[name]) - nothing, 1e-6)
            result.rounds.append(seconds)
    return results


def seconds_to_import(modules: tuple[str, ...]) -> float:
    """Return what a process of Python takes that imports modules and ends."""
    program = f"import {', '.join(modules)}" if modules else "pass"
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True
    )
    seconds = time.perf_counter() - started
    if run.returncode:
        print(run.stderr, file=sys.stderr)
        raise RuntimeError(
            f"imports: {program!r} ended with {run.returncode}; 0 was needed; see what "
            "it wrote above"
        )
    return seconds


def installed(modules: tuple[str, ...]) -> dict[str, int]:
    """Return the bytes of each distribution that the modules need, by its name."""
    found: dict[str, int] = {}
    waiting = [distribution_of(module) for module in modules]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name], requirements = weigh(name)
            waiting += names_of(requirements)
    return found


def distribution_of(module: str) -> str:
    """Return the name of the distribution that holds a module.

    Raises:
        RuntimeError: if there is none.
    """
    for name, folder in checkouts().items():
        if (folder / "src" / module.replace(".", "/")).is_dir():
            return name
    candidates = importlib.metadata.packages_distributions().get(
        module.partition(".")[0], []
    )
    start = module.replace(".", "/") + "/"
    for name in candidates:
        files = importlib.metadata.files(name) or []
        if any(file.as_posix().startswith(start) for file in files):
            return normal(name)
    raise RuntimeError(
        f"imports: no distribution says that it installed {module}; one was needed to "
        "tell its size"
    )


def checkouts() -> dict[str, Path]:
    """Return the packages that Python takes from this checkout, not from wheels."""
    found = {}
    for toml in PACKAGES.glob("*/pyproject.toml"):
        (module,) = (path.parent.name for path in toml.parent.glob("src/*/*/py.typed"))
        spec = importlib.util.find_spec(f"{OURS}.{module}")
        if spec and spec.origin and toml.parent in Path(spec.origin).resolve().parents:
            project = tomllib.loads(toml.read_text("utf-8"))["project"]
            found[normal(project["name"])] = toml.parent
    return found


def weigh(name: str) -> tuple[int, list[str]]:
    """Return the bytes of the files of one distribution, and what it requires."""
    if folder := checkouts().get(name):
        toml = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
        paths = [path for path in (folder / "src").rglob("*") if path.is_file()]
        requirements = toml["project"]["dependencies"]
    else:
        distribution = importlib.metadata.distribution(name)
        paths = [Path(str(file.locate())) for file in distribution.files or []]
        requirements = distribution.requires or []
    return sum(size_of(path) for path in paths), requirements


def size_of(path: Path) -> int:
    """Return the bytes of a file; 0 for bytecode, and for what is gone."""
    if "__pycache__" in path.parts or not path.is_file():
        return 0
    return path.stat().st_size


def names_of(requirements: list[str]) -> list[str]:
    """Return the names in requirements that hold here: not those of extras.

    A requirement may hold only for some systems or releases of Python: it counts where
    it is installed.
    """
    names = []
    for requirement in requirements:
        text, _, condition = requirement.partition(";")
        if "extra" in condition:
            continue
        name = normal(re.match(r"[\w.-]+", text.strip())[0])  # type: ignore[index]
        if not condition or is_installed(name):
            names.append(name)
    return names


def is_installed(name: str) -> bool:
    """Say whether there is a distribution of that name."""
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def normal(name: str) -> str:
    """Return the name of a distribution in the one form of the package index."""
    return re.sub(r"[-_.]+", "-", name).lower()


def show(results: dict[str, Import]) -> None:
    """Print medians, spreads, ratios and sizes."""
    print("\nimport, in a process of its own; size, with all that is required")
    numpy = results["numpy"]
    for name, one in results.items():
        pairs = zip(one.rounds, numpy.rounds, strict=True)
        times = statistics.median(a / b for a, b in pairs)
        print(
            f"  {name:24} {statistics.median(one.rounds) * 1e3:8.1f} ms "
            f"({min(one.rounds) * 1e3:.1f} to {max(one.rounds) * 1e3:.1f})  "
            f"{times:6.2f} x NumPy's time  {one.size / 1e6:8.1f} MB, "
            f"{(one.size - numpy.size) / 1e6:+.2f} to NumPy's",
            flush=True,
        )


if __name__ == "__main__":
    main()
