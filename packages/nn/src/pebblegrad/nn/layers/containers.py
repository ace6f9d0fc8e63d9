"""Modules that are made of others."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, overload

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
        >>> model[:2]
        Sequential(
          (0): Linear(2, 8)
          (1): ReLU()
        )
    """

    def __init__(self, *layers: Any) -> None:
        self.layers: list[Any] = []
        self.extend(layers)

    def forward(self, x: Any) -> Any:
        """Return what the last layer returns."""
        for layer in self.layers:
            x = layer(x)
        return x

    def append(self, layer: Any) -> Self:
        """Add a layer at the end; return this module."""
        return self.insert(len(self.layers), layer)

    def extend(self, layers: Iterable[Any]) -> Self:
        """Add layers at the end; return this module."""
        added = list(layers)
        for place, layer in enumerate(added, len(self.layers)):
            self._check(layer, place)
        self.layers += added
        return self

    def insert(self, index: int, layer: Any) -> Self:
        """Put a layer before the one at `index`; return this module."""
        self._check(layer, index)
        self.layers.insert(index, layer)
        return self

    def _check(self, layer: Any, place: int) -> None:
        if callable(layer):
            return
        name = type(self).__name__
        hint = f"; write {name}(*layers)" if isinstance(layer, list | tuple) else ""
        raise TypeError(
            f"{name}: layer {place} is a {type(layer).__name__}; a module or a "
            f"function of a Tensor is needed{hint}"
        )

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """Yield the layers named "0", "1", ..., as in PyTorch, then what else is."""
        yield from ((str(i), layer) for i, layer in enumerate(self.layers))
        yield from ((k, v) for k, v in super()._attributes() if k != "layers")

    def _shown(self) -> Iterator[tuple[str, Any]]:
        shown = dict(super()._shown())
        for i, layer in enumerate(self.layers):
            yield str(i), shown.pop(str(i), layer)
        yield from shown.items()

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int | slice) -> Any:
        found = self.layers[index]
        return self._of(found) if isinstance(index, slice) else found

    def _of(self, layers: list[Any]) -> Sequential:
        """Return what a slice of this one is."""
        return Sequential(*layers)

    def __setitem__(self, index: int, layer: Any) -> None:
        self._check(layer, index)
        self.layers[index] = layer

    def __delitem__(self, index: int | slice) -> None:
        del self.layers[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)


class Network(Sequential):
    """`Sequential` of a list: ``Network([Linear(2, 8), ReLU()])``.

    Args:
        layers: a list of modules, or functions of one Tensor.

    Example:
        >>> from pebblegrad.nn import Linear, Network, ReLU
        >>> len(Network([Linear(2, 8), ReLU(), Linear(8, 1)]))
        3
    """

    def __init__(self, layers: Iterable[Any] = ()) -> None:
        if isinstance(layers, Module) or not isinstance(layers, Iterable):
            raise TypeError(
                f"Network: layers is a {type(layers).__name__}; a list of layers is "
                "needed: Network([layer, ...]), or Sequential(layer, ...)"
            )
        super().__init__(*layers)

    def _of(self, layers: list[Any]) -> Network:
        return Network(layers)


