"""Models that are no chains of neurons, by their attributes: nn is not needed."""

import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.viz import plot_network_architecture
from pebblegrad.viz._layer_blocks import Block, Group, all_blocks, read_blocks


class Part:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Linear(Part):
    pass


class Conv2d(Part):
    pass


class MaxPool2d(Part):
    pass


class ReLU(Part):
    pass


class Embedding(Part):
    pass


class LSTM(Part):
    pass


class MultiheadAttention(Part):
    pass


class LayerNorm(Part):
    pass


class Dropout(Part):
    pass


class Layer(Part):
    """A layer of a transformer, which lists its parts in another order than it uses."""


def linear(a, b):
    return Linear(in_features=a, out_features=b)


def conv(a, b, **more):
    return Conv2d(in_channels=a, out_channels=b, kernel_size=(3, 3), **more)


def relu(x):
    return x


def transformer(**more):
    return Layer(
        self_attn=MultiheadAttention(embed_dim=8, num_heads=2),
        linear1=linear(8, 16),
        activation=relu,
        dropout=Dropout(p=0.1),
        linear2=linear(16, 8),
        norm1=LayerNorm(normalized_shape=(8,)),
        norm2=LayerNorm(normalized_shape=8),
        dropout1=Dropout(p=0.0),
        dropout2=Dropout(p=0.1),
        **more,
    )


def words(item):
    """Return names in their order; in brackets what is added to, with its input."""
    if isinstance(item, Block):
        return item.name
    inside = [words(part) for part in item.items]
    return (item.title, *inside) if item.title else inside


CNN = [
    conv(1, 16, padding=(1, 1), activation="relu"),
    MaxPool2d(kernel_size=2, stride=2),
    linear(64, 10),
]


def test_a_convolutional_network_begins_with_its_channels_and_shows_every_layer(texts):
    figure = plot_network_architecture(CNN)

    assert texts(figure) == [
        *("input", "1 channel"),
        *("Conv2d", "1 → 16 channels, 3 × 3, padding 1"),
        "relu",
        *("MaxPool2d", "2 × 2"),
        *("Linear", "64 → 10"),
        *("output", "10 numbers"),
    ]
    assert figure.axes[0].get_title() == "Network of 2 layers"


@pytest.mark.parametrize(
    ("layer", "detail", "takes", "gives"),
    [
        (conv(3, 8, stride=(2, 2)), "3 → 8 channels, 3 × 3, stride 2", 3, 8),
        (
            conv(4, 4, padding="same", groups=4),
            "4 → 4 channels, 3 × 3, padding same, groups 4",
            4,
            4,
        ),
    ],
)
def test_a_convolution_says_what_is_not_usual(layer, detail, takes, gives):
    (block,) = read_blocks(layer).items

    assert (block.detail, block.takes) == (detail, f"{takes} channels")
    assert block.gives == f"{gives} channels"


def test_words_go_through_an_embedding_and_a_recurrent_layer(texts):
    model = [
        Embedding(num_embeddings=1000, embedding_dim=64),
        LSTM(input_size=64, hidden_size=128, num_layers=2, bidirectional=True),
        linear(256, 1000),
    ]

    assert texts(plot_network_architecture(model)) == [
        *("input", "whole numbers from 0 to 999"),
        *("Embedding", "1,000 vectors of 64"),
        *("LSTM", "64 → 128, 2 layers, both directions"),
        *("Linear", "256 → 1,000"),
        *("output", "1,000 numbers"),
    ]


def test_the_parts_of_a_transformers_layer_stand_in_the_order_of_its_computation():
    # Vaswani et al. 2017, section 3.1: LayerNorm(x + Sublayer(x)).
    after = read_blocks(transformer(norm_first=False)).items[0]
    # Xiong et al. 2020: x + Sublayer(LayerNorm(x)).
    before = read_blocks(transformer(norm_first=True)).items[0]

    network = ["Linear", "relu", "Dropout", "Linear", "Dropout"]
    assert words(after)[1:] == (
        ["MultiheadAttention"],
        "LayerNorm",
        network,
        "LayerNorm",
    )
    assert words(before)[1:] == (
        ["LayerNorm", "MultiheadAttention"],
        ["LayerNorm", *network],
    )
    assert all(item.skip for item in before.items)


