"""`ctc_loss`, against the sum over all paths, one by one."""

import itertools

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn.functional import ctc_loss


def log_softmax(x):
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def spelled(path, blank):
    """What a path spells: repeated labels merged, blanks dropped."""
    return [label for label, _ in itertools.groupby(path) if label != blank]


def by_paths(log_p, target, blank=0):
    """Minus the logarithm of the sum over all paths."""
    steps, classes = log_p.shape
    total = sum(
        np.exp(sum(log_p[t, label] for t, label in enumerate(path)))
        for path in itertools.product(range(classes), repeat=steps)
        if spelled(path, blank) == list(target)
    )
    return -np.log(total)


@pytest.mark.parametrize(
    ("target", "blank"),
    [([1], 0), ([1, 2], 0), ([1, 1], 0), ([2, 1, 2], 0), ([], 0), ([0, 1], 2)],
)
def test_it_is_the_sum_over_all_paths(target, blank, rng):
    log_p = log_softmax(rng.standard_normal((5, 3)))

    loss = ctc_loss(
        log_p, np.array(target, int), 5, len(target), blank=blank, reduction="sum"
    )

    np.testing.assert_allclose(loss.item(), by_paths(log_p, target, blank), rtol=1e-12)


def test_sequences_of_all_lengths_stand_in_one_batch(rng):
    log_p = log_softmax(rng.standard_normal((5, 4, 3)))
    targets = np.array([[1, 2], [2, 0], [1, 1], [0, 0]])  # what is behind is not read
    lengths, inputs = np.array([2, 1, 2, 0]), np.array([5, 3, 4, 2])
    wanted = [
        by_paths(log_p[:t, i], targets[i, :n])
        for i, (t, n) in enumerate(zip(inputs, lengths, strict=True))
    ]

    losses = ctc_loss(log_p, targets, inputs, lengths, reduction="none")
    joined = ctc_loss(
        log_p, np.array([1, 2, 2, 1, 1]), inputs, lengths, reduction="none"
    )

    np.testing.assert_allclose(losses.data, wanted, rtol=1e-12)
    np.testing.assert_allclose(joined.data, wanted, rtol=1e-12)
    mean = np.mean(np.array(wanted) / np.maximum(lengths, 1))
    np.testing.assert_allclose(ctc_loss(log_p, targets, inputs, lengths).item(), mean)


def test_gradients_are_right_to_second_order(rng):
    check_gradients(
        lambda x: ctc_loss(nn.log_softmax(x, -1), [[1, 2], [2, 2]], [4, 4], [2, 2]),
        rng.standard_normal((4, 2, 3)),
        order=2,
    )


def test_what_no_path_can_spell_is_infinite_or_counts_nothing(rng):
    x = Tensor(log_softmax(rng.standard_normal((2, 2, 3))), requires_grad=True)
    targets, lengths = np.array([[1, 1], [1, 2]]), [2, 2]  # "aa" takes three steps

    losses = ctc_loss(x, targets, [2, 2], lengths, reduction="none")
    ctc_loss(x, targets, [2, 2], lengths, zero_infinity=True).backward()

    assert np.isinf(losses.data).tolist() == [True, False]
    assert np.all(x.grad.data[:, 0] == 0)
    assert np.all(np.isfinite(x.grad.data))


def test_a_long_sequence_in_float32_stays_finite(rng):
    logits = Tensor(rng.standard_normal((300, 1, 5)).astype("float32") * 10)
    logits.requires_grad = True

    loss = ctc_loss(nn.log_softmax(logits, -1), [[1, 2, 3]], 300, 3)
    loss.backward()

    assert np.isfinite(loss.item())
    assert np.all(np.isfinite(logits.grad.data))


def test_the_module_gives_what_the_function_gives(rng):
    log_p = log_softmax(rng.standard_normal((5, 2, 3)))
    arguments = (log_p, [[1], [2]], [5, 5], [1, 1])

    module = nn.CTCLoss(blank=0, reduction="sum", zero_infinity=True)

    assert repr(module) == "CTCLoss(reduction='sum', zero_infinity=True)"
    assert module(*arguments).item() == ctc_loss(*arguments, reduction="sum").item()


P = log_softmax(np.zeros((4, 2, 3)))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: ctc_loss(P[0, 0], [1], 1, 1),
            ValueError,
            r"shape \(3,\); \(T, N, K\)",
        ),
        (lambda: ctc_loss(P, [[1], [1]], 5, 1), ValueError, "go from 5 to 5; .* to 4"),
        (lambda: ctc_loss(P, [[1], [1]], 4, [1, 2]), ValueError, r"targets has shape"),
        (lambda: ctc_loss(P, [[0], [1]], 4, 1), ValueError, "and not the blank, 0"),
        (lambda: ctc_loss(P, [[3], [1]], 4, 1), ValueError, "classes from 0 to 2"),
        (lambda: ctc_loss(P, [[1.5], [1]], 4, 1), TypeError, "targets are float64"),
        (lambda: ctc_loss(P, [[1], [1]], 4.5, 1), TypeError, "input_lengths are float"),
        (lambda: ctc_loss(P, [[1], [1]], [4], 1), ValueError, r"an int or \(2,\), one"),
        (
            lambda: ctc_loss(P, [[1], [1]], 4, 1, blank=3),
            ValueError,
            "blank is 3; there",
        ),
    ],
)
def test_a_wrong_call_is_told_what_to_change(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
