"""The backward pass: what it computes, in which order, and what it leaves behind."""

import gc
import threading
import weakref

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, enable_grad, is_grad_enabled, no_grad, op, ops


def test_gradients_follow_the_chain_rule():
    x, y = Tensor([2.0], requires_grad=True), Tensor([3.0], requires_grad=True)

    z = x * y
    w = z + x
    w.backward()

    assert (z.item(), w.item(), x.grad.item(), y.grad.item()) == (6, 8, 4, 2)


def test_gradients_add_up_over_backward_passes_until_zeroed():
    x = Tensor([1.0], requires_grad=True)

    (x * 2).backward()
    assert str(x.grad) == "[2.]"
    (x * 3).backward()
    assert str(x.grad) == "[5.]"
    x.zero_grad()
    assert str(x.grad) == "[0.]"


def test_a_value_used_in_many_places_gets_all_of_its_gradient():
    x = Tensor([3.0], requires_grad=True)

    a = x * x
    b = a + x
    c = a * b
    (c + a).backward()  # x^4 + x^3 + x^2

    assert x.grad.item() == 4 * 27 + 3 * 9 + 2 * 3


def test_an_operand_used_twice_by_one_op_gets_both_gradients():
    x = Tensor([2.0], requires_grad=True)

    ops.stack([x, x, x]).sum().backward()

    assert x.grad.item() == 3


def test_backward_of_a_leaf_gives_its_own_gradient():
    x, seed = Tensor([2.0], requires_grad=True), np.ones(1, np.float32)

    x.backward(seed)
    seed[0] = 9

    assert x.grad.item() == 1


def test_several_elements_need_a_gradient_to_start_from():
    x = Tensor([1.0, 2.0], requires_grad=True)

    with pytest.raises(ValueError, match=r"backward: this Tensor has shape \(2,\)"):
        (x * 2).backward()
    with pytest.raises(ValueError, match=r"backward: gradient has shape \(3,\)"):
        (x * 2).backward([1.0, 1.0, 1.0])
    (x * 2).backward([1.0, 10.0])

    np.testing.assert_array_equal(x.grad.data, [2, 20])


def test_a_second_pass_over_a_freed_graph_says_how_to_keep_it():
    x = Tensor([2.0], requires_grad=True)
    y = x + 1
    y.backward()

    with pytest.raises(
        RuntimeError, match=r"used and freed \(at add\).*retain_graph=True"
    ):
        y.backward()
    assert x.grad.item() == 1


def test_a_freed_part_of_a_graph_is_noticed_and_no_gradient_is_changed():
    x, y = Tensor([2.0], requires_grad=True), Tensor([5.0], requires_grad=True)
    shared = x * x
    (shared * 2).backward()

    with pytest.raises(RuntimeError, match="used and freed"):
        (y * y + shared).backward()
    assert x.grad.item() == 8
    assert y.grad is None


def test_a_retained_graph_can_be_used_again():
    x = Tensor([2.0], requires_grad=True)
    y = x * x

    y.backward(retain_graph=True)
    y.backward()

    assert x.grad.item() == 8


def test_gradients_of_gradients_to_fourth_order():
    x = Tensor(2.0, requires_grad=True)
    y = x**4

    orders = []
    for _ in range(4):
        x.grad = None
        y.backward(create_graph=True)
        y = x.grad
        orders.append(y.item())

    assert orders == [32, 48, 48, 24]


def test_create_graph_records_inside_no_grad_too():
    x = Tensor([3.0], requires_grad=True)
    y = x * x * x

    with no_grad():
        y.backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()

    assert x.grad.item() == 18


def test_a_gradient_to_start_from_can_itself_be_differentiated():
    x, v = Tensor([3.0], requires_grad=True), Tensor([2.0], requires_grad=True)

    (x * x).backward(v, create_graph=True)
    x.grad.backward()

    assert v.grad.item() == 6


def test_a_gradient_that_adds_to_another_keeps_its_graph_inside_no_grad_too():
    x = Tensor([3.0], requires_grad=True)
    x.zero_grad()
    y = x * x * x

    with no_grad():
        y.backward(create_graph=True)

    assert x.grad.requires_grad
    (x * x).backward()
    assert not x.grad.requires_grad


def test_gradients_with_a_graph_share_no_memory():
    x, y = Tensor([1.0], requires_grad=True), Tensor([2.0], requires_grad=True)
    start = Tensor([1.0])

    (x + y).backward(start, create_graph=True)
    x.grad.data *= 0.5

    assert (x.grad.item(), y.grad.item(), start.item()) == (0.5, 1.0, 1.0)
    z = Tensor([1.0, 2.0], requires_grad=True)
    z.sum().backward(create_graph=True)
    z.grad.data *= 0.5  # it was broadcast, and could not be written into


