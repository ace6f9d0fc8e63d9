"""Helpers of the tests of pictures: where their boxes and texts are, and a model."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from pebblegrad.autograd import Tensor


class Scaled:
    """A layer that multiplies, and a stand-in for a Module: nn is not installed here.

    Of points (N, D) it is ``x @ weight.T + bias``, of images a multiple.
    """

    def __init__(self, weight: Any, *parts: "Scaled") -> None:
        self.weight = Tensor(np.asarray(weight, np.float32), requires_grad=True)
        self.bias = Tensor(np.zeros(len(weight), np.float32), requires_grad=True)
        self.parts = parts
        self.training = True
        self.seen: list[tuple[type, Any, bool]] = []
        self.hooks: tuple[Callable[..., Any], ...] = ()

    def __call__(self, x: Any) -> Any:
        self.seen.append((type(x), x.dtype, self.training))
        for part in self.parts:
            x = part(x)
        out = x @ self.weight.T + self.bias if x.ndim == 2 else x * self.weight[0, 0]
        for hook in self.hooks:
            hook(self, (x,), out)
        return out

    def named_modules(self) -> list[tuple[str, "Scaled"]]:
        return [("", self), *((f"part{i}", p) for i, p in enumerate(self.parts))]

    def modules(self) -> list["Scaled"]:
        return [module for _, module in self.named_modules()]

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        return [
            (f"{prefix}{'.' * bool(prefix)}{name}", getattr(module, name))
            for prefix, module in self.named_modules()
            for name in ("weight", "bias")
        ]

    def parameters(self) -> list[Tensor]:
        return [parameter for _, parameter in self.named_parameters()]

    def eval(self) -> "Scaled":
        for module in self.modules():
            module.training = False
        return self

    def register_forward_hook(self, hook: Callable[..., Any]) -> Callable[[], None]:
        self.hooks = (*self.hooks, hook)

        def remove() -> None:
            self.hooks = tuple(h for h in self.hooks if h is not hook)

        return remove


@pytest.fixture
def scaled() -> type[Scaled]:
    return Scaled


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def texts() -> Callable[[Figure], list[str]]:
    return lambda figure: [text.get_text() for text in figure.axes[0].texts]


@pytest.fixture
def patches() -> Callable[..., dict[str, Any]]:
    """Return the patches whose gid begins with one of some words."""

    def find(figure: Figure, *words: str) -> dict[str, Any]:
        return {
            patch.get_gid(): patch
            for patch in figure.axes[0].patches
            if patch.get_gid() and patch.get_gid().startswith(words)
        }

    return find


@pytest.fixture
def overlaps() -> Callable[[list[Bbox]], list[tuple[int, int]]]:
    """Return the pairs of rectangles that overlap."""

    def find(boxes: list[Bbox]) -> list[tuple[int, int]]:
        x0, y0, x1, y1 = np.array([box.extents for box in boxes]).T
        aside = (x1[:, None] <= x0) | (x1 <= x0[:, None])
        above = (y1[:, None] <= y0) | (y1 <= y0[:, None])
        meet = ~(aside | above | aside.T | above.T)
        first, second = np.nonzero(np.triu(meet, 1))
        return list(zip(first.tolist(), second.tolist(), strict=True))

    return find


@pytest.fixture
def user_settings() -> dict[str, Any]:
    """Return settings that would spoil a picture, all of them at once."""
    return {
        "text.usetex": True,  # there need not be a TeX on this machine
        "text.color": "white",
        "figure.facecolor": "black",
        "savefig.facecolor": "black",
        "axes.facecolor": "black",
        "axes.edgecolor": "white",
        "axes.labelcolor": "white",
        "axes.titlelocation": "right",
        "axes.titlesize": 40,
        "axes.spines.left": False,
        "axes.grid": True,
        "axes.xmargin": 0.4,
        "axes.formatter.use_locale": True,
        "figure.autolayout": True,
        "font.size": 30,
        "font.style": "italic",
        "image.cmap": "jet",
        "image.interpolation": "bilinear",
        "image.origin": "lower",
        "legend.frameon": True,
        "lines.linewidth": 9,
        "lines.markersize": 20,
        "patch.linewidth": 9,
        "path.sketch": (1, 100, 2),
        "savefig.bbox": "tight",
        "savefig.dpi": 30,
        "savefig.transparent": True,
        "svg.fonttype": "path",
        "xtick.bottom": False,
        "xtick.labelsize": 30,
    }
