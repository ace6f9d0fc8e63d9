"""The table of ops: every way of calling every op that the tests go through."""

from . import (
    arithmetic,
    arranging,
    choosing,
    diagonals,
    exponential,
    indexing,
    joining,
    linalg,
    products,
    reductions,
    scans,
    shaping,
    sorting,
    trigonometry,
    windows,
)
from ._case import Case, positive, real

FAMILIES = (
    arithmetic,
    exponential,
    trigonometry,
    choosing,
    reductions,
    scans,
    sorting,
    products,
    linalg,
    shaping,
    joining,
    arranging,
    diagonals,
    indexing,
    windows,
)
CASES = [case for family in FAMILIES for case in family.CASES]
# Rows of functions through which no gradient flows: their results are plain arrays.
PLAIN = [case for family in FAMILIES for case in getattr(family, "PLAIN", [])]

__all__ = ["CASES", "PLAIN", "Case", "positive", "real"]
