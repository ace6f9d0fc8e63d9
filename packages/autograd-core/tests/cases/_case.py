"""What a row of the table is, and the inputs that rows share.

Each file beside this one holds the rows of the ops of one file in `ops/`, as a list
`CASES`. `../test_ops.py` puts every row through every check; `parity/test_ops.py`
compares every row with PyTorch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, ops


def real(rng, shape):
    """Numbers far from 0 and from each other, so that no kink is near."""
    size = int(np.prod(shape))
    magnitudes = 0.1 + (rng.permutation(size) + rng.uniform(0.2, 0.8, size)) / max(
        size, 1
    )
    return (magnitudes * rng.choice([-1, 1], size)).reshape(shape)


def positive(rng, shape):
    """Positive numbers, far from 0 and from each other."""
    return np.asarray(np.abs(real(rng, shape)))


@dataclass
class Case:
    """One way of calling an op, or a function that is composed of ops.

    Attributes:
        name: of the op in `ops`.
        shapes: of its arrays.
        reference: what it shall compute: takes NumPy arrays, and the static parameters
            by our names. It comes from NumPy or is a formula of its own.
        static: the static parameters.
        domain: makes an input: `domain(rng, shape)`; or a list of such, one for each.
        strict: whether the Array API standard has all that the op needs.
        takes_list: whether the arrays are given as one list, as `concat` takes them.
        fixed: arrays in front that no gradient goes through, such as a mask.
        call_with: how to call it, if not as `op(*fixed, *xs, **static)`. To make an
            input symmetric, say, or to return one of several results.
        keeps_float32: whether float32 inputs give a float32 result.
        rtol: of the value, compared with the reference.
    """

    name: str
    shapes: list[tuple[int, ...]]
    reference: Callable[..., Any]
    static: dict[str, Any] = field(default_factory=dict)
    domain: Any = real
    strict: bool = True
    takes_list: bool = False
    fixed: tuple[Any, ...] = ()
    call_with: Callable[..., Any] | None = None
    keeps_float32: bool = True
    rtol: float = 1e-14

    def __str__(self):
        static = "".join(f"-{value}" for value in self.static.values())
        return f"{self.name}{self.shapes}{static}".replace(" ", "").replace("\n", "")

    @property
    def function(self):
        """The op, or the function."""
        return getattr(ops, self.name)

    def inputs(self, rng, dtype=np.float64):
        """Return one array for each shape."""
        makers = self.domain
        if not isinstance(makers, list):
            makers = [makers] * len(self.shapes)
        return [
            np.asarray(make(rng, shape)).astype(dtype)
            for make, shape in zip(makers, self.shapes, strict=True)
        ]

    def expected(self, *xs):
        """Return what the op shall compute."""
        return self.reference(*self.fixed, *xs, **self.static)

    def call(self, *xs):
        """Call the op, on Tensors or on arrays of any library."""
        xp = (xs[0].data if isinstance(xs[0], Tensor) else xs[0]).__array_namespace__()
        fixed = [xp.asarray(array) for array in self.fixed]
        if self.call_with is not None:
            return self.call_with(self.function, *fixed, *xs, **self.static)
        arrays = [[*fixed, *xs]] if self.takes_list else [*fixed, *xs]
        return self.function(*arrays, **self.static)


def unary(name, reference, domain=real, **options):
    """Return the rows of an elementwise op of one array."""
    shapes = [(), (3,), (2, 3), (0, 2)]
    return [Case(name, [s], reference, domain=domain, **options) for s in shapes]


def binary(name, reference, domain=real, **options):
    """Return the rows of an elementwise op of two arrays, which broadcast."""
    pairs = [
        [(2, 3), (2, 3)],
        [(3,), (2, 1)],
        [(), (2,)],
        [(2, 1, 3), (4, 1)],
        [(0, 3), (3,)],
    ]
    return [Case(name, pair, reference, domain=domain, **options) for pair in pairs]
