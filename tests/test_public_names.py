"""What each package exports is what its `__all__` says, and what was agreed in review.

The order of `__all__` is ruff's business (RUF022).
"""

from types import ModuleType


def test_each_package_exports_its_public_names_and_no_others(tool):
    for package in tool("public_names").packages():
        names = {
            name
            for name, value in vars(package).items()
            if not name.startswith("_")
            and (name in package.__all__ or not isinstance(value, ModuleType))
        }

        assert set(package.__all__) == names, package.__name__
        assert len(package.__all__) == len(names), f"{package.__name__}: a name twice"


def test_the_public_names_are_those_in_the_committed_list(root, tool):
    file = root / "tests" / "public_names.txt"
    listed = file.read_text(encoding="utf-8").split()

    names = tool("public_names").public_names()

    assert names == listed, (
        f"public names: {sorted({*names} ^ {*listed})} came or went; the same were "
        "needed; if that is meant, run: python3 dev.py -s names"
    )
