import itertools
import time

import networkx as nx
import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor, graph
from pebblegrad.viz import plot_computation_graph

KINDS = ("op-", "leaf-", "constant-")


def parameter(*shape, label=None):
    data = np.random.default_rng(0).normal(size=shape)
    return Tensor(data, requires_grad=True, label=label)


def dense(x, n_in, n_out, name=""):
    weight = parameter(n_in, n_out, label=f"W{name}")
    return x @ weight + parameter(n_out, label=f"b{name}")


def one_op():
    return parameter(2, label="w") * 3


def three_layers():
    x = Tensor(np.ones((64, 784)), label="images")
    for i, (n_in, n_out) in enumerate([(784, 128), (128, 64), (64, 10)], 1):
        x = dense(x if i == 1 else x.relu(), n_in, n_out, i)
    shifted = x - x.max(axis=1, keepdims=True).detach()
    log_p = shifted - shifted.exp().sum(axis=1, keepdims=True).log()
    return -(log_p * Tensor(np.eye(10)[[0] * 64], label="targets")).sum(axis=1).mean()


def residual():
    x = dense(Tensor(np.ones((2, 8))), 8, 8)
    for _ in range(3):
        x = x + dense(x, 8, 8).relu() * dense(x, 8, 8).sigmoid()
    return (x * x).sum()


def recurrent(steps=12):
    W, U, b = parameter(8, 8, label="W"), parameter(4, 8, label="U"), parameter(8)
    h = Tensor(np.zeros((3, 8)), label="h0")
    for i in range(steps):
        h = (Tensor(np.ones((3, 4)), label=f"x{i}") @ U + h @ W + b).tanh()
    return h.mean()


def chain(steps=300):
    x = parameter(2)
    for _ in range(steps):
        x = x.tanh()
    return x


def fan():
    return sum((parameter(2, label=f"term {i}") for i in range(40)), Tensor([0.0, 0.0]))


def long_skips():
    values = [parameter(3, label="x")]
    for _ in range(25):
        values.append(values[-1].sigmoid())
    total = values.pop()
    for value in reversed(values):
        total = total * value
    return total


PICTURES = [one_op, three_layers, residual, recurrent, chain, fan, long_skips]


def bounds(figure, patches):
    """Return the rectangle of each box, outline included, in points."""
    boxes = patches(figure, *KINDS)
    return {name: box.get_path().get_extents() for name, box in boxes.items()}


def ways(figure):
    """Return the lines of a picture as a graph of their ends."""
    (edges,) = (c for c in figure.axes[0].collections if c.get_gid() == "edges")
    found = nx.MultiDiGraph()
    for path in edges.get_paths():
        start, end = (tuple(np.round(path.vertices[i], 3).tolist()) for i in (0, -1))
        found.add_edge(start, end)
    return found


@pytest.mark.parametrize("picture", PICTURES)
def test_there_is_one_box_for_each_value_and_none_overlap(picture, patches, overlaps):
    tensor = picture()
    nodes = graph(tensor)
    figure = plot_computation_graph(tensor, formulas=len(nodes) < 100, fold=False)
    found = bounds(figure, patches)

    assert set(found) == {f"{node.kind}-{i}" for i, node in enumerate(nodes)}
    assert overlaps([box.padded(1.5) for box in found.values()]) == []


