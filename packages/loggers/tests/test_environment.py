import platform
import subprocess

import numpy as np
import pytest

from pebblegrad.loggers import _environment
from pebblegrad.loggers._environment import environment, git_commit


# The checks of this repository run git too, so that it is always there.
@pytest.fixture
def git(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # Not the repository or the settings of whoever runs the tests.
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    def run(*arguments):
        settings = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        command = ["git", *settings, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return run


def test_it_names_python_platform_and_versions():
    found = environment()

    assert found["python"] == platform.python_version()
    assert found["platform"] == platform.platform()
    assert found["packages"]["numpy"] == np.__version__


def test_it_names_neither_user_nor_machine_nor_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.argv", [f"{tmp_path}/train.py", "--token", "secret"])

    text = str(environment())
    assert environment()["script"] == "train.py"
    assert "secret" not in text
    assert str(tmp_path) not in text


def test_outside_of_git_there_is_no_commit(git):
    assert git_commit() is None


def test_a_repository_without_commits_has_none(git):
    git("init")

    assert git_commit() is None


def test_a_commit_has_its_whole_name_and_says_when_files_differ(git, tmp_path):
    git("init")
    (tmp_path / "train.py").write_text("1")
    git("add", "train.py")
    git("commit", "-m", "first")
    git("tag", "-a", "v1", "-m", "a tag is no name of a commit")
    clean = git_commit()
    (tmp_path / "train.py").write_text("2")

    assert clean == git("rev-parse", "HEAD")
    assert git_commit() == f"{clean}-dirty"


@pytest.mark.parametrize(
    "error", [FileNotFoundError("git"), subprocess.TimeoutExpired("git", 5)]
)
def test_without_git_a_run_begins_all_the_same(monkeypatch, error):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(_environment.subprocess, "run", fail)

    assert git_commit() is None
