import re
import time

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, graph
from pebblegrad.viz import graph_text


def chain(steps):
    x = Tensor([0.5, 1.0], requires_grad=True, label="x")
    for _ in range(steps):
        x = x.tanh()
    return x


def shared():
    x = Tensor([1.0, 2.0], requires_grad=True, label="x")
    y = x * 3
    return y * y + x


def unlike(steps):
    """Return a long graph without parts that repeat."""
    rng = np.random.default_rng(0)
    values = [Tensor([0.1], requires_grad=True)] * 2
    for _ in range(steps):
        x, y = (values[-int(i)] for i in rng.integers(1, 3, 2))
        values.append([x + y, x * y, (x - y).tanh()][rng.integers(3)])
    return values[-1]


def unquoted(text):
    """Return what a quoted string of DOT shows, as Graphviz reads it."""
    signs = {"\\n": "\n", "\\\\": "\\", '\\"': '"', "&amp;": "&"}
    found = re.sub(r"\\.|&\w+;", lambda match: signs[match[0]], text)
    return found.split("\n")


def read_dot(text):
    """Parse nodes and arrows; every line must be of a known kind."""
    first, *inside, last = text.split("\n")
    assert (first, last) == ("digraph computation_graph {", "}")
    nodes, arrows = {}, []
    for line in inside:
        node = re.fullmatch(r'    (n\d+) \[label="((?:[^"\\]|\\.)*)", (.*)\];', line)
        arrow = re.fullmatch(r"    (n\d+) -> (n\d+);", line)
        if node:
            nodes[node[1]] = (unquoted(node[2]), node[3])
        elif arrow:
            arrows.append((arrow[1], arrow[2]))
        else:
            assert re.match(r"    (//|graph \[|node \[)", line)
    return nodes, arrows


def read_mermaid(text):
    """Parse nodes, arrows and classes; every line must be of a known kind."""
    first, *lines = text.split("\n")
    assert first == "flowchart TD"
    nodes, arrows, classes = {}, [], {}
    for line in lines:
        node = re.fullmatch(r'    (n\d+)[\[({]+"([^"]*)"[\])}]+', line)
        arrow = re.fullmatch(r"    (n\d+) --> (n\d+)", line)
        members = re.fullmatch(r"    class ([n\d,]+) (\w+)", line)
        if node:
            shown = re.sub(
                r"#(\d+);", lambda m: chr(int(m[1])), node[2].replace("<br/>", "\n")
            )
            # An escaped \\n or $$ would still be a line break or a formula.
            assert not re.search(r"\\n|\$\$", shown)
            nodes[node[1]] = shown.replace("\u2060", "").split("\n")
        elif arrow:
            arrows.append((arrow[1], arrow[2]))
        elif members:
            classes[members[2]] = members[1].split(",")
        else:
            assert re.match(r"    (%% |classDef \w+ \S)", line)
    return nodes, arrows, classes


def test_a_tree_hangs_from_the_result_and_marks_what_it_has_shown():
    assert graph_text(shared()) == "\n".join(
        [
            "add (2,)",
            "├── multiply (2,)",
            "│   ├── multiply (2,) [1]",
            "│   │   ├── x (2,) leaf [2]",
            "│   │   └── 3",
            "│   └── multiply [1], see above",
            "└── x [2], see above",
        ]
    )


def test_a_tree_shows_formulas_under_their_op():
    x = Tensor([1.0], requires_grad=True, label="x")

    assert graph_text(x.exp() * 2, formulas=True) == "\n".join(
        [
            "multiply (1,)",
            "│   dx = g * y",
            "├── exp (1,)",
            "│   │   dx = g * out",
            "│   └── x (1,) leaf",
            "└── 2",
        ]
    )


def test_numbers_are_written_with_their_gradients():
    a = Tensor(2.0, requires_grad=True, label="a")

    assert graph_text(a * 3) == "\n".join(
        ["multiply value 6 grad 1", "├── a value 2 grad 3 leaf", "└── 3"]
    )
    assert graph_text(a * 3, show_values=False).startswith("multiply ()\n")


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (Tensor([1.0, 2.0]), "constant (2,)"),
        (Tensor(np.zeros((0, 3)), label="empty"), "empty (0, 3) constant"),
        (Tensor([1.0], requires_grad=True), "leaf (1,)"),
        (Tensor(float("nan")), "constant value nan"),
        (Tensor(float("-inf"), requires_grad=True), "leaf value -inf grad 1"),
    ],
)
def test_a_single_value_is_a_single_line(tensor, text):
    assert graph_text(tensor) == text


def test_dot_has_a_node_for_each_value_and_an_arrow_for_each_input():
    tensor = shared()
    nodes, arrows = read_dot(graph_text(tensor, "dot"))
    views = graph(tensor)

    assert [words[0] for words, _ in nodes.values()] == [
        view.op or view.label for view in views
    ]
    assert arrows == [
        (f"n{parent}", f"n{i}")
        for i, view in enumerate(views)
        for parent in view.parents
    ]
    assert "octagon" in nodes["n1"][1]
    assert "rounded" in nodes["n2"][1]
    assert "bold" in nodes["n4"][1]


