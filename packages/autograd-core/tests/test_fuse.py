"""Two ops as one: what `fuse` makes computes and shows what the two do."""

import gc
import pickle
import weakref

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import (
    Tensor,
    detect_anomaly,
    fuse,
    grad,
    graph,
    kept_gradients,
    op,
    ops,
    trace,
    values,
)
from pebblegrad.autograd.testing import check_gradients

LAST = [ops.relu, ops.sigmoid, ops.tanh, ops.exp, ops.tan, ops.expm1]


@op
def scaled(xp, x, y, /, factor=1.0):
    return factor * x * y


scaled.backward("x", lambda g, y, factor: g * y * factor)
scaled.backward("y", lambda g, x, factor: g * x * factor)
scaled.explain(lambda x, y, factor: f"{x} and {y} do not go together")

scaled_tanh = fuse(scaled, ops.tanh)


@pytest.fixture
def x(rng):
    return Tensor(rng.standard_normal((3, 4)), requires_grad=True, label="x")


@pytest.fixture
def y(rng):
    return Tensor(rng.standard_normal(4), requires_grad=True, label="y")


@pytest.mark.parametrize("last", LAST, ids=lambda last: last.__name__)
def test_it_computes_what_the_two_do_to_second_order(last, x, y):
    fused = fuse(scaled, last)

    def all_of(f):
        def loss(x, y):
            return (f(x, y) ** 2).sum()

        first = grad(loss, argnums=(0, 1))
        second = grad(lambda x, y: (first(x, y)[0] ** 2).sum(), argnums=(0, 1))
        found = (f(x, y).detach(), *first(x, y), *second(x, y))
        return [tensor.data for tensor in found]

    plain = all_of(lambda x, y: last(scaled(x, y, 0.5)))

    for found, wanted in zip(all_of(lambda x, y: fused(x, y, 0.5)), plain, strict=True):
        np.testing.assert_array_equal(found, wanted)
    check_gradients(lambda x, y: fused(x, y, factor=0.3), x.data, y.data, order=2)


def test_one_node_is_made_and_the_value_between_is_not_kept(x, y):
    z = scaled_tanh(x, y)

    assert z.node.parents == (x.node, y.node)
    assert z.node.values[1] is z._array
    assert [type(value) for value in z.node.values[2:]] == [float] + [np.ndarray] * 2
    assert repr(z).endswith("op=scaled_tanh)")


def test_only_what_is_wanted_is_computed(x):
    scaled_tanh(x, 2.0).sum().backward()
    np.testing.assert_allclose(x.grad.data, 2 * (1 - np.tanh(2 * x.data) ** 2))


