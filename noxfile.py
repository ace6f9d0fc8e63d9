"""Every check of the repository, each in a fresh environment of its own.

`python3 dev.py demo` and `python3 dev.py tests` run the two that most people need;
dev.py also brings nox. With nox at hand, `nox --list` shows the rest, and for example
`nox -s lint types` runs two of them. Packages are found by the glob
packages/*/pyproject.toml, so a new folder there needs no edit here. What is tested is
always the wheel, never the sources: the session `wheels` builds them all, and
`dist/pins.txt` ties every sibling to its wheel.

Tests that compare with PyTorch live in `parity/`, apart from all others, because the
others must run without it; those that need a browser live in `browser/`. Set COVER=1 to
measure coverage; `cover` then reports it.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed
from packaging.requirements import Requirement
from packaging.version import Version

nox.needs_version = ">=2026.8"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).parent.resolve()
DIST = ROOT / "dist"
PINS = DIST / "pins.txt"
REPORTS = ROOT / ".dev" / "reports"  # what .ci/run adds up
COVERAGE = ROOT / ".dev" / "coverage"
BROWSER = ROOT / ".dev" / "browser"  # what npm and Playwright fetch
GUIDE = ROOT / ".dev" / "docs"
# One worker a core; coverage would not see into them.
WORKERS = () if "COVER" in os.environ else ("-n", "auto")

HERE: dict[str, Any] = nox.project.load_toml(ROOT / "pyproject.toml")
TOML: dict[str, dict[str, Any]] = {
    path.parent.name: nox.project.load_toml(path)
    for path in sorted(ROOT.glob("packages/*/pyproject.toml"))
}
NAMES = {package: toml["project"]["name"] for package, toml in TOML.items()}
each_package = nox.parametrize("package", list(TOML), ids=list(TOML))


@nox.session(default=False)
def wheels(session: nox.Session) -> None:
    """Build the wheel of every package into dist/ and compare it with its sources."""
    session.install(*{r for t in TOML.values() for r in t["build-system"]["requires"]})
    shutil.rmtree(DIST, ignore_errors=True)
    build = ("python", "-m", "hatchling", "build", "-t", "wheel", "-d", str(DIST))
    for package in TOML:
        with session.chdir(ROOT / "packages" / package):
            try:
                session.run(*build, silent=True)
            except CommandFailed:
                if not needs_compiler(package):
                    raise
                session.warn(
                    f"{NAMES[package]} is left out: it could not be compiled here (gcc "
                    "or clang and Python's headers are needed); all runs on NumPy "
                    "alone, convolutional networks in nearly twice the time"
                )
                continue
        compare_with_sources(session, package)
    lines = [f"{NAMES[package]} @ {wheel(package).as_uri()}\n" for package in built()]
    PINS.write_text("".join(lines), encoding="utf-8")


@nox.session(requires=["wheels"])
@each_package
def isolated(session: nox.Session, package: str) -> None:
    """Test one package with what it declares, and nothing else."""
    skip_unless_built(session, package)
    session.install("-c", str(PINS), NAMES[package])
    # Before pytest, which brings packages that could hide a missing requirement.
    session.run("python", "-I", "tools/import_all.py", *modules(package))
    install_test_tools(session, package)
    test_package(session, package)


@nox.session(requires=["wheels"])
def tests(session: nox.Session) -> None:
    """Test all packages together in one environment, and what only the whole shows."""
    install_all(session)
    install_test_tools(session, *built())
    copies = [copy_tests(session, package) for package in built()]
    pytest(session, "", *copies, ROOT / "tests", *WORKERS)


@nox.session(default=False, requires=["wheels"])
def demo(session: nox.Session) -> None:
    """Train on MNIST with all packages; results appear in outputs/."""
    install_all(session)
    # With -I this folder is not searched for modules: only the wheels are seen.
    session.run("python", "-I", "examples/mnist_mlp.py", *session.posargs)


@nox.session(default=False, requires=["wheels"])
@each_package
def floor(session: nox.Session, package: str) -> None:
    """Test one package with the oldest versions that it declares."""
    skip_unless_built(session, package)
    oldest = TOML[package]["project"]["requires-python"].removeprefix(">=")
    running = "{}.{}".format(*sys.version_info)
    if running != oldest:
        session.skip(f"old releases have wheels for Python {oldest}, this is {running}")
    pins = scratch(session) / "pins.txt"
    pins.write_text("".join(oldest_pins(session, package)), encoding="utf-8")
    session.install("-c", str(pins), NAMES[package])
    install_test_tools(session, package, pins=pins)
    # An old release may well warn about a newer one beside it: not ours to mend.
    test_package(session, package, "-W", "default")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, and that packages declare what they import."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tools/check_packages.py")


@nox.session
def types(session: nox.Session) -> None:
    """Check the annotations of all sources with mypy --strict."""
    session.install(*group("types"), *third_party())
    sources = [str(ROOT / "packages" / package / "src") for package in TOML]
    session.run("mypy", *sources, env={"MYPYPATH": os.pathsep.join(sources)})


@nox.session(default=False)
def cover(session: nox.Session) -> None:
    """Report the coverage of what ran with COVER=1, all environments in one."""
    session.install(*group("cover"))
    found = sorted(COVERAGE.glob("data.*"))
    if not found:
        session.error(
            "cover: no measurements in .dev/coverage; some were needed; first run "
            "COVER=1 python3 dev.py -s tests isolated"
        )
    settings = COVERAGE / "paths.ini"
    settings.write_text(coverage_paths(), encoding="utf-8")
    data = f"--data-file={COVERAGE / 'data'}"
    session.run("coverage", "combine", f"--rcfile={settings}", data, *map(str, found))
    session.run("coverage", "report", data, *session.posargs)


@nox.session(default=False, requires=["wheels"])
def names(session: nox.Session) -> None:
    """Write tests/public_names.txt anew, after a public name came or went."""
    install_all(session)
    listed = session.run("python", "-I", "tools/public_names.py", silent=True)
    (ROOT / "tests" / "public_names.txt").write_text(str(listed), encoding="utf-8")


@nox.session(default=False, venv_backend="virtualenv", requires=["wheels"])
def parity(session: nox.Session) -> None:
    """Compare with PyTorch: run parity/ beside a real torch, which pip must find."""
    install_all(session, *group("test"), *group("parity"))
    pytest(session, "", ROOT / "parity")  # in one process: it counts comparisons


@nox.session(default=False, requires=["wheels"])
def fuzz(session: nox.Session) -> None:
    """Give damaged and hostile files to every reader of data, for ten minutes."""
    session.install("-c", str(PINS), NAMES["data"])
    install_test_tools(session, "data")
    session.env["PEBBLEGRAD_FUZZ_SECONDS"] = os.environ.get(
        "PEBBLEGRAD_FUZZ_SECONDS", "600"
    )
    pytest(session, "", copy_tests(session, "data") / "test_fuzz.py")


@nox.session(default=False, requires=["wheels"])
def tensorflow(session: nox.Session) -> None:
    """Read MNIST through a real TensorFlow, and run the benchmark beside Keras."""
    name = f"{NAMES['data']}[tensorflow]"
    install_all(session, name, *group("test"))
    pytest(session, "", ROOT / "tensorflow_tests")


@nox.session(default=False, requires=["wheels"])
def reporters(session: nox.Session) -> None:
    """Test the loggers beside the real TensorBoard, Weights & Biases and MLflow."""
    name = f"{NAMES['loggers']}[wandb,mlflow]"
    needs = group("test") + group("test_extras", "loggers")
    session.install("-c", str(PINS), name, *needs)
    # Their warnings are theirs.
    folder = ROOT / "packages" / "loggers" / "tests_extras"
    pytest(session, "", folder, "-W", "default")


@nox.session(default=False, requires=["wheels"])
def browser(session: nox.Session) -> None:
    """Drive the backward explorer's page in Chromium; needs npm, for axe-core.

    Chromium is the system's (Debian: apt install chromium), or else Playwright's own.
    """
    session.install("-c", str(PINS), NAMES["viz"], *group("test"), *group("browser"))
    session.env["PLAYWRIGHT_BROWSERS_PATH"] = str(BROWSER / "playwright")
    if not (os.environ.get("PEBBLEGRAD_CHROMIUM") or shutil.which("chromium")):
        session.run("playwright", "install", "chromium")
    if not shutil.which("npm"):
        session.error(
            "browser: there is no npm; it was needed to fetch axe-core, which looks "
            "for faults of accessibility; install Node.js (Debian: apt install npm)"
        )
    npm = ("npm", "install", "--no-save", "--no-audit", "--no-fund")
    session.run(*npm, "--prefix", str(BROWSER), "axe-core@4.14.1", external=True)
    axe = BROWSER / "node_modules" / "axe-core" / "axe.min.js"
    session.env["PEBBLEGRAD_AXE"] = str(axe)
    pytest(session, "", ROOT / "browser")


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Change the formulas of autograd-core one by one: a test must fail each time.

    Takes about an hour; name files of ops/ to do only these.
    """
    session.install(*third_party(), *group("test"), *group("mutants"))
    session.install(*group("test", "autograd-core"))
    work = scratch(session)
    session.run("python", "tools/mutants.py", str(work), *session.posargs)


