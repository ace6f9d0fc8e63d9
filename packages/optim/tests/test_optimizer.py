"""What all optimizers share: whose parameters they take, and what they refuse."""

import gc
import weakref

import numpy as np
import pytest

import pebblegrad.optim
from pebblegrad.autograd import Tensor
from pebblegrad.optim import SGD, Adam, Optimizer

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")


def trained(optimizer):
    return [p for group in optimizer.param_groups for p in group["params"]]


# What can be trained


@pytest.mark.parametrize(
    "give",
    [
        lambda a, b, model: [a, b],
        lambda a, b, model: (a, b),
        lambda a, b, model: (p for p in (a, b)),
        lambda a, b, model: {"first": a, "second": b}.values(),
        lambda a, b, model: model(a, b),
        lambda a, b, model: [model(a, b)],
        lambda a, b, model: [model(a), model(), model(b)],
        lambda a, b, model: [model(a), b],
        lambda a, b, model: [{"params": [a, b]}],
        lambda a, b, model: [{"params": [a]}, {"params": (p for p in [b])}],
        lambda a, b, model: [{"params": model(a)}, {"params": [model(b)]}],
        lambda a, b, model: iter([{"params": [a]}, {"params": [b]}]),
    ],
)
def test_parameters_models_and_groups_may_be_given(give, parameter, model):
    a, b = parameter([1.0]), parameter([2.0])

    found = trained(SGD(give(a, b, model), lr=0.1))

    assert len(found) == 2
    assert found[0] is a
    assert found[1] is b


def test_a_group_takes_the_defaults_that_it_does_not_set(parameter):
    a, b = parameter([1.0]), parameter([2.0])

    groups = [{"params": [a], "lr": 0.5}, {"params": [b], "momentum": 0.9}]
    optimizer = SGD(groups, lr=0.1)

    options = [(group["lr"], group["momentum"]) for group in optimizer.param_groups]
    assert options == [(0.5, 0.0), (0.1, 0.9)]


def test_the_groups_that_were_given_are_left_as_they_are(parameter):
    group = {"params": [parameter([1.0])], "lr": 0.5}
    params = group["params"]

    optimizer = SGD([group], lr=0.1)
    optimizer.param_groups[0]["lr"] = 9.0
    optimizer.param_groups[0]["params"].clear()

    assert group == {"params": params, "lr": 0.5}
    assert len(params) == 1


# What is refused


def leaf():
    return Tensor([1.0], requires_grad=True)


def result_of_an_op():
    return leaf() * 2


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ([], ValueError, "there is no parameter to train; give Tensors"),
        ([{"params": []}], ValueError, "there is no parameter to train"),
        (leaf(), TypeError, "params is a Tensor; a list"),
        (None, TypeError, "params is a NoneType; a list of Tensors, a model or a list"),
        (3, TypeError, "params is a int; a list of Tensors"),
        ("weights", TypeError, "parameter 0 is a str; a Tensor is needed"),
        ([np.ones(2)], TypeError, "parameter 0 is a ndarray; a Tensor is needed"),
        ([[leaf()]], TypeError, "parameter 0 is a list; a Tensor is"),
        ([Tensor([1.0, 2.0])], ValueError, r"parameter 0, of shape \(2,\), has no gr"),
        ([leaf(), Tensor([1.0])], ValueError, "parameter 1, of shape"),
        ([result_of_an_op()], ValueError, r"parameter 0, of shape \(1,\), is the res"),
        ([{"lr": 0.1}], ValueError, r"a group has the keys \['lr'\]; it needs \"par"),
        ([{"params": [leaf()]}, leaf()], TypeError, "params mixes groups and parame"),
        (
            [{"params": [leaf()], "rate": 1, "decay": 2}],
            ValueError,
            "a group sets decay, rate; the options are lr, momentum, dampening",
        ),
        ([{"params": [leaf()], "lr": -1}], ValueError, "lr is -1; it must be at least"),
    ],
)
def test_what_cannot_be_trained_is_refused(params, error, message):
    with pytest.raises(error, match=f"^SGD: {message}"):
        SGD(params, lr=0.1)


@pytest.mark.parametrize(
    "give",
    [
        lambda p, model: [p, p],
        lambda p, model: [model(p), model(p)],
        lambda p, model: [{"params": [p]}, {"params": [p], "lr": 0.5}],
    ],
)
def test_a_parameter_that_comes_twice_is_refused(give, parameter, model):
    with pytest.raises(ValueError) as caught:
        Adam(give(parameter([1.0, 2.0]), model))

    assert str(caught.value) == (
        "Adam: the parameter of shape (2,) comes twice; it would be updated twice: "
        "give each parameter once"
    )


