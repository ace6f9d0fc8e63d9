"""From one value to another: along half a cosine, or along a line."""

import math

STRATEGIES = ("cos", "linear")


def anneal(strategy: str, start: float, end: float, part: float) -> float:
    """Return the value on the way from `start` to `end`, of which `part` is behind.

    Example:
        >>> [anneal("cos", 1.0, 0.0, part) for part in (0.0, 0.5, 1.0)]
        [1.0, 0.5, 0.0]
    """
    if strategy == "cos":
        return end + (start - end) / 2 * (1 + math.cos(math.pi * part))
    return start + (end - start) * part