@nox.session(default=False, requires=["wheels"])
def docs(session: nox.Session) -> None:
    """Build the guide into .dev/docs/html: every cell runs, and a warning stops it."""
    install_all(session, *group("docs"))
    shutil.rmtree(GUIDE, ignore_errors=True)  # else only pages that changed would run
    options = ["-W", "--keep-going", "-q", "-j", "auto", "-d", str(GUIDE / "doctrees")]
    folders = [str(ROOT / "docs"), str(GUIDE / "html")]
    # A home of their own keeps the notebooks from people's kernels and start-up files.
    env = test_environment(scratch(session)) | {"MPLBACKEND": None}
    session.run("python", "-I", "-m", "sphinx", *options, *folders, env=env)
    session.log(f"read it at {(GUIDE / 'html' / 'index.html').as_uri()}")


@nox.session(default=False, requires=["wheels"])
@nox.parametrize("what", ["address", "thread"], ids=["address", "thread"])
def sanitize(session: nox.Session, what: str) -> None:
    """Run the kernels' tests with GCC's sanitizers of memory or of threads."""
    flags = {"address": "address,undefined", "thread": "thread"}[what]
    library = {"address": "libasan.so", "thread": "libtsan.so"}[what]
    session.env["PEBBLEGRAD_CFLAGS"] = (
        f"-fsanitize={flags} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1"
    )
    compile_kernels(session)
    ask = ("gcc", f"-print-file-name={library}")
    found = session.run(*ask, silent=True, external=True)
    copy = copy_tests(session, "kernels")
    not_ours = f"suppressions={copy / 'not_ours.supp'}"
    session.env.update(
        {
            "LD_PRELOAD": str(found).strip(),
            "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
            "TSAN_OPTIONS": f"halt_on_error=1:die_after_fork=0:{not_ours}",
        }
    )
    pytest(session, "", copy)


