"""What every optimizer must do, by one table.

Adding an optimizer is: its file and a row in `cases.py`. `test_every_optimizer_is_here`
fails without it.
"""

import copy
import re
import tracemalloc

import numpy as np
import pytest

from pebblegrad import optim
from pebblegrad.autograd import Tensor
from pebblegrad.optim import SGD, Adam, Optimizer
from pebblegrad.optim._blocks import BLOCK

from .cases import OPTIMIZERS

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


each_optimizer = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
each_dtype = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])


@pytest.fixture
def fitting(make, parameter):
    """Make a Tensor to train as `parameter` does, in a shape that is taken."""

    def of(values, gradient=None, dtype="float64"):
        if gradient is not None:
            gradient = make.fit(gradient)
        return parameter(make.fit(values), gradient, dtype)

    return of


def test_every_optimizer_is_here():
    public = [getattr(optim, name) for name in optim.__all__]
    optimizers = [c for c in public if isinstance(c, type) and issubclass(c, Optimizer)]
    # One that has no step of a single parameter cannot do what the table asks for.
    stepping = {c for c in optimizers if c.update is not Optimizer.update}

    assert {make.optimizer for make in OPTIMIZERS.values()} == stepping


@each_optimizer
@each_dtype
@pytest.mark.parametrize("shape", [(2, 3), (4,), (), (0, 2)], ids=str)
def test_a_step_is_made_in_place_and_keeps_shape_and_dtype(
    make, dtype, shape, rng, fitting
):
    p = fitting(rng.standard_normal(shape), rng.uniform(1, 2, shape), dtype)
    array, before, gradient = p.data, p.data.copy(), p.grad
    values = gradient.data.copy()

    optimizer = make([p])
    for _ in range(3):
        optimizer.step()

    assert p.data is array
    assert (array.shape, array.dtype) == (before.shape, dtype)
    assert np.all(array < before)  # the gradient is positive
    assert p.grad is gradient
    np.testing.assert_array_equal(gradient.data, values)


@each_optimizer
@each_dtype
def test_a_quadratic_is_minimised(make, dtype, fitting):
    target = make.fit([1.0, -2.0, 0.5]).astype(dtype)
    p = fitting([4.0, 3.0, -1.0], dtype=dtype)
    optimizer = make([p])
    losses = []

    for _ in range(200):
        optimizer.zero_grad()
        loss = ((p - Tensor(target)) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert losses[10] < losses[0]
    assert losses[-1] < 0.02
    np.testing.assert_allclose(p.data, target, atol=0.1)


@each_optimizer
def test_numbers_without_axes_are_trained_too(make, fitting):
    single, listed = fitting(3.0, 0.5), fitting([3.0], [0.5])

    for p in (single, listed):
        optimizer = make([p])
        optimizer.step()
        optimizer.step()

    assert single.shape == make.fit(3.0).shape
    assert single.item() == listed.item() != 3.0


@each_optimizer
def test_memory_layout_makes_no_difference(make, rng):
    values, gradient = rng.standard_normal((2, 6))
    one = Tensor(make.fit(values[::2]).copy(), requires_grad=True)
    other = Tensor(one.data, requires_grad=True)
    other.data = make.fit(values)[..., ::2]
    view = make.fit(gradient)[..., ::-2]
    view.flags.writeable = False
    assert not other.data.flags.c_contiguous

    for p, g in ((one, view.copy()), (other, view)):
        optimizer = make([p])
        for _ in range(3):
            p.grad = g
            optimizer.step()

    # The sums that a length is made of are in another order, if memory is.
    np.testing.assert_allclose(other.data, one.data, rtol=1e-12)


# The iterations of Muon need the whole matrix several times; its docstring says so.
@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if not n.startswith("Muon")])
def test_a_step_allocates_less_than_the_parameter(name, rng):
    p = Tensor(rng.standard_normal((16, BLOCK)), requires_grad=True)
    optimizer = OPTIMIZERS[name]([p], weight_decay=0.1)
    for _ in range(2):  # the first step makes the state
        p.grad = rng.standard_normal(p.shape)
        tracemalloc.start()
        optimizer.step()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 9 * BLOCK * p.data.itemsize


@each_optimizer
def test_parameters_without_a_gradient_are_left_alone(make, fitting):
    frozen, trained = fitting([1.0]), fitting([1.0], [1.0])
    optimizer = make([frozen, trained])

    optimizer.step()

    assert frozen.item() == 1.0
    assert trained.item() != 1.0
    assert list(optimizer.state_dict()["state"]) in ([1], [])  # of the other one only


