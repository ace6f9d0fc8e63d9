"""Classes that are called by words, such as "cat" and "dog".

Inside, classes are counted from 0. Which word is which number is said by the order of
the user's `class_names`, or else, as in scikit-learn, by that of the alphabet.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from pebblegrad.viz._arrays import Array


def read_words(values: Any, who: str, name: str) -> list[str] | None:
    """Return labels that are words, (N,); None if they are none.

    Args:
        values: what the user or the model gave.
        who: how an error message begins.
        name: of the argument.

    Raises:
        TypeError: if words stand beside something else.
        ValueError: if they do not stand in one row.

    Example:
        >>> read_words(["cat", "dog"], "plot", "y")
        ['cat', 'dog']
        >>> read_words([0, 1], "plot", "y")
    """
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "OUT":
            return None
        shape, listed = values.shape, values.ravel().tolist()
    elif isinstance(values, list | tuple):
        shape, listed = (len(values),), list(values)
    elif hasattr(values, "to_numpy"):  # a column of pandas
        return read_words(np.asarray(values.to_numpy()), who, name)
    else:
        return None
    if not any(isinstance(label, str) for label in listed):
        return None
    others = sorted({type(v).__name__ for v in listed if not isinstance(v, str)})
    if others:
        raise TypeError(
            f"{who}: {name} holds str and {' and '.join(others)}; labels of one kind "
            "were needed, all words or all whole numbers"
        )
    if len(shape) > 2 or (len(shape) == 2 and shape[1] != 1):
        raise ValueError(
            f"{who}: {name} holds words and has shape {shape}; (N,) was needed"
        )
    return [str(label) for label in listed]


def order_of(words: Iterable[str], class_names: Any, who: str) -> list[str]:
    """Return the classes in their order.

    Args:
        words: all labels.
        class_names: the user's order, or None for that of the alphabet.
        who: how an error message begins.

    Raises:
        TypeError: if `class_names` is no list.
        ValueError: if a label is not in it, or it names a class twice.

    Example:
        >>> order_of(["dog", "cat", "dog"], None, "plot")
        ['cat', 'dog']
    """
    found = sorted(set(words))
    if class_names is None:
        return found
    if isinstance(class_names, str | bytes) or not isinstance(class_names, Iterable):
        raise TypeError(
            f"{who}: class_names is of type {type(class_names).__name__}; a list of "
            "the classes was needed"
        )
    order = [str(name) for name in class_names]
    twice = sorted({name for name in order if order.count(name) > 1})
    if twice:
        raise ValueError(
            f"{who}: class_names names {twice[0]!r} twice; each class once was needed"
        )
    unknown = [word for word in found if word not in order]
    if unknown:
        raise ValueError(
            f"{who}: there is a label {unknown[0]!r}, and class_names is {order}; as "
            "the labels are words, all of them were needed in it"
        )
    return order


def numbered(words: list[str], order: list[str]) -> Array:
    """Return the number of each word, (N,)."""
    places = {name: place for place, name in enumerate(order)}
    return np.array([places[word] for word in words], np.int64)