def test_a_model_without_parameters_is_refused(model):
    with pytest.raises(ValueError, match=r"or a model that has some$"):
        SGD(model(), lr=0.1)


@pytest.mark.parametrize("make", [SGD, Adam])
@pytest.mark.parametrize(
    ("lr", "error", "message"),
    [
        (-0.1, ValueError, r"lr is -0\.1; it must be at least 0, finite"),
        (float("nan"), ValueError, "lr is nan; it must be at least 0, finite"),
        (float("inf"), ValueError, "lr is inf; it must be at least 0, finite"),
        (True, TypeError, "lr is True; a number is needed"),
        (np.bool_(True), TypeError, "lr is np.True_; a number is needed"),
        ("0.1", TypeError, "lr is '0.1'; a number is needed"),
        (None, TypeError, "lr is None; a number is needed"),
        (0.1j, TypeError, "lr is 0.1j; a number is needed"),
        (np.complex128(1), TypeError, r"lr is np.complex128\(1\+0j\); a number is"),
        ([0.1], TypeError, r"lr is \[0\.1\]; a number is needed"),
    ],
)
def test_a_rate_that_is_no_number_from_zero_on_is_refused(
    make, lr, error, message, parameter
):
    with pytest.raises(error, match=f"^{make.__name__}: {message}"):
        make([parameter([1.0])], lr=lr)


@pytest.mark.parametrize("lr", [0, 1, 0.5, np.float32(0.5), np.int64(1)])
def test_a_rate_may_be_any_real_number(lr, parameter):
    p = parameter([2.0], [1.0], "float32")

    SGD([p], lr=lr).step()

    assert p.item() == 2.0 - lr
    assert p.dtype == np.float32


# An optimizer of one's own


