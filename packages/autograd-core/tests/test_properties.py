"""What holds for every shape, index and graph, on random ones.

The numbers are small integers, as floats: sums and products of them are exact, so that
most results can be asked to be equal.
"""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pebblegrad.autograd import Tensor, ops
from pebblegrad.autograd.ops.indexing import _places

# The same examples in every run, for a failure must not come and go.
quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)

shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
filled_shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4)


def whole(shape, seed=0):
    """Small integers, none of them 0."""
    rng = np.random.default_rng(seed)
    return rng.integers(1, 9, shape) * rng.choice([-1.0, 1.0], shape)


def gradients(function, *arrays):
    """Return the result, the gradient that it is given, and those of the arrays."""
    xs = [Tensor(array, requires_grad=True) for array in arrays]
    out = function(*xs)
    g = np.asarray(whole(out.shape, seed=1))
    out.backward(g)
    return out.data, g, [x.grad.data for x in xs]


def assert_adjoint(function, x):
    """For a linear function: <f(x), g> is <x, gradient>."""
    out, g, (gradient,) = gradients(function, x)

    assert gradient.shape == x.shape
    assert (out * g).sum() == (x * gradient).sum()


# Indices


@st.composite
def mixed_indices(draw, shape):
    """Slices, ints, arrays of ints, None and ... in any order."""
    count = draw(st.integers(0, 3))
    arrays = hnp.arrays(np.int64, st.sampled_from([(count,), (1,), (2, 1)]))

    def part(size):
        kinds = [st.slices(size)]
        if size:
            kinds += [st.integers(-size, size - 1), arrays.map(lambda a: a % size)]
        return draw(st.one_of(kinds))

    first, last = sorted(draw(st.integers(0, len(shape))) for _ in range(2))
    before, behind = map(part, shape[:first]), map(part, shape[last:])
    parts = [*before, ..., *behind]
    if last == len(shape) and draw(st.booleans()):
        parts.pop(first)
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return tuple(parts)


@st.composite
def mask_indices(draw, shape):
    """A mask of the first axes, all of them or some, and slices for others."""
    count = draw(st.integers(0, len(shape)))
    mask = draw(hnp.arrays(np.bool, shape[:count]))
    rest = tuple(draw(st.slices(size)) for size in shape[count:])
    return draw(st.sampled_from([mask, (mask, *rest), (mask, ...)]))


@st.composite
def indexed(draw):
    """A shape, and an index of any kind into an array of it."""
    kind = draw(st.sampled_from(["basic", "integers", "mixed", "mask"]))
    shape = draw(filled_shapes if kind == "integers" else shapes)
    if kind == "basic":
        index = hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)
    elif kind == "integers":
        index = integer_indices(shape)
    else:
        index = {"mixed": mixed_indices, "mask": mask_indices}[kind](shape)
    return shape, draw(index)


def integer_indices(shape):
    result = hnp.array_shapes(max_dims=2, max_side=3)
    return hnp.integer_array_indices(shape, result_shape=result)


@settings(quick, max_examples=300)
@given(indexed())
def test_picking_and_scattering_are_numpys_and_adjoint(example):
    shape, index = example
    x = np.asarray(whole(shape))

    picked = ops.getitem(Tensor(x), index).data
    y = np.asarray(whole(picked.shape, seed=1))
    scattered = ops.scatter(y, shape, index)

    expected = np.zeros(shape)
    np.add.at(expected, index, y)
    np.testing.assert_array_equal(picked, x[index])
    np.testing.assert_array_equal(scattered, expected)
    assert (picked * y).sum() == (x * scattered).sum()
    assert_adjoint(lambda x: x[index], x)


@settings(quick, max_examples=200)
@given(indexed())
def test_the_places_of_an_index_are_those_of_the_flat_array(example):
    shape, index = example
    everywhere = np.arange(math.prod(shape)).reshape(shape)

    parts = index if isinstance(index, tuple) else (index,)
    assume(any(isinstance(part, slice | int) or np.ndim(part) for part in parts))
    places = _places(np, shape, index)

    np.testing.assert_array_equal(places, everywhere[index])


