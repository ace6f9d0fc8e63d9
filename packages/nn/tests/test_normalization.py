"""Normalisation: running statistics, edges, and what is refused."""

import warnings

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.autograd._writes import noted
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional
from pebblegrad.nn.functional.normalization import (
    scale_and_shift,
    standardize,
    standardize_gradient,
)


@pytest.mark.parametrize("axis", [(-1,), (2,), (0,), (0, 2), (-2, -1)])
def test_the_fused_op_equals_its_plain_composition(axis, rng):
    x = rng.standard_normal((3, 4, 5))

    def plain(x):
        distance = x - x.mean(axis=axis, keepdims=True)
        return (
            distance
            / ((distance * distance).mean(axis=axis, keepdims=True) + 0.1).sqrt()
        )

    one, other = (Tensor(x, requires_grad=True) for _ in range(2))
    out, wanted = standardize(one, axis, 0.1), plain(other)
    v = rng.standard_normal(x.shape)
    out.backward(v)
    wanted.backward(v)

    np.testing.assert_allclose(out.data, wanted.data, rtol=1e-13)
    np.testing.assert_allclose(one.grad.data, other.grad.data, rtol=1e-11, atol=1e-13)
    check_gradients(lambda x: standardize(x, axis, 0.1), x, order=2)


def test_the_ops_of_norms_have_exact_rules_of_their_own(rng):
    x, y = rng.standard_normal((2, 3, 4))
    weight, bias = rng.standard_normal((2, 4))

    for axis in ((0,), (-1,)):
        check_gradients(
            lambda y, x, axis=axis: standardize_gradient(y, x, axis, 0.1), y, x, order=2
        )
    check_gradients(scale_and_shift, x, weight, bias, order=2)
    check_gradients(scale_and_shift, x, weight[:1], order=2)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: functional.batch_norm(x, None, None, training=True),
        lambda x: functional.layer_norm(x, 3),
        lambda x: functional.rms_norm(x, 3),
        lambda x: functional.group_norm(x, 1),
        lambda x: functional.instance_norm(x[None])[0],
        functional.normalize,
    ],
)
def test_what_is_equal_everywhere_gives_finite_values_and_gradients(function):
    x = Tensor(np.zeros((4, 3)), requires_grad=True)

    out = function(x)
    out.sum().backward(create_graph=True)
    first = x.grad
    (first * first).sum().backward()

    assert np.all(out.data == 0)
    assert np.all(np.isfinite(first.data))
    assert np.all(np.isfinite(x.grad.data))


def test_running_statistics_move_towards_those_of_each_batch(rng):
    layer = nn.BatchNorm1d(2, momentum=0.3).to("float64")
    mean, var = np.zeros(2), np.ones(2)

    for _ in range(3):
        x = rng.standard_normal((5, 2)) * 3 + 1
        layer(Tensor(x))
        mean = 0.7 * mean + 0.3 * x.mean(axis=0)
        var = 0.7 * var + 0.3 * x.var(axis=0, ddof=1)

    np.testing.assert_allclose(layer.running_mean.data, mean)
    np.testing.assert_allclose(layer.running_var.data, var)
    assert layer.num_batches_tracked.item() == 3
    assert not layer.running_mean.requires_grad


@pytest.mark.parametrize("given", ["mean", "variance"])
def test_one_running_statistic_may_be_given_by_itself(given, rng):
    x = rng.standard_normal((5, 2)).astype("float32")
    running = Tensor(np.zeros(2, "float32"))
    both = (running, None) if given == "mean" else (None, running)

    functional.batch_norm(Tensor(x), *both, training=True, momentum=1.0)

    wanted = x.mean(axis=0) if given == "mean" else x.var(axis=0, ddof=1)
    np.testing.assert_allclose(running.data, wanted, rtol=1e-5)
    assert running.dtype == "float32"


def test_a_batch_is_not_handed_out_for_running_statistics(rng):
    x = Tensor(rng.standard_normal((64, 32)), requires_grad=True) * 1
    nn.BatchNorm1d(32).to("float64")(x)

    assert id(x._array) not in noted  # else a digest of it is made, forward and back


