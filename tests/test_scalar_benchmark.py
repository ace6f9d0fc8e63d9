"""The benchmark of the first chapter says what is wrong, instead of a traceback."""

import importlib.util
import sys

import pytest


@pytest.fixture
def benchmark(root):
    path = root / "benchmarks" / "scalar.py"
    spec = importlib.util.spec_from_file_location("scalar_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_python_that_is_not_there_is_named(benchmark):
    with pytest.raises(SystemExit, match=r"--micrograd is '/nope'; the path of a Pyth"):
        benchmark.has_micrograd("/nope")


def test_a_program_that_is_no_python_is_named(benchmark, tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho hello\necho broken >&2\n")
    program.chmod(0o755)

    with pytest.raises(SystemExit, match=r"path of a Python was needed.* broken"):
        benchmark.has_micrograd(str(program))


def test_a_python_says_whether_it_has_micrograd(benchmark):
    found = importlib.util.find_spec("micrograd") is not None

    assert benchmark.has_micrograd(sys.executable) is found


def test_a_side_that_dies_is_named(benchmark, capfd):
    side = benchmark.Side(sys.executable, "ours", ["--no-such-option"])

    with pytest.raises(
        SystemExit, match=r"the side .* ours .* ended with status 2 inst"
    ):
        side.step()
    assert "unrecognized arguments: --no-such-option" in capfd.readouterr().err


def test_a_side_answers_with_loss_and_seconds(benchmark):
    side = benchmark.Side(sys.executable, "ours", [])

    (first, seconds), (second, _) = side.step(), side.step()
    side.stop()

    assert first != second
    assert seconds > 0
