"""A model as blocks in the order in which they were seen to compute.

What a model lists does not say what its `forward` does with it. Here it is called once
on random numbers, and hooks note what goes into each layer and comes out of it. Layers
are joined by comparing these arrays: if what a layer reads is what the one before it
gave plus what came in earlier, the two are added there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.viz._arrays import Array
from pebblegrad.viz._layer_blocks import (
    Block,
    Group,
    Item,
    folded,
    group_title,
    is_special,
    is_transformer,
    leaf,
    static_items,
    walk,
)
from pebblegrad.viz._layers import WHO, is_linear
from pebblegrad.viz._models import evaluation, input_for


@dataclass
class Call:
    """One call of one module.

    Attributes:
        name: of the module in the model.
        module: that was called.
        read: its first input.
        gave: its first output.
        inside: the calls during this one.
    """

    name: str
    module: Any
    read: Array | None
    gave: Array | None = None
    inside: "list[Call]" = field(default_factory=list)


def run_blocks(model: Any, input_shape: Any) -> tuple[Group, str, str]:
    """Call a model once; return its blocks, and the shapes of its input and output.

    Args:
        model: a Module, which is in evaluation meanwhile.
        input_shape: of what it takes, the axis of the batch included.

    Raises:
        TypeError: if the model is no Module, or the shape is no tuple of sizes.
        ValueError: if a size is negative.
    """
    sizes = _read_shape(input_shape)
    needed = ("named_modules", "register_forward_hook", "register_forward_pre_hook")
    if not all(callable(getattr(model, name, None)) for name in needed):
        raise TypeError(
            f"{WHO}: input_shape is {input_shape!r} and layer_sizes is of type "
            f"{type(model).__name__}; a Module, which can be run, was needed; leave "
            "input_shape out"
        )
    root = _run(model, _input(model, sizes))
    gave = "" if root.gave is None else str(root.gave.shape)
    return Group(tuple(folded(_joined(root, 0)))), str(sizes), gave


def _read_shape(shape: Any) -> tuple[int, ...]:
    sizes = [shape] if hasattr(shape, "__index__") else shape
    whole = isinstance(sizes, tuple | list) and all(
        hasattr(size, "__index__") and not isinstance(size, bool) for size in sizes
    )
    if not whole:
        raise TypeError(
            f"{WHO}: input_shape is {shape!r}; a tuple of sizes was needed, that of "
            "the batch first, such as (1, 3, 32, 32)"
        )
    if min(sizes, default=1) < 1:
        raise ValueError(
            f"{WHO}: input_shape is {shape!r}; sizes of at least 1 were needed"
        )
    return tuple(size.__index__() for size in sizes)


def _input(model: Any, sizes: tuple[int, ...]) -> Any:
    """Return random numbers, or whole ones for a model that begins by looking up."""
    rng = np.random.default_rng(0)
    parts = walk(model, "", ())
    first: Any = next((part for part in parts if _is_whole(part)), None)
    if hasattr(first, "num_embeddings"):
        return Tensor(rng.integers(0, first.num_embeddings, sizes))
    return input_for(model, WHO)(rng.normal(size=sizes))


def _run(model: Any, x: Any) -> Call:
    """Call the model and return what happened."""
    open_calls = [Call("", None, None)]
    removers: list[Any] = []

    def before(module: Any, inputs: Any) -> None:
        call = Call(names[id(module)], module, _array(inputs))
        open_calls[-1].inside.append(call)
        open_calls.append(call)

    def after(module: Any, inputs: Any, out: Any) -> None:
        open_calls.pop().gave = _array(out)

    named = list(model.named_modules())
    names = {id(module): str(name) for name, module in named}
    try:
        for _, module in {id(m): (n, m) for n, m in named}.values():
            removers.append(module.register_forward_pre_hook(before))
            removers.append(module.register_forward_hook(after))
        with evaluation(model):
            model(x)
    finally:
        for remove in removers:
            remove()
    return open_calls[0].inside[0]


def _array(value: Any) -> Array | None:
    """Return the first Tensor in what was given or returned, as an array."""
    while isinstance(value, tuple | list) and value:
        value = value[0]
    data = getattr(value, "data", None)
    return np.array(data) if hasattr(data, "shape") else None


def _items(call: Call, depth: int) -> list[Item]:
    """Return what is drawn for a call."""
    if is_transformer(call.module):
        return static_items(call.module)
    inner = [] if _is_whole(call.module) else call.inside
    if not inner:
        return _with_shape(leaf(call.module), call.gave)
    items = folded(_joined(call, depth))
    title = group_title(call.module, call.name, items, depth)
    return [Group(tuple(items), title)] if title else items


def _is_whole(module: Any) -> bool:
    """Tell a layer whose parts are not shown, such as attention's projection."""
    return is_linear(module) or (is_special(module) and not is_transformer(module))


def _joined(call: Call, depth: int) -> list[Item]:
    """Return the items of the calls inside a call, joined as their values tell."""
    if not call.inside or _is_whole(call.module) or is_transformer(call.module):
        return _items(call, depth)
    items: list[Item] = []
    values = [call.read]  # before the first item and behind each
    for inner in call.inside:
        earlier = _reach(items, values, inner.read)
        new = _items(inner, depth + 1)
        if earlier and new and isinstance(new[0], Block):
            words = f"reads an earlier value, {new[0].detail}".removesuffix(", ")
            new[0] = replace(new[0], detail=words)
        items.append(new[0] if len(new) == 1 else Group(tuple(new)))
        values.append(inner.gave)
    _reach(items, values, call.gave)
    return [part for item in items for part in _flat(item)]


def _flat(item: Item) -> Sequence[Item]:
    """Return the items of a group that is only a list."""
    plain = isinstance(item, Group) and not (item.title or item.skip)
    return item.items if plain and isinstance(item, Group) else [item]


def _reach(items: list[Item], values: list[Array | None], wanted: Array | None) -> bool:
    """Add to `items` what makes `wanted` of the last value; tell if it is no step.

    Returns:
        True if `wanted` is an earlier value, which begins a branch.
    """
    last = values[-1]
    if wanted is None or last is None or _same(wanted, last):
        return False
    for name, function in PLAIN.items():
        if name and _same(wanted, function(last)):
            _append(items, values, Block(name), wanted)
            return False
        for place in range(len(values) - 2, -1, -1):
            other = values[place]
            if other is None or other.shape != last.shape:
                continue
            if _same(wanted, function(last + other)):
                around = tuple(p for item in items[place:] for p in _flat(item))
                items[place:] = [Group(around, skip=True)]
                values[place + 1 :] = [wanted]
                if name:
                    _append(items, values, Block(name), wanted)
                return False
    if any(value is not None and _same(wanted, value) for value in values):
        return True
    reshaped = wanted.size == last.size and _same(wanted.ravel(), last.ravel())
    block = Block("reshape" if reshaped else "other ops", f"gives {wanted.shape}")
    _append(items, values, block, wanted)
    return False


PLAIN: dict[str, Callable[[Array], Array]] = {
    "": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 0.5 + 0.5 * np.tanh(x / 2),
}


def _append(
    items: list[Item], values: list[Array | None], item: Item, value: Array
) -> None:
    items.append(item)
    values.append(value)


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(
        np.allclose(a, b, rtol=1e-5, atol=1e-6, equal_nan=True)
    )


def _with_shape(items: list[Item], gave: Array | None) -> list[Item]:
    """Write into the last block of a layer what shape comes out of it."""
    if items and gave is not None and isinstance(items[-1], Block):
        items = [*items[:-1], replace(items[-1], shape=str(gave.shape))]
    return items
