"""Every loss: value, first and second gradients, with its options."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.nn import functional

RNG = np.random.default_rng(5)
NORMAL = RNG.standard_normal
W = RNG.uniform(0.5, 2, 3)
P = RNG.uniform(0.05, 0.95, (2, 4, 3))
SIGNS = RNG.choice([-1.0, 1.0], (4, 3))
Y = RNG.integers(0, 3, 6)
IGNORED = np.where(np.arange(6) % 3 == 0, -100, Y)
IMAGE = RNG.integers(0, 3, (2, 4, 5))

# The name, the options, the arrays that get gradients, and those that do not.
ROWS = [
    *[
        (name, options, [NORMAL((4, 3)) * 2, NORMAL((4, 3))], [])
        for name, several in {
            "mse_loss": [{}],
            "l1_loss": [{}],
            "huber_loss": [{}, {"delta": 0.3}, {"delta": 2.0}],
            "smooth_l1_loss": [{}, {"beta": 0.3}, {"beta": 2.0}],
        }.items()
        for options in several
    ],
    ("gaussian_nll_loss", {}, [*NORMAL((2, 4, 3)), RNG.uniform(0.5, 2, (4, 3))], []),
    ("gaussian_nll_loss", {"full": True}, [*NORMAL((2, 4)), np.ones(4) * 2], []),
    ("gaussian_nll_loss", {"eps": 0.1}, [*NORMAL((2, 4, 3)), np.ones((4, 1))], []),
    ("poisson_nll_loss", {}, [NORMAL((4, 3))], [RNG.poisson(3, (4, 3)) * 1.0]),
    ("poisson_nll_loss", {"full": True}, [NORMAL((4, 3))], [np.full((4, 3), 4.0)]),
    (
        "poisson_nll_loss",
        {"log_input": False, "eps": 1e-3},
        [RNG.uniform(0.5, 2, (4, 3))],
        [np.full((4, 3), 4.0)],
    ),
    ("binary_cross_entropy_with_logits", {}, [NORMAL((4, 3)), P[0]], []),
    ("binary_cross_entropy_with_logits", {"weight": W}, [NORMAL((4, 3)), P[0]], []),
    ("binary_cross_entropy_with_logits", {"pos_weight": W}, [NORMAL((4, 3)), P[0]], []),
    (
        "binary_cross_entropy_with_logits",
        {"pos_weight": W, "weight": W[::-1].copy()},
        [NORMAL((4, 3)), P[0]],
        [],
    ),
    ("binary_cross_entropy_with_logits", {}, [np.array([100.0, -100.0])], [np.ones(2)]),
    ("cross_entropy", {}, [NORMAL((6, 3))], [Y]),
    ("cross_entropy", {"weight": W}, [NORMAL((6, 3))], [Y]),
    ("cross_entropy", {"label_smoothing": 0.2}, [NORMAL((6, 3))], [Y]),
    ("cross_entropy", {"weight": W, "label_smoothing": 0.2}, [NORMAL((6, 3))], [Y]),
    ("cross_entropy", {}, [NORMAL((6, 3))], [IGNORED]),
    ("cross_entropy", {"ignore_index": 1}, [NORMAL((6, 3))], [Y]),
    (
        "cross_entropy",
        {"weight": W, "label_smoothing": 0.2, "ignore_index": 1},
        [NORMAL((6, 3))],
        [Y],
    ),
    ("cross_entropy", {"weight": W}, [NORMAL((2, 3, 4, 5))], [IMAGE]),
    ("cross_entropy", {}, [NORMAL(3)], [np.array(2)]),
    ("cross_entropy", {}, [NORMAL((6, 3)), RNG.dirichlet(np.ones(3), 6)], []),
    (
        "cross_entropy",
        {"weight": W, "label_smoothing": 0.1},
        [NORMAL((6, 3)), RNG.dirichlet(np.ones(3), 6)],
        [],
    ),
    ("cross_entropy", {}, [NORMAL((2, 3, 4)), RNG.uniform(size=(2, 3, 4))], []),
    ("cross_entropy", {}, [NORMAL((6, 3)) * 1000], [Y]),
    ("nll_loss", {}, [NORMAL((6, 3))], [Y]),
    ("nll_loss", {"weight": W}, [NORMAL((6, 3))], [Y]),
    ("nll_loss", {"weight": W}, [NORMAL((6, 3))], [IGNORED]),
    ("nll_loss", {"ignore_index": 2}, [NORMAL((6, 3))], [Y]),
    ("nll_loss", {"weight": W}, [NORMAL((2, 3, 4, 5))], [IMAGE]),
    ("nll_loss", {}, [NORMAL(3)], [np.array(1)]),
    ("kl_div", {}, [NORMAL((4, 3)), P[0]], []),
    ("kl_div", {"log_target": True}, [NORMAL((4, 3)), NORMAL((4, 3))], []),
    ("kl_div", {}, [NORMAL((4, 3))], [np.eye(4, 3)]),
    ("multi_margin_loss", {}, [NORMAL((6, 3))], [Y]),
    ("multi_margin_loss", {"margin": 0.5}, [NORMAL((6, 3))], [Y]),
    ("multi_margin_loss", {"weight": W}, [NORMAL((6, 3))], [Y]),
    ("multi_margin_loss", {"p": 2}, [NORMAL((6, 3))], [Y]),
    ("multi_margin_loss", {"p": 2, "margin": 2.0, "weight": W}, [NORMAL((6, 3))], [Y]),
    ("cosine_embedding_loss", {}, [*NORMAL((2, 4, 3))], [SIGNS[:, 0]]),
    ("cosine_embedding_loss", {"margin": 0.3}, [*NORMAL((2, 4, 3))], [SIGNS[:, 0]]),
    ("cosine_embedding_loss", {"margin": -0.5}, [*NORMAL((2, 4, 3))], [SIGNS[:, 1]]),
    ("hinge_embedding_loss", {}, [NORMAL((4, 3))], [SIGNS]),
    ("hinge_embedding_loss", {"margin": 0.3}, [NORMAL((4, 3))], [SIGNS]),
    ("margin_ranking_loss", {}, [*NORMAL((2, 4, 3))], [SIGNS]),
    ("margin_ranking_loss", {"margin": 0.5}, [*NORMAL((2, 4, 3))], [SIGNS]),
    ("triplet_margin_loss", {}, [*NORMAL((3, 4, 3))], []),
    ("triplet_margin_loss", {"margin": 3.0}, [*NORMAL((3, 4, 3))], []),
    ("triplet_margin_loss", {"swap": True, "margin": 4.0}, [*NORMAL((3, 4, 3))], []),
    ("triplet_margin_loss", {"p": 3.0, "margin": 2.0}, [*NORMAL((3, 4, 3))], []),
    ("triplet_margin_loss", {"p": 1.0, "eps": 1e-3}, [*NORMAL((3, 4, 3))], []),
]
# What torch has no second gradient of.
ONCE = ("multi_margin_loss",)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize("row", range(len(ROWS)), ids=lambda i: f"{ROWS[i][0]}-{i}")
def test_losses(row, reduction, dtype, both):
    name, options, arrays, fixed = ROWS[row]
    arrays = [a.astype(dtype) for a in arrays]
    fixed = [a.astype(dtype) if a.dtype.kind == "f" else a for a in fixed]
    theirs = {
        key: torch.tensor(value.astype(dtype)) if hasattr(value, "shape") else value
        for key, value in options.items()
    }
    others = [torch.tensor(a) for a in fixed]
    tight = dtype == "float64"

    both(
        lambda *xs: getattr(functional, name)(
            *xs, *fixed, **options, reduction=reduction
        ),
        lambda *xs: getattr(torch_functional, name)(
            *xs, *others, **theirs, reduction=reduction
        ),
        arrays,
        rtol=1e-9 if tight else 2e-3,
        atol=1e-10 if tight else 2e-4,
        order=1 if name in ONCE else 2,
    )


@pytest.mark.parametrize("weight", [None, W])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_binary_cross_entropy_with_weights(reduction, weight, both):
    theirs = None if weight is None else torch.tensor(weight)

    both(
        lambda p: nn.binary_cross_entropy(p, P[1], weight, reduction=reduction),
        lambda p: torch_functional.binary_cross_entropy(
            p, torch.tensor(P[1]), theirs, reduction=reduction
        ),
        [P[0]],
        rtol=1e-8,  # torch adds 1e-12 in its second gradient
        atol=1e-9,
    )


@pytest.mark.parametrize("log_target", [True, False])
def test_the_divergence_of_a_batch(log_target, both):
    options = {"reduction": "batchmean", "log_target": log_target}

    both(
        lambda x: functional.kl_div(x, P[0], **options),
        lambda x: torch_functional.kl_div(x, torch.tensor(P[0]), **options),
        [NORMAL((4, 3))],
    )


CTC = [
    ({}, [[1, 2], [2, 2], [1, 1]], [6, 5, 6], [2, 1, 2]),
    ({"blank": 3}, [[0, 2], [2, 2], [1, 0]], [6, 5, 3], [2, 2, 1]),
    ({}, [1, 2, 2, 1, 1], [6, 5, 6], [2, 1, 2]),
    ({"zero_infinity": True}, [[1, 1], [2, 2], [1, 2]], [2, 6, 6], [2, 2, 2]),
    ({}, [[1, 2], [2, 2], [1, 1]], [6, 5, 6], [0, 1, 2]),
]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("row", range(len(CTC)))
def test_ctc(row, reduction, both):
    options, targets, inputs, lengths = CTC[row]
    options = {**options, "reduction": reduction}
    # Only gradients through log_softmax: torch's own is not that of a plain sum of
    # paths, but right once it has gone through it.
    both(
        lambda x: functional.ctc_loss(
            functional.log_softmax(x, 2), np.array(targets), inputs, lengths, **options
        ),
        lambda x: torch_functional.ctc_loss(
            torch.log_softmax(x, 2), torch.tensor(targets), inputs, lengths, **options
        ),
        [NORMAL((6, 3, 4))],
        order=1,  # torch has no second gradient of it
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (nn.HuberLoss(delta=0.5), torch.nn.HuberLoss(delta=0.5)),
        (nn.SmoothL1Loss(beta=0.5), torch.nn.SmoothL1Loss(beta=0.5)),
        (nn.L1Loss(reduction="sum"), torch.nn.L1Loss(reduction="sum")),
        (
            nn.KLDivLoss(reduction="batchmean"),
            torch.nn.KLDivLoss(reduction="batchmean"),
        ),
        (nn.BCEWithLogitsLoss(), torch.nn.BCEWithLogitsLoss()),
    ],
    ids=str,
)
def test_modules(ours, theirs, both):
    both(
        lambda x: ours(x, P[0]),
        lambda x: theirs(x, torch.tensor(P[0])),
        [NORMAL((4, 3))],
    )


def test_a_logit_of_minus_infinity_that_is_not_wanted(differ):
    logits = np.array([[0.0, 0.0, -np.inf]])
    target = np.array([[0.5, 0.5, 0.0]])
    theirs = torch_functional.cross_entropy(torch.tensor(logits), torch.tensor(target))

    # 0 * -inf: here what is not wanted costs nothing, however impossible it is.
    differ(functional.cross_entropy(logits, target), theirs, np.log(2), np.nan)
