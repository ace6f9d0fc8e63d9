"""Every example runs, with few steps, and leaves what it says."""

import os
import re
import subprocess
import sys

import pytest

# The options that make each short, a line that it must print, and the files it writes.
EXAMPLES = {
    "autoencoder.py": (
        ["--data", "digits", "--epochs", "2"],
        "mean squared error",
        ["autoencoder.png"],
    ),
    "char_model.py": (["--epochs", "2"], "44 sums that it had not seen", []),
    "compose_only_core.py": ([], "true  2.50", []),
    "digits_fit.py": (
        ["--epochs", "3"],
        "of 359 held-out digits are right",
        ["digits_fit.png", "digits_fit"],
    ),
    "majority.py": (["--epochs", "20"], "of all 32 inputs are right", []),
    "mnist_cnn.py": (
        ["--data", "digits", "--epochs", "1"],
        "test accuracy",
        ["mnist_cnn.safetensors"],
    ),
    "pytorch_weights.py": (
        [],
        "back: 359 answers, at most",
        ["pebblegrad_weights.safetensors", "pytorch_weights.safetensors"],
    ),
    "regression_complete.py": (
        [],
        "Done! Check outputs/ for logs and plots.",
        ["regression.png", "regression_model.log", "training.png"],
    ),
    "scalar_mlp.py": ([], "Iteration 99: Loss = ", []),
    "transformer_tiny.py": (
        ["--digits", "4", "--steps", "30"],
        "of 1000 new rows are sorted without a mistake",
        ["transformer_tiny.png"],
    ),
    "two_moons.py": (
        ["--steps", "30", "--frames", "3"],
        "weight decay: ",
        ["two_moons.gif", "two_moons.png"],
    ),
    "xor.py": (["--steps", "200"], "1 xor 1 = 0", []),
}

# These have tests of their own: tests/test_demo.py, tensorflow_tests/test_benchmark.py.
ELSEWHERE = {"mnist_mlp.py", "mnist_conv_keras_benchmark.py"}

# The products are small: more threads would mostly wait for each other.
ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

# Before an example: what is neither Python's, nor NumPy, nor the core, cannot be found.
ONLY_CORE = """
import runpy, sys

class OnlyCore:
    def find_spec(self, name, path=None, target=None):
        first, *rest = name.split(".")
        known = {*sys.stdlib_module_names, "numpy"}
        if first not in known and [first, *rest[:1]] not in (CORE, CORE[:1]):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

CORE = ["pebblegrad", "autograd"]
sys.meta_path.insert(0, OnlyCore())
"""


@pytest.fixture
def run(root, tmp_path):
    """Run an example in an empty folder, or Python code before it in its process."""

    def python(name, *options, before=None):
        path = root / "examples" / name
        command = [path, *options]
        if before is not None:
            start = f"runpy.run_path({str(path)!r}, run_name='__main__')"
            command = ["-c", f"import runpy\n{before}\n{start}", *options]
        return subprocess.run(
            [sys.executable, "-I", "-X", "utf8", *command],  # λ and ± on Windows
            cwd=tmp_path,
            env={**os.environ, **ONE_CORE},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return python


def test_every_example_is_run(root):
    files = {path.name for path in (root / "examples").glob("*.py")}

    assert files == {*EXAMPLES, *ELSEWHERE}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_and_leaves_what_it_says(name, run, tmp_path):
    options, line, files = EXAMPLES[name]

    done = run(name, *options)

    assert done.returncode == 0, done.stderr
    assert line in done.stdout
    written = {path.name for path in (tmp_path / "outputs").glob("*")}
    assert written == set(files)
    assert all((tmp_path / "outputs" / file).stat().st_size > 0 for file in files)


def test_exclusive_or_is_learned_from_every_seed(run):
    for seed in range(5):
        done = run("xor.py", "--seed", str(seed))

        answers = [line for line in done.stdout.splitlines() if " xor " in line]
        assert [line[-1] for line in answers] == ["0", "1", "1", "0"]


def test_the_complete_regression_prints_ten_losses_that_fall(run, tmp_path):
    done = run("regression_complete.py")

    first, *told, last = done.stdout.splitlines()
    assert (first, last) == ("Training...", "Done! Check outputs/ for logs and plots.")
    found = [re.fullmatch(r"Epoch (\d+): Loss = (\d+\.\d{6})", line) for line in told]
    assert [int(match[1]) for match in found] == list(range(0, 200, 20))
    losses = [float(match[2]) for match in found]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.05 < 5 < losses[0]
    log = (tmp_path / "outputs" / "regression_model.log").read_text("utf-8")
    assert f"Loss: {losses[0]:.6f}" in log
    assert log.count("BACKWARD PASS") == 10


def test_the_curve_is_fitted_where_only_the_core_can_be_imported(run):
    done = run("compose_only_core.py", before=ONLY_CORE)
    other = run("xor.py", before=ONLY_CORE)

    assert done.returncode == 0, done.stderr
    fitted = re.findall(r"fitted +([\d.]+) ± ([\d.]+), true +([\d.]+)", done.stdout)
    assert len(fitted) == 4
    for value, error, truth in fitted:
        assert abs(float(value) - float(truth)) < 3 * float(error)
    assert "No module named 'pebblegrad.nn'" in other.stderr  # so the bar holds


def test_the_scalar_network_learns_the_four_targets(run):
    done = run("scalar_mlp.py")

    losses = re.findall(r"Iteration \d+: Loss = ([\d.]+)", done.stdout)
    assert len(losses) == 100
    assert float(losses[-1]) < 0.2 < 1 < float(losses[0])


def test_the_majority_is_learned_at_this_rate_and_not_at_a_millionth(run):
    here = run("majority.py", "--epochs", "300")
    elsewhere = run("majority.py", "--epochs", "50", "--lr", "0.000001")

    assert "32 of all 32 inputs are right" in here.stdout
    before, after = re.findall(r"(\d+) of (?:all )?32", elsewhere.stdout)
    assert before == after


def test_weights_come_back_where_there_is_no_pytorch(run):
    done = run("pytorch_weights.py", before="import sys; sys.modules['torch'] = None")

    assert done.returncode == 0, done.stderr
    assert "PyTorch is not installed: its half is left out" in done.stdout
    assert re.search(r"back: 359 answers, .* from those of NumPy", done.stdout)


def test_the_comparison_with_keras_does_not_pretend_without_it(run):
    missing = "import importlib.util as u; u.find_spec = lambda name: None"

    done = run("mnist_conv_keras_benchmark.py", before=missing)

    assert done.returncode == 1
    assert "TensorFlow is not installed" in done.stderr
    assert "pip install tensorflow" in done.stderr
    assert done.stdout == ""
