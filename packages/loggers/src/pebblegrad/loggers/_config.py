"""Settings of a run: a dict that every kind of record can hold."""

import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from pebblegrad.loggers._names import check_line
from pebblegrad.loggers._reporter import Number
from pebblegrad.loggers._run_data import DEEPEST


def read_config(config: object, who: str) -> dict[str, Any]:
    """Check settings, and copy them as what JSON can hold."""
    if config is None:
        return {}
    if not isinstance(config, Mapping):
        raise TypeError(
            f"{who}: config is of type {type(config).__name__}; a dict was needed, "
            "such as {'lr': 0.1}; for a namespace of argparse pass vars(options)"
        )
    for name in config:
        check_line(name, f"{who}: a name in config")
    return {
        name: _as_json(config[name], f"{who}: config[{name!r}]", depth=2)
        for name in config
    }


def _as_json(value: object, who: str, *, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError(
            f"{who[:60]}... is nested deeper than {DEEPEST} levels, or contains "
            "itself; settings that end were needed"
        )
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray)):
        value = value.tolist()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return as_word(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {
            str(key): _as_json(item, f"{who}[{key!r}]", depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [
            _as_json(item, f"{who}[{i}]", depth=depth + 1)
            for i, item in enumerate(value)
        ]
    raise TypeError(
        f"{who} is {value!r} of type {type(value).__name__}; a word, a number, a "
        "boolean, None, a path, or a list or dict of these was needed; pass its name "
        "or its str()"
    )


def as_word(value: Number) -> Number | str:
    """Replace what JSON has no number for by a word that ``float()`` reads."""
    return value if math.isfinite(value) else str(value)
