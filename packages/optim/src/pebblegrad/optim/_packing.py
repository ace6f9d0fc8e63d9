"""Small parameters side by side in one array, so that one update serves them all.

Adam is some fifteen calls of NumPy for each parameter, and a call costs the same half
of a microsecond for one element as for a hundred. Where every element is changed by
itself, it makes no difference which parameter an element is of. So small parameters are
copied into one flat array, one after the other, and their gradients into another;
`update` is called once; and the parameters are copied back into their own arrays, which
stay the ones that the user holds. Their states lie in flat arrays for good: what each
parameter remembers are views of these (docs/decisions/0011-packing.md).
"""

import math
import operator
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.lib.array_utils import byte_bounds

from ._blocks import BLOCK, wide
from ._state import NUMBERS

SMALL = 4_096  # elements; to copy more of them costs SGD as much as its calls

Update = TypeVar("Update", bound=Callable[..., None])


def elementwise(update: Update) -> Update:
    """Say of an `update` that it changes each element by itself: see `Optimizer`.

    It gets the arrays of several parameters as one then, if `start` returns nothing but
    numbers and arrays like the parameter. What overrides a marked `update` is not
    marked.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> from pebblegrad.optim import Optimizer
        >>> class SignDescent(Optimizer):
        ...     @elementwise
        ...     def update(self, param, grad, state, *, lr):
        ...         print(f"update of {param.size}")
        ...         param -= lr * np.sign(grad)
        >>> weight = Tensor(np.ones((2, 3)), requires_grad=True)
        >>> bias = Tensor(np.zeros(3), requires_grad=True)
        >>> optimizer = SignDescent([weight, bias], lr=0.5)
        >>> for _ in range(2):  # parameters meet when the same ones are trained again
        ...     optimizer.zero_grad()
        ...     ((weight * 2 - bias) ** 2).sum().backward()
        ...     optimizer.step()
        update of 6
        update of 3
        update of 9
    """
    update.__dict__["elementwise"] = True
    return update


class Pack:
    """Small parameters with one update.

    Args:
        places: where each of them stands among the parameters of the optimizer.
        arrays: the arrays of all parameters, by place.
        states: their states, by place, with the same numbers for all of these; their
            arrays are replaced by views of what the update changes.
        work: two rows, to put the parameters and the gradients into.
    """

    def __init__(
        self,
        places: Sequence[int],
        arrays: Sequence[Any],
        states: Mapping[int, dict[str, Any]],
        work: Any,
    ) -> None:
        shapes = [arrays[place].shape for place in places]
        size = sum(arrays[place].size for place in places)
        self._param, self._grad = work[:, :size]
        params, grads = _cut(self._param, shapes), _cut(self._grad, shapes)
        self._parts = list(zip(places, params, grads, strict=True))
        self._states = [states[place] for place in places]
        self._state: dict[str, Any] = {}
        for name, value in self._states[0].items():
            if isinstance(value, np.ndarray):
                value = np.concatenate([s[name] for s in self._states], axis=None)
                for state, view in zip(self._states, _cut(value, shapes), strict=True):
                    state[name] = view
            self._state[name] = value
        kept = self._state.items()
        self._numbers = [name for name, value in kept if isinstance(value, NUMBERS)]
        self._flat = {k: v for k, v in kept if isinstance(v, np.ndarray)}

    def step(
        self,
        arrays: Sequence[Any],
        grads: Sequence[Any],
        update: Callable[..., None],
        options: dict[str, Any],
    ) -> None:
        """Change these parameters, given the arrays and gradients of all, by place."""
        for place, param, grad in self._parts:
            param[...] = arrays[place]
            grad[...] = grads[place].data
        update(self._param, self._grad, self._state, **options)
        for place, param, _ in self._parts:
            arrays[place][...] = param
        for name, flat in self._flat.items():
            if (value := self._state[name]) is not flat:  # it was not changed in place
                flat[...] = value
                self._state[name] = flat
        for name in self._numbers:
            number = self._state[name]
            for state in self._states:
                state[name] = number


