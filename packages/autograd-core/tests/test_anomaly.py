"""`detect_anomaly`: where did the first NaN or infinity appear?"""

import threading

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import Tensor, checkpoint, detect_anomaly, grad, op, ops
from pebblegrad.autograd._modes import modes


def test_a_fault_in_the_forward_pass_is_named_with_op_line_and_operands():
    x = Tensor([2.0, 0.0, -1.0], requires_grad=True)

    with detect_anomaly(), pytest.raises(FloatingPointError) as caught:
        (x * 2).log()  # the line to name

    message = str(caught.value)
    assert message.startswith(
        "detect_anomaly: log gave -inf in 2 of 3 elements, first "
    )
    assert "at (1,), called at " in message
    assert "test_anomaly.py:" in message
    assert "in `(x * 2).log()  # the line to name`" in message
    assert "x has shape (3,) and lies between -2.0 and 4.0" in message


def test_a_fault_in_the_backward_pass_is_named_with_rule_and_the_forwards_line():
    x = Tensor([1.0, 0.0], requires_grad=True)

    with detect_anomaly():
        root = x.sqrt()  # the line to name
        with pytest.raises(FloatingPointError) as caught:
            (root * 3).sum().backward()

    message = str(caught.value)
    assert "the backward rule of sqrt for x gave inf in 1 of 2 elements" in message
    assert "where g has shape (2,) and lies between 3.0 and 3.0" in message
    assert "sqrt was called at " in message
    assert "in `root = x.sqrt()  # the line to name`" in message
    assert x.grad is None


def test_a_graph_that_was_made_outside_has_no_line_to_name():
    x = Tensor(0.0, requires_grad=True)
    y = x.sqrt()

    with (
        detect_anomaly(),
        pytest.raises(FloatingPointError, match="sqrt was called outside detect_an"),
    ):
        y.backward()


def test_a_fault_in_gradients_of_gradients_is_found():
    def f(x):
        return (x * x * x).sqrt()  # its second derivative at 0 is infinite

    with detect_anomaly(), pytest.raises(FloatingPointError, match="detect_anomaly: "):
        grad(grad(f))(0.0)


def test_the_function_of_a_checkpoint_is_looked_into():
    x = Tensor([-1.0], requires_grad=True)

    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"in `.*x\.log\(\)"):
        checkpoint(lambda x: x.log() * 2, x)


def test_infinities_may_be_meant():
    x = Tensor([1.0, 0.0], requires_grad=True)

    with detect_anomaly(infinity=False), np.errstate(divide="ignore"):
        y = x.log()
        y.sum().backward()
        assert x.grad.data[1] == np.inf
        with pytest.raises(FloatingPointError, match="subtract gave nan"):
            y - y


def test_sound_programs_run_as_without_it(rng):
    x = Tensor(rng.standard_normal((3, 4)), requires_grad=True)
    w = Tensor(array_api_strict.asarray([1.0, 2.0]), requires_grad=True)
    empty = Tensor(np.ones((0, 3)), requires_grad=True)

    with detect_anomaly():
        ops.concat([x, x * 2]).tanh()[1:, :2].sum().backward()
        (w * w).sum().backward()
        (empty * 2).sum().backward()

    assert x.grad.shape == (3, 4)
    assert str(np.asarray(w.grad.data)) == "[2. 4.]"
    assert empty.grad.shape == (0, 3)


def test_outside_nothing_is_looked_at_and_the_switches_are_as_before():
    before = np.geterr()

    with pytest.raises(FloatingPointError), detect_anomaly():
        with detect_anomaly(infinity=False):
            assert modes.anomaly == "nan"
        assert modes.anomaly == "nan or infinity"
        Tensor(-1.0, requires_grad=True).log()

    assert modes.anomaly == ""
    assert np.geterr() == before
    with np.errstate(invalid="ignore"):
        assert np.isnan(Tensor(-1.0, requires_grad=True).log().item())


