"""Layers of transformers: what they see, what they drop, and what they refuse."""

import copy

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, default_dtype, ops
from pebblegrad.nn import (
    CausalDecoderLayer,
    LayerNorm,
    Linear,
    PReLU,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

LAYERS = [TransformerEncoderLayer, TransformerDecoderLayer, CausalDecoderLayer]


@pytest.fixture(autouse=True)
def exact():
    """Make layers in float64."""
    with default_dtype("float64"):
        yield


def test_a_block_sees_nothing_that_comes_later(rng):
    layer = CausalDecoderLayer(4, 2, batch_first=True, rng=0).eval()
    x = rng.standard_normal((1, 5, 4))
    other = x.copy()
    other[:, 3:] += 1

    one, two = layer(Tensor(x)).data, layer(Tensor(other)).data

    np.testing.assert_allclose(one[:, :3], two[:, :3], rtol=1e-12)
    assert (np.abs(one[:, 3:] - two[:, 3:]) > 1e-3).any(axis=-1).all()


def test_a_block_is_an_encoders_layer_with_other_defaults(rng):
    block = CausalDecoderLayer(4, 2, rng=0).eval()
    layer = TransformerEncoderLayer(4, 2, 16, activation="gelu", norm_first=True)
    layer.eval().load_state_dict(block.state_dict())
    x = Tensor(rng.standard_normal((5, 2, 4)))
    padding = np.array([[True, False, False, False, False], [False] * 5])

    np.testing.assert_array_equal(block(x).data, layer(x, is_causal=True).data)
    np.testing.assert_array_equal(
        block(x, padding).data, layer(x, None, padding, is_causal=True).data
    )


def test_padding_changes_nothing(rng):
    layer = TransformerEncoderLayer(4, 2, 6, batch_first=True, rng=0).eval()
    x = rng.standard_normal((2, 5, 4))
    padding = np.arange(5) >= np.array([[3], [5]])
    other = np.where(padding[..., None], 9.0, x)

    one, two = (layer(Tensor(a), None, padding).data for a in (x, other))

    np.testing.assert_array_equal(one[~padding], two[~padding])


def test_masks_of_a_decoder_are_those_of_its_two_attentions(rng):
    layer = TransformerDecoderLayer(4, 2, 6, rng=0).eval()
    tgt, memory = (rng.standard_normal((3, 2, 4)) for _ in range(2))
    hidden = np.array([[False, False, True]] * 2)
    other = memory.copy()
    other[2] += 1

    masks = {"memory_key_padding_mask": hidden}
    one, two = (layer(Tensor(tgt), m, **masks).data for m in (memory, other))
    np.testing.assert_array_equal(one, two)
    by_mask = layer(Tensor(tgt), other, memory_mask=np.tile(hidden[0], (3, 1))).data
    np.testing.assert_allclose(by_mask, one, rtol=1e-12)

    causal = layer(Tensor(tgt), memory, tgt_is_causal=True, memory_is_causal=True)
    tgt[2], memory[2] = 5.0, 6.0
    later = layer(Tensor(tgt), memory, tgt_is_causal=True, memory_is_causal=True)
    np.testing.assert_allclose(causal.data[:2], later.data[:2], rtol=1e-12)


def test_copies_start_alike_and_are_trained_apart(rng):
    encoder = TransformerEncoder(TransformerEncoderLayer(4, 2, 6, rng=0), 2).eval()
    first, second = encoder.layers
    x = Tensor(rng.standard_normal((3, 2, 4)))

    encoder(x).square().sum().backward()

    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert one is not other
        np.testing.assert_array_equal(one.data, other.data)
        assert one.data is not other.data
    assert len(encoder.parameters()) == 24
    differ = first.linear1.weight.grad.data - second.linear1.weight.grad.data
    assert np.abs(differ).max() > 1e-6


def test_copies_drop_different_things():
    layer = TransformerEncoderLayer(4, 2, 6, dropout=0.5, rng=0)

    encoder = TransformerEncoder(layer, 2)

    first, second = encoder.layers
    assert first.dropout._rng is second.dropout._rng
    assert first.self_attn._rng is second.self_attn._rng


def test_layers_of_a_list_are_used_as_they_are():
    layers = [TransformerDecoderLayer(4, 2, 6, rng=i) for i in range(3)]

    decoder = TransformerDecoder(layers)

    assert decoder.num_layers == 3
    assert all(a is b for a, b in zip(decoder.layers, layers, strict=True))


def test_dropout_is_in_training_only_and_follows_the_seed(rng):
    x = Tensor(rng.standard_normal((3, 2, 4)))

    def outputs(training):
        layer = TransformerEncoderLayer(4, 2, 6, dropout=0.3, rng=5).train(training)
        return layer(x).data, layer(x).data

    one, other = outputs(True)
    again, _ = outputs(True)
    assert np.abs(one - other).max() > 1e-3
    np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(*outputs(False))


@pytest.mark.parametrize("kind", LAYERS)
def test_a_seed_gives_the_same_layer_whose_parts_differ(kind):
    one, other = kind(4, 2, 4, rng=1).state_dict(), kind(4, 2, 4, rng=1).state_dict()

    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])
    assert not np.any(one["linear1.weight"] == one["linear2.weight"])


