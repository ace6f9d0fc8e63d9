"""The sum that .ci/run ends with is true, above all when something is missing."""

import pytest

PASSED = "<testcase/>"
FAILED = "<testcase><failure/></testcase>"
ERROR = "<testcase><error/></testcase>"
SKIPPED = "<testcase><skipped/></testcase>"


@pytest.fixture
def tree(tmp_path):
    """A repository of one package whose two runs left reports."""
    (tmp_path / "packages/nn").mkdir(parents=True)
    (tmp_path / "packages/nn/pyproject.toml").touch()
    (tmp_path / ".dev/reports").mkdir(parents=True)
    write(tmp_path, "tests", PASSED + SKIPPED)
    write(tmp_path, "isolated(nn)", PASSED)
    return tmp_path


def write(tree, name, cases):
    report = f"<testsuites><testsuite>{cases}</testsuite></testsuites>"
    (tree / f".dev/reports/{name}.xml").write_text(report, encoding="utf-8")


@pytest.fixture
def last_line(tool):
    module = tool("count_tests")
    return lambda tree, *failed: module.sentence(module.summary(tree, failed)[1])


def test_all_reports_are_added_up(tree, last_line):
    write(tree, "isolated(nn) doctests", PASSED)

    assert last_line(tree) == "3 passed, 0 failed, 1 skipped"


def test_failures_and_errors_count_as_failed(tree, last_line):
    write(tree, "tests", PASSED + FAILED + ERROR)

    assert last_line(tree) == "2 passed, 2 failed, 0 skipped"


def test_a_run_without_a_report_counts_as_failed(tree, last_line):
    (tree / ".dev/reports/isolated(nn).xml").unlink()

    assert last_line(tree) == "1 passed, 1 failed, 1 skipped"


def test_a_run_without_tests_counts_as_failed(tree, last_line):
    write(tree, "tests", "")

    assert last_line(tree) == "1 passed, 1 failed, 0 skipped"


def test_a_report_that_breaks_off_counts_as_failed(tree, last_line):
    (tree / ".dev/reports/tests.xml").write_text("<testsuites><test", "utf-8")

    assert last_line(tree) == "1 passed, 1 failed, 0 skipped"


def test_a_step_that_failed_shows_even_when_all_tests_passed(tree, last_line):
    assert last_line(tree, "lint") == "2 passed, 1 failed, 1 skipped"
