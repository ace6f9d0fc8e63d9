"""What a model says about its layers, to whoever does not know its classes.

A linear layer is an object with `in_features` and `out_features`; a model is an object
that lists its parts by `named_modules()`, `modules()` or `layers`. So pebblegrad's and
PyTorch's models are read alike, and neither is imported. The order in which a model
lists its layers is taken for the order in which it computes: its `forward` is not run.
"""

import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

WHO = "plot_network_architecture"
NEEDED = (
    "layer sizes such as [2, 8, 4, 1], or a model whose layers have in_features and "
    "out_features, were needed"
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
    parts = _parts(network, "", set())
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
        if not _is_linear(part):
            waiting += _kind(part)
            continue
        size_in = operator.index(part.in_features)
        size_out = operator.index(part.out_features)
        if not layers:
            layers.append(Layer(size_in))
        elif layers[-1].size != size_in:
            raise ValueError(
                f"{WHO}: {last} gives {layers[-1].size} values and {name} takes "
                f"{size_in}; only a chain of layers can be drawn; give the sizes as a "
                "list, or a part of the model"
            )
        layers[-1] = Layer(layers[-1].size, layers[-1].notes + tuple(waiting))
        waiting = []
        layers.append(Layer(size_out, _activation(part)))
        last = name
    if not layers:
        raise ValueError(
            f"{WHO}: the {model} has no layer with in_features and out_features; "
            f"{NEEDED}"
        )
    layers[-1] = Layer(layers[-1].size, layers[-1].notes + tuple(waiting))
    return layers


def _parts(model: Any, name: str, seen: set[int]) -> list[tuple[str, Any]]:
    """Return the innermost parts of a model with their names, in its order."""
    if id(model) in seen:
        return []
    seen.add(id(model))
    here = name or type(model).__name__
    if _is_linear(model):
        return [(here, model)]
    if callable(getattr(model, "named_modules", None)):
        named = [(str(key), part) for key, part in model.named_modules()]
        linear = tuple(f"{key}." for key, part in named if _is_linear(part))
        containers = {key.rpartition(".")[0] for key, _ in named if key}
        return [
            (key, part)
            for key, part in named
            if _is_linear(part) or not (key in containers or key.startswith(linear))
        ]
    children: Iterable[Any]
    if callable(getattr(model, "modules", None)):
        children = [part for part in model.modules() if part is not model]
    elif hasattr(model, "layers"):
        children = model.layers
    elif isinstance(model, list | tuple):
        children = model
    elif not name:
        raise TypeError(f"{WHO}: network is of type {here}; {NEEDED}")
    else:
        return [(here, model)]
    if isinstance(children, Mapping):
        children = children.values()
    parts: list[tuple[str, Any]] = []
    for i, child in enumerate(children):
        parts += _parts(child, f"{here}[{i}]", seen)
    return parts or ([(here, model)] if name else [])


def _is_linear(part: object) -> bool:
    return hasattr(part, "in_features") and hasattr(part, "out_features")


def _activation(layer: Any) -> tuple[str, ...]:
    """Return the activation that is built into a linear layer, if any."""
    activation = getattr(layer, "activation", None)
    if activation is None:
        found = re.search(r"activation=['\"]?([\w.]+)", repr(layer))
        activation = found[1] if found and found[1] != "None" else None
    if activation is None:
        return ()
    return (activation,) if isinstance(activation, str) else tuple(_kind(activation))


def _kind(part: Any) -> list[str]:
    """Return what a part is called in a caption: its class, or the function's name."""
    name = str(getattr(part, "__name__", type(part).__name__))
    return [] if name == "Identity" else [name]
