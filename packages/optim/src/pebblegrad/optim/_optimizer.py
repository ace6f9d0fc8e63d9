"""What all optimizers share: whose parameters they train, the loop, and the state.

An optimizer is a subclass that writes `update`: one parameter's step, in place on
arrays, in the symbols of the paper that it comes from. `start` says what it remembers
before the first step, `check` which options it takes. An `update` that is marked as
`@elementwise` may get several small parameters as one: see `_packing.py`.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, enable_grad, kernel_for

from ._blocks import wide
from ._checks import check_number
from ._options import options_of, plain, unchanged
from ._packing import Packing
from ._parameters import grouped, tensors
from ._spent import SpentGradients
from ._state import check_state, copied, like

_kernel_for = functools.cache(kernel_for)


class Optimizer:
    """Base of the optimizers: write `update`, and `start` if something is remembered.

    Args:
        params: what to train: Tensors that require a gradient, a Module, a list of
            Modules (anything with `parameters()` counts as one), or groups: dicts with
            the key "params" and options of their own.
        **defaults: the options of `update`, for groups that do not set them.

    Attributes:
        param_groups: the groups, dicts of "params", every option, and "initial_lr", the
            rate that schedules start from; options may be changed between steps.

    Raises:
        TypeError: if something in `params` cannot be trained.
        ValueError: if there is nothing to train, a parameter comes twice, or an option
            is not known or out of its range.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> class SignDescent(Optimizer):
        ...     def __init__(self, params, lr=0.1):
        ...         super().__init__(params, lr=lr)
        ...
        ...     def update(self, param, grad, state, *, lr):
        ...         param -= lr * np.sign(grad)
        >>> p = Tensor([1.0, 2.0], requires_grad=True)
        >>> p.grad = [5.0, -0.1]
        >>> SignDescent([p]).step()
        >>> p.data
        array([0.9, 2.1], dtype=float32)
    """

    def __init__(self, params: Any, **defaults: Any) -> None:
        self.param_groups: list[dict[str, Any]] = []
        self._defaults = defaults
        self._state: dict[int, dict[str, Any]] = {}  # by the parameter's place
        self._used: list[dict[str, Any]] = []  # each group's options in the last step
        self._before: list[dict[str, Any]] = []  # the groups that these were read from
        self._packing = Packing()
        self._spent = SpentGradients()
        for group in grouped(self._name, params):
            self._add(group)
        if next(self._parameters(), None) is None:
            raise ValueError(
                f"{self._name}: there is no parameter to train; "
                "give Tensors that require a gradient, or a model that has some"
            )

    def check(self, *args: Any, **options: Any) -> None:
        """Raise unless the options are in range; called when they are new."""

    def start(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return what is remembered before the first step: `start(param, **options)`.

        Args:
            *args: the parameter's array.
            **options: of the parameter's group.

        Returns:
            Numbers and arrays by name; `update` gets them, and changes them.
        """
        return {}

    def update(self, *args: Any, **options: Any) -> None:
        """Change one parameter in place: `update(param, grad, state, **options)`.

        Args:
            *args: the parameter's array, to be written into; its gradient's array, of
                the same shape, to be left as it is; its state, what `start` returned
                with the changes since.
            **options: of the parameter's group.
        """
        raise NotImplementedError(f"{self._name}: update is not written")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; the others are left alone.

        Args:
            closure: if given, called first: computes the loss, its gradients with
                `backward()`, and returns the loss.

        Returns:
            What `closure` returned.

        Raises:
            TypeError, ValueError: if an option is no longer in its range, or a
                parameter with a gradient is read-only; nothing is changed then.
        """
        loss = None
        if closure is not None:
            if not callable(closure):
                raise TypeError(
                    f"{self._name}.step: closure is a {type(closure).__name__}; a "
                    "function that computes the loss and its gradients, or nothing, is "
                    "needed"
                )
            with enable_grad():
                loss = closure()
        if self._spent.watching:
            self._spent.look(self._name, self._parameters())
        options = self._current_options()
        params = [param for group in self.param_groups for param in group["params"]]
        grads = [param.grad for param in params]
        arrays: list[Any] = [
            None if grad is None else param.data
            for param, grad in zip(params, grads, strict=True)
        ]
        self._arrange(arrays)
        update = self._update_in_use()
        for own, (packs, alone) in zip(options, self._packing.groups, strict=True):
            for pack in packs:
                pack.step(arrays, grads, update, own)
            for place in alone:
                data = arrays[place]
                array = wide(data)
                state = self._state_of(place, array, own)
                update(array, wide(grads[place].data), state, **own)
                if array is not data:
                    data[...] = array
        if self._spent.watching:
            self._spent.watch()
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradient of every parameter.

        Args:
            set_to_none: whether to None, or to zeros.
        """
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                else:
                    param.zero_grad()

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Train more parameters from now on.

        Args:
            group: a dict of "params" and of options that shall not be the defaults.

        Raises:
            TypeError, ValueError: as when the optimizer is made; it stays as it is.
        """
        (group,) = grouped(self._name, group)
        self._add(group)

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of all that the next step depends on, besides the parameters.

        Returns:
            "state": for each parameter with state, by its place, what `update`
            remembers; "param_groups": for each group its options and the places of its
            parameters.
        """
        states: dict[int, Any] = {}
        groups = []
        place = 0
        for group in self.param_groups:
            options = plain(options_of(group))
            places = range(place, place + len(group["params"]))
            for place, param in zip(places, group["params"], strict=True):
                if place in self._state:
                    state = self._fitted(self._state[place], wide(param.data), options)
                    states[place] = copied(state)
            place = places.stop
            groups.append({**plain(group), "params": list(places)})
        return {"state": states, "param_groups": groups}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, for the same parameters in order.

        Args:
            state: as returned by `state_dict` of an optimizer of the same class.

        Raises:
            TypeError: if an option is not what it must be; nothing is changed then.
            ValueError: if the groups, names, or shapes are not those of this optimizer,
                or an option is out of its range; nothing is changed then.
        """
        check_state(self._name, state, self.param_groups)
        loaded: dict[int, dict[str, Any]] = {}
        place = 0
        for ours, theirs in zip(self.param_groups, state["param_groups"], strict=True):
            self.check(**options_of(theirs))
            options = plain(options_of(theirs))
            if "initial_lr" in theirs:
                check_number(self._name, "initial_lr", theirs["initial_lr"])
            for param in ours["params"]:
                if place in state["state"]:
                    given = state["state"][place]
                    expected = self._fitted(None, wide(param.data), options)
                    loaded[place] = (
                        like(self._name, place, expected, given)
                        if type(self).start is not Optimizer.start
                        else copied(given)
                    )
                place += 1
        self._state = loaded
        self._before = []  # another option may have been switched before
        self._packing = Packing()
        for ours, theirs in zip(self.param_groups, state["param_groups"], strict=True):
            ours.update(plain({k: v for k, v in theirs.items() if k != "params"}))

    def __repr__(self) -> str:
        usual = inspect.signature(type(self)).parameters
        options = options_of(self.param_groups[0]).items()
        shown = [
            f"{key}={value!r}"
            for key, value in options
            if key not in usual or key == "lr" or value != usual[key].default
        ]
        count = sum(1 for _ in self._parameters())
        what = "1 parameter" if count == 1 else f"{count} parameters"
        if len(self.param_groups) > 1:
            what += f" in {len(self.param_groups)} groups"
        return f"{self._name}({', '.join([f'<{what}>', *shown])})"

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _parameters(self) -> Iterator[Tensor]:
        """All parameters, in the order of their places."""
        for group in self.param_groups:
            yield from group["params"]

    def _add(self, group: Mapping[str, Any]) -> None:
        """Append a group, or leave everything as it is and raise."""
        own = {key: value for key, value in group.items() if key != "params"}
        if unknown := own.keys() - self._defaults.keys() - {"initial_lr"}:
            raise ValueError(
                f"{self._name}: a group sets {', '.join(sorted(unknown))}; "
                f"the options are {', '.join(self._defaults)}"
            )
        options = {**self._defaults, **own}
        self.check(**options_of(options))
        found = tensors(self._name, group["params"])
        seen = {id(param) for param in self._parameters()}
        for tensor in found:
            if id(tensor) in seen:
                raise ValueError(
                    f"{self._name}: the parameter of shape {tensor.shape} comes "
                    "twice; it would be updated twice: give each parameter once"
                )
            seen.add(id(tensor))
        if "lr" in options:
            options.setdefault("initial_lr", options["lr"])
            check_number(self._name, "initial_lr", options["initial_lr"])
        self.param_groups.append({"params": found, **plain(options)})

    def _current_options(self) -> list[dict[str, Any]]:
        """Return the options of each group, checked if they changed since last time."""
        groups = self.param_groups
        if len(groups) == len(self._before) and all(
            map(unchanged, groups, self._before)
        ):
            return self._used
        found = [options_of(group) for group in groups]
        if found == self._used:
            found = self._used  # the same values, but plain numbers
        else:
            for options in found:
                self.check(**options)
            found = [plain(options) for options in found]
            for group, options in zip(groups, found, strict=True):
                group.update(options)
        if not self._before or _but_rates(found) != _but_rates(self._used):
            self._fit(found)
        self._used, self._before = found, [dict(group) for group in groups]
        return found

    def _fit(self, options: list[dict[str, Any]]) -> None:
        """Give each state the entries that it needs with new options.

        A momentum may have been switched on.
        """
        place = 0
        for group, own in zip(self.param_groups, options, strict=True):
            for param in group["params"]:
                if (state := self._state.get(place)) is not None:
                    fitted = self._fitted(state, wide(param.data), own)
                    if fitted is not state:
                        self._state[place] = fitted
                        self._packing = Packing()
                place += 1

    def _update_in_use(self) -> Callable[..., None]:
        """Return `update`, or a compiled kernel for it."""
        function = getattr(self.update, "__func__", None)
        if function is None:  # somebody's own, set on the instance
            return self.update
        return _kernel_for(function).__get__(self)  # type: ignore[no-any-return]

    def _arrange(self, arrays: list[Any]) -> None:
        """Find which parameters are updated together, unless it is as in the last step.

        Args:
            arrays: of each parameter, None of those without a gradient.

        Raises:
            ValueError: if an array is read-only.
        """
        packing = self._packing
        counts = [len(group["params"]) for group in self.param_groups]
        if not packing.fits(counts, arrays):
            for place, array in enumerate(arrays):
                if isinstance(array, np.ndarray) and not array.flags.writeable:
                    raise ValueError(
                        f"{self._name}.step: parameter {place}, of shape "
                        f"{array.shape}, is read-only; an array that can be written "
                        "into is needed: p.data = p.data.copy()"
                    )
            packing.separate(counts, arrays)
        elif not packing.joined and hasattr(self.update, "elementwise"):
            packing.join(arrays, self._state)

    def _state_of(
        self, place: int, param: Any, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what is remembered of a parameter."""
        if place not in self._state:
            self._state[place] = self._fitted(None, param, options)
        return self._state[place]

    def _fitted(
        self, state: dict[str, Any] | None, param: Any, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Return a state with the entries that `start` makes with these options.

        What is missing starts now, what is not needed any more is let go: so a state
        that is saved always fits the options that are saved with it.
        """
        if type(self).start is Optimizer.start:  # `update` alone knows what it needs
            return {} if state is None else state
        if state is not None:
            nothing = np.empty((0,) * param.ndim, param.dtype)  # costs nothing
            if self.start(nothing, **options).keys() == state.keys():
                return state
        started = self.start(param, **options)
        return {name: (state or {}).get(name, v) for name, v in started.items()}


def _but_rates(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return options without the learning rates, which no state depends on."""
    return [{k: v for k, v in own.items() if k != "lr"} for own in options]