@quick
@given(st.data())
def test_taking_along_an_axis_is_numpys_and_has_its_adjoint(data):
    shape = data.draw(filled_shapes)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    size = shape[axis]
    indices = data.draw(
        hnp.arrays(np.int64, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0))
    )
    indices = indices % (2 * size) - size
    x = whole(shape)

    rows = ops.take(x, indices, axis)

    np.testing.assert_array_equal(rows, np.take(x, indices, axis))
    assert_adjoint(lambda x: ops.take(x, indices, axis), x)


@quick
@given(st.data())
def test_taking_one_element_each_is_numpys_and_has_its_adjoint(data):
    shape = data.draw(filled_shapes)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    size = shape[axis]
    wanted = [data.draw(st.sampled_from([1, other])) for other in shape]
    wanted[axis] = data.draw(st.integers(0, 3))
    indices = data.draw(hnp.arrays(np.int64, tuple(wanted))) % (2 * size) - size
    x = whole(shape)

    taken = ops.take_along_axis(x, indices, axis)

    np.testing.assert_array_equal(taken, np.take_along_axis(x, indices, axis))
    assert_adjoint(lambda x: ops.take_along_axis(x, indices, axis), x)


# Windows


@st.composite
def walks(draw):
    """A shape, and how a window goes through it."""
    rest = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=2))
    shape, window, strides, dilations = list(rest), [], [], []
    for _ in range(draw(st.integers(0, 2))):
        window.append(draw(st.integers(1, 3)))
        dilations.append(draw(st.integers(1, 3)))
        strides.append(draw(st.integers(1, 3)))
        span = (window[-1] - 1) * dilations[-1] + 1
        shape.append(span + draw(st.integers(0, 4)))
    order = draw(st.permutations(range(len(shape))))
    axes = tuple(order.index(i) for i in range(len(rest), len(shape)))
    static = {"stride": tuple(strides), "dilation": tuple(dilations), "axes": axes}
    return tuple(shape[i] for i in order), tuple(window), static


@quick
@given(walks())
def test_windows_are_numpys_and_adjoint_to_folding(walk):
    shape, window, static = walk
    x = np.asarray(whole(shape))

    windows, g, (gradient,) = gradients(
        lambda x: ops.sliding_windows(x, window, **static), x
    )
    sizes = tuple(shape[axis] for axis in static["axes"])
    folded = ops.fold(g, sizes, **static)

    np.testing.assert_array_equal(windows, numpys_windows(x, window, **static))
    np.testing.assert_array_equal(
        windows, ops.sliding_windows.forward(np, x, window, **static)
    )
    np.testing.assert_array_equal(gradient, folded)
    assert (windows * g).sum() == (x * folded).sum()
    assert_adjoint(lambda y: ops.fold(y, sizes, **static), g)


def numpys_windows(x, window, stride, dilation, axes):
    span = [(k - 1) * gap + 1 for k, gap in zip(window, dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(x, span, axes)
    positions = [slice(None)] * x.ndim
    for axis, step in zip(axes, stride, strict=True):
        positions[axis] = slice(None, None, step)
    return windows[(*positions, *[slice(None, None, gap) for gap in dilation])]


# Broadcasting

LOCAL = {  # the derivatives by each operand
    ops.add: (lambda x, y: 1, lambda x, y: 1),
    ops.subtract: (lambda x, y: 1, lambda x, y: -1),
    ops.multiply: (lambda x, y: y, lambda x, y: x),
    ops.maximum: (
        lambda x, y: (x > y) + (x == y) / 2,
        lambda x, y: (x < y) + (x == y) / 2,
    ),
}


@pytest.mark.parametrize("op", LOCAL, ids=lambda op: op.__name__)
@settings(quick, max_examples=40)
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=3))
def test_the_gradient_of_an_operand_is_the_sum_over_its_copies(op, broadcast):
    xs = [np.asarray(whole(s, seed)) for seed, s in enumerate(broadcast.input_shapes)]

    out, g, found = gradients(op, *xs)

    assert out.shape == broadcast.result_shape
    for x, gradient, local in zip(xs, found, LOCAL[op], strict=True):
        assert gradient.shape == x.shape
        np.testing.assert_array_equal(gradient, over_copies(g * local(*xs), x.shape))


