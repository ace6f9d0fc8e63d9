"""Writing a file so that its name never shows half of it.

The contents go to a new file beside the target, which is then renamed: whoever looks,
also after a kill or on a full disk, finds the old file or the whole new one.
"""

from __future__ import annotations

import errno
import os


def write_whole(who: str, path: str | os.PathLike[str], contents: bytes) -> None:
    """Make `contents` the file at `path`.

    Raises:
        OSError: the folder is not there, or the file cannot be written.
    """
    import tempfile

    target = os.path.realpath(os.fspath(path))  # a link stays one
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            errno.ENOENT,
            f"{who}: there is no folder {folder} to write {os.path.basename(target)} "
            "to; make it first",
        )
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as scratch:
        whole = os.path.join(scratch, "whole")
        with open(whole, "xb") as file:
            file.write(contents)
        os.replace(whole, target)
