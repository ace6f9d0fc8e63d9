"""What a layer makes of one image: its channels as small images.

The model runs once, in evaluation and without recording, with a hook on the layer that
keeps what it returns.
"""

import os
from typing import TYPE_CHECKING, Any

from pebblegrad.viz._arrays import Floats, read_array, read_floats, read_whole
from pebblegrad.viz._models import check_callable, evaluation, input_for
from pebblegrad.viz._mosaic import (
    Mosaic,
    columns_for,
    draw_mosaic,
    finite_limits,
    not_finite_note,
    scale_note,
)
from pebblegrad.viz._settings import with_own_settings
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = "plot_feature_maps"


@with_own_settings
def plot_feature_maps(
    model: Any,
    image: Any,
    layer: Any,
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    max_maps: int = 64,
) -> "Figure":
    """Draw what a layer gives for one image, a small image for each channel.

    Args:
        model: a Module that takes (1, C, H, W). It runs in evaluation and is left as it
            was.
        image: (C, H, W), (1, C, H, W), or (H, W), which is taken for one channel.
        layer: a module inside the model, or its name as in `named_modules()`.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure; text scales with the
            picture to its present size.
        title: above the picture; None gives the layer and the shape, an empty string
            none.
        max_maps: only the first so many are drawn, and the picture says so.

    Returns:
        The figure; ``figure.axes[0].images`` (or ``ax.images``) are the maps. If the
        layer is called several times they are those of the last call.

    Raises:
        TypeError: if `model` is no Module, `layer` cannot be hooked, or another
            argument is not of its kind.
        ValueError: if there is no layer of that name, the image or what the layer gives
            has another shape, or the file's ending is not one of the three.
        RuntimeError: if the model does not call the layer.
        OSError: if the file cannot be written.

    Example:
        >>> import numpy as np
        >>> class Edges:  # a stand-in for a pebblegrad.nn.Module
        ...     hooks = ()
        ...
        ...     def register_forward_hook(self, hook):
        ...         self.hooks = (hook,)
        ...         return lambda: setattr(self, "hooks", ())
        ...
        ...     def __call__(self, x):
        ...         out = x[:, :, :, 1:] - x[:, :, :, :-1]
        ...         for hook in self.hooks:
        ...             hook(self, (x,), out)
        ...         return out
        >>> model = Edges()
        >>> figure = plot_feature_maps(model, np.eye(4), model)
        >>> figure.axes[0].get_title()
        'Edges: 1 map of 4 × 3'
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    most = read_whole(max_maps, WHO, "max_maps", 1)
    check_callable(model, WHO)
    name, module = _find(model, layer)
    needed = "one image of shape (C, H, W) was needed"
    array = read_array(image, WHO, "image", needed)
    given = array.shape
    array = array[None] if array.ndim == 2 else array
    array = array[None] if array.ndim == 3 else array
    if array.ndim != 4 or len(array) != 1 or not array.size:
        raise ValueError(f"{WHO}: image has shape {given}; {needed}")

    seen: list[Any] = []
    remove = module.register_forward_hook(lambda _, __, out: seen.append(out))
    try:
        with evaluation(model):
            model(input_for(model, WHO)(array))
    finally:
        # pebblegrad gives a function that removes the hook, PyTorch an object.
        (remove if callable(remove) else remove.remove)()
    if not seen:
        raise RuntimeError(
            f"{WHO}: the model did not call {name}; a layer that takes part in the "
            "forward pass was needed"
        )
    maps = _read_maps(seen[-1], name)

    from pebblegrad.viz._paper import finish

    count, height, width = maps.shape
    drawn = maps[:most]
    limits = finite_limits(drawn)
    notes = [scale_note(limits, "darkest", "lightest"), *not_finite_note(drawn)]
    if count > most:
        notes.append(f"{most:,} of {count:,} maps")
    if title is None:
        title = f"{name}: {count:,} map{'s' * (count != 1)} of {height} × {width}"
    mosaic = Mosaic(list(drawn), [], columns_for(len(drawn)), limits, "gray", notes)
    return finish(draw_mosaic(mosaic, title, ax), target)


def _find(model: Any, layer: Any) -> tuple[str, Any]:
    """Return name and module of the layer."""
    named: dict[str, Any] = {}
    if callable(getattr(model, "named_modules", None)):
        named = {str(key): module for key, module in model.named_modules() if key}
    if isinstance(layer, str):
        if layer not in named:
            known = ", ".join(list(named)[:12]) + ", …" * (len(named) > 12)
            raise ValueError(
                f"{WHO}: layer is {layer!r}; one of {known or '(no names)'} was needed"
            )
        return f"{layer} ({type(named[layer]).__name__})", named[layer]
    if not callable(getattr(layer, "register_forward_hook", None)):
        raise TypeError(
            f"{WHO}: layer is of type {type(layer).__name__}; a module of the model "
            "was needed, such as model[0], or its name, such as '0'"
        )
    name = next((key for key, module in named.items() if module is layer), "")
    kind = type(layer).__name__
    return (f"{name} ({kind})" if name else kind), layer


def _read_maps(out: Any, name: str) -> Floats:
    needed = "(1, C, H, W) was needed; choose a convolution, or what follows it"
    maps = read_floats(out, WHO, f"what {name} returned", needed)
    if maps.ndim != 4 or len(maps) != 1 or not maps.size:
        raise ValueError(f"{WHO}: {name} returned shape {maps.shape}; {needed}")
    first: Floats = maps[0]
    return first
