"""Every exercise fails before it is written, passes with its solution, not with a slip.

What the checks say is what a learner reads, so that is tested as well.
"""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXERCISES = Path(__file__).resolve().parents[1] / "docs" / "exercises"


def load_check():
    spec = importlib.util.spec_from_file_location(
        "exercise_check", EXERCISES / "check.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


check = load_check()

SLIPS = [
    # an exercise, a part of its solution, what stands there by mistake, what is said
    ("derivative", "f(x - h)) / (2 * h)", "f(x)) / h", "go to both sides"),
    ("derivative", "return (f", "_ = (f", "is there a `return`"),
    ("chain_rule", "g * w, g * x", "g * x, g * w", "the gradient of x is"),
    ("chain_rule", "1 - out * out", "1 - out", "was needed"),
    ("scalar_op", "grad += out.grad * (1", "grad = out.grad * (1", "10 before"),
    ("scalar_op", "if not waits_for[", "if not 0 * waits_for[", "in tanh(x)**2 + x"),
    ("unbroadcast", ", keepdims=True", "", "has shape"),
    ("unbroadcast", "range(added)", "range(1, added + 1)", "(Axis|axis|has shape)"),
    ("custom_op", "xp.log1p(xp.exp(-2 * size))", "0.0", "was needed"),
    ("custom_op", "g * xp.tanh(x)", "xp.tanh(x)", "with 2 coming in"),
    ("cross_entropy", " - logits.max(axis=1, keepdims=True)", "", "500 was needed"),
    ("cross_entropy", "return g / len(target)", "return g", "row of the gradient is"),
    ("layer", " * self.weight + self.bias", " + self.bias", "with the state loaded"),
    ("layer", "Tensor([1.0] * features, ", "Tensor([1.0] * 3, ", "was needed|fit"),
    ("convolution", "0, 2, 3, 1, 4, 5", "0, 2, 3, 4, 5, 1", "which axes went"),
    ("convolution", "tuple(kernel), stride", "tuple(kernel)", "the shape is"),
    ("attention", " / math.sqrt(query.shape[-1])", "", "the first row is"),
    ("attention", "-math.inf", "0.0", "an earlier output too"),
    ("attention", "~np.tri", "np.tri", "invalid value|itself|was changed"),
    ("optimizer", "m / (1 - beta1**t)", "m", "divided by 1 - beta"),
    ("optimizer", "m[...] = beta1", "grad *= 2\n        m[...] = beta1", "into grad"),
    ("schedule", "(t + 1) / self.warmup", "t / self.warmup", "the first rates are"),
    ("schedule", ", 1)", ", 9)", "from step 10 on"),
    ("clipping", "if norm > max_norm", "if True", "nothing was to be changed"),
    ("clipping", "max_norm / norm", "max_norm / np.abs(g).max()", "were needed"),
    ("newton", "-grad(function)", "grad(function)", "was needed"),
    ("newton", "if left <= tolerance", "if False", "for b = 0 it is|invalid value"),
    ("logger", "if unknown :=", "if False and", "there was no ValueError"),
    ("logger", ":.4g", ":.6g", "and this was needed"),
]


def problems(name, path):
    return [outcome.problem for outcome in check.run(name, path)]


def test_every_folder_is_an_exercise_and_the_guide_names_them_in_order():
    page = (EXERCISES.parent / "exercises.md").read_text(encoding="utf-8")

    folders = {path.parent.name for path in EXERCISES.glob("*/check.py")}
    assert folders == set(check.NAMES)
    assert re.findall(r"^\| \[`(\w+)`\]", page, re.M) == list(check.NAMES)


@pytest.mark.parametrize("name", check.NAMES)
def test_an_exercise_fails_before_it_is_written(name):
    found = problems(name, EXERCISES / name / "exercise.py")

    assert found and all(found)
    assert any(problem.startswith("not written yet: ") for problem in found)


@pytest.mark.parametrize("name", check.NAMES)
def test_an_exercise_passes_with_its_solution(name):
    assert set(problems(name, EXERCISES / name / "solution.py")) == {None}


@pytest.mark.parametrize(("name", "right", "wrong", "said"), SLIPS)
def test_a_usual_mistake_is_found_and_named(name, right, wrong, said, tmp_path):
    solution = (EXERCISES / name / "solution.py").read_text(encoding="utf-8")
    path = tmp_path / "exercise.py"
    path.write_text(solution.replace(right, wrong), encoding="utf-8")

    assert right in solution
    found = [problem for problem in problems(name, path) if problem]
    # The sentence itself, or a pattern where NumPy versions differ.
    assert any(said in problem or re.search(said, problem) for problem in found), found


def test_every_exercise_has_usual_mistakes():
    counts = {name: sum(slip[0] == name for slip in SLIPS) for name in check.NAMES}

    assert min(counts.values()) >= 2


def test_a_fault_in_the_file_is_told_with_its_line(tmp_path):
    path = tmp_path / "exercise.py"
    path.write_text("def derivative(f, x, h=1e-5):\n    return f(y)\n", "utf-8")
    unwritten = tmp_path / "unfinished.py"
    unwritten.write_text("def derivative(f, x:\n", "utf-8")

    assert problems("derivative", path)[0].startswith(
        "exercise.py, line 2: NameError: name 'y' is not defined"
    )
    assert problems("derivative", unwritten)[0].startswith("unfinished.py, line 1: ")


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-I", EXERCISES / "check.py", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_says_what_holds_and_what_does_not():
    before, after = command("derivative"), command("derivative", "--solution")

    assert before.returncode == 1 and after.returncode == 0
    assert before.stdout.splitlines()[:2] == [
        "  NOT  The slope of 3 x + 1 is 3, everywhere",
        "       not written yet: derivative(f, x, h) returns a number",
    ]
    assert before.stdout.splitlines()[-1].endswith(
        str(Path("docs", "exercises", "derivative", "exercise.py"))
    )
    assert after.stdout.splitlines()[-1] == "derivative: done. Next: chain_rule"
    assert before.stderr == after.stderr == ""


def test_the_command_without_a_name_lists_them_all():
    done = command()

    assert done.returncode == 0 and done.stderr == ""
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(check.NAMES)


def test_the_command_refuses_a_name_that_is_none():
    done = command("derivativ")

    assert done.returncode == 2 and "invalid choice: 'derivativ'" in done.stderr
