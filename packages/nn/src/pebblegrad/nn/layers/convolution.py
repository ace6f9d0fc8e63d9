"""Convolutions, and transposed ones, of images and of signals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator, ops
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, integers, one_of
from pebblegrad.nn._lint import look_at_first_units
from pebblegrad.nn._module import Module
from pebblegrad.nn.functional._convolve import (
    convolve,
    convolve_relu,
    convolve_sigmoid,
    convolve_tanh,
)
from pebblegrad.nn.functional.convolution import convolution

from ._parameters import uniform
from .activations import function_of, fused_with

_FUSED = {"relu": convolve_relu, "sigmoid": convolve_sigmoid, "tanh": convolve_tanh}

# PyTorch's names of what to put around an image, and those of `ops.pad`.
_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge"}
_MODES["circular"] = "wrap"


class _Convolution(Module):
    """What the four layers share: arguments, initial values, text."""

    _axes: int
    _transposed = False
    _looked_at = False  # whether `lint` has seen the first weights

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        bias: bool,
        activation: str | None,
        rng: np.random.Generator | int | None,
    ) -> None:
        who, axes = type(self).__name__, self._axes
        random = generator(rng)  # one for both, also when `rng` is a seed
        self.in_channels = integer(who, "in_channels", in_channels)
        self.out_channels = integer(who, "out_channels", out_channels)
        self.kernel_size = integers(who, "kernel_size", kernel_size, axes)
        self.stride = integers(who, "stride", stride, axes)
        if isinstance(padding, str):
            self.padding: Any = padding
        else:
            self.padding = integers(who, "padding", padding, axes, 0)
        self.dilation = integers(who, "dilation", dilation, axes)
        self.groups = integer(who, "groups", groups)
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ValueError(
                f"{who}: groups={groups}, in_channels={in_channels}, out_channels="
                f"{out_channels}; both must be multiples of the number of groups"
            )
        self.activation = activation
        self._activate = function_of(activation)
        first, second = self.out_channels, self.in_channels
        if self._transposed:
            first, second = second, first
        shape = (first, second // self.groups, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = uniform(shape, bound, random)
        self.bias = uniform((self.out_channels,), bound, random) if bias else None

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each weight and each position of the window."""
        positions = inputs[0] if self._transposed else output
        count = math.prod(positions.shape[-self._axes :]) * self.weight.size
        batch = positions.shape[0] if len(positions.shape) == self._axes + 2 else 1
        return int(batch * count)

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        sizes = f"{self.in_channels}, {self.out_channels}, {_short(self.kernel_size)}"
        defaults = {
            "stride": 1,
            "padding": 0,
            "output_padding": 0,
            "dilation": 1,
            "groups": 1,
            "padding_mode": "zeros",
            "activation": None,
        }
        if self.bias is None:
            sizes += ", bias=False"
        shown = [
            f", {name}={_short(getattr(self, name))!r}"
            for name, default in defaults.items()
            if hasattr(self, name) and _short(getattr(self, name)) != default
        ]
        return sizes + "".join(shown)


