"""Check that every package declares what it imports, and that imports go downward.

The rules are those of docs/decisions/0001: `pebblegrad` is a namespace that several
distributions fill, one folder in `packages/` each. Tests in one environment cannot see
most mistakes, because whatever one package forgets another one brings. So this script
reads the sources instead of running them: every import, lazy ones and those for type
checkers too, must be declared by that very package.

Run it with `python tools/check_packages.py`; it needs nothing but the standard library.
"""

import ast
import graphlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

NAMESPACE = "pebblegrad"
# Imports that are called otherwise than the distribution that brings them.
DISTRIBUTIONS = {"PIL": "pillow", "mpl_toolkits": "matplotlib"}


class Package(NamedTuple):
    """A folder in `packages/` and what its pyproject.toml says."""

    folder: Path
    toml: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.toml.get("project", {}).get("name", self.folder.name))

    @property
    def version(self) -> str:
        return str(self.toml.get("project", {}).get("version", ""))

    @property
    def required(self) -> dict[str, str]:
        """Requirements of the package itself, as {distribution: versions}."""
        return _requirements(self.toml.get("project", {}).get("dependencies", []))

    @property
    def optional(self) -> dict[str, str]:
        """Requirements of all its extras."""
        extras = self.toml.get("project", {}).get("optional-dependencies", {})
        return _requirements([line for lines in extras.values() for line in lines])

    @property
    def for_tests(self) -> dict[str, str]:
        """Requirements of its tests alone."""
        return _requirements(self.toml.get("dependency-groups", {}).get("test", []))

    @property
    def units(self) -> list[Path]:
        """The modules `pebblegrad.x` that the package owns."""
        inside = (self.folder / "src" / NAMESPACE).glob("*")
        return sorted(
            path
            for path in inside
            if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
        )


class Import(NamedTuple):
    """One imported unit: `pebblegrad.x`, or the first part of any other name."""

    unit: str
    file: Path
    line: int


