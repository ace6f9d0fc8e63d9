"""Every loss, by one table: value, gradients, reductions, modules, and what is refused.

Adding a loss is: its function, its module, and a row here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, no_grad
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional as F


@dataclass
class Case:
    """One way of calling a loss.

    Attributes:
        text: the call of the module, which is what `repr` must show.
        function: its name.
        inputs: makes the arrays, `inputs(rng)`; gradients are checked of the first
            `floats` of them.
        reference: the losses one by one, in NumPy, of the same arrays.
        options: of the function.
        floats: how many of the inputs may require gradients.
        mean: the mean of the losses, if it is not the plain one.
        order: of the gradients.
    """

    text: str
    function: str
    inputs: Callable[..., Any]
    reference: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)
    floats: int = 2
    mean: Callable[..., Any] | None = None
    order: int = 2

    def __str__(self):
        return self.text

    def make(self):
        return eval(self.text, {name: getattr(nn, name) for name in nn.__all__})

    def call(self, *inputs, reduction="mean"):
        return getattr(F, self.function)(*inputs, **self.options, reduction=reduction)


def apart(rng, shape=(4, 3)):
    """Two arrays whose differences are far from 0, 0.5, 1 and 2."""
    x = rng.standard_normal(shape)
    return x, x + rng.choice([-1.5, -0.7, -0.3, 0.3, 0.7, 1.5], shape)


def probable(rng):
    return rng.uniform(0.1, 0.9, (4, 3)), rng.uniform(0.1, 0.9, (4, 3))


def scores(rng):
    return rng.uniform(-0.9, 0.9, (4, 3)), rng.choice([-1.0, 1.0], (4, 3))


def log_softmax(x, axis=1):
    x = x - x.max(axis=axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))


def indexed(rng):
    return rng.standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])


def partly_ignored(rng):
    return rng.standard_normal((5, 3)), np.array([0, -100, 1, 2, -100])


def images(rng):
    return rng.standard_normal((2, 3, 4)), rng.integers(0, 3, (2, 4))


def one_hot(y, classes=3):
    return np.moveaxis(y[..., None] == np.arange(classes), -1, 1).astype(float)


def picked(x, y):
    """Minus what stands at the classes, which are in axis 1."""
    return -np.sum(x * one_hot(y), axis=1)


def embedded(rng):
    return (*rng.standard_normal((2, 4, 3)), np.array([1.0, -1.0, -1.0, 1.0]))


def cosine(a, b):
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.sum(a * b, axis=-1) / lengths


def triplets(rng):
    return tuple(rng.standard_normal((3, 4, 3)) * 0.5)


def length(x):
    return np.linalg.norm(x + 1e-6, axis=-1)


def ordered(rng):
    return (*apart(rng), rng.choice([-1.0, 1.0], (4, 3)))


WEIGHT = np.array([0.5, 1.0, 2.0])
SPLIT = np.array([1.0, 2.0, 0.5])


def softplus(x):
    return np.logaddexp(0, x)


def parabola(d, delta):
    return np.where(np.abs(d) < delta, d * d / 2, delta * (np.abs(d) - delta / 2))


CASES = [
    Case("MSELoss()", "mse_loss", apart, lambda x, y: (x - y) ** 2),
    Case("L1Loss()", "l1_loss", apart, lambda x, y: np.abs(x - y)),
    Case("HuberLoss()", "huber_loss", apart, lambda x, y: parabola(x - y, 1)),
    Case(
        "HuberLoss(delta=0.5)",
        "huber_loss",
        apart,
        lambda x, y: parabola(x - y, 0.5),
        {"delta": 0.5},
    ),
    Case("SmoothL1Loss()", "smooth_l1_loss", apart, lambda x, y: parabola(x - y, 1)),
    Case(
        "SmoothL1Loss(beta=0.5)",
        "smooth_l1_loss",
        apart,
        lambda x, y: parabola(x - y, 0.5) / 0.5,
        {"beta": 0.5},
    ),
    Case(
        "SmoothL1Loss(beta=0)",
        "smooth_l1_loss",
        apart,
        lambda x, y: np.abs(x - y),
        {"beta": 0},
    ),
    Case(
        "GaussianNLLLoss()",
        "gaussian_nll_loss",
        lambda rng: (*apart(rng), rng.uniform(0.5, 2, (4, 3))),
        lambda x, y, v: (np.log(v) + (x - y) ** 2 / v) / 2,
        floats=3,
    ),
    Case(
        "GaussianNLLLoss(full=True, eps=0.001)",
        "gaussian_nll_loss",
        lambda rng: (*apart(rng), rng.uniform(0.5, 2, 4)),
        lambda x, y, v: (
            (np.log(v) + np.log(2 * np.pi))[:, None] / 2 + (x - y) ** 2 / v[:, None] / 2
        ),
        {"full": True, "eps": 0.001},
        floats=3,
    ),
    Case(
        "PoissonNLLLoss()",
        "poisson_nll_loss",
        lambda rng: (rng.standard_normal((4, 3)), rng.integers(0, 5, (4, 3)) * 1.0),
        lambda x, y: np.exp(x) - y * x,
    ),
    Case(
        "PoissonNLLLoss(log_input=False, full=True)",
        "poisson_nll_loss",
        lambda rng: (rng.uniform(1, 2, (2, 2)), np.array([[0.0, 1], [2, 3]])),
        lambda x, y: (
            x
            - y * np.log(x + 1e-8)
            + np.where(
                y > 1,
                y * np.log(np.maximum(y, 1))
                - y
                + np.log(2 * np.pi * np.maximum(y, 1)) / 2,
                0,
            )
        ),
        {"log_input": False, "full": True},
        floats=1,
    ),
    Case(
        "BCELoss()",
        "binary_cross_entropy",
        probable,
        lambda p, y: -y * np.log(p) - (1 - y) * np.log(1 - p),
    ),
    Case(
        "BCELoss(weight=[0.5, 1.0, 2.0])",
        "binary_cross_entropy",
        probable,
        lambda p, y: WEIGHT * (-y * np.log(p) - (1 - y) * np.log(1 - p)),
        {"weight": WEIGHT},
    ),
    Case(
        "BCEWithLogitsLoss()",
        "binary_cross_entropy_with_logits",
        probable,
        lambda x, y: y * softplus(-x) + (1 - y) * softplus(x),
    ),
    Case(
        "BCEWithLogitsLoss(weight=[0.5, 1.0, 2.0], pos_weight=[1.0, 2.0, 0.5])",
        "binary_cross_entropy_with_logits",
        probable,
        lambda x, y: WEIGHT * (SPLIT * y * softplus(-x) + (1 - y) * softplus(x)),
        {"weight": WEIGHT, "pos_weight": SPLIT},
    ),
    Case(
        "HingeLoss()",
        "hinge_loss",
        scores,
        lambda x, y: np.maximum(0, 1 - x * y),
        floats=1,
    ),
    Case(
        "CrossEntropyLoss()",
        "cross_entropy",
        indexed,
        lambda x, y: picked(log_softmax(x), y),
        floats=1,
    ),
    Case(
        "CrossEntropyLoss(weight=[0.5, 1.0, 2.0])",
        "cross_entropy",
        indexed,
        lambda x, y: WEIGHT[y] * picked(log_softmax(x), y),
        {"weight": WEIGHT},
        floats=1,
        mean=lambda losses, x, y: losses.sum() / WEIGHT[y].sum(),
    ),
    Case(
        "CrossEntropyLoss(label_smoothing=0.2)",
        "cross_entropy",
        indexed,
        lambda x, y: -np.sum((0.8 * one_hot(y) + 0.2 / 3) * log_softmax(x), axis=1),
        {"label_smoothing": 0.2},
        floats=1,
    ),
    Case(
        "CrossEntropyLoss(weight=[0.5, 1.0, 2.0], label_smoothing=0.2)",
        "cross_entropy",
        partly_ignored,
        lambda x, y: (
            -np.sum((0.8 * one_hot(y) + 0.2 / 3) * log_softmax(x) * WEIGHT, axis=1)
            * (y >= 0)
        ),
        {"weight": WEIGHT, "label_smoothing": 0.2},
        floats=1,
        mean=lambda losses, x, y: losses.sum() / WEIGHT[y[y >= 0]].sum(),
    ),
    Case(
        "CrossEntropyLoss(ignore_index=1)",
        "cross_entropy",
        indexed,
        lambda x, y: picked(log_softmax(x), y) * (y != 1),
        {"ignore_index": 1},
        floats=1,
        mean=lambda losses, x, y: losses.sum() / (y != 1).sum(),
    ),
    Case(
        "CrossEntropyLoss()",
        "cross_entropy",
        images,
        lambda x, y: picked(log_softmax(x), y),
        floats=1,
    ),
    Case(
        "CrossEntropyLoss(weight=[0.5, 1.0, 2.0], label_smoothing=0.1)",
        "cross_entropy",
        lambda rng: (rng.standard_normal((4, 3)), rng.dirichlet(np.ones(3), 4)),
        lambda x, p: -np.sum((0.9 * p + 0.1 / 3) * log_softmax(x) * WEIGHT, axis=1),
        {"weight": WEIGHT, "label_smoothing": 0.1},
    ),
    Case(
        "CrossEntropyLoss()",
        "cross_entropy",
        lambda rng: (rng.standard_normal(3), np.array(2)),
        lambda x, y: -log_softmax(x, 0)[y],
        floats=1,
    ),
    Case("NLLLoss()", "nll_loss", indexed, picked, floats=1),
    Case(
        "NLLLoss(weight=[0.5, 1.0, 2.0])",
        "nll_loss",
        partly_ignored,
        lambda x, y: picked(x, y) * WEIGHT[np.maximum(y, 0)] * (y >= 0),
        {"weight": WEIGHT},
        floats=1,
        mean=lambda losses, x, y: losses.sum() / WEIGHT[y[y >= 0]].sum(),
    ),
    Case("NLLLoss()", "nll_loss", images, picked, floats=1),
    Case(
        "KLDivLoss()",
        "kl_div",
        lambda rng: (rng.standard_normal((4, 3)), rng.uniform(0.1, 1, (4, 3))),
        lambda x, y: y * (np.log(y) - x),
    ),
    Case(
        "KLDivLoss(log_target=True)",
        "kl_div",
        lambda rng: tuple(rng.standard_normal((2, 4, 3))),
        lambda x, y: np.exp(y) * (y - x),
        {"log_target": True},
    ),
    Case(
        "MultiMarginLoss()",
        "multi_margin_loss",
        indexed,
        lambda x, y: (
            (np.maximum(0, 1 + picked(x, y)[:, None] + x) * (1 - one_hot(y))).sum(
                axis=1
            )
            / 3
        ),
        floats=1,
    ),
    Case(
        "MultiMarginLoss(p=2, margin=0.5, weight=[0.5, 1.0, 2.0])",
        "multi_margin_loss",
        indexed,
        lambda x, y: (
            (
                np.maximum(0, 0.5 + picked(x, y)[:, None] + x) ** 2 * (1 - one_hot(y))
            ).sum(axis=1)
            / 3
            * WEIGHT[y]
        ),
        {"p": 2, "margin": 0.5, "weight": WEIGHT},
        floats=1,
    ),
    Case(
        "CosineEmbeddingLoss()",
        "cosine_embedding_loss",
        embedded,
        lambda a, b, y: np.where(y == 1, 1 - cosine(a, b), np.maximum(0, cosine(a, b))),
    ),
    Case(
        "CosineEmbeddingLoss(margin=0.3)",
        "cosine_embedding_loss",
        embedded,
        lambda a, b, y: np.where(
            y == 1, 1 - cosine(a, b), np.maximum(0, cosine(a, b) - 0.3)
        ),
        {"margin": 0.3},
    ),
    Case(
        "HingeEmbeddingLoss()",
        "hinge_embedding_loss",
        scores,
        lambda x, y: np.where(y == 1, x, np.maximum(0, 1 - x)),
        floats=1,
    ),
    Case(
        "MarginRankingLoss(margin=0.5)",
        "margin_ranking_loss",
        ordered,
        lambda a, b, y: np.maximum(0, 0.5 - y * (a - b)),
        {"margin": 0.5},
    ),
    Case(
        "TripletMarginLoss()",
        "triplet_margin_loss",
        triplets,
        lambda a, p, n: np.maximum(0, length(a - p) - length(a - n) + 1),
        floats=3,
    ),
    Case(
        "TripletMarginLoss(margin=2.0, swap=True)",
        "triplet_margin_loss",
        triplets,
        lambda a, p, n: np.maximum(
            0, length(a - p) - np.minimum(length(a - n), length(p - n)) + 2
        ),
        {"margin": 2.0, "swap": True},
        floats=3,
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)
PAIRS = sorted({case.function for case in CASES} - {"cross_entropy", "nll_loss"})


def test_every_loss_has_a_row():
    modules = {name for name in nn.__all__ if name.endswith("Loss")}
    functions = set(F.losses.__all__)

    assert {type(case.make()).__name__ for case in CASES} | {"CTCLoss"} == modules
    assert {case.function for case in CASES} | {"ctc_loss"} == functions


@each_case
def test_the_losses_are_those_of_the_formula(case, rng):
    arrays = case.inputs(rng)
    losses = np.asarray(case.reference(*arrays))
    mean = case.mean or (lambda losses, *arrays: losses.mean())

    for reduction, wanted in [
        ("none", losses),
        ("sum", losses.sum()),
        ("mean", mean(losses, *arrays)),
    ]:
        found = case.call(*arrays, reduction=reduction)
        assert isinstance(found, Tensor)
        assert found.shape == np.shape(wanted)
        np.testing.assert_allclose(found.data, wanted, rtol=1e-12, atol=1e-14)


@each_case
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_gradients_are_right_to_second_order(case, reduction, rng):
    arrays = case.inputs(rng)
    fixed = arrays[case.floats :]

    check_gradients(
        lambda *xs: case.call(*xs, *fixed, reduction=reduction),
        *arrays[: case.floats],
        order=case.order,
    )


@each_case
def test_the_module_gives_what_the_function_gives(case, rng):
    arrays = case.inputs(rng)

    module = case.make()

    assert repr(module) == case.text
    assert module.parameters() == []
    np.testing.assert_array_equal(module(*arrays).data, case.call(*arrays).data)


@each_case
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_dtype_is_that_of_the_prediction(case, dtype, rng):
    first, *others = case.inputs(rng)
    x = Tensor(first.astype(dtype), requires_grad=True)

    loss = case.call(x, *others)
    loss.backward()

    assert loss.dtype == x.grad.dtype == dtype
    assert np.all(np.isfinite(x.grad.data))


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if np.ndim(case.inputs(np.random.default_rng(0))[0]) > 1],
    ids=str,
)
def test_an_empty_batch_has_no_losses(case, rng):
    empty = [np.asarray(a)[:0] for a in case.inputs(rng)]

    assert case.call(*empty, reduction="sum").item() == 0


@pytest.mark.parametrize("name", [*PAIRS, "nll_loss", "cross_entropy"])
def test_integers_and_other_shapes_are_refused(name, rng):
    case = next(case for case in CASES if case.function == name)
    first, second, *others = case.inputs(rng)

    with pytest.raises(TypeError, match=f"{name}: .* is int64; floats are needed"):
        case.call(np.zeros(first.shape, int), second, *others)
    with pytest.raises(ValueError, match=rf"{name}: .*shape"):
        case.call(first, second[:-1], *others)
    if np.ndim(second) == np.ndim(first):
        with pytest.raises(ValueError, match=r"broadcasting would|is needed"):
            case.call(first, second[:, :1], *others)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("cross_entropy", np.array([0, 1])),
        ("cross_entropy", np.array([[1.0, 0], [0, 1]])),
        ("binary_cross_entropy_with_logits", np.array([[1.0, 0], [0, 1]])),
        ("hinge_loss", np.array([[1.0, -1], [-1, 1]])),
        ("multi_margin_loss", np.array([0, 1])),
        ("huber_loss", np.zeros((2, 2))),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_predictions_give_finite_losses_and_gradients(name, other, dtype):
    x = Tensor(np.array([[1e4, -1e4], [-1e4, 1e4]], dtype), requires_grad=True)

    loss = getattr(F, name)(x, other)
    loss.backward()

    assert np.isfinite(loss.item())
    assert np.all(np.isfinite(x.grad.data))


# Targets of cross-entropy


def test_a_class_that_cannot_be_costs_nothing_where_it_is_not_wanted():
    logits = Tensor([[0.0, 0.0, -np.inf]], requires_grad=True)

    for targets in ([[0.5, 0.5, 0.0]], [0]):
        logits.grad = None
        loss = F.cross_entropy(logits, targets)
        loss.backward()
        np.testing.assert_allclose(loss.item(), np.log(2), rtol=1e-6)
        assert np.all(np.isfinite(logits.grad.data))


def test_integers_of_the_shape_of_the_logits_must_be_one_hot(rng):
    logits = rng.standard_normal((2, 3))
    right = F.cross_entropy(logits, [2, 0]).item()

    assert F.cross_entropy(logits, np.array([[0, 0, 1], [1, 0, 0]])).item() == right
    for wrong in ([[0, 1, 2], [1, 0, 0]], [[1, 1, 0], [1, 0, 0]], [[0, 0, 0]] * 2):
        with pytest.raises(
            ValueError, match=r"not one-hot; class indices have shape \("
        ):
            F.cross_entropy(logits, np.array(wrong))


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_the_mean_of_nothing_is_no_number():
    logits = np.zeros((2, 3))

    assert np.isnan(F.cross_entropy(logits, [-100, -100]).item())
    assert F.cross_entropy(logits, [-100, -100], reduction="sum").item() == 0


def test_ignored_samples_get_no_gradient_even_if_they_are_nan():
    logits = Tensor([[1.0, 2.0], [np.nan, 0.0]], requires_grad=True)

    F.nll_loss(logits, [0, -100]).backward()

    assert logits.grad.data.tolist() == [[-1, 0], [0, 0]]


def test_probabilities_given_as_logits_are_warned_about():
    x = Tensor(np.zeros((2, 3)), requires_grad=True)

    with pytest.warns(
        nn.LintWarning, match="cross_entropy: logits is what softmax gave"
    ):
        F.cross_entropy(nn.softmax(x), [0, 1])
    with pytest.warns(
        nn.LintWarning, match="_with_logits: logits is what sigmoid gave"
    ):
        F.binary_cross_entropy_with_logits(nn.sigmoid(x), np.zeros((2, 3)))
    with no_grad():
        F.cross_entropy(nn.softmax(x), [0, 1])


X = np.zeros((4, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.huber_loss(X, X, delta=0),
            "huber_loss: delta is 0; a number above 0",
        ),
        (lambda: F.smooth_l1_loss(X, X, beta=-1), "beta is -1; a number from 0 on"),
        (lambda: F.hinge_loss(X, X), "holds 0; 1 and -1 are needed: write 2 . target"),
        (lambda: F.hinge_loss(X, X + 2), "the target holds 2; 1 and -1 are needed"),
        (
            lambda: F.cross_entropy(X, [0, 1, 2, 0], [1.0, 2.0]),
            r"weight has shape \(2,\); with 3 classes shape \(3,\) is needed",
        ),
        (
            lambda: F.cross_entropy(X, [0, 1, 2, 0], label_smoothing=2),
            "label_smoothing is 2; a number from 0 to 1",
        ),
        (
            lambda: F.gaussian_nll_loss(X, X, X - 1),
            "var goes down to -1; variances are not negative",
        ),
        (
            lambda: F.gaussian_nll_loss(X, X, np.ones(3)),
            r"prediction has shape \(4, 3\) and var \(3,\); the same shape",
        ),
        (
            lambda: F.binary_cross_entropy(X + 2, X),
            "p goes from 2 to 2; probabilities between 0 and 1 are needed: put a sigmo",
        ),
        (
            lambda: F.binary_cross_entropy(X, X, np.ones((2, 4, 3))),
            r"weight has shape \(2, 4, 3\), the losses \(4, 3\)",
        ),
        (lambda: F.multi_margin_loss(X, [0] * 4, p=3), "p is 3; give one of 1, 2"),
        (
            lambda: F.multi_margin_loss(X[None], [0] * 4),
            r"score has shape \(1, 4, 3\); \(N, K\) or \(K,\) is needed",
        ),
        (lambda: F.nll_loss(X, [0, 1, 2, 3]), "targets go from 0 to 3; with 3 classes"),
        (
            lambda: F.triplet_margin_loss(X, X, X, margin=0),
            "margin is 0; a number above 0",
        ),
        (
            lambda: F.triplet_margin_loss(X, X[:1], X),
            r"anchor has shape \(4, 3\) and positive has shape \(1, 3\)",
        ),
        (
            lambda: F.cosine_embedding_loss(X[None], X[None], [1.0]),
            r"x1 has shape \(1, 4, 3\); \(N, D\) or \(D,\) is needed",
        ),
        (lambda: F.kl_div(X, X, reduction="average"), '"none", "batchmean"'),
        (
            lambda: nn.KLDivLoss(reduction="average"),
            "KLDivLoss: reduction is 'average'",
        ),
        (
            lambda: nn.MSELoss(reduction="batchmean"),
            "MSELoss: reduction is 'batchmean'",
        ),
    ],
)
def test_a_wrong_call_is_told_what_to_change(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_divergence_of_a_batch_is_divided_by_its_size(rng):
    x, y = rng.standard_normal((4, 3)), rng.uniform(0.1, 1, (4, 3))

    whole = F.kl_div(x, y, reduction="sum").item()

    np.testing.assert_allclose(F.kl_div(x, y, reduction="batchmean").item(), whole / 4)
    assert (
        repr(nn.KLDivLoss(reduction="batchmean")) == "KLDivLoss(reduction='batchmean')"
    )


def test_weights_are_saved_with_the_model():
    module = nn.CrossEntropyLoss(weight=[1.0, 2.0])

    assert module.state_dict()["weight"].tolist() == [1, 2]
