"""The named methods of a Tensor, each one call of an op.

A method is here if NumPy's arrays or PyTorch's tensors have one of that name and
networks use it often; everything else is a function in `ops`. Reductions take both
spellings where the two differ: `axis` or `dim`, `keepdims` or `keepdim`.
"""

# mypy: allow-untyped-calls, disable-error-code="no-any-return"
# What is composed of ops has no types to name, see there.

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops
from ._value import Value

if TYPE_CHECKING:
    from ._tensor import Tensor

Axis = int | tuple[int, ...] | None


class Methods(Value):
    """A `Tensor` without operators; see there."""

    __slots__ = ()

    # Elementwise

    def abs(self) -> Tensor:
        """See `ops.abs`."""
        return ops.abs(self)

    def exp(self) -> Tensor:
        """See `ops.exp`."""
        return ops.exp(self)

    def log(self) -> Tensor:
        """See `ops.log`."""
        return ops.log(self)

    def sqrt(self) -> Tensor:
        """See `ops.sqrt`."""
        return ops.sqrt(self)

    def square(self) -> Tensor:
        """See `ops.square`."""
        return ops.square(self)

    def sin(self) -> Tensor:
        """See `ops.sin`."""
        return ops.sin(self)

    def cos(self) -> Tensor:
        """See `ops.cos`."""
        return ops.cos(self)

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
        """See `ops.astype`; a dtype may be given by its name."""
        if isinstance(self._array, np.ndarray):
            dtype = np.dtype(dtype)
        elif isinstance(dtype, str):
            dtype = getattr(self._xp, dtype)
        if self.dtype == dtype:
            return self  # type: ignore[return-value]  # it is a Tensor
        return ops.astype(self, dtype)

    def masked_fill(self, mask: Any, value: float) -> Tensor:
        """See `ops.masked_fill`."""
        return ops.masked_fill(self, mask, value)

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
        axis = _either("sum", axis, dim)
        return ops.sum(self, axis=axis, keepdims=keepdims or keepdim)

    def mean(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.mean`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("mean", axis, dim)
        return ops.mean(self, axis=axis, keepdims=keepdims or keepdim)

    def prod(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.prod`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("prod", axis, dim)
        return ops.prod(self, axis=axis, keepdims=keepdims or keepdim)

    def max(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.max`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("max", axis, dim)
        return ops.max(self, axis=axis, keepdims=keepdims or keepdim)

    def min(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.min`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("min", axis, dim)
        return ops.min(self, axis=axis, keepdims=keepdims or keepdim)

    def var(
        self,
        axis: Axis = None,
        *,
        correction: float = 0,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.var`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("var", axis, dim)
        return ops.var(
            self, axis=axis, correction=correction, keepdims=keepdims or keepdim
        )

    def std(
        self,
        axis: Axis = None,
        *,
        correction: float = 0,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.std`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("std", axis, dim)
        return ops.std(
            self, axis=axis, correction=correction, keepdims=keepdims or keepdim
        )

    def norm(
        self,
        ord: float = 2,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.norm`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("norm", axis, dim)
        return ops.norm(self, ord, axis=axis, keepdims=keepdims or keepdim)

    def logsumexp(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Tensor:
        """See `ops.logsumexp`; `dim` and `keepdim` are `axis` and `keepdims`."""
        axis = _either("logsumexp", axis, dim)
        return ops.logsumexp(self, axis=axis, keepdims=keepdims or keepdim)

    def cumsum(self, axis: int | None = None, *, dim: int | None = None) -> Tensor:
        """See `ops.cumsum`; `dim` is `axis`."""
        return ops.cumsum(self, axis=_either("cumsum", axis, dim))

    def argmax(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Any:
        """See `ops.argmax`, which gives a plain array; `dim` is `axis`."""
        axis = _either("argmax", axis, dim)
        return ops.argmax(self, axis=axis, keepdims=keepdims or keepdim)

    def argmin(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Any:
        """See `ops.argmin`, which gives a plain array; `dim` is `axis`."""
        axis = _either("argmin", axis, dim)
        return ops.argmin(self, axis=axis, keepdims=keepdims or keepdim)

    def any(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Any:
        """See `ops.any`, which gives a plain array; `dim` is `axis`."""
        axis = _either("any", axis, dim)
        return ops.any(self, axis=axis, keepdims=keepdims or keepdim)

    def all(
        self,
        axis: Axis = None,
        *,
        keepdims: bool = False,
        dim: Axis = None,
        keepdim: bool = False,
    ) -> Any:
        """See `ops.all`, which gives a plain array; `dim` is `axis`."""
        axis = _either("all", axis, dim)
        return ops.all(self, axis=axis, keepdims=keepdims or keepdim)

    # Shape

    def reshape(self, *shape: Any) -> Tensor:
        """See `ops.reshape`; the sizes may stand alone or in a tuple."""
        return ops.reshape(self, _unpack(shape))

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """See `ops.flatten`; the names are PyTorch's."""
        return ops.flatten(self, start_dim, end_dim)

    def ravel(self) -> Tensor:
        """See `ops.ravel`."""
        return ops.ravel(self)

    def squeeze(self, axis: Axis = None, *, dim: Axis = None) -> Tensor:
        """See `ops.squeeze`; `dim` is `axis`."""
        return ops.squeeze(self, _either("squeeze", axis, dim))

    def unsqueeze(self, dim: int) -> Tensor:
        """See `ops.expand_dims`: PyTorch's name for it."""
        return ops.expand_dims(self, dim)

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """See `ops.swapaxes`."""
        return ops.swapaxes(self, axis1, axis2)

    def broadcast_to(self, shape: tuple[int, ...]) -> Tensor:
        """See `ops.broadcast_to`."""
        return ops.broadcast_to(self, shape)

    def pad(self, pad_width: Any, mode: str = "constant", value: float = 0) -> Tensor:
        """See `ops.pad`."""
        return ops.pad(self, pad_width, mode, value)

    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        """See `ops.repeat`: as in NumPy; what PyTorch calls so is `ops.tile`."""
        return ops.repeat(self, repeats, axis)

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

    def permute(self, *axes: Any) -> Tensor:
        """See `ops.permute_dims`; the axes may stand alone or in a tuple."""
        return ops.permute_dims(self, _unpack(axes))

    @property
    def T(self) -> Tensor:
        """The axes in reversed order."""
        return ops.permute_dims(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:  # noqa: N802  the Array API's name
        """The last two axes swapped."""
        return ops.matrix_transpose(self)


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
