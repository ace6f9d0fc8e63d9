"""`Module`: what it finds in its attributes, its state, and what it says."""

import copy
import gc
import weakref

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.nn import Linear, Module, ReLU, Sequential


def parameter(*shape):
    return Tensor(np.ones(shape), requires_grad=True)


def names(module):
    return [name for name, _ in module.named_parameters()]


class Nested(Module):
    """Parameters in every place where one may be kept."""

    def __init__(self):
        self.w = parameter(1)
        self.text = "not a parameter"
        self.listed = [parameter(2), None, [Linear(1, 1), 5]]
        self.pair = (parameter(3), ReLU())
        self.named = {"left": Linear(1, 1, bias=False), "right": {"deep": parameter(4)}}
        self.mean = Tensor(np.zeros(2))
        self.inner = Sequential(Linear(1, 2))


# What it finds


def test_parameters_are_found_in_attributes_lists_tuples_dicts_and_modules():
    assert names(Nested()) == [
        "w",
        "listed.0",
        "listed.2.0.weight",
        "listed.2.0.bias",
        "pair.0",
        "named.left.weight",
        "named.right.deep",
        "inner.0.weight",
        "inner.0.bias",
    ]


def test_parameters_are_those_that_the_names_stand_for():
    module = Nested()

    found = dict(module.named_parameters())

    assert found["w"] is module.w
    assert found["named.right.deep"] is module.named["right"]["deep"]
    assert found["inner.0.weight"] is module.inner[0].weight
    assert all(a is b for a, b in zip(module.parameters(), found.values(), strict=True))


def test_a_tensor_that_wants_no_gradient_is_a_buffer():
    module = Nested()

    assert [name for name, _ in module.named_buffers()] == ["mean"]
    assert "mean" in module.state_dict()
    assert not any(p is module.mean for p in module.parameters())


