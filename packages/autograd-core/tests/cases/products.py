"""Rows for `ops/products.py` and `ops/contraction.py`."""

import numpy as np

from ._case import Case

PAIRS = [
    [(2, 3), (3, 4)],
    [(3,), (3, 4)],
    [(2, 3), (3,)],
    [(3,), (3,)],
    [(5, 2, 3), (3, 4)],
    [(2, 3), (5, 3, 4)],
    [(5, 1, 2, 3), (6, 3, 4)],
    [(5, 2, 3), (3,)],
    [(3,), (5, 3, 4)],
    [(0, 3), (3, 2)],
    [(2, 0), (0, 3)],
]

# The results add products in another order than NumPy's do, and some nearly cancel.
OTHER_ORDER = 1e-12


def vecdot(x, y, axis=-1):
    """Return what `np.vecdot` does, which counts an axis from the end only."""
    return np.sum(x * y, axis=axis)


def einsum(subscripts, *shapes):
    """Return the row of one way of calling einsum."""
    return Case(
        "einsum",
        list(shapes),
        lambda *xs, subscripts: np.einsum(subscripts, *xs),
        {"subscripts": subscripts},
        call_with=lambda function, *xs, subscripts: function(subscripts, *xs),
        rtol=OTHER_ORDER,
    )


CASES = [
    *[Case("matmul", pair, np.matmul) for pair in PAIRS],
    Case("vecdot", [(3,), (3,)], vecdot, rtol=OTHER_ORDER),
    Case("vecdot", [(2, 3), (3,)], vecdot, rtol=OTHER_ORDER),
    Case("vecdot", [(4, 1, 3), (2, 3)], vecdot, rtol=OTHER_ORDER),
    Case("vecdot", [(3, 4), (5, 3, 4)], vecdot, {"axis": -2}, rtol=OTHER_ORDER),
    Case("vecdot", [(3, 4), (3, 1)], vecdot, {"axis": 0}, rtol=OTHER_ORDER),
    Case("vecdot", [(2, 0), (2, 0)], vecdot, rtol=OTHER_ORDER),
    Case("vecdot", [(0, 3), (3,)], vecdot, rtol=OTHER_ORDER),
    *[
        Case("dot", pair, np.dot, rtol=OTHER_ORDER)
        for pair in [
            [(), ()],
            [(), (2, 3)],
            [(3,), (3,)],
            [(2, 3), (3,)],
            [(2, 3), (3, 4)],
            [(3,), (5, 3, 4)],
            [(2, 3), (5, 3, 4)],
            [(0, 3), (3, 2)],
            [(2, 0), (0, 3)],
        ]
    ],
    *[
        Case("inner", pair, np.inner, rtol=OTHER_ORDER)
        for pair in [
            [(), (3,)],
            [(3,), (3,)],
            [(2, 3), (3,)],
            [(2, 3), (4, 3)],
            [(2, 3), (5, 4, 3)],
            [(2, 0), (0,)],
        ]
    ],
    *[
        Case("outer", pair, np.outer)
        for pair in [[(2,), (3,)], [(2, 2), (3,)], [(), (3,)], [(0,), (3,)]]
    ],
    *[
        Case("tensordot", pair, np.tensordot, {"axes": axes}, rtol=OTHER_ORDER)
        for pair, axes in [
            ([(2, 3), (2, 3)], 2),
            ([(2, 3), (3, 4)], 1),
            ([(2,), (3, 4)], 0),
            ([(), ()], 0),
            ([(2, 3, 4), (4, 2, 5)], ([0, 2], [1, 0])),
            ([(2, 3, 4), (4, 2)], ((-1,), (0,))),
            ([(2, 3), (4, 3)], (1, 1)),
            ([(2, 0), (0, 3)], 1),
        ]
    ],
    einsum("ij->ji", (2, 3)),
    einsum("ij", (2, 3)),
    einsum("ba", (2, 3)),
    einsum("ij->", (2, 3)),
    einsum("ij->j", (2, 3)),
    einsum("ii", (3, 3)),
    einsum("ii->i", (3, 3)),
    einsum("iji->j", (3, 2, 3)),
    einsum("iii->i", (3, 3, 3)),
    einsum("iijj->ij", (2, 2, 3, 3)),
    einsum("...ii->...", (2, 3, 3)),
    einsum("i...->...i", (2, 3, 4)),
    einsum("...", ()),
    einsum("ij,jk", (2, 3), (3, 4)),
    einsum("ij,jk->ki", (2, 3), (3, 4)),
    einsum("ji,kj->ik", (3, 2), (4, 3)),
    einsum("i,i", (3,), (3,)),
    einsum("i,j->ji", (3,), (2,)),
    einsum("ij,ij->ij", (2, 3), (2, 3)),
    einsum("ij,ji->i", (2, 3), (3, 2)),
    einsum("ij,j->ij", (2, 3), (3,)),
    einsum("ij,k->k", (2, 3), (4,)),
    einsum("ij,jk->", (2, 3), (3, 4)),
    einsum("ii,ij->j", (3, 3), (3, 2)),
    einsum("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
    einsum("bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)),
    einsum("ijkl,lkm->mji", (2, 3, 4, 2), (2, 4, 3)),
    einsum("...ij,...jk->...ik", (5, 1, 2, 3), (4, 3, 2)),
    einsum("...ij,jk", (5, 2, 3), (3, 2)),
    einsum("b...,b...->b...", (2, 3, 1), (2, 4)),
    einsum(",i->i", (), (3,)),
    einsum("ij,ij->i", (1, 3), (2, 3)),
    einsum("ij,jk->ik", (2, 1), (3, 4)),
    einsum("ij,ij->ij", (1, 1), (1, 3)),
    einsum("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    einsum("i,i,i->i", (3,), (3,), (3,)),
    einsum("a,b,c,abc->", (2,), (3,), (4,), (2, 3, 4)),
    einsum("i,ij,j", (2,), (2, 3), (3,)),
    einsum("ik,jkl,il->ij", (2, 3), (4, 3, 2), (2, 2)),
    einsum("ij,jk->ik", (2, 0), (0, 3)),
    einsum("ij,jk->ik", (0, 2), (2, 3)),
    einsum("ii->i", (0, 0)),
]
