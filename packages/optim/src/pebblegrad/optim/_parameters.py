"""What may be given as `params`: Tensors, a Module, several Modules, or groups."""

from collections.abc import Iterable, Mapping
from typing import Any

from pebblegrad.autograd import Tensor


def grouped(who: str, params: Any) -> list[Mapping[str, Any]]:
    """Return `params` as groups, dicts with the key "params".

    Raises:
        TypeError: if groups and parameters are mixed.
        ValueError: if a group has no "params".
    """
    if callable(getattr(params, "parameters", None)):  # a Module may be iterable
        return [{"params": params}]
    if isinstance(params, Mapping):
        params = [params]
    if isinstance(params, Iterable) and not isinstance(params, Tensor):
        params = list(params)
        groups = [entry for entry in params if isinstance(entry, Mapping)]
        if params and len(groups) == len(params):
            for group in groups:
                if "params" not in group:
                    raise ValueError(
                        f"{who}: a group has the keys {list(group)}; it needs "
                        '"params", a list of Tensors; of a dict of parameters give '
                        "its values()"
                    )
            return groups
        if groups:
            raise TypeError(
                f"{who}: params mixes groups and parameters; put the parameters into "
                'a group, {"params": [...]}'
            )
    return [{"params": params}]


def tensors(who: str, params: Any, *, to_train: bool = True) -> list[Tensor]:
    """Return the Tensors of a Module, of several, or of a list.

    Args:
        who: begins the message of an error.
        params: a Module, or an iterable of Modules and Tensors.
        to_train: whether each must be one that requires a gradient.

    Raises:
        TypeError: if something else is there.
        ValueError: if a Tensor cannot be trained.
    """
    if callable(getattr(params, "parameters", None)):
        params = list(params.parameters())
    if isinstance(params, Tensor) or not isinstance(params, Iterable):
        raise TypeError(
            f"{who}: params is a {type(params).__name__}; "
            "a list of Tensors, a model or a list of models is needed"
        )
    found: list[Tensor] = []
    for i, entry in enumerate(params):
        if callable(getattr(entry, "parameters", None)):
            found += tensors(who, entry, to_train=to_train)
        elif not isinstance(entry, Tensor):
            raise TypeError(
                f"{who}: parameter {i} is a {type(entry).__name__}; a Tensor is needed"
            )
        elif to_train and not (entry.is_leaf and entry.requires_grad):
            what = (
                "is the result of an op" if entry.requires_grad else "has no gradient"
            )
            raise ValueError(
                f"{who}: parameter {i}, of shape {entry.shape}, {what}; "
                "a Tensor made with requires_grad=True is needed"
            )
        else:
            found.append(entry)
    return found