def test_what_is_shared_is_found_once_under_its_first_name():
    layer = Linear(2, 2)

    class Tied(Module):
        def __init__(self):
            self.encoder = layer
            self.decoder = layer
            self.also = layer.weight
            self.layers = [layer, Linear(2, 1)]

    model = Tied()

    assert names(model) == [
        "encoder.weight",
        "encoder.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]
    assert [name for name, _ in model.named_modules()] == ["", "encoder", "layers.1"]
    assert list(model.state_dict()) == [
        "encoder.weight",
        "encoder.bias",
        "decoder.weight",
        "decoder.bias",
        "also",
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]


def tied():
    """A network whose last weight is its first."""
    model = Sequential(Linear(2, 2, rng=0), Linear(2, 2, rng=1))
    model[1].weight = model[0].weight
    return model


def test_what_is_shared_is_loaded_from_any_of_its_names():
    state = tied().state_dict()
    assert state["0.weight"] is not state["1.weight"]
    one = {name: array + 1 for name, array in state.items() if name != "1.weight"}
    model = tied()

    model.load_state_dict(one)

    np.testing.assert_array_equal(model[1].weight.data, one["0.weight"])
    assert model[0].weight is model[1].weight


def test_what_is_shared_cannot_have_two_values():
    state = tied().state_dict()
    state["1.weight"] = state["1.weight"] + 1

    with pytest.raises(
        ValueError, match=r"0\.weight and 1\.weight are one Tensor here, and differ"
    ):
        tied().load_state_dict(state)


def test_modules_that_know_each_other_are_walked_once():
    class Child(Module):
        def __init__(self, parent):
            self.parent = parent
            self.w = parameter(1)

    class Parent(Module):
        def __init__(self):
            self.child = Child(self)
            self.v = parameter(1)

    model = Parent()

    assert names(model) == ["child.w", "v"]
    assert names(model.child) == ["parent.v", "w"]
    assert len(list(model.modules())) == 2
    assert repr(model) == "Parent(\n  (child): Child(\n    (parent): ...\n  )\n)"
    assert model.eval().child.training is False


def test_modules_are_named_from_the_prefix_on():
    module = Nested()

    found = dict(module.named_modules("net"))

    assert found["net"] is module
    assert found["net.inner.0"] is module.inner[0]
    assert list(found) == [
        "net",
        "net.listed.2.0",
        "net.pair.1",
        "net.named.left",
        "net.inner",
        "net.inner.0",
    ]
    assert list(module.modules()) == list(found.values())


def test_children_are_the_modules_directly_inside():
    module = Nested()

    children = dict(module.named_children())

    assert list(children) == ["listed.2.0", "pair.1", "named.left", "inner"]
    assert list(module.children()) == list(children.values())
    shared = Sequential(children["inner"], children["inner"])
    assert list(shared.children()) == [children["inner"]]


def test_a_function_is_applied_from_the_inside_to_the_outside():
    model = Sequential(Sequential(ReLU()), Linear(1, 1))
    seen = []

    returned = model.apply(seen.append)

    assert returned is model
    assert seen[-1] is model
    assert seen.index(model[0][0]) < seen.index(model[0])
    assert len(seen) == 4


def test_a_parameter_that_replaces_another_is_found_in_its_place():
    model = Linear(1, 1)
    new = parameter(1, 1)

    model.weight = new

    assert model.parameters()[0] is new


def test_super_init_may_be_called_and_need_not_be():
    class Called(Module):
        def __init__(self):
            super().__init__()
            self.w = parameter(1)

    assert names(Called()) == ["w"]  # Nested does without


def test_a_module_is_called_like_a_function():
    class Power(Module):
        def forward(self, x, exponent=1, *, offset=0):
            return x**exponent + offset

    module = Power()

    assert module(3) == 3
    assert module(3, 2, offset=1) == module(3, exponent=2, offset=1) == 10


def test_a_module_without_forward_says_what_to_write():
    class Empty(Module):
        pass

    with pytest.raises(
        NotImplementedError, match=r"Empty: it has no forward; write forward\(self, x\)"
    ):
        Empty()(1)


def test_a_module_is_freed_without_the_garbage_collector(net):
    model = net()
    model(Tensor([[1.0, 2.0]])).sum().backward()
    watched = weakref.ref(model)
    gc.disable()
    try:
        del model

        assert watched() is None
    finally:
        gc.enable()


# Its modes and gradients


def test_train_and_eval_reach_every_module_and_return_this_one():
    model = Nested()

    assert all(module.training for module in model.modules())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert model.train() is model
    assert all(module.training for module in model.modules())
    assert model.train(False).training is False
    assert Linear(1, 1).training is True  # that of the class is untouched


def test_zero_grad_sets_every_gradient_to_none(net):
    model = net()
    model(Tensor([[1.0, 2.0]])).sum().backward()
    assert all(p.grad is not None for p in model.parameters())

    model.zero_grad()

    assert all(p.grad is None for p in model.parameters())


def test_gradients_add_up_until_they_are_cleared(net):
    model, x = net(), Tensor([[1.0, 2.0]])
    model(x).sum().backward()
    once = model[0].bias.grad.data.copy()

    model(x).sum().backward()

    np.testing.assert_array_equal(model[0].bias.grad.data, 2 * once)


# Its dtype


def test_to_changes_floats_and_their_gradients_and_nothing_else(scale):
    model = Sequential(Linear(2, 2, rng=0), scale())
    before = model.state_dict()
    model(Tensor([[1.0, 2.0]])).sum().backward()
    gradient, same = model[0].weight.grad.data.copy(), model[0].weight

    assert model.to("float64") is model

    assert model[0].weight is same
    assert {n: a.dtype.name for n, a in model.state_dict().items()} == {
        "0.weight": "float64",
        "0.bias": "float64",
        "1.factor": "float64",
        "1.count": "int64",
    }
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert same.grad.dtype == np.float64
    np.testing.assert_array_equal(same.grad.data, gradient)
    model(Tensor(np.ones((1, 2)))).sum().backward()
    assert model(Tensor(np.ones((1, 2)))).dtype == np.float64


@pytest.mark.parametrize("dtype", ["int32", bool, "complex64", None, "double64"])
def test_to_refuses_what_is_not_a_float_dtype(dtype):
    with pytest.raises(TypeError, match=r"to: dtype is .*; a float dtype is needed"):
        Linear(1, 1).to(dtype)


# Its state


def test_state_is_a_copy(net):
    model = net()

    state = model.state_dict()
    state["0.weight"][...] = 7

    assert not np.any(model[0].weight.data == 7)
    state = model.state_dict()
    model[0].weight.data[...] = 9
    assert not np.any(state["0.weight"] == 9)


def test_loading_copies_into_the_parameters_that_are_there(net):
    model, state = net(0), net(1).state_dict()
    weight = model[0].weight
    array = weight.data

    model.load_state_dict(state)
    state["0.weight"][...] = 7

    assert model[0].weight is weight
    assert weight.data is array
    np.testing.assert_array_equal(array, net(1)[0].weight.data)


def test_loading_takes_tensors_and_lists_and_keeps_the_dtype(scale):
    model = scale()

    model.load_state_dict({"factor": Tensor(3.0, dtype="float64"), "count": [1, 2]})

    assert (model.factor.item(), model.factor.dtype) == (3.0, np.float32)
    np.testing.assert_array_equal(model.count.data, [1, 2])
    assert model.count.dtype == np.int64


def broken(net):
    """A state with faults: names missing and unknown, a wrong shape, no numbers."""
    state = net(1).state_dict()
    del state["0.bias"]
    state["5.weight"] = np.zeros(2)
    state["2.weight"] = np.zeros((3, 1))
    state["2.bias"] = np.array(["a"])
    return state


def test_every_problem_of_a_state_is_in_one_error_and_nothing_is_changed(net):
    model, before = net(0), net(0).state_dict()

    with pytest.raises(ValueError) as caught:
        model.load_state_dict(broken(net))

    assert str(caught.value) == (
        "load_state_dict: the state does not fit Sequential: 0.bias is missing; "
        "5.weight is not known here; 2.weight has shape (3, 1), here (1, 3); "
        "2.bias holds <U1, not real numbers; nothing was loaded"
    )
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_without_strict_names_may_differ_but_not_shapes(net):
    model, other = net(0), net(1).state_dict()
    partial = {"0.weight": other["0.weight"], "head": np.zeros(2)}

    model.load_state_dict(partial, strict=False)

    np.testing.assert_array_equal(model[0].weight.data, other["0.weight"])
    np.testing.assert_array_equal(model[2].weight.data, net(0)[2].weight.data)
    with pytest.raises(
        ValueError, match=r"0\.weight has shape \(2, 3\), here \(3, 2\)"
    ):
        model.load_state_dict({"0.weight": other["0.weight"].T}, strict=False)


def test_a_shape_that_would_broadcast_is_refused():
    with pytest.raises(ValueError, match=r"weight has shape \(1, 1\), here \(3, 2\)"):
        Linear(2, 3, bias=False).load_state_dict({"weight": np.ones((1, 1))})


def test_complex_numbers_are_refused_instead_of_losing_a_part():
    with pytest.raises(ValueError, match="bias holds complex128, not real numbers"):
        Linear(1, 1).load_state_dict({"weight": [[1.0]], "bias": np.array([1j])})


# Text


def test_repr_shows_the_modules_inside_and_where_they_are():
    assert repr(Nested()) == "\n".join(
        [
            "Nested(",
            "  (listed.2.0): Linear(1, 1)",
            "  (pair.1): ReLU()",
            "  (named.left): Linear(1, 1, bias=False)",
            "  (inner): Sequential(",
            "    (0): Linear(1, 2)",
            "  )",
            ")",
        ]
    )


def test_repr_shows_what_a_module_says_of_itself_before_what_is_inside():
    class Block(Module):
        def __init__(self):
            self.layer = ReLU()

        def extra_repr(self):
            return "depth=1"

    assert repr(Block()) == "Block(\n  depth=1\n  (layer): ReLU()\n)"
    assert repr(Module()) == "Module()"


# Where an error comes from


def test_a_shape_error_names_the_layer_and_keeps_its_own_words(net):
    model = Sequential(Linear(2, 3), ReLU(), Linear(4, 1))

    with pytest.raises(ValueError) as caught:
        model(Tensor(np.ones((5, 2))))

    assert str(caught.value) == (
        "model.layers[2] (Linear): linear: x has shape (5, 3), weight has shape "
        "(1, 4) and bias has shape (1,); x's last axis (3) must equal weight's (4), "
        "the number of input features"
    )


def test_an_error_in_a_single_layer_names_its_class():
    with pytest.raises(ValueError, match=r"^Linear: linear: x has shape \(5,\)"):
        Linear(2, 3)(Tensor(np.ones(5)))


class Failing(Module):
    def __init__(self, error):
        self.error = error

    def forward(self, x):
        raise self.error


class Holder(Module):
    """Keeps a failing layer wherever the test says, beside one that is in order."""

    def __init__(self, place, layer):
        self.fine = ReLU()
        self.place = {
            "attribute": layer,
            "list": [ReLU(), layer],
            "tuple": (0, layer),
            "dict": {"left": ReLU(), "right": layer},
            "nested": {"blocks": [[], [None, layer]]},
        }[place]
        self.layer = lambda x: layer(x)

    def forward(self, x):
        return self.layer(self.fine(x))


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("attribute", "model.place"),
        ("list", "model.place[1]"),
        ("tuple", "model.place[1]"),
        ("dict", "model.place['right']"),
        ("nested", "model.place['blocks'][1][1]"),
    ],
)
@pytest.mark.parametrize("kind", [ValueError, TypeError, IndexError])
def test_the_path_leads_through_attributes_lists_and_dicts(place, path, kind):
    model = Holder(place, Failing(kind("what went wrong")))

    with pytest.raises(kind) as caught:
        model(Tensor([1.0]))

    assert type(caught.value) is kind
    assert str(caught.value) == f"{path} (Failing): what went wrong"


