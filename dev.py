"""Run the tasks of this repository; needs nothing but Python 3.11 or newer.

    python3 dev.py demo --epochs 1    train on MNIST and show what comes out
    python3 dev.py tests              test every package, alone and together
    python3 dev.py -s lint types      any session of noxfile.py, by name

The first run makes an environment for nox in the ignored folder `.dev/`. Nothing is
installed anywhere else, and the caches of the tools stay in that folder too; only data
sets go where `pebblegrad.data` keeps them. Words behind `demo` and `tests` are passed
to the demo and to pytest. With uv on the PATH it is faster; without it, it still runs.
"""
# /// script
# requires-python = ">=3.11"
# ///
# `uv run dev.py` reads the block above and then leaves the repository alone.

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# This file must still parse on Python 3.6, or those who have it never see the sentence.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "dev.py: this is Python {}.{}; 3.11 or newer was needed; run it as python3.11 "
        "dev.py, or get a newer one from python.org".format(*sys.version_info)
    )

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".dev"
ENVIRONMENT = HOME / "nox"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
NOX = "nox>=2026.8"
READY = ENVIRONMENT / "ready.txt"  # written last; says what the environment was made of

TASKS = {
    "demo": ["-s", "demo", "--"],
    "tests": ["-s", "tests", "isolated", "--"],
}
# What would let another Python, or another environment, into ours.
FOREIGN = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "UV_PYTHON",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
)
# Where the tools would else write into the user's home. A variable that is set already
# is respected. XDG_CACHE_HOME is not here: it would move the user's data sets as well.
CACHES = {
    "PIP_CACHE_DIR": "pip",
    "UV_CACHE_DIR": "uv",
    "VIRTUALENV_OVERRIDE_APP_DATA": "virtualenv",
    "PRE_COMMIT_HOME": "pre-commit",
    "MPLCONFIGDIR": "matplotlib",
    "MYPY_CACHE_DIR": "mypy",
    "RUFF_CACHE_DIR": "ruff",
}
# Also unless set already. uv trusts the certificates of the system, as pip does.
DEFAULTS = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_SYSTEM_CERTS": "1"}


def main(arguments: list[str]) -> int:
    """Run one task, or hand the arguments to nox as they are."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    task, *rest = arguments
    if task in TASKS:
        if rest[:1] == ["--"]:
            rest = rest[1:]
        arguments = [*TASKS[task], *rest]
    elif not task.startswith("-"):
        print(
            f"dev.py: there is no task {task!r}; {' or '.join(TASKS)} was needed, or "
            f"options of nox; for a session of noxfile.py say: dev.py -s {task}",
            file=sys.stderr,
        )
        return 2
    environment = surroundings()
    made_of = f"{NOX} {sys.version} {sys.base_prefix}"
    if not (READY.exists() and READY.read_text(encoding="utf-8").endswith(made_of)):
        print("dev.py: preparing .dev/ (once)", file=sys.stderr, flush=True)
        backend = prepare(environment)
        READY.write_text(f"{backend}\n{made_of}", encoding="utf-8")
    backend = READY.read_text(encoding="utf-8").partition("\n")[0]
    command = [str(PYTHON), "-m", "nox", "-f", str(ROOT / "noxfile.py")]
    try:
        return subprocess.call(
            [*command, "--default-venv-backend", backend, *arguments], env=environment
        )
    except KeyboardInterrupt:  # nox has said so already
        return 130


def usage() -> str:
    """Return the text above and the sessions of the noxfile, read without nox."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    sessions = [
        f"    {node.name:<10} {ast.get_docstring(node)}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any("nox.session" in ast.unparse(d) for d in node.decorator_list)
    ]
    return "\n".join([str(__doc__), "Sessions, for dev.py -s:", "", *sessions])


def surroundings() -> dict[str, str]:
    """Return the environment variables for everything that runs from here."""
    kept = {name: os.environ[name] for name in os.environ if name not in FOREIGN}
    caches = {name: str(HOME / "cache" / CACHES[name]) for name in CACHES}
    return caches | DEFAULTS | kept


def prepare(environment: dict[str, str]) -> str:
    """Make an environment with nox in it, by whatever means this machine has.

    Returns:
        What nox shall make its environments with: uv, or virtualenv where uv cannot be
        had or cannot reach the package index that pip reaches.
    """
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)

    def works(*command: object) -> bool:
        words = [str(word) for word in command]
        return not subprocess.run(
            words, env=environment, capture_output=True
        ).returncode

    def run(*command: object, **more: str) -> None:
        words = [str(word) for word in command]
        if subprocess.call(words, env=environment | more):
            sys.exit(f"dev.py: this command failed, see above: {' '.join(words)}")

    uv = shutil.which("uv")
    if uv:
        made = works(
            uv, "venv", "--no-project", "--python", sys.executable, ENVIRONMENT
        )
        if made and works(uv, "pip", "install", "--python", PYTHON, NOX):
            return "uv"
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if importlib.util.find_spec("ensurepip"):
        run(sys.executable, "-m", "venv", ENVIRONMENT)
    elif importlib.util.find_spec("pip"):
        # An externally managed Python allows --target; virtualenv has a pip of its own.
        boot = HOME / "boot"
        shutil.rmtree(boot, ignore_errors=True)
        run(sys.executable, "-m", "pip", "install", "-q", "-t", boot, "virtualenv")
        virtualenv = (sys.executable, "-m", "virtualenv", "-q", ENVIRONMENT)
        run(*virtualenv, PYTHONPATH=str(boot))
        shutil.rmtree(boot)
    else:
        sys.exit(
            "dev.py: this Python has neither pip nor ensurepip, and there is no uv; "
            "one of them was needed; install python3-venv (Debian, Ubuntu) or uv"
        )
    run(PYTHON, "-m", "pip", "install", "-q", NOX)
    # For speed alone. uv does not read the settings of pip, hence the rehearsal.
    works(PYTHON, "-m", "pip", "install", "--only-binary=:all:", "uv")
    rehearsal = ("pip", "install", "--dry-run", "--reinstall", "--python", PYTHON, NOX)
    return "uv" if works(PYTHON, "-m", "uv", *rehearsal) else "virtualenv"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
