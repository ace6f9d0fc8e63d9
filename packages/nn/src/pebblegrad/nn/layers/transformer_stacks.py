"""Layers of transformers one after the other; the layers are in `transformer.py`."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from pebblegrad.autograd import Op, Tensor
from pebblegrad.nn._arguments import integer
from pebblegrad.nn._module import Module


class TransformerEncoder(Module):
    """Layers of a transformer's encoder one after the other.

    Args:
        encoder_layer: a `TransformerEncoderLayer`, of which each layer will be a copy
            **with the same initial values**, as in PyTorch; or a list of layers, each
            with its own: ``[TransformerEncoderLayer(8, 2) for _ in range(6)]``.
        num_layers: how many copies; not needed with a list.
        norm: what comes behind the last layer, such as a `LayerNorm`, or None.

    Shape:
        As that of the layers.

    Raises:
        ValueError: if `num_layers` is not positive, or not the length of the list.
        TypeError: if `encoder_layer` is neither a layer nor a list.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> from pebblegrad.nn import TransformerEncoderLayer
        >>> layers = [TransformerEncoderLayer(8, 2, 16, rng=i) for i in range(3)]
        >>> encoder = TransformerEncoder(layers).eval()
        >>> encoder(Tensor(np.ones((5, 1, 8), "float32"))).shape
        (5, 1, 8)
        >>> list(encoder.state_dict())[12]
        'layers.1.self_attn.in_proj_weight'

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.1,
        https://arxiv.org/abs/1706.03762
    """

    def __init__(
        self,
        encoder_layer: Any,
        num_layers: int | None = None,
        norm: Module | None = None,
    ) -> None:
        self.layers = _layers("TransformerEncoder", encoder_layer, num_layers)
        self.num_layers = len(self.layers)
        self.norm = norm

    def forward(
        self,
        src: Tensor,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the sequence after the last layer; the masks are those of a layer."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Layers of a transformer's decoder one after the other, each with the memory.

    Args:
        decoder_layer: a `TransformerDecoderLayer`, of which each layer will be a copy
            **with the same initial values**, as in PyTorch; or a list of layers, each
            with its own: ``[TransformerDecoderLayer(8, 2) for _ in range(6)]``.
        num_layers: how many copies; not needed with a list.
        norm: what comes behind the last layer, such as a `LayerNorm`, or None.

    Shape:
        As that of the layers.

    Raises:
        ValueError: if `num_layers` is not positive, or not the length of the list.
        TypeError: if `decoder_layer` is neither a layer nor a list.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> from pebblegrad.nn import TransformerDecoderLayer
        >>> decoder = TransformerDecoder(TransformerDecoderLayer(8, 2, 16), 2).eval()
        >>> tgt, memory = np.ones((3, 1, 8), "float32"), np.ones((5, 1, 8), "float32")
        >>> decoder(Tensor(tgt), Tensor(memory), tgt_is_causal=True).shape
        (3, 1, 8)

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.1,
        https://arxiv.org/abs/1706.03762
    """

    def __init__(
        self,
        decoder_layer: Any,
        num_layers: int | None = None,
        norm: Module | None = None,
    ) -> None:
        self.layers = _layers("TransformerDecoder", decoder_layer, num_layers)
        self.num_layers = len(self.layers)
        self.norm = norm

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
        """Return the sequence after the last layer; the masks are those of a layer."""
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask,
                memory_mask,
                tgt_key_padding_mask,
                memory_key_padding_mask,
                tgt_is_causal,
                memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


def _layers(who: str, layer: Any, count: Any) -> list[Any]:
    """Return the layers of a list, or copies of one layer."""
    if isinstance(layer, list | tuple):
        if count not in (None, len(layer)) or not layer:
            raise ValueError(
                f"{who}: num_layers is {count}, and the list has {len(layer)} layers; "
                "give at least one layer, and no num_layers with a list"
            )
        return list(layer)
    if not isinstance(layer, Module):
        raise TypeError(
            f"{who}: the layer is a {type(layer).__name__}; a module or a list of "
            "modules is needed"
        )
    count = integer(who, "num_layers", count)
    # The copies draw from one generator: with copies of it all would drop the same.
    shared = {
        id(value): value
        for module in layer.modules()
        for value in vars(module).values()
        if isinstance(value, np.random.Generator | Op)
    }
    return [copy.deepcopy(layer, dict(shared)) for _ in range(count)]
