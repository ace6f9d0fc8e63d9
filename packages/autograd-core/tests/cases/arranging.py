"""Rows for `ops/arranging.py`."""

import numpy as np

from ._case import Case


def pad(x, pad_width, mode="constant", value=0):
    options = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x, pad_width, mode, **options)


def tile(x, repetitions):
    return np.tile(x, repetitions)


PADS = [
    ((2, 3), {"pad_width": 1}),
    ((2, 3), {"pad_width": (1, 2)}),
    ((2, 3), {"pad_width": ((0, 1), (2, 0))}),
    ((2, 3), {"pad_width": [[1, 0]]}),
    ((2, 3), {"pad_width": np.array([[1, 0], [0, 2]]), "value": -1.5}),
    ((3,), {"pad_width": 2, "value": 7.5}),
    ((0, 2), {"pad_width": 1}),
    ((), {"pad_width": 1}),
    ((2, 3), {"pad_width": ((0, 0), (2, 1)), "mode": "reflect"}),
    ((3, 3), {"pad_width": 2, "mode": "reflect"}),
    ((0, 3), {"pad_width": ((0, 0), (0, 2)), "mode": "reflect"}),
    ((2, 3), {"pad_width": ((1, 0), (0, 4)), "mode": "edge"}),
    ((1, 2), {"pad_width": 3, "mode": "edge"}),
    ((2, 3), {"pad_width": ((2, 1), (0, 3)), "mode": "wrap"}),
    ((2, 3), {"pad_width": 0, "mode": "edge"}),
]

CASES = [
    Case("tile", [(2, 3)], tile, {"repetitions": 2}),
    Case("tile", [(2, 3)], tile, {"repetitions": (2, 1, 3)}),
    Case("tile", [(2, 1, 3)], tile, {"repetitions": [3, 2]}),
    Case("tile", [()], tile, {"repetitions": (2, 2)}),
    Case("tile", [(2, 3)], tile, {"repetitions": (0, 2)}),
    Case("tile", [(0, 3)], tile, {"repetitions": (2, 2)}),
    Case("tile", [(2,)], tile, {"repetitions": ()}),
    Case("tile", [(2,)], tile, {"repetitions": 17}),
    Case("repeat", [(2, 3)], np.repeat, {"repeats": 2}),
    Case("repeat", [(2, 3)], np.repeat, {"repeats": 3, "axis": 0}),
    Case("repeat", [(2, 3)], np.repeat, {"repeats": 2, "axis": -1}),
    Case("repeat", [(2, 3)], np.repeat, {"repeats": [2], "axis": -1}),
    Case("repeat", [(2, 3)], np.repeat, {"repeats": 0, "axis": 1}),
    Case("repeat", [(0, 3)], np.repeat, {"repeats": 2, "axis": 1}),
    Case("repeat", [()], np.repeat, {"repeats": 2}),
    Case("repeat", [(2,)], np.repeat, {"repeats": 17}),
    # Gradients that meet in one place are added by `scatter`, which the standard lacks.
    *[
        Case("repeat", [shape], np.repeat, {"repeats": counts, **axis}, strict=False)
        for shape, counts, axis in [
            ((3,), [1, 0, 3], {}),
            ((2, 3), np.array([1, 0, 3]), {"axis": 1}),
            ((2, 3), (2, 1), {"axis": -2}),
            ((2, 2), [1, 0, 2, 1], {}),
            ((2, 3), [0, 0], {"axis": 0}),
        ]
    ],
    Case("flip", [(2, 3)], np.flip),
    Case("flip", [(2, 3)], np.flip, {"axis": -1}),
    Case("flip", [(2, 3, 4)], np.flip, {"axis": (0, -1)}),
    Case("flip", [()], np.flip),
    Case("flip", [(0, 2)], np.flip, {"axis": 0}),
    Case("roll", [(2, 3)], np.roll, {"shift": 2}),
    Case("roll", [(2, 3)], np.roll, {"shift": -1, "axis": -1}),
    Case("roll", [(2, 3)], np.roll, {"shift": (1, 5), "axis": (0, 1)}),
    Case("roll", [(2, 3)], np.roll, {"shift": 1, "axis": (0, 1)}),
    Case("roll", [()], np.roll, {"shift": 1}),
    Case("roll", [(0, 3)], np.roll, {"shift": 1, "axis": 0}),
    *[Case("pad", [shape], pad, static) for shape, static in PADS],
]
