import math

import pytest

from pebblegrad.scalar import Tensor, graph, trace


def test_each_step_is_a_formula_with_its_numbers():
    x, y = Tensor(2.0), Tensor(3.0)

    first, second = trace(x * y)

    assert (first.node, first.parent, second.parent) == (2, 0, 1)
    assert (first.op, first.input, first.formula) == ("*", "x", "g * y")
    assert (first.g, first.result, dict(first.operands)) == (1, 3.0, {"y": 3.0})
    assert str(second) == "*: gradient of y = g * x = 2.0"


def test_the_totals_are_what_backward_leaves():
    x, y = Tensor(0.7, label="x"), Tensor(1.3, label="y")
    z = (x * y + x).tanh() / (y**x + x.exp()).sigmoid()

    steps = trace(z)
    z.backward()

    labels = [node.label for node in graph(z)]
    totals = {labels[step.parent]: step.total for step in steps}
    assert (totals["x"], totals["y"]) == (x.grad, y.grad)


def test_nothing_is_changed():
    x = Tensor(2.0)
    y = x * x

    trace(y)

    assert (x.grad, y.grad) == (0, 0)


def test_there_is_no_step_to_a_constant():
    (step,) = trace(Tensor(2.0) * 3)

    assert step.parent == 0
    assert trace(Tensor(2.0)) == []
    assert len(trace(Tensor(2.0) * 3, constants=True)) == 1


def test_the_pass_begins_with_the_gradient_that_is_given():
    (step,) = trace(Tensor(2.0) * 3, 10)

    assert (step.g, step.result) == (10, 30)


def test_a_step_can_be_applied_to_another_gradient():
    (step,) = trace(Tensor(2.0).exp())

    assert step.apply(1) == math.exp(2.0)
    assert step.apply(0.5, summed=False) == math.exp(2.0) / 2
    with pytest.raises(TypeError, match=r"Step.apply: g is None, a NoneType"):
        step.apply(None)


def test_the_operands_are_all_the_names_in_the_formula():
    x, y = Tensor(0.5), Tensor(2.0)
    for result in (x / y, x**y, x.log(), x.relu(), x.tanh(), x.sigmoid(), x.exp()):
        for step in trace(result):
            names = {"g": step.g, **step.operands, "power": pow, "log": math.log}

            assert eval(step.formula, names) == pytest.approx(step.result)


def test_an_operation_of_your_own_has_its_derivative_as_operand():
    x = Tensor(0.5)
    (step,) = trace(Tensor(0.25, (x,), "square", _derivatives=(1.0,)), 3)

    assert (step.result, dict(step.operands)) == (3.0, {"dx1": 1.0})


def test_numbers_that_do_not_belong_together_are_refused():
    x = Tensor(2.0)
    y = x * 3
    x.data = 5.0

    with pytest.raises(RuntimeError, match=r"trace: \* has another result now"):
        trace(y)


def test_a_gradient_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="trace: gradient is 'a', a str"):
        trace(Tensor(2.0) * 3, "a")
