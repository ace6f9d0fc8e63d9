"""Convolution and its gradients beside those of `pebblegrad.nn`."""

import pickle

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.kernels import convolution as kernels
from pebblegrad.nn import functional as F
from pebblegrad.nn.functional._convolve import (
    convolve,
    convolve_relu,
    input_gradient,
    weight_gradient,
)
from pebblegrad.nn.functional._windows import Windows, walk

from .against import close, kernel, layouts, never


@pytest.fixture(autouse=True)
def whatever_it_costs(monkeypatch):
    """Let the kernels do what they can, also where NumPy is faster."""
    monkeypatch.setattr(kernels, "pays", lambda name, *sizes: kernels.can(*sizes))


WAYS = ("convolve", "input_gradient", "weight_gradient")
PAYS = kernels.pays
OPS = {"convolve": convolve, "input": input_gradient, "weight": weight_gradient}


def drawn(rng, size=9):
    """Draw the arguments of a convolution: sizes, windows and groups."""
    while True:
        kernel_size = tuple(rng.integers(1, 6, 2))
        stride, dilation = tuple(rng.integers(1, 4, 2)), tuple(rng.integers(1, 4, 2))
        padding = tuple(tuple(rng.integers(0, 4, 2)) for _ in range(2))
        shape = (*rng.integers(1, 5, 1), 1, *rng.integers(1, size, 2))
        try:
            windows = walk("t", shape, kernel_size, stride, padding, dilation)
        except ValueError:  # the window does not fit
            continue
        groups, channels, outputs = (int(n) for n in rng.integers(1, [4, 8, 40]))
        plain = Windows(*(tuple(int(n) for n in pair) for pair in windows))
        return int(shape[0]), channels, outputs, groups, plain


def operands(rng, batch, channels, outputs, groups, windows, dtype):
    """Return images, weights, a bias and what comes back."""
    shapes = [
        (batch, channels * groups, *windows.sizes),
        (outputs * groups, channels, *windows.kernel),
        (outputs * groups,),
        (batch, outputs * groups, *windows.positions),
    ]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def compare(rng, dtype, case):
    """Compare the three ops for one case, in a layout that is drawn."""
    batch, channels, outputs, groups, windows = case
    x, weight, bias, y = operands(rng, *case, dtype)
    lying = int(rng.integers(5))
    x, y = (list(layouts(images))[lying] for images in (x, y))
    more = {"windows": windows, "groups": groups}
    window = int(np.prod(windows.kernel))
    calls = [
        ("convolve", (x, weight, bias), channels * window),
        ("convolve", (x, weight), channels * window),
        ("input", (y, weight), outputs * window),
        ("weight", (y, x), batch * int(np.prod(windows.positions))),
    ]
    for name, arrays, count in calls:
        before = [array.copy() for array in arrays]
        aligned = all(array.flags.aligned for array in arrays)
        fallback = never if aligned else OPS[name].forward
        found = kernel(OPS[name], fallback)(np, *arrays, **more)
        wanted = OPS[name].forward(np, *arrays, **more)
        close(found, wanted, 4 + count)
        if name == "convolve" and aligned:
            with_relu = kernel(convolve_relu)(np, *arrays, **more)
            np.testing.assert_array_equal(with_relu, np.maximum(found, 0))
        for array, was in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(array, was)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("part", range(4))
def test_any_convolution_is_that_of_numpy(kind, dtype, part):
    rng = np.random.default_rng(part)
    for _ in range(100):  # in all 2,400, with four calls each
        compare(rng, dtype, drawn(rng))