@nox.session(default=False, requires=["wheels"])
def clang(session: nox.Session) -> None:
    """Run the kernels' tests with what Clang makes of them, which must not warn."""
    session.env.update({"CC": "clang", "PEBBLEGRAD_CFLAGS": "-Werror"})
    compile_kernels(session)
    pytest(session, "", copy_tests(session, "kernels"), *WORKERS)


@nox.session(default=False, venv_backend="virtualenv", requires=["wheels"])
def bench(session: nox.Session) -> None:
    """Time the same work here, by hand and in every peer; `-- --quick` tries it."""
    install_all(session, *group("bench"))
    session.run("python", "-I", "benchmarks/run.py", *session.posargs)


def scratch(session: nox.Session) -> Path:
    """Return the folder for temporary files of a session."""
    return Path(session.create_tmp()).resolve()


def wheel(package: str) -> Path:
    """Return the wheel of a package in dist/."""
    (found,) = wheels_of(package)
    return found


def wheels_of(package: str) -> Iterator[Path]:
    """Yield what wheels of a package are in dist/: one, or none if it is not built."""
    return DIST.glob(NAMES[package].replace("-", "_") + "-*.whl")


def modules(package: str) -> list[str]:
    """Return the modules `pebblegrad.x` that a package owns."""
    inside = (ROOT / "packages" / package / "src" / "pebblegrad").glob("*/__init__.py")
    return sorted(f"pebblegrad.{path.parent.name}" for path in inside)