def test_the_path_is_whole_however_deep_the_layer_is():
    inner = Sequential(ReLU(), Holder("dict", Failing(ValueError("oh"))))
    model = Holder("attribute", Sequential(inner))

    with pytest.raises(ValueError) as caught:
        model(Tensor([1.0]))

    path = "model.place.layers[0].layers[1].place['right']"
    assert str(caught.value) == f"{path} (Failing): oh"


def test_the_path_ends_where_a_module_is_not_found_in_the_one_that_calls_it():
    hidden = Failing(ValueError("oh"))
    model = Sequential(Sequential(lambda x: hidden(x)))

    with pytest.raises(ValueError, match=r"^Failing: oh$"):
        model(Tensor([1.0]))


def test_other_errors_pass_as_they_are():
    error = KeyError("column")

    with pytest.raises(KeyError) as caught:
        Sequential(Failing(error))(Tensor([1.0]))

    assert caught.value is error
    assert error.args == ("column",)


def test_a_class_of_errors_of_ones_own_is_kept():
    class MyError(ValueError):
        pass

    with pytest.raises(MyError, match=r"^model\.layers\[0\] \(Failing\): mine$"):
        Sequential(Failing(MyError("mine")))(Tensor([1.0]))


def test_the_second_of_two_failures_is_told_as_the_first_was():
    model = Sequential(Linear(2, 3))

    for _ in range(2):
        with pytest.raises(ValueError) as caught:
            model(Tensor(np.ones((1, 4))))

        assert str(caught.value).count("model.layers[0] (Linear): ") == 1


