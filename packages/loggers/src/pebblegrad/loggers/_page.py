"""What a page about runs shows, section by section.

Everything that comes from a run (names, settings, labels) passes `escape`, and the page
forbids itself to load anything: a log from elsewhere cannot make it do more than show.
"""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from importlib.resources import files
from typing import Any

from pebblegrad.loggers._chart import (
    Curve,
    hill_chart,
    line_chart,
    short,
    stroke,
    thinned,
)
from pebblegrad.loggers._image import SIGNATURE

MOST_HILLS = 8
MOST_PICTURES = 12


@dataclass
class RunData:
    """The records of one run, sorted by kind and name.

    Args:
        label: what the page calls it.
        config: its settings.
        environment: where it ran.
        scalars: (step, value) by name.
        histograms: records by name.
        images: (step, PNG file) by name.
        times: of its records, seconds since 1970.
        state: how it ended.
    """

    label: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    scalars: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    histograms: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    images: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    state: str = "goes on, or was killed"

    @property
    def started(self) -> str:
        if not self.times:
            return ""
        return f"{datetime.fromtimestamp(self.times[0]):%Y-%m-%d %H:%M:%S}"

    def add(self, record: Mapping[str, Any]) -> None:
        """Take one record; kinds that are not known are left out.

        Raises:
            KeyError, TypeError, ValueError: when a record of a known kind is not as it
                should be.
        """
        if "time" in record:
            self.times.append(float(record["time"]))
        kind = record.get("kind")
        if kind == "run":
            self.config = dict(record["config"])
            self.environment = dict(record["environment"])
        elif kind == "scalars":
            step = int(record["step"])
            for name, value in dict(record["scalars"]).items():
                self.scalars.setdefault(name, []).append((step, float(value)))
        elif kind == "histogram":
            row = {key: float(record[key]) for key in ("mean", "std", "low", "high")}
            counts = [float(count) for count in record["counts"]]
            edges = [float(edge) for edge in record["edges"]]
            if len(edges) != (len(counts) + 1 if counts else 0):
                raise ValueError(f"{len(counts)} counts have {len(edges)} edges")
            shape = tuple(int(size) for size in record["shape"])
            whole = {key: int(record[key]) for key in ("step", "not_finite")}
            self.histograms.setdefault(str(record["name"]), []).append(
                {"shape": shape, "counts": counts, "edges": edges, **row, **whole}
            )
        elif kind == "image":
            data = base64.b64decode(record["png"], validate=True)
            if not data.startswith(SIGNATURE):
                raise ValueError("png is no PNG file")
            name = str(record["name"])
            self.images.setdefault(name, []).append((int(record["step"]), data))
        elif kind == "end":
            self.state = "failed" if record["failed"] else "finished"


def page(runs: Sequence[RunData]) -> str:
    """Build the page.

    Args:
        runs: one or more.

    Returns:
        A complete HTML document.
    """
    folder = files("pebblegrad.loggers") / "page"
    style = (folder / "style.css").read_text(encoding="utf-8")
    script = (folder / "script.js").read_text(encoding="utf-8")
    title = escape(", ".join(run.label for run in runs))
    sections = [
        _section("Runs", _overview(runs)),
        _curves(runs),
        _section("Values", _values(runs)),
        _section("Settings", _settings(runs, lambda run: run.config)),
        _section("Parameters and gradients", _hills(runs)),
        _section("Pictures", _pictures(runs)),
        _section("Environment", _settings(runs, lambda run: run.environment)),
    ]
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "img-src data:"
    )
    made = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n<p>Written by pebblegrad at {made}.</p>\n"
        f"{''.join(sections)}<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<h2>{title}</h2>\n{content}\n" if content else ""


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], differ: Sequence[bool] = ()
) -> str:
    """Lay out cells that are HTML already; the first of a row is its title."""
    lines = ["".join(f'<th scope="col">{cell}</th>' for cell in head)]
    lines = [f"<tr>{lines[0]}</tr>"]
    for index, (title, *cells) in enumerate(rows):
        kind = ' class="differs"' if differ and differ[index] else ""
        texts = "".join(f"<td>{cell}</td>" for cell in cells)
        lines.append(f'<tr{kind}><th scope="row">{title}</th>{texts}</tr>')
    body = "\n".join(lines)
    return f'<div class="wide"><table>\n{body}\n</table></div>'


def _overview(runs: Sequence[RunData]) -> str:
    rows = []
    for run in runs:
        seconds = round(run.times[-1] - run.times[0]) if run.times else 0
        steps = [step for points in run.scalars.values() for step, _ in points]
        alarm = ' class="alarm"' if run.state == "failed" else ""
        rows.append(
            [
                escape(run.label),
                run.started,
                f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}",
                str(max(steps)) if steps else "",
                f"<span{alarm}>{run.state}</span>",
            ]
        )
    return _table(["Run", "Started", "Took", "Last step", "State"], rows)


def _names(runs: Sequence[RunData], of: Callable[[RunData], Mapping[str, Any]]) -> Any:
    """All names in the order in which they first came."""
    return list(dict.fromkeys(name for run in runs for name in of(run)))


