"""L-BFGS: its direction by hand, problems that it must solve, and its contract."""

import copy
import inspect
import math

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.optim import LBFGS
from pebblegrad.optim.lbfgs import two_loop_recursion

each_search = pytest.mark.parametrize("search", [None, "strong_wolfe"])


def closure_of(optimizer, loss_of):
    """Return the closure of a loss; its `losses` are those it returned."""

    def closure():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        closure.losses.append(loss.item())
        return loss

    closure.losses = []
    return closure


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


# The direction


def test_without_a_history_the_direction_is_the_scaled_gradient():
    g = np.array([1.0, -2.0])

    found = two_loop_recursion(g, [], [], [], gamma=0.5)

    np.testing.assert_array_equal(found, [0.5, -1.0])
    np.testing.assert_array_equal(g, [1.0, -2.0])


def test_the_recursion_worked_by_hand():
    # Two pairs; rho is 1 / (y @ s): 1 / 2 and 1 / 4.
    s = [np.array([1.0, 0.0]), np.array([1.0, 1.0])]
    y = [np.array([2.0, 1.0]), np.array([1.0, 3.0])]
    g = np.array([4.0, 2.0])
    # Newest first: alpha = (1, 1) @ (4, 2) / 4 = 1.5; q = (4, 2) - 1.5 (1, 3)
    # = (2.5, -2.5). Then alpha = (1, 0) @ q / 2 = 1.25; q = (2.5, -2.5)
    # - 1.25 (2, 1) = (0, -3.75). r = 0.4 q = (0, -1.5).
    # Oldest first: beta = (2, 1) @ r / 2 = -0.75; r = (0, -1.5) + (1.25 + 0.75)
    # (1, 0) = (2, -1.5). Then beta = (1, 3) @ r / 4 = -0.625; r = (2, -1.5)
    # + (1.5 + 0.625) (1, 1) = (4.125, 0.625).

    found = two_loop_recursion(g, s, y, [0.5, 0.25], gamma=0.4)

    np.testing.assert_allclose(found, [4.125, 0.625], rtol=1e-14)


def test_the_recursion_is_the_product_with_the_matrix_that_bfgs_updates(rng):
    n, gamma = 6, 0.7
    root = rng.standard_normal((n, n))
    hessian = root @ root.T + np.eye(n)
    s = [rng.standard_normal(n) for _ in range(4)]
    y = [hessian @ step for step in s]
    rho = [1 / (a @ b) for a, b in zip(y, s, strict=True)]
    inverse = gamma * np.eye(n)
    for s_k, y_k, rho_k in zip(s, y, rho, strict=True):  # equation 6.17 of the book
        v = np.eye(n) - rho_k * np.outer(y_k, s_k)
        inverse = v.T @ inverse @ v + rho_k * np.outer(s_k, s_k)
    g = rng.standard_normal(n)

    np.testing.assert_allclose(
        two_loop_recursion(g, s, y, rho, gamma), inverse @ g, rtol=1e-10
    )
    # The secant equation: the newest change of the gradient gives that of x.
    np.testing.assert_allclose(
        two_loop_recursion(y[-1], s, y, rho, gamma), s[-1], rtol=1e-10
    )


# Steps


