"""Several transforms, one after the other, as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pebblegrad.data._calls import takes_rng, transformed
from pebblegrad.data._rng import as_generator


class Compose:
    """Applies transforms in their order; each gets what the one before returned.

    Args:
        transforms: transforms of this package, or any functions of the arrays of a
            batch that return the new ones.

    Raises:
        TypeError: `transforms` is no list, or something in it cannot be called.

    Example:
        >>> halve_and_flip = Compose([lambda X: X / 2, lambda X: X[:, ::-1]])
        >>> halve_and_flip(np.array([[2.0, 4.0]]))
        array([[2., 1.]])
    """

    def __init__(self, transforms: Sequence[Callable[..., Any]]) -> None:
        if not isinstance(transforms, list | tuple):
            raise TypeError(
                f"Compose: transforms is of type {type(transforms).__name__}; needed "
                "is a list of transforms"
            )
        self.transforms = list(transforms)
        self._draws = [takes_rng("Compose", step) for step in self.transforms]

    def __call__(
        self, *arrays: Any, rng: int | np.random.Generator | None = None
    ) -> Any:
        """Transform a batch: see `Transform`."""
        generator = as_generator("Compose", rng)
        batch: Any = arrays if len(arrays) != 1 else arrays[0]
        for step, draws in zip(self.transforms, self._draws, strict=True):
            batch = transformed(
                step,
                batch if isinstance(batch, tuple) else (batch,),
                generator if draws else None,
            )
        return batch

    def __repr__(self) -> str:
        return f"Compose({self.transforms!r})"
