"""The packages keep the rules of check_packages.py, which sees when they do not."""

from pathlib import Path
from textwrap import dedent

import pytest

PYPROJECT = """\
[project]
name = "pebblegrad-{folder}"
version = "0.1.0"
description = "One sentence."
readme = "README.md"
requires-python = ">=3.11"
license = "MIT"
dependencies = {dependencies}

[dependency-groups]
test = []

[tool.hatch.build.targets.wheel]
packages = ["src/pebblegrad"]
"""


def add_package(root, folder, module, source, dependencies):
    """Write a package that is in order, except for what the arguments make of it."""
    package = root / "packages" / folder
    (package / "src/pebblegrad" / module).mkdir(parents=True)
    (package / "tests").mkdir()
    toml = PYPROJECT.format(folder=folder, dependencies=dependencies)
    files = {
        "pyproject.toml": toml,
        "README.md": "",
        "CHANGELOG.md": "",
        "LICENSE": "",
        f"src/pebblegrad/{module}/__init__.py": dedent(source),
        f"src/pebblegrad/{module}/py.typed": "",
        "tests/test_it.py": "import pytest\n",
    }
    for name, text in files.items():
        (package / name).write_text(text, encoding="utf-8")
    return package


@pytest.fixture
def tree(tmp_path):
    """Two packages in order: `nn` imports from `core`, which imports numpy."""
    (tmp_path / "pyproject.toml").write_text(
        '[dependency-groups]\ntest = ["pytest>=9"]\n', encoding="utf-8"
    )
    add_package(tmp_path, "core", "core", "import math, numpy\n", ["numpy>=2.0"])
    uses_core = "from pebblegrad.core import x\nfrom . import y\n"
    add_package(tmp_path, "nn", "nn", uses_core, ["pebblegrad-core>=0.1,<0.2"])
    return tmp_path


@pytest.fixture
def check(tool):
    return tool("check_packages").check


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_packages_of_this_repository_are_in_order(root, check):
    assert check(root) == []


def test_a_tree_in_order_has_no_fault(tree, check):
    assert check(tree) == []


def test_a_new_package_is_found_without_any_list(tree, check):
    add_package(tree, "data", "data", "import requests\n", [])

    (fault,) = check(tree)

    assert fault.startswith("pebblegrad-data: packages/data/src/pebblegrad/data")
    assert "imports requests; what is imported must be declared" in fault


@pytest.mark.parametrize(
    "line",
    [
        "import pebblegrad.nn",
        "import pebblegrad.nn.layers as layers",
        "from pebblegrad import nn",
        "from pebblegrad.nn import Linear",
        "def f():\n    from pebblegrad.nn import Linear",
        "if TYPE_CHECKING:\n    from pebblegrad.nn import Linear",
        "import importlib\nimportlib.import_module('pebblegrad.nn.layers')",
    ],
)
def test_an_import_upward_is_a_fault_however_it_is_written(tree, check, line):
    source = tree / "packages/core/src/pebblegrad/core/__init__.py"
    source.write_text("import numpy\n" + line + "\n", encoding="utf-8")

    (fault,) = check(tree)

    assert "pebblegrad-core: packages/core/src/pebblegrad/core/__init__.py:" in fault
    assert "imports pebblegrad.nn" in fault
    assert "add pebblegrad-nn to project.dependencies, or import from below" in fault


def test_an_import_that_another_package_declares_is_still_undeclared(tree, check):
    source = tree / "packages/nn/src/pebblegrad/nn/layers.py"
    source.write_text("import numpy as np\n", encoding="utf-8")

    (fault,) = check(tree)

    assert "pebblegrad-nn: packages/nn/src/pebblegrad/nn/layers.py:1" in fault
    assert "add numpy to project.dependencies" in fault


def test_an_import_of_a_module_that_nobody_owns_is_a_fault(tree, check):
    source = tree / "packages/nn/src/pebblegrad/nn/layers.py"
    source.write_text("import pebblegrad.optim\n", encoding="utf-8")

    (fault,) = check(tree)

    assert "a module that some package owns was needed" in fault


def test_an_undeclared_import_in_a_test_is_a_fault(tree, check):
    test = tree / "packages/nn/tests/test_more.py"
    test.write_text("import pytest, numpy, torch\n", encoding="utf-8")

    faults = check(tree)

    assert len(faults) == 2
    assert "imports numpy" in faults[0]
    assert "add torch to dependency-groups.test" in faults[1]


