"""New Tensors: zeros, ones, ranges, random numbers, and the likeness of others.

Nothing here has a gradient to pass on: what is made is a constant, or with
`requires_grad` a leaf. The functions without a pattern make NumPy's arrays. Those that
end in `_like` keep the array library, and whether it is a Tensor or an array: they
serve the rules of ops too.

Sizes are given alone or in a tuple, ``zeros(2, 3)`` or ``zeros((2, 3))``, everything
behind them by name.
"""

from __future__ import annotations

import math
import numbers
import operator
from typing import TYPE_CHECKING, Any

from pebblegrad.autograd import _tensor  # the module: its class does not exist yet
from pebblegrad.autograd._modes import get_default_dtype
from pebblegrad.autograd._namespace import Array, namespace
from pebblegrad.autograd._random import generator

from ._operands import array_of

if TYPE_CHECKING:
    from pebblegrad.autograd._tensor import Tensor

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "rand",
    "randint",
    "randn",
    "tensor",
    "zeros",
    "zeros_like",
]

_np = namespace([])  # NumPy: the library of what has no other


def tensor(
    data: Any,
    requires_grad: bool = False,
    dtype: Any = None,
    label: str | None = None,
) -> Tensor:
    """Return ``Tensor(data, ...)``: `Tensor` spelled as a function.

    Args:
        data: a number, a list (nested for more axes) or an array. An array is shared,
            not copied as in PyTorch, unless `requires_grad`.
        requires_grad: whether `backward()` shall compute a gradient for it.
        dtype: of the data, if it shall be another one.
        label: a name, for pictures and messages.

    Raises:
        TypeError: if the data are not real numbers, or are integers or booleans and a
            gradient is asked for.
    """
    return _tensor.Tensor(data, requires_grad, dtype, label)


