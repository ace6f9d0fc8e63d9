"""The function written for an op's usual calls does what `Op.call` does."""

import importlib
import pkgutil

import numpy as np
import pytest

from pebblegrad.autograd import Op, Tensor, no_grad, op, ops
from pebblegrad.autograd._usual_call import source, usual_call

from .cases import CASES


def every_op():
    """Yield all ops of the package, those that only rules call too."""
    for found in pkgutil.iter_modules(ops.__path__, f"{ops.__name__}."):
        for value in vars(importlib.import_module(found.name)).values():
            if isinstance(value, Op):
                yield value


WRITTEN = {value: usual_call(value) for value in every_op()}


@pytest.fixture(scope="module")
def all_compared():
    """Let every call of every op go both ways; return those that were compared."""
    count = []

    def both_ways(called, written):
        def call(*args, **static):
            usual, general = written(*args, **static), called.call(*args, **static)
            assert told(usual) == told(general)
            count.append(called)
            return usual

        return call

    with pytest.MonkeyPatch.context() as patch:
        for called, written in WRITTEN.items():
            patch.setattr(called, "__call__", both_ways(called, written))
        yield count


@pytest.fixture
def compared(all_compared):
    """Return what was compared in this test."""
    all_compared.clear()
    return all_compared


def told(out):
    """Return all that is to know of a result, and of what the graph remembers."""
    if not isinstance(out, Tensor):
        return type(out), np.asarray(out).dtype, np.asarray(out).tobytes()
    known = [out.shape, out.dtype, out._array.tobytes()]
    if out.node is None:
        return known
    node = out.node
    known += [node.op, node.parents, node.rules, node.shape, node.dtype]
    known += [(type(value), getattr(value, "shape", value)) for value in node.values]
    known += [c if c is None or type(c) is not tuple else c[:3] for c in node.constants]
    return known


@pytest.mark.parametrize("wanted", ["all", "the first", "none"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_both_ways_give_one_result_and_one_node(case, wanted, rng, compared):
    tensors = [
        Tensor(x, requires_grad=wanted == "all" or (wanted == "the first" and i == 0))
        for i, x in enumerate(case.inputs(rng))
    ]

    out = case.call(*tensors)
    if out.requires_grad:
        out.backward(gradient=np.ones(out.shape), create_graph=True)

    assert compared or any(out is tensor for tensor in tensors)  # some need no op


def test_without_recording_both_ways_give_no_node(compared):
    x = Tensor([1.0, -2.0], requires_grad=True)

    with no_grad():
        result = ops.relu(x * 3)

    assert not result.requires_grad
    assert len(compared) == 2


def test_arguments_may_be_given_by_name_or_by_place(compared):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)

    by_place, by_name = ops.sum(x, 0, True), ops.sum(x, keepdims=True, axis=0)

    assert by_place.data.tolist() == by_name.data.tolist() == [[4, 6]]
    assert len(compared) == 2


def test_the_text_has_the_parameters_of_the_op():
    text = source(ops.sum)

    assert text.startswith(
        "def sum(x=missing, /, axis=default['axis'], keepdims=default['keepdims'], "
    )
    assert "out = forward(np, x_array, axis=axis, keepdims=keepdims)" in text


@pytest.mark.parametrize("name", ["forward", "Tensor", "wrap", "x_node", "class"])
def test_an_op_may_have_any_name_and_parameter(name):
    def double(xp, x, /, out_of=2):
        return x * out_of

    double.__name__ = name
    doubled = op(double)
    doubled.backward("x", lambda g, out_of: g * out_of)
    x = Tensor([3.0], requires_grad=True)

    y = doubled(x) + doubled(x, out_of=5)
    y.backward()

    assert (y.data.tolist(), x.grad.data.tolist()) == ([21], [7])


def test_names_that_the_text_uses_itself_are_no_trouble():
    @op
    def add_all(xp, node, values, /, plan=1, modes=2):
        return node + values + plan + modes

    add_all.backward("node", lambda g, values, modes: g * values * modes)
    x = Tensor([3.0], requires_grad=True)

    y = add_all(x, Tensor([4.0]), modes=5)
    y.backward()

    assert (y.data.tolist(), x.grad.data.tolist()) == ([13], [20])


def test_nor_are_names_that_it_makes_of_the_inputs_or_that_python_has_built_in():
    @op
    def scaled(xp, x, /, x_node=2, keep_x=3, type=5):
        return x * (x_node * keep_x * type)

    scaled.backward("x", lambda g, x_node, keep_x, type: g * (x_node * keep_x * type))
    x = Tensor([1.0], requires_grad=True)

    y = scaled(x)
    y.backward()

    assert (y.data.tolist(), x.grad.data.tolist()) == ([30], [30])


def test_a_forward_that_fails_runs_once():
    runs = []

    @op
    def fails(xp, x, /):
        runs.append(x)
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match=r"fails: x has shape \(1,\); on purpose"):
        fails(Tensor([1.0]))

    assert len(runs) == 1


def test_what_is_declared_after_the_first_call_counts():
    @op
    def identity(xp, x, /):
        return x + 0

    x = Tensor([1.0], requires_grad=True)
    before = identity(Tensor([1.0]))
    identity.backward("x", lambda xp, g, in_shape: g * 2)
    after = identity(x)
    identity.implement(np, lambda xp, x: x + 10)
    plugged = identity(x)
    after.backward()

    assert before.data.tolist() == after.data.tolist() == [1]
    assert plugged.data.tolist() == [11]
    assert x.grad.data.tolist() == [2]


def test_every_op_of_one_list_of_arguments_has_a_usual_call():
    names = [name for name in dir(ops) if isinstance(getattr(ops, name), Op)]
    unusual = [n for n in names if usual_call(getattr(ops, n)) == getattr(ops, n).call]

    assert unusual == [name for name in names if getattr(ops, name).variadic]
    assert len(names) > 80
