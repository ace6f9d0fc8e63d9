"""Print every public name of the installed packages, one to a line.

A name is public when the `__all__` of a public module holds it. The list is committed
as `tests/public_names.txt`, so that a name that comes or goes shows in review. After
such a change, write it anew with

    python3 dev.py -s names
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pebblegrad


def packages() -> list[ModuleType]:
    """Return the modules `pebblegrad.x`, one for each installed package."""
    found = sorted(module.name for module in pkgutil.iter_modules(pebblegrad.__path__))
    return [importlib.import_module(f"pebblegrad.{name}") for name in found]


def public_modules(package: ModuleType) -> Iterator[ModuleType]:
    """Find a package, and in it the modules without underscore that have `__all__`."""
    yield package
    prefix = package.__name__ + "."
    for found in pkgutil.walk_packages(package.__path__, prefix):
        if not any(part.startswith("_") for part in found.name.split(".")):
            module = importlib.import_module(found.name)
            if hasattr(module, "__all__"):
                yield module


def public_names() -> list[str]:
    """Return the full public names, sorted."""
    return sorted(
        f"{module.__name__}.{name}"
        for package in packages()
        for module in public_modules(package)
        for name in module.__all__
    )


if __name__ == "__main__":
    print(*public_names(), sep="\n")