def test_a_joint_rule_may_return_one_array_for_two_inputs():
    @op
    def pair(xp, x, y, /):
        return 2 * (x + y)

    @pair.backward("x", "y")
    def _(g):
        twice = 2 * g
        return twice, twice

    x, y = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    pair(x, y).backward()
    x.grad.data *= 0

    assert y.grad.item() == 2


def test_what_a_hook_keeps_or_returns_is_not_the_gradient_itself():
    x, y = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    seen, mine = [], np.array([5.0], np.float32)
    x.register_hook(seen.append)
    y.register_hook(lambda g: mine)

    (x * 3 + y).backward()
    x.grad.data *= 0
    y.grad.data *= 0

    assert seen[0].item() == 3
    assert mine[0] == 5


@pytest.mark.parametrize(
    ("data", "result"), [(1.0, 2), (1.0, 2.0), (1.0, np.array(2.0)), ([1.0], [2.0])]
)
def test_a_hook_may_return_numbers_and_arrays(data, result):
    x = Tensor(data, requires_grad=True)
    x.register_hook(lambda g: result)

    (x * 1).backward()

    assert x.grad.item() == 2
    assert x.grad.dtype == np.float32


def test_two_threads_train_as_one_does():
    def train(seed, results):
        rng = np.random.default_rng(seed)
        w = Tensor(rng.standard_normal((3, 1)), requires_grad=True)
        for _ in range(200):
            X = rng.standard_normal((8, 3))
            w.grad = None
            ((X @ w - 1.0) ** 2).mean().backward()
            w.data -= 0.1 * w.grad.data
        results[seed] = w.data

    alone, together = {}, {}
    for seed in (1, 2):
        train(seed, alone)
    threads = [threading.Thread(target=train, args=(s, together)) for s in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for seed in (1, 2):
        np.testing.assert_array_equal(alone[seed], together[seed])


def test_a_switch_can_be_used_again_and_inside_itself():
    switch = no_grad()

    with switch, switch:
        assert not is_grad_enabled()
    with switch:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_no_grad_decorates_without_parentheses_but_no_generators():
    @no_grad
    def inside():
        return is_grad_enabled()

    assert not inside()
    with pytest.raises(TypeError, match="steps: a generator function runs after"):

        @no_grad()
        def steps():
            yield


def test_no_gradient_is_recorded_inside_no_grad():
    x = Tensor([1.0], requires_grad=True)

    with no_grad():
        y = x * 2
        with enable_grad():
            z = x * 2
    assert (y.requires_grad, z.requires_grad, (x * 2).requires_grad) == (
        False,
        True,
        True,
    )


def test_no_grad_ends_with_an_exception_and_decorates_functions():
    with pytest.raises(KeyError):
        with no_grad():
            raise KeyError
    assert is_grad_enabled()

    @no_grad()
    def inside():
        return is_grad_enabled()

    assert not inside()
    assert not inside()
    assert is_grad_enabled()


def test_no_grad_is_for_one_thread():
    seen = []

    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(is_grad_enabled()))
        thread.start()
        thread.join()

    assert seen == [True]


def test_a_chain_of_100_000_ops_goes_forward_and_backward():
    x = Tensor(0.0, requires_grad=True)

    y = x
    for _ in range(100_000):
        y = y + 1.0
    y.backward()

    assert (y.item(), x.grad.item()) == (100_000, 1)
    del y  # freeing a deep graph must not recurse either


def test_a_chain_of_100_000_ops_can_be_freed_unused():
    y = Tensor(0.0, requires_grad=True)
    for _ in range(100_000):
        y = y * 1.0
    node = weakref.ref(y.node)

    del y

    assert node() is None


def test_a_graph_of_exponentially_many_paths_is_walked_once():
    x = Tensor(1.0, requires_grad=True)

    y = x
    for _ in range(60):
        y = (y + y) / 2
    y.backward()

    assert x.grad.item() == 1


def test_graphs_go_away_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        x = Tensor(np.ones(3), requires_grad=True)
        y = (x * x).sum()
        nodes = [weakref.ref(y.node), weakref.ref(y.node.parents[0])]
        y.backward(create_graph=True)
        z = x.grad.sum()
        nodes.append(weakref.ref(z.node))
        x.grad = None
        del y, z

        assert [node() for node in nodes] == [None, None, None]
    finally:
        gc.enable()


def test_what_no_rule_names_is_not_kept_alive():
    x = Tensor(np.ones(3), requires_grad=True)
    intermediate = x * 2.0
    array = weakref.ref(intermediate.data)

    y = (intermediate + 1.0).sum()  # neither add nor sum needs its operand
    del intermediate

    assert array() is None
    y.backward()


