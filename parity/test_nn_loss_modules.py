"""Losses as modules, through ten steps of training; and the edges of the functions."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

RNG = np.random.default_rng(11)
REDUCTIONS = ["mean", "sum", "none"]
INF, NAN = math.inf, math.nan

# What stands between a linear layer and the loss: in ours and in theirs.
BETWEEN = {
    "nothing": (lambda x: x, lambda x: x),
    "sigmoid": (functional.sigmoid, torch.sigmoid),
    "log_softmax": (functional.log_softmax, lambda x: torch.log_softmax(x, 1)),
    "softplus": (functional.softplus, torch_functional.softplus),
}
NUMBERS = [RNG.standard_normal((6, 3))]
PROBABLE = [RNG.dirichlet(np.ones(3), 6)]
SIGNS = [RNG.choice([-1.0, 1.0], (6, 3))]
SIGN_OF_EACH = [SIGNS[0][:, 0].copy()]
INDEX = [np.array([0, 2, 1, 1, 2, 0])]
IGNORING = [np.array([0, -100, 1, -100, 2, 0])]
COUNTS = [RNG.poisson(3.0, (6, 3)) * 1.0]
W = np.array([0.5, 2.0, 1.25])

# The module, what stands before it, what the prediction is compared with, and several
# options, to which the three reductions are added.
MODULES = [
    ("MSELoss", "nothing", NUMBERS, [{}, {}]),
    ("L1Loss", "nothing", NUMBERS, [{}, {}]),
    ("SmoothL1Loss", "nothing", NUMBERS, [{}, {"beta": 0.5}, {"beta": 2.0}]),
    ("HuberLoss", "nothing", NUMBERS, [{}, {"delta": 0.5}, {"delta": 2.0}]),
    ("BCELoss", "sigmoid", PROBABLE, [{}, {"weight": W}]),
    (
        "BCEWithLogitsLoss",
        "nothing",
        PROBABLE,
        [{}, {"weight": W}, {"pos_weight": W}, {"weight": W, "pos_weight": 1 / W}],
    ),
    (
        "CrossEntropyLoss",
        "nothing",
        INDEX,
        [{}, {"weight": W}, {"ignore_index": 1}, {"label_smoothing": 0.2}],
    ),
    (
        "CrossEntropyLoss",
        "nothing",
        IGNORING,
        [{}, {"weight": W, "label_smoothing": 0.2}],
    ),
    ("CrossEntropyLoss", "nothing", PROBABLE, [{}, {"weight": W}]),
    ("NLLLoss", "log_softmax", INDEX, [{}, {"weight": W}, {"ignore_index": 1}]),
    ("NLLLoss", "log_softmax", IGNORING, [{}, {"weight": W}]),
    ("KLDivLoss", "log_softmax", PROBABLE, [{}]),
    ("KLDivLoss", "log_softmax", NUMBERS, [{"log_target": True}]),
    (
        "MultiMarginLoss",
        "nothing",
        INDEX,
        [{}, {"p": 2}, {"margin": 0.5}, {"p": 2, "weight": W}],
    ),
    (
        "CosineEmbeddingLoss",
        "nothing",
        NUMBERS + SIGN_OF_EACH,
        [{}, {"margin": 0.3}, {"margin": -0.4}],
    ),
    ("HingeEmbeddingLoss", "softplus", SIGNS, [{}, {"margin": 0.5}, {"margin": 3.0}]),
    ("MarginRankingLoss", "nothing", NUMBERS + SIGNS, [{}, {"margin": 0.7}]),
    (
        "TripletMarginLoss",
        "nothing",
        [*NUMBERS, NUMBERS[0][::-1].copy()],
        [{}, {"swap": True}, {"p": 3.0, "eps": 1e-3}, {"margin": 3.0}],
    ),
    (
        "GaussianNLLLoss",
        "nothing",
        [*NUMBERS, RNG.uniform(0.5, 2.0, (6, 3))],
        [{}, {"full": True}, {"eps": 1.0}],
    ),
    ("PoissonNLLLoss", "nothing", COUNTS, [{}, {"full": True}]),
    ("PoissonNLLLoss", "softplus", COUNTS, [{"log_input": False, "eps": 1e-3}]),
]
CASES = [
    (name, between, fixed, {**one, "reduction": reduction})
    for name, between, fixed, several in MODULES
    for one in several
    for reduction in ([*REDUCTIONS, "batchmean"] if name == "KLDivLoss" else REDUCTIONS)
]


def as_torch(options, dtype):
    return {
        key: torch.tensor(value.astype(dtype)) if hasattr(value, "shape") else value
        for key, value in options.items()
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda i: f"{CASES[i][0]}-{i}")
def test_a_layer_trains_alike_below_every_loss(case, dtype, same_training, rng):
    name, between, fixed, options = CASES[case]
    our_loss = getattr(nn, name)(**options)
    their_loss = getattr(torch.nn, name)(**as_torch(options, dtype))
    fixed = [a.astype(dtype) if a.dtype.kind == "f" else a for a in fixed]
    others = [torch.tensor(a) for a in fixed]
    ours_before, theirs_before = BETWEEN[between]

    def call(layer, x):
        if isinstance(layer, nn.Module):
            return our_loss(ours_before(layer(x)), *fixed)
        return their_loss(theirs_before(layer(x)), *others)

    assert list(our_loss.state_dict()) == list(their_loss.state_dict())
    tight = dtype == "float64"
    same_training(
        nn.Linear(4, 3, rng=0).to(dtype),
        torch.nn.Linear(4, 3),
        [rng.standard_normal((6, 4)).astype(dtype)],
        call=call,
        # Small steps: what descends is the square of the loss, which is steep.
        lr=1e-4,
        rtol=1e-9 if tight else 2e-4,
        atol=1e-10 if tight else 2e-4,
    )


CTC = [
    {},
    {"blank": 2},
    {"reduction": "sum"},
    {"reduction": "none"},
    {"reduction": "sum", "zero_infinity": True},
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("options", CTC, ids=str)
def test_a_layer_trains_alike_below_ctc(options, dtype, same_training, rng):
    blank = options.get("blank", 0)
    targets = (np.array([[1, 2], [2, 2], [1, 0]]) + blank) % 3
    given = targets, np.array([5, 4, 5]), np.array([2, 2, 1])
    if options.get("zero_infinity"):
        given = targets, np.array([5, 2, 5]), np.array([2, 2, 1])
    others = [torch.tensor(a) for a in given]

    def call(layer, x):
        if isinstance(layer, nn.Module):
            return nn.CTCLoss(**options)(functional.log_softmax(layer(x)), *given)
        return torch.nn.CTCLoss(**options)(torch.log_softmax(layer(x), 2), *others)

    tight = dtype == "float64"
    same_training(
        nn.Linear(4, 3, rng=0).to(dtype),
        torch.nn.Linear(4, 3),
        [rng.standard_normal((5, 3, 4)).astype(dtype)],
        call=call,
        lr=1e-3,
        rtol=1e-9 if tight else 1e-4,
        atol=1e-10 if tight else 1e-4,
    )


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_ctc_of_one_sequence(length, both, rng):
    targets = np.array([1, 2, 1])[:length]

    both(
        lambda x: nn.functional.ctc_loss(functional.log_softmax(x), targets, 5, length),
        lambda x: torch_functional.ctc_loss(
            torch.log_softmax(x, 1),
            torch.tensor(targets, dtype=torch.int64),
            torch.tensor(5),
            torch.tensor(length),
        ),
        [rng.standard_normal((5, 3))],
        order=1,  # torch has no second gradient of it
    )


# Edges

ELEMENTWISE = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]


EDGES = [
    (name, value)
    for name in ELEMENTWISE
    for value in (0.0, 1e4, -1e4, 1e-30, INF, NAN)
    if name != "l1_loss" or value == value  # of NaN: see the decided differences
]


@pytest.mark.parametrize(("name", "value"), EDGES, ids=str)
def test_regression_on_the_edges(name, value, both):
    with np.errstate(all="ignore"):
        both(
            lambda x: getattr(functional, name)(x, [0.0], reduction="none"),
            lambda x: getattr(torch_functional, name)(
                x, torch.zeros(1, dtype=torch.float64), reduction="none"
            ),
            [np.array([value])],
            order=1,
        )


@pytest.mark.parametrize("name", [*ELEMENTWISE, "binary_cross_entropy_with_logits"])
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_losses_of_nothing(name, reduction, both):
    both(
        lambda x, y: getattr(functional, name)(x, y, reduction=reduction),
        lambda x, y: getattr(torch_functional, name)(x, y, reduction=reduction),
        [np.zeros((0, 3)), np.zeros((0, 3))],
    )


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@pytest.mark.parametrize("weight", [None, W], ids=["", "weighted"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_all_targets_ignored(name, weight, reduction, agree, rng):
    x, targets = rng.standard_normal((4, 3)), np.full(4, -100)
    options = {"weight": weight, "reduction": reduction}

    with np.errstate(invalid="ignore"):
        loss = getattr(functional, name)(Tensor(x), targets, **options)
    theirs = getattr(torch_functional, name)(
        torch.tensor(x), torch.tensor(targets), **as_torch(options, "float64")
    )

    agree(loss, theirs)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("weight", [None, W], ids=["", "weighted"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_targets_ignored_in_images_with_smoothing(weight, reduction, dtype, both, rng):
    targets = rng.integers(-1, 3, (2, 4, 5))
    options = {"weight": weight, "reduction": reduction, "ignore_index": -1}

    for smoothing in (0.0, 0.1, 1.0):
        options["label_smoothing"] = smoothing
        theirs = as_torch(options, dtype)
        both(
            lambda x: functional.cross_entropy(x, targets, **options),
            lambda x, theirs=theirs: torch_functional.cross_entropy(
                x, torch.tensor(targets), **theirs
            ),
            [rng.standard_normal((2, 3, 4, 5)).astype(dtype)],
            rtol=1e-10 if dtype == "float64" else 2e-4,
            atol=1e-11 if dtype == "float64" else 2e-5,
        )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_of_huge_logits(target, dtype, both):
    logits = np.array([1e4, -1e4, 100.0, -100.0, 0.0], dtype)
    targets = np.full(5, target, dtype)

    both(
        lambda x: functional.binary_cross_entropy_with_logits(x, targets, pos_weight=3),
        lambda x: torch_functional.binary_cross_entropy_with_logits(
            x, torch.tensor(targets), pos_weight=torch.tensor(3.0)
        ),
        [logits],
        rtol=1e-6,
        atol=1e-7,
    )


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, INF])
def test_triplets_of_one_vector(swap, p, both, rng):
    options = {"swap": swap, "p": p, "margin": 2.0}

    both(
        lambda *xs: functional.triplet_margin_loss(*xs, **options),
        lambda *xs: torch_functional.triplet_margin_loss(*xs, **options),
        list(rng.standard_normal((3, 4))),
    )


# Decided differences


def test_the_slope_of_the_absolute_error_at_nan_is_nan_and_not_zero(differ):
    x = Tensor(np.array([NAN]), requires_grad=True)
    y = torch.tensor([NAN], dtype=torch.float64, requires_grad=True)

    functional.l1_loss(x, [0.0]).backward()
    torch_functional.l1_loss(y, torch.zeros(1, dtype=torch.float64)).backward()

    differ(x.grad, y.grad, [NAN], [0.0])


def test_what_is_impossible_and_not_wanted_adds_nothing_to_a_divergence(differ):
    log_p, target = np.array([-INF, -1.0]), np.array([0.0, 1.0])
    ours = functional.kl_div(Tensor(log_p), target, reduction="sum")
    theirs = torch_functional.kl_div(
        torch.tensor(log_p), torch.tensor(target), reduction="sum"
    )

    differ(ours, theirs, 1.0, NAN)


def test_a_target_that_no_path_spells_gives_no_gradient_instead_of_nan(differ):
    log_p = np.log(np.full((2, 1, 3), 1 / 3))
    x, y = Tensor(log_p, requires_grad=True), torch.tensor(log_p, requires_grad=True)

    functional.ctc_loss(x, [[1, 1]], [2], [2]).backward()
    torch_functional.ctc_loss(
        y, torch.tensor([[1, 1]]), torch.tensor([2]), torch.tensor([2])
    ).backward()

    differ(x.grad, y.grad, np.zeros((2, 1, 3)), np.full((2, 1, 3), NAN))


def test_the_gradient_of_ctc_for_logarithms_is_the_true_one(differ):
    # torch gives that for logits, ``p - posterior``, taking for granted that a
    # log_softmax comes before; here it is ``-posterior``, which is what a difference
    # quotient gives. Through a log_softmax the two are equal.
    log_p = np.log(np.full((1, 1, 2), 0.5))
    x, y = Tensor(log_p, requires_grad=True), torch.tensor(log_p, requires_grad=True)

    functional.ctc_loss(x, [[1]], [1], [1]).backward()
    torch_functional.ctc_loss(
        y, torch.tensor([[1]]), torch.tensor([1]), torch.tensor([1])
    ).backward()

    differ(x.grad, y.grad, [[[0.0, -1.0]]], [[[0.5, -0.5]]])


def test_signs_that_are_none_are_refused_where_torch_computes_with_them():
    with pytest.raises(ValueError, match="the target holds 0; 1 and -1 are needed"):
        functional.margin_ranking_loss(np.ones(1), np.zeros(1), [0.0])
    theirs = torch_functional.margin_ranking_loss(
        torch.ones(1), torch.zeros(1), torch.zeros(1)
    )
    assert theirs.item() == 0


def test_one_hot_integers_are_taken_where_torch_wants_floats():
    logits, one_hot = np.zeros((2, 3)), np.eye(3, dtype=int)[:2]

    with pytest.raises(RuntimeError):
        torch_functional.cross_entropy(torch.tensor(logits), torch.tensor(one_hot))
    assert functional.cross_entropy(Tensor(logits), one_hot).item() == (
        functional.cross_entropy(Tensor(logits), [0, 1]).item()
    )
