"""Pictures of real models: viz knows no class of nn, optim and train, and fits them."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from pebblegrad import nn, optim, viz
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
    drawn = {draw.__name__ for draw in gallery.GALLERY}
    page = (GALLERY.parent / "gallery.md").read_text(encoding="utf-8")

    assert drawn == {n for n in viz.__all__ if n.startswith(("plot_", "animate_"))}
    assert page == gallery.page()
    for name in drawn:
        ending = "gif" if name == "animate_training" else "png"
        picture = GALLERY.parent / "images" / "gallery" / f"{name}.{ending}"
        assert picture.stat().st_size < 41_000
