"""Averages of the weights over the steps of training, often better than the last ones.

Near the end of training the weights wander around a good place; their average is closer
to its middle. An average is moved towards each new value, by a part that says which
average it is: ``average += weight * (value - average)``. Call `update` after each step
(or epoch), and evaluate inside `applied`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor

from ._blocks import blocks, wide
from ._checks import check_flags, check_integer, check_number
from ._parameters import tensors


class _WeightAverage:
    """What both averages share: all but the weight of a new value."""

    def __init__(self, params: Any, use_buffers: bool) -> None:
        who = self._name
        check_flags(who, use_buffers=use_buffers)
        self._use_buffers = bool(use_buffers)
        self._tensors = self._found(params)
        if not self._tensors:
            raise ValueError(
                f"{who}: there is nothing to average; give Tensors, or a model that "
                "has parameters"
            )
        # In half precision a small part of a value would be rounded away.
        self.averages = [wide(tensor.data).copy() for tensor in self._tensors]
        self.n_averaged = 0
        self._is_applied = False

    def update(self) -> None:
        """Move the averages towards the values that the parameters have now.

        The first time the values are copied.

        Raises:
            RuntimeError: inside `applied`, where the values are the averages.
            ValueError: if a parameter has another shape by now.
        """
        self._require_not_applied("update", "it would average the averages")
        self._require_fit("update", self._tensors)
        weight = self._weight(self.n_averaged + 1)
        for average, tensor in zip(self.averages, self._tensors, strict=True):
            if self.n_averaged == 0:
                average[...] = tensor.data
                continue
            for a, value in blocks(average, tensor.data):
                a += weight * (value - a)
        self.n_averaged += 1

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages into the parameters for the length of a with block.

        Afterwards, and after an exception too, the parameters are what they were.

        Raises:
            RuntimeError: if there is no average yet, or it is applied already.
        """
        self._require_not_applied("applied", "leave that with block first")
        self._require_average("applied")
        self._require_fit("applied", self._tensors)
        values = [tensor.data.copy() for tensor in self._tensors]
        self._is_applied = True
        try:
            self._write(self._tensors)
            yield
        finally:
            self._is_applied = False
            for tensor, value in zip(self._tensors, values, strict=True):
                if tensor.shape == value.shape:
                    tensor.data[...] = value
                else:  # somebody gave it other data meanwhile
                    tensor.data = value

    def copy_to(self, params: Any = None) -> None:
        """Write the averages into the parameters for good, or into other ones.

        Args:
            params: Tensors or a Module of the same shapes in the same order; if left
                out, those that are averaged.

        Raises:
            RuntimeError: if there is no average yet; inside `applied`, if `params` is
                left out.
            TypeError: if something in `params` is no Tensor.
            ValueError: if the shapes are others; nothing is changed then.
        """
        self._require_average("copy_to")
        if params is None:
            self._require_not_applied("copy_to", "what it writes would be put back")
            targets = self._tensors
        else:
            targets = self._found(params)
        self._require_fit("copy_to", targets)
        self._write(targets)

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of what the next update depends on, besides the parameters.

        Returns:
            "averages", the arrays in the order of the parameters, and "n_averaged", the
            number of updates. The options are not in it.
        """
        return {
            "n_averaged": self.n_averaged,
            "averages": [average.copy() for average in self.averages],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, for the same parameters in order.

        Args:
            state: as returned by `state_dict`.

        Raises:
            TypeError: if it is no dict, or an entry no numbers.
            ValueError: if an entry is missing, or a shape is another one. Nothing is
                changed after an error.
        """
        who = self._name
        if not isinstance(state, Mapping):
            raise TypeError(
                f"{who}: the state is a {type(state).__name__}; a dict is needed: give "
                "what state_dict() returned"
            )
        if state.keys() != {"averages", "n_averaged"}:
            raise ValueError(
                f"{who}: the state has {', '.join(map(str, state)) or 'nothing'}; "
                "needed are averages, n_averaged: give what state_dict() returned"
            )
        count = check_integer(who, "n_averaged", state["n_averaged"], low=0)
        given = [np.asarray(average) for average in state["averages"]]
        for i, average in enumerate(given):
            if average.dtype.kind not in "fiu":
                raise TypeError(
                    f"{who}: average {i} is {average.dtype}; numbers are needed"
                )
        shapes = [average.shape for average in given]
        if shapes != (needed := [average.shape for average in self.averages]):
            raise ValueError(
                f"{who}: the state has averages of the shapes {_listed(shapes)}; "
                f"needed are {_listed(needed)}"
            )
        for average, value in zip(self.averages, given, strict=True):
            average[...] = value
        self.n_averaged = count

    def __repr__(self) -> str:
        count = len(self._tensors)
        what = "1 Tensor" if count == 1 else f"{count} Tensors"
        return f"{self._name}(<{what}>, n_averaged={self.n_averaged})"

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _weight(self, count: int) -> float:
        """Return the part by which the average moves in the update of this number."""
        raise NotImplementedError

    def _found(self, params: Any) -> list[Tensor]:
        """Return the Tensors that are averaged among `params`, each once."""
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, Iterable) and not _is_module(params):
            params = list(params)  # it is read twice
        found = tensors(self._name, params, to_train=False)
        if self._use_buffers:
            found += self._buffers(params)
        for tensor in found:
            if tensor.dtype.kind != "f":
                raise TypeError(
                    f"{self._name}: a Tensor of {tensor.dtype} is given; floats are "
                    "needed to average"
                )
        return list({id(tensor): tensor for tensor in found}.values())

    def _buffers(self, params: Any) -> list[Tensor]:
        """Return the buffers of the Modules that are floats."""
        modules = [params] if _is_module(params) else filter(_is_module, params)
        holders = [m for m in modules if callable(getattr(m, "buffers", None))]
        if not holders:
            raise ValueError(
                f"{self._name}: use_buffers is True, and params has no Module; give "
                "the model itself, for Tensors do not know of its buffers"
            )
        return [
            b for module in holders for b in module.buffers() if b.dtype.kind == "f"
        ]

    def _write(self, targets: list[Tensor]) -> None:
        for tensor, average in zip(targets, self.averages, strict=True):
            tensor.data[...] = average

    def _require_fit(self, who: str, targets: list[Tensor]) -> None:
        """Raise unless each average fits its Tensor."""
        shapes = [tensor.shape for tensor in targets]
        if shapes != (here := [average.shape for average in self.averages]):
            raise ValueError(
                f"{self._name}.{who}: the parameters have the shapes "
                f"{_listed(shapes)}; the averages have {_listed(here)}, and they must "
                "be equal"
            )

    def _require_average(self, who: str) -> None:
        if self.n_averaged == 0:
            raise RuntimeError(
                f"{self._name}.{who}: there is no average yet; call update() first"
            )

    def _require_not_applied(self, who: str, why: str) -> None:
        if self._is_applied:
            raise RuntimeError(
                f"{self._name}.{who}: the averages are applied, in a with block that "
                f"is still open; {why}"
            )


