"""The reading order in a README names every file, and none that is not there."""

import re
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[1] / "packages"
WITH_ORDER = [
    path.parent.name
    for path in sorted(PACKAGES.glob("*/README.md"))
    if "## Reading order" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("package", WITH_ORDER)
def test_the_reading_order_names_no_file_that_is_not_there(package):
    linked, there = links(package), files(package)

    assert linked
    assert linked <= there | {Path(name).name for name in there}


@pytest.mark.parametrize("package", ["viz", "scalar"])
def test_the_reading_order_names_every_file(package):
    assert files(package) - links(package) <= {"__init__.py"}


def links(package):
    """Return the files and folders that the reading order names, within the module."""
    text = (PACKAGES / package / "README.md").read_text(encoding="utf-8")
    order = text.split("## Reading order")[1].split("\n## ")[0]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", order)
    return {name.rstrip("/") for name in named}


def files(package):
    """Return the files and folders of a package's module, by their path in it."""
    (module,) = (PACKAGES / package / "src" / "pebblegrad").iterdir()
    found = [p for p in module.rglob("*") if p.is_dir() or p.suffix == ".py"]
    return {
        path.relative_to(module).as_posix()
        for path in found
        if "__pycache__" not in path.parts
    }