def test_three_iterations_worked_by_hand(parameter):
    # The loss 2 a**2 + b**2 / 2, with the gradient (4 a, b).
    p = parameter([1.0, 4.0])
    optimizer = LBFGS([p], lr=0.5, max_iter=1)
    closure = closure_of(optimizer, lambda: 2 * p[0] ** 2 + 0.5 * p[1] ** 2)

    # g = (4, 4), d = -g, t = min(1, 1 / 8) * 0.5 = 1 / 16.
    assert optimizer.step(closure).item() == 10.0
    np.testing.assert_allclose(p.data, [0.75, 3.75], rtol=1e-15)

    # g = (3, 3.75), s = (-1, -1) / 4, y = (-1, -1 / 4), y @ s = 5 / 16,
    # gamma = (5 / 16) / (17 / 16) = 5 / 17, rho = 16 / 5.
    # alpha = rho * s @ g = 16 / 5 * -6.75 / 4 = -5.4; q = g - 5.4 (1, 1 / 4)
    # = (-2.4, 2.4); r = 5 / 17 q = (-12, 12) / 17; beta = rho * y @ r
    # = 16 / 5 * (12 - 3) / 17 = 28.8 / 17; r += (-5.4 - 28.8 / 17) s
    # = (-12, 12) / 17 + 30.15 / 17 (1, 1) = (18.15, 42.15) / 17; t = 1 / 2.
    optimizer.step(closure)
    second = [0.75 - 18.15 / 34, 3.75 - 42.15 / 34]
    np.testing.assert_allclose(p.data, second, rtol=1e-14)

    # Two pairs by now, from the numbers so far.
    g1, g2 = np.array([3.0, 3.75]), np.array([4 * second[0], second[1]])
    s = [np.array([-0.25, -0.25]), np.array([-18.15, -42.15]) / 34]
    y = [np.array([-1.0, -0.25]), g2 - g1]
    rho = [1 / (a @ b) for a, b in zip(s, y, strict=True)]
    gamma = (s[1] @ y[1]) / (y[1] @ y[1])
    optimizer.step(closure)
    d = -two_loop_recursion(g2, s, y, rho, gamma)
    np.testing.assert_allclose(p.data, second + 0.5 * d, rtol=1e-13)
    assert closure.losses[:2] == pytest.approx([10.0, 8.15625])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rosenbrocks_valley_is_followed_to_its_end(dtype, parameter):
    p = parameter([-1.2, 1.0], dtype=dtype)
    optimizer = LBFGS(
        [p], max_iter=60, tolerance_change=1e-12, line_search_fn="strong_wolfe"
    )
    closure = closure_of(optimizer, lambda: rosenbrock(p))

    first = optimizer.step(closure)

    assert first.item() == pytest.approx(24.2)
    atol = 1e-6 if dtype == "float64" else 1e-2
    np.testing.assert_allclose(p.data, [1.0, 1.0], atol=atol)
    assert p.dtype == dtype
    assert len(closure.losses) < 60


@each_search
def test_a_quadratic_is_solved_in_about_as_many_iterations_as_axes(
    search, parameter, rng
):
    root = rng.standard_normal((5, 5))
    hessian = root @ root.T + np.eye(5)
    target = rng.standard_normal(5)
    p = parameter(np.zeros(5))
    optimizer = LBFGS([p], max_iter=40, line_search_fn=search)

    def loss():
        away = p - Tensor(target)
        return (away * (Tensor(hessian) @ away)).sum()

    optimizer.step(closure_of(optimizer, loss))

    np.testing.assert_allclose(p.data, target, atol=1e-5)
    assert optimizer.state_dict()["state"][0]["iterations"] < 40


@each_search
def test_parameters_of_several_shapes_and_dtypes_are_one_vector(search, parameter, rng):
    shapes = [((2, 3), "float64"), ((), "float32"), ((0, 4), "float64"), ((1,), "f4")]
    targets = [rng.standard_normal(shape).astype(dtype) for shape, dtype in shapes]
    params = [parameter(np.zeros(shape), dtype=dtype) for shape, dtype in shapes]
    arrays = [p.data for p in params]
    optimizer = LBFGS(params, line_search_fn=search)

    def loss():
        return sum(
            ((p - Tensor(t)) ** 2).sum() for p, t in zip(params, targets, strict=True)
        )

    optimizer.step(closure_of(optimizer, loss))

    for p, array, target in zip(params, arrays, targets, strict=True):
        assert p.data is array
        assert p.dtype == target.dtype
        np.testing.assert_allclose(p.data, target, atol=1e-5)


def test_half_precision_is_trained_in_single_precision(parameter):
    p = parameter([3.0, -2.0], dtype="float16")
    optimizer = LBFGS([p], line_search_fn="strong_wolfe")

    optimizer.step(closure_of(optimizer, lambda: ((p - 1) ** 2).sum()))

    np.testing.assert_allclose(p.data, [1.0, 1.0], atol=2e-3)
    assert p.dtype == "float16"
    assert optimizer.state_dict()["state"][0]["d"].dtype == "float32"


