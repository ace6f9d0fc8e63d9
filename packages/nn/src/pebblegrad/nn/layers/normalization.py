"""Layers that normalise; the formulas are in `functional/normalization.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, integers, number
from pebblegrad.nn._lint import warn
from pebblegrad.nn._module import Module

from ._parameters import buffer, filled


class _WithStatistics(Module):
    """What batch norms and instance norms share: a scale, and running statistics."""

    axes: tuple[int, ...]  # how many axes the input may have
    letters: str

    def _start(
        self, num_features: int, eps: float, momentum: float | None, affine: bool
    ) -> None:
        who = type(self).__name__
        self.num_features = integer(who, "num_features", num_features)
        self.eps = number(who, "eps", eps, 0)
        if momentum is not None:
            number(who, "momentum", momentum, 0, 1)
        self.momentum = momentum
        self.affine = affine
        self.weight = filled((self.num_features,), 1.0) if affine else None
        self.bias = filled((self.num_features,), 0.0) if affine else None

    def _start_statistics(self, track_running_stats: bool) -> None:
        self.track_running_stats = track_running_stats
        track = track_running_stats
        self.running_mean = buffer((self.num_features,), 0.0) if track else None
        self.running_var = buffer((self.num_features,), 1.0) if track else None
        self.num_batches_tracked = Tensor(np.array(0)) if track else None

    def _check(self, x: Any, axis: int = 1) -> None:
        """Refuse what has not the channels in this axis."""
        shape = _shape(x)
        axes = [count - 1 + axis for count in self.axes]
        if len(shape) not in axes or shape[axis] != self.num_features:
            raise ValueError(
                f"x has shape {shape}; {self.letters} is needed, with "
                f"C = {self.num_features} channels"
            )

    def _share(self) -> float:
        """Return the share of this batch in the running statistics."""
        if self.momentum is not None:
            return self.momentum
        if self.num_batches_tracked is None:
            return 0.0
        return 1 / (int(self.num_batches_tracked.item()) + 1)

    def _counted(self) -> None:
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.data += 1


class _BatchNorm(_WithStatistics):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        self._start(num_features, eps, momentum, affine)
        self._start_statistics(track_running_stats)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each channel of `x`, and keep its shape."""
        self._check(x)
        own = self.training or self.running_mean is None
        if self.training and x.shape[0] == 1 and x.size > x.shape[1]:
            warn(
                f"{type(self).__name__}: a batch of one in training; its statistics "
                "are those of this sample alone: call eval() to use what was learned"
            )
        follow = self.training and self.running_mean is not None
        out: Tensor = functional.batch_norm(
            x,
            self.running_mean if follow or not own else None,
            self.running_var if follow or not own else None,
            self.weight,
            self.bias,
            own,
            self._share() if follow else 0.0,
            self.eps,
        )
        if follow:
            self._counted()
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        return _arguments(self, str(self.num_features), 1e-5, 0.1, True, True)