class _Forward(_Convolution):
    """What `Conv1d` and `Conv2d` share."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        activation: str | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        who = type(self).__name__
        if isinstance(padding, str):
            one_of(who, "padding", padding, ("same", "valid"))
        self.padding_mode = one_of(who, "padding_mode", padding_mode, _MODES)
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            activation,
            rng,
        )
        self._convolve, self._activate = fused_with(activation, convolve, _FUSED)
        if padding == "same" and max(self.stride) > 1:
            raise ValueError(
                f'{who}: padding="same" and stride={stride}; with a stride the output '
                "is smaller than the input: give the padding in ints"
            )

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, add the bias, apply the activation."""
        if self.training and not self._looked_at and len(x.shape) > self._axes:
            self._looked_at = True
            look_at_first_units(type(self).__name__, self.weight, x, -1 - self._axes)
        padding = self.padding
        if self.padding_mode != "zeros":
            x, padding = self._padded(x), 0
        out: Tensor = convolution(  # type: ignore[no-untyped-call]
            self._axes,
            x,
            self.weight,
            self.bias,
            self.stride,
            padding,
            self.dilation,
            self.groups,
            self._convolve,
        )
        return out if self._activate is None else self._activate(out)

    def _padded(self, x: Tensor) -> Tensor:
        """Return `x` with a border that is made of its own elements."""
        if self.padding == "valid":
            return x
        if self.padding == "same":
            reach = zip(self.kernel_size, self.dilation, strict=True)
            whole = [(size - 1) * gap for size, gap in reach]
            pairs = [(width // 2, width - width // 2) for width in whole]
        else:
            pairs = [(width, width) for width in self.padding]
        unpadded = [(0, 0)] * (len(x.shape) - self._axes)
        padded: Tensor = ops.pad(x, (*unpadded, *pairs), _MODES[self.padding_mode])
        return padded


class Conv2d(_Forward):
    """Convolution of images, with an activation behind it if wanted.

    Args:
        in_channels: C, channels of the input.
        out_channels: D, channels of the output: how many windows of weights there are.
        kernel_size: kh and kw of the window, or an int for both.
        stride: how far a position of the window is from the next.
        padding: how many zeros to put on each side; "valid" is 0, and "same" as many as
            keep the image's size.
        dilation: how far a weight is from the next.
        groups: in how many parts to take the channels, which do not see each other.
        bias: whether to add a learned offset to each channel.
        padding_mode: what to put around the image: "zeros"; "reflect", "replicate" or
            "circular": its own elements, mirrored, outermost, or from the other side.
        activation: "relu", "sigmoid", "tanh" or None.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (N, C, H, W) -> (N, D, OH, OW) with OH = (H + 2 padding - dilation (kh - 1) - 1)
        // stride + 1, and OW alike; also without N. The weight is (D, C / groups, kh,
        kw).

    Initial values: uniform in ±1/sqrt(C / groups * kh * kw), the number of inputs that
    an output sees, weight and bias alike; PyTorch's default.

    Raises:
        ValueError: if an argument is out of range, or `groups` divides not both numbers
            of channels.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = Conv2d(1, 16, 3, padding=1, activation="relu", rng=0)
        >>> layer
        Conv2d(1, 16, 3, padding=1, activation='relu')
        >>> layer(Tensor([[[[0.0] * 28] * 28]])).shape
        (1, 16, 28, 28)

    Reference:
        LeCun et al. 1998, "Gradient-based learning applied to document recognition",
        section II.A.
    """

    _axes = 2


class Conv2D(Conv2d):
    """`Conv2d` by another name, for models that are written with it.

    Args:
        in_channels: as in `Conv2d`, and so all others.

    Example:
        >>> Conv2D(in_channels=1, out_channels=16, kernel_size=3, activation="relu")
        Conv2D(1, 16, 3, activation='relu')
    """


class Conv1d(_Forward):
    """Convolution of signals, with an activation behind it if wanted.

    Args:
        in_channels: C, channels of the input.
        out_channels: D, channels of the output.
        kernel_size: K, of the window.
        stride: as in `Conv2d`, and so the others.
        padding: how many zeros to put on each end, or "same" or "valid".
        dilation: how far a weight is from the next.
        groups: in how many parts to take the channels.
        bias: whether to add a learned offset to each channel.
        padding_mode: "zeros", "reflect", "replicate" or "circular".
        activation: "relu", "sigmoid", "tanh" or None.
        rng: source of the initial values.

    Shape:
        (N, C, L) -> (N, D, OL) with OL = (L + 2 padding - dilation (K - 1) - 1) //
        stride + 1; also without N. The weight is (D, C / groups, K).

    Initial values: uniform in ±1/sqrt(C / groups * K), as in `Conv2d`.

    Raises:
        ValueError: as in `Conv2d`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = Conv1d(2, 4, 3, padding="same", rng=0)
        >>> layer(Tensor([[[0.0] * 10] * 2])).shape
        (1, 4, 10)
    """

    _axes = 1


class _Transposed(_Convolution):
    """What `ConvTranspose1d` and `ConvTranspose2d` share."""

    _transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        *,
        activation: str | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        who = type(self).__name__
        integers(who, "padding", padding, self._axes, 0)  # here no names are known
        self.output_padding = integers(
            who, "output_padding", output_padding, self._axes, 0
        )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            activation,
            rng,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Write the windows, add the bias, apply the activation."""
        two = self._axes == 2
        write = functional.conv_transpose2d if two else functional.conv_transpose1d
        out: Tensor = write(
            x,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.dilation,
        )
        return out if self._activate is None else self._activate(out)


class ConvTranspose2d(_Transposed):
    """Transposed convolution: writes a window of weights for each element of an image.

    It makes images larger where `Conv2d` with the same arguments makes them smaller.

    Args:
        in_channels: C, channels of the input.
        out_channels: D, channels of the output.
        kernel_size: kh and kw of the window, or an int for both.
        stride: how far the window moves in the output for a step in the input.
        padding: how much to cut from each side of the output.
        output_padding: how much to add below and to the right; less than `stride` or
            than `dilation`.
        groups: in how many parts to take the channels.
        bias: whether to add a learned offset to each channel.
        dilation: how far a weight is from the next.
        activation: "relu", "sigmoid", "tanh" or None.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (N, C, H, W) -> (N, D, OH, OW) with OH = (H - 1) stride - 2 padding + dilation
        (kh - 1) + 1 + output_padding, and OW alike; also without N. The weight is (C, D
        / groups, kh, kw).

    Initial values: uniform in ±1/sqrt(D / groups * kh * kw), weight and bias alike;
    PyTorch's default.

    Raises:
        ValueError: if an argument is out of range, or `groups` divides not both numbers
            of channels.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = ConvTranspose2d(8, 1, 4, stride=2, padding=1, rng=0)
        >>> layer
        ConvTranspose2d(8, 1, 4, stride=2, padding=1)
        >>> layer(Tensor([[[[0.0] * 7] * 7] * 8])).shape
        (1, 1, 14, 14)

    Reference:
        Zeiler et al. 2010, "Deconvolutional networks".
    """

    _axes = 2


class ConvTranspose1d(_Transposed):
    """Transposed convolution of signals; see `ConvTranspose2d`.

    Args:
        in_channels: C, channels of the input.
        out_channels: D, channels of the output.
        kernel_size: K, of the window.
        stride: as in `ConvTranspose2d`, and so the others.
        padding: how much to cut from each end.
        output_padding: how much to add behind.
        groups: in how many parts to take the channels.
        bias: whether to add a learned offset to each channel.
        dilation: how far a weight is from the next.
        activation: "relu", "sigmoid", "tanh" or None.
        rng: source of the initial values.

    Shape:
        (N, C, L) -> (N, D, OL) with OL = (L - 1) stride - 2 padding + dilation (K - 1)
        + 1 + output_padding; also without N. The weight is (C, D / groups, K).

    Initial values: as in `ConvTranspose2d`.

    Raises:
        ValueError: as in `ConvTranspose2d`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = ConvTranspose1d(2, 1, 2, stride=2, rng=0)
        >>> layer(Tensor([[[0.0] * 5] * 2])).shape
        (1, 1, 10)
    """

    _axes = 1


def _short(value: Any) -> Any:
    """Return the one int that a tuple of equal ones stands for, or the value."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value
