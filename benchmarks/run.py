"""The same work on pebblegrad, by hand in NumPy, and on every installed peer.

    python benchmarks/run.py                       # everything; about half an hour
    python benchmarks/run.py tiny mlp_adam         # some of it
    python benchmarks/run.py --quick               # only to see that it works
    python benchmarks/run.py --json out.json --picture out.png

Each framework runs in a process of its own. All start from the same weights and data,
and their losses must agree before anything is timed. Then they are timed in turn, one
at a time, for several rounds, so that a machine that slows down slows all of them; a
ratio is the median over the rounds of one round's ratio. What is compared stands side
by side in `workloads/`: a file holds the same work in each framework.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]  # python -I leaves it out

from goals import GOALS  # noqa: E402
from workloads import MODULES, NEEDS, frameworks_of  # noqa: E402

OURS = "pebblegrad"


@dataclass
class Outcome:
    """What was measured of one framework on one workload.

    Attributes:
        losses: of the first steps, from the common start.
        rounds: seconds a step, on the average of each round.
        peak: the most memory that the process held, in bytes.
        start: what it held when the framework was imported, in bytes.
        version: of the framework.
    """

    losses: list[float] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)
    peak: int = 0
    start: int = 0
    version: str = ""


class Worker:
    """A process that holds one workload on one framework, ready to run steps."""

    def __init__(self, module: str, workload: str, framework: str) -> None:
        self.framework = framework
        self.process = subprocess.Popen(
            [sys.executable, HERE / "worker.py", module, workload, framework],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words: str | float) -> dict[str, Any]:
        """Send one line, and return what the process answers.

        Raises:
            RuntimeError: if it has died; its own words are on standard error.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            print(*words, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # the missing answer says so
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"benchmark: {self.framework} stopped, see above; an answer to "
                f"{words[0]!r} was needed"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def main() -> None:
    """Measure what the command line names, print it, and write it down."""
    arguments = read_arguments()
    print_machine()
    results: dict[str, dict[str, Outcome]] = {}
    for module, workload in chosen(arguments.workloads):
        frameworks = [
            name
            for name in frameworks_of(module)
            if (not arguments.only or name in arguments.only or name == OURS)
            and available(name)
        ]
        results[workload] = measure(module, workload, frameworks, arguments.quick)
        print_workload(workload, results[workload])
    told = print_goals(results)
    if arguments.json:
        write_json(arguments.json, results, told)
    if arguments.picture:
        from picture import draw

        draw(results, arguments.picture)


def read_arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [workload for module in MODULES for workload in workloads_of(module)]
    parser.add_argument("workloads", nargs="*", metavar="workload", help=str(names))
    parser.add_argument("--only", nargs="+", metavar="framework", help="these alone")
    parser.add_argument("--quick", action="store_true", help="only see that it works")
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    parser.add_argument("--picture", type=Path, help="draw the ratios into this file")
    arguments = parser.parse_args()
    if unknown := sorted({*arguments.workloads} - {*names}):
        parser.error(f"there is no workload {unknown[0]!r}; one of {names} was needed")
    return arguments


def workloads_of(module: str) -> dict[str, Any]:
    """Return the workloads of one file, by name."""
    found: dict[str, Any] = importlib.import_module(f"workloads.{module}").WORKLOADS
    return found


def chosen(names: list[str]) -> list[tuple[str, str]]:
    """Return the file and the name of each workload that was asked for."""
    pairs = [(module, name) for module in MODULES for name in workloads_of(module)]
    return [pair for pair in pairs if not names or pair[1] in names]


def available(framework: str) -> bool:
    """Say whether everything that a framework needs is installed."""
    return all(importlib.util.find_spec(name) for name in NEEDS[framework])


def measure(
    module: str, workload: str, frameworks: list[str], quick: bool
) -> dict[str, Outcome]:
    """Let all frameworks agree on the losses, then time them in turn."""
    timing = importlib.import_module(f"workloads.{module}").TIMING
    rounds, seconds = (2, 0.02) if quick else (timing.rounds, timing.seconds)
    workers = [Worker(module, workload, name) for name in frameworks]
    outcomes = {name: Outcome() for name in frameworks}
    try:
        for worker in [*workers]:
            answer = worker.ask("losses")
            if "failed" in answer:  # of another release, or lacks a part
                if worker.framework in (OURS, "scalar", "numpy"):
                    raise RuntimeError(f"{workload}: {OURS}: {answer['failed']}")
                print(f"\n{workload}: without {worker.framework}: {answer['failed']}")
                workers.remove(worker)
                worker.close()
                del outcomes[worker.framework]
                continue
            outcome = outcomes[worker.framework]
            outcome.losses = answer["losses"]
            outcome.start, outcome.version = answer["start"], answer["version"]
        compare(workload, outcomes, timing.tolerance)
        for worker in workers:
            worker.ask("time", seconds / 2)  # caches, compilers, clocks: not counted
        for _ in range(rounds):
            for worker in workers:
                answer = worker.ask("time", seconds)
                outcomes[worker.framework].rounds.append(answer["seconds"])
        for worker in workers:
            outcomes[worker.framework].peak = worker.ask("peak")["peak"]
    finally:
        for worker in workers:
            worker.close()
    return outcomes


def compare(workload: str, outcomes: dict[str, Outcome], tolerance: float) -> None:
    """Stop unless all frameworks have the losses of the first.

    Raises:
        RuntimeError: naming the framework, the step and both losses.
    """
    (first, reference), *others = outcomes.items()
    for name, outcome in others:
        pairs = zip(reference.losses, outcome.losses, strict=True)
        for step, (expected, loss) in enumerate(pairs):
            if not abs(loss - expected) <= tolerance * max(1e-3, abs(expected)):
                raise RuntimeError(
                    f"{workload}: step {step}: {name} has the loss {loss}, {first} "
                    f"{expected}; within {tolerance:g} of it was needed"
                )


def ratio(results: dict[str, Outcome], framework: str, to: str = OURS) -> float:
    """Return how many times as long as `to` a framework takes: the rounds' median."""
    pairs = zip(results[framework].rounds, results[to].rounds, strict=True)
    return statistics.median(theirs / ours for theirs, ours in pairs)


def print_machine() -> None:
    """Say what this ran on."""
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{platform.machine()}, load {os.getloadavg()[0]:.1f}"
        if hasattr(os, "getloadavg")
        else f"Python {platform.python_version()}, {os.cpu_count()} cores"
    )


