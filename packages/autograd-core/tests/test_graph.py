"""The public view of the graph, and the text of its formulas."""

import linecache
import types
from typing import NamedTuple

import numpy as np
import pytest

from pebblegrad.autograd import GraphNode, Tensor, checkpoint, graph, op, ops
from pebblegrad.autograd._formula import formula


def test_a_graph_lists_inputs_before_results_with_names_shapes_and_formulas():
    x = Tensor(np.ones((4, 2), np.float32), label="x")
    w = Tensor(np.ones((2, 3), np.float32), requires_grad=True, label="w")

    nodes = graph((x @ w).tanh().sum(axis=0))

    kinds = [(node.kind, node.op, node.label, node.shape) for node in nodes]
    assert kinds == [
        ("leaf", None, "w", (2, 3)),
        ("constant", None, "x", (4, 2)),
        ("op", "matmul", None, (4, 3)),
        ("op", "tanh", None, (4, 3)),
        ("op", "sum", None, (3,)),
    ]
    assert nodes[2].parents == (1, 0)
    assert nodes[2].inputs == ("x", "y")
    assert nodes[2].formulas[0] is None
    assert nodes[3].formulas == ("g * (1 - out * out)",)
    assert nodes[4].static == {"axis": 0, "keepdims": False}
    assert all(node.dtype == np.float32 for node in nodes)


def test_the_graph_can_be_looked_at_after_backward_too():
    x = Tensor([1.0], requires_grad=True)
    y = (x * 2).sum()
    before = graph(y)

    y.backward()

    after = graph(y)
    assert [node.op for node in after] == [node.op for node in before]
    assert after[-1].static == {}


def test_a_shared_value_is_listed_once():
    x = Tensor([1.0], requires_grad=True)
    y = x * x

    nodes = graph(y + y)

    assert [node.op for node in nodes] == [None, "multiply", "add"]
    assert nodes[2].parents == (1, 1)


def test_numbers_are_constants_labelled_by_themselves():
    nodes = graph(Tensor([1.0], requires_grad=True) * 2.5)

    assert nodes[1] == GraphNode("constant", None, "2.5", (), None)


def test_a_constant_array_that_several_ops_read_is_listed_once_and_numbers_each_time():
    x = Tensor([1.0, 2.0], label="x")
    w = Tensor([3.0, 4.0], requires_grad=True)

    nodes = graph((w * x + 2 - x) * 2 + x.data)

    labels = [node.label for node in nodes if node.kind == "constant"]
    assert labels == ["x", "2", "2", None]
    assert nodes[nodes[-1].parents[1]].shape == (2,)


def test_equal_arrays_are_two_constants_and_an_array_that_is_gone_stays_one():
    w = Tensor([3.0, 4.0], requires_grad=True)
    x = np.ones(2, np.float32)
    y = w * x + x.copy()
    z = w + x + x
    del x

    assert [node.kind for node in graph(y)].count("constant") == 2
    assert [node.kind for node in graph(z)].count("constant") == 1


def test_a_constant_under_two_names_is_listed_under_both():
    w = Tensor([3.0], requires_grad=True)
    x = np.ones(1, np.float32)

    nodes = graph(w * Tensor(x, label="h") + Tensor(x, label="c"))

    assert [node.label for node in nodes if node.kind == "constant"] == ["h", "c"]


def test_the_functions_that_a_formula_calls_are_explained_by_their_own_docstrings():
    node = graph(Tensor([1.0], requires_grad=True).relu())[-1]

    assert node.formulas == ("where_positive(g, out)",)
    assert list(node.helpers) == ["where_positive"]
    assert node.helpers["where_positive"].startswith("Elementwise ``x`` where `by` is")


def test_the_functions_that_a_formula_calls_are_shown_with_their_parameters():
    x = Tensor([1.0], requires_grad=True)

    assert graph(x.relu())[-1].signatures == {"where_positive": "where_positive(x, by)"}
    assert graph(x.sin())[-1].signatures == {}


def test_a_function_that_is_called_as_a_part_of_an_own_module_is_explained_too():
    lines = "@op\ndef doubled(xp, x, /):\n    return 2 * x\n\n"
    lines += "doubled.backward('x', lambda g: helping.twice(g))\n"
    helping = types.ModuleType("mine.helping")
    helping.twice = twice = lambda g: 2 * g
    twice.__doc__ = "Two times `g`."
    scope = {"op": op, "helping": helping, "__name__": "mine.ops"}
    linecache.cache["<mine>"] = (len(lines), None, lines.splitlines(True), "<mine>")
    exec(compile(lines, "<mine>", "exec"), scope)

    node = graph(scope["doubled"](Tensor([1.0], requires_grad=True)))[-1]

    assert node.helpers == {"helping.twice": "Two times `g`."}
    assert node.signatures == {"helping.twice": "helping.twice(g)"}


