import os
import re
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from pebblegrad.loggers import JSONLinesReporter, ReporterWarning, report

VOID = {"meta", "input", "img", "link", "br"}
# The script and the drawings close these themselves.
SVG_ONLY = {"path", "line"}


class Page(HTMLParser):
    """Checks that all elements are closed, and keeps what a test asks for."""

    def __init__(self, path):
        super().__init__()
        self.open, self.elements, self.texts, self.title = [], [], [], ""
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG_ONLY
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data.strip())

    def all(self, tag, kind=None):
        return [
            attrs
            for name, attrs in self.elements
            if name == tag and (kind is None or kind in attrs.get("class", "").split())
        ]


def make_run(folder, lr=0.1, steps=20):
    rng = np.random.default_rng(0)
    config = {"lr": lr, "model": {"hidden": [8, 4]}, "name": "<i>&"}
    with JSONLinesReporter(log_dir=folder, config=config) as reporter:
        for step in range(steps):
            reporter.log_scalars(step, {"loss": 1 / (step + 1), "gap": step - 5})
            reporter.log_histogram(step, "0.weight", rng.normal(size=(5, 3)))
            reporter.log_image(step, "digit", rng.random((8, 8)))
    return reporter


def test_a_page_shows_all_of_a_run(tmp_path):
    make_run(tmp_path / "first")
    path = report(tmp_path / "first")

    page = Page(path)
    assert path == tmp_path / "first" / "report.html"
    headings = ["Runs", "Curves", "Values", "Settings", "Parameters and gradients"]
    for text in [*headings, "Pictures", "Environment", "first", "loss", "finished"]:
        assert text in page.texts
    for text in ["model.hidden", "[8, 4]", "<i>&", "(5, 3)", "python", "git_commit"]:
        assert text in page.texts
    assert f"packages.numpy{np.__version__}" in "".join(page.texts)
    assert len(page.all("path", "hill")) == 8
    assert len(page.all("img")) == 12
    assert "digit, 12 of 20" in page.texts


def test_curves_are_drawn_from_the_numbers(tmp_path):
    make_run(tmp_path / "first")
    page = Page(report(tmp_path / "first"))

    loss, logarithmic, gap = page.all("path", "curve")  # `gap` is negative: no log
    assert loss["data-steps"] == " ".join(map(str, range(20)))
    assert loss["data-values"].split()[:3] == ["1", "0.5", "0.333333"]
    assert logarithmic["data-values"] == loss["data-values"]
    assert logarithmic["d"] != loss["d"]
    assert gap["data-values"].split()[0] == "-5"


def test_the_script_finds_every_point_that_is_drawn(tmp_path):
    """Its pattern reads the same in Python; a greedy one once swallowed points."""
    make_run(tmp_path / "first")
    script = (files("pebblegrad.loggers") / "page" / "script.js").read_text()
    (pattern,) = re.findall(r"path\.replace\(/(.*?)/g", script)
    page = Page(report(tmp_path / "first"))

    for curve in page.all("path", "curve"):
        found = re.findall(pattern, curve["d"])
        assert len(found) == len(curve["data-steps"].split()) == 20
        assert all(float(y) > 0 for _, _, y in found)


def test_the_page_loads_nothing_and_forbids_itself_to(tmp_path):
    make_run(tmp_path / "first")
    page = Page(report(tmp_path / "first"))

    policies = [meta for meta in page.all("meta") if "http-equiv" in meta]
    assert policies[0]["content"].startswith("default-src 'none';")
    assert not page.all("link")
    assert all("src" not in script for script in page.all("script"))
    assert all(
        img["src"].startswith("data:image/png;base64,") for img in page.all("img")
    )
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "@import" not in page.text


def test_it_is_readable_on_a_phone_and_in_the_dark(tmp_path):
    make_run(tmp_path / "first")
    page = Page(report(tmp_path / "first"))

    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in (
        page.all("meta")
    )
    assert "prefers-color-scheme: dark" in page.text


def test_several_runs_are_compared_on_one_page(tmp_path):
    runs = [tmp_path / "slow", tmp_path / "fast"]
    for run, lr in zip(runs, (0.1, 0.5), strict=True):
        make_run(run, lr)
    path = report(runs, "compare.html")

    page = Page(path)
    assert path == tmp_path / "compare.html"
    curves = [c for c in page.all("path", "curve") if "data-values" in c]
    assert [c["data-label"] for c in curves] == ["slow", "fast"] * 3
    assert len({c["stroke"] for c in curves}) == 2
    assert page.texts.count("slow") >= 3
    differs = [row for row in page.all("tr") if row.get("class") == "differs"]
    assert len(differs) == 1  # the learning rate


