"""Helpers of the tests of pictures: where their boxes and texts are, and a model."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from pebblegrad import viz
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


@pytest.fixture
def read() -> Callable[[Path], dict[str, Any]]:
    """Return the data of a page of `explore`."""

    def find(page: Path) -> dict[str, Any]:
        found = re.findall(
            r'<script type="application/json" id="data">(.*?)</script>',
            page.read_text(encoding="utf-8"),
            re.DOTALL,
        )
        assert len(found) == 1
        data: dict[str, Any] = json.loads(found[0])
        return data

    return find


@pytest.fixture
def array() -> Callable[[dict[str, Any], int], Any]:
    """Return an array of a page as NumPy's."""

    def find(data: dict[str, Any], place: int) -> Any:
        entry = data["arrays"][place]
        assert entry["block"] == entry["shape"], "cut"
        return np.array(entry["texts"], entry["dtype"]).reshape(entry["shape"])

    return find


@pytest.fixture
def small_net() -> Callable[..., tuple[Tensor, dict[str, Tensor], tuple[Tensor, ...]]]:
    """Return the loss of a net that broadcasts and shares, and its parameters."""

    def make(
        rng: np.random.Generator, dtype: Any = np.float32
    ) -> tuple[Tensor, dict[str, Tensor], tuple[Tensor, ...]]:
        x = Tensor(rng.normal(size=(5, 3)).astype(dtype), label="x")
        y = Tensor(rng.normal(size=(5, 1)).astype(dtype), label="y")
        shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 1), "b2": ()}
        parameters = {
            name: Tensor(rng.normal(size=shape).astype(dtype), True, label=name)
            for name, shape in shapes.items()
        }
        h = (x @ parameters["W1"] + parameters["b1"]).tanh()
        out = h @ parameters["W2"] + parameters["b2"]
        penalty = sum((p * p).sum() for p in parameters.values())
        return ((out - y) ** 2).mean() + 0.1 * penalty, parameters, (x, y)

    return make


# The pictures that all functions draw, each once: what files, axes and settings make of
# them is tested on this list.


def model() -> dict[str, Tensor]:
    w = Tensor(np.eye(2), requires_grad=True)
    (w * w).sum().backward()
    return {"w": w}


def loss() -> float:
    return 1.0


def draw_graph(**options: Any) -> Figure:
    w = Tensor([0.5, -1.0], requires_grad=True, label="w")
    return viz.plot_computation_graph((w * w).sum(), **options)


class Layer:
    """As a layer with hooks, for `plot_feature_maps`."""

    hook: Any = None

    def register_forward_hook(self, hook: Any) -> Callable[[], None]:
        self.hook = hook
        return lambda: None

    def __call__(self, x: Any) -> Any:
        self.hook(self, (x,), x)
        return x


LAYER = Layer()
POINTS = np.array([[0.0, 0.0], [1.0, 1.0]])
PICTURES: dict[str, Callable[..., Any]] = {
    "graph": draw_graph,
    "network": lambda **o: viz.plot_network_architecture([2, 8, 4, 1], **o),
    "history": lambda **o: viz.plot_training_history(
        {"loss": [3, 1], "accuracy": [0, 1]}, **o
    ),
    "activations": lambda **o: viz.plot_activations(["relu", "tanh"], **o),
    "attention": lambda **o: viz.plot_attention(np.eye(3), list("abc"), **o),
    "heads": lambda **o: viz.plot_attention(np.ones((5, 3, 3)) / 3, **o),
    "confusion": lambda **o: viz.plot_confusion_matrix([0, 1], [0, 1], **o),
    "boundary": lambda **o: viz.plot_decision_boundary(
        lambda x: x[:, 0] - 0.4, POINTS, [0, 1], resolution=20, **o
    ),
    "embedding": lambda **o: viz.plot_embedding(np.eye(4), list("aabb"), **o),
    "feature maps": lambda **o: viz.plot_feature_maps(LAYER, np.eye(4), LAYER, **o),
    "filters": lambda **o: viz.plot_filters(np.ones((4, 1, 3, 3)), **o),
    "gradients": lambda **o: viz.plot_gradient_flow(model(), **o),
    "images": lambda **o: viz.plot_images([np.eye(4)] * 3, range(3), **o),
    "loss surface": lambda **o: viz.plot_loss_surface(
        model(), loss, resolution=3, rng=0, **o
    ),
    "rates": lambda **o: viz.plot_lr_schedule({"a": [1, 2], "b": [2, 1]}, **o),
    "neuron": lambda **o: viz.plot_neuron(1.0, 0.5, **o),
    "histograms": lambda **o: viz.plot_weight_histograms(model(), **o),
}


@pytest.fixture
def pictures() -> dict[str, Callable[..., Any]]:
    return PICTURES


@pytest.fixture(params=PICTURES.values(), ids=PICTURES)
def draw(request: pytest.FixtureRequest) -> Any:
    return request.param
