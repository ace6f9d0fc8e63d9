"""Rows for `ops/choosing.py`."""

import numpy as np

from ._case import Case, binary, unary

MASK = np.array([[True, False, True], [False, False, True]])

LOW = np.array([-0.4, 0.0, 0.3])


def clip(x, min, max):
    return np.clip(x, min, max)


def masked_fill(mask, x, value):
    return np.where(mask, value, x)


def mask_second(function, mask, x, value):
    return function(x, mask, value=value)


def on_masks(function, *xs):
    """Call it with the signs of the inputs."""
    return function(*[x > 0 for x in xs])


CASES = [
    *binary("maximum", np.maximum),
    *binary("minimum", np.minimum),
    *unary("relu", lambda x: np.maximum(x, 0)),
    *[
        Case("clip", [(2, 3)], lambda x, min=None, max=None: np.clip(x, min, max), s)
        for s in [{"min": -0.4, "max": 0.4}, {"max": 0.4}, {"min": -0.4}]
    ],
    Case("clip", [(2, 3)], lambda x: x),
    Case("where", [(2, 3), (3,)], np.where, fixed=(MASK,)),
    Case("where", [(), (2, 1)], np.where, fixed=(MASK,)),
    # Bounds of NumPy, in float64: they are static, and promote as NumPy does.
    Case(
        "clip",
        [(2, 3)],
        clip,
        {"min": LOW, "max": 0.4},
        strict=False,
        keeps_float32=False,
    ),
    Case(
        "masked_fill",
        [(2, 3)],
        masked_fill,
        {"value": 7},
        fixed=(MASK,),
        call_with=mask_second,
    ),
    Case(
        "zero_where",
        [(2, 3)],
        lambda mask, x: np.where(mask, 0, x),
        fixed=(MASK,),
        call_with=lambda function, mask, x: function(x, mask),
    ),
]


COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]


def of_signs(reference):
    return lambda *xs: reference(*[x > 0 for x in xs])


def edges(rng, shape):
    return rng.choice([0.0, 1.0, np.inf, -np.inf, np.nan], shape)


def whole(rng, shape):
    return rng.integers(0, 2, shape)


PLAIN = [
    *[
        case
        for name in ["isnan", "isinf", "isfinite"]
        for case in unary(name, getattr(np, name), edges)
    ],
    *[case for name in COMPARISONS for case in binary(name, getattr(np, name), whole)],
    *[
        Case(name, [(2, 3), (3,)], of_signs(getattr(np, name)), call_with=on_masks)
        for name in ["logical_and", "logical_or", "logical_xor"]
    ],
    Case("logical_not", [(2, 3)], of_signs(np.logical_not), call_with=on_masks),
]
