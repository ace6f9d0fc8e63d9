"""One page about a run, or about several: files in, HTML out.

The runs come from the JSON Lines of `JSONLinesReporter`; what the page shows of them is
in `_page.py`. The page is one file that loads nothing: it can be mailed, kept beside a
thesis, and opened in ten years without a server, an account or a network.
"""

import contextlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pebblegrad.loggers._json_lines import walk_jsonl
from pebblegrad.loggers._page import page
from pebblegrad.loggers._run_data import KINDS, RunData

PathLike: TypeAlias = str | os.PathLike[str]


def report(
    run_dir: PathLike | Sequence[PathLike],
    filename: PathLike = "report.html",
) -> Path:
    """Write an HTML page about a run, or one that compares several.

    The page has the curves of all numbers (with a slider that smooths them, and a
    logarithmic scale), the last, least and greatest values, the settings, how
    parameters and gradients were distributed, the pictures, and the environment:
    Python, platform, versions and git commit. It works while the run goes on: call it
    again for a newer page.

    Args:
        run_dir: folder with the ``.jsonl`` files of `JSONLinesReporter`, or such a
            file; or several of them, to be compared. A file with several runs in it
            gives all of them; files of others in a folder are left out. Where a step
            comes twice in a run, as after a kill, the later record counts.
        filename: of the page. Without a folder it lands beside the run; beside all
            runs, in the folder that holds theirs, for several.

    Returns:
        The path of the page.

    Raises:
        TypeError: when an argument is not a path.
        FileNotFoundError: when there is no such folder or file.
        ValueError: when a folder has no ``.jsonl`` files, no run is in them, or a line
            is not a record.
        OSError: when the page cannot be written; the old one is still there then.

    Example:
        >>> import tempfile
        >>> from pebblegrad.loggers import JSONLinesReporter
        >>> folder = tempfile.TemporaryDirectory()
        >>> with JSONLinesReporter(log_dir=folder.name, config={"lr": 0.1}) as reporter:
        ...     for step in range(1, 4):
        ...         reporter.log_scalars(step, {"loss": 1 / step})
        >>> path = report(folder.name)
        >>> path.name, "<svg" in path.read_text(encoding="utf-8")
        ('report.html', True)
        >>> folder.cleanup()
    """
    paths = _paths(run_dir)
    if not isinstance(filename, str | os.PathLike):
        raise TypeError(
            f"report: filename is {filename!r} of type {type(filename).__name__}; a "
            "path was needed, such as 'report.html'"
        )
    files = [file for path in paths for file in _files(path)]
    runs = [run for file in files if _is_ours(file) for run in _runs(file)]
    if not runs:
        for file in files:
            _runs(file)  # perhaps it says why
        raise ValueError(
            f"report: {', '.join(repr(str(path)) for path in paths)} has no records; "
            "those of a JSONLinesReporter were needed"
        )
    _label(runs)
    # Beside the run: where `filename` says nothing else.
    folders = [path if path.is_dir() else path.parent for path in paths]
    folders = [folder.absolute() for folder in folders]
    beside = (
        folders[0]
        if len(folders) == 1
        else os.path.commonpath([folder.parent for folder in folders])
    )
    target = Path(filename)
    if target.parent == Path() and not target.is_absolute():
        target = Path(beside, target)
    _write(target, page([run.data for run in runs]))
    return target


def _paths(run_dir: object) -> list[Path]:
    """Read the argument `run_dir` of `report`."""
    one = isinstance(run_dir, str | os.PathLike)
    given = [run_dir] if one else run_dir
    if not isinstance(given, Sequence) or not all(
        isinstance(entry, str | os.PathLike) for entry in given
    ):
        raise TypeError(
            f"report: run_dir is {run_dir!r} of type {type(run_dir).__name__}; the "
            "path of a run, or a list of such paths, was needed"
        )
    if not given:
        raise ValueError("report: run_dir is empty; the path of a run was needed")
    return [Path(entry) for entry in given]


@dataclass
class _Found:
    """A run, and what may become its label."""

    file: Path
    data: RunData


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise FileNotFoundError(
            f"report: there is no {str(path)!r}; the folder of a run was needed, "
            "which JSONLinesReporter takes as log_dir"
        )
    if path.is_file():
        return [path]
    files = sorted(path.glob("*.jsonl"))
    if not files:
        raise ValueError(
            f"report: {str(path)!r} has no .jsonl file; one was needed: report to "
            f"JSONLinesReporter(log_dir={str(path)!r}) while the run goes on"
        )
    return files


def _is_ours(file: Path) -> bool:
    """Whether a file has a record of a reporter: its first line, if not damaged."""
    with open(file, "rb") as lines:
        for line in lines:
            try:
                record = json.loads(line) if b'"kind"' in line else None
            except (ValueError, RecursionError):
                continue  # whether that is an error depends on the other lines
            if isinstance(record, dict) and record.get("kind") in KINDS:
                return True
    return False


def _runs(file: Path) -> list[_Found]:
    """Sort the records of a file by run; kinds that are not known are left out."""
    runs: dict[str, RunData] = {}
    for count, record in enumerate(walk_jsonl(file), start=1):
        if record.get("kind") not in KINDS:
            continue
        run = runs.setdefault(str(record.get("run", "")), RunData())
        try:
            run.add(record)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"report: line {count} of {str(file)!r} is no record of a "
                f"JSONLinesReporter ({type(error).__name__}: {error}); one was needed"
            ) from error
    return [_Found(file, run) for run in runs.values()]


def _label(runs: list[_Found]) -> None:
    """Name runs by folder; by file and start too, where that is not enough."""
    folders = [run.file.absolute().parent.name or str(run.file) for run in runs]
    for run, label in zip(runs, folders, strict=True):
        run.data.label = label
    _lengthen(runs, [run.file.stem for run in runs])
    _lengthen(runs, [run.data.started for run in runs])
    often = Counter(run.data.label for run in runs)
    count: Counter[str] = Counter()
    for run in runs:
        if often[label := run.data.label] > 1:
            count[label] += 1
            run.data.label += f" ({count[label]})"


def _lengthen(runs: list[_Found], texts: list[str]) -> None:
    """Add to labels that several runs have."""
    often = Counter(run.data.label for run in runs)
    for run, text in zip(runs, texts, strict=True):
        if often[run.data.label] > 1 and text:
            run.data.label += f", {text}"


def _write(target: Path, text: str) -> None:
    """Write beside and rename, so that nobody ever opens half a page."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        # A path may hold bytes that are no text: they become \\udce9 and the like.
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise OSError(
            error.errno,
            f"report: the page cannot be written ({error.strerror}); a place for a "
            "file was needed; pass another filename",
            str(target),
        ) from error