def needs_compiler(package: str) -> bool:
    """Return whether a package has a part that is compiled."""
    ours: dict[str, Any] = TOML[package]["tool"].get("pebblegrad", {})
    return bool(ours.get("needs-compiler"))


def built() -> list[str]:
    """Return the packages that have a wheel: some need a C compiler to get one."""
    return [package for package in TOML if list(wheels_of(package))]


def install_all(session: nox.Session, *more: str) -> None:
    """Install the wheels of all packages, and what is needed besides."""
    session.install("-c", str(PINS), *(NAMES[package] for package in built()), *more)


def skip_unless_built(session: nox.Session, package: str) -> None:
    """Skip what cannot be built; .ci/run counts that as a fault."""
    if package not in built():
        session.skip(f"{NAMES[package]} needs a C compiler, and there is none here")


def compare_with_sources(session: nox.Session, package: str) -> None:
    """Stop when a wheel lacks a file of src/: hatchling obeys .gitignore.

    Compiled files are not compared: those in src/ are for who works on them.
    """
    compiled = {".pyc", ".so", ".pyd"}
    source = ROOT / "packages" / package / "src"
    with zipfile.ZipFile(wheel(package)) as archive:
        names = [n for n in archive.namelist() if ".dist-info/" not in n]
    shipped = {n for n in names if Path(n).suffix not in compiled}
    files = [f for f in source.rglob("*") if f.is_file() and f.suffix not in compiled]
    different = {f.relative_to(source).as_posix() for f in files} ^ shipped
    if different:
        session.error(
            f"{wheel(package).name}: differs from src/ in {sorted(different)}; the "
            "same files were needed; anchor the pattern in .gitignore that hides them"
        )


def group(name: str, package: str | None = None) -> list[str]:
    """Return a dependency group of the repository, or of one package."""
    toml = TOML[package] if package else HERE
    return list(nox.project.dependency_groups(toml, name))


def third_party() -> list[str]:
    """Return every requirement of a package that is not one of ours."""
    needs = {n for toml in TOML.values() for n in toml["project"]["dependencies"]}
    return sorted(n for n in needs if Requirement(n).name not in NAMES.values())


def install_test_tools(session: nox.Session, *packages: str, pins: Path = PINS) -> None:
    """Install pytest and what the tests of these packages need besides."""
    needs = group("test") + (group("cover") if "COVER" in os.environ else [])
    for package in packages:
        needs += group("test", package)
    session.install("-c", str(pins), *needs)


def compile_kernels(session: nox.Session) -> None:
    """Compile the kernels as the environment says, and install what tests them."""
    session.install("-c", str(PINS), NAMES["nn"], NAMES["optim"])
    install_test_tools(session, "kernels")
    session.install(*TOML["kernels"]["build-system"]["requires"])
    session.install("--no-build-isolation", "--no-deps", "packages/kernels")


def copy_tests(session: nox.Session, package: str) -> Path:
    """Copy the tests of a package away from its sources, and return the copy."""
    copy = scratch(session) / package
    shutil.rmtree(copy, ignore_errors=True)
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "packages" / package / "tests", copy, ignore=skip)
    return copy


def test_package(session: nox.Session, package: str, *options: str) -> None:
    """Run the tests of one package, then the examples in its docstrings."""
    pytest(session, "", copy_tests(session, package), *WORKERS, *options)
    examples = ("--doctest-modules", "--pyargs", *modules(package))
    pytest(session, " doctests", *examples, *options, may_be_empty=True)