def print_workload(workload: str, results: dict[str, Outcome]) -> None:
    """Print the medians, spreads, ratios and memory of one workload."""
    print(f"\n{workload}: {len(next(iter(results.values())).rounds)} rounds")
    for name, outcome in results.items():
        low, middle, high = (
            min(outcome.rounds),
            statistics.median(outcome.rounds),
            max(outcome.rounds),
        )
        print(
            f"  {name:20} {time_text(middle):>10}  ({time_text(low)} to "
            f"{time_text(high)})  {ratio(results, name):6.2f} x {OURS}'s time"
            f"  peak {(outcome.peak - outcome.start) / 1e6:7.1f} MB over "
            f"{outcome.start / 1e6:.0f}  {outcome.version}",
            flush=True,
        )


def time_text(seconds: float) -> str:
    """Return a time in the unit that fits."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} us"
    return f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"


def print_goals(results: dict[str, dict[str, Outcome]]) -> list[dict[str, Any]]:
    """Print for each goal that could be measured whether it is met."""
    told = []
    for goal in GOALS:
        measured = results.get(goal.workload, {})
        if {goal.framework, goal.ours} <= {*measured}:
            got = ratio(measured, goal.framework, goal.ours)
            met = got >= goal.at_least
            told.append(vars(goal) | {"measured": got, "met": met})
    if told:
        print("\nHow many times as fast, and what was aimed at")
    for one in told:
        print(
            f"  {one['workload']:16} {one['ours']:11} against {one['framework']:20} "
            f"{one['measured']:7.2f}  aim {one['at_least']:.2f}  "
            f"{'met' if one['met'] else 'MISSED'}"
        )
    return told


def write_json(
    path: Path, results: dict[str, dict[str, Outcome]], told: list[dict[str, Any]]
) -> None:
    """Write every figure, so that others can look at the spread themselves."""
    whole = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "goals": told,
        "workloads": {
            name: {framework: vars(outcome) for framework, outcome in outcomes.items()}
            for name, outcomes in results.items()
        },
    }
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
