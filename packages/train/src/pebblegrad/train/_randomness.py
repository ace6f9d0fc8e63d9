"""Every generator that a training run draws from: seeded, saved and restored."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pebblegrad.autograd import generator, manual_seed
from pebblegrad.nn import Module


def seed_everything(seed: int) -> None:
    """Seed every generator that is not passed around: pebblegrad's, Python's, NumPy's.

    pebblegrad itself draws only from its own, which `autograd.manual_seed` seeds, and
    from Generators that are passed as `rng`. The other two are for code beside it.

    Args:
        seed: an integer from 0 to 2**32 - 1, which is what NumPy's old one takes.

    Raises:
        ValueError: if it is anything else.

    Example:
        >>> import random
        >>> seed_everything(3)
        >>> first = random.random()
        >>> seed_everything(3)
        >>> random.random() == first
        True
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise ValueError(f"seed_everything: seed is {seed!r}; an integer is needed")
    if not 0 <= seed < 2**32:
        raise ValueError(
            f"seed_everything: seed is {seed}; it must be from 0 to {2**32 - 1}"
        )
    manual_seed(int(seed))
    random.seed(int(seed))
    np.random.seed(int(seed))  # noqa: NPY002  the one that others may draw from


class Generators:
    """The generators that a step of a model may draw from.

    Args:
        model: its layers may keep Generators of their own, as `Dropout(rng=...)` does.
    """

    def __init__(self, model: Module) -> None:
        self._of_model = dict(_generators(model))

    def drawn_by_model(self) -> list[Any]:
        """Return the states of those that a forward pass may draw from; a quick one."""
        own = self._of_model.values()
        return [rng.bit_generator.state for rng in (generator(), *own)]

    def rewind(self, states: list[Any]) -> None:
        """Put them back to what `drawn_by_model` returned."""
        own = self._of_model.values()
        for rng, state in zip((generator(), *own), states, strict=True):
            rng.bit_generator.state = state

    def state_dict(self) -> dict[str, Any]:
        """Return the states of all, Python's and NumPy's global ones included."""
        name, keys, *rest = np.random.get_state()  # noqa: NPY002  others may draw there
        return {
            "default": generator().bit_generator.state,
            "model": {k: g.bit_generator.state for k, g in self._of_model.items()},
            "python": random.getstate(),
            "numpy": (name, np.array(keys), *rest),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put all back to where they were.

        Raises:
            ValueError: if the generators of the model are others than those of the
                state; nothing is changed then.
        """
        if self._of_model.keys() != state["model"].keys():
            raise ValueError(
                f"fit: the checkpoint has generators in {sorted(state['model'])}; this "
                f"model has them in {sorted(self._of_model)}: build it as before"
            )
        generator().bit_generator.state = state["default"]
        for key, rng in self._of_model.items():
            rng.bit_generator.state = state["model"][key]
        random.setstate(state["python"])
        np.random.set_state(state["numpy"])  # noqa: NPY002  as above


def _generators(model: Module) -> Iterator[tuple[str, np.random.Generator]]:
    """Yield the Generators that layers keep, by name."""
    for path, module in model.named_modules():
        yield from _inside(path, vars(module))


def _inside(path: str, value: Any) -> Iterator[tuple[str, np.random.Generator]]:
    """Yield a Generator, or those in a list, tuple or dict."""
    if isinstance(value, np.random.Generator):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _inside(f"{path}.{key}".lstrip("."), inner)
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from _inside(f"{path}.{i}", inner)