def test_arrays_in_another_order_are_written_where_they_belong(rng):
    target = rng.standard_normal((3, 2))
    p = Tensor(np.zeros((2, 3)), requires_grad=True)
    p.data = np.zeros((3, 2)).T
    optimizer = LBFGS([p], line_search_fn="strong_wolfe")

    optimizer.step(closure_of(optimizer, lambda: ((p - Tensor(target.T)) ** 2).sum()))

    np.testing.assert_allclose(p.data, target.T, atol=1e-6)


@each_search
def test_a_parameter_without_a_gradient_stays(search, parameter):
    used, unused = parameter([3.0]), parameter([5.0])
    optimizer = LBFGS([unused, used], line_search_fn=search)

    optimizer.step(closure_of(optimizer, lambda: ((used - 1) ** 2).sum()))

    assert unused.item() == 5.0
    assert unused.grad is None
    np.testing.assert_allclose(used.item(), 1.0, atol=1e-6)


@each_search
def test_where_the_gradient_is_zero_the_closure_is_called_once(search, parameter):
    p = parameter([1.0, 1.0])
    optimizer = LBFGS([p], line_search_fn=search)
    closure = closure_of(optimizer, lambda: rosenbrock(p))

    optimizer.step(closure)
    optimizer.step(closure)

    np.testing.assert_array_equal(p.data, [1.0, 1.0])
    assert closure.losses == [0.0, 0.0]
    memory = optimizer.state_dict()["state"][0]
    assert (memory["iterations"], memory["evaluations"]) == (0, 2)


@each_search
def test_nothing_to_train_inside_is_no_fault(search, parameter):
    p = parameter(np.zeros((0, 2)))
    optimizer = LBFGS([p], line_search_fn=search)

    optimizer.step(closure_of(optimizer, lambda: p.sum()))

    assert p.shape == (0, 2)


def test_the_loss_may_be_a_number(parameter):
    p = parameter([3.0])
    optimizer = LBFGS([p])

    def closure():
        p.grad = 2 * (p.data - 1)
        return float((p.data[0] - 1) ** 2)

    assert optimizer.step(closure) == 4.0
    np.testing.assert_allclose(p.item(), 1.0)


# Options


def calls(parameter, **options):
    """Return how many calls of the closure one step makes on a hard problem."""
    p = parameter([-1.2, 1.0])
    optimizer = LBFGS([p], **options)
    closure = closure_of(optimizer, lambda: rosenbrock(p))
    optimizer.step(closure)
    return len(closure.losses)


def test_the_number_of_iterations_is_bounded(parameter):
    for max_iter in (1, 2, 7):
        assert calls(parameter, lr=1e-4, max_iter=max_iter) == max_iter


def test_the_number_of_calls_is_bounded(parameter):
    assert calls(parameter, lr=1e-4, max_iter=50, max_eval=6) == 6
    assert calls(parameter, max_iter=50, max_eval=9, line_search_fn="strong_wolfe") in (
        9,
        10,
    )
    # By default a quarter more than iterations, which only a line search can need.
    assert calls(parameter, max_iter=8, line_search_fn="strong_wolfe") in (10, 11)


def test_a_small_gradient_ends_the_step(parameter):
    p = parameter([3.0])
    optimizer = LBFGS([p], tolerance_grad=10.0)
    closure = closure_of(optimizer, lambda: ((p - 1) ** 2).sum())

    optimizer.step(closure)

    assert p.item() == 3.0
    assert closure.losses == [4.0]


def test_a_small_change_ends_the_step(parameter):
    few = calls(parameter, tolerance_change=1.0, line_search_fn="strong_wolfe")
    many = calls(parameter, tolerance_change=1e-12, line_search_fn="strong_wolfe")

    assert few < many


