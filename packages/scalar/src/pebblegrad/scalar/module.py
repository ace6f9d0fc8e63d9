"""Module: what has parameters, finds them, and is called like a function.

The parameters of a model are the Tensors among its attributes, and those of the Modules
among its attributes, also inside of lists, tuples and dicts. They are looked for when
somebody asks, so there is nothing to register.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ._numbers import as_number, kind_of
from .tensor import Tensor


class Module:
    """Base of neurons, layers and models of your own.

    Each Tensor that you made and that is among the attributes is a parameter. Hence
    ``p.data -= lr * p.grad`` moves one; ``self.p -= ...`` puts a result in its place,
    and then it is none any more. To remember what came in, keep its numbers,
    ``self.last = [t.data for t in x]``; Tensors would count as parameters.

    Example:
        >>> from pebblegrad.scalar import Linear, Module, Relu
        >>> class Network(Module):
        ...     def __init__(self):
        ...         self.first = Linear(2, 3, activation=None, rng=0)
        ...         self.rest = [Relu(), Linear(3, 1, activation=None, rng=1)]
        ...
        ...     def forward(self, x):
        ...         x = self.first(x)
        ...         for layer in self.rest:
        ...             x = layer(x)
        ...         return x
        >>> network = Network()
        >>> network
        Network(
          (first): Linear(2, 3, activation=None)
          (rest.0): Relu()
          (rest.1): Linear(3, 1, activation=None)
        )
        >>> len(network.parameters())
        13
    """

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; to be written by each subclass."""
        raise NotImplementedError(
            f"{type(self).__name__}: it has no forward; write forward(self, x) in the "
            "class"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `forward`."""
        return self.forward(*args, **kwargs)

    def parameters(self) -> list[Tensor]:
        """Return all parameters, each once, in the order of the attributes.

        The result of an operation is none, nor a plain number in a formula.
        """
        return list(dict.fromkeys(p for _, p in self._named()))

    def zero_grad(self) -> None:
        """Set the gradient of each parameter to 0."""
        for p in self.parameters():
            p.grad = 0

    def state_dict(self) -> dict[str, float]:
        """Return the number of each parameter by its name, ready for `json.dump`.

        Example:
            >>> from pebblegrad.scalar import Linear
            >>> model = Linear(1, 1, rng=0)
            >>> list(model.state_dict())
            ['neurons.0.weights.0', 'neurons.0.bias']

        Raises:
            ValueError: if two parameters have the same name, as in
                ``{1: Tensor(0.0), "1": Tensor(0.0)}``.
        """
        return {name: p.data for name, p in self._by_name("state_dict").items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set each parameter to what `state_dict` returned; all of them or none.

        Args:
            state: a number for each name.

        Raises:
            TypeError: if it is no mapping, or something in it is not a number.
            ValueError: if a name is missing, or is not that of a parameter; or if a
                parameter has two names and these have two numbers.
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                f"load_state_dict: state is {state!r}, {kind_of(state)}; a dict was "
                "needed, as state_dict() returns it"
            )
        named = self._by_name("load_state_dict")
        missing, unknown = named.keys() - state.keys(), state.keys() - named.keys()
        if missing or unknown:
            raise ValueError(
                f"load_state_dict: missing are {sorted(missing)} and unknown "
                f"{sorted(unknown)}; the names of state_dict() were needed, of a model "
                "that is built alike"
            )
        numbers: dict[Tensor, float] = {}
        for name, p in named.items():
            number = as_number(state[name], "load_state_dict", name)
            before = numbers.setdefault(p, number)
            if before != number and not (math.isnan(before) and math.isnan(number)):
                other = next(n for n, found in named.items() if found is p)
                raise ValueError(
                    f"load_state_dict: {other} is {before} and {name} is {number}, "
                    "and in this model both are one parameter; the same number was "
                    "needed for both"
                )
        for p, number in numbers.items():
            p.data = number

    def _by_name(self, who: str) -> dict[str, Tensor]:
        """Return the parameters by name; one that is shared has several."""
        found: dict[str, Tensor] = {}
        for name, p in self._named():
            if found.setdefault(name, p) is not p:
                raise ValueError(
                    f"{who}: two parameters are called {name!r}; names of their own "
                    "were needed; have the keys of dicts be texts without dots"
                )
        return found

    def _named(self) -> Iterator[tuple[str, Tensor]]:
        """Find the parameters, each as often as there is a way to it."""
        for name, value in _inside("", vars(self), {id(self)}):
            if isinstance(value, Tensor) and _is_parameter(value):
                yield name, value

    def __repr__(self) -> str:
        name = type(self).__name__
        lines = []
        own = 0
        for path, value in _inside("", vars(self), {id(self)}, into_modules=False):
            if isinstance(value, Module):
                lines += f"({path}): {value!r}".split("\n")
            else:
                own += _is_parameter(value)
        if own:
            lines.insert(0, f"{own} parameter{'s' if own > 1 else ''} of its own")
        return "\n  ".join([f"{name}(", *lines]) + "\n)" if lines else f"{name}()"


def _is_parameter(value: Tensor) -> bool:
    """Tell what you made from results and from the plain numbers in formulas."""
    return not value._children and value._op != "constant"


def _inside(
    path: str, value: Any, seen: set[int], *, into_modules: bool = True
) -> Iterator[tuple[str, Tensor | Module]]:
    """Find the Tensors and Modules in nested containers, with the way to them."""
    if isinstance(value, Tensor):
        yield path, value
        return
    if id(value) in seen:  # a model may refer to itself, and share its parts
        return
    if isinstance(value, Module):
        yield path, value
        parts: Any = vars(value).items() if into_modules else ()
    elif isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    else:
        return
    seen.add(id(value))
    for name, part in parts:
        inner = f"{path}.{name}" if path else str(name)
        yield from _inside(inner, part, seen, into_modules=into_modules)
