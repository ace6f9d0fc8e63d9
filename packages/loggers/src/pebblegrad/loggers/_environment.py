"""Where a run ran: what one needs to know to run it again.

Nothing here names a person or a machine, so that a page made of it can be shown: no
user, no host, no folder, no arguments.
"""

import contextlib
import functools
import os
import platform
import subprocess
import sys

PACKAGES = ("numpy", "torch", "cupy")
OWN = "pebblegrad-"


def environment() -> dict[str, object]:
    """Collect Python, platform, versions, script and git commit.

    Returns:
        Words by name; "packages" is a dict of versions; "git_commit" ends with
        "-dirty" when tracked files differ from it, and is None outside of git.

    Example:
        >>> sorted(environment())
        ['git_commit', 'packages', 'platform', 'processors', 'python', 'script']
    """
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "packages": dict(_packages()),
        "script": os.path.basename(sys.argv[0]) if sys.argv else "",
        "git_commit": git_commit(),
    }


def git_commit() -> str | None:
    """Name the commit of the current folder, or None when there is none to name."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    # No git, no repository, no commit yet, a huge one on a slow disk: all of them
    # mean that there is nothing to note, and none of them concerns the run.
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, timeout=5)
        if done.returncode == 0:
            return done.stdout.strip()
    return None


@functools.cache
def _packages() -> tuple[tuple[str, str], ...]:
    from importlib import metadata  # it brings the package `email`: 16 milliseconds

    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name and (name in PACKAGES or name.startswith(OWN)):
            found.setdefault(name, distribution.version)  # the first one is imported
    return tuple(sorted(found.items()))
