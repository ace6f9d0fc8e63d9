"""`values`: what is still known of the values in a graph."""

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import (
    Function,
    Tensor,
    graph,
    kept_gradients,
    op,
    ops,
    trace,
    values,
)


def by_name(tensor):
    """Return the values of a graph by label or op."""
    entries = graph(tensor)
    names = [entry.label or entry.op for entry in entries]
    return dict(zip(names, values(tensor), strict=True))


def test_every_value_of_a_loss_is_known_while_its_tensors_live():
    x, y = Tensor([1.0, 2.0], label="x"), Tensor([3.0, 5.0], label="y")
    w = Tensor([0.5], requires_grad=True, label="w")
    b = Tensor(0.25, requires_grad=True, label="b")
    loss = (x * w + b - y).square().mean()

    found = by_name(loss)

    assert found["w"].tolist() == [0.5]
    assert found["b"].tolist() == 0.25
    assert found["x"].tolist() == [1.0, 2.0]
    assert found["y"].tolist() == [3.0, 5.0]
    assert found["multiply"].tolist() == [0.5, 1.0]
    assert found["add"].tolist() == [0.75, 1.25]
    assert found["subtract"].tolist() == [-2.25, -3.75]
    assert found["mean"].item() == loss.item()


def test_what_nothing_keeps_and_nobody_holds_is_none():
    w = Tensor([0.5], requires_grad=True, label="w")
    loss = (w - Tensor([3.0], label="y")).square()
    freed = w * Tensor([3.0], label="y") * 2
    freed.backward()

    assert by_name(loss)["y"] is None
    assert by_name(loss)["subtract"].tolist() == [-2.5]
    found = values(freed)
    assert [value is None for value in found] == [False, True, True, False, False]
    assert found[-1].tolist() == [3.0]


def test_a_leaf_whose_tensor_is_gone_is_known_as_far_as_a_formula_needs_it():
    x = Tensor([2.0], requires_grad=True)
    product = x * Tensor([3.0], requires_grad=True, label="kept")
    total = x + Tensor([3.0], requires_grad=True, label="gone")

    assert by_name(product)["kept"].tolist() == [3.0]
    assert by_name(total)["gone"] is None


def test_the_values_belong_to_the_caller():
    x = Tensor([2.0], requires_grad=True)
    y = x * x
    for value in values(y):
        value[...] = 100
    y.backward()

    assert (x.item(), y.item(), x.grad.item()) == (2, 4, 4)


def test_an_operand_that_was_written_into_is_noticed():
    w = Tensor([0.5], requires_grad=True)
    loss = (w - 1).exp()
    w.data[...] = 2

    with pytest.raises(
        RuntimeError, match=r"values: exp, of shape \(1,\), has another"
    ):
        values(loss)


def test_not_a_number_is_no_sign_of_a_write():
    x = Tensor([-1.0, np.inf, np.nan, 4.0], requires_grad=True)
    with np.errstate(invalid="ignore"):
        found = values((x * 0).exp() * x)

    np.testing.assert_array_equal(found[-1], [-1.0, np.nan, np.nan, 4.0])


def test_optional_inputs_lists_and_parameters_are_found_in_their_places():
    @op
    def shifted(xp, x, by=None, scale=None, /, times=1):
        return times * (x if scale is None else x * scale)

    shifted.backward("x", lambda g, scale, times: times * g * scale)
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = shifted(x, None, np.array([2.0, 2.0], np.float32), times=3)

    assert [np.asarray(value).tolist() for value in values(y)] == [
        [1.0, 2.0],
        [2.0, 2.0],
        [6.0, 12.0],
    ]
    one = np.ones(1, np.float32)
    joined = ops.concat([x, one, x]).sum(axis=0)
    assert values(joined)[-2].tolist() == [1, 2, 1, 1, 2]


