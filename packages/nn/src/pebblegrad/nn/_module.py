"""Module: what has parameters, finds them, and is called like a function.

Parameters are found by walking `vars(self)` through lists, tuples and dicts: there is
nothing to register and no `super().__init__()` to forget. A parameter is a Tensor that
requires a gradient, a buffer is one that does not; the result of an op, kept by chance,
is neither. Names are the attributes' names
joined by dots, `encoder.layers.0.weight`, as in PyTorch.
"""

import reprlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

import numpy as np

from pebblegrad.autograd import Tensor

Self = TypeVar("Self", bound="Module")


class Module:
    """Base of layers and models: keeps Tensors and Modules, has a `forward`.

    Attributes:
        training: whether `forward` runs in training; see `train` and `eval`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> class Scale(Module):
        ...     def __init__(self, factor):
        ...         self.factor = Tensor(factor, requires_grad=True)
        ...
        ...     def forward(self, x):
        ...         return x * self.factor
        >>> scale = Scale([2.0, 3.0])
        >>> scale(Tensor([1.0, 1.0])).data
        array([2., 3.], dtype=float32)
        >>> [name for name, _ in scale.named_parameters()]
        ['factor']
    """

    training = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; to be written by each subclass."""
        raise NotImplementedError(
            f"{type(self).__name__}: it has no forward; write forward(self, x) in the "
            "class"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.forward(*args, **kwargs)
        except (ValueError, TypeError, IndexError) as error:
            self._locate(error)

    # What it is made of

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of each attribute, in their order."""
        yield from vars(self).items()

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        """Yield name and module: this one, named `prefix`, and each one inside it.

        A module that is found twice is yielded once, under its first name.
        """
        for name, value in _walk(self, prefix, set()):
            if isinstance(value, Module):
                yield name, value

    def modules(self) -> Iterator["Module"]:
        """Yield this module and each one inside it."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield name and Tensor of each parameter; a shared one by its first name."""
        return ((name, t) for name, t in self._named_tensors() if t.requires_grad)

    def parameters(self) -> list[Tensor]:
        """Return the parameters, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """Yield name and Tensor of what is kept but not trained."""
        return ((name, t) for name, t in self._named_tensors() if not t.requires_grad)

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, value in _walk(self, "", set()):
            if isinstance(value, Tensor) and value.is_leaf:
                yield name, value

    def _by_name(self) -> dict[str, Tensor]:
        """Return the parameters and buffers by name, once each has one of its own."""
        named: dict[str, Tensor] = {}
        for name, tensor in self._named_tensors():
            if name in named:
                raise ValueError(
                    f"{type(self).__name__}: two Tensors have the name {name}; rename "
                    "an attribute or a key of a dict, so that the state can hold both"
                )
            named[name] = tensor
        return named

    # Its state

    def train(self: Self, mode: bool = True) -> Self:
        """Set `training` to `mode` here and in every module inside."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: Self) -> Self:
        """Set `training` to False here and in every module inside."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the gradient of each parameter to None."""
        for parameter in self.parameters():
            parameter.grad = None

    def to(self: Self, dtype: Any) -> Self:
        """Change the dtype of parameters and buffers that are floats.

        Args:
            dtype: a float dtype, such as "float64".

        Raises:
            TypeError: if it is not a float dtype.
        """
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise TypeError(f"to: dtype is {dtype}; a float dtype is needed")
        for _, tensor in self._named_tensors():
            if tensor.dtype.kind == "f":
                grad, tensor.grad = tensor.grad, None
                tensor.data = tensor.data.astype(dtype)
                if grad is not None:
                    tensor.grad = grad.astype(dtype)
        return self

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return a copy of every parameter and buffer, by name."""
        return {name: tensor.data.copy() for name, tensor in self._by_name().items()}

    def load_state_dict(self, state: Mapping[str, Any], *, strict: bool = True) -> None:
        """Copy values into the parameters and buffers of the same names.

        All names and shapes are checked before anything is changed.

        Args:
            state: arrays or Tensors by name; they are cast to the dtypes of this
                module.
            strict: whether names that are missing or not known here are an error. Wrong
                shapes always are.

        Raises:
            ValueError: lists every name that is missing, not known, of another shape or
                not made of real numbers.
        """
        own = self._by_name()
        given = {
            name: value.data if isinstance(value, Tensor) else np.asarray(value)
            for name, value in state.items()
        }
        problems = []
        if strict:
            problems += [f"{name} is missing" for name in own if name not in given]
            problems += [
                f"{name} is not known here" for name in given if name not in own
            ]
        problems += [
            f"{name} has shape {given[name].shape}, here {tensor.shape}"
            for name, tensor in own.items()
            if name in given and given[name].shape != tensor.shape
        ]
        problems += [
            f"{name} holds {array.dtype}, not real numbers"
            for name, array in given.items()
            if name in own and array.dtype.kind not in "iufb"
        ]
        if problems:
            raise ValueError(
                f"load_state_dict: the state does not fit {type(self).__name__}: "
                f"{'; '.join(problems)}; nothing was loaded"
            )
        for name, tensor in own.items():
            if name in given:
                tensor.data[...] = given[name]

    # Text

    def extra_repr(self) -> str:
        """Return what stands between the parentheses of `repr`; override it."""
        return ""

    @reprlib.recursive_repr()  # a module may know the one that it is in
    def __repr__(self) -> str:
        inside = [
            f"({name}): {value!r}".replace("\n", "\n  ")
            for name, value in _flat(self.named_children(), "")
            if isinstance(value, Module)
        ]
        if not inside:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = "".join(f"\n  {line}" for line in [self.extra_repr(), *inside] if line)
        return f"{type(self).__name__}({lines}\n)"

    def _locate(self, error: Exception) -> NoReturn:
        """Raise the error again with the path of the layer that it comes from in front.

        Each module on the way out puts its own step before the path: the innermost one
        knows only its class, the outermost one the whole way.
        """
        where = getattr(error, "_pebblegrad_layer", None)
        if where is None:
            inner, path, text = self, "", str(error)
        else:
            child, inner, path, text = where
            step = next((n for n, v in _steps(self) if v is child), None)
            if step is None:
                raise error
            path = step + path
        error._pebblegrad_layer = (self, inner, path, text)  # type: ignore[attr-defined]
        name = type(inner).__name__
        error.args = (f"model{path} ({name}): {text}" if path else f"{name}: {text}",)
        raise error


def _walk(module: Module, prefix: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each module and Tensor, each once, depth first."""
    if id(module) in seen:
        return
    seen.add(id(module))
    yield prefix, module
    for name, value in _flat(module.named_children(), prefix):
        if isinstance(value, Module):
            yield from _walk(value, name, seen)
        elif id(value) not in seen:
            seen.add(id(value))
            yield name, value


def _flat(items: Iterable[tuple[Any, Any]], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield the Tensors and Modules among the values, lists and dicts opened."""
    for key, value in items:
        name = f"{prefix}.{key}" if prefix else f"{key}"
        if isinstance(value, Tensor | Module):
            yield name, value
        elif isinstance(value, list | tuple):
            yield from _flat(enumerate(value), name)
        elif isinstance(value, dict):
            yield from _flat(value.items(), name)


def _steps(module: Module) -> Iterator[tuple[str, Any]]:
    """Yield how each module directly inside is reached: `.encoder`, `.layers[2]`."""
    stack: list[tuple[str, Any]] = [(f".{k}", v) for k, v in vars(module).items()]
    while stack:
        path, value = stack.pop()
        if isinstance(value, Module):
            yield path, value
        elif isinstance(value, list | tuple):
            stack += [(f"{path}[{i}]", v) for i, v in enumerate(value)]
        elif isinstance(value, dict):
            stack += [(f"{path}[{k!r}]", v) for k, v in value.items()]