class Packing:
    """Which parameters of an optimizer are updated together.

    Parameters join when the same arrays have gradients in two steps running. When other
    ones do they part, since counts of steps may then differ.

    Attributes:
        groups: for each group its packs, and the places of parameters by themselves.
        joined: whether parameters were put together already, as far as they can be.
    """

    def __init__(self) -> None:
        self.groups: list[tuple[list[Pack], list[int]]] = []
        self.joined = False
        self._counts: list[int] = []
        # Weak, as an array that only its Tensor holds is known to be kept by no graph.
        self._arrays: list[Callable[[], Any]] = []
        self._writable: list[int] = []  # the places of arrays that must stay so

    def __reduce__(self) -> tuple[type["Packing"], tuple[()]]:
        """A copy of an optimizer has arrays of its own, and begins anew."""
        return Packing, ()

    def fits(self, counts: list[int], arrays: list[Any]) -> bool:
        """Return whether groups and arrays are those of the last step, and writable.

        Args:
            counts: of the parameters in each group.
            arrays: of all parameters by place, None of those without a gradient.
        """
        return (
            counts == self._counts
            and all(map(operator.is_, arrays, map(operator.call, self._arrays)))
            and all([arrays[place].flags.writeable for place in self._writable])
        )

    def separate(self, counts: list[int], arrays: list[Any]) -> None:
        """Let each parameter be by itself; arguments as of `fits`."""
        self.joined = False
        self._counts = counts
        self._arrays = [_nothing if a is None else weakref.ref(a) for a in arrays]
        self._writable = [i for i, a in enumerate(arrays) if isinstance(a, np.ndarray)]
        self.groups = []
        place = 0
        for count in counts:
            places = range(place, place + count)
            self.groups.append(([], [i for i in places if arrays[i] is not None]))
            place += count

    def join(self, arrays: list[Any], states: Mapping[int, dict[str, Any]]) -> None:
        """Put parameters together, given the arrays and states of all by place."""
        apart = overlapping(arrays)
        for i, (_, places) in enumerate(self.groups):
            packs, alone = packed([p for p in places if p not in apart], arrays, states)
            self.groups[i] = packs, sorted(apart.intersection(places).union(alone))
        self.joined = True


def packed(
    places: Sequence[int], arrays: Sequence[Any], states: Mapping[int, dict[str, Any]]
) -> tuple[list[Pack], list[int]]:
    """Put parameters of a group together, as far as they are small and of one kind.

    Args:
        places: where they stand among the parameters of the optimizer.
        arrays: the arrays of all parameters, by place.
        states: their states, by place.

    Returns:
        Packs of at most `BLOCK` elements, and the places of those that stay alone.
    """
    kinds: dict[Any, list[list[int]]] = {}
    room: dict[Any, int] = {}  # for elements, in the last part of each kind
    for place in places:
        array = arrays[place]
        kind = _kind(array, states[place])
        if kind is None:
            continue
        if room.get(kind, 0) < array.size or kind not in kinds:
            kinds.setdefault(kind, []).append([])
            room[kind] = BLOCK
        kinds[kind][-1].append(place)
        room[kind] -= array.size

    packs = []
    alone = set(places)
    for (dtype, *_), parts in kinds.items():
        parts = [part for part in parts if len(part) > 1]
        sizes = [sum(arrays[place].size for place in part) for part in parts]
        work = np.empty((2, max(sizes, default=0)), dtype)
        for part in parts:
            packs.append(Pack(part, arrays, states, work))
            alone -= set(part)
    return packs, sorted(alone)


def overlapping(arrays: Sequence[Any]) -> set[int]:
    """Return which arrays share memory with another one, or within themselves.

    Such parameters see each other's updates, so they must be made one after the other.
    Arrays whose elements lie between each other's count too.
    """
    found = set()
    spans = sorted(
        (*byte_bounds(array), place)
        for place, array in enumerate(arrays)
        if isinstance(array, np.ndarray) and array.size
    )
    end, last = 0, -1  # the end of the memory so far, and whose it is
    for start, stop, place in spans:
        if stop - start < arrays[place].nbytes:
            found.add(place)
        if start < end:
            found |= {place, last}
        if stop > end:
            end, last = stop, place
    return found


def _kind(array: Any, state: Mapping[str, Any]) -> Any:
    """Return what must be equal in all of a pack, or None if the array stays alone."""
    if type(array) is not np.ndarray or array.size > SMALL:
        return None
    entries: list[Any] = []
    for name, value in state.items():
        if type(value) is np.ndarray and value.shape == array.shape:
            entries.append((name, value.dtype))
        elif isinstance(value, NUMBERS):
            entries.append((name, value))
        else:
            return None
    return wide(np.empty(0, array.dtype)).dtype, *entries


def _cut(flat: Any, shapes: Iterable[tuple[int, ...]]) -> Iterator[Any]:
    """Cut a flat array into views of these shapes."""
    start = 0
    for shape in shapes:
        stop = start + math.prod(shape)
        yield flat[start:stop].reshape(shape)
        start = stop


def _nothing() -> None:
    return None
