import functools
import time
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from pebblegrad.viz import plot_network_architecture


class Linear:
    """What every linear layer has, here and elsewhere."""

    def __init__(self, in_features, out_features, **more):
        self.in_features, self.out_features = in_features, out_features
        vars(self).update(more)


class ReLU:
    pass


class Dropout:
    pass


class Model:
    """Lists its parts as pebblegrad's and PyTorch's modules do."""

    def __init__(self, *named):
        self.named = named

    def named_modules(self):
        yield "", self
        yield from self.named

    def modules(self):
        return (part for _, part in self.named_modules())


class Row(Model):
    """Can be gone through, and lists each part once, as a Sequential does."""

    def __init__(self, *parts):
        self.parts = parts
        once = {id(part): (str(i), part) for i, part in reversed([*enumerate(parts)])}
        super().__init__(*reversed([n for n in once.values() if not is_function(n[1])]))

    def __iter__(self):
        return iter(self.parts)

    def __len__(self):
        return len(self.parts)


def is_function(part):
    return hasattr(part, "__name__")


def squash(x):
    return x


def neurons(figure, patches):
    """Count the neurons of each layer."""
    layers = [int(name.split("-")[1]) for name in patches(figure, "layer-")]
    return {layer: layers.count(layer) for layer in dict.fromkeys(layers)}


def connections(figure):
    (lines,) = (
        collection
        for collection in figure.axes[0].collections
        if isinstance(collection, LineCollection)
    )
    return lines.get_segments()


def test_every_neuron_and_connection_of_a_small_network_is_drawn(patches, texts):
    figure = plot_network_architecture([2, 8, 4, 1])

    assert neurons(figure, patches) == {0: 2, 1: 8, 2: 4, 3: 1}
    assert len(connections(figure)) == 2 * 8 + 8 * 4 + 4 * 1
    assert texts(figure) == [
        *("input", "2", "hidden 1", "8"),
        *("hidden 2", "4", "output", "1"),
    ]
    assert figure.axes[0].get_title() == "Network 2 – 8 – 4 – 1"


def test_connections_run_from_neuron_to_neuron(patches):
    figure = plot_network_architecture([2, 3])
    centers = [p.get_center() for p in patches(figure, "layer-").values()]
    wanted = {(*a, *b) for a in centers[:2] for b in centers[2:]}

    assert {tuple(np.ravel(line).tolist()) for line in connections(figure)} == wanted


def test_a_large_layer_is_shortened_and_its_true_size_printed(patches, texts):
    figure = plot_network_architecture([784, 128, 64, 10])

    assert neurons(figure, patches) == {0: 10, 1: 10, 2: 10, 3: 10}
    dots = [p for p in figure.axes[0].patches if p.get_gid() == "dots"]
    assert len(dots) == 3 * 3
    assert [t for t in texts(figure) if t.isdigit()] == ["784", "128", "64", "10"]


def test_max_neurons_decides_what_is_large(patches):
    figure = plot_network_architecture([5, 4], max_neurons=4)
    ys = [p.get_center()[1] for p in patches(figure, "layer-0").values()]

    assert neurons(figure, patches) == {0: 4, 1: 4}
    assert np.diff(ys).argmax() == 1  # the dots are between the second and the third


def test_the_middle_of_a_deep_network_is_left_out_and_counted(patches, texts):
    figure = plot_network_architecture([3] * 40)

    assert len(neurons(figure, patches)) == 16
    assert "24 more" in texts(figure)
    assert {"hidden 7", "hidden 32"} <= set(texts(figure))
    assert "hidden 8" not in texts(figure)
    assert len(connections(figure)) == 14 * 9


@pytest.mark.parametrize(
    "sizes", [(2, 1), np.array([2, 1]), range(2, 0, -1), [np.int64(2), 1]]
)
def test_sizes_come_in_any_sequence(sizes, patches):
    assert neurons(plot_network_architecture(sizes), patches) == {0: 2, 1: 1}


