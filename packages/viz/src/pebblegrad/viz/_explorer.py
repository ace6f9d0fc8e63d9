"""The backward explorer: one page on which a pass is gone through step by step.

`explore` looks at a graph, and writes an HTML file that holds everything: the data (see
`_explorer_data.py`), the style and the program (the folder `explorer/`, plain files to
be read). The page asks no server for anything, and forbids itself to.
"""

import html
import json
import math
import os
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from pebblegrad.viz._graph_parts import read_count
from pebblegrad.viz._graph_reading import HasGraph, read_graph, speaking_as
from pebblegrad.viz._target import Target, check_title, path_of

WHO = "explore"
# In the order in which they are read; each says at its top what it is for.
SCRIPTS = (
    "story.js",
    "arrays.js",
    "view.js",
    "drawing.js",
    "panel.js",
    "details.js",
    "scalar.js",
    "walk.js",
    "search.js",
    "explorer.js",
)


def explore(
    loss: HasGraph,
    filename: str | os.PathLike[str] = "backward.html",
    *,
    gradient: Any = None,
    title: str | None = None,
    max_elements: int = 64,
    max_nodes: int = 1000,
) -> Path:
    """Write a page on which the forward and backward pass can be walked, op by op.

    Each step lights an op and shows its formula as it stands in the engine, the numbers
    that go in, what comes out and to which gradient it is added. All numbers are the
    engine's own, written exactly; the page computes nothing. It is a single file: open
    it in a browser, mail it, put it on a slide. It needs no network, and is worked by
    mouse, finger, keyboard (press ``?``) or screen reader.

    The pass that is shown is run here, on the side: no ``.grad`` is changed, the graph
    is not freed, and `loss.backward()` can follow. As in every pass hooks are called,
    and the backward of a `Function`, which the scalar view calls again and again.
    What a hook makes of a gradient is shown, that of a leaf as its last step.

    The end of the page's address chooses a step and the colours: ``#step=12``,
    ``#theme=dark``, or both, ``#step=12&theme=dark``, for a page in a frame of another.

    Give Tensors a label to find them on the page by name; for the parameters of a model
    ``for name, p in model.named_parameters(): p.label = name``. A value that no formula
    needs and nobody holds any more (such as a target that was made in passing) is shown
    as gone.

    Args:
        loss: the result, a Tensor, also one of single numbers, of pebblegrad.scalar;
            its graph must still be there, so call this before
            ``backward()`` (or after ``backward(retain_graph=True)``).
        filename: file to write, ending in .html or .htm. Its folder is created when
            missing.
        gradient: what the pass starts from; needed unless `loss` has one element.
        title: above the page; None names the result.
        max_elements: at least 1; of a longer array only so many elements are written,
            a block at its beginning, and the page says how many are left out.
        max_nodes: at least 1; a graph of more values is refused.

    Returns:
        The path of the file.

    Raises:
        TypeError: if `loss` is not a Tensor, or another argument is not of its kind.
        ValueError: if the graph is too large, a number is below 1, the file's ending is
            another one, or `gradient` is missing or does not fit.
        RuntimeError: if `loss` requires no gradient, its graph was freed, or a value
            was written into after the graph was made.
        OSError: if the file cannot be written.

    Example:
        >>> import tempfile
        >>> from pebblegrad.autograd import Tensor
        >>> w = Tensor([0.5, -1.0], requires_grad=True, label="w")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page = explore((w * w).sum(), f"{folder}/backward.html")
        ...     page.name, "g * y" in page.read_text(encoding="utf-8")
        ('backward.html', True)
    """
    target = _read_target(filename)
    check_title(title, WHO)
    most = read_count(max_elements, "max_elements", WHO)
    most_nodes = read_count(max_nodes, "max_nodes", WHO)
    nodes = read_graph(loss, WHO, "loss")
    if len(nodes) > most_nodes:
        raise ValueError(
            f"{WHO}: the graph has {len(nodes):,} values; at most max_nodes = "
            f"{most_nodes:,} were wanted, because a page of more is slow to use; give "
            f"max_nodes={len(nodes)}, or explore a smaller part"
        )
    if nodes[-1].kind == "constant":
        raise RuntimeError(
            f"{WHO}: this Tensor, of shape {nodes[-1].shape}, requires no gradient; "
            "one that was computed from a Tensor with requires_grad=True (outside "
            "no_grad) was needed"
        )
    _check_gradient(gradient, nodes[-1].shape)

    from pebblegrad.viz._explorer_data import tell

    with speaking_as(WHO):
        data = tell(loss, nodes, gradient, most)
    if title is None:
        title = f"Backward from {data['nodes'][-1]['name']}"
    target.write(_page(data, title).encode("utf-8", "replace"))
    return target.path


def _page(data: dict[str, Any], title: str) -> str:
    """Return the page: the template with title, data, style and program put in."""
    folder = resources.files("pebblegrad.viz") / "explorer"
    page = (folder / "page.html").read_text(encoding="utf-8")
    parts = {
        "title": html.escape(title),
        "style": (folder / "explorer.css").read_text(encoding="utf-8"),
        "data": in_script(data),
        "program": "\n".join(
            (folder / name).read_text(encoding="utf-8") for name in SCRIPTS
        ),
    }
    # In one go: what is put in may well contain what looks like a gap.
    pieces = page.split("{{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        filled += [parts[name], rest]
    return "".join(filled)


def in_script(data: Any) -> str:
    r"""Return data as JSON that may stand in a script element.

    Whatever could end the element or the line is written as an escape.

    Example:
        >>> print(in_script(["</script>", "a & b", "\u2028"]))
        ["\u003c/script\u003e","a \u0026 b","\u2028"]
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _read_target(filename: object) -> Target:
    if not isinstance(filename, str | os.PathLike):
        raise TypeError(
            f"{WHO}: filename is of type {type(filename).__name__}; a path ending in "
            ".html was needed"
        )
    path = path_of(filename, WHO)
    if path.suffix.lower() not in (".html", ".htm"):
        raise ValueError(
            f"{WHO}: filename is {os.fspath(filename)!r}; a name ending in .html was "
            "needed, because a page is written"
        )
    return Target(path.absolute(), "html", WHO)


def _check_gradient(gradient: Any, shape: tuple[int, ...]) -> None:
    """Refuse a gradient to start from that is missing or does not fit."""
    if gradient is None:
        if math.prod(shape) != 1:
            raise ValueError(
                f"{WHO}: loss has shape {shape}; a single element was needed to start "
                "from: reduce it, by sum() or mean(), or give gradient=..."
            )
        return
    found = getattr(gradient, "shape", None)
    if found is None:
        try:
            array = np.asarray(gradient)
        except ValueError:  # a nested list that is not rectangular
            array = np.asarray(None)
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"{WHO}: gradient is {gradient!r:.60}; a number, or an array of the "
                f"loss's shape {shape}, was needed"
            )
        found = array.shape
    if tuple(found) != tuple(shape):
        raise ValueError(
            f"{WHO}: gradient has shape {tuple(found)}; loss has shape {shape}, and "
            "the two must be equal"
        )
