import math

import pytest

from pebblegrad import scalar
from pebblegrad.scalar import Tensor, graph, kept_gradients, values


def test_the_namespace_of_the_graph_of_a_tensor_is_this_package():
    assert Tensor(1.0).__graph_namespace__() is scalar


def test_the_graph_lists_inputs_before_results():
    x, y = Tensor(2.0, label="x"), Tensor(3.0, label="y")

    nodes = graph(x * y + y)

    assert [node.label or node.op for node in nodes] == ["x", "y", "*", "+"]
    assert [node.parents for node in nodes] == [(), (), (0, 1), (2, 1)]
    assert nodes[2].inputs == ("x", "y")
    assert nodes[2].formulas == ("g * y", "g * x")
    assert {node.shape for node in nodes} == {()}


def test_a_number_in_a_formula_is_a_constant_without_formula():
    _, two, power = graph(Tensor(3) ** 2)

    assert (two.kind, two.label, two.dtype, two.op) == ("constant", "2", None, None)
    assert power.formulas == ("g * (y * power(x, y - 1) if y else 0)", None)
    assert power.helpers["power"].startswith("Return ``x ** y``")


def test_kinds_and_dtypes():
    nodes = graph(Tensor(1) + Tensor(2.0))

    assert [node.kind for node in nodes] == ["leaf", "leaf", "op"]
    assert [node.dtype for node in nodes] == ["int", "float", "float"]


def test_a_tensor_without_a_graph_is_a_single_leaf():
    (node,) = graph(Tensor(1.0, label="x"))

    assert (node.kind, node.label) == ("leaf", "x")
    assert values(Tensor(1.0)) == [1.0]


def test_a_value_that_is_used_twice_is_listed_once():
    x = Tensor(2.0)

    assert len(graph(x * x + x)) == 3


def test_a_label_given_to_a_result_is_shown():
    y = Tensor(1.0) + 1
    y.label = "y"

    assert graph(y)[-1].label == "y"


def test_every_operation_has_formulas_for_all_it_is_made_from():
    x, y = Tensor(0.5), Tensor(2.0)
    results = [x + y, x - y, x * y, x / y, x**y, -x]
    results += [x.exp(), x.log(), x.relu(), x.tanh(), x.sigmoid()]

    for result in results:
        node = graph(result)[-1]

        assert len(node.formulas) == len(node.parents) == len(node.inputs)
        assert all(formula and "g" in formula for formula in node.formulas)
        # Those of somebody else's operation are called g * dx1.
        assert not any("dx1" in formula for formula in node.formulas)


def test_an_operation_of_your_own_is_shown_with_the_number_of_its_derivative():
    x = Tensor(0.5, label="x")
    y = Tensor(math.sin(0.5), (x,), "sin", _derivatives=(math.cos(0.5),))

    assert graph(y)[-1].op == "sin"
    assert graph(y)[-1].formulas == ("g * dx1",)
    assert values(y) == [0.5, math.sin(0.5)]


def test_an_operation_of_your_own_under_one_of_our_names_is_shown_as_yours():
    x = Tensor(-2.0)
    leaky = Tensor(-0.2, (x,), "relu", _derivatives=(0.1,))
    rounded = Tensor(0, (x,), "relu", _derivatives=(1,))  # of which the result is ours

    assert graph(leaky)[-1].formulas == graph(rounded)[-1].formulas == ("g * dx1",)
    assert graph(x.relu())[-1].formulas == ("g * (0 if x <= 0 else 1)",)
    assert [step.result for step in scalar.trace(rounded)] == [1]
    with pytest.raises(RuntimeError, match="of your own, give it another name than 'r"):
        values(leaky)


def test_results_are_listed_as_they_are_written_the_left_one_first():
    a, b, c = (Tensor(2.0, label=name) for name in "abc")

    nodes = graph((a * b) - (b / c))

    assert [node.label or node.op for node in nodes] == "a b * c / -".split()


def test_values_are_the_numbers_of_the_graph():
    x = Tensor(2.0)

    assert values((x * 3).relu() + 1) == [2.0, 3, 6.0, 6.0, 1, 7.0]


def test_values_refuse_numbers_that_do_not_belong_together():
    x = Tensor(2.0)
    y = x.log() * 2
    x.data = 3.0

    with pytest.raises(RuntimeError, match="values: log has another result now"):
        values(y)


def test_values_refuse_numbers_for_which_there_is_no_result_any_more():
    x = Tensor(2.0)
    y = x.log()
    x.data = -1.0

    with pytest.raises(RuntimeError, match="a number was assigned since"):
        values(y)


def test_values_pass_over_a_nan():
    (found, _) = values(Tensor(math.nan).exp())

    assert math.isnan(found)


def test_kept_gradients_are_those_of_the_last_backward():
    x = Tensor(2.0)
    y = x * 3
    y.backward()
    y.backward()

    assert kept_gradients(y) == [6, None, 1]


def test_looking_at_a_long_chain_takes_no_recursion():
    y = Tensor(1.0)
    for _ in range(5000):
        y = y + 1

    assert len(graph(y)) == 10_001
    assert values(y)[-1] == 5001.0


@pytest.mark.parametrize("look", [graph, values, kept_gradients, scalar.trace])
def test_an_operation_without_derivatives_is_not_shown(look):
    product = Tensor(6.0, (Tensor(2.0), Tensor(3.0)), "*")

    with pytest.raises(
        RuntimeError, match=r"'\*' made a Tensor of 2 children with 0 de"
    ):
        look(product)


@pytest.mark.parametrize("look", [graph, values, kept_gradients, scalar.trace])
def test_only_tensors_can_be_looked_at(look):
    with pytest.raises(TypeError, match=rf"{look.__name__}: tensor is a float"):
        look(1.0)
