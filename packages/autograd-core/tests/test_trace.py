"""`trace`: the backward pass as a list of steps."""

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import Function, Tensor, graph, op, ops, trace


def test_the_steps_of_a_worked_example():
    x = Tensor([2.0], requires_grad=True, label="x")
    y = Tensor([3.0], requires_grad=True, label="y")
    z = x * y + x

    steps = trace(z)

    assert [str(step) for step in steps] == [
        "add: gradient of x = g = [1.]",
        "add: gradient of y = g = [1.]",
        "multiply: gradient of x = g * y = [3.]",
        "multiply: gradient of y = g * x = [2.]",
    ]
    entries = graph(z)
    assert [entries[step.node].op for step in steps] == [step.op for step in steps]
    assert [entries[step.parent].label for step in steps] == [None, "x", "x", "y"]


def test_the_gradients_that_arrive_add_up_to_those_of_backward(rng):
    x = Tensor(rng.standard_normal((3, 4)), requires_grad=True)
    w = Tensor(rng.standard_normal(4), requires_grad=True)
    y = ops.concat([(x * w).tanh(), x.exp()]).sum()
    entries = graph(y)

    totals = {}
    for step in trace(y):
        assert step.g.shape == entries[step.node].shape
        assert step.result.shape == entries[step.parent].shape
        totals[step.parent] = totals.get(step.parent, 0) + step.result
    y.backward()

    leaves = [i for i, entry in enumerate(entries) if entry.kind == "leaf"]
    for i, leaf in zip(leaves, (x, w), strict=True):
        np.testing.assert_allclose(totals[i], leaf.grad.data)


def test_a_step_comes_after_all_that_its_gradient_is_made_of():
    x = Tensor([1.0], requires_grad=True)
    a = x * 2
    b = a * a
    steps = trace(a * b + b)

    for i, step in enumerate(steps):
        assert all(later.parent != step.node for later in steps[i:])


def test_nothing_is_changed_and_the_steps_belong_to_the_caller():
    x = Tensor([2.0], requires_grad=True)
    h = x * 3
    h.retain_grad()
    y = h * h

    steps = trace(y)
    assert x.grad is h.grad is None
    for step in steps:
        step.g[...] = step.result[...] = 100
    again = trace(y)
    y.backward()

    assert [step.result.item() for step in again] == [6, 6, 36]
    assert (x.grad.item(), h.grad.item()) == (36, 12)


def test_what_hooks_return_is_shown_as_what_goes_on():
    x = Tensor([2.0], requires_grad=True)
    h = x * 3
    h.register_hook(lambda g: g * 10)

    first, second = trace(h * 2)

    assert (first.result.item(), second.g.item(), second.result.item()) == (2, 20, 60)


def test_the_total_of_a_leaf_is_what_its_hook_made_and_backward_leaves():
    x = Tensor([2.0], requires_grad=True)
    x.register_hook(lambda g: g * 10)
    y = x * x

    steps = trace(y)
    y.backward()

    assert [step.result.item() for step in steps] == [2, 2]
    assert [step.total.item() for step in steps] == [40, 40] == [x.grad.item()] * 2


def test_the_total_of_what_an_op_made_is_what_comes_in_there(rng):
    x = Tensor(rng.standard_normal(3), requires_grad=True)
    h = x * 3
    h.register_hook(lambda g: g * 10)
    steps = trace((h * h).sum())

    came_in = {step.node: step.g for step in steps}
    for step in steps:
        if step.parent in came_in:
            np.testing.assert_array_equal(step.total, came_in[step.parent])


def test_what_constants_would_get_can_be_asked_for():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    w = Tensor([5.0, 6.0], requires_grad=True)
    one = np.ones(2, np.float32)
    y = (x @ w - one).sum()

    steps = trace(y, constants=True)
    beside = steps[len(trace(y)) :]

    assert [(step.op, step.input, step.total) for step in beside] == [
        ("subtract", "y", None),
        ("matmul", "x", None),
    ]
    assert beside[0].result.tolist() == [-1, -1]
    assert beside[1].result.tolist() == [[5, 6], [5, 6]]
    assert beside[1].apply(np.array([0, 1], np.float32)).tolist() == [[0, 0], [5, 6]]
    assert graph(y)[beside[1].parent].shape == (2, 2)


def test_what_constants_would_get_is_summed_to_their_shape():
    x = np.array([1.0, 2.0])
    w = Tensor(np.ones((3, 2)), requires_grad=True)

    *_, step = trace(w * x, np.ones((3, 2)), constants=True)

    assert step.result.tolist() == [3, 3]


