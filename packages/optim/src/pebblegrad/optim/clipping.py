"""Gradients that are too large, made smaller before a step.

One bad batch can give a gradient a thousand times longer than the others, and a step
along it undoes what was learned. `clip_grad_norm_` shortens all gradients together, so
that their direction stays; `clip_grad_value_` cuts off each element by itself. Call
either between `backward()` and `step()`.
"""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor

from ._blocks import blocks
from ._checks import check_flags, check_number
from ._parameters import tensors


def clip_grad_norm_(
    params: Any,
    max_norm: float,
    norm_type: float | str = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Shorten the gradients of all parameters together, if they are too long.

    As one vector they are multiplied by ``max_norm / (total + 1e-6)`` if that is below
    1, where `total` is their norm; else they are left as they are.

    Args:
        params: whose gradients: Tensors, a single one, a Module or a list of Modules.
            Those without a gradient are skipped; one that comes twice counts once.
        max_norm: the longest that the gradients may be, at least 0. With infinity
            nothing is changed, and only the norm is returned.
        norm_type: the p of the norm ``sum(abs(g)**p)**(1/p)``, above 0; infinity, or
            "inf", for the largest absolute value.
        error_if_nonfinite: whether a norm that is NaN or infinite is an error. If not,
            the gradients are multiplied all the same, as in PyTorch: by NaN, or by 0,
            which makes NaN of the infinite ones.

    The gradients' own arrays are written into. Where that cannot be, or would change
    something else as well (an array that is read-only, a view, a gradient with a graph,
    one that two parameters have), the parameter gets a new gradient.

    Returns:
        The norm before, computed in double precision: it overflows for no gradients in
        half or single precision.

    Raises:
        TypeError: if something in `params` is no Tensor, or an option no number.
        ValueError: if an option is out of range, or the norm is not finite and that is
            to be an error; the gradients stay as they are then.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([0.0, 0.0], requires_grad=True)
        >>> p.grad = [3.0, 4.0]
        >>> clip_grad_norm_([p], max_norm=1.0)
        5.0
        >>> p.grad.data.round(4)
        array([0.6, 0.8], dtype=float32)

    Reference:
        Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural
        networks", algorithm 1; https://arxiv.org/abs/1211.5063
    """
    who = "clip_grad_norm_"
    _check_limit(who, "max_norm", max_norm)
    check_flags(who, error_if_nonfinite=error_if_nonfinite)
    p = _order(who, norm_type)
    found = _with_gradients(who, params)
    total = _norm(found, p)
    if error_if_nonfinite and not math.isfinite(total):
        raise ValueError(
            f"{who}: the norm of the gradients is {total}; a finite one is needed; "
            "look for the loss or the layer that it comes from (the gradients are as "
            "they were; error_if_nonfinite=False multiplies them all the same)"
        )
    if math.isinf(max_norm):
        return total
    factor = float(max_norm) / (total + 1e-6)
    if not factor >= 1:  # NaN too

        def shorten(array: Any, out: Any) -> None:
            # In double precision, for in half the factor itself may be zero.
            np.multiply(array, factor, out=out, dtype=np.float64, casting="same_kind")

        # An infinite gradient times 0 is NaN, which is what was announced.
        with np.errstate(invalid="ignore"):
            _rewrite(found, shorten)
    return total


def clip_grad_value_(params: Any, clip_value: float) -> None:
    """Cut off each element of the gradients at ``-clip_value`` and ``clip_value``.

    Args:
        params: whose gradients; see `clip_grad_norm_`, also for what is written into.
        clip_value: the largest absolute value that an element may have, at least 0.

    An element that is NaN stays NaN.

    Raises:
        TypeError: if something in `params` is no Tensor, or the value no number.
        ValueError: if the value is negative or NaN.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([0.0, 0.0, 0.0], requires_grad=True)
        >>> p.grad = [3.0, -0.5, -7.0]
        >>> clip_grad_value_([p], 1.0)
        >>> p.grad
        Tensor([ 1. , -0.5, -1. ], dtype=float32)
    """
    who = "clip_grad_value_"
    _check_limit(who, "clip_value", clip_value)
    found = _with_gradients(who, params)
    limit = float(clip_value)

    def cut(array: Any, out: Any) -> None:
        # In half precision a limit of 1e6 is infinity, and cuts nothing off, rightly.
        largest = float(np.finfo(array.dtype).max)
        bound = limit if limit <= largest else math.inf
        np.clip(array, -bound, bound, out=out)

    _rewrite(found, cut)


def total_grad_norm(params: Any, norm_type: float | str = 2.0) -> float:
    """Return the norm of the gradients of all parameters, taken as one vector.

    It is PyTorch's `get_total_norm`, which is given the gradients; this one is given
    the parameters, as `clip_grad_norm_` is, and has another name for that.

    Args:
        params: whose gradients; see `clip_grad_norm_`.
        norm_type: the p of the norm, above 0; see there.

    Returns:
        The norm, computed in double precision; 0 if there is no gradient.

    Raises:
        TypeError: if something in `params` is no Tensor, or `norm_type` no number.
        ValueError: if `norm_type` is not above 0.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> p = Tensor([0.0, 0.0], requires_grad=True)
        >>> q = Tensor(0.0, requires_grad=True)
        >>> p.grad, q.grad = [2.0, -3.0], 6.0
        >>> total_grad_norm([p, q]), total_grad_norm([p, q], norm_type=1)
        (7.0, 11.0)
    """
    p = _order("total_grad_norm", norm_type)
    return _norm(_with_gradients("total_grad_norm", params), p)


def _norm(params: Iterable[Tensor], p: float) -> float:
    """Return the p-norm of all gradients together."""
    arrays = [param.grad.data for param in params if param.grad is not None]
    if p == 2:
        # The usual case in a single pass. Squares of single precision fit into double
        # precision; those of double precision may not, which shows in the sum.
        with np.errstate(over="ignore", invalid="ignore"):
            squares = sum(
                float(np.vdot(x, x)) for x in _pieces_in_double_precision(arrays)
            )
        if 1e-280 < squares < math.inf:
            return math.sqrt(squares)
    # The largest one is taken out, so that no power overflows and not all underflow.
    largest = 0.0
    for x in _pieces_in_double_precision(arrays):
        largest = float(np.maximum(largest, np.max(np.abs(x))))  # NaN stays NaN
    if p == math.inf or largest == 0 or not math.isfinite(largest):
        return largest
    powers = sum(
        float(np.sum((np.abs(x) / largest) ** p))
        for x in _pieces_in_double_precision(arrays)
    )
    with np.errstate(over="ignore"):  # the root for a p of 0.001 may be infinite
        return largest * float(np.power(powers, 1 / p))


def _pieces_in_double_precision(arrays: Iterable[Any]) -> Iterable[Any]:
    """Yield the elements of the arrays, as many at a time as fit into the cache."""
    for array in arrays:
        for (piece,) in blocks(array):
            if piece.size:
                yield piece.astype(np.float64, copy=False)


def _rewrite(params: Iterable[Tensor], change: Any) -> None:
    """Call `change(array, out)` for each gradient, with `out` its own array if it can.

    New gradients come first, all of them from what was there before.
    """
    own, holders = [], [p for p in params if p.grad is not None]
    shared = Counter(id(p.grad.data) for p in holders if p.grad is not None)
    for param in holders:
        assert param.grad is not None
        array = param.grad.data
        if not param.grad.requires_grad and _owned(array) and shared[id(array)] == 1:
            own.append(array)
            continue
        new = np.empty_like(array)
        change(array, new)
        param.grad = new
    for array in own:
        change(array, array)


def _owned(array: Any) -> bool:
    """Whether the memory is the array's own, to be written into."""
    return bool(array.flags.owndata and getattr(array.flags, "writeable", True))


def _with_gradients(who: str, params: Any) -> list[Tensor]:
    """Return each parameter that has a gradient, once."""
    found = tensors(
        who, [params] if isinstance(params, Tensor) else params, to_train=False
    )
    return list({id(p): p for p in found if p.grad is not None}.values())


def _order(who: str, norm_type: Any) -> float:
    """Return the p of a norm, or raise."""
    if isinstance(norm_type, str) and norm_type == "inf":
        return math.inf
    _check_limit(who, "norm_type", norm_type)
    if norm_type == 0:
        raise ValueError(
            f"{who}: norm_type is {norm_type}; it must be above 0: 2 for the length, "
            "1 for the sum, inf for the largest of the absolute values"
        )
    return float(norm_type)


def _check_limit(who: str, name: str, value: Any) -> None:
    """Raise unless `value` is a number from 0 on; it may be infinity."""
    if not (isinstance(value, float | np.floating) and value == math.inf):
        check_number(who, name, value)
