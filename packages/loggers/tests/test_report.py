import os
import re
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from pebblegrad.loggers import JSONLinesReporter, ReporterWarning, _page, report

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


def test_each_curve_is_thinned_once(tmp_path, monkeypatch):
    make_run(tmp_path)
    thinned, done = _page.thinned, []
    monkeypatch.setattr(
        _page, "thinned", lambda points: done.append(len(points)) or thinned(points)
    )
    report(tmp_path)

    assert done == [20, 20]  # of the loss and the gap; the loss has two charts


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


SCALARS = '{"kind":"scalars","run":"x","time":1,"step":%s,"scalars":%s}'
HISTOGRAM = (
    '{"kind":"histogram","run":"x","step":1,"name":"h","shape":[1],"counts":%s,'
    '"edges":%s,"mean":0,"std":0,"low":0,"high":1,"not_finite":0}'
)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (SCALARS % ("1e400", "{}"), "a whole number of 64 bits"),
        (SCALARS % ("1.5", "{}"), "step is 1.5; a whole number"),
        (SCALARS % ("9" * 30, "{}"), "a whole number of 64 bits"),
        (SCALARS % ("null", "{}"), "step is of type NoneType; a number"),
        (SCALARS % ("1", '{"a":"abc"}'), "could not convert string to float: 'abc'"),
        (SCALARS % ("1", '{"a":[]}'), "a is of type list; a number"),
        (SCALARS % ("1", f'{{"a":1{"0" * 400}}}'), "a is too large"),
        (
            '{"kind":"scalars","time":"nan","step":1,"scalars":{}}',
            "'nan', which is no d",
        ),
        (
            '{"kind":"scalars","time":1e400,"step":1,"scalars":{}}',
            "is inf, which is no",
        ),
        (
            '{"kind":"end","time":1e15,"failed":false}',
            "time is 1000000000000000.0, which is no",
        ),
        (HISTOGRAM % ("[0,0]", "[0,1,2]"), "all counts are 0"),
        (HISTOGRAM % ("[1,-1]", "[0,1,2]"), "a count is negative or not finite"),
        (HISTOGRAM % ("[1]", '["nan",1]'), "edges are not finite numbers in order"),
        (HISTOGRAM % ("[1]", "[2,1]"), "edges are not finite numbers in order"),
        (HISTOGRAM % ("[1]", "[1]"), "1 counts have 1 edges"),
        ('{"kind":"run","config":[1],"environment":{}}', "TypeError"),
        (
            '{"kind":"run","environment":{},"config":' + '{"a":' * 60 + "1" + "}" * 61,
            "config is nested deeper than 50 levels",
        ),
    ],
)
def test_a_record_that_was_edited_by_hand_is_named_with_its_line(
    tmp_path, line, message
):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    reporter.log_scalars(1, {"loss": 1})
    with open(reporter.path, "a") as file:
        file.write(f"{line}\n")

    with pytest.raises(ValueError, match=rf"line 3 of '.*metrics.jsonl' .*{message}"):
        report(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_a_line_that_is_nested_without_end_is_named_too(tmp_path):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    with open(reporter.path, "a") as file:
        file.write("[" * 100_000 + "\n")

    with pytest.raises(ValueError, match=r"line 2 of .* a JSON object was needed"):
        report(tmp_path)


@pytest.mark.parametrize("edges", ["[-1e308,1e308]", "[1,1]"])
def test_hills_of_hard_edges_are_drawn(tmp_path, edges):
    (tmp_path / "m.jsonl").write_text(HISTOGRAM % ("[1]", edges) + "\n")

    assert len(Page(report(tmp_path)).all("path", "hill")) == 1


def test_text_that_cannot_be_encoded_is_shown_by_its_bytes(tmp_path):
    JSONLinesReporter(log_dir=tmp_path, config={"path": "caf\udce9"})
    page = Page(report(tmp_path))

    assert "caf\\udce9" in page.texts
    assert len(list(tmp_path.iterdir())) == 2


def test_files_of_others_are_left_out(tmp_path):
    make_run(tmp_path, steps=1)
    (tmp_path / "a.jsonl").write_text('{"text":"hello"}\n{"kind":"joke","text":"x"}\n')
    (tmp_path / "b.jsonl").write_text('["hello"]\n')
    (tmp_path / "c.jsonl").write_text("hello\n")
    with open(tmp_path / "metrics.jsonl", "a") as file:
        file.write('{"kind":"of a later version","run":"y"}\n')
    page = Page(report(tmp_path))

    assert len(page.all("path", "curve")) == 3  # of one run
    assert page.texts.count("finished") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"text":"hello"}\n',
            "has no records; those of a JSONLinesReporter were need",
        ),
        ("hello\n", "line 1 of .* is 'hello'; a JSON object was needed"),
    ],
)
def test_a_file_of_others_alone_is_an_error(tmp_path, text, message):
    (tmp_path / "a.jsonl").write_text(text)

    for argument in (tmp_path, tmp_path / "a.jsonl"):
        with pytest.raises(ValueError, match=message):
            report(argument)


def test_of_steps_that_come_twice_the_later_record_is_shown(tmp_path):
    first = JSONLinesReporter(log_dir=tmp_path, config={"lr": 0.1})
    for step in range(5):
        first.log_scalars(step, {"loss": step + 1})
    first.log_histogram(3, "w", [1.0])
    with JSONLinesReporter(log_dir=tmp_path, run=first.run) as second:
        for step in (3, 4, 5):
            second.log_scalars(step, {"loss": 10 * step})
        second.log_histogram(3, "w", [2.0])
        second.log_image(3, "p", [[1.0]])
        second.log_image(3, "p", [[0.5]])
    page = Page(report(tmp_path))

    curve = page.all("path", "curve")[0]
    assert curve["data-steps"] == "0 1 2 3 4 5"
    assert curve["data-values"] == "1 2 3 30 40 50"
    assert len(page.all("path", "hill")) == len(page.all("img")) == 1
    assert "finished" in page.texts
    assert "lr" in page.texts  # the second had no settings


def test_a_run_that_goes_on_after_its_end_goes_on(tmp_path):
    with JSONLinesReporter(log_dir=tmp_path) as first:
        first.log_scalars(1, {"loss": 1})
    JSONLinesReporter(log_dir=tmp_path, run=first.run)

    assert "goes on, or was killed" in Page(report(tmp_path)).texts


def test_many_runs_are_counted_in_the_title(tmp_path):
    for _ in range(4):
        make_run(tmp_path, steps=1)
    page = Page(report(tmp_path))

    assert page.text.count("4 runs") == 2
    assert "<h1>4 runs</h1>" in page.text


def test_the_page_says_what_smoothing_averages(tmp_path):
    make_run(tmp_path)

    assert "on the logarithmic axis their logarithms" in report(tmp_path).read_text()


def test_a_curve_without_finite_values_does_not_stop_the_script(tmp_path):
    reporter = JSONLinesReporter(log_dir=tmp_path)
    reporter.log_scalars(1, {"loss": np.nan})
    page = Page(report(tmp_path))

    (curve,) = page.all("path", "curve")
    assert curve["data-steps"] == ""
    assert ".filter((path) => path.dataset.steps)" in page.text


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
