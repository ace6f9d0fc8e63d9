"""Writes into arrays that a graph has kept: noticed at backward, without false alarms.

An array is held in many ways, so the tests name each way to write once, and once each
thing that is no fault. `noted` is looked at where a test is about what it costs.
"""

import gc
import threading

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, detect_anomaly, no_grad, op, ops
from pebblegrad.autograd._writes import noted


@pytest.fixture(autouse=True)
def nothing_stays_noted():
    """The arrays of a test are gone after it, and their notes with them."""
    noted.clear()  # of tests elsewhere that failed
    yield
    gc.collect()  # pytest.raises holds frames in cycles
    assert not noted


def by_update(x):
    x.data -= 1


def by_no_grad(x):
    with no_grad():
        x -= 1


def by_asarray(x):
    np.asarray(x.detach())[0] = 7


def by_reference(x):
    array = x.data
    x.data = np.zeros_like(array)
    array[...] = 7


WAYS = {
    "assignment": lambda x: x.data.__setitem__(..., 7),
    "one element": lambda x: x.data.__setitem__(2, 7),
    "the last bit": lambda x: np.nextafter(x.data, np.float32(9), out=x.data),
    "update": by_update,
    "no_grad": by_no_grad,
    "numpy": lambda x: x.numpy().fill(7),
    "out": lambda x: np.add(x.data, 1, out=x.data),
    "copyto": lambda x: np.copyto(x.data, 7),
    "sort": lambda x: x.data[::-1].sort(),
    "view of data": lambda x: x.data.reshape(2, 2).T.__setitem__(0, 7),
    "detach": lambda x: x.detach().data.__setitem__(0, 7),
    "asarray": by_asarray,
    "shared Tensor": lambda x: Tensor(x).data.__setitem__(0, 7),
    "memoryview": lambda x: memoryview(x.data).__setitem__(0, 7.0),
    "reference": by_reference,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_write_before_backward_is_noticed(way):
    x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = (x * x).sum()

    WAYS[way](x)

    with pytest.raises(RuntimeError, match="multiply kept its operand x, of shape"):
        y.backward()
    assert x.grad is None


@pytest.mark.parametrize("way", WAYS)
def test_a_write_that_no_rule_would_see_is_no_fault(way):
    x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = (x + x).sum()

    WAYS[way](x)
    y.backward()

    assert str(x.grad) == "[2. 2. 2. 2.]"


def test_the_message_names_op_operand_shape_and_line():
    x, y = Tensor([1.0], requires_grad=True), Tensor([[2.0]], requires_grad=True)
    z = x / y

    y.data[...] = 5  # the line to name

    with pytest.raises(RuntimeError) as caught:
        z.backward([[1.0]])
    message = str(caught.value)
    assert message.startswith("backward: divide kept its operand y, of shape (1, 1), ")
    assert "test_writes.py:" in message
    assert "in `y.data[...] = 5  # the line to name`" in message


def test_a_result_that_its_own_rule_reads_is_guarded():
    y = Tensor([1.0], requires_grad=True).exp()

    y.data[...] = 5

    with pytest.raises(RuntimeError, match="exp kept its result, of shape"):
        y.backward()


def test_a_view_that_is_kept_is_guarded_by_the_array_that_it_views():
    x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = x.reshape(2, 2).T.exp().sum() + (x[1:] * x[1:]).sum()

    x.data[1] = 5

    with pytest.raises(RuntimeError, match="multiply kept its operand x, of shape"):
        y.backward()


def test_the_operands_of_a_list_are_guarded():
    @op
    def product(xp, /, *arrays):
        return arrays[0] * arrays[1]

    product.backward("arrays", lambda g, arrays: [g * arrays[1], g * arrays[0]])
    x, y = Tensor([1.0], requires_grad=True), Tensor([2.0], requires_grad=True)
    z = product([x, y])

    y.data[...] = 5

    with pytest.raises(RuntimeError, match=r"product kept its operand arrays\[1\]"):
        z.backward()


def test_a_graph_that_was_made_after_the_write_is_as_good_as_any():
    x = Tensor([1.0], requires_grad=True)
    before = x * x
    x.data[...] = 3
    after = x * x

    after.backward()

    assert x.grad.item() == 6
    with pytest.raises(RuntimeError, match="written into afterwards"):
        before.backward()
    x.data[...] = 4
    with pytest.raises(RuntimeError, match="used and freed"):
        after.backward()


def test_of_two_graphs_each_remembers_what_it_kept():
    x = Tensor([1.0], requires_grad=True)
    graphs = []
    for value in (1.0, 2.0, 3.0):
        x.data[...] = value
        graphs.append(x * x)

    x.data[...] = 2.0
    graphs[1].backward()

    assert x.grad.item() == 4
    for other in (graphs[0], graphs[2]):
        with pytest.raises(RuntimeError, match="written into afterwards"):
            other.backward()


def test_values_that_are_put_back_before_backward_are_no_fault():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()

    kept = x.data.copy()
    x.data[...] = 100
    (x * x).sum()
    x.data[...] = kept
    y.backward()

    assert str(x.grad) == "[2. 4.]"


def test_reading_before_backward_is_no_fault():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()

    assert x.data.sum() == 3
    assert x.numpy()[0] == 1
    np.asarray(x.detach())
    x.data[...] = x.data
    y.backward()

    assert str(x.grad) == "[2. 4.]"


def test_a_second_pass_after_an_update_is_refused():
    w = Tensor([1.0], requires_grad=True)
    y = w * w
    y.backward(retain_graph=True)

    w.data -= 0.1 * w.grad.data

    with pytest.raises(RuntimeError, match="multiply kept its operand"):
        y.backward()
    assert w.grad.item() == 2


def test_a_write_in_a_hook_is_noticed_if_it_comes_before_the_rule():
    x = Tensor([2.0], requires_grad=True)
    h = x * x

    def write(g):
        x.data[...] = 5

    h.register_hook(write)

    with pytest.raises(RuntimeError, match="multiply kept its operand"):
        (h * 3).backward()
    assert x.grad is None


def test_a_write_between_two_orders_is_noticed():
    x = Tensor([2.0], requires_grad=True)
    (x * x * x).backward(create_graph=True)
    first, x.grad = x.grad, None

    x.data[...] = 5

    with pytest.raises(RuntimeError, match="written into afterwards"):
        first.backward()


def train(steps, losses):
    rng = np.random.default_rng(0)
    w = Tensor(rng.standard_normal((3, 2)), requires_grad=True)
    b = Tensor(np.zeros(2), requires_grad=True)
    x = Tensor(rng.standard_normal((8, 3)))
    for _ in range(steps):
        out = (x @ w + b).tanh()
        loss = (out * out).sum()
        losses.append((loss, out))
        loss.backward()
        for p in (w, b):
            p.data -= 0.1 * p.grad.data
            p.grad = None
        assert out.data.max() < 1
    return w.data.copy()


def test_training_notes_nothing_though_results_stay_alive():
    losses = []

    train(5, losses)

    assert len(losses) == 5
    assert not noted


def test_graphs_that_are_never_walked_do_not_hinder_training():
    w = Tensor([2.0], requires_grad=True)
    evaluated = []
    for _ in range(4):
        evaluated.append(w * w)  # no_grad was forgotten
        (w * w).backward()
        w.data -= 0.1 * w.grad.data
        w.grad = None

    assert np.isclose(w.item(), 2 * 0.8**4)
    evaluated.clear()
    w.data -= 1
    assert not noted  # alone again, it is forgotten


def test_notes_go_with_their_arrays_and_no_id_is_mistaken():
    for value in range(200):
        x = Tensor(np.full(3, value), requires_grad=True, dtype="float64")
        y = (x * x).sum()
        assert x.data[0] == value
        assert len(noted) == 1
        y.backward()
        assert x.grad.data[0] == 2 * value
        del x, y
        assert not noted


def test_threads_that_share_parameters_do_not_disturb_each_other():
    w = Tensor(np.ones(100), requires_grad=True)
    failures = []

    def work():
        try:
            for _ in range(200):
                x = Tensor(np.ones(100), requires_grad=True)
                y = (w * x * x).sum()
                w.data.max()
                x.data.max()
                y.backward()
                assert x.grad.data[0] == 2
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures


def test_inside_detect_anomaly_training_is_as_before():
    plain = train(5, [])
    with detect_anomaly():
        guarded = train(5, [])

    np.testing.assert_array_equal(guarded, plain)


def test_after_detect_anomaly_nothing_is_noted_that_was_not_handed_out():
    x, w = Tensor(np.ones(3)), Tensor(np.ones(3), requires_grad=True)

    with detect_anomaly():
        with detect_anomaly():
            y = (w * x).sum()
        assert len(noted) == 1
    assert not noted

    y.backward()


def test_read_only_and_broadcast_operands_are_no_fault():
    x = Tensor(np.broadcast_to(np.float32(2), (3,)))
    w = Tensor(np.ones(3, np.float32), requires_grad=True)
    y = (w * x).sum() + ops.broadcast_to(w, (2, 3)).exp().sum()

    assert x.data.sum() == 6
    assert w.data.sum() == 3
    y.backward()

    assert np.allclose(w.grad.data, 2 + 2 * np.e)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.T,
        lambda x: x[1:],
        lambda x: x.reshape(2, 2),
        lambda x: x[:2],
    ],
)
def test_a_write_through_a_result_that_is_a_view_is_noticed(view):
    x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = (x * x).sum()

    view(x).data[...] = 7

    with pytest.raises(RuntimeError, match="multiply kept its operand x"):
        y.backward()


