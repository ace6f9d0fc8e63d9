"""Edges of losses: what is ignored, impossible, equal, too large, or wrong."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional as F


def test_a_sample_that_is_ignored_may_be_nan():
    logits = Tensor(np.array([[np.nan, 0.0], [1.0, 2.0]]))

    for options in ({}, {"label_smoothing": 0.1}, {"weight": [1.0, 2.0]}):
        found = F.cross_entropy(logits, [-100, 1], **options).item()

        assert found == F.cross_entropy(logits[1:], [1], **options).item()


@pytest.mark.parametrize("function", [F.cross_entropy, F.nll_loss])
def test_the_mean_of_no_sample_is_nan_and_its_gradient_is_zero(function):
    x = Tensor(np.ones((2, 3)), requires_grad=True)

    loss = function(x, [-100, -100])  # and NumPy has nothing to warn of
    loss.backward()

    assert np.isnan(loss.item())
    np.testing.assert_array_equal(x.grad.data, 0)


@pytest.mark.parametrize("function", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("weight", [None, [2.0, 1.0]], ids=["", "weighted"])
def test_the_mean_does_not_overflow_where_the_sum_would(function, weight):
    x = Tensor(np.tile(np.array([-1e4, 0.0], "float16"), (9, 1)), requires_grad=True)
    targets = np.array([0] * 8 + [-100])

    loss = function(x, targets, weight)
    loss.backward()

    np.testing.assert_allclose(loss.item(), 1e4, rtol=1e-2)
    assert np.isfinite(x.grad.data).all()


def test_the_parabolas_are_bent_at_zero_too():
    x = np.array([0.0, 0.5, 2.0])

    for loss in (F.huber_loss, F.smooth_l1_loss):
        given = Tensor(x, requires_grad=True)
        loss(given, np.zeros(3), reduction="sum").backward(create_graph=True)
        first, given.grad = given.grad, None
        first.sum().backward()

        np.testing.assert_array_equal(given.grad.data, [1, 1, 0])
    check_gradients(lambda x: F.huber_loss(x, np.zeros(3)), x, order=2)


def test_a_variance_below_eps_gets_the_gradient_of_eps_so_that_it_can_grow():
    var = Tensor(np.array([0.0]), requires_grad=True)

    F.gaussian_nll_loss(np.array([1.0]), [0.0], var, eps=0.5).backward()

    np.testing.assert_allclose(var.grad.data, [0.5 / 0.5 - 0.5 / 0.5**2])


def test_a_variance_is_taken_in_the_dtype_of_the_prediction():
    loss = F.gaussian_nll_loss(np.ones(2, "float32"), [0, 0], Tensor(np.ones(2)))

    assert loss.dtype == "float32"


def test_a_variance_that_may_be_zero_is_refused():
    with pytest.raises(ValueError, match="eps is 0; a number above 0 is needed"):
        F.gaussian_nll_loss(np.ones(2), [0, 0], np.zeros(2), eps=0)


def test_counts_get_the_gradient_of_stirlings_term():
    rates, counts = np.array([0.5, 1.0]), np.array([2.5, 0.5])

    check_gradients(
        lambda x, y: F.poisson_nll_loss(x, y, full=True), rates, counts, order=2
    )


def test_negative_targets_of_a_divergence_are_refused_instead_of_counted_as_zero():
    message = r"kl_div: the target goes down to -2; .* or log_target=True"

    with pytest.raises(ValueError, match=message):
        F.kl_div(np.zeros(2), [-1.0, -2.0])


def test_what_has_logarithm_minus_infinity_adds_nothing_to_a_divergence():
    x = Tensor(np.array([-3.0, -1.0]), requires_grad=True)

    loss = F.kl_div(x, [-np.inf, 0.0], log_target=True, reduction="sum")
    loss.backward()

    assert loss.item() == 1
    np.testing.assert_array_equal(x.grad.data, [0, -1])


def test_a_class_that_cannot_be_does_not_spoil_the_margins():
    loss = F.multi_margin_loss(np.array([2.0, 1.5, -np.inf]), 0)

    np.testing.assert_allclose(loss.data, 0.5 / 3)


def test_equal_scores_are_moved_apart():
    x = Tensor([1.0], requires_grad=True)

    F.margin_ranking_loss(x, [1.0], [1.0]).backward()

    np.testing.assert_array_equal(x.grad.data, [-1])


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_certain_probabilities_give_finite_numbers_in_float16(p):
    given = Tensor(np.full(2, p, "float16"), requires_grad=True)

    losses = F.binary_cross_entropy(given, [0, 1], reduction="none")
    losses.sum().backward()

    np.testing.assert_array_equal(np.sort(losses.data), [0, 100])
    assert np.isfinite(given.grad.data).all()


def test_ctc_in_float16_is_that_of_float32():
    log_p = np.log(np.full((4, 1, 3), 1 / 3))
    losses, gradients = [], []

    for dtype in ("float16", "float32"):
        x = Tensor(log_p.astype(dtype), requires_grad=True)
        loss = F.ctc_loss(x, [[1, 2]], [4], [2])
        loss.backward()
        assert loss.dtype == x.grad.dtype == dtype
        losses.append(loss.item())
        gradients.append(x.grad.data)

    np.testing.assert_allclose(*losses, rtol=1e-3)
    np.testing.assert_allclose(*gradients, atol=1e-3)


def test_labels_that_cannot_be_give_ctc_no_gradient_that_is_nan():
    log_p = np.log(np.full((4, 1, 3), 1 / 3))
    log_p[:2, 0] = [-np.inf, 0, -np.inf]
    x = Tensor(log_p, requires_grad=True)

    loss = F.ctc_loss(x, [[1, 2]], [4], [2], reduction="sum")
    loss.backward()

    # "1" twice for certain, then 2-, -2, 22, 12: four of nine.
    np.testing.assert_allclose(loss.item(), np.log(9 / 4))
    assert np.isfinite(x.grad.data).all()


def test_ctc_of_no_step_is_refused():
    with pytest.raises(ValueError, match=r"shape \(0, 1, 3\), no step; one is needed"):
        F.ctc_loss(np.zeros((0, 1, 3)), [[1]], [0], [1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: F.cross_entropy(x, [[0], [1, 2]]), ValueError, "different lengths"),
        (lambda x: F.cross_entropy(x, [0], "ab"), TypeError, "weight is 'ab'; 2 numbe"),
        (
            lambda x: F.cross_entropy(x, [0], ignore_index="a"),
            TypeError,
            "ignore_index is 'a'; an integer is needed",
        ),
        (
            lambda x: F.cross_entropy(x, [[True, True]]),
            ValueError,
            "targets are bool of the shape of the logits.*not one-hot",
        ),
        (
            lambda x: F.cross_entropy(x[:, :0], [0]),
            ValueError,
            r"logits has shape \(1, 0\), no class in axis 1; one is needed",
        ),
        (
            lambda x: F.binary_cross_entropy(x, x, [1.0, 2.0, 3.0]),
            ValueError,
            r"^binary_cross_entropy: weight has shape \(3,\), the losses \(1, 2\)",
        ),
        (
            lambda x: F.multi_margin_loss(x, [0], margin="a"),
            ValueError,
            "margin is 'a'",
        ),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_loss(call, error, message):
    with pytest.raises(error, match=message):
        call(np.full((1, 2), 0.5))


@pytest.mark.parametrize("name", [n for n in nn.__all__ if n.endswith("Loss")])
def test_a_reduction_given_by_position_is_answered_with_what_to_write(name):
    message = (
        rf'^{name}: \'sum\' is given by position; .*: write {name}\(reduction="sum"\)'
    )

    with pytest.raises(TypeError, match=message):
        getattr(nn, name)("sum")


def test_weights_become_buffers_of_the_default_dtype_and_numbers_none():
    assert nn.CrossEntropyLoss([1, 2]).weight.dtype == "float32"
    trained = Tensor([1.0, 2.0], requires_grad=True)
    assert nn.CrossEntropyLoss(trained).parameters() == []
    huber = nn.HuberLoss(delta=np.float64(2))
    assert huber.state_dict() == {}
    assert repr(huber) == "HuberLoss(delta=2.0)"
