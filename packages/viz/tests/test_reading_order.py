"""The reading order in the README names every file, and none that is not there."""

import re
from pathlib import Path

from pebblegrad import viz

README = Path(__file__).parents[1] / "README.md"


def test_the_reading_order_names_every_file_once():
    text = README.read_text(encoding="utf-8").split("## Reading order")[1]
    named = re.findall(r"`(\w+\.py)`", text)
    there = {path.name for path in Path(viz.__file__).parent.glob("*.py")}

    assert sorted(named) == sorted(there - {"__init__.py"})
