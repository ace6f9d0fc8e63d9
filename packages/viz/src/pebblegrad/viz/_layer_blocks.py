"""A model as blocks one below the other, for models that are no chain of neurons.

A convolution, a recurrent layer, an embedding or attention is no column of neurons; a
model that holds one is shown as boxes with words in them. As in `_layers.py` nothing is
asked but attributes, which have the same names in pebblegrad and in PyTorch, and the
order in which a model lists its parts is taken for the order in which it computes. The
layers of a transformer are the exception: they list their parts in another order than
they use them, and add their input to what comes out. They are known by their parts.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pebblegrad.viz._layers import activation_of, children_of, is_linear, kind_of

DEEPEST = 3  # frames in each other; what lies deeper stands in the third
MOST = 24  # items in a row before the middle is left out


@dataclass(frozen=True)
class Block:
    """One layer.

    Attributes:
        name: its class, or the function's name.
        detail: its sizes in words, or an empty string.
        weights: how many numbers it learns.
        takes: what it reads, in words, such as "784 numbers"; empty if that does not
            depend on it.
        gives: what comes out of it, likewise.
        shape: of what came out of it, if it was run.
    """

    name: str
    detail: str = ""
    weights: int = 0
    takes: str = ""
    gives: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Group:
    """Layers that belong together.

    Attributes:
        items: in the order in which they compute.
        title: above them; without one they have no frame.
        times: how many such groups follow each other.
        skip: whether their input is added to what they give.
    """

    items: "tuple[Block | Group, ...]"
    title: str = ""
    times: int = 1
    skip: bool = False


Item = Block | Group


def read_blocks(network: object) -> Group | None:
    """Read a model that holds more than linear layers; None if it does not.

    Example:
        >>> class Conv2d:
        ...     in_channels, out_channels, kernel_size = 1, 16, (3, 3)
        >>> read_blocks([Conv2d()]).items[0].detail
        '1 → 16 channels, 3 × 3'
    """
    if not any(map(is_special, walk(network, "", ()))):
        return None
    return Group(tuple(_items(network, "", (), 0)))


def all_blocks(item: Item) -> Iterator[Block]:
    """Yield the layers in their order, each as often as it computes."""
    if isinstance(item, Block):
        yield item
        return
    for _ in range(item.times):
        for part in item.items:
            yield from all_blocks(part)


def shortened(items: Sequence[Item]) -> list[Item | int]:
    """Return the items of a row; a number stands for so many that are left out.

    Example:
        >>> [x if isinstance(x, int) else x.name for x in shortened([Block("a")] * 30)]
        ... # doctest: +ELLIPSIS
        ['a', 'a', ..., 7, ..., 'a']
    """
    if len(items) <= MOST:
        return list(items)
    half = MOST // 2
    return [*items[:half], len(items) - 2 * half + 1, *items[1 - half :]]


def walk(part: Any, name: str, around: tuple[int, ...]) -> Iterator[Any]:
    """Yield a part and all that is in it."""
    if id(part) in around:
        return
    yield part
    if is_linear(part) or is_special(part):
        return
    for key, child in children_of(part, name, "") or ():
        yield from walk(child, key, (*around, id(part)))


def is_special(part: Any) -> bool:
    return not isinstance(part, type) and bool(is_transformer(part) or _sizes(part))


def is_transformer(part: Any) -> bool:
    names = ("self_attn", "linear1", "linear2", "norm1", "norm2")
    return all(hasattr(part, name) for name in names)


def _items(part: Any, name: str, around: tuple[int, ...], depth: int) -> list[Item]:
    """Return what is drawn for a part of the model."""
    if id(part) in around:
        return []
    if is_transformer(part):
        return static_items(part)
    children = None
    if not (is_linear(part) or is_special(part)):
        children = children_of(part, name, "")
    if children is None:
        return leaf(part)
    inside = [
        item
        for key, child in children
        for item in _items(child, key, (*around, id(part)), depth + 1)
    ]
    items = folded(inside)
    title = group_title(part, name, items, depth)
    return [Group(tuple(items), title)] if title else items


def static_items(part: Any) -> list[Item]:
    """Return a transformer's layer, whose order is known."""
    return [Group(_transformer(part), type(part).__name__)]


def group_title(part: Any, name: str, items: Sequence[Item], depth: int) -> str:
    """Return what stands above the frame of a part; empty if it has none."""
    is_row = isinstance(part, list | tuple | dict)
    if not depth or is_row or len(items) < 2 or depth > DEEPEST:
        return ""
    kind = type(part).__name__
    last = name.rpartition(".")[2].strip("[]")
    return kind if last.isdigit() or not last else f"{last} ({kind})"


def folded(items: list[Item]) -> list[Item]:
    """Put framed groups that are alike and follow each other into one."""
    out: list[Item] = []
    for item, alike in itertools.groupby(items):
        same = list(alike)
        if isinstance(item, Group) and item.title and len(same) > 1:
            out.append(replace(item, times=len(same)))
        else:
            out += same
    return out


def leaf(part: Any) -> list[Item]:
    """Return a layer, and the activation that is built into it."""
    names = kind_of(part)
    if not names:
        return []
    detail, takes, gives = _described(part)
    block = Block(names[0], detail, _weights(part), takes, gives)
    return [block, *(Block(name) for name in activation_of(part))]


