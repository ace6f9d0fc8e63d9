"""Compiled kernels that take the place of functions, where a package brings some.

Such a package announces itself by an entry point in the group `pebblegrad.kernels`: a
function without arguments that returns a dict. Its keys are names of functions, such as
"pebblegrad.autograd.ops.choosing:relu" for the forward of an op; its values take the
function that is in use for NumPy's arrays and return the one to use. What a kernel does
not know it leaves to the first, which stays what it is compared with.

It is looked for once, when the first function asks, so that an import costs nothing.
Set the environment variable PEBBLEGRAD_KERNELS to 0 to do without.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

GROUP = "pebblegrad.kernels"

OFF = ("0", "false", "no", "off")

Function = Callable[..., Any]
_found: dict[str, Callable[[Function], Function]] | None = None
_looking = threading.RLock()  # a package that is looked at may itself call ops
_is_looking = False


def kernel_for(function: Function, in_use: Function | None = None) -> Function:
    """Return what a compiled kernel offers in place of a function, or that function.

    Ops ask for their forwards by themselves; this is for other functions that a package
    wants to let kernels replace, as `optim` does with an optimizer's update.

    Args:
        function: the one that kernels know by its module and name. What wraps another
            function under its name (`functools.wraps`) is not replaced.
        in_use: what is called in its place by now, if anything else is.

    Example:
        >>> def halve(x):
        ...     return x / 2
        >>> kernel_for(halve) is halve  # no package brings one
        True
    """
    present = function if in_use is None else in_use
    name = f"{function.__module__}:{function.__qualname__}"
    replace = _all_kernels().get(name)
    if replace is None or hasattr(function, "__wrapped__"):
        return present
    try:
        return replace(present)
    except Exception as error:
        _warn(f"the kernel of {name}", error)
        return present


class _Replaceable:
    """A function, not a method, that looks for its kernel when it is first called."""

    __slots__ = ("__call__", "__dict__", "__weakref__")

    def __init__(self, function: Function) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self.__call__ = self._first_call  # type: ignore[method-assign]

    def _first_call(self, *args: Any, **options: Any) -> Any:
        self.__call__ = kernel_for(self._function)  # type: ignore[method-assign]
        return self(*args, **options)

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **options: Any) -> Any: ...

    def __reduce__(self) -> str:
        return (
            self._function.__qualname__
        )  # `pickle` and `copy` take what has that name

    def __repr__(self) -> str:
        return repr(self._function)


Replaced = TypeVar("Replaced", bound=Function)


def replaceable(function: Replaced) -> Replaced:
    """Let a compiled kernel take the place of a function, as a decorator.

    For functions of a module (not for methods) that are called so often that to ask
    `kernel_for` each time would count. Ops need no such thing.

    Example:
        >>> @replaceable
        ... def halve(x):
        ...     return x / 2
        >>> halve(3.0)
        1.5
    """
    return cast(Replaced, _Replaceable(function))


def _all_kernels() -> dict[str, Callable[[Function], Function]]:
    """Return the kernels of all packages that are installed; look for them once."""
    global _found, _is_looking
    if _found is not None:
        return _found
    with _looking:
        if not _is_looking:
            _is_looking = True
            faults: list[tuple[str, Exception]] = []
            _found = _look(faults)
            for what, error in faults:
                _warn(what, error)
        return _found or {}


def _look(
    faults: list[tuple[str, Exception]],
) -> dict[str, Callable[[Function], Function]]:
    """Return the kernels of all packages; what cannot be used goes into `faults`."""
    off = os.environ.get("PEBBLEGRAD_KERNELS", "").strip().lower() in OFF
    if off or not _is_announced():
        return {}
    from importlib.metadata import entry_points  # it takes 20 ms to import

    found: dict[str, Callable[[Function], Function]] = {}
    for point in entry_points(group=GROUP):
        try:
            offered = dict(point.load()())
        except Exception as error:
            faults.append((f"the kernels of {point.value}", error))
        else:
            found = offered | found  # the first on the path wins, as with imports
    return found


def _warn(what: str, error: Exception) -> None:
    """Warn that something runs on NumPy though a kernel was offered."""
    warnings.warn(
        f"{what} cannot be used ({type(error).__name__}: {error}); NumPy does the work "
        "instead; install the package again, or set PEBBLEGRAD_KERNELS=0",
        RuntimeWarning,
        stacklevel=2,
    )


def _is_announced() -> bool:
    """Return whether any installed package has an entry point of the group."""
    from pathlib import Path  # it takes 3 ms to import

    heading = f"[{GROUP}]".encode()
    for folder in dict.fromkeys(map(str, sys.path)):
        try:
            for file in Path(folder or ".").glob("*.dist-info/entry_points.txt"):
                if heading in file.read_bytes():
                    return True
        except (OSError, ValueError):  # not there, not ours to read, no path at all
            continue
    return False
