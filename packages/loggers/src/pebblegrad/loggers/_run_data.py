"""The records of one run, sorted by kind and name, as the page needs them.

Records come from files, and files may have been edited by hand or written by others. So
each is checked when it is taken: what the page computes later cannot fail any more.
Where a step comes twice, as in a run that was killed and resumed from an earlier
checkpoint, the later record counts.
"""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pebblegrad.loggers._image import SIGNATURE

KINDS = ("run", "scalars", "histogram", "image", "end")
DEEPEST = 50  # settings within settings; deeper ones are a mistake


@dataclass
class RunData:
    """The records of one run.

    Args:
        label: what the page calls it.
        config: its settings.
        environment: where it ran.
        scalars: value by step, by name.
        histograms: record by step, by name.
        images: PNG file by step, by name.
        times: of its first and its last record, seconds since 1970.
        state: how it ended.
    """

    label: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    scalars: dict[str, dict[int, float]] = field(default_factory=dict)
    histograms: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    images: dict[str, dict[int, bytes]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    state: str = "goes on, or was killed"

    @property
    def started(self) -> str:
        if not self.times:
            return ""
        return f"{datetime.fromtimestamp(self.times[0]):%Y-%m-%d %H:%M:%S}"

    def add(self, record: Mapping[str, Any]) -> None:
        """Take one record of a kind in `KINDS`.

        Raises:
            KeyError, TypeError, ValueError: when it is not as it should be.
        """
        if "time" in record:
            self._add_time(record["time"])
        kind = record["kind"]
        if kind == "run":
            self._add_start(record)
        elif kind == "scalars":
            step = _step(record)
            for name, value in dict(record["scalars"]).items():
                self.scalars.setdefault(name, {})[step] = _number(value, name)
        elif kind == "histogram":
            name = str(record["name"])
            self.histograms.setdefault(name, {})[_step(record)] = _histogram(record)
        elif kind == "image":
            data = base64.b64decode(record["png"], validate=True)
            if not data.startswith(SIGNATURE):
                raise ValueError("png is no PNG file")
            self.images.setdefault(str(record["name"]), {})[_step(record)] = data
        elif kind == "end":
            self.state = "failed" if record["failed"] else "finished"

    def _add_time(self, given: object) -> None:
        time = _number(given, "time")
        try:
            datetime.fromtimestamp(time)
        except (ValueError, OverflowError, OSError) as error:
            raise ValueError(f"time is {given!r}, which is no date") from error
        self.times[1:] = [time]

    def _add_start(self, record: Mapping[str, Any]) -> None:
        for name in ("config", "environment"):
            settings = dict(record[name])
            if _depth(settings) > DEEPEST:
                raise ValueError(f"{name} is nested deeper than {DEEPEST} levels")
            if settings:  # a resumed run may have been given none
                setattr(self, name, settings)
        self.state = "goes on, or was killed"


def _step(record: Mapping[str, Any]) -> int:
    step = _number(record["step"], "step")
    if not (math.isfinite(step) and step == int(step) and -(2**63) <= step < 2**63):
        raise ValueError(f"step is {record['step']!r}; a whole number of 64 bits")
    return int(record["step"])


def _number(value: object, name: str) -> float:
    """Read a number, or the word for nan or an infinity."""
    if not isinstance(value, int | float | str):
        raise TypeError(f"{name} is of type {type(value).__name__}; a number")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{name} is too large") from error


def _histogram(record: Mapping[str, Any]) -> dict[str, Any]:
    row = {key: _number(record[key], key) for key in ("mean", "std", "low", "high")}
    counts = [_number(count, "a count") for count in record["counts"]]
    edges = [_number(edge, "an edge") for edge in record["edges"]]
    if len(edges) != (len(counts) + 1 if counts else 0):
        raise ValueError(f"{len(counts)} counts have {len(edges)} edges")
    if not all(0 <= count < math.inf for count in counts):
        raise ValueError("a count is negative or not finite")
    if counts and max(counts) == 0:
        raise ValueError("all counts are 0")
    if not all(map(math.isfinite, edges)) or edges != sorted(edges):
        raise ValueError("the edges are not finite numbers in order")
    shape = tuple(int(_number(size, "a size")) for size in record["shape"])
    not_finite = int(_number(record["not_finite"], "not_finite"))
    return {
        **row,
        "step": _step(record),
        "shape": shape,
        "counts": counts,
        "edges": edges,
        "not_finite": not_finite,
    }


def _depth(settings: object) -> int:
    """How deep settings are nested, without recursion."""
    depth, level = 0, [settings]
    while level:
        depth += 1
        inner: list[object] = []
        for value in level:
            if isinstance(value, Mapping):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        level = inner
    return depth
