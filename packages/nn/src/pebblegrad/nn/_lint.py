"""Warnings about what is allowed, runs, and is nearly always a mistake.

`lint` says what shall happen; `warn` is called where such a thing is seen.
"""

from __future__ import annotations

import functools
import sys
import warnings
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any, Self

from pebblegrad.autograd import no_grad, ops

from ._arguments import one_of

MODES = ("warn", "error", "off")


class LintWarning(UserWarning):
    """What `lint` warns with: something that runs, and is nearly always a mistake."""


class LintError(ValueError):
    """What is raised instead inside `lint("error")`."""


class lint(ContextDecorator):  # noqa: N801  used like a function, as `np.errstate` is
    """Say what shall happen where a network is put together in a way that seldom works.

    It is warned about: probabilities given to a loss that takes logits; a batch of one
    in the training of a batch norm; layers whose units all start as one. Nothing is
    changed by it.

    It holds from the call on, for all threads; as a context manager until its block
    ends, as a decorator while the function runs.

    Args:
        mode: "warn" (what is so at first), "error" to raise a `LintError`, or "off".

    Raises:
        ValueError: if the mode is another.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> from pebblegrad import nn
        >>> logits = Tensor([[2.0, 0.0]], requires_grad=True)
        >>> with nn.lint("error"):
        ...     nn.cross_entropy(nn.softmax(logits), [0])
        Traceback (most recent call last):
            ...
        pebblegrad.nn._lint.LintError: cross_entropy: logits is what softmax gave...
        >>> with nn.lint("off"):
        ...     loss = nn.cross_entropy(nn.softmax(logits), [0])
    """

    mode = "warn"  # what holds now

    def __init__(self, mode: str) -> None:
        self._before = lint.mode
        lint.mode = one_of("lint", "mode", mode, MODES)

    def __enter__(self) -> Self:
        return self

    def __call__(self, function: Any) -> Any:
        mode, lint.mode = lint.mode, self._before  # decorating switches nothing yet

        @functools.wraps(function)
        def linted(*args: Any, **kwargs: Any) -> Any:
            with lint(mode):
                return function(*args, **kwargs)

        return linted

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        lint.mode = self._before


def warn(message: str) -> None:
    """Warn of a likely mistake, as `lint` says, at the user's line."""
    if lint.mode == "off":
        return
    how = f'{message} (to allow it: pebblegrad.nn.lint("off"))'
    if lint.mode == "error":
        raise LintError(how)
    warnings.warn(how, LintWarning, stacklevel=_users_level())


def look_at_first_units(who: str, weight: Any, x: Any, axis: int = -1) -> None:
    """Warn if all units of a layer are one, and see nothing that could part them.

    That is so when their weights are equal, and what they weigh is equal as well and
    comes from other units: then all get the same gradient, now and for ever. Where the
    input is data, as in a regression that starts from zeros, there is no harm.

    Args:
        who: the layer.
        weight: its weights.
        x: what they weigh.
        axis: the one along which the units stand that gave it.
    """
    if not getattr(x, "requires_grad", False) or not x.size or x.shape[axis] < 2:
        return
    with no_grad():  # `data` would hand the arrays out, and each use be checked
        first, last = ops.min(weight).item(), ops.max(weight).item()
        if first != last or (ops.max(x, axis) != ops.min(x, axis)).any():
            return
    warn(
        f"{who}: all weights are {first:g}, and what they weigh is equal too, so that "
        "all units compute one thing and will never part; keep the random initial "
        "values, or draw some with nn.init"
    )


def look_for_probabilities(who: str, logits: Any, given_by: Any, other: str) -> None:
    """Warn if what should be logits is what an op gave that makes probabilities.

    Args:
        who: the loss.
        logits: a Tensor.
        given_by: the op.
        other: the loss that takes what the op gives.
    """
    node = logits.node
    while node is not None and node.op is ops.reshape:
        node = node.parents[0]
    op = None if node is None else node.op
    if op is not None and given_by in (op, *op.parts[1:]):
        warn(
            f"{who}: logits is what {given_by.__name__} gave; the loss does that by "
            f"itself, and twice it learns slowly: leave it out, or use {other}"
        )


def _users_level() -> int:
    """Return the stack level of the innermost line outside of pebblegrad."""
    level, frame = 2, sys._getframe(2)
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith(
        "pebblegrad."
    ):
        level, frame = level + 1, frame.f_back
    return level
