"""Contractions: products of arrays with named axes, and `einsum`, which reads names.

`contract` is the one op here: give every axis of two arrays a letter, multiply, and sum
over the letters that the result does not have. It is linear in each operand, so its
rule is a `contract` with the letters exchanged. `einsum` reads the letters as users
write them, for as many arrays as they like, and takes two at a time.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import functools
import itertools
import math
from typing import Any

from pebblegrad.autograd._namespace import NUMBERS
from pebblegrad.autograd._op import op

from ._operands import shape_of
from .diagonals import diagonal
from .reductions import sum
from .shaping import permute_dims, squeeze


@op
def contract(xp, x, y, /, of_x, of_y, of_out):
    """Multiply two arrays and sum: what `einsum` and `tensordot` are made of.

    Args:
        x: any shape.
        y: any shape.
        of_x: the letters of the axes of ``x``, each once; anything that can be compared
            serves as a letter. Axes of one letter have one size, and each letter is in
            ``y`` or in the result too.
        of_y: those of ``y``, likewise.
        of_out: those of the result; the others are summed over.

    Returns:
        An array with the axes `of_out`.
    """
    batch = [a for a in of_x if a in of_y and a in of_out]
    summed = [a for a in of_x if a in of_y and a not in of_out]
    rows = [a for a in of_x if a not in of_y]
    columns = [a for a in of_y if a not in of_x]
    if not summed:
        return _spread(xp, x, of_x, of_out) * _spread(xp, y, of_y, of_out)
    if rows and columns and of_out.index(columns[0]) < of_out.index(rows[0]):
        x, y, of_x, of_y, rows, columns = y, x, of_y, of_x, columns, rows
    sizes = dict(zip((*of_x, *of_y), (*x.shape, *y.shape), strict=True))
    x = _as_matrices(xp, x, of_x, batch, rows, summed)
    y = _as_matrices(xp, y, of_y, batch, summed, columns)
    of_product = batch + rows + columns
    out = xp.matmul(x, y)
    out = _reshaped(xp, out, tuple(sizes[a] for a in of_product))
    return _reordered(xp, out, of_product, of_out)


# Linear in each operand: the gradient of one contracts `g` with the other.
contract.backward(
    "x", lambda g, y, of_x, of_y, of_out: contract(g, y, of_out, of_y, of_x)
)
contract.backward(
    "y", lambda g, x, of_x, of_y, of_out: contract(x, g, of_x, of_out, of_y)
)


def _as_matrices(xp, x, letters, batch, rows, columns):
    """Return `x` as matrices: the axes `batch`, one for all `rows`, one for `columns`.

    The axes of the batch stay apart, as to make them one could take a copy.
    """
    x = _reordered(xp, x, letters, [*batch, *rows, *columns])
    sizes, first = x.shape, len(batch)
    middle = first + len(rows)
    shape = (
        *sizes[:first],
        math.prod(sizes[first:middle]),
        math.prod(sizes[middle:]),
    )
    return _reshaped(xp, x, shape)


def _spread(xp, x, letters, wanted):
    """Return `x` with its axes in the order of `wanted`, and size 1 where it has none.

    A number has no axes and stays one.
    """
    if isinstance(x, NUMBERS):
        return x
    x = _reordered(xp, x, letters, [a for a in wanted if a in letters])
    sizes = iter(x.shape)
    return _reshaped(xp, x, tuple(next(sizes) if a in letters else 1 for a in wanted))


def _reordered(xp, x, letters, wanted):
    if list(letters) == list(wanted):
        return x
    return xp.permute_dims(x, tuple(letters.index(a) for a in wanted))


def _reshaped(xp, x, shape):
    return x if x.shape == shape else xp.reshape(x, shape)


def einsum(subscripts, /, *operands) -> Any:
    """Einstein's sum: products of elements, with axes named by letters.

    In ``"ij,jk->ik"`` each group of letters names the axes of one operand, and those
    behind the arrow the axes of the result. A letter that several operands have makes
    their axes one; a letter that the result does not have is summed over. So this is
    the matrix product, ``"ii->"`` the trace, ``"ii->i"`` the diagonal, ``"ij->ji"`` the
    transpose, ``"i,j->ij"`` the outer product, and ``"b...d,b...d->b..."`` a scalar
    product of all vectors in two stacks.

    Two operands are multiplied at a time, where possible as matrices; of more than two,
    next always those whose product is smallest in comparison with them.

    Args:
        subscripts: the letters, as above. ``...`` stands for any further axes, which
            are broadcast. Without an arrow the result has the axes of ``...``, then the
            letters that occur just once, sorted by the alphabet. Spaces do not count.
        *operands: one or more. Axes of one letter have one size, or size 1, which is
            broadcast.

    Returns:
        The axes behind the arrow; on NumPy's arrays a view, where nothing was to be
        computed.

    Raises:
        ValueError: if the letters do not describe the operands: says which.
        TypeError: if `subscripts` is no string (NumPy's other way of calling it, with
            lists of ints, is not provided), or an operand no Tensor, array or number.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        >>> y = ops.einsum("ij,ij->i", x, x)
        >>> y
        Tensor([ 5., 25.], dtype=float32, op=contract)
        >>> y.sum().backward()
        >>> x.grad
        Tensor([[2., 4.],
                [6., 8.]], dtype=float32)
    """
    if not isinstance(subscripts, str):
        raise TypeError(
            f"einsum: subscripts is {type(subscripts).__name__}; a string is needed, "
            'as in einsum("ij,jk->ik", x, y)'
        )
    shapes = [() if isinstance(x, NUMBERS) else shape_of("einsum", x) for x in operands]
    letters, wanted, sizes = _read(subscripts, tuple(shapes))
    terms = [
        _with_distinct_axes(x, own, sizes)
        for x, own in zip(operands, letters, strict=True)
    ]
    while len(terms) > 1:
        i, j = _next_pair(terms, wanted, sizes)
        (y, of_y), (x, of_x) = terms.pop(j), terms.pop(i)
        needed = (*wanted, *itertools.chain(*[own for _, own in terms]))
        x, of_x = _summed(x, of_x, (*needed, *of_y))
        y, of_y = _summed(y, of_y, (*needed, *of_x))
        of_out = tuple(dict.fromkeys(a for a in needed if a in of_x or a in of_y))
        terms.append((contract(x, y, of_x, of_y, of_out), of_out))
    x, own = terms[0]
    x, own = _summed(x, own, wanted)
    if own == wanted and len(operands) > 1:
        return x
    return permute_dims(x, tuple(own.index(a) for a in wanted))


@functools.lru_cache(maxsize=1024)
def _read(subscripts, shapes):
    """Return the letters of each operand, those of the result, and the letters' sizes.

    An axis of ``...`` has an int for a letter: -1 the last, -2 the one before.
    """
    who = f"einsum: {subscripts!r}"
    left, arrow, right = "".join(subscripts.split()).partition("->")
    groups = left.split(",")
    if len(groups) != len(shapes):
        raise ValueError(
            f"{who}, and {len(shapes)} operands; its commas make {len(groups)} groups "
            "of letters, and each operand needs one"
        )
    letters = []
    for i, (group, shape) in enumerate(zip(groups, shapes, strict=True)):
        named, ndim = group.replace("...", "", 1), len(shape)
        _need_letters(who, named)
        hidden = ndim - len(named) if named != group else 0
        if len(named) + hidden != ndim or hidden < 0:
            raise ValueError(
                f"{who}: {group!r} has {len(named)} letters, and operand {i}, of shape "
                f"{shape}, has {ndim} axes; each needs a letter, or ... for several"
            )
        letters.append(_letters_of(group, hidden))
    sizes = _sizes(who, letters, shapes)
    count = max([-a for own in letters for a in own if isinstance(a, int)], default=0)
    everything = [a for own in letters for a in own]
    if not arrow:
        alone = [a for a in everything if everything.count(a) == 1]
        once = sorted(a for a in alone if not isinstance(a, int))
        return letters, (*range(-count, 0), *once), sizes
    named = right.replace("...", "", 1)
    _need_letters(who, named)
    if count and named == right:
        raise ValueError(
            f"{who}: ... stands for {count} axes, and the result has no place for "
            "them; write it behind the arrow too, or name the axes to sum over them"
        )
    for a in named:
        if named.count(a) > 1:
            raise ValueError(
                f"{who}: the result has the letter {a!r} twice; once is needed"
            )
        if a not in everything:
            raise ValueError(
                f"{who}: the result has the letter {a!r}, which no operand has"
            )
    return letters, _letters_of(right, count), sizes


def _need_letters(who, named):
    for a in named:
        if not (a.isascii() and a.isalpha()):
            raise ValueError(
                f"{who}: {a!r} is no letter; a to z, A to Z, commas, one arrow -> and "
                "one ... for each operand may be used"
            )


def _letters_of(group, hidden):
    before, dots, after = group.partition("...")
    return (*before, *range(-hidden, 0), *after) if dots else tuple(group)


def _sizes(who, letters, shapes):
    """Return the size of each letter's axes, once they are known to agree."""
    sizes = dict.fromkeys(itertools.chain(*letters), 1)
    owners = dict.fromkeys(sizes, 0)
    for i, (own, shape) in enumerate(zip(letters, shapes, strict=True)):
        for a, size in zip(own, shape, strict=True):
            first = shape[own.index(a)]
            if size != first:  # not broadcast either: a diagonal of what?
                raise ValueError(
                    f"{who}: {_named(a)} has sizes {first} and {size} in operand {i}, "
                    f"of shape {shape}; a diagonal needs equal ones"
                )
            if sizes[a] == 1:
                sizes[a], owners[a] = size, i
            elif size not in (1, sizes[a]):
                raise ValueError(
                    f"{who}: {_named(a)} has size {sizes[a]} in operand {owners[a]}, "
                    f"of shape {shapes[owners[a]]}, and size {size} in operand {i}, of "
                    f"shape {shape}; they must be equal or 1"
                )
    return sizes


