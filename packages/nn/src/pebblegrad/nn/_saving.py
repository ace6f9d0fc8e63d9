"""Weights on disk, as safetensors: no pickle, readable by PyTorch and others.

https://github.com/huggingface/safetensors describes the format: a length, a JSON
header, the bytes of the arrays. A file is written beside its place, flushed and then
renamed, so that a crash leaves the old file or the new one, never half of one.
"""

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

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
    path = Path(os.path.realpath(path))
    if path.is_dir():
        raise IsADirectoryError(f"save: {path} is a folder; a path to a file is needed")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"save: {path} cannot be written: there is no folder {path.parent}; "
            "make it first"
        )
    state = model.state_dict()
    metadata = {
        "format": "np",
        "pebblegrad-nn": _version(),
        "architecture": repr(model),
        "dtype": ", ".join(sorted({str(array.dtype) for array in state.values()})),
    }
    _replace(path, _to_bytes(state, metadata=metadata))


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
    if not Path(path).is_file():
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
    if Path(path).is_dir():
        raise IsADirectoryError(f"load: {path} is a folder; a path to a file is needed")
    data = Path(path).read_bytes()
    try:
        state = _from_bytes(data)
    except SafetensorError as error:
        raise ValueError(
            f"load: {path} ({len(data)} bytes) is not a whole safetensors file "
            f"({error}); nothing was loaded"
        ) from error
    except KeyError as error:  # how safetensors.numpy meets bfloat16
        raise ValueError(
            f"load: {path} holds values of dtype {error.args[0]}, which NumPy does not "
            "have; nothing was loaded: convert them to float32 where the file was made"
        ) from error
    model.load_state_dict(state, strict=strict)


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


def _replace(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():  # who may read it stays who may
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
