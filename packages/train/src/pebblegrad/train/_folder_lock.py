"""A folder for one run at a time; a process that dies lets go of it."""

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class FolderLock:
    """Holds a lock on the file `.lock` of a folder, until it is released or dies."""

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def take(self, folder: Path) -> None:
        """Lock a folder; one that is held already is let go first.

        Raises:
            RuntimeError: if another run has it, in this process or another.
        """
        self.release()
        if sys.platform == "win32":  # there two processes are not told
            return
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise RuntimeError(
                f"Checkpoint: another run is training into {folder}; wait for it, or "
                "give another folder"
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.release()

    def __getstate__(self) -> dict[str, None]:
        return {"_descriptor": None}  # a copy holds nothing
