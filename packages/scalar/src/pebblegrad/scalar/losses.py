"""How wrong a prediction is, as one Tensor to call `backward` on."""

from __future__ import annotations

from typing import Any

from ._arguments import inputs, single
from ._numbers import kind_of
from .tensor import Tensor


def mse_loss(pred: Any, target: Any) -> Tensor:
    """Return the mean of the squares of ``pred - target``.

    Args:
        pred: a Tensor, as a layer of one neuron returns it, or a list of Tensors.
        target: a Tensor or number, or a list of as many.

    Raises:
        TypeError: if one is a list and the other is not, or something is no number.
        ValueError: if the lists differ in length or are empty.

    Example:
        >>> from pebblegrad.scalar import Tensor, mse_loss
        >>> mse_loss(Tensor(0.5), 1)
        Value(data=0.25, grad=0)
        >>> mse_loss([Tensor(1.0), Tensor(2.0)], [1.0, 4.0])
        Value(data=2.0, grad=0)
    """
    lists = sum(isinstance(value, list | tuple) for value in (pred, target))
    if lists == 0:
        one, other = (
            single("mse_loss", name, value)
            for name, value in (("pred", pred), ("target", target))
        )
        return (one - other) ** 2
    if lists == 1:
        raise TypeError(
            f"mse_loss: pred is {kind_of(pred)} and target {kind_of(target)}; two "
            "single values or two lists were needed"
        )
    given = inputs("mse_loss", pred, name="pred")
    wanted = inputs("mse_loss", target, name="target")
    if len(given) != len(wanted) or not given:
        raise ValueError(
            f"mse_loss: pred has length {len(given)} and target {len(wanted)}; equal "
            "lengths were needed, of at least 1"
        )
    squares = [(p - t) ** 2 for p, t in zip(given, wanted, strict=True)]
    return sum(squares[1:], squares[0]) / len(squares)


def cross_entropy(scores: Any, target: int) -> Tensor:
    """Return minus the logarithm of the probability of the right class.

    The probabilities are ``softmax(scores)``; they are not computed one by one, as
    their logarithm is ``score - log(sum(exp(scores)))``.

    Args:
        scores: a list with a Tensor for each class, as a layer without activation
            returns it.
        target: the number of the right class, from 0.

    Raises:
        TypeError: if `scores` is no list of numbers, or `target` no integer.
        ValueError: if there is no such class.

    Example:
        >>> from pebblegrad.scalar import Tensor, cross_entropy
        >>> loss = cross_entropy([Tensor(0.0), Tensor(0.0)], target=1)
        >>> round(loss.data, 4)  # log(2)
        0.6931
    """
    given = inputs("cross_entropy", scores, name="scores")
    if isinstance(target, bool) or not isinstance(target, int):
        raise TypeError(
            f"cross_entropy: target is {target!r}, {kind_of(target)}; the number of "
            "a class was needed, an integer"
        )
    if not 0 <= target < len(given):
        raise ValueError(
            f"cross_entropy: target is {target} and there are {len(given)} scores; a "
            "class from 0 on was needed, less than the number of scores"
        )
    largest = max(score.data for score in given)  # so that no `exp` is too large
    powers = [(score - largest).exp() for score in given]
    return sum(powers[1:], powers[0]).log() - (given[target] - largest)