def over_copies(full, shape):
    """Return the sum, element by element, over all that an array was broadcast to."""
    places = np.arange(math.prod(shape)).reshape(shape)
    out = np.zeros(math.prod(shape))
    np.add.at(out, np.broadcast_to(places, full.shape), full)
    return out.reshape(shape)


# Shapes


@quick
@given(st.data())
def test_permuting_and_permuting_back_changes_nothing(data):
    x = np.asarray(whole(data.draw(shapes)))
    axes = data.draw(st.permutations(range(x.ndim)))
    back = [axes.index(axis) for axis in range(x.ndim)]

    def there_and_back(x):
        return ops.permute_dims(ops.permute_dims(x, tuple(axes)), tuple(back))

    out, g, (gradient,) = gradients(there_and_back, x)

    np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(gradient, g)
    assert_adjoint(lambda x: ops.permute_dims(x, tuple(axes)), x)


@quick
@given(st.data())
def test_reshaping_and_reshaping_back_changes_nothing(data):
    x = np.asarray(whole(data.draw(shapes)))
    factors = [n for n in x.shape if n != 1] + [1] * data.draw(st.integers(0, 2))
    shape = tuple(data.draw(st.permutations(factors)))

    out, g, (gradient,) = gradients(lambda x: x.reshape(shape).reshape(x.shape), x)

    np.testing.assert_array_equal(x.reshape(shape), ops.reshape(x, shape))
    np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(gradient, g)


# Reductions


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@settings(quick, max_examples=40)
@given(st.data())
def test_reductions_over_any_axes_are_numpys(name, data):
    x = np.asarray(whole(data.draw(shapes if name == "sum" else filled_shapes)))
    axes = data.draw(hnp.valid_tuple_axes(x.ndim, min_size=0))
    axes = data.draw(st.sampled_from([axes, None, *axes[: len(axes) == 1]]))
    static = {"axis": axes, "keepdims": data.draw(st.booleans())}

    out, g, (gradient,) = gradients(lambda x: getattr(ops, name)(x, **static), x)

    np.testing.assert_allclose(out, getattr(np, name)(x, **static), rtol=1e-14)
    assert gradient.shape == x.shape
    # Each result hands its gradient to those it was made of: to each, or divided.
    count = x.size / max(out.size, 1) if name == "sum" else 1
    np.testing.assert_allclose(np.sum(gradient, **static), count * g, rtol=1e-14)


# The engine


@st.composite
def graphs(draw):
    """Steps that each add up some of the nodes before, or multiply two of them."""
    steps = []
    for before in range(1, draw(st.integers(2, 7))):
        nodes = st.lists(st.integers(0, before - 1), min_size=2, max_size=2)
        steps.append((draw(nodes), draw(st.sampled_from(["add", "multiply"]))))
    return steps


@settings(quick, max_examples=100)
@given(graphs())
def test_a_gradient_is_the_sum_over_all_paths(steps):
    x = Tensor(1.5, requires_grad=True, dtype="float64")
    nodes, locals_ = [x], [[]]
    for (i, j), name in steps:
        a, b = nodes[i], nodes[j]
        nodes.append(getattr(ops, name)(a, b))
        by = (1.0, 1.0) if name == "add" else (b.item(), a.item())
        locals_.append([(i, by[0]), (j, by[1])])

    def over_paths(node):
        """Return the sum over all paths from a node to the leaf."""
        if node == 0:
            return 1.0
        return sum(slope * over_paths(parent) for parent, slope in locals_[node])

    nodes[-1].backward()

    np.testing.assert_allclose(x.grad.item(), over_paths(len(steps)), rtol=1e-12)