def test_mermaid_has_a_node_for_each_value_and_an_arrow_for_each_input():
    tensor = shared()
    nodes, arrows, classes = read_mermaid(graph_text(tensor, "mermaid"))
    views = graph(tensor)

    assert [words[0] for words in nodes.values()] == [v.op or v.label for v in views]
    assert arrows == [
        (f"n{parent}", f"n{i}")
        for i, view in enumerate(views)
        for parent in view.parents
    ]
    assert classes == {
        "op": ["n2", "n3", "n4"],
        "leaf": ["n0"],
        "constant": ["n1"],
        "result": ["n4"],
    }


LABELS = [
    'say "x"',
    "back\\slash \\n \\N",
    "a & b &amp; &lt;",
    "<script>alert(1)</script>",
    "#quot; #35;",
    "`code` **bold** __init__",
    "1. list",
    "- list",
    "style:a;b",
    "end",
    "[x](y){z}|w|",
    "∂L/∂θ₁ → ŷ 日本",
    "%%{init: {}}%%",
    "$$x^2$$ $$$",
]


@pytest.mark.parametrize("label", LABELS)
def test_any_label_is_shown_as_it_is(label):
    x = Tensor([1.0], requires_grad=True, label=label)
    mermaid = graph_text(x * 2, "mermaid")

    assert read_dot(graph_text(x * 2, "dot"))[0]["n0"][0] == [label, "(1,)"]
    assert read_mermaid(mermaid)[0]["n0"] == [label, "(1,)"]
    assert not re.search(r"[`*_\\<>&]|\]\(|^\d+\. |^- ", mermaid.split('"')[1][:-9])
    assert label in graph_text(x * 2)


def test_line_breaks_in_a_label_do_not_break_lines():
    x = Tensor([1.0], requires_grad=True, label="a\nb\r\u2028c")

    assert graph_text(x) == "a b  c (1,) leaf"
    assert len(read_dot(graph_text(x, "dot"))[0]) == 1


def test_a_long_graph_is_folded():
    assert graph_text(chain(1000)) == "\n".join(
        [
            "tanh × 1,000; (2,)",
            "└── x (2,) leaf",
            "(Parts that repeat are folded: what is marked × stands for 1,000 of 1,001 "
            "values.)",
        ]
    )
    nodes, arrows = read_dot(graph_text(chain(1000), "dot"))
    assert list(nodes) == ["n0", "n1"]
    assert arrows == [("n0", "n1")]
    assert "peripheries=2" in nodes["n1"][1]


def test_a_fold_of_many_ops_is_one_line_of_a_tree():
    x = Tensor([0.1], requires_grad=True, label="x")
    for _ in range(20):
        x = x.exp().tanh().sigmoid().exp().tanh().sin().cos().exp()

    assert graph_text(x).split("\n")[8].strip(" └─") == (
        "× 18 more; exp, tanh, sigmoid, exp, tanh, sin, cos, exp; (1,)"
    )


def test_what_is_left_out_is_said():
    lines = graph_text(chain(30), max_nodes=2).split("\n")

    assert lines == [
        "tanh (2,)",
        "└── tanh (2,)",
        "    └── … left out",
        "(29 of 31 values are left out; the 2 nearest to the result are shown.)",
    ]
    nodes, _ = read_dot(graph_text(chain(30), "dot", max_nodes=2))
    assert ["dashed" in style for _, style in nodes.values()] == [True, False]
    classes = read_mermaid(graph_text(chain(30), "mermaid", max_nodes=2))[2]
    assert classes["cut"] == ["n0"]


@pytest.mark.parametrize("format", ["tree", "dot", "mermaid"])
def test_a_graph_longer_than_the_stack_is_written(format):
    tensor = chain(20_000)
    start = time.process_time()
    whole = graph_text(tensor, format)
    cut = graph_text(tensor, format, fold=False, max_nodes=1500)

    assert time.process_time() - start < 30  # about 1 s: a net, not a benchmark
    assert "tanh × 20,000" in whole
    assert cut.count("tanh") == 1500


def test_the_default_is_what_mermaid_draws_without_being_told_more():
    text = graph_text(unlike(3000), "mermaid")

    assert len(read_mermaid(text)[0]) == 250
    assert len(read_mermaid(text)[1]) <= 500
    assert len(text) < 50_000


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3.0,), TypeError, "tensor is of type float; a Tensor was needed"),
        (([chain(1)],), TypeError, "tensor is of type list; a Tensor was needed"),
        ((chain(1), "svg"), ValueError, 'format is \'svg\'; "tree", "dot" or "merm'),
        ((chain(1), "DOT"), ValueError, "format is 'DOT'"),
        ((chain(1), None), TypeError, "format is of type NoneType"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=f"^graph_text: {message}"):
        graph_text(*arguments)


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match="graph_text: max_nodes is 0; at least 1"):
        graph_text(chain(1), max_nodes=0)
    with pytest.raises(TypeError, match="max_nodes is of type float; a whole number"):
        graph_text(chain(1), max_nodes=1.5)
    with pytest.raises(TypeError, match="fold is 'no'; True, False or None"):
        graph_text(chain(1), fold="no")
    with pytest.raises(TypeError, match="show_values is 1; True, False or None"):
        graph_text(chain(1), show_values=1)
