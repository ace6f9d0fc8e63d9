"""Every loss by one table: value, gradients, options, modules, edges and mistakes."""

import itertools
import math

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional as F

RNG = np.random.default_rng(7)
NORMAL = RNG.standard_normal
PROBABLE = RNG.uniform(0.1, 0.9, (4, 3))
SIGNS = np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]] * 2)
INDEX = np.array([2, 0, 1, 1])
WEIGHT = np.array([0.5, 2.0, 1.25])


# What each computes of every element or sample, in NumPy


def log_softmax(x):
    return x - np.log(np.sum(np.exp(x), axis=1, keepdims=True))


def huber(x, y, delta=1.0):
    distance = np.abs(x - y)
    return np.where(distance <= delta, distance**2 / 2, delta * (distance - delta / 2))


def smooth_l1(x, y, beta=1.0):
    distance = np.abs(x - y)
    if beta == 0:
        return distance
    return np.where(distance < beta, distance**2 / (2 * beta), distance - beta / 2)


def gaussian(x, y, var, full=False, eps=1e-6):
    var = np.maximum(var, eps)
    exponent = (x - y) ** 2 / (2 * var)
    return exponent + np.log(var) / 2 + (np.log(2 * np.pi) / 2 if full else 0)


def poisson(x, y, log_input=True, full=False, eps=1e-8):
    rate = np.exp(x) if log_input else x
    losses = rate - y * (x if log_input else np.log(x + eps))
    stirling = y * np.log(y) - y + np.log(2 * np.pi * y) / 2
    return losses + np.where(y > 1, stirling, 0) if full else losses


def bernoulli(p, y, weight=1.0):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)) * weight


def bernoulli_of_logits(x, y, weight=1.0, pos_weight=1.0):
    p = 1 / (1 + np.exp(-x))
    return -(pos_weight * y * np.log(p) + (1 - y) * np.log(1 - p)) * weight


def hinge(x, y):
    return np.maximum(0, 1 - y * x)


def smoothed(x, target, weight=None, label_smoothing=0.0):
    target = (1 - label_smoothing) * target + label_smoothing / x.shape[1]
    weight = np.ones(x.shape[1]) if weight is None else weight
    return -np.sum(target * weight * log_softmax(x), axis=1)


def of_indices(x, index, weight=None, ignore_index=-100, label_smoothing=0.0):
    counts = index != ignore_index
    one_hot = np.eye(x.shape[1])[np.where(counts, index, 0)]
    return counts * smoothed(x, one_hot, weight, label_smoothing)


def picked(x, index, weight=None, ignore_index=-100):
    counts = index != ignore_index
    right = np.where(counts, index, 0)
    weight = np.ones(x.shape[1]) if weight is None else weight
    return -np.where(counts, weight[right] * x[np.arange(len(x)), right], 0)


def divergence(x, y, log_target=False):
    return np.exp(y) * (y - x) if log_target else y * (np.log(y) - x)


def multi_margin(x, index, p=1, margin=1.0, weight=None):
    losses = np.zeros(len(x))
    for i, right in enumerate(index):
        for other in range(x.shape[1]):
            if other != right:
                short = max(0, margin - x[i, right] + x[i, other]) ** p
                losses[i] += (
                    short / x.shape[1] * (1 if weight is None else weight[right])
                )
    return losses


