"""`checkpoint`: the same gradients as without it, and less memory."""

import gc
import tracemalloc
import weakref

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import (
    Tensor,
    checkpoint,
    default_dtype,
    generator,
    grad,
    hessian,
    is_grad_enabled,
    jvp,
    manual_seed,
    no_grad,
    ops,
    trace,
    vjp,
)
from pebblegrad.autograd.testing import check_gradients


def block(x, y):
    return (x.exp() * y).tanh()


def test_gradients_are_those_without_it_to_second_order(rng):
    x, y = rng.standard_normal((2, 3))

    check_gradients(lambda x, y: checkpoint(block, x * y, y), x, y)
    check_gradients(lambda x, y: checkpoint(lambda: block(x, y)), x, y)
    check_gradients(lambda x, y: checkpoint(lambda x: block(x, y), x), x, y)


def test_checkpoints_nest(rng):
    def inner(x, w):
        return checkpoint(lambda x: (x * w).tanh(), x)

    def outer(x, w):
        return checkpoint(lambda x: inner(x, w) * inner(w, x), x)

    check_gradients(outer, *rng.standard_normal((2, 3)))


def test_the_function_runs_again_in_each_backward_pass():
    calls = []

    def f(x):
        calls.append(is_grad_enabled())
        return x * x

    x = Tensor([3.0], requires_grad=True)
    y = checkpoint(f, x)
    assert len(calls) == 1
    y.backward(retain_graph=True)
    y.backward()

    assert x.grad.item() == 12
    assert calls == [True] * 3


def test_weights_that_the_function_closes_over_get_their_gradients():
    w, x = Tensor([2.0], requires_grad=True), Tensor([3.0])

    checkpoint(lambda x: w * x, checkpoint(lambda x: w * x, x)).backward()

    assert w.grad.item() == 2 * 2 * 9 / 3


def test_a_variable_of_an_enclosing_gradient_may_be_closed_over():
    def cube(x):
        return checkpoint(lambda y: y * x * x, x)

    def cube_without_arguments(x):
        return checkpoint(lambda: checkpoint(lambda: x * x * x))

    for f in (cube, cube_without_arguments):
        assert grad(f)(2.0).item() == 12
        assert grad(grad(f))(2.0).item() == 12
        assert grad(grad(grad(f)))(2.0).item() == 6
        assert hessian(f)(2.0).item() == 12
        x = Tensor(2.0, requires_grad=True)
        assert vjp(f, x)[1](1.0)[0].item() == 12
        assert jvp(f, x, 1.0)[1].item() == 12


def test_gradients_may_be_computed_inside_the_function(rng):
    def penalty(x, w):
        slope = grad(lambda x: (x * w).exp().sum())(x)
        return (slope * slope).sum()

    check_gradients(
        lambda x, w: checkpoint(penalty, x, w), *rng.standard_normal((2, 3))
    )
    check_gradients(
        lambda x, w: checkpoint(lambda x: penalty(x, w), x),
        *rng.standard_normal((2, 3)),
    )


def test_arguments_may_be_structures_numbers_and_anything():
    x, y = Tensor([2.0], requires_grad=True), Tensor([3.0], requires_grad=True)

    def f(pair, options, count):
        return pair[0] * options["y"] * count * len(options["name"])

    checkpoint(f, (x, None), {"y": y, "name": "four"}, 5).backward()

    assert (x.grad.item(), y.grad.item()) == (60, 40)


def test_an_argument_given_twice_or_not_used_or_returned_is_right():
    x, y = Tensor([2.0], requires_grad=True), Tensor([3.0], requires_grad=True)

    checkpoint(lambda a, b, c: a * b, x, x, y).backward()
    checkpoint(lambda a: a, x).backward()

    assert (x.grad.item(), y.grad.item()) == (5, 0)


def test_random_numbers_are_drawn_again_and_the_generator_goes_on_as_without_it():
    def dropout(x):
        return x * (generator().random(x.shape) < 0.5)

    x = Tensor(np.ones(100), requires_grad=True)
    manual_seed(3)
    y = checkpoint(dropout, x)
    after = generator().bit_generator.state
    y.sum().backward()

    np.testing.assert_array_equal(x.grad.data, y.data)
    assert generator().bit_generator.state == after


def test_without_gradients_it_is_a_plain_call():
    x = Tensor([2.0], requires_grad=True)

    with no_grad():
        y = checkpoint(lambda x: x * x, x)
    z = checkpoint(lambda x: x * x, Tensor([3.0]))

    assert (y.item(), y.requires_grad) == (4, False)
    assert (z.item(), z.requires_grad) == (9, False)
    assert checkpoint(lambda x: x.detach() * 2, x).requires_grad is False


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_is_kept(dtype):
    w = Tensor(np.ones(3, dtype), requires_grad=True)
    x = Tensor(np.ones(3, dtype), requires_grad=True)

    y = checkpoint(lambda x: x * w, x)
    y.sum().backward()

    assert y.dtype == x.grad.dtype == w.grad.dtype == dtype


def test_strict_arrays_may_be_given_and_closed_over():
    w = Tensor(array_api_strict.asarray([2.0, 3.0]), requires_grad=True)
    x = Tensor(array_api_strict.asarray([4.0, 5.0]), requires_grad=True)

    checkpoint(lambda x: x * w, x).sum().backward()

    for gradient, expected in ((x.grad, w), (w.grad, x)):
        assert isinstance(gradient.data, type(x.data))
        np.testing.assert_array_equal(
            np.asarray(gradient.data), np.asarray(expected.data)
        )