def _named(a):
    return f"axis {a} of ..." if isinstance(a, int) else f"the letter {a!r}"


def _with_distinct_axes(x, own, sizes):
    """Return an operand and its letters, each once, where its axis has full size."""
    narrow = [i for i, a in enumerate(own) if x.shape[i] == 1 != sizes[a]]
    if narrow:  # an axis that is broadcast is as good as none
        x = squeeze(x, tuple(narrow))
        own = tuple(a for i, a in enumerate(own) if i not in narrow)
    for a in own:
        while own.count(a) > 1:
            i = own.index(a)
            j = own.index(a, i + 1)
            x = diagonal(x, 0, i, j)
            own = (*own[:i], *own[i + 1 : j], *own[j + 1 :], a)
    return x, own


def _summed(x, own, kept):
    """Return an operand and its letters after summing over those that go now."""
    axes = tuple(i for i, a in enumerate(own) if a not in kept)
    if not axes:
        return x, own
    return sum(x, axis=axes), tuple(a for a in own if a in kept)


def _next_pair(terms, wanted, sizes):
    """Return the places of the two operands to multiply next.

    Those are taken whose product is smallest, less what they take themselves.
    """
    pairs = list(itertools.combinations(range(len(terms)), 2))
    if len(pairs) == 1:
        return pairs[0]

    def growth(pair):
        rest = {a for k, (_, own) in enumerate(terms) if k not in pair for a in own}
        of_x, of_y = (set(terms[k][1]) for k in pair)
        made = (of_x | of_y) & (rest | set(wanted))
        volumes = [math.prod(sizes[a] for a in some) for some in (made, of_x, of_y)]
        return volumes[0] - volumes[1] - volumes[2]

    return min(pairs, key=growth)
