"""Dropout as layers; the functions are in `functional/dropout.py`."""

from __future__ import annotations

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import number
from pebblegrad.nn._module import Module


class _Dropout(Module):
    """What the three share: the probability, and where the lots are drawn from."""

    def __init__(
        self,
        p: float = 0.5,
        inplace: bool = False,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.p = number(type(self).__name__, "p", p, 0, 1)
        # None stays None: the default generator may be seeded anew after this.
        self._rng = None if rng is None else generator(rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"{self.p:g}"


class Dropout(_Dropout):
    """In training sets elements to 0 by lot, and divides the others by ``1 - p``.

    What is dropped is 0 even if it was NaN or infinite; **PyTorch multiplies by 0,
    which leaves a NaN**.

    Args:
        p: the probability of 0, from 0 to 1.
        inplace: without effect, see `ReLU`.
        rng: draws what is dropped: a Generator, a seed for one of the layer's own, or
            None for the default one.

    Shape:
        any -> the same.

    Raises:
        ValueError: if `p` is no probability.
        TypeError: when called, if the input holds no floats.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = Dropout(0.5, rng=1)
        >>> layer
        Dropout(0.5)
        >>> layer(Tensor([1.0, 2.0, 3.0, 4.0]))
        Tensor([0., 4., 6., 8.], dtype=float32)
        >>> layer.eval()(Tensor([1.0, 2.0]))
        Tensor([1., 2.], dtype=float32)

    Reference:
        Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from
        overfitting".
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return what is left of `x`; in evaluation all of it."""
        out: Tensor = functional.dropout(x, self.p, self.training, rng=self._rng)
        return out


class Dropout1d(_Dropout):
    """In training sets whole channels of sequences to 0 by lot.

    Args:
        p: the probability of 0, from 0 to 1.
        inplace: without effect, see `ReLU`.
        rng: as for `Dropout`.

    Shape:
        (N, C, L) or (C, L) -> the same.

    Raises:
        ValueError: if `p` is no probability, or, when called, if the input has another
            number of axes.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Dropout1d(0.5, rng=1)(Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[0., 0.],
                [6., 8.]], dtype=float32)
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return what is left of `x`; in evaluation all of it."""
        out: Tensor = functional.dropout1d(x, self.p, self.training, rng=self._rng)
        return out


class Dropout2d(_Dropout):
    """In training sets whole channels of images to 0 by lot.

    Args:
        p: the probability of 0, from 0 to 1.
        inplace: without effect, see `ReLU`.
        rng: as for `Dropout`.

    Shape:
        (N, C, H, W) or (C, H, W) -> the same. **PyTorch takes the second for (N, C,
        L)**, with a warning; that is what `Dropout1d` is for.

    Raises:
        ValueError: if `p` is no probability, or, when called, if the input has another
            number of axes.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> Dropout2d(0.5, rng=1)(Tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])).data[0, :, 0]
        array([[0., 0.],
               [6., 8.]], dtype=float32)

    Reference:
        Tompson et al. 2015, "Efficient object localization using convolutional
        networks", section 3.2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return what is left of `x`; in evaluation all of it."""
        out: Tensor = functional.dropout2d(x, self.p, self.training, rng=self._rng)
        return out


class AlphaDropout(_Dropout):
    """In training sets elements to the least value of `SELU` by lot.

    Then all are scaled and shifted so that mean 0 and variance 1 are kept.

    Args:
        p: the probability of being dropped, from 0 to 1; at 1 all become 0.
        inplace: without effect, see `ReLU`.
        rng: as for `Dropout`.

    Shape:
        any -> the same.

    Raises:
        ValueError: if `p` is no probability.
        TypeError: when called, if the input holds no floats.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> AlphaDropout(0.5, rng=1)(Tensor([0.0, 0.0])).data.round(4)
        array([-0.7792,  0.7792], dtype=float32)

    Reference:
        Klambauer et al. 2017, "Self-normalizing neural networks", section 2, "New
        dropout technique".
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return what is left of `x`; in evaluation all of it."""
        out: Tensor = functional.alpha_dropout(x, self.p, self.training, rng=self._rng)
        return out