def test_a_graph_shows_the_two(x, y):
    fused, plain = scaled_tanh(x, y, factor=2.0), ops.tanh(scaled(x, y, factor=2.0))
    fused.label = plain.label = "z"

    assert graph(fused) == graph(plain)
    assert [node.op for node in graph(fused)] == [None, None, "scaled", "tanh"]
    for found, wanted in zip(values(fused), values(plain), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_graph_shows_the_two_when_it_is_freed_too(x, y):
    fused, plain = scaled_tanh(x, y).sum(), ops.tanh(scaled(x, y)).sum()
    fused.backward()
    plain.backward()

    assert graph(fused) == graph(plain)
    assert [value is None for value in values(fused)] == [
        value is None for value in values(plain)
    ]
    assert len(kept_gradients(fused)) == len(graph(fused))


@pytest.mark.parametrize("constants", [False, True])
def test_a_trace_has_a_step_for_each(x, constants):
    by = np.array([1.0, 2.0, 3.0, 4.0])
    fused = trace(scaled_tanh(x, by).sum(), constants=constants)
    plain = trace(ops.tanh(scaled(x, by)).sum(), constants=constants)

    assert [str(step) for step in fused] == [str(step) for step in plain]
    assert [step.op for step in fused][:3] == ["sum", "tanh", "scaled"]
    for found, wanted in zip(fused, plain, strict=True):
        assert (found.node, found.parent) == (wanted.node, wanted.parent)
        assert found.operands.keys() == wanted.operands.keys()
        np.testing.assert_array_equal(found.g, wanted.g)
        np.testing.assert_array_equal(found.result, wanted.result)
        assert (found.total is None) == (wanted.total is None)
        if found.total is not None:
            np.testing.assert_array_equal(found.total, wanted.total)
        np.testing.assert_array_equal(found.apply(2 * found.g), 2 * found.result)


def test_a_hook_gets_the_gradient_of_what_comes_out(x, y):
    seen = []
    z = scaled_tanh(x, y)
    z.register_hook(lambda g: seen.append(g.data.copy()))
    z.retain_grad()
    (3 * z).sum().backward()

    np.testing.assert_array_equal(seen, np.full((1, 3, 4), 3.0))
    np.testing.assert_array_equal(z.grad.data, np.full((3, 4), 3.0))


def test_an_anomaly_is_of_one_of_the_two():
    scaled_sqrt = fuse(scaled, ops.sqrt)
    x = Tensor([0.0], requires_grad=True)
    with detect_anomaly(), np.errstate(all="ignore"):
        with pytest.raises(FloatingPointError, match=r"scaled gave inf.*test_fuse\.py"):
            scaled_sqrt(x + 1, np.inf)
        z = scaled_sqrt(x, 1.0)
        with pytest.raises(FloatingPointError, match="rule of sqrt for x gave inf"):
            z.backward()


def test_an_anomaly_of_a_graph_that_was_there_before():
    z = fuse(scaled, ops.sqrt)(Tensor([0.0], requires_grad=True), 1.0)
    says = "rule of sqrt for x gave inf .*; scaled_sqrt was called outside detect_"
    with detect_anomaly(), np.errstate(all="ignore"):
        with pytest.raises(FloatingPointError, match=says):
            z.backward()


def test_a_call_that_fails_says_what_the_first_would_say(x):
    says = r"^scaled: x has shape \(3, 4\) .*; \(3, 4\) and \(2,\) do not go"
    with pytest.raises(ValueError, match=says):
        scaled_tanh(x, np.ones(2))


def test_results_without_axes_and_plain_arrays():
    x = Tensor(np.float64(0.5), requires_grad=True)
    z = scaled_tanh(x, 2.0)
    z.backward()

    assert z.shape == ()
    np.testing.assert_allclose(x.grad.data, 2 * (1 - np.tanh(1.0) ** 2))
    np.testing.assert_array_equal(scaled_tanh(np.ones(2), 1.0), np.tanh(np.ones(2)))


def test_arrays_of_another_library():
    x = Tensor(array_api_strict.asarray([0.5, -1.0]), requires_grad=True)
    z = scaled_tanh(x, 2.0)
    z.backward(array_api_strict.ones(2, dtype=z.dtype))

    wanted = 2 * (1 - np.tanh([1.0, -2.0]) ** 2)
    np.testing.assert_allclose(np.asarray(x.grad._array), wanted, rtol=1e-6)


def test_another_forward_of_a_part_is_the_fused_ones_too():
    @op
    def one(xp, x, /):
        return x + 1

    @op
    def two(xp, x, /):
        return x * 2

    one.backward("x", lambda g: g)
    two.backward("x", lambda g: g * 2)
    both = fuse(one, two)
    assert both(np.ones(1)) == [4]
    one.implement(np, lambda xp, x: x + 10)
    assert both(np.ones(1)) == [22]
    two.implement(np, lambda xp, x: x * 3)
    assert both(np.ones(1)) == [33]
    with pytest.raises(TypeError, match="one_two is two ops in one; give another forw"):
        both.implement(np, lambda xp, x: x)


def test_ops_are_pickled_by_their_name():
    for known in (ops.relu, ops.concat, scaled, scaled_tanh):
        assert pickle.loads(pickle.dumps(known)) is known
    assert scaled_tanh.__doc__ == "`tanh` of what `scaled` gives, as one op."


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (scaled, ops.add, r"add\(x, y, /\) comes last; an op of one array and nothing"),
        (scaled, ops.concat, "concat.* comes last; an op of one array"),
        (scaled, ops.astype, "astype.* comes last; an op of one array and nothing"),
        (scaled, op(lambda xp, x, /: x), "<lambda>.* comes last; an op of one array"),
        (scaled, ops.sin, "sin.* comes last, and its rule names xp, g, x; it may name"),
        (scaled, scaled_tanh, "scaled_tanh.* comes last, and is two ops already"),
        (scaled_tanh, ops.relu, "scaled_tanh.* comes first, and is two ops already"),
        (ops.exp, ops.relu, r"exp\(x, /\) comes first, and a rule of it names out"),
        (scaled, np.tanh, "<ufunc 'tanh'> comes last; an op is needed"),
        (max, ops.relu, "<built-in function max> comes first; an op is needed"),
    ],
)
def test_what_cannot_be_one_op(first, last, says):
    with pytest.raises(TypeError, match=f"^fuse: {says}"):
        fuse(first, last)