@pytest.mark.parametrize(
    "model",
    [
        Model(("a", Linear(3, 4)), ("b", ReLU()), ("c", Linear(4, 2))),
        Model(
            ("s", Model(("0", Linear(3, 4)), ("1", ReLU()))),
            ("s.0", "what a part lists is asked of the part"),
            ("s.1", "as well"),
            ("h", Linear(4, 2)),
        ),
        Model(("a", Linear(3, 4, activation="ReLU")), ("c", Linear(4, 2))),
        Model(
            ("a", Linear(3, 4)),
            ("a.f", Dropout()),
            ("b", ReLU()),
            ("c", Linear(4, 2)),
        ),
        SimpleNamespace(layers=[Linear(3, 4), ReLU(), Linear(4, 2)]),
        SimpleNamespace(
            layers=[SimpleNamespace(layers=[Linear(3, 4), ReLU()]), Linear(4, 2)]
        ),
        SimpleNamespace(
            modules=lambda: iter([Linear(3, 4, activation=ReLU()), Linear(4, 2)])
        ),
        [Linear(3, 4), ReLU(), Linear(4, 2)],
        {"up": Linear(3, 4), "bend": ReLU(), "down": Linear(4, 2)},
        # A container whose parts stand in a list is no layer itself.
        Model(
            ("net", Model(("blocks.0", Linear(3, 4)), ("blocks.1", ReLU()))),
            ("net.blocks.0", "in a list"),
            ("net.blocks.1", "in a list"),
            ("head", Linear(4, 2)),
        ),
        Row(Linear(3, 4), ReLU(), Linear(4, 2)),
        Model(("row", Row(Linear(3, 4), ReLU())), ("head", Linear(4, 2))),
    ],
)
def test_a_model_is_read_by_what_it_lists(model, patches, texts):
    figure = plot_network_architecture(model)

    assert neurons(figure, patches) == {0: 3, 1: 4, 2: 2}
    assert texts(figure) == [
        *("input", "3"),
        *("hidden 1", "4", "ReLU"),
        *("output", "2"),
    ]


def test_what_stands_in_a_sequential_twice_is_drawn_twice(texts):
    relu, middle = ReLU(), Linear(4, 4)
    row = Row(Linear(3, 4), relu, middle, relu, middle, relu, Linear(4, 2))

    assert texts(plot_network_architecture(Model(("row", row)))) == [
        *("input", "3", "hidden 1", "4", "ReLU", "hidden 2", "4", "ReLU"),
        *("hidden 3", "4", "ReLU", "output", "2"),
    ]


def test_plain_functions_in_a_sequential_are_captions(texts):
    row = Row(Linear(3, 4), squash, functools.partial(squash, 1), Linear(4, 2), max)

    assert texts(plot_network_architecture(row)) == [
        *("input", "3", "hidden 1", "4", "squash", "squash", "output", "2", "max")
    ]


def test_parameters_in_a_list_are_no_layers(texts):
    row = Row(Linear(3, 4), Row(np.ones(3), np.ones(4)), Linear(4, 2))

    assert "ndarray" not in texts(plot_network_architecture(row))


def test_a_model_that_is_in_itself_is_read_once(texts):
    model = [Linear(3, 4)]
    model.append(model)

    assert texts(plot_network_architecture(model)) == ["input", "3", "output", "4"]


def test_an_activation_is_asked_of_the_layer_and_not_read_from_its_repr(texts):
    class Described(Linear):
        def __repr__(self):
            return "Linear(3, 4, activation='tanh')"

    figure = plot_network_architecture(
        [Described(3, 4, activation="relu"), Described(4, 2, activation=None)]
    )

    assert "relu" in texts(figure)
    assert "tanh" not in texts(figure)


def test_one_linear_layer_is_a_network():
    figure = plot_network_architecture(Linear(3, 4))

    assert figure.axes[0].get_title() == "Network 3 – 4"


def test_many_notes_are_counted(texts):
    figure = plot_network_architecture(
        [Linear(3, 4), *[part for _ in range(5) for part in (ReLU(), Dropout())]]
    )

    assert texts(figure)[-4:] == ["ReLU", "Dropout", "ReLU", "and 7 more"]


class AnActivationWithAVeryLongName:
    pass


