"""Pictures of real models: viz knows no class of nn, optim and train, and fits them."""

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

from pebblegrad import nn, optim, scalar, viz
from pebblegrad.autograd import Tensor
from pebblegrad.train import History

GALLERY = Path(__file__).parent.parent / "docs" / "gallery.py"


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def network():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=0),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(4 * 36, 3, rng=1),
    )


def state(model):
    return {name: array.tobytes() for name, array in model.state_dict().items()}


def test_a_picture_changes_nothing_in_a_model(network, rng):
    x = Tensor(rng.random((2, 1, 6, 6)).astype(np.float32))
    nn.cross_entropy(network(x), [0, 1]).backward()
    gradients = [p.grad.data.tobytes() for p in network.parameters()]
    network[3].eval()
    before = state(network)

    viz.plot_filters(network[0])
    viz.plot_feature_maps(network, x.data[0], "2")
    viz.plot_weight_histograms(network)
    viz.plot_gradient_flow(network)
    viz.plot_loss_surface(
        network, lambda: nn.cross_entropy(network(x), [0, 1]), resolution=3, rng=0
    )

    assert state(network) == before
    assert [p.grad.data.tobytes() for p in network.parameters()] == gradients
    assert [m.training for m in network.modules()] == [True] * 4 + [False] + [True] * 2
    assert not any(module._hooks for module in network.modules())


def test_feature_maps_are_those_of_the_layer_in_evaluation(network, rng):
    image = rng.random((6, 6)).astype(np.float32)
    figure = viz.plot_feature_maps(network, image, network[2])
    network.eval()
    expected = network[2](network[1](network[0](Tensor(image[None, None])))).data[0]
    shown = [np.asarray(drawn.get_array()) for drawn in figure.axes[0].images]

    np.testing.assert_array_equal(shown, expected)


def test_the_boundary_of_a_module_does_not_depend_on_dropout_or_the_batch(rng):
    X = rng.normal(size=(20, 2))
    model = nn.Sequential(
        nn.Linear(2, 8, rng=0),
        nn.BatchNorm1d(8),
        nn.Dropout(0.9),
        nn.Linear(8, 2, rng=1),
    )
    images = [
        viz.plot_decision_boundary(
            model, X, X[:, 0] > 0, resolution=20, batch_size=size
        )
        .axes[0]
        .images[0]
        .get_array()
        for size in (50, 1000)
    ]

    # Not bit for bit: BLAS adds in another order for other batches.
    np.testing.assert_allclose(*images, atol=1e-5)
    assert np.ptp(images[0]) > 0


class Residual(nn.Module):
    """Lists its layers in another order than it calls them, and adds its input."""

    def __init__(self):
        self.last = nn.Conv2d(4, 4, 3, padding=1, rng=0)
        self.first = nn.Conv2d(4, 4, 3, padding=1, rng=1)

    def forward(self, x):
        return nn.relu(x + self.last(nn.relu(self.first(x))))


def architecture(model, shape=None):
    figure = viz.plot_network_architecture(model, input_shape=shape)
    marks = [patch.get_gid() for patch in figure.axes[0].patches if patch.get_gid()]
    return [text.get_text() for text in figure.axes[0].texts], marks


def test_a_network_that_is_run_shows_its_shapes_and_is_left_as_it_was(network):
    before, modes = state(network), [m.training for m in network.modules()]
    texts, _ = architecture(network, (2, 1, 6, 6))

    assert texts[:2] == ["input", "(2, 1, 6, 6)"]
    assert texts[-2:] == ["output", "(2, 3)"]
    assert {"(2, 4, 6, 6)", "(2, 144)"} <= set(texts)
    assert state(network) == before
    assert [m.training for m in network.modules()] == modes
    assert not any(module._hooks for module in network.modules())


def test_a_network_whose_run_fails_is_left_as_it_was(network):
    before, modes = state(network), [m.training for m in network.modules()]

    with pytest.raises(ValueError, match=r"conv2d: x has shape \(1, 2, 6, 6\)"):
        architecture(network, (1, 2, 6, 6))
    assert state(network) == before
    assert [m.training for m in network.modules()] == modes
    assert not any(module._hooks for module in network.modules())


def test_a_residual_block_that_is_run_shows_what_goes_round_it():
    model = nn.Sequential(nn.Conv2d(1, 4, 3, rng=0), Residual(), Residual())
    texts, marks = architecture(model, (1, 1, 8, 8))

    assert texts.count("Residual × 2") == 1
    assert [mark for mark in marks if mark.startswith("plus")] == ["plus-0"]
    assert [t for t in texts if t in ("relu", "+", "Conv2d")] == [
        *("Conv2d", "Conv2d", "relu", "Conv2d", "+", "relu")
    ]


