"""Gradients as functions: values, forms, nesting, and what they leave behind."""

import gc
import threading
import weakref
from typing import NamedTuple

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import (
    Tensor,
    checkpoint,
    detect_anomaly,
    enable_grad,
    grad,
    hessian,
    hvp,
    is_grad_enabled,
    jacobian,
    jvp,
    no_grad,
    ops,
    value_and_grad,
    vjp,
)
from pebblegrad.autograd.testing import check_gradients


def cubes(x):
    return (x * x * x).sum()


def network(params, x):
    hidden = (Tensor(x) @ params["w1"] + params["b1"]).tanh()
    return (hidden @ params["w2"]).sum()


def parameters(rng, dtype="float64"):
    shapes = {"w1": (3, 4), "b1": (4,), "w2": (4, 2)}
    return {k: Tensor(rng.standard_normal(s), dtype=dtype) for k, s in shapes.items()}


# What they compute


def test_grad_nests_to_any_order():
    orders = [lambda x: x**4]
    for _ in range(5):
        orders.append(grad(orders[-1]))

    assert [f(Tensor(2.0)).item() for f in orders] == [16, 32, 48, 48, 24, 0]


def test_a_gradient_inside_a_loss_takes_part_in_its_gradient(rng):
    w, x = rng.standard_normal((3, 3)), rng.standard_normal((2, 3))

    def penalty(w, x):
        slope = grad(lambda x: (x @ w).tanh().sum())(x)
        return ((slope * slope).sum(axis=1).sqrt() - 1).sum()

    check_gradients(penalty, w, x)


def test_mixed_second_derivatives_agree_whichever_comes_first():
    def f(x, y):
        return x * x * x * y * y

    one = grad(grad(f, argnums=0), argnums=1)(2.0, 3.0)
    other = grad(grad(f, argnums=1), argnums=0)(2.0, 3.0)

    assert one.item() == other.item() == 3 * 4 * 2 * 3


def test_a_function_inside_does_not_confuse_its_variable_with_the_outer_one():
    def outer(x):
        return x * grad(lambda y: x * y)(1.0)  # x * x

    assert grad(outer)(3.0).item() == 6
    assert grad(lambda x: x * grad(lambda y: x.detach() * y)(1.0))(3.0).item() == 3


def test_several_arguments_get_their_gradients_in_the_order_asked_for():
    def f(x, y, z):
        return x * y * y * z

    assert [g.item() for g in grad(f, argnums=(1, 0))(2.0, 3.0, 1.0)] == [12, 9]
    assert grad(f, argnums=-1)(2.0, 3.0, 1.0).item() == 18
    assert grad(f, argnums=())(Tensor(2.0), 3.0, 1.0) == ()


class Layer(NamedTuple):
    weight: object
    bias: object


def test_gradients_come_in_the_form_of_the_argument():
    def f(layers, x):
        for layer in layers["all"]:
            x = layer.weight * x + layer.bias
        return x

    form = {"all": [Layer(2.0, 1.0), Layer(3.0, (1.0))], "none": ()}
    found = grad(f)(form, x=5.0)

    assert found.keys() == form.keys()
    assert found["none"] == ()
    first, second = found["all"]
    assert isinstance(first, Layer)
    assert [v.item() for v in (*first, *second)] == [15, 3, 11, 1]


def test_other_arguments_and_what_else_is_returned_pass_through():
    def f(x, how, *, scale):
        return x * scale, [how]

    assert grad(f, has_aux=True)(2.0, "so", scale=3) == (Tensor(3.0), ["so"])
    value, found = value_and_grad(f, has_aux=True)(2.0, "so", scale=3)
    assert (value[0].item(), value[1], found.item()) == (6, ["so"], 3)


def test_the_pull_back_of_vjp_may_be_called_again():
    value, pull_back = vjp(lambda x, y: (x * y, x), Tensor([2.0]), 3.0)
    first = pull_back((Tensor([1.0]), Tensor([0.0])))
    second = pull_back([Tensor([1.0]), Tensor([10.0])])

    assert [v.item() for v in value] == [6, 2]
    assert [v.item() for v in first + second] == [3, 2, 13, 2]


def test_the_entries_of_dicts_are_matched_by_key():
    def f(d):
        return {"a": d["x"] * 2, "b": d["y"] * 3}

    primals = {"x": Tensor(1.0), "y": Tensor(1.0)}
    _, pull_back = vjp(f, primals)
    (pulled,) = pull_back({"b": 10.0, "a": 1.0})
    _, pushed = jvp(lambda d: d["x"] * 2 + d["y"] * 3, primals, {"y": 10.0, "x": 1.0})

    assert (pulled["x"].item(), pulled["y"].item()) == (2, 30)
    assert pushed.item() == 32


