"""What is asked of a model, without knowing its class.

A model is something that can be called. If it also lists its parameters it is a module:
it gets Tensors, of the dtype of its parameters, and is in evaluation meanwhile, so that
dropout is off and no running mean moves. Nothing here records a graph.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, no_grad
from pebblegrad.viz._arrays import Array


def check_callable(model: object, who: str, name: str = "model") -> None:
    """Check that something can be called.

    Raises:
        TypeError: if it cannot.
    """
    if not callable(model):
        raise TypeError(
            f"{who}: {name} is of type {type(model).__name__}, which cannot be called; "
            "a Module or a function was needed"
        )


def named_parameters(model: Any, who: str) -> list[tuple[str, Any]]:
    """Return the parameters of a model with their names.

    Args:
        model: a module; or ``{name: Tensor or array}``; or a list of Tensors, such as
            `parameters()` returns, which are then called by their labels or numbers.
        who: how an error message begins.

    Raises:
        TypeError: if it is nothing of that.
        ValueError: if there is no parameter.
    """
    listed: Iterable[tuple[Any, Any]]
    if callable(getattr(model, "named_parameters", None)):
        listed = model.named_parameters()
    elif isinstance(model, Mapping):
        listed = model.items()
    else:
        if callable(getattr(model, "parameters", None)):
            model = model.parameters()
        if not isinstance(model, Iterable) or isinstance(model, str | bytes):
            raise TypeError(
                f"{who}: model is of type {type(model).__name__}; a Module, a dict of "
                "names and Tensors, or a list of Tensors was needed"
            )
        listed = [
            (getattr(part, "label", None) or f"parameter {i}", part)
            for i, part in enumerate(model)
        ]
    found = [(str(name), parameter) for name, parameter in listed]
    if not found:
        raise ValueError(
            f"{who}: model has no parameters; a model with at least one Tensor that "
            "requires a gradient was needed"
        )
    return found


@contextlib.contextmanager
def evaluation(model: Any) -> Iterator[None]:
    """Put a module into evaluation without recording; leave it as it was.

    Of a method (``model.predict``) its object is meant. What is no module is only kept
    from recording.
    """
    owner = _owner(model)
    modules: list[Any] = []
    if _has(owner, "modules") and _has(owner, "eval"):
        modules = list(owner.modules())
    # Each by itself: a part may have been frozen in evaluation on purpose.
    before = [(module, module.training) for module in modules]
    try:
        if modules:
            owner.eval()
        with no_grad():
            yield
    finally:
        for module, training in before:
            module.training = training


def input_for(model: Any, who: str) -> Callable[[Array], Any]:
    """Return what turns an array into that which the model is called with.

    Raises:
        TypeError: if it is a module of another framework.
    """
    owner = _owner(model)
    if not (_has(owner, "parameters") and _has(owner, "modules")):
        return lambda array: array
    parameters = list(owner.parameters())
    foreign = [p for p in parameters if not isinstance(p, Tensor)]
    if foreign:
        kind = type(foreign[0])
        raise TypeError(
            f"{who}: the parameters of the {type(owner).__name__} are of type "
            f"{kind.__module__}.{kind.__name__}; a Module of pebblegrad was needed, or "
            "a function that takes and returns arrays"
        )
    dtypes = [np.dtype(parameter.dtype) for parameter in parameters]
    floats = [dtype for dtype in dtypes if dtype.kind == "f"]
    dtype = floats[0] if floats else np.dtype(np.float32)
    return lambda array: Tensor(array.astype(dtype))


def _owner(model: Any) -> Any:
    return getattr(model, "__self__", model)


def _has(thing: object, method: str) -> bool:
    return callable(getattr(thing, method, None))