def test_models_with_words_and_steps_are_drawn_with_and_without_a_run():
    class Reader(nn.Module):
        def __init__(self):
            self.embed = nn.Embedding(9, 4, rng=0)
            self.lstm = nn.LSTM(4, 5, batch_first=True, rng=0)
            self.head = nn.Linear(5, 2, rng=0)

        def forward(self, x):
            return self.head(self.lstm(self.embed(x))[0][:, -1])

    listed, _ = architecture(Reader())
    seen, _ = architecture(Reader(), (3, 7))

    assert [t for t in listed if t.isalpha()] == [
        *("input", "Embedding", "LSTM", "Linear", "output")
    ]
    assert "(3, 7, 5)" in seen and "other ops" in seen and seen[-1] == "(3, 2)"


def test_a_transformer_is_drawn_in_the_order_of_its_computation():
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, rng=0)
    model = nn.TransformerEncoder(layer, 3)
    for shape in (None, (5, 1, 8)):
        texts, marks = architecture(model, shape)
        names = [t for t in texts if t in ("MultiheadAttention", "LayerNorm", "Linear")]

        assert names == [
            *("MultiheadAttention", "LayerNorm", "Linear", "Linear", "LayerNorm")
        ]
        assert "TransformerEncoderLayer × 3" in texts
        assert "plus-1" in marks


def test_a_branch_is_said_to_read_an_earlier_value():
    class Fork(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1)

        def forward(self, x):
            return self.a(x) * self.b(x)

    texts, _ = architecture(Fork(), (4, 3))

    assert any(text.startswith("reads an earlier value, 3 → 2") for text in texts)
    assert "other ops" in texts


def test_schedules_are_drawn_and_not_moved():
    schedule = optim.StepLR(0.4, step_size=2, gamma=0.5)
    figure = viz.plot_lr_schedule(schedule, 5)

    assert figure.axes[0].lines[0].get_ydata().tolist() == [0.4, 0.4, 0.2, 0.2, 0.1]
    assert schedule.t == 0


def test_a_history_is_drawn_with_its_rate_on_the_outside():
    history = History()
    for epoch in range(3):
        numbers = {"loss": 2.0 - epoch, "val_accuracy": 0.1 * epoch, "lr": 0.01}
        history.append(numbers, seconds=1.0)
    figure = viz.plot_training_history(history, xlabel="epoch")

    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "val_accuracy", "lr"]


def test_activations_of_nn_are_drawn():
    functions = [nn.gelu, nn.LeakyReLU(0.1), nn.Tanh()]
    titles = [a.get_title(loc="left") for a in viz.plot_activations(functions).axes]

    assert titles == ["gelu", "LeakyReLU", "Tanh"]
    assert viz.plot_neuron(1.0, 0.0, activation=nn.silu).axes


def test_attention_and_embedding_of_nn_are_drawn(rng):
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    x = Tensor(rng.normal(size=(1, 5, 8)).astype(np.float32))
    _, weights = attention(x, x, x, average_attn_weights=False)

    assert len(viz.plot_attention(weights, "a b c d e".split()).axes) == 3
    assert viz.plot_embedding(nn.Embedding(9, 4)).get_suptitle() == (
        "9 vectors of 4 numbers"
    )


def test_the_gallery_shows_every_function():
    spec = importlib.util.spec_from_file_location("gallery", GALLERY)
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    names = [draw.__name__ for draw in gallery.GALLERY]
    page = (GALLERY.parent / "gallery.md").read_text(encoding="utf-8")

    assert {name.partition("__")[0] for name in names} == set(viz.__all__)
    assert page == gallery.page()
    for text in gallery.graph_text():
        assert text.strip() in page
    for name in set(names) - {"graph_text"}:
        ending = "gif" if name == "animate_training" else "png"
        picture = GALLERY.parent / "images" / "gallery" / f"{name}.{ending}"

        assert f"(images/gallery/{picture.name})" in page
        assert 5_000 < picture.stat().st_size < 65_000


def explored(loss, folder):
    """Return the data of the explorer's page, and how large the page is."""
    page = viz.explore(loss, folder / "page.html")
    text = page.read_text(encoding="utf-8")
    found = re.search(r'type="application/json" id="data">(.*?)</script>', text, re.S)
    return json.loads(found[1]), page.stat().st_size


def test_a_formula_of_single_numbers_shows_value_and_gradient_of_all():
    x, y = scalar.Tensor(2.0, label="x"), scalar.Tensor(3.0, label="y")
    z = x * y + y
    figure = viz.plot_computation_graph(z, formulas=True)
    texts = [text.get_text() for text in figure.axes[0].texts]
    z.backward()

    assert "Computation graph: 2 ops, 2 leaves" in figure.axes[0].get_title()
    for label, value, gradient in (
        ("x", 2, x.grad),
        ("y", 3, y.grad),
        ("*", 6, 1),
        ("+", 9, 1),
    ):
        at = texts.index(label)
        assert texts[at + 1 : at + 3] == [f"value {value}", f"grad {gradient:g}"]
    assert "dx = g * y" in texts
    assert viz.graph_text(z).splitlines() == [
        "+ value 9 grad 1",
        "├── * value 6 grad 1",
        "│   ├── x value 2 grad 3 leaf",
        "│   └── y value 3 grad 3 leaf [1]",
        "└── y [1], see above",
    ]