class BatchNorm1d(_BatchNorm):
    """Normalises each feature over the batch; in evaluation by running statistics.

    In training the running statistics move towards those of each batch, see
    `functional.batch_norm`; they are buffers, saved and not trained.

    Args:
        num_features: C, size of axis 1.
        eps: added to the variance.
        momentum: share of a batch in the running statistics; None for the mean of all
            batches so far.
        affine: whether to scale and shift by learned numbers.
        track_running_stats: whether to keep running statistics; without them the
            batch's own are used in evaluation too.

    Shape:
        (N, C) or (N, C, L) -> the same.

    Initial values: scale 1, shift 0, running mean 0 and variance 1.

    Raises:
        ValueError: if `num_features` is not positive, or another option is out of
            range. When called: in training if there is one value in each channel.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = BatchNorm1d(1)
        >>> layer(Tensor([[1.0], [3.0]])).data.round(3)
        array([[-1.],
               [ 1.]], dtype=float32)
        >>> layer.running_mean
        Tensor([0.2], dtype=float32)

    Reference:
        Ioffe and Szegedy 2015, "Batch normalization".
    """

    axes = (2, 3)
    letters = "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """Normalises each channel over the batch and the pixels, as `BatchNorm1d` does.

    Args:
        num_features: C, number of channels.
        eps: added to the variance.
        momentum: share of a batch in the running statistics; None for the mean of all
            batches so far.
        affine: whether to scale and shift by learned numbers.
        track_running_stats: whether to keep running statistics.

    Shape:
        (N, C, H, W) -> the same.

    Raises:
        ValueError: if `num_features` is not positive, or another option is out of
            range.

    Reference:
        Ioffe and Szegedy 2015, "Batch normalization", section 3.2.
    """

    axes = (4,)
    letters = "(N, C, H, W)"


class _InstanceNorm(_WithStatistics):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
    ) -> None:
        self._start(num_features, eps, momentum, affine)
        self._start_statistics(track_running_stats)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each channel of each sample, and keep the shape."""
        single = len(_shape(x)) == self.axes[0] - 1
        self._check(x, 0 if single else 1)
        x = x[None] if single else x
        own = self.training or self.running_mean is None
        follow = self.training and self.running_mean is not None
        # As in PyTorch, batches are not counted here.
        out = functional.instance_norm(
            x,
            self.running_mean if follow or not own else None,
            self.running_var if follow or not own else None,
            self.weight,
            self.bias,
            own,
            # As in PyTorch: None is no mean of all here, it leaves them as they are.
            self.momentum or 0.0,
            self.eps,
        )
        return out[0] if single else out  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        return _arguments(self, str(self.num_features), 1e-5, 0.1, False, False)


class InstanceNorm1d(_InstanceNorm):
    """Normalises each channel of each sample by itself.

    Args:
        num_features: C, number of channels.
        eps: added to the variance.
        momentum: share of a batch in the running statistics; with None they stay.
        affine: whether to scale and shift by learned numbers.
        track_running_stats: whether to keep running statistics, for evaluation.

    Shape:
        (N, C, L) or (C, L) -> the same.

    Reference:
        Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization: the missing
        ingredient for fast stylization".
    """

    axes = (3,)
    letters = "(N, C, L) or (C, L)"


class InstanceNorm2d(_InstanceNorm):
    """Normalises each channel of each image by itself.

    Args:
        num_features: C, number of channels.
        eps: added to the variance.
        momentum: share of a batch in the running statistics; with None they stay.
        affine: whether to scale and shift by learned numbers.
        track_running_stats: whether to keep running statistics, for evaluation.

    Shape:
        (N, C, H, W) or (C, H, W) -> the same.

    Reference:
        Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization: the missing
        ingredient for fast stylization".
    """

    axes = (4,)
    letters = "(N, C, H, W) or (C, H, W)"


class LayerNorm(Module):
    """Normalises every sample over its last axes, then scales and shifts.

    Args:
        normalized_shape: an int or a tuple: the sizes of the last axes.
        eps: added to the variance.
        elementwise_affine: whether to scale and shift by learned numbers.
        bias: whether there is a shift, if there is a scale.

    Shape:
        ``(..., *normalized_shape)`` -> the same.

    Initial values: scale 1, shift 0.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> LayerNorm(2)(Tensor([[1.0, 3.0], [10.0, 30.0]])).data.round(3)
        array([[-1.,  1.],
               [-1.,  1.]], dtype=float32)

    Reference:
        Ba, Kiros and Hinton 2016, "Layer normalization".
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        self.normalized_shape = _sizes("LayerNorm", normalized_shape)
        self.eps = number("LayerNorm", "eps", eps, 0)
        self.elementwise_affine = elementwise_affine
        affine, shape = elementwise_affine, self.normalized_shape
        self.weight = filled(shape, 1.0) if affine else None
        self.bias = filled(shape, 0.0) if affine and bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `x` over its last axes, and keep its shape."""
        out: Tensor = functional.layer_norm(
            x, self.normalized_shape, self.weight, self.bias, self.eps
        )
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        text = _sizes_text(self.normalized_shape)
        text += "" if self.eps == 1e-5 else f", eps={self.eps}"
        if not self.elementwise_affine:
            return f"{text}, elementwise_affine=False"
        return text if self.bias is not None else f"{text}, bias=False"