def test_runs_of_one_file_are_told_apart(tmp_path):
    for _ in range(2):
        make_run(tmp_path / "run", steps=1)
    page = Page(report(tmp_path / "run"))

    labels = [c["data-label"] for c in page.all("path", "curve") if "data-label" in c]
    assert len(set(labels)) == 2
    assert all(label.startswith("run, metrics, 20") for label in labels)


def test_a_run_that_goes_on_or_was_killed_has_a_page_too(tmp_path):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    reporter.log_scalars(1, {"loss": np.nan})
    with open(reporter.path, "ab") as file:
        file.write(b'{"kind":')
    with pytest.warns(ReporterWarning, match="was left out"):
        page = Page(report(reporter.path))

    assert "goes on, or was killed" in page.texts
    assert "1 of 1 values are not finite" in page.texts


def test_a_failed_run_says_so(tmp_path):
    with pytest.raises(KeyError), JSONLinesReporter(log_dir=tmp_path):
        raise KeyError
    page = Page(report(tmp_path))

    assert "failed" in page.texts


def test_nothing_in_a_log_becomes_markup(tmp_path):
    evil = "</script><script>alert(1)</script>\"'&"
    reporter = JSONLinesReporter(log_dir=tmp_path, config={evil: evil})
    reporter.log_scalars(1, {evil: 1})
    reporter.log_histogram(1, evil, [1.0, 2.0])
    reporter.log_image(1, evil, [[1.0]])
    page = Page(report(tmp_path))

    assert len(page.all("script")) == 1
    assert page.text.count("<script>") == 1
    assert evil in page.texts


def test_a_page_stays_small_however_long_the_run(tmp_path):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    for step in range(20_000):
        reporter._append("scalars", step=step, scalars={"loss": step % 7 + 0.5})
    path = report(tmp_path)

    assert path.stat().st_size < 150_000
    assert "no extreme is left out" in path.read_text(encoding="utf-8")


def test_histograms_of_nothing_finite_are_rows_without_a_hill(tmp_path):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    reporter.log_histogram(1, "w", [np.nan, np.nan])
    page = Page(report(tmp_path))

    assert page.all("path", "hill") == []
    assert "w" in page.texts


def test_steps_that_come_out_of_order_are_drawn_in_order(tmp_path):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    for step in (3, 1, 2):
        reporter.log_scalars(step, {"loss": -step})
    (curve,) = Page(report(tmp_path)).all("path", "curve")

    assert curve["data-steps"] == "1 2 3"


def test_a_filename_with_a_folder_is_taken_as_it_is(tmp_path, monkeypatch):
    make_run(tmp_path / "run", steps=1)
    (tmp_path / "pages").mkdir()
    monkeypatch.chdir(tmp_path)

    assert report("run", "pages/a.html").resolve() == tmp_path / "pages" / "a.html"
    assert report("run").resolve() == tmp_path / "run" / "report.html"


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    make_run(tmp_path, steps=1)
    old = report(tmp_path).read_text(encoding="utf-8")

    def fail(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=r"report: the page cannot be written \(No space"):
        report(tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == old
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "metrics.jsonl",
        "report.html",
    ]


@pytest.mark.parametrize(
    ("argument", "error", "message"),
    [
        (3, TypeError, "run_dir is 3 of type int; the path of a run, or a list"),
        ([3], TypeError, r"run_dir is \[3\] of type list"),
        ([], ValueError, "run_dir is empty; the path of a run was needed"),
        ("nowhere", FileNotFoundError, "there is no 'nowhere'; the folder of a run"),
        ("empty", ValueError, "'empty' has no .jsonl file; one was needed"),
        ("silent", ValueError, "'silent' has no records"),
        ("foreign", ValueError, "line 1 of .* is no record .*KeyError: 'step'"),
        ("broken", ValueError, "line 1 of .* object was needed"),
        ("wrong", ValueError, "line 1 of .* is no record .*png is no PNG file"),
    ],
)
def test_what_is_no_run_is_named(tmp_path, monkeypatch, argument, error, message):
    monkeypatch.chdir(tmp_path)
    for name, line in {
        "empty": None,
        "silent": "",
        "foreign": '{"kind": "scalars", "scalars": {}}\n',
        "broken": "loss 0.5\n",
        "wrong": '{"kind":"image","step":1,"name":"a","png":"AAAA"}\n',
    }.items():
        (tmp_path / name).mkdir()
        if line is not None:
            (tmp_path / name / "metrics.jsonl").write_text(line)

    with pytest.raises(error, match=message):
        report(argument)
    assert not list(tmp_path.glob("**/*.html"))


def test_a_filename_is_a_path(tmp_path):
    with pytest.raises(TypeError, match="report: filename is 3 of type int; a path"):
        report(tmp_path, 3)
