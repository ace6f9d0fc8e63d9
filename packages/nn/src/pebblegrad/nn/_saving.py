"""Weights on disk, as safetensors: no pickle, readable by PyTorch and others.

https://github.com/huggingface/safetensors describes the format: a length, a JSON
header, the bytes of the arrays. A file is written beside its place, flushed and then
renamed, so that a crash leaves the old file or the new one, never half of one.
"""

import contextlib
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as _from_bytes
from safetensors.numpy import save as _to_bytes

from ._module import Module


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write the parameters and buffers of a model to a safetensors file.

    With them goes what `read_metadata` reads: the version of this package, the text of
    the model, and the dtypes.

    Args:
        model: whose `state_dict()` is written.
        path: the file; one that exists is replaced, through a symbolic link the one
            that it points to. Its folder must exist.

    Raises:
        TypeError: if `model` is no Module.
        OSError: if it cannot be written; what was there before is untouched.

    Example:
        >>> import pathlib, tempfile
        >>> from pebblegrad.nn import Linear, load, save
        >>> first, second = Linear(2, 3, rng=0), Linear(2, 3, rng=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(first, pathlib.Path(folder) / "weights.safetensors")
        ...     load(second, pathlib.Path(folder) / "weights.safetensors")
        >>> (first.weight.data == second.weight.data).all()
        np.True_
    """
    _check_model("save", model)
    state = model.state_dict()
    metadata = {
        "format": "np",
        "pebblegrad-nn": _version(),
        "architecture": repr(model),
        "dtype": ", ".join(sorted({str(array.dtype) for array in state.values()})),
    }
    _write("save", state, path, metadata)


def save_arrays(
    arrays: Mapping[str, Any],
    path: str | os.PathLike[str],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write arrays by name to a safetensors file, and text by name with them.

    Args:
        arrays: NumPy arrays of numbers or booleans, of any shape; a `state_dict()` say.
        path: the file; one that exists is replaced. Its folder must exist.
        metadata: text by name, for `read_metadata`.

    Raises:
        TypeError: if a value is not such an array, or a name or text is no string.
        OSError: if it cannot be written; what was there before is untouched.

    Example:
        >>> import pathlib, tempfile
        >>> import numpy as np
        >>> from pebblegrad.nn import read_arrays, save_arrays
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "mean.safetensors"
        ...     save_arrays({"mean": np.array([0.5])}, path, {"of": "images"})
        ...     read_arrays(path)
        {'mean': array([0.5])}
    """
    for name, array in arrays.items():
        if not isinstance(name, str):
            raise TypeError(f"save_arrays: {name!r} is no name; a string is needed")
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            what = getattr(array, "dtype", type(array).__name__)
            raise TypeError(
                f"save_arrays: {name!r} is {what}; a NumPy array of numbers is needed"
            )
    texts: Mapping[Any, Any] = metadata or {}
    for name, text in texts.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise TypeError(
                f"save_arrays: the metadata has {name!r}: {text!r}; two strings are "
                "needed"
            )
    # In rows, for safetensors takes the bytes as they lie.
    rows = {
        name: np.ascontiguousarray(a).reshape(a.shape) for name, a in arrays.items()
    }
    _write("save_arrays", rows, path, {"format": "np", **(metadata or {})})


def _write(
    who: str,
    arrays: Mapping[str, Any],
    path: str | os.PathLike[str],
    metadata: dict[str, str],
) -> None:
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    if os.path.isdir(path):
        raise IsADirectoryError(
            f"{who}: {path} is a folder; a path to a file is needed"
        )
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{who}: {path} cannot be written: there is no folder {folder}; "
            "make it first"
        )
    _replace(path, _to_bytes(dict(arrays), metadata=metadata))


def read_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """Return what is written in a safetensors file beside the arrays.

    Args:
        path: the file.

    Returns:
        Text by name. Files that `save` wrote have "pebblegrad-nn", the version of the
        package, "architecture", the text of the model, and "dtype".

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not a whole safetensors file.

    Example:
        >>> import pathlib, tempfile
        >>> from pebblegrad.nn import Linear, read_metadata, save
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(Linear(2, 3), pathlib.Path(folder) / "weights.safetensors")
        ...     read_metadata(pathlib.Path(folder) / "weights.safetensors")[
        ...         "architecture"
        ...     ]
        'Linear(2, 3)'
    """
    path = os.fspath(path)  # a number would be taken for an open file
    if not os.path.isfile(path):
        raise FileNotFoundError(f"read_metadata: there is no file {path}")
    try:
        with safe_open(path, framework="np") as file:
            return dict(file.metadata() or {})
    except SafetensorError as error:
        raise ValueError(
            f"read_metadata: {path} is not a whole safetensors file ({error})"
        ) from error


def load(model: Module, path: str | os.PathLike[str], *, strict: bool = True) -> None:
    """Read a safetensors file into the parameters and buffers of a model.

    Args:
        model: takes the values, as `load_state_dict` does.
        path: the file, written by `save` or by anything that writes safetensors.
        strict: whether names that are missing or not known to the model are an error.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not a whole safetensors file, or does not fit the model;
            the model is unchanged then.
    """
    _check_model("load", model)
    model.load_state_dict(_read("load", path), strict=strict)


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of a safetensors file, by name.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not a whole safetensors file, or holds what NumPy has no
            dtype for.
    """
    return _read("read_arrays", path)


def _read(who: str, path: str | os.PathLike[str]) -> dict[str, np.ndarray[Any, Any]]:
    path = os.fspath(path)
    if os.path.isdir(path):
        raise IsADirectoryError(
            f"{who}: {path} is a folder; a path to a file is needed"
        )
    with open(path, "rb") as file:
        data = file.read()
    try:
        return _from_bytes(data)
    except SafetensorError as error:
        raise ValueError(
            f"{who}: {path} ({len(data)} bytes) is not a whole safetensors file "
            f"({error}); nothing was loaded"
        ) from error
    except KeyError as error:  # how safetensors.numpy meets bfloat16
        raise ValueError(
            f"{who}: {path} holds values of dtype {error.args[0]}, which NumPy does "
            "not have; nothing was loaded: convert them to float32 where the file was "
            "made"
        ) from error


def _check_model(who: str, model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(
            f"{who}: model is a {type(model).__name__}; a Module is needed, and the "
            f"path after it: {who}(model, path)"
        )


def _version() -> str:
    # Here, for it takes as long to import as a quarter of numpy.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pebblegrad-nn")
    except PackageNotFoundError:  # run from its sources, without being installed
        return "unknown"


def _replace(path: str, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all."""
    folder, name = os.path.split(path)
    mark = f"{os.getpid()}.{os.urandom(4).hex()}"
    temporary = os.path.join(folder, f".{name}.{mark}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):  # who may read it stays who may
            os.chmod(temporary, os.stat(path).st_mode & 0o7777)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
