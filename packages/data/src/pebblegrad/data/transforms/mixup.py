"""mixup: training on what lies between two samples, and between their targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._rng import as_generator
from pebblegrad.data.labels import one_hot
from pebblegrad.data.transforms._transform import checked_number


class MixUp:
    """Mixes each sample of a batch, and its target, with another one of the batch.

    ``X = weight * X + (1 - weight) * X[partner]``, and the same for y, where `partner`
    is a random permutation and `weight` is drawn from Beta(alpha, alpha), once for the
    batch. A model that sees such points learns to behave linearly between samples; its
    targets must be rows of probabilities, as a cross-entropy takes them.

    Args:
        alpha: above 0. Small values leave most batches nearly as they are, 1 makes all
            weights equally likely.
        num_classes: K, when the targets are class numbers; they become one-hot rows.

    Raises:
        TypeError: an argument is of a wrong kind; or, in a call, there are not exactly
            X and y, or y holds class numbers and `num_classes` was not given.
        ValueError: `alpha` is not above 0; or, in a call, X and y differ in length, or
            a class is not in [0, K).

    Shape:
        X: (N, ...) of any float dtype (integers become float32), y: (N, K) of floats,
        or (N,) of integers -> (N, ...) and (N, K).

    Example:
        >>> X = np.array([[0.0], [1.0]])
        >>> mixed, rows = MixUp(num_classes=2)(X, np.array([0, 1]), rng=1)
        >>> bool(np.allclose(mixed[:, 0], rows[:, 1]))
        True

    Reference:
        Zhang, Cisse, Dauphin and Lopez-Paz 2018, "mixup: Beyond Empirical Risk
        Minimization", https://arxiv.org/abs/1710.09412
    """

    def __init__(self, *, alpha: float = 1.0, num_classes: int | None = None) -> None:
        self.alpha = checked_number("MixUp", "alpha", alpha, 0)
        if self.alpha == 0:
            raise ValueError("MixUp: alpha is 0; needed is a number above 0")
        if num_classes is not None:
            one_hot([], num_classes)  # which checks it
        self.num_classes = num_classes

    def __call__(
        self, *arrays: Any, rng: int | np.random.Generator | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Mix a batch of inputs and targets.

        Args:
            arrays: X and y.
            rng: a Generator or a seed; None for other draws each time.

        Returns:
            The mixed X and y, new arrays.
        """
        if len(arrays) != 2 or not all(isinstance(a, np.ndarray) for a in arrays):
            kinds = ", ".join(type(array).__name__ for array in arrays)
            raise TypeError(
                f"MixUp: a batch of {len(arrays)} was given ({kinds}); needed are two "
                "arrays, X and y"
            )
        X, y = arrays
        if y.dtype.kind in "iu" and self.num_classes is None:
            raise TypeError(
                f"MixUp: y has dtype {y.dtype}; needed are rows of floats, or "
                "MixUp(num_classes=...) to make them of class numbers"
            )
        if y.dtype.kind in "iu":
            if y.ndim != 1:
                raise ValueError(
                    f"MixUp: y has shape {y.shape}; needed are class numbers, (N,)"
                )
            dtype = X.dtype if X.dtype.kind == "f" else np.float32
            y = one_hot(y, self.num_classes or 1, dtype=dtype)
        if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
            raise ValueError(
                f"MixUp: X has shape {X.shape} and y {y.shape}; needed is the same "
                "number of samples"
            )
        generator = as_generator("MixUp", rng)
        weight = float(generator.beta(self.alpha, self.alpha))
        partner = generator.permutation(len(X))
        return _mixed("X", X, weight, partner), _mixed("y", y, weight, partner)

    def __repr__(self) -> str:
        return f"MixUp(alpha={self.alpha:g}, num_classes={self.num_classes})"


def _mixed(
    name: str, array: NDArray[Any], weight: float, partner: NDArray[np.int64]
) -> NDArray[Any]:
    if array.dtype.kind not in "biuf":
        raise TypeError(f"MixUp: {name} has dtype {array.dtype}; needed are numbers")
    if array.dtype.kind != "f":
        array = array.astype(np.float32)
    out: NDArray[Any] = weight * array
    out += (1 - weight) * array[partner]
    return out
