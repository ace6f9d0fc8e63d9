"""What was measured, as tables in Markdown: the ratios first, then what is behind them.

`docs/performance.md` shows a file of these as it is, lost comparisons and all.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]  # python -I leaves it out

from growth import Growth  # noqa: E402
from imports import Import  # noqa: E402
from report import Report, machine_line, memory_text, time_text, words  # noqa: E402
from rounds import number, ratio, title  # noqa: E402
from workloads import FRAMEWORKS, OURS, growth  # noqa: E402


def markdown(report: Report) -> str:
    """Return everything as tables: the ratios first, then the figures behind them."""
    parts = [f"{machine_line(report.machine)}. {versions(report)}".strip()]
    if report.machine["quick"]:
        parts.append("**These figures are of `--quick`, and say nothing.**")
    if report.workloads:
        parts += [
            f"How many times as long as {OURS} each takes; above 1, {OURS} is faster. "
            "Medians of the rounds' ratios; the same work from the same weights, timed "
            "in turn:",
            table_of_ratios(report),
        ]
    for name, why in report.failed.items():
        parts.append(f"`{name}` failed: {why}")
    verdicts = report.verdicts()
    if verdicts:
        met = sum(verdict.met for verdict in verdicts)
        rows = [
            [one.what, one.measured, one.aim, "met" if one.met else "**missed**"]
            for one in verdicts
        ]
        parts += [
            f"Of the {len(verdicts)} goals that were measured, {met} are met:",
            table(["goal", "measured", "aim", ""], rows, words=4),
        ]
    if report.workloads:
        parts += [
            "The time of a step, and what it added to the process's memory at most, "
            "from the moment that the framework was imported and the data were there "
            "(what it loads or compiles only then is in it):",
            table_of_times(report),
        ]
    if report.imports:
        parts += [
            "Imports in a fresh process, less an empty one; and the size of the "
            "installed files with everything that is required:",
            table_of_imports(report.imports),
        ]
    if report.growth:
        parts += [
            f"Growth of a step of {OURS}, as a power of the size: over 1, 10 and 100 "
            "times the size, and in the last step alone:",
            table_of_growth(report.growth),
        ]
    return "\n\n".join(parts) + "\n"


def versions(report: Report) -> str:
    """Return the release of each framework, as a sentence."""
    found = {
        title(framework).partition(",")[0].removesuffix(" by hand"): one.version
        for outcomes in report.workloads.values()
        for framework, one in outcomes.items()
    }
    listed = ", ".join(f"{name} {version}" for name, version in found.items())
    return f"{listed}." if listed else ""


def table(heads: list[str], rows: list[list[str]], words: int = 1) -> str:
    """Return a table in Markdown; the first columns are words, the others figures."""
    sides = ["---"] * words + ["---:"] * (len(heads) - words)
    clean = [[" ".join(cell.replace("|", "/").split()) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, sides, *clean])


def table_of_ratios(report: Report) -> str:
    """Return a row for each workload, and a column for each framework."""
    there = {name for outcomes in report.workloads.values() for name in outcomes}
    columns = [name for name in in_order(there) if name != OURS]
    rows = []
    for workload, outcomes in report.workloads.items():
        ours = outcomes[OURS].rounds
        row = [f"`{workload}`: {words(workload)}", time_text(statistics.median(ours))]
        for name in columns:
            has = name in outcomes
            row.append(number(ratio(outcomes[name].rounds, ours)) if has else "")
        rows.append(row)
    return table(["", OURS, *map(title, columns)], rows)


def in_order(frameworks: set[str]) -> list[str]:
    """Return names of frameworks in the order in which they are shown."""
    return [name for name in FRAMEWORKS if name in frameworks]


def table_of_times(report: Report) -> str:
    """Return a row for each workload and framework."""
    rows = []
    busy = any(
        one.busy for outcomes in report.workloads.values() for one in outcomes.values()
    )
    for workload, outcomes in report.workloads.items():
        for framework, one in outcomes.items():
            row = [
                f"`{workload}`",
                title(framework),
                time_text(statistics.median(one.rounds)),
                f"{time_text(min(one.rounds))} to {time_text(max(one.rounds))}",
                memory_text(one),
            ]
            if busy:
                row.append(f"{ratio(one.busy, one.rounds):.2f}" if one.busy else "")
            rows.append(row)
        for framework, why in report.left_out.get(workload, {}).items():
            rows.append([f"`{workload}`", title(framework), f"not run: {why}", "", ""])
            rows[-1] += [""] * busy
    heads = ["", "", "median", "lowest to highest", "memory"]
    heads += ["times as long beside a busy core"] * busy
    return table(heads, rows, words=2)


def table_of_imports(imports: dict[str, Import]) -> str:
    """Return a row for each import."""
    rows = []
    numpy = imports["numpy"]
    for name, one in imports.items():
        rows.append(
            [
                f"`{name}`" if " " not in name else name,
                time_text(statistics.median(one.rounds)),
                f"{time_text(min(one.rounds))} to {time_text(max(one.rounds))}",
                f"{ratio(one.rounds, numpy.rounds):.2f}",
                f"{one.size / 1e6:.1f} MB",
            ]
        )
    return table(["import", "median", "lowest to highest", "/ NumPy", "size"], rows)


def table_of_growth(found: dict[str, Growth]) -> str:
    """Return a row for each size, and the powers in the rows of the smallest."""
    rows = []
    for kind, result in found.items():
        both = {what: f"{a:.2f}, {b:.2f}" for what, (a, b) in result.powers().items()}
        for i, size in enumerate(result.sizes):
            first = i == 0
            rows.append(
                [
                    f"{kind}: {growth.WORDS[f'{kind}_1']}" if first else "",
                    f"{size:,}",
                    time_text(statistics.median(result.seconds[i])),
                    both["time"] if first else "",
                    f"{result.memory[i] / 1e6:.2f} MB",
                    both["memory"] if first else "",
                ]
            )
    return table(["", "size", "time", "power", "memory", "power"], rows)
