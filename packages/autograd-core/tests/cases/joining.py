"""Rows for `ops/joining.py`."""

from functools import partial

import numpy as np

from ._case import Case


def concatenate(*xs, axis=0):
    return np.concatenate(xs, axis=axis)


def stack(*xs, axis=0):
    return np.stack(xs, axis=axis)


def joined(name, shapes, reference, **static):
    """Return a row of an op that takes a list."""
    return Case(name, shapes, reference, static, takes_list=True)


def pieces(name, shape, reference, **static):
    """Return rows of a function that cuts: for all pieces, and for the last."""
    return [
        Case(name, [shape], partial(call, reference), static, call_with=call)
        for call in (all_of, last_of)
    ]


def all_of(function, *args, **static):
    """Return a number to which each piece adds what no other could."""
    found = function(*args, *static.values())
    weighed = [(piece * piece * (i + 1)).sum() for i, piece in enumerate(found)]
    return sum(weighed[1:], weighed[0])


def last_of(function, *args, **static):
    return function(*args, *static.values())[-1]


def chunk(x, chunks, axis=0):
    size = -(-x.shape[axis] // chunks)
    return np.split(x, range(size, x.shape[axis], size), axis)


def unstack(x, axis=0):
    return list(np.moveaxis(x, axis, 0))


CASES = [
    joined("concat", [(2, 3), (1, 3), (0, 3)], concatenate, axis=0),
    joined("concat", [(2, 3), (2, 1)], concatenate, axis=-1),
    joined("concat", [(2, 3), (4,)], concatenate, axis=None),
    joined("concat", [(2,)], concatenate),
    joined("stack", [(2, 3), (2, 3)], stack, axis=0),
    joined("stack", [(2, 3), (2, 3)], stack, axis=-1),
    joined("stack", [(), ()], stack, axis=0),
    joined("stack", [(0, 2)], stack, axis=1),
    *pieces("split", (4, 3), np.split, sections_or_indices=2),
    *pieces("split", (4, 3), np.split, sections_or_indices=[1, 3]),
    *pieces("split", (2, 6), np.split, sections_or_indices=3, axis=-1),
    *pieces("split", (5,), np.split, sections_or_indices=[3, 1]),
    *pieces("split", (5,), np.split, sections_or_indices=[-2, 9]),
    *pieces("split", (0, 2), np.split, sections_or_indices=2),
    *pieces("chunk", (5, 2), chunk, chunks=4),
    *pieces("chunk", (2, 7), chunk, chunks=3, axis=-1),
    *pieces("chunk", (2,), chunk, chunks=3),
    *pieces("unstack", (3, 2), unstack),
    *pieces("unstack", (2, 3, 4), unstack, axis=-2),
    *pieces("unstack", (3,), unstack),
]
