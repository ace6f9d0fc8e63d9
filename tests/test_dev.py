"""dev.py speaks up on a Python that is too old, and keeps to its own folders."""

import ast
import importlib.util

import pytest


@pytest.fixture
def dev(root):
    spec = importlib.util.spec_from_file_location("dev", root / "dev.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_dev_can_be_parsed_by_python_3_6(root):
    source = (root / "dev.py").read_text(encoding="utf-8")

    ast.parse(source, feature_version=(3, 6))


def test_caches_stay_in_the_repository_and_data_sets_do_not(dev, monkeypatch):
    for name in dev.CACHES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    variables = dev.surroundings()

    for name in dev.CACHES:
        assert variables[name].startswith(str(dev.HOME))
    assert "XDG_CACHE_HOME" not in variables


def test_other_environments_do_not_leak_in(dev, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    monkeypatch.setenv("UNRELATED", "kept")

    variables = dev.surroundings()

    assert "PYTHONPATH" not in variables
    assert "VIRTUAL_ENV" not in variables
    assert variables["UNRELATED"] == "kept"


def test_usage_lists_the_tasks_and_every_session(dev):
    usage = dev.usage()

    for word in ("demo", "tests", "isolated", "lint", "types", "cover", "parity"):
        assert word in usage


def test_an_unknown_task_is_refused_with_a_hint(dev, capsys):
    assert dev.main(["lint"]) == 2
    assert "say: dev.py -s lint" in capsys.readouterr().err
