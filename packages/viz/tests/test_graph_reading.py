import re

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, graph
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
    assert re.match(r"No numbers are shown\. .+", missing[0])


def test_what_nothing_keeps_is_counted():
    x = Tensor(2.0, requires_grad=True)
    shown, missing = lines((x + Tensor(1.0, requires_grad=True)) + x)

    assert ("grad 1",) in shown
    assert missing == [
        "2 values are not shown: neither the graph nor a variable keeps them."
    ]


def test_after_backward_it_is_said_what_is_gone():
    x = Tensor(2.0, requires_grad=True)
    out = (x * x).tanh()
    out.backward()
    shown, missing = lines(out)

    assert shown == [("value 2",), (), (f"value {out.data:.4g}",)]
    assert [sentence.split(". ")[0] for sentence in missing] == [
        "No gradients are shown",
        "1 value is not shown: neither the graph nor a variable keeps it.",
    ]


def test_what_has_no_graph_is_refused():
    with pytest.raises(
        TypeError, match=r"^draw: tensor is of type ndarray; a Tensor was"
    ):
        read_graph(np.ones(3), "draw")