def cosine_embedding(a, b, y, margin=0.0):
    cosine = np.sum(a * b, 1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return np.where(y == 1, 1 - cosine, np.maximum(0, cosine - margin))


def hinge_embedding(x, y, margin=1.0):
    return np.where(y == 1, x, np.maximum(0, margin - x))


def ranking(a, b, y, margin=0.0):
    return np.maximum(0, margin - y * (a - b))


def triplet(a, b, c, margin=1.0, p=2.0, eps=1e-6, swap=False):
    def distance(a, b):
        return np.sum(np.abs(a - b + eps) ** p, axis=1) ** (1 / p)

    far = np.minimum(distance(a, c), distance(b, c)) if swap else distance(a, c)
    return np.maximum(0, distance(a, b) - far + margin)


TWO = [NORMAL((4, 3)) * 2, NORMAL((4, 3))]
SCORES = [NORMAL((4, 3))]
IGNORING = np.array([2, -100, 1, -100])
THREE = [*NORMAL((2, 4, 3)), RNG.uniform(0.5, 2, (4, 3))]
COUNTS = [np.array([[0.0, 1, 2], [3, 4, 5]] * 2) + 0.01]
RATES = [RNG.uniform(0.5, 3, (4, 3))]
PAIR = list(NORMAL((2, 4, 3)))
TRIPLET = list(NORMAL((3, 4, 3)))

# Name, module, formula, options, arrays with gradients, arrays without.
ROWS = [
    ("mse_loss", "MSELoss", lambda x, y: (x - y) ** 2, {}, TWO, []),
    ("l1_loss", "L1Loss", lambda x, y: abs(x - y), {}, TWO, []),
    *[
        ("huber_loss", "HuberLoss", huber, options, TWO, [])
        for options in ({}, {"delta": 0.3}, {"delta": 2.5})
    ],
    *[
        ("smooth_l1_loss", "SmoothL1Loss", smooth_l1, options, TWO, [])
        for options in ({}, {"beta": 0.3}, {"beta": 2.5}, {"beta": 0})
    ],
    *[
        ("gaussian_nll_loss", "GaussianNLLLoss", gaussian, options, THREE, [])
        for options in ({}, {"full": True}, {"eps": 0.01})
    ],
    *[
        ("poisson_nll_loss", "PoissonNLLLoss", poisson, options, arrays, COUNTS)
        for options, arrays in (
            ({}, SCORES),
            ({"full": True}, SCORES),
            ({"log_input": False}, RATES),
            ({"log_input": False, "full": True, "eps": 0.1}, RATES),
        )
    ],
    *[
        ("binary_cross_entropy", "BCELoss", bernoulli, options, [PROBABLE], [SIGNS > 0])
        for options in (
            {},
            {"weight": WEIGHT},
            {"weight": WEIGHT[:, None][[0, 1, 2, 0]]},
        )
    ],
    *[
        (
            "binary_cross_entropy_with_logits",
            "BCEWithLogitsLoss",
            bernoulli_of_logits,
            options,
            [*SCORES, PROBABLE],
            [],
        )
        for options in (
            {},
            {"weight": WEIGHT},
            {"pos_weight": WEIGHT},
            {"weight": WEIGHT, "pos_weight": WEIGHT[::-1]},
        )
    ],
    ("hinge_loss", "HingeLoss", hinge, {}, SCORES, [SIGNS]),
    *[
        ("cross_entropy", "CrossEntropyLoss", of_indices, options, SCORES, [index])
        for options, index in (
            ({}, INDEX),
            ({"weight": WEIGHT}, INDEX),
            ({"label_smoothing": 0.3}, INDEX),
            ({"weight": WEIGHT, "label_smoothing": 0.3}, IGNORING),
            ({"ignore_index": 1}, INDEX),
            ({"weight": WEIGHT}, IGNORING),
        )
    ],
    *[
        (
            "cross_entropy",
            "CrossEntropyLoss",
            smoothed,
            options,
            [*SCORES, PROBABLE],
            [],
        )
        for options in ({}, {"weight": WEIGHT}, {"label_smoothing": 0.3})
    ],
    *[
        ("nll_loss", "NLLLoss", picked, options, SCORES, [index])
        for options, index in (
            ({}, INDEX),
            ({"weight": WEIGHT}, INDEX),
            ({"ignore_index": 2}, INDEX),
            ({"weight": WEIGHT}, IGNORING),
        )
    ],
    ("kl_div", "KLDivLoss", divergence, {}, [*SCORES, PROBABLE], []),
    ("kl_div", "KLDivLoss", divergence, {"log_target": True}, PAIR, []),
    *[
        ("multi_margin_loss", "MultiMarginLoss", multi_margin, options, SCORES, [INDEX])
        for options in ({}, {"p": 2}, {"margin": 0.3}, {"p": 2, "weight": WEIGHT})
    ],
    *[
        (
            "cosine_embedding_loss",
            "CosineEmbeddingLoss",
            cosine_embedding,
            options,
            PAIR,
            [SIGNS[:, 0]],
        )
        for options in ({}, {"margin": 0.2}, {"margin": -0.9})
    ],
    *[
        (
            "hinge_embedding_loss",
            "HingeEmbeddingLoss",
            hinge_embedding,
            options,
            SCORES,
            [SIGNS],
        )
        for options in ({}, {"margin": 0.2})
    ],
    *[
        ("margin_ranking_loss", "MarginRankingLoss", ranking, options, PAIR, [SIGNS])
        for options in ({}, {"margin": 0.7})
    ],
    *[
        ("triplet_margin_loss", "TripletMarginLoss", triplet, options, TRIPLET, [])
        for options in (
            {},
            {"margin": 4.0},
            {"margin": 4.0, "swap": True},
            {"margin": 4.0, "p": 3.0, "eps": 0.01},
        )
    ],
]
each_row = pytest.mark.parametrize(
    ("name", "module", "formula", "options", "arrays", "fixed"),
    ROWS,
    ids=[f"{row[0]}-{i}" for i, row in enumerate(ROWS)],
)
# One row of each loss, with its default options.
FIRST = {row[0]: row for row in reversed(ROWS) if not row[3]}
each_loss = pytest.mark.parametrize("name", sorted(FIRST))


def divisor(name, options, fixed, losses):
    """What PyTorch divides the sum by, for the mean."""
    index = fixed[0] if fixed and fixed[0].dtype.kind == "i" else None
    if name not in ("cross_entropy", "nll_loss") or index is None:
        return losses.size
    counts = index != options.get("ignore_index", -100)
    weight = options.get("weight", np.ones(3))
    return np.sum(weight[np.where(counts, index, 0)] * counts)


def test_every_loss_has_a_row():
    assert {row[0] for row in ROWS} | {"ctc_loss"} == set(F.losses.__all__)
    assert {row[1] for row in ROWS} | {"CTCLoss"} == {
        name for name in nn.__all__ if name.endswith("Loss")
    }


@each_row
def test_the_value_is_that_of_the_formula(
    name, module, formula, options, arrays, fixed
):
    losses = formula(*arrays, *fixed, **options)
    function = getattr(F, name)
    xs = [Tensor(a) for a in arrays]

    found = [
        function(*xs, *fixed, **options, reduction=reduction).data
        for reduction in ("none", "sum", "mean")
    ]

    mean = losses.sum() / divisor(name, options, fixed, losses)
    for one, other in zip(found, (losses, losses.sum(), mean), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
        assert one.shape == np.shape(other)
    np.testing.assert_array_equal(function(*xs, *fixed, **options).data, found[2])


@each_row
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_gradients_are_right_to_second_order(
    name, module, formula, options, arrays, fixed, reduction
):
    check_gradients(
        lambda *xs: getattr(F, name)(*xs, *fixed, **options, reduction=reduction),
        *arrays,
        order=2,
    )


@each_row
def test_the_module_does_what_the_function_does_and_shows_its_options(
    name, module, formula, options, arrays, fixed
):
    layer = getattr(nn, module)(**options, reduction="sum")

    found = layer(*arrays, *fixed)

    expected = getattr(F, name)(*arrays, *fixed, **options, reduction="sum")
    np.testing.assert_allclose(found.data, expected.data, rtol=1e-12)
    assert repr(layer).startswith(f"{module}(") and "reduction='sum'" in repr(layer)
    for option, value in options.items():
        shown = value.tolist() if isinstance(value, np.ndarray) else value
        assert f"{option}={shown!r}" in repr(layer)
    arrays_given = [o for o, value in options.items() if isinstance(value, np.ndarray)]
    assert list(layer.state_dict()) == arrays_given  # they are saved, as in PyTorch
    assert layer.parameters() == []


@each_loss
def test_the_module_without_options_shows_none(name):
    module = FIRST[name][1]

    assert repr(getattr(nn, module)()) == f"{module}()"


@each_loss
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_dtype_of_the_prediction_is_kept(name, dtype):
    _, _, _, options, arrays, fixed = FIRST[name]
    xs = [Tensor(a.astype(dtype), requires_grad=True) for a in arrays]

    for reduction in ("none", "sum", "mean"):
        loss = getattr(F, name)(*xs, *fixed, **options, reduction=reduction)
        loss.sum().backward()

        assert loss.dtype == dtype
    assert [x.grad.dtype for x in xs] == [dtype] * len(xs)


@each_loss
def test_arrays_that_are_not_contiguous_or_not_writable_may_be_given(name):
    _, _, _, _, arrays, fixed = FIRST[name]
    function = getattr(F, name)
    expected = function(*[Tensor(a) for a in arrays], *fixed).item()
    strided = [np.repeat(a, 2, axis=-1)[..., ::2] for a in (*arrays, *fixed)]
    for array in strided:
        array.flags.writeable = False

    found = function(
        *[Tensor(a) for a in strided[: len(arrays)]], *strided[len(arrays) :]
    )

    np.testing.assert_allclose(found.item(), expected, rtol=1e-12)


@each_loss
def test_a_batch_of_nothing_has_the_sum_zero(name):
    _, _, _, _, arrays, fixed = FIRST[name]
    xs = [Tensor(a[:0], requires_grad=True) for a in arrays]
    given = [*xs, *[a[:0] for a in fixed]]

    assert getattr(F, name)(*given, reduction="none").shape[0] == 0
    loss = getattr(F, name)(*given, reduction="sum")
    loss.backward()

    assert loss.item() == 0
    assert all(x.grad.shape == x.shape for x in xs)


# NaN is no probability, and refused: see `test_losses.py`.
@pytest.mark.parametrize("name", sorted(FIRST.keys() - {"binary_cross_entropy"}))
def test_nan_passes_through(name):
    _, _, _, _, arrays, fixed = FIRST[name]
    first, *rest = arrays
    first = first.copy()
    first[1, 1] = np.nan

    losses = getattr(F, name)(Tensor(first), *rest, *fixed, reduction="none").data

    where = (1, 1) if losses.ndim == 2 else 1
    if name == "nll_loss":  # it looks at the right class only: the first, of sample 1
        assert np.isfinite(losses).all()
    else:
        assert np.isnan(losses[where])
        assert np.isnan(losses).sum() == 1


@each_loss
def test_integers_are_no_prediction(name):
    _, _, _, _, arrays, fixed = FIRST[name]
    whole = [np.ones(a.shape, int) for a in arrays[:1]]

    with pytest.raises(TypeError, match=rf"^{name}: .* is int64; floats are needed$"):
        getattr(F, name)(*whole, *arrays[1:], *fixed)


@each_loss
def test_a_reduction_that_is_not_known_is_refused_by_function_and_module(name):
    _, module, _, _, arrays, fixed = FIRST[name]
    message = 'reduction is \'average\'; give one of "mean", "sum", "none"'

    with pytest.raises(ValueError, match=f"^{name}: {message}"):
        getattr(F, name)(*arrays, *fixed, reduction="average")
    with pytest.raises(ValueError, match=f"^{module}: {message}"):
        getattr(nn, module)(reduction="average")


@each_loss
def test_shapes_that_differ_are_refused_and_never_broadcast(name):
    _, _, _, _, arrays, fixed = FIRST[name]
    given = [*arrays, *fixed]
    given[1] = given[1][:1]

    with pytest.raises(ValueError, match=rf"^{name}: .*\(4,.*\(1,"):
        getattr(F, name)(*[Tensor(a) for a in given])


# Regression


@pytest.mark.parametrize("shape", [(4, 3), (4, 1), ()], ids=str)
def test_a_variance_is_given_for_all_for_each_or_for_each_sample(shape):
    x, y, _ = THREE
    var = np.full(shape, 0.5)

    found = F.gaussian_nll_loss(Tensor(x), y, var, reduction="none")
    by_sample = F.gaussian_nll_loss(Tensor(x), y, np.full(4, 0.5), reduction="none")

    np.testing.assert_allclose(found.data, gaussian(x, y, 0.5), rtol=1e-12)
    np.testing.assert_allclose(by_sample.data, found.data, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.huber_loss(*TWO, delta=0),
            "huber_loss: delta is 0; a number above 0",
        ),
        (
            lambda: F.huber_loss(*TWO, delta=-1),
            r"huber_loss: delta is -1; a number from",
        ),
        (lambda: F.huber_loss(*TWO, delta="1"), r"huber_loss: delta is '1'; a number"),
        (
            lambda: F.smooth_l1_loss(*TWO, beta=-1),
            "smooth_l1_loss: beta is -1; a number",
        ),
        (
            lambda: F.gaussian_nll_loss(*THREE[:2], np.ones((2, 3))),
            r"gaussian_nll_loss: prediction has shape \(4, 3\) and var \(2, 3\); the",
        ),
        (
            lambda: F.gaussian_nll_loss(*THREE[:2], -np.ones(4)),
            "gaussian_nll_loss: var goes down to -1; variances are not negative",
        ),
        (
            lambda: F.poisson_nll_loss(*TWO, eps=-1),
            "poisson_nll_loss: eps is -1; a number",
        ),
        (
            lambda: F.hinge_loss(np.ones(2), [0, 1]),
            r"hinge_loss: the target holds 0; 1 and -1 are needed: write 2 \* tar",
        ),
        (
            lambda: F.hinge_embedding_loss(np.ones(2), [3, 1]),
            "hinge_embedding_loss: the target holds 3; 1 and -1 are needed$",
        ),
        (
            lambda: F.cosine_embedding_loss(*PAIR, SIGNS[:, 0], margin=2),
            "cosine_embedding_loss: margin is 2; a number from -1 to 1",
        ),
        (
            lambda: F.cosine_embedding_loss(*[a[None] for a in PAIR], SIGNS),
            r"cosine_embedding_loss: x1 has shape \(1, 4, 3\); \(N, D\) or \(D,\)",
        ),
        (
            lambda: F.triplet_margin_loss(*TRIPLET, margin=0),
            "triplet_margin_loss: margin is 0; a number above 0",
        ),
        (
            lambda: F.triplet_margin_loss(*TRIPLET[:2], TRIPLET[2][:, :1]),
            r"triplet_margin_loss: anchor has shape \(4, 3\) and negative has shape",
        ),
        (
            lambda: F.multi_margin_loss(*SCORES, INDEX, p=3),
            "multi_margin_loss: p is 3; give one of 1, 2",
        ),
        (
            lambda: F.multi_margin_loss(np.ones((2, 3, 4)), INDEX),
            r"multi_margin_loss: score has shape \(2, 3, 4\); \(N, K\) or \(K,\)",
        ),
        (
            lambda: F.multi_margin_loss(*SCORES, INDEX + 2),
            "multi_margin_loss: targets go from 2 to 4; with 3 classes",
        ),
        (
            lambda: F.nll_loss(*SCORES, INDEX[:3]),
            r"nll_loss: log_probabilities has shape \(4, 3\) and targets has shape \(3",
        ),
        (
            lambda: F.nll_loss(*SCORES, [0, 1, 2, 3]),
            "nll_loss: targets go from 0 to 3; with 3 classes an index must be between",
        ),
        (
            lambda: F.cross_entropy(*SCORES, INDEX, WEIGHT[:2]),
            r"cross_entropy: weight has shape \(2,\); with 3 classes shape \(3,\)",
        ),
        (
            lambda: F.cross_entropy(*SCORES, INDEX, label_smoothing=1.5),
            "cross_entropy: label_smoothing is 1.5; a number from 0 to 1",
        ),
        (
            lambda: F.cross_entropy(*SCORES, INDEX[:, None] * np.ones(3, int)),
            "cross_entropy: targets are int64 of the shape of the logits.*not one",
        ),
        (
            lambda: F.binary_cross_entropy(PROBABLE, PROBABLE, np.ones((2, 4, 3))),
            r"binary_cross_entropy: weight has shape \(2, 4, 3\), the losses \(4, 3\)",
        ),
    ],
)
def test_what_is_wrong_is_said(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


def test_class_indices_that_are_floats_are_refused():
    for function in (F.nll_loss, F.multi_margin_loss):
        with pytest.raises(TypeError, match=r"but is float64; give integers$"):
            function(*SCORES, INDEX * 1.0)


# Yes or no


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_huge_logits_give_finite_losses_and_gradients(dtype):
    x = Tensor(np.array([1e4, -1e4, 1e4, -1e4, 0], dtype), requires_grad=True)

    losses = F.binary_cross_entropy_with_logits(x, [1, 0, 0, 1, 1], reduction="none")
    losses.sum().backward()

    np.testing.assert_allclose(losses.data, [0, 0, 1e4, 1e4, np.log(2)], rtol=1e-3)
    np.testing.assert_array_equal(x.grad.data, [0, 0, 1, -1, -0.5])


def test_of_logits_and_of_their_sigmoid_it_is_the_same_loss():
    x, y = TWO[0], PROBABLE

    of_logits = F.binary_cross_entropy_with_logits(x, y, WEIGHT)
    of_probabilities = F.binary_cross_entropy(1 / (1 + np.exp(-x)), y, WEIGHT)

    np.testing.assert_allclose(of_logits.data, of_probabilities.data, rtol=1e-12)


# Classes


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weighted"])
def test_what_is_ignored_counts_neither_above_nor_below_the_line(
    weight, smoothing, rng
):
    x = rng.standard_normal((2, 3, 4))
    index = rng.integers(0, 3, (2, 4))
    index[0, 1:] = 7
    options = {"weight": weight, "label_smoothing": smoothing}
    kept = np.array([x[0, :, 0], *x[1].T]), np.array([index[0, 0], *index[1]])

    found = F.cross_entropy(Tensor(x), index, ignore_index=7, **options)

    expected = F.cross_entropy(*kept, **options)
    np.testing.assert_allclose(found.data, expected.data, rtol=1e-12)


@pytest.mark.parametrize("function", [F.cross_entropy, F.nll_loss])
def test_the_mean_of_no_sample_is_nan_and_the_sum_is_zero(function):
    x = Tensor(SCORES[0])
    nothing = np.full(4, -100)

    with np.errstate(invalid="ignore"):
        assert math.isnan(function(x, nothing).item())
    assert function(x, nothing, reduction="sum").item() == 0
    np.testing.assert_array_equal(function(x, nothing, reduction="none").data, 0)


def test_cross_entropy_is_the_nll_of_the_log_softmax():
    x = Tensor(SCORES[0])

    for options in ({}, {"weight": WEIGHT}, {"ignore_index": 1}):
        one = F.cross_entropy(x, INDEX, **options)
        other = F.nll_loss(F.log_softmax(x), INDEX, **options)

        np.testing.assert_allclose(one.data, other.data, rtol=1e-12)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (2, 3, 2, 2)], ids=str)