@each_optimizer
def test_a_parameter_is_not_disturbed_by_the_others(make, fitting):
    alone, first, second = (fitting([1.0, 2.0]) for _ in range(3))
    one, two = make([alone]), make([first, second])

    for i in range(3):
        alone.grad = first.grad = make.fit([0.5, -i])
        # Other signs than the first's: some optimizers look at nothing else.
        second.grad = make.fit([-9.0, 9.0])
        one.step()
        two.step()

    np.testing.assert_array_equal(first.data, alone.data)
    assert not np.any(second.data == first.data)


@each_optimizer
def test_a_gradient_of_zero_moves_nothing_at_first(make, fitting):
    for dtype in ("float16", "float32", "float64"):
        p = fitting([1.0, -2.0], [0.0, 0.0], dtype)

        make([p]).step()

        np.testing.assert_array_equal(p.data, make.fit([1.0, -2.0]))


@each_optimizer
def test_a_rate_of_zero_moves_nothing(make, fitting):
    p = fitting([1.0], [5.0])

    make([p], lr=0).step()

    assert p.item() == 1.0


@each_optimizer
def test_a_rate_that_is_changed_counts_from_the_next_step_on(make, fitting):
    p = fitting([1.0], [1.0])
    optimizer = make([p])

    optimizer.param_groups[0]["lr"] = 0.0
    optimizer.step()
    assert p.item() == 1.0
    optimizer.param_groups[0]["lr"] = 0.1
    optimizer.step()
    assert p.item() < 1.0


@each_optimizer
def test_groups_have_rates_of_their_own(make, fitting):
    slow, fast, alone = (fitting([1.0], [1.0]) for _ in range(3))

    make([{"params": [slow]}, {"params": [fast], "lr": 2.0}]).step()
    make([alone], lr=2.0).step()

    assert fast.item() == alone.item()
    assert slow.item() > fast.item()


@each_optimizer
def test_zero_grad_sets_every_gradient_to_none(make, fitting):
    a, b = fitting([1.0], [1.0]), fitting([1.0], [1.0])

    make([{"params": [a]}, {"params": [b]}]).zero_grad()

    assert a.grad is None
    assert b.grad is None


@each_optimizer
def test_a_gradient_of_another_precision_does_not_change_the_dtype(make, fitting):
    p = fitting([1.0], dtype="float32")
    p.grad = Tensor(make.fit([1.0]))
    optimizer = make([p])

    optimizer.step()
    optimizer.step()

    assert p.grad.dtype == p.dtype == np.float32
    assert p.item() < 1.0


# State


def train(optimizer, parameters, steps, start=0):
    """Make steps with gradients that differ from step to step."""
    for i in range(start, start + steps):
        for j, p in enumerate(parameters):
            angles = np.arange(p.size).reshape(p.shape) + 3 * i + j
            p.grad = np.cos(angles).astype(p.dtype)
        optimizer.step()


@each_optimizer
@each_dtype
def test_training_goes_on_from_its_state_to_the_bit(make, dtype, fitting):
    def parameters():
        return [fitting([1.0, 2.0], dtype=dtype), fitting(3.0, dtype=dtype)]

    whole, resumed = parameters(), parameters()
    train(make(whole), whole, 7)

    first = make(resumed)
    train(first, resumed, 4)
    state = copy.deepcopy(first.state_dict())
    second = make([fitting(p.data, dtype=dtype) for p in resumed], lr=0.7)
    second.load_state_dict(state)
    new = second.param_groups[0]["params"]
    train(second, new, 3, start=4)

    for one, other in zip(whole, new, strict=True):
        np.testing.assert_array_equal(one.data, other.data)


@each_optimizer
def test_the_state_is_a_copy_in_both_directions(make, fitting):
    p, other = fitting([1.0, 2.0]), fitting([1.0, 2.0])
    optimizer, second = make([p]), make([other])
    train(optimizer, [p], 2)
    state = optimizer.state_dict()
    before = copy.deepcopy(state)

    train(optimizer, [p], 2)
    assert_equal(state, before)
    second.load_state_dict(state)
    train(second, [other], 2)

    assert_equal(state, before)


