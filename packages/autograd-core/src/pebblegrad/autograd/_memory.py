"""Keeping what a step frees, for the next step, which will ask for the same again.

The arrays of a step, of training or of inference, come and go in the same sizes. The C
library of Linux gives large blocks back to the system when they are freed, and the
system hands them out again page by page, each filled with zeros: of a step of a small
convolutional network that was a quarter of the time. So when the first op is called,
the C library is told to keep up to half a gigabyte. Memory in use does not grow
by it: a process holds on to what it has had at its peak.

Set the environment variable PEBBLEGRAD_KEEP_MEMORY to 0 for the library's own way.
"""

from __future__ import annotations

import ctypes
import os
import sys

# Of glibc's malloc.h; see mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 512 * 2**20
_LARGEST = 32 * 2**20  # larger blocks are always the system's: the most that is allowed

asked = False


def keep() -> bool:
    """Tell the C library once to keep what is freed; return whether it understood."""
    global asked
    asked = True
    if os.environ.get("PEBBLEGRAD_KEEP_MEMORY") == "0" or sys.platform != "linux":
        return False
    if {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"} & os.environ.keys():
        return False  # somebody has decided already
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is None:
        return False
    return bool(
        mallopt(_M_MMAP_THRESHOLD, _LARGEST) and mallopt(_M_TRIM_THRESHOLD, _KEPT)
    )
