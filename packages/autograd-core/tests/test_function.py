"""`Function`: custom gradients in the form that PyTorch's users know."""

import gc
import weakref

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import (
    Function,
    Tensor,
    grad,
    graph,
    is_grad_enabled,
    no_grad,
    trace,
)
from pebblegrad.autograd.testing import check_gradients


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x * x


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        out = x.exp()
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, g):
        (out,) = ctx.saved_tensors
        return g * out


class ScaledProduct(Function):
    """x * y * scale; remembers what it was told of its inputs."""

    seen = None

    @staticmethod
    def forward(ctx, x, y, scale, name=None):
        ctx.scale = scale
        ctx.save_for_backward(x, None, y)
        ScaledProduct.seen = ctx.needs_input_grad
        return x * y * scale

    @staticmethod
    def backward(ctx, g):
        x, _, y = ctx.saved_tensors
        return g * y * ctx.scale, g * x * ctx.scale, None, None


def custom(forward, backward):
    """Return a Function made of two functions."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Custom", (Function,), methods)


def test_gradients_agree_with_differences_to_third_order(rng):
    x, y = rng.standard_normal((2, 3))

    check_gradients(Cube.apply, x, order=3)
    check_gradients(Exp.apply, x, order=3)
    check_gradients(lambda x, y: ScaledProduct.apply(x, y, 5, "name"), x, y)
    check_gradients(lambda x: Cube.apply(Exp.apply(x)).tanh(), x)


def test_it_works_inside_gradients_of_functions():
    assert grad(Cube.apply)(2.0).item() == 12
    assert grad(grad(Cube.apply))(2.0).item() == 12
    assert np.isclose(grad(grad(grad(Exp.apply)))(1.0).item(), np.e)


def test_arguments_without_a_gradient_get_none_and_may_be_anything():
    y = Tensor([3.0], requires_grad=True)

    ScaledProduct.apply(Tensor([2.0]), y, 5, "name").backward()

    assert ScaledProduct.seen == (False, True, False, False)
    assert y.grad.item() == 10


def test_an_argument_that_is_returned_gets_a_value_of_its_own():
    reverse = custom(lambda ctx, x: x, lambda ctx, g: -g)
    x = Tensor([2.0], requires_grad=True)

    y = reverse.apply(x)
    (y * y).backward()
    y.data[...] = 7

    assert x.item() == 2
    assert x.grad.item() == -4


def test_an_argument_that_is_returned_and_saved_is_saved_as_an_argument():
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x

    square = custom(forward, lambda ctx, g: g * ctx.saved_tensors[0] ** 2)

    assert grad(square.apply)(3.0).item() == 9
    assert grad(grad(square.apply))(3.0).item() == 6


def test_nothing_is_recorded_in_forward_nor_in_the_backward_of_first_order():
    def forward(ctx, x):
        assert not is_grad_enabled()
        y = x * 2
        assert not y.requires_grad
        return y

    def backward(ctx, g):
        assert not is_grad_enabled()
        return g * 2

    x = Tensor([2.0], requires_grad=True)
    custom(forward, backward).apply(x).backward()

    assert x.grad.item() == 2
    assert is_grad_enabled()


def test_without_gradients_there_is_no_graph():
    x = Tensor([2.0], requires_grad=True)

    with no_grad():
        assert not Cube.apply(x).requires_grad
    assert not Cube.apply(Tensor([2.0])).requires_grad


def test_strict_arrays_and_half_precision_stay_what_they_are():
    x = array_api_strict.asarray([1.0, 2.0])
    half = np.array([1.0, 2.0], np.float16)

    found = grad(lambda x: Cube.apply(x).sum())(x)
    assert isinstance(found.data, type(x))
    assert grad(lambda x: Exp.apply(x).sum())(half).dtype == np.float16


def test_graph_and_trace_show_the_class_and_the_text_of_backward():
    x = Tensor([2.0], requires_grad=True)
    y = Cube.apply(x)

    assert graph(y)[-1].op == "Cube"
    (step,) = trace(y)
    assert (step.op, step.result.tolist()) == ("Cube", [12])
    assert "return g * 3 * x * x" in step.formula


def test_what_was_saved_goes_with_the_graph():
    gc.disable()
    try:
        x = Tensor(np.ones(3), requires_grad=True)
        h = x * 2
        array = weakref.ref(h.data)
        y = Cube.apply(h).sum()
        del h
        assert array() is not None
        y.backward()
        assert array() is None
        z = Exp.apply(x)
        array = weakref.ref(z.data)
        del z
        assert array() is None
    finally:
        gc.enable()


def test_a_saved_tensor_that_was_written_into_is_noticed():
    x = Tensor([2.0], requires_grad=True)
    cube, result = Cube.apply(x), Exp.apply(x)

    x.data[...] = 5
    result.data[...] = 5

    with pytest.raises(
        RuntimeError, match=r"Cube kept its parameter saved\[0\], of sh"
    ):
        cube.backward()
    with pytest.raises(RuntimeError, match="Exp kept its result, of shape"):
        result.backward()


def test_an_exception_in_either_method_leaves_everything_as_it_was():
    def fails(ctx, x):
        raise ZeroDivisionError

    x = Tensor([2.0], requires_grad=True)
    y = custom(lambda ctx, x: x * 2, fails).apply(x)

    for call in (y.backward, lambda: custom(fails, fails).apply(x)):
        with pytest.raises(ZeroDivisionError):
            call()
    assert is_grad_enabled()
    assert x.grad is None


def twice(ctx, x):
    return x * 2


@pytest.mark.parametrize(
    ("forward", "backward", "error", "message"),
    [
        (lambda ctx, x: (x, x), None, TypeError, "Custom: forward returned a tuple"),
        (lambda ctx, x: 1.0, None, TypeError, "Custom: forward returned a float; one"),
        (
            twice,
            lambda ctx, g: (g, g),
            TypeError,
            "returned 2 gradients; forward takes",
        ),
        (twice, lambda ctx, g: None, TypeError, "Custom: backward returned a NoneType"),
        (
            twice,
            lambda ctx, g: g.data,
            TypeError,
            "Custom: backward returned a ndarray",
        ),
        (
            lambda ctx, x: x[:1],
            lambda ctx, g: Tensor([1.0, 2.0, 3.0]),
            ValueError,
            r"Custom: the backward rule for arrays\[0\] returned shape \(3,\)",
        ),
    ],
)
def test_messages_name_the_class(forward, backward, error, message):
    x = Tensor([1.0, 2.0], requires_grad=True)
    function = custom(forward, backward)

    with pytest.raises(error, match=message):
        function.apply(x).backward(None if forward is not twice else [1.0, 1.0])


@pytest.mark.parametrize("missing", ["forward", "backward"])
def test_a_method_that_was_not_written_is_asked_for(missing):
    class Half(Cube):
        pass

    setattr(Half, missing, staticmethod(getattr(Function, missing)))

    with pytest.raises(NotImplementedError, match=f"Function: {missing} is missing"):
        Half.apply(Tensor([1.0], requires_grad=True)).backward()
