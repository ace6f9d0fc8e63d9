"""A tag is released only when the package is ready for it."""

import pytest


@pytest.fixture
def tree(tmp_path):
    """One package, ready for its release 0.3.0."""
    package = tmp_path / "packages" / "nn"
    package.mkdir(parents=True)
    project = '[project]\nname = "pebblegrad-nn"\nversion = "0.3.0"\n'
    (package / "pyproject.toml").write_text(project, encoding="utf-8")
    changes = "# Changes\n\n## Unreleased\n\n## 0.3.0 - 2026-11-21\n\n- More.\n"
    (package / "CHANGELOG.md").write_text(changes, encoding="utf-8")
    return tmp_path


@pytest.fixture
def check(tool):
    return tool("release").check


def test_a_tag_names_the_package_and_its_version(tree, check):
    assert check(tree, "nn-v0.3.0") == {
        "package": "nn",
        "name": "pebblegrad-nn",
        "version": "0.3.0",
        "compiled": "no",
    }


def test_it_says_which_package_has_a_wheel_for_each_system(tree, check):
    with (tree / "packages" / "nn" / "pyproject.toml").open("a") as file:
        file.write("\n[tool.pebblegrad]\nneeds-compiler = true\n")

    assert check(tree, "nn-v0.3.0")["compiled"] == "yes"


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("v0.3.0", "<folder>-v<version> was needed"),
        ("nn-0.3.0", "<folder>-v<version> was needed"),
        ("nn-v0.3", "<folder>-v<version> was needed"),
        ("optim-v0.3.0", "there is no packages/optim; one of nn was needed"),
        ("nn-v0.4.0", "the tag says 0.4.0 and nn/pyproject.toml says 0.3.0"),
    ],
)
def test_a_tag_that_does_not_fit_is_refused(tree, check, tag, message):
    with pytest.raises(ValueError, match=message):
        check(tree, tag)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ("## Unreleased\n\n- More.\n", "has no section for 0.3.0"),
        ("## 0.3.0\n\n- More.\n", "has no section for 0.3.0"),
        (
            "## Unreleased\n\n- Late.\n\n## 0.3.0 - 2026-11-21\n\n- More.\n",
            "still has lines under Unreleased",
        ),
    ],
)
def test_a_changelog_that_is_not_ready_is_refused(tree, check, changes, message):
    (tree / "packages/nn/CHANGELOG.md").write_text(changes, encoding="utf-8")

    with pytest.raises(ValueError, match=message):
        check(tree, "nn-v0.3.0")