def zeros(
    *shape: Any,
    dtype: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return a Tensor of zeros.

    Args:
        *shape: the sizes, alone or in a tuple; none at all gives a single number.
        dtype: of the elements; None is the default float dtype.
        requires_grad: whether `backward()` shall compute a gradient for it.
        label: a name, for pictures and messages.

    Raises:
        TypeError: if a size is no int.
        ValueError: if a size is negative.

    Example:
        >>> from pebblegrad.autograd import ops
        >>> ops.zeros(2, 3)
        Tensor([[0., 0., 0.],
                [0., 0., 0.]], dtype=float32)
        >>> ops.zeros((2,), dtype="int64")
        Tensor([0, 0], dtype=int64)
    """
    array = _np.zeros(_sizes("zeros", shape), dtype=_dtype("zeros", dtype))
    return _made("zeros", array, requires_grad, label)


def ones(
    *shape: Any,
    dtype: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return a Tensor of ones; the arguments are those of `zeros`."""
    array = _np.ones(_sizes("ones", shape), dtype=_dtype("ones", dtype))
    return _made("ones", array, requires_grad, label)


def empty(
    *shape: Any,
    dtype: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return a Tensor of whatever is in memory; the arguments are those of `zeros`."""
    array = _np.empty(_sizes("empty", shape), dtype=_dtype("empty", dtype))
    return _made("empty", array, requires_grad, label)


def full(
    shape: Any,
    fill_value: float,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return a Tensor that is `fill_value` everywhere.

    Args:
        shape: an int or a tuple.
        fill_value: a number.
        dtype: of the elements. None is the default float dtype, and bool for True and
            False, as in `Tensor(fill_value)`; NumPy and PyTorch make integers of an
            integer.
        requires_grad: whether `backward()` shall compute a gradient for it.
        label: a name, for pictures and messages.

    Raises:
        TypeError: if a size is no int, or `fill_value` no number.
        ValueError: if a size is negative.

    Example:
        >>> from pebblegrad.autograd import ops
        >>> ops.full(3, 7)
        Tensor([7., 7., 7.], dtype=float32)
    """
    sizes = _sizes("full", (shape,))
    _need_number("full", "fill_value", fill_value)
    kind = bool if dtype is None and isinstance(fill_value, bool) else dtype
    array = _np.full(sizes, fill_value, dtype=_dtype("full", kind))
    return _made("full", array, requires_grad, label)


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return the numbers from `start` on, `step` apart, up to `stop`, without it.

    Element ``i`` is ``start + i * step``, computed in float64 or in whole numbers. With
    a step that is not whole, rounding decides whether there is one element more at the
    end: `linspace` counts them.

    Args:
        start: the first number; if it stands alone it is `stop`, and 0 the first.
        stop: where to stop. There are no elements if it is not on the side of `start`
            that `step` leads to (PyTorch refuses that).
        step: from one to the next; may be negative.
        dtype: of the elements; None is int64 if all three are ints, else the default
            float dtype.
        requires_grad: whether `backward()` shall compute a gradient for it.
        label: a name, for pictures and messages.

    Returns:
        Shape (N,).

    Raises:
        TypeError: if an argument is no number.
        ValueError: if `step` is 0, or an argument is NaN or infinite.

    Example:
        >>> from pebblegrad.autograd import ops
        >>> ops.arange(3)
        Tensor([0, 1, 2], dtype=int64)
        >>> ops.arange(1, 2, 0.25)
        Tensor([1.  , 1.25, 1.5 , 1.75], dtype=float32)
    """
    if stop is None:
        start, stop = 0, start
    given = f"start={start}, stop={stop}, step={step}"
    for name, value in (("start", start), ("stop", stop), ("step", step)):
        _need_number("arange", name, value)
        if not math.isfinite(value):
            raise ValueError(f"arange: {given}; {name} must be finite")
    if step == 0:
        raise ValueError(f"arange: {given}; step must not be 0")
    if all(isinstance(value, numbers.Integral) for value in (start, stop, step)):
        found = _np.dtype("int64") if dtype is None else _dtype("arange", dtype)
        exact = found if found.kind in "iu" else "int64"
        array = _np.arange(start, stop, step, dtype=exact)
    else:
        found = _dtype("arange", dtype)
        first, distance = float(start), float(step)
        count = math.ceil((float(stop) - first) / distance)
        array = first + _np.arange(max(count, 0)) * distance
    array = array.astype(found, copy=False)
    return _made("arange", array, requires_grad, label)


def linspace(
    start: float,
    stop: float,
    num: int = 50,
    *,
    endpoint: bool = True,
    dtype: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return `num` numbers at equal distances from `start` to `stop`.

    Args:
        start: the first number.
        stop: the last number.
        num: how many, 0 or more (PyTorch's `steps`).
        endpoint: whether `stop` is one of them; if not, it would be the next.
        dtype: of the elements; None is the default float dtype.
        requires_grad: whether `backward()` shall compute a gradient for it.
        label: a name, for pictures and messages.

    Returns:
        Shape (num,).

    Raises:
        TypeError: if `num` is no int, or another argument no number.
        ValueError: if `num` is negative.

    Example:
        >>> from pebblegrad.autograd import ops
        >>> ops.linspace(0, 1, 5)
        Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    _need_number("linspace", "start", start)
    _need_number("linspace", "stop", stop)
    count = _need_size("linspace", "num", num)
    found = _dtype("linspace", dtype)
    array = _np.linspace(start, stop, count, endpoint=endpoint, dtype=found)
    return _made("linspace", array, requires_grad, label)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    k: int = 0,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return a matrix of zeros with ones on a diagonal.

    Args:
        n_rows: M, the number of rows.
        n_cols: N, the number of columns; None makes it square.
        k: which diagonal; 0 is the main one, positive ones are above it.
        dtype: of the elements; None is the default float dtype.
        requires_grad: whether `backward()` shall compute a gradient for it.
        label: a name, for pictures and messages.

    Returns:
        Shape (M, N).

    Raises:
        TypeError: if a size or `k` is no int.
        ValueError: if a size is negative.
    """
    rows = _need_size("eye", "n_rows", n_rows)
    columns = rows if n_cols is None else _need_size("eye", "n_cols", n_cols)
    diagonal = _need_int("eye", "k", k)
    array = _np.eye(rows, columns, k=diagonal, dtype=_dtype("eye", dtype))
    return _made("eye", array, requires_grad, label)


def rand(
    *shape: Any,
    dtype: Any = None,
    rng: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return random numbers, uniform between 0 and 1, without 1.

    They are drawn in float32 for float32 and shorter dtypes, in float64 for longer
    ones. One seed gives the same numbers on one machine.

    Args:
        *shape: the sizes, alone or in a tuple; none at all gives a single number.
        dtype: a float dtype; None is the default float dtype.
        rng: source of the numbers: a `numpy.random.Generator`, a seed, or None for the
            generator that `manual_seed` seeds.
        requires_grad: whether `backward()` shall compute a gradient for it.
        label: a name, for pictures and messages.

    Raises:
        TypeError: if a size is no int, `dtype` no float dtype, or `rng` no source.
        ValueError: if a size is negative.

    Example:
        >>> from pebblegrad.autograd import ops
        >>> ops.rand(2, 3, rng=0).shape
        (2, 3)
    """
    sizes, found = _sizes("rand", shape), _float_dtype("rand", dtype)
    array = generator(rng).random(sizes, dtype=_drawn(found))
    if found.itemsize < 4:  # rounding could give 1
        below = 1 - _np.finfo(found).epsneg
        array = _np.minimum(array, below.astype(array.dtype))
    return _made("rand", _np.asarray(array, dtype=found), requires_grad, label)


def randn(
    *shape: Any,
    dtype: Any = None,
    rng: Any = None,
    requires_grad: bool = False,
    label: str | None = None,
) -> Tensor:
    """Return random numbers of the standard normal distribution: mean 0, variance 1.

    The arguments, and how they are drawn, are those of `rand`.
    """
    sizes, found = _sizes("randn", shape), _float_dtype("randn", dtype)
    array = generator(rng).standard_normal(sizes, dtype=_drawn(found))
    return _made("randn", _np.asarray(array, dtype=found), requires_grad, label)


def randint(
    low: int,
    high: Any = None,
    size: Any = (),
    *,
    dtype: Any = "int64",
    rng: Any = None,
    label: str | None = None,
) -> Tensor:
    """Return random whole numbers from `low` to `high`, without `high`.

    With one bound they are from 0 to it: ``randint(10, size=(2, 3))``, or PyTorch's
    ``randint(10, (2, 3))``.

    Args:
        low: the smallest number.
        high: the number above the largest; None takes `low` for it, and 0 for `low`.
        size: the shape, an int or a tuple.
        dtype: an integer dtype.
        rng: source of the numbers; see `rand`.
        label: a name, for pictures and messages.

    Raises:
        TypeError: if a bound or a size is no int, or `dtype` no integer dtype.
        ValueError: if there is no number between the bounds, `dtype` cannot hold them,
            or a size is negative.

    Example:
        >>> from pebblegrad.autograd import ops
        >>> bool(ops.randint(1, 7, size=100, rng=0).data.max() == 6)
        True
    """
    if isinstance(high, tuple | list):
        if size != ():
            raise TypeError(f"randint: high={high}, size={size}; one shape is needed")
        high, size = None, high
    bounds = (0, low) if high is None else (low, high)
    first, last = (_need_int("randint", "a bound", bound) for bound in bounds)
    if first >= last:
        raise ValueError(
            f"randint: low={first}, high={last}; high is not among the numbers drawn "
            "and must be greater than low"
        )
    sizes, found = _sizes("randint", (size,)), _dtype("randint", dtype)
    if dtype is None or found.kind not in "iu":
        raise TypeError(
            f"randint: dtype is {dtype}; an integer dtype is needed; astype makes "
            "others of them"
        )
    try:
        array = generator(rng).integers(first, last, sizes, dtype=found)
    except ValueError as error:
        raise ValueError(f"randint: low={first}, high={last}; {error}") from None
    return _made("randint", _np.asarray(array), False, label)


def zeros_like(x: Any, *, dtype: Any = None) -> Any:
    """Return zeros like `x`: a Tensor for a Tensor, an array for an array.

    Args:
        x: what gives the shape, the dtype and the array library. No gradient goes
            through it, and the result requires none.
        dtype: another dtype.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.zeros_like(Tensor([1.0, 2.0]))
        Tensor([0., 0.], dtype=float32)
    """
    return _like(x, "zeros_like", dtype)


def ones_like(x: Any, *, dtype: Any = None) -> Any:
    """Return ones like `x`; the arguments are those of `zeros_like`."""
    return _like(x, "ones_like", dtype)


def empty_like(x: Any, *, dtype: Any = None) -> Any:
    """Return whatever is in memory, in the likeness of `x`, as `zeros_like` does."""
    return _like(x, "empty_like", dtype)


def full_like(x: Any, fill_value: float, *, dtype: Any = None) -> Any:
    """Return `fill_value` in the shape and dtype of `x`, as `zeros_like` does."""
    return _like(x, "full_like", dtype, fill_value)


def _like(x: Any, name: str, dtype: Any, *args: Any) -> Any:
    is_tensor = isinstance(x, _tensor.Tensor)
    array: Array = array_of(x)
    new = getattr(namespace([array]), name)(array, *args, dtype=dtype)
    return _tensor.wrap(new, None) if is_tensor else new


def _made(who: str, array: Array, requires_grad: bool, label: str | None) -> Tensor:
    """Return a Tensor of an array that nobody else has: it need not be copied."""
    if not isinstance(requires_grad, bool):
        raise TypeError(
            f"{who}: requires_grad is {requires_grad!r}; True or False is needed"
        )
    if requires_grad and array.dtype.kind != "f":
        raise TypeError(
            f"{who}: dtype is {array.dtype}, and a gradient is wanted; only floats can "
            'require one: give dtype="float32"'
        )
    made = _tensor.Tensor(array, label=label)
    made.requires_grad = requires_grad
    return made


def _sizes(who: str, shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return (2, 3) for f(2, 3), f((2, 3)) and f([2, 3])."""
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    for size in shape:
        if isinstance(size, bool) or not hasattr(size, "__index__"):
            raise TypeError(
                f"{who}: a size is {size!r}, a {type(size).__name__}; ints are needed, "
                "alone or in one tuple, and the rest by name, as in dtype=..."
            )
    return tuple(_need_size(who, "a size", size) for size in shape)


def _need_size(who: str, what: str, value: Any) -> int:
    size = _need_int(who, what, value)
    if size < 0:
        raise ValueError(f"{who}: {what} is {size}; 0 or more is needed")
    return size


def _need_int(who: str, what: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(
            f"{who}: {what} is {value!r}, a {type(value).__name__}; an int is needed"
        ) from None


def _need_number(who: str, what: str, value: Any) -> None:
    if not isinstance(value, numbers.Real):
        raise TypeError(
            f"{who}: {what} is a {type(value).__name__}; a number is needed"
        )


def _dtype(who: str, dtype: Any) -> Any:
    """Return a dtype of NumPy, the default float dtype for None."""
    if dtype is None:
        return get_default_dtype()
    try:
        found = _np.dtype(dtype)
    except TypeError as error:
        raise TypeError(f"{who}: dtype is {dtype!r}; {error}") from None
    if found.kind not in "iufb":
        raise TypeError(f"{who}: dtype is {found}; one of real numbers is needed")
    return found


def _float_dtype(who: str, dtype: Any) -> Any:
    found = _dtype(who, dtype)
    if found.kind != "f":
        raise TypeError(
            f"{who}: dtype is {found}; a float dtype is needed, randint draws integers"
        )
    return found


def _drawn(dtype: Any) -> Any:
    """Return the dtype to draw in: NumPy's generators know two."""
    return _np.float64 if dtype.itemsize > 4 else _np.float32