def test_the_history_is_bounded(parameter):
    p = parameter([-1.2, 1.0, 0.5])
    optimizer = LBFGS([p], history_size=3, line_search_fn="strong_wolfe")
    closure = closure_of(optimizer, lambda: rosenbrock(p) + rosenbrock(p[1:]))

    optimizer.step(closure)

    memory = optimizer.state_dict()["state"][0]
    assert memory["s"].shape == memory["y"].shape == (3, 3)
    assert memory["rho"].shape == (3,)
    assert memory["iterations"] > 4
    np.testing.assert_allclose(
        memory["rho"], 1 / np.sum(memory["s"] * memory["y"], axis=1), rtol=1e-12
    )


@each_search
def test_a_rate_of_zero_moves_nothing(search, parameter):
    p = parameter([3.0])
    optimizer = LBFGS([p], lr=0, line_search_fn=search)
    closure = closure_of(optimizer, lambda: ((p - 1) ** 2).sum())

    for _ in range(3):
        optimizer.step(closure)

    assert p.item() == 3.0


def test_the_defaults_are_pytorchs(parameter):
    options = inspect.signature(LBFGS).parameters

    assert {name: option.default for name, option in options.items()} == {
        "params": inspect.Parameter.empty,
        "lr": 1,
        "max_iter": 20,
        "max_eval": None,
        "tolerance_grad": 1e-7,
        "tolerance_change": 1e-9,
        "history_size": 100,
        "line_search_fn": None,
    }
    assert repr(LBFGS([parameter([1.0])])) == "LBFGS(<1 parameter>, lr=1.0)"


# State


@each_search
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_training_goes_on_from_its_state_to_the_bit(search, dtype, before, parameter):
    def run(p, optimizer, steps):
        closure = closure_of(optimizer, lambda: rosenbrock(p))
        for _ in range(steps):
            optimizer.step(closure)

    options = {"lr": 1.0 if search else 1e-3, "max_iter": 4, "line_search_fn": search}
    whole, half = (parameter([-1.2, 1.0], dtype=dtype) for _ in range(2))
    run(whole, LBFGS([whole], **options), before + 3)

    first = LBFGS([half], **options)
    run(half, first, before)
    resumed = parameter(half.data, dtype=dtype)
    second = LBFGS([resumed], lr=0.7, history_size=5)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    run(resumed, second, 3)

    np.testing.assert_array_equal(resumed.data, whole.data)


def test_the_state_is_a_copy_in_both_directions(parameter):
    p = parameter([-1.2, 1.0])
    optimizer = LBFGS([p], max_iter=4, line_search_fn="strong_wolfe")
    closure = closure_of(optimizer, lambda: rosenbrock(p))
    optimizer.step(closure)
    state = optimizer.state_dict()
    before = copy.deepcopy(state)

    optimizer.step(closure)
    optimizer.load_state_dict(state)
    optimizer.step(closure)

    assert state["param_groups"] == before["param_groups"]
    assert state["state"].keys() == before["state"].keys()
    for name, value in before["state"][0].items():
        np.testing.assert_array_equal(state["state"][0][name], value)


def wrong_states(state):
    def changed(**entries):
        return {**state, "state": {0: {**state["state"][0], **entries}}}

    memory = state["state"][0]
    fewer = {name: value for name, value in memory.items() if name != "rho"}
    yield (
        {**state, "state": {0: fewer}},
        ValueError,
        "the state has .*; needed is .*rho",
    )
    yield (
        changed(d=np.zeros(3)),
        ValueError,
        r"d has shape \(3,\); needed is \(2,\), wi",
    )
    yield changed(s=memory["s"][:1]), ValueError, r"s has shape \(1, 2\); needed is \("
    yield changed(rho=np.zeros((1, 2))), ValueError, r"rho has shape \(1, 2\); needed"
    yield changed(t=np.zeros(2)), ValueError, r"t has shape \(2,\); needed is \(\), w"
    yield changed(gamma="a"), TypeError, "gamma is <U1; numbers are needed"
    yield {**state, "state": {1: memory}}, ValueError, "the state is of a parameter 1"
    yield {**state, "state": {0: [1]}}, TypeError, "the state of parameter 0 is a list"
    yield {"state": {}}, ValueError, "the state lacks param_groups"
    yield 3, TypeError, "the state is a int; a dict is needed"
    (group,) = state["param_groups"]
    for option, value, error, message in [
        ("lr", -1.0, ValueError, r"lr is -1\.0; it must be at least 0"),
        ("max_iter", 2.5, TypeError, r"max_iter is 2\.5; an integer is needed"),
        ("line_search_fn", "wolfe", ValueError, "line_search_fn is 'wolfe'; None or"),
    ]:
        yield {**state, "param_groups": [{**group, option: value}]}, error, message


