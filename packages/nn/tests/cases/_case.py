"""What a row of the table of layers is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pebblegrad import nn
from pebblegrad.autograd import default_dtype, manual_seed
from pebblegrad.nn import Module


def real(rng, shape):
    """Numbers far from 0 and from each other, so that no kink is near."""
    size = int(np.prod(shape))
    magnitudes = (rng.permutation(size) + rng.uniform(0.2, 0.8, size)) / max(size, 1)
    return (rng.choice([-1, 1], size) * (0.2 + magnitudes)).reshape(shape)


@dataclass
class Case:
    """One way of making a layer, and what it shall do.

    Attributes:
        text: the call of the constructor, which is what `repr` must show.
        shapes: inputs to try; each a shape, or a list of shapes if it takes several.
        reference: the formula in NumPy: takes the inputs and then the arrays of the
            state, in its order.
        state: names and shapes of parameters and buffers, which are PyTorch's.
        buffers: names of those in `state` that are not trained.
        domain: makes an input, `domain(rng, shape)`; integers get no gradient.
        training: whether the layer is in training; reference and gradients follow it.
        order: of the gradients that are checked; 1 where a second one is zero or none,
            with the reason beside it.
        made_by: the call, where `repr` shows a container's names instead.
        call: how to call the layer, if not as `layer(*inputs)`: to pick one of several
            results, say, or to seed what it draws.
        dtypes: what it is tried with besides float64.
        updates: whether a call in training changes buffers, so that it is no function
            of its input alone.
    """

    text: str
    shapes: list[Any]
    reference: Callable[..., Any]
    state: dict[str, tuple[int, ...]] = field(default_factory=dict)
    buffers: tuple[str, ...] = ()
    domain: Callable[..., Any] = real
    training: bool = True
    order: int = 2
    made_by: str = ""
    call: Callable[..., Any] | None = None
    dtypes: tuple[str, ...] = ("float16", "float32")

    def __str__(self):
        mode = "" if self.training else "-eval"
        return (self.made_by or self.text).replace(" ", "").replace("\n", "") + mode

    def make(self, dtype="float64"):
        """Make the layer."""
        names = {name: getattr(nn, name) for name in nn.__all__}
        with default_dtype(dtype):
            manual_seed(0)
            layer = eval(self.made_by or self.text, names)
        assert isinstance(layer, Module)
        return layer.train(self.training)

    def inputs(self, rng, shapes, dtype=np.float64):
        """Return the arrays of one entry of `shapes`."""
        several = shapes if isinstance(shapes, list) else [shapes]
        arrays = [np.asarray(self.domain(rng, shape)) for shape in several]
        return [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]

    def run(self, layer, *xs):
        """Call the layer."""
        return layer(*xs) if self.call is None else self.call(layer, *xs)


def put(layer, name, value):
    """Give the place of a parameter, by its name in the state, to another Tensor."""
    *path, last = name.split(".")
    owner = layer
    for step in path:
        if isinstance(owner, list | tuple):
            owner = owner[int(step)]
        else:
            owner = dict(owner._attributes())[step]
    if isinstance(owner, list):
        owner[int(last)] = value
    else:
        setattr(owner, last, value)
