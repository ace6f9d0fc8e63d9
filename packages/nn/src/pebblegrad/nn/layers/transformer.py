"""The layers of transformers: attention and a small network, each added to its input.

    x = x + dropout(attention(norm(x)))
    x = x + dropout(network(norm(x)))

so with `norm_first`; without, as in the first paper, ``x = norm(x + dropout(...))``.

Which to take: `CausalDecoderLayer` for a model that continues a text (GPT),
`TransformerEncoderLayer` for one that reads a whole text (BERT), an encoder and
`TransformerDecoderLayer` for one that turns a text into another (translation).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn._arguments import integer, number
from pebblegrad.nn._module import Module

from .activations import function_of
from .attention import MultiheadAttention
from .dropout import Dropout
from .linear import Linear
from .normalization import LayerNorm


class _Layer(Module):
    """What the layers share: their arguments, and how a part is added to its input."""

    linear1: Linear
    linear2: Linear
    dropout: Dropout

    def __init__(self, d_model: int, nhead: int, **options: Any) -> None:
        who = type(self).__name__
        integer(who, "d_model", d_model)
        integer(who, "nhead", nhead)
        if d_model % nhead:
            raise ValueError(
                f"{who}: d_model is {d_model} and nhead {nhead}; each head gets "
                "d_model / nhead features, so nhead must divide d_model"
            )
        integer(who, "dim_feedforward", options["dim_feedforward"])
        number(who, "dropout", options["dropout"], 0, 1)
        number(who, "layer_norm_eps", options["layer_norm_eps"], 0)
        activation = options["activation"]
        named = isinstance(activation, str)
        self.activation: Any = function_of(activation) if named else activation
        if not callable(self.activation):
            raise ValueError(
                f'{who}: activation is {activation!r}; a name such as "relu" or '
                '"gelu", or a function of a Tensor is needed'
            )
        self.d_model, self.nhead = d_model, nhead
        self.norm_first = options.get("norm_first", True)
        shown = activation if named else self.activation
        text = shown if named else getattr(shown, "__name__", None) or repr(shown)
        # By its words: a module among the options would be found twice.
        self._options = {**options, "activation": text}
        self._activation_is_named = named

    def _parts(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return what makes attention, and what makes a norm, with the options."""
        options = self._options

        def attention(random: np.random.Generator | None) -> MultiheadAttention:
            return MultiheadAttention(
                self.d_model,
                self.nhead,
                options["dropout"],
                options["bias"],
                batch_first=options["batch_first"],
                rng=random,
            )

        def norm() -> LayerNorm:
            eps = options["layer_norm_eps"]
            return LayerNorm(self.d_model, eps, bias=options["bias"])

        return attention, norm

    def _add(
        self,
        x: Tensor,
        part: Callable[[Tensor], Tensor],
        norm: LayerNorm,
        dropout: Dropout,
    ) -> Tensor:
        """Return `x` plus what a part makes of it, with the norm before or behind."""
        out: Tensor
        if self.norm_first:
            out = x + dropout(part(norm(x)))
        else:
            out = norm(x + dropout(part(x)))
        return out

    def _feed_forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        named = ""
        for name, value in self._options.items():
            is_text = name == "activation" and not self._activation_is_named
            if is_text or value != self._defaults()[name]:
                named += f", {name}={value if is_text else repr(value)}"
        return f"{self.d_model}, {self.nhead}{named}"

    def __repr__(self) -> str:  # the call says all: what is inside follows from it
        return f"{type(self).__name__}({self.extra_repr()})"

    def _defaults(self) -> dict[str, Any]:
        return {
            "dim_feedforward": 2048,
            "dropout": 0.1,
            "activation": "relu",
            "layer_norm_eps": 1e-5,
            "batch_first": False,
            "norm_first": False,
            "bias": True,
        }


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, and a network of two layers at each place.

    Args:
        d_model: D, the size of a token's vector.
        nhead: how many heads the attention has; must divide D.
        dim_feedforward: how many units the network has inside.
        dropout: probability with which weights of the attention and results of the
            parts are dropped in training.
        activation: of the network: a name that `Linear` takes, such as "relu" or
            "gelu", or a function.
        layer_norm_eps: of the norms, added to the variance.
        batch_first: whether the batch is axis 0 and the sequence axis 1. By default it
            is the other way round.
        norm_first: whether to normalize what goes into a part, not what comes out.
        bias: whether maps and norms have a learned offset.
        rng: source of the initial values and of what is dropped: a Generator, a seed,
            or None for the default one.

    Shape:
        (L, N, D) -> (L, N, D), with `batch_first` (N, L, D) -> (N, L, D); (L, D) ->
        (L, D) in both.

    Initial values: those of `MultiheadAttention`, `Linear` and `LayerNorm`.

    Raises:
        ValueError: if a size is not positive, `nhead` does not divide `d_model`,
            `dropout` is no probability, or the activation is not known.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> layer = TransformerEncoderLayer(8, 2, 16, batch_first=True, rng=0).eval()
        >>> x = np.ones((1, 5, 8), "float32")
        >>> layer(Tensor(x)).shape
        (1, 5, 8)

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.1,
        https://arxiv.org/abs/1706.03762; Xiong et al. 2020, "On Layer Normalization in
        the Transformer Architecture", https://arxiv.org/abs/2002.04745 (`norm_first`)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__(
            d_model,
            nhead,
            dim_feedforward=dim_feedforward,
            dropout=dropout,
            activation=activation,
            layer_norm_eps=layer_norm_eps,
            batch_first=batch_first,
            norm_first=norm_first,
            bias=bias,
        )
        random = None if rng is None else generator(rng)  # one for all
        attention, norm = self._parts()
        self.self_attn = attention(random)
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=random)
        self.dropout = Dropout(dropout, rng=random)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=random)
        self.norm1, self.norm2 = norm(), norm()
        self.dropout1 = Dropout(dropout, rng=random)
        self.dropout2 = Dropout(dropout, rng=random)

    def forward(
        self,
        src: Tensor,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the sequence after the layer.

        Args:
            src: shape (L, N, D), or as in the class's Shape.
            src_mask: shape (L, L), or (N * nhead, L, L): **True where a token may not
                attend to another**; or numbers to add.
            src_key_padding_mask: shape (N, L): **True where a token is padding**.
            is_causal: whether a token attends only to itself and those before it.
        """

        def attend(x: Tensor) -> Tensor:
            out: Tensor = self.self_attn(
                x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal
            )[0]
            return out

        x = self._add(src, attend, self.norm1, self.dropout1)
        return self._add(x, self._feed_forward, self.norm2, self.dropout2)


class TransformerDecoderLayer(_Layer):
    """Like an encoder's layer, and between its parts attention to another sequence.

    The other sequence, `memory`, is what an encoder made of the text to translate. For
    a model without one, as GPT is, there is `CausalDecoderLayer`.

    Args:
        d_model: D, the size of a token's vector, in both sequences.
        nhead: how many heads the attentions have; must divide D.
        dim_feedforward: how many units the network has inside.
        dropout: probability with which weights of the attentions and results of the
            parts are dropped in training.
        activation: of the network: a name that `Linear` takes, such as "relu" or
            "gelu", or a function.
        layer_norm_eps: of the norms, added to the variance.
        batch_first: whether the batch is axis 0 and the sequence axis 1. By default it
            is the other way round.
        norm_first: whether to normalize what goes into a part, not what comes out.
        bias: whether maps and norms have a learned offset.
        rng: source of the initial values and of what is dropped: a Generator, a seed,
            or None for the default one.

    Shape:
        tgt (L, N, D), memory (S, N, D) -> (L, N, D); with `batch_first` (N, L, D),
        (N, S, D) -> (N, L, D); (L, D), (S, D) -> (L, D) in both.

    Initial values: those of `MultiheadAttention`, `Linear` and `LayerNorm`.

    Raises:
        ValueError: if a size is not positive, `nhead` does not divide `d_model`,
            `dropout` is no probability, or the activation is not known.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> layer = TransformerDecoderLayer(8, 2, 16, rng=0).eval()
        >>> tgt, memory = np.ones((3, 1, 8), "float32"), np.ones((5, 1, 8), "float32")
        >>> layer(Tensor(tgt), Tensor(memory), tgt_is_causal=True).shape
        (3, 1, 8)

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.1,
        https://arxiv.org/abs/1706.03762
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__(
            d_model,
            nhead,
            dim_feedforward=dim_feedforward,
            dropout=dropout,
            activation=activation,
            layer_norm_eps=layer_norm_eps,
            batch_first=batch_first,
            norm_first=norm_first,
            bias=bias,
        )
        random = None if rng is None else generator(rng)  # one for all
        attention, norm = self._parts()
        self.self_attn = attention(random)
        self.multihead_attn = attention(random)
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=random)
        self.dropout = Dropout(dropout, rng=random)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=random)
        self.norm1, self.norm2, self.norm3 = norm(), norm(), norm()
        self.dropout1 = Dropout(dropout, rng=random)
        self.dropout2 = Dropout(dropout, rng=random)
        self.dropout3 = Dropout(dropout, rng=random)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the sequence after the layer.

        Args:
            tgt: shape (L, N, D), or as in the class's Shape.
            memory: shape (S, N, D), what the encoder returned.
            tgt_mask: shape (L, L), or (N * nhead, L, L): **True where a token may not
                attend to another**; or numbers to add.
            memory_mask: shape (L, S), or (N * nhead, L, S): likewise, of the memory.
            tgt_key_padding_mask: shape (N, L): **True where a token is padding**.
            memory_key_padding_mask: shape (N, S): likewise, of the memory.
            tgt_is_causal: whether a token attends only to itself and those before it.
            memory_is_causal: whether token i attends only to the memory up to i.
        """

        def attend(x: Tensor) -> Tensor:
            out: Tensor = self.self_attn(
                x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal
            )[0]
            return out

        def look_up(x: Tensor) -> Tensor:
            masks = memory_key_padding_mask, False, memory_mask
            out: Tensor = self.multihead_attn(
                x, memory, memory, *masks, is_causal=memory_is_causal
            )[0]
            return out

        x = self._add(tgt, attend, self.norm1, self.dropout1)
        x = self._add(x, look_up, self.norm2, self.dropout2)
        return self._add(x, self._feed_forward, self.norm3, self.dropout3)


class CausalDecoderLayer(_Layer):
    """The block of a GPT: each token attends to itself and those before it.

    A `TransformerEncoderLayer` with `norm_first`, "gelu" and `is_causal`, whose state
    it shares: the names are the same and weights travel between the two. Blocks follow
    each other in a `Sequential`; behind the last comes a `LayerNorm`.

    Args:
        d_model: D, the size of a token's vector.
        nhead: how many heads the attention has; must divide D.
        dim_feedforward: how many units the network has inside; 4 * D if None.
        dropout: probability with which weights of the attention and results of the
            parts are dropped in training.
        activation: of the network: a name that `Linear` takes, such as "relu" or
            "gelu", or a function.
        layer_norm_eps: of the norms, added to the variance.
        batch_first: whether the batch is axis 0 and the sequence axis 1. By default it
            is the other way round, as in the other layers.
        bias: whether maps and norms have a learned offset.
        rng: source of the initial values and of what is dropped: a Generator, a seed,
            or None for the default one.

    Shape:
        (L, N, D) -> (L, N, D), with `batch_first` (N, L, D) -> (N, L, D); (L, D) ->
        (L, D) in both.

    Initial values: those of `MultiheadAttention`, `Linear` and `LayerNorm`.

    Raises:
        ValueError: if a size is not positive, `nhead` does not divide `d_model`,
            `dropout` is no probability, or the activation is not known.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> layer = CausalDecoderLayer(8, 2, rng=0).eval()
        >>> x = np.arange(40.0, dtype="float32").reshape(5, 1, 8)
        >>> whole, start = layer(Tensor(x)), layer(Tensor(x[:2]))
        >>> bool(np.allclose(whole.data[:2], start.data, atol=1e-5))
        True

    Reference:
        Radford et al. 2019, "Language Models are Unsupervised Multitask Learners",
        section 2.3; Radford et al. 2018, "Improving Language Understanding by
        Generative Pre-Training", section 4.1.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int | None = None,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "gelu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        if dim_feedforward is None:
            dim_feedforward = 4 * integer("CausalDecoderLayer", "d_model", d_model)
        super().__init__(
            d_model,
            nhead,
            dim_feedforward=dim_feedforward,
            dropout=dropout,
            activation=activation,
            layer_norm_eps=layer_norm_eps,
            batch_first=batch_first,
            bias=bias,
        )
        random = None if rng is None else generator(rng)  # one for all
        attention, norm = self._parts()
        self.self_attn = attention(random)
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=random)
        self.dropout = Dropout(dropout, rng=random)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=random)
        self.norm1, self.norm2 = norm(), norm()
        self.dropout1 = Dropout(dropout, rng=random)
        self.dropout2 = Dropout(dropout, rng=random)

    def forward(self, x: Tensor, key_padding_mask: Any = None) -> Tensor:
        """Return the sequence after the block.

        Args:
            x: shape (L, N, D), or as in the class's Shape.
            key_padding_mask: shape (N, L): **True where a token is padding**. Padding
                at the end needs none: no token attends to what is behind it.
        """

        def attend(x: Tensor) -> Tensor:
            out: Tensor = self.self_attn(
                x, x, x, key_padding_mask, False, is_causal=True
            )[0]
            return out

        x = self._add(x, attend, self.norm1, self.dropout1)
        return self._add(x, self._feed_forward, self.norm2, self.dropout2)

    def _defaults(self) -> dict[str, Any]:
        own = {"dim_feedforward": 4 * self.d_model, "activation": "gelu"}
        return {**super()._defaults(), **own}