@each_optimizer
def test_the_state_says_the_options_and_the_places(make, fitting):
    a, b, c = (fitting([1.0]) for _ in range(3))
    optimizer = make([{"params": [a, b]}, {"params": [c], "lr": 0.5}])

    groups = optimizer.state_dict()["param_groups"]

    assert [group["params"] for group in groups] == [[0, 1], [2]]
    assert groups[0]["lr"] == optimizer.param_groups[0]["lr"] != 0.5
    assert groups[1]["lr"] == groups[1]["initial_lr"] == 0.5


def assert_equal(one, other):
    """Compare two states, nested dicts of numbers, lists and arrays."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_equal(one[key], other[key])
    else:
        np.testing.assert_array_equal(one, other)


def wrong_states(state, shape):
    """Yield states that do not fit, and what must be said of each."""
    needed = re.escape(str(shape))
    for key, value in state["state"][0].items():
        if np.ndim(value):
            wrong = copy.deepcopy(state)
            wrong["state"][0][key] = np.zeros((2, 2))
            yield wrong, rf"{key} of parameter 0 has shape \(2, 2\); needed is {needed}"
            wrong = copy.deepcopy(state)
            wrong["state"][0][key] = np.full(shape, "a")
            yield wrong, rf"{key} of parameter 0 is <U1; numbers are needed"
        wrong = copy.deepcopy(state)
        del wrong["state"][0][key]
        yield wrong, rf"the state of parameter 0 has .*; needed is .*{key}"
    wrong = copy.deepcopy(state)
    wrong["param_groups"][0]["params"].append(1)
    yield wrong, r"the state has groups of 2 parameters; here they are of 1$"
    wrong = copy.deepcopy(state)
    wrong["param_groups"] *= 2
    yield wrong, r"the state has groups of 1, 1 parameters; here they are of 1$"
    wrong = copy.deepcopy(state)
    wrong["param_groups"][0]["warmth"] = 3
    yield wrong, r"the state has the options .*warmth.*; here they are .*lr"
    wrong = copy.deepcopy(state)
    wrong["state"][0]["warmth"] = 3
    yield wrong, r"the state of parameter 0 has .*warmth.*; needed is "
    yield [state], r"the state is a list; a dict is needed"
    yield {**state, "state": {0: [1]}}, r"the state of parameter 0 is a list; a dict"
    wrong = copy.deepcopy(state)
    wrong["param_groups"][0]["lr"] = -1.0
    yield wrong, r"lr is -1\.0; it must be at least 0"
    wrong = copy.deepcopy(state)
    wrong["param_groups"][0]["lr"] = "fast"
    yield wrong, r"lr is 'fast'; a number is needed"
    for place in (5, -1, "0"):
        yield (
            {**state, "state": {place: {}}},
            rf"the state is of a parameter {place!r}; .* from 0 to 0",
        )
    yield (
        {"state": {}},
        r"the state lacks param_groups; give what state_dict\(\) returned",
    )
    yield {"param_groups": []}, r"the state lacks state"
    yield {}, r"the state lacks param_groups and state"


@each_optimizer
def test_a_state_that_does_not_fit_changes_nothing(make, fitting):
    p = fitting([1.0, 2.0, 3.0])
    optimizer = make([p])
    train(optimizer, [p], 2)
    before = optimizer.state_dict()

    for state, message in wrong_states(before, p.shape):
        with pytest.raises((ValueError, TypeError), match=message):
            optimizer.load_state_dict(state)
        assert_equal(optimizer.state_dict(), before)


def test_the_state_of_another_class_is_refused(parameter):
    sgd, adam = SGD([parameter([1.0])], lr=0.1), Adam([parameter([1.0])])

    message = (
        "^Adam: the state has the options dampening, lr, maximize, momentum, nesterov, "
        "weight_decay; here they are amsgrad, betas, eps, lr, maximize, weight_decay: "
        "it is of another optimizer, or of another version$"
    )

    with pytest.raises(ValueError, match=message):
        adam.load_state_dict(sgd.state_dict())


@each_optimizer
def test_a_gradient_whose_square_overflows_is_no_end(make, fitting):
    p = fitting([1.0, 2.0], [1e20, 1.0], "float32")
    optimizer = make([p])
    with np.errstate(over="ignore"):
        optimizer.step()
        for _ in range(20):
            p.grad = make.fit(np.ones(2, np.float32))
            optimizer.step()

    assert not np.isnan(p.data).any()
