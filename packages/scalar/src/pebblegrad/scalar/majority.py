"""The majority of a few bits: the smallest task that is not quite trivial."""

from __future__ import annotations

import math
import random
from typing import Any

from ._arguments import at_least, generator, single
from .tensor import Tensor


def target_generator(
    n_bits: int = 5, *, rng: int | random.Random | None = None
) -> tuple[list[Tensor], Tensor]:
    """Return random bits, and the bit that most of them are.

    Args:
        n_bits: how many; odd, so that there is always a majority.
        rng: a `random.Random`, None for what `random.seed` has set, or a seed, which
            gives the same bits each time.

    Returns:
        A list of Tensors that are 0 or 1, and a Tensor that is 0 or 1.

    Raises:
        TypeError: if `n_bits` or `rng` is of a wrong kind.
        ValueError: if `n_bits` is even or less than 1.

    Example:
        >>> from pebblegrad.scalar import target_generator
        >>> x, y = target_generator(rng=0)
        >>> [bit.data for bit in x], y.data
        ([1, 1, 0, 1, 1], 1)
    """
    at_least("target_generator", "n_bits", n_bits, 1)
    if n_bits % 2 == 0:
        raise ValueError(
            f"target_generator: n_bits is {n_bits}; an odd number was needed, as half "
            f"of {n_bits} bits are no majority"
        )
    draws = generator("target_generator", rng)
    # Without one, those of the module: what `random.seed` has set.
    draw = random.randint if draws is None else draws.randint
    bits = [draw(0, 1) for _ in range(n_bits)]
    return [Tensor(bit) for bit in bits], Tensor(int(sum(bits) > n_bits // 2))


def binary_round(out: Any) -> Any:
    """Return 1 for what is above one half, else 0.

    Args:
        out: a prediction, a Tensor or a number; or a list of them.

    Returns:
        A new Tensor, through which no gradient flows; or a list of them.

    Raises:
        TypeError: if something is not a number.
        ValueError: if a prediction is NaN.

    Example:
        >>> from pebblegrad.scalar import Tensor, binary_round
        >>> binary_round(Tensor(0.7)).data, binary_round([0.2, 0.9])[0].data
        (1, 0)
    """
    if isinstance(out, list | tuple):
        return [binary_round(value) for value in out]
    value = single("binary_round", "out", out)
    if math.isnan(value.data):
        raise ValueError(
            "binary_round: out is NaN; a number was needed; has the training diverged? "
            "Then a smaller learning rate may help"
        )
    return Tensor(int(value.data > 0.5))
