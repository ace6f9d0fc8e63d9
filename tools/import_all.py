"""Import every module of some packages, and make sure that they are the installed ones.

    python -I tools/import_all.py pebblegrad.nn pebblegrad.optim

Run before pytest is installed, it finds an import of what only pytest brings.
"""

import importlib
import pkgutil
import sys


def main(names: list[str]) -> None:
    """Import the packages of these names and whatever is in them."""
    for name in names:
        package = importlib.import_module(name)
        place = str(package.__file__)
        if not place.startswith(sys.prefix):
            sys.exit(
                f"import_all: {name} comes from {place}; a module in {sys.prefix} was "
                "needed; something outside the environment hides it"
            )
        for module in pkgutil.walk_packages(package.__path__, name + "."):
            importlib.import_module(module.name)


if __name__ == "__main__":
    main(sys.argv[1:])
