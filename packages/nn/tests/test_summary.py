"""`Module.summary`: the table of what a call goes through."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import Linear, Module, ReLU, Sequential


def net():
    return Sequential(Linear(4, 3), ReLU(), Sequential(Linear(3, 2, bias=False)))


def test_the_table_has_a_row_for_each_call_and_the_sums():
    lines = str(net().summary((5, 4))).splitlines()

    assert [line.rstrip() for line in lines] == [
        "layer            output shape  parameters  multiply-adds",
        "---------------  ------------  ----------  -------------",
        "Sequential       (5, 2)",
        "  0: Linear      (5, 3)                15             60",
        "  1: ReLU        (5, 3)",
        "  2: Sequential  (5, 2)",
        "    0: Linear    (5, 2)                 6             30",
        "---------------  ------------  ----------  -------------",
        "21 parameters to train (84 bytes), 90 multiply-adds",
    ]


def test_rows_can_be_read():
    summary = net().summary((5, 4))

    assert [row.name for row in summary.rows] == ["", "0", "1", "2", "2.0"]
    assert [row.depth for row in summary.rows] == [0, 1, 1, 1, 2]
    assert summary.rows[1].output_shape == (5, 3)
    assert summary.parameters == sum(row.parameters for row in summary.rows) == 21


def test_what_is_called_twice_counts_its_parameters_once():
    layer = Linear(3, 3)

    summary = Sequential(layer, layer).summary((2, 3))

    assert [row.parameters for row in summary.rows] == [0, 12, 0]
    assert (summary.parameters, summary.multiply_adds) == (12, 36)


class Unusual(Module):
    """Takes two inputs, holds a frozen parameter, and never calls one of its layers."""

    def __init__(self):
        self.used, self.spare = Linear(2, 2), Linear(2, 1)
        self.scale = Tensor(np.ones(2, np.float32))
        self.seen = []

    def forward(self, x, y):
        self.seen = [self.training]
        return self.used(x) * self.scale, y


def test_several_inputs_outputs_frozen_parameters_and_layers_that_are_not_called():
    model = Unusual()

    summary = model.summary([(3, 2), (4,)])

    assert summary.rows[0].output_shape == ((3, 2), (4,))
    assert summary.not_called == ("spare",)
    assert "9 parameters to train, 2 not trained" in str(summary)
    assert "not called: spare" in str(summary)
    assert model.seen == [False]
    assert model.training


def test_the_model_is_left_as_it_was_also_after_an_error():
    model = net()
    model[0].eval()

    with pytest.raises(
        ValueError, match=r"model\.layers\[0\] \(Linear\): linear: x has"
    ):
        model.summary((5, 3))

    assert [module.training for module in model.modules()] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert all(not m._hooks and not m._pre_hooks for m in model.modules())


@pytest.mark.parametrize("shape", [None, (2.5,), "ab", (2, -1), [(1,), 2.0]])
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"summary: input_shape is .*; a tuple"):
        net().summary(shape)


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "4 bytes"), (1024, "4.0 KiB"), (2**20, "4.0 MiB"), (2**28, "1.0 GiB")],
)
def test_memory_is_told_as_people_read_it(count, text):
    class Large(Module):
        def __init__(self):
            self.weight = Tensor(np.broadcast_to(np.float32(0), (count,)))

        def forward(self, x):
            return x

    assert f"({text})" in str(Large().summary((1,)))


def test_recurrent_layers_and_attention_count_their_products():
    summary = nn.LSTM(3, 5, num_layers=2).summary((7, 2, 3))
    cell = nn.GRUCell(3, 5).summary((2, 3))
    attention = nn.MultiheadAttention(4, 2, batch_first=True)

    one_layer = 4 * 5 * (3 + 5) + 4 * 5 * (5 + 5)
    assert summary.multiply_adds == 7 * 2 * one_layer
    assert cell.multiply_adds == 2 * 3 * 5 * (3 + 5)
    found = attention.summary([(2, 6, 4), (2, 7, 4), (2, 7, 4)]).multiply_adds
    maps = 2 * (6 * 4 * 4 + 2 * 7 * 4 * 4 + 6 * 4 * 4)  # three in front, one behind
    assert found == maps + 2 * 2 * 6 * 7 * 4


def test_a_layer_may_be_called_by_name():
    class ByName(Module):
        def __init__(self):
            self.inner = nn.LSTM(2, 3)

        def forward(self, x):
            return self.inner(x=x)[0]

    assert ByName().summary((3, 1, 2)).rows[1].output_shape[0] == (3, 1, 3)
