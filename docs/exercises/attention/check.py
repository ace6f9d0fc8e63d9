"""Is it the library's attention, causal if wanted, and does nothing overflow?"""

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import scaled_dot_product_attention

rng = np.random.default_rng(0)
QUERY, KEY = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))
VALUE = rng.normal(size=(2, 5, 6))


def check_shapes(exercise):
    """The output has the queries' length and the values' features."""
    found = exercise.attention(Tensor(QUERY), Tensor(KEY), Tensor(VALUE))

    assert getattr(found, "shape", None) == (2, 3, 6), (
        f"the shape is {getattr(found, 'shape', found)}; (2, 3, 6) was needed"
    )


def check_the_values(exercise):
    """The output is the library's."""
    inputs = Tensor(QUERY), Tensor(KEY), Tensor(VALUE)
    found = exercise.attention(*inputs).data
    wanted = scaled_dot_product_attention(*inputs).data

    assert np.allclose(found, wanted), (
        f"the first row is {found[0, 0]}; {wanted[0, 0]} was needed"
    )


def check_that_nobody_sees_the_future(exercise):
    """Causal: what comes later changes nothing."""
    x = rng.normal(size=(1, 4, 4))
    changed = x.copy()
    changed[:, -1] += 1
    before = exercise.attention(Tensor(x), Tensor(x), Tensor(x), is_causal=True)
    after = exercise.attention(*[Tensor(changed)] * 3, is_causal=True)

    assert np.allclose(before.data[:, :-1], after.data[:, :-1]), (
        "with is_causal=True the last token was changed, and an earlier output too"
    )
    assert np.allclose(before.data[:, 0], x[:, 0]), (
        "with is_causal=True the first query sees only itself; its output is "
        f"{before.data[0, 0]}, and {x[0, 0]} was needed"
    )


def check_large_scores(exercise):
    """Scores in the thousands do not overflow."""
    large = Tensor(QUERY * 1000)
    with np.errstate(all="ignore"):
        found = exercise.attention(large, large, large).data

    assert np.isfinite(found).all(), (
        "with inputs a thousand times as large the output is not finite; take the "
        "largest score of each row away before exp"
    )


def check_the_gradients(exercise):
    """The gradients are right, causal or not."""
    check_gradients(exercise.attention, QUERY, KEY, VALUE)
    check_gradients(
        lambda x: exercise.attention(x, x, x, is_causal=True), QUERY, order=2
    )
