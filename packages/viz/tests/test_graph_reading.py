import re
from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, graph
from pebblegrad.viz import explore, graph_text, plot_computation_graph
from pebblegrad.viz._graph_reading import read_graph, read_numbers


def lines(tensor):
    numbers = read_numbers(tensor, graph(tensor))
    return numbers.lines, numbers.missing


def test_the_numbers_are_those_of_the_engine():
    a = Tensor(2.0, requires_grad=True)
    b = Tensor(5.0, requires_grad=True)
    out = (a * b + a).tanh() * a
    nodes = graph(out)
    shown, missing = lines(out)
    out.backward()
    leaves = [shown[i] for i, node in enumerate(nodes) if node.kind == "leaf"]

    assert missing == []
    assert leaves == [
        (f"value {x.data:.4g}", f"grad {x.grad.data:.4g}")
        for x in sorted((a, b), key=lambda x: float(x.data))
    ]
    assert shown[-1] == (f"value {out.data:.4g}", "grad 1")


def test_constants_have_no_gradient_and_python_numbers_no_line():
    x = Tensor(2.0, requires_grad=True)
    shown, _ = lines(x * Tensor(4.0) + 1)

    assert shown == [
        ("value 2", "grad 4"),
        ("value 4",),
        ("value 8", "grad 1"),
        (),
        ("value 9", "grad 1"),
    ]


def test_arrays_of_several_elements_and_of_none_have_no_line():
    x = Tensor(np.ones((2, 0)), requires_grad=True)

    assert lines(x.sum())[0] == [(), ("value 0", "grad 1")]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_dtype_is_read(dtype):
    x = Tensor(np.asarray(0.5, dtype), requires_grad=True)

    assert lines(x * x)[0] == [("value 0.5", "grad 1"), ("value 0.25", "grad 1")]


def test_nan_and_infinity_are_said():
    x = Tensor(float("inf"), requires_grad=True)
    shown = lines(x * 2.0)[0]

    assert shown[0] == ("value inf", "grad 2")
    assert lines(Tensor(float("nan")))[0] == [("value nan",)]


def test_a_hook_is_seen():
    x = Tensor(2.0, requires_grad=True)
    y = x * 3
    y.register_hook(lambda g: g * 10)
    shown, _ = lines(y + 0.0)

    assert shown[0] == ("value 2", "grad 30")


def test_of_a_result_with_several_elements_no_gradient_is_known():
    x = Tensor(2.0, requires_grad=True)
    shown, missing = lines(x * np.ones(3, np.float32))

    assert shown[0] == ("value 2",)
    assert missing == ["No gradients are shown: the result is not a single number."]


def test_what_was_written_into_is_not_shown():
    x = Tensor(2.0, requires_grad=True)
    y = x * x
    x.data[...] = 7.0
    shown, missing = lines(y)

    assert shown == [(), ()]
    assert len(missing) == 1
    assert re.match(r"No numbers are shown: multiply, of .+", missing[0])


def test_what_nothing_keeps_is_counted():
    x = Tensor(2.0, requires_grad=True)
    shown, missing = lines((x + Tensor(1.0, requires_grad=True)) + x)

    assert ("grad 1",) in shown
    assert missing == [
        "2 values are not shown: neither the graph nor a variable keeps them."
    ]


def test_after_backward_leaves_show_their_grad_and_it_is_said_what_is_gone():
    x = Tensor(2.0, requires_grad=True)
    out = (x * x).tanh()
    out.backward()
    shown, missing = lines(out)

    assert shown[0] == ("value 2", f"grad {x.grad.data:.4g}")
    assert shown[1:] == [(), (f"value {out.data:.4g}",)]
    assert missing[0].startswith(
        "The gradients are those in .grad, the sum of all passes so far; others are "
        "not shown: this graph was already used and freed"
    )
    assert missing[1:] == [
        "1 value is not shown: neither the graph nor a variable keeps it."
    ]


