"""The one kind of warning of this package, and where it points."""

import os
import sys
import warnings


class ReporterWarning(UserWarning):
    """A reporter could not write a record, or found one that a kill had cut off."""


def warn(message: str) -> None:
    """Give a `ReporterWarning` that points outside of this package."""
    folder = os.path.dirname(__file__)
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(folder):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, ReporterWarning, stacklevel=level)
