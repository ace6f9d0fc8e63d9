"""What a Tensor holds: an array, and a node of the graph if a gradient is wanted.

Here is how a Tensor is made, its gradient, and `backward`. `_tensor.py` adds the
operators and methods; `Op.call` in `_op.py` shows how an op records the graph,
`_engine.py` how the graph is walked backwards.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _engine, _tensor  # `_tensor`: its class is made from the one here
from ._modes import modes, recording
from ._namespace import NUMBERS, Array, cast, kind, namespace
from ._node import Node
from ._writes import hand_out

if TYPE_CHECKING:
    from ._tensor import Tensor


_adding = threading.Lock()  # so that threads lose no gradient of a leaf they share


class Value:
    """A `Tensor` without operators and methods; see there for the arguments."""

    __slots__ = ("__weakref__", "_array", "_label", "node")

    _array: Array
    node: Node | None  # None: no gradient is wanted
    _label: str | None

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        dtype: Any = None,
        label: str | None = None,
    ) -> None:
        if not isinstance(requires_grad, bool | np.bool):
            raise TypeError(
                f"Tensor: requires_grad is {requires_grad!r}; True or False is needed "
                "(the dtype is the third argument: dtype=...)"
            )
        self._array = _as_array(data, dtype)
        self.node = None
        self._label = label
        if requires_grad:
            self._array = self._xp.asarray(self._array, copy=True)
            self.requires_grad = True

    # What it holds

    @property
    def data(self) -> Array:
        """The array itself, to read, and to write updates and initial values into.

        Writing is not recorded. If a graph has kept the array, `backward` refuses it.
        """
        array = self._array
        hand_out(array, self.node is not None and self.node.op is not None)
        return array

    @data.setter
    def data(self, value: Any) -> None:
        is_plain = not isinstance(value, Value) and not hasattr(value, "dtype")
        array = _as_array(value, self.dtype if is_plain else None)
        if self.node is not None:
            same = (array.shape, array.dtype) == (self.shape, self.dtype)
            if self.node.op is not None and not same:
                raise ValueError(
                    f"data: this Tensor is the result of {self.node.op.__name__} and "
                    f"has shape {self.shape} and dtype {self.dtype}; an array of shape "
                    f"{array.shape} and dtype {array.dtype} cannot take its place"
                )
            if kind(array) != "f":
                raise TypeError(
                    f"data: this Tensor requires a gradient; an array of {array.dtype} "
                    "cannot be its data, a float array is needed"
                )
            if not same:
                self._replace_node(array)
        self._array = array

    def _replace_node(self, array: Array) -> None:
        """Make the node of a leaf anew: a graph with the old one keeps its shape."""
        old = self._tracked("data")
        self.node = Node(None, (), (), None, array.shape, array.dtype)
        self.node.label, self.node.hooks = old.label, old.hooks
        self.node.holder = weakref.ref(self)
        if old.grad is not None and array.shape == old.shape:
            self.node.grad = old.grad.astype(array.dtype)

    @property
    def label(self) -> str | None:
        """A name, for pictures and messages; may be set at any time."""
        return getattr(self, "_label", None) if self.node is None else self.node.label

    @label.setter
    def label(self, value: str | None) -> None:
        self._label = value
        if self.node is not None:
            self.node.label = value

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is wanted; may be set for a Tensor that no op made."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self.node is not None and self.node.op is not None:
            raise RuntimeError(
                f"requires_grad: this Tensor is the result of {self.node.op.__name__}; "
                "it can only be changed on Tensors that no op made; detach() gives "
                "such a one"
            )
        if not value:
            self.node = None
        elif self.node is None:
            if kind(self._array) != "f":
                raise TypeError(
                    f"Tensor: the data are {self.dtype} and cannot require a gradient; "
                    'floats are needed: give dtype="float32", or astype it'
                )
            self.node = Node(None, (), (), None, self._array.shape, self._array.dtype)
            self.node.label = getattr(self, "_label", None)
            self.node.holder = weakref.ref(self)

    @property
    def is_leaf(self) -> bool:
        """Whether no op made this Tensor, or none that a gradient could go through."""
        return self.node is None or self.node.op is None

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        shape: tuple[int, ...] = self._array.shape
        return shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._array.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        size: int = self._array.size
        return size

    @property
    def dtype(self) -> Any:
        """The dtype of the elements."""
        return self._array.dtype

    def item(self) -> float | int | bool:
        """Return the only element as a Python number.

        Raises:
            ValueError: if there is not exactly one element.
        """
        if self.size != 1:
            raise ValueError(
                f"item: this Tensor has shape {self.shape}; one element is needed"
            )
        if type(self._array) is np.ndarray:
            return self._array.item()  # type: ignore[no-any-return]
        only = self._xp.reshape(self._array, ())
        number: float | int | bool = (
            only.item() if hasattr(only, "item") else float(only)
        )
        return number

    def numpy(self) -> Array:
        """Return the array itself, not a copy, as `data` does."""
        return self.data

    def detach(self) -> Tensor:
        """Return a Tensor of the same array, outside the graph."""
        return _tensor.wrap(self._array, None)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        xp = self._xp
        return _leaf(*(
            xp.asarray(part, copy=True) if hasattr(part, "shape") else part
            for part in self._parts("deepcopy")
        ))  # fmt: skip

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how `pickle` makes it anew, in another process for example."""
        return _leaf, self._parts("pickle")

    def _parts(self, who: str) -> tuple[Any, ...]:
        """Return what a leaf is made of: array, whether tracked, label, gradient."""
        if self.node is not None and self.node.op is not None:
            raise RuntimeError(
                f"{who}: this Tensor is the result of {self.node.op.__name__}; only "
                "Tensors that no op made can be copied with their gradient; detach() "
                "it first"
            )
        gradient = None if self.grad is None else self.grad._array
        return self._array, self.requires_grad, self.label, gradient

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward()` added up here; None before the first one.

        May be set to a Tensor, an array, a number or None.
        """
        grad: Tensor | None = None if self.node is None else self.node.grad
        return grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is None and self.node is None:
            return
        node = self._tracked("grad")
        if value is None:
            node.grad = None
            return
        if isinstance(value, NUMBERS):  # the seeds write `p.grad = 0`
            value = self._xp.full_like(self._array, value)
        gradient = self._alike(value)
        if gradient.shape != self.shape:
            raise ValueError(
                f"grad: the gradient has shape {gradient.shape}; "
                f"this Tensor has shape {self.shape}, and the two must be equal"
            )
        node.grad = gradient.astype(self.dtype)

    def zero_grad(self) -> None:
        """Set the gradient to zeros."""
        self._tracked("zero_grad").grad = _tensor.wrap(
            self._xp.zeros_like(self._array), None
        )

    def retain_grad(self) -> None:
        """Keep the gradient of this Tensor too, though an op made it."""
        self._tracked("retain_grad").retains_grad = True

    def register_hook(
        self, hook: Callable[[Tensor], Tensor | None]
    ) -> Callable[[], None]:
        """Call `hook` with the gradient of this Tensor in each backward pass.

        It is called once a pass, when the gradient is complete and before it is used.

        Args:
            hook: takes the gradient; returns another one of the same shape to go on
                with, or None to leave it as it is. It must not write into it.

        Returns:
            A function that removes the hook.

        Example:
            >>> from pebblegrad.autograd import Tensor
            >>> x = Tensor([1.0, 2.0], requires_grad=True)
            >>> remove = x.register_hook(lambda g: g * 10)
            >>> (x * x).sum().backward()
            >>> x.grad
            Tensor([20., 40.], dtype=float32)
            >>> remove()
        """
        node = self._tracked("register_hook")
        entry = lambda g: hook(g)  # noqa: E731  a new object, so that one hook can be added twice
        node.hooks = (*node.hooks, entry)

        def remove() -> None:
            for holder in (node, self.node):  # new `data` may have given it another
                if holder is not None:
                    holder.hooks = tuple(h for h in holder.hooks if h is not entry)

        return remove

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool = False,
        create_graph: bool = False,
    ) -> None:
        """Add the gradient with respect to each leaf to that leaf's `.grad`.

        Args:
            gradient: shape of this Tensor: the gradient to start from, 1 if left out.
            retain_graph: keep the graph, so that another backward pass can use it.
            create_graph: record a graph of the backward pass, so that the gradients can
                be differentiated in turn. The graph is then kept too, and a leaf, its
                gradient and the graph hold each other: set `.grad` to None when done.

        Raises:
            RuntimeError: if there is no graph, or it was used and freed before, also by
                a pass that failed half way: compute it again, or use `retain_graph`.
            ValueError: if `gradient` is left out and this is not a single element, or
                if its shape is not this Tensor's.

        Example:
            >>> from pebblegrad.autograd import Tensor
            >>> x = Tensor([1.0, 2.0], requires_grad=True)
            >>> (x * x).backward(gradient=[1.0, 10.0])
            >>> x.grad
            Tensor([ 2., 40.], dtype=float32)
        """
        node = self._tracked("backward")
        start = self._start(gradient)
        results = _engine.gradients(
            node,
            start if create_graph else start._array,
            create_graph=create_graph,
            retain_graph=retain_graph or create_graph,
        )
        with _adding:
            for leaf, result in results.items():
                new = result if create_graph else _tensor.wrap(result, None)
                if leaf.grad is not None:
                    with recording(create_graph):
                        new = leaf.grad + new
                results[leaf] = new
            for leaf, new in results.items():  # when nothing can fail any more
                leaf.grad = new

    def _start(self, gradient: Any) -> Tensor:
        """Return the gradient that `backward` starts from."""
        if gradient is None:
            array = self._array
            if array.size != 1:
                raise ValueError(
                    f"backward: this Tensor has shape {self.shape}; a single element "
                    "is needed to start from: reduce it, by sum() or mean(), or give "
                    "backward(gradient=...)"
                )
            if type(array) is np.ndarray:
                one = np.empty(array.shape, array.dtype)
                one.fill(1)
                return _tensor.wrap(one, None)
            return _tensor.wrap(self._xp.ones_like(self._array), None)
        gradient = self._alike(gradient)
        if gradient.shape != self.shape:
            raise ValueError(
                f"backward: gradient has shape {gradient.shape}; "
                f"this Tensor has shape {self.shape}, and the two must be equal"
            )
        start: Tensor = gradient.astype(self.dtype)
        return start

    def _alike(self, value: Any) -> Tensor:
        """Return what may be a list or an array as a Tensor like this one."""
        if isinstance(value, _tensor.Tensor):
            return value
        if isinstance(self._array, np.ndarray):
            return _tensor.Tensor(value, dtype=self.dtype)
        return _tensor.wrap(self._xp.asarray(value, dtype=self.dtype), None)

    @property
    def _xp(self) -> Any:
        return namespace([self._array])

    def _tracked(self, who: str) -> Node:
        if self.node is None:
            raise RuntimeError(
                f"{who}: this Tensor requires no gradient; one that was made with "
                "requires_grad=True is needed, or one that was computed from such, "
                "outside of no_grad()"
            )
        return self.node


def _leaf(array: Array, requires_grad: bool, label: str | None, grad: Any) -> Tensor:
    """Return a Tensor that no op made."""
    made = _tensor.Tensor(array, requires_grad, label=label)
    if grad is not None:
        made.grad = _tensor.Tensor(grad)
    return made


def _as_array(data: Any, dtype: Any) -> Array:
    """Return the array for a Tensor of `data`; see there what becomes what."""
    if isinstance(data, Value):
        data = data._array
    if isinstance(data, np.ma.MaskedArray):
        raise TypeError("Tensor: the data are a masked array; give data.filled(...)")
    if isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data, dtype=dtype)
    elif hasattr(data, "__array_namespace__"):
        array = data if dtype is None else cast(data.__array_namespace__(), data, dtype)
    else:
        try:
            array = np.asarray(data)
        except ValueError as error:
            raise ValueError(
                f"Tensor: the nested list is not rectangular ({error})"
            ) from None
        if dtype is None and array.dtype.kind in "iuf":
            dtype = modes.default_dtype
        if array.dtype.kind in "iufb":
            array = array.astype(dtype or array.dtype, copy=False)
    if kind(array) not in "iufb":
        raise TypeError(
            f"Tensor: the data are {type(data).__name__} of dtype {array.dtype}; real "
            "numbers are needed (no complex numbers, strings or objects)"
        )
    return array