def pytest(
    session: nox.Session, part: str, *arguments: str | Path, may_be_empty: bool = False
) -> None:
    """Run pytest with our settings, in a folder from which nothing of ours is seen."""
    folder = scratch(session)
    shutil.copy(ROOT / "pyproject.toml", folder)
    command = [
        "-m",
        "pytest",
        f"--rootdir={folder}",
        "-c",
        str(folder / "pyproject.toml"),
    ]
    command += [
        "-p",
        "no:cacheprovider",
        "-o",
        f"junit_suite_name={session.name}{part}",
    ]
    command += [f"--junit-xml={REPORTS / f'{session.name}{part}.xml'}"]
    if "COVER" in os.environ:
        COVERAGE.mkdir(parents=True, exist_ok=True)
        settings = [
            f"--rcfile={ROOT / 'pyproject.toml'}",
            f"--data-file={COVERAGE / 'data'}",
        ]
        command = ["-m", "coverage", "run", *settings, *command]
    # 5 is pytest's word for "no tests": an error, unless a choice like -k made it so.
    codes = [0, 5] if may_be_empty or session.posargs else [0]
    with session.chdir(folder):
        session.run(
            "python",
            "-I",
            *command,
            *map(str, arguments),
            *session.posargs,
            env=test_environment(folder),
            success_codes=codes,
        )


def test_environment(folder: Path) -> dict[str, str | None]:
    """Return the variables for tests: a home of their own, and MNIST if it is near.

    Tests that read the real MNIST look into the folder PEBBLEGRAD_TEST_MNIST, and say
    so when they skip. A folder shared/data/mnist beside this checkout is found alone.
    """
    home = folder / "home"
    home.mkdir(exist_ok=True)
    variables: dict[str, str | None] = {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home),
        "XDG_CACHE_HOME": None,
        "PEBBLEGRAD_DATA": None,
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",  # the workers share the cores
    }
    mnist = ROOT.parent / "shared" / "data" / "mnist"
    if mnist.is_dir():
        variables["PEBBLEGRAD_TEST_MNIST"] = os.environ.get(
            "PEBBLEGRAD_TEST_MNIST", str(mnist)
        )
    return variables


def coverage_paths() -> str:
    """Return settings that tell coverage which installed folder is which source."""
    lines = ["[paths]"]
    for package in TOML:
        for module in modules(package):
            inside = module.replace(".", "/")
            lines += [f"{package}-{module} =", f"    packages/{package}/src/{inside}"]
            lines += [f"    */site-packages/{inside}"]
    return "\n".join(lines) + "\n"


def oldest_pins(session: nox.Session, package: str) -> list[str]:
    """Return pins of what a package requires, each at the oldest version it allows."""
    pins = {NAMES[folder]: f"@ {wheel(folder).as_uri()}" for folder in built()}
    folders = {name: folder for folder, name in NAMES.items()}
    for need in map(Requirement, TOML[package]["project"]["dependencies"]):
        if need.name not in folders:
            (low,) = (s.version for s in need.specifier if s.operator == ">=")
            pins[need.name] = f"== {low}"
        elif tag := oldest_tag(folders[need.name], need):
            source = source_at(session, folders[need.name], tag)
            pins[need.name] = f"@ {source.as_uri()}"
    return [f"{name} {version}\n" for name, version in pins.items()]


def oldest_tag(package: str, need: Requirement) -> str | None:
    """Return the oldest tag such as nn-v0.1.0 that a requirement allows, if any."""
    command = ["git", "-C", str(ROOT), "tag", "--list", f"{package}-v*"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    versions = [Version(t.rpartition("-v")[2]) for t in listed.stdout.split()]
    fitting = sorted(v for v in versions if v in need.specifier)
    return f"{package}-v{fitting[0]}" if fitting else None


def source_at(session: nox.Session, package: str, tag: str) -> Path:
    """Return the folder of a package as it was at a tag; pip builds it from there."""
    folder = scratch(session) / tag
    folder.mkdir(exist_ok=True)
    archive, path = folder / "sources.zip", f"packages/{package}"
    git = ("git", "-C", str(ROOT), "archive", "-o", str(archive), tag, path)
    session.run(*git, external=True)
    shutil.unpack_archive(archive, folder)
    return folder / path
