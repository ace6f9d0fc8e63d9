"""The table of layers: every way of making every layer that the tests go through."""

from . import activations, containers, flatten, linear
from ._case import Case, put

FAMILIES = (linear, activations, flatten, containers)
CASES = [case for family in FAMILIES for case in family.CASES]

__all__ = ["CASES", "Case", "put"]