def test_a_state_that_does_not_fit_changes_nothing(parameter):
    p = parameter([-1.2, 1.0])
    optimizer = LBFGS([p], max_iter=4, line_search_fn="strong_wolfe")
    optimizer.step(closure_of(optimizer, lambda: rosenbrock(p)))
    before = optimizer.state_dict()

    for state, error, message in wrong_states(before):
        with pytest.raises(error, match=f"^LBFGS: {message}"):
            optimizer.load_state_dict(state)
        after = optimizer.state_dict()
        assert after["param_groups"] == before["param_groups"]
        for name, value in before["state"][0].items():
            np.testing.assert_array_equal(after["state"][0][name], value)


def test_the_state_of_two_parameters_is_under_the_place_of_the_first(parameter):
    a, b = parameter([1.0]), parameter([2.0])
    optimizer = LBFGS([a, b])
    optimizer.step(closure_of(optimizer, lambda: (a * a + b * b).sum()))
    state = optimizer.state_dict()
    state["state"][1] = state["state"][0]

    with pytest.raises(ValueError, match=r"^LBFGS: the state is of the parameters \[1"):
        optimizer.load_state_dict(state)


# What is refused


@pytest.mark.parametrize("closure", [None, 3])
def test_without_a_closure_no_step_is_made(closure, parameter):
    p = parameter([1.0], [1.0])

    with pytest.raises(
        TypeError,
        match=r"^LBFGS.step: closure is (None|3); a function is needed that clears the "
        r"gradients, computes the loss, calls backward\(\) and returns the loss: ",
    ):
        LBFGS([p]).step(closure)

    assert p.item() == 1.0


@pytest.mark.parametrize("value", [None, "low", True])
def test_a_closure_that_returns_no_loss_is_said(value, parameter):
    p = parameter([1.0], [1.0])

    with pytest.raises(TypeError, match=r"^LBFGS.step: the closure returned .*; the l"):
        LBFGS([p]).step(lambda: value)

    assert p.item() == 1.0


def test_a_loss_of_several_elements_is_said(parameter):
    p = parameter([1.0, 2.0], [1.0, 1.0])

    with pytest.raises(
        ValueError,
        match=r"^LBFGS.step: the closure returned a loss of shape \(2,\); a single ele",
    ):
        LBFGS([p]).step(lambda: p * p)

    assert p.data.tolist() == [1.0, 2.0]


