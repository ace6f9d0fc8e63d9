"""The table of ops that autograd-core is tested with: the same calls, compared here."""

import importlib.util
import sys
from pathlib import Path
from typing import Any


def load() -> Any:
    """Return the package `cases` in the tests of autograd-core."""
    tests = Path(__file__).parents[1] / "packages" / "autograd-core" / "tests"
    name, path = "core_cases", tests / "cases" / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, path, submodule_search_locations=[str(path.parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


CASES = load().CASES
