"""Check that a tag such as nn-v0.3.0 may be released, and say what it releases.

    python tools/release.py nn-v0.3.0

The tag names one folder of `packages/` and the version that its pyproject.toml must
hold; its CHANGELOG.md must have a dated section for that version and nothing left
unreleased. Prints `package=`, `name=`, `version=` and `compiled=` (whether each system
needs a wheel of its own) lines, which the release workflow takes as its outputs.
docs/decisions/0003 tells the steps of a release.
"""

import re
import sys
import tomllib
from pathlib import Path


def check(root: Path, tag: str) -> dict[str, str]:
    """Return what the tag releases; raise ValueError when it must not.

    Args:
        root: folder of the repository.
        tag: folder of the package, "-v", version.
    """
    package, separator, version = tag.rpartition("-v")
    if not separator or not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", version):
        raise ValueError(
            f"release: the tag is {tag!r}; <folder>-v<version> was needed, such as "
            "nn-v0.3.0"
        )
    folder = root / "packages" / package
    if not (folder / "pyproject.toml").is_file():
        known = sorted(
            path.parent.name for path in root.glob("packages/*/pyproject.toml")
        )
        raise ValueError(
            f"release: the tag is {tag!r} and there is no packages/{package}; one of "
            f"{', '.join(known)} was needed"
        )
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    toml = tomllib.loads(text)
    project = toml["project"]
    if project["version"] != version:
        raise ValueError(
            f"release: the tag says {version} and {package}/pyproject.toml says "
            f"{project['version']}; the same was needed; bump the version and tag again"
        )
    _check_changelog(package, version, (folder / "CHANGELOG.md").read_text("utf-8"))
    compiled = toml.get("tool", {}).get("pebblegrad", {}).get("needs-compiler", False)
    return {
        "package": package,
        "name": project["name"],
        "version": version,
        "compiled": "yes" if compiled else "no",
    }


def _check_changelog(package: str, version: str, changelog: str) -> None:
    dated = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$"
    if not re.search(dated, changelog, re.MULTILINE):
        raise ValueError(
            f"release: {package}/CHANGELOG.md has no section for {version}; a line "
            f"'## {version} - <year-month-day>' was needed; rename Unreleased to it"
        )
    unreleased = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    if unreleased and unreleased[1].strip():
        raise ValueError(
            f"release: {package}/CHANGELOG.md still has lines under Unreleased; all "
            f"were needed under {version}; move them"
        )


def main(arguments: list[str]) -> int:
    """Check the tag on the command line."""
    if len(arguments) != 1:
        print("release: give one tag, such as nn-v0.3.0", file=sys.stderr)
        return 2
    try:
        released = check(Path(__file__).resolve().parents[1], arguments[0])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(*(f"{key}={value}" for key, value in released.items()), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
