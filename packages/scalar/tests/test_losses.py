import math

import pytest

from pebblegrad.scalar import Tensor, cross_entropy, mse_loss


def test_mse_of_single_values_is_the_square():
    pred = Tensor(0.5)

    loss = mse_loss(pred, Tensor(1))
    loss.backward()

    assert (loss.data, pred.grad) == (0.25, -1.0)


def test_mse_of_lists_is_the_mean_of_the_squares():
    pred = [Tensor(1.0), Tensor(2.0)]

    loss = mse_loss(pred, [0, Tensor(4)])
    loss.backward()

    assert loss.data == 2.5
    assert [p.grad for p in pred] == [1.0, -2.0]


def test_mse_of_plain_numbers_is_a_tensor_too():
    assert mse_loss(1.0, 3.0).data == 4.0
    assert mse_loss((1.0,), [3.0]).data == 4.0


def test_cross_entropy_and_its_gradient():
    scores = [Tensor(0.5), Tensor(-1.0), Tensor(2.0)]

    loss = cross_entropy(scores, 2)
    loss.backward()

    powers = [math.exp(score.data) for score in scores]
    p = [power / sum(powers) for power in powers]
    assert loss.data == pytest.approx(-math.log(p[2]))
    assert [s.grad for s in scores] == pytest.approx([p[0], p[1], p[2] - 1])


def test_cross_entropy_of_large_scores_is_finite():
    assert cross_entropy([1000.0, 0.0], 1).data == 1000.0


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (
            lambda: mse_loss([Tensor(1.0)], 1.0),
            TypeError,
            "pred is a list and target a float; two single values or two lists",
        ),
        (lambda: mse_loss([1.0], [1.0, 2.0]), ValueError, "length 1 and target 2; eq"),
        (lambda: mse_loss(1.0, "a"), TypeError, "mse_loss: target is 'a', a str"),
        (lambda: mse_loss([1, "a"], [1, 2]), TypeError, r"pred\[1\] is 'a', a str"),
        (
            lambda: mse_loss([[1]], [1]),
            TypeError,
            r"pred\[0\] is a list; a single real",
        ),
        (lambda: mse_loss([1], ["a"]), TypeError, r"target\[0\] is 'a', a str"),
        (lambda: mse_loss([], []), ValueError, "length 0 and target 0; .* at least 1"),
        (lambda: mse_loss("a", 1.0), TypeError, "mse_loss: pred is 'a', a str"),
        (lambda: cross_entropy([1.0], 1), ValueError, "target is 1 and there are 1 sc"),
        (lambda: cross_entropy([1.0], -1), ValueError, "a class from 0 on was needed"),
        (lambda: cross_entropy([1.0], 0.0), TypeError, r"target is 0\.0, a float"),
        (lambda: cross_entropy([1], Tensor(0)), TypeError, "a Tensor; the number of a"),
        (lambda: cross_entropy(1.0, 0), TypeError, "cross_entropy: scores is 1.0"),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
