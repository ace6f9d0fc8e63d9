"""Large arrays in pieces that fit a processor's cache.

A formula such as ``m / (1 - beta1**t)`` makes an array for every operation in it. Over
all elements of a large parameter those arrays are new memory at each step, and every
operation travels through all of it. Over 32,768 elements at a time they are a few times
128 kB, which are used again and again: the formula stays as it is in the paper, a step
allocates nothing that grows with the network, and Adam on 784-128-64-10 takes a
quarter of the time (docs/decisions/0007-blocks.md). Parameters that are much smaller
than a block share one: `_packing.py`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

BLOCK = 32_768  # elements


def blocks(*arrays: Any) -> Iterable[tuple[Any, ...]]:
    """Cut arrays of one shape alike, into views of at most `BLOCK` elements.

    What is written into a view is in the array, whatever its memory layout.

    Example:
        >>> import numpy as np
        >>> p, g = np.ones((100, 1000)), np.ones((100, 1000))
        >>> for p_block, g_block in blocks(p, g):
        ...     p_block -= 0.5 * g_block
        >>> len(list(blocks(p, g))), p.sum()
        (4, np.float64(50000.0))
    """
    return (arrays,) if arrays[0].size <= BLOCK else _pieces(*arrays)


def _pieces(*arrays: Any) -> Iterator[tuple[Any, ...]]:
    """Cut arrays that are larger than a block."""
    first = arrays[0]
    rows = BLOCK * len(first) // first.size
    if rows == 0:  # a single row is too large
        for row in zip(*arrays, strict=True):
            yield from blocks(*row)
        return
    for start in range(0, len(first), rows):
        yield tuple(array[start : start + rows] for array in arrays)


def wide(array: Any) -> Any:
    """Return an array of half precision in single precision, others as they are.

    In half precision 1e-8 is 0, and so is the square of most gradients.
    """
    return array.astype(np.float32) if array.dtype == np.float16 else array