def test_kept_arrays_are_freed_as_the_pass_goes():
    x = Tensor(np.ones(3), requires_grad=True)
    squared = x * x
    result = squared.exp()
    kept = weakref.ref(result.data)  # by exp, for its rule
    alive = []
    squared.register_hook(lambda g: alive.append(kept() is not None))
    y = result.sum()
    del squared, result

    y.backward()

    assert alive == [False]


def test_results_can_retain_their_gradient():
    x = Tensor([3.0], requires_grad=True)
    y = x * x
    y.retain_grad()

    z = y + y
    z.backward()

    assert y.grad.item() == 2
    assert z.grad is None


def test_hooks_see_and_replace_the_complete_gradient():
    x = Tensor([3.0], requires_grad=True)
    y = x * 1
    seen = []
    remove = y.register_hook(lambda g: seen.append(g.item()))
    y.register_hook(lambda g: g * 10)

    (y + y).backward(retain_graph=True)
    remove()
    (y * 1).backward()

    assert seen == [2]
    assert x.grad.item() == 20 + 10


@pytest.mark.parametrize("change", ["removed", "added"])
def test_hooks_that_change_hooks_during_a_pass_lose_no_gradient(change):
    x = Tensor([1.0], requires_grad=True)
    remove = x.register_hook(lambda g: None) if change == "removed" else None

    def change_hooks(g):
        if remove is not None:
            remove()
        else:
            x.register_hook(lambda g: None)

    between = (x * 3) * 1
    between.register_hook(change_hooks)
    later = x * 2  # so its rule runs first: one gradient arrives before, one after
    (later + between).backward()

    assert x.grad.item() == 5


def test_one_hook_can_be_registered_twice_and_removed_once():
    x = Tensor([1.0], requires_grad=True)

    def double(g):
        return g * 2

    remove = x.register_hook(double)
    x.register_hook(double)
    remove()
    remove()
    (x * 1).backward()

    assert x.grad.item() == 2


def test_a_hook_takes_part_in_gradients_of_gradients():
    x = Tensor([3.0], requires_grad=True)
    x.register_hook(lambda g: g * g)

    (x * x).backward(create_graph=True)
    assert x.grad.item() == 36
    first, x.grad = x.grad, None
    x.node.hooks = ()
    first.backward()

    assert x.grad.item() == 8 * 3


