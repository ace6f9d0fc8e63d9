"""What a model says about its layers, to whoever does not know its classes.

A linear layer is an object with `in_features` and `out_features`; a model is an object
that lists its parts by `named_modules()`, `modules()` or `layers`. So pebblegrad's and
PyTorch's models are read alike, and neither is imported. The order in which a model
lists its layers is taken for the order in which it computes: its `forward` is not run.

A part that can be gone through like a list, such as a `Sequential`, is: what stands in
it twice is two layers, and a plain function is one, though `named_modules()` lists the
first once and the second not at all.
"""

import functools
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

WHO = "plot_network_architecture"
NEEDED = (
    "layer sizes such as [2, 8, 4, 1], or a model whose layers have in_features and "
    "out_features (or are convolutions, recurrent layers, embeddings or attention), "
    "were needed"
)


@dataclass(frozen=True)
class Layer:
    """A column of neurons.

    Attributes:
        size: how many.
        notes: what happens to their values before the next layer reads them, such as
            ("ReLU", "Dropout").
    """

    size: int
    notes: tuple[str, ...] = ()


def read_layers(network: object) -> list[Layer]:
    """Read sizes, or a model, as at least two layers.

    Raises:
        TypeError: if it is neither.
        ValueError: if there are fewer than two layers, a size is not positive, or a
            layer does not take what the one before it gives.
    """
    numbers = _as_list(network)
    if numbers is not None and all(map(_is_whole, numbers)):
        return _from_sizes([operator.index(number) for number in numbers])
    parts = _parts(network, "", ())
    return _from_parts(parts, type(network).__name__)


def _as_list(network: object) -> list[Any] | None:
    """Return what a list, a tuple or an array holds; None for anything else."""
    if isinstance(network, list | tuple | range):
        return list(network)
    if hasattr(network, "tolist") and getattr(network, "ndim", 0) == 1:
        return list(network.tolist())
    return None


def _is_whole(number: object) -> bool:
    return hasattr(number, "__index__") and not isinstance(number, bool)


def _from_sizes(sizes: list[int]) -> list[Layer]:
    if len(sizes) < 2:
        raise ValueError(
            f"{WHO}: layer_sizes is {sizes}; at least two sizes were needed, of the "
            "input and of the output, such as [2, 1]"
        )
    for size in sizes:
        if size < 1:
            raise ValueError(
                f"{WHO}: layer_sizes is {sizes}; every size must be at least 1"
            )
    return [Layer(size) for size in sizes]


def _from_parts(parts: list[tuple[str, Any]], model: str) -> list[Layer]:
    """Chain the linear layers among `parts`; the others are notes between them."""
    layers: list[Layer] = []
    last = ""
    waiting: list[str] = []
    for name, part in parts:
        if not is_linear(part):
            waiting += kind_of(part)
            continue
        size_in = operator.index(part.in_features)
        size_out = operator.index(part.out_features)
        if not layers:
            layers.append(Layer(size_in))
        elif layers[-1].size != size_in:
            raise ValueError(
                f"{WHO}: {last} gives {layers[-1].size} values and {name} takes "
                f"{size_in}; only a chain of layers can be drawn; give the sizes as a "
                "list, or a part of the model, or an input_shape, with which a Module "
                "is run and drawn as it computes"
            )
        layers[-1] = Layer(layers[-1].size, layers[-1].notes + tuple(waiting))
        waiting = []
        layers.append(Layer(size_out, activation_of(part)))
        last = name
    if not layers:
        raise ValueError(
            f"{WHO}: the {model} has no layer with in_features and out_features; "
            f"{NEEDED}"
        )
    layers[-1] = Layer(layers[-1].size, layers[-1].notes + tuple(waiting))
    return layers


def _parts(part: Any, name: str, around: tuple[int, ...]) -> list[tuple[str, Any]]:
    """Return the innermost parts of a model with their names, in its order.

    Args:
        part: the model, or something in it.
        name: where it was found; empty for the model.
        around: the ids of what it is in, so that a circle is not gone round.
    """
    if id(part) in around:
        return []
    here = name or type(part).__name__
    if is_linear(part):
        return [(here, part)]
    children = children_of(part, name, here)
    if children is None:
        if not name:
            is_class = isinstance(part, type)
            given = f"the class {part.__name__}" if is_class else f"of type {here}"
            raise TypeError(f"{WHO}: layer_sizes is {given}; {NEEDED}")
        return [(here, part)]
    found: list[tuple[str, Any]] = []
    for key, child in children:
        found += _parts(child, key, (*around, id(part)))
    return found


def children_of(part: Any, name: str, here: str) -> list[tuple[str, Any]] | None:
    """Return what a part is made of, with names; None if it is not made of others."""
    listed: Iterable[tuple[Any, Any]] | None = None
    is_module = callable(getattr(part, "named_modules", None))
    if isinstance(part, str | bytes | type) or _is_array(part):
        return None
    if callable(getattr(part, "items", None)):
        listed = part.items()
    elif hasattr(part, "__iter__") and hasattr(part, "__len__"):
        listed = enumerate(part)
    elif is_module:
        named = [(str(key), child) for key, child in part.named_modules() if key]
        below = tuple(f"{key}." for key, _ in named)
        listed = [(key, child) for key, child in named if not key.startswith(below)]
        if not listed and name:
            return None
    elif callable(getattr(part, "modules", None)):
        listed = enumerate(child for child in part.modules() if child is not part)
    elif hasattr(part, "layers"):
        layers = part.layers
        listed = layers.items() if isinstance(layers, Mapping) else enumerate(layers)
    if listed is None:
        return None
    return [
        (f"{name}.{key}".strip(".") if is_module else f"{here}[{key}]", child)
        for key, child in listed
        if not _is_array(child)  # in a list of parameters
    ]


def _is_array(part: object) -> bool:
    return hasattr(part, "shape") and hasattr(part, "dtype")


def is_linear(part: object) -> bool:
    return hasattr(part, "in_features") and hasattr(part, "out_features")


def activation_of(layer: Any) -> tuple[str, ...]:
    """Return the activation that is built into a layer, if any."""
    activation = getattr(layer, "activation", None)
    if activation is None:
        return ()
    return (activation,) if isinstance(activation, str) else tuple(kind_of(activation))


def kind_of(part: Any) -> list[str]:
    """Return what a part is called in a caption: its class, or the function's name."""
    while isinstance(part, functools.partial):
        part = part.func
    name = str(getattr(part, "__name__", type(part).__name__))
    return [] if name == "Identity" else [name]
