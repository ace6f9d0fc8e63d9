"""Every example runs, with few steps, and leaves what it says."""

import subprocess
import sys

import pytest

# The options that make each short, and a line that it must print.
EXAMPLES = {
    "autoencoder.py": (["--data", "digits", "--epochs", "2"], "mean squared error"),
    "char_model.py": (["--epochs", "2"], "44 sums that it had not seen"),
    "digits_fit.py": (["--epochs", "3"], "of 359 held-out digits are right"),
    "mnist_cnn.py": (["--data", "digits", "--epochs", "1"], "test accuracy"),
    "xor.py": (["--steps", "200"], "1 xor 1 = 0"),
}


def test_every_example_is_run(root):
    files = {path.name for path in (root / "examples").glob("*.py")}

    assert files == {*EXAMPLES, "mnist_mlp.py"}  # that one has tests/test_demo.py


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_and_leaves_what_it_says(name, root, tmp_path):
    options, line = EXAMPLES[name]

    done = subprocess.run(
        [sys.executable, "-I", root / "examples" / name, *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert line in done.stdout
    wrote = [text.split()[1] for text in done.stdout.splitlines() if "wrote" in text]
    assert all((tmp_path / path).stat().st_size > 0 for path in wrote)


def test_exclusive_or_is_learned_from_every_seed(root, tmp_path):
    for seed in range(5):
        done = subprocess.run(
            [sys.executable, "-I", root / "examples" / "xor.py", "--seed", str(seed)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )

        answers = [line for line in done.stdout.splitlines() if " xor " in line]
        assert [line[-1] for line in answers] == ["0", "1", "1", "0"]
