"""Picking elements out of an array, and putting them into one.

`getitem` and `scatter` are each other's rule: what is picked twice gets two gradients,
so `scatter` adds.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import builtins

from pebblegrad.autograd._op import op


@op
def getitem(xp, x, /, index):
    """``x[index]``, with NumPy's basic and advanced indexing.

    Args:
        x: any shape.
        index: ints, slices, ``...``, None, and integer or boolean arrays, or a tuple of
            them.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> x[[0, 0, 2]].sum().backward()
        >>> x.grad
        Tensor([2., 0., 1.], dtype=float32)
    """
    return x[index]


@op
def scatter(xp, x, /, shape, index):
    """Zeros of `shape` with ``x`` added at `index`; elements named twice get both.

    Args:
        x: the shape that ``zeros(shape)[index]`` has.
        shape: of the result.
        index: as in `getitem`.
    """
    out = xp.zeros(shape, dtype=x.dtype)
    if _is_basic(index):
        out[index] = x  # no element is named twice
    else:
        xp.add.at(out, index, x)
    return out


getitem.backward("x", lambda g, in_shape, index: scatter(g, in_shape, index))
scatter.backward("x", lambda g, index: g[index])


def _is_basic(index):
    parts = index if isinstance(index, tuple) else (index,)
    return builtins.all(
        part is None or part is ... or type(part) in (slice, int) for part in parts
    )
