"""What was measured, told: printed, as tables in Markdown, as a picture.

    python benchmarks/tell.py outputs/benchmarks.json
    python benchmarks/tell.py outputs/benchmarks.json --markdown table.md
    python benchmarks/tell.py outputs/benchmarks.json --picture ratios.png

`run.py` does that after it measured; this does it again from the file of figures.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]  # python -I leaves it out

import growth  # noqa: E402
import imports  # noqa: E402
from report import Report, machine_line, memory_text, time_text, words  # noqa: E402
from rounds import ratio, title  # noqa: E402
from tables import markdown  # noqa: E402
from workloads import OURS  # noqa: E402


def print_workload(name: str, report: Report) -> None:
    """Print the medians, spreads, ratios and memory of one workload."""
    print(f"\n{name}: {words(name)}")
    outcomes = report.workloads.get(name, {})
    for framework, one in outcomes.items():
        times = ratio(one.rounds, outcomes[OURS].rounds)
        busy = f"  busy x {ratio(one.busy, one.rounds):.2f}" if one.busy else ""
        print(
            f"  {title(framework):22} {time_text(statistics.median(one.rounds)):>9} "
            f"({time_text(min(one.rounds))} to {time_text(max(one.rounds))})  "
            f"{times:7.2f} x {OURS}'s time  {memory_text(one)}{busy}  {one.version}"
        )
    for framework, why in report.left_out.get(name, {}).items():
        print(f"  without {title(framework)}: {why}")
    sys.stdout.flush()


def print_verdicts(report: Report) -> None:
    """Print for each goal that could be measured whether it is met."""
    verdicts = report.verdicts()
    if verdicts:
        met = sum(verdict.met for verdict in verdicts)
        print(f"\ngoals: {met} of {len(verdicts)} met")
    for verdict in verdicts:
        print(
            f"  {'met   ' if verdict.met else 'MISSED'} {verdict.what}: "
            f"{verdict.measured}; {verdict.aim}"
        )


def tell(report: Report, markdown_path: Path | None, picture: Path | None) -> None:
    """Write the tables and the picture, where they are wanted."""
    if markdown_path:
        markdown_path.parent.mkdir(parents=True, exist_ok=True)
        markdown_path.write_text(markdown(report), encoding="utf-8")
        print(f"wrote {markdown_path}")
    if picture:
        from picture import draw  # needs Matplotlib

        picture.parent.mkdir(parents=True, exist_ok=True)
        draw(report, picture)
        print(f"wrote {picture}")


def main() -> None:
    """Tell again what was measured before."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a file that run.py wrote")
    parser.add_argument("--markdown", type=Path, help="write tables into this file")
    parser.add_argument("--picture", type=Path, help="draw the ratios into this file")
    given = parser.parse_args()
    report = Report.read(given.results)
    print(machine_line(report.machine))
    for name in report.workloads:
        print_workload(name, report)
    if report.imports:
        imports.show(report.imports)
    if report.growth:
        growth.show(report.growth)
    for name, why in report.failed.items():
        print(f"\n{name}: FAILED: {why}")
    print_verdicts(report)
    tell(report, given.markdown, given.picture)


if __name__ == "__main__":
    main()
