"""Draw the pictures of the gallery: one small example for each function of viz.

    python docs/gallery.py                 # all of them, and docs/gallery.md
    python docs/gallery.py plot_neuron     # only this one

Each function below is named after the one that it shows, and returns what that function
returns; what it needs is in it. A second picture of a function has words behind two
underscores. They write to docs/images/gallery. gallery.md is made of the code itself,
so that what stands there is what was drawn. The page of `explore` is photographed by
Chromium, which may be missing: its picture is then left as it is.
"""

import argparse
import contextlib
import inspect
import io
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pebblegrad import nn, optim, scalar, viz
from pebblegrad.autograd import Tensor
from pebblegrad.data import load_digits, make_moons, make_spirals

DOCS = Path(__file__).parent
IMAGES = DOCS / "images" / "gallery"
DENSITY = 96  # pixels an inch, so that text is of one size in all pictures
RETURN = "return "
LARGEST = 60_000  # bytes of a file; it gets fewer colours until it is smaller
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WINDOW = (1280, 960)  # pixels of the page that is photographed
STEP = 10  # of the walk: through a product, whose rule everybody knows


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, 1, 8, 8) between 0 and 1, and their labels."""
    X, y, _, _ = load_digits(one_hot=False, flat=False)
    return X, y


@cache
def trained_cnn() -> nn.Sequential:
    """Return a small convolutional network that has learned the digits."""
    X, y = digits()
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=0),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 8 * 8, 10, rng=1),
    )
    train(model, X, y, nn.cross_entropy, steps=150, lr=0.01)
    return model


def train(
    model: nn.Module, X: Any, y: Any, loss_of: Any, *, steps: int, lr: float
) -> list[float]:
    """Train on random batches; return the losses."""
    rng = np.random.default_rng(0)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        batch = rng.permutation(len(X))[:128]
        loss = loss_of(model(Tensor(X[batch])), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def plot_computation_graph() -> Any:
    """A computation graph: every op, value and gradient of an expression.

    Alt: a graph of boxes and arrows from x, w and y down to the mean of the squares of
    w times x minus y
    """
    x = Tensor([1.0, 2.0, 3.0], label="x")
    y = Tensor([3.0, 5.0, 7.0], label="y")
    w = Tensor([0.5], requires_grad=True, label="w")
    return viz.plot_computation_graph(((x * w - y) ** 2).mean())


def plot_computation_graph__of_a_network() -> Any:
    """The loss of a network of three layers.

    Alt: a graph that leads from an input and three pairs of weights and biases through
    matrix products and tanh to the cross entropy
    """
    model = nn.Sequential(
        nn.Linear(4, 8, rng=0),
        nn.Tanh(),
        nn.Linear(8, 8, rng=1),
        nn.Tanh(),
        nn.Linear(8, 3, rng=2),
    )
    for name, parameter in model.named_parameters():
        parameter.label = name
    x = Tensor(np.ones((5, 4), np.float32), label="x")
    return viz.plot_computation_graph(nn.cross_entropy(model(x), [0, 1, 2, 0, 1]))


def plot_computation_graph__with_formulas() -> Any:
    """The backward rule of each op, as it stands in the engine.

    Alt: the graph of the mean of tanh of w times x; multiply also says that dy is g
    times x, tanh that dx is g times one minus the square of out
    """
    x = Tensor([1.0, 2.0, 3.0], label="x")
    w = Tensor([0.5], requires_grad=True, label="w")
    return viz.plot_computation_graph((x * w).tanh().mean(), formulas=True)


def plot_computation_graph__of_single_numbers() -> Any:
    """A graph of `pebblegrad.scalar`, with the value and the gradient of each number.

    Alt: a neuron as a graph of single numbers, from two inputs and two weights to tanh;
    each box says its value and its gradient
    """
    x1, x2 = scalar.Tensor(2.0, label="x1"), scalar.Tensor(0.0, label="x2")
    w1, w2 = scalar.Tensor(-3.0, label="w1"), scalar.Tensor(1.0, label="w2")
    return viz.plot_computation_graph((x1 * w1 + x2 * w2 + 6.9).tanh())


def plot_computation_graph__that_is_folded() -> Any:
    """A deep network of layers that are alike: one, and how many more there are.

    Alt: the graph of one layer, and below it a box that says times 11 more
    """
    x = Tensor(np.ones((5, 4), np.float32), label="x")
    for i in range(12):
        w = Tensor(np.eye(4, dtype=np.float32), requires_grad=True, label=f"w{i}")
        x = (x @ w).tanh()
    return viz.plot_computation_graph(x.sum(), fold=True)


def graph_text() -> Any:
    """A graph as text: as a tree for a terminal, as Mermaid for a page, or as DOT."""
    x = Tensor([1.0, 2.0, 3.0], label="x")
    w = Tensor([0.5], requires_grad=True, label="w")
    loss = (x * w).mean()
    formats = ("tree", "mermaid", "dot")
    return [viz.graph_text(loss, format) for format in formats]


def explore() -> Any:
    """A page on which a backward pass is walked through, step by step.

    Alt: a page with a graph on the left, and on the right the formula of the present
    step, the gradient that comes in, the operands and the gradient that goes out
    """
    x = Tensor([1.0, 2.0, 3.0], label="x")
    y = Tensor([3.0, 5.0, 7.0], label="y")
    w = Tensor([0.5], requires_grad=True, label="w")
    return viz.explore(((x * w - y) ** 2).mean(), "backward.html")


def plot_network_architecture() -> Any:
    """The layers of a network, its neurons and their connections.

    Alt: four columns of circles, 2, 8, 4 and 1 of them, each joined to all of the next
    """
    return viz.plot_network_architecture([2, 8, 4, 1])


def plot_network_architecture__of_layers() -> Any:
    """The layers of a model that is run once: shapes, weights, what goes round them.

    Alt: a column of boxes from the input, one image of 8 by 8, through two convolutions
    and an addition of what came before them, to ten numbers
    """

    class Residual(nn.Module):
        def __init__(self) -> None:
            self.conv1 = nn.Conv2d(8, 8, 3, padding=1, rng=0)
            self.conv2 = nn.Conv2d(8, 8, 3, padding=1, rng=1)

        def forward(self, x: Tensor) -> Tensor:
            return nn.relu(x + self.conv2(nn.relu(self.conv1(x))))

    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, activation="relu", rng=2),
        Residual(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 4 * 4, 10, rng=3),
    )
    return viz.plot_network_architecture(model, input_shape=(1, 1, 8, 8))


def plot_network_architecture__of_a_transformer() -> Any:
    """The same of a transformer, whose layers are alike and drawn once.

    Alt: attention and two linear layers in a frame, each with a line around it into a
    plus, between an embedding and the scores of 65 letters
    """
    layer = nn.TransformerEncoderLayer(64, 4, 256, dropout=0.0, norm_first=True, rng=0)
    model = nn.Sequential(
        nn.Embedding(65, 64, rng=1),
        nn.TransformerEncoder(layer, 6, nn.LayerNorm(64)),
        nn.Linear(64, 65, rng=2),
    )
    return viz.plot_network_architecture(model)


def plot_neuron() -> Any:
    """One neuron: what its activation makes of ``weight * x + bias``.

    Alt: an S-shaped curve from 0 to 1, and a dashed straight line through zero at x 0.5
    """
    return viz.plot_neuron(2.0, -1.0, (-4, 4), "sigmoid")


def plot_activations() -> Any:
    """Activation functions beside their derivatives, which autograd computes.

    Alt: six panels: relu, leaky_relu, sigmoid, tanh, gelu and silu, each with a dashed
    derivative
    """
    functions = ["relu", nn.leaky_relu, "sigmoid", "tanh", nn.gelu, nn.silu]
    return viz.plot_activations(functions)


def plot_training_history() -> Any:
    """Curves of a training run: losses left, accuracy right, the rate further out.

    Alt: two falling losses, a rising accuracy and a learning rate that falls in steps
    """
    t = np.arange(30)
    history = {
        "loss": 0.1 + 2 * np.exp(-t / 6),
        "val_loss": 0.25 + 1.9 * np.exp(-t / 6) + 0.004 * t,
        "val_accuracy": 0.95 - 0.8 * np.exp(-t / 5),
        "lr": 0.01 * 0.5 ** (t // 10),
    }
    return viz.plot_training_history(history, xlabel="epoch")


def plot_lr_schedule() -> Any:
    """Learning rates of a schedule, step by step, without an optimizer.

    Alt: three curves: a rate that rises and falls once, one that falls as a cosine, one
    that falls in three steps
    """
    schedules = {
        "one cycle": optim.OneCycleLR(0.1, max_lr=0.1, total_steps=300),
        "cosine": optim.CosineAnnealingLR(0.1, T_max=300),
        "steps": optim.StepLR(0.1, step_size=100, gamma=0.3),
    }
    return viz.plot_lr_schedule(schedules, 300)


def plot_decision_boundary() -> Any:
    """Where a classifier decides for which class, how sure it is, what it gets wrong.

    Alt: three intertwined spirals of points, each on a ground of its own colour that
    follows its turns
    """
    X, y = make_spirals(300, 3, noise=0.02, rng=0)
    model = nn.Sequential(
        nn.Linear(2, 32, rng=0),
        nn.Tanh(),
        nn.Linear(32, 32, rng=1),
        nn.Tanh(),
        nn.Linear(32, 3, rng=2),
    )
    train(model, X, y, nn.cross_entropy, steps=300, lr=0.02)
    return viz.plot_decision_boundary(model, X, y, "Three spirals")


def plot_confusion_matrix() -> Any:
    """Which class was taken for which.

    Alt: a square of ten by ten numbers, dark on the diagonal
    """
    X, y = digits()
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10, rng=0))
    train(model, X, y, nn.cross_entropy, steps=30, lr=0.02)
    return viz.plot_confusion_matrix(y, model(Tensor(X)))


def plot_images() -> Any:
    """Images of a data set with their labels.

    Alt: twenty grey digits of eight by eight pixels, a number above each
    """
    X, y = digits()
    return viz.plot_images(X[:20], y[:20])


def plot_filters() -> Any:
    """The filters of a convolution: blue is negative, red positive.

    Alt: eight squares of three by three cells in blues and reds
    """
    return viz.plot_filters(trained_cnn()[0])


def plot_feature_maps() -> Any:
    """What a layer makes of one image.

    Alt: eight grey images of one digit, each with other edges bright
    """
    X, _ = digits()
    return viz.plot_feature_maps(trained_cnn(), X[0], "1")


def plot_weight_histograms() -> Any:
    """How the weights of each parameter are distributed.

    Alt: four histograms, of the weights and the biases of two layers
    """
    return viz.plot_weight_histograms(trained_cnn())


def plot_gradient_flow() -> Any:
    """How large the gradients are, from the first layer to the last.

    Alt: bars that shrink from the last layer of a network with sigmoids to the first by
    a factor of thousands
    """
    layers: list[nn.Module] = []
    for seed in range(5):
        layers += [nn.Linear(16, 16, rng=seed), nn.Sigmoid()]
    model = nn.Sequential(*layers)
    model(Tensor(np.ones((4, 16), np.float32))).sum().backward()
    return viz.plot_gradient_flow(model)


def plot_attention() -> Any:
    """Which token looks at which.

    Alt: a lower triangle of blue cells between the words of a sentence
    """
    tokens = "the cat sat on the mat .".split()
    scores = np.random.default_rng(0).normal(size=(7, 7)) * 1.5
    scores[np.triu_indices(7, 1)] = -np.inf
    return viz.plot_attention(nn.softmax(Tensor(scores)), tokens)


def plot_embedding() -> Any:
    """Vectors of many numbers in the plane in which they differ most.

    Alt: points in ten colours and shapes, in overlapping clouds
    """
    X, y = digits()
    return viz.plot_embedding(X[:400].reshape(400, 64), y[:400])


def plot_loss_surface() -> Any:
    """The loss around the weights that were found.

    Alt: a dark valley with a cross in its middle, lines of equal loss around it
    """
    X, y = make_moons(100, noise=0.1, rng=0)
    model = nn.Sequential(nn.Linear(2, 16, rng=0), nn.Tanh(), nn.Linear(16, 2, rng=1))
    train(model, X, y, nn.cross_entropy, steps=200, lr=0.02)
    x = Tensor(X)
    return viz.plot_loss_surface(model, lambda: nn.cross_entropy(model(x), y), rng=1)


def animate_training() -> Any:
    """A film: the border between two classes while it is learned.

    Alt: a border that bends, frame by frame, between two half moons
    """
    X, y = make_moons(100, noise=0.1, rng=0)
    model = nn.Sequential(nn.Linear(2, 16, rng=0), nn.Tanh(), nn.Linear(16, 2, rng=1))

    def draw(i: int, ax: Any) -> None:
        train(model, X, y, nn.cross_entropy, steps=12, lr=0.02)
        title = f"After {12 * (i + 1)} steps"
        # Labels, not scores: areas of one colour make a small file.
        viz.plot_decision_boundary(
            lambda x: model(Tensor(x)).data.argmax(axis=1), X, y, title, ax=ax
        )

    return viz.animate_training(draw, count=7, fps=3, dpi=96, colors=32)


GALLERY: list[Callable[[], Any]] = [
    plot_computation_graph,
    plot_computation_graph__of_a_network,
    plot_computation_graph__with_formulas,
    plot_computation_graph__of_single_numbers,
    plot_computation_graph__that_is_folded,
    graph_text,
    explore,
    plot_network_architecture,
    plot_network_architecture__of_layers,
    plot_network_architecture__of_a_transformer,
    plot_neuron,
    plot_activations,
    plot_training_history,
    plot_lr_schedule,
    plot_decision_boundary,
    plot_confusion_matrix,
    plot_images,
    plot_filters,
    plot_feature_maps,
    plot_weight_histograms,
    plot_gradient_flow,
    plot_attention,
    plot_embedding,
    plot_loss_surface,
    animate_training,
]


def small_png(picture: Any) -> bytes:
    """Return a picture as a small file, with as few colours as that needs."""
    for colors in (256, 128, 64, 32):
        out = io.BytesIO()
        # Means of colours, so that a small mark keeps its own.
        picture.quantize(colors, kmeans=2).save(out, format="png", optimize=True)
        if out.tell() < LARGEST:
            break
    return out.getvalue()


def picture_of(figure: Any) -> Any:
    """Return a figure as an image of Pillow."""
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=3 * DENSITY)
    image = Image.open(buffer).convert("RGB")
    size = (round(image.width / 3), round(image.height / 3))
    return image.resize(size, Image.Resampling.LANCZOS)


def photograph(page: Path) -> Any:
    """Return a page as a browser shows it in light colours; None without a browser."""
    from PIL import Image

    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "page.png"
        options = [
            "--headless",
            "--no-sandbox",  # the page is our own
            "--hide-scrollbars",
            "--blink-settings=preferredColorScheme=1",
            f"--user-data-dir={folder}",
            f"--window-size={WINDOW[0]},{WINDOW[1]}",
            f"--screenshot={target}",
        ]
        subprocess.run(
            [browser, *options, f"{page.as_uri()}#step={STEP}"],
            check=True,
            timeout=120,
            capture_output=True,
        )
        image = Image.open(target).convert("RGB")
    return image.resize((image.width * 3 // 4, image.height * 3 // 4))


def drawn(draw: Callable[[], Any]) -> tuple[str, bytes] | None:
    """Return the ending and the content of a picture's file, if there is one."""
    if draw is graph_text:
        return None
    if draw is explore:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            picture = photograph(draw().resolve())
        return None if picture is None else ("png", small_png(picture))
    figure = draw()
    film = getattr(figure, "gif", None)
    return ("gif", film) if film else ("png", small_png(picture_of(figure)))


