"""What PyTorch calls each op: `THEIRS[name](*xs, **static)`, with our static names.

Each file beside this one serves one file of `ops/`.
"""

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

THEIRS = {
    **arithmetic.THEIRS,
    **exponential.THEIRS,
    **trigonometry.THEIRS,
    **choosing.THEIRS,
    **reductions.THEIRS,
    **scans.THEIRS,
    **sorting.THEIRS,
    **products.THEIRS,
    **linalg.THEIRS,
    **shaping.THEIRS,
    **joining.THEIRS,
    **arranging.THEIRS,
    **diagonals.THEIRS,
    **indexing.THEIRS,
    **windows.THEIRS,
}

# Ops of every element alike: these are compared on the edges too.
UNARY = {
    **arithmetic.UNARY,
    **exponential.UNARY,
    **trigonometry.UNARY,
    **choosing.UNARY,
}
BINARY = {
    **arithmetic.BINARY,
    **exponential.BINARY,
    **trigonometry.BINARY,
    **choosing.BINARY,
}
REDUCTIONS = reductions.REDUCTIONS