def test_jvp_is_the_slope_along_the_tangents(rng):
    x, u = rng.standard_normal((2, 2, 3))

    def f(x):
        return (x * x).tanh() + x.exp()

    _, slope = jvp(f, x, u)
    step = 1e-6

    differences = (f(Tensor(x + step * u)) - f(Tensor(x - step * u))) / (2 * step)
    np.testing.assert_allclose(slope.data, differences.data, rtol=1e-7)


def test_jvp_can_be_differentiated_by_the_primals_and_by_the_tangents(rng):
    x, u = rng.standard_normal((2, 4))

    check_gradients(lambda x, u: jvp(lambda x: x.exp() * x, x, u)[1], x, u)


def test_jacobian_hessian_and_hvp_agree_with_each_other(rng):
    x, u = rng.standard_normal((2, 5))

    def f(x):
        return (x * x[::-1]).tanh().sum()

    matrix = hessian(f)(x)
    np.testing.assert_allclose(matrix.data, jacobian(grad(f))(x).data)
    np.testing.assert_allclose(matrix.data, matrix.data.T, atol=1e-15)
    np.testing.assert_allclose(hvp(f, x, u).data, matrix.data @ u)
    np.testing.assert_allclose(jvp(grad(f), x, u)[1].data, matrix.data @ u)


