"""What a Tensor does as a number, outside of any graph: text, conversion, comparison.

No gradient flows through these. A comparison is of the numbers and gives a plain
boolean, and so does ``==``: ``binary_round(out) == y`` says whether a prediction is
right. Therefore ``p in a_list`` asks for an equal number; whether it is the very same
Tensor is asked of a set, ``p in set(frozen)``, for in a set and as a key of a dict each
Tensor is itself, whatever its number.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from ._copying import taken_apart
from ._numbers import as_number


class NumberLike:
    """Base of Tensor.

    Attributes:
        data: the number.
    """

    __slots__ = ("_grad",)
    __array_ufunc__ = None  # NumPy's numbers shall leave `number * tensor` to us
    data: float
    _grad: float

    @property
    def grad(self) -> float:
        """The gradient; it may be assigned, also None for 0."""
        return self._grad

    @grad.setter
    def grad(self, gradient: float | None) -> None:
        self._grad = 0 if gradient is None else as_number(gradient, "Tensor", "grad")

    def item(self) -> float:
        """Return the number."""
        return self.data

    def zero_grad(self) -> None:
        """Set the gradient to 0, as ``x.grad = 0`` does."""
        self.grad = 0

    def __float__(self) -> float:
        return float(self.data)

    def __int__(self) -> int:
        return int(self.data)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __eq__(self, other: object) -> bool:
        return self.data == (other.data if isinstance(other, NumberLike) else other)

    def __lt__(self, other: NumberLike | float) -> bool:
        return self.data < _number(other)

    def __le__(self, other: NumberLike | float) -> bool:
        return self.data <= _number(other)

    def __gt__(self, other: NumberLike | float) -> bool:
        return self.data > _number(other)

    def __ge__(self, other: NumberLike | float) -> bool:
        return self.data >= _number(other)

    __hash__ = object.__hash__  # a Tensor is itself, whatever its number

    def __reduce_ex__(self, protocol: Any) -> Any:
        # What `copy` and `pickle` ask for. Their own way is recursion, which would end
        # at a graph of a hundred operations.
        return taken_apart(self) or super().__reduce_ex__(protocol)

    def __graph_namespace__(self) -> ModuleType:
        """Return the module whose `graph`, `values` and `trace` show this."""
        from pebblegrad import scalar

        return scalar


def _number(value: NumberLike | float) -> float:
    return value.data if isinstance(value, NumberLike) else value
