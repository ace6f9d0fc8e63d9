"""What a Tensor does as a number, outside of any graph: text, conversion, comparison.

No gradient flows through these. A comparison is of the numbers and gives a plain
boolean, and so does `==`; two Tensors of equal number are still two keys of a dict.
"""

from __future__ import annotations


class NumberLike:
    """Base of Tensor.

    Attributes:
        data: the number.
        grad: its gradient.
    """

    __slots__ = ()
    __array_ufunc__ = None  # NumPy's numbers shall leave `number * tensor` to us
    data: float
    grad: float

    def item(self) -> float:
        """Return the number."""
        return self.data

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


def _number(value: NumberLike | float) -> float:
    return value.data if isinstance(value, NumberLike) else value