def test_of_numbers_integers_what_has_no_rule_and_what_is_gone_there_is_no_step():
    x = Tensor([-1.0, 4.0], requires_grad=True)
    mask, whole = np.array([True, False]), np.array([2, 3])
    one = np.ones(2, np.float32)

    for y in (x * 3, ops.where(mask, x, x), x * whole, x - Tensor([1.0, 2.0])):
        assert len(trace(y, one, constants=True)) == len(trace(y, one))


def test_a_constant_with_no_finite_gradient_is_no_warning():
    x = Tensor([-1.0, 1.0], requires_grad=True)
    y = np.array([2.0, 2.0], np.float32)

    step = trace(x**y, [1.0, 1.0], constants=True)[-1]  # log(x) is in the rule for y

    assert step.input == "y"
    np.testing.assert_array_equal(step.result, [np.nan, 0])


def test_constants_in_a_list_get_their_part():
    x = Tensor([1.0], requires_grad=True)
    y = np.array([2.0, 3.0], np.float32)

    *_, step = trace(ops.concat([x, y]), [1.0, 10.0, 100.0], constants=True)

    assert (step.input, step.result.tolist()) == ("arrays[1]", [10, 100])


def test_the_gradient_to_start_from_can_be_given():
    x = Tensor([1.0, 2.0], requires_grad=True)

    (step,) = trace(x * 2, [1.0, 10.0])

    assert step.result.tolist() == [2, 20]


def test_leaves_and_constants_have_no_steps():
    x = Tensor([1.0], requires_grad=True)

    assert trace(x) == []
    assert [step.input for step in trace(Tensor([2.0]) * x + 1)] == ["x", "y"]
    with pytest.raises(RuntimeError, match="trace: this Tensor requires no gradient"):
        trace(Tensor([1.0]))


def test_a_joint_rule_has_a_step_for_each_input():
    @op
    def both(xp, x, y, /):
        return x + y

    @both.backward("x", "y")
    def _(g):
        return g, 2 * g

    x, y = Tensor(1.0, requires_grad=True), Tensor(1.0, requires_grad=True)
    steps = trace(both(x, y))

    assert [(step.input, step.result.item()) for step in steps] == [("x", 1), ("y", 2)]
    assert steps[0].formula == steps[1].formula == "g, 2 * g"


def test_large_arrays_are_shown_in_short():
    x = Tensor(np.ones(1000), requires_grad=True)

    assert str(trace((x * 2).sum())[-1]).endswith("= [2., 2., 2., ..., 2., 2., 2.]")


def test_strict_arrays_are_shown_and_stay_strict():
    x = Tensor(array_api_strict.asarray([2.0]), requires_grad=True)

    (step,) = trace(x * 3)

    assert isinstance(step.result, type(x.data))
    assert str(step) == "multiply: gradient of x = g * y = [3.]"


def test_a_deep_graph_can_be_traced():
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(5_000):
        y = y + 1

    assert len(trace(y)) == 5_000


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: trace(x.data), TypeError, "trace: ndarray is not a Tensor"),
        (lambda x: trace(x * 2), ValueError, r"shape \(2,\); a single element"),
        (lambda x: trace(x * 2, [1.0]), ValueError, r"gradient has shape \(1,\)"),
    ],
)
def test_wrong_calls_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(Tensor([1.0, 2.0], requires_grad=True))


def test_a_freed_graph_cannot_be_traced():
    x = Tensor([1.0], requires_grad=True)
    y = x * x
    y.backward()

    with pytest.raises(RuntimeError, match="used and freed"):
        trace(y)


def test_of_a_rule_that_returns_several_gradients_a_step_says_which_is_meant():
    x, y = Tensor([1.0], requires_grad=True), Tensor([2.0], requires_grad=True)

    joined = {step.parent: step.returned for step in trace(ops.concat([x, y]).sum())}
    products = [step.returned for step in trace(x * y)]

    assert [joined[0], joined[1]] == [(0, 2), (1, 2)]
    assert products == [None, None]


def test_of_a_function_the_place_is_that_among_all_arguments():
    class Weighted(Function):
        @staticmethod
        def forward(ctx, weight, x, y):
            return (x + y) * weight

        @staticmethod
        def backward(ctx, g):
            return None, g, g

    x, y = Tensor([1.0], requires_grad=True), Tensor([2.0], requires_grad=True)

    steps = trace(Weighted.apply(1.0, x, y))

    assert [step.returned for step in steps] == [(1, 3), (2, 3)]
