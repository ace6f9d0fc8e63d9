"""A table of the layers that a call goes through, in the order of the calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.autograd import Tensor, get_default_dtype, no_grad

if TYPE_CHECKING:
    from ._module import Module


@dataclass(frozen=True)
class Row:
    """One call of one module.

    Attributes:
        name: where it is in the model, `encoder.0`; "" for the model itself.
        depth: how many calls are open around it.
        kind: its class.
        output_shape: of what it returned; a tuple of shapes if that was several.
        parameters: numbers in its own parameters, not in those of modules inside; 0 in
            a second call.
        multiply_adds: as its `multiply_adds` says.
    """

    name: str
    depth: int
    kind: str
    output_shape: Any
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Summary:
    """What `Module.summary` returns; `print` shows the table.

    Attributes:
        rows: of the calls, in their order.
        parameters: how many numbers are trained.
        frozen: how many numbers in Tensors are not.
        bytes: memory of both.
        multiply_adds: of all calls together.
        not_called: names of the modules inside that were not called.
    """

    rows: tuple[Row, ...]
    parameters: int
    frozen: int
    bytes: int
    multiply_adds: int
    not_called: tuple[str, ...]

    def __str__(self) -> str:
        table = [["layer", "output shape", "parameters", "multiply-adds"]]
        for row in self.rows:
            step = row.name.rpartition(".")[2] if row.depth else ""
            name = "  " * row.depth + (f"{step}: {row.kind}" if step else row.kind)
            counts = [
                f"{n:,}" if n else "" for n in (row.parameters, row.multiply_adds)
            ]
            table.append([name, _shape_text(row.output_shape), *counts])
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        rule = "  ".join("-" * width for width in widths)
        lines = [
            "  ".join(
                cell.ljust(width) if i < 2 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in table
        ]
        return "\n".join([lines[0], rule, *lines[1:], rule, *self._totals()])

    def _totals(self) -> list[str]:
        frozen = f", {self.frozen:,} not trained" if self.frozen else ""
        lines = [
            f"{self.parameters:,} parameters to train{frozen} ({_size(self.bytes)}), "
            f"{self.multiply_adds:,} multiply-adds"
        ]
        if self.not_called:
            lines.append(f"not called: {', '.join(self.not_called)}")
        return lines

    __repr__ = __str__


def summarize(model: Module, input_shape: Any, dtype: Any) -> Summary:
    """Call a model on zeros and write down every call; see `Module.summary`."""
    if dtype is None:
        own = [t.dtype for t in model.parameters()]
        dtype = own[0] if own else get_default_dtype()
    inputs = [Tensor(np.zeros(shape, dtype)) for shape in _shapes(input_shape)]
    modules = dict(model.named_modules())
    names = {id(module): name for name, module in modules.items()}
    rows: list[Row | None] = []
    open_calls: list[int] = []
    counted: set[int] = set()

    def before(module: Module, args: Any) -> None:
        open_calls.append(len(rows))
        rows.append(None)

    def after(module: Module, args: Any, output: Any) -> None:
        place = open_calls.pop()
        own = [t for t in _own(module) if t.requires_grad and id(t) not in counted]
        counted.update(map(id, own))
        rows[place] = Row(
            names[id(module)],
            len(open_calls),
            type(module).__name__,
            _shape(output),
            sum(t.size for t in own),
            module.multiply_adds(args, output),
        )

    was_training = {name: module.training for name, module in modules.items()}
    removers = []
    try:
        for module in modules.values():
            removers.append(module.register_forward_pre_hook(before))
            removers.append(module.register_forward_hook(after))
        with no_grad():
            model.eval()(*inputs)
    finally:
        for remove in removers:
            remove()
        for name, module in modules.items():
            module.training = was_training[name]
    done = [row for row in rows if row is not None]
    called = {row.name for row in done}
    tensors = list({id(t): t for t in [*model.parameters(), *model.buffers()]}.values())
    return Summary(
        tuple(done),
        sum(t.size for t in tensors if t.requires_grad),
        sum(t.size for t in tensors if not t.requires_grad),
        sum(t.data.nbytes for t in tensors),
        sum(row.multiply_adds for row in done),
        tuple(
            name
            for name, module in modules.items()
            if name not in called and not module._only_holds
        ),
    )


def _shapes(input_shape: Any) -> list[tuple[int, ...]]:
    """Return the shapes of the inputs, of which there may be several."""
    several = isinstance(input_shape, list)
    shapes = []
    for shape in input_shape if several else [input_shape]:
        sizes = (shape,) if isinstance(shape, int) else shape
        if not isinstance(sizes, tuple) or not all(
            isinstance(size, int | np.integer) and size >= 0 for size in sizes
        ):
            raise ValueError(
                f"summary: input_shape is {input_shape!r}; a tuple of sizes is needed, "
                "that of the batch first, or a list of such for several inputs"
            )
        shapes.append(sizes)
    return shapes


def _own(module: Module) -> list[Tensor]:
    """Return the Tensors of a module that are not in a module inside."""
    inner = {id(t) for child in module.children() for t in child.parameters()}
    return [t for t in module.parameters() if id(t) not in inner]


def _shape(output: Any) -> Any:
    if isinstance(output, tuple | list):
        return tuple(_shape(part) for part in output)
    return tuple(getattr(output, "shape", ()))


def _shape_text(shape: Any) -> str:
    if shape and isinstance(shape[0], tuple):
        return ", ".join(map(_shape_text, shape))
    return str(shape)


def _size(count: float) -> str:
    """Return a number of bytes as people read it."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} bytes" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
