"""All that a run measured, in a file, and which goals it meets.

`run.py` writes the file after each workload, so that nothing is lost when a later one
fails; `tell.py` makes tables and the picture from it.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent)]  # python -I leaves it out

from goals import (  # noqa: E402
    BUSY_AT_MOST,
    GOALS,
    IMPORT_AT_MOST,
    IMPORTED,
    POWER_AT_MOST,
    SIZE_AT_MOST,
    Goal,
)
from growth import Growth  # noqa: E402
from imports import Import  # noqa: E402
from rounds import Outcome, number, ratio, title  # noqa: E402
from workloads import OURS, every_workload, family  # noqa: E402


def machine(*, quick: bool) -> dict[str, Any]:
    """Return what this runs on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()}, {platform.machine()}",
        "python": platform.python_version(),
        "load_at_start": load,
        "quick": quick,
    }


def processor() -> str:
    """Return the model of the processor, or what kind of machine it is."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*: (.+)$", text, re.M)
    return found[1].strip() if found else platform.machine()


@dataclass
class Report:
    """Everything that a run of the benchmark found.

    Attributes:
        machine: what it ran on, and when.
        workloads: what was measured, by workload and framework.
        left_out: by workload and framework, why it was not measured.
        failed: by workload, what stopped it.
        imports: by what was imported.
        growth: by what was made larger.
    """

    machine: dict[str, Any]
    workloads: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    left_out: dict[str, dict[str, str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)
    growth: dict[str, Growth] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write every figure, so that others can look at the spread themselves."""
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = asdict(self)
        whole["goals"] = [asdict(verdict) for verdict in self.verdicts()]
        # What was there stays whole if this is stopped in the middle.
        unfinished = path.with_name(path.name + ".part")
        unfinished.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Report:
        """Return what `write` wrote."""
        whole = json.loads(path.read_text("utf-8"))
        workloads = {
            name: {framework: Outcome(**one) for framework, one in outcomes.items()}
            for name, outcomes in whole["workloads"].items()
        }
        return cls(
            machine=whole["machine"],
            workloads=workloads,
            left_out=whole["left_out"],
            failed=whole["failed"],
            imports={name: Import(**one) for name, one in whole["imports"].items()},
            growth={name: Growth(**one) for name, one in whole["growth"].items()},
        )

    def verdicts(self) -> list[Verdict]:
        """Return what became of each goal that was measured."""
        told = [self.judge(goal) for goal in GOALS]
        told += [
            self.judge_busy(name, framework)
            for name, outcomes in self.workloads.items()
            for framework in (OURS, "scalar")
            if framework in outcomes
        ]
        if {IMPORTED, "numpy"} <= {*self.imports}:
            ours, numpy = self.imports[IMPORTED], self.imports["numpy"]
            what = f"import {IMPORTED}, beside NumPy's"
            times = ratio(ours.rounds, numpy.rounds)
            told.append(at_most(f"{what} time", times, IMPORT_AT_MOST))
            more = (ours.size - numpy.size) / 1e6
            told.append(at_most(f"{what} size", more, SIZE_AT_MOST / 1e6, " MB more"))
        for kind, result in self.growth.items():
            for what, pair in result.powers().items():
                name = f"growth of {what} with {kind}, power"
                told.append(at_most(name, max(pair), POWER_AT_MOST, ""))
        return [verdict for verdict in told if verdict]

    def judge(self, goal: Goal) -> Verdict | None:
        """Return what became of one goal, if both sides were measured."""
        outcomes = self.workloads.get(goal.workload, {})
        if not {goal.framework, goal.ours} <= {*outcomes}:
            return None
        ours, theirs = outcomes[goal.ours].rounds, outcomes[goal.framework].rounds
        what = f"{goal.workload}: {title(goal.ours)} beside {title(goal.framework)}"
        if goal.at_least < 1 and goal.framework == "numpy":  # read as a limit
            return at_most(what, ratio(ours, theirs), 1 / goal.at_least)
        got = ratio(theirs, ours)
        return Verdict(
            what,
            f"{number(got)} times as fast",
            f"at least {goal.at_least:g}",
            got >= goal.at_least,
        )

    def judge_busy(self, workload: str, framework: str) -> Verdict | None:
        """Return how much longer our step takes beside another program."""
        outcomes = self.workloads[workload]
        one = outcomes[framework]
        if not one.busy:
            return None
        what = f"{workload}: {title(framework)} beside a busy core"
        if (torch := outcomes.get("torch")) and torch.busy:
            what += f" (PyTorch: {ratio(torch.busy, torch.rounds):.2f})"
        return at_most(what, ratio(one.busy, one.rounds), BUSY_AT_MOST)


@dataclass(frozen=True)
class Verdict:
    """One goal, and whether it is met."""

    what: str
    measured: str
    aim: str
    met: bool


def at_most(what: str, value: float, limit: float, unit: str = " times") -> Verdict:
    """Return the verdict on something that should be small."""
    return Verdict(what, f"{value:.2f}{unit}", f"at most {limit:g}", value <= limit)


def machine_line(of: dict[str, Any]) -> str:
    """Return what it ran on, and when, as a sentence."""
    load = of["load_at_start"]
    loaded = "" if load is None else f", load {load:.1f} at the start"
    return (
        f"{of['date']}, {of['cores']} cores of {of['processor']} ({of['system']}), "
        f"Python {of['python']}{loaded}"
    )


def words(workload: str) -> str:
    """Return what there is to do, for people."""
    text: str = family(every_workload()[workload]).WORDS[workload]
    return text


def time_text(seconds: float) -> str:
    """Return a time in the unit that fits, with three digits."""
    for unit, name in ((1e-6, "us"), (1e-3, "ms")):
        if seconds < 999.5 * unit:
            digits = 2 if seconds < 9.995 * unit else 1 if seconds < 99.95 * unit else 0
            return f"{seconds / unit:.{digits}f} {name}"
    return f"{seconds:.2f} s"


def memory_text(one: Outcome) -> str:
    """Return what the work added to the process at most; not where nobody counts."""
    return f"+{(one.peak - one.start) / 1e6:.0f} MB" if one.peak else "? MB"
