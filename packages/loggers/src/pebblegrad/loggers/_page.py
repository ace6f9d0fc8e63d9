"""What a page about runs shows, section by section.

Everything that comes from a run (names, settings, labels) passes `escape`, and the page
forbids itself to load anything: a log from elsewhere cannot make it do more than show.
"""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from typing import Any

from pebblegrad.loggers._axis import short
from pebblegrad.loggers._chart import Curve, hill_chart, line_chart, stroke
from pebblegrad.loggers._run_data import RunData
from pebblegrad.loggers._thinning import thinned

MOST_IN_TITLE = 3
MOST_HILLS = 8
MOST_PICTURES = 12


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
    title = f"{len(runs)} runs"
    if len(runs) <= MOST_IN_TITLE:
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
        steps = [step for points in run.scalars.values() for step in points]
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
        curves, count, broken = [], 0, 0
        for index, run in enumerate(runs):
            if name in run.scalars:
                points = sorted(run.scalars[name].items())
                drawn = thinned(points)
                left_out |= not drawn.complete
                curves.append(Curve(run.label if len(runs) > 1 else "", index, drawn))
                count += len(points)
                broken += sum(not math.isfinite(value) for _, value in points)
        positive = all(curve.drawn.log_means for curve in curves)
        charts = line_chart(curves)
        if positive and broken < count:
            charts = charts.replace("<svg", '<svg class="has-logarithmic"', 1)
            charts += line_chart(curves, logarithmic=True)
        note = (
            f'<p class="alarm">{broken} of {count} values are not finite</p>'
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
    note = "<p>Smoothing averages values, on the logarithmic axis their logarithms."
    if left_out:
        note += (
            " Curves of many points are drawn by their peaks: no extreme is left out. "
            "Smoothing averages the means of their groups."
        )
    note += "</p>"
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
            points = sorted(run.scalars[name].items())
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
            if name not in run.histograms:
                continue
            records = [record for _, record in sorted(run.histograms[name].items())]
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
            if name not in run.images:
                continue
            pictures = sorted(run.images[name].items())
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