class Sign(Optimizer):
    """Steps of one length, and a count of them."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, lr=lr)

    def update(self, param, grad, state, *, lr):
        state["t"] = state.get("t", 0) + 1
        param -= lr * np.sign(grad)


def test_an_optimizer_is_a_class_with_an_update(parameter):
    p = parameter([1.0, 1.0], [5.0, -2.0])
    optimizer = Sign(p for p in [p])

    optimizer.step()
    optimizer.step()

    np.testing.assert_allclose(p.data, [0.8, 1.2])
    assert optimizer.state_dict() == {
        "state": {0: {"t": 2}},
        "param_groups": [{"params": [0], "lr": 0.1, "initial_lr": 0.1}],
    }
    assert repr(optimizer) == "Sign(<1 parameter>, lr=0.1)"


def test_an_optimizer_without_update_says_so(parameter):
    class Idle(Optimizer):
        pass

    with pytest.raises(NotImplementedError, match="Idle: update is not written"):
        Idle([parameter([1.0], [1.0])]).step()


def test_an_optimizer_is_freed_without_the_garbage_collector(parameter):
    optimizer = Adam([parameter([1.0], [1.0])])
    optimizer.step()
    watched = weakref.ref(optimizer)
    gc.disable()
    try:
        del optimizer

        assert watched() is None
    finally:
        gc.enable()


def test_what_all_names_is_there_and_documented():
    for name in pebblegrad.optim.__all__:
        assert getattr(pebblegrad.optim, name).__doc__


# Options that change between steps


@pytest.mark.parametrize(
    ("make", "option", "values"),
    [
        (SGD, "momentum", (0.0, 0.9)),
        (SGD, "momentum", (0.9, 0.0)),
        (Adam, "amsgrad", (True, False)),
        (Adam, "amsgrad", (False, True)),
    ],
)
@pytest.mark.parametrize("step_after", [True, False])
def test_a_state_can_be_loaded_after_an_option_was_switched(
    make, option, values, step_after, parameter
):
    p = parameter([1.0, 2.0], [1.0, -1.0])
    optimizer = make([p], lr=0.1, **{option: values[0]})
    optimizer.step()
    optimizer.param_groups[0][option] = values[1]
    if step_after:
        optimizer.step()
    q = parameter(p.data)
    other = make([q], lr=0.1, **{option: values[1]})

    other.load_state_dict(optimizer.state_dict())
    for one, param in ((optimizer, p), (other, q)):
        param.grad = [0.5, 0.5]
        one.step()

    np.testing.assert_array_equal(p.data, q.data)


def test_a_momentum_may_be_switched_on_after_a_state_without_one_was_loaded(parameter):
    p, q = parameter([1.0], [1.0]), parameter([1.0], [1.0])
    optimizer, plain = SGD([p], lr=0.1, momentum=0.9), SGD([q], lr=0.1)
    optimizer.step()
    plain.step()

    optimizer.load_state_dict(plain.state_dict())
    optimizer.param_groups[0]["momentum"] = 0.9
    optimizer.step()

    assert optimizer.state_dict()["state"][0]["t"] == 1
    np.testing.assert_allclose(p.data, [0.8])


def test_a_state_from_before_the_first_step_clears_what_is_remembered(parameter):
    params = [parameter([1.0], [1.0]), parameter([2.0, 3.0], [1.0, 1.0])]
    optimizer = Adam(params, lr=0.1)
    fresh = optimizer.state_dict()
    for _ in range(3):
        optimizer.step()

    optimizer.load_state_dict(fresh)
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()

    assert [entry["t"] for entry in optimizer.state_dict()["state"].values()] == [1, 1]


class Factored(Optimizer):
    """Remembers a number for each row and each column."""

    def __init__(self, params, lr=0.1, decay=0.5):
        super().__init__(params, lr=lr, decay=decay)

    def start(self, param, **options):
        rows, columns = param.shape
        return {"rows": np.zeros(rows), "columns": np.zeros(columns)}

    def update(self, param, grad, state, *, lr, decay):
        state["rows"] += grad.sum(axis=1)
        param -= lr * state["rows"][:, None]


def test_a_state_may_have_other_shapes_than_the_parameter(parameter):
    p = parameter([[1.0, 2.0, 3.0]], [[1.0, 1.0, 1.0]])
    optimizer = Factored([p])

    for decay in (0.5, 0.4, 0.3):
        optimizer.param_groups[0]["decay"] = decay
        optimizer.step()

    assert optimizer.state_dict()["state"][0]["rows"] == [9.0]
    Factored([parameter(p.data)]).load_state_dict(optimizer.state_dict())


def test_options_are_plain_numbers_that_nobody_else_can_change(parameter):
    p = parameter([1.0], [1.0], "float32")
    betas = [np.float64(0.9), np.float64(0.99)]
    optimizer = Adam([p], lr=np.int64(1), betas=betas)
    betas[0] = 5.0

    (group,) = optimizer.state_dict()["param_groups"]
    optimizer.step()

    assert group["betas"] == (0.9, 0.99)
    assert {type(beta) for beta in group["betas"]} == {float}
    assert type(group["lr"]) is int


@pytest.mark.parametrize("new_list", [False, True])
def test_a_rate_of_numpys_that_is_the_same_number_changes_no_bit(
    new_list, parameter, rng
):
    values, gradient = rng.standard_normal((2, 50))
    p, q = (parameter(values, gradient, "float32") for _ in range(2))
    one, other = SGD([p], lr=0.1), SGD([q], lr=0.1)
    for optimizer in (one, other):
        optimizer.step()

    other.param_groups[0]["lr"] = np.float64(0.1)
    if new_list:
        other.param_groups[0]["params"] = [q]
    for optimizer in (one, other):
        optimizer.step()

    np.testing.assert_array_equal(p.data, q.data)


def test_a_group_may_say_what_its_schedules_start_from(parameter):
    group = {"params": [parameter([1.0])], "lr": 0.1, "initial_lr": 0.5}

    assert SGD([group], lr=1.0).param_groups[0]["initial_lr"] == 0.5
    with pytest.raises(TypeError, match="SGD: initial_lr is 'x'; a number is needed"):
        SGD([{**group, "initial_lr": "x"}], lr=1.0)


def test_gradients_may_be_cleared_to_zeros(parameter):
    p = parameter([1.0], [5.0])

    SGD([p], lr=0.1).zero_grad(set_to_none=False)

    assert p.grad.item() == 0.0


def test_a_closure_that_is_none_is_said(parameter):
    with pytest.raises(
        TypeError, match=r"SGD\.step: closure is a int; a function that"
    ):
        SGD([parameter([1.0])], lr=0.1).step(3)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"state": None, "param_groups": []}, "state of the state is a NoneType"),
        ({"state": {}, "param_groups": {}}, "param_groups of the state is a dict"),
        ({"state": {}, "param_groups": [1]}, "a group of the state is a int"),
    ],
)
def test_a_state_of_another_form_is_said(state, message, parameter):
    with pytest.raises(TypeError, match=message):
        SGD([parameter([1.0])], lr=0.1).load_state_dict(state)
