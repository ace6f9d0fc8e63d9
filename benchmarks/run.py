"""The same work on pebblegrad, by hand in NumPy, and on every installed peer.

    python benchmarks/run.py                       # everything; about nine minutes
    python benchmarks/run.py tiny mlp_adam         # some of it
    python benchmarks/run.py --only torch jax      # beside these alone
    python benchmarks/run.py --busy                # also beside a busy core: three more
    python benchmarks/run.py --quick               # only to see that it works
    python benchmarks/run.py --markdown table.md --picture ratios.png

Each framework runs in a process of its own. All start from the same weights and data,
and their losses must agree before anything is timed, in turn (`rounds.py`). What is
compared stands side by side in `workloads/`: a file holds the same work in each
framework. `import` and `growth` are measured by `imports.py` and `growth.py`.

All figures are written after each workload (outputs/benchmarks.json, unless --json
names another file): when one fails the others go on, and Ctrl-C leaves what is done.
`tell.py` makes tables and the picture of such a file again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]  # python -I leaves it out

import growth  # noqa: E402
import imports  # noqa: E402
from report import Report, machine, machine_line  # noqa: E402
from rounds import measure  # noqa: E402
from tell import print_verdicts, print_workload, tell  # noqa: E402
from workloads import (  # noqa: E402
    FRAMEWORKS,
    NEEDED,
    OURS,
    available,
    every_workload,
    found,
    frameworks_of,
)


def main() -> int:
    """Measure what the command line names, print it, and write it down.

    Returns:
        0; 1 if a workload failed; 130 if it was stopped.
    """
    given = read_arguments()
    report = Report(machine(quick=given.quick))
    print(machine_line(report.machine))
    missing = [name for name in FRAMEWORKS if not available(name)]
    if missing and not given.only:
        print(f"not installed, and so not compared with: {', '.join(missing)}")
    status = 0
    try:
        for name in given.workloads:
            try:
                task(name, report, given)()
            except RuntimeError as error:
                report.failed[name] = str(error)
                print(f"\n{name}: FAILED: {error}", file=sys.stderr, flush=True)
                status = 1
            if given.json:
                report.write(given.json)
    except KeyboardInterrupt:
        print("\nstopped; what was done before is kept", file=sys.stderr)
        status = 130
    print_verdicts(report)
    if given.json:
        print(f"\nwrote {given.json}")
    tell(report, given.markdown, given.picture)
    return status


def read_arguments() -> argparse.Namespace:
    """Return what the command line says, the names of workloads filled in."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [*every_workload(), "import", "growth"]
    parser.add_argument(
        "workloads", nargs="*", metavar="workload", help=f"of {', '.join(names)}"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="framework", help=f"of {', '.join(FRAMEWORKS)}"
    )
    parser.add_argument("--busy", action="store_true", help="also beside a busy core")
    parser.add_argument("--quick", action="store_true", help="only see that it works")
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    parser.add_argument("--markdown", type=Path, help="write tables into this file")
    parser.add_argument("--picture", type=Path, help="draw the ratios into this file")
    given = parser.parse_args()
    for kind, asked, known in (
        ("workload", given.workloads, names),
        ("framework", given.only or [], list(FRAMEWORKS)),
    ):
        if unknown := sorted({*asked} - {*known}):
            parser.error(f"there is no {kind} {unknown[0]!r}; one of {known} is needed")
    if given.picture and not found("matplotlib"):  # not after ten minutes
        parser.error("--picture: there is no Matplotlib; pip install matplotlib")
    given.workloads = [n for n in names if not given.workloads or n in given.workloads]
    if not given.json and not given.quick:
        given.json = Path("outputs") / "benchmarks.json"
    return given


def task(name: str, report: Report, given: argparse.Namespace) -> Callable[[], None]:
    """Return what measures one workload and enters it into the report."""
    if name == "import":
        return partial(measure_imports, report, given)
    if name == "growth":
        return partial(measure_growth, report, given)
    return partial(measure_workload, name, report, given)


def measure_workload(name: str, report: Report, given: argparse.Namespace) -> None:
    """Let the frameworks that are installed do one kind of work, and print it."""
    module = every_workload()[name]
    frameworks = [
        framework
        for framework in frameworks_of(module)
        if framework == OURS or not given.only or framework in given.only
    ]
    outcomes, left_out = measure(
        name,
        module,
        [one for one in frameworks if one in NEEDED or available(one)],
        quick=given.quick,
        busy=given.busy,
    )
    report.workloads[name] = outcomes
    if left_out:
        report.left_out[name] = left_out
    print_workload(name, report)


def measure_imports(report: Report, given: argparse.Namespace) -> None:
    """Import what is installed, and print what it costs."""
    rounds = 1 if given.quick else imports.ROUNDS
    report.imports = imports.measure_imports(imports.subjects(given.only), rounds)
    imports.show(report.imports)


def measure_growth(report: Report, given: argparse.Namespace) -> None:
    """Make the work larger, and print what that costs."""
    report.growth = growth.measure_growth(quick=given.quick)
    growth.show(report.growth)


if __name__ == "__main__":
    sys.exit(main())