@pytest.mark.parametrize("picture", PICTURES)
def test_a_line_leads_from_each_input_to_the_op_that_reads_it(picture, patches):
    tensor = picture()
    nodes = graph(tensor)
    figure = plot_computation_graph(tensor, fold=False)
    boxes = {int(k.split("-")[1]): box for k, box in bounds(figure, patches).items()}
    lines = ways(figure)
    arrow = 5.5  # the length of a head, where the line ends and the box begins
    at_height = {}
    for x, y in lines:
        at_height.setdefault(round(y, 1), []).append((x, y))

    entered = 0
    for number, node in enumerate(nodes):
        box = boxes[number]
        near = at_height.get(round(box.ymin - arrow, 1), [])
        ports = sorted(end for end in near if box.xmin < end[0] < box.xmax)
        assert sum(lines.in_degree(end) for end in ports) == len(node.parents)
        entered += len(node.parents)
        # From left to right in the order of the arguments.
        for parent, port in zip(node.parents, ports, strict=True):
            source = boxes[parent]
            middle = (source.xmin + source.xmax) / 2
            near = at_height[round(source.ymax, 1)]
            (start,) = (end for end in near if abs(end[0] - middle) < 0.01)
            assert nx.has_path(lines, start, port)
    heads = [c for c in figure.axes[0].collections if c.get_gid() == "arrows"]
    assert entered == sum(len(head.get_paths()) for head in heads)


@pytest.mark.parametrize("picture", PICTURES)
def test_no_line_passes_through_a_box(picture, patches):
    figure = plot_computation_graph(picture(), fold=False)
    boxes = np.array([b.padded(-0.1).extents for b in bounds(figure, patches).values()])
    (edges,) = (c for c in figure.axes[0].collections if c.get_gid() == "edges")
    lines = [
        p.interpolated(1).to_polygons(closed_only=False)[0] for p in edges.get_paths()
    ]

    for line in lines:
        fine = np.linspace(line[:-1], line[1:], 20).reshape(-1, 2)
        x, y = fine[:, :1], fine[:, 1:]
        inside = (boxes[:, 0] < x) & (x < boxes[:, 2])
        assert not (inside & (boxes[:, 1] < y) & (y < boxes[:, 3])).any()


@pytest.mark.parametrize("picture", [one_op, three_layers, residual])
@pytest.mark.parametrize("formulas", [False, True])
def test_texts_fit_their_boxes_and_do_not_overlap(picture, formulas, overlaps, patches):
    figure = plot_computation_graph(picture(), formulas=formulas)
    figure.canvas.draw()
    axes = figure.axes[0]
    texts = [text.get_window_extent() for text in axes.texts]
    boxes = [box.get_window_extent() for box in patches(figure, *KINDS).values()]

    assert overlaps([text.padded(-1) for text in texts]) == []
    for text in [*texts, axes.title.get_window_extent()]:
        assert 0 <= text.x0 and text.x1 <= figure.bbox.x1
        assert 0 <= text.y0 and text.y1 <= figure.bbox.y1
    for text, box in itertools.product(texts, boxes):
        if box.contains(*text.p0 + text.size / 2):
            assert box.x0 < text.x0 and text.x1 < box.x1
            assert box.y0 < text.y0 and text.y1 < box.y1


def test_boxes_say_what_is_in_the_graph(texts):
    x = Tensor(np.ones((2, 3)), label="x")
    w = Tensor(np.ones((3, 4)), requires_grad=True, label="w")
    out = ((x @ w).sum(axis=1, keepdims=True) ** 2)[0:1]
    figure = plot_computation_graph(out, key=False)

    assert sorted(texts(figure)) == sorted(
        [
            *("x", "(2, 3)"),
            *("w", "(3, 4)"),
            *("matmul", "(2, 4)"),
            *("sum", "axis=1, keepdims=True", "(2, 1)"),
            "2",
            *("power", "(2, 1)"),
            *("getitem", "index=0:1", "(1, 1)"),
        ]
    )
    assert figure.axes[0].get_title() == "Computation graph: 4 ops, 1 leaf, 2 constants"


def test_kinds_differ_in_shape_and_in_colour(patches):
    boxes = patches(plot_computation_graph(one_op()), *KINDS)
    shapes = {name: tuple(box.get_path().codes) for name, box in boxes.items()}

    assert set(boxes) == {"leaf-0", "constant-1", "op-2"}
    assert len(set(shapes.values())) == 3
    assert len({box.get_facecolor() for box in boxes.values()}) == 3
    assert len({box.get_edgecolor() for box in boxes.values()}) == 3
    assert boxes["op-2"].get_linewidth() > boxes["leaf-0"].get_linewidth()


