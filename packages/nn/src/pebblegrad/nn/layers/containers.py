"""Modules that are made of others."""

from collections.abc import Iterator
from typing import Any

from pebblegrad.nn._module import Module


class Sequential(Module):
    """Layers one after the other: each takes what the one before returned.

    Args:
        *layers: modules, or functions of one Tensor.

    Attributes:
        layers: the list of them.

    Raises:
        TypeError: if a layer cannot be called.

    Example:
        >>> from pebblegrad.nn import Linear, ReLU, Sequential
        >>> model = Sequential(Linear(2, 8), ReLU(), Linear(8, 1))
        >>> model
        Sequential(
          (0): Linear(2, 8)
          (1): ReLU()
          (2): Linear(8, 1)
        )
        >>> [name for name, _ in model.named_parameters()]
        ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *layers: Any) -> None:
        for i, layer in enumerate(layers):
            if not callable(layer):
                hint = (
                    "; write Sequential(*layers)"
                    if isinstance(layer, list | tuple)
                    else ""
                )
                raise TypeError(
                    f"Sequential: layer {i} is a {type(layer).__name__}; a module or a "
                    f"function of a Tensor is needed{hint}"
                )
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        """Return what the last layer returns."""
        for layer in self.layers:
            x = layer(x)
        return x

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Yield the layers named "0", "1", ..., as in PyTorch, then what else is."""
        yield from ((str(i), layer) for i, layer in enumerate(self.layers))
        yield from ((k, v) for k, v in vars(self).items() if k != "layers")

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)