def test_data_of_another_shape_belongs_to_a_value_of_its_own():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, label="x")
    seen = []
    x.register_hook(seen.append)
    y = (x * 2).sum()

    x.data = np.zeros(1, np.float32)
    y.backward()
    assert x.grad is None

    (x * 3).backward()
    np.testing.assert_array_equal(x.grad.data, [3.0])
    assert (x.label, x.shape, len(seen)) == ("x", (1,), 2)


@pytest.mark.parametrize(
    "write",
    [
        lambda t: np.add(t, 1, out=t),
        lambda t: np.copyto(t, 7),
        lambda t: np.put(t, [0], 7),
        lambda t: np.add.at(t, [0], 7),
        lambda t: np.putmask(t, [True, False], 7),
        lambda t: np.place(t, [True, False], 7),
        lambda t: np.clip(t, 0, 1, out=t),
        lambda t: np.exp(np.ones(2, np.float32), out=t),
    ],
)
def test_numpy_does_not_write_into_a_tensor_behind_a_graph(write):
    t, w = Tensor([1.0, 2.0]), Tensor([1.0, 1.0], requires_grad=True)
    y = (w * t).sum()

    with pytest.raises(TypeError, match=r"np\..*: it would write into a Tensor"):
        write(t)
    y.backward()

    assert w.grad.data.tolist() == [1, 2]


def test_arrays_like_a_tensor_are_made_without_handing_it_out():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()

    ops.zeros_like(x), ops.ones_like(x), ops.full_like(x, 3)

    assert not noted
    y.backward()


# What is not noticed, so that it is known: detect_anomaly is for these.


def test_an_array_that_was_held_before_the_graph_was_made_can_be_written_into():
    w, batch = Tensor([2.0], requires_grad=True), np.ones(1, np.float32)
    array = w.data
    y = w * w * Tensor(batch)

    array[...] = 5
    batch[...] = 3
    y.backward()

    assert w.grad.item() != 4
