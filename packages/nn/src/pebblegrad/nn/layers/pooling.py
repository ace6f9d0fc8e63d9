"""Pooling: layers that make images and signals smaller, without parameters."""

from __future__ import annotations

from typing import Any, ClassVar

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, integers
from pebblegrad.nn._module import Module


class _Pooling(Module):
    """What the layers with a window share: a check of the arguments, and the text."""

    _axes: int
    kernel_size: Any
    stride: Any
    _defaults: ClassVar[dict[str, Any]]

    def _check(self) -> None:
        who, axes = type(self).__name__, self._axes
        least = {"padding": 0}
        for name in ("kernel_size", "stride", "padding", "dilation"):
            if hasattr(self, name):
                integers(who, name, getattr(self, name), axes, least.get(name, 1))

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        text = f"{self.kernel_size}"
        if self.stride != self.kernel_size:
            text += f", stride={self.stride}"
        for name, default in self._defaults.items():
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)!r}"
        return text


class _MaxPool(_Pooling):
    """What `MaxPool1d` and `MaxPool2d` share."""

    _defaults: ClassVar[dict[str, Any]] = {
        "padding": 0,
        "dilation": 1,
        "ceil_mode": False,
    }

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.ceil_mode = ceil_mode
        self._check()

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest element in each window."""
        pool = functional.max_pool2d if self._axes == 2 else functional.max_pool1d
        out: Tensor = pool(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
        )
        return out


class MaxPool2d(_MaxPool):
    """The largest element that a window sees at each position.

    Args:
        kernel_size: kh and kw of the window, or an int for both.
        stride: how far a position is from the next; `kernel_size` if None.
        padding: how far the window reaches over each side; at most half of it.
        dilation: how far a place of the window is from the next.
        ceil_mode: whether what is left at the end gets a position too.

    Shape:
        (N, C, H, W) -> (N, C, OH, OW) with OH = (H + 2 padding - dilation (kh - 1) - 1)
        / stride + 1 rounded down (up in `ceil_mode`), and OW alike; also without N.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = MaxPool2d(2)
        >>> layer
        MaxPool2d(2)
        >>> layer(Tensor([[[[1.0, 2.0], [4.0, 3.0]]]]))
        Tensor([[[[4.]]]], dtype=float32)

    Reference:
        Ranzato et al. 2007, "Unsupervised learning of invariant feature hierarchies".
    """

    _axes = 2


class MaxPool2D(MaxPool2d):
    """`MaxPool2d` by another name, for models that are written with it.

    Args:
        pool_size: the `kernel_size` of `MaxPool2d`.
        stride: as there.
        padding: as there.

    Example:
        >>> MaxPool2D(pool_size=2, stride=2)
        MaxPool2D(2)
    """

    def __init__(self, pool_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__(pool_size, stride, padding)


class MaxPool1d(_MaxPool):
    """The largest element that a window sees along signals.

    Args:
        kernel_size: K, of the window.
        stride: as in `MaxPool2d`, and so the others.
        padding: how far the window reaches over each end.
        dilation: how far a place of the window is from the next.
        ceil_mode: whether what is left at the end gets a position too.

    Shape:
        (N, C, L) -> (N, C, OL), as in `MaxPool2d`; also without N.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> MaxPool1d(2)(Tensor([[[1.0, 3.0, 2.0, 0.0]]]))
        Tensor([[[3., 2.]]], dtype=float32)
    """

    _axes = 1


class AvgPool2d(_Pooling):
    """The mean of what a window sees at each position.

    Args:
        kernel_size: kh and kw of the window, or an int for both.
        stride: how far a position is from the next; `kernel_size` if None.
        padding: how far the window reaches over each side; at most half of it.
        ceil_mode: whether what is left at the end gets a position too.
        count_include_pad: whether the zeros of the padding count in the mean.
        divisor_override: what to divide the sum by instead of the number of elements.

    Shape:
        (N, C, H, W) -> (N, C, OH, OW), as in `MaxPool2d`; also without N.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = AvgPool2d(2, padding=1, count_include_pad=False)
        >>> layer
        AvgPool2d(2, padding=1, count_include_pad=False)
        >>> layer(Tensor([[[[1.0, 2.0], [4.0, 3.0]]]]))
        Tensor([[[[1., 2.],
                  [4., 3.]]]], dtype=float32)
    """

    _axes = 2
    _defaults: ClassVar[dict[str, Any]] = {
        "padding": 0,
        "ceil_mode": False,
        "count_include_pad": True,
        "divisor_override": None,
    }

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override
        if divisor_override is not None:
            integer("AvgPool2d", "divisor_override", divisor_override)
        self._check()

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of each window."""
        out: Tensor = functional.avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )
        return out


class AvgPool1d(_Pooling):
    """The mean of what a window sees along signals.

    Args:
        kernel_size: K, of the window.
        stride: as in `AvgPool2d`, and so the others.
        padding: how far the window reaches over each end.
        ceil_mode: whether what is left at the end gets a position too.
        count_include_pad: whether the zeros of the padding count in the mean.

    Shape:
        (N, C, L) -> (N, C, OL), as in `AvgPool2d`; also without N.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> AvgPool1d(2)(Tensor([[[1.0, 3.0, 2.0, 0.0]]]))
        Tensor([[[2., 1.]]], dtype=float32)
    """

    _axes = 1
    _defaults: ClassVar[dict[str, Any]] = {
        "padding": 0,
        "ceil_mode": False,
        "count_include_pad": True,
    }

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self._check()

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of each window."""
        out: Tensor = functional.avg_pool1d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )
        return out


class _Adaptive(Module):
    """What the layers share that are told the size of the output."""

    def __init__(self, output_size: Any) -> None:
        several = isinstance(output_size, tuple | list)
        sizes = output_size if several else (output_size,) * 2
        wanted = tuple(1 if size is None else size for size in sizes)
        integers(type(self).__name__, "output_size", wanted, 2)
        self.output_size = output_size

    def extra_repr(self) -> str:
        """Return the argument."""
        return f"{self.output_size}"


class AdaptiveAvgPool2d(_Adaptive):
    """The means of a grid of windows that covers images of any size.

    Args:
        output_size: OH and OW, or an int for both; None leaves an axis as it is.

    Shape:
        (N, C, H, W) -> (N, C, OH, OW); also without N.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> AdaptiveAvgPool2d(1)(Tensor([[[[1.0, 2.0], [4.0, 3.0]]]]))
        Tensor([[[[2.5]]]], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of each window."""
        out: Tensor = functional.adaptive_avg_pool2d(x, self.output_size)
        return out


class AdaptiveMaxPool2d(_Adaptive):
    """The largest elements in a grid of windows that covers images of any size.

    Args:
        output_size: OH and OW, or an int for both; None leaves an axis as it is.

    Shape:
        (N, C, H, W) -> (N, C, OH, OW); also without N.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> AdaptiveMaxPool2d((1, None))(Tensor([[[[1.0, 2.0], [4.0, 3.0]]]]))
        Tensor([[[[4., 3.]]]], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest element of each window."""
        out: Tensor = functional.adaptive_max_pool2d(x, self.output_size)
        return out