def check(root: Path) -> list[str]:
    """Return one sentence for each fault of the packages under `root`."""
    packages = [
        Package(path.parent, tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(root.glob("packages/*/pyproject.toml"))
    ]
    if not packages:
        return [f"{root}: no packages/*/pyproject.toml; at least one was needed"]
    shared = root / "pyproject.toml"
    groups = (
        tomllib.loads(shared.read_text(encoding="utf-8")) if shared.exists() else {}
    )
    tools = _requirements(groups.get("dependency-groups", {}).get("test", []))
    owners: dict[str, list[str]] = {}
    for package in packages:
        for unit in package.units:
            owners.setdefault(f"{NAMESPACE}.{unit.stem}", []).append(package.name)
    faults = [*_shared_units(owners), *_cycle(packages)]
    for package in packages:
        faults += _layout(package)
        faults += _imports(package, owners, tools, root)
        faults += _ranges(package, packages)
    return faults


def _requirements(lines: list[Any]) -> dict[str, str]:
    """Read `["numpy>=2.0", "x[a]>=1; marker"]` as {"numpy": ">=2.0", "x": ">=1"}."""
    found = {}
    for line in lines:
        if isinstance(line, str):  # a group may also include another one
            match = re.match(r"\s*([\w.-]+)\s*(?:\[[^]]*\])?\s*([^;]*)", line)
            assert match, line
            found[_normal(match[1])] = match[2].strip()
    return found


def _normal(name: str) -> str:
    """Return the one spelling by which distributions are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _shared_units(owners: dict[str, list[str]]) -> Iterator[str]:
    """Each module of the namespace belongs to one package."""
    for unit, names in owners.items():
        if len(names) > 1:
            yield (
                f"{unit}: in {' and '.join(sorted(names))}; one owner was needed; "
                "rename one of them"
            )


def _cycle(packages: list[Package]) -> Iterator[str]:
    """Declared requirements between siblings go one way."""
    names = {package.name for package in packages}
    graph = {package.name: names & package.required.keys() for package in packages}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield (
            f"packages: {' needs '.join(reversed(error.args[1]))}; no circle was "
            "needed; move what both use into a package below them"
        )


def _layout(package: Package) -> Iterator[str]:
    """The files and settings without which a wheel is wrong, and does not say so."""
    project, name = package.toml.get("project", {}), package.name
    if name != f"{NAMESPACE}-{package.folder.name}":
        yield (
            f"{package.folder.name}: the project is called {name}; "
            f"{NAMESPACE}-{package.folder.name} was needed; rename one of the two"
        )
    for key in ("version", "requires-python", "license", "readme", "description"):
        if key not in project:
            yield f"{name}: pyproject.toml has no project.{key}; it was needed; add it"
    for file in ("README.md", "CHANGELOG.md", "LICENSE"):
        if not (package.folder / file).is_file():
            yield f"{name}: there is no {file}; it was needed; write it"
    targets = package.toml.get("tool", {}).get("hatch", {}).get("build", {})
    shipped = targets.get("targets", {}).get("wheel", {}).get("packages")
    if shipped != [f"src/{NAMESPACE}"]:
        yield (
            f'{name}: the wheel ships packages = {shipped}; ["src/{NAMESPACE}"] was '
            "needed, or its modules land outside the namespace"
        )
    if (package.folder / "src" / NAMESPACE / "__init__.py").exists():
        yield (
            f"{name}: src/{NAMESPACE}/__init__.py exists; the namespace has none; "
            "remove it, or editable installs lose every other package"
        )
    for path in sorted((package.folder / "src").glob("*")):
        if path.name != NAMESPACE:
            yield (
                f"{name}: src/{path.name} exists; only src/{NAMESPACE} was needed; "
                "move it, or the wheel leaves it out"
            )
    if not package.units:
        yield f"{name}: src/{NAMESPACE} holds no module; one was needed; add it"
    for unit in package.units:
        if not (unit / "py.typed").is_file():
            yield (
                f"{name}: {NAMESPACE}/{unit.name} has no py.typed; it was needed; add "
                "the empty file, or type checkers ignore our annotations"
            )
    if (package.folder / "tests" / "__init__.py").exists():
        yield (
            f"{name}: tests/__init__.py exists; tests have none; remove it, or pytest "
            "mixes up the tests of two packages"
        )


def _imports(
    package: Package, owners: dict[str, list[str]], tools: dict[str, str], root: Path
) -> Iterator[str]:
    """What is imported is declared, and what is declared is imported."""
    declared = package.required | package.optional
    testing = declared | package.for_tests | tools
    used = set()
    for found in _find_imports(package.folder / "src"):
        name = _distribution(found.unit, owners)
        used.add(name)
        if name not in declared and name != package.name:
            yield _undeclared(package, found, owners, "project.dependencies", root)
    for found in _find_imports(package.folder / "tests"):
        name = _distribution(found.unit, owners)
        if name not in testing and name != package.name:
            yield _undeclared(package, found, owners, "dependency-groups.test", root)
    for name in sorted(declared.keys() - used):
        yield (
            f"{package.name}: {name} is declared and never imported by src; only what "
            "is used was needed; remove it from pyproject.toml"
        )


def _find_imports(folder: Path) -> Iterator[Import]:
    """Find what the files of a folder import, other than the standard library."""
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
        for node in ast.walk(tree):
            for name in _imported_names(node):
                parts = name.split(".")
                if parts[0] not in sys.stdlib_module_names:
                    unit = ".".join(parts[:2]) if parts[0] == NAMESPACE else parts[0]
                    yield Import(unit, file, getattr(node, "lineno", 1))


def _imported_names(node: ast.AST) -> list[str]:
    """Return the full names of what one statement or call imports."""
    match node:
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases]
        case ast.ImportFrom(module=module, names=aliases, level=0):
            if module == NAMESPACE:
                return [f"{NAMESPACE}.{alias.name}" for alias in aliases]
            return [str(module)]
        case ast.Call(
            func=ast.Name("import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(str(name)), *_],
        ) if not name.startswith("."):
            return [name]
    return []


def _distribution(unit: str, owners: dict[str, list[str]]) -> str:
    """Return the distribution that brings an import."""
    if unit in owners:
        return owners[unit][0]
    return _normal(DISTRIBUTIONS.get(unit, unit))


def _undeclared(
    package: Package,
    found: Import,
    owners: dict[str, list[str]],
    where: str,
    root: Path,
) -> str:
    place = f"{found.file.relative_to(root).as_posix()}:{found.line}"
    name = _distribution(found.unit, owners)
    if found.unit.startswith(NAMESPACE) and found.unit not in owners:
        return (
            f"{package.name}: {place} imports {found.unit}; a module that some package "
            "owns was needed; look at packages/*/src"
        )
    return (
        f"{package.name}: {place} imports {found.unit}; what is imported must be "
        f"declared; add {name} to {where}, or import from below only"
    )


def _ranges(package: Package, packages: list[Package]) -> Iterator[str]:
    """Every requirement has a lower bound; siblings also an upper one, met today."""
    siblings = {sibling.name: sibling for sibling in packages}
    for name, versions in (package.required | package.optional).items():
        low = re.search(r">=\s*([\d.]+)", versions)
        high = re.search(r"<\s*([\d.]+)", versions)
        if not low:
            yield (
                f"{package.name}: requires {name}{versions}; a lower bound was needed; "
                "write >= and the oldest version that `nox -s floor` passes with"
            )
        if name not in siblings:
            continue
        if not (low and high) or "==" in versions:
            yield (
                f"{package.name}: requires {name}{versions}; a range was needed, such "
                "as >=0.1,<0.2, so that each package is released on its own"
            )
        elif not _number(low[1]) <= _number(siblings[name].version) < _number(high[1]):
            yield (
                f"{package.name}: requires {name}{versions} and {name} is "
                f"{siblings[name].version} now; a range with today's version was "
                "needed; widen it or release one of the two"
            )


def _number(version: str) -> tuple[int, ...]:
    """Return the release part of a version, for comparing: "0.3.0rc1" is (0, 3)."""
    release = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in release[0].split(".")] if release else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def main() -> int:
    """Print the faults; return 1 when there is one."""
    root = Path(__file__).resolve().parents[1]
    faults = check(root)
    print(*faults, sep="\n", end="\n" if faults else "")
    count = len(list(root.glob("packages/*/pyproject.toml")))
    print(f"{count} packages, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
