"""The demo, run as a user runs it: what it prints, what it writes, what it refuses."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

WRITTEN = {
    "architecture.png",
    "graph.png",
    "mnist_mlp.log",
    "training.png",
    "weights.safetensors",
}


@pytest.fixture
def demo(root, tmp_path):
    """Run the demo in an empty folder, and return what it did."""

    def run(*options, data=None):
        environment = {**os.environ, "PEBBLEGRAD_DATA": str(data or tmp_path / "none")}
        return subprocess.run(
            [sys.executable, "-I", root / "examples" / "mnist_mlp.py", *options],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def mnist():
    """The folder of the real MNIST, where there is one."""
    folder = os.environ.get("PEBBLEGRAD_TEST_MNIST")
    if not folder or not Path(folder).is_dir():
        pytest.skip("no real MNIST here: PEBBLEGRAD_TEST_MNIST names no folder")
    return folder


def numbers(output):
    """Return loss and accuracy of each epoch, as printed."""
    return re.findall(r"^epoch (\d+): loss ([\d.]+), .* ([\d.]+)%$", output, re.M)


def test_the_demo_learns_the_embedded_digits_and_leaves_its_results(demo, tmp_path):
    run = demo("--data", "digits")

    assert run.returncode == 0, run.stderr
    results = numbers(run.stdout)
    assert len(results) == 20
    assert float(results[-1][2]) >= 96.0
    assert {file.name for file in (tmp_path / "outputs").iterdir()} == WRITTEN
    assert re.findall(r"^wrote (\S+)", run.stdout, re.M) == [
        str(Path("outputs") / name)
        for name in (
            "mnist_mlp.log",
            "training.png",
            "architecture.png",
            "graph.png",
            "weights.safetensors",
        )
    ]
    log = (tmp_path / "outputs" / "mnist_mlp.log").read_text("utf-8")
    assert log.count("- BACKWARD PASS]") == 20
    weights = load_file(tmp_path / "outputs" / "weights.safetensors")
    assert {name: array.shape for name, array in weights.items()} == {
        "0.weight": (128, 64),
        "0.bias": (128,),
        "2.weight": (64, 128),
        "2.bias": (64,),
        "4.weight": (10, 64),
        "4.bias": (10,),
    }


def test_the_demo_learns_the_real_mnist(demo, mnist):
    run = demo("--out", "results", data=mnist)

    assert run.returncode == 0, run.stderr
    results = numbers(run.stdout)
    assert len(results) == 5
    # 96.97 to 97.25 over four seeds, each with and without compiled kernels.
    assert float(results[-1][2]) >= 96.8


def test_the_same_seed_gives_the_same_numbers_and_weights(demo, tmp_path):
    options = ("--data", "digits", "--epochs", "2", "--seed")

    first, second, other = (
        demo(*options, seed, "--out", out) for seed, out in ["7a", "7b", "8c"]
    )

    assert numbers(first.stdout) == numbers(second.stdout) != numbers(other.stdout)
    a, b = (load_file(tmp_path / out / "weights.safetensors") for out in "ab")
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


def test_without_mnist_the_demo_says_so_in_a_line_and_goes_on(root, tmp_path):
    code = (
        "import runpy, sys, pebblegrad.data as data\n"
        "def refuse(): raise ConnectionError('no network')\n"
        "data.load_mnist = refuse\n"
        "sys.argv = ['mnist_mlp', *sys.argv[2:]]\n"
        f"runpy.run_path({str(root / 'examples' / 'mnist_mlp.py')!r}, "
        "run_name='__main__')\n"
    )

    def run(*options):
        return subprocess.run(
            [sys.executable, "-I", "-c", code, "-", *options],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    auto, insisting = run("--epochs", "1"), run("--data", "mnist")

    assert auto.returncode == 0, auto.stderr
    assert auto.stdout.splitlines()[0] == (
        "MNIST cannot be had now (no network; --data mnist says more): "
        "training on the embedded 8x8 digits instead"
    )
    assert auto.stdout.splitlines()[1].startswith("digits: 1438 digits to learn from")
    assert insisting.returncode == 1
    assert insisting.stderr == "mnist_mlp: no network\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--epochs", "0"), "--epochs: '0' is given, an integer from 1 on is needed"),
        (("--epochs", "many"), "--epochs: 'many' is given, an integer from 1 on"),
        (("--batch-size", "-1"), "--batch-size: '-1' is given, an integer from 1 on"),
        (("--lr", "nan"), "--lr: 'nan' is given, a number above 0 is needed"),
        (("--lr", "0"), "--lr: '0' is given, a number above 0 is needed"),
        (("--lr", "inf"), "--lr: 'inf' is given, a number above 0 is needed"),
        (("--seed", "-1"), "--seed: '-1' is given, an integer from 0 on is needed"),
        (("--data", "cifar"), "invalid choice: 'cifar'"),
        (("--out", "file"), "--out file: this folder cannot be made"),
    ],
)
def test_nonsense_is_refused_before_anything_is_done(demo, tmp_path, options, message):
    (tmp_path / "file").touch()

    run = demo(*options)

    assert run.returncode == 2
    assert message in run.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"file"}


def test_the_help_names_every_option(demo):
    text = demo("--help").stdout

    for option in ("--epochs", "--batch-size", "--lr", "--seed", "--data", "--out"):
        assert option in text