def test_a_formula_of_single_numbers_is_drawn_after_backward_too():
    x = scalar.Tensor(2.0, label="x")
    z = x * x + 1
    before = viz.graph_text(z)
    z.backward()

    assert viz.graph_text(z) == before
    assert "x value 2 grad 4" in before


def test_a_net_of_single_numbers_has_a_page(tmp_path):
    model = scalar.MLP(2, [3, 1], rng=0)
    out = model([scalar.Tensor(0.5, label="a"), scalar.Tensor(-1.0, label="b")])
    loss = (out - 1) ** 2
    data, size = explored(loss, tmp_path)
    loss.backward()

    leaves = [node for node in data["nodes"] if node["kind"] == "leaf"]
    shown = sorted(float(data["arrays"][n["gradient"]]["texts"][0]) for n in leaves)
    inputs = 2
    assert len(leaves) == len(model.parameters()) + inputs
    for parameter in model.parameters():
        assert any(number == parameter.grad for number in shown)
    assert all(n["shape"] == "() (a single number)" for n in data["nodes"])
    assert all(s["sentence"] for s in data["steps"])
    ops = [node for node in data["nodes"] if node["kind"] == "op"]
    assert all(len(node["elements"]) == node["size"] == 1 for node in ops)
    assert size < 1_000_000


def test_an_element_of_single_numbers_shows_its_constants(tmp_path):
    data, _ = explored(scalar.Tensor(3.0, label="x") * 2, tmp_path)
    (view,) = data["nodes"][-1]["elements"]

    assert view["inputs"][0]["edges"] == [[[], "3.0", "2", "2"]]
    assert view["constants"][0]["edges"] == [[[], "2"]]


def test_the_page_of_a_small_classifier_is_small(rng, tmp_path):
    model = nn.Sequential(
        nn.Linear(784, 128, rng=0),
        nn.ReLU(),
        nn.Linear(128, 64, rng=1),
        nn.ReLU(),
        nn.Linear(64, 10, rng=2),
    )
    images = rng.normal(size=(32, 784)).astype(np.float32)
    labels = rng.integers(0, 10, size=32)
    loss = nn.cross_entropy(model(Tensor(images, label="images")), labels)
    data, size = explored(loss, tmp_path)
    entries = data["arrays"]

    assert size < 500_000
    assert all(len(entry["texts"]) <= 64 for entry in entries)
    last = next(n for n in data["nodes"] if n["op"] == "cross_entropy")
    indices = data["nodes"][last["parents"][last["inputs"].index("indices")]]
    assert entries[indices["value"]]["texts"] == [str(n) for n in labels]
    first = next(n for n in data["nodes"] if n["op"] == "linear")
    assert (len(first["elements"]), first["size"]) == (12, 32 * 128)
    (from_images,) = first["elements"][0]["constants"]
    assert from_images["edges"][0] == [[0, 0], str(images[0, 0])]
    assert from_images["more"] == 784 - 9


@pytest.mark.parametrize(
    "make",
    [
        lambda x: nn.Conv2d(1, 2, 3, rng=0)(x),
        lambda x: nn.BatchNorm2d(1)(nn.Dropout(0.5, rng=0)(x)),
        lambda x: nn.MaxPool2d(2)(x).flatten(),
        lambda x: nn.AvgPool2d(2)(x) * x[:, :, :2, :3],
        lambda x: nn.LSTM(6, 4, rng=0)(x[0])[0],
        lambda x: nn.GRU(6, 4, rng=0)(x[0])[0],
        lambda x: nn.TransformerEncoderLayer(6, 2, 8, rng=0)(x[0]),
        lambda x: nn.Embedding(5, 6, rng=0)(np.array([1, 4, 1])) + x[0, 0, :3],
    ],
    ids=["conv", "norm", "max", "average", "lstm", "gru", "transformer", "embedding"],
)
def test_layers_of_nn_have_pages_that_show_what_backward_leaves(make, rng, tmp_path):
    x = Tensor(rng.normal(size=(2, 1, 4, 6)).astype(np.float32), True, label="x")
    loss = (make(x) ** 2).sum()
    data, size = explored(loss, tmp_path)
    loss.backward()

    (node,) = (node for node in data["nodes"] if node["name"] == "x")
    shown = data["arrays"][node["gradient"]]
    assert shown["texts"] == [str(number) for number in x.grad.data.ravel()]
    assert size < 1_000_000
