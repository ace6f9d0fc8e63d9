"""Module: what has parameters, finds them, and is called like a function.

Parameters are found by walking `vars(self)` through lists, tuples and dicts (see
`_tree.py`): there is nothing to register and no `super().__init__()` to forget. A
parameter is a Tensor that requires a gradient, a buffer is one that does not; the
result of an op, kept by chance, is neither. Names are the attributes' names joined by
dots, `encoder.layers.0.weight`, as in PyTorch.
"""

import inspect
import reprlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, Self

import numpy as np

from pebblegrad.autograd import Tensor

from . import _state
from ._summary import Summary, summarize
from ._tree import Tree, each_name, each_once, inside, steps

Hook = Callable[..., Any]


class Module(Tree):
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
    # Empty for all until something is added, for there need be no `super().__init__()`.
    _pre_hooks: tuple[Hook, ...] = ()
    _hooks: tuple[Hook, ...] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; to be written by each subclass."""
        raise NotImplementedError(
            f"{type(self).__name__}: it has no forward; write forward(self, x) in the "
            "class"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if kwargs or self._pre_hooks or self._hooks:
                return self._call_in_full(args, kwargs)
            return self.forward(*args)  # without names it takes less time
        except (ValueError, TypeError, IndexError) as error:
            self._locate(error)

    def _call_in_full(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self._pre_hooks and not self._hooks:
            return self.forward(*args, **kwargs)
        if kwargs:  # hooks shall see what was given by name too
            bound = inspect.signature(self.forward).bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        for hook in self._pre_hooks:
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        out = self.forward(*args, **kwargs)
        for hook in self._hooks:
            changed = hook(self, args, out)
            out = out if changed is None else changed
        return out

    # What it is made of

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """Yield name and module of each module directly inside, each once."""
        seen: set[int] = set()
        for name, value in inside(self._attributes(), ""):
            if isinstance(value, Module) and id(value) not in seen:
                seen.add(id(value))
                yield name, value

    def children(self) -> Iterator["Module"]:
        """Yield each module directly inside."""
        return (module for _, module in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        """Yield name and module: this one, named `prefix`, and each one inside it.

        A module that is found twice is yielded once, under its first name.
        """
        for name, value in each_once(self, prefix):
            if isinstance(value, Module):
                yield name, value

    def modules(self) -> Iterator["Module"]:
        """Yield this module and each one inside it."""
        return (module for _, module in self.named_modules())

    def apply(self, function: Callable[["Module"], Any]) -> Self:
        """Call a function with every module inside, and with this one at last.

        Args:
            function: takes a module; what it returns is ignored.

        Returns:
            This module.

        Example:
            >>> from pebblegrad.nn import Linear, Sequential, init
            >>> def start_biases_at_zero(module):
            ...     if isinstance(module, Linear):
            ...         init.zeros_(module.bias)
            >>> model = Sequential(Linear(2, 3), Linear(3, 1)).apply(
            ...     start_biases_at_zero
            ... )
            >>> model[0].bias.data
            array([0., 0., 0.], dtype=float32)
        """
        for module in reversed(list(self.modules())):
            function(module)
        return self

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield name and Tensor of each parameter; a shared one by its first name."""
        return ((name, t) for name, t in self._named_tensors() if t.requires_grad)

    def parameters(self) -> list[Tensor]:
        """Return the parameters, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """Yield name and Tensor of what is kept but not trained."""
        return ((name, t) for name, t in self._named_tensors() if not t.requires_grad)

    def buffers(self) -> Iterator[Tensor]:
        """Yield the Tensors that are kept but not trained."""
        return (buffer for _, buffer in self.named_buffers())

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, value in each_once(self):
            if isinstance(value, Tensor) and value.is_leaf:
                yield name, value

    def _by_name(self) -> dict[str, Tensor]:
        """Return the parameters and buffers by name; what is shared has several."""
        named: dict[str, Tensor] = {}
        for name, value in each_name(self):
            if not isinstance(value, Tensor) or not value.is_leaf:
                continue
            if named.setdefault(name, value) is not value:
                raise ValueError(
                    f"{type(self).__name__}: two Tensors have the name {name}; rename "
                    "an attribute or a key of a dict, so that the state can hold both"
                )
        return named

    # Its state

    def train(self, mode: bool = True) -> Self:
        """Set `training` to `mode` here and in every module inside."""
        if not isinstance(mode, bool):
            raise TypeError(f"train: mode is {mode!r}; True or False is needed")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set `training` to False here and in every module inside."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze the parameters here and inside, or thaw those that were frozen.

        A frozen parameter is no longer among `parameters()`, keeps its place in the
        state, and takes no gradient. Thawed is what this method froze: a Tensor whose
        `requires_grad` was set to False by hand counts as a buffer, and stays one.

        Example:
            >>> from pebblegrad.nn import Linear, Sequential
            >>> model = Sequential(Linear(2, 3), Linear(3, 1))
            >>> _ = model[0].requires_grad_(False)
            >>> [name for name, _ in model.named_parameters()]
            ['1.weight', '1.bias']
            >>> len(model.requires_grad_().parameters())
            4
        """
        owned = [(module, module._own_tensors()) for module in self.modules()]
        if requires_grad:
            for module, tensors in owned:
                for tensor in tensors:
                    if any(tensor is frozen for frozen in module._frozen):
                        tensor.requires_grad = True
                module._frozen = ()
            return self
        trained = {id(t) for _, tensors in owned for t in tensors if t.requires_grad}
        for module, tensors in owned:
            module._frozen += tuple(t for t in tensors if id(t) in trained)
            for tensor in tensors:
                tensor.requires_grad = False
        return self

    def _own_tensors(self) -> list[Tensor]:
        """Return the parameters and buffers that are not those of a module inside."""
        values = [value for _, value in inside(self._attributes(), "")]
        return [v for v in values if isinstance(v, Tensor) and v.is_leaf]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradient of each parameter to None, or to zeros."""
        for parameter in self.parameters():
            parameter.grad = None if set_to_none else 0.0

    def to(self, dtype: Any) -> Self:
        """Change the dtype of parameters and buffers that are floats.

        Args:
            dtype: a float dtype, such as "float64".

        Raises:
            TypeError: if it is not a float dtype.
        """
        dtype = _float_dtype(dtype)
        for _, tensor in self._named_tensors():
            if tensor.dtype.kind == "f":
                grad, tensor.grad = tensor.grad, None
                tensor.data = tensor.data.astype(dtype)
                if grad is not None:
                    tensor.grad = grad.astype(dtype)
        return self

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return a copy of every parameter and buffer, by name.

        What is shared stands under each of its names, as in PyTorch.
        """
        return {name: tensor.data.copy() for name, tensor in self._by_name().items()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Copy values into the parameters and buffers of the same names.

        Everything is checked before anything is changed.

        Args:
            state: arrays or Tensors by name; they are cast to the dtypes of this
                module.
            strict: whether names that are missing or not known here are an error. Wrong
                shapes always are. A shared Tensor is missing only if it stands under
                none of its names.

        Raises:
            ValueError: lists every name that is missing, not known, of another shape,
                or whose values do not fit.
        """
        own = self._by_name()
        given = {
            name: np.array(value.data if isinstance(value, Tensor) else value)
            for name, value in state.items()  # copies: it may hold our own arrays
        }
        problems = _state.problems(own, given, strict)
        if problems:
            raise ValueError(
                f"load_state_dict: the state does not fit {type(self).__name__}: "
                f"{'; '.join(problems)}; nothing was loaded"
            )
        for name, tensor in own.items():
            if name in given:
                tensor.data[...] = given[name]

    # Looking at it while it runs

    def register_forward_pre_hook(self, hook: Hook) -> Callable[[], None]:
        """Call `hook(module, args)` before each call of this module.

        Args:
            hook: may return other arguments, a tuple or a single one, or None.

        Returns:
            A function that removes the hook.
        """
        entry = lambda *seen: hook(*seen)  # noqa: E731  a new object, to be added twice
        self._pre_hooks = (*self._pre_hooks, entry)

        def remove() -> None:
            self._pre_hooks = tuple(h for h in self._pre_hooks if h is not entry)

        return remove

    def register_forward_hook(self, hook: Hook) -> Callable[[], None]:
        """Call `hook(module, args, output)` after each call of this module.

        For gradients use `Tensor.register_hook` on what the hook is given.

        Args:
            hook: may return another output, or None.

        Returns:
            A function that removes the hook.

        Example:
            >>> from pebblegrad.autograd import Tensor
            >>> from pebblegrad.nn import Linear
            >>> layer = Linear(2, 3)
            >>> remove = layer.register_forward_hook(
            ...     lambda m, args, out: print(out.shape)
            ... )
            >>> _ = layer(Tensor([[1.0, 2.0]]))
            (1, 3)
            >>> remove()
        """
        entry = lambda *seen: hook(*seen)  # noqa: E731  a new object, to be added twice
        self._hooks = (*self._hooks, entry)

        def remove() -> None:
            self._hooks = tuple(h for h in self._hooks if h is not entry)

        return remove

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return how many multiplications with an addition one call takes.

        For `summary`: a layer with weights says it; 0 stands for "not worth counting".

        Args:
            inputs: what the module was called with.
            output: what it returned.
        """
        return 0

    def summary(self, input_shape: Any, *, dtype: Any = None) -> Summary:
        """Call the module on zeros and return a table of what every layer does.

        The module is in evaluation for that, and left as it was.

        Args:
            input_shape: of the input, with the axis of the batch; or a list of shapes,
                if `forward` takes several.
            dtype: of the input: float32, or of the first parameter; "int64" for
                indices.

        Returns:
            A `Summary`, to print or to read: rows, parameters, bytes, multiply-adds.

        Raises:
            ValueError: if the module cannot be called with such an input.

        Example:
            >>> from pebblegrad.nn import Linear, ReLU, Sequential
            >>> model = Sequential(Linear(784, 128), ReLU(), Linear(128, 10))
            >>> print(model.summary((64, 784)))
            layer        output shape  parameters  multiply-adds
            -----------  ------------  ----------  -------------
            Sequential   (64, 10)
              0: Linear  (64, 128)        100,480      6,422,528
              1: ReLU    (64, 128)
              2: Linear  (64, 10)           1,290         81,920
            -----------  ------------  ----------  -------------
            101,770 parameters to train (397.5 KiB), 6,504,448 multiply-adds
        """
        return summarize(self, input_shape, dtype)

    # Text

    def extra_repr(self) -> str:
        """Return what stands between the parentheses of `repr`; override it."""
        return ""

    @reprlib.recursive_repr()  # a module may know the one that it is in
    def __repr__(self) -> str:
        made_of = [
            f"({name}): {_text(value)}".replace("\n", "\n  ")
            for name, value in self._shown()
        ]
        if not made_of:
            return f"{type(self).__name__}({self.extra_repr()})"
        lines = [line for line in [self.extra_repr(), *made_of] if line]
        return f"{type(self).__name__}({''.join(f'{chr(10)}  {x}' for x in lines)}\n)"

    def _shown(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of what `repr` shows inside."""
        for name, value in inside(self._attributes(), ""):
            if isinstance(value, Module):
                yield name, value

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
            step = next((n for n, v in steps(self) if v is child), None)
            if step is None:
                raise error
            path = step + path
        error._pebblegrad_layer = (self, inner, path, text)  # type: ignore[attr-defined]
        name = type(inner).__name__
        error.args = (f"model{path} ({name}): {text}" if path else f"{name}: {text}",)
        raise error


def _text(value: Any) -> str:
    """Return what stands for a module, or for a function among the layers."""
    if isinstance(value, Module):
        return repr(value)
    return str(getattr(value, "__name__", repr(value)))


def _float_dtype(dtype: Any) -> np.dtype[Any]:
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if dtype is None or found.kind != "f":
        raise TypeError(
            f'to: dtype is {dtype!r}; a float dtype is needed, such as "float64"'
        )
    return found