def test_two_tensors_of_one_name_are_refused_and_none_is_lost():
    class Twins(Module):
        def __init__(self):
            self.parts = {1: Linear(2, 2), "1": Linear(2, 2)}

    with pytest.raises(ValueError, match=r"Twins: two Tensors have the name parts\.1"):
        Twins().state_dict()


def test_train_takes_a_truth():
    with pytest.raises(TypeError, match="train: mode is 'eval'; True or False"):
        ReLU().train("eval")


# Freezing


def test_frozen_parameters_keep_their_value_and_their_place_in_the_state(net):
    model = net()
    state, before = list(model.state_dict()), model[0].weight.data.copy()

    model[0].requires_grad_(False)
    model(Tensor([[1.0, 2.0]])).sum().backward()

    assert names(model) == ["2.weight", "2.bias"]
    assert sorted(model.state_dict()) == sorted(state)
    assert model[0].weight.grad is None
    assert model[2].weight.grad is not None
    model.load_state_dict(model.state_dict())
    np.testing.assert_array_equal(model[0].weight.data, before)


def test_what_was_frozen_is_thawed_from_any_level_and_buffers_never(scale):
    model = Sequential(scale(), Linear(1, 1))
    model[0].mean = Tensor([0.5])

    model.requires_grad_(False).requires_grad_(False)
    frozen = model.parameters()
    model[0].requires_grad_()
    half = names(model)
    model.requires_grad_()

    assert frozen == []
    assert half == ["0.factor"]
    assert names(model) == ["0.factor", "1.weight", "1.bias"]
    assert not model[0].mean.requires_grad


def test_a_copy_is_a_network_of_its_own(net):
    model = net()
    model[0].requires_grad_(False)
    tied_copy = copy.deepcopy(tied())

    other = copy.deepcopy(model)
    other[2].weight.data[...] = 0

    assert other.requires_grad_() is other
    assert len(other.parameters()) == 4
    assert names(model) == ["2.weight", "2.bias"]
    assert np.all(model[2].weight.data != 0)
    assert tied_copy[0].weight is tied_copy[1].weight


def test_gradients_can_be_set_to_zeros(net):
    model = net()

    model.zero_grad(set_to_none=False)

    assert [p.grad.data.any() for p in model.parameters()] == [False] * 4