def page() -> str:
    """Return gallery.md: a sentence, the picture and its code for each function."""
    parts = [
        "# Gallery",
        "All pictures of `pebblegrad.viz`, and the code that made them. "
        "[gallery.py](gallery.py) draws them anew; `digits`, `train` and `trained_cnn` "
        "are in it.",
    ]
    for draw in GALLERY:
        name = draw.__name__
        function, _, which = name.partition("__")
        sentence, _, alt = (inspect.getdoc(draw) or "").partition("\n\nAlt: ")
        alt = " ".join(alt.split())
        ending = "gif" if name == "animate_training" else "png"
        source = inspect.getsource(draw)
        # Outside of its function the last line is no return.
        body = textwrap.dedent(
            source[source.index('"""', source.index('"""') + 3) + 4 :]
        )
        before, _, last = body.strip("\n").rpartition(f"\n{RETURN}")
        code = f"{before}\n{last}" if before else last or body.strip("\n")
        parts += [
            f"## `{function}` {which.replace('_', ' ')}".rstrip(),
            sentence.replace("``", "`"),
        ]
        if alt:
            image = f"images/gallery/{name}.{ending}"
            parts.append(f"![{alt[0].upper()}{alt[1:]}]({image})")
        parts.append(f"```python\n{code.removeprefix(RETURN)}\n```")
        if draw is graph_text:
            parts += [f"```text\n{text.rstrip()}\n```" for text in draw()]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Draw what was asked for, and write the page."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the gallery.")
    parser.add_argument("names", nargs="*", help="(default: all of them)")
    names = parser.parse_args().names
    unknown = set(names) - {draw.__name__ for draw in GALLERY}
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for draw in GALLERY:
        name = draw.__name__
        if names and name not in names:
            continue
        found = drawn(draw)
        if found is None:
            why = "is text" if draw is graph_text else "needs Chromium"
            print(f"{name} {why}: no picture was written")
            continue
        ending, content = found
        path = IMAGES / f"{name}.{ending}"
        path.write_bytes(content)
        print(f"{path.relative_to(DOCS.parent)}: {len(content) / 1000:.1f} kB")
    (DOCS / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