def test_it_decorates_and_is_for_one_thread():
    seen = []

    @detect_anomaly()
    def fails():
        thread = threading.Thread(target=lambda: seen.append(modes.anomaly))
        thread.start()
        thread.join()
        Tensor(0.0, requires_grad=True).log()

    for _ in range(2):
        with pytest.raises(FloatingPointError, match="log gave -inf, called at"):
            fails()
    assert seen == ["", ""]


def test_a_rule_of_the_user_is_shown():
    @op
    def double(xp, x, /):
        return x * 2

    double.backward("x", lambda g, x: g * x / 0.0)

    with (
        detect_anomaly(),
        pytest.raises(
            FloatingPointError, match=r"of double for x gave nan .*: g \* x / 0"
        ),
    ):
        double(Tensor([0.0], requires_grad=True)).backward()


# Every write into what a graph keeps is noticed inside


def test_a_batch_buffer_that_is_used_again_before_backward_is_noticed():
    w, batch = Tensor([2.0, 3.0], requires_grad=True), np.ones(2, np.float32)

    with detect_anomaly():
        loss = (w * Tensor(batch)).sum()  # the line to name
        batch += 1
        with pytest.raises(RuntimeError) as caught:
            loss.backward()

    message = str(caught.value)
    assert message.startswith("backward: multiply at ")
    assert "in `loss = (w * Tensor(batch)).sum()  # the line to name`" in message
    assert "kept its operand y, of shape (2,), and that array was written" in message
    assert w.grad is None


def test_a_batch_buffer_that_is_used_again_after_backward_is_no_fault():
    w, batch = Tensor([2.0, 3.0], requires_grad=True), np.ones(2, np.float32)

    with detect_anomaly():
        for step in range(3):
            batch[...] = step
            (w * Tensor(batch)).sum().backward()

    assert str(w.grad) == "[3. 3.]"


def test_an_index_that_is_changed_before_backward_is_noticed():
    x, rows = Tensor([1.0, 2.0, 3.0], requires_grad=True), np.array([0, 1])

    with detect_anomaly():
        picked = x[rows].sum()
        rows[0] = 2
        with pytest.raises(
            RuntimeError, match=r"getitem at .* kept its parameter index"
        ):
            picked.backward()


def test_an_array_that_was_handed_out_before_the_graph_was_made_is_guarded_too():
    x = Tensor([1.0], requires_grad=True)
    array = x.data

    with detect_anomaly():
        y = x * x
        array += 1
        with pytest.raises(RuntimeError, match="multiply at"):
            y.backward()


def test_a_sum_of_gradients_that_overflows_is_found():
    x = Tensor([1.0], requires_grad=True, label="x")

    with detect_anomaly():
        y = ops.concat([x * 3e38, x * 3e38])
        with pytest.raises(FloatingPointError, match=r"gradient of a leaf 'x' is inf"):
            y.backward([1.0, 1.0])


def test_what_a_hook_returns_is_looked_at():
    x = Tensor([1.0], requires_grad=True)

    with detect_anomaly():
        y = x * 2
        y.register_hook(lambda g: Tensor([np.nan]))
        with pytest.raises(FloatingPointError, match="the result of multiply is nan"):
            y.backward()


def test_a_fault_is_found_also_where_no_gradient_is_wanted():
    with detect_anomaly(), pytest.raises(FloatingPointError, match="log gave nan"):
        ops.log(Tensor([1.0, -1.0]))


def test_one_thread_that_leaves_does_not_end_the_guard_of_another():
    array = np.array([1.0, 2.0])
    w = Tensor([3.0, 4.0], requires_grad=True)

    def elsewhere():
        with detect_anomaly():
            (w * 2).sum()

    with detect_anomaly():
        y = (w * array).sum()
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        array[0] = 5
        with pytest.raises(RuntimeError, match=r"multiply at .* kept its operand y"):
            y.backward()