def _curves(runs: Sequence[RunData]) -> str:
    figures, left_out = [], False
    for name in _names(runs, lambda run: run.scalars):
        curves = []
        for index, run in enumerate(runs):
            if name in run.scalars:
                points = sorted(run.scalars[name], key=lambda point: point[0])
                left_out |= len(thinned(points)) < len(points)
                curves.append(Curve(run.label if len(runs) > 1 else "", index, points))
        values = [value for curve in curves for _, value in curve.points]
        broken = sum(not math.isfinite(value) for value in values)
        positive = all(value > 0 for value in values if math.isfinite(value))
        charts = line_chart(curves)
        if positive and broken < len(values):
            charts = charts.replace("<svg", '<svg class="has-logarithmic"', 1)
            charts += line_chart(curves, logarithmic=True)
        note = (
            f'<p class="alarm">{broken} of {len(values)} values are not finite</p>'
            if broken
            else ""
        )
        figures.append(
            f"<figure><h3>{escape(name)}</h3>{charts}"
            f'<p class="readout"></p>{note}</figure>'
        )
    if not figures:
        return ""
    controls = (
        '<div class="controls"><label>Smoothing <input id="smoothing" type="range" '
        'min="0" max="0.99" step="0.01" value="0"> <output id="weight">0.00</output>'
        '</label><label><input id="logarithmic" type="checkbox"> Logarithmic'
        f"</label>{_key(runs)}</div>"
    )
    note = (
        "<p>Curves of many points are drawn by their peaks: no extreme is left out.</p>"
        if left_out
        else ""
    )
    cards = f'<div class="cards">{"".join(figures)}</div>'
    return f"<h2>Curves</h2>\n{controls}\n{note}{cards}\n"


def _key(runs: Sequence[RunData]) -> str:
    """Which color is which run."""
    if len(runs) == 1:
        return ""
    entries = [
        f'<li><svg viewBox="0 0 32 12"><path class="curve" d="M1 6H31" '
        f"{stroke(index)}/></svg> {escape(run.label)}</li>"
        for index, run in enumerate(runs)
    ]
    return f'<ul class="key">{"".join(entries)}</ul>'


def _values(runs: Sequence[RunData]) -> str:
    rows = []
    for name in _names(runs, lambda run: run.scalars):
        for run in runs:
            if name not in run.scalars:
                continue
            points = sorted(run.scalars[name], key=lambda point: point[0])
            finite = [point for point in points if math.isfinite(point[1])]
            cells = [short(points[-1][1])]
            for pick in (min, max):
                if finite:
                    step, value = pick(finite, key=lambda point: point[1])
                    cells.append(f"{short(value)} (step {step})")
                else:
                    cells.append("")
            run_cell = [escape(run.label)] if len(runs) > 1 else []
            rows.append([escape(name), *run_cell, *cells])
    run_head = ["Run"] if len(runs) > 1 else []
    head = ["Name", *run_head, "Last", "Least", "Greatest"]
    return _table(head, rows) if rows else ""


def _settings(
    runs: Sequence[RunData], of: Callable[[RunData], Mapping[str, Any]]
) -> str:
    """A row for each setting, a column for each run; marked where they differ."""
    flat = [dict(_flat(of(run))) for run in runs]
    names = list(dict.fromkeys(name for settings in flat for name in settings))
    rows, differ = [], []
    for name in names:
        cells = [str(settings.get(name, "")) for settings in flat]
        rows.append([escape(name), *map(escape, cells)])
        differ.append(len(set(cells)) > 1)
    head = ["Name", *(escape(run.label) for run in runs)]
    return _table(head, rows, differ) if rows else ""


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Settings within settings, as ``outer.inner``."""
    result = []
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            result += _flat(value, f"{prefix}{name}.")
        else:
            result.append((f"{prefix}{name}", value))
    return result


def _hills(runs: Sequence[RunData]) -> str:
    rows, figures = [], []
    for name in _names(runs, lambda run: run.histograms):
        for index, run in enumerate(runs):
            records = run.histograms.get(name, [])
            if not records:
                continue
            title = escape(f"{name} ({run.label})" if len(runs) > 1 else name)
            last = records[-1]
            broken = str(last["not_finite"])
            if last["not_finite"]:
                broken = f'<span class="alarm">{broken}</span>'
            moments = [short(last[key]) for key in ("mean", "std", "low", "high")]
            rows.append([title, str(last["shape"]), *moments, broken])
            drawn = [record for record in records if record["counts"]]
            if drawn:
                chart = hill_chart(
                    [
                        (record["step"], record["counts"], record["edges"])
                        for record in evenly(drawn, MOST_HILLS)
                    ],
                    index,
                )
                figures.append(f"<figure><h3>{title}</h3>{chart}</figure>")
    if not rows:
        return ""
    head = ["Last record of", "Shape", "Mean", "Std", "Least", "Greatest", "Not finite"]
    cards = f'<div class="cards">{"".join(figures)}</div>'
    return f"<p>Step by step from top to bottom.</p>\n{cards}\n{_table(head, rows)}"


def _pictures(runs: Sequence[RunData]) -> str:
    figures = []
    for name in _names(runs, lambda run: run.images):
        for run in runs:
            pictures = run.images.get(name, [])
            if not pictures:
                continue
            shown = evenly(pictures, MOST_PICTURES)
            title = f"{name} ({run.label})" if len(runs) > 1 else name
            if len(shown) < len(pictures):
                title += f", {len(shown)} of {len(pictures)}"
            cells = "".join(
                f'<div><img alt="{escape(name)}, step {step}" src="data:image/png;'
                f'base64,{base64.b64encode(data).decode("ascii")}">step {step}</div>'
                for step, data in shown
            )
            figures.append(
                f'<figure><h3>{escape(title)}</h3><div class="pictures">{cells}</div>'
                "</figure>"
            )
    return f'<div class="cards">{"".join(figures)}</div>' if figures else ""


def evenly(items: Sequence[Any], most: int) -> list[Any]:
    """Choose at most `most`, the first and the last among them.

    Example:
        >>> evenly(range(100), 4)
        [0, 33, 66, 99]
    """
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]