def test_the_hessian_of_a_network_agrees_with_differences(rng):
    params, x = parameters(rng), rng.standard_normal((6, 3))
    u = parameters(rng)
    step = 1e-5

    def slope_at(t):
        moved = {k: params[k] + t * u[k] for k in params}
        return grad(network)(moved, x)

    blocks = hessian(network)(params, x)
    product = hvp(lambda p: network(p, x), params, u)
    ahead, behind = slope_at(step), slope_at(-step)

    for name, p in params.items():
        differences = (ahead[name].data - behind[name].data) / (2 * step)
        assert blocks[name]["w2"].shape == (*p.shape, 4, 2)
        row = sum(
            np.tensordot(blocks[name][k].data, u[k].data, u[k].ndim) for k in params
        )
        np.testing.assert_allclose(row, differences, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(
            product[name].data, differences, rtol=1e-7, atol=1e-9
        )


def test_the_jacobian_has_the_form_of_the_result_and_of_the_arguments():
    def f(x, y):
        return {"sum": x.sum() + y, "both": (x * y,)}

    found = jacobian(f, argnums=(0, 1))(Tensor([1.0, 2.0]), Tensor(3.0))

    assert [part.shape for part in found["sum"]] == [(2,), ()]
    by_x, by_y = found["both"][0]
    np.testing.assert_array_equal(by_x.data, [[3, 0], [0, 3]])
    np.testing.assert_array_equal(by_y.data, [1, 2])


def constant(x):
    return Tensor(np.ones(3, np.float32))


def test_what_does_not_depend_on_the_argument_has_zero_gradients():
    x = Tensor([1.0, 2.0])

    value, slope = jvp(constant, x, x)
    assert (value.shape, str(slope)) == ((3,), "[0. 0. 0.]")
    assert str(vjp(constant, x)[1](np.ones(3))[0]) == "[0. 0.]"
    assert not jacobian(constant)(x).data.any()
    assert str(grad(lambda x: constant(x).sum())(x)) == "[0. 0.]"
    assert str(hvp(lambda x: x.sum(), x, x)) == "[0. 0.]"
    assert not hessian(lambda x: constant(x).sum())(x).data.any()
    assert str(grad(lambda x, y: y * y, argnums=(0, 1))(x, 3.0)[0]) == "[0. 0.]"


def test_jvp_of_the_argument_itself_is_the_tangent():
    value, slope = jvp(lambda x: x, Tensor([1.0]), Tensor([7.0]))

    assert (value.item(), slope.item()) == (1, 7)


@pytest.mark.parametrize("shape", [(0,), (0, 3), ()], ids=str)
def test_empty_and_0d_arguments_and_results_keep_their_shapes(shape):
    x = np.full(shape, 2.0)

    assert grad(cubes)(x).shape == shape
    assert jacobian(lambda x: x * x)(x).shape == shape + shape
    assert hessian(cubes)(x).shape == shape + shape
    assert jvp(lambda x: x * x, x, x)[1].shape == shape
    assert hvp(cubes, x, x).shape == shape
    assert jacobian(lambda x: ops.reshape(x, (-1,))[:0])(x).shape == (0, *shape)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_of_the_argument_is_kept(dtype):
    x = np.array([1.0, 2.0], dtype)

    assert grad(cubes)(x).dtype == dtype
    assert hessian(cubes)(x).dtype == dtype
    assert jacobian(lambda x: x[:0])(x).dtype == dtype
    assert [v.dtype for v in jvp(lambda x: x * x, x, x)] == [dtype, dtype]
    assert hvp(cubes, x, x.astype("float64")).dtype == dtype


def test_a_tangent_that_is_a_number_loses_no_digits():
    _, slope = jvp(lambda x: x * 1.0, np.float64(3.0), 0.1)

    assert slope.item() == 0.1


def test_strict_arrays_go_in_and_come_out():
    x = array_api_strict.asarray([1.0, 2.0, 3.0])
    w = Tensor(x, requires_grad=True)
    value, pull_back = vjp(lambda x: (x * x, x * w), x)

    results = [
        grad(cubes)(x),
        grad(lambda x: grad(cubes)(x).sum())(x),
        grad(lambda x: checkpoint(lambda x: cubes(x * w), x))(x),
        *value,
        *pull_back((x, x)),
        *jvp(lambda x: x * x, x, x),
        jacobian(lambda x: x * x)(x),
        jacobian(lambda x: x[:0])(x),
        hessian(cubes)(x),
        hvp(cubes, x, x),
    ]

    for result in results:
        assert isinstance(result.data, type(x))


def test_many_results_are_pulled_back_without_adding_them_up():
    x = np.array([200.0], np.float16)

    _, pull_back = vjp(lambda x: (x * x, x, np.inf + 0 * x), x)
    (found,) = pull_back((np.float16(3.0) + 0 * x, 0 * x, 0 * x))  # 3 x x is infinite

    assert found.item() == 1200


def test_jvp_meets_no_zero_times_infinity_on_its_way():
    with np.errstate(divide="ignore"), detect_anomaly(infinity=False):
        _, slope = jvp(lambda x: x.sqrt(), Tensor([0.0, 1.0]), Tensor([1.0, 1.0]))

    assert str(slope) == "[inf 0.5]"


def test_results_share_no_memory_with_what_was_given():
    x, g = np.ones(1, np.float32), np.ones(1, np.float32)

    found = [
        *vjp(lambda x: x, x)[1](g),
        *vjp(lambda x, y: (x, y), x, x)[1]((g, g)),
        jvp(lambda x: x, x, g)[1],
        grad(lambda x: x)(x),
    ]
    for result in found:
        result.data[...] = 5

    assert (x.item(), g.item()) == (1, 1)
    assert [result.item() for result in found] == [5] * 5


# Closures, switches, hooks


def test_parameters_that_a_function_closes_over_get_their_gradients(rng):
    w = Tensor(rng.standard_normal(3), requires_grad=True)
    x, v = rng.standard_normal((2, 3))

    def f(x):
        return (w * x * x).sum()

    def gradient_of_w(result):
        w.grad = None
        result.sum().backward()
        return w.grad.data

    np.testing.assert_allclose(gradient_of_w(grad(f)(x)), 2 * x)
    np.testing.assert_allclose(gradient_of_w(value_and_grad(f)(x)[0]), x * x)
    np.testing.assert_allclose(gradient_of_w(vjp(f, x)[0]), x * x)
    np.testing.assert_allclose(gradient_of_w(vjp(f, x)[1](1.0)[0]), 2 * x)
    np.testing.assert_allclose(gradient_of_w(jvp(f, x, v)[1]), 2 * x * v)
    np.testing.assert_allclose(gradient_of_w(hvp(f, x, v)), 2 * v)
    np.testing.assert_allclose(gradient_of_w(hessian(f)(x)), np.full(3, 2.0))
    np.testing.assert_allclose(gradient_of_w(jacobian(lambda x: x * w)(x)), [1, 1, 1])


def test_an_argument_that_requires_a_gradient_gets_it_and_keeps_its_own():
    x = Tensor([3.0], requires_grad=True)

    found = grad(cubes)(x)
    assert x.grad is None
    found.backward()

    assert (found.item(), x.grad.item()) == (27, 18)


def test_without_outer_graphs_the_results_have_none():
    x = Tensor([3.0])

    _, aux = grad(lambda x: (cubes(x), {"also": [x * 2]}), has_aux=True)(x)
    assert not aux["also"][0].requires_grad
    value, found = value_and_grad(cubes)(x)
    assert not value.requires_grad
    assert not found.requires_grad
    value, pull_back = vjp(cubes, x)
    assert not value.requires_grad
    assert not pull_back(1.0)[0].requires_grad
    assert not any(v.requires_grad for v in jvp(cubes, x, x))
    assert not hessian(cubes)(x).requires_grad


def test_a_module_may_be_the_function_and_lends_its_name_only():
    class Model:
        """A callable with attributes."""

        def __init__(self):
            self.weight = Tensor(2.0)

        def __call__(self, x):
            return self.weight * x

    gradient = grad(Model())

    assert gradient(3.0).item() == 2
    assert "weight" not in vars(gradient)
    assert grad(cubes).__name__ == "cubes"
    assert np.isclose(grad(ops.exp)(1.0).item(), np.e)


def test_a_gradient_is_computed_inside_no_grad_and_belongs_to_no_graph():
    x = Tensor([3.0], requires_grad=True)

    with no_grad():
        first, second = grad(cubes)(x), grad(lambda x: grad(cubes)(x).sum())(x)

    assert (first.item(), second.item()) == (27, 18)
    assert not first.requires_grad
    assert not second.requires_grad


def test_what_a_function_computes_inside_no_grad_is_constant():
    def f(x):
        with no_grad():
            y = x * x
        return x * y

    assert grad(f)(3.0).item() == 9


@pytest.mark.parametrize("switch", [no_grad, enable_grad])
def test_an_exception_in_the_function_leaves_the_switches_as_they_were(switch):
    def fails(x):
        raise ZeroDivisionError

    calls = [
        lambda: grad(fails)(1.0),
        lambda: vjp(fails, 1.0),
        lambda: jvp(fails, 1.0, 1.0),
        lambda: jacobian(fails)(1.0),
        lambda: hessian(lambda x: grad(fails)(x))(1.0),
        lambda: checkpoint(fails, Tensor(1.0)),
    ]

    with switch():
        before = is_grad_enabled()
        for call in calls:
            with pytest.raises(ZeroDivisionError):
                call()
            assert is_grad_enabled() is before


def test_hooks_inside_the_function_take_part():
    seen = []

    def f(x):
        y = x * x
        y.register_hook(lambda g: seen.append(g.item()) or g * 10)
        y.retain_grad()
        return y * 3

    assert grad(f)(2.0).item() == 120
    assert seen == [3]
    assert grad(grad(f))(2.0).item() == 60


def test_hooks_and_gradients_of_arguments_are_left_alone():
    x = Tensor([2.0], requires_grad=True)
    x.register_hook(lambda g: pytest.fail("the pass went on behind the variable"))
    y = x * 3
    y.retain_grad()

    assert grad(cubes)(y).item() == 108
    assert y.grad is None
    assert x.grad is None


def test_a_gradient_can_be_computed_in_a_hook_of_another_pass():
    x = Tensor([3.0], requires_grad=True)
    x.register_hook(lambda g: grad(cubes)(g))

    (x * x).backward()

    assert x.grad.item() == 3 * 6 * 6


def test_backward_inside_the_function_is_a_pass_of_its_own():
    w = Tensor([5.0], requires_grad=True)

    def f(x):
        (w * 2).backward()
        return x * x

    assert grad(f)(3.0).item() == 6
    assert w.grad.item() == 2


def test_threads_compute_gradients_of_one_function_at_a_time():
    w = Tensor(np.full(50, 2.0), requires_grad=True)
    results = {}

    def work(i):
        for _ in range(50):
            with no_grad():
                second = hvp(lambda x: (w * x**3).sum(), np.full(50, i), np.ones(50))
            results.setdefault(i, []).append(second.data[0])

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == {float(i): [12.0 * i] * 50 for i in range(4)}


# Size and memory


def test_a_chain_of_10_000_ops_has_gradients_of_gradients():
    def chain(x):
        for _ in range(10_000):
            x = x * 1.0001
        return x * x

    scale = 1.0001**20_000
    assert np.isclose(grad(chain)(np.float64(3.0)).item(), 6 * scale)
    assert np.isclose(hvp(chain, np.float64(3.0), 1.0).item(), 2 * scale)


def test_nothing_is_kept_alive_when_the_results_are_there():
    kept = []

    def f(x):
        y = x.exp()
        kept.append(weakref.ref(y.node))
        return (y * y).sum()

    x = Tensor([1.0, 2.0])
    gc.disable()
    try:
        results = [grad(f)(x), hessian(f)(x), jvp(f, x, x), hvp(f, x, x)]
        assert all(node() is None for node in kept)
        value, pull_back = vjp(f, x)
        assert kept[-1]() is not None
        del pull_back
        assert kept[-1]() is None
    finally:
        gc.enable()
    assert len(results) == 4
    assert value.shape == ()


# Messages

PAIR = Tensor([1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: grad(lambda x: 3.0)(1.0), TypeError, "grad: .* returned a float"),
        (lambda: grad(lambda x: None)(1.0), TypeError, "returned a NoneType; a Tensor"),
        (lambda: grad(lambda x: x.data)(PAIR), TypeError, r"ndarray; .*without \.data"),
        (lambda: grad(lambda x: x)(PAIR), ValueError, r"grad: .*\(2,\); a single"),
        (lambda: hessian(lambda x: x)(PAIR), ValueError, r"hessian: .*shape \(2,\)"),
        (lambda: hvp(lambda x: x, PAIR, PAIR), ValueError, r"hvp: .*shape \(2,\)"),
        (lambda: hvp(lambda x: 1, PAIR, PAIR), TypeError, "hvp: .*returned a int"),
        (lambda: value_and_grad(lambda x: x, has_aux=True)(1.0), TypeError, "a pair"),
        (lambda: grad(cubes)("one"), TypeError, "grad: argument 0 is a str"),
        (lambda: grad(cubes)(np.array([1])), TypeError, "argument 0 is int64; floats"),
        (lambda: grad(cubes)({"a": None}), TypeError, "a part of argument 0 is a None"),
        (lambda: grad(cubes)(x=1.0), ValueError, "argnums names 0, and there are 0"),
        (lambda: grad(cubes, 2)(1.0), ValueError, "argnums names 2, and there are 1"),
        (lambda: grad(cubes, "x")(1.0), TypeError, "argnums is 'x'; the position of"),
        (lambda: grad(cubes, (0, -1))(1.0), ValueError, "names an argument twice"),
        (lambda: vjp(lambda x: 2.0, PAIR), TypeError, "vjp: .*returned a float"),
        (lambda: vjp(lambda x: (x, 2.0), PAIR), TypeError, "vjp: .*returned a float"),
        (lambda: vjp(lambda x: {}, PAIR), TypeError, "vjp: .*returned {}; at least"),
        (lambda: jacobian(lambda x: [3], 0)(1.0), TypeError, "jacobian: .*a int"),
        (lambda: jvp(lambda x: (x, x), PAIR, PAIR), TypeError, "jvp: .*a tuple"),
        (lambda: jvp(cubes, PAIR, (PAIR,)), ValueError, "the two must have one form"),
        (lambda: jvp(cubes, PAIR, 1.0), ValueError, r"tangent has shape \(\) and i"),
        (lambda: jvp(lambda: PAIR, (), ()), ValueError, "jvp: the primals are "),
        (lambda: hvp(cubes, PAIR, None), TypeError, "hvp: a tangent is a NoneType"),
        (
            lambda: jvp(lambda d: d["a"], {"a": PAIR}, {"b": PAIR}),
            ValueError,
            r"jvp: the tangent is \({'b': Tensor},\), for the primal \({'a': Tens",
        ),
        (
            lambda: vjp(lambda x: (x, x), PAIR)[1](PAIR),
            ValueError,
            r"vjp: the gradient is Tensor, for the result \(Tensor, Tensor\); the two",
        ),
        (
            lambda: vjp(lambda x: x, PAIR)[1](1.0),
            ValueError,
            r"vjp: a gradient has shape \(\) and its result \(2,\)",
        ),
    ],
)  # fmt: skip
def test_messages_say_who_was_given_what_and_what_was_needed(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_hessian_says_that_it_was_hessian():
    with pytest.raises(TypeError, match="hessian: argument 0 is a str"):
        hessian(lambda x: x)("a")


def test_thousands_of_arguments_take_no_more_than_their_share_of_time():
    calls = 0

    values = {str(i): Tensor(float(i)) for i in range(3000)}

    def f(xs):
        nonlocal calls
        calls += 1
        return sum(x * x for x in xs.values())

    found = grad(f)(values)

    assert calls == 1
    assert [found[str(i)].item() for i in (0, 1, 2999)] == [0, 2, 5998]