def test_the_classes_of_nll_loss_are_in_axis_one_or_in_the_only_one(shape, rng):
    x = rng.standard_normal(shape)
    dim = min(1, len(shape) - 1)
    index = rng.integers(0, 3, (*shape[:dim], *shape[dim + 1 :]))

    losses = F.nll_loss(Tensor(x), index, WEIGHT, reduction="none")

    expected = -np.take_along_axis(x, np.expand_dims(index, dim), dim).squeeze(dim)
    np.testing.assert_allclose(losses.data, expected * WEIGHT[index], rtol=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_a_class_that_cannot_be_costs_nothing_if_none_is_wanted_of_it(order):
    x = Tensor(np.array([[0.0, -np.inf, 1.0]]), requires_grad=True)

    loss = F.cross_entropy(x, [[0.25, 0.0, 0.75]])
    loss.backward(create_graph=order == 2)
    if order == 2:
        first, x.grad = x.grad, None
        (first * first).sum().backward()

    np.testing.assert_allclose(loss.item(), np.log(1 + np.e) - 0.75, rtol=1e-12)
    assert np.isfinite(x.grad.data).all()
    assert x.grad.data[0, 1] == 0


def test_a_divergence_is_zero_of_two_that_are_equal_and_positive_otherwise():
    p, q = (a / a.sum(1, keepdims=True) for a in (PROBABLE, PROBABLE[::-1]))

    assert abs(F.kl_div(np.log(p), p, reduction="batchmean").item()) < 1e-15
    assert F.kl_div(np.log(p), q, reduction="batchmean").item() > 0


def test_the_divergence_of_a_batch_is_the_mean_of_its_samples():
    x, target = SCORES[0], PROBABLE

    found = F.kl_div(Tensor(x), target, reduction="batchmean")

    expected = divergence(x, target).sum(1).mean()
    np.testing.assert_allclose(found.data, expected, rtol=1e-12)
    assert repr(nn.KLDivLoss(reduction="batchmean")) == (
        "KLDivLoss(reduction='batchmean')"
    )


def test_what_is_impossible_adds_nothing_to_a_divergence():
    x = Tensor(np.array([-np.inf, -1.0]), requires_grad=True)

    loss = F.kl_div(x, [0.0, 1.0], reduction="sum")
    loss.backward()

    assert loss.item() == 1
    np.testing.assert_array_equal(x.grad.data, [0, -1])


# Pairs


def test_a_single_pair_needs_no_batch():
    a, b, c = (x[0] for x in TRIPLET)

    alone = [
        F.cosine_embedding_loss(Tensor(a), b, -1, margin=-1),
        F.triplet_margin_loss(Tensor(a), b, c, margin=4.0),
        F.multi_margin_loss(Tensor(a), 1),
    ]

    of_one = [
        cosine_embedding(a[None], b[None], np.array([-1]), -1),
        triplet(a[None], b[None], c[None], 4.0),
        multi_margin(a[None], [1]),
    ]
    for one, other in zip(alone, of_one, strict=True):
        assert one.shape == ()
        np.testing.assert_allclose(one.data, other[0], rtol=1e-12)


def test_equal_triplets_have_a_loss_and_a_gradient_that_are_finite():
    x = Tensor(np.ones((2, 3)), requires_grad=True)

    loss = F.triplet_margin_loss(x, x.detach(), x.detach(), eps=0.0)
    loss.backward(create_graph=True)

    assert loss.item() == 1
    np.testing.assert_array_equal(x.grad.data, 0)


# Sequences


def by_all_paths(log_p, labels, blank=0):
    """Add up the probabilities of all paths that spell the labels."""
    total = 0.0
    for path in itertools.product(range(log_p.shape[1]), repeat=len(log_p)):
        merged = [label for label, _ in itertools.groupby(path)]
        if [label for label in merged if label != blank] == list(labels):
            total += math.exp(
                sum(row[label] for row, label in zip(log_p, path, strict=True))
            )
    return -math.log(total) if total else math.inf


LABELS = [(1,), (1, 2), (2, 2), (1, 1, 2), (), (1, 2, 1)]


@pytest.mark.parametrize("blank", [0, 2])
@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_ctc_adds_up_the_paths_that_spell_the_target(labels, blank, rng):
    labels = tuple((label + blank) % 3 for label in labels)
    log_p = log_softmax(rng.standard_normal((4, 3)))

    loss = F.ctc_loss(
        Tensor(log_p),
        np.array(labels, int),
        4,
        len(labels),
        blank=blank,
        reduction="sum",
    )

    expected = by_all_paths(log_p, labels, blank)
    np.testing.assert_allclose(loss.item(), expected, rtol=1e-12)


TARGETS = np.array([[1, 2, 2], [2, 1, 0], [1, 0, 0]])
LENGTHS = np.array([3, 2, 1])
STEPS = np.array([5, 4, 2])


def test_ctc_of_sequences_of_unlike_lengths_is_that_of_each(rng):
    log_p = log_softmax(rng.standard_normal((5, 3, 3)).swapaxes(1, 2)).swapaxes(1, 2)

    losses = F.ctc_loss(Tensor(log_p), TARGETS, STEPS, LENGTHS, reduction="none")

    expected = [
        by_all_paths(log_p[:steps, i], TARGETS[i, :length])
        for i, (steps, length) in enumerate(zip(STEPS, LENGTHS, strict=True))
    ]
    np.testing.assert_allclose(losses.data, expected, rtol=1e-12)
    for reduction, value in (
        ("sum", np.sum(expected)),
        ("mean", np.mean(np.array(expected) / LENGTHS)),
    ):
        loss = F.ctc_loss(log_p, TARGETS, STEPS, LENGTHS, reduction=reduction)
        np.testing.assert_allclose(loss.data, value, rtol=1e-12)


def test_the_targets_of_ctc_may_stand_in_one_row(rng):
    log_p = Tensor(rng.standard_normal((5, 3, 3)))
    row = np.concatenate([t[:n] for t, n in zip(TARGETS, LENGTHS, strict=True)])

    one, other = (F.ctc_loss(log_p, t, STEPS, LENGTHS).item() for t in (TARGETS, row))

    assert one == other


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_gradients_of_ctc_are_right_to_second_order(reduction, rng):
    check_gradients(
        lambda x: F.ctc_loss(x, TARGETS, STEPS, LENGTHS, reduction=reduction),
        rng.standard_normal((5, 3, 3)),
        order=2,
    )
    check_gradients(
        lambda x: F.ctc_loss(F.log_softmax(x), [1, 1], 4, 2, reduction=reduction),
        rng.standard_normal((4, 3)),
        order=2,
    )


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_a_target_that_is_too_long_costs_infinitely_much_or_nothing(zero_infinity):
    x = Tensor(np.log(np.full((3, 2, 3), 1 / 3)), requires_grad=True)

    losses = F.ctc_loss(
        x, [[1, 1, 1], [1, 2, 1]], [3, 3], [3, 3], zero_infinity=zero_infinity,
        reduction="none",
    )  # fmt: skip
    losses.sum().backward()

    expected = [0 if zero_infinity else math.inf, 3 * math.log(3)]
    np.testing.assert_allclose(losses.data, expected, rtol=1e-6)
    assert np.isfinite(x.grad.data).all()
    np.testing.assert_array_equal(x.grad.data[:, 0], 0)


def test_ctc_of_many_steps_neither_under_nor_overflows():
    log_p = np.full((400, 1, 5), np.log(0.2), "float32")
    x = Tensor(log_p, requires_grad=True)

    loss = F.ctc_loss(x, [[1, 2, 3]], [400], [3], reduction="sum")
    loss.backward()

    assert 500 < loss.item() < 400 * math.log(5)
    np.testing.assert_allclose(x.grad.data.sum(axis=2), -1, rtol=1e-4)


def test_the_module_of_ctc_does_what_the_function_does(rng):
    log_p = Tensor(rng.standard_normal((5, 3, 4)))
    layer = nn.CTCLoss(3, reduction="sum", zero_infinity=True)

    assert repr(layer) == "CTCLoss(blank=3, reduction='sum', zero_infinity=True)"
    assert repr(nn.CTCLoss()) == "CTCLoss()"
    assert layer(log_p, TARGETS, STEPS, LENGTHS).item() == (
        F.ctc_loss(log_p, TARGETS, STEPS, LENGTHS, blank=3, reduction="sum").item()
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (TARGETS, STEPS + 1, LENGTHS),
            ValueError,
            "input_lengths go from 3 to 6; .*to 5",
        ),
        (
            (TARGETS, STEPS[:2], LENGTHS),
            ValueError,
            r"input_lengths has shape \(2,\); an",
        ),
        (
            (TARGETS, STEPS, -LENGTHS),
            ValueError,
            "target_lengths go from -3 to -1; they",
        ),
        (
            (TARGETS, STEPS, LENGTHS + 1),
            ValueError,
            r"targets has shape \(3, 3\); with 3 s",
        ),
        (
            (TARGETS + 3, STEPS, LENGTHS),
            ValueError,
            "targets go from 4 to 5; classes from",
        ),
        (
            (TARGETS - 1, STEPS, LENGTHS),
            ValueError,
            "targets go from 0 to 1; .*not the bla",
        ),
        (
            (TARGETS * 1.0, STEPS, LENGTHS),
            TypeError,
            "targets are float64; integers are",
        ),
        (
            (TARGETS, STEPS * 1.0, LENGTHS),
            TypeError,
            "input_lengths are float64; integers",
        ),
    ],
)
def test_ctc_says_what_is_wrong(arguments, error, message, rng):
    with pytest.raises(error, match=f"^ctc_loss: {message}"):
        F.ctc_loss(Tensor(rng.standard_normal((5, 3, 3))), *arguments)


def test_ctc_says_what_is_wrong_with_probabilities_and_blank(rng):
    with pytest.raises(
        ValueError, match=r"^ctc_loss: log_probabilities has shape \(3,\)"
    ):
        F.ctc_loss(np.ones(3), [1], 1, 1)
    with pytest.raises(ValueError, match=r"^ctc_loss: blank is 3; there are 3 classes"):
        F.ctc_loss(rng.standard_normal((5, 3)), [1], 5, 1, blank=3)
