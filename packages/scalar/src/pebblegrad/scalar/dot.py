"""dot: the sum of products that every neuron begins with, as a single operation.

Written with ``*`` and ``+`` it would be 2 n operations for n inputs, and nearly all of
the time of a network would go into keeping their results. Their derivatives are as
plain as those of one product: for each x its y, and for each y its x.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

from ._numbers import kind_of
from .tensor import Tensor


def dot(xs: Sequence[Tensor], ys: Sequence[Tensor]) -> Tensor:
    """Return ``x_1 * y_1 + ... + x_n * y_n``.

    Args:
        xs: a list of n Tensors, at least one.
        ys: a list of as many.

    Raises:
        TypeError: if something in the lists is not a Tensor.
        ValueError: if the lists differ in length or are empty.

    Example:
        >>> from pebblegrad.scalar import Tensor, dot
        >>> w, x = [Tensor(2.0), Tensor(3.0)], [Tensor(4.0), Tensor(5.0)]
        >>> out = dot(w, x)
        >>> out.backward()
        >>> out.data, [t.grad for t in w]
        (23.0, [4.0, 5.0])
    """
    try:
        n, m = len(xs), len(ys)
    except TypeError:
        raise TypeError(
            f"dot: xs is {kind_of(xs)} and ys {kind_of(ys)}; two lists of Tensors were "
            "needed"
        ) from None
    if n != m or n == 0:
        raise ValueError(
            f"dot: xs has length {n} and ys {m}; equal lengths were "
            "needed, of at least 1"
        )
    try:
        x, y = [t.data for t in xs], [t.data for t in ys]
    except AttributeError:
        kinds = sorted({type(t).__name__ for t in (*xs, *ys)})
        raise TypeError(
            f"dot: the lists hold {' and '.join(kinds)}; Tensors were needed; make one "
            "of each number"
        ) from None
    out = sum(map(operator.mul, x, y))
    return Tensor(out, (*xs, *ys), "dot", _derivatives=(*y, *x))
