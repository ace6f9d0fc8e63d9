"""Add up the reports of all pytest runs; a run that left none counts as a failure.

    python tools/count_tests.py [name of a step that failed ...]

Every session that runs pytest writes one JUnit file into `.dev/reports/`. At least
`tests` and one `isolated` per package must be there and must hold tests. The last line
is `N passed, N failed, N skipped`, and never says 0 failed when something failed.
"""

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def count(report: Path) -> Counter[str]:
    """Count the outcomes in one report."""
    outcomes: Counter[str] = Counter()
    try:
        cases = ElementTree.parse(report).iter("testcase")
    except ElementTree.ParseError:  # pytest was killed while it wrote
        return Counter(failed=1)
    for case in cases:
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            outcomes["failed"] += 1
        else:
            outcomes["skipped" if "skipped" in kinds else "passed"] += 1
    return outcomes


def expected(root: Path) -> list[str]:
    """Return the runs that must have happened."""
    packages = sorted(
        path.parent.name for path in root.glob("packages/*/pyproject.toml")
    )
    return ["tests", *(f"isolated({package})" for package in packages)]


def summary(root: Path, failed_steps: list[str]) -> tuple[list[str], Counter[str]]:
    """Return what to tell about each run, and the sum."""
    lines, total = [], Counter[str]()
    reports = {path.stem: path for path in (root / ".dev" / "reports").glob("*.xml")}
    for name in sorted({*reports, *expected(root)}):
        outcomes = count(reports[name]) if name in reports else Counter()
        if name in expected(root) and not outcomes.total():
            lines.append(f"{name}: no tests ran; some were needed; look at its output")
            total["failed"] += 1
        else:
            lines.append(f"{name}: {sentence(outcomes)}")
        total += outcomes
    lines += [f"{step}: failed" for step in failed_steps]
    if failed_steps and not total["failed"]:
        total["failed"] = len(failed_steps)
    return lines, total


def sentence(outcomes: Counter[str]) -> str:
    """Return "3 passed, 0 failed, 1 skipped"."""
    return ", ".join(f"{outcomes[k]} {k}" for k in ("passed", "failed", "skipped"))


def main(failed_steps: list[str]) -> int:
    """Print the runs and the sum; return 1 when something failed."""
    lines, total = summary(Path(__file__).resolve().parents[1], failed_steps)
    print(*lines, sep="\n")
    print(sentence(total))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