@pytest.mark.parametrize("kind", LAYERS)
def test_an_activation_may_be_a_function(kind, rng):
    by_function = kind(4, 2, 6, activation=ops.relu, rng=0).eval()
    by_name = kind(4, 2, 6, activation="relu", rng=0).eval()
    xs = [Tensor(rng.standard_normal((3, 2, 4)))] * (1 + (kind is LAYERS[1]))

    np.testing.assert_array_equal(by_function(*xs).data, by_name(*xs).data)
    assert "activation=relu" in repr(by_function)


def test_gradients_arrive_at_every_parameter(rng):
    decoder = TransformerDecoder(
        TransformerDecoderLayer(4, 2, 6, dropout=0.0, rng=0), 2, LayerNorm(4)
    )
    xs = [Tensor(rng.standard_normal((3, 2, 4)), requires_grad=True) for _ in range(2)]

    decoder(*xs).square().sum().backward()

    for tensor in [*xs, *decoder.parameters()]:
        assert np.isfinite(tensor.grad.data).all()


def test_layers_can_be_copied(rng):
    layer = TransformerEncoderLayer(4, 2, 6, rng=0).eval()
    x = Tensor(rng.standard_normal((3, 2, 4)))

    np.testing.assert_array_equal(copy.deepcopy(layer)(x).data, layer(x).data)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 2), {}, "d_model is 0; a positive integer"),
        ((4, -2), {}, "nhead is -2; a positive integer"),
        ((6, 4), {}, "d_model is 6 and nhead 4; each head gets .* must divide"),
        ((4, 2, 0), {}, "dim_feedforward is 0; a positive integer"),
        ((4, 2, 6, 1.1), {}, "dropout is 1.1; a number from 0 to 1"),
        ((4, 2), {"layer_norm_eps": -1}, "layer_norm_eps is -1; a number from 0 on"),
        ((4, 2), {"activation": "swoosh"}, ".*swoosh.* not known"),
        ((4, 2), {"activation": 3}, "activation is 3; a name such as"),
        ((4, 2), {"activation": None}, "activation is None; a name such as"),
    ],
)
def test_wrong_arguments_are_refused(kind, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        kind(*arguments, **options)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda layer: TransformerEncoder(layer, 0),
            ValueError,
            "^TransformerEncoder: num_layers is 0; a positive integer",
        ),
        (
            lambda layer: TransformerEncoder(layer),
            ValueError,
            "num_layers is None; a positive integer",
        ),
        (
            lambda layer: TransformerEncoder([layer], 2),
            ValueError,
            "num_layers is 2, and the list has 1 layers",
        ),
        (
            lambda layer: TransformerDecoder([]),
            ValueError,
            "^TransformerDecoder: num_layers is None, and the list has 0 layers",
        ),
        (
            lambda layer: TransformerEncoder(Linear, 2),
            TypeError,
            "the layer is a type; a module or a list of modules is needed",
        ),
        (
            lambda layer: TransformerEncoder(layer, 2)(np.zeros((3, 2, 5))),
            ValueError,
            r"layers\[0\].self_attn.*query has shape \(3, 2, 5\)",
        ),
        (
            lambda layer: layer(np.zeros((3, 2, 4)), np.zeros((2, 3), bool)),
            ValueError,
            r"self_attn.*attn_mask has shape \(2, 3\); \(L, S\), here \(3, 3\)",
        ),
        (
            lambda layer: TransformerDecoderLayer(4, 2)(
                np.zeros((3, 2, 4)), np.zeros((3, 1, 4))
            ),
            ValueError,
            r"multihead_attn.*batches must be equally large",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call(TransformerEncoderLayer(4, 2, 6))


def test_a_module_may_be_the_activation_and_has_its_state_once():
    layer = TransformerEncoderLayer(4, 2, 6, dropout=0.0, activation=PReLU())

    names = list(layer.state_dict())

    assert [name for name in names if "activation" in name] == ["activation.weight"]
    assert repr(layer).endswith("activation=PReLU())")
    assert layer(Tensor(np.ones((3, 2, 4)))).shape == (3, 2, 4)
