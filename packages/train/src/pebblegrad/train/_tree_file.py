"""Nested data in one file, exactly and without pickle.

Arrays go into a safetensors file under numbers; everything else becomes JSON in the
metadata of the same file, where ``{"array": "3"}`` stands for array number 3. What is
read is what was written, to the bit: floats have all their digits in JSON, and tuples
and keys that are no strings are marked.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from pebblegrad.nn import read_arrays, read_metadata, save_arrays

KEY = "pebblegrad-train"  # of the metadata
FORMAT = 1


def write_tree(path: str | os.PathLike[str], tree: Any) -> None:
    """Write dicts, lists, tuples, numbers, strings, None and NumPy arrays to a file.

    Raises:
        TypeError: if something else is in the tree; says where.
        OSError: if it cannot be written; what was there before is untouched.
    """
    arrays: dict[str, Any] = {}
    text = json.dumps({"format": FORMAT, "tree": _encoded(tree, arrays, "")})
    save_arrays(arrays, path, {KEY: text})


def read_tree(path: str | os.PathLike[str]) -> Any:
    """Return what `write_tree` wrote.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not such a file, or not whole.
    """
    arrays = read_arrays(path)
    metadata = read_metadata(path)
    if KEY not in metadata:
        raise ValueError(f"read_tree: {path} is no checkpoint of pebblegrad.train")
    found = json.loads(metadata[KEY])
    if found["format"] != FORMAT:
        raise ValueError(
            f"read_tree: {path} has format {found['format']}; this version reads "
            f"{FORMAT}"
        )
    return _decoded(found["tree"], arrays)


def _encoded(value: Any, arrays: dict[str, Any], where: str) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray):
        name = str(len(arrays))
        arrays[name] = value
        return {"array": name}
    if isinstance(value, np.generic):
        name = str(len(arrays))
        arrays[name] = np.asarray(value)
        return {"scalar": name}
    if isinstance(value, list):
        return [_encoded(v, arrays, f"{where}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, tuple):
        return {
            "tuple": [_encoded(v, arrays, f"{where}[{i}]") for i, v in enumerate(value)]
        }
    if isinstance(value, Mapping):
        return {
            "dict": [
                [_encoded(k, arrays, where), _encoded(v, arrays, f"{where}[{k!r}]")]
                for k, v in value.items()
            ]
        }
    raise TypeError(
        f"write_tree: {where or 'the tree'} is a {type(value).__name__}; numbers, "
        "strings, None, NumPy arrays, and dicts, lists and tuples of these are needed"
    )


def _decoded(value: Any, arrays: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_decoded(v, arrays) for v in value]
    if not isinstance(value, dict):
        return value
    ((kind, inside),) = value.items()
    if kind == "array":
        return arrays[inside]
    if kind == "scalar":
        return arrays[inside][()]
    if kind == "tuple":
        return tuple(_decoded(v, arrays) for v in inside)
    return {_decoded(k, arrays): _decoded(v, arrays) for k, v in inside}