def test_what_is_declared_and_never_imported_is_a_fault(tree, check):
    edit(tree / "packages/core/pyproject.toml", "['", "['tqdm>=4', '")

    (fault,) = check(tree)

    assert "pebblegrad-core: tqdm is declared and never imported" in fault


def test_an_extra_may_be_imported(tree, check):
    extra = "\n[project.optional-dependencies]\nboard = ['TensorBoardX>=2.6']\n"
    toml = tree / "packages/nn/pyproject.toml"
    edit(toml, "\n[dependency-groups]", extra + "\n[dependency-groups]")
    source = tree / "packages/nn/src/pebblegrad/nn/board.py"
    source.write_text("def f():\n    import tensorboardX\n", encoding="utf-8")

    assert check(tree) == []


def test_a_circle_of_requirements_is_a_fault(tree, check):
    toml = tree / "packages/core/pyproject.toml"
    edit(toml, "['numpy>=2.0']", "['numpy>=2.0', 'pebblegrad-nn>=0.1,<0.2']")
    source = tree / "packages/core/src/pebblegrad/core/lazy.py"
    source.write_text("import pebblegrad.nn\n", encoding="utf-8")

    (fault,) = check(tree)

    assert fault.startswith("packages: pebblegrad-")
    assert "pebblegrad-core needs pebblegrad-nn" in fault


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ("==0.1.0", "a lower bound was needed"),
        ("==0.1.0", "a range was needed"),
        (">=0.1", "a range was needed"),
        ("<0.2", "a range was needed"),
        ("", "a range was needed"),
        (">=0.2,<0.3", "pebblegrad-core is 0.1.0 now; a range with today's version"),
        (">=0.0,<0.1", "pebblegrad-core is 0.1.0 now; a range with today's version"),
    ],
)
def test_a_sibling_needs_a_range_that_holds_its_version(tree, check, versions, message):
    edit(tree / "packages/nn/pyproject.toml", ">=0.1,<0.2", versions)

    assert any(
        fault.startswith("pebblegrad-nn: requires pebblegrad-core") and message in fault
        for fault in check(tree)
    )


def test_a_requirement_needs_a_lower_bound(tree, check):
    edit(tree / "packages/core/pyproject.toml", "numpy>=2.0", "numpy<3")

    (fault,) = check(tree)

    assert "pebblegrad-core: requires numpy<3; a lower bound was needed" in fault


def test_two_packages_may_not_own_one_module(tree, check):
    add_package(tree, "nn2", "nn", "", [])

    faults = check(tree)

    assert (
        "pebblegrad.nn: in pebblegrad-nn and pebblegrad-nn2; one owner was needed; "
        "rename one of them"
    ) in faults


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("src/pebblegrad/__init__.py", "the namespace has none"),
        ("src/other/__init__.py", "only src/pebblegrad was needed"),
        ("tests/__init__.py", "pytest mixes up the tests of two packages"),
    ],
)
def test_a_file_in_the_wrong_place_is_a_fault(tree, check, path, message):
    file = tree / "packages/nn" / path
    file.parent.mkdir(exist_ok=True)
    file.write_text("", encoding="utf-8")

    assert any(
        fault.startswith("pebblegrad-nn: ") and message in fault
        for fault in check(tree)
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("README.md", "there is no README.md"),
        ("CHANGELOG.md", "there is no CHANGELOG.md"),
        ("LICENSE", "there is no LICENSE"),
        ("src/pebblegrad/nn/py.typed", "pebblegrad/nn has no py.typed"),
    ],
)
def test_a_missing_file_is_a_fault(tree, check, path, message):
    (tree / "packages/nn" / path).unlink()

    (fault,) = check(tree)

    assert fault.startswith("pebblegrad-nn: ")
    assert message in fault


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"pebblegrad-nn"', '"pebblegrad-layers"', "pebblegrad-nn was needed"),
        ('"src/pebblegrad"', '"src/pebblegrad/nn"', "land outside the namespace"),
        ('requires-python = ">=3.11"', "", "no project.requires-python"),
    ],
)
def test_a_wrong_setting_is_a_fault(tree, check, old, new, message):
    edit(tree / "packages/nn/pyproject.toml", old, new)

    (fault,) = check(tree)

    assert message in fault


def test_a_tree_without_packages_is_a_fault(tmp_path, check):
    (fault,) = check(tmp_path)

    assert "at least one was needed" in fault
