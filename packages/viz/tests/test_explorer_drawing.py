"""The drawing of the explorer: lines that lead from box to box, and how it is read."""

import itertools
import json
import re

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, graph
from pebblegrad.viz._explorer_drawing import draw


def small_net(rng):
    """Return the loss of a net in which values are shared."""
    x = Tensor(rng.normal(size=(5, 3)), label="x")
    weights = [Tensor(rng.normal(size=(3, 3)), requires_grad=True) for _ in range(4)]
    for weight in weights:
        x = (x @ weight).tanh() + weight.sum()
    return (x * x).mean() + sum((weight * weight).sum() for weight in weights)


def numbers(path):
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def way(drawing, last):
    """Return the routes of a line, from its end to its beginning."""
    found = []
    while last is not None:
        found.append(last)
        last = drawing["earlier"][last]
    return found


def test_the_line_to_each_input_leads_from_its_box_to_the_op(rng):
    nodes = graph(small_net(rng))
    drawing = draw(nodes, list(map(str, range(len(nodes)))))

    for number, node in enumerate(nodes):
        arrivals = drawing["edges"][number]
        assert len(arrivals) == len(node.parents)
        assert len(set(arrivals)) == len(arrivals)
        for parent, last in zip(node.parents, arrivals, strict=True):
            parts = way(drawing, last)
            target, source = drawing["boxes"][number], drawing["boxes"][parent]
            end = numbers(drawing["routes"][parts[0]])[-2:]
            start = numbers(drawing["routes"][parts[-1]])[:2]
            assert drawing["arrows"][last] == pytest.approx(end, abs=0.1)
            assert all(drawing["arrows"][part] is None for part in parts[1:])
            top = target["y"] - target["height"] / 2
            bottom = source["y"] + source["height"] / 2
            assert end[1] == pytest.approx(top, abs=0.2)
            assert start[1] == pytest.approx(bottom, abs=0.2)
            for later, earlier in itertools.pairwise(parts):
                joint = numbers(drawing["routes"][later])[:2]
                assert numbers(drawing["routes"][earlier])[-2:] == joint


def test_a_value_that_is_read_twice_by_an_op_has_two_lines():
    x = Tensor(2.0, requires_grad=True)

    drawing = draw(graph(x * x), ["x", "product"])

    first, second = drawing["edges"][1]
    assert first != second


def test_the_drawing_is_read_row_by_row_and_no_box_is_left_out(rng):
    nodes = graph(small_net(rng))
    drawing = draw(nodes, list(map(str, range(len(nodes)))))
    order, boxes = drawing["order"], drawing["boxes"]

    assert sorted(order) == list(range(len(nodes)))
    assert order[-1] == len(nodes) - 1
    place = {number: i for i, number in enumerate(order)}
    for number, node in enumerate(nodes):
        assert all(place[parent] < place[number] for parent in node.parents)
    for one, other in itertools.pairwise(order):
        same_row = boxes[one]["y"] == boxes[other]["y"]
        below = boxes[other]["y"] > boxes[one]["y"]
        assert below or boxes[other]["x"] > boxes[one]["x"]
        if same_row:
            assert boxes[other]["x"] > boxes[one]["x"]


def test_a_value_that_is_read_all_along_a_chain_does_not_make_the_data_large():
    def size(length):
        x = shared = Tensor(0.5, requires_grad=True)
        for _ in range(length):
            x = x * shared
        return len(json.dumps(draw(graph(x), ["x"] * (length + 1))))

    assert size(400) < 2.2 * size(200)


def test_a_leaf_alone_and_a_label_that_is_not_ascii_are_drawn():
    x = Tensor(np.zeros((0, 2)), requires_grad=True, label="größe <b>")

    drawing = draw(graph(x), ["größe <b> 日本"])

    assert drawing["boxes"][0]["lines"][0]["text"] == "größe <b> 日本"
    assert (drawing["routes"], drawing["edges"], drawing["order"]) == ([], [[]], [0])
