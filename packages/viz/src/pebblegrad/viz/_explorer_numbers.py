"""Arrays as the text that a page shows: exact, and cut where they are long.

A number is written with as few digits as bring back the very same number in its own
dtype, so that nothing is lost and nothing is made up. Of a long array only a block at
its beginning is written, and how many elements are left out. Equal arrays are written
once: a page refers to them by their place in a list.
"""

import math
from typing import Any

import numpy as np


class Pool:
    """The arrays of a page, each once.

    Args:
        most: at least 1; how many elements of one array are written.

    Attributes:
        entries: what the page gets, in the order of the numbers that `add` returned.

    Example:
        >>> pool = Pool(4)
        >>> pool.add(np.float32(0.1)), pool.add([1.0, 2.0]), pool.add(np.float32(0.1))
        (0, 1, 0)
        >>> pool.entries[0]
        {'shape': [], 'dtype': 'float32', 'block': [], 'texts': ['0.1']}
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: list[dict[str, Any]] = []
        self._places: dict[tuple[Any, ...], int] = {}

    def add(self, value: Any) -> int | None:
        """Return the place of an array or a number; None for None."""
        if value is None:
            return None
        array = as_numpy(value)
        # A Python number has no dtype of its own: it takes that of what it meets.
        dtype = str(array.dtype) if hasattr(value, "dtype") else type(value).__name__
        block = shown_block(array.shape, self.most)
        part = array[tuple(slice(size) for size in block)]
        texts = [number_text(element) for element in part.ravel()]
        key = (array.shape, dtype, tuple(texts))
        if key not in self._places:
            self._places[key] = len(self.entries)
            self.entries.append(
                {
                    "shape": list(array.shape),
                    "dtype": dtype,
                    "block": list(block),
                    "texts": texts,
                }
            )
        return self._places[key]


def as_numpy(value: Any) -> Any:
    """Return an array of any library, or a number, as NumPy's."""
    return np.asarray(value.get() if hasattr(value, "get") else value)


def shown_block(shape: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Return the sizes of the block that is shown of an array, at its beginning.

    Example:
        >>> shown_block((3, 4), 64), shown_block((64, 784), 64), shown_block((500,), 9)
        ((3, 4), (8, 8), (9,))
    """
    if math.prod(shape) <= most:
        return shape
    block = [1] * len(shape)
    grown = True
    while grown:
        grown = False
        for axis in reversed(range(len(shape))):
            larger = math.prod(block) // block[axis] * (block[axis] + 1)
            if block[axis] < shape[axis] and larger <= most:
                block[axis] += 1
                grown = True
    return tuple(block)


def number_text(number: Any) -> str:
    """Return the shortest text that gives the number back in its dtype.

    Example:
        >>> number_text(np.float32(1) / 3), number_text(np.float64(2.0))
        ('0.33333334', '2.0')
    """
    return str(number)


def short_text(number: Any) -> str:
    """Return four digits of a number, for a small box; the page has all of them too.

    Example:
        >>> short_text(np.float32(1) / 3), short_text(2.0), short_text(float("nan"))
        ('0.3333', '2', 'nan')
    """
    return f"{number.item() if hasattr(number, 'item') else number:.4g}"


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape in words: an empty one is said to be a single number."""
    return str(tuple(shape)) if shape else "() (a single number)"
