"""Weights on disk, as safetensors: no pickle, readable by PyTorch and others.

https://github.com/huggingface/safetensors describes the format: a length, a JSON
header, the bytes of the arrays. A file is written beside its place, flushed and then
renamed, so that a crash leaves the old file or the new one, never half of one.
"""

import os
import secrets
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as _from_bytes
from safetensors.numpy import save as _to_bytes

from ._module import Module


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write the parameters and buffers of a model to a safetensors file.

    Args:
        model: whose `state_dict()` is written.
        path: the file; one that exists is replaced. Its folder must exist.

    Raises:
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
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"save: {path} cannot be written: there is no folder {path.parent}; "
            "make it first"
        )
    _replace(path, _to_bytes(model.state_dict(), metadata={"format": "np"}))


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


def _replace(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
