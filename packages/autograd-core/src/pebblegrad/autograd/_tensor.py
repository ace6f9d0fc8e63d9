"""Tensor, what users hold: its operators and methods, each one call of an op.

What an op does, which shapes it takes and which errors it raises is said once, in
`ops`. Methods take NumPy's and PyTorch's spellings where these differ: `axis` or `dim`,
`keepdims` or `keepdim`. What a Tensor holds and `backward` are in `_value.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import ops
from ._modes import modes
from ._namespace import Array
from ._node import Node
from ._numpy_protocols import array_function, array_ufunc, plain
from ._value import Value

Axis = int | tuple[int, ...] | None


class Tensor(Value):
    """An array that remembers how it was computed, so that gradients can flow back.

    Args:
        data: a number, a list (nested for more axes) or an array. Numbers and lists
            become the default float dtype (lists of booleans stay boolean); an array
            keeps its dtype. An array is shared, not copied, unless `requires_grad`: a
            Tensor that is trained owns what optimizers write into.
        requires_grad: whether `backward()` shall compute a gradient for this Tensor.
        dtype: of the data, if it shall be another one.
        label: a name, for pictures and messages.

    Raises:
        TypeError: if the data are not real numbers, or are integers or booleans and a
            gradient is asked for.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> x = Tensor([2.0], requires_grad=True)
        >>> y = Tensor([3.0], requires_grad=True)
        >>> z = x * y + x
        >>> z.backward()
        >>> x.grad, y.grad
        (Tensor([4.], dtype=float32), Tensor([2.], dtype=float32))
    """

    __slots__ = ()

    # Arithmetic

    def __add__(self, other: object) -> Tensor:
        return ops.add(self, other)

    def __radd__(self, other: object) -> Tensor:
        return ops.add(other, self)

    def __sub__(self, other: object) -> Tensor:
        return ops.subtract(self, other)

    def __rsub__(self, other: object) -> Tensor:
        return ops.subtract(other, self)

    def __mul__(self, other: object) -> Tensor:
        return ops.multiply(self, other)

    def __rmul__(self, other: object) -> Tensor:
        return ops.multiply(other, self)

    def __truediv__(self, other: object) -> Tensor:
        return ops.divide(self, other)

    def __rtruediv__(self, other: object) -> Tensor:
        return ops.divide(other, self)

    def __pow__(self, other: object) -> Tensor:
        return ops.power(self, other)

    def __rpow__(self, other: object) -> Tensor:
        return ops.power(other, self)

    def __matmul__(self, other: object) -> Tensor:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: object) -> Tensor:
        return ops.matmul(other, self)

    # `x += y` gives the name x to a new Tensor; see `_in_place` for the exception.

    def __iadd__(self, other: object) -> Tensor:
        return self._in_place("+=", ops.add, other)

    def __isub__(self, other: object) -> Tensor:
        return self._in_place("-=", ops.subtract, other)

    def __imul__(self, other: object) -> Tensor:
        return self._in_place("*=", ops.multiply, other)

    def __itruediv__(self, other: object) -> Tensor:
        return self._in_place("/=", ops.divide, other)

    def __ipow__(self, other: object) -> Tensor:
        return self._in_place("**=", ops.power, other)

    def __imatmul__(self, other: object) -> Tensor:
        return self._in_place("@=", ops.matmul, other)

    def _in_place(self, sign: str, op: ops.Op, other: object) -> Tensor:
        """Return `op(self, other)`; a leaf that requires a gradient stays what it is.

        To give its name to a result would lose the leaf in silence, which is a common
        mistake in updates. Inside `no_grad` such an update is meant: the leaf's array
        is written into.
        """
        if self.node is None or self.node.op is not None:
            return op(self, other)
        if modes.recording:
            raise RuntimeError(
                f"{sign}: this Tensor requires a gradient and no op made it; {sign} "
                "would give its name to another Tensor. For an update write "
                f"x.data {sign} ..., or put it inside no_grad(); for a result write "
                f"x = x {sign[:-1]} ..."
            )
        result = op(self, other)
        if result.shape != self.shape:
            raise ValueError(
                f"{sign}: the result has shape {result.shape} and this Tensor "
                f"{self.shape}; an update in place needs the same shape"
            )
        self.data[...] = result._array
        return self

    def __neg__(self) -> Tensor:
        return ops.negative(self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return ops.abs(self)

    # Comparisons give plain boolean arrays: nothing flows through a mask.

    def __lt__(self, other: object) -> Any:
        return self._array < plain(other)

    def __le__(self, other: object) -> Any:
        return self._array <= plain(other)

    def __gt__(self, other: object) -> Any:
        return self._array > plain(other)

    def __ge__(self, other: object) -> Any:
        return self._array >= plain(other)

    def __eq__(self, other: object) -> Any:
        return self._array == plain(other)

    def __ne__(self, other: object) -> Any:
        return self._array != plain(other)

    __hash__ = object.__hash__

    # Elements

    def __getitem__(self, index: object) -> Tensor:
        index = plain(index)
        return ops.getitem(self, index)

    def __setitem__(self, index: object, value: object) -> None:
        raise TypeError(
            "Tensor: elements cannot be assigned, a graph would not know of it; write "
            "into x.data[...] where no gradient is wanted, or compose with ops.where"
        )

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len: this Tensor has shape (), no axis to count along")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shape:
            raise TypeError("iter: this Tensor has shape (), no axis to go along")
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"bool: this Tensor has shape {self.shape}; only one element is true "
                "or false"
            )
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.size != 1 or self.dtype.kind not in "iu":
            raise TypeError(
                f"index: this Tensor has shape {self.shape} and dtype {self.dtype}; "
                "only one integer can be an index"
            )
        return int(self.item())

    # Text

    def __repr__(self) -> str:
        values = np.array2string(
            np.asarray(self._array), separator=", ", prefix="Tensor("
        )
        parts = [values, f"dtype={self.dtype}"]
        if self.node is not None:
            op = self.node.op
            parts.append("requires_grad=True" if op is None else f"op={op.__name__}")
        return f"Tensor({', '.join(parts)})"

    def __str__(self) -> str:
        return str(self._array)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    # Other libraries

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return ops

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.requires_grad:
            raise TypeError(
                "array: this Tensor requires a gradient, and a plain array would lose "
                "its graph; say so with .detach() or .numpy()"
            )
        return np.array(self.data, dtype=dtype, copy=copy)

    __array_ufunc__ = array_ufunc
    __array_function__ = array_function

    # Elementwise

    def exp(self) -> Tensor:
        """See `ops.exp`."""
        return ops.exp(self)

    def log(self) -> Tensor:
        """See `ops.log`."""
        return ops.log(self)

    def sqrt(self) -> Tensor:
        """See `ops.sqrt`."""
        return ops.sqrt(self)

    def abs(self) -> Tensor:
        """See `ops.abs`."""
        return ops.abs(self)

    def tanh(self) -> Tensor:
        """See `ops.tanh`."""
        return ops.tanh(self)

    def sigmoid(self) -> Tensor:
        """See `ops.sigmoid`."""
        return ops.sigmoid(self)

    def relu(self) -> Tensor:
        """See `ops.relu`."""
        return ops.relu(self)

    def clip(self, min: float | None = None, max: float | None = None) -> Tensor:
        """See `ops.clip`."""
        return ops.clip(self, min, max)

    def astype(self, dtype: Any) -> Tensor:
        """See `ops.astype`; a dtype of NumPy may be given by its name."""
        if isinstance(self._array, np.ndarray):
            dtype = np.dtype(dtype)
        return self if self.dtype == dtype else ops.astype(self, dtype)

    # Reductions

    def sum(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.sum`; `dim` and `keepdim` are `axis` and `keepdims`."""
        return ops.sum(self, _either("sum", axis, dim), keepdims or keepdim)

    def mean(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.mean`; `dim` and `keepdim` are `axis` and `keepdims`."""
        return ops.mean(self, _either("mean", axis, dim), keepdims or keepdim)

    def max(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.max`; `dim` and `keepdim` are `axis` and `keepdims`."""
        return ops.max(self, _either("max", axis, dim), keepdims or keepdim)

    def min(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.min`; `dim` and `keepdim` are `axis` and `keepdims`."""
        return ops.min(self, _either("min", axis, dim), keepdims or keepdim)

    # Shape

    def reshape(self, *shape: Any) -> Tensor:
        """See `ops.reshape`; the sizes may stand alone or in a tuple."""
        return ops.reshape(self, _unpack(shape))

    def flatten(self) -> Tensor:
        """Return the elements along one axis."""
        return ops.reshape(self, (-1,))

    def transpose(self, *axes: Any) -> Tensor:
        """Return the axes in another order, reversed if none are given.

        `transpose(1, 2, 0)` or `transpose((1, 2, 0))` as in NumPy; with more than two
        axes `transpose(1, 2)` swaps these two, as in PyTorch.

        Raises:
            ValueError: for `transpose(0, 1)` of a matrix, which leaves it as it is in
                NumPy and transposes it in PyTorch.
        """
        order = _unpack(axes)
        places = list(range(self.ndim))
        if len(axes) == 2 and self.ndim == 2 and order in ((0, 1), (-2, -1)):
            raise ValueError(
                f"transpose: {order} of a matrix keeps the order of its axes in NumPy "
                "and swaps them in PyTorch; say .T, or ops.permute_dims for NumPy's "
                "meaning"
            )
        if len(axes) == 2 and self.ndim > 2:
            first, second = order
            if first not in range(-self.ndim, self.ndim) or second not in range(
                -self.ndim, self.ndim
            ):
                raise ValueError(
                    f"transpose: x has shape {self.shape}; there are no axes {order} "
                    "to swap"
                )
            places[first], places[second] = places[second], places[first]
            order = tuple(places)
        return ops.permute_dims(self, order or tuple(reversed(range(self.ndim))))

    @property
    def T(self) -> Tensor:
        """The axes in reversed order."""
        return ops.permute_dims(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:  # noqa: N802  the Array API's name
        """The last two axes swapped."""
        return ops.matrix_transpose(self)


_new = Tensor.__new__


def wrap(data: Array, node: Node | None) -> Tensor:
    """Make a Tensor of an array that needs no checks: the engine's own, short way."""
    tensor = _new(Tensor)
    tensor._array = data
    tensor.node = node
    return tensor


def _either(who: str, axis: Axis, dim: Axis) -> Axis:
    if axis is not None and dim is not None:
        raise TypeError(
            f"{who}: axis={axis} and dim={dim} are the same option; give one"
        )
    return dim if axis is None else axis


def _unpack(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Return (2, 3) for f(2, 3), f((2, 3)) and f([2, 3])."""
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        return tuple(sizes[0])
    return sizes