def test_the_key_explains_the_kinds_that_are_there(texts):
    x = Tensor([1.0], requires_grad=True, label="x")

    assert texts(plot_computation_graph(x)) == [
        *("x", "(1,)"),
        *("leaf", "requires a gradient"),
    ]
    assert texts(plot_computation_graph(x, key=False)) == ["x", "(1,)"]


def test_a_tensor_without_a_graph_is_one_box(patches):
    figure = plot_computation_graph(Tensor([1.0, 2.0]))

    assert list(patches(figure, *KINDS)) == ["constant-0"]
    assert figure.axes[0].get_title() == "Computation graph: 1 constant"


def test_the_graph_is_still_there_after_backward(patches, texts):
    loss = three_layers()
    before = plot_computation_graph(loss)
    loss.backward()
    after = plot_computation_graph(loss)

    assert set(patches(after, *KINDS)) == set(patches(before, *KINDS))
    assert set(texts(after)) <= set(texts(before))


def test_inputs_stand_above_what_reads_them(patches):
    tensor = dense(dense(Tensor(np.ones((2, 8))), 8, 8).relu(), 8, 1).mean()
    nodes = graph(tensor)
    boxes = list(bounds(plot_computation_graph(tensor), patches).values())

    for box, node in zip(boxes, nodes, strict=True):
        for parent in node.parents:
            assert boxes[parent].ymax < box.ymin


def test_a_network_of_three_layers_fits_on_a_page():
    width, height = plot_computation_graph(three_layers()).get_size_inches()

    assert width < 8.3
    assert height < 11.7


def test_a_straight_chain_is_straight_and_folded_into_columns(patches, tmp_path):
    figure = plot_computation_graph(chain(300), tmp_path / "a.png", fold=False)
    found = bounds(figure, patches)
    columns = {round((box.xmin + box.xmax) / 2, 2) for box in found.values()}
    width, height = figure.get_size_inches()

    assert 5 < len(columns) < 30
    assert 0.5 < height / width < 2


def test_labels_are_text_and_nothing_else(texts, tmp_path):
    labels = ["$x_1$", "a_b^c", "<b> & </b>", "∂L/∂θ₁ → ŷ", "\\frac{1}{2}", "--"]
    total = sum((Tensor([1.0], requires_grad=True, label=n) for n in labels), 0)
    figure = plot_computation_graph(total, tmp_path / "a.svg", title="$1 & $2")

    assert set(labels) <= set(texts(figure))
    assert not any(text.get_parse_math() for text in figure.axes[0].texts)
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert ">$x_1$</text>" in svg
    assert ">$1 &amp; $2</text>" in svg
    assert ">&lt;b&gt; &amp; &lt;/b&gt;</text>" in svg


def test_long_and_broken_labels_become_one_short_line(texts):
    label = "first\nsecond\t" + "x" * 1000
    figure = plot_computation_graph(Tensor([1.0], requires_grad=True, label=label))

    assert texts(figure)[0] == "first second " + "x" * 18 + "…"


def test_formulas_are_shown_on_demand(texts):
    x, y = parameter(2, label="x"), parameter(2, label="y")
    figure = plot_computation_graph(x * y + y, formulas=True)

    assert {"dx = g * y", "dy = g * x", "dx, dy = g"} <= set(texts(figure))
    assert "g: gradient that arrives from below; dx: gradient passed on to x" in texts(
        figure
    )
    assert not any("g * y" in text for text in texts(plot_computation_graph(x * y)))


def test_no_formula_is_shown_for_a_constant(texts):
    figure = plot_computation_graph(parameter(2) * 3, formulas=True)

    assert [text for text in texts(figure) if text.startswith("d")] == ["dx = g * y"]


