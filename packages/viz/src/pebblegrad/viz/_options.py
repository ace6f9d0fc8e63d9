"""Options that are neither numbers nor names of files: switches, words and texts.

Each is checked before anything is drawn, and the message says what was given: ``log=1``
or ``measure=["norm"]`` is a slip that must not be taken for something else.
"""

from collections.abc import Iterable

import numpy as np


def read_flag(value: object, who: str, name: str) -> bool:
    """Return a switch.

    Raises:
        TypeError: if it is neither True nor False.

    Example:
        >>> read_flag(True, "plot", "log")
        True
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(
            f"{who}: {name} is {value!r} of type {type(value).__name__}; True or False "
            "was needed"
        )
    return bool(value)


def check_word(value: object, who: str, name: str, words: Iterable[str]) -> None:
    """Check an option that is one of some words.

    Raises:
        TypeError: if it is no string.
        ValueError: if it is another one.
    """
    known = [repr(word) for word in words]
    needed = f"{', '.join(known[:-1])} or {known[-1]} was needed"
    if not isinstance(value, str):
        raise TypeError(
            f"{who}: {name} is {value!r} of type {type(value).__name__}; {needed}"
        )
    if repr(value) not in known:
        raise ValueError(f"{who}: {name} is {value!r}; {needed}")


def check_text(value: object, who: str, name: str) -> None:
    """Check what is written at an axis.

    Raises:
        TypeError: if it is no string.
    """
    if not isinstance(value, str):
        raise TypeError(
            f"{who}: {name} is {value!r} of type {type(value).__name__}; a string was "
            "needed, an empty one for none"
        )