@pytest.mark.parametrize(
    ("rule", "error", "says"),
    [
        (
            lambda g: 2.0,
            TypeError,
            "last: the backward rule for x returned 2.0; an arr",
        ),
        (
            lambda g: g[:1],
            ValueError,
            r"last: .* returned shape \(1, 4\); the input has",
        ),
        (
            lambda g: g.mT,
            ValueError,
            r"last: .* returned shape \(4, 3\); the input has",
        ),
    ],
    ids=["a number", "too small", "turned"],
)
def test_what_the_second_rule_returns_must_fit(rule, error, says, x):
    @op
    def last(xp, x, /):
        return x

    last.backward("x", rule)
    z = fuse(scaled, last)(x, 1.0)
    with pytest.raises(error, match=says):
        z.sum().backward()


def test_what_the_second_rule_returns_is_in_the_precision_of_its_value():
    seen = []

    @op
    def last(xp, x, /):
        return x

    last.backward("x", lambda xp, g: xp.astype(g, xp.float64))

    @op
    def first(xp, x, /):
        return x

    first.backward("x", lambda g: seen.append(g.dtype) or g)
    fuse(first, last)(Tensor([1.0], requires_grad=True)).backward()

    assert seen == ["float32"]


def test_shapes_that_rules_name_and_lists_of_arrays(x, rng):
    summed = fuse(ops.sum, ops.tanh)
    joined = fuse(ops.concat, ops.tanh)
    check_gradients(lambda x: summed(x, axis=0), x.data)
    check_gradients(lambda x, y: joined([x, y], axis=1), x.data, rng.random((3, 2)))

    z, plain = joined([x, x], axis=1), ops.tanh(ops.concat([x, x], axis=1))
    assert graph(z) == graph(plain)
    np.testing.assert_array_equal(values(z)[1], values(plain)[1])


def test_what_comes_out_is_let_go_before_the_rules_of_the_first_run():
    alive = []

    @op
    def first(xp, x, /):
        return x + 0

    first.backward("x", lambda g: alive.append(reference() is not None) or g)
    x = Tensor([1.0, 2.0], requires_grad=True)
    z = fuse(first, ops.tanh)(x)
    reference = weakref.ref(z._array)
    z = (z * 1.0).sum()  # `multiply` by a number keeps nothing
    z.backward(retain_graph=True)
    z.backward()

    assert alive == [True, False]


def test_parts_do_not_keep_what_is_made_of_them():
    gc.collect()  # what other tests left
    count = len(ops.relu.fused)
    made = [fuse(ops.add, ops.relu) for _ in range(10)]
    assert len(ops.relu.fused) == count + len(made)
    del made
    gc.collect()
    assert len(ops.relu.fused) == count