# What a state must hold


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"factor": 1e300}, "factor holds numbers that are too large for float32"),
        ({"count": [0.5, 1]}, "count holds numbers that int64 does not have"),
        ({"count": [np.nan, 1]}, "count holds numbers that int64 does not have"),
    ],
)
def test_values_that_would_change_are_refused(scale, state, message):
    module = scale()
    whole = {**module.state_dict(), **state}

    with pytest.raises(ValueError, match=message):
        module.load_state_dict(whole)
    assert module.factor.item() == 2


def test_infinities_and_rounded_numbers_may_be_loaded(scale):
    module = scale()

    module.load_state_dict({"factor": np.float64("inf"), "count": np.array([1.0, 2.0])})

    assert module.factor.item() == np.inf
    assert module.count.data.tolist() == [1, 2]


def test_nothing_is_loaded_if_one_array_cannot_be_written(net):
    model = net()
    model[2].bias.data.flags.writeable = False
    state = {name: array + 1 for name, array in model.state_dict().items()}

    with pytest.raises(ValueError, match=r"2\.bias cannot be written here"):
        model.load_state_dict(state)
    assert not np.any(model[0].weight.data == state["0.weight"])


# Hooks


def test_hooks_see_and_change_what_goes_in_and_what_comes_out():
    layer = Linear(2, 1, rng=0)
    seen = []
    x = Tensor([[1.0, 2.0]])
    plain = layer(x)

    removers = [
        layer.register_forward_pre_hook(lambda module, args: seen.append(args)),
        layer.register_forward_pre_hook(lambda module, args: args[0] * 2),
        layer.register_forward_hook(lambda module, args, out: seen.append((args, out))),
        layer.register_forward_hook(lambda module, args, out: out + 1),
    ]
    out = layer(x)

    assert seen[0][0] is x
    np.testing.assert_array_equal(seen[1][0][0].data, x.data * 2)
    bias = layer.bias.data
    np.testing.assert_allclose(out.data, (plain.data - bias) * 2 + bias + 1, rtol=1e-6)
    for remove in removers:
        remove()
    np.testing.assert_array_equal(layer(x).data, plain.data)


def test_a_hook_can_be_added_twice_and_removed_once():
    layer, calls = ReLU(), []
    hook = lambda *seen: calls.append(seen)  # noqa: E731

    layer.register_forward_hook(hook)
    layer.register_forward_hook(hook)()
    layer(Tensor([1.0]))

    assert len(calls) == 1


def test_an_error_in_a_hook_passes_and_leaves_the_module_as_it_was():
    layer = Linear(1, 1)

    def fail(module, args):
        raise KeyError("a hook")

    remove = layer.register_forward_pre_hook(fail)
    with pytest.raises(KeyError, match="a hook"):
        layer(Tensor([[1.0]]))
    remove()

    assert layer(Tensor([[1.0]])).shape == (1, 1)


def test_a_state_may_hold_the_modules_own_arrays():
    model = Sequential(Linear(2, 2, rng=0), Linear(2, 2, rng=1))
    first, second = (layer.weight.data.copy() for layer in model)
    swapped = {"0.weight": model[1].weight, "1.weight": model[0].weight}

    model.load_state_dict(swapped, strict=False)

    np.testing.assert_array_equal(model[0].weight.data, second)
    np.testing.assert_array_equal(model[1].weight.data, first)


def test_thawed_is_what_was_frozen_wherever_it_stands_now():
    class Listed(Module):
        def __init__(self):
            self.weights = [Tensor([1.0], requires_grad=True)]

    module = Listed().requires_grad_(False)
    module.weights.insert(0, Tensor([2.0]))
    layer = Linear(2, 2).requires_grad_(False)
    layer.weight = Tensor(np.zeros((2, 2)))

    module.requires_grad_()
    layer.requires_grad_()

    assert [t.requires_grad for t in module.weights] == [False, True]
    assert names(layer) == ["bias"]


def test_what_is_shared_is_thawed_by_any_of_its_owners():
    model = tied().requires_grad_(False)

    model[1].requires_grad_()

    assert names(model) == ["0.weight", "1.bias"]


def test_hooks_see_what_is_given_by_name():
    layer, seen = Linear(2, 1), []
    layer.register_forward_hook(lambda module, args, out: seen.append(args))
    x = Tensor([[1.0, 2.0]])

    layer(x=x)

    assert seen[0][0] is x