def _transformer(part: Any) -> tuple[Item, ...]:
    """Return the parts of a transformer's layer in the order of its computation.

    Reference:
        Vaswani et al. (2017), "Attention Is All You Need", section 3.1,
        https://arxiv.org/abs/1706.03762; Xiong et al. (2020), "On Layer Normalization
        in the Transformer Architecture", https://arxiv.org/abs/2002.04745, for the
        norm that comes first.
    """
    crossed = hasattr(part, "multihead_attn") and hasattr(part, "norm3")
    branches = [["self_attn", "dropout1"]]
    if crossed:
        branches.append(["multihead_attn", "dropout2"])
    last = "dropout3" if crossed else "dropout2"
    branches.append(["linear1", "activation", "dropout", "linear2", last])
    items: list[Item] = []
    for number, names in enumerate(branches, 1):
        norm = _inside(part, [f"norm{number}"])
        inner = _inside(part, names)
        if getattr(part, "norm_first", False):
            items.append(Group((*norm, *inner), skip=True))
        else:
            items += [Group(tuple(inner), skip=True), *norm]
    return tuple(items)


def _inside(part: Any, names: Sequence[str]) -> list[Item]:
    items: list[Item] = []
    for name in names:
        layer = getattr(part, name, None)
        if layer is None or getattr(layer, "p", None) == 0:  # a dropout of nothing
            continue
        own = leaf(layer)
        if name in ("self_attn", "multihead_attn") and isinstance(own[0], Block):
            word = "self-attention" if name == "self_attn" else "reads the encoder"
            own[0] = replace(own[0], detail=f"{own[0].detail}, {word}".lstrip(", "))
        items += own
    return items


def _sizes(part: Any) -> tuple[str, str, str] | None:
    """Return detail, what is taken and what is given, of a layer that is no column."""
    if hasattr(part, "in_channels") and hasattr(part, "out_channels"):
        a, b = part.in_channels, part.out_channels
        window = _window(part, "padding", "dilation", "groups")
        detail = f"{a:,} → {b:,} channels{window}"
        return detail, _many(a, "channel"), _many(b, "channel")
    if hasattr(part, "num_embeddings") and hasattr(part, "embedding_dim"):
        a, b = part.num_embeddings, part.embedding_dim
        takes = f"whole numbers from 0 to {a - 1:,}"
        return f"{a:,} vectors of {b:,}", takes, _many(b, "number")
    if hasattr(part, "input_size") and hasattr(part, "hidden_size"):
        a, b = part.input_size, part.hidden_size
        both = bool(getattr(part, "bidirectional", False))
        layers = getattr(part, "num_layers", 1)
        detail = f"{a:,} → {b:,}" + f", {layers} layers" * (layers > 1)
        detail += ", both directions" * both
        width = (getattr(part, "proj_size", 0) or b) * (1 + both)
        return detail, _steps(a), _steps(width)
    if hasattr(part, "embed_dim") and hasattr(part, "num_heads"):
        size, heads = part.embed_dim, part.num_heads
        detail = f"{size:,} features, {heads} head{'s' * (heads != 1)}"
        return detail, _steps(size), _steps(size)
    return None


def _described(part: Any) -> tuple[str, str, str]:
    """Return detail, what is taken and what is given, of any layer."""
    found = _sizes(part)
    if found is not None:
        return found
    if is_linear(part):
        a, b = part.in_features, part.out_features
        return f"{a:,} → {b:,}", _many(a, "number"), _many(b, "number")
    if hasattr(part, "kernel_size"):
        return _window(part, "padding").removeprefix(", "), "", ""
    if hasattr(part, "output_size"):
        return f"to {_by(part.output_size)}", "", ""
    if hasattr(part, "normalized_shape"):
        return f"{_by(part.normalized_shape)} features", "", ""
    if hasattr(part, "num_groups"):
        return f"{part.num_groups:,} groups", "", ""
    if hasattr(part, "num_features"):
        return _many(part.num_features, "channel"), "", ""
    if isinstance(getattr(part, "p", None), float):
        return f"p = {part.p:g}", "", ""
    return "", "", ""


def _window(part: Any, *more: str) -> str:
    """Return the size of a window, and its options that are not the usual ones."""
    size = getattr(part, "kernel_size", None)
    text = f", {_by(size)}" if size is not None else ""
    usual = {"padding": 0, "dilation": 1, "groups": 1}
    stride = getattr(part, "stride", None)
    # A convolution moves by 1, a pooling by its window, unless it is told otherwise.
    normal = 1 if hasattr(part, "in_channels") else size
    if stride is not None and _by(stride) not in (_by(normal), _square(normal)):
        text += f", stride {_square(stride)}"
    for name in more:
        value = getattr(part, name, usual[name])
        if _square(value) != str(usual[name]):
            text += f", {name} {_square(value)}"
    return text


def _by(size: Any) -> str:
    """Return a size as it is read: 3 × 3."""
    if isinstance(size, tuple | list):
        return " × ".join(map(str, size))
    return f"{size} × {size}" if isinstance(size, int) else str(size)


def _square(value: Any) -> str:
    """Return one number for several that are equal."""
    if isinstance(value, tuple | list) and len(set(value)) == 1:
        return str(value[0])
    return _by(value) if isinstance(value, tuple | list) else str(value)


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"


def _steps(size: int) -> str:
    return f"{_many(size, 'number')} a step"


def _weights(part: Any) -> int:
    """Return how many numbers a layer learns."""
    if not callable(getattr(part, "parameters", None)) or isinstance(part, type):
        return 0
    return sum(math.prod(parameter.shape) for parameter in part.parameters())