def test_after_backward_and_zeroed_gradients_it_is_said_that_there_are_none():
    x = Tensor(2.0, requires_grad=True)
    out = x * x
    out.backward()
    x.grad = None
    shown, missing = lines(out)

    assert shown[0] == ("value 2",)
    assert missing[0].startswith("No gradients are shown: this graph was already used")


def test_the_hook_of_a_leaf_is_seen():
    x = Tensor(2.0, requires_grad=True)
    x.register_hook(lambda g: g * 10)
    out = x * x
    shown, _ = lines(out)
    out.backward()

    assert shown[0] == ("value 2", "grad 40")
    assert x.grad.item() == 40


class Node(NamedTuple):
    """What the graph of another engine may consist of."""

    kind: str
    op: str | None
    label: str | None
    shape: tuple = ()
    dtype: str | None = "float"
    parents: tuple = ()
    inputs: tuple = ()
    formulas: tuple = ()
    static: Mapping = MappingProxyType({})


class Move(NamedTuple):
    """A step of that engine: it multiplies."""

    node: int
    parent: int
    op: str
    input: str
    formula: str
    g: float
    result: float
    operands: dict
    rule: object = None

    def apply(self, g, *, summed=True):
        return g * next(iter(self.operands.values()))


class Other:
    """The product of 2 and 3, in an engine of plain numbers."""

    def __graph_namespace__(self):
        return SimpleNamespace(
            graph=lambda _: [
                Node("leaf", None, "x"),
                Node("leaf", None, "y"),
                Node("op", "*", None, (), "float", (0, 1), ("x", "y"), ("gy", "gx")),
            ],
            values=lambda _: [2.0, 3, 6.0],
            trace=lambda _, gradient=None: [
                Move(2, 0, "*", "x", "g * y", 1, 3, {"y": 3}),
                Move(2, 1, "*", "y", "g * x", 1, 2.0, {"x": 2.0}),
            ],
        )


def test_the_graph_of_another_engine_is_read_by_its_own_walk():
    value = Other()
    nodes = read_graph(value, "draw")

    assert [node.op for node in nodes] == [None, None, "*"]
    assert read_numbers(value, nodes).lines == [
        ("value 2", "grad 3"),
        ("value 3", "grad 2"),
        ("value 6", "grad 1"),
    ]


def test_a_picture_and_a_page_of_another_engine_can_be_made(tmp_path):
    figure = plot_computation_graph(Other())
    page = explore(Other(), tmp_path / "page.html").read_text(encoding="utf-8")
    texts = [text.get_text() for text in figure.axes[0].texts]

    assert texts[:3] == ["x", "value 2", "grad 3"]
    assert graph_text(Other()).splitlines()[0] == "* value 6 grad 1"
    assert '"formula":"x * y"' in page
    assert '"sentence":"Backward through *, to x (its x): the gradient 3."' in page


class Halfway:
    def __graph_namespace__(self):
        return SimpleNamespace(graph=lambda _: [])


def test_an_engine_whose_walk_lacks_something_is_told():
    with pytest.raises(TypeError, match=r"draw: .* Halfway, .* no values and no trace"):
        read_graph(Halfway(), "draw")


class Model:
    def __call__(self, x):
        return x

    def parameters(self):
        return []


Foreign = type("Tensor", (), {"__module__": "torch._tensor"})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Foreign(), r"^draw: loss is of type torch.Tensor; a Tensor of pebblegrad was"),
        (Tensor, "^draw: loss is the class Tensor; a Tensor was needed"),
        (Model(), "^draw: loss is of type Model; a Tensor was .* when it is called$"),
        ([Tensor(1.0)], "^draw: loss is of type list; a Tensor was needed, such as"),
        (None, "^draw: loss is of type NoneType; a Tensor was needed"),
        (2.5, "^draw: loss is of type float"),
    ],
)
def test_what_is_like_a_tensor_and_is_none_is_named(value, message):
    with pytest.raises(TypeError, match=message):
        read_graph(value, "draw", "loss")


def test_what_has_no_graph_is_refused():
    with pytest.raises(
        TypeError, match=r"^draw: tensor is of type ndarray; a Tensor was"
    ):
        read_graph(np.ones(3), "draw")