def test_a_decoder_reads_the_encoder_between():
    layer = transformer(
        multihead_attn=MultiheadAttention(embed_dim=8, num_heads=2),
        norm3=LayerNorm(normalized_shape=8),
        dropout3=Dropout(p=0.0),
    )
    details = [b.detail for b in all_blocks(read_blocks(layer)) if "head" in b.detail]

    assert details == [
        "8 features, 2 heads, self-attention",
        "8 features, 2 heads, reads the encoder",
    ]


def test_layers_that_repeat_are_drawn_once_and_counted(texts, patches):
    figure = plot_network_architecture([transformer() for _ in range(6)])

    assert "Layer × 6" in texts(figure)
    assert len(patches(figure, "frame-")) == 1
    assert len(patches(figure, "plus-")) == 2
    assert figure.axes[0].get_title() == "Network of 18 layers"


def test_the_middle_of_a_long_row_is_left_out_and_counted(texts):
    figure = plot_network_architecture([conv(8, 8) for _ in range(60)])

    assert "… 37 more …" in texts(figure)
    assert texts(figure).count("Conv2d") == 23
    assert figure.axes[0].get_title() == "Network of 60 layers"


def test_a_chain_of_linear_layers_stays_columns_of_neurons():
    assert read_blocks([linear(3, 4), ReLU(), Dropout(p=0.5), linear(4, 2)]) is None
    assert read_blocks([3, 4]) is None


def test_a_model_that_is_in_itself_is_read_once():
    model = [conv(1, 2)]
    model.append(model)

    assert words(read_blocks(model)) == ["Conv2d"]


@pytest.mark.parametrize(
    "model",
    [
        CNN,
        [transformer(norm_first=first) for first in (True, False)],
        [[conv(1, 1)], transformer(), conv(1, 1)],
        [conv(10**9, 10**9)] * 40,
        [type("K" * 60, (Conv2d,), {})(in_channels=1, out_channels=1, kernel_size=1)],
    ],
    ids=["cnn", "transformer", "nested", "huge", "long name"],
)
def test_texts_neither_overlap_nor_are_clipped(model, overlaps, patches):
    figure = plot_network_architecture(model)
    figure.canvas.draw()
    texts = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text() != "+"]
    texts.append(figure.axes[0].title.get_window_extent())
    boxes = [b.get_window_extent() for b in patches(figure, "block-").values()]

    assert overlaps(texts) == []
    assert overlaps(boxes) == []
    for part in texts + boxes:
        assert 0 <= part.x0 and part.x1 <= figure.bbox.x1
        assert 0 <= part.y0 and part.y1 <= figure.bbox.y1


def test_boxes_stand_below_each_other_within_their_frame(patches):
    figure = plot_network_architecture([transformer()])
    figure.canvas.draw()
    extents = {k: p.get_window_extent() for k, p in patches(figure, "").items()}
    frame = extents["frame-0"]
    blocks = [extent for key, extent in extents.items() if key.startswith("block-")]

    assert all(a.y0 > b.y1 for a, b in itertools.pairwise(blocks))
    for block in blocks:
        assert frame.x0 < block.x0 and block.x1 < frame.x1
        assert frame.y0 < block.y0 and block.y1 < frame.y1


def test_given_axes_are_drawn_into():
    figure = Figure(figsize=(3, 3))
    axes = figure.subplots(1, 2)

    assert plot_network_architecture(CNN, ax=axes[1]) is figure
    assert axes[1].patches and not axes[0].patches


def test_groups_and_weights_are_counted_as_often_as_they_compute():
    group = Group((Block("a", weights=2, gives="x"),), "b", times=3)

    assert sum(block.weights for block in all_blocks(group)) == 6


@pytest.mark.parametrize(
    ("shape", "kind", "message"),
    [
        ("28", TypeError, "input_shape is '28'; a tuple of sizes was needed"),
        ((1, 2.5), TypeError, r"input_shape is \(1, 2.5\); a tuple of sizes"),
        ((1, 0), ValueError, r"input_shape is \(1, 0\); sizes of at least 1"),
        (
            (1, 4),
            TypeError,
            r"and layer_sizes is of type list; a Module, which can be run",
        ),
    ],
)
def test_what_cannot_be_run_is_refused(shape, kind, message):
    with pytest.raises(kind, match=f"^plot_network_architecture: .*{message}"):
        plot_network_architecture(CNN, input_shape=shape)


def test_weights_are_those_of_a_layers_parameters(texts):
    layer = conv(1, 2)
    layer.parameters = lambda: [np.ones((2, 1, 3, 3)), np.ones(2)]

    assert any("20 weights" in text for text in texts(plot_network_architecture(layer)))
