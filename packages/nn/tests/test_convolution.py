"""Convolutions: the three ops, the matrices, edges, and what is refused."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, default_dtype
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional
from pebblegrad.nn.functional import conv1d, conv2d, conv_transpose2d, im2col
from pebblegrad.nn.functional._convolve import (
    convolve,
    input_gradient,
    weight_gradient,
)
from pebblegrad.nn.functional._windows import walk
from pebblegrad.nn.functional.pooling import max_pool

from .cases.convolution import convolved, transposed

EXAMPLES = [
    {},
    {"stride": 2, "padding": 1},
    {"dilation": 2, "groups": 2},
    {"stride": 2, "padding": 3, "dilation": 2, "groups": 4},
]
each_example = pytest.mark.parametrize("arguments", EXAMPLES, ids=str)


def operands(rng, groups=1, batch=2):
    """Images of 4 channels, weights for as many, and a bias."""
    shapes = [(batch, 4, 6, 5), (4, 4 // groups, 2, 3), (4,)]
    return [rng.standard_normal(shape) for shape in shapes]


@each_example
def test_conv2d_follows_the_formula(arguments, rng):
    arrays = operands(rng, arguments.get("groups", 1))

    found = conv2d(*arrays, **arguments)

    np.testing.assert_allclose(found, convolved(*arrays, **arguments), rtol=1e-12)


@each_example
def test_gradients_of_conv2d_to_the_third_order(arguments, rng):
    arrays = operands(rng, arguments.get("groups", 1))

    check_gradients(lambda *a: conv2d(*a, **arguments), *arrays, order=2)
    check_gradients(
        lambda x, w: conv2d(x, w, **arguments).tanh(), *arrays[:2], order=3, rtol=1e-4
    )


@each_example
def test_gradients_of_conv_transpose2d(arguments, rng):
    x, weight, _ = operands(rng)
    bias = rng.standard_normal(4 * arguments.get("groups", 1))

    check_gradients(
        lambda *a: conv_transpose2d(*a, **arguments), x, weight, bias, order=2
    )


@each_example
def test_the_three_ops_are_adjoint(arguments, rng):
    # <y, convolve(x, w)> = <input_gradient(y, w), x> = <weight_gradient(y, x), w>
    groups = arguments.get("groups", 1)
    x, weight, _ = operands(rng, groups)
    stride, padding, dilation = (
        (arguments.get(name, default),) * 2
        for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))
    )
    pairs = [(width, width) for width in padding]
    windows = walk("test", x.shape, (2, 3), stride, pairs, dilation)

    out = convolve(x, weight, None, windows, groups)
    y = rng.standard_normal(out.shape)

    expected = np.vdot(y, out)
    assert np.vdot(input_gradient(y, weight, windows, groups), x) == pytest.approx(
        expected
    )
    assert np.vdot(weight_gradient(y, x, windows, groups), weight) == pytest.approx(
        expected
    )


def test_a_batch_of_many_blocks_is_as_its_images_one_by_one(rng):
    x, weight = rng.standard_normal((50, 3, 40, 40)), rng.standard_normal((2, 3, 5, 5))
    tensor = Tensor(x, requires_grad=True)

    out = conv2d(tensor, weight, padding=2)  # blocks of a row of all 50 images
    out.backward(np.ones(out.shape))

    single = Tensor(x[37], requires_grad=True)
    one = conv2d(single, weight, padding=2)
    one.backward(np.ones(one.shape))
    np.testing.assert_allclose(out.data[37], one.data, rtol=1e-12)
    np.testing.assert_allclose(tensor.grad.data[37], single.grad.data, rtol=1e-12)


@pytest.mark.parametrize(
    ("shape", "kernel", "options"),
    [
        ((130, 1, 9, 9), (3, 2), {"stride": 2}),  # three blocks of images
        (
            (3, 40, 30, 60),
            (3, 3),
            {"padding": 1},
        ),  # rows in blocks, the last is smaller
        ((2, 200, 3, 600), (3, 3), {}),  # one image at a time
        ((70, 6, 8, 8), (3, 3), {"groups": 6, "padding": 2, "dilation": 2}),
        ((5, 4, 7, 9), (2, 2), {"stride": 3, "groups": 2}),  # rows that no window sees
    ],
)
def test_blocks_of_any_kind_give_the_product_with_all_columns(
    shape, kernel, options, rng
):
    groups = options.get("groups", 1)
    x = Tensor(rng.standard_normal(shape), requires_grad=True)
    weight = rng.standard_normal((2 * groups, shape[1] // groups, *kernel))
    weight = Tensor(weight, requires_grad=True)
    bias = Tensor(rng.standard_normal(2 * groups), requires_grad=True)
    operands = x, weight, bias

    found = conv2d(*operands, **options)
    g = rng.standard_normal(found.shape)
    found.backward(g)
    gradients = [tensor.grad.data.copy() for tensor in operands]
    for tensor in operands:
        tensor.grad = None
    moves = {name: value for name, value in options.items() if name != "groups"}
    seen = im2col(x, kernel, **moves)
    seen = seen.reshape((shape[0], groups, -1, seen.shape[-1]))
    wanted = weight.reshape((groups, 2, -1)) @ seen
    wanted = wanted.reshape(found.shape) + bias.reshape((-1, 1, 1))
    wanted.backward(g)

    np.testing.assert_allclose(found.data, wanted.data, rtol=1e-9, atol=1e-9)
    for gradient, tensor in zip(gradients, operands, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.data, rtol=1e-9, atol=1e-9)


def test_with_one_output_in_each_group_the_gradient_is_the_same(rng):
    x = Tensor(rng.standard_normal((3, 4, 5, 5)), requires_grad=True)
    weight = rng.standard_normal((4, 1, 3, 3))

    conv2d(x, weight, groups=4).sum().backward()

    for channel in range(4):
        alone = Tensor(x.data[:, channel : channel + 1], requires_grad=True)
        conv2d(alone, weight[channel : channel + 1]).sum().backward()
        np.testing.assert_allclose(x.grad.data[:, channel], alone.grad.data[:, 0])


def test_results_and_what_is_made_of_them_have_the_batch_last_in_memory(rng):
    # Not by the ops: compiled kernels, if there are any, lay images otherwise.
    x, weight, bias = operands(rng)
    windows = walk("test", x.shape, weight.shape[2:], (1, 1), ((0, 0), (0, 0)), (1, 1))
    halves = walk("test", windows.positions, (2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1))

    out = convolve.forward(np, x, weight, bias, windows=windows)
    pooled = max_pool.forward(np, functional.relu(out), windows=halves)

    for array in (out, pooled):
        assert array.transpose(1, 2, 3, 0).flags.c_contiguous


def test_the_graph_keeps_no_columns(rng):
    x = Tensor(rng.standard_normal((8, 4, 20, 20)), requires_grad=True)
    weight = Tensor(rng.standard_normal((4, 4, 5, 5)), requires_grad=True)

    node = conv2d(x, weight).node

    kept = [value for value in node.values if isinstance(value, np.ndarray)]
    assert {array.shape for array in kept} <= {x.shape, weight.shape}


def test_plain_arrays_give_plain_arrays(rng):
    x, weight, bias = operands(rng)

    for out in (conv2d(x, weight, bias), im2col(x, 2), functional.im2patches(x, 2)):
        assert type(out) is np.ndarray


def test_operands_are_not_changed_and_may_be_views(rng):
    x, weight, bias = operands(rng)
    turned = np.ascontiguousarray(x.T).T[:, :, ::-1]
    before = turned.copy()
    turned.flags.writeable = False

    found = conv2d(turned, weight, bias, padding=1)

    np.testing.assert_array_equal(turned, before)
    np.testing.assert_allclose(found, conv2d(before, weight, bias, padding=1))


def test_same_padding_keeps_the_size_for_any_window(rng):
    x = rng.standard_normal((1, 1, 7, 8))
    for height, width, dilation in [(1, 1, 1), (2, 3, 1), (4, 5, 2), (9, 2, 1)]:
        weight = rng.standard_normal((1, 1, height, width))

        out = conv2d(x, weight, padding="same", dilation=dilation)

        assert out.shape == x.shape


def test_conv1d_is_conv2d_of_one_row(rng):
    x, weight = rng.standard_normal((2, 4, 9)), rng.standard_normal((6, 2, 3))

    found = conv1d(x, weight, stride=2, padding=1, groups=2)

    images = conv2d(x[:, :, None], weight[:, :, None], None, (1, 2), (0, 1), 1, 2)
    np.testing.assert_array_equal(found, images[:, :, 0])


def test_a_transposed_convolution_gives_back_the_size_that_was_convolved(rng):
    for size in (7, 8):
        x = rng.standard_normal((1, 2, size, size))
        weight = rng.standard_normal((3, 2, 3, 3))

        small = conv2d(x, weight, stride=2, padding=1)
        large = conv_transpose2d(
            small, weight, stride=2, padding=1, output_padding=(size + 1) % 2
        )

        assert large.shape == x.shape


def test_conv_transpose2d_follows_the_formula(rng):
    x, weight = rng.standard_normal((2, 4, 3, 2)), rng.standard_normal((4, 1, 3, 2))

    found = conv_transpose2d(x, weight, None, 2, 1, 1, 2, 2)

    expected = transposed(x, weight, 0.0, 2, 1, 1, 2, 2)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_convolution_is_the_weights_times_the_columns(rng):
    x, weight, _ = operands(rng)

    columns = im2col(x, (2, 3), stride=2, padding=1)

    expected = conv2d(x, weight, stride=2, padding=1)
    product = weight.reshape(4, -1) @ columns
    np.testing.assert_allclose(product.reshape(expected.shape), expected, rtol=1e-12)


def test_patches_are_parts_of_the_image(rng):
    x = rng.standard_normal((2, 3, 6, 7))

    patches = functional.im2patches(x, (2, 3), stride=(1, 2))

    assert patches.shape == (2, 5, 3, 3, 2, 3)
    np.testing.assert_array_equal(patches[1, 4, 2], x[1, :, 4:6, 4:7])
    np.testing.assert_array_equal(
        functional.im2patches(x[0], (2, 3), stride=(1, 2)), patches[0]
    )


def test_columns_added_back_are_counted_as_often_as_they_are_seen(rng):
    x = rng.standard_normal((2, 3, 4, 4))
    seen = np.array([[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]])

    back = functional.col2im(im2col(x, 2), 4, 2)

    np.testing.assert_allclose(back, x * seen, rtol=1e-12)
    check_gradients(lambda x: im2col(x, 2, 2, 1), x, order=2)
    check_gradients(lambda x: functional.fold(x, 4, 2), im2col(x, 2), order=2)
    check_gradients(lambda x: functional.im2patches(x, 3), x, order=2)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [1, (2, 0), "same", "valid"])
def test_padding_with_the_images_own_elements(mode, padding, rng):
    with default_dtype("float64"):
        layer = nn.Conv2d(1, 1, (3, 4), padding=padding, padding_mode=mode, rng=0)
    x = rng.standard_normal((1, 1, 5, 6))
    widths = {1: [(1, 1)] * 2, (2, 0): [(2, 2), (0, 0)], "valid": [(0, 0)] * 2}
    pairs = widths.get(padding, [(1, 1), (1, 2)])
    name = {"replicate": "edge", "circular": "wrap"}.get(mode, mode)

    found = layer(Tensor(x))

    padded = np.pad(x, [(0, 0), (0, 0), *pairs], mode=name)
    expected = convolved(padded, layer.weight.data, layer.bias.data)
    np.testing.assert_allclose(found.data, expected, rtol=1e-12)


def test_float16_is_summed_as_precisely_as_it_can_be_kept(rng):
    x, weight, bias = (a.astype("float16") for a in operands(rng))

    found = conv2d(x, weight, bias, padding=1)

    exact = convolved(*(a.astype("float64") for a in (x, weight, bias)), padding=1)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, exact, rtol=5e-3, atol=2e-2)


def test_images_of_bytes_may_be_convolved(rng):
    x = rng.integers(0, 256, (1, 1, 5, 5)).astype("uint8")
    weight = rng.standard_normal((1, 1, 3, 3)).astype("float32")

    found = conv2d(x, weight)

    assert found.dtype == np.float32
    np.testing.assert_allclose(found, convolved(x, weight), rtol=1e-4)


def test_nan_stays_in_the_windows_that_see_it(rng):
    x, weight, _ = operands(rng)
    x[0, 1, 0, 0] = np.nan

    found = conv2d(x, weight)

    assert np.isnan(found[0, :, 0, 0]).all()
    assert np.isnan(found).sum() == 4


@pytest.mark.parametrize(
    ("layer", "bound"),
    [
        (nn.Conv2d(4, 50, (3, 5), groups=2, rng=0), 1 / np.sqrt(2 * 15)),
        (nn.Conv1d(4, 200, 3, rng=0), 1 / np.sqrt(12)),
        (nn.ConvTranspose2d(50, 20, 3, rng=0), 1 / np.sqrt(20 * 9)),
    ],
    ids=str,
)
def test_initial_values_are_uniform_within_a_bound_that_the_inputs_give(layer, bound):
    for parameter in layer.parameters():
        values = parameter.data.ravel()
        assert abs(values).max() <= bound
        assert abs(values).max() > 0.8 * bound
        assert values.std() == pytest.approx(bound / np.sqrt(3), rel=0.25)


def test_a_seed_gives_the_same_layer_again():
    one, two = nn.Conv2d(2, 3, 3, rng=7), nn.Conv2d(2, 3, 3, rng=7)

    np.testing.assert_array_equal(one.weight.data, two.weight.data)
    assert not np.array_equal(one.weight.data[0], one.weight.data[1])


def test_the_summary_counts_multiplications():
    layer = nn.Conv2d(2, 4, 3, padding=1)
    upwards = nn.ConvTranspose2d(2, 4, 3, stride=2)

    x = Tensor(np.zeros((5, 2, 6, 7), np.float32))
    assert layer.multiply_adds((x,), layer(x)) == 5 * 6 * 7 * 4 * 2 * 9
    assert upwards.multiply_adds((x,), upwards(x)) == 5 * 6 * 7 * 4 * 2 * 9
    assert layer.multiply_adds((x[0],), layer(x[0])) == 6 * 7 * 4 * 2 * 9


IMAGE, WEIGHT = np.zeros((2, 3, 8, 8)), np.zeros((4, 3, 3, 3))
WRONG = [
    (lambda: conv2d(np.zeros((8, 8)), WEIGHT), r"x has shape \(8, 8\); .*reshape\(1"),
    (lambda: conv2d(np.zeros((2, 8, 8, 3)), WEIGHT), r"moveaxis\(x, -1, 1\)"),
    (
        lambda: conv2d(np.zeros((64, 28, 28)), np.zeros((4, 1, 3, 3))),
        r"channels \(64\), must be 1; .*x.reshape\(64, 1, 28, 28\)",
    ),
    (lambda: conv2d(IMAGE, np.zeros((4, 2, 3, 3))), r"channels \(3\), must be 2"),
    (
        lambda: conv2d(IMAGE, np.zeros((4, 3))),
        r"weight has shape \(4, 3\); \(D, C / groups, kh, kw\) is needed",
    ),
    (lambda: conv2d(IMAGE, WEIGHT, groups=3), "must be a multiple of groups"),
    (lambda: conv2d(IMAGE, WEIGHT, groups=0), "groups is 0; a positive integer"),
    (
        lambda: conv2d(IMAGE, WEIGHT, np.zeros(3)),
        r"bias has shape \(3,\); \(4,\) is needed",
    ),
    (lambda: conv2d(IMAGE, WEIGHT, stride=0), "stride is 0; a positive integer"),
    (lambda: conv2d(IMAGE, WEIGHT, stride=(1, 1, 1)), "an int or 2 of them"),
    (lambda: conv2d(IMAGE, WEIGHT, padding=-1), "padding is -1; an integer from 0"),
    (lambda: conv2d(IMAGE, WEIGHT, padding="full"), 'give ints, "same" or "valid"'),
    (lambda: conv2d(IMAGE, WEIGHT, stride=2, padding="same"), "with a stride"),
    (
        lambda: conv2d(IMAGE, WEIGHT, dilation=4),
        r"window of \(3, 3\) with dilation \(4, 4\) does not fit into \(8, 8\);",
    ),
    (
        lambda: conv2d(np.zeros((1, 3, 1, 8)), WEIGHT, padding=(0, 1)),
        r"does not fit into \(1, 8\), with its padding \(1, 10\)",
    ),
    (lambda: conv1d(IMAGE, WEIGHT), r"\(N, C, L\), or \(C, L\) for one signal"),
    (
        lambda: conv_transpose2d(IMAGE, np.zeros((3, 4, 3, 3)), output_padding=1),
        "must be smaller than one of the two",
    ),
    (
        lambda: conv_transpose2d(IMAGE, np.zeros((3, 4, 3, 3)), padding=5),
        r"the output would have size \(0, 0\); take less padding",
    ),
    (
        lambda: conv_transpose2d(IMAGE, np.zeros((3, 4, 3, 3)), padding="same"),
        "padding is 'same'; give ints",
    ),
    (
        lambda: functional.fold(np.zeros((1, 8, 5)), 3, 2),
        r"\(N, C \* 4, 4\) is needed, .* has 4 positions in \(3, 3\)",
    ),
    (lambda: im2col(IMAGE, 9), r"a window of \(9, 9\) does not fit"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), "both must be multiples"),
    (lambda: nn.Conv2d(3, 0, 3), "out_channels is 0; a positive integer"),
    (lambda: nn.Conv2d(3, 4, "3"), "kernel_size is '3'; a positive integer"),
    (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), 'give one of "zeros"'),
    (lambda: nn.Conv2d(3, 4, 3, padding="sam"), 'give one of "same", "valid"'),
    (lambda: nn.Conv2d(3, 4, 3, stride=2, padding="same"), "give the padding in ints"),
    (lambda: nn.Conv2d(3, 4, 3, activation="swish2"), "is not known"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, padding="same"), "padding is 'same'"),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_calls_are_told_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: conv2d([[1.0]], WEIGHT), "x is list"),
        (lambda: conv2d(IMAGE, 3.0), "weight is float"),
        (lambda: conv2d(IMAGE, WEIGHT, 1.0), "bias is float"),
        (lambda: functional.fold("x", 3, 2), "x is str"),
    ],
)
def test_what_is_no_array_is_refused(call, name):
    with pytest.raises(TypeError, match=f"{name}; a Tensor or an array is needed"):
        call()


def test_an_error_in_a_model_says_in_which_layer():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(3, 4, 3))

    with pytest.raises(ValueError, match=r"\(Conv2d\): conv2d: x has shape"):
        model(Tensor(np.zeros((1, 1, 8, 8), np.float32)))