def test_without_momentum_they_are_the_means_of_all_batches(rng):
    layer = nn.BatchNorm1d(2, momentum=None).to("float64")
    batches = [rng.standard_normal((5, 2)) for _ in range(4)]

    for x in batches:
        layer(x)

    np.testing.assert_allclose(
        layer.running_mean.data, np.mean([x.mean(axis=0) for x in batches], axis=0)
    )


def test_nothing_moves_in_evaluation_or_when_the_call_fails(rng):
    layer = nn.BatchNorm1d(2)
    before = layer.state_dict()

    layer.eval()(rng.standard_normal((5, 2)))
    layer.train()
    with pytest.raises(ValueError, match="BatchNorm1d: batch_norm: x has shape"):
        layer(np.ones((1, 2)))
    with pytest.raises(ValueError, match="C = 3 channels"):
        nn.BatchNorm1d(3)(np.ones((5, 2)))

    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_an_empty_batch_moves_nothing():
    layer = nn.BatchNorm2d(2)

    out = layer(np.zeros((0, 2, 3, 3), np.float32))

    assert out.shape == (0, 2, 3, 3)
    assert layer.running_mean.data.tolist() == [0, 0]


def test_a_batch_of_one_in_training_is_warned_about(rng):
    x = rng.standard_normal((1, 3, 4, 4))

    with pytest.warns(nn.LintWarning, match="BatchNorm2d: a batch of one in training"):
        nn.BatchNorm2d(3)(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.BatchNorm2d(3).eval()(x)


def test_statistics_that_move_between_forward_and_backward_do_no_harm(rng):
    layer = nn.BatchNorm1d(2, eps=0).eval()
    layer.running_var.data[...] = 4
    x = Tensor(rng.standard_normal((4, 2)).astype("float32"), requires_grad=True)
    out = layer(x)

    layer.train()(x)
    out.sum().backward()

    np.testing.assert_allclose(x.grad.data, 0.5)


def test_normalized_vectors_have_length_one(rng):
    x = rng.standard_normal((3, 4, 5))

    for p, dim in [(2, 1), (1, -1), (3, 0), (np.inf, 2)]:
        out = functional.normalize(x, p, dim)
        np.testing.assert_allclose(np.linalg.norm(out, p, axis=dim), 1)
    check_gradients(functional.normalize, x, order=2)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: functional.batch_norm(x, None, None, training=True),
        lambda x: functional.layer_norm(x, 64),
        lambda x: functional.rms_norm(x, 64),
        lambda x: functional.group_norm(x, 2),
        lambda x: functional.instance_norm(x[None])[0],
        functional.normalize,
    ],
)
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3, 6e4])
def test_float16_neither_overflows_nor_loses_what_is_small(function, size, rng):
    x = rng.uniform(-size, size, (8, 64)).astype(np.float16)
    v = rng.standard_normal((8, 64)).astype(np.float16)
    half, wide = (
        Tensor(x.astype(dtype), requires_grad=True) for dtype in ("float16", "float32")
    )

    out, wanted = function(half), function(wide)
    (out * v).sum().backward()
    (wanted * v).sum().backward()

    assert (out.dtype, half.grad.dtype) == ("float16", "float16")
    np.testing.assert_allclose(out.data, wanted.data, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(half.grad.data, wide.grad.data, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("offset", [1e2, 1e4])
def test_a_large_mean_costs_no_more_digits_than_the_input_has_lost(offset, rng):
    x = (rng.standard_normal((8, 64)) + offset).astype(np.float32)

    out = functional.layer_norm(x, 64)

    wanted = functional.layer_norm(x.astype(np.float64), 64)
    np.testing.assert_allclose(out, wanted, atol=offset * 1e-6)


MATRIX = np.zeros((4, 3), np.float32)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: nn.BatchNorm1d(0),
            ValueError,
            "BatchNorm1d: num_features is 0; a pos",
        ),
        (
            lambda: nn.BatchNorm1d(2, eps=-1),
            ValueError,
            "eps is -1; a number from 0 on",
        ),
        (lambda: nn.BatchNorm1d(2, momentum=2), ValueError, "momentum is 2; a number"),
        (
            lambda: nn.BatchNorm2d(3)(MATRIX),
            ValueError,
            r"BatchNorm2d: x has shape \(4, 3\); \(N, C, H, W\) is needed, with C = 3",
        ),
        (
            lambda: functional.batch_norm(MATRIX, None, None),
            ValueError,
            "there are no running statistics, and training is False; give both",
        ),
        (
            lambda: functional.batch_norm(MATRIX[:1], None, None, training=True),
            ValueError,
            r"x has shape \(1, 3\), one value in each channel; .* call eval\(\)",
        ),
        (
            lambda: functional.batch_norm(
                MATRIX, None, None, np.ones(4), training=True
            ),
            ValueError,
            r"x has shape \(4, 3\) and weight \(4,\); weight must have shape \(3,\)",
        ),
        (
            lambda: functional.batch_norm([1.0], None, None, training=True),
            TypeError,
            "batch_norm: x is a list; a Tensor or an array of floats is needed",
        ),
        (
            lambda: functional.layer_norm(MATRIX.astype(int), 3),
            TypeError,
            "layer_norm: x is of int64; a Tensor or an array of floats is needed",
        ),
        (
            lambda: functional.batch_norm(MATRIX[0], None, None, training=True),
            ValueError,
            r"x has shape \(3,\); \(N, C, ...\) is needed",
        ),
        (
            lambda: nn.LayerNorm(4)(MATRIX),
            ValueError,
            r"layer_norm: x has shape \(4, 3\), normalized_shape=\(4,\); its last axes",
        ),
        (lambda: nn.BatchNorm1d(1)([[1.0]]), TypeError, "BatchNorm1d: x is list; a Te"),
        (lambda: nn.GroupNorm(1, 1)([[1.0]]), TypeError, "GroupNorm: x is list; a Ten"),
        (
            lambda: nn.InstanceNorm1d(2)(MATRIX),
            ValueError,
            r"x has shape \(4, 3\); \(N, C, L\) or \(C, L\) is needed, with C = 2 ch",
        ),
        (
            lambda: functional.normalize(MATRIX.astype(int)),
            TypeError,
            "normalize: x is of int64; a Tensor or an array of floats is needed",
        ),
        (lambda: nn.LayerNorm(()), ValueError, "at least one size is needed"),
        (
            lambda: functional.layer_norm(MATRIX, 3, np.ones(2)),
            ValueError,
            r"normalized_shape is \(3,\), and weight or bias has shape \(2,\)",
        ),
        (
            lambda: nn.GroupNorm(2, 3),
            ValueError,
            "num_groups is 2 and num_channels is 3; the channels must part",
        ),
        (
            lambda: nn.GroupNorm(3, 3)(np.zeros((2, 4))),
            ValueError,
            r"x has shape \(2, 4\); \(N, C, ...\) is needed, with C = 3 channels",
        ),
        (
            lambda: functional.group_norm(MATRIX, 2),
            ValueError,
            "the 3 channels do not part into 2 groups of one size",
        ),
        (
            lambda: nn.InstanceNorm1d(3)(np.zeros((2, 3, 1))),
            ValueError,
            r"x has shape \(2, 3, 1\), one value in each channel of a sample",
        ),
        (
            lambda: functional.instance_norm(MATRIX),
            ValueError,
            r"instance_norm: x has shape \(4, 3\); \(N, C, L\) or \(N, C, H, W\)",
        ),
    ],
)
def test_a_wrong_call_is_told_what_to_change(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_product_of_vectors_sums_up_the_last_axis_as_exactly_as_a_mean(dtype, rng):
    x = (rng.standard_normal((4, 3000)) + 100).astype(dtype)

    found = standardize(x, (-1,), 1e-5)

    wide = x.astype("float64")
    distance = wide - wide.mean(axis=-1, keepdims=True)
    wanted = distance / np.sqrt((distance**2).mean(axis=-1, keepdims=True) + 1e-5)
    assert found.dtype == dtype
    # 100 is known to 8e-6 in float32, and so is the mean of such numbers.
    tolerance = 3e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(found, wanted, atol=tolerance)


def test_group_norm_keeps_how_the_images_of_a_convolution_lie(rng):
    images = rng.standard_normal((4, 5, 5, 3)).transpose(3, 0, 1, 2)  # batch last

    out = functional.group_norm(images, 2)

    np.testing.assert_allclose(out, functional.group_norm(images.copy("C"), 2))
    assert out.strides == images.strides