def test_a_hook_that_returns_another_shape_is_refused_and_nothing_is_changed():
    x, y = Tensor([3.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    z = x * 1
    z.register_hook(lambda g: Tensor([1.0, 2.0]))

    with pytest.raises(ValueError, match=r"register_hook: a hook returned .* \(2,\)"):
        (y + z).backward()
    assert x.grad is None
    assert y.grad is None


def test_an_exception_in_a_hook_leaves_gradients_as_they_were():
    x, y = Tensor([3.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    x.register_hook(lambda g: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        (x * y).backward()
    assert x.grad is None
    assert y.grad is None


def test_a_backward_inside_a_hook_is_a_pass_of_its_own():
    x, other = Tensor([3.0], requires_grad=True), Tensor([2.0], requires_grad=True)
    x.register_hook(lambda g: (other * other).backward())

    (x * x).backward()

    assert (x.grad.item(), other.grad.item()) == (6, 4)


def test_gradients_of_two_leaves_are_not_one_array():
    x, y = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)

    (x + y).backward()
    x.grad.data[0] = 7

    assert y.grad.item() == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_come_back_in_the_dtype_of_the_leaf(dtype):
    x = Tensor(np.ones(2), dtype=dtype, requires_grad=True)

    (x.astype("float64") * np.ones(2)).sum().backward()

    assert x.grad.dtype == dtype


@pytest.mark.parametrize("result", [None, 1.0])
def test_a_rule_that_returns_no_array_is_named(result):
    @op
    def odd(xp, x, /):
        return x * 1

    odd.backward("x", lambda g: result)
    with pytest.raises(TypeError, match="odd: the backward rule for x returned"):
        odd(Tensor([1.0], requires_grad=True)).backward()


@pytest.mark.parametrize(
    ("result", "what"), [(lambda g: (g,), "1 of them"), (lambda g: g, "one")]
)
def test_a_joint_rule_that_returns_too_little_is_named(result, what):
    @op
    def pair(xp, x, y, /):
        return x + y

    pair.backward("x", "y", result)
    x, y = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)

    with pytest.raises(
        TypeError, match=f"pair: the backward rule for x, y returned {what}"
    ):
        pair(x, y).backward()
    assert x.grad is None


def test_a_rule_that_returns_a_wrong_shape_is_named():
    @op
    def odd(xp, x, /):
        return x * 1

    odd.backward("x", lambda xp, g: xp.reshape(g, (3, 1)))
    with pytest.raises(
        ValueError,
        match=r"odd: the backward rule for x returned shape \(3, 1\); .* \(3,\)",
    ):
        odd(Tensor([1.0, 2.0, 3.0], requires_grad=True)).sum().backward()


def test_an_overflowing_gradient_is_still_a_gradient():
    x = Tensor([0.0], requires_grad=True)

    with np.errstate(divide="ignore"):
        x.sqrt().backward()

    assert x.grad.item() == np.inf


def test_threads_lose_no_gradient_of_a_leaf_that_they_share():
    w = Tensor([1.0, 2.0], requires_grad=True, dtype="float64")

    def work():
        for _ in range(500):
            (w * 3).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert w.grad.data.tolist() == [6000, 6000]


def test_a_switch_may_be_used_by_two_threads():
    switch, seen = no_grad(), []
    entered, leave = threading.Event(), threading.Event()

    def elsewhere():
        with no_grad():
            with switch:
                entered.set()
                leave.wait()
            seen.append(is_grad_enabled())
        seen.append(is_grad_enabled())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    entered.wait()
    with switch:
        leave.set()
        thread.join()

    assert seen == [False, True]
    assert is_grad_enabled()


def test_what_runs_later_cannot_be_decorated():
    async def answer():
        return is_grad_enabled()

    async def answers():
        yield is_grad_enabled()

    with pytest.raises(TypeError, match="answer: an async function runs after the dec"):
        no_grad(answer)
    with pytest.raises(TypeError, match="answers: an async generator function runs"):
        no_grad(answers)


def test_an_exception_in_a_hook_frees_the_graph_unless_it_is_retained():
    x = Tensor([1.0], requires_grad=True)
    y = x.exp()
    z = y.exp()

    def fail(g):
        raise KeyError("a hook")

    remove = y.register_hook(fail)
    with pytest.raises(KeyError):
        z.backward(retain_graph=True)
    with pytest.raises(KeyError):
        z.backward()
    remove()
    with pytest.raises(RuntimeError, match="by a pass that ended or failed; compute"):
        z.backward()

    assert x.grad is None


def test_a_hook_can_be_removed_after_new_data():
    x, seen = Tensor([1.0], requires_grad=True), []
    remove = x.register_hook(seen.append)
    x.data = np.ones(3, np.float32)

    remove()
    x.sum().backward()

    assert not seen


def test_a_hook_that_removes_itself_keeps_its_array():
    x, array = Tensor([1.0, 2.0], requires_grad=True), np.ones(2, np.float32)

    def once(g):
        remove()
        return array

    remove = x.register_hook(once)
    (x * 2).sum().backward()
    x.grad.data[...] = 5

    assert array.tolist() == [1, 1]


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_of_a_leaf_is_not_the_one_that_was_given(create_graph):
    x, g = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])

    x.backward(g, create_graph=create_graph)
    x.grad.data[...] = 5

    assert g.data.tolist() == [3, 4]


def test_a_rule_of_a_list_may_return_its_operands():
    @op
    def swapped(xp, /, *arrays):
        return arrays[0] * arrays[1]

    swapped.backward("arrays", lambda g, arrays: [arrays[1], arrays[0]])
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])
    y.requires_grad = True
    product = swapped([x, y])

    product.backward([1.0, 1.0])
    x.grad.data[...] = 5

    assert y.data.tolist() == [3, 4]


def test_data_of_a_result_keeps_its_dtype_too():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2

    with pytest.raises(ValueError, match=r"an array of shape \(2,\) and dtype float64"):
        y.data = np.array([5.0, 6.0])
    y.sum().backward()

    assert x.grad.data.tolist() == [2, 2]


def test_the_gradient_of_a_leaf_lies_in_rows_though_its_rule_turned_it():
    weight = Tensor(np.ones((3, 4)), requires_grad=True)

    (Tensor(np.ones((2, 4))) @ weight.T).sum().backward()

    assert weight.grad.data.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_pass_starts_in_the_precision_of_the_result(dtype):
    seen = []
    x = Tensor(np.ones(2, dtype), requires_grad=True)
    loss = x.sum()
    loss.register_hook(lambda g: seen.append((g.dtype, g.item())))

    loss.backward()

    assert seen == [(np.dtype(dtype), 1)]


def test_a_joint_rule_that_returns_nothing_is_named():
    @op
    def both(xp, x, y, /):
        return x + y

    both.backward("x", "y", lambda g: (None, None))
    x, y = (Tensor([1.0], requires_grad=True) for _ in "12")

    with pytest.raises(TypeError, match=r"^both: .* rule for x returned None"):
        both(x, y).backward()
