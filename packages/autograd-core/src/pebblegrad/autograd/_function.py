"""`Function`: custom gradients in the form that PyTorch's users know.

`@op` is this library's own way, and the shorter one: a formula for each input, which
may be differentiated again, and is shown by `graph`. `Function` is here to bring code
along that was written for `torch.autograd.Function`.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

from ._modes import modes, no_grad
from ._op import Op
from ._tensor import Tensor, wrap


class Context:
    """What `forward` leaves for `backward`: attributes, and the saved Tensors.

    Attributes:
        needs_input_grad: for each argument of `forward`, whether its gradient is
            wanted.
    """

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._saved: tuple[Tensor | None, ...] = ()
        self._result: Any = None  # the array that `forward` returned
        self._out: Tensor | None = None  # that result in the graph, during `backward`

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep Tensors, inputs or the result, for `backward`."""
        self._saved = tensors

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """The Tensors that were saved, in that order."""
        if self._out is None:
            return self._saved
        out = self._out
        return tuple(
            out if t is not None and t._array is self._result else t
            for t in self._saved
        )


class Function:
    """A custom op written as two static methods, as `torch.autograd.Function` is.

    Subclass it, write `forward` and `backward`, and call `apply`.

    Example:
        >>> from pebblegrad.autograd import Function, Tensor
        >>> class Cube(Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x * x * x
        ...
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         (x,) = ctx.saved_tensors
        ...         return g * 3 * x * x
        >>> x = Tensor([2.0], requires_grad=True)
        >>> Cube.apply(x).backward()
        >>> x.grad
        Tensor([12.], dtype=float32)
    """

    _op: Op

    def __init_subclass__(cls) -> None:
        """Make the op that stands for the class in graphs."""

        def forward(xp, /, *arrays, _ctx, _saved):
            return _ctx._result

        def rule(g, out, _ctx):
            return cls._pull_back(g, out, _ctx)

        forward.__name__ = cls.__name__
        forward.__doc__ = cls.__doc__
        rule.shown_as = cls.backward  # type: ignore[attr-defined] # for `formula`
        cls._op = Op(forward)
        cls._op.backward("arrays", rule)

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Tensor:
        """Return the result; nothing that is done here is recorded.

        Args:
            ctx: to leave things for `backward`.
            *args: those of `apply`.
        """
        raise NotImplementedError("Function: forward is missing; write it too")

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        """Return the gradient of each argument of `forward`, None where there is none.

        Args:
            ctx: what `forward` was given.
            g: the gradient of the result, of its shape.
        """
        raise NotImplementedError(
            "Function: backward is missing; write it in the class"
        )

    @classmethod
    def apply(cls, *args: Any) -> Tensor:
        """Call the op.

        Args:
            *args: Tensors, and anything else that `forward` takes.

        Returns:
            The Tensor that `forward` returned, now part of the graph.

        Raises:
            TypeError: if `forward` returned no Tensor.
        """
        needs = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
        ctx = Context(needs)
        with no_grad():
            out = cls.forward(ctx, *args)
        if not isinstance(out, Tensor):
            raise TypeError(
                f"{cls.__name__}: forward returned a {type(out).__name__}; one Tensor "
                "is needed"
            )
        if not (modes.recording and any(needs)):
            return out.detach()
        if any(isinstance(a, Tensor) and a._array is out._array for a in args):
            out = out + 0  # an argument itself: the result is a value of its own
        ctx._result = out._array
        tracked = [a for a, need in zip(args, needs, strict=True) if need]
        # Where a write into them is noticed, see _writes.py: among the node's values.
        saved = [t._array for t in ctx._saved if t is not None]
        result: Tensor = cls._op(tracked, _ctx=ctx, _saved=saved)
        if not any(array is ctx._result for array in saved):
            ctx._result = None  # not kept alive for nothing
        return result

    @classmethod
    def _pull_back(cls, g: Any, out: Any, ctx: Context) -> list[Any]:
        """Call `backward`, on Tensors also where the engine runs on arrays."""
        if isinstance(g, Tensor):
            ctx._out = out
            try:
                results = cls.backward(ctx, g)
            finally:
                ctx._out = None
        else:
            with no_grad():
                results = cls.backward(ctx, wrap(g, None))
        results = results if isinstance(results, tuple | list) else (results,)
        if len(results) != len(ctx.needs_input_grad):
            raise TypeError(
                f"{cls.__name__}: backward returned {len(results)} gradients; forward "
                f"takes {len(ctx.needs_input_grad)} arguments, and each needs one, or "
                "None"
            )
        wanted = [r for r, w in zip(results, ctx.needs_input_grad, strict=True) if w]
        for result in wanted:
            if not isinstance(result, Tensor):
                raise TypeError(
                    f"{cls.__name__}: backward returned a {type(result).__name__} for "
                    "an argument that requires a gradient; a Tensor is needed"
                )
        return wanted if isinstance(g, Tensor) else [r._array for r in wanted]
