"""A table of vectors, one for each word, letter or other thing that is numbered."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from pebblegrad.autograd import Tensor, generator, get_default_dtype
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer
from pebblegrad.nn._module import Module
from pebblegrad.nn.functional.embedding import padding_place


class Embedding(Module):
    """Gives the row of a learned table for each index.

    Args:
        num_embeddings: K, number of rows.
        embedding_dim: D, size of a row.
        padding_idx: the index that stands for nothing: its row starts at 0 and gets no
            gradient; a negative one counts from the end.
        max_norm: None; PyTorch's way to shorten long rows is refused.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        integers of any shape (...) -> (..., D).

    Initial values: normal with mean 0 and standard deviation 1; PyTorch's default.

    Raises:
        ValueError: if a size is not positive, `padding_idx` is no row, or there is a
            `max_norm`; when called, if an index is no row.
        TypeError: when called, if what is given are no integers.

    Example:
        >>> layer = Embedding(10, 3, padding_idx=0, rng=0)
        >>> layer([[1, 2], [3, 0]]).shape
        (2, 2, 3)
        >>> layer([0]).data
        array([[0., 0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        if max_norm is not None:
            raise ValueError(
                f"Embedding: max_norm is {max_norm!r}; None is needed, for weights are "
                "not changed in forward: shorten the rows of weight.data after each "
                "step of the optimizer, or normalize what the layer gives"
            )
        self.num_embeddings = integer("Embedding", "num_embeddings", num_embeddings)
        self.embedding_dim = integer("Embedding", "embedding_dim", embedding_dim)
        self.padding_idx = padding_idx
        shape = self.num_embeddings, self.embedding_dim
        values = generator(rng).standard_normal(shape)
        if padding_idx is not None:
            self.padding_idx = padding_place(padding_idx, self.num_embeddings)
            values[self.padding_idx] = 0
        self.weight = Tensor(values.astype(get_default_dtype()), requires_grad=True)

    @classmethod
    def from_pretrained(
        cls, weight: Any, freeze: bool = True, padding_idx: int | None = None
    ) -> Self:
        """Make a layer of a table that exists.

        Args:
            weight: shape (K, D), floats; copied.
            freeze: whether it stays as it is; see `Module.requires_grad_`.
            padding_idx: the index that stands for nothing.

        Raises:
            ValueError: if the table has not two axes.

        Example:
            >>> import numpy as np
            >>> layer = Embedding.from_pretrained(np.eye(3))
            >>> layer([1]).data, layer.parameters()
            (array([[0., 1., 0.]]), [])
        """
        table = Tensor(weight)
        if table.ndim != 2:
            raise ValueError(
                f"Embedding.from_pretrained: weight has shape {table.shape}; a table "
                "of shape (K, D) is needed"
            )
        count, size = table.shape
        layer = cls(count, size, padding_idx, rng=0)
        layer.weight = Tensor(table.detach().data.copy(), requires_grad=True)
        return layer.requires_grad_(False) if freeze else layer

    def forward(self, indices: Any) -> Tensor:
        """Return the rows of the indices."""
        out: Tensor = functional.embedding(indices, self.weight, self.padding_idx)
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        padding = self.padding_idx
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        return text if padding is None else f"{text}, padding_idx={padding}"