def test_a_function_of_the_users_is_not_called_again():
    class Loud(Function):
        calls = 0

        @staticmethod
        def forward(ctx, x):
            Loud.calls += 1
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = Tensor([1.0], requires_grad=True)
    y = Loud.apply(x) + 1

    assert values(y)[1].tolist() == [2.0]
    assert Loud.calls == 1


def test_a_tensor_without_a_graph_has_one_value_and_strict_arrays_stay_strict():
    x = Tensor(array_api_strict.asarray([2.0]), requires_grad=True)

    assert values(Tensor([1.0]))[0].tolist() == [1.0]
    assert all(isinstance(v, type(x.data)) for v in values(x * x))
    with pytest.raises(TypeError, match="values: list is not a Tensor"):
        values([1.0])


def test_a_deep_graph_has_values():
    x = Tensor([0.0], requires_grad=True)
    y = x
    for _ in range(5_000):
        y = y + 1

    assert values(y)[-1].tolist() == [5000]


def test_a_step_names_its_operands_and_can_be_applied_to_another_gradient():
    x = Tensor([[1.0], [2.0]], requires_grad=True)
    w = Tensor([3.0, 5.0], requires_grad=True)
    steps = trace(x * w, np.ones((2, 2), np.float32))
    one = np.zeros((2, 2), np.float32)
    one[1, 0] = 1

    to_x, to_w = steps
    assert list(to_x.operands) == ["y"]
    assert to_x.operands["y"].tolist() == [3, 5]
    assert to_x.apply(to_x.g, summed=False).tolist() == [[3, 5], [3, 5]]
    assert to_x.apply(to_x.g).tolist() == to_x.result.tolist() == [[8], [8]]
    assert to_w.apply(one).tolist() == [2, 0]
    with pytest.raises(ValueError, match=r"apply: g has shape \(2,\)"):
        to_w.apply(one[0])


def test_the_operands_of_a_step_belong_to_the_caller():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x[np.array([0, 2])] * x[1]

    for step in trace(y.sum()):
        for value in step.operands.values():
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, np.ndarray):
                    part[...] = 0
    y.sum().backward()

    assert x.grad.data.tolist() == [2, 4, 2]


def test_each_step_of_a_joint_rule_applies_its_own_part():
    x = Tensor([1.0, 2.0], requires_grad=True)
    joined = ops.concat([x, x * 2])

    for step in trace(joined, np.arange(4, dtype=np.float32)):
        assert step.apply(step.g).tolist() == step.result.tolist()


def test_a_constant_that_two_ops_read_is_known_if_one_keeps_it():
    w = Tensor([2.0], requires_grad=True)
    x = Tensor([3.0], label="x")
    y = (w * x) + x
    del x

    assert by_name(y)["x"].tolist() == [3.0]


def test_the_gradients_of_leaves_are_there_when_the_graph_is_freed():
    x = Tensor([2.0, 3.0], requires_grad=True)
    w = Tensor([5.0, 7.0], requires_grad=True)
    h = x * w
    h.retain_grad()
    y = (h * np.ones(2, np.float32)).sum()

    before = kept_gradients(y)
    y.backward()
    after = kept_gradients(y)
    after[0][...] = 100

    assert before == [None] * len(graph(y))
    found = [None if g is None else g.tolist() for g in kept_gradients(y)]
    assert found == [[5, 7], [2, 3], [1, 1], None, None, None]
    assert x.grad.data.tolist() == [5, 7]


def test_gradients_that_were_added_up_or_set_are_told_as_they_are():
    x = Tensor(2.0, requires_grad=True)
    (x * x).backward()
    y = x * x
    y.backward()

    assert kept_gradients(y)[0] == 8
    x.grad = 0
    assert kept_gradients(y)[0] == 0
    x.grad = None
    assert kept_gradients(y) == [None, None]
    assert kept_gradients(Tensor([1.0])) == [None]


def test_only_tensors_have_kept_gradients():
    with pytest.raises(TypeError, match="kept_gradients: ndarray is not a Tensor"):
        kept_gradients(np.ones(2))