@pytest.mark.parametrize(
    "case",
    [
        (2, 16, 32, 1, (14, 14), 3, 1),  # whole vectors, whole tiles
        (3, 3, 64, 1, (33, 29), 7, 3),
        (1, 70, 130, 1, (8, 9), 3, 1),  # more channels than a vector, and a rest
        (2, 1, 1, 40, (9, 9), 3, 1),  # a window for each channel
        (1, 64, 8, 1, (90, 70), 5, 2),  # more rows than a cache holds
        (70, 2, 5, 1, (4, 4), 1, 0),
    ],
    ids=str,
)
def test_convolutions_of_usual_sizes(kind, case, rng):
    batch, channels, outputs, groups, sizes, size, pad = case
    shape, pairs = (batch, 1, *sizes), ((pad, pad), (pad, pad))
    windows = walk("t", shape, (size, size), (1, 1), pairs, (1, 1))
    compare(rng, "float32", (batch, channels, outputs, groups, windows))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_passes_through(kind, value, rng):
    windows = walk("t", (2, 3, 6, 6), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    x, weight, _, y = operands(rng, 2, 3, 5, 1, windows, "float32")
    x[1, 2, 3, 3] = y[0, 4, 2, 2] = value
    for name, arrays in [
        ("convolve", (x, weight)),
        ("input", (y, weight)),
        ("weight", (y, x)),
    ]:
        with np.errstate(invalid="ignore"):
            wanted = OPS[name].forward(np, *arrays, windows=windows, groups=1)
        found = kernel(OPS[name])(np, *arrays, windows=windows, groups=1)
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    found = kernel(convolve)(np, x, weight, windows=windows)
    with_relu = kernel(convolve_relu)(np, x, weight, windows=windows)
    np.testing.assert_array_equal(with_relu, np.maximum(found, 0))
    assert not np.signbit(with_relu).any() or np.isnan(value)


def test_a_layer_with_an_activation_and_its_gradients(rng):
    x = Tensor(rng.standard_normal((40, 3, 9, 9), "f4"), requires_grad=True)
    with_relu = nn.Conv2d(3, 8, 3, activation="relu", rng=0)
    plain = nn.Sequential(nn.Conv2d(3, 8, 3, rng=0), nn.ReLU())
    found = {}
    for name, layer in {"with_relu": with_relu, "plain": plain}.items():
        x.grad = None
        out = layer(x)
        (out * out).sum().backward()
        gradients = [parameter.grad.data for parameter in layer.parameters()]
        found[name] = [out.data, x.grad.data, *gradients]

    for mine, wanted in zip(found["with_relu"], found["plain"], strict=True):
        np.testing.assert_array_equal(mine, wanted)


@pytest.mark.parametrize("name", OPS)
def test_a_result_is_the_same_whatever_the_number_of_threads(name, threads_set, rng):
    windows = walk("t", (9, 5, 20, 20), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    x, weight, _, y = operands(rng, 9, 5, 24, 1, windows, "float32")
    arrays = {"convolve": (x, weight), "input": (y, weight), "weight": (y, x)}[name]
    results = []
    for count in (1, 2, 3, 8):
        threads_set(count)
        results += [kernel(OPS[name])(np, *arrays, windows=windows, groups=1)] * 2

    for result in results:
        np.testing.assert_array_equal(result, results[0])


def test_what_the_kernels_do_not_know_is_left_to_numpy(rng):
    windows = walk("t", (2, 3, 6, 6), (3, 3), (1, 1), ((0, 0), (0, 0)), (1, 1))
    x, weight, bias, _ = operands(rng, 2, 3, 5, 1, windows, "float32")
    left = []

    def fallback(*args, **options):
        left.append(args)
        return convolve.forward(*args, **options)

    mine = kernel(convolve, fallback)
    for arrays in [
        (x.astype("float16"), weight.astype("float16"), bias.astype("float16")),
        (x, weight.astype("float64"), bias),
        (x.astype(">f4"), weight, bias),
        (x[:0], weight, bias),
        (x, weight[:0], bias[:0]),
    ]:
        mine(np, *arrays, windows=windows, groups=1)

    assert len(left) == 5
    assert mine(np, x, weight, bias, windows=windows).shape == (2, 5, 4, 4)
    assert len(left) == 5


PLAIN = {"batch": 40, "groups": 1, "channels": 8, "outputs": 8}
PLAIN |= {"kernel": (3, 3), "stride": (1, 1)}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, []),
        ({"stride": (1, 2)}, []),
        ({"stride": (4, 4)}, []),
        ({"stride": (4, 5)}, ["input_gradient"]),
        ({"stride": (2, 2), "batch": 2}, ["input_gradient"]),
        ({"stride": (2, 2), "kernel": (2, 3)}, ["input_gradient"]),
        ({"stride": (1, 2), "channels": 7}, ["input_gradient"]),
        ({"channels": 3}, ["input_gradient"]),
        ({"outputs": 3}, ["convolve", "weight_gradient"]),
        ({"channels": 1, "outputs": 1, "groups": 8}, [*WAYS]),
        ({"outputs": 0}, [*WAYS]),
        ({"batch": 2**20}, [*WAYS]),
        ({"stride": (2**25, 1)}, [*WAYS]),
    ],
    ids=str,
)
def test_what_would_take_longer_than_on_numpy_is_left_to_it(change, left):
    sizes = {**PLAIN, **change}
    kernel_size, stride = sizes.pop("kernel"), sizes.pop("stride")
    windows = Windows((9, 9), kernel_size, stride, (0, 0), (1, 1), (3, 3))

    found = [way for way in WAYS if not PAYS(way, *sizes.values(), windows)]

    assert found == left


@pytest.mark.parametrize(
    "options", [{"padding": 1, "stride": 2**25}, {"dilation": 2**25}], ids=str
)
def test_sizes_that_no_kernel_takes_are_as_before(options):
    x, w = np.ones((1, 4, 4, 4), "f4"), np.ones((4, 4, 1, 1), "f4")

    assert F.conv2d(x, w, **options).dtype == np.float32


def test_weights_that_were_pickled_go_to_the_kernels_too(rng):
    windows = walk("t", (2, 4, 6, 6), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    x, weight, *_ = operands(rng, 2, 4, 5, 1, windows, "float32")
    again = pickle.loads(pickle.dumps(weight))

    found = kernel(convolve)(np, x, again, windows=windows)

    np.testing.assert_array_equal(
        found, kernel(convolve)(np, x, weight, windows=windows)
    )
