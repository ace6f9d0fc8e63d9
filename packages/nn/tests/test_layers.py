"""Every layer, by one table: value, gradients, parameters, state, dtype and text.

Adding a layer is: its file and a row in `cases/`. `test_every_layer_has_a_case` fails
without it.
"""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, ops
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import Module

from .cases import CASES, put
from .cases._case import real

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def outputs(case, layer, inputs):
    """Call the layer on Tensors; the results as a list."""
    out = case.run(layer, *[Tensor(a) for a in inputs])
    return list(out) if isinstance(out, tuple | list) else [out]


def test_every_layer_has_a_case():
    layers = {
        name
        for name, found in vars(nn).items()
        if isinstance(found, type) and issubclass(found, Module)
        if ".losses" not in found.__module__ and found is not Module
    }

    assert {type(case.make()).__name__ for case in CASES} == layers


@each_case
def test_forward_equals_the_reference(case, rng):
    for shapes in case.shapes:
        layer = case.make()
        inputs = case.inputs(rng, shapes)
        state = layer.state_dict().values()

        found = outputs(case, layer, inputs)
        expected = case.reference(*inputs, *state)

        expected = expected if isinstance(expected, tuple | list) else [expected]
        for out, wanted in zip(found, expected, strict=True):
            assert isinstance(out, Tensor)
            assert out.shape == np.shape(wanted)
            np.testing.assert_allclose(out.data, wanted, rtol=1e-12, atol=1e-14)


@each_case
def test_gradients_are_right(case, rng):
    names = [name for name, _ in case.make().named_parameters()]
    values = [real(rng, case.state[name]) for name in names]

    for shapes in case.shapes:
        inputs = case.inputs(rng, shapes)
        floats = [i for i, a in enumerate(inputs) if a.dtype.kind == "f"]

        def call(*arrays, inputs=inputs, floats=floats):
            layer = case.make()
            for name, value in zip(names, arrays[len(floats) :], strict=True):
                put(layer, name, value)
            given = [Tensor(a) for a in inputs]
            for i, array in zip(floats, arrays, strict=False):
                given[i] = array
            out = case.run(layer, *given)
            several = isinstance(out, tuple | list)
            return ops.concat([part.ravel() for part in out]) if several else out

        check_gradients(call, *[inputs[i] for i in floats], *values, order=case.order)


@each_case
def test_state_has_the_names_and_shapes_that_pytorch_gives(case):
    layer = case.make()

    state = layer.state_dict()

    assert {name: array.shape for name, array in state.items()} == case.state
    assert tuple(name for name, _ in layer.named_buffers()) == case.buffers
    assert all(parameter.requires_grad for parameter in layer.parameters())


@each_case
def test_state_makes_the_round_trip(case, rng):
    layer, other = case.make(), case.make()
    for parameter in layer.parameters():
        parameter.data[...] = rng.standard_normal(parameter.shape)
    inputs = case.inputs(rng, case.shapes[0])

    other.load_state_dict(layer.state_dict())

    for one, two in zip(
        outputs(case, layer, inputs), outputs(case, other, inputs), strict=True
    ):
        np.testing.assert_array_equal(one.data, two.data)


@each_case
def test_repr_shows_the_constructor_call(case):
    assert repr(case.make()) == case.text


@each_case
def test_the_dtype_is_kept(case, rng):
    for dtype in (*case.dtypes, "float64"):
        layer = case.make(dtype)
        inputs = case.inputs(rng, case.shapes[0], dtype)
        xs = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in inputs]

        out = case.run(layer, *xs)
        parts = list(out) if isinstance(out, tuple | list) else [out]
        sum(part.sum() for part in parts).backward()

        floats = [x for x in xs if x.requires_grad]
        gradients = [x.grad for x in [*floats, *layer.parameters()]]
        arrays = [*parts, *layer.parameters(), *gradients]
        assert [a.dtype for a in arrays] == [dtype] * len(arrays)


@each_case
def test_plain_arrays_may_be_given(case, rng):
    inputs = case.inputs(rng, case.shapes[0])

    out = case.run(case.make(), *inputs)

    parts = out if isinstance(out, tuple | list) else [out]
    for part, wanted in zip(parts, outputs(case, case.make(), inputs), strict=True):
        plain = part.data if isinstance(part, Tensor) else part
        np.testing.assert_array_equal(plain, wanted.data)
