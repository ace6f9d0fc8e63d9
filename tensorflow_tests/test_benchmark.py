"""The comparison of a CNN with Keras, with the real TensorFlow and few steps."""

import re
import subprocess
import sys
from pathlib import Path

NAME = "mnist_conv_keras_benchmark.py"
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / NAME


def run(path, *options):
    return subprocess.run(
        [sys.executable, "-I", path, "--data", "digits", *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_losses_of_both_are_the_same_and_the_times_are_told():
    done = run(EXAMPLE, "--steps", "8", "--turns", "1", "--check", "8")

    assert done.returncode == 0, done.stderr
    apart = re.findall(r"^(float\d\d): losses of 8 .* at most (\S+)", done.stdout, re.M)
    assert [dtype for dtype, _ in apart] == ["float64", "float32"]
    assert float(apart[0][1]) < 1e-12
    assert float(apart[1][1]) < 1e-4
    row = r"^(\w+) +[\d.]+ ms +[\d.]+ to [\d.]+ ms +(?:\d+ MiB|not known)"
    assert re.findall(row, done.stdout, re.M) == ["pebblegrad", "keras"]


def test_another_rate_in_one_of_them_is_found_out(tmp_path):
    """The check fails where the two do not do the same, and then there is no race."""
    source, call = EXAMPLE.read_text("utf-8"), "Adam(LR, *BETAS"
    assert source.count(call) == 1
    changed = tmp_path / NAME
    changed.write_text(source.replace(call, "Adam(2 * LR, *BETAS"), "utf-8")

    done = run(changed, "--check", "4")

    assert done.returncode == 1
    assert "the two do not compute the same" in done.stderr
    assert "turn" not in done.stdout
