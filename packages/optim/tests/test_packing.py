"""Parameters updated together: the same bits as by themselves, whatever happens."""

import copy
import gc
import pickle
import tracemalloc
import weakref

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, kernel_for
from pebblegrad.optim import SGD, Adam, CyclicLR, Optimizer, StepLR
from pebblegrad.optim._blocks import BLOCK
from pebblegrad.optim._packing import SMALL, elementwise, overlapping

from .cases import OPTIMIZERS

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")

ELEMENTWISE = {
    name: make
    for name, make in OPTIMIZERS.items()
    if hasattr(make.optimizer.update, "elementwise")
}
SHAPES = [(2, 3), (3,), (), (0,), (1,), (3, 1, 2), (SMALL + 1,)]
DTYPES = ["f4", "f2", "f8", "f4", "f2", "f8", "f4"]


def apart(make):
    """Return the same way of making an optimizer, which packs nothing."""

    in_use = kernel_for(make.optimizer.update)  # where kernels are installed, theirs

    def update(self, *args, **options):
        in_use(self, *args, **options)

    return lambda params, **options: type(
        make.optimizer.__name__, (make.optimizer,), {"update": update}
    )(params, **{**make.usual, **options})


class Counted(Optimizer):
    """Descends, and notes the size of what each update gets."""

    def __init__(self, params, lr=0.5):
        super().__init__(params, lr=lr)
        self.sizes = []

    def start(self, param, **options):
        return {"t": 0, "m": np.zeros_like(param)}

    @elementwise
    def update(self, param, grad, state, *, lr):
        self.sizes.append(param.size)
        state["t"] += 1
        state["m"] += grad
        param -= lr * state["m"]

    def stepped(self):
        """Make a step; return the sizes, smallest first."""
        self.sizes = []
        self.step()
        return sorted(self.sizes)


# The same bits. A life is what happens to an optimizer and its parameters in ten steps;
# it takes them before step i, and returns them.


def tensors(rng):
    return [
        Tensor(np.asarray(rng.standard_normal(shape), dtype), requires_grad=True)
        for shape, dtype in zip(SHAPES, DTYPES, strict=True)
    ]


def quiet(optimizer, params, i):
    return optimizer, params


