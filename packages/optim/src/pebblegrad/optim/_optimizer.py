"""What all optimizers share: whose parameters they train, the loop, and the state.

An optimizer is a subclass that writes `update`: one parameter's step, in place on
arrays, in the symbols of the paper that it comes from.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor


class Optimizer:
    """Base of the optimizers: write `update`.

    Args:
        params: what to train: Tensors that require a gradient, a Module, a list of
            Modules (anything with `parameters()` counts as one), or groups: dicts with
            the key "params" and options of their own.
        **defaults: the options of `update`, for groups that do not set them.

    Attributes:
        groups: the groups, dicts of "params" and every option; options may be changed
            between steps.

    Raises:
        TypeError: if something in `params` cannot be trained.
        ValueError: if there is nothing to train, a parameter comes twice, or an option
            is not known or out of its range.
    """

    def __init__(self, params: Any, **defaults: Any) -> None:
        self.groups: list[dict[str, Any]] = []
        self._state: dict[int, dict[str, Any]] = {}  # by the parameter's place
        seen: set[int] = set()
        for group in self._grouped(params):
            own = {key: value for key, value in group.items() if key != "params"}
            options = {**defaults, **own}
            if unknown := options.keys() - defaults.keys():
                raise ValueError(
                    f"{self._name}: a group sets {', '.join(sorted(unknown))}; "
                    f"the options are {', '.join(defaults)}"
                )
            self.check(**options)
            tensors = self._tensors(group["params"])
            for tensor in tensors:
                if id(tensor) in seen:
                    raise ValueError(
                        f"{self._name}: the parameter of shape {tensor.shape} comes "
                        "twice; it would be updated twice: give each parameter once"
                    )
                seen.add(id(tensor))
            self.groups.append({"params": tensors, **options})
        if not seen:
            raise ValueError(
                f"{self._name}: there is no parameter to train; "
                "give Tensors that require a gradient, or a model that has some"
            )

    def check(self, *args: Any, **options: Any) -> None:
        """Raise unless the options are in range; called with each group's options."""

    def update(self, *args: Any, **options: Any) -> None:
        """Change one parameter in place: `update(param, grad, state, **options)`.

        Args:
            *args: the parameter's array, to be written into; its gradient's array, of
                the same shape, to be left as it is; its state, a dict that is empty at
                first and keeps the numbers and arrays that the next step needs.
            **options: of the parameter's group.
        """
        raise NotImplementedError(f"{self._name}: update is not written")

    def step(self) -> None:
        """Update every parameter that has a gradient; the others are left alone."""
        place = -1
        for group in self.groups:
            options = {k: v for k, v in group.items() if k != "params"}
            for param in group["params"]:
                place += 1
                if param.grad is not None:
                    state = self._state.setdefault(place, {})
                    data, grad = param.data, param.grad.data
                    if data.dtype != np.float16:
                        self.update(data, grad, state, **options)
                    else:  # in which 1e-8, and the square of most gradients, is 0
                        wide = data.astype(np.float32)
                        self.update(wide, grad.astype(np.float32), state, **options)
                        data[...] = wide

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None."""
        for group in self.groups:
            for param in group["params"]:
                param.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of all that the next step depends on, besides the parameters.

        Returns:
            "state": for each parameter with state, by its place, what `update`
            remembers; "groups": for each group its options and the places of its
            parameters.
        """
        places = iter(range(sum(len(group["params"]) for group in self.groups)))
        return {
            "state": {place: _copied(state) for place, state in self._state.items()},
            "groups": [
                {**group, "params": [next(places) for _ in group["params"]]}
                for group in self.groups
            ],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, for the same parameters in order.

        Args:
            state: as returned by `state_dict` of an optimizer of the same class.

        Raises:
            TypeError: if an option is not what it must be; nothing is changed then.
            ValueError: if the groups or the shapes are not those of this optimizer, or
                an option is out of its range; nothing is changed then.
        """
        if missing := {"state", "groups"} - state.keys():
            raise ValueError(
                f"{self._name}: the state lacks {' and '.join(sorted(missing))}; give "
                "what state_dict() returned"
            )
        tensors = [param for group in self.groups for param in group["params"]]
        here = [(len(group["params"]), group.keys()) for group in self.groups]
        given = [
            (len(group.get("params", ())), group.keys()) for group in state["groups"]
        ]
        if here != given:
            raise ValueError(
                f"{self._name}: the state has groups of {_sizes(given)} with options "
                f"{_options(given)}; here they are of {_sizes(here)} with "
                f"{_options(here)}"
            )
        for group in state["groups"]:
            self.check(**{k: v for k, v in group.items() if k != "params"})
        for place, entries in state["state"].items():
            if place not in range(len(tensors)):
                raise ValueError(
                    f"{self._name}: the state is of a parameter {place!r}; here the "
                    f"parameters are numbered from 0 to {len(tensors) - 1}"
                )
            for key, value in entries.items():
                if np.ndim(value) and np.shape(value) != tensors[place].shape:
                    raise ValueError(
                        f"{self._name}: {key} of parameter {place} has shape "
                        f"{np.shape(value)}; the parameter has {tensors[place].shape}"
                    )
        self._state = {
            place: _copied(entries) for place, entries in state["state"].items()
        }
        for group, loaded in zip(self.groups, state["groups"], strict=True):
            group.update({k: v for k, v in loaded.items() if k != "params"})

    def __repr__(self) -> str:
        options = {k: v for k, v in self.groups[0].items() if k != "params"}
        count = sum(len(group["params"]) for group in self.groups)
        listed = ", ".join(f"{key}={value}" for key, value in options.items())
        return f"{self._name}(<{count} parameters>, {listed})"

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _grouped(self, params: Any) -> list[Mapping[str, Any]]:
        """Return `params` as groups."""
        if callable(getattr(params, "parameters", None)):  # a Module may be iterable
            return [{"params": params}]
        if isinstance(params, Iterable) and not isinstance(params, Tensor | Mapping):
            params = list(params)
            groups = [entry for entry in params if isinstance(entry, Mapping)]
            if params and len(groups) == len(params):
                for group in groups:
                    if "params" not in group:
                        raise ValueError(
                            f"{self._name}: a group has the keys {list(group)}; "
                            'it needs "params"'
                        )
                return groups
            if groups:
                raise TypeError(
                    f"{self._name}: params mixes groups and parameters; "
                    'put the parameters into a group, {"params": [...]}'
                )
        return [{"params": params}]

    def _tensors(self, params: Any) -> list[Tensor]:
        """Return the Tensors of one group."""
        if callable(getattr(params, "parameters", None)):
            return self._tensors(list(params.parameters()))
        if isinstance(params, Tensor) or not isinstance(params, Iterable):
            raise TypeError(
                f"{self._name}: params is a {type(params).__name__}; "
                "a list of Tensors, a model or a list of models is needed"
            )
        tensors: list[Tensor] = []
        for i, entry in enumerate(params):
            if callable(getattr(entry, "parameters", None)):
                tensors += self._tensors(entry)
            elif not isinstance(entry, Tensor):
                raise TypeError(
                    f"{self._name}: parameter {i} is a {type(entry).__name__}; "
                    "a Tensor is needed"
                )
            elif not entry.is_leaf or not entry.requires_grad:
                what = (
                    "is the result of an op"
                    if entry.requires_grad
                    else "has no gradient"
                )
                raise ValueError(
                    f"{self._name}: parameter {i}, of shape {entry.shape}, {what}; "
                    "a Tensor made with requires_grad=True is needed"
                )
            else:
                tensors.append(entry)
        return tensors


def check_number(
    who: str, name: str, value: Any, low: float = 0.0, high: float = math.inf
) -> None:
    """Raise ValueError unless `low <= value < high`."""
    if isinstance(value, bool) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{who}: {name} is {value!r}; a number is needed")
    if not low <= value < high:
        limit = f" and below {high:g}" if high < math.inf else ", finite"
        raise ValueError(
            f"{who}: {name} is {value!r}; it must be at least {low:g}{limit}"
        )


def _copied(state: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.copy() if hasattr(v, "copy") else v for k, v in state.items()}


def _sizes(groups: list[tuple[int, Any]]) -> str:
    return ", ".join(str(count) for count, _ in groups) + " parameters"


def _options(groups: list[tuple[int, Any]]) -> str:
    return ", ".join(sorted({key for _, keys in groups for key in keys} - {"params"}))
