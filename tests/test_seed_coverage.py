"""Everything that the first texts asked for is shown by a test; the count is honest."""

import pytest

INVENTORY = """\
| id | item | what |
|---|---|---|
| T01 | `one` | first |
| T02 | `two` | second |

## Not shown by a test

| id | why | where |
|---|---|---|
"""
TEST = """\
import pytest
BLOCKS = ("first",)

@pytest.mark.seed("T01")
def test_one(text):
    assert text.run("first")

@pytest.mark.seed("T02")
def test_two():
    two = 1 + 1

    assert two == 2
"""


@pytest.fixture
def faults(tmp_path, tool):
    """Make a small inventory with tests, and return what is wrong with it."""
    folder = tmp_path / "tests" / "seeds"
    folder.mkdir(parents=True)

    def count(inventory=INVENTORY, test=TEST):
        (folder / "inventory.md").write_text(inventory, "utf-8")
        (folder / "test_000.py").write_text(test, "utf-8")
        return tool("seed_coverage").coverage(tmp_path).faults

    return count


def test_every_item_of_the_texts_is_shown_or_excused(root, tool):
    found = tool("seed_coverage").coverage(root)

    assert found.faults == []
    assert len(found.items) == 285
    assert found.sentence().endswith("0 missing (100 %)")


def test_what_is_complete_has_no_faults(faults):
    assert faults() == []


def test_an_item_without_test_and_excuse_is_missing(faults):
    assert faults(test=TEST.replace('"T02"', '"T01"')) == [
        "T02: neither tested nor excused"
    ]


def test_a_test_that_names_an_unknown_item_is_found(faults):
    (fault,) = faults(test=TEST.replace('"T02"', '"T02", "T99"'))

    assert fault.startswith("T99: no such item")


def test_a_marked_test_must_assert_something(faults):
    assert faults(test=TEST.replace("assert two == 2", "pass")) == [
        "test_000.py::test_two: names items, and asserts nothing"
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("assert two == 2", "assert True", "names items, and asserts nothing"),
        ("assert two == 2", "assert 1 + 1 == 2", "names items, and asserts nothing"),
        ("two = 1 + 1", "two = 2\n    return", "returns, perhaps before it asserts"),
        (
            "two = 1 + 1",
            "if 1:\n        return\n    two = 2",
            "returns, perhaps before",
        ),
        ("two = 1 + 1", "pytest.skip()\n    two = 2", "is skipped, or may fail"),
        (
            '@pytest.mark.seed("T02")',
            '@pytest.mark.skip\n@pytest.mark.seed("T02")',
            "is s",
        ),
        (
            '@pytest.mark.seed("T02")',
            '@pytest.mark.seed("T02")\n@pytest.mark.xfail(strict=True)',
            "is skipped, or may fail",
        ),
    ],
)
def test_a_marked_test_that_does_not_count_is_found(faults, old, new, fault):
    (found,) = faults(test=TEST.replace(old, new))

    assert found.startswith(f"test_000.py::test_two: {fault}")


def test_a_function_inside_of_a_test_may_return(faults):
    inner = "def double(x):\n        return 2 * x\n    two = double(1)"

    assert faults(test=TEST.replace("two = 1 + 1", inner)) == []


def test_two_tests_of_one_name_are_found(faults):
    found = faults(test=TEST.replace("test_one(text)", "test_two(text)"))

    fault = "another test has its name, and only the last one runs"
    assert found == [f"test_000.py::test_two: {fault}"] * 2


SOMETIMES = """
@pytest.fixture
def real():
    pytest.skip("nothing here")

@pytest.mark.seed("T02")
def test_three(real):
    assert real
"""


def test_what_a_test_shows_that_may_be_skipped_is_shown_by_another_too(faults):
    assert faults(test=TEST + SOMETIMES) == []
    assert faults(test=TEST.replace('"T02"', '"T01"') + SOMETIMES) == [
        "T02: no test shows it that runs everywhere"
    ]


@pytest.mark.parametrize(
    ("use", "used"),
    [
        ('text.program("first")', True),
        ('text.run(*("first", "other"))', True),
        ('text.blocks["first"]', True),
        ('signature(text, "first")', True),
        ('said(text, "first")', True),
        ("[said(text, name) for name in text]", False),
        ('text.run("other", changes={"first": "x"})', False),
        ('"first" in text.words', False),
    ],
)
def test_a_block_is_used_where_it_is_run_or_read(faults, use, used):
    found = faults(test=TEST.replace('text.run("first")', use))

    missing = "test_000.py: no test uses the block 'first' of its text"
    assert found == ([] if used else [missing])


def test_a_block_may_be_named_in_the_tuple_of_a_loop(faults):
    loop = 'text\n    for name in ("first", "other"):\n        said(text, name)'

    assert faults(test=TEST.replace('text.run("first")', loop)) == []


def test_a_block_of_a_text_that_nobody_runs_is_found(faults):
    assert faults(test=TEST.replace('("first",)', '("first", "second")')) == [
        "test_000.py: no test uses the block 'second' of its text"
    ]


def test_an_item_that_stands_twice_is_found(faults):
    assert faults(INVENTORY.replace("T02", "T01")) == [
        "T01: stands twice",
        "T01: stands twice",
        "T02: no such item; see tests/seeds/inventory.md",
    ]


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("`tests/seeds/inventory.md`", None),
        ("nowhere", "T03: the excuse names no file that answers it"),
        ("`no.md`", "T03: its answer should be in no.md; nothing there"),
    ],
)
def test_an_excuse_names_a_file_that_is_there(faults, place, fault):
    inventory = INVENTORY.replace("\n\n##", "\n| T03 | `three` | third |\n\n##")

    found = faults(f"{inventory}| T03 | words only | {place} |\n")

    assert found == ([fault] if fault else [])


def test_an_item_is_not_tested_and_excused(faults):
    (fault,) = faults(f"{INVENTORY}| T01 | no | `tests/seeds/inventory.md` |\n")

    assert fault.startswith("T01: excused, and tested by test_000.py::test_one")


def test_the_command_prints_the_sum_and_fails_with_a_fault(
    tool, tmp_path, monkeypatch, capsys, faults
):
    script = tool("seed_coverage")
    monkeypatch.setattr(script, "__file__", str(tmp_path / "tools" / "x.py"))

    faults()
    assert script.main(["--list"]) == 0
    faults(test=TEST.replace('"T02"', '"T01"'))
    assert script.main([]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["T01", "    test_000.py::test_one"]
    assert "2 items: 2 tested, 0 excused, 0 missing (100 %)" in lines
    assert lines[-2:] == [
        "2 items: 1 tested, 0 excused, 1 missing (50 %)",
        "T02: neither tested nor excused",
    ]