def gradients_are_missing(optimizer, params, i):
    for k, p in enumerate(params):
        if (i // 3 + k) % 3 == 0:
            p.grad = None
    return optimizer, params


def one_is_frozen_for_a_while(optimizer, params, i):
    if i in (3, 7):
        params[1].requires_grad = i == 7
    return optimizer, params


def arrays_are_replaced(optimizer, params, i):
    if i in (3, 4, 7):
        params[1].data = params[1].data * 2
    return optimizer, params


def values_are_written(optimizer, params, i):
    for p in params:
        np.clip(p.data, -0.5, 0.5, out=p.data)
    return optimizer, params


def the_dtype_changes(optimizer, params, i):
    if i in (3, 6):
        for p in params[:2]:
            p.data = p.data.astype("float64" if i == 3 else "float16")
    return optimizer, params


def two_get_one_array(optimizer, params, i):
    if i == 4:
        params[4].data = params[1].data[:1]
        params[5].data = params[0].data.reshape(3, 1, 2)
    return optimizer, params


def one_sees_part_of_a_large_one(optimizer, params, i):
    if i == 4:
        params[1].data = params[-1].data[10:13]
    return optimizer, params


def layouts_differ(optimizer, params, i):
    if i == 4:
        params[0].data = np.asfortranarray(params[0].data)
        params[1].data = np.repeat(params[1].data, 4)[::-4]
        params[5].data = params[5].data.T.copy().T
    return optimizer, params


def gradients_are_views(optimizer, params, i):
    for p in params:
        if p.grad is not None:
            view = np.broadcast_to(p.dtype.type(i - 4), p.shape)
            assert not view.flags.writeable
            p.grad.data = view
    return optimizer, params


def gradients_are_not_finite(optimizer, params, i):
    if i == 4:
        params[0].grad.data[0] = np.nan, np.inf, -np.inf
        params[1].grad.data[:] = 0.0
    return optimizer, params


def a_group_is_added(optimizer, params, i):
    if i == 4:
        new = Tensor(np.ones((2, 2)), requires_grad=True, dtype="float32")
        new.grad = np.ones((2, 2))
        optimizer.add_param_group({"params": [new], "lr": 0.01})
        params = [*params, new]
    return optimizer, params


def the_state_is_loaded(optimizer, params, i):
    if i in (3, 4, 6):
        state = optimizer.state_dict()
        optimizer.step()
        optimizer.load_state_dict(state)
    return optimizer, params


def it_is_copied(optimizer, params, i):
    if i in (4, 7):
        optimizer = copy.deepcopy(optimizer)
        params = [p for group in optimizer.param_groups for p in group["params"]]
    return optimizer, params


def only_its_groups_are_split(optimizer, params, i):
    if i == 4:
        (group,) = optimizer.param_groups
        whole, group["params"] = group["params"], group["params"][:2]
        optimizer.param_groups.append({**group, "params": whole[2:], "lr": 0.01})
    return optimizer, params


def a_parameter_moves_to_the_other_group(optimizer, params, i):
    if i == 0:
        only_its_groups_are_split(optimizer, params, 4)
    if i == 5:
        first, second = optimizer.param_groups
        second["params"].insert(0, first["params"].pop())
    return optimizer, params


def rates_change(optimizer, params, i):
    optimizer.param_groups[0]["lr"] = np.float64(0.1) / (i + 1)
    return optimizer, params


def options_are_switched(optimizer, params, i):
    group = optimizer.param_groups[0]
    if "momentum" in group and not group.get("nesterov"):
        group["momentum"] = 0.0 if 3 <= i < 6 else 0.5
    if "amsgrad" in group:
        group["amsgrad"] = 3 <= i < 6
    group["weight_decay"] = 0.1 * (i > 3)
    group["maximize"] = i > 6
    return optimizer, params


def momenta_change_at_each_step(optimizer, params, i):
    group = optimizer.param_groups[0]
    if "betas" in group:
        group["betas"] = (0.5 + i / 100, 0.7)
    elif group.get("momentum"):
        group["momentum"] = 0.5 + i / 100
    return optimizer, params


LIVES = [
    quiet,
    gradients_are_missing,
    one_is_frozen_for_a_while,
    arrays_are_replaced,
    values_are_written,
    the_dtype_changes,
    two_get_one_array,
    one_sees_part_of_a_large_one,
    layouts_differ,
    gradients_are_views,
    gradients_are_not_finite,
    a_group_is_added,
    the_state_is_loaded,
    it_is_copied,
    only_its_groups_are_split,
    a_parameter_moves_to_the_other_group,
    rates_change,
    options_are_switched,
    momenta_change_at_each_step,
]


def live(life, make):
    """Return the values after each of ten steps, and the state at the end."""
    rng = np.random.default_rng(0)
    params = tensors(rng)
    optimizer = make(params)
    history = []
    for i in range(10):
        for p in params:
            if p.requires_grad:
                p.grad = rng.standard_normal(p.shape).astype("float32")
        optimizer, params = life(optimizer, params, i)
        with np.errstate(invalid="ignore", over="ignore"):
            optimizer.step()
        history += [p.data.copy() for p in params]
    return [*history, optimizer.state_dict()]


def assert_same_bits(one, other):
    """Compare nested dicts and lists of numbers and arrays, and NaN with NaN."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same_bits(one[key], other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for x, y in zip(one, other, strict=True):
            assert_same_bits(x, y)
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(np.signbit(one), np.signbit(other))
    else:
        assert one == other


@pytest.mark.parametrize("make", ELEMENTWISE.values(), ids=ELEMENTWISE)
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_the_bits_are_those_of_each_parameter_by_itself(make, life):
    together, alone = live(life, make), live(life, apart(make))

    assert_same_bits(together, alone)


def test_only_what_looks_at_a_whole_parameter_stays_alone():
    assert {make.optimizer.__name__ for make in OPTIMIZERS.values()} - {
        make.optimizer.__name__ for make in ELEMENTWISE.values()
    } == {"LAMB", "Muon"}


@pytest.mark.parametrize("make", [SGD, Adam])
def test_the_bits_are_the_same_with_groups_and_schedules_and_hooks(make):
    def trained(make):
        rng = np.random.default_rng(0)
        x = Tensor(rng.standard_normal((5, 3)))
        first, second, bias = (
            Tensor(rng.standard_normal(shape), requires_grad=True)
            for shape in [(3, 4), (4, 1), (1,)]
        )
        bias.register_hook(lambda g: g * 0.5)
        groups = [{"params": [first]}, {"params": [second, bias], "lr": 0.01}]
        optimizer = make(groups)
        schedule = StepLR(optimizer, 2)
        for _ in range(8):
            optimizer.zero_grad()
            (((x @ first) @ second + bias) ** 2).mean().backward()
            optimizer.step()
            schedule.step()
        return [first.data, second.data, bias.data, optimizer.state_dict()]

    case = OPTIMIZERS[make.__name__]

    assert_same_bits(trained(case), trained(apart(case)))


def test_the_bits_are_the_same_when_rate_and_momentum_go_in_circles(parameter):
    def trained(make):
        params = [parameter([1.0, 2.0]), parameter([[3.0]])]
        optimizer = make(params)
        schedule = CyclicLR(optimizer, 0.01, 0.1, step_size_up=3)
        for i in range(9):
            for p in params:
                p.grad = np.cos(p.data + i)
            optimizer.step()
            schedule.step()
        return [*(p.data for p in params), optimizer.state_dict()]

    case = OPTIMIZERS["SGD with momentum"]

    assert_same_bits(trained(case), trained(apart(case)))


def test_an_optimizer_that_is_pickled_goes_on_with_the_same_bits(parameter):
    params = [parameter([1.0, 2.0], [0.5, -1.0]), parameter([[3.0]], [[2.0]])]
    optimizer = Adam(params)
    for _ in range(3):
        optimizer.step()

    other = pickle.loads(pickle.dumps(optimizer))
    for one in (optimizer, other, optimizer, other):
        one.step()

    assert_same_bits(other.state_dict(), optimizer.state_dict())
    for p, q in zip(params, other.param_groups[0]["params"], strict=True):
        assert p.data is not q.data
        np.testing.assert_array_equal(p.data, q.data)


# When parameters are together


def test_parameters_join_when_they_are_trained_again(parameter):
    optimizer = Counted([parameter([1.0, 2.0], [1.0, 1.0]), parameter(3.0, 1.0)])

    assert optimizer.stepped() == [1, 2]
    assert optimizer.stepped() == [3]
    assert optimizer.stepped() == [3]


def test_parameters_part_when_one_has_no_gradient_and_join_again(parameter):
    params = [parameter(np.ones(n), np.ones(n)) for n in (1, 2, 4)]
    optimizer = Counted(params)
    assert [optimizer.stepped() for _ in range(2)] == [[1, 2, 4], [7]]

    params[1].grad = None
    assert [optimizer.stepped() for _ in range(2)] == [[1, 4], [5]]
    params[1].grad = np.ones(2)
    # The second one is a step behind the others for good.
    assert [optimizer.stepped() for _ in range(2)] == [[1, 2, 4], [2, 5]]


def test_large_parameters_stay_alone_and_a_pack_is_no_larger_than_a_block(parameter):
    many = BLOCK // (SMALL - 1)
    sizes = [SMALL + 1, *[SMALL - 1] * (many + 1), 3, 2]
    optimizer = Counted([parameter(np.ones(n), np.ones(n)) for n in sizes])
    optimizer.step()

    found = optimizer.stepped()

    assert sum(found) == sum(sizes)
    assert max(found) <= BLOCK
    assert found == [SMALL + 1, SMALL - 1 + 5, many * (SMALL - 1)]


def test_precisions_are_apart_but_for_half_which_is_computed_in_single(parameter):
    sizes = {"float64": (1, 2), "float32": (10, 20), "float16": (100, 200)}
    optimizer = Counted(
        [
            parameter(np.ones(n), np.ones(n), d)
            for d, pair in sizes.items()
            for n in pair
        ]
    )
    optimizer.step()

    assert optimizer.stepped() == [3, 330]


def test_groups_stay_apart(parameter):
    one, two, other = (parameter(np.ones(n), np.ones(n)) for n in (1, 2, 4))
    optimizer = Counted([{"params": [one, two]}, {"params": [other], "lr": 0.1}])
    optimizer.step()

    assert optimizer.stepped() == [3, 4]


def test_an_update_that_overrides_a_marked_one_gets_each_parameter(parameter):
    class Normed(Counted):
        def update(self, param, grad, state, *, lr):
            super().update(param, grad / np.linalg.norm(grad), state, lr=lr)

    optimizer = Normed([parameter([1.0, 1.0], [3.0, 4.0]), parameter([1.0], [7.0])])

    assert [optimizer.stepped() for _ in range(3)] == [[1, 2]] * 3


@pytest.mark.parametrize(
    "start",
    [
        lambda param: {"rows": np.zeros(param.shape[:1])},
        lambda param: {"history": []},
        lambda param: {"length": float(np.linalg.norm(param))},
    ],
    ids=["of other shapes", "of lists", "of different numbers"],
)
def test_a_state_that_cannot_be_shared_keeps_parameters_apart(start, parameter):
    class Special(Counted):
        def start(self, param, **options):
            return super().start(param) | start(param)

    params = [parameter(np.ones((n, 2)), np.ones((n, 2))) for n in (1, 2)]
    optimizer = Special(params)

    assert [optimizer.stepped() for _ in range(3)] == [[2, 4]] * 3


def test_a_state_may_get_new_arrays_in_an_update(parameter):
    class New(Counted):
        @elementwise
        def update(self, param, grad, state, *, lr):
            self.sizes.append(param.size)
            state["m"] = state["m"] + grad
            param -= lr * state["m"]

    def trained(optimizer):
        for i in range(6):
            params[0].grad = None if i == 4 else np.array([1.0, i])
            optimizer.step()
        return [*(p.data for p in params), optimizer.state_dict()["state"][0]["m"]]

    params = [parameter(np.ones(n), np.ones(n)) for n in (2, 3)]
    together = trained(New(params))
    params = [parameter(np.ones(n), np.ones(n)) for n in (2, 3)]
    alone = trained(
        type("Apart", (New,), {"update": lambda *a, **k: New.update(*a, **k)})(params)
    )

    assert_same_bits(together, alone)


def test_many_small_parameters_need_a_few_blocks_of_memory(parameter):
    params = [parameter(np.ones(1000), np.ones(1000), "float32") for _ in range(300)]
    optimizer = Adam(params)
    optimizer.step()
    peaks = []
    for _ in range(2):  # the first one moves the state into flat arrays
        tracemalloc.start()
        optimizer.step()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    block, state = 4 * BLOCK, 2 * 4 * 300 * 1000

    assert peaks[0] < 12 * block + state
    assert peaks[1] < 9 * block


# What users hold


def test_parameters_and_gradients_stay_the_arrays_that_users_hold(parameter):
    params = [parameter([1.0, 2.0], [1.0, 1.0]), parameter([3.0], [1.0])]
    arrays = [p.data for p in params]
    gradients = [p.grad.data for p in params]
    optimizer = Counted(params)

    for _ in range(3):
        optimizer.step()

    for p, array, gradient in zip(params, arrays, gradients, strict=True):
        assert p.data is array
        assert p.grad.data is gradient
        assert np.all(gradient == 1.0)
    np.testing.assert_array_equal(arrays[0], [-2.0, -1.0])


def test_an_array_that_is_replaced_is_let_go(parameter):
    params = [parameter([1.0, 2.0], [1.0, 1.0]), parameter([3.0], [1.0])]
    optimizer = Counted(params)
    for _ in range(3):
        optimizer.step()
    watched = weakref.ref(params[0].data)
    gc.disable()
    try:
        params[0].data = np.zeros(2)

        assert watched() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("steps_before", [0, 1, 3])
def test_an_array_that_is_read_only_is_refused_and_nothing_is_changed(
    steps_before, parameter
):
    first, second = parameter([1.0, 2.0], [1.0, 1.0]), parameter([[3.0]], [[1.0]])
    optimizer = Adam([first, second])
    for _ in range(steps_before):
        optimizer.step()
    frozen = second.data.copy()
    frozen.flags.writeable = False
    second.data = frozen
    values, state = first.data.copy(), optimizer.state_dict()

    message = (
        r"^Adam\.step: parameter 1, of shape \(1, 1\), is read-only; an array that can "
        r"be written into is needed: p\.data = p\.data\.copy\(\)$"
    )
    for _ in range(2):
        with pytest.raises(ValueError, match=message):
            optimizer.step()
        np.testing.assert_array_equal(first.data, values)
        assert_same_bits(optimizer.state_dict(), state)

    second.data = frozen.copy()
    optimizer.step()
    assert second.item() < frozen.item()


@pytest.mark.parametrize("steps_before", [1, 3])
def test_an_array_that_becomes_read_only_is_refused_too(steps_before, parameter):
    first, second = parameter([1.0, 2.0], [1.0, 1.0]), parameter([[3.0]], [[1.0]])
    optimizer = Adam([first, second])
    for _ in range(steps_before):
        optimizer.step()
    values, state = first.data.copy(), optimizer.state_dict()

    second.data.flags.writeable = False
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^Adam\.step: parameter 1, .* read-only"):
            optimizer.step()

    np.testing.assert_array_equal(first.data, values)
    assert_same_bits(optimizer.state_dict(), state)


def test_a_read_only_array_without_a_gradient_is_no_fault(parameter):
    first, second = parameter([1.0], [1.0]), parameter([3.0])
    second.data.flags.writeable = False
    optimizer = Counted([first, second])

    assert [optimizer.stepped() for _ in range(2)] == [[1], [1]]


# Which arrays share memory


def test_arrays_that_share_memory_are_found():
    whole, other = np.zeros((4, 6)), np.zeros(3)

    assert overlapping([whole, other, whole[1:2], None, np.zeros(0)]) == {0, 2}
    assert overlapping([whole[:2], other, whole[2:]]) == set()
    assert overlapping([whole, whole]) == {0, 1}
    assert overlapping([whole[3, ::-1], whole[2:], other]) == {0, 1}
    assert overlapping([whole, whole[1], whole[3]]) == {0, 1, 2}
    assert overlapping([np.broadcast_to(np.zeros(1), 3), other]) == {0}
    assert overlapping([]) == set()