@pytest.mark.parametrize(
    ("make", "formulas"),
    [
        (
            lambda x: x @ x,
            ["matmul(g, y.mT) if stacks(y, in_shape) e", "matmul(x.mT, g)"],
        ),
        (lambda x: x**x, ["g * slope_of_power(xp, x, y)", "g * (out * logarithm_of_"]),
        (lambda x: x.mean(), ["spread(xp, g * share_of_each(g, in_shape), in_shape, "]),
        (lambda x: x.sum(), ["spread(xp, g, in_shape, axis, keepdims)"]),
    ],
)
def test_the_formulas_that_one_meets_first_are_a_line(make, formulas):
    node = graph(make(Tensor([[1.0]], requires_grad=True)))[-1]

    for shown, wanted in zip(node.formulas, formulas, strict=True):
        assert shown.startswith(wanted)
        assert "\n" not in shown


def a_half(g):
    """Half of `g`.

    And nothing else.
    """
    return g / 2


def test_a_formula_over_several_lines_is_explained_too():
    @op
    def shifted(xp, x, /):
        return x + 1

    # fmt: off
    shifted.backward("x", lambda g: a_half(g)
                     + a_half(g))
    # fmt: on

    node = graph(shifted(Tensor([1.0], requires_grad=True)))[-1]

    assert len(node.formulas[0].splitlines()) == 2
    assert node.helpers == {"a_half": "Half of `g`."}


def test_what_needs_no_words_is_not_explained():
    x = Tensor([1.0], requires_grad=True)

    assert graph(x.sin())[-1].helpers == {}  # xp.cos
    assert graph(x)[-1].helpers == {}
    scope = {"op": op}
    exec("@op\ndef twice(xp, x, /):\n    return 2 * x\n", scope)
    exec("twice.backward('x', lambda g: 2 * g)", scope)
    assert graph(scope["twice"](x))[-1].helpers == {}


def test_a_tensor_says_where_its_graph_is_looked_at():
    import pebblegrad.autograd

    assert Tensor([1.0]).__graph_namespace__() is pebblegrad.autograd


def test_an_input_that_was_left_out_is_not_shown():
    @op
    def shifted(xp, x, by=None, /):
        return x if by is None else x + by

    shifted.backward("x", lambda g: g)
    nodes = graph(shifted(Tensor([1.0], requires_grad=True)))

    assert nodes[1].parents == (0,)
    assert nodes[1].inputs == ("x",)


def test_the_inputs_of_a_variadic_op_are_numbered():
    x = Tensor([1.0], requires_grad=True)

    node = graph(ops.concat([x, np.ones(2), x]))[-1]

    assert node.inputs == ("arrays[0]", "arrays[1]", "arrays[2]")
    assert node.parents[0] == node.parents[2]
    assert node.formulas[1] is None


def test_every_rule_of_every_op_has_a_text():
    for name, found in vars(ops).items():
        if isinstance(found, ops.Op):
            for rule in found.rules.values():
                text = formula(rule.function)

                assert "->" not in text, f"{name}: {text}"
                assert "g" in text


def test_a_static_parameter_may_be_a_named_tuple():
    class Window(NamedTuple):
        size: int
        places: np.ndarray

    @op
    def windowed(xp, x, /, window):
        return x * window.size

    windowed.backward("x", lambda g, window: g * window.size)
    x = Tensor([1.0], requires_grad=True)

    (_, node) = graph(windowed(x, window=Window(2, np.arange(3))))

    assert node.static == {"window": Window(2, "int64 of shape (3,)")}


def test_a_rule_without_source_shows_its_signature():
    scope = {"op": op}
    exec("@op\ndef twice(xp, x, /):\n    return 2 * x\n", scope)
    exec("twice.backward('x', lambda g: 2 * g)", scope)

    node = graph(scope["twice"](Tensor([1.0], requires_grad=True)))[-1]

    assert node.formulas == ("(g) -> ...",)


def test_two_rules_on_one_line_have_their_own_texts():
    @op
    def both(xp, x, y, /):
        return x - y

    both.backward("x", lambda g: g), both.backward("y", lambda g: -g)
    x, y = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)

    assert graph(both(x, y))[-1].formulas == ("g", "-g")


class Doubled:
    def __call__(self, g):
        return 2 * g


def test_a_rule_that_is_no_function_shows_its_signature():
    @op
    def twice(xp, x, /):
        return 2 * x

    twice.backward("x", Doubled())

    assert graph(twice(Tensor([1.0], requires_grad=True)))[-1].formulas == (
        "(g) -> ...",
    )


def test_a_tensor_without_a_graph_is_a_single_constant():
    assert graph(Tensor([1.0], label="x")) == [
        GraphNode("constant", None, "x", (1,), np.dtype("float32"))
    ]


def test_only_tensors_have_graphs():
    with pytest.raises(TypeError, match="graph: ndarray is not a Tensor"):
        graph(np.ones(2))


def test_a_deep_graph_can_be_listed():
    y = Tensor([1.0], requires_grad=True)
    for _ in range(20_000):
        y = y.tanh()

    assert len(graph(y)) == 20_001


def test_a_view_of_the_graph_keeps_no_arrays():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    index = np.array([0, 1, 0])

    entry = graph(x[:, index])[-1]
    inside = graph(checkpoint(lambda x: x * 2, x))[-1]

    assert entry.static["index"][1] == f"{index.dtype} of shape (3,)"
    assert inside.op == "checkpoint" and dict(inside.static) == {}