class RMSNorm(Module):
    """Divides every sample by the root of its mean square, over its last axes.

    Args:
        normalized_shape: an int or a tuple: the sizes of the last axes.
        eps: added to the mean square; None for the precision of the dtype.
        elementwise_affine: whether to scale by learned numbers.

    Shape:
        ``(..., *normalized_shape)`` -> the same.

    Initial values: scale 1.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> RMSNorm(2)(Tensor([[3.0, 3.0]])).data.round(3)
        array([[1., 1.]], dtype=float32)

    Reference:
        Zhang and Sennrich 2019, "Root mean square layer normalization".
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float | None = None,
        elementwise_affine: bool = True,
    ) -> None:
        self.normalized_shape = _sizes("RMSNorm", normalized_shape)
        self.eps = None if eps is None else number("RMSNorm", "eps", eps, 0)
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        self.weight = filled(shape, 1.0) if elementwise_affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Divide `x` by its size over the last axes, and keep its shape."""
        out: Tensor = functional.rms_norm(
            x, self.normalized_shape, self.weight, self.eps
        )
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        text = _sizes_text(self.normalized_shape)
        text += "" if self.eps is None else f", eps={self.eps}"
        return text + ("" if self.elementwise_affine else ", elementwise_affine=False")


class GroupNorm(Module):
    """Normalises every sample over groups of its channels, then scales and shifts.

    Args:
        num_groups: how many groups there are; must divide `num_channels`.
        num_channels: C, size of axis 1.
        eps: added to the variance.
        affine: whether to scale and shift each channel by learned numbers.

    Shape:
        (N, C, ...) -> the same.

    Initial values: scale 1, shift 0.

    Raises:
        ValueError: if a size is not positive, or the groups do not divide the channels.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> GroupNorm(2, 4)(Tensor([[1.0, 3.0, 10.0, 30.0]])).data.round(3)
        array([[-1.,  1., -1.,  1.]], dtype=float32)

    Reference:
        Wu and He 2018, "Group normalization".
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True
    ) -> None:
        self.num_groups = integer("GroupNorm", "num_groups", num_groups)
        self.num_channels = integer("GroupNorm", "num_channels", num_channels)
        if self.num_channels % self.num_groups:
            raise ValueError(
                f"GroupNorm: num_groups is {num_groups} and num_channels is "
                f"{num_channels}; the channels must part into groups of one size"
            )
        self.eps = number("GroupNorm", "eps", eps, 0)
        self.affine = affine
        self.weight = filled((self.num_channels,), 1.0) if affine else None
        self.bias = filled((self.num_channels,), 0.0) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `x` over its groups of channels, and keep its shape."""
        shape = _shape(x)
        if len(shape) < 2 or shape[1] != self.num_channels:
            raise ValueError(
                f"x has shape {shape}; (N, C, ...) is needed, with "
                f"C = {self.num_channels} channels"
            )
        out: Tensor = functional.group_norm(
            x, self.num_groups, self.weight, self.bias, self.eps
        )
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        text = f"{self.num_groups}, {self.num_channels}"
        text += "" if self.eps == 1e-5 else f", eps={self.eps}"
        return text + ("" if self.affine else ", affine=False")


def _arguments(
    layer: Any, first: str, eps: float, momentum: float, affine: bool, track: bool
) -> str:
    """Return the constructor's arguments, given its defaults."""
    defaults = {
        "eps": eps,
        "momentum": momentum,
        "affine": affine,
        "track_running_stats": track,
    }
    others = [
        f", {name}={getattr(layer, name)}"
        for name, default in defaults.items()
        if getattr(layer, name) != default
    ]
    return first + "".join(others)


def _shape(x: Any) -> tuple[int, ...]:
    """Return the shape of a Tensor or an array."""
    if not hasattr(x, "shape"):
        raise TypeError(
            f"x is {type(x).__name__}; a Tensor or an array is needed, Tensor(...) "
            "makes one"
        )
    return tuple(x.shape)


def _sizes(who: str, normalized_shape: Any) -> tuple[int, ...]:
    count = len(normalized_shape) if isinstance(normalized_shape, tuple | list) else 1
    if not count:
        raise ValueError(
            f"{who}: normalized_shape is {normalized_shape!r}; at least one size is "
            "needed"
        )
    return integers(who, "normalized_shape", normalized_shape, count)


def _sizes_text(sizes: tuple[int, ...]) -> str:
    return str(sizes[0]) if len(sizes) == 1 else str(sizes)