class ExponentialMovingAverage(_WeightAverage):
    """Average of the weights in which what is long ago fades.

    After the first update it is the weights, then
    ``average = decay * average + (1 - decay) * weights``.

    Args:
        params: what to average: Tensors, a single one, a Module or a list of Modules.
        decay: what part of the average stays at each update, from 0 to below 1; 0.999
            looks back about a thousand updates.
        bias_correction: whether the first updates count as much as their age says. If
            not, the first weights of all count as if they had been there for ever, as
            in PyTorch. If so, it is the average of Adam: begun at zero, and divided by
            ``1 - decay**t`` at the update t (optax calls it `debias`).
        use_buffers: whether a Module's buffers that are floats (the statistics of
            BatchNorm) are averaged too. If not, `applied` and `copy_to` leave them
            alone, and the model's newest are used, as in PyTorch.

    Attributes:
        averages: the arrays, in the order of the parameters; in single precision for
            parameters in half precision.
        n_averaged: the number of updates.

    Raises:
        TypeError: if something in `params` is no Tensor of floats.
        ValueError: if there is nothing to average, or `decay` is out of range.

    PyTorch's counterpart is `AveragedModel` with `get_ema_multi_avg_fn(decay)`, which
    keeps a second model; this one keeps arrays, and swaps them into the model.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> w = Tensor([1.0], requires_grad=True)
        >>> average = ExponentialMovingAverage([w], decay=0.5)
        >>> for value in (1.0, 3.0, 6.0):
        ...     w.data[...] = value
        ...     average.update()
        >>> with average.applied():
        ...     print(w.data)  # 0.5 * (0.5 * 1 + 0.5 * 3) + 0.5 * 6
        [4.]
        >>> w.data
        array([6.], dtype=float32)

    Reference:
        Polyak and Juditsky 1992, "Acceleration of stochastic approximation by
        averaging", for averaging as such; https://doi.org/10.1137/0330046
    """

    def __init__(
        self,
        params: Any,
        decay: float = 0.999,
        *,
        bias_correction: bool = False,
        use_buffers: bool = False,
    ) -> None:
        check_number(self._name, "decay", decay, high=1.0)
        check_flags(self._name, bias_correction=bias_correction)
        self.decay = float(decay)
        self.bias_correction = bool(bias_correction)
        super().__init__(params, use_buffers)

    def _weight(self, count: int) -> float:
        if self.bias_correction:
            # Begun at zero and divided by 1 - decay**count, in a single formula.
            return (1 - self.decay) / (1 - self.decay**count)
        return 1 - self.decay


class StochasticWeightAverage(_WeightAverage):
    """Average of the weights in which every update counts alike.

    Args:
        params: what to average: Tensors, a single one, a Module or a list of Modules.
        use_buffers: see `ExponentialMovingAverage`.

    Attributes:
        averages: the arrays; see `ExponentialMovingAverage`.
        n_averaged: the number of updates.

    Raises:
        TypeError: if something in `params` is no Tensor of floats.
        ValueError: if there is nothing to average.

    Begin with the updates late, about once an epoch, at a learning rate that keeps the
    weights moving. PyTorch's counterpart is `AveragedModel(model)`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> w = Tensor([1.0], requires_grad=True)
        >>> average = StochasticWeightAverage([w])
        >>> for value in (1.0, 3.0, 5.0):
        ...     w.data[...] = value
        ...     average.update()
        >>> average.copy_to()
        >>> w.data
        array([3.], dtype=float32)

    Reference:
        Izmailov, Podoprikhin, Garipov, Vetrov, Wilson 2018, "Averaging weights leads to
        wider optima and better generalization", algorithm 1;
        https://arxiv.org/abs/1803.05407
    """

    def __init__(self, params: Any, *, use_buffers: bool = False) -> None:
        super().__init__(params, use_buffers)

    def _weight(self, count: int) -> float:
        return 1 / count


def _is_module(value: Any) -> bool:
    return callable(getattr(value, "parameters", None))


def _listed(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes)) or "none"
