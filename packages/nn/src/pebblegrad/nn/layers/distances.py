"""How near two vectors are, as layers; see `functional/distances.py`."""

from __future__ import annotations

import operator

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import number
from pebblegrad.nn._module import Module


class CosineSimilarity(Module):
    """Cosine of the angle between two vectors.

    Args:
        dim: the axis of the vectors.
        eps: the least length that is divided by.

    Shape:
        twice (..., D, ...), or what broadcasts to it -> the same without the axis.

    Raises:
        ValueError: if `dim` is no integer or `eps` is negative; when called, if the two
            do not broadcast.

    Example:
        >>> layer = CosineSimilarity()
        >>> layer(Tensor([[1.0, 0.0]]), Tensor([[3.0, 0.0]]))
        Tensor([1.], dtype=float32)
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        try:
            self.dim = operator.index(dim)
        except TypeError:
            raise ValueError(
                f"CosineSimilarity: dim is {dim!r}; an integer is needed"
            ) from None
        self.eps = number("CosineSimilarity", "eps", eps, 0)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Compare two, which broadcast."""
        out: Tensor = functional.cosine_similarity(x1, x2, self.dim, self.eps)
        return out

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        parts = [f"dim={self.dim}"] if self.dim != 1 else []
        parts += [f"eps={self.eps:g}"] if self.eps != 1e-8 else []
        return ", ".join(parts)


class PairwiseDistance(Module):
    """Length of the difference of two vectors, over the last axis.

    Args:
        p: the order of the norm.
        eps: added to each difference.
        keepdim: whether the last axis stays, with size 1.

    Shape:
        twice (N, D), or what broadcasts to it -> (N,); with `keepdim` (N, 1).

    Raises:
        ValueError: if `p` or `eps` is no number; when called, if the two do not
            broadcast.

    Example:
        >>> layer = PairwiseDistance(eps=0)
        >>> layer(Tensor([[0.0, 0.0]]), Tensor([[3.0, 4.0]]))
        Tensor([5.], dtype=float32)
    """

    def __init__(
        self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
    ) -> None:
        self.p = number("PairwiseDistance", "p", p)
        self.eps = number("PairwiseDistance", "eps", eps, 0)
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Compare two, which broadcast."""
        out: Tensor = functional.pairwise_distance(
            x1, x2, self.p, self.eps, self.keepdim
        )
        return out

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        parts = [f"p={self.p:g}"] if self.p != 2 else []
        parts += [f"eps={self.eps:g}"] if self.eps != 1e-6 else []
        parts += ["keepdim=True"] if self.keepdim else []
        return ", ".join(parts)