def test_an_empty_result_has_empty_and_zero_gradients():
    w = Tensor([2.0], requires_grad=True)
    x = Tensor(np.ones((0, 1), np.float32), requires_grad=True)

    checkpoint(lambda x: x * w, x).backward(np.ones((0, 1)))

    assert x.grad.shape == (0, 1)
    assert w.grad.item() == 0


def test_a_chain_of_2_000_checkpoints_and_one_of_10_000_ops_in_one():
    w = Tensor(1.0001, requires_grad=True, dtype="float64")
    x = Tensor(1.0, requires_grad=True, dtype="float64")

    def five(x):
        for _ in range(5):
            x = x * w
        return x

    y = x
    for _ in range(2_000):
        y = checkpoint(five, y)
    y.backward()
    by_many, x.grad, w.grad = (x.grad.item(), w.grad.item()), None, None

    def all_of_them(x):
        for _ in range(2_000):
            x = five(x)
        return x

    checkpoint(all_of_them, x).backward()
    assert np.allclose(by_many, (x.grad.item(), w.grad.item()), rtol=1e-12)
    assert np.isclose(w.grad.item(), 10_000 * 1.0001**9_999)


def peak(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_less_memory_is_needed():
    size = 25_000
    x = Tensor(np.ones(size), requires_grad=True)

    def ten(x):
        for _ in range(10):
            x = x.tanh()
        return x

    def run(call):
        y = x
        for _ in range(10):
            y = call(ten, y)
        y.sum().backward()

    plain = peak(lambda: run(lambda f, x: f(x)))
    lower = peak(lambda: run(checkpoint))

    # 100 arrays are kept without it; with it 10 results, and 10 of the block at hand.
    assert plain > 95 * size * 8
    assert lower < 30 * size * 8


def test_only_the_inputs_and_the_result_stay_alive():
    kept = []

    def f(x):
        y = x.exp()
        kept.append(weakref.ref(y.data))
        return y.tanh().sum()

    gc.disable()
    try:
        x = Tensor(np.ones(3), requires_grad=True)
        h = x * 2
        array = weakref.ref(h.data)
        y = checkpoint(f, h)
        del h
        assert kept[0]() is None
        assert array() is not None
        y.backward()
        assert kept[1]() is None
        assert array() is None
    finally:
        gc.enable()


def test_trace_shows_a_checkpoint_as_one_step():
    x = Tensor([3.0], requires_grad=True)

    (step,) = trace(checkpoint(lambda x: x * x, x))

    assert (step.op, step.input, str(step.result)) == (
        "checkpoint",
        "arrays[0]",
        "[6.]",
    )


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="checkpoint: the function returned a tuple"):
        checkpoint(lambda x: (x, x), Tensor([1.0], requires_grad=True))


@pytest.mark.parametrize(
    ("second", "given"),
    [
        (lambda x: ops.stack([x, x]), r"shape \(2, 1\);"),
        (
            lambda x: x.detach(),
            r"shape \(1,\), without a graph; .*shape \(1,\), with a",
        ),
        (lambda x: None, "None, without a graph"),
    ],
)
def test_a_function_that_returns_something_else_the_second_time_is_named(second, given):
    functions = iter([lambda x: x * x, second])
    x = Tensor([3.0], requires_grad=True)
    y = checkpoint(lambda x: next(functions)(x), x)

    with pytest.raises(RuntimeError, match=f"checkpoint: .*returned {given}"):
        y.backward()
    assert x.grad is None


def test_an_exception_in_the_second_call_leaves_everything_as_it_was():
    functions = iter([lambda x: x * x, lambda x: 1 // 0])
    w, x = Tensor([1.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    y = checkpoint(lambda x: next(functions)(x), x) * w
    generator().random()
    before = generator().bit_generator.state

    with no_grad(), default_dtype("float64"):
        with pytest.raises(ZeroDivisionError):
            y.backward()
        assert not is_grad_enabled()
    assert x.grad is None
    assert w.grad is None
    assert generator().bit_generator.state == before


def test_an_argument_that_was_replaced_is_still_what_it_was():
    x = Tensor([3.0], requires_grad=True)
    y = checkpoint(lambda x: x * x, x)

    x.data = np.array([100.0], np.float32)
    y.backward()

    assert x.grad.item() == 6


def test_an_argument_that_was_written_into_is_noticed():
    x = Tensor([3.0], requires_grad=True)
    y = checkpoint(lambda x: x * x, x)

    x.data[...] = 4

    with pytest.raises(RuntimeError, match=r"checkpoint kept its operand arrays\[0\]"):
        y.backward()


@pytest.mark.parametrize("swapped", [False, True])
def test_a_result_from_outside_may_be_used_by_the_function_and_beside_it(swapped, rng):
    def function(w, x):
        h = w * 2 * w
        terms = [h, checkpoint(lambda x: x * h, x)]
        return terms[swapped] + terms[not swapped]

    check_gradients(function, rng.standard_normal(3), rng.standard_normal(3), order=3)


def test_inside_no_grad_nothing_is_recorded_in_the_function_either():
    x, seen = Tensor([1.0], requires_grad=True), []

    def f(x):
        seen.append(is_grad_enabled())
        return x * 2

    with no_grad():
        y = checkpoint(f, x)
        with pytest.raises(TypeError, match="checkpoint: the function returned a int"):
            checkpoint(lambda x: 3, x)

    assert seen == [False]
    assert not y.requires_grad