class Identity(Module):
    """Returns what it is given; stands where a layer may or may not be.

    Args:
        *args: anything; so that it can take another layer's place. Ignored.
        **kwargs: anything. Ignored.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        """Return `x`."""
        return x


class Residual(Module):
    """Adds what a layer makes of its input to the input: ``x + layer(x)``.

    Args:
        layer: a module, or a function of one Tensor; gives the shape that it takes.

    Shape:
        any -> the same.

    Raises:
        ValueError: if the layer gives another shape: it would be broadcast.

    Example:
        >>> from pebblegrad.nn import Linear, ReLU, Residual, Sequential
        >>> block = Residual(Sequential(Linear(4, 4), ReLU()))
        >>> [name for name, _ in block.named_parameters()]
        ['layer.0.weight', 'layer.0.bias']

    Reference:
        He et al. 2016, "Deep residual learning for image recognition", equation 1.
    """

    def __init__(self, layer: Any) -> None:
        if not callable(layer):
            raise TypeError(
                f"Residual: layer is a {type(layer).__name__}; a module or a function "
                "of a Tensor is needed"
            )
        self.layer = layer

    def forward(self, x: Any) -> Any:
        """Return the sum of `x` and what the layer makes of it."""
        out = self.layer(x)
        if out.shape != x.shape:
            raise ValueError(
                f"x has shape {x.shape} and layer(x) has shape {out.shape}; the two "
                "must be equal to be added"
            )
        return x + out


class ModuleList(Module):
    """A list of modules, to be called by the module that holds it.

    A plain list does the same here; this one is for who knows it from PyTorch.

    Args:
        modules: to start with.

    Example:
        >>> from pebblegrad.nn import Linear, Module, ModuleList
        >>> class Tower(Module):
        ...     def __init__(self):
        ...         self.floors = ModuleList(Linear(4, 4) for _ in range(3))
        ...
        ...     def forward(self, x):
        ...         for floor in self.floors:
        ...             x = floor(x)
        ...         return x
        >>> [name for name, _ in Tower().named_parameters()][:2]
        ['floors.0.weight', 'floors.0.bias']
    """

    _only_holds = True

    def __init__(self, modules: Iterable[Any] = ()) -> None:
        self._list = [_module("ModuleList", module) for module in modules]

    def append(self, module: Any) -> Self:
        """Add a module at the end; return this list."""
        self._list.append(_module("ModuleList", module))
        return self

    def extend(self, modules: Iterable[Any]) -> Self:
        """Add modules at the end; return this list."""
        self._list += [_module("ModuleList", module) for module in modules]
        return self

    def insert(self, index: int, module: Any) -> Self:
        """Put a module before the one at `index`; return this list."""
        self._list.insert(index, _module("ModuleList", module))
        return self

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """Yield the modules named "0", "1", ..., then what a subclass adds."""
        yield from ((str(i), module) for i, module in enumerate(self._list))
        yield from ((k, v) for k, v in super()._attributes() if k != "_list")

    def __len__(self) -> int:
        return len(self._list)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> ModuleList: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return ModuleList(self._list[index])
        return self._list[index]

    def __setitem__(self, index: int, module: Any) -> None:
        self._list[operator.index(index)] = _module("ModuleList", module)

    def __delitem__(self, index: int | slice) -> None:
        del self._list[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._list)


class ModuleDict(Module):
    """Modules by name, to be called by the module that holds it.

    A plain dict does the same here; this one is for who knows it from PyTorch.

    Args:
        modules: to start with.

    Example:
        >>> from pebblegrad.nn import Linear, ModuleDict
        >>> heads = ModuleDict({"digit": Linear(8, 10), "parity": Linear(8, 2)})
        >>> [name for name, _ in heads.named_parameters()]
        ['digit.weight', 'digit.bias', 'parity.weight', 'parity.bias']
    """

    _only_holds = True

    def __init__(self, modules: Mapping[str, Any] | None = None) -> None:
        self._dict: dict[str, Any] = {}
        self.update(modules or {})

    def update(self, modules: Mapping[str, Any]) -> None:
        """Add or replace modules."""
        checked = {
            _key(key): _module("ModuleDict", module) for key, module in modules.items()
        }
        self._dict.update(checked)

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._dict.keys()

    def values(self) -> Iterable[Any]:
        """Return the modules."""
        return self._dict.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return names and modules."""
        return self._dict.items()

    def pop(self, key: str) -> Any:
        """Take a module out and return it."""
        return self._dict.pop(key)

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """Yield the modules by their names, then what a subclass adds."""
        yield from self._dict.items()
        yield from ((k, v) for k, v in super()._attributes() if k != "_dict")

    def __len__(self) -> int:
        return len(self._dict)

    def __contains__(self, key: object) -> bool:
        return key in self._dict

    def __getitem__(self, key: str) -> Any:
        return self._dict[key]

    def __setitem__(self, key: str, module: Any) -> None:
        self.update({key: module})

    def __delitem__(self, key: str) -> None:
        del self._dict[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._dict)


def _module(who: str, module: Any) -> Module:
    if not isinstance(module, Module):
        raise TypeError(
            f"{who}: a {type(module).__name__} was given; a Module is needed"
        )
    return module


def _key(key: Any) -> str:
    if not isinstance(key, str) or not key or "." in key:
        raise ValueError(
            f"ModuleDict: the name {key!r} was given; a string without dots is needed, "
            "for dots part the names in a state"
        )
    return key