def test_a_graph_beyond_the_bound_says_what_is_left_out(texts, patches):
    tensor = chain(30)
    figure = plot_computation_graph(tensor, max_nodes=10)
    boxes = patches(figure, *KINDS)

    assert list(boxes) == [f"op-{i}" for i in range(21, 31)]
    assert (
        "21 of 31 values are left out; the 10 nearest to the result are shown."
        in texts(figure)
    )
    dashed = [name for name, box in boxes.items() if box.get_linestyle() != "-"]
    assert dashed == ["op-21"]


def test_two_thousand_values_take_seconds(patches):
    tensor = recurrent(400)
    start = time.process_time()
    figure = plot_computation_graph(tensor, fold=False)
    width, height = figure.get_size_inches() * figure.dpi

    assert time.process_time() - start < 30  # about 2 s: a net, not a benchmark
    assert len(patches(figure, *KINDS)) == 2000
    assert width * height < 31e6  # pixels, which a file takes a few seconds more for


def test_a_value_that_is_used_everywhere_does_not_take_forever(overlaps, patches):
    values = [parameter(3)]
    for _ in range(300):
        values.append(values[-1].sigmoid())
    total = values.pop()
    for value in reversed(values):  # each is used again as long after as it came before
        total = total * value
    start = time.process_time()
    figure = plot_computation_graph(total, fold=False)

    assert time.process_time() - start < 60  # about 4 s
    assert overlaps(list(bounds(figure, patches).values())) == []


def test_given_axes_are_drawn_into_and_text_shrinks_with_them(patches):
    figure = Figure(figsize=(6, 3))
    first, second = figure.subplots(1, 2)
    returned = plot_computation_graph(three_layers(), ax=first)
    figure.draw_without_rendering()
    frame = first.get_window_extent().padded(1)

    assert returned is figure
    assert len(patches(figure, *KINDS)) == len(graph(three_layers()))
    assert not second.patches
    assert first.texts[0].get_fontsize() < 5
    for text in first.texts:
        assert frame.contains(*text.get_window_extent().min)
        assert frame.contains(*text.get_window_extent().max)


def test_a_long_graph_is_folded_and_says_so(patches, texts):
    found = patches(plot_computation_graph(chain(300)), *KINDS, "fold-")
    shown = texts(plot_computation_graph(chain(300)))

    assert list(found) == ["leaf-0", "fold-300"]
    assert "tanh × 300" in shown
    assert (
        "Parts that repeat are folded: what is marked × stands for 300 of 301 values."
        in shown
    )
    assert plot_computation_graph(chain(300)).axes[0].get_title() == (
        "Computation graph: 300 ops, 1 leaf"
    )


def test_equal_layers_are_drawn_once_and_counted(patches, texts):
    x = Tensor(np.ones((4, 8)), label="x")
    for i in range(20):
        x = dense(x, 8, 8, i).relu()
    figure = plot_computation_graph(x.mean())
    found = patches(figure, *KINDS, "fold-")
    at = texts(figure).index("× 19 more")

    assert list(found) == [
        *("constant-1", "leaf-0", "op-2", "leaf-3", "op-4", "op-5"),
        *("fold-100", "op-101"),
    ]
    assert texts(figure)[at + 1 : at + 6] == [
        *("matmul, add, relu", "W1 … W19", "b1 … b19", "38 leaves inside", "(4, 8)")
    ]


def test_a_folded_picture_has_a_line_to_and_from_each_fold(patches, overlaps):
    figure = plot_computation_graph(recurrent(40))
    boxes = bounds(figure, patches)
    boxes |= {
        name: box.get_path().get_extents()
        for name, box in patches(figure, "fold-").items()
    }
    heads = [c for c in figure.axes[0].collections if c.get_gid() == "arrows"]
    (fold,) = (box for name, box in boxes.items() if name.startswith("fold-"))
    tips = [path.vertices[0] for head in heads for path in head.get_paths()]
    entering = [x for x, y in tips if abs(y - fold.y0) < 1 and fold.x0 < x < fold.x1]

    assert overlaps([box.padded(1.5) for box in boxes.values()]) == []
    assert len(entering) == 4  # what goes from step to step, and W, U and the bias


