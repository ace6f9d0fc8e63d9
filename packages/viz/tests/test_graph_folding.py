import time

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, graph, ops
from pebblegrad.viz._graph_folding import Fold, deep_first, folded


def parameter(*shape, label=None):
    data = np.random.default_rng(0).normal(size=shape) / 10
    return Tensor(data, requires_grad=True, label=label)


def layers(count, width=8):
    x = Tensor(np.ones((2, width)), label="x")
    for i in range(count):
        x = (x @ parameter(width, width, label=f"W{i}") + parameter(width)).relu()
    return x.sum()


def recurrent(steps):
    W, U = parameter(4, 4), parameter(3, 4)
    h = Tensor(np.zeros((2, 4)))
    for _ in range(steps):
        h = (Tensor(np.ones((2, 3))) @ U + h @ W).tanh()
    return h.sum()


def summed_losses(steps):
    W, total = parameter(4, 4), 0
    h = Tensor(np.ones((2, 4)))
    for _ in range(steps):
        h = (h @ W).tanh()
        total = total + (h * h).sum()
    return total


def chain(steps):
    x = parameter(3)
    for _ in range(steps):
        x = x.tanh()
    return x


def op_names(nodes, members):
    return [nodes[member].op for member in members if nodes[member].kind == "op"]


def folds(tensor):
    """Return copies and the ops of one of them, for each fold."""
    nodes = graph(tensor)
    return [
        (item.copies, op_names(nodes, item.last))
        for item in folded(nodes)
        if isinstance(item, Fold)
    ]


@pytest.mark.parametrize("make", [layers, recurrent, summed_losses, chain])
@pytest.mark.parametrize("size", [1, 2, 5, 30])
def test_every_value_is_there_once_and_after_what_it_reads(make, size):
    nodes = graph(make(size))
    items = folded(nodes)
    groups = [item.members if isinstance(item, Fold) else (item,) for item in items]
    where = {number: i for i, group in enumerate(groups) for number in group}

    assert sorted(where) == list(range(len(nodes)))
    assert sum(map(len, groups)) == len(nodes)
    assert all(where[p] <= where[i] for i in where for p in nodes[i].parents)
    assert where[len(nodes) - 1] == len(items) - 1


@pytest.mark.parametrize("make", [layers, recurrent, summed_losses, chain])
def test_the_copies_of_a_fold_are_alike(make):
    nodes = graph(make(30))
    found = [item for item in folded(nodes) if isinstance(item, Fold)]

    assert found
    for fold in found:
        size = len(fold.members) // fold.copies
        copies = [fold.members[i : i + size] for i in range(0, len(fold.members), size)]
        assert len(copies) == fold.copies
        assert copies[-1] == fold.last
        looks = [[(nodes[m].op, nodes[m].shape) for m in copy] for copy in copies]
        assert all(look == looks[0] for look in looks)


def test_a_chain_of_one_op_is_one_fold():
    assert folds(chain(100)) == [(100, ["tanh"])]


def test_of_equal_layers_the_first_stays():
    assert folds(layers(10)) == [(9, ["matmul", "add", "relu"])]


def test_the_result_is_not_hidden_in_a_fold_of_several_ops():
    x = parameter(3)
    for _ in range(20):
        x = x.exp().tanh()
    nodes = graph(x)
    items = folded(nodes)

    assert items[-1] == len(nodes) - 1
    assert folds(x) == [(18, ["exp", "tanh"])]


def test_steps_that_share_their_weights_are_folded():
    ((copies, steps),) = folds(recurrent(50))

    assert copies >= 48
    assert sorted(steps) == ["add", "matmul", "matmul", "tanh"]


def test_values_that_are_read_later_one_by_one_are_folded():
    found = folds(summed_losses(20))

    assert sorted(sorted(names) for _, names in found) == [
        ["add"],
        ["matmul", "tanh"],
        ["multiply", "sum"],
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_what_saves_too_little_is_not_folded(size):
    assert folds(chain(size)) == []


def test_layers_of_different_widths_are_not_alike():
    x = Tensor(np.ones((2, 3)))
    for i in range(3, 12):
        x = (x @ parameter(i, i + 1)).relu()

    assert folds(x) == []


def test_ops_with_different_parameters_are_not_alike():
    x, y = parameter(3), parameter(3)
    for i in range(12):
        x, y = x + 2.0, y + float(i)

    assert [copies for copies, _ in folds(x)] == [12]
    assert folds(y) == []


def test_the_axis_of_an_op_tells_it_from_others():
    x = parameter(2, 2, 2, 2)
    for axis in (0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1):
        x = x.cumsum(axis=axis)

    assert folds(x) == []


def test_a_copy_that_reads_something_else_ends_the_fold():
    first, second = parameter(3), parameter(3)
    x = parameter(3)
    for i in range(20):
        x = x * (first if i < 10 else second)

    # The first op of each is the one that its factor stands in front of.
    assert folds(x) == [(9, ["multiply"]), (9, ["multiply"])]


def test_inputs_are_folded_only_if_one_op_reads_them():
    many = ops.stack([parameter(3) for _ in range(40)]).sum()

    assert [item.copies for item in folded(graph(many)) if isinstance(item, Fold)] == [
        40
    ]


def test_the_deepest_input_comes_first():
    x = parameter(3, label="x")
    y = parameter(3, label="y")
    nodes = graph(y * x.exp().exp())
    order = [nodes[i].op or nodes[i].label for i in deep_first(nodes)]

    assert order == ["x", "exp", "exp", "y", "multiply"]


def test_a_graph_without_repeats_takes_no_time():
    rng = np.random.default_rng(0)
    values = [parameter(1)] * 2
    for _ in range(20_000):
        x, y = (values[-int(i)] for i in rng.integers(1, 3, 2))
        values.append([x + y, x * y, (x - y).tanh()][rng.integers(3)])
    nodes = graph(values[-1])
    start = time.process_time()
    items = folded(nodes)

    assert time.process_time() - start < 20  # about 1 s: a net, not a benchmark
    assert len(items) > 0.9 * len(nodes)
