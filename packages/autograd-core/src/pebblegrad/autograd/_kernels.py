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

import os
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

GROUP = "pebblegrad.kernels"

Function = Callable[..., Any]
_found: dict[str, Callable[[Function], Function]] | None = None
_looking = threading.Lock()


def kernel_for(function: Function, in_use: Function | None = None) -> Function:
    """Return what a compiled kernel offers in place of a function, or that function.

    Ops ask for their forwards by themselves; this is for other functions that a package
    wants to let kernels replace, as `optim` does with an optimizer's update.

    Args:
        function: the one that kernels know by its module and name.
        in_use: what is called in its place by now, if anything else is.

    Example:
        >>> def halve(x):
        ...     return x / 2
        >>> kernel_for(halve) is halve  # no package brings one
        True
    """
    global _found
    if _found is None:
        with _looking:
            if _found is None:
                _found = _look()
    present = function if in_use is None else in_use
    replace = _found.get(f"{function.__module__}:{function.__qualname__}")
    return present if replace is None else replace(present)


def _look() -> dict[str, Callable[[Function], Function]]:
    """Return the kernels of all packages that are installed."""
    if os.environ.get("PEBBLEGRAD_KERNELS") == "0" or not _is_announced():
        return {}
    from importlib.metadata import entry_points  # it takes 20 ms to import

    found = {}
    for point in entry_points(group=GROUP):
        try:
            found.update(point.load()())
        except Exception as error:
            warnings.warn(
                f"the kernels of {point.value} cannot be used ({type(error).__name__}: "
                f"{error}); everything runs on NumPy instead; reinstall them, or set "
                "PEBBLEGRAD_KERNELS=0",
                RuntimeWarning,
                stacklevel=2,
            )
    return found


def _is_announced() -> bool:
    """Return whether any installed package has an entry point of the group."""
    heading = f"[{GROUP}]".encode()
    for folder in dict.fromkeys(sys.path):
        for file in Path(folder or ".").glob("*.dist-info/entry_points.txt"):
            try:
                if heading in file.read_bytes():
                    return True
            except OSError:  # it is being uninstalled, or not ours to read
                continue
    return False