def test_a_hundred_thousand_values_take_seconds(patches):
    tensor = chain(100_000)
    start = time.process_time()
    figure = plot_computation_graph(tensor)
    unfolded = plot_computation_graph(tensor, fold=False, max_nodes=50)

    assert time.process_time() - start < 60  # about 3 s: a net, not a benchmark
    assert list(patches(figure, *KINDS, "fold-")) == ["leaf-0", "fold-100000"]
    assert len(patches(unfolded, *KINDS)) == 50


def test_numbers_show_value_and_gradient(texts):
    a = Tensor(2.0, requires_grad=True, label="a")
    b = Tensor(-3.0, requires_grad=True, label="b")
    figure = plot_computation_graph(a * b + 10.0, key=False)

    assert sorted(texts(figure)) == sorted(
        [
            *("a", "value 2", "grad -3"),
            *("b", "value -3", "grad 2"),
            *("multiply", "value -6", "grad 1"),
            "10.0",
            *("add", "value 4", "grad 1"),
        ]
    )
    assert "value 2" not in texts(plot_computation_graph(a * b, show_values=False))


def test_arrays_show_no_numbers_unless_they_have_one_element(texts):
    w = Tensor([0.5], requires_grad=True, label="w")
    loss = (w * np.array([1.0, 2.0], np.float32)).sum()

    assert not any("value" in text for text in texts(plot_computation_graph(loss)))
    shown = texts(plot_computation_graph(loss, show_values=True, key=False))
    assert {"value 0.5", "grad 3", "value 1.5", "grad 1"} <= set(shown)
    assert "(1,)" in shown
    assert "(2,)" in shown


def test_after_backward_the_picture_shows_grad_and_says_which_numbers_are_gone(texts):
    a = Tensor(2.0, requires_grad=True, label="a")
    out = (a * a).tanh()
    out.backward()
    shown = texts(plot_computation_graph(out, key=False))

    assert "value 2" in shown
    gradients = [text for text in shown if text.startswith("grad")]
    assert gradients == [f"grad {a.grad.item():.4g}"]
    assert "The gradients are those in .grad" in " ".join(shown)
    assert "others are not shown: this graph was already used" in " ".join(shown)


def test_an_array_that_two_ops_read_is_one_box(texts):
    x = Tensor([1.0, 2.0], label="x")
    w = Tensor([3.0, 4.0], requires_grad=True)
    figure = plot_computation_graph(((w * x - x) * 2 * 2).sum(), key=False)

    assert texts(figure).count("x") == 1
    assert texts(figure).count("2") == 2
    assert figure.axes[0].get_title() == "Computation graph: 5 ops, 1 leaf, 3 constants"


@pytest.mark.parametrize("most", [True, False, np.True_])
def test_a_switch_is_no_number_of_boxes(most):
    with pytest.raises(TypeError, match=r"max_nodes is (True|False); a whole number"):
        plot_computation_graph(Tensor(1.0), max_nodes=most)


def test_drawing_numbers_writes_no_gradient():
    a = Tensor(2.0, requires_grad=True)
    out = a * a
    plot_computation_graph(out)

    assert a.grad is None
    out.backward()
    assert a.grad == 4.0


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError, match="fold is 1; True, False or None was needed"):
        plot_computation_graph(one_op(), fold=1)
    with pytest.raises(TypeError, match="show_values is 'yes'; True, False or None"):
        plot_computation_graph(one_op(), show_values="yes")
    with pytest.raises(TypeError, match="tensor is of type float; a Tensor was"):
        plot_computation_graph(3.0)
    with pytest.raises(ValueError, match="max_nodes is 0; at least 1 was needed"):
        plot_computation_graph(one_op(), max_nodes=0)
    with pytest.raises(TypeError, match="max_nodes is of type float"):
        plot_computation_graph(one_op(), max_nodes=1.5)
    with pytest.raises(TypeError, match="title is of type int"):
        plot_computation_graph(one_op(), title=3)