@pytest.mark.parametrize(
    "network",
    [
        [784, 128, 64, 10],
        [1, 1],
        [12] * 30,
        [10**12, 1],
        [
            Linear(10**9, 10**9),
            AnActivationWithAVeryLongName(),
            Linear(10**9, 5),
            AnActivationWithAVeryLongName(),
            AnActivationWithAVeryLongName(),
        ],
    ],
    ids=["mnist", "tiny", "deep", "huge", "long names"],
)
def test_texts_neither_overlap_nor_are_clipped(network, overlaps, patches):
    figure = plot_network_architecture(network)
    figure.canvas.draw()
    parts = [text.get_window_extent() for text in figure.axes[0].texts]
    parts.append(figure.axes[0].title.get_window_extent())
    parts += [p.get_window_extent() for p in patches(figure, "layer").values()]

    assert overlaps(parts) == []
    for part in parts:
        assert 0 <= part.x0 and part.x1 <= figure.bbox.x1
        assert 0 <= part.y0 and part.y1 <= figure.bbox.y1


def test_given_axes_are_drawn_into_and_text_shrinks_with_them(patches):
    figure = Figure(figsize=(4, 2))
    first, second = figure.subplots(1, 2)
    returned = plot_network_architecture([20, 20, 20, 20], ax=first)
    figure.draw_without_rendering()
    frame = first.get_window_extent().padded(1)

    assert returned is figure
    assert neurons(figure, patches) == {0: 10, 1: 10, 2: 10, 3: 10}
    assert not second.patches
    assert first.texts[0].get_fontsize() < 5
    for text in first.texts:
        assert frame.contains(*text.get_window_extent().min)
        assert frame.contains(*text.get_window_extent().max)


def test_neurons_stay_round_when_the_axes_change_their_size(patches):
    figure = Figure(figsize=(4, 2), layout="constrained")
    plot_network_architecture([2, 3, 1], ax=figure.subplots(1, 3)[0])
    figure.draw_without_rendering()

    for neuron in patches(figure, "layer-").values():
        box = neuron.get_window_extent()
        assert box.width == pytest.approx(box.height, rel=0.05)


def test_large_layers_take_no_time(tmp_path):
    start = time.process_time()
    plot_network_architecture([10**6] * 200, tmp_path / "a.png")

    assert time.process_time() - start < 10  # about 1 s: a net, not a benchmark


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ([], r"layer_sizes is \[\]; at least two sizes were needed"),
        ([3], r"layer_sizes is \[3\]; at least two sizes"),
        ([3, 0], r"layer_sizes is \[3, 0\]; every size must be at least 1"),
        ([ReLU()], "the list has no layer with in_features and out_features"),
        (Model(), "the Model has no layer with in_features"),
        (
            Model(("up", Linear(3, 4)), ("down", Linear(5, 2))),
            "up gives 4 values and down takes 5; only a chain",
        ),
    ],
)
def test_what_is_not_a_chain_of_layers_is_refused(network, message):
    with pytest.raises(ValueError, match=f"^plot_network_architecture: {message}"):
        plot_network_architecture(network)


@pytest.mark.parametrize("network", [3, "2-8-1", None, object()])
def test_what_is_no_network_is_refused(network):
    with pytest.raises(
        TypeError, match=r"layer_sizes is of type .* layer sizes such as"
    ):
        plot_network_architecture(network)


def test_a_class_is_no_network():
    with pytest.raises(
        TypeError, match="layer_sizes is the class Model; layer sizes such"
    ):
        plot_network_architecture(Model)


def test_sizes_that_are_not_whole_numbers_are_refused():
    with pytest.raises(ValueError, match=r"layer sizes such as \[2, 8, 4, 1\]"):
        plot_network_architecture([2.5, 1.0])
    with pytest.raises(ValueError, match="max_neurons is 2; at least 3"):
        plot_network_architecture([2, 1], max_neurons=2)
    with pytest.raises(ValueError, match=r"max_neurons is 1000000; .* at most 50 was"):
        plot_network_architecture([2, 1], max_neurons=10**6)
    with pytest.raises(TypeError, match="max_neurons is 'many' of type str; a whole"):
        plot_network_architecture([2, 1], max_neurons="many")
