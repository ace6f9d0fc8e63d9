"""Text as it can stand in a picture: one line, without what cannot be written.

A control character would break an SVG file, a line break the place that was measured.
"""

LONGEST_NAME = 200  # of what a user names: a curve, a parameter


def printable(text: str, longest: int | None = None) -> str:
    r"""Return text as one line, shortened with an ellipsis if it is long.

    Example:
        >>> printable("a\nb"), printable("x" * 9, 5)
        ('a b', 'xxxx…')
    """
    line = "".join(c if c.isprintable() else " " for c in text)
    if longest is None or len(line) <= longest:
        return line
    return line[: longest - 1] + "…"
