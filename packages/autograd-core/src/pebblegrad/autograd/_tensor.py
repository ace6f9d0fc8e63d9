"""Tensor, what users hold: its operators, each one call of an op.

What an op does, which shapes it takes and which errors it raises is said once, in
`ops`. The named methods are in `_methods.py`, what a Tensor holds and `backward` in
`_value.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import ops
from ._methods import Methods
from ._modes import modes
from ._namespace import Array, kind
from ._node import Node
from ._numpy_protocols import array_function, array_ufunc, without_tensors


class Tensor(Methods):
    """An array that remembers how it was computed, so that gradients can flow back.

    Args:
        data: a number, a list (nested for more axes) or an array. Numbers and lists
            become the default float dtype (lists of booleans stay boolean); an array
            keeps its dtype. An array is shared, not copied, unless `requires_grad`: a
            Tensor that is made to be trained owns what optimizers write into.
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

    def __floordiv__(self, other: object) -> Tensor:
        return ops.floor_divide(self, other)

    def __rfloordiv__(self, other: object) -> Tensor:
        return ops.floor_divide(other, self)

    def __mod__(self, other: object) -> Tensor:
        return ops.remainder(self, other)

    def __rmod__(self, other: object) -> Tensor:
        return ops.remainder(other, self)

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
        return ops.less(self, other)

    def __le__(self, other: object) -> Any:
        return ops.less_equal(self, other)

    def __gt__(self, other: object) -> Any:
        return ops.greater(self, other)

    def __ge__(self, other: object) -> Any:
        return ops.greater_equal(self, other)

    def __eq__(self, other: object) -> Any:
        return ops.equal(self, other) if _is_array(other) else self._array == other

    def __ne__(self, other: object) -> Any:
        return ops.not_equal(self, other) if _is_array(other) else self._array != other

    __hash__ = object.__hash__

    # Elements

    def __getitem__(self, index: object) -> Tensor:
        index = without_tensors(index)
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
        if self.size != 1 or kind(self._array) not in "iu":
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

    def __graph_namespace__(self) -> Any:
        """Return the module whose `graph`, `values` and `trace` look at the graph.

        In the manner of `__array_namespace__`: what draws a graph asks the value for
        it, and so serves any library whose values answer.
        """
        return importlib.import_module("pebblegrad.autograd")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.requires_grad:
            raise TypeError(
                "array: this Tensor requires a gradient, and a plain array would lose "
                "its graph; say so with .detach() or .numpy()"
            )
        return np.array(self.data, dtype=dtype, copy=copy)

    __array_ufunc__ = array_ufunc
    __array_function__ = array_function


def _is_array(value: object) -> bool:
    return hasattr(value, "shape")


_new = Tensor.__new__


def wrap(data: Array, node: Node | None) -> Tensor:
    """Make a Tensor of an array that needs no checks: the engine's own, short way."""
    tensor = _new(Tensor)
    tensor._array = data
    tensor.node = node
    return tensor
