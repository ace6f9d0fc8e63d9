"""Declaring ops: what `@op` and `.backward` accept, and what they refuse at import."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.autograd.testing import check_gradients


@pytest.fixture
def scaled():
    """An op with two arrays and two static parameters, and no rules."""

    @op
    def scaled(xp, x, y, /, factor, power=1):
        """Scale something."""
        return factor * x * y**power

    return scaled


def test_an_op_shows_its_name_docstring_and_signature_without_xp(scaled):
    assert scaled.__name__ == "scaled"
    assert scaled.__doc__ == "Scale something."
    assert repr(scaled) == "scaled(x, y, /, factor, power=1)"
    assert repr(ops.concat) == "concat(arrays, /, axis=0)"


def test_rules_may_name_anything_they_need_in_any_order(scaled):
    scaled.backward("x", lambda y, factor, g, power: g * factor * y**power)
    scaled.backward("y", lambda g, out, y, power, xp: g * out * power / xp.positive(y))
    x, y = np.array([1.0, 2.0]), np.array([3.0, 5.0])

    check_gradients(lambda x, y: scaled(x, y, 2, power=3), x, y, order=1)
    check_gradients(lambda x: scaled(x, Tensor(y), factor=2), x)


def test_a_joint_rule_is_run_once_for_all_its_inputs():
    calls = []

    @op
    def product(xp, x, y, z, /):
        return x * y * z

    @product.backward("x", "z")
    def _(g, x, y, z):
        calls.append(1)
        return g * y * z, g * x * y

    product.backward("y", lambda g, x, z: g * x * z)
    values = [np.array([2.0]), np.array([3.0]), np.array([5.0])]
    check_gradients(product, *values)
    calls.clear()

    x, y, z = (Tensor(v, requires_grad=i != 1) for i, v in enumerate(values))
    product(x, y, z).backward()
    only_z = Tensor(values[2], requires_grad=True)
    product(2.0, 3.0, only_z).backward()

    assert calls == [1, 1]
    assert (x.grad.item(), z.grad.item(), only_z.grad.item()) == (15, 6, 6)


def test_a_variadic_op_takes_a_list():
    @op
    def total(xp, /, *arrays, scale=1):
        return scale * sum(arrays)

    total.backward("arrays", lambda g, arrays, scale: [g * scale for _ in arrays])
    check_gradients(lambda x, y: total([x, np.ones(1), y], scale=3), [1.0], [2.0])
    x = Tensor([1.0], requires_grad=True)
    total([x, x], 5).backward()

    assert x.grad.item() == 10


def test_an_optional_input_may_be_left_out():
    @op
    def shifted(xp, x, by=None, /):
        return x if by is None else x + by

    shifted.backward("x", lambda g: g)
    shifted.backward("by", lambda g: g)
    x = Tensor([1.0], requires_grad=True)

    (shifted(x) * shifted(x, None) * shifted(x, 3.0)).backward()

    assert x.grad.item() == 4 + 4 + 1
    with pytest.raises(TypeError, match="add: y is NoneType"):
        ops.add(x, None)


def test_another_forward_can_be_plugged_in_for_one_array_library():
    @op
    def half(xp, x, /):
        return x / 2

    half.backward("x", lambda g: g / 2)
    half.implement(np, lambda xp, x: x * 0.5 + 100)
    x = Tensor([2.0], requires_grad=True)

    y = half(x)
    y.backward()

    assert y.item() == 101
    assert x.grad.item() == 0.5
    assert half.forward(np, np.array(2.0)) == 1


@pytest.mark.parametrize(
    "forward",
    [
        lambda x, y, /: x,
        lambda xp, x: x,
        lambda xp, /, *, axis: axis,
        lambda xp, g, /: g,
        lambda xp, x, /, out=None: x,
        lambda: 1,
        lambda xp, x, /, *more: x,
        lambda xp, x, /, **more: x,
    ],
)
def test_a_forward_of_another_form_is_refused(forward):
    with pytest.raises(
        TypeError, match=r"\(xp, arrays\.\.\., /, static\.\.\.\) or .* is needed"
    ):
        op(forward)


def test_a_rule_that_names_the_unknown_is_refused_at_once(scaled):
    with pytest.raises(
        TypeError, match="scaled: the rule for x names 'z'; a rule may name"
    ):
        scaled.backward("x", lambda g, z: g * z)
    assert scaled.rules == {}


@pytest.mark.parametrize(
    ("name", "message"),
    [("z", "z is not an input"), ("factor", "factor is not an input")],
)
def test_a_rule_for_something_else_than_an_input_is_refused(scaled, name, message):
    with pytest.raises(TypeError, match=f"{message}; the inputs are x, y"):
        scaled.backward(name, lambda g: g)


def test_a_second_rule_for_an_input_is_refused(scaled):
    scaled.backward("x", lambda g: g)

    with pytest.raises(TypeError, match="x has a rule already"):
        scaled.backward("x", lambda g: g)


@pytest.mark.parametrize(
    ("names", "message"), [((), "names no input"), (("x", "x"), r"names .'x', 'x'.")]
)
def test_a_rule_names_each_of_its_inputs_once(scaled, names, message):
    with pytest.raises(
        TypeError, match=rf"scaled: backward {message}; name each input"
    ):
        scaled.backward(*names, lambda g: g)


@pytest.mark.parametrize("rule", [lambda *, g: g, lambda *g: g[0], lambda **g: g])
def test_a_rule_has_plain_parameters(scaled, rule):
    with pytest.raises(TypeError, match="only plain names are allowed"):
        scaled.backward("x", rule)


def test_a_rule_that_is_declared_after_a_failed_call_counts(scaled):
    x = Tensor([1.0], requires_grad=True)
    with pytest.raises(NotImplementedError):
        scaled(x, 2.0, 3)
    scaled.backward("x", lambda g, y, factor: g * factor * y)

    scaled(x, 2.0, 3).backward()

    assert x.grad.item() == 6


@pytest.mark.parametrize("result", [None, 1.0, (1.0,)])
def test_a_forward_that_returns_no_array_is_named(result):
    @op
    def odd(xp, x, /):
        return result

    odd.backward("x", lambda g: g)
    with pytest.raises(
        TypeError, match=r"odd: its forward returned .*one array is needed"
    ):
        odd(Tensor([1.0], requires_grad=True))


def test_integers_and_booleans_require_no_gradient_and_complex_numbers_are_refused():
    x = Tensor([1.7, 2.2], requires_grad=True)

    assert not x.astype(int).requires_grad
    assert not (x.astype(bool) * 2.0).requires_grad
    with pytest.raises(TypeError, match="multiply: y is ndarray of dtype com"):
        x * np.array([1j, 2.0])


def test_an_op_that_makes_complex_numbers_is_refused():
    @op
    def rotated(xp, x, /):
        return x * 1j

    with pytest.raises(TypeError, match="rotated: the result is complex128, and an"):
        rotated(Tensor(np.ones(2), requires_grad=True))


def test_a_function_that_ops_lack_is_explained_at_second_order():
    @op
    def cube_root(xp, x, /):
        return xp.cbrt(x)

    cube_root.backward("x", lambda xp, g, x: g / (3 * xp.cbrt(x) ** 2))
    x = Tensor([1.0], requires_grad=True)
    cube_root(x).backward()

    with pytest.raises(
        AttributeError, match="ops: there is no op cbrt; a rule that uses"
    ):
        cube_root(x).backward(create_graph=True)


def test_a_missing_rule_is_noticed_when_the_graph_is_recorded(scaled):
    x = Tensor([1.0], requires_grad=True)

    assert scaled(Tensor([1.0]), 2.0, 3).item() == 6
    with pytest.raises(
        NotImplementedError, match=r"scaled: x requires a .*\.backward\('x'"
    ):
        scaled(x, 2.0, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: ops.exp(),
            r"exp: missing a required argument: 'x'; call it as exp\(x, /\)",
        ),
        (lambda x: ops.exp(x, x), "exp: too many positional arguments"),
        (lambda x: ops.sum(x, dim=0), "sum: got an unexpected keyword argument 'dim'"),
        (
            lambda x: ops.sum(x, 0, axis=0),
            "multiple values for argument 'axis'",
        ),
        (lambda x: ops.reshape(x), "reshape: missing a required argument: 'shape'"),
        (
            lambda x: ops.sum(x, axis=x),
            "sum: axis is a Tensor; axis is a static parameter",
        ),
        (
            lambda x: ops.add(x, [1.0]),
            "add: y is list; a Tensor, a real array or",
        ),
        (lambda x: ops.add(x, 1j), "add: y is complex; a Tensor"),
        (
            lambda x: ops.add(x, np.complex64(1)),
            "y is complex64 of dtype complex64",
        ),
        (
            lambda x: ops.concat(x),
            "concat: arrays is Tensor of dtype float32; a list",
        ),
        (lambda x: ops.concat([]), "concat: arrays is an empty list; a list of one or"),
        (
            lambda x: x + np.ones((2, 2)),
            r"add: x has shape \(3,\) and y has shape \(2, 2\); "
            r"axis -1 has sizes 2 and 3",
        ),
        (
            lambda x: x.reshape(2, 3) @ np.ones((2, 2)),
            r"reshape: x has shape \(3,\), shape=\(2, 3\); 3 elements do not fill",
        ),
        (
            lambda x: x @ np.ones((2, 2)),
            r"matmul: x has shape \(3,\) and y has shape \(2, 2\); "
            r"x's last axis \(3\) must equal y's second-to-last \(2\)",
        ),
        (
            lambda x: x @ np.ones(2),
            r"x's last axis \(3\) must equal y's last axis \(2\)",
        ),
        (lambda x: x @ 2.0, "matmul: .* y is a single number; use multiply"),
        (lambda x: x.sum() @ x, "matmul: .* x is a single number; use multiply"),
        (
            lambda x: x.sum(axis=1),
            r"sum: x has shape \(3,\), axis=1.*there is no axis 1 among 1",
        ),
        (lambda x: x.max(axis=(0, 0)), "max: .*an axis is named twice"),
        (lambda x: x.mean(axis=0, dim=0), "mean: axis=0 and dim=0 are the same option"),
        (lambda x: x[3], r"getitem: x has shape \(3,\), index=3; .*out of bounds"),
        (lambda x: x[0, 0], "getitem: .*too many indices"),
        (
            lambda x: ops.concat([x, np.ones((2, 2))]),
            r"concat: arrays\[0\] has shape \(3,\) and arrays\[1\] has shape \(2, 2\)",
        ),
        (
            lambda x: ops.stack([x, np.ones(2)]),
            "stack: .*the shapes must be equal",
        ),
        (lambda x: ops.sum_to(x, (2,)), r"sum_to: .*shape \(2,\) does not broadcast"),
        (
            lambda x: ops.sum_to(x, (1, 3)),
            r"shape \(1, 3\) does not broadcast to \(3,\)",
        ),
        (lambda x: ops.squeeze(x, 0), "squeeze: .*axis 0 has size"),
        (lambda x: ops.where(x.data > 0, x, [1.0]), "where: y is list"),
        (
            lambda x: ops.broadcast_to(x, (3, 2)),
            r"broadcast_to: x has shape \(3,\), shape=",
        ),
        (lambda x: ops.concat([x, 2.0]), r"concat: arrays\[1\] is 2.0, a number; a"),
        (lambda x: ops.concat([x.sum(), x.sum()]), "concat: .*stack makes one"),
        (lambda x: ops.concat([x, x], axis=5), "concat: .*axis 5 is out of bounds"),
        (lambda x: ops.sum(3.0, axis=1), "sum: x is 3.0, axis=1, .*no axis 1 among 0"),
        (lambda x: ops.reshape(3.0, (2,)), "reshape: x is 3.0, .*1 elements do not"),
        (lambda x: x.reshape(1.0, 3.0), "reshape: .*cannot be interpreted as an"),
        (lambda x: x.transpose(1, 0), "permute_dims: x has shape"),
        (lambda x: x.reshape(1, 1, 3).transpose(5, 6), r"no axes \(5, 6\) to swap"),
        (lambda x: x.__setitem__(0, 3.0), "Tensor: elements cannot be assigned"),
        (lambda x: Tensor([1.0], np.float64), "Tensor: requires_grad is .*dtype="),
        (lambda x: Tensor(np.ma.array([1.0], mask=[1])), "the data are a masked array"),
    ],
)
def test_wrong_calls_say_who_got_what_and_what_was_needed(call, message):
    with pytest.raises((TypeError, ValueError, IndexError), match=message):
        call(Tensor([1.0, 2.0, 3.0], requires_grad=True))


def test_op_files_do_not_know_any_array_library():
    folder = __import__("pathlib").Path(ops.__file__).parent

    for file in folder.glob("*.py"):
        if file.name == "_numpy_forwards.py":  # plugged in, for NumPy alone
            continue
        assert "import numpy" not in file.read_text(encoding="utf-8"), file.name