def test_a_single_group_is_taken(parameter):
    a, b = parameter([1.0]), parameter([1.0])
    optimizer = LBFGS([{"params": [a], "lr": 0.5}])
    message = "^LBFGS: there is a group of parameters already; one group is needed"

    with pytest.raises(ValueError, match=message):
        LBFGS([{"params": [a]}, {"params": [b]}])
    with pytest.raises(ValueError, match=message):
        optimizer.add_param_group({"params": [b]})

    assert optimizer.param_groups[0]["lr"] == 0.5
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lr": -1}, ValueError, "lr is -1; it must be at least 0"),
        ({"lr": math.nan}, ValueError, "lr is nan; it must be"),
        ({"max_iter": 0}, ValueError, "max_iter is 0; it must be at least 1"),
        ({"max_iter": 2.5}, TypeError, r"max_iter is 2\.5; an integer is needed"),
        ({"max_eval": 0}, ValueError, "max_eval is 0; it must be at least 1"),
        ({"max_eval": True}, TypeError, "max_eval is True; an integer is needed"),
        ({"tolerance_grad": -1e-9}, ValueError, "tolerance_grad is -1e-09; it must"),
        ({"tolerance_change": "1"}, TypeError, "tolerance_change is '1'; a number is"),
        ({"history_size": 0}, ValueError, "history_size is 0; it must be at least 1"),
        (
            {"line_search_fn": "armijo"},
            ValueError,
            "line_search_fn is 'armijo'; None or \"strong_wolfe\" is needed",
        ),
        ({"line_search_fn": True}, ValueError, "line_search_fn is True; None or"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^LBFGS: {message}"):
        LBFGS([parameter([1.0])], **options)


# What is not finite, and what fails


@each_search
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_at_the_start_is_an_error(search, bad, parameter):
    p = parameter([1.0])
    optimizer = LBFGS([p], line_search_fn=search)

    with pytest.raises(ValueError, match=f"^LBFGS.step: the loss is {bad} at the star"):
        optimizer.step(closure_of(optimizer, lambda: (p * bad).sum()))

    assert p.item() == 1.0
    assert optimizer.state_dict()["state"] == {}


def test_a_gradient_that_is_not_finite_is_an_error(parameter):
    p = parameter([1.0, 1.0])

    def closure():
        p.grad = [1.0, math.nan]
        return 3.0

    with pytest.raises(ValueError, match=r"^LBFGS.step: the gradient has nan in it at"):
        LBFGS([p]).step(closure)


def until(optimizer, p, edge, bad):
    """Return the closure of a loss that is `bad` beyond an edge."""
    return closure_of(
        optimizer, lambda: ((p - 3) ** 2).sum() * (bad if p.item() > edge else 1.0)
    )


def test_a_step_into_what_is_not_finite_is_taken_back(parameter):
    p = parameter([1.0])
    optimizer = LBFGS([p], lr=1.5, max_iter=10)
    closure = until(optimizer, p, 3.1, math.nan)
    optimizer.param_groups[0]["max_iter"] = 1
    optimizer.step(closure)
    optimizer.param_groups[0]["max_iter"] = 10
    here, state = p.item(), optimizer.state_dict()["state"][0]

    with pytest.raises(
        ValueError,
        match=r"^LBFGS.step: the loss is nan after a step of length 1\.5; lower lr, or "
        r'use line_search_fn="strong_wolfe" \(the parameters were put back\)',
    ):
        optimizer.step(closure)

    assert p.item() == here
    after = optimizer.state_dict()["state"][0]
    for name, value in state.items():
        np.testing.assert_array_equal(after[name], value)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_the_line_search_keeps_away_from_what_is_not_finite(bad, parameter):
    p = parameter([1.0])
    optimizer = LBFGS([p], lr=8.0, line_search_fn="strong_wolfe")
    closure = until(optimizer, p, 4.0, bad)

    optimizer.step(closure)

    assert any(not math.isfinite(loss) for loss in closure.losses)
    np.testing.assert_allclose(p.item(), 3.0, atol=1e-6)


@each_search
def test_after_an_error_in_the_closure_all_is_as_it_was(search, parameter):
    p = parameter([-1.2, 1.0])
    optimizer = LBFGS([p], lr=1e-3, line_search_fn=search, max_iter=4)
    closure = closure_of(optimizer, lambda: rosenbrock(p))
    optimizer.step(closure)
    here, state = p.data.copy(), optimizer.state_dict()["state"][0]
    after = len(closure.losses) + 3

    def interrupted():
        if len(closure.losses) == after:
            raise KeyboardInterrupt
        return closure()

    with pytest.raises(KeyboardInterrupt):
        optimizer.step(interrupted)

    np.testing.assert_array_equal(p.data, here)
    for name, value in optimizer.state_dict()["state"][0].items():
        np.testing.assert_array_equal(state[name], value)


def test_a_forgotten_zero_grad_is_said(parameter):
    p = parameter([3.0])
    optimizer = LBFGS([p], max_iter=1, lr=0.1)

    def closure():
        loss = ((p - 1) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    with pytest.warns(UserWarning, match=r"^LBFGS.step: backward\(\) added to the gra"):
        optimizer.step(closure)


def test_a_closure_without_backward_is_said(parameter):
    p = parameter([3.0, 2.0])

    with pytest.raises(ValueError, match="the closure left no gradient"):
        LBFGS([p]).step(lambda: (p**2).sum())

    np.testing.assert_array_equal(p.data, [3.0, 2.0])
