"""Distances: edges, precision, and what is refused."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional
from pebblegrad.nn.functional import cosine_similarity, pairwise_distance


def test_the_cosine_knows_directions_only(rng):
    x = rng.standard_normal((4, 3))

    np.testing.assert_allclose(cosine_similarity(x, 7 * x), 1)
    np.testing.assert_allclose(cosine_similarity(x, -x / 3), -1)


def test_every_vector_is_compared_with_every_other_by_broadcasting(rng):
    x, y = rng.standard_normal((4, 3)), rng.standard_normal((5, 3))

    out = cosine_similarity(x[:, None], y[None], dim=-1)

    lengths = np.linalg.norm(x, axis=1)[:, None] * np.linalg.norm(y, axis=1)
    np.testing.assert_allclose(out, x @ y.T / lengths)


def test_a_vector_of_zeros_has_cosine_zero_and_finite_gradients():
    x = Tensor(np.zeros((2, 3)), requires_grad=True)
    y = Tensor(np.ones((2, 3)), requires_grad=True)

    out = cosine_similarity(x, y)
    out.sum().backward()

    assert out.data.tolist() == [0, 0]
    assert np.all(np.isfinite(x.grad.data))
    assert np.all(y.grad.data == 0)


@pytest.mark.parametrize("eps", [1e-8, 0.5, 50.0])
def test_the_cosine_has_the_gradient_of_its_formula_below_eps_too(eps, rng):
    x, y = rng.standard_normal((4, 3)), 0.1 * rng.standard_normal((4, 3))

    check_gradients(lambda x, y: cosine_similarity(x, y, eps=eps), x, y, order=2)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, np.inf])
def test_equal_vectors_have_finite_gradients(p):
    x = Tensor(np.ones((2, 3)), requires_grad=True)

    pairwise_distance(x, np.ones((2, 3)), p).sum().backward()
    first = x.grad
    x.grad = None
    pairwise_distance(x, np.ones((2, 3)), p, eps=0.0).sum().backward()

    assert np.all(np.isfinite(first.data))
    assert np.all(np.isfinite(x.grad.data))


@pytest.mark.parametrize("p", [1, 2, 2.5, np.inf, 0])
def test_the_order_is_that_of_the_norm(p, rng):
    x, y = rng.standard_normal((2, 4, 3))

    out = pairwise_distance(x, y, p, eps=0)

    np.testing.assert_allclose(out, np.linalg.norm(x - y, p, axis=-1))


@pytest.mark.parametrize("function", [cosine_similarity, pairwise_distance])
def test_float16_does_not_overflow_on_the_way(function):
    x = np.array([[3000.0, 4000.0]], np.float16)

    out = function(Tensor(x), Tensor(-x))

    assert out.dtype == "float16"
    wanted = -1 if function is cosine_similarity else 10000
    np.testing.assert_allclose(out.data, [wanted], rtol=1e-3)


@pytest.mark.parametrize("function", [cosine_similarity, pairwise_distance])
def test_nan_passes_through(function):
    x = np.array([[np.nan, 1.0], [1.0, 1.0]])

    assert np.isnan(function(x, np.ones((2, 2)))).tolist() == [True, False]


X = np.ones((4, 3))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: cosine_similarity(X, X[:, :2]),
            ValueError,
            r"cosine_similarity: x1 has shape \(4, 3\) and x2 has shape \(4, 2\); matc",
        ),
        (
            lambda: cosine_similarity(X, X, dim=2),
            ValueError,
            r"x1 and x2 broadcast to shape \(4, 3\), dim=2; there is no axis 2 among 2",
        ),
        (lambda: cosine_similarity([1.0], X), TypeError, "x1 is list; a Tensor or an"),
        (
            lambda: cosine_similarity(X, X.astype(int)),
            TypeError,
            "cosine_similarity: x2 holds int64; floats are needed",
        ),
        (lambda: cosine_similarity(X, X, eps=-1), ValueError, "eps is -1; a number fr"),
        (
            lambda: pairwise_distance(X, X[:3]),
            ValueError,
            r"pairwise_distance: x1 has shape \(4, 3\) and x2 has shape \(3, 3\); matc",
        ),
        (
            lambda: pairwise_distance(X[0, 0], X[0, 0]),
            ValueError,
            r"x1 and x2 have shape \(\); the last axis must be that of the vectors",
        ),
        (lambda: pairwise_distance(X, 1.0), TypeError, "x2 is float; a Tensor or an a"),
        (lambda: pairwise_distance(X, X, eps="a"), ValueError, "eps is 'a'; a number"),
        (lambda: pairwise_distance(X, X, "a"), TypeError, "ord='a'; a number is need"),
        (lambda: nn.CosineSimilarity("a"), ValueError, "dim is 'a'; an integer is nee"),
        (lambda: nn.CosineSimilarity(eps=-1), ValueError, "eps is -1; a number from 0"),
        (lambda: nn.PairwiseDistance("a"), ValueError, "PairwiseDistance: p is 'a'; a"),
        (
            lambda: nn.PairwiseDistance()(X, X[:, :2]),
            ValueError,
            "PairwiseDistance: pairwise_distance: x1 has shape",
        ),
    ],
)
def test_a_wrong_call_is_told_what_to_change(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


# The bilinear map


def test_a_bilinear_map_is_linear_in_each_input(rng):
    weight = rng.standard_normal((2, 4, 3))
    x, y = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))

    out = functional.bilinear(x, y, weight)

    np.testing.assert_allclose(functional.bilinear(2 * x, y, weight), 2 * out)
    np.testing.assert_allclose(functional.bilinear(x, -y, weight), -out)
    for i in range(5):
        for k in range(2):
            np.testing.assert_allclose(out[i, k], x[i] @ weight[k] @ y[i])


def test_a_bilinear_layer_starts_evenly_within_its_bound():
    layer = nn.Bilinear(25, 30, 40, rng=0)

    values = layer.weight.data
    assert abs(values).max() <= 0.2
    assert abs(values.mean()) < 0.002
    assert abs(values.std() - 0.2 / np.sqrt(3)) < 0.002
    assert abs(layer.bias.data).max() <= 0.2


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: functional.bilinear(X, X, np.ones((2, 3, 4))),
            ValueError,
            r"bilinear: x1 has shape \(4, 3\), x2 \(4, 3\) and weight \(2, 3, 4\); \(",
        ),
        (
            lambda: functional.bilinear(X, X[:1], np.ones((2, 3, 3))),
            ValueError,
            r"x1 has shape \(4, 3\), x2 \(1, 3\) and weight",
        ),
        (
            lambda: functional.bilinear(X, X, np.ones((2, 3, 3)), np.ones(3)),
            ValueError,
            r"weight has shape \(2, 3, 3\) and bias \(3,\); bias must have shape",
        ),
        (
            lambda: functional.bilinear([1.0], X, X),
            TypeError,
            "bilinear: x1 is list; a Tensor or an array is needed",
        ),
        (lambda: nn.Bilinear(3, 0, 1), ValueError, "in2_features is 0; a positive int"),
        (lambda: nn.Bilinear(3, 3, -1), ValueError, "out_features is -1; a positive i"),
        (
            lambda: nn.Bilinear(3, 2, 1)(X, X),
            ValueError,
            "Bilinear: bilinear: x1 has shape",
        ),
    ],
)
def test_a_wrong_bilinear_call_is_told_what_to_change(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
